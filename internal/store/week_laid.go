package store

import (
	"fmt"
	"strings"
)

// Span is a span of time of an edition of LaidEdition: of this one (Place 0) or of the
// previous one (Place 1).
type Span struct {
	Place int64
	// From and Until bound instants, in milliseconds since 1970; Until is not part of it.
	From, Until int64
	// FromDay and UntilDay bound days of the venue's calendar, each the midnight in UTC
	// that begins a day; UntilDay is not part of it.
	FromDay, UntilDay int64
}

// LayOutSpans lays out what is told apart by time, in more tables:
//
//   - measure_span: the spans, by number (span), with their edition_id.
//   - measure_booking: what was booked for this edition and the previous one (place): role,
//     product, own area in hundredths of a square metre, and net, the price after discount
//     in the reporting currency. Lists of exhibitors and sponsors count where no booking of
//     the customer is in that role; they have no product. missing is 1 where a price has no
//     rate, and undated where nothing says when it was booked.
//   - measure_step: how a booking went (booking, at): 1 in enquired where it began as an
//     enquiry, an option or a waiting place, in entered where it became a contract, and in
//     ended where it ceased to be one.
//   - measure_earlier: what editions came before this one and the previous one (place), and
//     which of them is the one before (last).
//   - measure_known: who took part in one of them, and in the one before (before).
//   - measure_invoice: what was invoiced for either edition (place), after discount (net).
func (l *LaidEdition) LayOutSpans(spans []Span) error {
	r := newRefresh(l.t)
	for _, step := range []struct{ about, statement string }{
		{"measure_span", spansAsRows(spans)},
		{"measure_booking", bookingsOfEditions()},
		{"measure_step", stepsOfBookings()},
		{"measure_earlier", editionsBeforeEach},
		{"measure_known", whoWasThereBefore},
		{"measure_invoice", invoicesOfEditions()},
	} {
		if err := r.run(step.statement, l.parameters); err != nil {
			return fmt.Errorf("laying out weeks (%s): %w", step.about, err)
		}
		if err := l.t.dialect.count(l.t, step.about); err != nil {
			return err
		}
	}
	return nil
}

func spansAsRows(spans []Span) string {
	rows := make([]string, len(spans))
	for number, s := range spans {
		rows[number] = fmt.Sprintf(`SELECT %d AS span, %d AS place, CAST(%d AS BIGINT) AS from_at, CAST(%d AS BIGINT) AS until_at, CAST(%d AS BIGINT) AS from_day, CAST(%d AS BIGINT) AS until_day`,
			number, s.Place, s.From, s.Until, s.FromDay, s.UntilDay)
	}
	return `CREATE TEMP TABLE measure_span ON COMMIT DROP AS SELECT s.*, e.edition_id FROM (` + strings.Join(rows, " UNION ALL ") + `) s JOIN measure_edition e ON e.place = s.place`
}

// bookingsOfEditions gives what a list says numbers below 0, since it has none.
func bookingsOfEditions() string {
	return fmt.Sprintf(`CREATE TEMP TABLE measure_booking ON COMMIT DROP AS
SELECT f.id, f.customer_id, f.place, f.role, f.product, f.area, f.at, f.standing, f.converted AS net,
	CASE WHEN f.net IS NOT NULL AND f.converted IS NULL THEN 1 ELSE 0 END AS missing, CASE WHEN f.at IS NULL THEN 1 ELSE 0 END AS undated
FROM (
	SELECT f.*, %[1]s AS converted FROM (
		SELECT b.id, b.customer_id, e.place, %[2]s AS role, b.product, CASE WHEN b.parent IS NULL THEN b.area END AS area, b.at, CAST(NULL AS BIGINT) AS standing,
			b.currency, coalesce(b.net, b.list_price - b.discount, b.list_price) AS net, %[3]s
		FROM booking b JOIN measure_edition e ON e.edition_id = b.edition_id WHERE e.place IN (0, 1) AND b.withdrawn_at IS NULL%[4]s
	) f
	UNION ALL
	SELECT -row_number() OVER (ORDER BY g.customer_id, g.place, g.role), g.* FROM (
		SELECT f.customer_id, f.place, f.role, '' AS product, max(f.area) AS area, min(f.at) AS at, max(f.standing) AS standing, min(f.currency) AS currency, max(f.net) AS net, max(f.factor) AS factor, max(%[1]s) AS converted
		FROM (
			SELECT p.customer_id, e.place, p.role, p.area, p.at, CAST(%[5]s AS BIGINT) AS standing, p.currency, coalesce(p.net, p.list_price) AS net, %[6]s
			FROM participation p JOIN measure_edition e ON e.edition_id = p.edition_id LEFT JOIN (
				SELECT DISTINCT b.customer_id, b.edition_id, %[2]s AS role FROM booking b JOIN measure_edition e ON e.edition_id = b.edition_id WHERE e.place IN (0, 1) AND b.withdrawn_at IS NULL
			) b ON b.customer_id = p.customer_id AND b.edition_id = p.edition_id AND b.role = p.role
			WHERE e.place IN (0, 1) AND p.withdrawn_at IS NULL AND p.role IN ('Exhibitor', 'Sponsor') AND b.customer_id IS NULL%[4]s
		) f GROUP BY f.customer_id, f.place, f.role
	) g WHERE g.standing <> %[7]d
) f`,
		inReporting("f.net"), roleName("("+roleOfProduct("b.product")+")"), factor("b.currency", "b.at"), onceEach,
		standing("p.status"), factor("p.currency", "coalesce(p.at, e.opens)"), standingCancelled)
}

// stepsOfBookings: of several statuses at one instant the one that follows in the order of
// statuses stands. Before its first status a booking is contracted; unless that is one that
// comes before a contract: then it was never one.
func stepsOfBookings() string {
	statuses := `SELECT s.booking_id AS booking, s.at, ` + standingOfLast(lastStatus()) + ` AS standing
			FROM booking_status s JOIN measure_booking b ON b.id = s.booking_id WHERE s.withdrawn_at IS NULL GROUP BY s.booking_id, s.at`
	contract := func(standing string) string {
		return fmt.Sprintf("CASE WHEN %s THEN 1 ELSE 0 END", bindsMoney(standing))
	}
	return fmt.Sprintf(`CREATE TEMP TABLE measure_step ON COMMIT DROP AS
SELECT t.booking, t.at, CASE WHEN t.number = 1 AND t.standing BETWEEN %[1]d AND %[2]d THEN 1 ELSE 0 END AS enquired,
	CASE WHEN t.contract = 1 AND t.before = 0 THEN 1 ELSE 0 END AS entered, CASE WHEN t.contract = 0 AND t.before = 1 THEN 1 ELSE 0 END AS ended
FROM (
	SELECT t.*, coalesce(lag(t.contract) OVER (PARTITION BY t.booking ORDER BY t.at), 0) AS before, row_number() OVER (PARTITION BY t.booking ORDER BY t.at) AS number
	FROM (
		SELECT s.*, %[3]s AS contract FROM (
			%[4]s
			UNION ALL
			SELECT b.id, b.at, CASE WHEN b.standing IS NOT NULL THEN b.standing WHEN f.standing BETWEEN %[1]d AND %[2]d THEN f.standing ELSE %[5]d END
			FROM measure_booking b LEFT JOIN (
				SELECT s.*, row_number() OVER (PARTITION BY s.booking ORDER BY s.at) AS number FROM (%[4]s) s
			) f ON f.booking = b.id AND f.number = 1
			WHERE b.at IS NOT NULL AND (f.at IS NULL OR f.at > b.at)
		) s
	) t
) t`, standingEnquired, standingOption, contract("s.standing"), statuses, standingContracted)
}

const editionsBeforeEach = `CREATE TEMP TABLE measure_earlier ON COMMIT DROP AS
SELECT n.place, e.edition_id,
	CASE WHEN n.place = 0 AND e.place = 1 OR n.place = 1 AND row_number() OVER (PARTITION BY n.place ORDER BY e.closes DESC, e.edition) = 1 THEN 1 ELSE 0 END AS last
FROM measure_edition n JOIN measure_edition e ON n.place = 0 AND e.place = 1 OR e.closes < n.opens AND e.cancelled = 0
WHERE n.place IN (0, 1) AND e.edition_id <> n.edition_id`

const whoWasThereBefore = `CREATE TEMP TABLE measure_known ON COMMIT DROP AS
SELECT p.place, t.customer_id, max(p.last) AS before
FROM refresh_took t JOIN measure_edition e ON e.edition_id = t.edition_id JOIN measure_earlier p ON p.edition_id = e.edition_id
WHERE t.role >= 0 AND t.standing >= e.there_from GROUP BY p.place, t.customer_id`

func invoicesOfEditions() string {
	revenue, discount := inReporting("f.revenue"), inReporting("f.discount")
	return fmt.Sprintf(`CREATE TEMP TABLE measure_invoice ON COMMIT DROP AS
SELECT f.place, f.at, CASE WHEN f.revenue IS NOT NULL AND %[1]s IS NULL OR f.discount IS NOT NULL AND %[2]s IS NULL THEN NULL ELSE coalesce(%[1]s, 0) - coalesce(%[2]s, 0) END AS net
FROM (
	SELECT e.place, x.at, x.currency, x.revenue, x.discount, %[3]s
	FROM transaction_entry x JOIN measure_edition e ON e.edition_id = x.edition_id
	WHERE e.place IN (0, 1) AND x.withdrawn_at IS NULL AND (x.revenue IS NOT NULL OR x.discount IS NOT NULL)%[4]s
) f%[4]s`, revenue, discount, factor("x.currency", "x.at"), onceEach)
}
