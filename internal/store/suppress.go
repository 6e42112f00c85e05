package store

import (
	"database/sql"
)

// erasureSource is the source of suppressions that erasures add.
const erasureSource = "fairlead-erasure"

// suppress keeps the party's addresses from ever being written to again.
func (e *erasure) suppress() error {
	source, err := ownSource(e.t, erasureSource)
	if err != nil {
		return err
	}
	type address struct{ medium, key string }
	var addresses []address
	condition, arg := among(e.t, "party_id", 1, e.parties)
	err = e.t.query(func(rows *sql.Rows) error {
		var a address
		err := rows.Scan(&a.medium, &a.key)
		addresses = append(addresses, a)
		return err
	}, "SELECT DISTINCT medium, address_key FROM contact_point WHERE medium <> 'Web' AND "+condition+" ORDER BY 1, 2", arg)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		id, err := e.t.numbers("suppression", 1)
		if err != nil {
			return err
		}
		hash := hashOf(e.hashKey, a.key)
		added, err := e.t.exec(`
			INSERT INTO suppression (id, source_id, external_key, medium, address_hash, scope, reason, at, digest, import_id)
			VALUES ($1, $2, $3, $4, $5, 'All', 'Erased', $6, 0, 0) ON CONFLICT (source_id, external_key) DO NOTHING`,
			id, source, a.medium+"|"+hash+"|All", a.medium, hash, e.t.now)
		if err != nil {
			return err
		}
		e.note("suppression", Added, added)
	}
	return nil
}
