package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
)

const (
	// logKept is of how many refreshes it is known whom they looked at. A segment that
	// was not evaluated for longer is evaluated for everybody.
	logKept = 500
	// loggedAtMost is how many parties are named one by one: of more, evaluating for
	// everybody is as quick.
	loggedAtMost = 20_000
)

// logLooked records whose profile, or whose facts beside it, may be another now. It
// is written under the lock of generations, so that sequences are committed in order.
func (r *refresh) logLooked(parties []int64) error {
	if len(parties) == 0 {
		return nil
	}
	if len(parties) > loggedAtMost {
		parties = []int64{everybodyMark}
	}
	slices.Sort(parties)
	sequence, err := r.number(`SELECT coalesce(max(sequence), 0) + 1 FROM refresh_log`)
	if err != nil {
		return fmt.Errorf("reading the log of refreshes: %w", err)
	}
	rows, part := &rowBuffer{width: 3}, int64(0)
	for chunk := range slices.Chunk(parties, marksAtOnce) {
		part++
		list, err := json.Marshal(chunk)
		if err != nil {
			return fmt.Errorf("writing the log of refreshes: %w", err)
		}
		rows.add(numberCell(sequence), numberCell(part), textCell(string(list)))
	}
	if err := r.insert("refresh_log", []string{"sequence", "part", "parties"}, rows); err != nil {
		return err
	}
	if _, err := r.exec(`DELETE FROM refresh_log WHERE sequence <= $1`, sequence-logKept); err != nil {
		return fmt.Errorf("shortening the log of refreshes: %w", err)
	}
	return nil
}

// lookedSince gives whom refreshes looked at after a sequence, up to the last one;
// everybody, if that is not known.
func lookedSince(t *transaction, sequence int64) (parties []int64, everybody bool, last int64, err error) {
	var first sql.NullInt64
	if err := t.row(`SELECT min(sequence), coalesce(max(sequence), 0) FROM refresh_log`).Scan(&first, &last); err != nil {
		return nil, false, 0, fmt.Errorf("reading the log of refreshes: %w", err)
	}
	if first.Valid && sequence < first.Int64-1 {
		return nil, true, last, nil
	}
	err = t.query(func(row *sql.Rows) error {
		var text string
		if err := row.Scan(&text); err != nil {
			return err
		}
		var list []int64
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return fmt.Errorf("an entry is no list of numbers: %w", err)
		}
		parties = append(parties, list...)
		return nil
	}, `SELECT parties FROM refresh_log WHERE sequence > $1 AND sequence <= $2`, sequence, last)
	if err != nil {
		return nil, false, 0, fmt.Errorf("reading the log of refreshes: %w", err)
	}
	if slices.Contains(parties, everybodyMark) {
		return nil, true, last, nil
	}
	return distinctNumbers(parties), false, last, nil
}
