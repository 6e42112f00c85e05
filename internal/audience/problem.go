package audience

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
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
}

func (p *Problem) Error() string {
	if p.Piece == "" {
		return fmt.Sprintf("line %d, column %d: %s", p.Line, p.Column, p.Reason)
	}
	return fmt.Sprintf("line %d, column %d, %s: %s", p.Line, p.Column, p.Piece, p.Reason)
}

// longestPiece of an expression is repeated to its user.
const longestPiece = 60

// problem refuses a piece of an expression.
func (t *translator) problem(at ast.Expr, reason string, args ...any) *Problem {
	return problemAt(t.info, at, fmt.Sprintf(reason, args...))
}

func problemAt(info *ast.SourceInfo, at ast.Expr, reason string) *Problem {
	place := info.GetStartLocation(at.ID())
	piece, err := parser.Unparse(at, info)
	if err != nil {
		piece = ""
	}
	return &Problem{Line: max(1, place.Line()), Column: max(1, place.Column()+1), Piece: shortened(piece), Reason: reason}
}

func shortened(piece string) string {
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
		return &Problem{Line: 1, Column: 1, Piece: shortened(expression), Reason: fmt.Sprintf("the expression has %d characters, and %d are allowed: split it into segments and ask for them by customer.inSegment", length, maxLength)}
	case strings.ContainsRune(expression, 0):
		return &Problem{Line: 1, Column: 1, Reason: "the expression holds the character NUL, which no database takes"}
	}
	return nil
}

// tooDeep refuses what is nested deeper than databases allow.
func tooDeep(parsed *cel.Ast) *Problem {
	tree := parsed.NativeRep()
	root := ast.NavigateAST(tree)
	deepest := root
	for _, e := range ast.MatchDescendants(root, func(ast.NavigableExpr) bool { return true }) {
		if e.Depth() > deepest.Depth() {
			deepest = e
		}
	}
	if deepest.Depth() < maxNesting {
		return nil
	}
	return problemAt(tree.SourceInfo(), deepest, fmt.Sprintf("it is nested %d deep, and %d are allowed: split the expression into segments and ask for them by customer.inSegment", deepest.Depth()+1, maxNesting))
}

var (
	undefinedField = regexp.MustCompile(`^undefined field '([^']*)'`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
)

// problemOf says the first thing that cel-go found wrong in words that help.
func problemOf(expression string, issues *cel.Issues, catalog Catalog) *Problem {
	all := issues.Errors()
	if len(all) == 0 {
		return &Problem{Line: 1, Column: 1, Reason: issues.Err().Error()}
	}
	first := all[0]
	for _, one := range all {
		if one.Location.Line() < first.Location.Line() || one.Location.Line() == first.Location.Line() && one.Location.Column() < first.Location.Column() {
			first = one
		}
	}
	problem := &Problem{Line: max(1, first.Location.Line()), Column: max(1, first.Location.Column()+1), Reason: first.Message}
	if lines := strings.Split(expression, "\n"); problem.Line <= len(lines) {
		line := []rune(lines[problem.Line-1])
		problem.Piece = shortened(strings.TrimSpace(string(line[min(len(line), problem.Column-1):])))
	}
	if found := undefinedField.FindStringSubmatch(first.Message); found != nil {
		var names []string
		for _, t := range []string{customerType.TypeName(), seriesType.TypeName(), attributesType.TypeName()} {
			names = append(names, catalog.fields(t)...)
		}
		problem.Reason = fmt.Sprintf("there is no field %s%s", found[1], nearest(found[1], names))
	} else if found := undeclared.FindStringSubmatch(first.Message); found != nil {
		names := []string{"customer"}
		for _, f := range functions() {
			names = append(names, f.name)
		}
		problem.Reason = fmt.Sprintf("there is no %s%s; expressions speak of customer", found[1], nearest(found[1], names))
	} else if found := noOverload.FindStringSubmatch(first.Message); found != nil {
		problem.Reason = mismatch(found[1], found[2])
	}
	return problem
}

// mismatch says that an operation does not go with the types of its operands.
func mismatch(operation, operands string) string {
	operands = strings.NewReplacer("fairlead.", "", "google.protobuf.Timestamp", "time", "timestamp", "time", "string", "text", "bool", "truth value", "int", "whole number").Replace(operands)
	operation = strings.Trim(operation, "_@")
	reason := fmt.Sprintf("%s does not go with %s", operation, operands)
	if strings.Contains(operands, "decimal") && strings.Contains(operands, "whole number") {
		return reason + ": write the whole number with a point, such as 5.0, or decimal(n)"
	}
	if strings.Contains(operands, "time") && strings.Contains(operands, "text") {
		return reason + ": write timestamp('2024-01-31T00:00:00Z')"
	}
	return reason
}

// nearest suggests the known name that is spelled most like one; "" if none is.
func nearest(name string, known []string) string {
	best, distance := "", max(2, len(name)/3)+1
	for _, candidate := range known {
		if d := editDistance(strings.ToLower(name), strings.ToLower(candidate)); d < distance {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return ": did you mean " + best + "?"
}

// editDistance is Levenshtein's, over bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = slices.Min([]int{change, row[j] + 1, row[j+1] + 1})
		}
	}
	return row[len(b)]
}
