package audience

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/parser"

	"github.com/fairlead/fairlead/internal/customer"
)

// Asks are the segments that an expression asks for by name, sorted. It only parses,
// so that it answers for expressions that do not compile too, with what can be read.
func Asks(expression string) []string {
	parsed := readable(expression, "inSegment")
	if parsed == nil {
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

// ofPrograms are the functions that ask for how a customer stands in a loyalty program.
var ofPrograms = []string{"tier", "points", "pointsToNextTier"}

// AskedPrograms are the loyalty programs whose tiers or points an expression asks for by name, sorted.
func AskedPrograms(expression string) []string {
	parsed := readable(expression, ofPrograms...)
	if parsed == nil {
		return nil
	}
	asked := map[string]bool{}
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.CallKind && slices.Contains(ofPrograms, e.AsCall().FunctionName()) && len(e.AsCall().Args()) == 1 {
			addTexts(asked, e.AsCall().Args()[0], nil)
		}
	}))
	return slices.Sorted(maps.Keys(asked))
}

// AskedClass is a class of a segment that an expression asks for.
type AskedClass struct{ Segment, Class string }

// AskedClasses are the classes that an expression asks for by name, as it is written:
// those that only a variable of exists or all names are left out.
func AskedClasses(expression string) []AskedClass {
	parsed := readable(expression, "inSegment")
	if parsed == nil {
		return nil
	}
	var asked []AskedClass
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "inSegment" || len(e.AsCall().Args()) != 2 {
			return
		}
		segment, isText := literalText(e.AsCall().Args()[0])
		class, isAlso := literalText(e.AsCall().Args()[1])
		if isText && isAlso {
			asked = append(asked, AskedClass{segment, class})
		}
	}))
	return asked
}

// readable is a parsed expression; nil if it cannot be parsed, or names none of some functions,
// whatever it says: to parse one takes a tenth of a millisecond.
func readable(expression string, functions ...string) *ast.AST {
	if !slices.ContainsFunc(functions, func(name string) bool { return strings.Contains(expression, name) }) {
		return nil
	}
	p, err := parser.NewParser(parser.Macros(parser.AllMacros...), parser.ExpressionSizeCodePointLimit(maxLength))
	if err != nil {
		return nil
	}
	parsed, problems := p.Parse(common.NewTextSource(expression))
	if len(problems.GetErrors()) > 0 {
		return nil
	}
	return parsed
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
