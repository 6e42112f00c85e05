package main

import (
	"context"
	"fmt"
)

// numbers are a query of the numbers from 1 to n.
func (b *profileBench) numbers(n int) string {
	if b.driver == "sqlite" {
		return fmt.Sprintf("WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < %d) SELECT n FROM c", n)
	}
	return fmt.Sprintf("SELECT n FROM generate_series(CAST(1 AS BIGINT), %d) n", n)
}

// fill lays parties and ten facts for each straight into the tables, in the order
// in which a show's life brings them: edition by edition, not customer by customer.
// What is measured is the computation; imports are measured elsewhere.
func (b *profileBench) fill(ctx context.Context) error {
	customers := b.numbers(b.customers)
	each := func(many int) string {
		return fmt.Sprintf("(%s) m CROSS JOIN (%s) n", b.numbers(many), customers)
	}
	const (
		head = "source_id, external_key, customer_id, customer_record_id, digest, import_id"
		said = "1, %s, n.n, n.n, 0, 1"
	)
	about := func(key string) string { return fmt.Sprintf(said, key) }
	return b.exec(ctx,
		`INSERT INTO source (id, name, trust) VALUES (1, 'bench', 50)`,
		// Four series of ten yearly editions each.
		`INSERT INTO edition (id, series, edition, opens, closes) SELECT n.n, 'Series ' || (n.n % 4), '' || (2016 + n.n / 4), 1451606400000 + (n.n / 4) * 31557600000, 1451606400000 + (n.n / 4) * 31557600000 + 345600000 FROM (`+b.numbers(40)+`) n`,
		`INSERT INTO party (id, kind, code, name, country, roles) SELECT n.n, 'Organization', 'FL-' || n.n, 'Customer ' || n.n, CASE n.n % 3 WHEN 0 THEN 'DE' WHEN 1 THEN 'FR' ELSE 'GB' END, 1 FROM (`+customers+`) n`,
		// Four participations, in the customer's own series.
		`INSERT INTO participation (customer_id, customer_record_id, edition_id, role, status, at, area, net, currency, digest, import_id)
		 SELECT n.n, n.n, 4 * (m.n * 2 + n.n % 3) - n.n % 4, 'Exhibitor', 'Attended', 1451606400000 + (m.n * 2 + n.n % 3) * 31557600000 - (n.n % 200) * 86400000, 900 + (n.n * 7 + m.n * 13) % 9000, 100000 + (n.n * 31 + m.n * 17) % 900000, CASE WHEN n.n % 10 = 0 THEN 'USD' ELSE 'EUR' END, 0, 1
		 FROM `+each(4)+` ORDER BY m.n, n.n`,
		`INSERT INTO exchange_rate (id, source_id, external_key, valid_from, valid_to, day, rate, digest, import_id) SELECT n.n, 1, 'r' || n.n, 'USD', 'EUR', 1420070400000 + n.n * 2592000000, 900000000 + n.n * 100000, 0, 1 FROM (`+b.numbers(120)+`) n`,
		`INSERT INTO change_mark (parties) VALUES ('[-2]')`,
		`INSERT INTO booking (id, `+head+`, edition_id, product, area, list_price, net, currency, at)
		 SELECT n.n, `+about(`'b' || n.n`)+`, 4 * (9 + n.n % 2) - n.n % 4, 'Stand', 900 + n.n % 9000, 200000 + n.n % 90000, 180000 + n.n % 90000, 'EUR', 1451606400000 + 9 * 31557600000 - (n.n % 300) * 86400000 FROM (`+customers+`) n`,
		`INSERT INTO booking_status (id, source_id, external_key, booking_id, status, at, digest, import_id)
		 SELECT n.n, 1, 's' || n.n, n.n, CASE n.n % 5 WHEN 0 THEN 'Cancelled' WHEN 1 THEN 'Contracted' ELSE 'Attended' END, 1451606400000 + 9 * 31557600000, 0, 1 FROM (`+customers+`) n`,
		`INSERT INTO transaction_entry (id, `+head+`, edition_id, at, revenue, discount, product_cost, indirect_cost, currency)
		 SELECT (m.n - 1) * `+fmt.Sprint(b.customers)+` + n.n, `+about(`'t' || m.n || '-' || n.n`)+`, CASE WHEN m.n = 1 THEN 4 * (2 + n.n % 3) - n.n % 4 END, 1451606400000 + (m.n * 3 + n.n % 3) * 31557600000, 100000 + (n.n * 37 + m.n) % 800000, (n.n % 5) * 1000, 40000 + n.n % 30000, 9000 + n.n % 7000, CASE WHEN n.n % 10 = 0 THEN 'USD' ELSE 'EUR' END
		 FROM `+each(2)+` ORDER BY m.n, n.n`,
		`INSERT INTO interaction (id, `+head+`, direction, at, method, cost, currency)
		 SELECT n.n, `+about(`'i' || n.n`)+`, 'Outbound', 1600000000000 + (n.n * 7919) % 160000000000, CASE n.n % 4 WHEN 0 THEN 'Visit' WHEN 1 THEN 'Phone' ELSE 'Email' END, 500 + n.n % 2000, 'EUR' FROM (`+customers+`) n`,
		`INSERT INTO feedback (id, `+head+`, edition_id, survey, question, dimension, expected, perceived, score, at)
		 SELECT n.n, `+about(`'f' || n.n`)+`, 4 * (8 + n.n % 2) - n.n % 4, 'S', 'Q', CASE n.n % 3 WHEN 0 THEN 'service' WHEN 1 THEN 'venue' ELSE 'recommendation' END, 100 + (n.n % 5) * 100, 100 + (n.n % 7) * 60, (n.n % 11) * 100, 1451606400000 + 9 * 31557600000 FROM (`+customers+`) n WHERE n.n % 10 < 8`,
		`INSERT INTO complaint (id, `+head+`, edition_id, opened, resolved)
		 SELECT n.n, `+about(`'c' || n.n`)+`, 4 * (8 + n.n % 2) - n.n % 4, 1700000000000, CASE WHEN n.n % 3 = 0 THEN 1710000000000 END FROM (`+customers+`) n WHERE n.n % 10 < 2`,
	)
}

// bareProfiles is the table that statementOfTen fills.
const bareProfiles = `CREATE TABLE bare (customer_id BIGINT PRIMARY KEY, participations BIGINT, first_participation BIGINT, last_participation BIGINT, missed_editions BIGINT,
	booth_area BIGINT, revenue BIGINT, net_profit BIGINT, contacts BIGINT, open_complaints BIGINT, net_promoter_score BIGINT)`

// statementOfTen computes ten measures as one would by hand, if they are to mean the
// same: lists and bookings together (0 a list, 1 a booking, 2 one that was cancelled or
// not come to), by the last status of each booking; eligible
// editions by series; transactions before what was booked; amounts at the rate of
// the day. It leaves out roles, co-exhibitors, corrections of editions, costing and
// all that the other measures need. That both agree, customer by customer, is
// checked in every run.
var statementOfTen = `INSERT INTO bare
WITH held AS (
	SELECT e.id, e.series, e.opens, row_number() OVER (PARTITION BY e.series ORDER BY e.closes) AS ordinal, count(*) OVER (PARTITION BY e.series) AS total
	FROM edition e WHERE NOT e.cancelled AND e.closes < 1893456000000
), last_status AS (
	SELECT booking_id, status FROM (
		SELECT s.booking_id, s.status, row_number() OVER (PARTITION BY s.booking_id ORDER BY s.at DESC, s.id DESC) AS back FROM booking_status s WHERE s.withdrawn_at IS NULL
	) s WHERE s.back = 1
), stood AS (
	SELECT p.customer_id, p.edition_id, 0 AS booked, p.area, CASE WHEN p.currency = 'EUR' THEN p.net ELSE ` + convertedByHand("p.net", "p") + ` END AS gross
	FROM participation p WHERE p.status IN ('Attended', 'Contracted', 'Paid') AND p.withdrawn_at IS NULL
	UNION ALL
	SELECT b.customer_id, b.edition_id, CASE WHEN coalesce(s.status, 'Contracted') IN ('Attended', 'Contracted', 'Paid') THEN 1 ELSE 2 END, b.area,
		CASE WHEN b.currency = 'EUR' THEN b.list_price ELSE ` + convertedByHand("b.list_price", "b") + ` END
	FROM booking b LEFT JOIN last_status s ON s.booking_id = b.id WHERE b.withdrawn_at IS NULL
), took AS (
	SELECT t.customer_id, t.edition_id, min(t.booked) AS stood, coalesce(sum(CASE WHEN t.booked = 1 THEN t.area END), max(CASE WHEN t.booked = 0 THEN t.area END)) AS area,
		CASE WHEN max(t.booked) > 0 THEN sum(CASE WHEN t.booked = 1 THEN t.gross END) ELSE max(t.gross) END AS gross
	FROM stood t GROUP BY t.customer_id, t.edition_id
), entry AS (
	SELECT x.customer_id, x.edition_id, sum(x.revenue) AS revenue, sum(x.revenue - x.discount) AS net, sum(x.cost) AS cost FROM (
		SELECT t.customer_id, coalesce(t.edition_id, 0) AS edition_id, CASE WHEN t.currency = 'EUR' THEN t.revenue ELSE ` + convertedByHand("t.revenue", "t") + ` END AS revenue,
			CASE WHEN t.currency = 'EUR' THEN t.discount ELSE ` + convertedByHand("t.discount", "t") + ` END AS discount,
			CASE WHEN t.currency = 'EUR' THEN t.product_cost ELSE ` + convertedByHand("t.product_cost", "t") + ` END + CASE WHEN t.currency = 'EUR' THEN t.indirect_cost ELSE ` + convertedByHand("t.indirect_cost", "t") + ` END AS cost
		FROM transaction_entry t WHERE t.withdrawn_at IS NULL
	) x GROUP BY x.customer_id, x.edition_id
), money AS (
	SELECT m.customer_id, sum(m.revenue) AS revenue, sum(m.profit) AS profit FROM (
		SELECT x.customer_id, x.revenue, x.net - x.cost AS profit FROM entry x
		UNION ALL
		SELECT t.customer_id, t.gross, NULL FROM took t LEFT JOIN entry x ON x.customer_id = t.customer_id AND x.edition_id = t.edition_id WHERE x.customer_id IS NULL
	) m GROUP BY m.customer_id
), series AS (
	SELECT r.customer_id, r.series, count(*) AS participations, min(r.opens) AS first_participation, max(r.opens) AS last_participation, max(r.total) - max(r.ordinal) AS missed,
		max(CASE WHEN r.back = 1 THEN r.area END) AS booth_area
	FROM (
		SELECT t.customer_id, t.area, h.series, h.opens, h.ordinal, h.total, row_number() OVER (PARTITION BY t.customer_id, h.series ORDER BY h.ordinal DESC) AS back
		FROM took t JOIN held h ON h.id = t.edition_id WHERE t.stood < 2
	) r GROUP BY r.customer_id, r.series
), attended AS (
	SELECT s.customer_id, sum(s.participations) AS participations, min(s.first_participation) AS first_participation, max(s.last_participation) AS last_participation,
		min(s.missed) AS missed, max(CASE WHEN s.latest = 1 THEN s.booth_area END) AS booth_area
	FROM (SELECT s.*, row_number() OVER (PARTITION BY s.customer_id ORDER BY s.last_participation DESC, s.series) AS latest FROM series s) s GROUP BY s.customer_id
)
SELECT p.id, coalesce(a.participations, 0), a.first_participation, a.last_participation, a.missed, a.booth_area, m.revenue, m.profit - coalesce(i.cost, 0),
	coalesce(i.contacts, 0), coalesce(c.open_complaints, 0), f.score / 100
FROM party p
LEFT JOIN attended a ON a.customer_id = p.id
LEFT JOIN money m ON m.customer_id = p.id
LEFT JOIN (
	SELECT i.customer_id, count(*) AS contacts, sum(CASE WHEN i.currency = 'EUR' THEN i.cost ELSE ` + convertedByHand("i.cost", "i") + ` END) AS cost
	FROM interaction i WHERE i.withdrawn_at IS NULL GROUP BY i.customer_id
) i ON i.customer_id = p.id
LEFT JOIN (SELECT c.customer_id, count(*) AS open_complaints FROM complaint c WHERE c.resolved IS NULL AND c.withdrawn_at IS NULL GROUP BY c.customer_id) c ON c.customer_id = p.id
LEFT JOIN (
	SELECT f.customer_id, f.score FROM (
		SELECT f.customer_id, f.score, row_number() OVER (PARTITION BY f.customer_id ORDER BY f.at DESC, f.id DESC) AS back
		FROM feedback f WHERE f.dimension = 'recommendation' AND f.withdrawn_at IS NULL
	) f WHERE f.back = 1
) f ON f.customer_id = p.id
WHERE p.merged_into IS NULL AND p.erased_at IS NULL`

// convertedByHand is an amount at the rate of the day, rounded half away from zero
// (in whole numbers: both databases understand it).
func convertedByHand(amount, of string) string {
	return "(" + amount + ` * (SELECT r.rate FROM exchange_rate r WHERE r.valid_from = ` + of + `.currency AND r.valid_to = 'EUR' AND r.day <= ` + of + `.at ORDER BY r.day DESC LIMIT 1) + 500000000) / 1000000000`
}

// disagreement counts the customers for whom the statement and the profiles differ.
const disagreement = `SELECT count(*) FROM bare b LEFT JOIN customer_profile p ON p.customer_id = b.customer_id
WHERE (b.participations, b.first_participation, b.last_participation, b.missed_editions, b.booth_area, b.revenue, b.net_profit, b.contacts, b.open_complaints, b.net_promoter_score)
	IS DISTINCT FROM (p.participations, p.first_participation, p.last_participation, p.missed_editions, p.booth_area, p.revenue, p.net_profit, p.contacts, p.open_complaints, p.net_promoter_score)`
