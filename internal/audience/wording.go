package audience

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/operators"

	"github.com/fairlead/fairlead/internal/customer"
)

// What is said of mistakes that are found in more than one place.
const (
	withoutU = "write a whole number without u"
	withoutB = "write a text without b"
	noNull   = "there is no null: has asks whether there is a value, such as has(customer.country)"
	withNUL  = "a text with the character NUL is in no database"
	// wholeBounds are leastWhole and mostWhole.
	wholeBounds = "whole numbers go to 2^53 (9007199254740992) either way"
)

// problemOf says the first thing that cel-go found wrong in words that help. What was
// parsed is nil if that failed.
func problemOf(expression string, parsed *cel.Ast, issues *cel.Issues, catalog Catalog) *Problem {
	all := issues.Errors()
	if len(all) == 0 {
		return &Problem{Line: 1, Column: 1, Reason: issues.Err().Error()}
	}
	first := slices.MinFunc(all, func(a, b *common.Error) int {
		return slices.Compare([]int{a.Location.Line(), a.Location.Column()}, []int{b.Location.Line(), b.Location.Column()})
	})
	if parsed != nil {
		root := ast.NavigateAST(parsed.NativeRep())
		for _, e := range ast.MatchDescendants(root, func(e ast.NavigableExpr) bool { return e.ID() == first.ExprID }) {
			return problemAt(parsed, e, explained(first.Message, e, catalog))
		}
	}
	problem := &Problem{Line: max(1, first.Location.Line()), Column: max(1, first.Location.Column()+1), Reason: explained(first.Message, nil, catalog)}
	if lines := strings.Split(expression, "\n"); problem.Line <= len(lines) {
		line := []rune(lines[problem.Line-1])
		problem.Piece = shortened(strings.TrimSpace(string(line[min(len(line), problem.Column-1):])))
	}
	return problem
}

var (
	undefinedField = regexp.MustCompile(`(?s)^undefined field '(.*)'$`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	wrongType      = regexp.MustCompile(`^expected type '(.*)' but found '(.*)'$`)
	noFields       = regexp.MustCompile(`^type '(.*)' does not support field selection$`)
	noRange        = regexp.MustCompile(`^expression of type '(.*)' cannot be range of a comprehension`)
)

// explained says in our words what cel-go says of an expression; of what could not be
// parsed there is none.
func explained(message string, at ast.Expr, catalog Catalog) string {
	if found := undefinedField.FindStringSubmatch(message); found != nil {
		return unknownField(found[1], at, catalog)
	}
	if found := undeclared.FindStringSubmatch(message); found != nil {
		return unknownName(found[1], at, catalog)
	}
	if found := noOverload.FindStringSubmatch(message); found != nil {
		return mismatch(found[1], found[2])
	}
	if found := wrongType.FindStringSubmatch(message); found != nil {
		return fmt.Sprintf("its type is %s, and %s is needed", inWords(found[2]), inWords(found[1]))
	}
	if found := noFields.FindStringSubmatch(message); found != nil {
		return fmt.Sprintf("%s has no fields", inWords(found[1]))
	}
	if found := noRange.FindStringSubmatch(message); found != nil {
		return fmt.Sprintf("exists and all go through lists and customer.roles, not %s", inWords(found[1]))
	}
	switch {
	case strings.HasPrefix(message, "Syntax error: "):
		return unreadable(strings.TrimPrefix(message, "Syntax error: "))
	case strings.HasPrefix(message, "expression recursion limit exceeded"):
		return "it is nested too deep: " + splitIt
	case message == "invalid int literal":
		return wholeBounds
	case message == "invalid argument to has() macro":
		return "has asks for a field, such as has(customer.country)"
	}
	return message
}

// identifying are fields that somebody could look for, and that say who a customer is.
var identifying = []string{"address", "code", "email", "id", "name", "phone"}

func unknownField(name string, at ast.Expr, catalog Catalog) string {
	of := customerType
	if at != nil && at.Kind() == ast.SelectKind {
		switch operand := at.AsSelect().Operand(); {
		case isAttributes(operand):
			of = attributesType
		case catalog.fact != "" && operand.Kind() == ast.IdentKind && operand.AsIdent() == "fact":
			of = factType
		case operand.Kind() == ast.CallKind || operand.Kind() == ast.IdentKind && operand.AsIdent() != "customer":
			of = seriesType
		}
	}
	if of == customerType && slices.Contains(identifying, name) {
		return fmt.Sprintf("there is no field %s: no expression names a customer. Put those who are meant on a list, and ask for it by customer.onList", name)
	}
	what := "field"
	if of == attributesType {
		what = "attribute"
	}
	return fmt.Sprintf("there is no %s %s%s", what, shortened(name), nearest(name, catalog.fields(of.TypeName())))
}

// variableTypes are the types of the variables that expressions speak of.
var variableTypes = map[string]*cel.Type{"customer": customerType, "fact": factType}

func unknownName(name string, at ast.Expr, catalog Catalog) string {
	if at != nil && at.Kind() == ast.CallKind {
		macros := []string{"all", "exists", "has"}
		if slices.Contains(macros, name) {
			return name + " takes other arguments: write has(customer.country), list.exists(x, condition) or list.all(x, condition)"
		}
		names := append(macros, "contains", "duration", "endsWith", "size", "startsWith", "timestamp")
		for _, f := range functions() {
			names = append(names, f.name)
		}
		return fmt.Sprintf("there is no function %s%s", name, nearest(name, names))
	}
	variables := []string{"customer"}
	if catalog.fact != "" {
		variables = append(variables, "fact")
	}
	// Where both have such a field, a rule over facts is about the fact.
	for _, variable := range slices.Backward(variables) {
		if slices.Contains(catalog.fields(variableTypes[variable].TypeName()), name) {
			return fmt.Sprintf("there is no %s: did you mean %s.%[1]s?", name, variable)
		}
	}
	return fmt.Sprintf("there is no %s%s; expressions speak of %s", name, nearest(name, variables), strings.Join(variables, " and "))
}

// conversions of CEL, none of which can be asked.
var conversions = []string{"bool", "bytes", "double", "dyn", "int", "string", "type", "uint"}

// mismatch says that an operation does not go with the types of its operands.
func mismatch(operation, operands string) string {
	if slices.Contains(conversions, operation) {
		return insteadOf(operation)
	}
	if operation == operators.Index {
		return insteadOf(operation)
	}
	if strings.ContainsAny(operation, "_@") {
		operation = strings.Trim(strings.ReplaceAll(operation, "_", ""), "@")
	}
	words := inWords(operands)
	reason := fmt.Sprintf("%s does not go with %s", operation, words)
	has := func(word string) bool { return strings.Contains(words, word) }
	switch {
	case takes(operation) != "":
		return reason + ": write " + takes(operation)
	case has("number with u"):
		return reason + ": " + withoutU
	case has("bytes"):
		return reason + ": " + withoutB
	case has("number with a point"):
		return reason + ": " + insteadOf("double")
	case has("null"):
		return reason + ": " + noNull
	case operation == "%" && has("decimal"):
		return reason + ": only whole numbers have a remainder"
	case has("decimal") && has("whole number"):
		return reason + ": beside a decimal write a whole number with a point, such as 5.0, or decimal(n); beside a whole number write none"
	case has("time") && has("text"):
		return reason + ": write timestamp('2024-01-31T00:00:00Z')"
	}
	return reason
}

// takes are the ways to call one of our functions; "" if it is none.
func takes(name string) string {
	var ways []string
	for _, f := range functions() {
		if f.name != name || strings.ContainsAny(name, "+-*/<>") {
			continue
		}
		var args []string
		for _, arg := range f.args {
			args = append(args, inWords(arg.String()))
		}
		way := name
		if f.member {
			way, args = args[0]+"."+name, args[1:]
		}
		ways = append(ways, way+"("+strings.Join(args, ", ")+")")
	}
	return strings.Join(ways, " or ")
}

// typeWords are how people call types.
var typeWords = map[string]string{
	"fairlead.Customer": "customer", "fairlead.Series": "series", "fairlead.Attributes": "attributes",
	"google.protobuf.Timestamp": "time", "timestamp": "time", "google.protobuf.Duration": "duration",
	"string": "text", "bool": "truth value", "int": "whole number", "uint": "number with u", "double": "number with a point",
}

var typeInText = regexp.MustCompile(`[a-zA-Z.]*[a-zA-Z]`)

func inWords(types string) string {
	return typeInText.ReplaceAllStringFunc(types, func(name string) string {
		dot := strings.TrimLeft(name, ".")
		if word := typeWords[dot]; word != "" {
			return name[:len(name)-len(dot)] + word
		}
		return name
	})
}

var unknownToken = regexp.MustCompile(`(?s)^token recognition error at: '(.*)'$`)

const textEnds = "a text ends with the quote that it begins with, on the same line"

// otherSpellings are what is written where CEL has another word.
var otherSpellings = map[string]string{
	"=": "write == to compare", "&": "write && for and", "|": "write || for or", "and": "write && for and", "or": "write || for or", "not": "write ! for not",
}

var offending = regexp.MustCompile(`^(?:mismatched|extraneous) input '(.*?)' expecting `)

// unreadable says why something cannot be parsed.
func unreadable(message string) string {
	written := ""
	if found := unknownToken.FindStringSubmatch(message); found != nil {
		written = strings.TrimSpace(found[1])
	} else if found := offending.FindStringSubmatch(message); found != nil {
		written = found[1]
	}
	switch instead := otherSpellings[written]; {
	case written == "<EOF>":
		return "the expression ends before it is complete"
	case instead != "":
		return instead
	case strings.HasPrefix(written, "'"), strings.HasPrefix(written, `"`):
		return textEnds
	case written != "":
		return shortened(written) + " cannot stand here"
	}
	return "it cannot be read from here on"
}

// nearest suggests the known name that is spelled most like one; "" if none is.
func nearest(name string, known []string) string {
	best, distance := "", (len(name)+1)/3+1
	for _, candidate := range known {
		if d := customer.EditDistance(strings.ToLower(name), strings.ToLower(candidate)); d < distance {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return ": did you mean " + best + "?"
}
