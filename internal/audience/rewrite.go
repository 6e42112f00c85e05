package audience

import (
	"fmt"
	"math/big"
	"strconv"

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
	info, factory := tree.SourceInfo(), ast.NewExprFactory()
	next := ast.MaxID(tree) + 1
	converted := map[int64]bool{}
	var problem *Problem
	visit := func(e ast.Expr) {
		switch e.Kind() {
		case ast.CallKind:
			call := e.AsCall()
			if call.FunctionName() == "decimal" {
				for _, arg := range call.Args() {
					converted[arg.ID()] = true
				}
			}
			if len(call.Args()) != 2 {
				return
			}
			if name, is := literalText(call.Args()[1]); is && call.FunctionName() == operators.Index && isAttributes(call.Args()[0]) {
				e.SetKindCase(factory.NewSelect(e.ID(), call.Args()[0], name))
			}
			if name, is := literalText(call.Args()[0]); is && call.FunctionName() == operators.In && isAttributes(call.Args()[1]) {
				e.SetKindCase(factory.NewPresenceTest(e.ID(), call.Args()[1], name))
			}
		case ast.LiteralKind:
			number, is := e.AsLiteral().(types.Double)
			if !is {
				return
			}
			if _, exact := decimalOf(float64(number)); !exact {
				problem = problemAt(info, e, fmt.Sprintf("a decimal has at most %d digits after the point and %d before it", decimalDigits, 12))
				return
			}
			if converted[e.ID()] {
				return
			}
			literal := factory.NewLiteral(next, number)
			if place, known := info.GetOffsetRange(e.ID()); known {
				info.SetOffsetRange(next, place)
			}
			converted[next] = true
			next++
			e.SetKindCase(factory.NewCall(e.ID(), "decimal", literal))
		}
	}
	ast.PreOrderVisit(tree.Expr(), ast.NewExprVisitor(visit))
	return problem
}

func isAttributes(e ast.Expr) bool {
	return e.Kind() == ast.SelectKind && e.AsSelect().FieldName() == "attributes" && e.AsSelect().Operand().Kind() == ast.IdentKind && e.AsSelect().Operand().AsIdent() == "customer"
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
