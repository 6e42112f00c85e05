package store

import (
	"database/sql"
	"fmt"
)

// addressesAtOnce are given mailboxes at a time.
const addressesAtOnce = 50_000

// knowAddresses gives contact points that have none yet the mailbox of their address. Hashes
// are computed here: no statement has their key.
func knowAddresses(t *transaction) error {
	hashKey, err := readHashKey(t)
	if err != nil {
		return err
	}
	for {
		named := &rowBuffer{width: 2}
		err := t.query(func(rows *sql.Rows) error {
			var id int64
			var key string
			err := rows.Scan(&id, &key)
			named.add(numberCell(id), textCell(hashOf(hashKey, key)))
			return err
		}, fmt.Sprintf(`SELECT k.id, k.address_key FROM contact_point k WHERE k.address_id IS NULL ORDER BY k.id LIMIT %d`, addressesAtOnce))
		if err != nil {
			return fmt.Errorf("finding addresses without a mailbox: %w", err)
		}
		if named.len() == 0 {
			return nil
		}
		if err := nameMailboxes(t, named); err != nil {
			return fmt.Errorf("giving addresses mailboxes: %w", err)
		}
	}
}

// nameMailboxes takes contact points with the hashes of their addresses.
func nameMailboxes(t *transaction, named *rowBuffer) error {
	if _, err := t.exec(`CREATE TEMP TABLE address_named (point_id BIGINT NOT NULL, hash TEXT NOT NULL)` + t.dialect.onCommitDrop()); err != nil {
		return err
	}
	if err := t.insert("address_named", []string{"point_id", "hash"}, named); err != nil {
		return err
	}
	if err := t.dialect.count(t, "address_named"); err != nil {
		return err
	}
	const unknown = `FROM address_named n WHERE NOT EXISTS (SELECT 1 FROM address a WHERE a.hash = n.hash)`
	fresh, err := t.number(`SELECT count(DISTINCT n.hash) ` + unknown)
	if err != nil {
		return err
	}
	first, err := t.numbers("address", int(fresh))
	if err != nil {
		return err
	}
	// Somebody else may have named one meanwhile.
	if _, err := t.exec(`INSERT INTO address (id, hash) SELECT $1 + row_number() OVER (ORDER BY u.hash) - 1, u.hash FROM (SELECT DISTINCT n.hash `+unknown+`) u
		WHERE 1 = 1 ON CONFLICT (hash) DO NOTHING`, first); err != nil {
		return err
	}
	if _, err := t.exec(`UPDATE contact_point SET address_id = a.id FROM address_named n JOIN address a ON a.hash = n.hash WHERE contact_point.id = n.point_id`); err != nil {
		return err
	}
	_, err = t.exec(`DROP TABLE address_named`)
	return err
}
