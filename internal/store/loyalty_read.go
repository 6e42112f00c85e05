package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// PointsText writes points in PointUnits as a decimal without zeros at its end.
func PointsText(points int64) string {
	text := big.NewRat(points, PointUnits).FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// Membership is how a member of a program stands. Points are in PointUnits, instants in
// milliseconds.
type Membership struct {
	// Tier held; "" for none. TierPoints are those that decide it: earned and not expired.
	Tier       string
	TierPoints int64
	// Balance can be redeemed. It is negative where a correction took what had been redeemed.
	Balance int64
	// Earned by facts, Adjusted by hand, Redeemed and Expired: Balance = Earned + Adjusted -
	// Redeemed - Expired.
	Earned, Adjusted, Redeemed, Expired int64
	// Unearned is how many facts earn nothing for want of a value or a date.
	Unearned int64
	// GraceUntil the tier is kept though its points are gone; 0 where they are not.
	GraceUntil int64
}

// LoyaltyFigures sum up a program.
type LoyaltyFigures struct {
	// Tiers count members, by the name of the tier; "" for none.
	Tiers map[string]int64
	// Members, and sums over them, in PointUnits.
	Members, Outstanding, Earned, Adjusted, Redeemed, Expired int64
	// Unearned is how many facts earn nothing for want of a value or a date.
	Unearned int64
	// Overdrawn is how many members have used more than facts now say they earned.
	Overdrawn int64
	// NextChange is when any of it changes by the passing of time alone, in milliseconds; 0 for
	// never.
	NextChange int64
	// Changed is another number whenever the points of any member are others.
	Changed int64
}

// LoyaltyFigures sums up the members of a program, as they were reckoned last.
func (s *Store) LoyaltyFigures(ctx context.Context, program string) (f LoyaltyFigures, err error) {
	err = s.read(ctx, func(t *transaction) error {
		f, err = loyaltyFigures(t, program)
		return err
	})
	if err != nil {
		return f, fmt.Errorf("summing up the loyalty program %s: %w", program, err)
	}
	return f, nil
}

func loyaltyFigures(t *transaction, program string) (f LoyaltyFigures, err error) {
	f.Tiers = map[string]int64{}
	err = t.query(func(rows *sql.Rows) error {
		var tier string
		var members, outstanding, earned, adjusted, redeemed, expired, unearned, overdrawn, next int64
		if err := rows.Scan(&tier, &members, &outstanding, &earned, &adjusted, &redeemed, &expired, &unearned, &overdrawn, &next); err != nil {
			return err
		}
		if f.NextChange == 0 || next > 0 && next < f.NextChange {
			f.NextChange = next
		}
		f.Tiers[tier] = members
		f.Members, f.Outstanding, f.Earned, f.Adjusted = f.Members+members, f.Outstanding+outstanding, f.Earned+earned, f.Adjusted+adjusted
		f.Redeemed, f.Expired, f.Unearned, f.Overdrawn = f.Redeemed+redeemed, f.Expired+expired, f.Unearned+unearned, f.Overdrawn+overdrawn
		return nil
	}, `SELECT m.tier, count(*), `+sumOfAll(t, "balance", "earned", "adjusted", "redeemed", "expired", "unearned")+`, count(CASE WHEN m.balance < 0 THEN 1 END), coalesce(min(m.next_change_at), 0)
		FROM loyalty_program g JOIN loyalty_member m ON m.program_id = g.id WHERE g.name = $1 GROUP BY m.tier`, program)
	if err != nil {
		return f, err
	}
	f.Changed, err = t.number(`SELECT coalesce(max(changed), 0) FROM loyalty_program WHERE name = $1`, program)
	return f, err
}

// sumOfAll are the sums of columns of members m.
func sumOfAll(t *transaction, columns ...string) string {
	var all []string
	for _, column := range columns {
		all = append(all, t.dialect.total()+"(m."+column+")")
	}
	return strings.Join(all, ", ")
}

// membership reads how a customer stands; a *ConflictError if it is no member.
func (a *accruing) membership(posting Posting, customer int64) (Membership, error) {
	member, is, err := readMembership(a.transaction, posting.Program, customer)
	if err == nil && !is {
		err = &ConflictError{fmt.Sprintf("%s is no member of the loyalty program %s", posting.Customer, posting.Program)}
	}
	return member, err
}

func readMembership(t *transaction, program string, customer int64) (m Membership, is bool, err error) {
	var grace sql.NullInt64
	err = t.row(`SELECT m.tier, m.tier_points, m.balance, m.earned, m.adjusted, m.redeemed, m.expired, m.unearned, m.grace_until
		FROM loyalty_program g JOIN loyalty_member m ON m.program_id = g.id WHERE g.name = $1 AND m.customer_id = $2`, program, customer).
		Scan(&m.Tier, &m.TierPoints, &m.Balance, &m.Earned, &m.Adjusted, &m.Redeemed, &m.Expired, &m.Unearned, &grace)
	if errors.Is(err, sql.ErrNoRows) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("reading the membership: %w", err)
	}
	m.GraceUntil = grace.Int64
	return m, true, nil
}

// Lot is what one fact earned by one rule, as the ledger has it today, or what was given by hand.
type Lot struct {
	// Rule of the program; "" for what was given by hand.
	Rule string
	// Kind of the fact, and what edition it is about; "" for none.
	Kind, Series, Edition, Role string
	// Points in PointUnits.
	Points int64
	// EarnedAt and ExpiresAt in milliseconds; ExpiresAt is 0 for never.
	EarnedAt, ExpiresAt int64
	// Reference, Reason and Actor of what was given by hand.
	Reference, Reason, Actor string
}

// Use is what used points up.
type Use struct {
	Kind string
	// Points in PointUnits, above 0.
	Points, At               int64
	Reference, Reason, Actor string
}

// Statement is all that is known of a member's points.
type Statement struct {
	// Code of the customer, who may have been merged since.
	Code   string
	Terms  Terms
	Member Membership
	// Lots by when they were earned, and Uses by when they were.
	Lots []Lot
	Uses []Use
	// AsOf is when it was read, in milliseconds.
	AsOf int64
}

// Statement reads the points of a customer in a program. A program or customer that there is not
// is a *NotFoundError, a customer who is no member a *ConflictError.
func (s *Store) Statement(ctx context.Context, program, code string) (statement Statement, err error) {
	err = s.read(ctx, func(t *transaction) error {
		if statement.Terms, err = readTerms(t, program); err != nil {
			return err
		}
		statement.AsOf = t.now
		party, err := standingParty(t, code)
		if err != nil {
			return err
		}
		if statement.Code, err = codeOf(t, party); err != nil {
			return err
		}
		var is bool
		if statement.Member, is, err = readMembership(t, program, party); err != nil {
			return err
		}
		if !is {
			return &ConflictError{fmt.Sprintf("%s is no member of the loyalty program %s", code, program)}
		}
		return statement.read(t, program, party)
	})
	return statement, err
}

func (s *Statement) read(t *transaction, program string, customer int64) error {
	err := t.query(func(rows *sql.Rows) error {
		var l Lot
		var expires sql.NullInt64
		var role int64
		err := rows.Scan(&l.Rule, &l.Kind, &l.EarnedAt, &expires, &l.Points, &l.Series, &l.Edition, &role)
		l.ExpiresAt = expires.Int64
		l.Role = roleNumbered(role)
		s.Lots = append(s.Lots, l)
		return err
	}, `SELECT e.rule, e.kind, e.earned_at, e.expires_at, e.points, coalesce(h.series, ''), coalesce(h.edition, ''), CASE WHEN e.kind = 'Participation' THEN e.fact_id % 64 ELSE -1 END
		FROM (
			SELECT e.rule, e.kind, e.fact_id, e.earned_at, e.expires_at, `+t.dialect.total()+`(e.points) AS points
			FROM loyalty_program g JOIN points_entry e ON e.program_id = g.id WHERE g.name = $1 AND e.customer_id = $2
			GROUP BY e.rule, e.kind, e.fact_id, e.earned_at, e.expires_at HAVING `+t.dialect.total()+`(e.points) <> 0
		) e LEFT JOIN edition h ON h.id = CASE e.kind WHEN 'Participation' THEN e.fact_id / 64
			WHEN 'Booking' THEN (SELECT b.edition_id FROM booking b WHERE b.id = e.fact_id) WHEN 'Transaction' THEN (SELECT b.edition_id FROM transaction_entry b WHERE b.id = e.fact_id)
			WHEN 'Referral' THEN (SELECT b.edition_id FROM referral b WHERE b.id = e.fact_id) WHEN 'Feedback' THEN (SELECT b.edition_id FROM feedback b WHERE b.id = e.fact_id)
			WHEN 'Training' THEN (SELECT b.edition_id FROM interaction b WHERE b.id = e.fact_id) END
		ORDER BY e.earned_at, e.rule, e.fact_id`, program, customer)
	if err != nil {
		return fmt.Errorf("reading what was earned: %w", err)
	}
	err = t.query(func(rows *sql.Rows) error {
		var u Use
		if err := rows.Scan(&u.Kind, &u.Points, &u.At, &u.Reference, &u.Reason, &u.Actor); err != nil {
			return err
		}
		if u.Points < 0 {
			u.Points = -u.Points
			s.Uses = append(s.Uses, u)
			return nil
		}
		l := Lot{Kind: u.Kind, Points: u.Points, EarnedAt: u.At, Reference: u.Reference, Reason: u.Reason, Actor: u.Actor}
		if months := s.Terms.ExpireAfterMonths; months > 0 {
			l.ExpiresAt = monthsAfter(u.At/dayMillis+longAgoDays, months)
		}
		s.Lots = append(s.Lots, l)
		return nil
	}, `SELECT q.kind, q.points, q.at, q.reference, q.reason, q.actor FROM loyalty_program g JOIN points_posting q ON q.program_id = g.id
		WHERE g.name = $1 AND q.customer_id = $2 ORDER BY q.at, q.id`, program, customer)
	if err != nil {
		return fmt.Errorf("reading what was posted: %w", err)
	}
	return nil
}

// Programs are the names of all programs that were ever carried out, sorted.
func (s *Store) Programs(ctx context.Context) (names []string, err error) {
	err = s.read(ctx, func(t *transaction) error {
		return t.query(func(rows *sql.Rows) error {
			var name string
			err := rows.Scan(&name)
			names = append(names, name)
			return err
		}, `SELECT g.name FROM loyalty_program g ORDER BY g.name`)
	})
	if err != nil {
		return nil, fmt.Errorf("listing loyalty programs: %w", err)
	}
	return names, nil
}
