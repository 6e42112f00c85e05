package store

import (
	"fmt"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// The statements of a refresh are one text for both databases. They read who is
// in refresh_who, and lay what follows from facts into temporary tables, step by
// step: editions, who took part in them, money by edition, series, customers.
// CROSS JOIN begins with refresh_who in both: SQLite takes it as the order to
// join in, and PostgreSQL as any other join.

// dayMillis is a day in milliseconds.
const dayMillis = 24 * 60 * 60 * 1000

// Standings order how far a participation came, so that of several bookings the
// best stands. What was cancelled is least, and what was attended most.
const (
	standingCancelled = iota
	standingNoShow
	standingEnquired
	standingWaitlisted
	standingOption
	standingContracted
	standingPaid
	standingAttended
)

var standings = map[string]int{
	"Cancelled": standingCancelled, "NoShow": standingNoShow, "Enquired": standingEnquired, "Waitlisted": standingWaitlisted,
	"Option": standingOption, "Contracted": standingContracted, "Paid": standingPaid, "Attended": standingAttended,
}

// rolesOfProducts are what a customer is by what it booked; a product that is not
// here is no participation.
var rolesOfProducts = map[string]string{"Stand": "Exhibitor", "Sponsorship": "Sponsor", "Ticket": "Visitor"}

// caseOf maps the words of an expression.
func caseOf(expression string, words []string, value func(word string, at int) string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "CASE %s", expression)
	for at, word := range words {
		if v := value(word, at); v != "" {
			fmt.Fprintf(&text, " WHEN '%s' THEN %s", word, v)
		}
	}
	return text.String()
}

// standing maps a status to its standing.
func standing(expression string) string {
	return caseOf(expression, customer.BookingStatuses, func(word string, _ int) string { return fmt.Sprint(standings[word]) }) + " END"
}

// roleOfProduct maps a product to the role that it makes.
func roleOfProduct(expression string) string {
	return caseOf(expression, customer.Products, func(word string, _ int) string {
		if role := rolesOfProducts[word]; role != "" {
			return "'" + role + "'"
		}
		return ""
	}) + " ELSE '' END"
}

// statusOfStanding maps a standing back to its status.
func statusOfStanding(expression string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "CASE %s", expression)
	for _, word := range customer.BookingStatuses {
		fmt.Fprintf(&text, " WHEN %d THEN '%s'", standings[word], word)
	}
	return text.String() + " END"
}

// bindsMoney is the condition that a standing is one for which money is owed.
func bindsMoney(standing string) string {
	return fmt.Sprintf("%s IN (%d, %d, %d, %d)", standing, standingNoShow, standingContracted, standingPaid, standingAttended)
}

// inReporting is an amount of a fact f in the reporting currency; NULL if there is
// no rate. The fact has to have a factor.
func inReporting(amount string) string {
	return fmt.Sprintf("CASE WHEN f.currency = @currency THEN %[1]s ELSE converted(%[1]s, f.factor) END", amount)
}

// factor is the conversion of a currency on a day, to be looked up once a fact:
// whatever selects it ends with onceEach.
func factor(currency, day string) string {
	return fmt.Sprintf(`CASE WHEN %[1]s <> @currency OR @currency IS NULL THEN (
		SELECT c.factor FROM conversion c WHERE c.currency = %[1]s AND c.day <= %[2]s ORDER BY c.day DESC LIMIT 1) END AS factor`, currency, day)
}

// onceEach keeps a database from computing the columns of an inner SELECT wherever
// they are used; refresh.change says it in the words of the database.
const onceEach = " ONCE EACH"

// total is a sum of integers that stays one.
func total(expression string) string { return "CAST(sum(" + expression + ") AS BIGINT)" }

// heldEditions lays out all editions: whether they were held, the place of each
// among those of its series that have closed, and when that changes.
func heldEditions() string {
	return `CREATE TEMP TABLE refresh_held ON COMMIT DROP AS
SELECT p.*, max(CASE WHEN p.is_next = 1 THEN p.edition END) OVER (PARTITION BY p.series) AS next_edition
FROM (
	SELECT s.*,
		CASE WHEN s.closed = 1 THEN row_number() OVER (PARTITION BY s.series, s.closed ORDER BY s.closes, s.opens, s.edition, s.edition_id) END AS ordinal,
		CASE WHEN s.pending = 1 AND row_number() OVER (PARTITION BY s.series, s.pending ORDER BY s.closes, s.opens, s.edition, s.edition_id) = 1 THEN 1 ELSE 0 END AS is_next,
		count(CASE WHEN s.closed = 1 THEN 1 END) OVER (PARTITION BY s.series) AS total,
		count(CASE WHEN s.closed = 1 AND s.closes >= @window THEN 1 END) OVER (PARTITION BY s.series) AS window_total,
		min(CASE WHEN s.pending = 1 THEN s.closes + ` + fmt.Sprint(dayMillis) + `
		         WHEN s.closed = 1 AND s.closes >= @window THEN s.closes + ` + fmt.Sprint((customer.WindowDays+1)*dayMillis) + ` END) OVER (PARTITION BY s.series) AS next_change
	FROM (
		SELECT e.*, CASE WHEN e.cancelled = 0 AND e.closes < @today THEN 1 ELSE 0 END AS closed,
			CASE WHEN e.cancelled = 0 AND e.closes >= @today THEN 1 ELSE 0 END AS pending
		FROM (
			SELECT e.id AS edition_id, e.series, e.edition, coalesce(f.opens, e.opens, e.closes) AS opens, coalesce(f.closes, e.closes, e.opens) AS closes,
				CASE WHEN e.cancelled THEN 1 ELSE 0 END AS cancelled, ` + inReporting("f.area_cost") + ` AS area_cost, f.indirect_percent
			FROM edition e LEFT JOIN (SELECT d.*, ` + factor("d.currency", "d.opens") + ` FROM edition_declaration d` + onceEach + `) f ON f.edition_id = e.id
		) e
	) s
) p`
}

// tookPart lays out one row for every customer, edition and role (” for what is
// booked beside a participation), with the money that bookings and lists say.
func tookPart() string {
	return fmt.Sprintf(`CREATE TEMP TABLE refresh_took ON COMMIT DROP AS
SELECT g.customer_id, g.edition_id, g.role, h.series, h.ordinal, h.total, h.window_total, h.is_next, h.next_edition, h.next_change, h.opens, g.standing, g.area, g.first_at,
	CASE WHEN %[1]s THEN 1 ELSE 0 END AS present,
	CASE WHEN %[2]s THEN 1 ELSE 0 END AS own_present,
	CASE WHEN g.role <> '' AND h.cancelled = 0 AND g.standing = %[3]d THEN 1 ELSE 0 END AS no_show,
	CASE WHEN g.role <> '' AND h.cancelled = 0 AND g.standing = %[4]d THEN 1 ELSE 0 END AS was_cancelled,
	(h.opens - g.first_at) / %[5]d AS lead_days,
	CASE WHEN h.cancelled = 1 THEN NULL WHEN g.booked > 0 THEN g.booked_gross ELSE g.listed_gross END AS gross,
	CASE WHEN h.cancelled = 1 THEN NULL WHEN g.booked > 0 THEN g.booked_net ELSE g.listed_net END AS net,
	CASE WHEN h.cancelled = 1 THEN 0 WHEN g.booked > 0 THEN g.booked_missing ELSE g.listed_missing END AS missing
FROM (
	SELECT u.customer_id, u.edition_id, u.role, max(u.standing) AS standing, max(u.own_standing) AS own_standing,
		coalesce(%[6]s, max(u.listed_area)) AS area, coalesce(min(u.booked_at), min(u.listed_at)) AS first_at,
		count(CASE WHEN u.booked = 1 THEN 1 END) AS booked, %[7]s AS booked_gross, %[8]s AS booked_net, count(CASE WHEN u.booked_missing = 1 THEN 1 END) AS booked_missing,
		max(u.listed_gross) AS listed_gross, max(u.listed_net) AS listed_net, max(u.listed_missing) AS listed_missing
	FROM (%[9]s
		UNION ALL
		%[10]s
		UNION ALL
		SELECT f.person_id, f.edition_id, 'Visitor', %[11]d, %[11]d, NULL, NULL, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL, 0
		FROM refresh_who w CROSS JOIN visit f WHERE f.person_id = w.id AND f.withdrawn_at IS NULL
	) u
	GROUP BY u.customer_id, u.edition_id, u.role
) g JOIN refresh_held h ON h.edition_id = g.edition_id`,
		wasThere("g.standing"), wasThere("g.own_standing"), standingNoShow, standingCancelled, dayMillis,
		total("u.booked_area"), total("u.booked_gross"), total("u.booked_net"), listedParticipations(), bookings(), standingAttended)
}

// wasThere is the condition of taking part: attended, or contracted and nobody
// said otherwise by the time the edition had closed; never in a cancelled one.
func wasThere(standing string) string {
	return fmt.Sprintf("g.role <> '' AND h.cancelled = 0 AND (%[1]s = %[2]d OR h.closed = 1 AND %[1]s IN (%[3]d, %[4]d))",
		standing, standingAttended, standingContracted, standingPaid)
}

// listedParticipations are what lists say. Several lists may say the same of one
// customer, so that of their amounts the greatest stands.
func listedParticipations() string {
	net := inReporting("coalesce(f.net, f.list_price)")
	return fmt.Sprintf(`
		SELECT f.customer_id, f.edition_id, f.role, f.standing, f.standing AS own_standing,
			CASE WHEN f.standing >= %[1]d THEN f.area END AS listed_area, CAST(NULL AS BIGINT) AS booked_area, f.at AS listed_at, CAST(NULL AS BIGINT) AS booked_at,
			0 AS booked, CAST(NULL AS BIGINT) AS booked_gross, CAST(NULL AS BIGINT) AS booked_net, 0 AS booked_missing,
			CASE WHEN %[2]s THEN %[3]s END AS listed_gross, CASE WHEN %[2]s THEN %[4]s END AS listed_net,
			CASE WHEN %[2]s AND coalesce(f.net, f.list_price) IS NOT NULL AND %[4]s IS NULL THEN 1 ELSE 0 END AS listed_missing
		FROM (
			SELECT p.*, %[5]s AS standing, %[6]s
			FROM refresh_who w CROSS JOIN participation p WHERE p.customer_id = w.id AND p.withdrawn_at IS NULL%[7]s
		) f`,
		standingContracted, bindsMoney("f.standing"), inReporting("coalesce(f.list_price, f.net)"), net, standing("p.status"),
		factor("p.currency", "coalesce(p.at, (SELECT h.opens FROM refresh_held h WHERE h.edition_id = p.edition_id))"), onceEach)
}

// bookings are what was booked, by the last status that each came to: of several
// at one instant the one that follows in the order of statuses. A booking without
// any is contracted. The area of a co-exhibitor is on the main exhibitor's stand.
func bookings() string {
	index := caseOf("f.status", customer.BookingStatuses, func(_ string, at int) string { return fmt.Sprint(at) }) + " END"
	fromIndex := make([]string, 0, len(customer.BookingStatuses))
	for at, word := range customer.BookingStatuses {
		fromIndex = append(fromIndex, fmt.Sprintf("WHEN %d THEN %d", at, standings[word]))
	}
	fee := inReporting("f.fee")
	gross := inReporting("coalesce(f.list_price, f.net + f.discount, f.net)")
	net := inReporting("coalesce(f.net, f.list_price - f.discount, f.list_price)")
	return fmt.Sprintf(`SELECT f.customer_id, f.edition_id, %[1]s, f.standing, CASE WHEN f.parent IS NULL THEN f.standing END,
			NULL, CASE WHEN f.standing >= %[2]d AND f.parent IS NULL THEN f.area END, NULL, f.at,
			CASE WHEN %[3]s OR f.fee IS NOT NULL OR f.fee_missing > 0 THEN 1 ELSE 0 END,
			CASE WHEN %[3]s AND %[4]s IS NOT NULL THEN %[4]s + coalesce(f.fee, 0) ELSE f.fee END,
			CASE WHEN %[3]s AND %[5]s IS NOT NULL THEN %[5]s + coalesce(f.fee, 0) ELSE f.fee END,
			CASE WHEN f.fee_missing > 0 OR %[3]s AND coalesce(f.net, f.list_price) IS NOT NULL AND %[5]s IS NULL THEN 1 ELSE 0 END, NULL, NULL, 0
		FROM (
			SELECT b.*, CASE l.last %% 16 %[6]s ELSE %[2]d END AS standing, l.fee, coalesce(l.fee_missing, 0) AS fee_missing, %[10]s
			FROM refresh_who w CROSS JOIN booking b LEFT JOIN (
				SELECT f.booking_id, max(f.at * 16 + %[7]s) AS last, %[8]s AS fee, count(CASE WHEN f.fee IS NOT NULL AND %[9]s IS NULL THEN 1 END) AS fee_missing
				FROM (
					SELECT s.*, %[11]s
					FROM refresh_who w CROSS JOIN booking b CROSS JOIN booking_status s
					WHERE b.customer_id = w.id AND s.booking_id = b.id AND s.withdrawn_at IS NULL%[12]s
				) f
				GROUP BY f.booking_id
			) l ON l.booking_id = b.id
			WHERE b.customer_id = w.id AND b.withdrawn_at IS NULL%[12]s
		) f`,
		roleOfProduct("f.product"), standingContracted, bindsMoney("f.standing"), gross, net, strings.Join(fromIndex, " "), index, total(fee), fee,
		factor("b.currency", "b.at"), factor("s.currency", "s.at"), onceEach)
}
