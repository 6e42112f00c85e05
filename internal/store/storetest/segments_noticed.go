package storetest

import (
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// graded are customers of whom an attribute says so.
func graded(name, value string) store.Segment {
	s := segmentOf(name, "(ATTRIBUTES OF y ->> @name) = @value", map[string]any{"name": "grade", "value": value})
	s.Predicate.Joins = "LEFT JOIN party y ON y.id = p.customer_id"
	return s
}

// onList are customers on a list.
func onList(name, list string) store.Segment {
	return segmentOf(name, "EXISTS (SELECT 1 FROM list_member l WHERE l.list = @list AND l.party_id = p.customer_id AND l.withdrawn_at IS NULL)", map[string]any{"list": list})
}

// ofSeries are customers by a figure of the series Fair, in the role that they took part
// in most.
func ofSeries(name, condition string) store.Segment {
	s := segmentOf(name, condition, map[string]any{"series": "Fair"})
	s.Predicate.Joins = "LEFT JOIN customer_series_profile s1 ON s1.customer_id = p.customer_id AND s1.series = @series AND s1.main"
	return s
}

// ofEdition are customers by what is laid out of an edition.
func ofEdition(name, series, edition, condition string) store.Segment {
	s := segmentOf(name, "EXISTS (SELECT 1 FROM segment_took k WHERE k.customer_id = p.customer_id AND k.series = @series AND k.edition = @edition AND "+condition+")",
		map[string]any{"series": series, "edition": edition})
	s.Predicate.Editions = []store.NamedEdition{{Series: series, Edition: edition}}
	return s
}

// listed is a party on a list.
func listed(list, key string) *line {
	return row("listMember").set("list", list).who("party").under(key)
}

// grade is what a source says of B.
func grade(value string) *line {
	l := organization("Boeing", "US").under("B").says("code", "B")
	if value != "" {
		l.attribute("grade", customer.Text, value)
	}
	return l
}

func (w *world) reportInEuro() {
	w.t.Helper()
	if err := w.ReportIn(w.t.Context(), "EUR"); err != nil {
		w.t.Fatal(err)
	}
}

// noticed is something that members follow from.
type noticed struct {
	what    string
	segment store.Segment
	// begin comes before the first evaluation, and then happens what is noticed.
	begin, then    func(w *world)
	members, moves string
}

// testNoticed: whatever a predicate follows from, an evaluation of those alone whom
// refreshes looked at finds who entered and who left. In the beginning there are A and
// B, who took part in 2023 and 2024.
func testNoticed(t *testing.T, w *world) {
	for _, test := range []noticed{
		{
			what: "a figure", segment: cameTo("x", 3),
			then:    func(w *world) { w.load(from("crm", took("Fair", "2025", "Exhibitor"))) },
			members: "A", moves: "+A",
		},
		{
			what: "a figure that is absent now", segment: segmentOf("x", "p.revenue >= @amount", map[string]any{"amount": int64(1)}),
			begin: func(w *world) {
				w.reportInEuro()
				w.load(from("crm", entry("T-1").set("revenue", 1), entry("T-2").set("revenue", 1).under("B")))
			},
			then:    func(w *world) { w.load(from("crm", entry("T-1").set("revenue", 1)).complete(store.WholeSource)) },
			members: "A", moves: "-B",
		},
		{
			what: "who has no profile any more", segment: everyone,
			begin: func(w *world) {
				w.load(from("crm", entry("T-1").set("revenue", 1).named("Comac", "CN").under("C").says("code", "C")))
			},
			then:    func(w *world) { w.load(from("crm", entry("T-2").set("revenue", 1)).complete(store.WholeSource)) },
			members: "A B", moves: "-C",
		},
		{
			what: "who has a profile now", segment: everyone,
			begin:   func(w *world) { w.load(from("crm", organization("Comac", "CN").under("C").says("code", "C"))) },
			then:    func(w *world) { w.load(from("crm", entry("T-1").set("revenue", 1).under("C"))) },
			members: "A B C", moves: "+C",
		},
		{
			what: "a figure of a series", segment: ofSeries("x", "s1.missed_editions = 1"),
			then:    func(w *world) { w.load(from("crm", took("Fair", "2025", "Exhibitor"))) },
			members: "B", moves: "-A",
		},
		{
			what: "the role in a series", segment: ofSeries("x", "s1.role = 'Sponsor'"),
			then: func(w *world) {
				w.load(from("crm", took("Fair", "2023", "Sponsor"), took("Fair", "2024", "Sponsor"), took("Fair", "2025", "Sponsor")))
			},
			members: "A", moves: "+A",
		},
		{
			what: "an attribute", segment: graded("x", "gold"),
			then:    func(w *world) { w.load(from("crm", grade("gold"))) },
			members: "B", moves: "+B",
		},
		{
			what: "an attribute that is not said any more", segment: graded("x", "gold"),
			begin: func(w *world) { w.load(from("crm", grade("gold"))) },
			then:  func(w *world) { w.load(from("crm", grade(""))) },
			moves: "-B",
		},
		{
			what: "an attribute by the trust in its source", segment: graded("x", "gold"),
			begin: func(w *world) {
				w.load(from("crm", grade("silver")))
				w.load(from("survey", grade("gold")).trusted(10))
			},
			then:    func(w *world) { w.load(from("survey", grade("gold")).trusted(90)) },
			members: "B", moves: "+B",
		},
		{
			what: "an attribute of a source that says nothing of the party any more", segment: graded("x", "gold"),
			begin: func(w *world) { w.load(from("survey", grade("gold"))) },
			then:  func(w *world) { w.load(from("survey", organization("Comac", "CN")).complete(store.WholeSource)) },
			moves: "-B",
		},
		{
			what: "an attribute that comes by a merge", segment: graded("x", "gold"),
			begin:   func(w *world) { w.load(from("crm", grade("gold"))) },
			then:    func(w *world) { w.merge("A", "B") },
			members: "A", moves: "+A -B",
		},
		{
			what: "a list", segment: onList("x", "VIP"),
			then:    func(w *world) { w.load(from("crm", listed("VIP", "A"), listed("other", "B"))) },
			members: "A", moves: "+A",
		},
		{
			what: "who is not on a list any more", segment: onList("x", "VIP"),
			begin:   func(w *world) { w.load(from("crm", listed("VIP", "A"), listed("VIP", "B"))) },
			then:    func(w *world) { w.load(from("crm", listed("VIP", "A")).complete(store.WholeSource)) },
			members: "A", moves: "-B",
		},
		{
			what: "a row of a list that means another", segment: onList("x", "VIP"),
			begin:   func(w *world) { w.load(from("crm", listed("VIP", "A").keyed("L-1"))) },
			then:    func(w *world) { w.load(from("crm", listed("VIP", "B").keyed("L-1"))) },
			members: "B", moves: "+B -A",
		},
		{
			what: "a preference", segment: segmentOf("x", "EXISTS (SELECT 1 FROM customer_preference f WHERE f.customer_id = p.customer_id AND f.value = @value)", map[string]any{"value": "by the door"}),
			then: func(w *world) {
				w.load(from("crm", row("preference").keyed("P-1").set("name", "stand").set("value", "by the door").who("party").under("A")))
			},
			members: "A", moves: "+A",
		},
		{
			what: "who was merged away", segment: everyone,
			then:    func(w *world) { w.merge("A", "B") },
			members: "A", moves: "-B",
		},
		{
			what: "the undoing of a merge", segment: everyone,
			begin:   func(w *world) { w.merge("A", "B") },
			then:    func(w *world) { w.unmerge(1) },
			members: "A B", moves: "+B",
		},
		{
			what: "who was erased leaves without a word", segment: everyone,
			then:    func(w *world) { w.erase("B") },
			members: "A",
		},
		{
			what: "an edition that was cancelled", segment: ofEdition("x", "Fair", "2024", "k.took_part = 1"),
			then:  func(w *world) { w.load(yearly("Fair", 2023, 2025, "2024")) },
			moves: "-A -B",
		},
		{
			what: "an edition that is declared to be over", segment: ofEdition("x", "Fair", "2026", "k.took_part = 1"),
			begin: func(w *world) { w.load(yearly("Fair", 2026, 2026)); w.load(from("crm", stand("B-1", "2026"))) },
			then: func(w *world) {
				w.exhibits(store.DeclaredEdition{Series: "Fair", Edition: "2026", Opens: date(2026, 1, 2), Closes: date(2026, 1, 4)})
			},
			members: "A", moves: "+A",
		},
		{
			what: "an edition that has closed", segment: ofEdition("x", "Fair", "2026", "k.took_part = 1"),
			begin:   func(w *world) { w.load(yearly("Fair", 2026, 2026)); w.load(from("crm", stand("B-1", "2026"))) },
			then:    func(w *world) { *w.clock = date(2026, 7, 5) },
			members: "A", moves: "+A",
		},
		{
			what: "a booking that is cancelled", segment: ofEdition("x", "Fair", "2026", "k.booked = 1"),
			begin: func(w *world) { w.load(from("crm", stand("B-1", "2026"))) },
			then:  func(w *world) { w.load(from("crm", status("B-1", "Cancelled", 1))) },
			moves: "-A",
		},
		{
			what: "the reporting currency", segment: segmentOf("x", "p.revenue >= @amount", map[string]any{"amount": int64(1)}),
			begin:   func(w *world) { w.load(from("crm", entry("T-1").set("revenue", 1))) },
			then:    func(w *world) { w.reportInEuro() },
			members: "A", moves: "+A",
		},
		{
			what: "an exchange rate", segment: segmentOf("x", "p.revenue >= @amount", map[string]any{"amount": int64(1)}),
			begin: func(w *world) {
				w.reportInEuro()
				w.load(from("crm", entry("T-1").set("revenue", 100).set("currency", "USD")))
			},
			then:    func(w *world) { w.load(from("crm", rate("USD", "EUR", 1, 900_000_000))) },
			members: "A", moves: "+A",
		},
	} {
		t.Run(strings.ReplaceAll(test.what, " ", "_"), func(t *testing.T) { test.run(w.in(t)) })
	}
}

func (n noticed) run(w *world) {
	w.t.Helper()
	twoExhibitors(w)
	if n.begin != nil {
		n.begin(w)
	}
	w.refresh()
	w.evaluate(n.segment)
	n.then(w)
	w.refresh()
	if done := w.evaluate(n.segment); done.Looked < 1 || done.Baseline {
		w.t.Errorf("it evaluated %+v", done)
	}
	w.expectMembers(n.segment.Name, n.members, n.moves)
	w.expectQuiet("afterwards", n.segment)
	w.expectWhole("afterwards", n.segment)
}
