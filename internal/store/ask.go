package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strings"
)

// Ask selects values for one customer, in the words and with the joins of a segment's
// predicate, as of today: what the segment would see. Without a profile there are none.
func (s *Store) Ask(ctx context.Context, code string, segment Segment, selected []string) (values []any, err error) {
	t, err := s.begin(ctx, s.dialect.oneState())
	if err != nil {
		return nil, err
	}
	// Temporary tables are all that is written, and go with the transaction.
	defer t.end()
	party, err := findParty(t, code)
	switch {
	case err != nil:
		return nil, err
	case party.erased:
		return nil, &NotFoundError{fmt.Sprintf("whoever had the code %q was erased", code)}
	}
	if party.id, err = root(t, party.id); err != nil {
		return nil, err
	}
	for _, name := range segment.Asks {
		switch other, err := readSegment(t, name); {
		case err != nil:
			return nil, err
		case other == nil:
			return nil, &MissingSegmentError{name}
		}
	}
	e := &evaluation{transaction: t, segment: segment, who: true}
	e.parameters = map[string]any{"today": asOf(t.now).today}
	maps.Copy(e.parameters, segment.Predicate.Parameters)
	if err := e.layOut([]int64{party.id}); err != nil {
		return nil, err
	}
	text, args := newRefresh(t).bind("SELECT "+strings.Join(selected, ", ")+" FROM segment_who w CROSS JOIN customer_profile p "+segment.Predicate.Joins+" WHERE p.customer_id = w.id", e.parameters)
	err = t.query(func(rows *sql.Rows) error {
		values, err = scanAll(rows, len(selected))
		return err
	}, text, args...)
	if err != nil {
		return nil, fmt.Errorf("asking about the customer: %w", err)
	}
	return values, nil
}
