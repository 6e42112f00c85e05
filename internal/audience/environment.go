package audience

import (
	"slices"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/operators"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/fairlead/fairlead/internal/customer"
)

// The types of expressions beside CEL's own.
var (
	// customerType is the one variable's.
	customerType = types.NewObjectType("fairlead.Customer")
	// seriesType is how a customer stands with one series.
	seriesType = types.NewObjectType("fairlead.Series")
	// attributesType are what a customer has beside the fixed fields.
	attributesType = types.NewObjectType("fairlead.Attributes")
	// factType is something recorded of a customer, of the kind that an accrual rule is about.
	factType = types.NewObjectType("fairlead.Fact")
	// decimalType is a number with six digits after the point, between -2^63 and 2^63
	// units of the last of them: amounts, areas and ratings. CEL's own double is
	// inexact, and no database adds doubles up as another.
	decimalType = types.NewOpaqueType("decimal")
)

// function is one way to call a function.
type function struct {
	name, id string
	member   bool
	args     []*cel.Type
	result   *cel.Type
}

// functions are what expressions may call beside CEL's own.
func functions() []function {
	text, whole, truth, instant := cel.StringType, cel.IntType, cel.BoolType, cel.TimestampType
	list := []function{
		{"now", "now", false, nil, instant},
		{"daysAgo", "days_ago", false, []*cel.Type{whole}, instant},
		{"decimal", "decimal_of_double", false, []*cel.Type{cel.DoubleType}, decimalType},
		{"decimal", "decimal_of_int", false, []*cel.Type{whole}, decimalType},
		{"lowerAscii", "string_lower_ascii", true, []*cel.Type{text}, text},
		{"series", "customer_series", true, []*cel.Type{customerType, text}, seriesType},
		{"series", "customer_series_role", true, []*cel.Type{customerType, text, text}, seriesType},
		{"participated", "customer_participated_series", true, []*cel.Type{customerType, text}, truth},
		{"participated", "customer_participated_edition", true, []*cel.Type{customerType, text, text}, truth},
		{"participated", "customer_participated_role", true, []*cel.Type{customerType, text, text, text}, truth},
		{"participated", "customer_participated_status", true, []*cel.Type{customerType, text, text, text, text}, truth},
		{"booked", "customer_booked", true, []*cel.Type{customerType, text, text}, truth},
		{"inSegment", "customer_in_segment", true, []*cel.Type{customerType, text}, truth},
		{"inSegment", "customer_in_class", true, []*cel.Type{customerType, text, text}, truth},
		{"tier", "customer_tier", true, []*cel.Type{customerType, text}, text},
		{"points", "customer_points", true, []*cel.Type{customerType, text}, decimalType},
		{"pointsToNextTier", "customer_points_to_next_tier", true, []*cel.Type{customerType, text}, decimalType},
		{"onList", "customer_on_list", true, []*cel.Type{customerType, text}, truth},
		{operators.Negate, "negate_decimal", false, []*cel.Type{decimalType}, decimalType},
	}
	// Wherever two decimals go, one of them may be a whole number.
	operands := map[string][]*cel.Type{
		"decimal": {decimalType, decimalType}, "decimal_int": {decimalType, whole}, "int_decimal": {whole, decimalType},
	}
	for operator, name := range map[string]string{operators.Add: "add", operators.Subtract: "subtract", operators.Multiply: "multiply", operators.Divide: "divide"} {
		for suffix, args := range operands {
			list = append(list, function{operator, name + "_" + suffix, false, args, decimalType})
		}
	}
	for operator, name := range map[string]string{operators.Less: "less", operators.LessEquals: "less_equals", operators.Greater: "greater", operators.GreaterEquals: "greater_equals"} {
		for suffix, args := range operands {
			list = append(list, function{operator, name + "_" + suffix, false, args, truth})
		}
	}
	return list
}

// environment is what expressions are checked against.
func environment(catalog Catalog, bindings ...func(function) []cel.OverloadOpt) (*cel.Env, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, err
	}
	options := []cel.EnvOption{
		cel.StdLib(), cel.CustomTypeProvider(&provider{registry, catalog}), cel.Variable("customer", customerType),
		cel.ParserExpressionSizeLimit(maxLength), cel.ParserRecursionLimit(4 * maxNesting), cel.EnableMacroCallTracking(),
	}
	if catalog.fact != "" {
		options = append(options, cel.Variable("fact", factType))
	}
	for _, f := range functions() {
		var bound []cel.OverloadOpt
		for _, bind := range bindings {
			bound = append(bound, bind(f)...)
		}
		overload := cel.Overload
		if f.member {
			overload = cel.MemberOverload
		}
		options = append(options, cel.Function(f.name, overload(f.id, f.args, f.result, bound...)))
	}
	return cel.NewCustomEnv(options...)
}

// provider knows the fields of the types of expressions.
type provider struct {
	types.Provider
	catalog Catalog
}

// FindStructType gives a type by its name.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	for _, t := range []*types.Type{customerType, seriesType, attributesType, factType} {
		if t.TypeName() == name {
			return types.NewTypeTypeWithParam(t), true
		}
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames gives the fields of a type.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if names := p.catalog.fields(name); names != nil {
		return names, true
	}
	return p.Provider.FindStructFieldNames(name)
}

// FindStructFieldType gives the type of a field.
func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	switch name {
	case customerType.TypeName():
		if field == "attributes" {
			return &types.FieldType{Type: attributesType}, true
		}
		return fieldOf(customer.CustomerMeasures, field)
	case seriesType.TypeName():
		return fieldOf(customer.SeriesMeasures, field)
	case factType.TypeName():
		return fieldOf(customer.FactFields[p.catalog.fact], field)
	case attributesType.TypeName():
		if p.catalog.Attributes == nil {
			return &types.FieldType{Type: cel.DynType}, true
		}
		kind, known := p.catalog.Attributes[field]
		return &types.FieldType{Type: typeOf(kind)}, known
	}
	return p.Provider.FindStructFieldType(name, field)
}

// NewValue refuses: expressions make no customers.
func (p *provider) NewValue(name string, fields map[string]ref.Val) ref.Val {
	return p.Provider.NewValue(name, fields)
}

// fields are the names of a type's fields, nil if it is none of ours.
func (c Catalog) fields(name string) []string {
	var names []string
	switch name {
	case customerType.TypeName():
		names = append(names, "attributes")
		for _, m := range customer.CustomerMeasures {
			names = append(names, m.Name)
		}
	case seriesType.TypeName():
		for _, m := range customer.SeriesMeasures {
			names = append(names, m.Name)
		}
	case factType.TypeName():
		for _, m := range customer.FactFields[c.fact] {
			names = append(names, m.Name)
		}
	case attributesType.TypeName():
		for attribute := range c.Attributes {
			names = append(names, attribute)
		}
		slices.Sort(names)
	}
	return names
}

func fieldOf(measures []customer.Measure, name string) (*types.FieldType, bool) {
	measure, known := measureNamed(measures, name)
	if !known {
		return nil, false
	}
	return &types.FieldType{Type: typeOf(measure.Kind)}, true
}

func measureNamed(measures []customer.Measure, name string) (customer.Measure, bool) {
	at := slices.IndexFunc(measures, func(m customer.Measure) bool { return m.Name == name })
	if at < 0 {
		return customer.Measure{}, false
	}
	return measures[at], true
}

// typeOf is the type of values of a kind.
func typeOf(kind customer.Kind) *types.Type {
	switch kind {
	case customer.Whole:
		return cel.IntType
	case customer.Money, customer.Decimal:
		return decimalType
	case customer.Day, customer.Instant:
		return cel.TimestampType
	case customer.Truth:
		return cel.BoolType
	case customer.Words:
		return cel.ListType(cel.StringType)
	default:
		return cel.StringType
	}
}
