package store

import (
	"fmt"
	"strings"
	"time"
)

// What is reckoned of members, once for all who are looked at:
//
// Lots are used up in the order in which they expire, which is that in which they were earned.
// What of them is gone, by use or expiry, is a length P of that queue: a use of r points at t
// makes it max(P, X(t)) + r, where X(t) is what had expired by then. Unrolled, with R for all that
// was used and R(j) for what was used before the use j,
//
//	P(now) = max(X(now), max over j of X(t(j)) + R - R(j)),
//
// and the balance is what was earned less P(now). So it follows from what is in the ledger, in
// whatever order that came.
//
// The tier follows from the points that are earned and not expired, be they used or not; one that
// was left is kept for the months of grace after the day on which its points went.

// movements are all that is in the ledger of those who are looked at: points of a fact or posted
// by hand (counts = 1: for tiers), and points that can be used (lot = 1) or were (lot = 0).
var movements = `SELECT e.customer_id, e.points, e.earned_at AS at, e.expires_at, 1 AS lot, 1 AS counts, 1 AS by_fact
		FROM refresh_who w CROSS JOIN points_entry e WHERE e.customer_id IS THEIRS AND e.program_id = @program
		UNION ALL
		SELECT q.customer_id, q.points, q.at, d.expires_at, CASE WHEN q.points > 0 THEN 1 ELSE 0 END, CASE WHEN q.kind = 'Adjusted' THEN 1 ELSE 0 END, 0
		FROM refresh_who w CROSS JOIN points_posting q LEFT JOIN loyalty_day d ON d.day = ` + dayNumber("q.at") + ` WHERE q.customer_id IS THEIRS AND q.program_id = @program`

// sums are those of each customer. Nothing that happens after now counts yet. Of what was earned
// by facts before @since and not expired then tiers begin.
func sums() string {
	sum := func(condition string) string {
		return total("CASE WHEN " + condition + " THEN v.points ELSE 0 END")
	}
	return `SELECT v.customer_id, ` + sum("v.by_fact = 1 AND v.at <= @now") + ` AS earned, ` + sum("v.by_fact = 0 AND v.counts = 1 AND v.at <= @now") + ` AS adjusted,
		` + sum("v.counts = 0") + ` AS redeemed, ` + sum("v.lot = 1 AND v.at <= @now") + ` AS lots, ` + sum("v.lot = 1 AND v.expires_at <= @now") + ` AS expired,
		` + sum("v.lot = 0 AND v.at <= @now") + ` AS used,
		` + sum("v.counts = 1 AND v.at <= @now") + ` - ` + sum("v.counts = 1 AND v.expires_at <= @now") + ` AS tier_points,
		` + sum("v.counts = 1 AND v.at <= @since") + ` - ` + sum("v.counts = 1 AND v.expires_at <= @since") + ` AS opening,
		min(CASE WHEN v.at > @now THEN v.at WHEN v.expires_at > @now THEN v.expires_at END) AS next_change
	FROM (` + movements + `) v GROUP BY v.customer_id`
}

// uses are, for each customer who used points, how far the queue of lots is gone by them.
const uses = `SELECT u.customer_id, max(u.gone + u.used - u.before) AS gone FROM (
		SELECT q.customer_id, total(-q.points) OVER (PARTITION BY q.customer_id) AS used,
			total(-q.points) OVER (PARTITION BY q.customer_id ORDER BY q.at, q.id) + q.points AS before,
			coalesce((SELECT total(e.points) FROM points_entry e WHERE e.program_id = @program AND e.customer_id = q.customer_id AND e.expires_at <= q.at), 0)
				+ coalesce((SELECT total(o.points) FROM points_posting o JOIN loyalty_day d ON d.day = DAYOF(o.at) WHERE o.program_id = @program AND o.customer_id = q.customer_id AND o.points > 0 AND d.expires_at <= q.at), 0) AS gone
		FROM refresh_who w CROSS JOIN points_posting q WHERE q.customer_id IS THEIRS AND q.program_id = @program AND q.points < 0 AND q.at <= @now
	) u GROUP BY u.customer_id`

// tierOf is the tier for a number of points, by parameters of tierParameters.
func (t Terms) tierOf(points string) string {
	text := &strings.Builder{}
	text.WriteString("CASE")
	for i := len(t.Tiers) - 1; i >= 0; i-- {
		// A tier from 0 on is everybody's, be it that more was taken than earned.
		least := fmt.Sprintf("%s >= %d", points, t.Tiers[i].From)
		if t.Tiers[i].From == 0 {
			least = "TRUE"
		}
		fmt.Fprintf(text, " WHEN %s THEN @tier%d", least, i)
	}
	return text.String() + " ELSE '' END"
}

// since is before which no moment matters for tiers: a day more than the grace.
func (a *accruing) since() int64 {
	if a.program.Terms.GraceMonths == 0 {
		return a.transaction.now
	}
	return time.UnixMilli(a.transaction.now).UTC().AddDate(0, -a.program.Terms.GraceMonths, -32).UnixMilli()
}

// reckon computes how members stand, and notes it.
func (a *accruing) reckon() error {
	change, err := a.number(`SELECT max(changed) + 1 FROM loyalty_program`)
	if err != nil {
		return fmt.Errorf("counting changes of points: %w", err)
	}
	more := map[string]any{"since": a.since(), "change": change}
	for i, tier := range a.program.Terms.Tiers {
		more[fmt.Sprint("tier", i)] = tier.Name
	}
	parameters, err := a.parametersWith(more)
	if err != nil {
		return err
	}
	uses := strings.ReplaceAll(uses, "DAYOF(o.at)", dayNumber("o.at"))
	steps := []layingOut{
		{"CREATE TEMP TABLE loyalty_sum ON COMMIT DROP AS " + sums(), "loyalty_sum"},
		{"CREATE TEMP TABLE loyalty_use ON COMMIT DROP AS " + uses, "loyalty_use"},
	}
	if err := a.fill(steps, parameters); err != nil {
		return err
	}
	if err := a.layOutRunning(parameters); err != nil {
		return err
	}
	// Who has nothing in the ledger is a member as well.
	now := `SELECT g.customer_id, ` + a.program.Terms.tierOf("coalesce(h.held, s.tier_points, 0)") + ` AS tier, coalesce(s.tier_points, 0) AS tier_points,
			coalesce(s.lots, 0) - CASE WHEN u.gone > s.expired THEN u.gone ELSE coalesce(s.expired, 0) END AS balance,
			coalesce(s.earned, 0) AS earned, coalesce(s.adjusted, 0) AS adjusted, -coalesce(s.redeemed, 0) AS redeemed,
			CASE WHEN u.gone > s.expired THEN u.gone ELSE coalesce(s.expired, 0) END + coalesce(s.used, 0) AS expired,
			` + a.unearned() + ` AS unearned, CASE WHEN h.held > s.tier_points THEN h.until END AS grace_until,
			` + earliest("s.next_change", "h.next_change") + ` AS next_change_at
		FROM loyalty_eligible g LEFT JOIN loyalty_sum s ON s.customer_id = g.customer_id LEFT JOIN loyalty_use u ON u.customer_id = g.customer_id
		LEFT JOIN (` + a.held() + `) h ON h.customer_id = g.customer_id LEFT JOIN loyalty_unearned n ON n.customer_id = g.customer_id`
	columns := []string{"tier", "tier_points", "balance", "earned", "adjusted", "redeemed", "expired", "unearned", "grace_until", "next_change_at"}
	var set, differs []string
	for _, column := range columns {
		set = append(set, column+" = excluded."+column)
		differs = append(differs, "m."+column+" IS DISTINCT FROM excluded."+column)
	}
	set = append(set, "changed = CASE WHEN m.balance <> excluded.balance OR m.tier_points <> excluded.tier_points THEN excluded.changed ELSE m.changed END")
	names := strings.Join(columns, ", ")
	return a.fill([]layingOut{
		{`CREATE TEMP TABLE loyalty_unearned ON COMMIT DROP AS SELECT s.customer_id, count(*) AS facts FROM loyalty_should s WHERE s.points IS NULL OR s.earned_at IS NULL GROUP BY s.customer_id`, "loyalty_unearned"},
		{"CREATE TEMP TABLE loyalty_now (customer_id BIGINT NOT NULL PRIMARY KEY, tier TEXT NOT NULL, tier_points BIGINT NOT NULL, balance BIGINT NOT NULL, earned BIGINT NOT NULL, adjusted BIGINT NOT NULL, redeemed BIGINT NOT NULL, expired BIGINT NOT NULL, unearned BIGINT NOT NULL, grace_until BIGINT, next_change_at BIGINT) ON COMMIT DROP", ""},
		{"INSERT INTO loyalty_now " + now, "loyalty_now"},
		{`DELETE FROM loyalty_member WHERE program_id = @program AND customer_id IN (SELECT w.id FROM refresh_who w) AND customer_id NOT IN (SELECT g.customer_id FROM loyalty_eligible g)`, ""},
		{`INSERT INTO loyalty_member AS m (program_id, customer_id, ` + names + `, changed) SELECT @program, n.customer_id, n.` + strings.Join(columns, ", n.") + `, @change FROM loyalty_now n WHERE TRUE
			ON CONFLICT (program_id, customer_id) DO UPDATE SET ` + strings.Join(set, ", ") + ` WHERE ` + strings.Join(differs, " OR "), ""},
		{`UPDATE loyalty_program SET changed = @change WHERE id = @program AND EXISTS (SELECT 1 FROM loyalty_member m WHERE m.program_id = @program AND m.changed = @change)`, ""},
	}, parameters)
}

// unearned is how many facts of a member earn nothing for want of something.
func (a *accruing) unearned() string {
	if a.posting {
		return "coalesce((SELECT m.unearned FROM loyalty_member m WHERE m.program_id = @program AND m.customer_id = g.customer_id), 0)"
	}
	return "coalesce(n.facts, 0)"
}

// fill carries out statements, and counts the tables that they fill.
func (a *accruing) fill(steps []layingOut, parameters map[string]any) error {
	for _, step := range steps {
		if err := a.refresh.run(step.statement, parameters); err != nil {
			return err
		}
		if step.about == "" {
			continue
		}
		if err := a.dialect.count(a.transaction, step.about); err != nil {
			return err
		}
	}
	return nil
}

// layOutRunning lays out for how many points each member stood from when to when, as far back as
// the grace goes; and until when the tier of them is kept.
func (a *accruing) layOutRunning(parameters map[string]any) error {
	months := a.program.Terms.GraceMonths
	if months == 0 {
		return nil
	}
	const events = `CREATE TEMP TABLE loyalty_event ON COMMIT DROP AS SELECT v.customer_id, v.at, total(v.points) AS points FROM (
			SELECT s.customer_id, @since AS at, s.opening AS points FROM loyalty_sum s
			UNION ALL SELECT v.customer_id, v.at, v.points FROM (MOVEMENTS) v WHERE v.counts = 1 AND v.at > @since AND v.at <= @now
			UNION ALL SELECT v.customer_id, v.expires_at, -v.points FROM (MOVEMENTS) v WHERE v.counts = 1 AND v.expires_at > @since AND v.expires_at <= @now
		) v GROUP BY v.customer_id, v.at HAVING total(v.points) <> 0 OR v.at = @since`
	if err := a.fill([]layingOut{
		{strings.ReplaceAll(events, "MOVEMENTS", movements), "loyalty_event"},
		{`CREATE TEMP TABLE loyalty_grace (day BIGINT NOT NULL PRIMARY KEY, expires_at BIGINT) ON COMMIT DROP`, ""},
	}, parameters); err != nil {
		return err
	}
	if err := a.addDays("loyalty_grace", "SELECT v.at FROM loyalty_event v", months); err != nil {
		return err
	}
	return a.fill([]layingOut{{`CREATE TEMP TABLE loyalty_running ON COMMIT DROP AS
		SELECT r.customer_id, r.points, r.ended_at, d.expires_at AS until FROM (
			SELECT v.customer_id, total(v.points) OVER (PARTITION BY v.customer_id ORDER BY v.at) AS points, lead(v.at) OVER (PARTITION BY v.customer_id ORDER BY v.at) AS ended_at FROM loyalty_event v
		) r LEFT JOIN loyalty_grace d ON d.day = ` + dayNumber("r.ended_at") + ` WHERE r.ended_at IS NULL OR d.expires_at > @now`, "loyalty_running"}}, parameters)
}

// held are the points that decide each member's tier, with those of a while ago that are still
// kept; until when they are, and when that changes next.
func (a *accruing) held() string {
	if a.program.Terms.GraceMonths == 0 {
		return "SELECT s.customer_id, s.tier_points AS held, CAST(NULL AS BIGINT) AS until, CAST(NULL AS BIGINT) AS next_change FROM loyalty_sum s"
	}
	tier := a.program.Terms.tierOf
	return `SELECT b.customer_id, b.held, max(CASE WHEN ` + tier("b.points") + ` = ` + tier("b.held") + ` AND ` + tier("b.held") + ` <> ` + tier("b.present") + ` THEN b.until END) AS until,
			min(CASE WHEN b.points > b.present THEN b.until END) AS next_change
		FROM (
			SELECT r.*, max(r.points) OVER (PARTITION BY r.customer_id) AS held, max(CASE WHEN r.ended_at IS NULL THEN r.points END) OVER (PARTITION BY r.customer_id) AS present FROM loyalty_running r
		) b GROUP BY b.customer_id, b.held`
}
