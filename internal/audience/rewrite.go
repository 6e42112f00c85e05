package audience

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
)

// decimalUnits are the units of a decimal in 1.
const decimalUnits = 1_000_000

// decimalDigits after the point.
const decimalDigits = 6

// rewrite gives an expression the types that it means before they are checked:
// numbers with a point are decimals, customer.attributes['x'] is the field x, and
// 'x' in customer.attributes asks for it.
func rewrite(parsed *cel.Ast) *Problem {
	tree := parsed.NativeRep()
	r := &rewriter{parsed: parsed, info: tree.SourceInfo(), factory: ast.NewExprFactory(), next: ast.MaxID(tree) + 1, converted: map[int64]bool{}}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.CallKind:
			r.call(e)
		case ast.LiteralKind:
			r.literal(e)
		}
	}))
	return r.problem
}

type rewriter struct {
	parsed  *cel.Ast
	info    *ast.SourceInfo
	factory ast.ExprFactory
	// next is an id that no expression has.
	next int64
	// converted are the numbers that decimal is called with already.
	converted map[int64]bool
	// problem is the first that was found.
	problem *Problem
}

func (r *rewriter) call(e ast.Expr) {
	call := e.AsCall()
	args := call.Args()
	if call.FunctionName() == "decimal" {
		for _, arg := range args {
			r.converted[arg.ID()] = true
		}
	}
	if len(args) != 2 {
		return
	}
	if name, is := literalText(args[1]); is && call.FunctionName() == operators.Index && isAttributes(args[0]) {
		e.SetKindCase(r.factory.NewSelect(e.ID(), args[0], name))
	}
	if name, is := literalText(args[0]); is && call.FunctionName() == operators.In && isAttributes(args[1]) {
		r.place(e.ID(), args[0])
		e.SetKindCase(r.factory.NewPresenceTest(e.ID(), args[1], name))
	}
}

func (r *rewriter) literal(e ast.Expr) {
	number, is := e.AsLiteral().(types.Double)
	if !is || r.problem != nil {
		return
	}
	if _, exact := decimalOf(float64(number)); !exact {
		r.problem = problemAt(r.parsed, e, fmt.Sprintf("a decimal has at most %d digits after the point and %d before it", decimalDigits, 12))
		return
	}
	if r.converted[e.ID()] {
		return
	}
	literal := r.factory.NewLiteral(r.next, number)
	r.place(r.next, e)
	r.converted[r.next] = true
	r.next++
	e.SetKindCase(r.factory.NewCall(e.ID(), "decimal", literal))
}

// place puts an expression where another is.
func (r *rewriter) place(id int64, of ast.Expr) {
	if place, known := r.info.GetOffsetRange(of.ID()); known {
		r.info.SetOffsetRange(id, place)
	}
}

func isAttributes(e ast.Expr) bool {
	return e.Kind() == ast.SelectKind && e.AsSelect().FieldName() == "attributes" && e.AsSelect().Operand().Kind() == ast.IdentKind && strings.TrimPrefix(e.AsSelect().Operand().AsIdent(), ".") == "customer"
}

// literalText is the text that an expression consists of, if it does.
func literalText(e ast.Expr) (text string, is bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	value, is := e.AsLiteral().(types.String)
	return string(value), is
}

// decimalOf is a number in units of a decimal, if it is one exactly as it was
// written: doubles of up to 15 digits are told apart.
func decimalOf(number float64) (units int64, exact bool) {
	written := strconv.FormatFloat(number, 'f', -1, 64)
	ratio, is := new(big.Rat).SetString(written)
	if !is {
		return 0, false
	}
	ratio.Mul(ratio, big.NewRat(decimalUnits, 1))
	if !ratio.IsInt() || !ratio.Num().IsInt64() || ratio.Num().CmpAbs(big.NewInt(1e18)) >= 0 {
		return 0, false
	}
	return ratio.Num().Int64(), true
}
