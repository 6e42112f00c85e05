package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// erasure is one person's on the way.
type erasure struct {
	t        *transaction
	parties  []int64
	records  []int64
	hashKey  []byte
	evidence []Evidence
	// others are parties whose facts changed too.
	others map[int64]bool
}

// Erase removes a party, and all that was merged into it, so that nothing
// personal is left: facts that must stay for the books stay without a person,
// addresses stay kept out and external keys stay known as keyed hashes, so that
// no later import brings the person back. It gives what was done, table by
// table; the same is kept in the erasure log.
func (s *Store) Erase(ctx context.Context, code, reason, actor string) (evidence []Evidence, err error) {
	err = s.write(ctx, func(t *transaction) error {
		state, err := findParty(t, code)
		if err != nil {
			return err
		}
		id, err := root(t, state.id)
		if err != nil {
			return err
		}
		if state.erased {
			return &ConflictError{fmt.Sprintf("%s was erased already", code)}
		}
		e := &erasure{t: t, others: map[int64]bool{id: true}}
		if e.parties, err = mergedInto(t, id); err != nil {
			return err
		}
		if e.hashKey, err = readHashKey(t); err != nil {
			return err
		}
		if err := e.run(); err != nil {
			return err
		}
		if err := e.record(id, reason, actor); err != nil {
			return err
		}
		evidence = e.evidence
		return nil
	})
	if err != nil {
		return nil, err
	}
	return evidence, s.dialect.forget(ctx, s.db)
}

// mergedInto gives a party and all that were ever merged into it.
func mergedInto(t *transaction, id int64) ([]int64, error) {
	var all []int64
	err := t.query(scanInto(&all), `
		WITH RECURSIVE one (id) AS (
			SELECT id FROM party WHERE id = $1
			UNION SELECT p.id FROM party p JOIN one ON p.merged_into = one.id)
		SELECT id FROM one ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("finding who was merged into the party: %w", err)
	}
	return all, nil
}

func (e *erasure) run() error {
	steps := []struct {
		doing string
		do    func() error
	}{
		{"keeping addresses out", e.suppress},
		{"erasing facts", e.eraseFacts},
		{"erasing keys", e.eraseRecords},
		{"erasing traces", e.eraseTraces},
		{"erasing the party", e.eraseParty},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.doing, err)
		}
	}
	return nil
}

func (e *erasure) note(table, action string, rows int64) {
	if rows > 0 {
		e.evidence = append(e.evidence, Evidence{table, action, rows})
	}
}

// eraseFacts goes through all entities: facts about the party are removed, or
// emptied where they must stay for the books; facts about others that name the
// party lose the name.
func (e *erasure) eraseFacts() error {
	for i := range customer.Entities {
		entity := &customer.Entities[i]
		if entity.Name == "party" {
			continue
		}
		for n, position := range entity.Parties() {
			if err := e.eraseReference(entity, entity.Fields[position], n == 0); err != nil {
				return fmt.Errorf("%s: %w", entity.Name, err)
			}
		}
	}
	return nil
}

func (e *erasure) eraseReference(entity *customer.Entity, field customer.Field, subject bool) error {
	columns := partyColumns(field)
	condition, arg := among(e.t, columns[0], 1, e.parties)
	if err := e.noteOthers(entity, condition, arg); err != nil {
		return err
	}
	if err := e.eraseCorrections(entity, condition, arg); err != nil {
		return err
	}
	var empty []string
	for _, f := range entity.Fields {
		if f.Personal && !f.Required {
			empty = append(empty, f.Column()+" = NULL")
		}
	}
	remove := subject && !entity.ForBooks || !subject && field.Required
	if !subject && !remove {
		empty = append(empty, columns[0]+" = NULL", columns[1]+" = NULL")
	}
	switch {
	case remove:
		gone, err := e.t.exec("DELETE FROM "+entity.Table+" WHERE "+condition, arg)
		e.note(entity.Table, Removed, gone)
		return err
	case len(empty) > 0:
		// The digest covered what is gone; a later import must see a difference.
		emptied, err := e.t.exec("UPDATE "+entity.Table+" SET digest = 0, "+strings.Join(empty, ", ")+" WHERE "+condition, arg)
		e.note(entity.Table, Emptied, emptied)
		return err
	default:
		return nil
	}
}

// noteOthers marks the other parties of facts that change.
func (e *erasure) noteOthers(entity *customer.Entity, condition string, arg any) error {
	for _, position := range entity.Parties() {
		column := partyColumns(entity.Fields[position])[0]
		var ids []int64
		err := e.t.query(scanInto(&ids), "SELECT DISTINCT "+column+" FROM "+entity.Table+" WHERE "+column+" IS NOT NULL AND "+condition, arg)
		if err != nil {
			return err
		}
		for _, id := range ids {
			e.others[id] = true
		}
	}
	return nil
}

// eraseCorrections empties what facts that name the party said before.
func (e *erasure) eraseCorrections(entity *customer.Entity, condition string, arg any) error {
	if entity.Name == "participation" {
		// It has no number; its corrections are found by their party.
		return nil
	}
	emptied, err := e.t.exec("UPDATE correction SET before = '{}' WHERE entity = $2 AND before <> '{}' AND fact_id IN (SELECT id FROM "+
		entity.Table+" WHERE "+condition+")", arg, entity.Name)
	e.note("correction", Emptied, emptied)
	return err
}

// eraseRecords leaves of every external key its keyed hash.
func (e *erasure) eraseRecords() error {
	type key struct {
		record, source, party int64
		text                  string
	}
	var keys []key
	condition, arg := among(e.t, "party_id", 1, e.parties)
	err := e.t.query(func(rows *sql.Rows) error {
		var k key
		err := rows.Scan(&k.record, &k.source, &k.party, &k.text)
		keys = append(keys, k)
		return err
	}, "SELECT id, source_id, party_id, external_key FROM party_record WHERE "+condition+" ORDER BY id", arg)
	if err != nil {
		return err
	}
	hashes := rowBuffer{width: 3}
	for _, k := range keys {
		e.records = append(e.records, k.record)
		hash := hashOf(e.hashKey, k.text)
		hashes.add(numberCell(k.source), textCell(hash), numberCell(k.party))
		_, err := e.t.exec(`UPDATE party_record SET external_key = $2, name_key = '', country = '', content = '{}', roles = 0 WHERE id = $1`, k.record, "erased:"+hash)
		if err != nil {
			return err
		}
	}
	e.note("party_record", Emptied, int64(len(keys)))
	e.note("erased_key", Hashed, int64(len(keys)))
	return e.t.insert("erased_key", []string{"source_id", "key_hash", "party_id"}, &hashes)
}

// eraseTraces removes what leads to the party and what follows from it.
func (e *erasure) eraseTraces() error {
	// A refresh that is under way must not bring the profile back.
	if err := e.t.dialect.lockRefresh(e.t); err != nil {
		return fmt.Errorf("waiting for a refresh of profiles: %w", err)
	}
	// Nor may an evaluation that found the profile before bring a membership back.
	if err := e.t.dialect.lockSegments(e.t); err != nil {
		return fmt.Errorf("waiting for an evaluation of segments: %w", err)
	}
	segments, err := segmentsOf(e.t, e.parties)
	if err != nil {
		return err
	}
	for _, trace := range []struct{ table, column string }{
		{"contact_point", "party_id"}, {"sensitive_field", "party_id"},
		{"match_candidate", "party_id"}, {"match_candidate", "other_id"},
		{"customer_profile", "customer_id"}, {"customer_series_profile", "customer_id"},
		{"customer_dimension_profile", "customer_id"}, {"customer_preference", "customer_id"},
		{"segment_member", "customer_id"}, {"segment_transition", "customer_id"},
		{"points_posting", "customer_id"}, {"loyalty_member", "customer_id"},
	} {
		gone, err := deleteAmong(e.t, trace.table, trace.column, e.parties)
		if err != nil {
			return err
		}
		e.note(trace.table, Removed, gone)
	}
	if err := countAgain(e.t, segments); err != nil {
		return err
	}
	emptied, err := updateAmong(e.t, "correction", "before = '{}'", "party_id", e.parties)
	if err != nil {
		return err
	}
	e.note("correction", Emptied, emptied)
	for _, record := range e.records {
		// What was corrected while the party was merged with another, and facts that
		// named it once and do not any more, are known by their record only. This
		// looks at all corrections: persons are erased one by one.
		reference := fmt.Sprintf(`%%_record_id":%d`, record)
		emptied, err := e.t.exec(`
			UPDATE correction SET before = '{}'
			 WHERE before <> '{}' AND (entity = 'party' AND fact_id = $1 OR before LIKE $2 OR before LIKE $3)`, record, reference+",%", reference+"}%")
		if err != nil {
			return err
		}
		e.note("correction", Emptied, emptied)
	}
	for _, column := range []string{"survivor_id", "loser_id"} {
		// Reasons are free text.
		if _, err := updateAmong(e.t, "merge_log", "reason = ''", column, e.parties); err != nil {
			return err
		}
	}
	return nil
}

// eraseParty leaves of a party nothing but its number, which facts for the books
// refer to.
func (e *erasure) eraseParty() error {
	empty := []string{"roles = 0", "attributes = '{}'", "time_zone_inferred = $3", "erased_at = $2"}
	for i, field := range customer.PartyFields {
		if i != customer.PartyCode && i != customer.PartyKind && i != customer.PartyRoles && i < customer.PartyAt {
			empty = append(empty, field.Column()+" = NULL")
		}
	}
	emptied, err := updateAmong(e.t, "party", strings.Join(empty, ", "), "id", e.parties, e.t.now, false)
	if err != nil {
		return err
	}
	e.note("party", Emptied, emptied)
	_, err = updateAmong(e.t, "party", "code = 'ERASED-' || id", "id", e.parties)
	return err
}
