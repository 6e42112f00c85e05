package audience

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/cel-go/common/ast"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// AccrualError says which expression of an accrual rule is refused.
type AccrualError struct {
	// Field is where or points.
	Field string
	*Problem
}

// Unwrap gives the problem.
func (e *AccrualError) Unwrap() error { return e.Problem }

// CompileAccrual translates the expressions of an accrual rule over facts of a kind: where is
// true for facts that earn, "" for all of them, and points gives a number of points. Errors are
// an *AccrualError.
//
// What was earned must neither move with the passing of time nor with points and tiers that follow
// from it, so that all of them are refused.
func CompileAccrual(kind, where, points string, catalog Catalog) (*store.Accrual, error) {
	catalog.fact = kind
	env, err := environment(catalog)
	if err != nil {
		return nil, fmt.Errorf("preparing expressions: %w", err)
	}
	accrual := &store.Accrual{Kind: kind}
	t := newTranslator(nil, catalog)
	for _, expression := range []struct {
		field, text string
		translate   func() (string, *Problem)
		into        *string
	}{{"where", where, t.translate, &accrual.Where}, {"points", points, t.points, &accrual.Points}} {
		if expression.field == "where" && where == "" {
			continue
		}
		var problem *Problem
		if t.checked, problem = check(env, expression.text, catalog); problem == nil {
			*expression.into, problem = expression.translate()
		}
		if problem == nil {
			problem = t.lasting()
		}
		if problem != nil {
			return nil, &AccrualError{expression.field, problem}
		}
	}
	accrual.Joins, accrual.Parameters = strings.Join(t.joins, " "), t.parameters
	accrual.Fields = slices.Sorted(maps.Keys(t.fields))
	accrual.Editions, accrual.Asks = t.predicate("").Editions, t.segmentsAsked()
	return accrual, nil
}

// points translates a number of points, in units of a millionth.
func (t *translator) points() (string, *Problem) {
	whole := t.checked.NativeRep().Expr()
	amount, problem := t.value(whole)
	switch {
	case problem != nil:
		return "", problem
	case !amount.isNumber():
		return "", t.problem(whole, "it gives %s, and has to be a number of points", kindWords[amount.kind])
	case amount.constant && amount.least.Sign() < 0:
		return "", t.problem(whole, "a fact never takes points away: use fairlead loyalty adjust")
	}
	return asDecimal(amount).sql, nil
}

// lasting refuses what moves without a fact.
func (t *translator) lasting() *Problem {
	whole := t.checked.NativeRep().Expr()
	if t.byDay {
		return t.problem(whole, "what was earned must not move with the passing of time: compare with a date that is written down, and with fact.at instead of now()")
	}
	if len(t.programs) > 0 {
		return t.problem(whole, "points follow from what earns them, and cannot be asked for by it")
	}
	for asked := range t.segments {
		if store.IsTiers(asked) {
			return t.problem(whole, "tiers follow from points, and cannot be asked for by what earns them")
		}
	}
	return nil
}

// factField is a field of the fact that is looked at.
func (t *translator) factField(e ast.Expr, name string) (piece, *Problem) {
	measure, known := measureNamed(customer.FactFields[t.catalog.fact], name)
	if !known {
		return piece{}, t.problem(e, "a fact of the kind %s has no field %s", t.catalog.fact, name)
	}
	t.fields[name] = true
	return t.measure(measure, "f."+measure.Column()), nil
}
