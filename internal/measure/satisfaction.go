package measure

import (
	"database/sql"

	"github.com/fairlead/fairlead/internal/store"
)

// Satisfaction with an edition, by what customers answered about it.
type Satisfaction struct {
	// Responses counts who answered anything: persons, and customers of whom no person is
	// recorded.
	Responses int64
	// Recommendation is by the last answer of each of them.
	Recommendation Recommendation
	// Satisfied are customers whose results met their expectations, as a mean over the
	// questions that they answered both for, of all who did (map row E1).
	Satisfied Ratio
	// Gap is the mean of perceived - expected.
	Gap Mean
	// Dimensions, Questions and Vendors, the worst gap first.
	Dimensions, Questions, Vendors []Gap
}

// Mean of values in hundredths.
type Mean struct{ Sum, Count int64 }

// Value of the mean, and whether there is one.
func (m Mean) Value() (value float64, present bool) {
	if m.Count == 0 {
		return 0, false
	}
	return float64(m.Sum) / float64(m.Count) / 100, true
}

// Gap is the satisfaction gap of a dimension, a question or a vendor (map row E1): the mean
// of perceived - expected over customers who answered both.
type Gap struct {
	// Name of it; of a vendor its code.
	Name string
	// Customers who answered both.
	Customers int64
	Mean      Mean
}

func (e *Edition) satisfaction(laid *store.LaidEdition) error {
	s := &e.Satisfaction
	one := func(statement string, into ...any) error {
		return laid.Rows(func(rows *sql.Rows) error { return rows.Scan(into...) }, statement)
	}
	if err := one(`SELECT count(*) FROM (SELECT DISTINCT f.customer_id, f.person_id FROM feedback f WHERE f.edition_id = @id AND f.withdrawn_at IS NULL) a`, &s.Responses); err != nil {
		return err
	}
	r := &s.Recommendation
	if err := one(`SELECT count(*), count(CASE WHEN a.score >= 900 THEN 1 END), count(CASE WHEN a.score < 700 THEN 1 END) FROM (
			SELECT f.score, row_number() OVER (PARTITION BY f.customer_id, f.person_id ORDER BY f.at DESC, f.id DESC) AS back
			FROM feedback f WHERE f.edition_id = @id AND f.withdrawn_at IS NULL AND f.dimension = @recommendation AND f.score BETWEEN 0 AND 1000
		) a WHERE a.back = 1`, &r.Answers, &r.Promoters, &r.Detractors); err != nil {
		return err
	}
	if err := one(`SELECT count(*), count(CASE WHEN c.gap >= 0 THEN 1 END), coalesce(total(c.gap), 0), coalesce(total(c.answers), 0)
		FROM (SELECT b.customer_id, total(b.gap) AS gap, count(*) AS answers FROM (`+bothAnswered("@id")+`) b GROUP BY b.customer_id) c`,
		&s.Satisfied.Whole, &s.Satisfied.Part, &s.Gap.Sum, &s.Gap.Count); err != nil {
		return err
	}
	for _, by := range []struct {
		name, join string
		into       *[]Gap
	}{
		{"b.dimension", "", &s.Dimensions}, {"b.question", "", &s.Questions}, {"v.code", "JOIN party v ON v.id = b.vendor_id", &s.Vendors},
	} {
		err := laid.Rows(func(rows *sql.Rows) error {
			var gap Gap
			err := rows.Scan(&gap.Name, &gap.Customers, &gap.Mean.Sum, &gap.Mean.Count)
			*by.into = append(*by.into, gap)
			return err
		}, `SELECT g.name, g.customers, g.sum, g.answers FROM (
				SELECT `+by.name+` AS name, count(DISTINCT b.customer_id) AS customers, total(b.gap) AS sum, count(*) AS answers FROM (`+bothAnswered("@id")+`) b `+by.join+`
				WHERE `+by.name+` IS NOT NULL GROUP BY 1
			) g ORDER BY g.sum * 1000000 / g.answers, g.name`)
		if err != nil {
			return err
		}
	}
	return nil
}

// bothAnswered are customers and questions about an edition with the last expectation and
// the last result. What was expected may have been asked before the show, of somebody else at
// the customer.
func bothAnswered(edition string) string {
	last := `SELECT f.customer_id, f.question, f.dimension, f.vendor_id, coalesce(f.vendor_id, 0) AS vendor, f.perceived, f.expected,
			row_number() OVER (PARTITION BY f.customer_id, f.question, f.vendor_id ORDER BY f.at DESC, f.id DESC) AS back
		FROM feedback f WHERE f.edition_id = ` + edition + ` AND f.withdrawn_at IS NULL`
	return `SELECT p.customer_id, p.question, p.dimension, p.vendor_id, p.perceived - x.expected AS gap
		FROM (` + last + ` AND f.perceived IS NOT NULL) p
		JOIN (` + last + ` AND f.expected IS NOT NULL) x ON x.customer_id = p.customer_id AND x.question = p.question AND x.vendor = p.vendor AND x.back = 1
		WHERE p.back = 1`
}

// Stayers are those eligible who answered about the previous edition, and of them those who
// returned to this one: satisfied is not the same as loyal (map row E2).
type Stayers struct {
	// Satisfied are those whose results met their expectations; those who are missing in the
	// part are the satisfied leavers.
	Satisfied Ratio
	// Unsatisfied are the others; those in the part are the unsatisfied stayers.
	Unsatisfied Ratio
}

func (e *Edition) stayers(laid *store.LaidEdition) error {
	s := &e.Stayers
	return laid.Rows(func(rows *sql.Rows) error {
		return rows.Scan(&s.Satisfied.Part, &s.Satisfied.Whole, &s.Unsatisfied.Part, &s.Unsatisfied.Whole)
	}, `SELECT count(CASE WHEN a.gap >= 0 AND r.returned = 1 THEN 1 END), count(CASE WHEN a.gap >= 0 THEN 1 END),
			count(CASE WHEN a.gap < 0 AND r.returned = 1 THEN 1 END), count(CASE WHEN a.gap < 0 THEN 1 END)
		FROM (SELECT b.customer_id, total(b.gap) AS gap FROM (`+bothAnswered("(SELECT p.edition_id FROM measure_edition p WHERE p.place = 1)")+`) b GROUP BY b.customer_id) a
		JOIN (SELECT r.customer_id, max(r.own_before * r.contracted) AS returned FROM measure_role r CROSS JOIN measure_edition g
			WHERE g.place = 0 AND g.cancelled = 0 GROUP BY r.customer_id HAVING max(r.own_before) = 1) r ON r.customer_id = a.customer_id`)
}
