package store

// bySeries lays out customer_series_profile as it has to be: for every customer,
// series and role in which something is recorded.
//
// An edition is eligible for a customer in a series and role if it was held, has
// closed, and closed no earlier than the first one that the customer took part in
// on its own account. So a cancelled edition is missed by nobody, who joined later
// missed nothing before, and who only ever stood on another's stand was never
// eligible.
func bySeries() string {
	return `CREATE TEMP TABLE refresh_series ON COMMIT DROP AS
SELECT g.customer_id, g.series, g.role, first_held.edition AS first_edition, last_held.edition AS last_edition,
	g.first_participation, g.last_participation, g.participations,
	CASE WHEN g.total > 0 THEN g.consecutive END AS consecutive_editions,
	CASE WHEN g.joined IS NOT NULL THEN g.total - g.last_ordinal END AS missed_editions,
	g.total - g.joined + 1 AS eligible_editions,
	CASE WHEN g.joined IS NOT NULL THEN g.eligible_participations END AS eligible_participations,
	CASE WHEN g.joined > g.total - g.window_total THEN g.total - g.joined + 1 WHEN g.joined IS NOT NULL THEN g.window_total END AS window_eligible_editions,
	CASE WHEN g.joined IS NOT NULL THEN g.window_participations END AS window_participations,
	g.co_exhibitions, g.no_shows, g.cancellations, g.booth_area, g.previous_booth_area, g.booking_lead_days, g.previous_booking_lead_days,
	g.next_edition, ` + statusOfStanding("g.next_standing") + ` AS next_status,
	m.revenue, m.discount, m.booked_revenue, m.product_cost, m.indirect_cost, m.estimated_cost, m.contact_cost, m.uncosted_revenue, m.net_profit,
	coalesce(m.unconverted_amounts, 0) AS unconverted_amounts,
	coalesce(c.complaints, 0) AS complaints, coalesce(c.open_complaints, 0) AS open_complaints, f.net_promoter_score, g.next_change
FROM (
	SELECT r.customer_id, r.series, r.role, r.total, r.window_total, r.joined, r.next_edition, r.next_change,
		min(CASE WHEN r.present = 1 THEN r.opens END) AS first_participation, max(CASE WHEN r.present = 1 THEN r.opens END) AS last_participation,
		min(r.taken) AS first_ordinal, max(r.taken) AS last_ordinal, count(CASE WHEN r.present = 1 THEN 1 END) AS participations,
		count(CASE WHEN r.taken + r.back - 1 = r.total THEN 1 END) AS consecutive,
		count(CASE WHEN r.taken >= r.joined THEN 1 END) AS eligible_participations,
		count(CASE WHEN r.taken >= r.joined AND r.taken > r.total - r.window_total THEN 1 END) AS window_participations,
		count(CASE WHEN r.present = 1 AND r.own_present = 0 THEN 1 END) AS co_exhibitions,
		count(CASE WHEN r.no_show = 1 THEN 1 END) AS no_shows, count(CASE WHEN r.was_cancelled = 1 THEN 1 END) AS cancellations,
		max(CASE WHEN r.back = 1 AND r.taken IS NOT NULL THEN r.area END) AS booth_area,
		max(CASE WHEN r.back = 2 AND r.taken IS NOT NULL THEN r.area END) AS previous_booth_area,
		max(CASE WHEN r.back = 1 AND r.taken IS NOT NULL THEN r.lead_days END) AS booking_lead_days,
		max(CASE WHEN r.back = 2 AND r.taken IS NOT NULL THEN r.lead_days END) AS previous_booking_lead_days,
		max(CASE WHEN r.is_next = 1 THEN r.standing END) AS next_standing
	FROM (
		SELECT t.*, CASE WHEN t.present = 1 THEN t.ordinal END AS taken,
			row_number() OVER (PARTITION BY t.customer_id, t.series, t.role ORDER BY CASE WHEN t.present = 1 THEN t.ordinal END DESC NULLS LAST, t.edition_id) AS back,
			min(CASE WHEN t.own_present = 1 THEN t.ordinal END) OVER (PARTITION BY t.customer_id, t.series, t.role) AS joined
		FROM refresh_took t WHERE t.role <> ''
	) r
	GROUP BY r.customer_id, r.series, r.role, r.total, r.window_total, r.joined, r.next_edition, r.next_change
) g
LEFT JOIN refresh_held first_held ON first_held.series = g.series AND first_held.ordinal = g.first_ordinal
LEFT JOIN refresh_held last_held ON last_held.series = g.series AND last_held.ordinal = g.last_ordinal
LEFT JOIN (
	SELECT u.customer_id, u.series, ` + money("u") + `
	FROM refresh_unit u WHERE u.series IS NOT NULL GROUP BY u.customer_id, u.series
) m ON m.customer_id = g.customer_id AND m.series = g.series
LEFT JOIN (
	SELECT f.customer_id, h.series, count(*) AS complaints, count(CASE WHEN f.resolved IS NULL THEN 1 END) AS open_complaints
	FROM refresh_who w CROSS JOIN complaint f JOIN refresh_held h ON h.edition_id = f.edition_id
	WHERE f.customer_id = w.id AND f.withdrawn_at IS NULL GROUP BY f.customer_id, h.series
) c ON c.customer_id = g.customer_id AND c.series = g.series
LEFT JOIN (
	SELECT f.customer_id, h.series, ` + lastRecommendation + ` AS net_promoter_score
	FROM refresh_who w CROSS JOIN feedback f JOIN refresh_held h ON h.edition_id = f.edition_id
	WHERE f.customer_id = w.id AND ` + recommends + ` GROUP BY f.customer_id, h.series
) f ON f.customer_id = g.customer_id AND f.series = g.series`
}

// recommends is the condition of an answer whether the customer would recommend
// the show; scores are held in hundredths.
const recommends = `f.withdrawn_at IS NULL AND f.dimension = @recommendation AND f.score BETWEEN 0 AND 1000`

// lastRecommendation is the score of the last such answer, the greatest of several
// at one instant: the score rides in the low digits of the instant.
const lastRecommendation = `(max(f.at * 2048 + f.score + 2048000000000000) % 2048) / 100`
