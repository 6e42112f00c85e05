package measure

import (
	"database/sql"
	"fmt"

	"github.com/fairlead/fairlead/internal/store"
)

// Figures of a span of time of an edition. Counts are never absent; sums are absent where
// no fact says an amount.
type Figures struct {
	// Enquiries are bookings that began as an enquiry, an option or a waiting place.
	Enquiries int64
	// Booked are bookings that became contracts; of them Stands are of exhibitors, Area is
	// their own area in hundredths of a square metre, and Revenue their price after discount
	// in minor units of the reporting currency, at the rate of the day of booking.
	Booked, Stands int64
	Area, Revenue  Sum
	// Rebooked are those of them of customers who took part in the edition before, in
	// whatever role, and New those of customers who took part in no earlier one. They are
	// absent where the store knows no such edition.
	Rebooked, New Sum
	// Cancelled are contracts that ceased to be one.
	Cancelled int64
	// Standing are the contracts at the end: those that were booked and not cancelled by
	// then, with area and revenue.
	Standing                      int64
	StandingArea, StandingRevenue Sum
	// Invoiced is what transactions say after discount, credit notes taken off.
	Invoiced Sum
	// Visitors are persons who were there on one of the days; absent while the show has not
	// opened.
	Visitors Sum
	// Responses counts who answered anything: persons, and customers of whom no person is
	// recorded.
	Responses int64
	// Recommendation is by the last answer of each of them in the span.
	Recommendation Recommendation
	// Satisfied and Gap are of results answered in the span, against the last expectation
	// by its end (map row E1).
	Satisfied Ratio
	Gap       Mean
	// Praise counts the respondents who would recommend the show by 9 or 10, or for whom a
	// result was above what they expected, of all respondents.
	Praise Ratio
	// Opened, Answered and Resolved are complaints that were so in the span.
	Opened, Answered, Resolved int64
	// Unresolved are complaints that were not resolved at the end, and Late those of them
	// that were due before.
	Unresolved, Late int64
	// Outcomes of those resolved in the span, by name: "" where none is recorded.
	Outcomes []Count
	// Dimensions are the satisfaction gaps, the worst first.
	Dimensions []Gap
}

// Count of what has a name.
type Count struct {
	Name  string
	Count int64
}

// Point is how many contracts there were at the end of a week.
type Point struct {
	// Weeks after the week of the opening; before it they are negative.
	Weeks     int
	Contracts int64
}

// measure asks for all figures. column says which column each span is.
func (w *Weekly) measure(laid *store.LaidEdition, column []int) error {
	for _, at := range column {
		w.Figures[at] = &Figures{}
	}
	of := func(span int) *Figures { return w.Figures[column[span]] }
	for _, figure := range []struct {
		name string
		ask  func(*store.LaidEdition, func(int) *Figures) error
	}{
		{"bookings", askBookings}, {"invoices", askInvoices}, {"visitors", askVisitors}, {"answers", askAnswers}, {"satisfaction", askSatisfaction},
		{"complaints", askComplaints}, {"outcomes of complaints", askOutcomes},
	} {
		if err := figure.ask(laid, of); err != nil {
			return fmt.Errorf("measuring %s: %w", figure.name, err)
		}
	}
	if err := w.askBeside(laid); err != nil {
		return err
	}
	return w.askContracts(laid)
}

// askBookings: a booking may become a contract in one week and be cancelled in another, and
// counts in both.
func askBookings(laid *store.LaidEdition, of func(int) *Figures) error {
	err := laid.Rows(func(rows *sql.Rows) error {
		var span int
		f := Figures{Rebooked: Sum{Valid: true}, New: Sum{Valid: true}}
		err := rows.Scan(&span, &f.Enquiries, &f.Booked, &f.Stands, &f.Area, &f.Revenue, &f.Rebooked.Int64, &f.New.Int64, &f.Cancelled, &f.Standing, &f.StandingArea, &f.StandingRevenue)
		*of(span) = f
		return err
	}, `SELECT s.span, count(CASE WHEN t.enquired = 1 AND `+within+` THEN 1 END), count(CASE WHEN `+booked+` THEN 1 END), count(CASE WHEN `+booked+` AND b.role = 'Exhibitor' THEN 1 END),
			total(CASE WHEN `+booked+` THEN b.area END), total(CASE WHEN `+booked+` THEN b.net END),
			count(CASE WHEN `+booked+` AND k.before = 1 THEN 1 END), count(CASE WHEN `+booked+` AND k.customer_id IS NULL THEN 1 END),
			count(CASE WHEN t.ended = 1 AND `+within+` THEN 1 END), coalesce(total(t.entered - t.ended), 0),
			total(CASE WHEN t.entered <> t.ended THEN (t.entered - t.ended) * b.area END), total(CASE WHEN t.entered <> t.ended THEN (t.entered - t.ended) * b.net END)
		FROM measure_span s LEFT JOIN measure_booking b ON b.place = s.place LEFT JOIN measure_step t ON t.booking = b.id AND t.at < s.until_at
		LEFT JOIN measure_known k ON k.place = b.place AND k.customer_id = b.customer_id
		GROUP BY s.span`)
	if err != nil {
		return err
	}
	// Of an edition without an earlier one nobody knows who is new.
	return laid.Rows(func(rows *sql.Rows) error {
		var span, last, earlier int
		err := rows.Scan(&span, &last, &earlier)
		if last == 0 {
			of(span).Rebooked = Sum{}
		}
		if earlier == 0 {
			of(span).New = Sum{}
		}
		return err
	}, `SELECT s.span, coalesce(max(e.last), 0), count(e.place) FROM measure_span s LEFT JOIN measure_earlier e ON e.place = s.place GROUP BY s.span`)
}

const (
	within = "t.at >= s.from_at"
	booked = "t.entered = 1 AND " + within
)

func askInvoices(laid *store.LaidEdition, of func(int) *Figures) error {
	return laid.Rows(func(rows *sql.Rows) error {
		var span int
		var sum Sum
		err := rows.Scan(&span, &sum)
		of(span).Invoiced = sum
		return err
	}, `SELECT s.span, total(x.net) FROM measure_span s JOIN measure_invoice x ON x.place = s.place AND x.at >= s.from_at AND x.at < s.until_at GROUP BY s.span`)
}

func askVisitors(laid *store.LaidEdition, of func(int) *Figures) error {
	return laid.Rows(func(rows *sql.Rows) error {
		var span int
		var visitors int64
		var open bool
		err := rows.Scan(&span, &visitors, &open)
		of(span).Visitors = Sum{Int64: visitors, Valid: open || visitors > 0}
		return err
	}, `SELECT s.span, count(DISTINCT v.person_id), coalesce(max(e.opens), s.until_day) < s.until_day
		FROM measure_span s JOIN measure_edition e ON e.edition_id = s.edition_id
		LEFT JOIN visit v ON v.edition_id = s.edition_id AND v.day >= s.from_day AND v.day < s.until_day AND v.withdrawn_at IS NULL
		GROUP BY s.span, s.until_day`)
}

// results are customers and questions with the last result said in a span, and the last
// expectation by its end.
const results = `SELECT p.span, p.customer_id, p.person_id, p.dimension, p.perceived - x.expected AS gap
	FROM (` + said + ` AND f.at >= s.from_at AND f.perceived IS NOT NULL) p
	JOIN (` + said + ` AND f.expected IS NOT NULL) x ON x.span = p.span AND x.customer_id = p.customer_id AND x.question = p.question AND x.vendor = p.vendor AND x.back = 1
	WHERE p.back = 1`

const said = `SELECT s.span, f.customer_id, f.person_id, f.question, f.dimension, coalesce(f.vendor_id, 0) AS vendor, f.perceived, f.expected,
		row_number() OVER (PARTITION BY s.span, f.customer_id, f.question, f.vendor_id ORDER BY f.at DESC, f.id DESC) AS back
	FROM measure_span s JOIN feedback f ON f.edition_id = s.edition_id AND f.at < s.until_at WHERE f.withdrawn_at IS NULL`

// recommendations are the answers in a span whether the show would be recommended, the last
// one of each respondent with back = 1.
const recommendations = `SELECT s.span, f.customer_id, f.person_id, f.score, row_number() OVER (PARTITION BY s.span, f.customer_id, f.person_id ORDER BY f.at DESC, f.id DESC) AS back
	FROM ` + answered + ` AND f.dimension = @recommendation AND f.score BETWEEN 0 AND 1000`

const answered = `measure_span s JOIN feedback f ON f.edition_id = s.edition_id AND f.at >= s.from_at AND f.at < s.until_at WHERE f.withdrawn_at IS NULL`

func askAnswers(laid *store.LaidEdition, of func(int) *Figures) error {
	err := laid.Rows(func(rows *sql.Rows) error {
		var span int
		var responses, praise int64
		err := rows.Scan(&span, &responses, &praise)
		of(span).Responses, of(span).Praise = responses, Ratio{praise, responses}
		return err
	}, `SELECT a.span, count(*), count(CASE WHEN a.praise = 1 THEN 1 END) FROM (
			SELECT u.span, u.customer_id, u.person_id, max(u.praise) AS praise FROM (
				SELECT s.span, f.customer_id, f.person_id, 0 AS praise FROM `+answered+`
				UNION ALL SELECT r.span, r.customer_id, r.person_id, 1 FROM (`+recommendations+`) r WHERE r.back = 1 AND r.score >= 900
				UNION ALL SELECT g.span, g.customer_id, g.person_id, 1 FROM (`+results+`) g WHERE g.gap > 0
			) u GROUP BY u.span, u.customer_id, u.person_id
		) a GROUP BY a.span`)
	if err != nil {
		return err
	}
	return laid.Rows(func(rows *sql.Rows) error {
		var span int
		var r Recommendation
		err := rows.Scan(&span, &r.Answers, &r.Promoters, &r.Detractors)
		of(span).Recommendation = r
		return err
	}, `SELECT r.span, count(*), count(CASE WHEN r.score >= 900 THEN 1 END), count(CASE WHEN r.score < 700 THEN 1 END) FROM (`+recommendations+`) r WHERE r.back = 1 GROUP BY r.span`)
}

func askSatisfaction(laid *store.LaidEdition, of func(int) *Figures) error {
	err := laid.Rows(func(rows *sql.Rows) error {
		var span int
		var satisfied Ratio
		var gap Mean
		err := rows.Scan(&span, &satisfied.Whole, &satisfied.Part, &gap.Sum, &gap.Count)
		of(span).Satisfied, of(span).Gap = satisfied, gap
		return err
	}, `SELECT c.span, count(*), count(CASE WHEN c.gap >= 0 THEN 1 END), coalesce(total(c.gap), 0), coalesce(total(c.answers), 0)
		FROM (SELECT g.span, g.customer_id, total(g.gap) AS gap, count(*) AS answers FROM (`+results+`) g GROUP BY g.span, g.customer_id) c GROUP BY c.span`)
	if err != nil {
		return err
	}
	return laid.Rows(func(rows *sql.Rows) error {
		var span int
		var gap Gap
		err := rows.Scan(&span, &gap.Name, &gap.Customers, &gap.Mean.Sum, &gap.Mean.Count)
		of(span).Dimensions = append(of(span).Dimensions, gap)
		return err
	}, `SELECT d.span, d.dimension, d.customers, d.gap, d.answers FROM (
			SELECT g.span, g.dimension, count(DISTINCT g.customer_id) AS customers, total(g.gap) AS gap, count(*) AS answers FROM (`+results+`) g
			WHERE g.dimension IS NOT NULL GROUP BY g.span, g.dimension
		) d ORDER BY d.span, d.gap * 1000000 / d.answers, d.dimension`)
}

func askComplaints(laid *store.LaidEdition, of func(int) *Figures) error {
	const open = "(c.resolved IS NULL OR c.resolved >= s.until_at)"
	in := func(column string) string {
		return "count(CASE WHEN c." + column + " >= s.from_at AND c." + column + " < s.until_at THEN 1 END)"
	}
	return laid.Rows(func(rows *sql.Rows) error {
		var span int
		var f Figures
		err := rows.Scan(&span, &f.Opened, &f.Answered, &f.Resolved, &f.Unresolved, &f.Late)
		to := of(span)
		to.Opened, to.Answered, to.Resolved, to.Unresolved, to.Late = f.Opened, f.Answered, f.Resolved, f.Unresolved, f.Late
		return err
	}, `SELECT s.span, `+in("opened")+`, `+in("first_answer")+`, `+in("resolved")+`, count(CASE WHEN `+open+` THEN 1 END), count(CASE WHEN `+open+` AND c.due < s.until_at THEN 1 END)
		FROM measure_span s JOIN complaint c ON c.edition_id = s.edition_id AND c.opened < s.until_at WHERE c.withdrawn_at IS NULL GROUP BY s.span`)
}

func askOutcomes(laid *store.LaidEdition, of func(int) *Figures) error {
	return laid.Rows(func(rows *sql.Rows) error {
		var span int
		var outcome Count
		err := rows.Scan(&span, &outcome.Name, &outcome.Count)
		of(span).Outcomes = append(of(span).Outcomes, outcome)
		return err
	}, `SELECT s.span, coalesce(c.outcome, ''), count(*) FROM measure_span s JOIN complaint c ON c.edition_id = s.edition_id AND c.resolved >= s.from_at AND c.resolved < s.until_at
		WHERE c.withdrawn_at IS NULL GROUP BY s.span, coalesce(c.outcome, '') ORDER BY 1, 2`)
}

// askBeside asks for what is in no figure.
func (w *Weekly) askBeside(laid *store.LaidEdition) error {
	err := laid.Rows(func(rows *sql.Rows) error { return rows.Scan(&w.Undated, &w.Unconverted) },
		`SELECT coalesce(total(u.undated), 0), coalesce(total(u.missing), 0) FROM (
			SELECT b.undated, b.missing FROM measure_booking b UNION ALL SELECT 0, CASE WHEN x.net IS NULL THEN 1 ELSE 0 END FROM measure_invoice x
		) u`)
	if err != nil {
		return fmt.Errorf("counting what is in no figure: %w", err)
	}
	return nil
}
