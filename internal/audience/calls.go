package audience

import (
	"fmt"
	"math/big"

	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
)

// comparisons are the operators that put values in order, as SQL writes them.
var comparisons = map[string]string{
	operators.Less: "<", operators.LessEquals: "<=", operators.Greater: ">", operators.GreaterEquals: ">=",
}

// connectives are the operators that put conditions together, as SQL writes them.
var connectives = map[string]string{operators.LogicalAnd: " AND ", operators.LogicalOr: " OR "}

// call translates operators and functions.
func (t *translator) call(e ast.Expr) (piece, *Problem) {
	call := e.AsCall()
	if lazy, is := t.byText(call); is {
		return lazy(e)
	}
	args := make([]piece, 0, len(call.Args())+1)
	parts := call.Args()
	if call.IsMemberFunction() {
		parts = append([]ast.Expr{call.Target()}, parts...)
	}
	for _, part := range parts {
		arg, problem := t.value(part)
		if problem != nil {
			return piece{}, problem
		}
		args = append(args, arg)
	}
	switch name := call.FunctionName(); name {
	case operators.LogicalAnd, operators.LogicalOr:
		return both(connectives[name], args[0], args[1]), nil
	case operators.LogicalNot:
		return piece{kind: truthKind, sql: "(NOT " + args[0].sql + ")", present: args[0].present}, nil
	case operators.Conditional:
		return t.conditional(e, args[0], args[1], args[2])
	case operators.Equals:
		return t.equal(e, args[0], args[1])
	case operators.NotEquals:
		p, problem := t.equal(e, args[0], args[1])
		p.sql = "(NOT " + p.sql + ")"
		return p, problem
	case operators.In:
		return t.oneOf(e, args[0], args[1])
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return t.compared(e, comparisons[name], args[0], args[1])
	case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo:
		return t.arithmetic(e, name, args[0], args[1])
	case operators.Negate:
		zero := number(args[0].kind, "0", big.NewInt(0), big.NewInt(0))
		return difference(args[0].kind, zero, args[0]), nil
	default:
		return t.function(e, name, args)
	}
}

func both(connective string, a, b piece) piece {
	return piece{kind: truthKind, sql: "(" + a.sql + connective + b.sql + ")", present: a.present && b.present}
}

// conditional is NULL where the condition is absent; what is not chosen does not
// matter.
func (t *translator) conditional(e ast.Expr, condition, yes, no piece) (piece, *Problem) {
	if yes.kind != no.kind {
		return piece{}, t.problem(e, "both branches have to be of one type, and are %s and %s", kindWords[yes.kind], kindWords[no.kind])
	}
	if yes.kind >= listKind {
		return piece{}, t.problem(e, "a branch has to be a value, and this is %s", kindWords[yes.kind])
	}
	p := piece{kind: yes.kind, present: condition.present && yes.present && no.present,
		sql: fmt.Sprintf("(CASE %s WHEN TRUE THEN %s WHEN FALSE THEN %s END)", condition.sql, yes.sql, no.sql)}
	if yes.least != nil {
		p.least, p.most = yes.least, yes.most
		if no.least.Cmp(p.least) < 0 {
			p.least = no.least
		}
		if no.most.Cmp(p.most) > 0 {
			p.most = no.most
		}
	}
	return p, nil
}

// equal translates `a == b`.
func (t *translator) equal(e ast.Expr, a, b piece) (piece, *Problem) {
	if entire := max(a.kind, b.kind); entire >= listKind {
		return piece{}, t.problem(e, "%s cannot be compared as a whole: ask for its elements or fields", kindWords[entire])
	}
	if a.kind != b.kind {
		return piece{}, t.problem(e, "%s is never equal to %s", kindWords[a.kind], kindWords[b.kind])
	}
	for _, pair := range [][2]piece{{a, b}, {b, a}} {
		if word := pair[0]; word.constant && pair[1].words != nil {
			if problem := t.word(e, "value", word.text, pair[1].words); problem != nil {
				return piece{}, problem
			}
		}
	}
	return t.relation("=", a, b), nil
}

// compared translates `a < b` and its like.
func (t *translator) compared(e ast.Expr, operator string, a, b piece) (piece, *Problem) {
	if a.kind == truthKind {
		return piece{}, t.problem(e, "truth values have no order: use == or !")
	}
	if a.kind == textKind {
		a.sql = "(" + a.sql + ` COLLATE "C")`
	}
	if a.kind != b.kind {
		a, b = asDecimal(a), asDecimal(b)
	}
	return t.relation(operator, a, b), nil
}

// relation compares, of decimals what is stored where the other is written down: then
// nothing has to be computed for each row.
func (t *translator) relation(operator string, a, b piece) piece {
	left, right := a.sql, b.sql
	switch {
	case a.stored != "" && b.constant && new(big.Int).Rem(b.least, big.NewInt(a.storedUnits)).Sign() == 0:
		left, right = a.stored, t.parameter(new(big.Int).Quo(b.least, big.NewInt(a.storedUnits)).Int64())
	case b.stored != "" && a.constant && new(big.Int).Rem(a.least, big.NewInt(b.storedUnits)).Sign() == 0:
		left, right = t.parameter(new(big.Int).Quo(a.least, big.NewInt(b.storedUnits)).Int64()), b.stored
	}
	return piece{kind: truthKind, sql: fmt.Sprintf("(%s %s %s)", left, operator, right), present: a.present && b.present}
}

// asDecimal is a whole number as a decimal; NULL if it is too large.
func asDecimal(p piece) piece {
	if p.kind != wholeKind {
		return p
	}
	units := big.NewInt(decimalUnits)
	result := product(decimalKind, p, number(wholeKind, units.String(), units, units))
	result.present = p.present && fits(productOf(p.least, units), productOf(p.most, units))
	// What is written down can be compared with what is stored.
	result.constant = p.constant && result.present
	return result
}

// arithmetic is NULL where CEL's has an error: beyond 64 bits, and by zero.
func (t *translator) arithmetic(e ast.Expr, operator string, a, b piece) (piece, *Problem) {
	if a.kind == textKind && b.kind == textKind && operator == operators.Add {
		return piece{kind: textKind, sql: "(" + a.sql + " || " + b.sql + ")", present: a.present && b.present}, nil
	}
	if a.kind == instantKind || b.kind == instantKind || a.kind == durationKind {
		return t.timeArithmetic(e, operator, a, b)
	}
	if !a.isNumber() || !b.isNumber() {
		return piece{}, t.problem(e, "%s and %s cannot be reckoned with", kindWords[a.kind], kindWords[b.kind])
	}
	if a.kind == decimalKind || b.kind == decimalKind {
		return ofDecimals(operator, asDecimal(a), asDecimal(b)), nil
	}
	return ofWholes(operator, a, b), nil
}

func ofDecimals(operator string, a, b piece) piece {
	switch operator {
	case operators.Add:
		return sum(decimalKind, a, b)
	case operators.Subtract:
		return difference(decimalKind, a, b)
	case operators.Multiply:
		return decimalProduct(a, b)
	default:
		return decimalQuotient(a, b)
	}
}

func ofWholes(operator string, a, b piece) piece {
	switch operator {
	case operators.Add:
		return sum(wholeKind, a, b)
	case operators.Subtract:
		return difference(wholeKind, a, b)
	case operators.Multiply:
		return product(wholeKind, a, b)
	case operators.Divide:
		return quotient(a, b)
	default:
		return remainder(a, b)
	}
}

// timeOperation is + or - between times and durations.
type timeOperation struct {
	operator string
	a, b     kind
}

// timeResults are what such an operation gives.
var timeResults = map[timeOperation]kind{
	{operators.Subtract, instantKind, instantKind}:   durationKind,
	{operators.Subtract, instantKind, durationKind}:  instantKind,
	{operators.Subtract, durationKind, durationKind}: durationKind,
	{operators.Add, instantKind, durationKind}:       instantKind,
	{operators.Add, durationKind, instantKind}:       instantKind,
	{operators.Add, durationKind, durationKind}:      durationKind,
}

func (t *translator) timeArithmetic(e ast.Expr, operator string, a, b piece) (piece, *Problem) {
	result, is := timeResults[timeOperation{operator, a.kind, b.kind}]
	if !is {
		return piece{}, t.problem(e, "%s and %s cannot be reckoned with", kindWords[a.kind], kindWords[b.kind])
	}
	p := sum(result, a, b)
	if operator == operators.Subtract {
		p = difference(result, a, b)
	}
	if result == instantKind {
		return within(p, leastInstant, mostInstant), nil
	}
	return within(p, leastDuration, mostDuration), nil
}
