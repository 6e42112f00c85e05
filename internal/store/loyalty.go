package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
)

// tiersPrefix begins the names of segments that are a program's tiers.
const tiersPrefix = "loyalty/"

// TiersOf is the segment that has a program's members, each with the tier as its class, "" for
// none.
func TiersOf(program string) string { return tiersPrefix + program }

// IsTiers tells whether a segment is a program's tiers.
func IsTiers(segment string) bool { return strings.HasPrefix(segment, tiersPrefix) }

// PointUnits are the units in which points are held: millionths.
const PointUnits = decimalUnits

// MostPoints that one fact can earn.
const MostPoints = 10_000_000

// Rounding of the points that a fact earns.
type Rounding struct {
	// Mode is RoundDown, RoundHalfUp or RoundUp.
	Mode string
	// Decimals that are left, from 0 to 6.
	Decimals int
}

// Modes of Rounding.
const (
	RoundDown   = "Down"
	RoundHalfUp = "HalfUp"
	RoundUp     = "Up"
)

// Accrual gives points for facts of one kind. internal/audience makes it of two expressions.
type Accrual struct {
	// Rule is its name in the program.
	Rule string
	// Kind is one of customer.FactKinds, and Fields are what is asked of a fact, by the names of
	// customer.FactFields, sorted.
	Kind   string
	Fields []string
	// Where is true for facts f of customers p that earn; "" for all of them.
	Where string
	// Points that a fact earns, in PointUnits; NULL for none.
	Points string
	// Joins that both need, each with at most one row for a customer.
	Joins string
	// Parameters of both by name: int64 or string.
	Parameters map[string]any
	// Editions are what has to be laid out in segment_took, and Asks segments that are asked for.
	Editions []NamedEdition
	Asks     []string
}

// Tier is a level of membership and what it gives.
type Tier struct {
	Name string `json:"name"`
	// From is from how many points on a member has it, in PointUnits.
	From                 int64    `json:"from"`
	BoothDiscountPercent int64    `json:"boothDiscountPercent,omitempty"`
	Benefits             []string `json:"benefits,omitempty"`
}

// Terms are what a program promises.
type Terms struct {
	// ExpireAfterMonths from the day on which they were earned points are gone; 0 for never.
	ExpireAfterMonths int `json:"expireAfterMonths,omitempty"`
	// GraceMonths for which a tier is kept that the points do not reach any more.
	GraceMonths int `json:"graceMonths,omitempty"`
	// Tiers from the lowest up.
	Tiers []Tier `json:"tiers"`
	// PointValue is what a point is worth when it is redeemed, in units of the reporting currency,
	// as a decimal; "" where nothing is declared.
	PointValue string `json:"pointValue,omitempty"`
}

// Tier is the one of a name; nil for none.
func (t Terms) Tier(name string) *Tier {
	for i := range t.Tiers {
		if t.Tiers[i].Name == name {
			return &t.Tiers[i]
		}
	}
	return nil
}

// Next is the next tier up from points that are earned and not expired, and how many are missing to
// it; nil if there is none above.
func (t Terms) Next(points int64) (next *Tier, missing int64) {
	for i := range t.Tiers {
		if t.Tiers[i].From > points {
			return &t.Tiers[i], t.Tiers[i].From - points
		}
	}
	return nil, 0
}

// Program is a loyalty program.
type Program struct {
	// Name of the program in its store.
	Name string
	// Definition is a digest of all that makes it what it is. With another one the next
	// accrual is a baseline: nobody's tier moved.
	Definition string
	// Eligible is true for members. Its editions are laid out for all accruals as well.
	Eligible Predicate
	// Asks are the segments that are asked for.
	Asks     []string
	Accruals []Accrual
	Rounding Rounding
	Terms    Terms
}

// Accrued is what an accrual did.
type Accrued struct {
	Evaluated
	// Posted is how many entries were added to the ledger.
	Posted int64
}

// accruing is one accrual of a program: an evaluation of its tiers, with what comes before.
type accruing struct {
	*evaluation
	program Program
	// id is the number of the program.
	id   int64
	done Accrued
	// refresh lays out facts.
	refresh *refresh
	// posting says that something is posted to one member, and facts are not looked at.
	posting bool
	// simulating says that nothing is kept, and prices are asked for beside.
	simulating bool
}

// temporaryLoyalty are the tables of an accrual beside those of an evaluation.
var temporaryLoyalty = []string{"loyalty_eligible", "loyalty_should", "loyalty_day", "loyalty_sum", "loyalty_use", "loyalty_event", "loyalty_grace", "loyalty_running", "loyalty_unearned", "loyalty_now", "loyalty_before"}

// Accrue brings the ledger and the members of a program up to date with facts, and records whose
// tier moved. It looks only at customers who may have changed, by a fact or by time, unless the
// program itself did. Without a change it writes nothing.
func (s *Store) Accrue(ctx context.Context, program Program) (done Accrued, err error) {
	if evaluated, is, err := s.isAccrued(ctx, program); is || err != nil {
		if err != nil {
			err = fmt.Errorf("looking whether the points of %s are accrued: %w", program.Name, err)
		}
		return Accrued{Evaluated: evaluated}, err
	}
	err = s.accruing(ctx, program, func(a *accruing) error {
		if err := a.run(); err != nil {
			return err
		}
		done = a.done
		if err := a.dialect.dropTemporary(a.transaction, append(temporaryLoyalty, temporarySegment...)); err != nil {
			return err
		}
		return a.commit()
	})
	return done, err
}

// isAccrued tells whether nothing happened since the last accrual. It takes nobody's turn to write.
func (s *Store) isAccrued(ctx context.Context, program Program) (done Evaluated, is bool, err error) {
	if done, is, err = s.isEvaluated(ctx, program.tiers()); !is || err != nil {
		return done, false, err
	}
	err = s.read(ctx, func(t *transaction) error {
		due, err := t.number(`SELECT count(*) FROM (SELECT 1 FROM loyalty_program g JOIN loyalty_member m ON m.program_id = g.id WHERE g.name = $1 AND m.next_change_at <= $2 LIMIT 1) x`, program.Name, t.now)
		is = due == 0
		return err
	})
	return done, is, err
}

// accruing begins an accrual; what is not committed is undone.
func (s *Store) accruing(ctx context.Context, program Program, work func(*accruing) error) error {
	t, err := s.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer t.end()
	if err := t.dialect.lockSegments(t); err != nil {
		return fmt.Errorf("waiting for another evaluation: %w", err)
	}
	a := &accruing{evaluation: &evaluation{transaction: t, segment: program.tiers()}, program: program}
	if err := work(a); err != nil {
		return fmt.Errorf("accruing the points of %s: %w", program.Name, err)
	}
	return nil
}

// tiers are the segment that the members of a program are.
func (p Program) tiers() Segment {
	return Segment{
		Name: TiersOf(p.Name), Definition: p.Definition, Asks: p.Asks,
		Predicate: Predicate{Condition: "TRUE", Joins: "JOIN loyalty_now g ON g.customer_id = p.customer_id", ByDay: p.Eligible.ByDay},
		Classes:   &Classification{Axes: []Axis{{Name: "tier", Value: "g.tier"}}, Class: "x.axis0"},
	}
}

func (a *accruing) run() error {
	if err := a.enroll(); err != nil {
		return err
	}
	candidates, everybody, err := a.prepare()
	if err != nil {
		return err
	}
	if a.who = !everybody; a.who {
		if candidates, err = a.withOthers(candidates); err != nil {
			return err
		}
		if a.evaluation.done.Looked = int64(len(candidates)); len(candidates) == 0 {
			a.evaluation.done.Members = a.before.members
			a.done.Evaluated = a.evaluation.done
			return a.remember()
		}
	} else {
		a.evaluation.done.Looked = -1
	}
	for _, step := range []struct {
		doing string
		do    func() error
	}{
		{"laying out whom to look at", func() error { return a.layOutWhom(candidates) }},
		{"asking who is a member", a.layOutEligible},
		{"asking what facts earn", a.layOutEarned},
		{"adding to the ledger", a.post},
		{"reckoning how members stand", a.reckon},
		{"finding whose tier moved", a.moveTiers},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.doing, err)
		}
	}
	return nil
}

// moveTiers brings the members of the tiers up to date.
func (a *accruing) moveTiers() error {
	same, err := a.isUnchanged()
	if err != nil {
		return err
	}
	if !same {
		if err := a.replace(); err != nil {
			return err
		}
	}
	a.evaluation.done.Members = a.now.members
	a.done.Evaluated = a.evaluation.done
	return a.remember()
}

// enroll finds the number of the program, and notes its terms.
func (a *accruing) enroll() (err error) {
	terms, err := json.Marshal(a.program.Terms)
	if err != nil {
		return fmt.Errorf("writing the terms: %w", err)
	}
	var noted string
	err = a.row(`SELECT id, terms FROM loyalty_program WHERE name = $1`, a.program.Name).Scan(&a.id, &noted)
	if errors.Is(err, sql.ErrNoRows) {
		if a.id, err = a.numbers("loyalty_program", 1); err != nil {
			return err
		}
		_, err = a.exec(`INSERT INTO loyalty_program (id, name, terms) VALUES ($1, $2, $3)`, a.id, a.program.Name, string(terms))
	} else if err == nil && noted != string(terms) {
		_, err = a.exec(`UPDATE loyalty_program SET terms = $2 WHERE id = $1`, a.id, string(terms))
	}
	if err != nil {
		return fmt.Errorf("noting the terms: %w", err)
	}
	return nil
}

// withOthers adds to those who may have changed who recommended any of them, and whom time
// changes.
func (a *accruing) withOthers(candidates []int64) ([]int64, error) {
	condition, list := among(a.transaction, "f.referred_id", 1, candidates)
	if err := a.query(scanInto(&candidates), `SELECT f.referrer_id FROM referral f WHERE f.withdrawn_at IS NULL AND `+condition, list); err != nil {
		return nil, fmt.Errorf("finding who recommended them: %w", err)
	}
	err := a.query(scanInto(&candidates), `SELECT m.customer_id FROM loyalty_member m WHERE m.program_id = $1 AND m.next_change_at <= $2`, a.id, a.transaction.now)
	if err != nil {
		return nil, fmt.Errorf("finding whom time changes: %w", err)
	}
	return distinctNumbers(candidates), nil
}

// parametersWith are those of the facts' statements and of an expression.
func (a *accruing) parametersWith(more map[string]any) (map[string]any, error) {
	parameters, err := a.refresh.parameters()
	if err != nil {
		return nil, err
	}
	maps.Copy(parameters, map[string]any{"program": a.id, "segment": a.segment.Name, "at": a.transaction.now, "now": a.transaction.now})
	maps.Copy(parameters, more)
	return parameters, nil
}
