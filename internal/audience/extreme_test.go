package audience

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// extremes are expressions near the bounds: what compiles has to be small enough for
// both databases, which take only so many tables, parameters and levels.
var extremes = map[string]string{
	"many conditions":  strings.Join(numbered("customer.noShows!=%d", 180), "||"),
	"long list":        "customer.noShows in [" + strings.Join(numbered("%d", 600), ",") + "]",
	"long list of one": "0 in [" + strings.Join(numbered("%d", 900), ",") + "]",
	"many series":      strings.Join(numbered("customer.series('%d').participations > 0", 32), " || "),
	"many roles":       strings.Join(numbered("customer.series('%d', 'Visitor').missedEditions > 0", 32), " && "),
	"many editions":    "[" + strings.Join(numbered("'%d'", 300), ",") + "].exists(e, customer.booked('Fair', e))",
	"many segments":    "[" + strings.Join(numbered("'%d'", 60), ",") + "].exists(s, customer.inSegment(s))",
	"many programs":    "[" + strings.Join(numbered("'%d'", 60), ",") + "].exists(p, customer.points(p) > 1 || customer.pointsToNextTier(p) < 1)",
	"deep sum":         "customer.purchases" + strings.Repeat(" * customer.purchases", 28) + " > 1",
	"deep quotient":    "customer.revenue" + strings.Repeat(" / customer.netProfit", 28) + " > 1",
	"deep text":        "customer.country" + strings.Repeat(" + customer.country", 28) + " > 'a'",
	"deep choice":      strings.Repeat("customer.purchases > 1 ? (", 28) + "true" + strings.Repeat(") : false", 28),
	"deep calls":       "customer.country" + strings.Repeat(".lowerAscii()", 28) + " == 'a'",
	"deep time":        "now()" + strings.Repeat(" + duration('2562047h') - duration('2562047h')", 14) + " > now()",
	"deep variables":   nested(6, " + customer.kind"),
	"many negations":   strings.Repeat("!", 4_000) + "true",
}

// nested is exists in exists, where each variable is a chain over the one before.
func nested(levels int, link string) string {
	before, inner := "'a'", ""
	for level := range levels {
		inner += fmt.Sprintf("[%s%s].exists(x%d, ", before, strings.Repeat(link, max(0, 26-3*level)), level)
		before = fmt.Sprintf("x%d", level)
	}
	return inner + before + " > 'aP'" + strings.Repeat(")", levels)
}

func TestExtremes(t *testing.T) {
	p := newPopulation(t, 5)
	for name, expression := range extremes {
		program, err := Compile(expression, testCatalog)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for database, d := range p.databases {
			got, err := p.picked(d, name, &Program{predicate: program.predicate})
			if err != nil {
				t.Errorf("%s breaks %s: %v", name, database, err)
			} else if want := p.meant(expression); len(program.predicate.Editions) == 0 && !slices.Equal(got, want) {
				t.Errorf("%s: %s picks %v\ncel-go picks %v", name, database, got, want)
			}
		}
	}
}
