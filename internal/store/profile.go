package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// Advisory locks.
const (
	// refreshLock is for whoever computes profiles.
	refreshLock = writersLock + 2
	// generationLock is for whoever writes them.
	generationLock = writersLock + 3
)

// Marks that are no party's number.
const (
	// everybodyMark: what all profiles depend on changed.
	everybodyMark int64 = -1
	// ratesMark: exchange rates, or the trust in their sources, changed.
	ratesMark int64 = -2
)

// Refreshed is what a refresh did.
type Refreshed struct {
	// Looked is how many parties were computed again, and Changed how many of them
	// came out otherwise than before.
	Looked, Changed int64
	// Generation that what changed bears; 0 if nothing did.
	Generation int64
	// More says that there was more to do than one refresh takes up.
	More bool
}

// Freshness is how far profiles are behind.
type Freshness struct {
	// Waiting is how many parties are marked; one that is marked twice counts twice.
	Waiting int64
	// Due is how many profiles change by now by the passing of time alone.
	Due int64
	// Oldest is when the first of the waiting parties was marked; zero without any.
	// What a refresh marks, such as everybody whose amounts have another rate, counts
	// from that refresh on.
	Oldest time.Time
	// Generation of the last change, and when it was; zero before the first.
	Generation  int64
	RefreshedAt time.Time
}

// Freshness tells how far profiles are behind.
func (s *Store) Freshness(ctx context.Context) (f Freshness, err error) {
	err = s.read(ctx, func(t *transaction) error {
		var oldest, generation, at sql.NullInt64
		// A list of n numbers has n - 1 commas.
		err := t.row(`SELECT coalesce(sum(length(parties) - length(replace(parties, ',', '')) + 1), 0), min(at) FROM change_mark`).Scan(&f.Waiting, &oldest)
		if err != nil {
			return fmt.Errorf("counting marks: %w", err)
		}
		if f.Due, err = t.number(`SELECT count(*) FROM customer_profile WHERE next_change_at <= $1`, asOf(t.now).today); err != nil {
			return fmt.Errorf("counting profiles that time changes: %w", err)
		}
		err = t.row(`SELECT generation, refreshed_at FROM profile_state`).Scan(&generation, &at)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("reading the state of profiles: %w", err)
		}
		f.Generation, f.Oldest, f.RefreshedAt = generation.Int64, instant(oldest), instant(at)
		return nil
	})
	return f, err
}

func instant(millis sql.NullInt64) time.Time {
	if !millis.Valid {
		return time.Time{}
	}
	return time.UnixMilli(millis.Int64).UTC()
}

// Refresh computes the profiles of parties that are marked, or whose figures time
// has changed, and takes away exactly the marks it saw. It is right beside writers,
// other refreshers and crashes: marks are taken in the transaction that computes,
// under a lock, by a statement before those that read facts, so that whoever
// commits later leaves a mark that is still there. Without anything to do it
// writes nothing.
func (s *Store) Refresh(ctx context.Context) (done Refreshed, err error) {
	if idle, err := s.nothingToRefresh(ctx); idle || err != nil {
		return done, err
	}
	t, err := s.begin(ctx, nil)
	if err != nil {
		return done, err
	}
	defer t.end()
	r := newRefresh(t)
	if err := t.dialect.lockRefresh(t); err != nil {
		return done, fmt.Errorf("waiting for another refresh: %w", err)
	}
	parties, err := r.takeMarks()
	if err != nil {
		return done, err
	}
	if err := r.recompute(parties); err != nil {
		return done, err
	}
	if err := t.commit(); err != nil {
		return done, err
	}
	return r.done, nil
}

// nothingToRefresh tells whether nobody is marked and nobody's time has come.
func (s *Store) nothingToRefresh(ctx context.Context) (idle bool, err error) {
	err = s.read(ctx, func(t *transaction) error {
		waiting, err := t.number(`SELECT count(*) FROM (SELECT 1 FROM change_mark LIMIT 1) x`)
		if err != nil {
			return fmt.Errorf("looking for marks: %w", err)
		}
		due, err := t.number(`SELECT count(*) FROM (SELECT 1 FROM customer_profile WHERE next_change_at <= $1 LIMIT 1) x`, asOf(t.now).today)
		if err != nil {
			return fmt.Errorf("looking for profiles that time changes: %w", err)
		}
		idle = waiting == 0 && due == 0
		return nil
	})
	return idle, err
}

// refresh is one computation of profiles, in one transaction.
type refresh struct {
	*transaction
	asOf day
	// first and last of the parties, if they are a run of numbers: then only that part
	// of each index is read. A few parties that happen to stand close together are none:
	// PostgreSQL would take it for few facts of each.
	first, last int64
	// parties that a refresh looks at: their facts changed, or their time has come. A
	// rebuild has none.
	parties []int64
	done    Refreshed
}

func newRefresh(t *transaction) *refresh {
	return &refresh{transaction: t, asOf: asOf(t.now), last: math.MaxInt64}
}

// takeMarks takes marks away and gives the parties that they name, with those
// whose time has come.
func (r *refresh) takeMarks() ([]int64, error) {
	limit := r.dialect.marksAtOnce()
	parties, err := r.readMarks(r.dialect.takeMarks(), limit)
	if err != nil {
		return nil, fmt.Errorf("taking marks: %w", err)
	}
	everybody := slices.Contains(parties, everybodyMark)
	if everybody {
		// All other marks are of everybody too.
		more, err := r.readMarks(`DELETE FROM change_mark RETURNING parties`)
		if err != nil {
			return nil, fmt.Errorf("taking marks: %w", err)
		}
		parties = append(parties, more...)
	}
	if slices.Contains(parties, ratesMark) {
		if err := r.convertAnew(); err != nil {
			return nil, err
		}
	}
	if everybody {
		return nil, r.markEverybody()
	}
	parties = slices.DeleteFunc(parties, func(party int64) bool { return party <= 0 })
	due := len(parties)
	err = r.query(scanInto(&parties), `SELECT customer_id FROM customer_profile WHERE next_change_at <= $1 ORDER BY next_change_at, customer_id LIMIT $2`,
		r.asOf.today, limit*marksAtOnce)
	if err != nil {
		return nil, fmt.Errorf("finding profiles that time changes: %w", err)
	}
	r.done.More = r.done.More || len(parties)-due == limit*marksAtOnce
	return distinctNumbers(parties), nil
}

// readMarks gives the numbers that marks name, each once. That a query gave as
// many marks as it may says that there is more.
func (r *refresh) readMarks(query string, args ...any) ([]int64, error) {
	var parties []int64
	rows := 0
	err := r.query(func(row *sql.Rows) error {
		var text string
		if err := row.Scan(&text); err != nil {
			return err
		}
		rows++
		var list []int64
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return fmt.Errorf("a mark is no list of numbers: %w", err)
		}
		parties = append(parties, list...)
		return nil
	}, query, args...)
	r.done.More = rows == r.dialect.marksAtOnce()
	return distinctNumbers(parties), err
}

// markEverybody marks all parties one by one, so that they are taken up in
// portions; also those who have a profile and were merged since.
func (r *refresh) markEverybody() error {
	var all []int64
	if err := r.query(scanInto(&all), `SELECT id FROM party WHERE merged_into IS NULL UNION SELECT customer_id FROM customer_profile`); err != nil {
		return fmt.Errorf("finding everybody: %w", err)
	}
	r.done.More = true
	return mark(r.transaction, all)
}

// day is the day that profiles are computed for, with the bounds that follow.
type day struct {
	// today is the midnight in UTC that began the day, in milliseconds since 1970.
	today int64
}

// asOf is the day of an instant.
func asOf(millis int64) day { return day{millis - (millis%dayMillis+dayMillis)%dayMillis} }

// year gives the first midnight of a year, counted from the present one.
func (d day) year(from int) int64 {
	return time.Date(time.UnixMilli(d.today).UTC().Year()+from, time.January, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
}

func (d day) before(days int64) int64 { return d.today - days*dayMillis }

// parameters of the statements of a refresh, by the names that they have there.
func (r *refresh) parameters() (map[string]any, error) {
	var currency sql.NullString
	if err := r.row(`SELECT reporting_currency FROM store`).Scan(&currency); err != nil {
		return nil, fmt.Errorf("reading the reporting currency: %w", err)
	}
	return map[string]any{
		"first": r.first, "last": r.last,
		"today": r.asOf.today, "currency": currency,
		"window": r.asOf.before(customer.WindowDays), "month": r.asOf.before(customer.MonthDays),
		"year": r.asOf.before(customer.YearDays), "yearBefore": r.asOf.before(2 * customer.YearDays),
		"nextYear": r.asOf.year(1), "year0": r.asOf.year(0), "year1": r.asOf.year(-1), "year2": r.asOf.year(-2), "year3": r.asOf.year(-3),
		"recommendation": customer.DimensionOfRecommendation,
	}, nil
}
