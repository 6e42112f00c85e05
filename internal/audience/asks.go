package audience

import (
	"maps"
	"slices"

	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/parser"

	"github.com/fairlead/fairlead/internal/customer"
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
	asked, elements := map[string]bool{}, map[string]map[string]bool{}
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.ComprehensionKind {
			c := e.AsComprehension()
			over := map[string]bool{}
			addTexts(over, c.IterRange(), elements)
			maps.Copy(over, elements[c.IterVar()])
			elements[c.IterVar()] = over
		}
		if e.Kind() == ast.CallKind && e.AsCall().FunctionName() == "inSegment" && len(e.AsCall().Args()) > 0 {
			addTexts(asked, e.AsCall().Args()[0], elements)
		}
	}))
	return slices.Sorted(maps.Keys(asked))
}

// addTexts adds all texts that an expression can come to: its own, and those of the
// variables of exists and all in it.
func addTexts(texts map[string]bool, e ast.Expr, elements map[string]map[string]bool) {
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.LiteralKind:
			if text, is := literalText(e); is {
				texts[text] = true
			}
		case ast.IdentKind:
			maps.Copy(texts, elements[e.AsIdent()])
		case ast.SelectKind:
			if e.AsSelect().FieldName() == "roles" {
				for _, role := range customer.Roles {
					texts[role] = true
				}
			}
		}
	}))
}
