package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// RuleSummary is what a store has of a rule, by the prefix of its keys.
type RuleSummary struct {
	// Outreaches are its runs; Sent, Failed, Skipped and Unknown count their messages.
	Outreaches, Sent, Failed, Skipped, Unknown int64
	// Dropped counts who was not written to, by reason, over all runs.
	Dropped map[string]int64
	// LastDue is when the last of its runs was due, and LastName the Outreach of it; 0 and ""
	// for none.
	LastDue  int64
	LastName string
	Counted  MissedCount
}

// MissedCount is what is remembered of the missed occurrences of a rule: how many, and up to when
// they are counted. Until is zero where nothing was counted yet.
type MissedCount struct {
	Until  time.Time
	Missed int64
}

// SummarizeRule sums up the runs of a rule.
func (s *Store) SummarizeRule(ctx context.Context, rule string) (summary RuleSummary, err error) {
	summary.Dropped = map[string]int64{}
	err = s.read(ctx, func(t *transaction) error {
		err := t.query(func(rows *sql.Rows) error {
			var dropped, name string
			var due int64
			if err := rows.Scan(&name, &due, &dropped); err != nil {
				return err
			}
			var counts map[string]int64
			if err := json.Unmarshal([]byte(dropped), &counts); err != nil {
				return fmt.Errorf("reading who was dropped from a run: %w", err)
			}
			for reason, count := range counts {
				summary.Dropped[reason] += count
			}
			summary.Outreaches++
			summary.LastDue, summary.LastName = due, name
			return nil
		}, `SELECT r.name, coalesce(r.due_at, r.frozen_at), r.dropped FROM outreach_run r WHERE r.rule = $1 ORDER BY coalesce(r.due_at, r.frozen_at), r.id`, rule)
		if err != nil {
			return err
		}
		err = t.row(`SELECT coalesce(sum(s.sent), 0), coalesce(sum(s.failed), 0), coalesce(sum(s.skipped), 0), coalesce(sum(s.unknown), 0)
			FROM outreach_run r JOIN outreach_shard s ON s.run_id = r.id WHERE r.rule = $1`, rule).Scan(&summary.Sent, &summary.Failed, &summary.Skipped, &summary.Unknown)
		if err != nil {
			return err
		}
		var until sql.NullInt64
		err = t.row(`SELECT c.missed, c.counted_until FROM campaign_rule c WHERE c.rule = $1`, rule).Scan(&summary.Counted.Missed, &until)
		if until.Valid {
			summary.Counted.Until = time.UnixMilli(until.Int64).UTC()
		}
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return summary, fmt.Errorf("summing up the rule %s: %w", rule, err)
	}
	return summary, nil
}

// KnownRuns tells which of several keys are used: those that have a run, and those that were
// cancelled before they had one.
func (s *Store) KnownRuns(ctx context.Context, keys []string) (known map[string]bool, err error) {
	known = map[string]bool{}
	err = s.read(ctx, func(t *transaction) error {
		for _, key := range keys {
			var count int64
			err := t.row(`SELECT (SELECT count(*) FROM outreach_run r WHERE r.run_key = $1) + (SELECT count(*) FROM outreach_cancelled c WHERE c.run_key = $1)`, key).Scan(&count)
			if err != nil {
				return err
			}
			if count > 0 {
				known[key] = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("asking which runs there are: %w", err)
	}
	return known, nil
}

// CancelKey remembers that the run of a key is cancelled that has none yet, so that the occurrence
// of a rule is not due again.
func (s *Store) CancelKey(ctx context.Context, key string) error {
	err := s.change(ctx, func(t *transaction) error {
		_, err := t.exec(`INSERT INTO outreach_cancelled (run_key, at) VALUES ($1, $2) ON CONFLICT (run_key) DO NOTHING`, key, t.now)
		return err
	})
	if err != nil {
		return fmt.Errorf("remembering that the run %s is cancelled: %w", key, err)
	}
	return nil
}

// RememberMissed remembers a count in the place of another one. Who remembers in the place of what
// was forgotten meanwhile changes nothing.
func (s *Store) RememberMissed(ctx context.Context, rule string, was, is MissedCount) error {
	millis := func(at time.Time) sql.NullInt64 { return sql.NullInt64{Int64: at.UnixMilli(), Valid: !at.IsZero()} }
	err := s.change(ctx, func(t *transaction) error {
		_, err := t.exec(`INSERT INTO campaign_rule AS c (rule, counted_until, missed) VALUES ($1, $2, $3)
			ON CONFLICT (rule) DO UPDATE SET counted_until = excluded.counted_until, missed = excluded.missed WHERE c.counted_until IS NOT DISTINCT FROM CAST($4 AS BIGINT) AND c.missed = $5`,
			rule, millis(is.Until), is.Missed, millis(was.Until), was.Missed)
		return err
	})
	if err != nil {
		return fmt.Errorf("remembering what the rule %s missed: %w", rule, err)
	}
	return nil
}

// Collected is what triggers a rule: the kinds of crm.TriggerFact, or a transition of a segment.
type Collected struct {
	// Kind is a trigger's fact, SegmentEntered or SegmentLeft.
	Kind string
	// Segment whose transitions are collected; "" for facts.
	Segment string
	// Since counts from the creation of the rule: what happened before triggers nothing.
	Since time.Time
}

// Kinds of Collected beside facts.
const (
	CollectedEntered = "SegmentEntered"
	CollectedLeft    = "SegmentLeft"
)

// UncollectedError says that a store collects nothing of a kind.
type UncollectedError struct{ Kind string }

func (e *UncollectedError) Error() string { return "nothing is recorded of the kind " + e.Kind }

// longAgo is for how long something may have happened before it is recorded, and still triggers.
const longAgo = 30 * 24 * time.Hour

// collectedFrom is a SELECT of ref, customer_id of what triggers and has not been taken.
// Parameters: the rule, the kind, since when, and the segment where it is of one.
func collectedFrom(what Collected) (text string, err error) {
	source := map[string]string{
		CollectedEntered:    `segment_transition f WHERE f.segment = $4 AND f.from_class IS NULL AND f.at >= $3`,
		CollectedLeft:       `segment_transition f WHERE f.segment = $4 AND f.to_class IS NULL AND f.at >= $3`,
		"ComplaintOpened":   `complaint f WHERE f.withdrawn_at IS NULL AND f.opened >= $3`,
		"ComplaintResolved": `complaint f WHERE f.withdrawn_at IS NULL AND f.resolved >= $3`,
		"FeedbackReceived":  `feedback f WHERE f.withdrawn_at IS NULL AND f.at >= $3`,
		"BookingCancelled":  `(SELECT b.id, k.customer_id, b.at FROM booking_status b JOIN booking k ON k.id = b.booking_id WHERE b.status = 'Cancelled' AND b.withdrawn_at IS NULL AND k.withdrawn_at IS NULL) f WHERE f.at >= $3`,
		// Tiers are segments whose names begin so; what is between is all of them.
		"TierChanged": `segment_transition f WHERE f.segment > '` + tiersPrefix + `' AND f.segment < 'loyalty0' AND f.from_class IS NOT NULL AND f.to_class IS NOT NULL AND f.at >= $3`,
	}[what.Kind]
	if source == "" {
		return "", &UncollectedError{what.Kind}
	}
	return `SELECT f.id AS ref, f.customer_id FROM ` + source + ` AND NOT EXISTS (SELECT 1 FROM campaign_taken y WHERE y.rule = $1 AND y.kind = $2 AND y.ref = f.id)`, nil
}

func (c Collected) args(rule string, now int64) []any {
	args := []any{rule, c.Kind, max(c.Since.UnixMilli(), now-longAgo.Milliseconds())}
	if c.Segment != "" {
		args = append(args, c.Segment)
	}
	return args
}

// Collect tells since when what triggers a rule is collected for its next run; zero where there
// is nothing. It begins with what is found first.
func (s *Store) Collect(ctx context.Context, rule string, what Collected) (since time.Time, err error) {
	from, err := collectedFrom(what)
	if err != nil {
		return since, err
	}
	var at, found int64
	err = s.read(ctx, func(t *transaction) error {
		err := t.row(`SELECT coalesce(max(c.collecting_since), 0) FROM campaign_rule c WHERE c.rule = $1`, rule).Scan(&at)
		if err != nil || at != 0 {
			return err
		}
		return t.row(`SELECT count(*) FROM (`+from+` LIMIT 1) f`, what.args(rule, t.now)...).Scan(&found)
	})
	if err == nil && found > 0 {
		err = s.change(ctx, func(t *transaction) error {
			// Whole seconds: they name the occurrence.
			at = t.now / 1000 * 1000
			return t.row(`INSERT INTO campaign_rule AS c (rule, collecting_since) VALUES ($1, $2)
				ON CONFLICT (rule) DO UPDATE SET collecting_since = coalesce(c.collecting_since, excluded.collecting_since) RETURNING collecting_since`, rule, at).Scan(&at)
		})
	}
	if err != nil {
		return since, fmt.Errorf("collecting what triggers the rule %s: %w", rule, err)
	}
	if at != 0 {
		since = time.UnixMilli(at).UTC()
	}
	return since, nil
}

// Take has an occurrence of a rule be about all that was collected and not taken. Who takes for
// the same occurrence once more takes nothing.
func (s *Store) Take(ctx context.Context, rule, occurrence string, what Collected) error {
	from, err := collectedFrom(what)
	if err != nil {
		return err
	}
	err = s.change(ctx, func(t *transaction) error {
		args := what.args(rule, t.now)
		args = append(args, occurrence)
		place := fmt.Sprintf("$%d", len(args))
		_, err := t.exec(`INSERT INTO campaign_taken (rule, kind, ref, occurrence, customer_id)
			SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), f.ref, CAST(`+place+` AS TEXT), f.customer_id FROM (`+from+`) f
			WHERE NOT EXISTS (SELECT 1 FROM campaign_taken y WHERE y.rule = $1 AND y.occurrence = `+place+`)`, args...)
		return err
	})
	if err != nil {
		return fmt.Errorf("taking what triggers the rule %s: %w", rule, err)
	}
	return nil
}

// Taken ends the collecting that began at an instant: an occurrence has it, or missed it.
func (s *Store) Taken(ctx context.Context, rule string, since time.Time) error {
	err := s.change(ctx, func(t *transaction) error {
		_, err := t.exec(`UPDATE campaign_rule SET collecting_since = NULL WHERE rule = $1 AND collecting_since = $2`, rule, since.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("ending what the rule %s collected: %w", rule, err)
	}
	return nil
}
