package audience

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// generator writes random expressions that are well typed.
type generator struct {
	*rand.Rand
	// fact is the kind of facts that they speak of as well; then of nothing that moves with time.
	fact string
}

func (g generator) of(words ...string) string {
	if g.fact != "" {
		words = slices.DeleteFunc(slices.Clone(words), func(word string) bool {
			return slices.ContainsFunc([]string{"now()", "daysAgo(", "customer.tier(", "customer.points"}, func(moving string) bool { return strings.Contains(word, moving) })
		})
	}
	return words[g.IntN(len(words))]
}

// ofFact is a truth about a fact.
func (g generator) ofFact() string {
	fields := customer.FactFields[g.fact]
	switch m := fields[g.IntN(len(fields))]; {
	case m.Kind == customer.Truth:
		return "fact." + m.Name
	case m.Words != nil:
		return "(" + g.of("fact."+m.Name+" == "+quoted(g.of(m.Words...)), quoted(g.of(m.Words...))+" != fact."+m.Name, "fact."+m.Name+" in ["+quoted(g.of(m.Words...))+", "+quoted(g.of(m.Words...))+"]") + ")"
	default:
		return "has(fact." + m.Name + ")"
	}
}

// truth is an expression that is true or false.
func (g generator) truth(depth int) string {
	if depth <= 0 && g.fact != "" && g.IntN(2) == 0 {
		return g.ofFact()
	}
	if depth <= 0 {
		return g.of("true", "false", "has(customer."+g.field()+")", "customer.openComplaints > 0", "'Exhibitor' in customer.roles")
	}
	next := depth - 1
	switch g.IntN(22) {
	case 0, 1:
		return "(" + g.truth(next) + " && " + g.truth(next) + ")"
	case 2, 3:
		return "(" + g.truth(next) + " || " + g.truth(next) + ")"
	case 4:
		return "!(" + g.truth(next) + ")"
	case 5:
		return fmt.Sprintf("(%s ? %s : %s)", g.truth(next), g.truth(next), g.truth(next))
	case 6, 7:
		return "(" + g.whole(next) + g.comparison() + g.whole(next) + ")"
	case 8, 9:
		return "(" + g.decimal(next) + g.order() + g.of(g.decimal(next), g.whole(next)) + ")"
	case 10:
		return "(" + g.decimal(next) + g.of(" == ", " != ") + g.decimal(next) + ")"
	case 11:
		return "(" + g.text(next) + g.comparison() + g.text(next) + ")"
	case 12, 13:
		return "(" + g.instant(next) + g.comparison() + g.instant(next) + ")"
	case 14:
		return "(" + g.duration(next) + g.comparison() + g.duration(next) + ")"
	case 15:
		return g.text(next) + "." + g.of("contains", "startsWith", "endsWith") + "(" + g.text(next) + ")"
	case 16:
		return fmt.Sprintf("(%s in [%s, %s, %s])", g.whole(next), g.whole(next), g.whole(next), g.whole(next))
	case 17:
		return fmt.Sprintf("(%s in [%s, %s])", g.text(next), g.text(next), g.text(next))
	case 18:
		return g.of("customer.roles.exists", "customer.roles.all") + "(r, " + g.of("r == 'Exhibitor'", "r in ['Visitor', 'Sponsor']", "r.startsWith('V')", g.truth(next)) + ")"
	case 19:
		return g.of("['Fair', 'Expo']", "['one', 'two', 'Fair']", "[]") + g.of(".exists", ".all") + "(x, " + g.of("customer.onList(x)", "x == customer.country", "customer.inSegment(x)", "customer.participated(x)", "customer.series(x).participations > 1") + ")"
	case 20:
		return g.of("customer.inSegment('Fair')", "customer.inSegment('one', 'A')", "customer.onList('one')", "customer.participated('Fair')", "customer.tier('club') == 'Gold'", "customer.points('club') >= 500", "customer.pointsToNextTier('club') <= 100.0",
			"has(customer.series('Fair').boothArea)", "has(customer.series('Expo', 'Visitor').lastEdition)", "has(customer.attributes.rating)", "customer.attributes.vip", "('note' in customer.attributes)",
			fmt.Sprintf("(%s in customer.roles)", g.of("'Visitor'", g.text(0))))
	default:
		return g.truth(0)
	}
}

func (g generator) order() string      { return g.of(" < ", " <= ", " > ", " >= ") }
func (g generator) comparison() string { return g.of(" < ", " <= ", " > ", " >= ", " == ", " != ") }

// field is any field of a customer.
func (g generator) field() string {
	for {
		if m := customer.CustomerMeasures[g.IntN(len(customer.CustomerMeasures))]; m.Name != "messages30Days" && !g.moves(m) {
			return m.Name
		}
	}
}

// moves tells whether a rule over facts may not ask for a field, since it moves with time.
func (g generator) moves(m customer.Measure) bool {
	return g.fact != "" && (m.Name == "relationshipMonths" || m.Name == "expectedProfit")
}

// ofFactOf are the fields of a fact of some kinds.
func (g generator) ofFactOf(kinds ...customer.Kind) (fields []string) {
	for _, m := range customer.FactFields[g.fact] {
		if slices.Contains(kinds, m.Kind) && m.Words == nil {
			fields = append(fields, "fact."+m.Name)
		}
	}
	return fields
}

// fieldOf is a field of some kinds, of the customer or of a series.
func (g generator) fieldOf(kinds ...customer.Kind) string {
	if own := g.ofFactOf(kinds...); len(own) > 0 && g.IntN(4) > 0 {
		return g.of(own...)
	}
	measures, base := customer.CustomerMeasures, "customer."
	if g.IntN(4) == 0 {
		measures, base = customer.SeriesMeasures, g.of("customer.series('Fair').", "customer.series('Expo').", "customer.series('Fair', 'Exhibitor').", "customer.series('Nowhere').")
	}
	for {
		m := measures[g.IntN(len(measures))]
		if slices.Contains(kinds, m.Kind) && m.Name != "messages30Days" && m.Words == nil && !g.moves(m) {
			return base + m.Name
		}
	}
}

func (g generator) whole(depth int) string {
	if depth <= 0 {
		return g.of(strconv.Itoa(g.IntN(7)-2), "9007199254740992", "-9007199254740992", strconv.FormatInt(g.Int64N(1<<53), 10), g.fieldOf(customer.Whole), g.fieldOf(customer.Whole), g.fieldOf(customer.Whole))
	}
	next := depth - 1
	switch g.IntN(7) {
	case 0:
		return "(" + g.whole(next) + g.of(" + ", " - ", " * ") + g.whole(next) + ")"
	case 1:
		return "(" + g.whole(next) + g.of(" / ", " % ") + g.whole(next) + ")"
	case 2:
		return "(-" + g.whole(next) + ")"
	case 3:
		return fmt.Sprintf("(%s ? %s : %s)", g.truth(next), g.whole(next), g.whole(next))
	case 4:
		return g.of("size("+g.text(next)+")", "size(customer.roles)")
	default:
		return g.whole(0)
	}
}

func (g generator) decimal(depth int) string {
	if depth <= 0 {
		return g.of("0.0", "12.5", "0.0001", "-5000.00", "999999999999.0", fmt.Sprintf("%d.%02d", g.IntN(20_000), g.IntN(100)), g.fieldOf(customer.Money, customer.Decimal), g.fieldOf(customer.Money, customer.Decimal), g.fieldOf(customer.Money, customer.Decimal))
	}
	next := depth - 1
	switch g.IntN(7) {
	case 0, 1:
		return "(" + g.decimal(next) + g.of(" + ", " - ", " * ", " / ") + g.of(g.decimal(next), g.whole(next)) + ")"
	case 2:
		return "(-" + g.decimal(next) + ")"
	case 3:
		return g.of("decimal("+g.whole(next)+")", "customer.attributes.rating")
	case 4:
		return fmt.Sprintf("(%s ? %s : %s)", g.truth(next), g.decimal(next), g.decimal(next))
	case 5:
		if g.fact != "" {
			return g.decimal(0)
		}
		return g.of("customer.points", "customer.pointsToNextTier") + g.of("('club')", "('club')", "('Fair')")
	default:
		return g.decimal(0)
	}
}

// texts that are hard: of several planes, combining, empty, with quotes and wildcards.
var texts = []string{"", "GB", "DE", "a", "A", "ab", "ß", "é", "e\u0301", "日本", "𝒳", "%", "_", "'", "O'Brien; DROP TABLE party", "\\", "Fair", "Gold", "zz\u00a0"}

func (g generator) text(depth int) string {
	if depth <= 0 {
		if own := g.ofFactOf(customer.Text); len(own) > 0 && g.IntN(2) == 0 {
			return g.of(own...)
		}
		return g.of(quoted(texts[g.IntN(len(texts))]), quoted(texts[g.IntN(len(texts))]), "customer.country", "customer.series('Fair').lastEdition", "customer.tier('club')", "customer.attributes.note")
	}
	next := depth - 1
	switch g.IntN(5) {
	case 0:
		return "(" + g.text(next) + " + " + g.text(next) + ")"
	case 1:
		return g.text(next) + ".lowerAscii()"
	case 2:
		return fmt.Sprintf("(%s ? %s : %s)", g.truth(next), g.text(next), g.text(next))
	default:
		return g.text(0)
	}
}

func (g generator) instant(depth int) string {
	if depth <= 0 {
		return g.of("now()", "daysAgo("+strconv.Itoa(g.IntN(900))+")", "timestamp('2024-02-29T12:00:00Z')", "timestamp('0001-01-01T00:00:00Z')", "timestamp('9999-12-31T23:59:59.999Z')",
			g.fieldOf(customer.Day, customer.Instant), g.fieldOf(customer.Day, customer.Instant), "customer.attributes.since")
	}
	next := depth - 1
	switch g.IntN(4) {
	case 0:
		return "(" + g.instant(next) + g.of(" + ", " - ") + g.duration(next) + ")"
	case 1:
		return fmt.Sprintf("(%s ? %s : %s)", g.truth(next), g.instant(next), g.instant(next))
	default:
		return g.instant(0)
	}
}

func (g generator) duration(depth int) string {
	if depth <= 0 {
		return g.of("duration('24h')", "duration('-1.5s')", "duration('2562047h')", "duration('0s')", "duration('8760h')")
	}
	next := depth - 1
	switch g.IntN(3) {
	case 0:
		return "(" + g.instant(next) + " - " + g.instant(next) + ")"
	case 1:
		return "(" + g.duration(next) + g.of(" + ", " - ") + g.duration(next) + ")"
	default:
		return g.duration(0)
	}
}

// quoted is a text as CEL writes it.
func quoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
