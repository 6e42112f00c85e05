package storetest

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// testProfileFigures holds what is not about editions to figures worked out by hand,
// as of 2026-01-05, in EUR.
func testProfileFigures(t *testing.T, s *suite) {
	w := s.world(t)
	for _, test := range []struct {
		what     string
		files    []*file
		do       func(w *world)
		customer map[string]string
		series   map[string]map[string]string
	}{
		{
			what: "transactions stand before what was booked, edition by edition",
			files: []*file{
				yearly("Fair", 2023, 2025),
				from("crm", stand("B-1", "2024").set("listPrice", 100_000).set("net", 90_000).set("currency", "EUR"), stand("B-2", "2025").set("listPrice", 200_000).set("net", 150_000).set("currency", "EUR")),
				from("crm", entry("T-1").edition("Fair", "2024").set("revenue", 80_000).set("discount", 5_000).set("productCost", 30_000).set("indirectCost", 10_000)),
				from("crm", touch("I-1").set("cost", 2_500).set("currency", "EUR")),
			},
			customer: map[string]string{
				"revenue": "2800.00", "discount": "550.00", "bookedRevenue": "1500.00", "productCost": "300.00", "indirectCost": "100.00", "contactCost": "25.00",
				"uncostedRevenue": "1500.00", "estimatedCost": "", "netProfit": "325.00", "purchases": "1",
				// 2025 is the last complete calendar year: what was booked for it counts by
				// its first day, the transaction by its own.
				"spendLastYear": "1500.00", "spendTwoYearsAgo": "750.00", "spendThreeYearsAgo": "",
				"relationshipSince": "2024-01-01T00:00:00Z", "relationshipMonths": "24",
				// 325.00 x 48 months / 24 months.
				"expectedProfit": "650.00",
			},
		},
		{
			what: "an Exhibition's costing stands in where no cost is booked, rounded half away from zero",
			files: []*file{
				yearly("Fair", 2023, 2025),
				from("crm", stand("B-1", "2025").set("area", 1_050).set("net", 100_005).set("currency", "EUR")),
			},
			do: func(w *world) {
				cost, percent := int64(4_501), int64(10)
				w.exhibits(store.DeclaredEdition{Series: "Fair", Edition: "2025", Opens: date(2025, 7, 1), Closes: date(2025, 7, 4), AreaCost: &cost, Currency: "EUR", IndirectPercent: &percent})
			},
			// 10.50 x 45.01 = 472.605; 10 % of 1000.05 = 100.005.
			customer: map[string]string{"productCost": "472.61", "indirectCost": "100.01", "estimatedCost": "572.62", "uncostedRevenue": "", "netProfit": "427.43"},
		},
		{
			what: "a transaction that has costs only costs what was booked",
			files: []*file{
				yearly("Fair", 2023, 2025), from("crm", stand("B-1", "2025").set("area", 1_000).set("net", 100_000).set("currency", "EUR")),
				from("crm", entry("T-1").edition("Fair", "2025").set("productCost", 15_000)),
			},
			do: func(w *world) {
				cost := int64(2_000)
				w.exhibits(store.DeclaredEdition{Series: "Fair", Edition: "2025", Opens: date(2025, 7, 1), Closes: date(2025, 7, 4), AreaCost: &cost, Currency: "EUR"})
			},
			customer: map[string]string{"revenue": "1000.00", "productCost": "150.00", "estimatedCost": "", "uncostedRevenue": "", "netProfit": "850.00"},
		},
		{
			what:     "costs that nothing tells leave the profit unknown",
			files:    []*file{from("crm", entry("T-1").set("revenue", 80_000))},
			customer: map[string]string{"revenue": "800.00", "discount": "0.00", "uncostedRevenue": "800.00", "netProfit": "", "expectedProfit": "", "productCost": ""},
		},
		{
			what: "contacts alone cost something, and make no relationship to expect a profit from",
			files: []*file{
				from("crm", organization("Airbus", "FR").under("A").says("code", "A").says("roles", 1)), from("crm", touch("I-1").set("cost", 2_500).set("currency", "EUR")),
			},
			customer: map[string]string{"netProfit": "-25.00", "relationshipMonths": "", "expectedProfit": ""},
		},
		{
			what: "money for an edition that was cancelled is what transactions say, and fees",
			files: []*file{
				yearly("Fair", 2023, 2025, "2025"), from("crm", stand("B-1", "2025").set("net", 100_000).set("currency", "EUR"), stand("B-2", "2024").set("net", 70_000).set("currency", "EUR")),
				from("crm", status("B-2", "Cancelled", 3).set("fee", 7_000).set("currency", "EUR")),
			},
			customer: map[string]string{"revenue": "70.00", "cancellations": "1", "participations": "0"},
		},
		{
			what: "amounts are converted at the rate of their day, either way round, and counted where there is none",
			files: []*file{
				from("crm", rate("USD", "EUR", 1, 900_000_000), rate("USD", "EUR", 3, 800_000_000), rate("EUR", "GBP", 1, 850_000_000), rate("EUR", "JPY", 1, 160_000_000_000)),
				from("crm",
					entry("T-1").set("at", day(2024, 1, 2)).set("currency", "USD").set("revenue", 10_001),
					entry("T-2").set("at", day(2024, 1, 3)).set("currency", "USD").set("revenue", 10_001),
					entry("T-3").set("at", day(2024, 1, 3)).set("currency", "GBP").set("revenue", 8_500),
					entry("T-4").set("at", day(2024, 1, 3)).set("currency", "JPY").set("revenue", 1_600),
					entry("T-5").set("at", day(2023, 12, 31)).set("currency", "USD").set("revenue", 10_000),
					entry("T-6").set("currency", "CHF").set("revenue", 10_000)),
			},
			// 90.009 + 80.008 + 100 + 10.
			customer: map[string]string{"revenue": "280.02", "unconvertedAmounts": "2", "purchases": "6"},
		},
		{
			what: "credit notes take away",
			files: []*file{from("crm", entry("T-1").set("revenue", 80_000).set("productCost", 30_000), entry("T-2").set("revenue", -20_000).set("productCost", -10_000),
				entry("T-3").set("revenue", 1).set("discount", 1))},
			customer: map[string]string{"revenue": "600.01", "purchases": "2", "productCost": "200.00", "netProfit": "400.00"},
		},
		{
			what: "the last answer in each dimension, with what was expected before the show",
			files: []*file{
				attends("2024"),
				from("crm", answer("F-1", "service", 1).set("expected", 400), answer("F-2", "service", 5).set("perceived", 350), answer("F-3", "service", 3).set("perceived", 100),
					answer("F-4", "venue", 2).set("expected", 300).set("perceived", 450).set("score", 400).set("rivalScore", 250),
					answer("F-5", "recommendation", 2).set("score", 900), answer("F-6", "recommendation", 4).set("score", 650)),
			},
			customer: map[string]string{
				"satisfactionGap": "1.00", "satisfactionDimensions": "2", "ownRating": "4.00", "rivalRating": "2.50", "ratedDimensions": "1", "netPromoterScore": "6",
				"lastFeedback": "2025-01-05T00:00:00Z",
			},
		},
		{
			what: "contacts, rivals, complaints, referrals and preferences",
			files: []*file{
				from("crm", touch("I-1").set("at", day(2025, 12, 20)), touch("I-2").set("at", day(2025, 12, 21)).set("direction", "Inbound"),
					touch("I-3").set("at", day(2025, 6, 1)).set("method", "Meeting"), touch("I-4").set("at", day(2024, 6, 1)), touch("I-5").set("at", day(2020, 1, 1))),
				from("crm", dealing("Other fair", 2025, 50_000), dealing("Third fair", 2024, 20_000), dealing("Other fair", 2024, 10_000), dealing("Old fair", 2019, 1)),
				from("crm", row("complaint").keyed("C-1").set("opened", day(2025, 1, 1)).who("customer").under("A"),
					row("complaint").keyed("C-2").set("opened", day(2024, 1, 1)).set("resolved", day(2024, 2, 1)).who("customer").under("A")),
				from("crm", row("referral").keyed("R-1").set("at", day(2025, 1, 1)).who("referrer").under("A").who("referred").under("B").named("Boeing", "US")),
				from("crm", row("preference").keyed("P-1").set("name", "stand").set("value", "by the door").set("confirmed", day(2024, 1, 1)).who("party").under("A"),
					row("preference").keyed("P-2").set("name", "stand").set("value", "by the window").set("confirmed", day(2025, 1, 1)).who("party").under("A")),
				from("crm", took("Fair", "2024", "Exhibitor")),
			},
			customer: map[string]string{
				"contacts": "5", "contacts30Days": "1", "contactsYear": "3", "contactsYearBefore": "1", "meetingsYear": "1", "lastContact": "2025-12-21T00:00:00Z",
				"rivalSpendLastYear": "500.00", "rivalSpendTwoYearsAgo": "300.00", "rivalSpendThreeYearsAgo": "", "rivalShows": "2",
				"complaints": "2", "openComplaints": "1", "lastComplaint": "2025-01-01T00:00:00Z", "referrals": "1", "referrers": "0", "preferences": "1",
			},
		},
	} {
		t.Run(strings.ReplaceAll(test.what, " ", "_"), func(t *testing.T) { w.in(t).expectProfile(test.files, test.do, test.customer, test.series) })
	}
	t.Run("Messages", func(t *testing.T) { testMessages(t, w.in(t)) })
	t.Run("Converted", func(t *testing.T) { testConverted(t, w.in(t)) })
}

func entry(key string) *line {
	return row("transaction").keyed(key).set("at", day(2024, 3, 1)).set("currency", "EUR").who("customer").under("A")
}

func touch(key string) *line {
	return row("interaction").keyed(key).set("at", day(2024, 3, 1)).set("method", "Phone").who("customer").under("A")
}

func answer(key, dimension string, of int) *line {
	return row("feedback").keyed(key).edition("Fair", "2024").set("survey", "S").set("question", "How was "+dimension+"?").set("dimension", dimension).
		set("at", day(2025, 1, of)).who("customer").under("A")
}

func dealing(rival string, year, spend int) *line {
	return row("rivalDealing").set("rival", rival).set("day", day(year, 6, 30)).set("spend", spend).set("currency", "EUR").who("customer").under("A")
}

// rate from a day of January 2024 on, times 10^9.
func rate(from, to string, of int, rate int64) *line {
	return row("exchangeRate").set("from", from).set("to", to).set("day", day(2024, 1, of)).set("rate", rate)
}

// testMessages counts what was sent to a firm and to its people, and marks nobody.
func testMessages(t *testing.T, w *world) {
	w.load(from("crm", organization("Airbus", "FR").under("A").says("code", "A").at("firm@example.com"), person("Ada Lovelace", "GB").under("P").at("ada@example.com"),
		organization("Boeing", "US").under("B").at("other@example.com")))
	w.load(from("crm", row("affiliation").person("", "").under("P").who("organization").under("A")))
	w.load(from("crm", took("Fair", "2024", "Exhibitor")))
	w.refresh()
	// Hashes as suppressions have them.
	for n, address := range []string{"firm@example.com", "ada@example.com", "other@example.com"} {
		w.load(from("crm", row("suppression").set("medium", "Email").set("address", address).set("scope", "All")))
		w.exec(`INSERT INTO address (id, hash) SELECT $1, address_hash FROM suppression WHERE address_hash NOT IN (SELECT hash FROM address)`, n+1)
	}
	now := w.clock.UnixMilli()
	recent, old := now-29*24*3600_000, now-31*24*3600_000
	for n := range 3 {
		w.exec(`INSERT INTO contact_pressure (address_id, medium, t1, t2, t3) VALUES ($1, 'Email', $2, $3, $4)`, n+1, now, recent, old)
	}
	expectFigures(t, "A", w.show("A").Profile.Measures, map[string]string{"messages30Days": "4"})
	w.expectFresh("after messages")
}

// testConverted holds the database's conversion to exact fractions.
func testConverted(t *testing.T, w *world) {
	random := rand.New(rand.NewPCG(1, 1))
	unit, limit := big.NewInt(1_000_000_000_000), new(big.Int).Lsh(big.NewInt(1), 53)
	for range 3_000 {
		amount := random.Int64N(1<<random.IntN(54)+1) * (1 - 2*random.Int64N(2))
		factor := 1 + random.Int64N(1<<random.IntN(63))
		// Half away from zero: the whole part of twice the product and one, halved.
		product := new(big.Int).Mul(new(big.Int).Abs(big.NewInt(amount)), big.NewInt(factor))
		want := product.Add(product.Mul(product, big.NewInt(2)), unit)
		want.Quo(want, new(big.Int).Mul(unit, big.NewInt(2)))
		fits := want.Cmp(limit) < 0
		if amount < 0 {
			want.Neg(want)
		}
		got := w.query(`SELECT converted($1, $2) AS amount`, amount, factor)[0]["amount"]
		if fits && got != want.Int64() || !fits && got != nil {
			t.Fatalf("%d times %d is %v, want %v (fits: %v)", amount, factor, got, want, fits)
		}
	}
}
