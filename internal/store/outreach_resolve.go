package store

import (
	"context"
	"database/sql"
	"fmt"
)

// UnknownChoice is what a person has done with messages of which nobody knows whether they were
// sent.
type UnknownChoice string

// The choices.
const (
	// ResolveResend has them sent again: who was sent the first one gets two.
	ResolveResend UnknownChoice = "Resend"
	// ResolveDrop has them not sent: who was not sent the first one gets none.
	ResolveDrop UnknownChoice = "Drop"
)

// UnknownMessage is a message that was in flight when a worker died.
type UnknownMessage struct {
	Seq int64
	// Customer is the code of whom it belongs to.
	Customer string
	// At is when it was found to be unknown, in milliseconds.
	At int64
}

// UnknownOf lists the messages of a run of which nobody knows whether they were sent.
func (s *Store) UnknownOf(ctx context.Context, run int64) (unknown []UnknownMessage, err error) {
	err = s.read(ctx, func(t *transaction) error {
		return t.query(func(rows *sql.Rows) error {
			var m UnknownMessage
			err := rows.Scan(&m.Seq, &m.Customer, &m.At)
			unknown = append(unknown, m)
			return err
		}, `SELECT o.seq, c.code, o.at FROM outreach_outcome o JOIN outreach_message m ON m.run_id = o.run_id AND m.seq = o.seq JOIN party c ON c.id = m.customer_id
			WHERE o.run_id = $1 AND o.state = 'Unknown' ORDER BY o.seq`, run)
	})
	if err != nil {
		return nil, fmt.Errorf("listing the unknown messages of a run: %w", err)
	}
	return unknown, nil
}

// RunEndedError says that a run was ended by a person or lost its Outreach, so that nothing
// of it is sent any more.
type RunEndedError struct{ State RunState }

func (e *RunEndedError) Error() string {
	return fmt.Sprintf("the run is %s: nothing of it is sent any more", e.State)
}

// Resolve carries out what a person decided about all unknown messages of a run, and tells
// how many there were. Who it was stands with each message, and nowhere that leaves the
// store. A run that was completed goes on where messages are to be sent again; for one that
// was cancelled or abandoned that is a *RunEndedError.
func (s *Store) Resolve(ctx context.Context, run int64, how UnknownChoice, actor string) (resolved int64, err error) {
	err = s.change(ctx, func(t *transaction) error {
		found, err := lockRun(t, run)
		if err != nil || found == nil {
			return err
		}
		if how == ResolveResend && (found.State == RunCancelled || found.State == RunAbandoned) {
			return &RunEndedError{found.State}
		}
		resolved, err = resolveMessages(t, run, how, actor)
		if err != nil || resolved == 0 || how != ResolveResend || found.State != RunCompleted {
			return err
		}
		_, err = t.exec(`UPDATE outreach_run SET state = $2, settled_at = NULL WHERE id = $1`, run, string(RunSending))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("resolving unknown messages: %w", err)
	}
	return resolved, nil
}

// resolveMessages gives each unknown message its new state, and shards their counts.
func resolveMessages(t *transaction, run int64, how UnknownChoice, actor string) (resolved int64, err error) {
	state, code, counter := MessageSkipped, "Dropped by ", "skipped"
	if how == ResolveResend {
		state, code, counter = MessageResent, "Resent by ", "waiting"
	}
	// First the outcomes: a worker that finds out late that one was sent goes the same way.
	var seqs []int64
	waiting := &rowBuffer{width: 4}
	err = t.query(func(rows *sql.Rows) error {
		var seq, attempt int64
		err := rows.Scan(&seq, &attempt)
		seqs = append(seqs, seq)
		waiting.add(numberCell(run), numberCell(seq), numberCell(attempt), numberCell(t.now))
		return err
	}, `UPDATE outreach_outcome SET state = $2, code = $3, at = $4 WHERE run_id = $1 AND state = 'Unknown' RETURNING seq, attempt`, run, string(state), code+actor, t.now)
	if err != nil || len(seqs) == 0 {
		return 0, err
	}
	if how == ResolveResend {
		if err := t.insert("outreach_retry", []string{"run_id", "seq", "attempts", "due"}, waiting); err != nil {
			return 0, err
		}
	}
	condition, list := among(t, "m.seq", 2, seqs)
	_, err = t.exec(fmt.Sprintf(`UPDATE outreach_shard SET unknown = unknown - u.n, %[1]s = %[1]s + u.n FROM (
			SELECT s.no, count(*) AS n FROM outreach_shard s JOIN outreach_message m ON m.run_id = s.run_id AND m.seq >= s.start_seq AND m.seq < s.end_seq
			WHERE s.run_id = $1 AND %[2]s GROUP BY s.no) u
		WHERE outreach_shard.run_id = $1 AND outreach_shard.no = u.no`, counter, condition), run, list)
	return int64(len(seqs)), err
}

// lockRun reads a run, and lets nobody else resolve or complete it until the transaction
// ends.
func lockRun(t *transaction, run int64) (*Run, error) {
	if _, err := t.exec(`UPDATE outreach_run SET state = state WHERE id = $1`, run); err != nil {
		return nil, fmt.Errorf("locking a run: %w", err)
	}
	return readRun(t, "r.id = $1", run)
}

// CompleteRun completes a run that is being sent, if every message of it is settled, and
// tells whether it did.
func (s *Store) CompleteRun(ctx context.Context, run int64) (done bool, err error) {
	err = s.change(ctx, func(t *transaction) error {
		found, err := lockRun(t, run)
		if err != nil || found == nil || found.State != RunSending {
			return err
		}
		counts, err := countMessages(t, run)
		if err != nil || !counts.Settled() {
			return err
		}
		_, err = t.exec(`UPDATE outreach_run SET state = $2, settled_at = $3 WHERE id = $1`, run, string(RunCompleted), t.now)
		done = true
		return err
	})
	if err != nil {
		return false, fmt.Errorf("completing a run: %w", err)
	}
	return done, nil
}
