package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"github.com/fairlead/fairlead/internal/customer"
)

// batch is the work of one transaction: first who the rows mean, then what they say.
type batch struct {
	*Import
	t *transaction
	// rows that have to be kept, and the place of each among all that came; what
	// came last stands.
	rows   []customer.Row
	places []int64
	tally  Tally

	// refs holds for every row and every party field whom it means.
	refs []known
	// rejected rows by index.
	rejected   []bool
	rejections []RowRejection
	// added goes into the cache, which forgets everything if the batch fails.
	added map[string]known
	// marks are parties whose profile has to be computed again.
	marks []int64
	// subjects are whom facts are about that rows refer to, by the facts' number.
	subjects map[int64]int64
	// existing counts rows whose key was there already.
	existing int64
	// line of the first row.
	line int64
	// facts are what counts of the rows.
	facts []fact
	// factsReady says that facts is complete.
	factsReady bool

	resolving
	buffers *buffers
	// done gives the error of writing, once.
	done chan error
}

// buffers are memory that one batch hands to the next.
type buffers struct {
	rows                   []customer.Row
	places                 []int64
	known                  []fact
	refs                   []known
	marks                  []int64
	parties, sealed, facts rowBuffer
}

func newBatch(i *Import) *batch {
	b := &batch{Import: i}
	if last := len(i.spare) - 1; last >= 0 {
		b.buffers, i.spare = i.spare[last], i.spare[:last]
	} else {
		b.buffers = &buffers{}
	}
	b.rows, b.places, b.facts = b.buffers.rows[:0], b.buffers.places[:0], b.buffers.known[:0]
	b.buffers.facts.reset(len(factColumns(i.options.Entity)))
	return b
}

// take a row: what is known of it is laid out at once, and the row can be
// forgotten; any other is kept, and exchanged for one whose memory is free.
func (b *batch) take(row *customer.Row) {
	if b.tally.Read++; b.tally.Read == 1 {
		b.line = row.Line
	}
	if b.isParticipation() && b.takeKnown(row) {
		return
	}
	at := len(b.rows)
	if at < cap(b.rows) {
		b.rows = b.rows[:at+1]
		b.rows[at], *row = *row, b.rows[at]
	} else {
		b.rows = append(b.rows, *row)
		*row = customer.Row{}
	}
	b.places = append(b.places, b.tally.Read)
}

// begin lays out what is to be found out of the rows that were kept.
func (b *batch) begin() {
	b.rejected, b.rejections = make([]bool, len(b.rows)), nil
	b.added = map[string]known{}
	b.marks, b.subjects = b.buffers.marks[:0], map[int64]int64{}
	references := len(b.rows) * len(b.parties)
	if cap(b.buffers.refs) < references {
		b.buffers.refs = make([]known, references)
	}
	b.refs = b.buffers.refs[:references]
	clear(b.refs)
	b.tally = Tally{Read: b.tally.Read}
	b.startResolving()
}

// release gives the memory of a batch that is done to the next.
func (b *batch) release() {
	b.buffers.rows, b.buffers.places, b.buffers.known, b.buffers.marks = b.rows, b.places, b.facts, b.marks
	b.spare = append(b.spare, b.buffers)
}

// reject refuses a row; field is as mapping files name it.
func (b *batch) reject(row int, field, reason string) {
	if b.rejected[row] {
		return
	}
	b.rejected[row] = true
	b.tally.Rejected++
	b.rejections = append(b.rejections, RowRejection{Line: b.rows[row].Line, Field: field, Reason: reason, Original: b.rows[row].Original})
}

// ref is whom a row means by its n-th party.
func (b *batch) ref(row, n int) *known { return &b.refs[row*len(b.parties)+n] }

// findEditions turns editions into numbers; ones not known yet are made. Without
// a transaction it only looks them up, and tells whether it knew all.
func (b *batch) findEditions() (complete bool, err error) {
	if b.t != nil {
		if err := b.loadEditions(); err != nil {
			return false, err
		}
	}
	field := b.options.Entity.Index("edition")
	if field < 0 || b.options.Entity.Fields[field].Kind != customer.Edition || b.options.Entity.Name == "edition" {
		return true, nil
	}
	for i := range b.rows {
		value := &b.rows[i].Values[field]
		if !value.Present {
			continue
		}
		id, known := b.editions[value.Text]
		switch {
		case known:
		case b.t == nil:
			return false, nil
		default:
			if id, err = b.newEdition(value.Text); err != nil {
				return false, err
			}
		}
		// The text stays: a batch that fails may be written again, and then the
		// number may be another.
		value.Number = id
		if b.options.Snapshot != Delta {
			b.seen[id] = true
		}
	}
	return true, nil
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
func (b *batch) writeMarks() error {
	if b.options.Entity.Name == "exchangeRate" && b.tally.New+b.tally.Changed > 0 {
		b.marks = append(b.marks, ratesMark)
	}
	return mark(b.t, b.marks)
}

// markFound marks the parties that a query finds.
func markFound(t *transaction, query string, args ...any) error {
	var found []int64
	if err := t.query(scanInto(&found), query, args...); err != nil {
		return err
	}
	return mark(t, found)
}

// marksAtOnce stand in one row: as many as a page takes without compression.
const marksAtOnce = 200

// mark asks for the profiles of parties, which may stand several times, to be
// computed again. 0 stands for nobody.
func mark(t *transaction, parties []int64) error {
	parties = slices.DeleteFunc(distinctNumbers(parties), func(party int64) bool { return party == 0 })
	marks := &rowBuffer{width: 2}
	for chunk := range slices.Chunk(parties, marksAtOnce) {
		list := []byte{'['}
		for i, party := range chunk {
			if i > 0 {
				list = append(list, ',')
			}
			list = strconv.AppendInt(list, party, 10)
		}
		marks.add(textCell(string(append(list, ']'))), numberCell(t.now))
	}
	return t.insert("change_mark", []string{"parties", "at"}, marks)
}
