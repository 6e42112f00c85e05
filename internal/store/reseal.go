package store

import (
	"context"
	"database/sql"
	"fmt"
)

// resealAtOnce are encrypted again in one transaction.
const resealAtOnce = 500

// Reseal encrypts every sensitive field anew that is not encrypted with the
// newest key, and gives how many there were and how many it changed. It may be
// interrupted and run again. done is called after every step.
func (s *Store) Reseal(ctx context.Context, keys Sealer, done func(looked, changed int64)) (looked, changed int64, err error) {
	type sealed struct {
		party, record int64
		field, text   string
	}
	var last sealed
	for {
		var batch []sealed
		err := s.write(ctx, func(t *transaction) error {
			err := t.query(func(rows *sql.Rows) error {
				var v sealed
				err := rows.Scan(&v.party, &v.record, &v.field, &v.text)
				batch = append(batch, v)
				return err
			}, `SELECT party_id, party_record_id, field, ciphertext FROM sensitive_field
			     WHERE (party_id, party_record_id, field) > ($1, $2, $3) ORDER BY party_id, party_record_id, field LIMIT $4`,
				last.party, last.record, last.field, resealAtOnce)
			if err != nil {
				return fmt.Errorf("reading sensitive fields: %w", err)
			}
			for _, v := range batch {
				if keys.Current(v.text) {
					continue
				}
				value, err := keys.Open(v.record, v.field, v.text)
				if err != nil {
					return fmt.Errorf("decrypting %s: %w", v.field, err)
				}
				text, err := keys.Seal(v.record, v.field, value)
				if err != nil {
					return fmt.Errorf("encrypting %s: %w", v.field, err)
				}
				if _, err := t.exec(`UPDATE sensitive_field SET ciphertext = $3, equal_hash = $4 WHERE party_id = $1 AND party_record_id = $2 AND field = $5`,
					v.party, v.record, text, keys.Hash(v.field, value), v.field); err != nil {
					return fmt.Errorf("recording %s: %w", v.field, err)
				}
				changed++
			}
			return nil
		})
		if err != nil {
			return looked, changed, err
		}
		if len(batch) == 0 {
			return looked, changed, nil
		}
		looked += int64(len(batch))
		last = batch[len(batch)-1]
		done(looked, changed)
	}
}
