package store

import "fmt"

// bySeriesAndRole lays out one row for every customer, series and role with what follows
// from the editions taken part in, and with the money of those that no transaction
// is about.
//
// An edition is eligible for a customer in a series and role if it was held, has
// closed, and closed no earlier than the first one that the customer took part in
// on its own account. So a cancelled edition is missed by nobody, who joined later
// missed nothing before, and who only ever stood on another's stand was never
// eligible.
func bySeriesAndRole() string {
	return fmt.Sprintf(`CREATE TEMP TABLE refresh_standing ON COMMIT DROP AS
SELECT r.customer_id, r.series_number, r.role, max(r.total) AS total, max(r.window_total) AS window_total, max(r.next_change) AS next_change,
	min(CASE WHEN r.own_present = 1 THEN r.taken END) AS joined, min(CASE WHEN r.present = 1 THEN r.opens END) AS first_participation,
	max(CASE WHEN r.present = 1 THEN r.opens END) AS last_participation, max(CASE WHEN r.taken IS NOT NULL THEN r.opens END) AS last_closed, min(r.taken) AS first_ordinal, max(r.taken) AS last_ordinal,
	count(CASE WHEN r.present = 1 THEN 1 END) AS participations, count(CASE WHEN r.taken + r.back - 1 = r.total THEN 1 END) AS consecutive,
	count(r.taken) AS taken, count(CASE WHEN r.taken > r.total - r.window_total THEN 1 END) AS window_taken,
	count(CASE WHEN r.present = 1 AND r.own_present = 0 THEN 1 END) AS co_exhibitions,
	count(CASE WHEN r.cancelled = 0 AND r.standing = %[1]d THEN 1 END) AS no_shows, count(CASE WHEN r.cancelled = 0 AND r.standing = %[2]d THEN 1 END) AS cancellations,
	max(CASE WHEN r.back = 1 AND r.taken IS NOT NULL THEN r.area END) AS booth_area, max(CASE WHEN r.back = 2 AND r.taken IS NOT NULL THEN r.area END) AS previous_booth_area,
	max(CASE WHEN r.back = 1 AND r.taken IS NOT NULL THEN (r.opens - r.first_at) / %[3]d END) AS booking_lead_days,
	max(CASE WHEN r.back = 2 AND r.taken IS NOT NULL THEN (r.opens - r.first_at) / %[3]d END) AS previous_booking_lead_days,
	max(CASE WHEN r.is_next = 1 THEN r.standing END) AS next_standing,
	%[4]s AS gross, %[5]s AS net, %[6]s AS product_cost, %[7]s AS indirect_cost, %[8]s AS estimated, %[9]s AS uncosted,
	max(CASE WHEN r.estimated_product IS NOT NULL OR r.estimated_indirect IS NOT NULL THEN 1 ELSE 0 END) AS costed, %[10]s AS missing,
	%[11]s AS year1, %[12]s AS year2, %[13]s AS year3, max(CASE WHEN r.opens >= @year3 THEN 1 ELSE 0 END) AS moves_with_year, min(r.since) AS since
FROM (
	SELECT t.*, CASE WHEN t.present = 1 THEN t.ordinal END AS taken,
		row_number() OVER (PARTITION BY t.customer_id, t.series_number, t.role ORDER BY CASE WHEN t.present = 1 THEN t.ordinal END DESC NULLS LAST) AS back,
		CASE WHEN t.net IS NOT NULL AND t.costed = 0 AND %[17]s AND t.standing >= %[14]d THEN %[15]s END AS estimated_product,
		CASE WHEN t.net IS NOT NULL AND t.costed = 0 THEN %[16]s END AS estimated_indirect,
		CASE WHEN t.first_at IS NULL OR t.present = 1 AND t.opens < t.first_at THEN CASE WHEN t.present = 1 THEN t.opens END ELSE t.first_at END AS since
	FROM (
		SELECT t.customer_id, h.series_number, t.role, t.standing, t.area, t.first_at, h.opens, h.ordinal, h.total, h.window_total, h.next_change, h.is_next, h.cancelled,
			h.area_cost, h.indirect_percent, coalesce(x.costed, 0) AS costed,
			CASE WHEN t.role >= 0 AND t.standing >= h.there_from THEN 1 ELSE 0 END AS present,
			CASE WHEN t.role >= 0 AND t.own_standing >= h.there_from THEN 1 ELSE 0 END AS own_present,
			CASE WHEN h.cancelled = 0 AND coalesce(x.has_revenue, 0) = 0 THEN t.gross END AS gross,
			CASE WHEN h.cancelled = 0 AND coalesce(x.has_revenue, 0) = 0 THEN t.net END AS net,
			CASE WHEN h.cancelled = 0 AND coalesce(x.has_revenue, 0) = 0 THEN t.missing END AS missing
		FROM refresh_took t JOIN refresh_held h ON h.edition_id = t.edition_id
		LEFT JOIN refresh_entry x ON x.customer_id = t.customer_id AND x.edition_id = t.edition_id
	) t
) r
GROUP BY r.customer_id, r.series_number, r.role`,
		standingNoShow, standingCancelled, dayMillis, total("r.gross"), total("r.net"), total("r.estimated_product"), total("r.estimated_indirect"),
		total("CASE WHEN r.estimated_product IS NOT NULL OR r.estimated_indirect IS NOT NULL THEN coalesce(r.estimated_product, 0) + coalesce(r.estimated_indirect, 0) END"),
		total("CASE WHEN r.costed = 0 AND r.estimated_product IS NULL AND r.estimated_indirect IS NULL THEN r.net END"), total("r.missing"),
		total("CASE WHEN r.opens >= @year1 AND r.opens < @year0 THEN r.net END"), total("CASE WHEN r.opens >= @year2 AND r.opens < @year1 THEN r.net END"),
		total("CASE WHEN r.opens >= @year3 AND r.opens < @year2 THEN r.net END"),
		standingContracted, rounded("t.area_cost * t.area"), rounded("t.net * t.indirect_percent"), costsByArea("t.area_cost", "t.area"))
}

// bySeries lays out customer_series_profile as it has to be: for every customer,
// series and role in which something is recorded.
func bySeries() string {
	return `CREATE TEMP TABLE refresh_series ON COMMIT DROP AS
SELECT g.customer_id, series.series, ` + roleName("g.role") + ` AS role,
	row_number() OVER (PARTITION BY g.customer_id, g.series_number ORDER BY g.participations DESC, ` + roleName("g.role") + `) = 1 AS main, first_held.edition AS first_edition, last_held.edition AS last_edition,
	g.first_participation, g.last_participation, g.participations,
	CASE WHEN g.total > 0 THEN g.consecutive END AS consecutive_editions,
	CASE WHEN g.joined IS NOT NULL THEN g.total - g.last_ordinal END AS missed_editions,
	g.total - g.joined + 1 AS eligible_editions,
	CASE WHEN g.joined IS NOT NULL THEN g.taken - coalesce(early.taken, 0) END AS eligible_participations,
	CASE WHEN g.joined > g.total - g.window_total THEN g.total - g.joined + 1 WHEN g.joined IS NOT NULL THEN g.window_total END AS window_eligible_editions,
	CASE WHEN g.joined IS NOT NULL THEN g.window_taken - coalesce(early.window_taken, 0) END AS window_participations,
	g.co_exhibitions, g.no_shows, g.cancellations, g.booth_area, g.previous_booth_area, g.booking_lead_days, g.previous_booking_lead_days,
	series.next_edition, ` + statusOfStanding("g.next_standing") + ` AS next_status,
	m.gross AS revenue, m.gross - m.net AS discount, m.booked AS booked_revenue, m.product_cost, m.indirect_cost, m.estimated AS estimated_cost,
	i.cost AS contact_cost, m.uncosted AS uncosted_revenue, ` + netProfit("m", "i.cost") + ` AS net_profit,
	coalesce(m.missing, 0) + coalesce(i.missing, 0) AS unconverted_amounts,
	coalesce(c.complaints, 0) AS complaints, coalesce(c.open_complaints, 0) AS open_complaints, f.net_promoter_score, g.next_change, g.last_closed
FROM refresh_standing g
JOIN (SELECT DISTINCT h.series_number, h.series, h.next_edition FROM refresh_held h) series ON series.series_number = g.series_number
LEFT JOIN refresh_held first_held ON first_held.series_number = g.series_number AND first_held.ordinal = g.first_ordinal
LEFT JOIN refresh_held last_held ON last_held.series_number = g.series_number AND last_held.ordinal = g.last_ordinal
LEFT JOIN (
	SELECT t.customer_id, h.series_number, t.role, count(*) AS taken, count(CASE WHEN h.ordinal > h.total - h.window_total THEN 1 END) AS window_taken
	FROM refresh_took t JOIN refresh_held h ON h.edition_id = t.edition_id
	JOIN refresh_standing s ON s.customer_id = t.customer_id AND s.series_number = h.series_number AND s.role = t.role
	WHERE t.role >= 0 AND t.standing >= h.there_from AND (t.own_standing IS NULL OR t.own_standing < h.there_from) AND h.ordinal < s.joined
	GROUP BY t.customer_id, h.series_number, t.role
) early ON early.customer_id = g.customer_id AND early.series_number = g.series_number AND early.role = g.role
LEFT JOIN refresh_money m ON m.customer_id = g.customer_id AND m.series_number = g.series_number
LEFT JOIN (
	SELECT f.customer_id, h.series_number, ` + total("f.amount") + ` AS cost, count(CASE WHEN f.amount IS NULL THEN 1 END) AS missing
	FROM (` + contactCosts("AND e.edition_id IS NOT NULL") + `) f JOIN refresh_held h ON h.edition_id = f.edition_id GROUP BY f.customer_id, h.series_number
) i ON i.customer_id = g.customer_id AND i.series_number = g.series_number
LEFT JOIN (
	SELECT f.customer_id, h.series_number, count(*) AS complaints, count(CASE WHEN f.resolved IS NULL THEN 1 END) AS open_complaints
	FROM refresh_who w CROSS JOIN complaint f JOIN refresh_held h ON h.edition_id = f.edition_id
	WHERE f.customer_id IS THEIRS AND f.withdrawn_at IS NULL GROUP BY f.customer_id, h.series_number
) c ON c.customer_id = g.customer_id AND c.series_number = g.series_number
LEFT JOIN (
	SELECT f.customer_id, h.series_number, ` + lastRecommendation + ` AS net_promoter_score
	FROM refresh_who w CROSS JOIN feedback f JOIN refresh_held h ON h.edition_id = f.edition_id
	WHERE f.customer_id IS THEIRS AND ` + recommends + ` GROUP BY f.customer_id, h.series_number
) f ON f.customer_id = g.customer_id AND f.series_number = g.series_number
WHERE g.role >= 0`
}

// contactCosts are the contacts that cost something, with the amount in the
// reporting currency; NULL if there is no rate.
func contactCosts(condition string) string {
	return `SELECT f.customer_id, f.edition_id, ` + inReporting("f.cost") + ` AS amount
		FROM (
			SELECT e.customer_id, e.edition_id, e.cost, e.currency, ` + factor("e.currency", "e.at") + `
			FROM refresh_who w CROSS JOIN interaction e WHERE e.customer_id IS THEIRS AND e.withdrawn_at IS NULL AND e.cost IS NOT NULL ` + condition + onceEach + `
		) f` + onceEach
}

// recommends is the condition of an answer whether the customer would recommend
// the show; scores are held in hundredths.
const recommends = `f.withdrawn_at IS NULL AND f.dimension = @recommendation AND f.score BETWEEN 0 AND 1000`

// lastRecommendation is the score of the last such answer, the greatest of several
// at one instant: the score rides in the low digits of the instant.
const lastRecommendation = `(max(f.at * 2048 + f.score + 2048000000000000) % 2048) / 100`
