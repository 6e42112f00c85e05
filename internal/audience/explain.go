package audience

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/parser"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// Explanation is an expression taken apart: what each of its clauses comes to for one
// customer, and what it asks. It is made of the same compiled tree as the predicate.
type Explanation struct {
	segment store.Segment
	clauses []asked
}

// asked is a clause, or a value that one asks for.
type asked struct {
	depth  int
	joined string
	text   string
	value  piece
	// isValue says that it is a value that the clause before asks for.
	isValue bool
}

// Line is what a clause, or a value in it, came to.
type Line struct {
	// Depth of the clause below &&, || and !, from 0 on; a value has that of its clause.
	Depth int `json:"depth"`
	// Joined is "&&", "||" or "!" for a clause that consists of those that follow with
	// a greater depth; "" for one that asks something.
	Joined string `json:"joined,omitempty"`
	// Text of the clause or the value, as it was written.
	Text string `json:"text"`
	// IsValue says that it is no clause, but a value in the one before.
	IsValue bool `json:"isValue,omitempty"`
	// Came is "true", "false" or "absent" for a clause, and the value or "absent" for a
	// value.
	Came string `json:"came"`
}

// absent is what came of what is not known.
const absent = "absent"

// Explain takes an expression apart. Errors are a *Problem.
func Explain(expression string, catalog Catalog) (*Explanation, error) {
	env, err := environment(catalog)
	if err != nil {
		return nil, fmt.Errorf("preparing expressions: %w", err)
	}
	checked, problem := check(env, expression, catalog)
	if problem != nil {
		return nil, problem
	}
	written, issues := env.Parse(expression)
	if issues.Err() != nil {
		return nil, fmt.Errorf("parsing again: %w", issues.Err())
	}
	t := newTranslator(checked, catalog)
	condition, problem := t.translate()
	if problem != nil {
		return nil, problem
	}
	x := &explainer{translator: t, info: written.NativeRep().SourceInfo(), written: map[int64]ast.Expr{}}
	ast.PreOrderVisit(written.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) { x.written[e.ID()] = e }))
	if problem := x.clause(checked.NativeRep().Expr(), 0); problem != nil {
		return nil, problem
	}
	return &Explanation{segment: store.Segment{Predicate: t.predicate(condition), Asks: t.segmentsAsked()}, clauses: x.clauses}, nil
}

// explainer goes through a checked tree.
type explainer struct {
	*translator
	info *ast.SourceInfo
	// written are the expressions as they were written, by their numbers.
	written map[int64]ast.Expr
	clauses []asked
}

// clause takes an expression apart at && and || and !.
func (x *explainer) clause(e ast.Expr, depth int) *Problem {
	// What was translated once can be translated again.
	x.pieces = 0
	value, problem := x.value(e)
	if problem != nil {
		return problem
	}
	this := asked{depth: depth, text: x.text(e), value: value}
	var parts []ast.Expr
	if e.Kind() == ast.CallKind {
		switch name := e.AsCall().FunctionName(); name {
		case operators.LogicalAnd, operators.LogicalOr:
			this.joined, parts = strings.Trim(name, "_"), operands(e, name)
		case operators.LogicalNot:
			this.joined, parts = "!", e.AsCall().Args()
		}
	}
	x.clauses = append(x.clauses, this)
	if parts == nil {
		return x.values(e, depth)
	}
	for _, part := range parts {
		if problem := x.clause(part, depth+1); problem != nil {
			return problem
		}
	}
	return nil
}

// operands are all that a chain of one operator joins: cel-go groups them in pairs.
func operands(e ast.Expr, operator string) []ast.Expr {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != operator {
		return []ast.Expr{e}
	}
	return append(operands(e.AsCall().Args()[0], operator), operands(e.AsCall().Args()[1], operator)...)
}

// values finds what a clause asks of the customer: the largest parts that are a field
// or a function of it.
func (x *explainer) values(e ast.Expr, depth int) *Problem {
	var asks []ast.Expr
	x.find(e, &asks)
	for _, part := range asks {
		if part == e {
			// The clause itself is all that is asked.
			continue
		}
		x.pieces = 0
		value, problem := x.value(part)
		if problem != nil {
			return problem
		}
		line := asked{depth: depth, text: x.text(part), value: value, isValue: true}
		if value.kind < listKind || value.kind == rolesKind {
			if !slices.ContainsFunc(x.clauses, func(a asked) bool { return a.isValue && a.text == line.text && a.depth == depth }) {
				x.clauses = append(x.clauses, line)
			}
		}
	}
	return nil
}

func (x *explainer) find(e ast.Expr, asks *[]ast.Expr) {
	switch e.Kind() {
	case ast.SelectKind:
		*asks = append(*asks, e)
	case ast.CallKind:
		call := e.AsCall()
		if call.IsMemberFunction() && call.Target().Kind() == ast.IdentKind && call.Target().AsIdent() == "customer" {
			*asks = append(*asks, e)
			return
		}
		if call.IsMemberFunction() {
			x.find(call.Target(), asks)
		}
		for _, arg := range call.Args() {
			x.find(arg, asks)
		}
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			x.find(element, asks)
		}
	case ast.ComprehensionKind:
		// What is inside is asked of every element.
		x.find(e.AsComprehension().IterRange(), asks)
	}
}

// text is an expression as it was written, but for spaces.
func (x *explainer) text(e ast.Expr) string {
	written, found := x.written[e.ID()]
	if !found {
		written = e
	}
	text, err := parser.Unparse(written, x.info)
	if err != nil {
		return ""
	}
	return text
}

// Segment is the whole of it, for Store.Ask.
func (x *Explanation) Segment() store.Segment { return x.segment }

// Selected are the values to ask of the store, in the order of Lines.
func (x *Explanation) Selected() []string {
	var selected []string
	for _, clause := range x.clauses {
		sql := clause.value.sql
		if clause.value.kind == truthKind {
			sql = "CASE " + sql + " WHEN TRUE THEN 1 WHEN FALSE THEN 0 END"
		}
		selected = append(selected, sql)
	}
	return selected
}

// Lines says what the values of Selected mean.
func (x *Explanation) Lines(values []any) []Line {
	lines := make([]Line, len(x.clauses))
	for i, clause := range x.clauses {
		lines[i] = Line{Depth: clause.depth, Joined: clause.joined, Text: clause.text, IsValue: clause.isValue, Came: clause.value.shown(values[i])}
	}
	return lines
}

// shown is a value of a piece for people.
func (p piece) shown(value any) string {
	if value == nil {
		return absent
	}
	number, isNumber := value.(int64)
	switch {
	case !isNumber:
		return strconv.Quote(fmt.Sprint(value))
	case p.kind == truthKind:
		return strconv.FormatBool(number != 0)
	case p.kind == decimalKind:
		return p.decimalShown(number)
	case p.kind == instantKind:
		return time.UnixMilli(number).UTC().Format(time.RFC3339)
	case p.kind == durationKind:
		return (time.Duration(number) * time.Millisecond).String()
	case p.kind == rolesKind:
		var roles []string
		for _, role := range customer.Roles {
			if number&customer.Bit(customer.Roles, role) != 0 {
				roles = append(roles, role)
			}
		}
		return "[" + strings.Join(roles, ", ") + "]"
	default:
		return strconv.FormatInt(number, 10)
	}
}

// decimalShown has the digits that are stored, or those that are not 0.
func (p piece) decimalShown(number int64) string {
	text := customer.Field{Kind: customer.Decimal, Scale: decimalDigits}.Format(customer.Number(number), "")
	if p.stored != "" {
		return text[:len(text)-len(strconv.FormatInt(p.storedUnits, 10))+1]
	}
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}
