package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// RuleRun is a run of a rule with what became of it.
type RuleRun struct {
	ID int64
	// Key of the run, and Name of the Outreach that began it.
	Key, Name string
	// Plan is what it sent, and how.
	Plan string
	// FrozenAt and StartedAt are instants in milliseconds; StartedAt is 0 where nothing was sent yet.
	FrozenAt, StartedAt int64
	// Matched customers, and Recipients who are written to.
	Matched, Recipients int64
	// Dropped counts who is not written to, by reason.
	Dropped map[string]int64
	// Sent, Failed, Skipped and Unknown count messages.
	Sent, Failed, Skipped, Unknown int64
	// Unsubscribed are mailboxes that objected by what the run sent, and did not take it back.
	Unsubscribed int64
}

// RunsOfRule gives the runs of a rule one by one, the oldest first: there may be many, and each
// has a plan. An error of each ends it.
func (s *Store) RunsOfRule(ctx context.Context, rule string, each func(RuleRun) error) error {
	err := s.read(ctx, func(t *transaction) error {
		return t.query(func(rows *sql.Rows) error {
			var r RuleRun
			var dropped string
			err := rows.Scan(&r.ID, &r.Key, &r.Name, &r.Plan, &r.FrozenAt, &r.StartedAt, &r.Matched, &r.Recipients, &dropped, &r.Sent, &r.Failed, &r.Skipped, &r.Unknown, &r.Unsubscribed)
			if err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(dropped), &r.Dropped); err != nil {
				return fmt.Errorf("reading who was dropped from a run: %w", err)
			}
			return each(r)
		}, `SELECT r.id, r.run_key, r.name, r.plan, r.frozen_at, coalesce(r.started_at, 0), r.matched, r.recipients, r.dropped,
				coalesce(s.sent, 0), coalesce(s.failed, 0), coalesce(s.skipped, 0), coalesce(s.unknown, 0), coalesce(o.mailboxes, 0)
			FROM outreach_run r
			LEFT JOIN (SELECT s.run_id, CAST(sum(s.sent) AS BIGINT) AS sent, CAST(sum(s.failed) AS BIGINT) AS failed, CAST(sum(s.skipped) AS BIGINT) AS skipped, CAST(sum(s.unknown) AS BIGINT) AS unknown
				FROM outreach_shard s WHERE s.run_id IN (SELECT r.id FROM outreach_run r WHERE r.rule = $1) GROUP BY s.run_id) s ON s.run_id = r.id
			LEFT JOIN (SELECT o.run_id, count(DISTINCT o.address_id) AS mailboxes FROM objection o WHERE o.run_id IS NOT NULL AND o.taken_back_at IS NULL GROUP BY o.run_id) o ON o.run_id = r.id
			WHERE r.rule = $1 ORDER BY r.frozen_at, r.id`, rule)
	})
	if err != nil {
		return fmt.Errorf("reading the runs of the rule %s: %w", rule, err)
	}
	return nil
}

// EffectGroup counts customers of one kind, those who were written to or those who were held
// out, and what they did within days after their run was frozen. A customer of several runs
// counts once for each.
type EffectGroup struct {
	Customers int64
	// Booked are those who placed a booking that stands as a contract, whatever it is for.
	Booked int64
	// TookPart are those of whom it is recorded that they attended an edition that opened then.
	TookPart int64
	// Revenue is the sum of what they brought, after discount, in the smallest unit of the
	// reporting currency, and Squares that of its squares by customer.
	Revenue int64
	Squares float64
}

// Effect is what two groups did that a hash tells apart and nothing else.
type Effect struct {
	Treated, HeldOut EffectGroup
	// Currency of amounts; "" while the store reports in none, and then nothing is summed up.
	Currency string
	// Unconverted counts prices and invoices without an exchange rate: they are in no sum.
	Unconverted int64
}

// EffectOf tells what became of those whom runs wrote to, and of those whom they held out, within
// so many days after each was frozen. Who of a run is in both groups, since two customers were
// merged, is in neither, nor is whoever was erased.
func (s *Store) EffectOf(ctx context.Context, runs []int64, days int) (effect Effect, err error) {
	if len(runs) == 0 {
		return effect, nil
	}
	t, err := s.begin(ctx, s.dialect.oneState())
	if err != nil {
		return effect, err
	}
	// Temporary tables are all that is written, and go with the transaction.
	defer t.end()
	if effect, err = effectOf(t, runs, days); err != nil {
		return effect, fmt.Errorf("comparing who was written to with who was held out: %w", err)
	}
	return effect, nil
}

func effectOf(t *transaction, runs []int64, days int) (effect Effect, err error) {
	if err := t.dialect.planAudience(t); err != nil {
		return effect, err
	}
	r := newRefresh(t)
	parameters, err := r.parameters()
	if err != nil {
		return effect, err
	}
	l := &laidOut{t, parameters}
	effect.Currency = l.Currency()
	chosen := &rowBuffer{width: 1}
	for _, run := range runs {
		chosen.add(numberCell(run))
	}
	if _, err := t.exec(`CREATE TEMP TABLE score_run (run_id BIGINT NOT NULL PRIMARY KEY)` + t.dialect.onCommitDrop()); err != nil {
		return effect, err
	}
	if err := t.insert("score_run", []string{"run_id"}, chosen); err != nil {
		return effect, err
	}
	parameters["span"] = int64(days) * dayMillis
	err = l.layOut(r, []layer{
		{"score_group", []string{groupsOfRuns}}, {"score_member", []string{membersOfGroups}},
		{"score_booking", []string{bookingsAfter()}}, {"score_entry", []string{entriesAfter()}}, {"score_money", []string{moneyAfter}}, {"score_took", []string{tookPartAfter()}},
	})
	if err != nil {
		return effect, err
	}
	err = l.Rows(func(rows *sql.Rows) error {
		var held, missing int64
		var g EffectGroup
		err := rows.Scan(&held, &g.Customers, &g.Booked, &g.TookPart, &g.Revenue, &g.Squares, &missing)
		if effect.Unconverted += missing; held == 1 {
			effect.HeldOut = g
		} else {
			effect.Treated = g
		}
		return err
	}, `SELECT m.held, count(*), count(b.customer_id), count(k.customer_id), coalesce(total(v.net), 0), coalesce(sum(CAST(v.net AS DOUBLE PRECISION) * v.net), 0), coalesce(total(v.missing), 0)
		FROM score_member m LEFT JOIN (SELECT DISTINCT b.run_id, b.customer_id FROM score_booking b) b ON b.run_id = m.run_id AND b.customer_id = m.customer_id
		LEFT JOIN score_took k ON k.run_id = m.run_id AND k.customer_id = m.customer_id LEFT JOIN score_money v ON v.run_id = m.run_id AND v.customer_id = m.customer_id
		GROUP BY m.held`)
	if effect.Currency == "" {
		effect.Unconverted = 0
	}
	return effect, err
}

const groupsOfRuns = `CREATE TEMP TABLE score_group ON COMMIT DROP AS
SELECT DISTINCT m.run_id, m.customer_id, 0 AS held FROM score_run s JOIN outreach_message m ON m.run_id = s.run_id
UNION ALL SELECT h.run_id, h.customer_id, 1 FROM score_run s JOIN outreach_held h ON h.run_id = s.run_id`

// membersOfGroups are who customers have become, with the days that they are looked at: facts
// stand with who is left of a merge. An instant counts from the freeze on, and a day that holds it.
const membersOfGroups = `CREATE TEMP TABLE score_member ON COMMIT DROP AS
WITH RECURSIVE root (customer_id, id) AS (
	SELECT DISTINCT g.customer_id, g.customer_id FROM score_group g
	UNION ALL SELECT r.customer_id, p.merged_into FROM root r JOIN party p ON p.id = r.id WHERE p.merged_into IS NOT NULL
)
SELECT g.run_id, p.id AS customer_id, max(g.held) AS held, min(n.frozen_at) AS since, min(n.frozen_at) / 86400000 * 86400000 AS since_day, min(n.frozen_at) + @span AS until
FROM score_group g JOIN root r ON r.customer_id = g.customer_id JOIN party p ON p.id = r.id AND p.merged_into IS NULL AND p.erased_at IS NULL JOIN outreach_run n ON n.id = g.run_id
GROUP BY g.run_id, p.id HAVING min(g.held) = max(g.held)`

// bookingsAfter are bookings that stand as contracts by their last status, by customer and edition.
func bookingsAfter() string {
	return fmt.Sprintf(`CREATE TEMP TABLE score_booking ON COMMIT DROP AS
SELECT f.run_id, f.customer_id, f.edition_id, %[1]s AS net, count(CASE WHEN f.price IS NOT NULL AND f.net IS NULL THEN 1 END) AS missing
FROM (
	SELECT f.run_id, f.customer_id, f.edition_id, f.price, %[2]s AS net FROM (
		SELECT b.*, %[3]s AS standing, %[4]s FROM (
			SELECT m.run_id, b.id, b.customer_id, b.edition_id, b.currency, b.at, coalesce(b.net, b.list_price - b.discount, b.list_price) AS price, %[5]s AS last
			FROM score_member m JOIN booking b ON b.customer_id = m.customer_id AND b.at >= m.since AND b.at < m.until
			LEFT JOIN booking_status s ON s.booking_id = b.id AND s.withdrawn_at IS NULL
			WHERE b.withdrawn_at IS NULL GROUP BY m.run_id, b.id
		) b%[6]s
	) f WHERE %[7]s%[6]s
) f GROUP BY f.run_id, f.customer_id, f.edition_id`,
		total("f.net"), inReporting("f.price"), standingOfLast("b.last"), factor("b.currency", "b.at"), lastStatus(), onceEach, bindsMoney("f.standing"))
}

// entriesAfter are transactions by customer and edition, 0 for what is about none.
func entriesAfter() string {
	revenue, discount := inReporting("f.revenue"), inReporting("f.discount")
	return fmt.Sprintf(`CREATE TEMP TABLE score_entry ON COMMIT DROP AS
SELECT f.run_id, f.customer_id, f.edition_id, %[1]s AS net, count(CASE WHEN f.net IS NULL THEN 1 END) AS missing
FROM (
	SELECT f.run_id, f.customer_id, f.edition_id, CASE WHEN f.revenue IS NOT NULL AND %[2]s IS NULL OR f.discount IS NOT NULL AND %[3]s IS NULL THEN NULL ELSE coalesce(%[2]s, 0) - coalesce(%[3]s, 0) END AS net
	FROM (
		SELECT m.run_id, e.customer_id, coalesce(e.edition_id, 0) AS edition_id, e.currency, e.revenue, e.discount, %[4]s
		FROM score_member m JOIN transaction_entry e ON e.customer_id = m.customer_id AND e.at >= m.since AND e.at < m.until
		WHERE e.withdrawn_at IS NULL AND (e.revenue IS NOT NULL OR e.discount IS NOT NULL)%[5]s
	) f%[5]s
) f GROUP BY f.run_id, f.customer_id, f.edition_id`, total("f.net"), revenue, discount, factor("e.currency", "e.at"), onceEach)
}

// moneyAfter is what transactions say, and only where none is about the edition, what was booked
// for one that was not cancelled: as profiles have it.
const moneyAfter = `CREATE TEMP TABLE score_money ON COMMIT DROP AS
SELECT u.run_id, u.customer_id, total(u.net) AS net, total(u.missing) AS missing
FROM (
	SELECT e.run_id, e.customer_id, e.net, e.missing FROM score_entry e
	UNION ALL
	SELECT b.run_id, b.customer_id, b.net, b.missing FROM score_booking b JOIN edition n ON n.id = b.edition_id AND NOT n.cancelled
	LEFT JOIN score_entry e ON e.run_id = b.run_id AND e.customer_id = b.customer_id AND e.edition_id = b.edition_id WHERE e.run_id IS NULL
) u GROUP BY u.run_id, u.customer_id`

// tookPartAfter are those who attended, by a list, a booking's last status or a visit, and when:
// on the day that the edition opened, or where nobody knows that, when a list registered them.
func tookPartAfter() string {
	return fmt.Sprintf(`CREATE TEMP TABLE score_took ON COMMIT DROP AS
SELECT DISTINCT a.run_id, a.customer_id FROM (
	SELECT m.run_id, m.customer_id, m.since_day, m.until, p.edition_id, p.at, 0 AS sure
	FROM score_member m JOIN participation p ON p.customer_id = m.customer_id WHERE p.status = 'Attended' AND p.withdrawn_at IS NULL
	UNION ALL
	SELECT b.run_id, b.customer_id, b.since_day, b.until, b.edition_id, NULL, 0 FROM (
		SELECT m.run_id, m.customer_id, m.since_day, m.until, b.edition_id, b.product, %[1]s AS last
		FROM score_member m JOIN booking b ON b.customer_id = m.customer_id JOIN booking_status s ON s.booking_id = b.id AND s.withdrawn_at IS NULL
		WHERE b.withdrawn_at IS NULL GROUP BY m.run_id, m.customer_id, m.since_day, m.until, b.id
	) b WHERE %[2]s = %[3]d AND %[4]s >= 0
	UNION ALL
	SELECT m.run_id, m.customer_id, m.since_day, m.until, v.edition_id, v.day, 1
	FROM score_member m JOIN visit v ON v.person_id = m.customer_id WHERE v.withdrawn_at IS NULL
) a JOIN edition e ON e.id = a.edition_id LEFT JOIN edition_declaration d ON d.edition_id = e.id
WHERE NOT e.cancelled AND CASE WHEN a.sure = 1 THEN a.at ELSE coalesce(d.opens, e.opens, e.closes, a.at) END BETWEEN a.since_day AND a.until - 1`,
		lastStatus(), standingOfLast("b.last"), standingAttended, roleOfProduct("b.product")+" ")
}
