package measure

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// Week of ISO 8601: it begins on a Monday, and the first one of a year is the one with its
// first Thursday, so that a year has 52 or 53.
type Week struct {
	// begins is the first moment of its Monday, in the zone in which the week is meant.
	begins time.Time
}

// WeekOf is the week of a moment, in the moment's zone.
func WeekOf(moment time.Time) Week {
	year, month, day := moment.Date()
	// Of Go's weekdays Sunday is the first, and here the last.
	return Week{begins(year, month, day-(int(moment.Weekday())+6)%7, moment.Location())}
}

// begins is the first moment of a day, which is an hour after midnight where clocks go
// forward at midnight.
func begins(year int, month time.Month, day int, zone *time.Location) time.Time {
	at := time.Date(year, month, day, 0, 0, 0, 0, zone)
	if want := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Day(); at.Day() != want {
		at = at.Add(time.Hour)
	}
	return at
}

var weekText = regexp.MustCompile(`^(\d{4})-W(\d{2})$`)

// ParseWeek reads a week such as 2026-W29, in a zone.
func ParseWeek(text string, zone *time.Location) (Week, error) {
	parts := weekText.FindStringSubmatch(text)
	if parts == nil {
		return Week{}, errors.New("want a week of ISO 8601, such as 2026-W29")
	}
	year, _ := strconv.Atoi(parts[1])
	number, _ := strconv.Atoi(parts[2])
	if last := weeksOf(year); number < 1 || number > last {
		return Week{}, fmt.Errorf("the year %d has the weeks W01 to W%d", year, last)
	}
	// 4 January is always in the first week.
	return WeekOf(begins(year, time.January, 4, zone)).Plus(number - 1), nil
}

// weeksOf is how many weeks a year has. 28 December is always in the last.
func weeksOf(year int) int {
	_, last := time.Date(year, time.December, 28, 0, 0, 0, 0, time.UTC).ISOWeek()
	return last
}

// String is the week as ISO 8601 writes it.
func (w Week) String() string {
	year, number := w.begins.ISOWeek()
	return fmt.Sprintf("%04d-W%02d", year, number)
}

// Begins is the first moment of the week.
func (w Week) Begins() time.Time { return w.begins }

// Ends is the first moment after the week: 167 or 169 hours later where clocks change.
func (w Week) Ends() time.Time { return w.Plus(1).begins }

// Plus is the week so many weeks later.
func (w Week) Plus(weeks int) Week {
	year, month, day := w.begins.Date()
	return Week{begins(year, month, day+7*weeks, w.begins.Location())}
}

// since is how many weeks later than another a week is.
func (w Week) since(other Week) int {
	midnight := func(w Week) time.Time { return dayOf(w.begins) }
	return int(midnight(w).Sub(midnight(other)).Hours() / (7 * 24))
}

// dayOf is the day of a moment in its zone, as the store has days: its midnight in UTC.
func dayOf(moment time.Time) time.Time {
	year, month, day := moment.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Columns of a weekly report.
const (
	// ThisWeek is the week that is asked for.
	ThisWeek = iota
	// WeekBefore is the one before it.
	WeekBefore
	// LastCycle is the week at the same distance from the opening of the previous edition:
	// earlier by the whole weeks between both openings.
	LastCycle
	// SoFar is everything about this edition until the end of the week.
	SoFar
	// LastCycleSoFar is everything about the previous edition until the end of LastCycle.
	LastCycleSoFar
	columns
)

// Weekly is what happened about an edition in a week (map row K3), beside the week before
// and the same week of the last cycle.
type Weekly struct {
	Week Week
	// Until is when it was measured up to: the end of the week, or now if that is earlier.
	Until time.Time
	// Opens is the week in which the edition opens; PreviousOpens the week of the last cycle
	// that it is laid beside, zero if the store knows no previous edition with dates.
	Opens, PreviousOpens Week
	// Previous edition; "" for none.
	Previous string
	// Figures by column; nil where there is nothing to look at.
	Figures [columns]*Figures
	// Contracts that stood, by week, of this edition and of the whole previous one.
	Contracts, LastContracts []Point
	// Undated counts bookings of lists that say no day: they are in no week. Unconverted are
	// prices and invoices in a currency without a rate: they are in no sum. Both are of
	// this edition and the previous one.
	Undated, Unconverted int64
}

// Shift is by how many weeks the last cycle was earlier, and whether there was one.
func (w *Weekly) Shift() (weeks int, present bool) {
	if w.PreviousOpens.begins.IsZero() {
		return 0, false
	}
	return w.Opens.since(w.PreviousOpens), true
}

// At is the week that a column is about, or that it ends with.
func (w *Weekly) At(column int) Week {
	return w.Week.Plus(-w.back(column))
}

// UntilOf is when a column ends.
func (w *Weekly) UntilOf(column int) time.Time { return w.Until.AddDate(0, 0, -7*w.back(column)) }

// back is by how many weeks a column is earlier.
func (w *Weekly) back(column int) int {
	shift, _ := w.Shift()
	return [columns]int{WeekBefore: 1, LastCycle: shift, LastCycleSoFar: shift}[column]
}

// OfWeek measures a week of an edition that opens on a day, as of now; nil if the store does
// not know the edition.
func OfWeek(ctx context.Context, s *store.Store, span store.EditionSpan, opens time.Time, week Week, now time.Time) (*Weekly, error) {
	w := &Weekly{Week: week, Until: week.Ends(), Opens: WeekOf(opens), Previous: span.Previous}
	if now.Before(w.Until) {
		w.Until = now.In(week.begins.Location())
	}
	known, err := s.LayOutEdition(ctx, span, func(laid *store.LaidEdition) error {
		if err := w.findLastCycle(laid, opens); err != nil {
			return err
		}
		spans, column := w.spans()
		if err := laid.LayOutSpans(spans); err != nil {
			return err
		}
		return w.measure(laid, column)
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("measuring the week %s of %s %s: %w", week, span.Series, span.Edition, err)
	case !known:
		return nil, nil
	}
	return w, nil
}

// findLastCycle finds the week of the last cycle that is as far from its opening as the
// opening's is here: earlier by the weeks between both days, rounded to whole ones, since
// an edition may open on a Sunday and the next on a Monday.
func (w *Weekly) findLastCycle(laid *store.LaidEdition, opens time.Time) error {
	return laid.Rows(func(rows *sql.Rows) error {
		var before int64
		err := rows.Scan(&before)
		days := dayOf(opens).Sub(time.UnixMilli(before)).Hours() / 24
		w.PreviousOpens = w.Opens.Plus(-int(math.Round(days / 7)))
		return err
	}, `SELECT e.opens FROM measure_edition e WHERE e.place = 1 AND e.opens IS NOT NULL`)
}

// longAgo is before anything that a store knows.
const longAgo = -1 << 53

// spans are the columns that there is something to look at for, and which each is. Where
// the week is not over, the others are cut short alike.
func (w *Weekly) spans() (spans []store.Span, column []int) {
	_, cycle := w.Shift()
	for at := range columns {
		last := at == LastCycle || at == LastCycleSoFar
		if last && !cycle {
			continue
		}
		until := w.UntilOf(at)
		span := store.Span{Until: until.UnixMilli(), UntilDay: dayOf(until.Add(-time.Millisecond)).AddDate(0, 0, 1).UnixMilli()}
		span.From, span.FromDay = w.At(at).begins.UnixMilli(), dayOf(w.At(at).begins).UnixMilli()
		if at == SoFar || at == LastCycleSoFar {
			span.From, span.FromDay = longAgo, longAgo
		}
		if last {
			span.Place = 1
		}
		spans, column = append(spans, span), append(column, at)
	}
	return spans, column
}

// WeeksToOpening is how many weeks are left from the week to that of the opening.
func (w *Weekly) WeeksToOpening() int { return w.Opens.since(w.Week) }
