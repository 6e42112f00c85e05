package main

import (
	_ "embed" // For the head of the page.
	"fmt"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// measuresHead is what people wrote of the page.
//
//go:embed measures.head
var measuresHead string

// renderMeasures writes the page about measures.
func renderMeasures() string {
	var page strings.Builder
	page.WriteString("<!-- Generated from internal/customer and hack/docs/measures.head by `make generate`. Change these, not this page. -->\n\n")
	page.WriteString(measuresHead)
	type measures struct {
		title, about string
		measures     []customer.Measure
	}
	tables := []measures{
		{"Of a customer", "In `customer_profile`, one row a customer: whoever has a role, a participation, a booking or a transaction.", customer.CustomerMeasures},
		{"Of a customer in a series", "In `customer_series_profile`, one row for every customer, series and role. Amounts, complaints and the net promoter score are the customer's in the series, the same in each of its roles: they must not be added up over roles.", customer.SeriesMeasures},
		{"Of a customer in a dimension", "In `customer_dimension_profile`: the last answer in each dimension that surveys ask about. Of several at one instant the one that came in last.", customer.DimensionMeasures},
		{"Preferences", "In `customer_preference`, one row for every customer and name.", customer.PreferenceMeasures},
	}
	for _, kind := range customer.FactKinds {
		tables = append(tables, measures{"Of a fact of the kind " + kind, "What an accrual rule of a LoyaltyProgram asks by `fact`.", customer.FactFields[kind]})
	}
	for _, table := range tables {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n| measure | type | definition | absent means | map rows | from |\n|---|---|---|---|---|---|\n", table.title, table.about)
		for _, measure := range table.measures {
			fmt.Fprintf(&page, "| `%s` | %s | %s | %s | %s | %s |\n", measure.Name, measureType(measure), cell(sentence(measure.Doc)), cell(measure.Absent), measure.Rows, strings.Join(measure.From, ", "))
		}
	}
	return page.String()
}

// measureType is the type of a measure, with its unit.
func measureType(measure customer.Measure) string {
	kind := measure.Kind.String()
	switch measure.Kind {
	case customer.Decimal:
		kind = fmt.Sprintf("%s, %d digits", kind, measure.Scale)
	case customer.Word, customer.Words:
		kind += ": " + strings.Join(measure.Words, ", ")
	default:
	}
	if measure.Unit != "" {
		kind += ", " + measure.Unit
	}
	if measure.Computed {
		kind += "; computed"
	}
	return kind
}
