package audience

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// translator puts one checked expression into the words of databases: rows p of
// customer_profile, and what is joined to them.
type translator struct {
	checked *cel.Ast
	catalog Catalog
	// bound are the variables of the macros around.
	bound      map[string]piece
	pieces     int
	parameters map[string]any
	// named finds the parameter of a value that was used before.
	named    map[any]string
	joins    []string
	series   map[[2]string]string
	hasParty bool
	byDay    bool
	editions map[store.NamedEdition]bool
	segments map[string]bool
	// programs whose points are asked for.
	programs map[string]bool
	// fields of the fact that are asked for.
	fields map[string]bool
}

func newTranslator(checked *cel.Ast, catalog Catalog) *translator {
	return &translator{
		checked: checked, catalog: catalog, bound: map[string]piece{}, parameters: map[string]any{}, named: map[any]string{},
		series: map[[2]string]string{}, editions: map[store.NamedEdition]bool{}, segments: map[string]bool{}, programs: map[string]bool{}, fields: map[string]bool{},
	}
}

func (t *translator) translate() (string, *Problem) {
	whole := t.checked.NativeRep().Expr()
	condition, problem := t.value(whole)
	if problem != nil {
		return "", problem
	}
	if condition.kind != truthKind {
		return "", t.problem(whole, "it gives %s, and has to be true or false: compare it with something", kindWords[condition.kind])
	}
	return condition.sql, nil
}

// predicate is what came out.
func (t *translator) predicate(condition string) store.Predicate {
	return store.Predicate{
		Condition: condition, Joins: strings.Join(t.joins, " "), Parameters: t.parameters, ByDay: t.byDay,
		Editions: slices.SortedFunc(maps.Keys(t.editions), store.NamedEdition.Compare),
		Points:   slices.Sorted(maps.Keys(t.programs)),
	}
}

func (t *translator) segmentsAsked() []string { return slices.Sorted(maps.Keys(t.segments)) }

// parameter binds a value, and gives its name in the condition.
func (t *translator) parameter(value any) string {
	if name := t.named[value]; name != "" {
		return name
	}
	name := fmt.Sprintf("p%d", len(t.parameters)+1)
	t.parameters[name] = value
	t.named[value] = "@" + name
	return "@" + name
}

func (t *translator) constantText(text string) piece {
	return piece{kind: textKind, sql: t.parameter(text), constant: true, text: text, present: true}
}

func (t *translator) constantNumber(k kind, value *big.Int) piece {
	p := number(k, t.parameter(value.Int64()), value, value)
	p.constant, p.present = true, true
	return p
}

// value translates an expression.
func (t *translator) value(e ast.Expr) (piece, *Problem) {
	before := t.pieces
	if problem := t.count(e, 1); problem != nil {
		return piece{}, problem
	}
	p, problem := t.translated(e)
	p.weight = t.pieces - before
	return p, problem
}

// count adds to the pieces that the expression comes to. What stands in the SQL again
// counts again: else a short expression could come to gigabytes.
func (t *translator) count(e ast.Expr, pieces int) *Problem {
	if t.pieces += pieces; t.pieces > maxPieces {
		return t.problem(e, "the expression comes to more than %d operations, where in, exists and all count once for every element: %s", maxPieces, splitIt)
	}
	return nil
}

func (t *translator) translated(e ast.Expr) (piece, *Problem) {
	switch e.Kind() {
	case ast.LiteralKind:
		return t.literal(e)
	case ast.IdentKind:
		return t.variable(e)
	case ast.SelectKind:
		return t.selected(e)
	case ast.CallKind:
		return t.call(e)
	case ast.ListKind:
		return t.list(e)
	case ast.ComprehensionKind:
		return t.comprehension(e)
	default:
		return piece{}, t.problem(e, "maps and messages cannot be asked: compare fields of customer")
	}
}

func (t *translator) literal(e ast.Expr) (piece, *Problem) {
	switch value := e.AsLiteral().(type) {
	case types.Bool:
		return piece{kind: truthKind, sql: strings.ToUpper(fmt.Sprint(bool(value))), present: true}, nil
	case types.Int:
		whole := big.NewInt(int64(value))
		if whole.Cmp(leastWhole) < 0 || whole.Cmp(mostWhole) > 0 {
			return piece{}, t.problem(e, wholeBounds)
		}
		return t.constantNumber(wholeKind, whole), nil
	case types.String:
		if strings.ContainsRune(string(value), 0) {
			return piece{}, t.problem(e, withNUL)
		}
		return t.constantText(string(value)), nil
	case types.Uint:
		return piece{}, t.problem(e, withoutU)
	case types.Bytes:
		return piece{}, t.problem(e, withoutB)
	case types.Null:
		return piece{}, t.problem(e, noNull)
	default:
		return piece{}, t.problem(e, "this cannot be compared with what is known of customers")
	}
}

func (t *translator) variable(e ast.Expr) (piece, *Problem) {
	name := e.AsIdent()
	if value, is := t.bound[name]; is {
		return value, t.count(e, value.weight)
	}
	// Where a macro has a variable of this name, .customer is the customer.
	if strings.TrimPrefix(name, ".") == "customer" {
		return piece{kind: customerKind}, nil
	}
	if strings.TrimPrefix(name, ".") == "fact" && t.catalog.fact != "" {
		return piece{kind: factKind, present: true}, nil
	}
	return piece{}, t.problem(e, "types cannot be asked: every field of customer has one type, which the documentation of measures names")
}

// selected translates `base.field` and has(base.field).
func (t *translator) selected(e ast.Expr) (piece, *Problem) {
	selection := e.AsSelect()
	base, problem := t.value(selection.Operand())
	if problem != nil {
		return piece{}, problem
	}
	var field piece
	switch name := selection.FieldName(); base.kind {
	case customerKind:
		field, problem = t.customerField(e, name)
	case seriesKind:
		field, problem = t.seriesField(e, base.series, name)
	case attributesKind:
		field, problem = t.attribute(e, name, selection.IsTestOnly())
	case factKind:
		field, problem = t.factField(e, name)
	default:
		return piece{}, t.problem(e, "%s has no fields", kindWords[base.kind])
	}
	if problem != nil || !selection.IsTestOnly() {
		return field, problem
	}
	if field.present {
		return piece{kind: truthKind, sql: "TRUE", present: true}, nil
	}
	return piece{kind: truthKind, sql: "(" + field.sql + " IS NOT NULL)", present: true}, nil
}

func (t *translator) customerField(e ast.Expr, name string) (piece, *Problem) {
	measure, known := measureNamed(customer.CustomerMeasures, name)
	switch {
	case name == "attributes":
		return piece{kind: attributesKind, present: true}, nil
	case name == "roles":
		return piece{kind: rolesKind, sql: "p.roles", present: true}, nil
	case name == "relationshipMonths", name == "expectedProfit":
		t.byDay = true
		p := t.measure(measure, store.Computed(name))
		p.stored = ""
		return p, nil
	case measure.Computed:
		return piece{}, t.problem(e, "%s is counted when it is shown, and cannot be asked: the caps of a ContactPolicy count messages", name)
	case !known:
		return piece{}, t.problem(e, "there is no field %s", name)
	}
	return t.measure(measure, "p."+measure.Column()), nil
}

// seriesField is a figure of a row that may be missing: then what is counted is 0,
// and the rest absent.
func (t *translator) seriesField(e ast.Expr, alias, name string) (piece, *Problem) {
	measure, known := measureNamed(customer.SeriesMeasures, name)
	if !known {
		return piece{}, t.problem(e, "there is no field %s", name)
	}
	column := alias + "." + measure.Column()
	switch {
	case !neverAbsent(measure):
		return t.measure(measure, column), nil
	case measure.Kind == customer.Whole:
		return t.measure(measure, "coalesce("+column+", 0)"), nil
	default:
		p := t.measure(measure, column)
		p.present = false
		return p, nil
	}
}

func neverAbsent(measure customer.Measure) bool {
	return strings.HasPrefix(measure.Absent, "never absent")
}

// measure is a figure as a column holds it.
func (t *translator) measure(measure customer.Measure, column string) piece {
	p := t.stored(measure.Kind, measure.Scale, column)
	p.present, p.words = neverAbsent(measure), measure.Words
	return p
}

// stored is a value of a kind as a column holds it.
func (t *translator) stored(k customer.Kind, scale int, column string) piece {
	switch k {
	case customer.Whole:
		return number(wholeKind, column, leastWhole, mostWhole)
	case customer.Money:
		return t.money(column)
	case customer.Decimal:
		return scaled(column, scale)
	case customer.Day, customer.Instant:
		return number(instantKind, column, leastInstant, mostInstant)
	case customer.Truth:
		return piece{kind: truthKind, sql: column}
	default:
		return piece{kind: textKind, sql: column}
	}
}

// money is an amount in minor units.
func (t *translator) money(column string) piece { return scaled(column, t.catalog.CurrencyDigits) }

// scaled is a decimal that is stored with so many digits after the point.
func scaled(column string, digits int) piece {
	units := int64(1)
	for range decimalDigits - digits {
		units *= 10
	}
	most := new(big.Int).Quo(mostInteger, big.NewInt(units))
	least := new(big.Int).Neg(most)
	p := number(decimalKind, column, least, most)
	if units > 1 {
		p = number(decimalKind, fmt.Sprintf("(within(%s, %s, %s) * %d)", column, least, most, units), productOf(least, big.NewInt(units)), productOf(most, big.NewInt(units)))
	}
	p.stored, p.storedUnits = column, units
	return p
}

// attribute is a value beside the fixed fields, of the type it was declared with.
func (t *translator) attribute(e ast.Expr, name string, only bool) (piece, *Problem) {
	if strings.HasPrefix(name, "$") {
		return piece{}, t.problem(e, "an attribute whose name begins with $ cannot be asked for")
	}
	if strings.ContainsRune(name, 0) {
		return piece{}, t.problem(e, withNUL)
	}
	kind, known := t.catalog.Attributes[name]
	if !known && !only {
		problem := t.problem(e, "the type of attribute %s is not known here: only has can ask for it", name)
		problem.NeedsStore = t.catalog.Attributes == nil
		return piece{}, problem
	}
	if !t.hasParty {
		t.hasParty = true
		t.joins = append(t.joins, "LEFT JOIN party y ON y.id = p.customer_id")
	}
	value := "(ATTRIBUTES OF y ->> " + t.parameter(name) + ")"
	switch kind {
	case customer.Whole, customer.Decimal, customer.Money, customer.Day, customer.Instant:
		value = "CAST(" + value + " AS BIGINT)"
	case customer.Truth:
		value = "CAST(" + value + " AS BOOLEAN)"
	}
	return t.stored(kind, customer.AttributeScale, value), nil
}

// fromSeries gives the row of a customer in a series: in one role, or in the one in
// which it took part most.
func (t *translator) fromSeries(e ast.Expr, series, role string) (string, *Problem) {
	key := [2]string{series, role}
	if t.series[key] == "" {
		if len(t.series) == maxSeries {
			return "", t.problem(e, "more than %d series and roles are asked: %s", maxSeries, splitIt)
		}
		alias := fmt.Sprintf("s%d", len(t.series)+1)
		which := alias + ".main"
		if role != "" {
			which = alias + ".role = " + t.parameter(role)
		}
		t.series[key] = alias
		t.joins = append(t.joins, fmt.Sprintf("LEFT JOIN customer_series_profile %[1]s ON %[1]s.customer_id = p.customer_id AND %[1]s.series = %[2]s AND %[3]s", alias, t.parameter(series), which))
	}
	return t.series[key], nil
}
