package store

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// batch is the work of one Write: first who the rows mean, then what they say.
type batch struct {
	*Import
	t     *transaction
	rows  []customer.Row
	tally Tally

	// refs holds for every row and every party field whom it means.
	refs []known
	// rejected rows by index.
	rejected   []bool
	rejections []RowRejection
	// added goes into the cache once it is committed.
	added map[string]known
	// marks are parties whose profile has to be computed again.
	marks map[int64]bool
	// subjects are whom facts are about that rows refer to, by the facts' number.
	subjects map[int64]int64
	// existing counts rows whose key was there already.
	existing int64

	resolving
}

func newBatch(i *Import, t *transaction, rows []customer.Row) *batch {
	return &batch{
		Import: i, t: t, rows: rows,
		refs:     make([]known, len(rows)*len(i.parties)),
		rejected: make([]bool, len(rows)),
		added:    map[string]known{},
		marks:    map[int64]bool{},
		subjects: map[int64]int64{},
	}
}

func (b *batch) run() error {
	b.tally.Read = int64(len(b.rows))
	steps := []struct {
		doing string
		do    func() error
	}{
		{"looking for merges", func() error { return b.follow(b.t) }},
		{"finding editions", b.findEditions},
		{"finding parties", b.resolveParties},
		{"recording parties", b.writeParties},
		{"recording facts", b.writeFacts},
		{"marking changed customers", b.writeMarks},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.doing, err)
		}
	}
	return nil
}

// reject refuses a row; field is as mapping files name it.
func (b *batch) reject(row int, field, reason string) {
	if b.rejected[row] {
		return
	}
	b.rejected[row] = true
	b.tally.Rejected++
	b.rejections = append(b.rejections, RowRejection{Line: b.rows[row].Line, Field: field, Reason: reason})
}

// ref is whom a row means by its n-th party.
func (b *batch) ref(row, n int) *known { return &b.refs[row*len(b.parties)+n] }

// findEditions turns editions into numbers; ones not known yet are made.
func (b *batch) findEditions() error {
	if err := b.loadEditions(); err != nil {
		return err
	}
	field := b.options.Entity.Index("edition")
	if field < 0 || b.options.Entity.Fields[field].Kind != customer.Edition || b.options.Entity.Name == "edition" {
		return nil
	}
	for i := range b.rows {
		value := &b.rows[i].Values[field]
		if !value.Present {
			continue
		}
		id, known := b.editions[value.Text]
		if !known {
			var err error
			if id, err = b.newEdition(value.Text); err != nil {
				return err
			}
		}
		// The text stays: a batch that fails may be written again, and then the
		// number may be another.
		value.Number = id
		if b.options.Snapshot != Delta {
			b.seen[id] = true
		}
	}
	return nil
}

// loadEditions reads all editions: there are few.
func (b *batch) loadEditions() error {
	if len(b.editions) > 0 {
		return nil
	}
	return b.t.query(func(rows *sql.Rows) error {
		var id int64
		var series, edition string
		if err := rows.Scan(&id, &series, &edition); err != nil {
			return err
		}
		b.editions[customer.EditionText(series, edition)] = id
		return nil
	}, `SELECT id, series, edition FROM edition`)
}

func (b *batch) newEdition(text string) (int64, error) {
	id, err := b.t.numbers("edition", 1)
	if err != nil {
		return 0, err
	}
	series, edition := customer.SplitEdition(text)
	_, err = b.t.exec(`INSERT INTO edition (id, series, edition, import_id) VALUES ($1, $2, $3, $4)`, id, series, edition, b.runID)
	if err != nil {
		return 0, fmt.Errorf("recording the edition: %w", err)
	}
	b.editions[text] = id
	return id, nil
}

// writeMarks says whose profile has to be computed again, in the transaction
// that changes what it is computed from.
func (b *batch) writeMarks() error { return mark(b.t, b.marks) }

func mark(t *transaction, parties map[int64]bool) error {
	delete(parties, 0)
	marks := rowBuffer{width: 1}
	for _, party := range slices.Sorted(maps.Keys(parties)) {
		marks.add(numberCell(party))
	}
	return t.insert("change_mark", []string{"party_id"}, &marks)
}
