package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/fairlead/fairlead/internal/customer"
)

// follower is a column that says to which party a record belongs today.
type follower struct{ table, party, record string }

// followers are all such columns: whoever moves a record updates them.
func followers() []follower {
	all := []follower{
		{"sensitive_field", "party_id", "party_record_id"},
		{"points_posting", "customer_id", "customer_record_id"},
	}
	for i := range customer.Entities {
		entity := &customer.Entities[i]
		for _, position := range entity.Parties() {
			if entity.Name == "party" {
				continue
			}
			columns := partyColumns(entity.Fields[position])
			all = append(all, follower{entity.Table, columns[0], columns[1]})
		}
	}
	return all
}

// move gives records to another party, with everything that hangs on them.
func move(t *transaction, records []int64, from, to int64) error {
	// What another merge or its undoing took elsewhere stays there.
	condition, arg := among(t, "id", 3, records)
	if _, err := t.exec("UPDATE party_record SET party_id = $1 WHERE party_id = $2 AND "+condition, to, from, arg); err != nil {
		return fmt.Errorf("moving records: %w", err)
	}
	for _, f := range followers() {
		// The party leads, because that is what the index is on.
		condition, arg := among(t, f.record, 3, records)
		_, err := t.exec(fmt.Sprintf("UPDATE %s SET %s = $1 WHERE %[2]s = $2 AND %s", f.table, f.party, condition), to, from, arg)
		if err != nil {
			return fmt.Errorf("moving %s: %w", f.table, err)
		}
	}
	return nil
}

// partyState is what decides whether a party can be merged.
type partyState struct {
	id         int64
	code, kind string
	mergedInto int64
	erased     bool
}

// findParty finds a party by its code; "" of the error's kind tells a person.
func findParty(t *transaction, code string) (partyState, error) {
	state := partyState{code: code}
	var merged sql.NullInt64
	err := t.row(`SELECT id, kind, merged_into, erased_at IS NOT NULL FROM party WHERE code = $1`, code).
		Scan(&state.id, &state.kind, &merged, &state.erased)
	if errors.Is(err, sql.ErrNoRows) {
		return state, &NotFoundError{fmt.Sprintf("nobody has the code %q", code)}
	}
	if err != nil {
		return state, fmt.Errorf("looking for the code: %w", err)
	}
	state.mergedInto = merged.Int64
	return state, nil
}

// standingParty is the party that stands for a code today; a *NotFoundError if nobody has it, or it was
// erased.
func standingParty(t *transaction, code string) (int64, error) {
	party, err := findParty(t, code)
	switch {
	case err != nil:
		return 0, err
	case party.erased:
		return 0, &NotFoundError{fmt.Sprintf("whoever had the code %q was erased", code)}
	}
	return root(t, party.id)
}

// codeOf is the code of a party.
func codeOf(t *transaction, id int64) (string, error) {
	var code string
	if err := t.row(`SELECT code FROM party WHERE id = $1`, id).Scan(&code); err != nil {
		return "", fmt.Errorf("reading a party's code: %w", err)
	}
	return code, nil
}

// Merge says that two parties are one: the records of loser belong to survivor
// from now on, and with them everything that was recorded. Codes name both. It
// gives the number under which it can be undone. Parties that are merged or
// erased already, or of different kinds, are a *ConflictError.
func (s *Store) Merge(ctx context.Context, survivor, loser, reason, actor string) (id int64, err error) {
	err = s.write(ctx, func(t *transaction) error {
		to, err := findParty(t, survivor)
		if err != nil {
			return err
		}
		from, err := findParty(t, loser)
		if err != nil {
			return err
		}
		id, err = merge(t, to, from, reason, actor)
		return err
	})
	return id, err
}

// mayMerge refuses parties that cannot be one.
func mayMerge(t *transaction, to, from partyState) error {
	for _, p := range []partyState{to, from} {
		switch {
		case p.erased:
			return &ConflictError{fmt.Sprintf("%s was erased", p.code)}
		case p.mergedInto != 0:
			into, err := codeOf(t, p.mergedInto)
			if err != nil {
				return err
			}
			return &ConflictError{fmt.Sprintf("%s was merged into %s already", p.code, into)}
		}
	}
	switch {
	case to.id == from.id:
		return &ConflictError{"a party cannot be merged with itself"}
	case to.kind != from.kind:
		return &ConflictError{fmt.Sprintf("%s is of kind %s and %s of kind %s: they cannot be one", to.code, to.kind, from.code, from.kind)}
	}
	return nil
}

func merge(t *transaction, to, from partyState, reason, actor string) (int64, error) {
	if err := mayMerge(t, to, from); err != nil {
		return 0, err
	}
	var records []int64
	if err := t.query(scanInto(&records), `SELECT id FROM party_record WHERE party_id = $1 ORDER BY id`, from.id); err != nil {
		return 0, fmt.Errorf("reading records: %w", err)
	}
	id, err := t.numbers("merge", 1)
	if err != nil {
		return 0, err
	}
	if _, err := t.exec(`INSERT INTO merge_log (id, survivor_id, loser_id, reason, actor, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, to.id, from.id, reason, actor, t.now); err != nil {
		return 0, fmt.Errorf("recording the merge: %w", err)
	}
	moved := rowBuffer{width: 2}
	for _, record := range records {
		moved.add(numberCell(id), numberCell(record))
	}
	if err := t.insert("merge_log_record", []string{"merge_id", "party_record_id"}, &moved); err != nil {
		return 0, err
	}
	if err := move(t, records, from.id, to.id); err != nil {
		return 0, err
	}
	// The loser keeps its row, so that its code still leads somewhere; its own
	// code field must not follow the records into the survivor.
	if _, err := t.exec(`UPDATE party SET merged_into = $1 WHERE id = $2`, to.id, from.id); err != nil {
		return 0, fmt.Errorf("recording where the party went: %w", err)
	}
	if _, err := decideAgain(t, []int64{to.id}); err != nil {
		return 0, err
	}
	if err := settle(t, to.id, from.id); err != nil {
		return 0, err
	}
	return id, nil
}

// settle tells everybody else that records moved between two parties.
func settle(t *transaction, one, other int64) error {
	if err := identityChanged(t); err != nil {
		return err
	}
	// Measures count persons and customers, of whom there is one more or less.
	marked := []int64{one, other}
	err := t.query(scanInto(&marked), `
		SELECT organization_id FROM affiliation WHERE person_id IN ($1, $2)
		UNION SELECT referrer_id FROM referral WHERE referred_id IN ($1, $2)
		UNION SELECT referred_id FROM referral WHERE referrer_id IN ($1, $2)`, one, other)
	if err != nil {
		return fmt.Errorf("finding whose figures count them: %w", err)
	}
	return mark(t, marked)
}

// Unmerge undoes a merge: every record that it moved, and everything recorded
// under it before or since, goes back to the party it came from.
func (s *Store) Unmerge(ctx context.Context, id int64, actor string) error {
	return s.write(ctx, func(t *transaction) error {
		var loser, survivor, holder int64
		var undone, erased sql.NullInt64
		err := t.row(`SELECT m.loser_id, m.survivor_id, m.undone_at, p.erased_at FROM merge_log m JOIN party p ON p.id = m.loser_id WHERE m.id = $1`, id).
			Scan(&loser, &survivor, &undone, &erased)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return &NotFoundError{fmt.Sprintf("there is no merge %d", id)}
		case err != nil:
			return fmt.Errorf("reading the merge: %w", err)
		case undone.Valid:
			return &ConflictError{fmt.Sprintf("merge %d was undone already", id)}
		case erased.Valid:
			return &ConflictError{fmt.Sprintf("the party of merge %d was erased since", id)}
		}
		// The survivor may have been merged on since: its records are wherever that led.
		var records []int64
		if err := t.query(scanInto(&records), `SELECT party_record_id FROM merge_log_record WHERE merge_id = $1 ORDER BY party_record_id`, id); err != nil {
			return fmt.Errorf("reading what the merge moved: %w", err)
		}
		if holder, err = root(t, loser); err != nil {
			return err
		}
		if err := move(t, records, holder, loser); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE party SET merged_into = NULL WHERE id = $1`, loser); err != nil {
			return fmt.Errorf("bringing the party back: %w", err)
		}
		if _, err := t.exec(`UPDATE merge_log SET undone_at = $2, undone_by = $3 WHERE id = $1`, id, t.now, actor); err != nil {
			return fmt.Errorf("recording the undoing: %w", err)
		}
		// A person who undoes a merge has decided on the pair.
		if _, err := t.exec(`
			UPDATE match_candidate SET decision = 'Undone', decided_at = $2, decided_by = $3
			 WHERE decision = 'Accepted' AND party_id = $1 AND other_id = $4`, min(loser, survivor), t.now, actor, max(loser, survivor)); err != nil {
			return fmt.Errorf("recording the decision: %w", err)
		}
		if _, err := decideAgain(t, []int64{holder, loser}); err != nil {
			return err
		}
		return settle(t, holder, loser)
	})
}

// root follows merges to the party that stands for a party today.
func root(t *transaction, id int64) (int64, error) {
	for {
		var next sql.NullInt64
		if err := t.row(`SELECT merged_into FROM party WHERE id = $1`, id).Scan(&next); err != nil {
			return 0, fmt.Errorf("following merges: %w", err)
		}
		if !next.Valid {
			return id, nil
		}
		id = next.Int64
	}
}

// MergeEntry is a line of the log of merges.
type MergeEntry struct {
	ID       int64  `json:"id"`
	Survivor string `json:"survivor"`
	Loser    string `json:"loser"`
	Reason   string `json:"reason"`
	Actor    string `json:"actor"`
	// At and UndoneAt are milliseconds since 1970; UndoneAt is 0 while it stands.
	At       int64 `json:"at"`
	UndoneAt int64 `json:"undoneAt,omitempty"`
}

// Merges gives the latest merges, newest first.
func (s *Store) Merges(ctx context.Context, limit int) (entries []MergeEntry, err error) {
	err = s.read(ctx, func(t *transaction) error {
		return t.query(func(rows *sql.Rows) error {
			var e MergeEntry
			err := rows.Scan(&e.ID, &e.Survivor, &e.Loser, &e.Reason, &e.Actor, &e.At, &e.UndoneAt)
			entries = append(entries, e)
			return err
		}, `SELECT m.id, s.code, l.code, m.reason, m.actor, m.at, coalesce(m.undone_at, 0)
		      FROM merge_log m JOIN party s ON s.id = m.survivor_id JOIN party l ON l.id = m.loser_id ORDER BY m.id DESC LIMIT $1`, limit)
	})
	return entries, err
}
