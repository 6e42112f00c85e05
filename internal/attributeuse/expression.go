package attributeuse

import (
	"errors"
	"fmt"
	"slices"

	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/parser"
)

// The names by which expressions reach attributes. Only parties have attributes,
// so whatever `.attributes` is taken from counts as one: a person of the customer
// as well as the customer.
const (
	customerVariable = "customer"
	attributesField  = "attributes"
)

// readExpression finds the attributes that an expression of CEL names. It parses
// all there is of syntax, so that a text is not unreadable for want of an option;
// what an expression may use is for whoever compiles it to say.
func readExpression(content string) (reading, error) {
	if content == "" {
		return reading{}, errors.New("it is empty")
	}
	p, err := parser.NewParser(parser.Macros(parser.AllMacros...), parser.EnableOptionalSyntax(true), parser.EnableIdentEscapeSyntax(true))
	if err != nil {
		return reading{}, fmt.Errorf("making a parser: %w", err)
	}
	parsed, problems := p.Parse(common.NewTextSource(content))
	if all := problems.GetErrors(); len(all) > 0 {
		return reading{}, fmt.Errorf("line %d, column %d: %s", all[0].Location.Line(), all[0].Location.Column()+1, all[0].Message)
	}
	walk := expressionWalk{}
	walk.value(parsed.Expr())
	return walk.reading, nil
}

// expressionWalk goes through a syntax tree.
type expressionWalk struct {
	reading
	// bound are the variables of the macros around, such as c of exists(c, ...).
	bound []string
}

// value reads an expression whose value is used as it is.
func (w *expressionWalk) value(e ast.Expr) {
	if base, is := attributesOf(e); is {
		w.any(takesAttributes)
		w.source(base)
		return
	}
	switch e.Kind() {
	case ast.IdentKind:
		if w.isCustomer(e) {
			w.any(takesCustomer)
		}
	case ast.SelectKind:
		w.taken(e.AsSelect().Operand(), e.AsSelect().FieldName())
	case ast.CallKind:
		w.call(e.AsCall())
	case ast.ComprehensionKind:
		w.comprehension(e.AsComprehension())
	case ast.ListKind:
		for _, element := range e.AsList().Elements() {
			w.value(element)
		}
	case ast.MapKind:
		for _, entry := range e.AsMap().Entries() {
			w.value(entry.AsMapEntry().Key())
			w.value(entry.AsMapEntry().Value())
		}
	case ast.StructKind:
		for _, member := range e.AsStruct().Fields() {
			w.value(member.AsStructField().Value())
		}
	case ast.LiteralKind, ast.UnspecifiedExprKind:
	}
}

// source reads an expression of which something is taken, such as a field: the
// customer is not used as a whole by that.
func (w *expressionWalk) source(e ast.Expr) {
	if e.Kind() != ast.IdentKind {
		w.value(e)
	}
}

// taken reads `base.name`.
func (w *expressionWalk) taken(base ast.Expr, name string) {
	if party, is := attributesOf(base); is {
		w.name(name)
		base = party
	}
	w.source(base)
}

// takenByKey reads `base[key]`.
func (w *expressionWalk) takenByKey(base, key ast.Expr) {
	if name, is := literalText(key); is {
		w.taken(base, name)
		return
	}
	w.value(key)
	switch party, isAttributes := attributesOf(base); {
	case isAttributes:
		w.any(takesWorkedOut)
		w.source(party)
	case w.isCustomer(base):
		w.any(takesCustomer)
	default:
		w.source(base)
	}
}

func (w *expressionWalk) call(call ast.CallExpr) {
	args := call.Args()
	switch call.FunctionName() {
	case operators.Index, operators.OptIndex, operators.OptSelect:
		w.takenByKey(args[0], args[1])
		return
	case operators.In:
		if _, is := attributesOf(args[1]); is {
			w.takenByKey(args[1], args[0])
			return
		}
	}
	if call.IsMemberFunction() {
		w.source(call.Target())
	}
	for _, arg := range args {
		w.value(arg)
	}
}

// comprehension reads what a macro such as exists stands for.
func (w *expressionWalk) comprehension(c ast.ComprehensionExpr) {
	w.value(c.IterRange())
	w.value(c.AccuInit())
	outside := w.bound
	w.bound = append(slices.Clip(outside), c.IterVar(), c.IterVar2(), c.AccuVar())
	w.value(c.LoopCondition())
	w.value(c.LoopStep())
	w.value(c.Result())
	w.bound = outside
}

// isCustomer tells whether an expression is the customer and nothing else.
func (w *expressionWalk) isCustomer(e ast.Expr) bool {
	if e.Kind() != ast.IdentKind {
		return false
	}
	name := e.AsIdent()
	// A dot in front reaches past the variables of macros.
	return name == "."+customerVariable || name == customerVariable && !slices.Contains(w.bound, customerVariable)
}

// attributesOf tells whether an expression is the attributes of a party, and of
// which.
func attributesOf(e ast.Expr) (party ast.Expr, is bool) {
	switch e.Kind() {
	case ast.SelectKind:
		return e.AsSelect().Operand(), e.AsSelect().FieldName() == attributesField
	case ast.CallKind:
		switch call := e.AsCall(); call.FunctionName() {
		case operators.Index, operators.OptIndex, operators.OptSelect:
			name, _ := literalText(call.Args()[1])
			return call.Args()[0], name == attributesField
		}
	}
	return nil, false
}

// literalText gives a text that stands in the expression as such.
func literalText(e ast.Expr) (text string, is bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	literal, is := e.AsLiteral().(types.String)
	return string(literal), is
}
