package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Ask selects values for one customer, in the words and with the joins of a segment's
// predicate, as of today: what the segment would see. Without a profile there are none.
func (s *Store) Ask(ctx context.Context, code string, segment Segment, selected []string) (values []any, err error) {
	err = s.asking(ctx, code, segment, func(e *evaluation, customer int64) error {
		e.who = true
		if err := e.layOut([]int64{customer}); err != nil {
			return err
		}
		values, err = e.ask("SELECT "+strings.Join(selected, ", ")+" FROM segment_who w CROSS JOIN customer_profile p "+segment.Predicate.Joins+" WHERE p.customer_id = w.id", len(selected))
		return err
	})
	return values, err
}

// AskClass selects the class of one customer as the segment would place it today, and
// values over its row of what members are placed by. There are none if the customer
// does not belong.
func (s *Store) AskClass(ctx context.Context, code string, segment Segment, selected []string) (class string, values []any, err error) {
	err = s.asking(ctx, code, segment, func(e *evaluation, customer int64) error {
		var who []int64
		if e.who = !segment.ranked(); e.who {
			who = []int64{customer}
		}
		if err := e.layOut(who); err != nil {
			return err
		}
		if err := e.layOutRanks(); err != nil {
			return err
		}
		e.parameters["who"] = customer
		text := "SELECT " + strings.Join(append([]string{segment.class()}, selected...), ", ") + " FROM " + e.placed() + " WHERE x.customer_id = @who"
		values, err = e.ask(text, 1+len(selected))
		if err != nil || values == nil {
			return err
		}
		class, values = fmt.Sprint(values[0]), values[1:]
		return nil
	})
	return class, values, err
}

// asking finds a customer, and begins to ask about it.
func (s *Store) asking(ctx context.Context, code string, segment Segment, ask func(*evaluation, int64) error) error {
	t, err := s.begin(ctx, s.dialect.oneState())
	if err != nil {
		return err
	}
	// Temporary tables are all that is written, and go with the transaction.
	defer t.end()
	party, err := standingParty(t, code)
	if err != nil {
		return err
	}
	for _, name := range segment.Asks {
		switch other, err := readSegment(t, name); {
		case err != nil:
			return err
		case other == nil:
			return &MissingSegmentError{name}
		}
	}
	e := &evaluation{transaction: t, segment: segment, parameters: parametersOf(t, segment)}
	return ask(e, party)
}

// ask asks for one row of so many values.
func (e *evaluation) ask(statement string, width int) (values []any, err error) {
	text, args := newRefresh(e.transaction).bind(statement, e.parameters)
	err = e.query(func(rows *sql.Rows) error {
		values, err = scanAll(rows, width)
		return err
	}, text, args...)
	if err != nil {
		return nil, fmt.Errorf("asking about the customer: %w", err)
	}
	return values, nil
}
