package store

import (
	"database/sql"
	"fmt"
)

// readPoints reads how far the points are that the segment asks for. Of who ceased to be a member
// there is nothing left to say it; that is a transition of the tiers.
func (e *evaluation) readPoints() error {
	if len(e.segment.Predicate.Points) == 0 {
		return nil
	}
	condition, names := among(e.transaction, "name", 1, e.segment.Predicate.Points)
	last, err := e.number(`SELECT coalesce(max(changed), 0) FROM loyalty_program WHERE `+condition, names)
	if err != nil {
		return fmt.Errorf("reading how far points are: %w", err)
	}
	e.now.points = max(e.now.points, last)
	return nil
}

// withPoints adds whose points changed.
func (e *evaluation) withPoints(moved []int64) ([]int64, error) {
	if e.now.points == e.before.points {
		return moved, nil
	}
	condition, names := among(e.transaction, "g.name", 1, e.segment.Predicate.Points)
	err := e.query(scanInto(&moved), `SELECT m.customer_id FROM loyalty_program g JOIN loyalty_member m ON m.program_id = g.id WHERE `+condition+` AND m.changed > $2 AND m.changed <= $3`,
		names, e.before.points, e.now.points)
	if err != nil {
		return nil, fmt.Errorf("reading whose points changed: %w", err)
	}
	return moved, nil
}

// layOutTiers lays out from how many points on there are tiers, in the programs whose points the
// predicate asks for.
func (e *evaluation) layOutTiers() error {
	condition, names := among(e.transaction, "name", 1, e.segment.Predicate.Points)
	tiers := &rowBuffer{width: 2}
	err := e.query(func(rows *sql.Rows) error {
		var program int64
		var text string
		if err := rows.Scan(&program, &text); err != nil {
			return err
		}
		terms, err := termsOf(text)
		for _, tier := range terms.Tiers {
			tiers.add(numberCell(program), numberCell(tier.From))
		}
		return err
	}, `SELECT id, terms FROM loyalty_program WHERE `+condition, names)
	if err != nil {
		return fmt.Errorf("reading the tiers of loyalty programs: %w", err)
	}
	if _, err := e.exec(`CREATE TEMP TABLE segment_tier (program_id BIGINT NOT NULL, from_points BIGINT NOT NULL)` + e.dialect.onCommitDrop()); err != nil {
		return fmt.Errorf("preparing tiers: %w", err)
	}
	return e.insert("segment_tier", []string{"program_id", "from_points"}, tiers)
}
