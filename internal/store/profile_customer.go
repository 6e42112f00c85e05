package store

import (
	"fmt"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// farFuture stands for no date where dates are compared.
const farFuture = "9000000000000000"

// earliest is the least of instants of which some may be absent; absent if all are.
func earliest(instants ...string) string {
	for i, instant := range instants {
		instants[i] = "coalesce(" + instant + ", " + farFuture + ")"
	}
	return "nullif(least(" + strings.Join(instants, ", ") + "), " + farFuture + ")"
}

// leavesAfter is the midnight at which an instant is more than so many days ago.
func leavesAfter(instant string, days int64) string {
	return fmt.Sprintf("((%s) / %d + %d) * %[2]d", instant, int64(dayMillis), days+1)
}

// byCustomer lays out customer_profile as it has to be: one row for everybody who
// has a role, or a participation, a booking or a transaction.
func byCustomer() string {
	return `CREATE TEMP TABLE refresh_customer ON COMMIT DROP AS
SELECT p.id AS customer_id, p.kind, p.country, p.roles,
	s.first_participation, s.last_participation, coalesce(s.participations, 0) - coalesce(twice.roles, 0) AS participations, s.consecutive_editions, s.missed_editions,
	s.eligible_editions, s.eligible_participations, s.window_eligible_editions, s.window_participations,
	coalesce(s.co_exhibitions, 0) AS co_exhibitions, coalesce(s.no_shows, 0) AS no_shows, coalesce(s.cancellations, 0) AS cancellations,
	s.booth_area, s.previous_booth_area, s.booking_lead_days, s.previous_booking_lead_days,
	coalesce(u.purchases, 0) AS purchases, u.first_purchase, u.last_purchase, u.gross AS revenue, u.gross - u.net AS discount, u.booked AS booked_revenue,
	u.product_cost, u.indirect_cost, u.estimated AS estimated_cost, i.cost AS contact_cost, u.uncosted AS uncosted_revenue, ` + netProfit("u", "i.cost") + ` AS net_profit,
	coalesce(u.missing, 0) + coalesce(i.missing, 0) + coalesce(r.missing, 0) AS unconverted_amounts, u.since AS relationship_since, u.year1 AS spend_last_year, u.year2 AS spend_two_years_ago, u.year3 AS spend_three_years_ago,
	r.year1 AS rival_spend_last_year, r.year2 AS rival_spend_two_years_ago, r.year3 AS rival_spend_three_years_ago, r.shows AS rival_shows,
	coalesce(i.contacts, 0) AS contacts, i.last_contact, coalesce(i.contacts30, 0) AS contacts30_days, coalesce(i.year, 0) AS contacts_year,
	coalesce(i.year_before, 0) AS contacts_year_before, coalesce(i.meetings, 0) AS meetings_year,
	coalesce(a.persons, 0) AS contact_persons, coalesce(a.departments, 0) AS contact_departments,
	f.last_feedback, d.gap AS satisfaction_gap, coalesce(d.gap_dimensions, 0) AS satisfaction_dimensions,
	d.own_rating, d.rival_rating, coalesce(d.rated_dimensions, 0) AS rated_dimensions, f.net_promoter_score,
	coalesce(c.complaints, 0) AS complaints, coalesce(c.open_complaints, 0) AS open_complaints, c.last_complaint,
	coalesce(made.referrals, 0) AS referrals, coalesce(had.referrers, 0) AS referrers, coalesce(n.preferences, 0) AS preferences,
	` + earliest("s.next_change", "i.next_change", "a.next_change", "CASE WHEN u.moves_with_year = 1 OR r.moves_with_year = 1 THEN @nextYear END") + ` AS next_change_at
FROM refresh_who w JOIN party p ON p.id = w.id
LEFT JOIN (` + seriesTogether + `) s ON s.customer_id = w.id
LEFT JOIN (
	SELECT u.customer_id, max(u.facts) AS facts, ` + total("u.gross") + ` AS gross, ` + total("u.net") + ` AS net, ` + total("u.booked") + ` AS booked,
		` + total("u.product_cost") + ` AS product_cost, ` + total("u.indirect_cost") + ` AS indirect_cost, ` + total("u.estimated") + ` AS estimated,
		` + total("u.uncosted") + ` AS uncosted, max(u.costed) AS costed, ` + total("u.missing") + ` AS missing,
		` + total("u.year1") + ` AS year1, ` + total("u.year2") + ` AS year2, ` + total("u.year3") + ` AS year3, max(u.moves_with_year) AS moves_with_year,
		` + total("u.purchases") + ` AS purchases, min(u.first_purchase) AS first_purchase, max(u.last_purchase) AS last_purchase, min(u.since) AS since
	FROM refresh_money u GROUP BY u.customer_id
) u ON u.customer_id = w.id
LEFT JOIN (
	SELECT t.customer_id, count(*) - count(DISTINCT t.edition_id) AS roles
	FROM refresh_took t JOIN refresh_held h ON h.edition_id = t.edition_id
	WHERE t.role >= 0 AND t.standing >= h.there_from
	  AND t.customer_id IN (SELECT s.customer_id FROM refresh_standing s WHERE s.role >= 0 GROUP BY s.customer_id, s.series_number HAVING count(*) > 1)
	GROUP BY t.customer_id
) twice ON twice.customer_id = w.id
LEFT JOIN (` + rivals() + `) r ON r.customer_id = w.id
LEFT JOIN (` + contacts() + `) i ON i.customer_id = w.id
LEFT JOIN (` + people() + `) a ON a.organization_id = w.id
LEFT JOIN (
	SELECT f.customer_id, max(f.at) AS last_feedback, (max(CASE WHEN ` + recommends + ` THEN f.at * 2048 + f.score + 2048000000000000 END) % 2048) / 100 AS net_promoter_score
	FROM refresh_who w CROSS JOIN feedback f WHERE f.customer_id IS THEIRS AND f.withdrawn_at IS NULL GROUP BY f.customer_id
) f ON f.customer_id = w.id
LEFT JOIN (
	SELECT d.customer_id, ` + total("d.perceived - d.expected") + ` AS gap, count(d.perceived - d.expected) AS gap_dimensions,
		` + total("CASE WHEN d.rival_score IS NOT NULL THEN d.score END") + ` AS own_rating, ` + total("CASE WHEN d.score IS NOT NULL THEN d.rival_score END") + ` AS rival_rating,
		count(d.score - d.rival_score) AS rated_dimensions
	FROM refresh_dimension d GROUP BY d.customer_id
) d ON d.customer_id = w.id
LEFT JOIN (
	SELECT f.customer_id, count(*) AS complaints, count(CASE WHEN f.resolved IS NULL THEN 1 END) AS open_complaints, max(f.opened) AS last_complaint
	FROM refresh_who w CROSS JOIN complaint f WHERE f.customer_id IS THEIRS AND f.withdrawn_at IS NULL GROUP BY f.customer_id
) c ON c.customer_id = w.id
LEFT JOIN (
	SELECT f.referrer_id, count(DISTINCT f.referred_id) AS referrals
	FROM refresh_who w CROSS JOIN referral f WHERE f.referrer_id IS THEIRS AND f.withdrawn_at IS NULL GROUP BY f.referrer_id
) made ON made.referrer_id = w.id
LEFT JOIN (
	SELECT f.referred_id, count(DISTINCT f.referrer_id) AS referrers
	FROM refresh_who w CROSS JOIN referral f WHERE f.referred_id IS THEIRS AND f.withdrawn_at IS NULL GROUP BY f.referred_id
) had ON had.referred_id = w.id
LEFT JOIN (SELECT n.customer_id, count(*) AS preferences FROM refresh_preference n GROUP BY n.customer_id) n ON n.customer_id = w.id
WHERE p.roles <> 0 OR u.facts > 0`
}

// seriesTogether are the measures over all series of a customer: of each series in
// the role in which the customer took part most, and the booth of the series that
// closed last of those it exhibited in.
const seriesTogether = `
	SELECT r.customer_id, total(r.participations) AS participations, min(r.first_participation) AS first_participation, max(r.last_participation) AS last_participation, min(r.next_change) AS next_change,
		max(CASE WHEN r.main THEN r.consecutive_editions END) AS consecutive_editions, min(CASE WHEN r.main THEN r.missed_editions END) AS missed_editions,
		total(CASE WHEN r.main THEN r.eligible_editions END) AS eligible_editions,
		total(CASE WHEN r.main THEN r.eligible_participations END) AS eligible_participations,
		total(CASE WHEN r.main THEN r.window_eligible_editions END) AS window_eligible_editions,
		total(CASE WHEN r.main THEN r.window_participations END) AS window_participations,
		total(r.co_exhibitions) AS co_exhibitions, total(r.no_shows) AS no_shows, total(r.cancellations) AS cancellations,
		max(CASE WHEN r.last_series = 1 THEN r.booth_area END) AS booth_area, max(CASE WHEN r.last_series = 1 THEN r.previous_booth_area END) AS previous_booth_area,
		max(CASE WHEN r.last_series = 1 THEN r.booking_lead_days END) AS booking_lead_days,
		max(CASE WHEN r.last_series = 1 THEN r.previous_booking_lead_days END) AS previous_booking_lead_days
	FROM (
		SELECT s.*, row_number() OVER (PARTITION BY s.customer_id ORDER BY CASE WHEN s.role = 'Exhibitor' AND s.participations > 0 THEN 0 ELSE 1 END,
				s.last_closed DESC NULLS LAST, s.series, s.role) AS last_series
		FROM refresh_series s
	) r GROUP BY r.customer_id`

func rivals() string {
	spend := inReporting("f.spend")
	year := func(from, to string) string {
		return total(fmt.Sprintf("CASE WHEN f.day >= @%s AND f.day < @%s THEN %s END", from, to, spend))
	}
	return `SELECT f.customer_id, ` + year("year1", "year0") + ` AS year1, ` + year("year2", "year1") + ` AS year2, ` + year("year3", "year2") + ` AS year3,
		nullif(count(DISTINCT CASE WHEN f.day >= @year3 THEN f.rival END), 0) AS shows, count(CASE WHEN f.spend IS NOT NULL AND ` + spend + ` IS NULL THEN 1 END) AS missing,
		max(CASE WHEN f.day >= @year3 THEN 1 ELSE 0 END) AS moves_with_year
	FROM (
		SELECT e.*, ` + factor("e.currency", "e.day") + `
		FROM refresh_who w CROSS JOIN rival_dealing e WHERE e.customer_id IS THEIRS AND e.withdrawn_at IS NULL` + onceEach + `
	) f GROUP BY f.customer_id`
}

func contacts() string {
	year := int64(customer.YearDays)
	return `SELECT f.customer_id, count(*) AS contacts, max(f.at) AS last_contact,
		count(CASE WHEN f.at >= @month AND coalesce(f.direction, 'Outbound') = 'Outbound' THEN 1 END) AS contacts30,
		count(CASE WHEN f.at >= @year THEN 1 END) AS year, count(CASE WHEN f.at < @year AND f.at >= @yearBefore THEN 1 END) AS year_before,
		count(CASE WHEN f.at >= @year AND f.method IN ('Visit', 'Meeting', 'Webinar', 'Event', 'Training') THEN 1 END) AS meetings,
		` + earliest(
		leavesAfter("min(CASE WHEN f.at >= @month THEN f.at END)", customer.MonthDays),
		leavesAfter("min(CASE WHEN f.at >= @year THEN f.at END)", year),
		leavesAfter("min(CASE WHEN f.at < @year AND f.at >= @yearBefore THEN f.at END)", 2*year)) + ` AS next_change,
		` + total("f.amount") + ` AS cost, count(CASE WHEN f.cost IS NOT NULL AND f.amount IS NULL THEN 1 END) AS missing
	FROM (
		SELECT f.customer_id, f.at, f.direction, f.method, f.cost, ` + inReporting("f.cost") + ` AS amount
		FROM (
			SELECT e.customer_id, e.at, e.direction, e.method, e.cost, e.currency, ` + factor("e.currency", "e.at") + `
			FROM refresh_who w CROSS JOIN interaction e WHERE e.customer_id IS THEIRS AND e.withdrawn_at IS NULL` + onceEach + `
		) f` + onceEach + `
	) f GROUP BY f.customer_id`
}

func people() string {
	today := "(f.valid_from IS NULL OR f.valid_from <= @today) AND (f.valid_to IS NULL OR f.valid_to >= @today)"
	return `SELECT f.organization_id, count(DISTINCT CASE WHEN ` + today + ` THEN f.person_id END) AS persons,
		count(DISTINCT CASE WHEN ` + today + ` THEN f.department END) AS departments,
		` + earliest("min(CASE WHEN f.valid_from > @today THEN f.valid_from END)", fmt.Sprintf("min(CASE WHEN f.valid_to >= @today THEN f.valid_to + %d END)", dayMillis)) + ` AS next_change
	FROM refresh_who w CROSS JOIN affiliation f WHERE f.organization_id IS THEIRS AND f.withdrawn_at IS NULL GROUP BY f.organization_id`
}

// lastAnswers lays out customer_dimension_profile: the last answer in each
// dimension. What was expected may have been asked before the show, and is then
// taken from the last answer to the same question about the same edition.
const lastAnswers = `CREATE TEMP TABLE refresh_dimension ON COMMIT DROP AS
SELECT a.customer_id, a.dimension, coalesce(a.expected, (
		SELECT b.expected FROM feedback b WHERE b.customer_id = a.customer_id AND b.question = a.question AND b.edition_id IS NOT DISTINCT FROM a.edition_id
			AND b.expected IS NOT NULL AND b.withdrawn_at IS NULL ORDER BY b.at DESC, b.id DESC LIMIT 1)) AS expected,
	a.perceived, a.score, a.rival_score, a.at
FROM (
	SELECT f.customer_id, f.dimension, f.question, f.edition_id, f.expected, f.perceived, f.score, f.rival_score, f.at,
		row_number() OVER (PARTITION BY f.customer_id, f.dimension ORDER BY f.at DESC, f.id DESC) AS back
	FROM refresh_who w CROSS JOIN feedback f
	WHERE f.customer_id IS THEIRS AND f.withdrawn_at IS NULL AND f.dimension IS NOT NULL AND (f.perceived IS NOT NULL OR f.score IS NOT NULL)
) a WHERE a.back = 1`

// preferencesByName lays out customer_preference: of several sources the one that
// confirmed last, then the most trusted.
const preferencesByName = `CREATE TEMP TABLE refresh_preference ON COMMIT DROP AS
SELECT a.customer_id, a.name, a.value, a.confirmed FROM (
	SELECT f.party_id AS customer_id, f.name, f.value, f.confirmed,
		row_number() OVER (PARTITION BY f.party_id, f.name ORDER BY f.confirmed DESC NULLS LAST, s.trust DESC, f.id DESC) AS back
	FROM refresh_who w CROSS JOIN preference f JOIN source s ON s.id = f.source_id
	WHERE f.party_id = w.id AND f.withdrawn_at IS NULL
) a WHERE a.back = 1`
