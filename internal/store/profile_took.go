package store

import (
	"fmt"
	"slices"
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

// noRole stands for what is booked beside a participation, such as advertising.
const noRole = -1

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

// Roles are numbers while profiles are computed: their places among the words.

// roleNumber is the number of a role.
func roleNumber(expression string) string {
	return caseOf(expression, customer.Roles, func(_ string, at int) string { return fmt.Sprint(at) }) + " END"
}

// roleName is the role of a number.
func roleName(expression string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "CASE %s", expression)
	for at, word := range customer.Roles {
		fmt.Fprintf(&text, " WHEN %d THEN '%s'", at, word)
	}
	return text.String() + " END"
}

// roleOfProduct is the number of the role that a product makes.
func roleOfProduct(expression string) string {
	return caseOf(expression, customer.Products, func(word string, _ int) string {
		if role := rolesOfProducts[word]; role != "" {
			return fmt.Sprint(slices.Index(customer.Roles, role))
		}
		return ""
	}) + fmt.Sprintf(" ELSE %d END", noRole)
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

// owed is bindsMoney for a status.
func owed(status string) string { return bindsMoney("(" + standing(status) + ")") }

// inReporting is an amount of a fact f in the reporting currency; NULL if there is
// no rate. The fact has to have a factor.
func inReporting(amount string) string {
	return fmt.Sprintf("CASE WHEN f.currency = @currency THEN %[1]s ELSE converted(%[1]s, f.factor) END", amount)
}

// factor is the conversion of a currency on a day, to be looked up once a fact:
// whatever selects it ends with onceEach.
func factor(currency, day string) string {
	return fmt.Sprintf(`CASE WHEN %[1]s <> @currency OR @currency IS NULL THEN (%[2]s) END AS factor`, currency, factorOn(currency, day))
}

// factorOn is the last conversion of a currency up to a day.
func factorOn(currency, day string) string {
	return fmt.Sprintf("SELECT c.factor FROM conversion c WHERE c.currency = %s AND c.day <= %s ORDER BY c.day DESC LIMIT 1", currency, day)
}

// onceEach keeps a database from computing the columns of an inner SELECT wherever
// they are used; refresh.bind says it in the words of the database.
const onceEach = " ONCE EACH"

// total is a sum of integers that stays one; refresh.bind says it in the words of
// the database.
func total(expression string) string { return "total(" + expression + ")" }

// heldEditions lays out all editions: whether they were held, the place of each
// among those of its series that have closed, from which standing on somebody took
// part, and when any of that changes.
//
// Somebody took part who attended, or was contracted for an edition that has closed
// and nobody said otherwise; nobody takes part in a cancelled one.
func heldEditions() string {
	return fmt.Sprintf(`CREATE TEMP TABLE refresh_held ON COMMIT DROP AS
SELECT p.*, max(CASE WHEN p.is_next = 1 THEN p.edition END) OVER (PARTITION BY p.series) AS next_edition
FROM (
	SELECT s.*, dense_rank() OVER (ORDER BY s.series) AS series_number,
		CASE WHEN s.cancelled = 1 THEN %[1]d WHEN s.closed = 1 THEN %[2]d ELSE %[3]d END AS there_from,
		CASE WHEN s.closed = 1 THEN row_number() OVER (PARTITION BY s.series, s.closed ORDER BY s.closes, s.opens, s.edition, s.edition_id) END AS ordinal,
		CASE WHEN s.pending = 1 AND row_number() OVER (PARTITION BY s.series, s.pending ORDER BY s.closes, s.opens, s.edition, s.edition_id) = 1 THEN 1 ELSE 0 END AS is_next,
		count(CASE WHEN s.closed = 1 THEN 1 END) OVER (PARTITION BY s.series) AS total,
		count(CASE WHEN s.closed = 1 AND s.closes >= @window THEN 1 END) OVER (PARTITION BY s.series) AS window_total,
		min(CASE WHEN s.pending = 1 THEN s.closes + %[4]d WHEN s.closed = 1 AND s.closes >= @window THEN s.closes + %[5]d END) OVER (PARTITION BY s.series) AS next_change
	FROM (
		SELECT e.*, CASE WHEN e.cancelled = 0 AND e.closes < @today THEN 1 ELSE 0 END AS closed,
			CASE WHEN e.cancelled = 0 AND e.closes >= @today THEN 1 ELSE 0 END AS pending
		FROM (
			SELECT e.id AS edition_id, e.series, e.edition, coalesce(f.opens, e.opens, e.closes) AS opens, coalesce(f.closes, e.closes, e.opens) AS closes,
				CASE WHEN e.cancelled THEN 1 ELSE 0 END AS cancelled, %[6]s AS area_cost, f.indirect_percent
			FROM edition e LEFT JOIN (SELECT d.*, %[7]s FROM edition_declaration d%[8]s) f ON f.edition_id = e.id
		) e
	) s
) p`, standingAttended+1, standingContracted, standingAttended, dayMillis, (customer.WindowDays+1)*dayMillis,
		inReporting("f.area_cost"), factor("d.currency", "d.opens"), onceEach)
}

// tookPart lays out one row for every customer, edition and role, with the money
// that bookings and lists say; of the editions in a table, or of all if it is "". Where there are bookings of a customer, an edition and
// a role they decide, and of lists and visits counts only that somebody attended.
func tookPart(of string) string {
	return fmt.Sprintf(`CREATE TEMP TABLE refresh_took ON COMMIT DROP AS
SELECT g.customer_id, g.edition_id, g.role, CASE WHEN g.booked = 1 THEN g.sure_standing ELSE g.standing END AS standing,
	CASE WHEN g.booked = 0 THEN g.standing WHEN g.own_standing IS NOT NULL AND g.seen = 1 THEN %[8]d ELSE g.own_standing END AS own_standing,
	CASE WHEN g.booked = 1 AND g.own_standing IS NULL THEN NULL ELSE coalesce(g.booked_area, g.listed_area) END AS area, coalesce(g.booked_at, g.listed_at) AS first_at,
	CASE WHEN g.booked = 1 THEN g.booked_gross ELSE g.listed_gross END AS gross,
	CASE WHEN g.booked = 1 THEN g.booked_net ELSE g.listed_net END AS net,
	CASE WHEN g.booked = 1 THEN g.booked_missing ELSE g.listed_missing END AS missing
FROM (
	SELECT u.customer_id, u.edition_id, u.role, max(u.standing) AS standing, max(u.own_standing) AS own_standing,
		max(CASE WHEN u.booked = 1 OR u.standing = %[8]d THEN u.standing END) AS sure_standing,
		max(CASE WHEN u.booked = 0 AND u.standing = %[8]d THEN 1 ELSE 0 END) AS seen, %[1]s AS booked_area, max(u.listed_area) AS listed_area, min(u.booked_at) AS booked_at, min(u.listed_at) AS listed_at,
		max(u.booked) AS booked, %[2]s AS booked_gross, %[3]s AS booked_net, %[4]s AS booked_missing,
		max(u.listed_gross) AS listed_gross, max(u.listed_net) AS listed_net, max(u.listed_missing) AS listed_missing
	FROM (%[5]s
		UNION ALL
		%[6]s
		UNION ALL
		SELECT f.person_id, f.edition_id, %[7]d, %[8]d, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL, 0
		FROM refresh_who w CROSS JOIN visit f WHERE f.person_id IS THEIRS AND f.withdrawn_at IS NULL%[9]s
	) u
	GROUP BY u.customer_id, u.edition_id, u.role
) g`, total("u.booked_area"), total("u.booked_gross"), total("u.booked_net"), total("u.booked_missing"), listedParticipations(of), bookings(of),
		slices.Index(customer.Roles, "Visitor"), standingAttended, onlyOf(of, "f"))
}

// onlyOf is the condition that a fact is about one of the editions in a table.
func onlyOf(table, fact string) string {
	if table == "" {
		return ""
	}
	return fmt.Sprintf(" AND %s.edition_id IN (SELECT o.edition_id FROM %s o)", fact, table)
}

// listedParticipations are what lists say. Several lists may say the same of one
// customer, so that of their amounts the greatest stands.
func listedParticipations(of string) string {
	return fmt.Sprintf(`
		SELECT f.customer_id, f.edition_id, f.role, f.standing, CAST(NULL AS BIGINT) AS own_standing,
			CASE WHEN f.standing >= %[1]d THEN f.area END AS listed_area, CAST(NULL AS BIGINT) AS booked_area, f.at AS listed_at, CAST(NULL AS BIGINT) AS booked_at,
			0 AS booked, CAST(NULL AS BIGINT) AS booked_gross, CAST(NULL AS BIGINT) AS booked_net, CAST(0 AS BIGINT) AS booked_missing,
			f.gross AS listed_gross, f.after_discount AS listed_net, CASE WHEN f.net IS NOT NULL AND f.after_discount IS NULL THEN 1 ELSE 0 END AS listed_missing
		FROM (
			SELECT f.*, %[2]s AS gross, %[3]s AS after_discount
			FROM (
				SELECT p.customer_id, p.edition_id, p.area, p.at, p.currency, %[4]s AS role, %[5]s AS standing, %[6]s,
					CASE WHEN %[7]s THEN coalesce(p.list_price, p.net) END AS list_price, CASE WHEN %[7]s THEN coalesce(p.net, p.list_price) END AS net
				FROM refresh_who w CROSS JOIN participation p WHERE p.customer_id IS THEIRS AND p.withdrawn_at IS NULL%[9]s%[8]s
			) f%[8]s
		) f`,
		standingContracted, inReporting("f.list_price"), inReporting("f.net"), roleNumber("p.role"), standing("p.status"),
		factor("p.currency", "coalesce(p.at, (SELECT h.opens FROM refresh_held h WHERE h.edition_id = p.edition_id))"), owed("p.status"), onceEach, onlyOf(of, "p"))
}

// lastStatus tells the last of several statuses s of a booking from the others, and which it
// is: of those at one instant the one that follows in the order of statuses.
func lastStatus() string {
	index := caseOf("s.status", customer.BookingStatuses, func(_ string, at int) string { return fmt.Sprint(at) }) + " END"
	return fmt.Sprintf("max(s.at * 16 + %s + 16000000000000000)", index)
}

// standingOfLast is the standing that a lastStatus says; contracted if there is none.
func standingOfLast(last string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "CASE %s %% 16", last)
	for at, word := range customer.BookingStatuses {
		fmt.Fprintf(&text, " WHEN %d THEN %d", at, standings[word])
	}
	fmt.Fprintf(&text, " ELSE %d END", standingContracted)
	return text.String()
}

// bookings are what was booked, by the last status that each came to. A booking without
// any is contracted. The area of a co-exhibitor is on the main exhibitor's stand.
func bookings(of string) string {
	fee := fmt.Sprintf("CASE WHEN s.currency = @currency THEN s.fee WHEN s.fee IS NOT NULL THEN converted(s.fee, (%s)) END", factorOn("s.currency", "s.at"))
	return fmt.Sprintf(`SELECT f.customer_id, f.edition_id, %[1]s, f.standing, CASE WHEN f.parent IS NULL THEN f.standing END,
			NULL, CASE WHEN f.standing >= %[2]d AND f.parent IS NULL THEN f.area END, NULL, f.at,
			1,
			CASE WHEN f.binds = 1 AND f.gross IS NOT NULL THEN f.gross + coalesce(f.fee, 0) ELSE f.fee END,
			CASE WHEN f.binds = 1 AND f.after_discount IS NOT NULL THEN f.after_discount + coalesce(f.fee, 0) ELSE f.fee END,
			CASE WHEN f.fees > f.fees_converted OR f.binds = 1 AND f.net IS NOT NULL AND f.after_discount IS NULL THEN 1 ELSE 0 END, NULL, NULL, 0
		FROM (
			SELECT f.*, CASE WHEN %[3]s THEN 1 ELSE 0 END AS binds, %[4]s AS gross, %[5]s AS after_discount
			FROM (
				SELECT b.*, coalesce(b.list_price, b.net_price + b.discount, b.net_price) AS list, coalesce(b.net_price, b.list_price - b.discount, b.list_price) AS net,
					%[6]s AS standing, %[7]s
				FROM (
					SELECT b.id, b.customer_id, b.edition_id, b.product, b.parent, b.area, b.at, b.currency, b.list_price, b.net AS net_price, b.discount,
						%[8]s AS last, %[9]s AS fee, count(s.fee) AS fees, count(%[10]s) AS fees_converted
					FROM refresh_who w CROSS JOIN booking b LEFT JOIN booking_status s ON s.booking_id = b.id AND s.withdrawn_at IS NULL
					WHERE b.customer_id IS THEIRS AND b.withdrawn_at IS NULL%[12]s
					GROUP BY b.id
				) b%[11]s
			) f%[11]s
		) f`,
		roleOfProduct("f.product"), standingContracted, bindsMoney("f.standing"), inReporting("f.list"), inReporting("f.net"),
		standingOfLast("b.last"), factor("b.currency", "b.at"), lastStatus(), total(fee), fee, onceEach, onlyOf(of, "b"))
}
