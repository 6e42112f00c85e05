package store

import "fmt"

// moneyByEdition lays out one row for every customer and edition (0 for what is
// about none) with what came in and what it cost, in the reporting currency.
//
// Revenue is what transactions say; only where none is about the edition, what was
// booked. Costs are what transactions say; only where none is about the edition,
// what the Exhibition's costing gives.
func moneyByEdition() string {
	at := func(amount string) string { return inReporting("f." + amount) }
	net := "coalesce(" + at("revenue") + ", 0) - coalesce(" + at("discount") + ", 0)"
	missing := fmt.Sprintf("f.revenue IS NOT NULL AND %s IS NULL OR f.discount IS NOT NULL AND %s IS NULL OR f.product_cost IS NOT NULL AND %s IS NULL OR f.indirect_cost IS NOT NULL AND %s IS NULL",
		at("revenue"), at("discount"), at("product_cost"), at("indirect_cost"))
	return fmt.Sprintf(`CREATE TEMP TABLE refresh_unit ON COMMIT DROP AS
SELECT c.*, CASE WHEN c.net IS NULL THEN NULL WHEN c.edition_id = 0 THEN c.entry_uncosted WHEN c.costed = 1 THEN NULL ELSE c.net END AS uncosted
FROM (
	SELECT n.customer_id, n.edition_id, n.series, n.present, n.facts, n.purchases, n.first_purchase, n.last_purchase, n.since, n.contact_cost, n.entry_uncosted,
		n.gross, n.net, CASE WHEN n.entries = 0 THEN n.net END AS booked, n.missing,
		CASE WHEN n.entries_costed > 0 THEN n.entry_product ELSE n.estimated_product END AS product_cost,
		CASE WHEN n.entries_costed > 0 THEN n.entry_indirect ELSE n.estimated_indirect END AS indirect_cost,
		CASE WHEN n.entries_costed > 0 OR n.estimated_product IS NULL AND n.estimated_indirect IS NULL THEN NULL
		     ELSE coalesce(n.estimated_product, 0) + coalesce(n.estimated_indirect, 0) END AS estimated,
		CASE WHEN n.entries_costed > 0 OR n.estimated_product IS NOT NULL OR n.estimated_indirect IS NOT NULL THEN 1 ELSE 0 END AS costed,
		CASE WHEN n.entries > 0 THEN n.entry_year1 WHEN n.opens >= @year1 AND n.opens < @year0 THEN n.net END AS year1,
		CASE WHEN n.entries > 0 THEN n.entry_year2 WHEN n.opens >= @year2 AND n.opens < @year1 THEN n.net END AS year2,
		CASE WHEN n.entries > 0 THEN n.entry_year3 WHEN n.opens >= @year3 AND n.opens < @year2 THEN n.net END AS year3,
		CASE WHEN n.last_entry >= @year3 OR n.opens >= @year3 THEN 1 ELSE 0 END AS moves_with_year
	FROM (
		SELECT m.*, CASE WHEN m.net IS NOT NULL AND m.area > 0 THEN %[1]s END AS estimated_product,
			CASE WHEN m.net IS NOT NULL THEN %[2]s END AS estimated_indirect
		FROM (
			SELECT g.*, h.series, h.opens, h.area_cost, h.indirect_percent, CASE WHEN g.entries > 0 THEN g.entry_gross ELSE g.booked_gross END AS gross,
				CASE WHEN g.entries > 0 THEN g.entry_net ELSE g.booked_net END AS net,
				g.contact_missing + g.entry_missing + CASE WHEN g.entries > 0 THEN 0 ELSE g.booked_missing END AS missing
			FROM (
				SELECT u.customer_id, u.edition_id, max(u.present) AS present, count(CASE WHEN u.fact = 1 THEN 1 END) AS facts, %[3]s AS area, min(u.since) AS since,
					%[4]s AS booked_gross, %[5]s AS booked_net, coalesce(%[6]s, 0) AS booked_missing,
					count(CASE WHEN u.entry = 1 THEN 1 END) AS entries, count(CASE WHEN u.entry_costed = 1 THEN 1 END) AS entries_costed,
					%[7]s AS entry_gross, %[8]s AS entry_net, %[9]s AS entry_product, %[10]s AS entry_indirect,
					%[11]s AS entry_uncosted, count(CASE WHEN u.entry_missing = 1 THEN 1 END) AS entry_missing,
					%[12]s AS entry_year1, %[13]s AS entry_year2, %[14]s AS entry_year3, max(u.entry_at) AS last_entry,
					count(u.purchase_at) AS purchases, min(u.purchase_at) AS first_purchase, max(u.purchase_at) AS last_purchase,
					%[15]s AS contact_cost, count(CASE WHEN u.contact_missing = 1 THEN 1 END) AS contact_missing
				FROM (
					SELECT t.customer_id, t.edition_id, t.present, 1 AS fact, CASE WHEN t.standing >= %[16]d THEN t.area END AS area,
						CASE WHEN t.first_at IS NULL OR t.present = 1 AND t.opens < t.first_at THEN CASE WHEN t.present = 1 THEN t.opens END ELSE t.first_at END AS since,
						t.gross AS booked_gross, t.net AS booked_net, t.missing AS booked_missing,
						0 AS entry, 0 AS entry_costed, CAST(NULL AS BIGINT) AS entry_gross, CAST(NULL AS BIGINT) AS entry_net, CAST(NULL AS BIGINT) AS entry_product,
						CAST(NULL AS BIGINT) AS entry_indirect, 0 AS entry_missing, CAST(NULL AS BIGINT) AS entry_at, CAST(NULL AS BIGINT) AS purchase_at,
						CAST(NULL AS BIGINT) AS contact_cost, 0 AS contact_missing
					FROM refresh_took t
					UNION ALL
					SELECT f.customer_id, coalesce(f.edition_id, 0), 0, 1, NULL, f.at, NULL, NULL, 0,
						CASE WHEN f.revenue IS NOT NULL OR f.discount IS NOT NULL THEN 1 ELSE 0 END,
						CASE WHEN %[17]s IS NOT NULL OR %[18]s IS NOT NULL THEN 1 ELSE 0 END,
						%[19]s, CASE WHEN %[19]s IS NOT NULL OR %[20]s IS NOT NULL THEN %[21]s END, %[17]s, %[18]s,
						CASE WHEN %[22]s THEN 1 ELSE 0 END, f.at, CASE WHEN f.revenue > 0 THEN f.at END, NULL, 0
					FROM (SELECT e.*, %[24]s FROM refresh_who w CROSS JOIN transaction_entry e WHERE e.customer_id = w.id AND e.withdrawn_at IS NULL%[25]s) f
					UNION ALL
					SELECT f.customer_id, coalesce(f.edition_id, 0), 0, 0, NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, 0, NULL, NULL,
						%[23]s, CASE WHEN %[23]s IS NULL THEN 1 ELSE 0 END
					FROM (SELECT e.*, %[24]s FROM refresh_who w CROSS JOIN interaction e WHERE e.customer_id = w.id AND e.withdrawn_at IS NULL AND e.cost IS NOT NULL%[25]s) f
				) u
				GROUP BY u.customer_id, u.edition_id
			) g LEFT JOIN refresh_held h ON h.edition_id = g.edition_id
		) m
	) n
) c`,
		rounded("m.area_cost * m.area"), rounded("m.net * m.indirect_percent"), total("u.area"), total("u.booked_gross"), total("u.booked_net"), total("u.booked_missing"),
		total("u.entry_gross"), total("u.entry_net"), total("u.entry_product"), total("u.entry_indirect"), total("CASE WHEN u.entry_costed = 0 THEN u.entry_net END"),
		total("CASE WHEN u.entry_at >= @year1 AND u.entry_at < @year0 THEN u.entry_net END"), total("CASE WHEN u.entry_at >= @year2 AND u.entry_at < @year1 THEN u.entry_net END"),
		total("CASE WHEN u.entry_at >= @year3 AND u.entry_at < @year2 THEN u.entry_net END"), total("u.contact_cost"), standingContracted,
		at("product_cost"), at("indirect_cost"), at("revenue"), at("discount"), net, missing, at("cost"),
		factor("e.currency", "e.at"), onceEach)
}

// rounded is a hundredth of an amount, rounded half away from zero.
func rounded(product string) string {
	return fmt.Sprintf("(%[1]s + CASE WHEN %[1]s < 0 THEN -50 ELSE 50 END) / 100", product)
}

// netProfit is the formula of map row F2 over rows of refresh_unit.
func netProfit(alias string) string {
	u := func(column string) string { return "coalesce(" + total(alias+"."+column) + ", 0)" }
	return fmt.Sprintf("CASE WHEN max(%[1]s.costed) = 0 AND (count(%[1]s.net) > 0 OR count(%[1]s.contact_cost) = 0) THEN NULL ELSE %[2]s - %[3]s - %[4]s - %[5]s - %[6]s END",
		alias, u("net"), u("uncosted"), u("product_cost"), u("indirect_cost"), u("contact_cost"))
}

// money are the sums over rows of refresh_unit that customers and series have both.
func money(alias string) string {
	u := func(column string) string { return total(alias + "." + column) }
	return fmt.Sprintf(`%s AS revenue, %s AS discount, %s AS booked_revenue, %s AS product_cost, %s AS indirect_cost, %s AS estimated_cost,
		%s AS contact_cost, %s AS uncosted_revenue, %s AS net_profit, %s AS unconverted_amounts`,
		u("gross"), total(alias+".gross - "+alias+".net"), u("booked"), u("product_cost"), u("indirect_cost"), u("estimated"),
		u("contact_cost"), u("uncosted"), netProfit(alias), u("missing"))
}
