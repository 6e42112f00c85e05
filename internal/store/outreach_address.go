package store

import "fmt"

// knowAddresses gives contact points that have none yet the mailbox of their address.
func knowAddresses(t *transaction) error {
	nameless, err := t.number(`SELECT count(*) FROM (SELECT 1 FROM contact_point k WHERE k.address_id IS NULL LIMIT 1) k`)
	if err != nil {
		return fmt.Errorf("looking for addresses without a mailbox: %w", err)
	}
	if nameless == 0 {
		return nil
	}
	hashKey, err := readHashKey(t)
	if err != nil {
		return err
	}
	inner, outer := paddedKeys(hashKey)
	const unknown = `FROM address_named n WHERE NOT EXISTS (SELECT 1 FROM address a WHERE a.hash = n.hash)`
	if _, err := t.exec(`CREATE TEMP TABLE address_named (point_id BIGINT NOT NULL, hash TEXT NOT NULL)` + t.dialect.onCommitDrop()); err != nil {
		return fmt.Errorf("laying out addresses: %w", err)
	}
	if _, err := t.exec(`INSERT INTO address_named (point_id, hash) SELECT k.id, `+t.dialect.keyedHash("$1", "$2", "k.address_key")+` FROM contact_point k WHERE k.address_id IS NULL`, inner, outer); err != nil {
		return fmt.Errorf("hashing addresses: %w", err)
	}
	if err := t.dialect.count(t, "address_named"); err != nil {
		return err
	}
	fresh, err := t.number(`SELECT count(DISTINCT n.hash) ` + unknown)
	if err != nil {
		return fmt.Errorf("counting new mailboxes: %w", err)
	}
	first, err := t.numbers("address", int(fresh))
	if err != nil {
		return err
	}
	// Somebody else may have named one meanwhile. Numbers in the order of contact points have
	// what is read for neighbours lie together.
	if _, err := t.exec(`INSERT INTO address (id, hash) SELECT $1 + row_number() OVER (ORDER BY u.point_id) - 1, u.hash FROM (SELECT n.hash, min(n.point_id) AS point_id `+unknown+` GROUP BY n.hash) u
		WHERE 1 = 1 ON CONFLICT (hash) DO NOTHING`, first); err != nil {
		return fmt.Errorf("keeping new mailboxes: %w", err)
	}
	if _, err := t.exec(`UPDATE contact_point SET address_id = a.id FROM address_named n JOIN address a ON a.hash = n.hash WHERE contact_point.id = n.point_id`); err != nil {
		return fmt.Errorf("giving addresses mailboxes: %w", err)
	}
	if _, err := t.exec(`DROP TABLE address_named`); err != nil {
		return fmt.Errorf("clearing laid out addresses away: %w", err)
	}
	return nil
}
