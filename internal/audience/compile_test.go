package audience

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

const (
	day = 24 * 60 * 60 * 1000
	// The rows of a customer in a series, in its main role and in one.
	mainRow = "LEFT JOIN customer_series_profile s1 ON s1.customer_id = p.customer_id AND s1.series = @p1 AND s1.main"
	roleRow = "LEFT JOIN customer_series_profile s1 ON s1.customer_id = p.customer_id AND s1.series = @p1 AND s1.role = @p2"
	party   = "LEFT JOIN party y ON y.id = p.customer_id"
)

// compiled are expressions that compile, and what they come to.
var compiled = []struct {
	name, expression string
	want             store.Predicate
	segments         []string
}{
	{"truth value", "true", store.Predicate{Condition: "TRUE"}, nil},
	{"whole number", "customer.participations >= 3", store.Predicate{Condition: "(p.participations >= @p1)", Parameters: of(3)}, nil},
	{"and, or, not", "!(customer.complaints > 0 && customer.referrals == 0) || customer.noShows != 0",
		store.Predicate{Condition: "((NOT ((p.complaints > @p1) AND (p.referrals = @p1))) OR (NOT (p.no_shows = @p1)))", Parameters: of(0)}, nil},
	{"negated often", strings.Repeat("!", 300) + "has(customer.country)", store.Predicate{Condition: "(p.country IS NOT NULL)"}, nil},
	{"in many parentheses", strings.Repeat("(", 100) + "has(customer.country)" + strings.Repeat(")", 100), store.Predicate{Condition: "(p.country IS NOT NULL)"}, nil},
	{"amount of the stored digits", "customer.revenue > 5000.00", store.Predicate{Condition: "(p.revenue > @p2)", Parameters: of(5_000_000_000, 500_000)}, nil},
	{"amount, turned round", "0.05 < customer.revenue", store.Predicate{Condition: "(@p2 < p.revenue)", Parameters: of(50_000, 5)}, nil},
	{"amounts in a list", "customer.revenue in [1.5, 2.0]", store.Predicate{Condition: "((p.revenue = @p3) OR (p.revenue = @p4))", Parameters: of(1_500_000, 2_000_000, 150, 200)}, nil},
	{"amount of more digits", "customer.revenue > 0.005", store.Predicate{Condition: "((within(p.revenue, -922337203685477, 922337203685477) * 10000) > @p1)", Parameters: of(5_000)}, nil},
	{"amount by quantity", "customer.revenue / customer.purchases >= 100.0",
		store.Predicate{Condition: "(decimal_quotient((within(p.revenue, -922337203685477, 922337203685477) * 10000), whole_product(p.purchases, 1000000)) >= @p1)", Parameters: of(100_000_000)}, nil},
	{"amount against whole number", "customer.revenue > 5000", store.Predicate{Condition: "(p.revenue > @p2)", Parameters: of(5_000, 500_000)}, nil},
	{"share", "customer.windowParticipations * 10 >= customer.windowEligibleEditions * 8",
		store.Predicate{Condition: "((p.window_participations * @p1) >= (p.window_eligible_editions * @p2))", Parameters: of(10, 8)}, nil},
	{"word", "customer.kind == 'Person'", store.Predicate{Condition: "(p.kind = @p1)", Parameters: of("Person")}, nil},
	{"text in a list", "customer.country in ['DE', 'AT', 'CH']", store.Predicate{Condition: "((p.country = @p1) OR ((p.country = @p2) OR (p.country = @p3)))", Parameters: of("DE", "AT", "CH")}, nil},
	{"text in no list", "customer.country in []", store.Predicate{Condition: "CASE WHEN p.country IS NOT NULL THEN FALSE END"}, nil},
	{"text in a list that can be absent", "'DE' in [customer.country]", store.Predicate{Condition: "CASE WHEN p.country IS NOT NULL THEN (@p1 = p.country) END", Parameters: of("DE")}, nil},
	{"order of texts", "customer.country < 'F'", store.Predicate{Condition: `((p.country COLLATE "C") < @p1)`, Parameters: of("F")}, nil},
	{"parts of a text", "customer.country.startsWith('D') || customer.country.contains('E') || customer.country.lowerAscii().endsWith('f')",
		store.Predicate{Condition: `(((substr(p.country, 1, length(@p1)) = @p1) OR text_contains(p.country, @p2)) OR text_ends(lower(p.country COLLATE "C"), @p3))`, Parameters: of("D", "E", "f")}, nil},
	{"choice", "(customer.kind == 'Person' ? 1 : 3) <= customer.purchases",
		store.Predicate{Condition: "((CASE (p.kind = @p1) WHEN TRUE THEN @p2 WHEN FALSE THEN @p3 END) <= p.purchases)", Parameters: of("Person", 1, 3)}, nil},
	{"role", "'Exhibitor' in customer.roles", store.Predicate{Condition: "((p.roles & 1) <> 0)", Parameters: of("Exhibitor")}, nil},
	{"lists one by one", "['one', 'two'].all(l, customer.onList(l))", store.Predicate{
		Condition: "(EXISTS (SELECT 1 FROM list_member l WHERE l.list = @p1 AND l.party_id = p.customer_id AND l.withdrawn_at IS NULL) AND EXISTS (SELECT 1 FROM list_member l WHERE l.list = @p2 AND l.party_id = p.customer_id AND l.withdrawn_at IS NULL))", Parameters: of("one", "two")}, nil},
	{"customer beside a variable of its name", "['one'].exists(customer, .customer.tier('club') == customer)", store.Predicate{
		Condition: "((SELECT nullif(m.class, @p3) FROM segment_member m WHERE m.segment = @p4 AND m.customer_id = p.customer_id) = @p1)", Parameters: of("one", "club", "", "loyalty/club")}, []string{"loyalty/club"}},
	{"points", "customer.points('club') >= 500 && customer.points('club') < 1000.5", store.Predicate{
		Condition:  "(((SELECT m.balance FROM loyalty_member m WHERE " + inClub("@p1") + ") >= (@p2 * 1000000)) AND ((SELECT m.balance FROM loyalty_member m WHERE " + inClub("@p1") + ") < @p3))",
		Parameters: of("club", 500, 1_000_500_000), Points: []string{"club"}}, []string{"loyalty/club"}},
	{"points to the next tier", "customer.pointsToNextTier('club') <= 100.0", store.Predicate{
		Condition:  "((SELECT min(whole_difference(r.from_points, m.tier_points)) FROM loyalty_member m JOIN segment_tier r ON r.program_id = m.program_id AND r.from_points > m.tier_points WHERE " + inClub("@p1") + ") <= @p2)",
		Parameters: of("club", 100_000_000), Points: []string{"club"}}, []string{"loyalty/club"}},
	{"series", "customer.series('Fair').participations > 0 && customer.series('Fair').missedEditions >= 2",
		store.Predicate{Condition: "((coalesce(s1.participations, 0) > @p2) AND (s1.missed_editions >= @p3))", Joins: mainRow, Parameters: of("Fair", 0, 2)}, nil},
	{"series in a role", "has(customer.series('Fair', 'Visitor').lastEdition)", store.Predicate{Condition: "(s1.last_edition IS NOT NULL)", Joins: roleRow, Parameters: of("Fair", "Visitor")}, nil},
	{"took part in a series", "customer.participated('Fair')", store.Predicate{
		Condition: "EXISTS (SELECT 1 FROM customer_series_profile e WHERE e.customer_id = p.customer_id AND e.series = @p1 AND e.participations > 0)", Parameters: of("Fair")}, nil},
	{"took part, and booked nothing", "customer.participated('Fair', '2024') && !customer.booked('Fair', '2026')", store.Predicate{
		Condition: "(" + took("@p2") + " AND k.took_part = 1) AND (NOT " + took("@p3") + " AND k.booked = 1)))", Parameters: of("Fair", "2024", "2026"),
		Editions: []store.NamedEdition{{Series: "Fair", Edition: "2024"}, {Series: "Fair", Edition: "2026"}}}, nil},
	{"took part in a role", "customer.participated('Fair', '2024', 'Visitor')", store.Predicate{
		Condition: took("@p2") + " AND k.role = @p3 AND k.took_part = 1)", Parameters: of("Fair", "2024", "Visitor"), Editions: []store.NamedEdition{{Series: "Fair", Edition: "2024"}}}, nil},
	{"came as far as a status", "customer.participated('Fair', '2024', 'Exhibitor', 'Option')", store.Predicate{
		Condition: took("@p2") + " AND k.role = @p3 AND k.status = @p4)", Parameters: of("Fair", "2024", "Exhibitor", "Option"), Editions: []store.NamedEdition{{Series: "Fair", Edition: "2024"}}}, nil},
	{"segments", "customer.inSegment('two', 'A') && !customer.inSegment('one')", store.Predicate{
		Condition:  "(EXISTS (SELECT 1 FROM segment_member m WHERE m.segment = @p1 AND m.customer_id = p.customer_id AND m.class = @p2) AND (NOT EXISTS (SELECT 1 FROM segment_member m WHERE m.segment = @p3 AND m.customer_id = p.customer_id)))",
		Parameters: of("two", "A", "one")}, []string{"one", "two"}},
	{"today", "customer.lastContact < daysAgo(30) && customer.lastPurchase <= now()",
		store.Predicate{Condition: "((p.last_contact < (@today - @p2)) AND (p.last_purchase <= @today))", Parameters: of(30, 30*day), ByDay: true}, nil},
	{"by month", "customer.relationshipMonths > 24", store.Predicate{Condition: "(((@today - p.relationship_since) / 2629746000) > @p1)", Parameters: of(24), ByDay: true}, nil},
	{"a day", "customer.firstParticipation >= timestamp('1970-01-02T00:00:00Z')", store.Predicate{Condition: "(p.first_participation >= @p2)", Parameters: of("1970-01-02T00:00:00Z", day)}, nil},
	{"a span", "customer.lastPurchase - customer.firstPurchase > duration('24h')", store.Predicate{
		Condition: "(within((p.last_purchase - p.first_purchase), -9223372036854, 9223372036854) > @p2)", Parameters: of("24h", day)}, nil},
	{"decimal attribute", "customer.attributes.rating > 4.5", store.Predicate{Condition: "(CAST((ATTRIBUTES OF y ->> @p1) AS BIGINT) > @p2)", Joins: party, Parameters: of("rating", 4_500_000)}, nil},
	{"attribute of two kinds", "customer.attributes['vip'] || customer.attributes.since > now()", store.Predicate{
		Condition: "(CAST((ATTRIBUTES OF y ->> @p1) AS BOOLEAN) OR (CAST((ATTRIBUTES OF y ->> @p2) AS BIGINT) > @today))", Joins: party, Parameters: of("vip", "since"), ByDay: true}, nil},
	{"attribute at all", "'note' in customer.attributes", store.Predicate{Condition: "((ATTRIBUTES OF y ->> @p1) IS NOT NULL)", Joins: party, Parameters: of("note")}, nil},
	{"what is always there", "has(customer.kind) && has(customer.roles)", store.Predicate{Condition: "(TRUE AND TRUE)"}, nil},
	{"over lines", "customer.purchases > 0\n  // and\n  && customer.referrals > 0", store.Predicate{Condition: "((p.purchases > @p1) AND (p.referrals > @p1))", Parameters: of(0)}, nil},
}

// TestPointsFollow: what earns points can ask for none, be it of another program.
func TestPointsFollow(t *testing.T) {
	for _, asked := range []string{"customer.points('club')", "customer.pointsToNextTier('club')"} {
		for field, written := range map[string][2]string{"where": {asked + " > 5", "1"}, "points": {"", asked}} {
			_, err := CompileAccrual(customer.FactTraining, written[0], written[1], testCatalog)
			var refused *AccrualError
			if !errors.As(err, &refused) || refused.Field != field || !strings.Contains(refused.Error(), "points follow from what earns them") {
				t.Errorf("%s in %s gives %v", asked, field, err)
			}
		}
	}
}

// of are parameters in their order.
func of(values ...any) map[string]any {
	all := map[string]any{}
	for i, value := range values {
		if whole, is := value.(int); is {
			value = int64(whole)
		}
		all["p"+string(rune('1'+i))] = value
	}
	return all
}

// inClub is the member of a program that is a parameter.
func inClub(program string) string {
	return "m.program_id = (SELECT g.id FROM loyalty_program g WHERE g.name = " + program + ") AND m.customer_id = p.customer_id"
}

// took begins a question for an edition of the series that is the first parameter.
func took(edition string) string {
	return "EXISTS (SELECT 1 FROM segment_took k WHERE k.customer_id = p.customer_id AND k.series = @p1 AND k.edition = " + edition
}

func TestCompile(t *testing.T) {
	for _, test := range compiled {
		t.Run(test.name, func(t *testing.T) {
			program, err := Compile(test.expression, testCatalog)
			if err != nil {
				t.Fatal(err)
			}
			got, want := program.Predicate(), test.want
			if len(want.Parameters) == 0 {
				want.Parameters = map[string]any{}
			}
			if got.Condition != want.Condition || got.Joins != want.Joins {
				t.Errorf("got  %s %s\nwant %s %s", got.Condition, got.Joins, want.Condition, want.Joins)
			}
			if !reflect.DeepEqual(got.Parameters, want.Parameters) || !slices.Equal(got.Editions, want.Editions) || got.ByDay != want.ByDay {
				t.Errorf("got  %v %v %v\nwant %v %v %v", got.Parameters, got.Editions, got.ByDay, want.Parameters, want.Editions, want.ByDay)
			}
			if !slices.Equal(program.Segments(), test.segments) || !slices.Equal(got.Points, want.Points) {
				t.Errorf("it asks for %v and points of %v: want %v and %v", program.Segments(), got.Points, test.segments, want.Points)
			}
		})
	}
}

// TestLiterals puts a text that would do harm wherever a text can stand: it is always
// a parameter, and never in the SQL.
func TestLiterals(t *testing.T) {
	const harm = "'; DROP TABLE party; --"
	for _, expression := range harmful(harm) {
		t.Run(expression, func(t *testing.T) {
			program, err := Compile(expression, Catalog{Attributes: map[string]customer.Kind{harm: customer.Text}})
			if err != nil {
				t.Fatal(err)
			}
			p := program.Predicate()
			if sql := p.Condition + p.Joins; strings.Contains(sql, "DROP") || strings.ContainsAny(sql, "';") {
				t.Errorf("the text stands in the SQL: %s", sql)
			}
			if !slices.ContainsFunc(slices.Collect(maps.Values(p.Parameters)), func(value any) bool {
				text, is := value.(string)
				return is && strings.Contains(text, harm)
			}) {
				t.Errorf("the text is no parameter: %v", p.Parameters)
			}
		})
	}
}

// harmful are expressions that hold a text in all places.
func harmful(text string) []string {
	var all []string
	for _, expression := range []string{
		"customer.country == %", "customer.country < %", "% in [customer.country, %]", "[%].exists(x, x == customer.country)", "customer.country + % == %",
		"customer.country.contains(%)", "customer.country.startsWith(%)", "%.endsWith(customer.country)", "%.lowerAscii() == customer.country", "size(%) > customer.purchases",
		"customer.series(%).participations > 0", "customer.series(%, 'Visitor').main", "customer.participated(%)", "customer.participated(%, %, 'Visitor', 'Paid')", "customer.booked(%, %)",
		"customer.inSegment(%)", "customer.inSegment(%, %)", "customer.tier(%) == %", "customer.points(%) > 1", "customer.pointsToNextTier(%) > 1", "customer.onList(%)", "(true ? % : customer.country) == 'DE'",
		"customer.attributes[%] == %", "% in customer.attributes", "customer.roles.exists(r, r + % == customer.country)",
	} {
		all = append(all, strings.ReplaceAll(expression, "%", quoted(text)))
	}
	return all
}

// TestNumbers holds numbers, times and durations to be parameters.
func TestNumbers(t *testing.T) {
	for expression, number := range map[string]string{
		"customer.participations > 424242":                                 "424242",
		"customer.revenue * 4242.42 > 1.0":                                 "424242",
		"customer.lastContact < daysAgo(4242)":                             "4242",
		"customer.lastContact < timestamp('1970-01-01T00:00:42.424Z')":     "42424",
		"customer.lastContact < now() - duration('42.424s')":               "42424",
		"customer.participations in [1, 424242] && customer.purchases > 1": "424242",
	} {
		program, err := Compile(expression, testCatalog)
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		if p := program.Predicate(); strings.Contains(p.Condition+p.Joins, number) {
			t.Errorf("%s: the number stands in the SQL: %s", expression, p.Condition)
		}
	}
}
