package measure

import (
	"database/sql"

	"github.com/fairlead/fairlead/internal/store"
)

// Complaints about an edition (map rows B13, J2, J3).
type Complaints struct {
	Total, Open int64
	// Late are open and due before now.
	Late int64
	// Answered and Resolved in time, of those that had a time and were due by now, or
	// answered or resolved before.
	Answered, Resolved Ratio
	// Causes, the most frequent first; "" where none is known yet.
	Causes []Cause
	// Outcomes by name: "" where it is open.
	Outcomes []Outcome
}

// Cause counts the complaints of one cause.
type Cause struct {
	Name       string
	Complaints int64
}

// Outcome counts the customers whose complaint ended so, and those of them who are
// contracted for the next edition (map row J3: after a full resolution 92 % come again).
type Outcome struct {
	Name     string
	Rebooked Ratio
}

// silentForEach complaint are customers who are dissatisfied and say nothing (map row J2,
// which has 27 dissatisfied of whom 26 do not complain). It is an upper hint, to be shown
// beside the gap.
const silentForEach = 26

// Silent is how many more may be dissatisfied without a word.
func (c Complaints) Silent() int64 { return c.Total * silentForEach }

func (e *Edition) complaints(laid *store.LaidEdition) error {
	c := &e.Complaints
	err := laid.Rows(func(rows *sql.Rows) error {
		return rows.Scan(&c.Total, &c.Open, &c.Late, &c.Answered.Part, &c.Answered.Whole, &c.Resolved.Part, &c.Resolved.Whole)
	}, `SELECT count(*), count(CASE WHEN f.resolved IS NULL THEN 1 END), count(CASE WHEN f.resolved IS NULL AND f.due < @now THEN 1 END),
			count(CASE WHEN f.first_answer <= f.due THEN 1 END), count(CASE WHEN f.due < @now OR f.first_answer <= f.due THEN 1 END),
			count(CASE WHEN f.resolved <= f.due THEN 1 END), count(CASE WHEN f.due < @now OR f.resolved <= f.due THEN 1 END)
		FROM complaint f WHERE f.edition_id = @id AND f.withdrawn_at IS NULL`)
	if err != nil {
		return err
	}
	err = laid.Rows(func(rows *sql.Rows) error {
		var cause Cause
		err := rows.Scan(&cause.Name, &cause.Complaints)
		c.Causes = append(c.Causes, cause)
		return err
	}, `SELECT coalesce(f.cause, ''), count(*) FROM complaint f WHERE f.edition_id = @id AND f.withdrawn_at IS NULL GROUP BY 1 ORDER BY 2 DESC, 1`)
	if err != nil {
		return err
	}
	return laid.Rows(func(rows *sql.Rows) error {
		var outcome Outcome
		err := rows.Scan(&outcome.Name, &outcome.Rebooked.Part, &outcome.Rebooked.Whole)
		c.Outcomes = append(c.Outcomes, outcome)
		return err
	}, `SELECT c.outcome, count(r.customer_id), count(*)
		FROM (SELECT DISTINCT coalesce(f.outcome, '') AS outcome, f.customer_id FROM complaint f WHERE f.edition_id = @id AND f.withdrawn_at IS NULL) c
		LEFT JOIN (SELECT r.customer_id FROM measure_role r GROUP BY r.customer_id HAVING max(r.rebooked) = 1) r ON r.customer_id = c.customer_id
		GROUP BY c.outcome ORDER BY c.outcome`)
}

func (e *Edition) referrals(laid *store.LaidEdition) error {
	return laid.Rows(func(rows *sql.Rows) error { return rows.Scan(&e.Referrals.Part, &e.Referrals.Whole) },
		`SELECT count(r.customer_id), count(*)
		FROM (SELECT DISTINCT f.referred_id FROM referral f WHERE f.edition_id = @id AND f.withdrawn_at IS NULL) f
		LEFT JOIN (SELECT r.customer_id FROM measure_role r GROUP BY r.customer_id HAVING max(r.contracted) = 1) r ON r.customer_id = f.referred_id`)
}
