package classify

import (
	"testing"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
)

func monthsAgo(months int64) int64 { return today.UnixMilli() - months*customer.MonthMillis }

func TestReinartzKumar(t *testing.T) {
	model := func(profit crm.MoneyCut) crm.Classification {
		return crm.Classification{ReinartzKumar: &crm.ReinartzKumar{Profit: profit, Duration: crm.DurationCut{LongFromMonths: 24}}}
	}
	expectClasses(t, model(crm.MoneyCut{HighFrom: &crm.Money{Amount: "5000.00", Currency: "EUR"}}), []example{
		{"profit and length just there", profile{"net_profit": 500_000, "relationship_since": monthsAgo(24)}, "TrueFriend"},
		{"a cent short", profile{"net_profit": 499_999, "relationship_since": monthsAgo(24)}, "Barnacle"},
		{"a moment short", profile{"net_profit": 500_000, "relationship_since": monthsAgo(24) + 1}, "Butterfly"},
		{"both short", profile{"net_profit": -1, "relationship_since": monthsAgo(23)}, "Stranger"},
		{"begins today", profile{"net_profit": 0, "relationship_since": today.UnixMilli()}, "Stranger"},
		{"no profit is known", profile{"relationship_since": monthsAgo(90)}, "Unknown"},
		{"no relationship", profile{"net_profit": 900_000}, "Unknown"},
		{"nothing is known", profile{}, "Unknown"},
	})
	// Of five whose profit is known the upper half begins above the second: at the third.
	expectClasses(t, model(crm.MoneyCut{HighFromQuantile: "0.5"}), []example{
		{"the third of five, and long", profile{"net_profit": 30, "relationship_since": monthsAgo(30)}, "TrueFriend"},
		{"a third of the same value", profile{"net_profit": 30, "relationship_since": monthsAgo(1)}, "Butterfly"},
		{"below", profile{"net_profit": 10, "relationship_since": monthsAgo(30)}, "Barnacle"},
		{"far below", profile{"net_profit": -70, "relationship_since": monthsAgo(3)}, "Stranger"},
		{"above", profile{"net_profit": 31, "relationship_since": monthsAgo(3)}, "Butterfly"},
		{"not counted among them", profile{"relationship_since": monthsAgo(3)}, "Unknown"},
	})
}

func TestDickBasu(t *testing.T) {
	rated := func(eligible, came, own, rival, dimensions int) profile {
		return profile{"window_eligible_editions": eligible, "window_participations": came, "own_rating": own, "rival_rating": rival, "rated_dimensions": dimensions}
	}
	spec := crm.DickBasu{RepeatRate: crm.RatioCut{HighFrom: "0.6"}, Attitude: crm.AttitudeCut{HighFrom: "0.5"}}
	examples := []example{
		{"three of five, and half a point above", rated(5, 3, 900, 800, 2), "Loyal"},
		{"two of five, and above", rated(5, 2, 900, 800, 2), "Latent"},
		{"three of five, and 0.495 above", rated(5, 3, 899, 800, 2), "Spurious"},
		{"below the rival", rated(1, 0, 300, 400, 1), "NotLoyal"},
		{"never rated", profile{"window_eligible_editions": 5, "window_participations": 0, "rated_dimensions": 0}, "Unknown"},
		{"eligible for nothing", rated(0, 0, 900, 100, 1), "Unknown"},
		{"no edition is known", profile{"own_rating": 500, "rival_rating": 100, "rated_dimensions": 1}, "Unknown"},
	}
	expectClasses(t, crm.Classification{DickBasu: &spec}, examples)
	spec.Attitude.StrongFrom = "4.25"
	strong := append([]example{{"above the rival, and not good either", rated(5, 3, 424, 100, 1), "Spurious"}}, examples...)
	expectClasses(t, crm.Classification{DickBasu: &spec}, strong)
	// Of four rates 0, 0.5, 0.75, 1 and four differences -1, 0, 1, 2 the upper quarter is one.
	expectClasses(t, crm.Classification{DickBasu: &crm.DickBasu{RepeatRate: crm.RatioCut{HighFromQuantile: "0.75"}, Attitude: crm.AttitudeCut{HighFromQuantile: "0.75"}}}, []example{
		{"the first by rate", rated(4, 4, 300, 300, 1), "Spurious"},
		{"the first by attitude", rated(4, 2, 300, 100, 1), "Latent"},
		{"neither", rated(4, 3, 300, 200, 1), "NotLoyal"},
		{"not either", rated(4, 0, 300, 400, 1), "NotLoyal"},
		{"nothing", profile{}, "Unknown"},
		{"first by both, which moves the cuts", rated(4, 4, 500, 100, 1), "Loyal"},
	})
}

func TestKnox(t *testing.T) {
	spec := crm.Knox{RivalShows: crm.ManyCut{ManyFrom: 2}, Involvement: crm.Involvement{
		MeetingsFrom: ptr.To[int32](3), BookingLeadDaysFrom: ptr.To[int32](180), BoothAreaFrom: "36.5", HighFromSigns: 2,
	}}
	expectClasses(t, crm.Classification{Knox: &spec}, []example{
		{"one rival, meetings and early", profile{"rival_shows": 1, "meetings_year": 3, "booking_lead_days": 180}, "Loyal"},
		{"one rival, early alone, and a small booth", profile{"rival_shows": 1, "meetings_year": 2, "booking_lead_days": 180, "booth_area": 3_649}, "Habitual"},
		{"two rivals, early and large", profile{"rival_shows": 2, "meetings_year": 0, "booking_lead_days": 200, "booth_area": 3_650}, "MultiBrand"},
		{"two rivals and no sign", profile{"rival_shows": 2, "meetings_year": 2, "booking_lead_days": 1, "booth_area": 100}, "Switcher"},
		{"no more than one sign, whatever its booth", profile{"rival_shows": 5, "meetings_year": 2, "booking_lead_days": 1}, "Switcher"},
		{"its booth could make the difference", profile{"rival_shows": 1, "meetings_year": 3, "booking_lead_days": 1}, "Unknown"},
		{"rivals are not known, which is not none", profile{"meetings_year": 3, "booking_lead_days": 200}, "Unknown"},
	})
	one := crm.Knox{RivalShows: crm.ManyCut{ManyFrom: 1}, Involvement: crm.Involvement{ParticipationsFrom: ptr.To[int32](2), HighFromSigns: 1}}
	expectModel(t, mustCompile(t, crm.Classification{Knox: &one}), []example{
		{"none but known to be none", profile{"rival_shows": 0, "participations": 2}, "Loyal"},
		{"none, and once", profile{"rival_shows": 0, "participations": 1}, "Habitual"},
		{"one, and twice", profile{"rival_shows": 1, "participations": 2}, "MultiBrand"},
		{"one, and once", profile{"rival_shows": 1, "participations": 1}, "Switcher"},
		{"nobody knows", profile{"participations": 9}, "Unknown"},
	})
}

func mustCompile(t *testing.T, spec crm.Classification) *Model {
	t.Helper()
	model, err := Compile(spec, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func TestRFM(t *testing.T) {
	spec := crm.RFM{Recency: crm.RecencyCut{WithinMonths: ptr.To[int32](12)}, Frequency: crm.CountCut{HighFrom: ptr.To[int32](3)}, Monetary: crm.MoneyCut{HighFrom: &crm.Money{Amount: "100", Currency: "EUR"}}}
	of := func(months int64, times, revenue, discount int) profile {
		return profile{"last_participation": monthsAgo(months), "participations": times, "revenue": revenue, "discount": discount}
	}
	expectClasses(t, crm.Classification{RFM: &spec}, []example{
		{"all just there", of(12, 3, 11_000, 1_000), "Champion"},
		{"not often", of(12, 2, 10_000, 0), "Promising"},
		{"not lately", of(13, 3, 10_000, 0), "Drifting"},
		{"neither often nor lately", of(13, 2, 10_000, 0), "LapsedSpender"},
		{"little, after discount", of(1, 4, 10_000, 1), "Regular"},
		{"little, and new", of(1, 1, 9_999, 0), "Newcomer"},
		{"little, often, long ago", of(30, 9, 0, 0), "DriftingRegular"},
		{"nothing of it", of(30, 1, 0, 0), "Lapsed"},
		{"in the morning of the day twelve months ago", profile{"last_participation": monthsAgo(12) / 86_400_000 * 86_400_000, "participations": 3, "revenue": 10_000}, "Champion"},
		{"a discount that nobody recorded", profile{"last_participation": monthsAgo(1), "participations": 5, "revenue": 10_000}, "Champion"},
		{"never came", profile{"participations": 0, "revenue": 10_000}, "Unknown"},
		{"no revenue on record", profile{"last_participation": monthsAgo(1), "participations": 1}, "Unknown"},
	})
	quantiles := crm.RFM{Recency: crm.RecencyCut{HighFromQuantile: "0.5"}, Frequency: crm.CountCut{HighFromQuantile: "0.5"}, Monetary: crm.MoneyCut{HighFromQuantile: "0.5"}}
	d := databases(t)[0]
	d.fill(t, []profile{of(1, 1, 10, 0), of(2, 2, 20, 0), of(3, 3, 30, 0), of(4, 4, 40, 0)})
	model := mustCompile(t, crm.Classification{RFM: &quantiles})
	class, values, err := d.store.AskClass(t.Context(), "C3", segmentOf(model), model.Selected())
	if err != nil || class != "Drifting" {
		t.Fatalf("the third is %s, %v", class, err)
	}
	readings, err := model.Readings(values)
	if err != nil || len(readings) != 3 || readings[2] != (Reading{Axis: "revenue after discount", Value: "0.30 EUR", Side: "high", Cut: "from 0.30 EUR on, quantile 0.5 of the members"}) {
		t.Errorf("it reads %+v, %v", readings, err)
	}
}

func TestRelationshipState(t *testing.T) {
	spec := crm.RelationshipState{WalletShare: crm.RatioCut{HighFrom: "0.5"}, Bond: crm.Bond{StrongFrom: 50, Components: []crm.BondComponent{
		{Measure: crm.BondContactsYear, Weight: 1, NoneAt: "0", FullAt: "10"},
		{Measure: crm.BondDimensionScore, Dimension: "price", Weight: 3, NoneAt: "1", FullAt: "5"},
	}}}
	of := func(own, rivals any, contacts int, price any) profile {
		p := profile{"contacts_year": contacts}
		for column, value := range map[string]any{"spend_last_year": own, "rival_spend_last_year": rivals} {
			if value != nil {
				p[column] = value
			}
		}
		if price != nil {
			p["dimension price"] = profile{"score": price, "at": daysAgo(10)}
		}
		return p
	}
	expectClasses(t, crm.Classification{RelationshipState: &spec}, []example{
		{"half with us; 0 and 75 of 100 points make 56", of(50, 50, 0, 400), "Loyal"},
		{"a little less than half; the same bond", of(49, 50, 0, 400), "Convertible"},
		{"most with us; 100 and 0 make 25", of(70, 30, 10, 100), "Competitive"},
		{"most with rivals, 0 points", of(10, 30, 0, 0), "RivalLoyal"},
		{"just 50: 50 and 50", of(70, 30, 5, 300), "Loyal"},
		{"nothing with us on record, something with rivals", of(nil, 30, 0, 0), "RivalLoyal"},
		{"a refund is not spending", of(-500, 30, 0, 0), "RivalLoyal"},
		{"amounts near the greatest", of(9_000_000_000_000_000, 8_000_000_000_000_000, 10, 500), "Loyal"},
		{"nothing is known of rivals", of(50, nil, 10, 500), "Unknown"},
		{"neither spends anything", of(0, 0, 10, 500), "Unknown"},
		{"the price could make the difference", of(50, 50, 10, nil), "Unknown"},
	})
	thirds := spec
	thirds.Bond.Components = []crm.BondComponent{{Measure: crm.BondContactsYear, Weight: 1, NoneAt: "0", FullAt: "3"}, {Measure: crm.BondContactPersons, Weight: 1, NoneAt: "0", FullAt: "3"}}
	expectLast(t, crm.Classification{RelationshipState: &thirds}, profile{"contacts_year": 1, "contact_persons": 2, "spend_last_year": 9, "rival_spend_last_year": 1}, "Loyal")
	expectLast(t, crm.Classification{RelationshipState: &thirds}, profile{"contacts_year": 1, "contact_persons": 1, "spend_last_year": 9, "rival_spend_last_year": 1}, "Competitive")

	absent := spec
	absent.Bond.Components = []crm.BondComponent{
		{Measure: crm.BondContactsYear, Weight: 1, NoneAt: "10", FullAt: "0"}, {Measure: crm.BondNetPromoterScore, Weight: 1, NoneAt: "0", FullAt: "10"},
		{Measure: crm.BondContactPersons, Weight: 1, NoneAt: "0", FullAt: "1"}, {Measure: crm.BondContactDepartments, Weight: 1, NoneAt: "0", FullAt: "1"},
		{Measure: crm.BondConsecutiveEditions, Weight: 1, NoneAt: "0", FullAt: "2"}, {Measure: crm.BondRepeatRate, Weight: 1, NoneAt: "0", FullAt: "100"},
		{Measure: crm.BondWalletShareTrend, Weight: 1, NoneAt: "-10", FullAt: "10"}, {Measure: crm.BondRelationshipMonths, Weight: 1, NoneAt: "0", FullAt: "60"},
	}
	full := profile{
		"contacts_year": 5, "net_promoter_score": 5, "contact_persons": 1, "consecutive_editions": 1, "window_eligible_editions": 4, "window_participations": 2,
		"spend_last_year": 60, "rival_spend_last_year": 40, "spend_three_years_ago": 60, "rival_spend_three_years_ago": 40, "relationship_since": monthsAgo(30),
	}
	// 50 + 50 + 100 + 0 + 50 + 50 + 50 + 50 make half of the points.
	d := databases(t)[0]
	d.fill(t, []profile{full})
	model := mustCompile(t, crm.Classification{RelationshipState: &absent})
	class, values, err := d.store.AskClass(t.Context(), "C1", segmentOf(model), model.Selected())
	if err != nil || class != "Loyal" {
		t.Fatalf("the class is %s, %v", class, err)
	}
	readings, err := model.Readings(values)
	if err != nil {
		t.Fatal(err)
	}
	for i, points := range []string{"50", "50", "100", "0", "50", "50", "50", "50"} {
		if got := readings[i+1].Cut; got[:len(points)] != points {
			t.Errorf("%s gives %s, want %s points", readings[i+1].Axis, got, points)
		}
	}
}
