package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// byFrequency splits a segment by how often its members came.
func byFrequency(s store.Segment) store.Segment {
	s.Classes = &store.Classification{
		Axes:       []store.Axis{{Name: "missedEditions", Value: "p.missed_editions"}, {Name: "participations", Value: "p.participations"}},
		Class:      "CASE WHEN x.axis0 IS NULL THEN @unknown WHEN x.axis1 >= @often THEN @many ELSE @few END",
		Parameters: map[string]any{"often": int64(3), "unknown": store.UnknownClass, "many": "often", "few": "seldom"},
	}
	return s
}

// halves splits a segment into the half that came more often, and the other.
func halves(s store.Segment) store.Segment {
	s.Classes = &store.Classification{
		Axes: []store.Axis{{Name: "participations", Value: "p.participations"}}, Ranked: true,
		Ranks:      "row_number() OVER (ORDER BY s.axis0 DESC, s.customer_id) AS place, count(*) OVER () AS known",
		Class:      "CASE WHEN (x.place - 1) * 2 < x.known THEN @upper ELSE @lower END",
		Parameters: map[string]any{"upper": "upper", "lower": "lower"},
	}
	return s
}

// within gives each member the class that its value of a measure over so many days is.
func within(s store.Segment, measure store.WindowedMeasure, days int64) store.Segment {
	s.Classes = &store.Classification{
		Axes: []store.Axis{{Name: "value"}}, Ranked: true, ByDay: true,
		Windowed:   &store.Windowed{Measure: measure, Millis: days * 24 * time.Hour.Milliseconds()},
		Class:      "coalesce(CAST(x.axis0 AS TEXT), @unknown)",
		Parameters: map[string]any{"unknown": store.UnknownClass},
	}
	return s
}

// testWindowed sums up over a span of time what profiles sum up over all: here since
// 2024-06-01, as of 2026-01-05.
func testWindowed(t *testing.T, w *world) {
	w.reportInEuro()
	*w.clock = date(2026, 1, 5)
	for _, code := range []string{"A", "B", "C", "D", "E", "G", "H"} {
		w.load(from("crm", organization("Firm "+code, "FR").under(code).says("code", code).says("roles", 1)))
	}
	w.load(from("crm", person("Ada Lovelace", "GB").under("V").says("code", "V")))
	w.load(yearly("Fair", 2023, 2026))
	costOfArea := int64(45)
	w.exhibits(store.DeclaredEdition{Series: "Fair", Edition: "2025", Opens: date(2025, 7, 1), Closes: date(2025, 7, 4), AreaCost: &costOfArea, Currency: "EUR"})
	exhibits := func(edition, who string) *line {
		return took("Fair", edition, "Exhibitor").under(who).set("currency", "EUR")
	}
	w.load(from("crm", exhibits("2023", "A").set("net", 100).set("area", 10), exhibits("2024", "A").set("net", 200).set("area", 20), exhibits("2025", "A").set("net", 400).set("area", 40),
		exhibits("2025", "C").set("net", 7), exhibits("2025", "H").set("area", 10_000)))
	w.load(from("crm", visited("Fair", "2025").who("person").under("V")))
	// Nobody knows when the edition 2030 is.
	w.load(from("crm", stand("B-1", "2030").under("G").set("net", 5_000).set("currency", "EUR")))
	w.load(from("crm",
		entry("T-1").under("B").set("revenue", 1_000),
		entry("T-2").under("B").set("revenue", 50).set("discount", 5).set("productCost", 20).set("at", day(2025, 3, 1)),
		// What is paid before the span of time for an edition in it is in it.
		entry("T-3").under("C").set("revenue", 300).edition("Fair", "2025"),
		entry("T-4").under("H").set("revenue", 7_000).edition("Fair", "2025"), entry("T-5").under("H").set("revenue", 1_000).edition("Fair", "2025").set("at", day(2025, 3, 1)),
		// And what is paid in it for one before is not.
		entry("T-6").under("E").set("revenue", 90).edition("Fair", "2023").set("at", day(2025, 3, 1))))
	w.load(from("crm", touch("I-1").under("D").set("cost", 9).set("currency", "EUR").set("at", day(2025, 2, 1)), touch("I-2").under("D").set("cost", 70).set("currency", "EUR")))
	w.refresh()
	const since = 583
	for name, test := range map[string]struct {
		measure           store.WindowedMeasure
		lately, ever, all string
	}{
		"Participations": {store.WindowedParticipations, "A2 B0 C1 D0 E0 G0 H1 V1", "A3 B0 C1 D0 E0 G0 H1 V1", "p.participations"},
		"BoothArea":      {store.WindowedBoothArea, "A60 B0 CUnknown D0 E0 G0 H10000 V0", "A70 B0 CUnknown D0 E0 G0 H10000 V0", ""},
		"Revenue":        {store.WindowedRevenue, "A600 B45 C300 DUnknown E0 GUnknown H8000 VUnknown", "A700 B1045 C300 DUnknown E90 GUnknown H8000 VUnknown", "p.revenue - p.discount"},
		// Of A's, only what 2025 brought is costed.
		"NetProfit": {store.WindowedNetProfit, "A382 B25 CUnknown D-9 EUnknown GUnknown H3500 VUnknown", "A382 B25 CUnknown D-79 EUnknown GUnknown H3500 VUnknown", "p.net_profit"},
	} {
		lately := under(name, within(everyone, test.measure, since))
		w.evaluate(lately)
		w.expectMembers(name, test.lately, "")
		w.expectQuiet(name, lately)
		w.evaluate(defined("2", under(name, within(everyone, test.measure, 36_500))))
		w.expectMembers(name, test.ever, "")
		if test.all == "" {
			continue
		}
		w.expectNumber(0, name+": members whose sum over a century is not that of the profile", `SELECT count(*) FROM segment_member m JOIN customer_profile p ON p.customer_id = m.customer_id
			JOIN party y ON y.id = p.customer_id WHERE m.segment = $1 AND y.code <> 'G' AND m.class <> coalesce(CAST(`+test.all+` AS TEXT), 'Unknown')`, name)
	}
	// An edition that the predicate names is laid out beside.
	both := ofEdition("both", "Fair", "2025", "k.took_part = 1")
	w.evaluate(within(both, store.WindowedParticipations, since))
	w.expectMembers("both", "A2 C1 H1 V1", "")
	figures, err := w.SegmentFigures(t.Context(), under("BoothArea", within(everyone, store.WindowedBoothArea, since)))
	if err != nil || len(figures.Missing) != 1 || figures.Missing[0].Members != 1 {
		t.Errorf("the figures of a measure over a span of time are %+v, %v", figures, err)
	}
}

// testFewOfMany: where few of many changed, those around them are looked at alone, and
// where the record of members is wrong it is mended.
func testFewOfMany(t *testing.T, w *world) {
	const customers = 300
	var lines []*line
	for n := range customers {
		lines = append(lines, took("Fair", "2024", "Exhibitor").under(fmt.Sprint("K-", n)).named(fmt.Sprint("Firm ", n), "FR"))
	}
	w.load(yearly("Fair", 2023, 2025))
	w.load(from("crm", lines...))
	w.refresh()
	plain, split, ranked := under("plain", cameTo("", 1)), under("split", byFrequency(cameTo("", 1))), under("ranked", halves(cameTo("", 1)))
	for _, s := range []store.Segment{plain, split, ranked} {
		w.evaluate(s)
	}
	for n := range 4 {
		w.later()
		w.exec(`UPDATE customer_profile SET participations = $1 WHERE customer_id IN (SELECT p.id FROM party p ORDER BY p.id LIMIT 2 OFFSET $2)`, []int64{0, 5, 1, 4}[n], n*40)
		// It is not known who changed.
		w.exec(`UPDATE segment SET sequence = -5`)
		for _, s := range []store.Segment{plain, split, ranked} {
			if done := w.evaluateOnce("few of many", s); done.Looked != -1 {
				t.Errorf("%s: %+v", s.Name, done)
			}
			w.expectWhole("few of many", s)
		}
	}
	if w.number(`SELECT count(digest) FROM segment`) == 0 {
		return
	}
	w.exec(`UPDATE segment SET sequence = -5, members = 7`)
	for _, s := range []store.Segment{plain, split, ranked} {
		w.evaluate(s)
		w.expectWhole("after a wrong record", s)
	}
}

// testClasses: who is in another class moved, and is a member as before.
func testClasses(t *testing.T, w *world) {
	twoExhibitors(w)
	w.refresh()
	split := byFrequency(everyone)
	w.expectEvaluated(split, store.Evaluated{Baseline: true, Looked: -1, Members: 2})
	w.expectMembers("everyone", "Aseldom Bseldom", "")
	w.expectQuiet("after the baseline", split)
	entered := w.number(`SELECT min(entered_at) FROM segment_member`)
	best := segmentOf("best", "EXISTS (SELECT 1 FROM segment_member m WHERE m.segment = @other AND m.customer_id = p.customer_id AND m.class = @class)",
		map[string]any{"other": "everyone", "class": "often"})
	best.Asks = []string{"everyone"}
	w.expectEvaluated(best, store.Evaluated{Baseline: true, Looked: -1})

	w.later()
	w.load(from("crm", took("Fair", "2025", "Exhibitor")))
	w.refresh()
	w.expectEvaluated(split, store.Evaluated{Moved: 1, Looked: 1, Members: 2})
	w.expectMembers("everyone", "Aoften Bseldom", "Aseldom>often")
	w.expectNumber(entered, "entered at", `SELECT max(entered_at) FROM segment_member WHERE segment = 'everyone'`)
	w.expectWhole("after one moved", split)
	w.expectEvaluated(best, store.Evaluated{Entered: 1, Looked: 1, Members: 1})
	w.expectQuiet("after one moved", split, best)

	// Somebody of whom nothing is known comes, and A goes.
	w.load(from("crm", organization("Comac", "CN").under("C").says("code", "C")))
	w.load(from("crm", entry("T-1").under("C").set("revenue", 1)))
	w.refresh()
	w.expectEvaluated(split, store.Evaluated{Entered: 1, Looked: 1, Members: 3})
	w.expectMembers("everyone", "Aoften Bseldom CUnknown", "Aseldom>often +CUnknown")
	if _, err := w.Erase(t.Context(), "A", "asked for", "tester"); err != nil {
		t.Fatal(err)
	}
	w.refresh()
	w.evaluate(split)
	w.expectWhole("after an erasure", split)

	// Without classes, and with them again, are other definitions.
	w.expectEvaluated(defined("2", everyone), store.Evaluated{Baseline: true, Looked: -1, Members: 2})
	w.expectWhole("without classes", defined("2", everyone))
	w.expectEvaluated(defined("3", split), store.Evaluated{Baseline: true, Looked: -1, Members: 2})
	w.expectWhole("with classes again", defined("3", split))
	w.expectQuiet("with classes again", defined("3", split))
}

// testRanked: one who changes may move others, so that all are looked at when anybody
// changed, and nobody when none did.
func testRanked(_ *testing.T, w *world) {
	twoExhibitors(w)
	w.refresh()
	ranked := halves(everyone)
	w.expectEvaluated(ranked, store.Evaluated{Baseline: true, Looked: -1, Members: 2})
	w.expectMembers("everyone", "Aupper Blower", "")
	w.expectQuiet("after the baseline", ranked)
	w.load(from("crm", took("Fair", "2025", "Exhibitor").under("B")))
	w.refresh()
	w.expectEvaluated(ranked, store.Evaluated{Moved: 2, Looked: -1, Members: 2})
	w.expectMembers("everyone", "Alower Bupper", "Aupper>lower Blower>upper")
	w.expectWhole("after two moved", ranked)
	w.expectQuiet("after two moved", ranked)
}

// testMoves counts from where somebody came to where it is now, whatever lies between.
func testMoves(t *testing.T, w *world) {
	twoExhibitors(w)
	w.refresh()
	split := byFrequency(cameTo("twice", 2))
	w.evaluate(split)
	start := *w.clock
	expect := func(since time.Time, want ...string) {
		t.Helper()
		moves, err := w.SegmentMoves(t.Context(), "twice", since)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, move := range moves {
			text := ""
			for _, class := range []*string{move.From, move.To} {
				if class == nil {
					text += " none"
				} else {
					text += " " + *class
				}
			}
			if move.Members != 1 {
				t.Errorf("%d members moved%s", move.Members, text)
			}
			got = append(got, text)
		}
		if len(got) != len(want) {
			t.Errorf("the moves are %q, want %q", got, want)
			return
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("the moves are %q, want %q", got, want)
			}
		}
	}
	expect(start)
	w.later()
	w.load(from("crm", took("Fair", "2025", "Exhibitor")))
	w.refresh()
	w.evaluate(split)
	expect(start, " seldom often")
	w.later()
	between := *w.clock
	// A is as it was, and B gone.
	w.load(from("crm", took("Fair", "2025", "Exhibitor").under("X").named("Xian", "CN")).complete(store.EditionsInFile))
	w.load(from("crm", took("Fair", "2023", "Exhibitor")).complete(store.EditionsInFile))
	w.refresh()
	w.evaluate(split)
	expect(start, " seldom none")
	expect(between, " often seldom", " seldom none")
	w.evaluate(defined("2", split))
	expect(start)
	if _, err := w.SegmentMoves(t.Context(), "another", start); err != nil {
		t.Error(err)
	}
}
