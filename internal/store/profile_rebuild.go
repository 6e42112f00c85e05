package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Rebuild computes all profiles anew, in portions that each are a transaction, so
// that writers and readers go on and it can be broken off and begun again.
// progress is called after each with how many parties were looked at, of how many.
// Marks are left to Refresh. Rows that come out as they are stored are not
// written, so that only what was wrong gets a new generation.
func (s *Store) Rebuild(ctx context.Context, progress func(done, total int64)) (Refreshed, error) {
	if err := s.convertAnew(ctx); err != nil {
		return Refreshed{}, err
	}
	p := &portions{store: s, progress: progress, work: func(r *refresh, parties int64) error {
		if err := r.recomputeTouched(parties); err != nil {
			return err
		}
		return r.commit()
	}}
	return p.run(ctx, s.dialect.rebuilders())
}

// convertAnew computes exchange rates before what depends on them.
func (s *Store) convertAnew(ctx context.Context) error {
	t, err := s.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer t.end()
	if err := t.dialect.lockRefresh(t); err != nil {
		return fmt.Errorf("waiting for another refresh: %w", err)
	}
	if err := newRefresh(t).convertAnew(); err != nil {
		return err
	}
	return t.commit()
}

// portions are all parties of a store, so many at a time.
type portions struct {
	store *Store
	// options of each portion's transaction.
	options *sql.TxOptions
	// work is called in one transaction after the other, with the portion's parties in
	// refresh_touched. Several may be under way at once, but no refresh: a refresh takes
	// away marks of facts that a portion may have been too early to see.
	work     func(r *refresh, parties int64) error
	progress func(done, total int64)

	mutex             sync.Mutex
	last, seen, total int64
	done              Refreshed
}

// run works through all portions, so many at once.
func (p *portions) run(ctx context.Context, atOnce int) (Refreshed, error) {
	group, ctx := errgroup.WithContext(ctx)
	for range atOnce {
		group.Go(func() error {
			for more := true; more; {
				began := time.Now()
				var err error
				if more, err = p.one(ctx); err != nil {
					return err
				}
				if more {
					p.rest(ctx, time.Since(began))
				}
			}
			return nil
		})
	}
	err := group.Wait()
	return p.done, err
}

// rest lets other writers in after a portion that took its time, where the database
// would not do it: SQLite tries again after up to 100 ms, and would seldom meet the
// moment between two portions.
func (p *portions) rest(ctx context.Context, took time.Duration) {
	const again = 100 * time.Millisecond
	if !p.store.IsSQLite() || took < again {
		return
	}
	select {
	case <-time.After(again + again/2):
	case <-ctx.Done():
	}
}

// one does the next portion, unless there is none.
func (p *portions) one(ctx context.Context) (more bool, err error) {
	t, err := p.store.begin(ctx, p.options)
	if err != nil {
		return false, err
	}
	defer t.end()
	if err := t.dialect.lockPortion(t); err != nil {
		return false, fmt.Errorf("waiting for a refresh: %w", err)
	}
	r := newRefresh(t)
	parties, err := p.choose(r)
	if err != nil {
		return false, fmt.Errorf("choosing a portion: %w", err)
	}
	if parties == 0 {
		return false, nil
	}
	if err := p.work(r, parties); err != nil {
		return false, err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.seen += parties
	p.done.Looked += r.done.Looked
	p.done.Changed += r.done.Changed
	p.done.Generation = max(p.done.Generation, r.done.Generation)
	if p.progress != nil {
		p.progress(p.seen, max(p.seen, p.total))
	}
	return true, nil
}

// choose puts the next parties into refresh_touched, and gives how many they are.
func (p *portions) choose(r *refresh) (int64, error) {
	if _, err := r.exec(`CREATE TEMP TABLE refresh_touched (id BIGINT NOT NULL PRIMARY KEY)` + r.dialect.onCommitDrop()); err != nil {
		return 0, err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.total == 0 {
		total, err := r.number(`SELECT count(*) FROM party`)
		if err != nil {
			return 0, err
		}
		p.total = total
	}
	parties, err := r.exec(`INSERT INTO refresh_touched SELECT p.id FROM party p WHERE p.id > $1 ORDER BY p.id LIMIT $2`, p.last, p.store.portion)
	if err != nil || parties == 0 {
		return 0, err
	}
	r.first = p.last + 1
	if r.last, err = r.number(`SELECT max(id) FROM refresh_touched`); err != nil {
		return 0, err
	}
	p.last = r.last
	return parties, nil
}
