package main

import (
	"os"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
)

// TestMeasuresPage holds the page to the measures, and every measure to having a
// definition, a source and a meaning of absence.
func TestMeasuresPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/reference/measures.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != renderMeasures() {
		t.Error("docs/reference/measures.md is not what the measures say: run `make generate`")
	}
	rows, err := os.ReadFile("../../docs/concepts/feature-map.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, measures := range [][]customer.Measure{customer.CustomerMeasures, customer.SeriesMeasures, customer.DimensionMeasures, customer.PreferenceMeasures} {
		seen := map[string]bool{}
		for _, measure := range measures {
			if seen[measure.Name] {
				t.Errorf("%s stands twice", measure.Name)
			}
			seen[measure.Name] = true
			if measure.Doc == "" || measure.Absent == "" || measure.Rows == "" {
				t.Errorf("%s lacks its definition, what absence means, or its rows: %+v", measure.Name, measure)
			}
			for _, row := range strings.Split(measure.Rows, ", ") {
				if !strings.Contains(string(rows), "\n| "+row+" |") {
					t.Errorf("%s is for row %s, which the feature map does not have", measure.Name, row)
				}
			}
			for _, entity := range measure.From {
				if customer.EntityByName(entity) == nil {
					t.Errorf("%s is from %s, which is no entity", measure.Name, entity)
				}
			}
		}
	}
}
