package classify

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

func TestLadder(t *testing.T) {
	of := func(participations, consecutive, missed, referrals int) profile {
		return profile{"participations": participations, "consecutive_editions": consecutive, "missed_editions": missed, "referrals": referrals, "relationship_since": monthsAgo(9)}
	}
	expectClasses(t, crm.Classification{Ladder: &crm.Ladder{}}, []example{
		{"missed two, whatever it was before", of(9, 0, 2, 5), "Dormant"},
		{"missed one", of(9, 0, 1, 0), "RepeatBuyer"},
		{"three in a row", of(3, 3, 0, 0), "LoyalBuyer"},
		{"two in a row", of(2, 2, 0, 0), "RepeatBuyer"},
		{"came twice and recommended us", of(2, 2, 0, 1), "Advocate"},
		{"came once and recommended us", of(1, 1, 0, 1), "FirstTimeBuyer"},
		{"has booked and never came", profile{"relationship_since": monthsAgo(1)}, "LikelyBuyer"},
		{"met us and never came", profile{"contacts": 1, "meetings_year": 1}, "LikelyBuyer"},
		{"was called", profile{"contacts": 1}, "Prospect"},
		{"is on a list", profile{}, "NonCustomer"},
		{"came when nobody knows", profile{"participations": 1, "relationship_since": monthsAgo(9)}, "Unknown"},
	})
	expectLast(t, crm.Classification{Ladder: &crm.Ladder{LoyalFromEditions: 2, AdvocateFromReferrals: 3, DormantFromMissed: 1}}, of(2, 2, 0, 2), "LoyalBuyer")
}

// expectLast asks for the class of one more customer.
func expectLast(t *testing.T, spec crm.Classification, p profile, want string) {
	t.Helper()
	for _, d := range databases(t) {
		d.fill(t, []profile{p})
		model := mustCompile(t, spec)
		if class, _, err := d.store.AskClass(t.Context(), "C1", segmentOf(model), model.Selected()); err != nil || class != want {
			t.Errorf("%s: the class is %s, %v; want %s", d.name, class, err, want)
		}
	}
}

func TestSatisfaction(t *testing.T) {
	answered := func(dimension string, score, days int) profile {
		return profile{"net_promoter_score": score / 100, "dimension " + dimension: profile{"score": score, "at": daysAgo(days)}}
	}
	recommendation := crm.Satisfaction{Measure: crm.SatisfactionByRecommendation, SatisfiedFrom: "9", DissatisfiedBelow: "7", MaxAgeMonths: 12}
	expectClasses(t, crm.Classification{Satisfaction: &recommendation}, []example{
		{"a promoter", answered("recommendation", 900, 10), "Satisfied"},
		{"a passive", answered("recommendation", 800, 10), "Indifferent"},
		{"a passive by seven", answered("recommendation", 700, 10), "Indifferent"},
		{"a detractor", answered("recommendation", 600, 10), "Dissatisfied"},
		{"a year ago", answered("recommendation", 900, 365), "Satisfied"},
		{"longer ago", answered("recommendation", 900, 366), "Unknown"},
		{"said something else in the same dimension", profile{"net_promoter_score": 9, "dimension recommendation": profile{"perceived": 900, "at": daysAgo(10)}}, "Unknown"},
		{"not on the scale", answered("recommendation", 1_100, 10), "Unknown"},
		{"another question", profile{"dimension price": profile{"score": 900, "at": daysAgo(1)}}, "Unknown"},
	})
	price := crm.Satisfaction{Measure: crm.SatisfactionByDimension, Dimension: "price", SatisfiedFrom: "3.5", DissatisfiedBelow: "3.5"}
	expectLast(t, crm.Classification{Satisfaction: &price}, answered("price", 350, 600), "Satisfied")
	expectLast(t, crm.Classification{Satisfaction: &price}, answered("price", 349, 600), "Dissatisfied")
	expectLast(t, crm.Classification{Satisfaction: &price}, profile{"dimension price": profile{"at": daysAgo(1)}}, "Unknown")
	gap := crm.Classification{Satisfaction: &crm.Satisfaction{Measure: crm.SatisfactionByGap, SatisfiedFrom: "0", DissatisfiedBelow: "-0.5"}}
	expectLast(t, gap, gaps(-150, 0, 0), "Indifferent")
	expectLast(t, gap, gaps(-150, -1, 0), "Dissatisfied")
	expectLast(t, gap, gaps(-51, 50, 2), "Satisfied")
	expectLast(t, gap, gaps(-1), "Indifferent")
	expectLast(t, gap, gaps(), "Unknown")
	old := gaps(-900)
	old["dimension price"] = profile{"expected": 0, "perceived": 900, "at": daysAgo(1000)}
	old["last_feedback"] = daysAgo(1)
	expectLast(t, gap, old, "Dissatisfied")
	delete(old, "dimension 0")
	expectLast(t, gap, old, "Unknown")
	scores := profile{"dimension price": profile{"score": 900, "at": daysAgo(1)}}
	expectLast(t, gap, scores, "Unknown")
}

// gaps are answers in as many dimensions, each perceived so much above what was expected.
func gaps(differences ...int) profile {
	p := profile{}
	for i, difference := range differences {
		p[fmt.Sprint("dimension ", i)] = profile{"expected": 400, "perceived": 400 + difference, "at": daysAgo(10)}
	}
	return p
}

// overall reads a ranking from what is stored, instead of facts over a span of time:
// those are held to their meaning by the tests of the store.
func overall(t *testing.T, spec crm.Classification, column string) *Model {
	t.Helper()
	model := mustCompile(t, spec)
	model.prepared.Windowed = nil
	model.prepared.Axes = []store.Axis{{Name: column, Value: "p." + column}}
	return model
}

func TestPyramid(t *testing.T) {
	spec := crm.Classification{Pyramid: &crm.Pyramid{Measure: crm.MeasureRevenue}}
	// One of ten is 1 percent rounded up, and no second one is within 5 or 10 percent.
	examples := []example{
		{"the first", profile{"revenue": 900}, "VIP"},
		{"the second is within 20 percent", profile{"revenue": 800}, "Ordinary"},
		{"the third, known for longer than the next", profile{"revenue": 100}, "Small"},
		{"the fourth, of equals", profile{"revenue": 100}, "Small"},
		{"nothing is an amount too", profile{"revenue": 0}, "Small"},
		{"below zero", profile{"revenue": -5}, "Small"},
		{"no revenue on record", profile{}, "Unknown"},
	}
	for range 4 {
		examples = append(examples, example{"one more", profile{"revenue": 1}, "Small"})
	}
	model := overall(t, spec, "revenue")
	model.classes = slices.DeleteFunc(model.classes, func(name string) bool { return name == "Major" })
	expectModel(t, model, examples)

	// Of equals, who has been known for longer stands above.
	halves := overall(t, crm.Classification{Pyramid: &crm.Pyramid{Measure: crm.MeasureParticipations, Classes: []crm.PercentClass{{Name: "upper", UpToPercent: 50}, {Name: "lower", UpToPercent: 100}}}}, "revenue")
	expectModel(t, halves, []example{
		{"first of three equals", profile{"revenue": 7}, "upper"}, {"second", profile{"revenue": 7}, "upper"}, {"third", profile{"revenue": 7}, "lower"}, {"absent", profile{}, "Unknown"},
	})

	// The shares of the source: 1, 4, 15 and 80 of 100.
	d := databases(t)[1]
	var hundred []profile
	for n := range 100 {
		hundred = append(hundred, profile{"revenue": (n * 37) % 100})
	}
	d.fill(t, hundred)
	whole := overall(t, spec, "revenue")
	if _, err := d.store.Evaluate(t.Context(), segmentOf(whole)); err != nil {
		t.Fatal(err)
	}
	figures, err := d.store.SegmentFigures(t.Context(), segmentOf(whole))
	want := map[string]int64{"VIP": 1, "Major": 4, "Ordinary": 15, "Small": 80}
	if err != nil || len(figures.Classes) != 4 {
		t.Fatalf("the figures are %+v, %v", figures, err)
	}
	for _, class := range figures.Classes {
		if class.Members != want[class.Class] {
			t.Errorf("%s has %d of 100, want %d", class.Class, class.Members, want[class.Class])
		}
	}
}

func TestABC(t *testing.T) {
	spec := crm.ABC{Measure: crm.MeasureNetProfit}
	// 1000 in all: 80 percent are 800, 95 percent 950.
	examples := []example{
		{"500", profile{"net_profit": 500}, "A"},
		{"up to 799 by the one before", profile{"net_profit": 299}, "A"},
		{"crosses the cut", profile{"net_profit": 131}, "A"},
		{"begins above it", profile{"net_profit": 40}, "B"},
		{"begins above the next", profile{"net_profit": 30}, "C"},
		{"brings nothing", profile{"net_profit": 0}, "C"},
		{"nobody knows", profile{}, "Unknown"},
	}
	loss := example{"brings a loss, which is not taken from the total", profile{"net_profit": -400}, "C"}
	expectModel(t, overall(t, crm.Classification{ABC: &spec}, "net_profit"), append(examples, loss))
	spec.BelowZero, loss.class = "Loss", "Loss"
	expectModel(t, overall(t, crm.Classification{ABC: &spec}, "net_profit"), append(examples, loss))
	expectLastOf(t, overall(t, crm.Classification{ABC: &spec}, "net_profit"), profile{"net_profit": 0}, "C")
	expectLastOf(t, overall(t, crm.Classification{ABC: &spec}, "net_profit"), profile{"net_profit": 9_000_000_000_000_000}, "A")
}

func expectLastOf(t *testing.T, model *Model, p profile, want string) {
	t.Helper()
	for _, d := range databases(t) {
		d.fill(t, []profile{p})
		if class, _, err := d.store.AskClass(t.Context(), "C1", segmentOf(model), model.Selected()); err != nil || class != want {
			t.Errorf("%s: the class is %s, %v; want %s", d.name, class, err, want)
		}
	}
}

func TestRefused(t *testing.T) {
	money := func(amount, currency string) crm.Classification {
		return crm.Classification{ReinartzKumar: &crm.ReinartzKumar{
			Profit: crm.MoneyCut{HighFrom: &crm.Money{Amount: crm.Decimal(amount), Currency: crm.CurrencyCode(currency)}}, Duration: crm.DurationCut{LongFromMonths: 1}}}
	}
	bond := func(none, full string) crm.Classification {
		return crm.Classification{RelationshipState: &crm.RelationshipState{WalletShare: crm.RatioCut{HighFrom: "0.5"}, Bond: crm.Bond{
			Components: []crm.BondComponent{{Measure: crm.BondContactsYear, NoneAt: crm.Decimal(none), FullAt: crm.Decimal(full)}}}}}
	}
	for what, test := range map[string]struct {
		spec                 crm.Classification
		field, reason, words string
	}{
		"another currency":       {money("5.00", "GBP"), ".reinartzKumar.profit.highFrom", crm.ReasonCurrencyMismatch, "the amount is in GBP, and the store reports in EUR"},
		"no currency":            {money("5.00", "QQQ"), ".reinartzKumar.profit.highFrom", crm.ReasonUnknownCurrency, "none of ISO 4217"},
		"too many digits":        {money("5.001", "EUR"), ".reinartzKumar.profit.highFrom", crm.ReasonInvalidAmount, "more than the 2 digits"},
		"a component too large":  {bond("0", "1000000.0001"), ".relationshipState.bond.components[0].fullAt", crm.ReasonInvalidAmount, "between -1000000 and 1000000"},
		"a component too fine":   {bond("0.00001", "1"), ".relationshipState.bond.components[0].noneAt", crm.ReasonInvalidAmount, "more than 4 digits"},
		"a component of no span": {bond("1", "1.0"), ".relationshipState.bond.components[0]", crm.ReasonInvalidAmount, "must differ"},
		"satisfied below dissatisfied": {crm.Classification{Satisfaction: &crm.Satisfaction{Measure: crm.SatisfactionByGap, SatisfiedFrom: "1", DissatisfiedBelow: "1.1"}},
			".satisfaction.dissatisfiedBelow", crm.ReasonInvalidAmount, "must not be above"},
		"no model": {crm.Classification{}, "", crm.ReasonUnknownClass, "no model is declared"},
	} {
		_, err := Compile(test.spec, "EUR")
		var problem *Problem
		if !errors.As(err, &problem) || problem.Field != "spec.classify"+test.field || problem.Reason != test.reason || !strings.Contains(problem.Message, test.words) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Compile(money("5.00", "GBP"), ""); err != nil {
		t.Errorf("where no currency is known, an amount in any is refused: %v", err)
	}
	if got := strings.Join(Classes(new(money("5.001", "QQQ"))), " "); got != "TrueFriend Butterfly Barnacle Stranger Unknown" {
		t.Errorf("the classes of a model that is refused are %s", got)
	}
	if Classes(nil) != nil || Classes(&crm.Classification{}) != nil {
		t.Error("there are classes without a model")
	}
}

// TestWindows: a ranking asks for the months that it declares.
func TestWindows(t *testing.T) {
	for measure, want := range map[crm.ValueMeasure]store.WindowedMeasure{
		crm.MeasureRevenue: store.WindowedRevenue, crm.MeasureNetProfit: store.WindowedNetProfit,
		crm.MeasureParticipations: store.WindowedParticipations, crm.MeasureBoothArea: store.WindowedBoothArea,
	} {
		model := mustCompile(t, crm.Classification{Pyramid: &crm.Pyramid{Measure: measure, WindowMonths: 36}})
		if got := model.Prepared().Windowed; *got != (store.Windowed{Measure: want, Millis: 36 * customer.MonthMillis}) {
			t.Errorf("%s asks for %+v", measure, got)
		}
	}
}
