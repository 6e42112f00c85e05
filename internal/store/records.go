package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// toldRecord is a record with what a row says of it.
type toldRecord struct {
	known
	key, kind, nameKey string
	at                 int64
	row                *customer.PartyRow
}

// secret is a sensitive field of a record.
type secret struct {
	record int64
	field  string
}

// readSecrets gives the hashes of sensitive fields that rows may have changed.
func (b *batch) readSecrets() (map[secret]string, error) {
	var records, parties []int64
	for row := range b.rows {
		if found := b.ref(row, 0); len(b.rows[row].Parties[0].Sensitive) > 0 && found.record != 0 && !b.fresh[found.record] {
			records, parties = append(records, found.record), append(parties, found.party)
		}
	}
	if len(records) == 0 {
		return nil, nil
	}
	hashes := map[secret]string{}
	of, first := among(b.t, "party_id", 1, distinctNumbers(parties))
	which, second := among(b.t, "party_record_id", 2, distinctNumbers(records))
	err := b.t.query(func(rows *sql.Rows) error {
		var s secret
		var hash string
		err := rows.Scan(&s.record, &s.field, &hash)
		hashes[s] = hash
		return err
	}, "SELECT party_record_id, field, equal_hash FROM sensitive_field WHERE "+of+" AND "+which, first, second)
	if err != nil {
		return nil, fmt.Errorf("reading sensitive fields: %w", err)
	}
	return hashes, nil
}

// tellsSecret tells whether a row says another sensitive value than before.
func (b *batch) tellsSecret(before map[secret]string, record int64, party *customer.PartyRow) bool {
	return slices.ContainsFunc(party.Sensitive, func(field customer.Attribute) bool {
		return field.Value.Present && b.options.Keys != nil && before[secret{record, field.Name}] != b.options.Keys.Hash(field.Name, field.Value.Text)
	})
}

// replaceRecords writes what sources say now of parties they knew, and keeps
// what they said before.
func (b *batch) replaceRecords() error {
	if b.options.Snapshot != Delta {
		if _, err := updateAmong(b.t, "party_record", "import_id = $2", "id", b.confirmed, b.runID); err != nil {
			return err
		}
	}
	if len(b.replaced) == 0 {
		return nil
	}
	ids := make([]int64, len(b.replaced))
	for i, r := range b.replaced {
		ids[i] = r.record
	}
	if err := b.correct("party", "party_record", "id", ids); err != nil {
		return err
	}
	for _, r := range b.replaced {
		_, err := b.t.exec(`
			UPDATE party_record SET kind = $5, name_key = $6, country = $7, content = $2, at = $3, import_id = $4, withdrawn_at = NULL
			 WHERE id = $1`, r.record, contentOf(r.row), r.at, b.runID, r.kind, r.nameKey, partyValue(r.row, customer.PartyCountry))
		if err != nil {
			return fmt.Errorf("recording what the source says now: %w", err)
		}
	}
	if err := b.forgetSealed(ids); err != nil {
		return err
	}
	for _, r := range b.replaced {
		if err := b.traces(r.known, r.key, r.kind, r.nameKey, r.row); err != nil {
			return err
		}
	}
	return b.replacePoints(ids)
}

// forgetSealed removes the sensitive fields of records, before they are recorded
// anew. Without keys what is encrypted stays as it is.
func (b *batch) forgetSealed(records []int64) error {
	if b.options.Keys == nil {
		return nil
	}
	parties := make([]int64, len(b.replaced))
	for i, r := range b.replaced {
		parties[i] = r.party
	}
	of, first := among(b.t, "party_id", 1, distinctNumbers(parties))
	which, second := among(b.t, "+party_record_id", 2, records)
	if _, err := b.t.exec("DELETE FROM sensitive_field WHERE "+of+" AND "+which, first, second); err != nil {
		return fmt.Errorf("replacing sensitive fields: %w", err)
	}
	return nil
}

// replacePoints keeps the contact points that the rows of replaced records
// still give, with what is known of them, and withdraws the others.
func (b *batch) replacePoints(records []int64) error {
	given := map[string]bool{}
	for i := range b.newPoints {
		given[b.newPoints[i].key] = true
	}
	recordKeys := map[int64]string{}
	for _, r := range b.replaced {
		recordKeys[r.record] = r.key
	}
	var stay, gone []int64
	there := map[string]bool{}
	condition, arg := among(b.t, "party_record_id", 1, records)
	err := b.t.query(func(rows *sql.Rows) error {
		var id, record int64
		var key string
		if err := rows.Scan(&id, &record, &key); err != nil {
			return err
		}
		switch {
		case given[key]:
			there[key] = true
			stay = append(stay, id)
		case strings.HasPrefix(key, recordKeys[record]+"#"):
			gone = append(gone, id)
		}
		return nil
	}, "SELECT id, party_record_id, external_key FROM contact_point WHERE "+condition, arg)
	if err != nil {
		return fmt.Errorf("looking for contact points: %w", err)
	}
	if _, err := updateAmong(b.t, "contact_point", "withdrawn_at = NULL, import_id = $2", "id", stay, b.runID); err != nil {
		return err
	}
	if _, err := updateAmong(b.t, "contact_point", "withdrawn_at = $2", "id", gone, b.t.now); err != nil {
		return err
	}
	b.newPoints = slices.DeleteFunc(b.newPoints, func(point newPoint) bool { return there[point.key] })
	return nil
}
