package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// Write takes a batch of rows in one transaction: either all of them that are
// not rejected, or, with an error, none. It gives the rejections in the order of
// the lines. After an error Write may be called again with the same rows.
func (i *Import) Write(ctx context.Context, rows []customer.Row) ([]RowRejection, error) {
	rejections, err := i.WriteBehind(ctx, rows)
	if err != nil {
		return nil, err
	}
	return rejections, i.Wait()
}

// WriteBehind is Write, but for the last part: it comes back while the database
// still works, so that the next batch can be read and prepared meanwhile. Until
// the next WriteBehind, Wait or Finish comes back, the rows must not be touched;
// what became of them, and an error, is told there.
func (i *Import) WriteBehind(ctx context.Context, rows []customer.Row) ([]RowRejection, error) {
	b := newBatch(i, rows)
	b.prepare()
	if err := i.Wait(); err != nil {
		return nil, err
	}
	t, err := i.begin(ctx)
	if err != nil {
		return nil, err
	}
	forgot, err := i.follow(t)
	if forgot {
		// What the cache said of parties holds no more.
		i.spare = append(i.spare, b.buffers)
		b = newBatch(i, rows)
	}
	b.t = t
	if err == nil {
		err = b.resolve()
	}
	if err != nil {
		i.forget(t)
		return nil, inBatch(rows, err)
	}
	i.keep(b.added)
	i.behind = b
	b.done = make(chan error, 1)
	go func() { b.done <- b.write() }()
	slices.SortFunc(b.rejections, func(x, y RowRejection) int { return cmp.Compare(x.Line, y.Line) })
	return b.rejections, nil
}

// inBatch says where in the file an error came up.
func inBatch(rows []customer.Row, err error) error {
	line := int64(0)
	if len(rows) > 0 {
		line = rows[0].Line
	}
	return fmt.Errorf("importing rows from line %d on: %w", line, err)
}

// Wait waits until all rows are in the database.
func (i *Import) Wait() error {
	b := i.behind
	if b == nil {
		return nil
	}
	i.behind = nil
	if err := <-b.done; err != nil {
		i.forget(b.t)
		return inBatch(b.rows, err)
	}
	i.tally.add(b.tally)
	if i.options.Snapshot == Delta {
		i.lookFirst = b.existing > 0
	}
	i.spare = append(i.spare, b.buffers)
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
	if b.facts != nil {
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
		if b.facts == nil {
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
