package store

import "fmt"

// entries lays out what transactions say, one row for every customer and edition (0
// for what is about none), in the reporting currency. With the name of a table of
// editions it lays out what is about these alone, and of what is about none that since
// @since.
func entries(of string) string {
	among := ""
	if of != "" {
		among = " AND (e.edition_id IN (SELECT o.edition_id FROM " + of + " o) OR e.edition_id IS NULL AND e.at >= @since)"
	}
	at := func(amount string) string { return inReporting("f." + amount) }
	net := fmt.Sprintf("CASE WHEN %[1]s IS NOT NULL OR %[2]s IS NOT NULL THEN coalesce(%[1]s, 0) - coalesce(%[2]s, 0) END", at("revenue"), at("discount"))
	year := func(from, to string) string {
		return total(fmt.Sprintf("CASE WHEN f.at >= @%s AND f.at < @%s THEN f.after_discount END", from, to))
	}
	return fmt.Sprintf(`CREATE TEMP TABLE refresh_entry ON COMMIT DROP AS
SELECT f.customer_id, f.edition_id, max(f.has_revenue) AS has_revenue,
	max(CASE WHEN f.product_cost IS NOT NULL OR f.indirect_cost IS NOT NULL THEN 1 ELSE 0 END) AS costed,
	%[1]s AS gross, %[2]s AS net, %[3]s AS product_cost, %[4]s AS indirect_cost,
	%[5]s AS uncosted, count(CASE WHEN f.missing = 1 THEN 1 END) AS missing, %[6]s AS year1, %[7]s AS year2, %[8]s AS year3,
	count(f.purchase_at) AS purchases, min(f.purchase_at) AS first_purchase, max(f.purchase_at) AS last_purchase, min(f.at) AS since, max(f.at) AS last_at
FROM (
	SELECT f.customer_id, f.edition_id, f.at, %[9]s AS revenue, %[10]s AS discount, %[11]s AS after_discount, %[12]s AS product_cost, %[13]s AS indirect_cost,
		CASE WHEN f.revenue > 0 THEN f.at END AS purchase_at, CASE WHEN f.revenue IS NOT NULL OR f.discount IS NOT NULL THEN 1 ELSE 0 END AS has_revenue,
		CASE WHEN f.revenue IS NOT NULL AND %[9]s IS NULL OR f.discount IS NOT NULL AND %[10]s IS NULL
		       OR f.product_cost IS NOT NULL AND %[12]s IS NULL OR f.indirect_cost IS NOT NULL AND %[13]s IS NULL THEN 1 ELSE 0 END AS missing
	FROM (
		SELECT e.customer_id, coalesce(e.edition_id, 0) AS edition_id, e.at, e.currency, e.revenue, e.discount, e.product_cost, e.indirect_cost, %[14]s
		FROM refresh_who w CROSS JOIN transaction_entry e WHERE e.customer_id IS THEIRS AND e.withdrawn_at IS NULL%[16]s%[15]s
	) f%[15]s
) f
GROUP BY f.customer_id, f.edition_id`,
		total("f.revenue"), total("f.after_discount"), total("f.product_cost"), total("f.indirect_cost"),
		total("CASE WHEN f.product_cost IS NULL AND f.indirect_cost IS NULL THEN f.after_discount END"),
		year("year1", "year0"), year("year2", "year1"), year("year3", "year2"),
		at("revenue"), at("discount"), net, at("product_cost"), at("indirect_cost"), factor("e.currency", "e.at"), onceEach, among)
}

// moneyBySeries lays out one row for every customer and series (0 for what is about
// none) with what came in and what it cost.
//
// Revenue is what transactions say; only where none that has revenue is about the
// edition, what was booked. Costs are what transactions say; only where none that has
// costs is about the edition, what the Exhibition's costing gives.
func moneyBySeries() string {
	u := func(column string) string { return total("u."+column) + " AS " + column }
	return fmt.Sprintf(`CREATE TEMP TABLE refresh_money ON COMMIT DROP AS
SELECT u.customer_id, u.series_number, max(u.facts) AS facts, %[1]s, %[2]s, %[3]s, %[4]s, %[5]s, %[6]s, %[7]s, max(u.costed) AS costed, %[8]s,
	%[9]s, %[10]s, %[11]s, max(u.moves_with_year) AS moves_with_year, %[12]s, min(u.first_purchase) AS first_purchase, max(u.last_purchase) AS last_purchase, min(u.since) AS since
FROM (
	SELECT s.customer_id, s.series_number, 1 AS facts, s.gross, s.net, s.net AS booked, s.product_cost, s.indirect_cost, s.estimated, s.uncosted, s.costed, s.missing,
		s.year1, s.year2, s.year3, s.moves_with_year, CAST(0 AS BIGINT) AS purchases, CAST(NULL AS BIGINT) AS first_purchase, CAST(NULL AS BIGINT) AS last_purchase, s.since
	FROM refresh_standing s
	UNION ALL
	SELECT x.customer_id, x.series_number, 1, x.gross, x.net, NULL, CASE WHEN x.costed = 1 THEN x.product_cost ELSE x.estimated_product END,
		CASE WHEN x.costed = 1 THEN x.indirect_cost ELSE x.estimated_indirect END,
		CASE WHEN x.costed = 0 AND (x.estimated_product IS NOT NULL OR x.estimated_indirect IS NOT NULL) THEN coalesce(x.estimated_product, 0) + coalesce(x.estimated_indirect, 0) END,
		CASE WHEN x.edition_id = 0 THEN x.uncosted WHEN x.costed = 0 AND x.estimated_product IS NULL AND x.estimated_indirect IS NULL THEN x.net END,
		CASE WHEN x.costed = 1 OR x.estimated_product IS NOT NULL OR x.estimated_indirect IS NOT NULL THEN 1 ELSE 0 END, x.missing,
		x.year1, x.year2, x.year3, CASE WHEN x.last_at >= @year3 THEN 1 ELSE 0 END, x.purchases, x.first_purchase, x.last_purchase, x.since
	FROM (
		SELECT x.*, coalesce(h.series_number, 0) AS series_number, CASE WHEN x.net IS NOT NULL AND %[17]s THEN %[13]s END AS estimated_product,
			CASE WHEN x.net IS NOT NULL THEN %[14]s END AS estimated_indirect
		FROM refresh_entry x LEFT JOIN refresh_held h ON h.edition_id = x.edition_id LEFT JOIN (
			SELECT t.customer_id, t.edition_id, %[15]s AS area
			FROM refresh_took t JOIN refresh_held h ON h.edition_id = t.edition_id
			WHERE h.area_cost IS NOT NULL AND t.standing >= %[16]d GROUP BY t.customer_id, t.edition_id
		) a ON a.customer_id = x.customer_id AND a.edition_id = x.edition_id
	) x
) u
GROUP BY u.customer_id, u.series_number`,
		u("gross"), u("net"), u("booked"), u("product_cost"), u("indirect_cost"), u("estimated"), u("uncosted"), u("missing"),
		u("year1"), u("year2"), u("year3"), u("purchases"), rounded("h.area_cost * a.area"), rounded("x.net * h.indirect_percent"), total("t.area"), standingContracted, costsByArea("h.area_cost", "a.area"))
}

// costsByArea is the condition that a cost per square metre and an area make a cost:
// beyond 90 million a square metre, or a thousand hectares, they are mistakes, and
// would not fit an integer.
func costsByArea(cost, area string) string {
	return fmt.Sprintf("%s < 9000000000 AND %s BETWEEN 1 AND 1000000000", cost, area)
}

// rounded is a hundredth of an amount, rounded half away from zero.
func rounded(product string) string {
	return fmt.Sprintf("(%[1]s + CASE WHEN %[1]s < 0 THEN -50 ELSE 50 END) / 100", product)
}

// netProfit is the formula of map row F2 over the sums of one row of money m and the
// cost of contacts.
func netProfit(m, contactCost string) string {
	none := func(column string) string { return "coalesce(" + m + "." + column + ", 0)" }
	return fmt.Sprintf("CASE WHEN coalesce(%[1]s.costed, 0) = 0 AND (%[1]s.net IS NOT NULL OR %[2]s IS NULL) THEN NULL ELSE %[3]s - %[4]s - (%[5]s + %[6]s) - coalesce(%[2]s, 0) END",
		m, contactCost, none("net"), none("uncosted"), none("product_cost"), none("indirect_cost"))
}
