// Package audience compiles the expressions by which resources say who is meant: it
// parses and type-checks them by cel-go, and translates them to a condition that
// both databases understand. What it translates means the same in all three; what
// it cannot translate it refuses, with the position and what to write instead.
//
// An expression is true for those who are meant. A comparison with an absent value
// is an error in CEL and NULL in SQL; CEL's && || ! absorb errors as SQL's
// three-valued logic does NULL, so "not true" means "not meant" in both. Everything
// else that is an error in CEL, such as a division by zero, is NULL too: no
// statement is ever broken off.
package audience

import (
	"fmt"

	"github.com/google/cel-go/cel"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// Bounds of an expression.
const (
	// maxLength in code points, as the resources have it.
	maxLength = 4096
	// maxNesting of parentheses, calls and lists within each other.
	maxNesting = 32
	// maxPieces that an expression is translated to: exists and all count once for
	// every element.
	maxPieces = 2_000
	// maxSeries that are joined, of the 64 tables that SQLite takes.
	maxSeries = 32
)

// Catalog is what expressions may name that is another in each store.
type Catalog struct {
	// Attributes and their types. Nil if they are not known, as without a store: then
	// any name may be asked for with has, and nothing else be done with it.
	Attributes map[string]customer.Kind
	// CurrencyDigits are the digits after the point of the reporting currency.
	CurrencyDigits int

	// fact is the kind of the facts that an accrual rule is about; "" for other expressions.
	fact string
}

// Program is an expression that was found good.
type Program struct {
	predicate store.Predicate
	segments  []string
}

// Predicate is the condition that the store asks.
func (p *Program) Predicate() store.Predicate { return p.predicate }

// Segments are the other segments that the expression asks, sorted.
func (p *Program) Segments() []string { return p.segments }

// Compile translates an expression. Errors are a *Problem.
func Compile(expression string, catalog Catalog) (*Program, error) {
	env, err := environment(catalog)
	if err != nil {
		return nil, fmt.Errorf("preparing expressions: %w", err)
	}
	checked, problem := check(env, expression, catalog)
	if problem != nil {
		return nil, problem
	}
	t := newTranslator(checked, catalog)
	condition, problem := t.translate()
	if problem != nil {
		return nil, problem
	}
	return &Program{predicate: t.predicate(condition), segments: t.segmentsAsked()}, nil
}

// check parses an expression, gives decimals their type, and checks all types.
func check(env *cel.Env, expression string, catalog Catalog) (*cel.Ast, *Problem) {
	if problem := tooLarge(expression); problem != nil {
		return nil, problem
	}
	parsed, issues := env.Parse(expression)
	if issues.Err() != nil {
		return nil, problemOf(expression, nil, issues, catalog)
	}
	if problem := tooDeep(parsed); problem != nil {
		return nil, problem
	}
	if problem := rewrite(parsed); problem != nil {
		return nil, problem
	}
	checked, issues := env.Check(parsed)
	if issues.Err() != nil {
		return nil, problemOf(expression, parsed, issues, catalog)
	}
	return checked, nil
}
