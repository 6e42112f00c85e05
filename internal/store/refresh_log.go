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

// logEverybody records that what is asked of all customers is another now, though no
// profile is.
func logEverybody(t *transaction) error {
	if err := t.dialect.lockGeneration(t); err != nil {
		return fmt.Errorf("waiting for others who write profiles: %w", err)
	}
	return newRefresh(t).logLooked([]int64{everybodyMark})
}

// lastLogged is the sequence of the last refresh that looked at anybody.
func lastLogged(t *transaction) (int64, error) {
	last, err := t.number(`SELECT coalesce(max(sequence), 0) FROM refresh_log`)
	if err != nil {
		return 0, fmt.Errorf("reading the log of refreshes: %w", err)
	}
	return last, nil
}

// lookedBetween gives whom refreshes looked at after one sequence, up to another;
// everybody, if they are far too many or an entry is not there any more.
func lookedBetween(t *transaction, since, last int64) (parties []int64, everybody bool, err error) {
	entry, entries := since, int64(0)
	err = t.query(func(row *sql.Rows) error {
		var sequence int64
		var text string
		if err := row.Scan(&sequence, &text); err != nil {
			return err
		}
		if sequence > entry {
			entry, entries = sequence, entries+1
		}
		if everybody {
			return nil
		}
		var list []int64
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return fmt.Errorf("an entry is no list of numbers: %w", err)
		}
		if parties = append(parties, list...); len(parties) > 2*loggedAtMost {
			parties = distinctNumbers(parties)
		}
		everybody = slices.Contains(list, everybodyMark) || len(parties) > 2*loggedAtMost
		return nil
	}, `SELECT sequence, parties FROM refresh_log WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence, part`, since, last)
	if err != nil {
		return nil, false, fmt.Errorf("reading the log of refreshes: %w", err)
	}
	return distinctNumbers(parties), everybody || entries != last-since, nil
}
