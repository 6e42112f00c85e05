package audience

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/parser"
)

// Problem is why an expression is refused: its user has to change it.
type Problem struct {
	// Line and Column where the piece begins, from 1 on.
	Line, Column int
	// Piece of the expression, shortened.
	Piece string
	// Reason says what is wrong and what to write instead.
	Reason string
	// NeedsStore says that nothing is wrong that could be told here: of an attribute
	// that is asked, only a store knows the type.
	NeedsStore bool
}

func (p *Problem) Error() string {
	if p.Piece == "" {
		return fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Reason)
	}
	return fmt.Sprintf("line %d, column %d, %s: %s", p.Line, p.Column, p.Piece, p.Reason)
}

// longestPiece of an expression is repeated to its user.
const longestPiece = 60

// splitIt is what to do where a bound is reached.
const splitIt = "split the expression into segments and ask for them by customer.inSegment"

// problem refuses a piece of an expression.
func (t *translator) problem(at ast.Expr, reason string, args ...any) *Problem {
	return problemAt(t.checked, at, fmt.Sprintf(reason, args...))
}

// ofRewriting is what rewrite puts around a number with a point.
var ofRewriting = regexp.MustCompile(`decimal\((-?[\d.]*[.e][\d.e+-]*)\)`)

func problemAt(parsed *cel.Ast, at ast.Expr, reason string) *Problem {
	piece, err := parser.Unparse(at, parsed.NativeRep().SourceInfo())
	if err != nil {
		piece = ""
	}
	p := &Problem{Line: 1, Column: 1, Piece: shortened(ofRewriting.ReplaceAllString(piece, "$1")), Reason: reason}
	if place, known := parsed.Source().OffsetLocation(begins(parsed, at)); known {
		p.Line, p.Column = max(1, place.Line()), max(1, place.Column()+1)
	}
	return p
}

// begins is where an expression begins, in code points: cel-go places an expression at
// its operator, dot or bracket.
func begins(parsed *cel.Ast, at ast.Expr) int32 {
	info, source := parsed.NativeRep().SourceInfo(), []rune(parsed.Source().Content())
	first := int32(math.MaxInt32)
	ast.PreOrderVisit(at, ast.NewExprVisitor(func(e ast.Expr) {
		place, known := info.GetOffsetRange(e.ID())
		if !known || int(place.Start) >= len(source) {
			return
		}
		start := place.Start
		if source[start] == '(' || e.Kind() == ast.StructKind {
			start = nameBefore(source, start)
		}
		first = min(first, start)
	}))
	return first
}

// nameBefore is where the name begins that ends before a bracket.
func nameBefore(source []rune, bracket int32) int32 {
	start := bracket
	for start > 0 && unicode.IsSpace(source[start-1]) {
		start--
	}
	for start > 0 && (source[start-1] == '.' || source[start-1] == '_' || unicode.IsLetter(source[start-1]) || unicode.IsDigit(source[start-1])) {
		start--
	}
	return start
}

// shortened is a piece as it is repeated: on one line, and not too long.
func shortened(piece string) string {
	piece = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, piece)
	if utf8.RuneCountInString(piece) <= longestPiece {
		return piece
	}
	return string([]rune(piece)[:longestPiece-1]) + "…"
}

// tooLarge refuses what is not worth parsing.
func tooLarge(expression string) *Problem {
	switch length := utf8.RuneCountInString(expression); {
	case strings.TrimSpace(expression) == "":
		return &Problem{Line: 1, Column: 1, Reason: "the expression is empty"}
	case length > maxLength:
		return &Problem{Line: 1, Column: 1, Piece: shortened(expression), Reason: fmt.Sprintf("the expression has %d characters, and %d are allowed: %s", length, maxLength, splitIt)}
	case strings.ContainsRune(expression, 0):
		return &Problem{Line: 1, Column: 1, Reason: "the expression holds the character NUL, which no database takes"}
	}
	return nil
}

// tooDeep refuses what is nested deeper than databases allow.
func tooDeep(parsed *cel.Ast) *Problem {
	root := ast.NavigateAST(parsed.NativeRep())
	deepest := root
	for _, e := range ast.MatchDescendants(root, func(ast.NavigableExpr) bool { return true }) {
		if e.Depth() > deepest.Depth() {
			deepest = e
		}
	}
	if deepest.Depth() < maxNesting {
		return nil
	}
	return problemAt(parsed, deepest, fmt.Sprintf("it is nested %d deep, and %d are allowed: %s", deepest.Depth()+1, maxNesting, splitIt))
}
