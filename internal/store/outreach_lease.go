package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Shard is a range of a run that one connection works on, as long as its lease lasts.
type Shard struct {
	Run, No int64
	// Epoch of the lease: a later one takes the shard away. Step counts what was settled of
	// the shard.
	Epoch, Step int64
	// Hi is up to where messages were settled or are meant to be sent; End is where the
	// range ends. Neither is part of it.
	Hi, End int64
	// TimeZone of all its recipients; "" where none is known.
	TimeZone string
	// NotAfter is when the last message of it may leave, in milliseconds; 0 for whenever.
	NotAfter int64
}

// shardRow is a shard as the store has it.
type shardRow struct {
	no, epoch, step, start, lo, hi, end, notAfter int64
	zone                                          string
}

// LeaseShards takes shards that nobody holds and that have something to do, so many at most:
// none before its time has come, and those in any case whose time is over.
// What a holder left in flight when its lease ended becomes unknown, or is sent again where
// the run says so. There are none while the run is not sent.
func (s *Store) LeaseShards(ctx context.Context, run int64, most int, lease time.Duration) (shards []Shard, err error) {
	err = s.change(ctx, func(t *transaction) error {
		found, err := readRun(t, "r.id = $1", run)
		if err != nil || found == nil || found.State != RunSending {
			return err
		}
		free, err := freeShards(t, run, most, ` AND s.not_before <= $2 AND (s.hi < s.end_seq OR s.lo < s.hi OR s.waiting > 0 AND s.not_after < $2 OR s.waiting > 0 AND EXISTS (
			SELECT 1 FROM outreach_retry q WHERE q.run_id = s.run_id AND q.seq >= s.start_seq AND q.seq < s.end_seq AND (q.due <= $2 OR q.epoch IS NOT NULL)))`)
		if err != nil {
			return err
		}
		for _, shard := range free {
			hi, err := recoverShard(t, found, shard, t.now+lease.Milliseconds())
			if err != nil {
				return err
			}
			shards = append(shards, Shard{Run: run, No: shard.no, Epoch: shard.epoch + 1, Step: shard.step, Hi: hi, End: shard.end, TimeZone: shard.zone, NotAfter: shard.notAfter})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("leasing shards: %w", err)
	}
	return shards, nil
}

// RenewShards makes leases last longer, of those that were not taken away.
func (s *Store) RenewShards(ctx context.Context, shards []Shard, lease time.Duration) error {
	// One at a time: settlements lock several, in an order of their own.
	for _, shard := range shards {
		err := s.change(ctx, func(t *transaction) error {
			_, err := t.exec(`UPDATE outreach_shard SET lease_until = $4 WHERE run_id = $1 AND no = $2 AND epoch = $3 AND lease_until IS NOT NULL`,
				shard.Run, shard.No, shard.Epoch, t.now+lease.Milliseconds())
			return err
		})
		if err != nil {
			return fmt.Errorf("renewing a lease: %w", err)
		}
	}
	return nil
}

// Recover settles what holders left in flight whose leases ended, whatever the state of the
// run is, and tells how many shards are still held.
func (s *Store) Recover(ctx context.Context, run int64) (held int64, err error) {
	err = s.change(ctx, func(t *transaction) error {
		found, err := readRun(t, "r.id = $1", run)
		if err != nil || found == nil {
			return err
		}
		lapsed, err := freeShards(t, run, mostShards, ` AND s.lease_until IS NOT NULL`)
		if err != nil {
			return err
		}
		for _, shard := range lapsed {
			if _, err := recoverShard(t, found, shard, 0); err != nil {
				return err
			}
		}
		held, err = t.number(`SELECT count(*) FROM outreach_shard s WHERE s.run_id = $1 AND s.lease_until >= $2`, run, t.now)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("recovering shards: %w", err)
	}
	return held, nil
}

// freeShards are shards that nobody holds; who else looks for some meanwhile passes them by.
func freeShards(t *transaction, run int64, most int, more string) (shards []shardRow, err error) {
	err = t.query(func(rows *sql.Rows) error {
		var s shardRow
		err := rows.Scan(&s.no, &s.epoch, &s.step, &s.start, &s.lo, &s.hi, &s.end, &s.zone, &s.notAfter)
		shards = append(shards, s)
		return err
	}, fmt.Sprintf(`SELECT s.no, s.epoch, s.step, s.start_seq, s.lo, s.hi, s.end_seq, s.time_zone, coalesce(s.not_after, 0) FROM outreach_shard s
		WHERE s.run_id = $1 AND (s.lease_until IS NULL OR s.lease_until < $2)%s ORDER BY s.no LIMIT %d%s`, more, most, t.dialect.passLocked()), run, t.now)
	return shards, err
}

// recoverShard settles what is in flight in a shard, and gives it a new epoch, so that
// whoever held it commits nothing more. The lease is until a moment; 0 for none.
func recoverShard(t *transaction, run *Run, shard shardRow, until int64) (hi int64, err error) {
	lo, unknown, waiting := shard.lo, int64(0), int64(0)
	hi = shard.hi
	again := func(statement string, args ...any) (int64, error) {
		return t.exec(statement, append([]any{run.ID, shard.start, shard.end}, args...)...)
	}
	const retries = `q.run_id = $1 AND q.seq >= $2 AND q.seq < $3 AND q.epoch IS NOT NULL`
	switch {
	case shard.epoch == 0:
		// Nobody held it yet.
	case run.AtLeastOnce:
		hi = lo
		if _, err := again(`UPDATE outreach_retry AS q SET epoch = NULL WHERE ` + retries); err != nil {
			return 0, err
		}
	default:
		lo = hi
		if unknown, err = t.exec(`INSERT INTO outreach_outcome (run_id, seq, attempt, state, at)
			SELECT m.run_id, m.seq, 1, 'Unknown', CAST($4 AS BIGINT) FROM outreach_message m WHERE m.run_id = $1 AND m.seq >= $2 AND m.seq < $3`, run.ID, shard.lo, shard.hi, t.now); err != nil {
			return 0, err
		}
		if waiting, err = again(`INSERT INTO outreach_outcome (run_id, seq, attempt, state, at)
			SELECT q.run_id, q.seq, q.attempts + 1, 'Unknown', CAST($4 AS BIGINT) FROM outreach_retry q WHERE `+retries, t.now); err != nil {
			return 0, err
		}
		if _, err := again(`DELETE FROM outreach_retry AS q WHERE ` + retries); err != nil {
			return 0, err
		}
	}
	_, err = t.exec(`UPDATE outreach_shard SET epoch = epoch + 1, lo = $3, hi = $4, unknown = unknown + $5, waiting = waiting - $6, lease_until = nullif(CAST($7 AS BIGINT), 0)
		WHERE run_id = $1 AND no = $2`, run.ID, shard.no, lo, hi, unknown+waiting, waiting, until)
	return hi, err
}
