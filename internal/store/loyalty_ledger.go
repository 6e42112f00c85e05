package store

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Days of a program are counted from long ago, so that no number of one is negative: SQL cuts
// quotients towards zero.
const longAgoDays = 1_000_000

// dayNumber is the day of an instant.
func dayNumber(instant string) string {
	return fmt.Sprintf("((%s + %d) / %d)", instant, int64(longAgoDays)*dayMillis, int64(dayMillis))
}

// monthsAfter is the midnight that begins the day so many months after a day; the last of its
// month where that has no such day.
func monthsAfter(day int64, months int) int64 {
	begins := time.UnixMilli((day - longAgoDays) * dayMillis).UTC()
	first := time.Date(begins.Year(), begins.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(begins.Day(), last), 0, 0, 0, 0, time.UTC).UnixMilli()
}

// layOutWhom lays out who is looked at, for facts and for members. Nobody is everybody: all
// customers, and members who are none any more.
func (a *accruing) layOutWhom(customers []int64) error {
	a.refresh = newRefresh(a.transaction)
	if err := a.dialect.planAudience(a.transaction); err != nil {
		return err
	}
	if _, err := a.exec(`CREATE TEMP TABLE refresh_who (id BIGINT NOT NULL PRIMARY KEY)` + a.dialect.onCommitDrop()); err != nil {
		return err
	}
	fill, args := `INSERT INTO refresh_who SELECT p.customer_id FROM customer_profile p UNION SELECT m.customer_id FROM loyalty_member m WHERE m.program_id = $1`, []any{a.id}
	if a.who {
		if err := a.layOutWho(customers); err != nil {
			return err
		}
		fill, args = `INSERT INTO refresh_who SELECT w.id FROM segment_who w`, nil
	}
	if _, err := a.exec(fill, args...); err != nil {
		return err
	}
	return a.dialect.count(a.transaction, "refresh_who")
}

// layOutEligible lays out who is a member.
func (a *accruing) layOutEligible() error {
	if err := a.layOutFacts(); err != nil {
		return err
	}
	parameters, err := a.parametersWith(a.program.Eligible.Parameters)
	if err != nil {
		return err
	}
	if _, err := a.exec(`CREATE TEMP TABLE loyalty_eligible (customer_id BIGINT NOT NULL PRIMARY KEY)` + a.dialect.onCommitDrop()); err != nil {
		return err
	}
	if err := a.refresh.run(`INSERT INTO loyalty_eligible SELECT p.customer_id FROM refresh_who w CROSS JOIN customer_profile p `+a.program.Eligible.Joins+
		` WHERE p.customer_id = w.id AND (`+a.program.Eligible.Condition+`)`, parameters); err != nil {
		return err
	}
	return a.dialect.count(a.transaction, "loyalty_eligible")
}

// layOutEarned lays out what facts earn: no points where a value or the date is absent.
func (a *accruing) layOutEarned() error {
	if _, err := a.exec(`CREATE TEMP TABLE loyalty_should (customer_id BIGINT NOT NULL, rule TEXT NOT NULL, kind TEXT NOT NULL, fact_id BIGINT NOT NULL, points BIGINT, earned_at BIGINT)` + a.dialect.onCommitDrop()); err != nil {
		return err
	}
	for _, accrual := range a.program.Accruals {
		parameters, err := a.parametersWith(accrual.Parameters)
		if err != nil {
			return err
		}
		parameters["rule"], parameters["kind"], parameters["most"] = accrual.Rule, accrual.Kind, int64(MostPoints*PointUnits)
		where := ""
		if accrual.Where != "" {
			where = " WHERE " + accrual.Where
		}
		// Most rules ask the fact alone.
		profile := ""
		if strings.Contains(accrual.Points+accrual.Where+accrual.Joins, "p.") {
			profile = "JOIN customer_profile p ON p.customer_id = f.customer_id "
		}
		err = a.refresh.run(`INSERT INTO loyalty_should SELECT x.customer_id, @rule, @kind, x.fact_id, CASE WHEN x.points BETWEEN 0 AND @most THEN `+a.program.Rounding.of("x.points")+` END, x.earned_at FROM (
			SELECT f.customer_id, f.fact_id, f.earned_at, `+accrual.Points+` AS points
			FROM (`+earningFacts(accrual.Kind, accrual.Fields)+`) f JOIN loyalty_eligible g ON g.customer_id = f.customer_id `+profile+accrual.Joins+where+onceEach+`
		) x`, parameters)
		if err != nil {
			return fmt.Errorf("by the rule %s: %w", accrual.Rule, err)
		}
	}
	if err := a.dialect.count(a.transaction, "loyalty_should"); err != nil {
		return err
	}
	return a.layOutDays(`SELECT s.earned_at FROM loyalty_should s WHERE s.earned_at IS NOT NULL
		UNION SELECT q.at FROM refresh_who w CROSS JOIN points_posting q WHERE q.customer_id IS THEIRS AND q.program_id = @program`)
}

// of rounds a number of points that is not negative, in PointUnits.
func (r Rounding) of(points string) string {
	unit := int64(math.Pow10(6 - r.Decimals))
	if unit == 1 {
		return points
	}
	add := map[string]int64{RoundDown: 0, RoundHalfUp: unit / 2, RoundUp: unit - 1}[r.Mode]
	return fmt.Sprintf("(%[1]s + %[2]d) / %[3]d * %[3]d", points, add, unit)
}

// layOutDays lays out when what was earned on a day expires, for the days of instants.
func (a *accruing) layOutDays(instants string) error {
	if _, err := a.exec(`CREATE TEMP TABLE loyalty_day (day BIGINT NOT NULL PRIMARY KEY, expires_at BIGINT)` + a.dialect.onCommitDrop()); err != nil {
		return err
	}
	if a.program.Terms.ExpireAfterMonths == 0 {
		return nil
	}
	return a.addDays("loyalty_day", instants, a.program.Terms.ExpireAfterMonths)
}

// addDays adds to a table of days those of instants, and what is so many months later.
func (a *accruing) addDays(table, instants string, months int) error {
	parameters, err := a.parametersWith(nil)
	if err != nil {
		return err
	}
	var days []int64
	text, args := a.refresh.bind("WITH i (at) AS ("+instants+") SELECT DISTINCT "+dayNumber("i.at")+" FROM i", parameters)
	if err := a.query(scanInto(&days), text, args...); err != nil {
		return fmt.Errorf("finding days: %w", err)
	}
	rows := &rowBuffer{width: 2}
	for _, day := range days {
		rows.add(numberCell(day), numberCell(monthsAfter(day, months)))
	}
	return a.insert(table, []string{"day", "expires_at"}, rows)
}

// differences are what has to be added to the ledger, so that it says what facts earn.
func differences() string {
	return `SELECT u.customer_id, u.rule, u.kind, u.fact_id, u.earned_at, u.expires_at, total(u.points) AS points FROM (
		` + earned + `
		UNION ALL
		SELECT e.customer_id, e.rule, e.kind, e.fact_id, e.earned_at, e.expires_at, -e.points FROM refresh_who w CROSS JOIN points_entry e WHERE e.customer_id IS THEIRS AND e.program_id = @program
	) u GROUP BY u.customer_id, u.rule, u.kind, u.fact_id, u.earned_at, u.expires_at HAVING total(u.points) <> 0`
}

// earned is what facts earn.
var earned = `SELECT s.customer_id, s.rule, s.kind, s.fact_id, s.earned_at, d.expires_at, s.points
		FROM loyalty_should s LEFT JOIN loyalty_day d ON d.day = ` + dayNumber("s.earned_at") + ` WHERE s.points > 0 AND s.earned_at IS NOT NULL`

// post adds differences to the ledger.
func (a *accruing) post() error {
	parameters, err := a.parametersWith(nil)
	if err != nil {
		return err
	}
	var one int64
	from := differences()
	switch err := a.row(`SELECT 1 FROM points_entry WHERE program_id = $1 LIMIT 1`, a.id).Scan(&one); {
	case errors.Is(err, sql.ErrNoRows):
		from = earned
	case err != nil:
		return err
	}
	text, args := a.refresh.bind(`INSERT INTO points_entry (program_id, customer_id, rule, kind, fact_id, points, earned_at, expires_at, posted_at)
		SELECT @program, d.customer_id, d.rule, d.kind, d.fact_id, d.points, d.earned_at, d.expires_at, @now FROM (`+from+`) d`, parameters)
	a.done.Posted, err = a.exec(text, args...)
	return err
}
