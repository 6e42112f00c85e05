package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// RunState is where a run stands in the store. Workers read it in every claim.
type RunState string

// The states of a run.
const (
	// RunFrozen has an audience, and waits to be let go.
	RunFrozen RunState = "Frozen"
	// RunSending may be sent.
	RunSending RunState = "Sending"
	// RunPaused goes on once it is let go again.
	RunPaused RunState = "Paused"
	// RunHalted stopped itself: too much failed.
	RunHalted RunState = "Halted"
	// RunCompleted has settled every message.
	RunCompleted RunState = "Completed"
	// RunCancelled was ended by a person: what was not sent is not sent any more.
	RunCancelled RunState = "Cancelled"
	// RunAbandoned lost its Outreach before it was settled.
	RunAbandoned RunState = "Abandoned"
)

// IsFinal tells whether nothing is sent any more.
func (s RunState) IsFinal() bool {
	return s == RunCompleted || s == RunCancelled || s == RunAbandoned
}

// MessageState is what became of a message.
type MessageState string

// The states of a message. What has none is pending, or waits in outreach_retry.
const (
	// MessageSent was taken by the server.
	MessageSent MessageState = "Sent"
	// MessageFailed was refused for good.
	MessageFailed MessageState = "Failed"
	// MessageSkipped was not due any more when its turn came.
	MessageSkipped MessageState = "Skipped"
	// MessageUnknown was in flight when a worker died.
	MessageUnknown MessageState = "Unknown"
	// MessageResent was unknown, until a person had it sent again.
	MessageResent MessageState = "Resent"
)

// RunOwner is the Outreach that a run belongs to.
type RunOwner struct{ UID, Namespace, Name string }

// Run is a run as the store has it.
type Run struct {
	ID    int64
	Key   string
	Owner RunOwner
	State RunState
	// Reason of the state, where it says more.
	Reason string
	// Plan is what is sent, and how, as whoever froze it gave it; PlanDigest covers it and
	// the recipients.
	Plan, PlanDigest string
	// AtLeastOnce says that what a crash left unknown is sent again.
	AtLeastOnce bool
	// Matched customers, and Recipients who are written to.
	Matched, Recipients int64
	// Dropped counts who is not written to, by reason.
	Dropped map[string]int64
	// FrozenAt, StartedAt and SettledAt are instants in milliseconds; 0 for not yet.
	FrozenAt, StartedAt, SettledAt int64
}

const runColumns = `r.id, r.run_key, r.uid, r.namespace, r.name, r.state, coalesce(r.reason, ''), r.plan, r.plan_digest, r.guarantee,
	r.matched, r.recipients, r.dropped, r.frozen_at, coalesce(r.started_at, 0), coalesce(r.settled_at, 0)`

const atLeastOnce = "AtLeastOnce"

func readRun(t *transaction, condition string, args ...any) (*Run, error) {
	var r Run
	var guarantee, dropped string
	err := t.row(`SELECT `+runColumns+` FROM outreach_run r WHERE `+condition, args...).Scan(&r.ID, &r.Key, &r.Owner.UID, &r.Owner.Namespace, &r.Owner.Name, &r.State, &r.Reason,
		&r.Plan, &r.PlanDigest, &guarantee, &r.Matched, &r.Recipients, &dropped, &r.FrozenAt, &r.StartedAt, &r.SettledAt)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading a run: %w", err)
	}
	r.AtLeastOnce = guarantee == atLeastOnce
	if err := json.Unmarshal([]byte(dropped), &r.Dropped); err != nil {
		return nil, fmt.Errorf("reading who was dropped from a run: %w", err)
	}
	return &r, nil
}

// RunByKey reads the run of a key; nil if there is none.
func (s *Store) RunByKey(ctx context.Context, key string) (run *Run, err error) {
	err = s.read(ctx, func(t *transaction) error {
		run, err = readRun(t, "r.run_key = $1", key)
		return err
	})
	return run, err
}

// AbandonRun ends a run, unless it is over already or belongs to another Outreach by now.
func (s *Store) AbandonRun(ctx context.Context, run Run) error {
	err := s.change(ctx, func(t *transaction) error {
		_, err := t.exec(`UPDATE outreach_run SET state = 'Abandoned', settled_at = $3 WHERE id = $1 AND uid = $2 AND state NOT IN ('Completed', 'Cancelled', 'Abandoned')`, run.ID, run.Owner.UID, t.now)
		return err
	})
	if err != nil {
		return fmt.Errorf("giving up a run: %w", err)
	}
	return nil
}

// AdoptRun gives a run of the Outreach with one UID to that with another. It tells whether the run was
// the first one's.
func (s *Store) AdoptRun(ctx context.Context, run int64, from, to string) (done bool, err error) {
	err = s.change(ctx, func(t *transaction) error {
		changed, err := t.exec(`UPDATE outreach_run SET uid = $3 WHERE id = $1 AND uid = $2`, run, from, to)
		done = changed == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("giving a run to another Outreach: %w", err)
	}
	return done, nil
}

// SetRunState brings a run from one of several states into another, and tells whether it
// was in one of them. A run that is final stays so.
func (s *Store) SetRunState(ctx context.Context, run int64, from []RunState, to RunState, reason string) (done bool, err error) {
	err = s.change(ctx, func(t *transaction) error {
		found, err := readRun(t, "r.id = $1", run)
		if err != nil || found == nil {
			return err
		}
		if !slices.Contains(from, found.State) || found.State.IsFinal() {
			return nil
		}
		// A moment stands once it does.
		started, settled := found.StartedAt, found.SettledAt
		if to == RunSending && started == 0 {
			started = t.now
		}
		if to.IsFinal() {
			settled = t.now
		}
		// Somebody else may have been quicker: what is final must stay so.
		changed, err := t.exec(`UPDATE outreach_run SET state = $2, reason = nullif(CAST($3 AS TEXT), ''), started_at = nullif(CAST($4 AS BIGINT), 0), settled_at = nullif(CAST($5 AS BIGINT), 0) WHERE id = $1 AND state = $6`, run, string(to), reason, started, settled, string(found.State))
		done = changed == 1
		return err
	})
	if err != nil {
		return false, fmt.Errorf("bringing a run to %s: %w", to, err)
	}
	return done, nil
}

// PauseRuns pauses all runs that are sent. Each goes on once it is let go again.
func (s *Store) PauseRuns(ctx context.Context) error {
	err := s.change(ctx, func(t *transaction) error {
		_, err := t.exec(`UPDATE outreach_run SET state = 'Paused', reason = NULL WHERE state = 'Sending'`)
		return err
	})
	if err != nil {
		return fmt.Errorf("pausing all runs: %w", err)
	}
	return nil
}

// MessageCounts counts the messages of a run by state.
type MessageCounts struct {
	Pending, Sent, Failed, Waiting, Skipped, Unknown int64
	// OnHold are those of Pending whose time has not come, such as in quiet hours.
	OnHold int64
	// NextDue is when the next of those that wait or are on hold may be tried, or is over, in
	// milliseconds; 0 if there are none.
	NextDue int64
}

// Claimable tells whether there is something that workers can send now.
func (c MessageCounts) Claimable(now int64) bool {
	return c.Pending > c.OnHold || c.NextDue > 0 && c.NextDue <= now
}

// Settled tells whether every message is final, or unknown.
func (c MessageCounts) Settled() bool { return c.Pending == 0 && c.Waiting == 0 }

// MessagesOf counts the messages of a run, from the counters of its shards.
func (s *Store) MessagesOf(ctx context.Context, run int64) (counts MessageCounts, err error) {
	err = s.read(ctx, func(t *transaction) error {
		counts, err = countMessages(t, run)
		return err
	})
	return counts, err
}

func countMessages(t *transaction, run int64) (counts MessageCounts, err error) {
	var all int64
	// The sum keeps PostgreSQL from looking for the first that is due among those of all shards.
	err = t.row(`SELECT CAST(coalesce(sum(s.end_seq - s.start_seq), 0) AS BIGINT), CAST(coalesce(sum(s.sent), 0) AS BIGINT), CAST(coalesce(sum(s.failed), 0) AS BIGINT),
			CAST(coalesce(sum(s.skipped), 0) AS BIGINT), CAST(coalesce(sum(s.unknown), 0) AS BIGINT), CAST(coalesce(sum(s.waiting), 0) AS BIGINT),
			CAST(coalesce(sum(CASE WHEN s.not_before > CAST($2 AS BIGINT) THEN s.end_seq - s.hi END), 0) AS BIGINT),
			coalesce(min(CASE WHEN s.due < s.not_before THEN s.not_before WHEN s.due > s.not_after THEN s.not_after + 1 ELSE s.due END), 0)
		FROM (SELECT s.*, CASE WHEN s.not_before > CAST($2 AS BIGINT) AND s.hi < s.end_seq THEN s.not_before
				WHEN s.waiting > 0 THEN (SELECT min(q.due + 0) FROM outreach_retry q WHERE q.run_id = s.run_id AND q.seq >= s.start_seq AND q.seq < s.end_seq) END AS due
			FROM outreach_shard s WHERE s.run_id = $1) s`, run, t.now).Scan(&all, &counts.Sent, &counts.Failed, &counts.Skipped, &counts.Unknown, &counts.Waiting, &counts.OnHold, &counts.NextDue)
	if err != nil {
		return counts, fmt.Errorf("counting the messages of a run: %w", err)
	}
	counts.Pending = all - counts.Sent - counts.Failed - counts.Skipped - counts.Unknown - counts.Waiting
	return counts, nil
}

// Rest is what is left to be sent to a time zone.
type Rest struct {
	// TimeZone of its recipients; "" where none is known.
	TimeZone string
	// NotBefore and NotAfter are instants in milliseconds between which it may leave; 0 for whenever.
	NotBefore, NotAfter int64
}

// RestsOf tells of what is left of a run to whom it goes, and when it may.
func (s *Store) RestsOf(ctx context.Context, run int64) (rests []Rest, err error) {
	err = s.read(ctx, func(t *transaction) error {
		return t.query(func(rows *sql.Rows) error {
			var r Rest
			err := rows.Scan(&r.TimeZone, &r.NotBefore, &r.NotAfter)
			rests = append(rests, r)
			return err
		}, `SELECT s.time_zone, s.not_before, coalesce(s.not_after, 0) FROM outreach_shard s WHERE s.run_id = $1 AND (s.hi < s.end_seq OR s.waiting > 0) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, run)
	})
	if err != nil {
		return nil, fmt.Errorf("asking what is left of a run: %w", err)
	}
	return rests, nil
}

// UnsettledRuns are the runs of a namespace's Outreaches that are not final.
func (s *Store) UnsettledRuns(ctx context.Context, namespace string) (runs []Run, err error) {
	err = s.read(ctx, func(t *transaction) error {
		return t.query(func(rows *sql.Rows) error {
			var r Run
			err := rows.Scan(&r.ID, &r.Key, &r.Owner.UID, &r.Owner.Namespace, &r.Owner.Name, &r.State)
			runs = append(runs, r)
			return err
		}, `SELECT r.id, r.run_key, r.uid, r.namespace, r.name, r.state FROM outreach_run r WHERE r.namespace = $1 AND r.state NOT IN ('Completed', 'Cancelled', 'Abandoned') ORDER BY r.id`, namespace)
	})
	if err != nil {
		return nil, fmt.Errorf("listing runs that are not final: %w", err)
	}
	return runs, nil
}

// AbandonRuns ends the runs of an Outreach that is gone: what was not sent is not sent any
// more, and the key stays used.
func (s *Store) AbandonRuns(ctx context.Context, namespace, name string) error {
	err := s.change(ctx, func(t *transaction) error {
		_, err := t.exec(`UPDATE outreach_run SET state = 'Abandoned', settled_at = $3 WHERE namespace = $1 AND name = $2 AND state NOT IN ('Completed', 'Cancelled', 'Abandoned')`, namespace, name, t.now)
		return err
	})
	if err != nil {
		return fmt.Errorf("abandoning the runs of an Outreach: %w", err)
	}
	return nil
}
