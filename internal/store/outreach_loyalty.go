package store

import (
	"database/sql"
	"errors"
	"strings"
	"time"
)

// RecipientLoyalty is how a customer stands as a member of a program, as Statement says. Points are
// in PointUnits.
type RecipientLoyalty struct {
	// Tier that is held, and Next the one to which Missing points are missing; nil for none.
	Tier, Next *Tier
	Missing    int64
	// Balance can be redeemed. It is negative where a correction took what had been redeemed.
	Balance int64
	// Expiring are the points that will be gone soon unless they are redeemed before; absent where
	// points do not expire.
	Expiring sql.NullInt64
}

// What is gone of the queue of a member l's lots (see loyalty_members.go) is what expired, and what
// was used. What is gone soon is what of the lots that have expired then lies behind that. Lots that
// were given by hand expire by their day, which keptFrom compares.
const (
	usedOfMember = `coalesce((SELECT TOTAL(-q.points) FROM points_posting q WHERE q.customer_id = l.customer_id AND q.program_id = l.program_id AND q.points < 0), 0)`

	earnedAndExpired = `coalesce((SELECT TOTAL(e.points) FROM points_entry e WHERE e.program_id = l.program_id AND e.customer_id = l.customer_id AND e.earned_at <= CAST($3 AS BIGINT) AND e.expires_at <= CAST($UNTIL AS BIGINT)), 0)`

	givenAndExpired = `coalesce((SELECT TOTAL(q.points) FROM points_posting q WHERE q.customer_id = l.customer_id AND q.program_id = l.program_id AND q.points > 0 AND q.at < CAST($DAY AS BIGINT)), 0)`
)

// loyalty reads how customers stand as members of a program. One that was never reckoned has none.
func (a *addingParts) loyalty(program string, soon time.Duration) error {
	terms, err := readTerms(a.transaction, program)
	var none *NotFoundError
	switch {
	case errors.As(err, &none):
		return nil
	case err != nil:
		return err
	}
	columns, args := "0, 0, 0", []any{program}
	if months := terms.ExpireAfterMonths; months > 0 {
		until := a.now + soon.Milliseconds()
		columns, args = a.expiring(), append(args, a.now, keptFrom(a.now, months), until, keptFrom(until, months))
	}
	return a.ask(`l.tier, l.tier_points, l.balance, l.expired, `+columns,
		`JOIN loyalty_member l ON l.program_id = (SELECT g.id FROM loyalty_program g WHERE g.name = $2) AND l.customer_id = m.customer_id`,
		func(rows *sql.Rows) error {
			var seq, points, expired, used, gone, goneSoon int64
			var tier string
			l := &RecipientLoyalty{}
			err := rows.Scan(&seq, &tier, &points, &l.Balance, &expired, &used, &gone, &goneSoon)
			l.Tier = terms.Tier(tier)
			l.Next, l.Missing = terms.Next(points)
			if terms.ExpireAfterMonths > 0 {
				// It may have expired since the member was reckoned.
				l.Expiring = sql.NullInt64{Int64: max(0, goneSoon-max(gone, expired+used)), Valid: true}
			}
			if r := a.places[seq]; r != nil {
				r.Loyalty = l
			}
			return err
		}, args...)
}

// expiring are, of a member l, the points that were used, that have expired, and that will have.
func (a *addingParts) expiring() string {
	expired := func(until, day string) string {
		return strings.NewReplacer("$UNTIL", until, "$DAY", day).Replace(earnedAndExpired + " + " + givenAndExpired)
	}
	return strings.ReplaceAll(usedOfMember+", "+expired("$3", "$4")+", "+expired("$5", "$6"), "TOTAL", a.dialect.total())
}

// keptFrom is the first midnight from which on what is earned is not gone by an instant, so many
// months later: monthsAfter turned round.
func keptFrom(at int64, months int) int64 {
	day := time.UnixMilli(at).UTC().AddDate(0, -months, 0).UnixMilli()/dayMillis + longAgoDays
	// A month without such a day is some days off.
	for day += 4; monthsAfter(day, months) > at; day-- {
	}
	return (day + 1 - longAgoDays) * dayMillis
}
