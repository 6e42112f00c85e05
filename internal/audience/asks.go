package audience

import (
	"maps"
	"slices"

	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/parser"
)

// Asks are the segments that an expression asks for by name, sorted. It only parses,
// so that it answers for expressions that do not compile too, with what can be read.
func Asks(expression string) []string {
	p, err := parser.NewParser(parser.Macros(parser.AllMacros...), parser.ExpressionSizeCodePointLimit(maxLength))
	if err != nil {
		return nil
	}
	parsed, problems := p.Parse(common.NewTextSource(expression))
	if len(problems.GetErrors()) > 0 {
		return nil
	}
	asked := map[string]bool{}
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "inSegment" || len(e.AsCall().Args()) == 0 {
			return
		}
		if name, is := literalText(e.AsCall().Args()[0]); is {
			asked[name] = true
		}
	}))
	return slices.Sorted(maps.Keys(asked))
}
