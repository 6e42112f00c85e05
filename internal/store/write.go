package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// A batch goes into one transaction. It ends with so many rows that have to be
// kept until their parties are found or made, or with so many rows of any kind: in
// the order of their key they then fill its index page by page.
const (
	keptRows = 4_000
	allRows  = 25_000
	// packedBytes bounds the memory of rows with long texts.
	packedBytes = 8 << 20
)

// Write takes a batch of rows in one transaction: either all of them that are
// not rejected, or, with an error, none. It gives the rejections in the order of
// the lines. After an error Write may be called again with the same rows. Write
// and Add do not go together: Add gives away the memory of rows.
func (i *Import) Write(ctx context.Context, rows []customer.Row) ([]RowRejection, error) {
	if err := i.Flush(ctx); err != nil {
		return nil, err
	}
	for _, row := range rows {
		i.take(&row)
	}
	if err := i.Flush(ctx); err != nil {
		return nil, err
	}
	if err := i.Wait(); err != nil {
		return nil, err
	}
	return i.Rejections(), nil
}

// Add takes rows into the batch that is open, and writes it behind once it is
// large enough. Rows that it keeps are exchanged for others: what the slice holds
// afterwards means nothing, and its memory may be used again. An error may be
// that of rows added before; the import has to be abandoned then.
func (i *Import) Add(ctx context.Context, rows []customer.Row) error {
	for n := range rows {
		i.take(&rows[n])
		if b := i.open; len(b.rows) < keptRows && b.tally.Read < allRows && len(b.buffers.facts.packed) < packedBytes {
			continue
		}
		if err := i.Flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (i *Import) take(row *customer.Row) {
	if i.open == nil {
		i.open = newBatch(i)
	}
	i.open.take(row)
}

// Rejections are the rows that were refused since it was asked last, of batches
// that are in the database; within each in the order of the lines.
func (i *Import) Rejections() []RowRejection {
	rejections := i.rejections
	i.rejections = nil
	return rejections
}

// Flush writes what was added, and comes back while the database still works, so
// that more rows can be read and prepared meanwhile. Whether all went well is
// told by Wait, Finish or the next Flush.
func (i *Import) Flush(ctx context.Context) error {
	b := i.open
	if b == nil {
		return nil
	}
	i.open = nil
	b.begin()
	b.prepare()
	if err := i.Wait(); err != nil {
		return err
	}
	t, err := i.begin(ctx)
	if err != nil {
		return err
	}
	b.t = t
	forgot, err := i.follow(t)
	if err == nil && forgot {
		// What the cache said of parties holds no more, and somebody may have made
		// editions.
		clear(i.editions)
		b.begin()
		err = b.findAgain()
	}
	if err == nil {
		err = b.resolve()
	}
	if err != nil {
		i.forget(t)
		return b.failed(err)
	}
	i.keep(b.added)
	i.behind = b
	b.done = make(chan error, 1)
	go func() { b.done <- b.write() }()
	return nil
}

// failed says where in the file an error came up.
func (b *batch) failed(err error) error {
	return fmt.Errorf("importing rows from line %d on: %w", b.line, err)
}

// Wait waits until all rows that were flushed are in the database.
func (i *Import) Wait() error {
	b := i.behind
	if b == nil {
		return nil
	}
	i.behind = nil
	if err := <-b.done; err != nil {
		i.forget(b.t)
		return b.failed(err)
	}
	i.tally.add(b.tally)
	slices.SortFunc(b.rejections, func(x, y RowRejection) int { return cmp.Compare(x.Line, y.Line) })
	i.rejections = append(i.rejections, b.rejections...)
	if i.options.Snapshot == Delta && !i.store.IsSQLite() {
		i.lookFirst = b.existing > 0
	}
	b.release()
	return nil
}

// begin begins the transaction of a batch, or goes on with the dry run's.
func (i *Import) begin(ctx context.Context) (*transaction, error) {
	if i.dry != nil {
		i.dry.ctx = ctx
		return i.dry, nil
	}
	t, err := i.store.begin(ctx, nil)
	if err != nil {
		return nil, err
	}
	if err := t.dialect.lockRelaxed(t); err != nil {
		t.end()
		return nil, fmt.Errorf("waiting for other writers: %w", err)
	}
	return t, nil
}

// forget ends a transaction that failed, and what was remembered of it.
func (i *Import) forget(t *transaction) {
	if t != i.dry {
		t.end()
	}
	i.reset(false)
	i.editions = map[string]int64{}
}

// prepare does what needs no database, as far as it gets: while the batch before
// is being written.
func (b *batch) prepare() {
	if b.options.Entity.Name == "edition" {
		return
	}
	b.lookInCache()
	complete, err := b.findEditions()
	if err == nil && complete && len(b.missing) == 0 && b.options.Entity.Name != "bookingStatus" {
		b.noteRoles()
		b.prepareFacts()
	}
}

// resolve finds everybody that prepare did not, or makes them.
func (b *batch) resolve() error {
	if b.factsReady {
		return nil
	}
	if !b.looked {
		b.lookInCache()
	}
	if _, err := b.findEditions(); err != nil {
		return fmt.Errorf("finding editions: %w", err)
	}
	if err := b.resolveParties(); err != nil {
		return fmt.Errorf("finding parties: %w", err)
	}
	if err := b.findReferredFacts(); err != nil {
		return fmt.Errorf("finding facts referred to: %w", err)
	}
	b.noteRoles()
	return nil
}

// write puts a batch into the database.
func (b *batch) write() error {
	prepared := make(chan struct{})
	go func() {
		defer close(prepared)
		if !b.factsReady {
			b.prepareFacts()
		}
	}()
	// Preparing facts needs no database, and recording parties mostly waits for it.
	err := b.writeParties()
	<-prepared
	if err != nil {
		return fmt.Errorf("recording parties: %w", err)
	}
	steps := []struct {
		doing string
		do    func() error
	}{
		{"recording facts", b.writeFacts},
		{"recording roles", b.giveRoles},
		{"marking changed customers", b.writeMarks},
		{"giving numbers back", b.returnNumbers},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.doing, err)
		}
	}
	if b.t == b.dry {
		return nil
	}
	err = b.t.commit()
	b.t.end()
	return err
}
