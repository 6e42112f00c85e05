package message

import (
	"math"
	"net/url"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/fairlead/fairlead/internal/customer"
)

// Function is something that a template may call.
type Function struct {
	// Name of it, or of several that are used alike.
	Name string
	// Use shows how it is called; what stands in brackets may be left out.
	Use string
	// Doc says what it does.
	Doc string
	// Example is a template that calls it.
	Example string
}

// Functions are all that there are. What they are about comes last, so that it
// can be piped.
func Functions() []Function {
	return []Function{
		{"date", "date [FORM [ZONE]] DATE", "writes a date in the form full, long (the default), medium, short or time, or as a layout of Go says; an instant in a time zone", `{{ date "full" .Exhibition.Opens }}`},
		{"number", "number [DIGITS] NUMBER", "writes a number, rounded to so many digits after the point", `{{ number 1 .Series.BoothArea }}`},
		{"money", "money [CURRENCY] AMOUNT", "writes an amount of money, or a number as one", `{{ money "EUR" 1250 }}`},
		{"plural", `plural "one" TEXT ... "other" TEXT NUMBER`, "takes the text for a number by the rules of the language; # in it is the number", `{{ plural "one" "# edition" "other" "# editions" .Series.MissedEditions }}`},
		{"default", "default INSTEAD VALUE", "is the value or, where it is not known, the other one", `{{ default "our friends" .Contact.Name }}`},
		{"join", "join BETWEEN LIST", "writes a list with a text between its parts", `{{ join ", " .Loyalty.Benefits }}`},
		{"index", "index VALUES NAME", "takes an attribute or a milestone whose name has a hyphen", `{{ index .Customer.Attributes "fleet" }}`},
		{"urlquery", "urlquery TEXT", "makes a text part of a link, in subjects and texts; in html that is done anyhow", `{{ urlquery .Customer.Name }}`},
		{"eq ne", "eq VALUE OTHER ...", "tells whether a value is equal to one of the others, or is not; what is not known is equal to nothing", `{{ if eq .Customer.Country "GB" "IE" }}By car{{ end }}`},
		{"lt le gt ge", "lt VALUE OTHER", "tells whether a number, amount or date is less, less or equal, greater, greater or equal; what is not known is none of them", `{{ if gt .Series.Participations 3 }}A regular{{ end }}`},
		{"and or not", "and ONE OTHER ...", "puts conditions together", `{{ if or .Loyalty (gt .Series.Participations 3) }}A friend{{ end }}`},
	}
}

func functionNames() []string {
	var names []string
	for _, function := range Functions() {
		names = append(names, strings.Fields(function.Name)...)
	}
	return names
}

// refusedFunctions are functions of Go's templates that are not used here.
var refusedFunctions = map[string]string{
	"printf":  "write the text beside the value, and use number or date for its form",
	"print":   "write the values one after the other",
	"println": "write the values one after the other",
	"call":    "there is nothing in the data to call",
	"html":    "values are escaped for the place where they stand",
	"js":      "mail programs run no scripts",
	"len":     "ask with {{ if }} whether there is something",
	"slice":   "values are written as they are",
}

// Functions that the check puts in.
const (
	callWrite = "_write"
	callOr    = "_or"
)

// callables are what runs.
func (l *language) callables() map[string]any {
	return map[string]any{
		"date": l.date, "number": l.number, "money": l.amount, "plural": l.plural,
		"default":  l.instead,
		"join":     func(between string, list []string) string { return strings.Join(list, between) },
		"urlquery": func(value any) string { return url.QueryEscape(l.write(value)) },
		"eq":       equal,
		"ne":       func(value any, others ...any) bool { return !equal(value, others...) },
		"lt":       func(a, b any) bool { return compare(a, b, -1) },
		"le":       func(a, b any) bool { return compare(a, b, -1, 0) },
		"gt":       func(a, b any) bool { return compare(a, b, 1) },
		"ge":       func(a, b any) bool { return compare(a, b, 1, 0) },
		callWrite:  l.write,
		callOr + loyaltyPath: func(loyalty *Loyalty) *Loyalty {
			if loyalty == nil {
				return &Loyalty{}
			}
			return loyalty
		},
		callOr + managerPath: func(manager *AccountManager) *AccountManager {
			if manager == nil {
				return &AccountManager{}
			}
			return manager
		},
	}
}

// instead is the function default.
func (l *language) instead(instead, value any) any {
	if l.write(value) != "" {
		return value
	}
	return instead
}

// many is the number of arguments that has no bound.
const many = math.MaxInt

// signature says how a function is called.
type signature struct {
	least, most int
	check       func(*check, *parse.IdentifierNode, []argument) shape
}

var signatures map[string]signature

// It is set here because the checks of calls come back to it.
func init() {
	equality := signature{2, many, (*check).comparison}
	order := signature{2, 2, (*check).comparison}
	signatures = map[string]signature{
		"date":     {1, 3, (*check).dateCall},
		"number":   {1, 2, (*check).numberCall},
		"money":    {1, 2, (*check).moneyCall},
		"plural":   {3, many, (*check).pluralCall},
		"default":  {2, 2, (*check).defaultCall},
		"join":     {2, 2, (*check).joinCall},
		"index":    {2, 2, (*check).indexCall},
		"urlquery": {1, 1, (*check).urlqueryCall},
		"and":      {2, many, (*check).together},
		"or":       {2, many, (*check).together},
		"not":      {1, 1, (*check).negation},
		"eq":       equality, "ne": equality,
		"lt": order, "le": order, "gt": order, "ge": order,
	}
}

func contains(names []string, name string) bool { return slices.Contains(names, name) }

// Catalog is what a plan may name beside Fields.
type Catalog struct {
	// Attributes that are declared and not sensitive, by name: Text, Decimal, Truth,
	// Day or Instant.
	Attributes map[string]customer.Kind
	// AnyAttribute takes every name for that of an attribute, of whatever type: where nobody
	// knows which ones are declared.
	AnyAttribute bool
	// Milestones that the exhibition declares; nil where that is not known.
	Milestones []string
	// Missing says of parts of Data that no recipient has them, and why, such as
	// Exhibition: "the trigger is about no exhibition".
	Missing map[string]string
}

func (c *Catalog) attributeNames() []string {
	names := make([]string, 0, len(c.Attributes))
	for name := range c.Attributes {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
