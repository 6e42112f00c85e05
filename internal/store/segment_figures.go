package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ClassFigures sum up the members of a segment in one class.
type ClassFigures struct {
	// Class, "" where the segment is not split.
	Class   string
	Members int64
	// Revenue is theirs after discount, in minor units of the reporting currency.
	Revenue int64
}

// MissingFigure is how many members of the class Unknown have no value on an axis.
type MissingFigure struct {
	Axis    string
	Members int64
}

// SegmentFigures sum up a segment.
type SegmentFigures struct {
	// Classes by their names.
	Classes []ClassFigures
	// TopFifthRevenue is the part of the revenue that the fifth of the members brings
	// who bring most, rounded up to a whole member.
	TopFifthRevenue int64
	// Missing is why members are Unknown, in the order of the axes. One may lack several.
	Missing []MissingFigure
}

// Totals are those of all members.
func (f SegmentFigures) Totals() (members, revenue int64) {
	for _, class := range f.Classes {
		members, revenue = members+class.Members, revenue+class.Revenue
	}
	return members, revenue
}

// memberRevenue is the revenue after discount of a row p of customer_profile.
const memberRevenue = "coalesce(p.revenue - coalesce(p.discount, 0), 0)"

// SegmentFigures sum up the members of a segment as they were evaluated last.
func (s *Store) SegmentFigures(ctx context.Context, segment Segment) (figures SegmentFigures, err error) {
	err = s.read(ctx, func(t *transaction) error {
		parameters := parametersOf(t, segment)
		if err := figures.sumUpClasses(t, segment, parameters); err != nil {
			return err
		}
		members, _ := figures.Totals()
		parameters["fifth"] = (members + 4) / 5
		text, args := newRefresh(t).bind(`SELECT coalesce(total(g.revenue), 0) FROM (
			SELECT `+memberRevenue+` AS revenue FROM segment_member m JOIN customer_profile p ON p.customer_id = m.customer_id
			WHERE m.segment = @segment ORDER BY 1 DESC LIMIT @fifth) g`, parameters)
		figures.TopFifthRevenue, err = t.number(text, args...)
		return err
	})
	if err != nil {
		return SegmentFigures{}, fmt.Errorf("summing up segment %s: %w", segment.Name, err)
	}
	return figures, nil
}

func (f *SegmentFigures) sumUpClasses(t *transaction, segment Segment, parameters map[string]any) error {
	var missing []string
	joins := ""
	if c := segment.Classes; c != nil {
		for _, axis := range c.Axes {
			f.Missing = append(f.Missing, MissingFigure{Axis: axis.Name})
			if c.Windowed != nil {
				// Whoever is Unknown lacks the one there is.
				missing = append(missing, ", count(*)")
			} else {
				missing = append(missing, ", count(CASE WHEN ("+axis.Value+") IS NULL THEN 1 END)")
			}
		}
		joins = c.Joins
	}
	text, args := newRefresh(t).bind("SELECT m.class, count(*), total("+memberRevenue+")"+strings.Join(missing, "")+`
		FROM segment_member m LEFT JOIN customer_profile p ON p.customer_id = m.customer_id `+joins+` WHERE m.segment = @segment GROUP BY m.class ORDER BY m.class`, parameters)
	return t.query(func(rows *sql.Rows) error {
		class := ClassFigures{}
		into := []any{&class.Class, &class.Members, &class.Revenue}
		absent := make([]int64, len(f.Missing))
		for i := range absent {
			into = append(into, &absent[i])
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if class.Class == UnknownClass {
			for i := range absent {
				f.Missing[i].Members = absent[i]
			}
		}
		f.Classes = append(f.Classes, class)
		return nil
	}, text, args...)
}

// ClassMove is how many customers moved from one class of a segment to another.
type ClassMove struct {
	// From and To; nil for who was no member, or is none any more. "" is the class of a
	// segment that is not split.
	From, To *string
	Members  int64
}

// SegmentMoves tells who is in another class of a segment now than at an instant, or
// entered or left it since. Nothing is known of before the last baseline.
func (s *Store) SegmentMoves(ctx context.Context, name string, since time.Time) (moves []ClassMove, err error) {
	err = s.read(ctx, func(t *transaction) error {
		state, err := readSegment(t, name)
		if err != nil || state == nil {
			return err
		}
		return t.query(func(rows *sql.Rows) error {
			var move ClassMove
			err := rows.Scan(&move.From, &move.To, &move.Members)
			moves = append(moves, move)
			return err
		}, `SELECT f.from_class, l.to_class, count(*)
			FROM (SELECT g.customer_id, min(g.id) AS first, max(g.id) AS last FROM segment_transition g WHERE g.segment = $1 AND g.at >= $2 AND g.id > $3 GROUP BY g.customer_id) g
			JOIN segment_transition f ON f.id = g.first JOIN segment_transition l ON l.id = g.last
			WHERE f.from_class IS DISTINCT FROM l.to_class GROUP BY f.from_class, l.to_class ORDER BY f.from_class NULLS FIRST, l.to_class NULLS FIRST`,
			name, since.UnixMilli(), state.baselineTransition)
	})
	if err != nil {
		return nil, fmt.Errorf("counting who moved in segment %s: %w", name, err)
	}
	return moves, nil
}

// ClosedEdition is an edition that has closed.
type ClosedEdition struct {
	Series, Edition string
	// Closed is the midnight in UTC after its last day.
	Closed time.Time
}

// LastEdition is the edition that closed last, of a series or, with "", of any; nil if
// none has closed.
func (s *Store) LastEdition(ctx context.Context, series string) (last *ClosedEdition, err error) {
	err = s.read(ctx, func(t *transaction) error {
		var found ClosedEdition
		var closes int64
		err := t.row(`SELECT e.series, e.edition, e.closes FROM (
				SELECT e.series, e.edition, coalesce(d.closes, e.closes, e.opens) AS closes
				FROM edition e LEFT JOIN edition_declaration d ON d.edition_id = e.id WHERE NOT e.cancelled
			) e WHERE e.closes < $1 AND ($2 = '' OR e.series = $2) ORDER BY e.closes DESC, e.series, e.edition LIMIT 1`,
			asOf(t.now).today, series).Scan(&found.Series, &found.Edition, &closes)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		found.Closed = time.UnixMilli(closes + dayMillis).UTC()
		last = &found
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("finding the last edition: %w", err)
	}
	return last, nil
}
