package audience

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// refusedRules are rules that do not compile: in which field and where the mistake begins, and what
// its reader is told.
var refusedRules = []struct {
	name string
	rule
	field        string
	line, column int
	reason       string
}{
	{"points that are a text", rule{customer.FactParticipation, "", "fact.role"}, "points", 1, 1, "it gives a text, and has to be a number of points"},
	{"points that are a truth value", rule{customer.FactParticipation, "", "fact.tookPart"}, "points", 1, 1, "it gives a truth value, and has to be a number of points"},
	{"points that are a time", rule{customer.FactBooking, "", "fact.at"}, "points", 1, 1, "it gives a time, and has to be a number of points"},
	{"points that are a duration", rule{customer.FactBooking, "", "fact.at - customer.firstPurchase"}, "points", 1, 1, "it gives a duration, and has to be a number of points"},
	{"points that are a fact", rule{customer.FactBooking, "", "fact"}, "points", 1, 1, "and has to be a number of points"},
	{"points that are a text in quotes", rule{customer.FactTraining, "", "'20'"}, "points", 1, 1, "it gives a text, and has to be a number of points"},
	{"no points", rule{customer.FactTraining, "", ""}, "points", 1, 1, "the expression is empty"},
	{"points below 0", rule{customer.FactTraining, "", "-5"}, "points", 1, 1, "a fact never takes points away: use fairlead loyalty adjust"},
	{"points below 0, with a point", rule{customer.FactTraining, "", "-0.5"}, "points", 1, 1, "a fact never takes points away"},
	{"points beyond whole numbers", rule{customer.FactTraining, "", "9007199254740993"}, "points", 1, 1, "whole numbers go to 2^53"},
	{"points with too many digits", rule{customer.FactTraining, "", "0.1234567"}, "points", 1, 1, "a decimal has at most 6 digits after the point"},
	{"a condition that is a number", rule{customer.FactParticipation, "fact.boothArea", "100"}, "where", 1, 1, "it gives a decimal, and has to be true or false"},
	{"a condition that is a text", rule{customer.FactParticipation, "fact.role", "100"}, "where", 1, 1, "it gives a text, and has to be true or false"},
	{"a condition of white space", rule{customer.FactParticipation, " ", "100"}, "where", 1, 1, "the expression is empty"},
	{"mistakes in both, of which the first is told", rule{customer.FactParticipation, "fact.boothArea", "fact.role"}, "where", 1, 1, "it gives a decimal"},

	{"a field that there is not", rule{customer.FactParticipation, "", "fact.bootArea * 2.0"}, "points", 1, 1, "there is no field bootArea: did you mean boothArea?"},
	{"the same in a condition, after something else", rule{customer.FactParticipation, "fact.role == 'Exhibitor' &&\n fact.tookPat", "100"}, "where", 2, 2, "there is no field tookPat: did you mean tookPart?"},
	{"the same in has", rule{customer.FactParticipation, "has(fact.bootArea)", "100"}, "where", 1, 1, "there is no field bootArea: did you mean boothArea?"},
	{"a field of another kind", rule{customer.FactParticipation, "", "fact.score"}, "points", 1, 1, "there is no field score"},
	{"a field of customers", rule{customer.FactTransaction, "fact.country == 'DE'", "100"}, "where", 1, 1, "there is no field country"},
	{"a field without fact", rule{customer.FactParticipation, "", "boothArea * 2.0"}, "points", 1, 1, "there is no boothArea: did you mean fact.boothArea?"},
	{"a variable that there is not", rule{customer.FactParticipation, "fakt.tookPart", "100"}, "where", 1, 1, "there is no fakt: did you mean fact?; expressions speak of customer and fact"},
	{"a field of customers that there is not", rule{customer.FactParticipation, "customer.participation > 0", "100"}, "where", 1, 1, "there is no field participation: did you mean participations?"},
	{"a word that there is not", rule{customer.FactParticipation, "fact.role == 'exhibiter'", "100"}, "where", 1, 1, `there is no value "exhibiter": did you mean Exhibitor?`},
	{"a whole number beside a decimal", rule{customer.FactParticipation, "fact.boothArea == 9", "100"}, "where", 1, 1, "such as 5.0, or decimal(n)"},
	{"types that do not go together", rule{customer.FactTransaction, "", "fact.revenue * fact.purpose"}, "points", 1, 1, "* does not go with (decimal, text)"},

	{"now", rule{customer.FactBooking, "fact.at > now() - duration('24h')", "100"}, "where", 1, 1, "what was earned must not move with the passing of time"},
	{"days ago", rule{customer.FactBooking, "fact.at > daysAgo(100)", "100"}, "where", 1, 1, "what was earned must not move with the passing of time"},
	{"months of relationship", rule{customer.FactBooking, "", "customer.relationshipMonths"}, "points", 1, 1, "what was earned must not move with the passing of time"},
	{"a tier", rule{customer.FactBooking, "customer.tier('club') == 'Gold'", "100"}, "where", 1, 1, "tiers follow from points, and cannot be asked for by what earns them"},
	{"a tier in points", rule{customer.FactBooking, "", "customer.tier('club') == 'Gold' ? 2 : 1"}, "points", 1, 1, "tiers follow from points"},

	{"too long", rule{customer.FactTraining, strings.Repeat("true || ", 1_250) + "true", "100"}, "where", 1, 1, "the expression has 10004 characters, and 4096 are allowed"},
	{"points that are too long", rule{customer.FactTraining, "", strings.Repeat("1 + ", 1_250) + "1"}, "points", 1, 1, "characters, and 4096 are allowed"},
	{"too deep", rule{customer.FactTraining, strings.Repeat("true ? (", 40) + "true" + strings.Repeat(") : false", 40), "100"}, "where", 1, 313, "it is nested 41 deep, and 32 are allowed"},
	{"points that are too deep", rule{customer.FactBooking, "", "fact.area" + strings.Repeat(" + 1.0", 40)}, "points", 1, 1, "deep, and 32 are allowed"},
	{"too many parentheses", rule{customer.FactTraining, "", strings.Repeat("(", 1_000) + "1" + strings.Repeat(")", 1_000)}, "points", 1, 1, "it is nested too deep"},
	{"too many operations", rule{customer.FactTraining, "customer.roles.exists(a, customer.roles.exists(b, customer.roles.exists(c, customer.roles.exists(d, a == b || c == d))))", "1"}, "where", 1, 111, "more than 2000 operations"},
	{"NUL", rule{customer.FactTransaction, "fact.purpose == 'a\x00'", "1"}, "where", 1, 1, "the expression holds the character NUL"},
}

func TestAccrualRefused(t *testing.T) {
	for _, test := range refusedRules {
		t.Run(test.name, func(t *testing.T) {
			accrual, err := CompileAccrual(test.kind, test.where, test.points, testCatalog)
			if err == nil {
				t.Fatalf("it compiles to %s: %s", accrual.Where, accrual.Points)
			}
			var refused *AccrualError
			if !errors.As(err, &refused) {
				t.Fatalf("%v is a %[1]T, and no AccrualError", err)
			}
			if refused.Field != test.field || refused.Line != test.line || refused.Column != test.column {
				t.Errorf("%s, line %d, column %d: want %s, line %d, column %d", refused.Field, refused.Line, refused.Column, test.field, test.line, test.column)
			}
			if !strings.Contains(refused.Reason, test.reason) {
				t.Errorf("got  %s\nwant %s", refused.Reason, test.reason)
			}
		})
	}
	// Of facts only rules speak.
	if _, err := Compile("fact.role == 'Exhibitor'", testCatalog); err == nil || !strings.Contains(err.Error(), "there is no fact") {
		t.Errorf("who is meant speaks of facts: %v", err)
	}
}

// TestAccrualNeedsStore: the type of an attribute only a store knows.
func TestAccrualNeedsStore(t *testing.T) {
	for field, r := range map[string]rule{"where": {customer.FactTraining, "customer.attributes.vip", "1"}, "points": {customer.FactTraining, "", "customer.attributes.rating"}} {
		var refused *AccrualError
		if _, err := CompileAccrual(r.kind, r.where, r.points, Catalog{}); !errors.As(err, &refused) || refused.Field != field || !refused.NeedsStore {
			t.Errorf("%s: without a store it is refused by %v", r, err)
		}
		if _, err := CompileAccrual(r.kind, r.where, r.points, testCatalog); err != nil {
			t.Errorf("%s: %v", r, err)
		}
	}
}

// acceptedRules are rules of config/samples and of the documentation.
var acceptedRules = []rule{
	{customer.FactParticipation, "fact.role == 'Exhibitor' && fact.tookPart", "100"},
	{customer.FactParticipation, "fact.role == 'Exhibitor' && has(fact.boothArea)", "fact.boothArea * 2.0"},
	{customer.FactReferral, "fact.converted", "250"},
	{customer.FactTransaction, "", "fact.revenue / 10.0"},
	{customer.FactBooking, "fact.status in ['Paid', 'Attended'] && customer.inSegment('one')", "fact.net - fact.discount"},
	{customer.FactFeedback, "fact.wave == 'After' || !has(fact.dimension)", "has(fact.score) ? 5 : 1"},
	{customer.FactTraining, "fact.at < timestamp('2025-01-01T00:00:00Z')", "1 - 6"},
}

// FuzzCompileAccrual compiles whatever there is. A refusal says in which field, where and why; what
// compiles is accepted by both databases, and earns there what cel-go says.
func FuzzCompileAccrual(f *testing.F) {
	for _, test := range refusedRules {
		f.Add(uint8(slices.Index(customer.FactKinds, test.kind)), test.where, test.points)
	}
	for _, r := range acceptedRules {
		f.Add(uint8(slices.Index(customer.FactKinds, r.kind)), r.where, r.points)
	}
	for n, expression := range samples {
		f.Add(uint8(n), expression, "1")
	}
	random := rand.New(rand.NewPCG(7, 9))
	for n := range 24 {
		r := generator{random, customer.FactKinds[n%len(customer.FactKinds)]}.rule(n % 3)
		f.Add(uint8(n%len(customer.FactKinds)), r.where, r.points)
	}
	everybody, runs := newPopulation(f, 3), 0
	all := factsOf(everybody)
	f.Fuzz(func(t *testing.T, number uint8, where, points string) {
		p := *everybody
		p.t = t
		r := rule{customer.FactKinds[int(number)%len(customer.FactKinds)], where, points}
		if _, err := CompileAccrual(r.kind, where, points, Catalog{}); err != nil {
			saysWhich(t, err)
		}
		accrual, err := CompileAccrual(r.kind, where, points, testCatalog)
		if err != nil {
			saysWhich(t, err)
			return
		}
		if where == "" {
			r.where = "true"
		}
		// Segments that it asks for need not be there.
		accrual.Asks = nil
		runs++
		for name, d := range p.databases {
			got, err := found(&p, d, fmt.Sprint("fuzzed ", runs), accrual, store.Rounding{Mode: store.RoundDown, Decimals: decimalDigits})
			if err != nil {
				t.Errorf("%s breaks %s: %v\n%s\n%s", r, name, err, accrual.Where, accrual.Points)
			} else if len(accrual.Editions) == 0 {
				want := r.meantBy(&p, all[r.kind], store.Rounding{Mode: store.RoundDown, Decimals: decimalDigits})
				if !maps.Equal(got.points, want.points) || !maps.Equal(got.wanting, want.wanting) {
					t.Errorf("%s: %s says %v\ncel-go says %v\n%s\n%s %v", r, name, got, want, accrual.Where, accrual.Points, accrual.Parameters)
				}
			}
		}
	})
}

func saysWhich(t *testing.T, err error) {
	t.Helper()
	var which *AccrualError
	if !errors.As(err, &which) || which.Field != "where" && which.Field != "points" {
		t.Errorf("%v does not say of which expression it speaks", err)
	}
	saysWhere(t, err)
}
