package storetest

import (
	"fmt"
	"testing"

	"github.com/fairlead/fairlead/internal/measure"
	"github.com/fairlead/fairlead/internal/store"
)

// testMeasures holds what is measured of an edition to a hand-made one. As of 2026-01-05
// the edition 2025 has closed, 2024 is the one before, and 2026 the next.
func testMeasures(t *testing.T, s *suite) {
	t.Run("Retention", func(t *testing.T) { testRetention(t, s.world(t)) })
	t.Run("CancelledEdition", func(t *testing.T) { testCancelledEdition(t, s.world(t)) })
	t.Run("Pace", func(t *testing.T) { testPace(t, s.world(t)) })
	t.Run("Stayers", func(t *testing.T) { testStayers(t, s.world(t)) })
	t.Run("Cohorts", func(t *testing.T) { testCohorts(t, s.world(t)) })
	t.Run("Satisfaction", func(t *testing.T) { testSatisfaction(t, s.world(t)) })
	t.Run("Complaints", func(t *testing.T) { testComplaints(t, s.world(t)) })
	t.Run("UnknownEdition", func(t *testing.T) {
		w := s.world(t)
		w.load(yearly("Fair", 2024, 2025))
		if measured, err := measure.OfEdition(t.Context(), w.Store, store.EditionSpan{Series: "Fair", Edition: "1999", Previous: "2024"}); err != nil || measured != nil {
			t.Errorf("of an edition that nobody knows was measured %+v, %v", measured, err)
		}
		empty := w.measured("2025")
		if fmt.Sprint(*empty) != fmt.Sprint(measure.Edition{}) {
			t.Errorf("of an edition without anybody was measured %+v", *empty)
		}
		for opens, want := range map[int]string{2024: "", 2025: "2024", 2026: "2025"} {
			if before, err := w.EditionBefore(t.Context(), "Fair", date(opens, 7, 1)); err != nil || before != want {
				t.Errorf("before %d was %q, %v; want %q", opens, before, err, want)
			}
		}
	})
}

// measured measures an edition of Fair against the one a year before.
func (w *world) measured(edition string) *measure.Edition {
	w.t.Helper()
	var year int
	if _, err := fmt.Sscan(edition, &year); err != nil {
		w.t.Fatal(err)
	}
	before := w.everything()
	found, err := measure.OfEdition(w.t.Context(), w.Store, store.EditionSpan{Series: "Fair", Edition: edition, Previous: fmt.Sprint(year - 1)})
	if err != nil || found == nil {
		w.t.Fatalf("measuring %s: %v", edition, err)
	}
	if after := w.everything(); after != before {
		w.t.Errorf("measuring wrote:\n%s", differences(after, before))
	}
	return found
}

func testRetention(t *testing.T, w *world) {
	w.reportInEuro()
	*w.clock = date(2026, 1, 5)
	w.load(yearly("Fair", 2023, 2026))
	exhibits := func(edition, who string, area, net int) *line {
		return took("Fair", edition, "Exhibitor").under(who).named("Firm "+who, "FR").set("currency", "EUR").set("area", area).set("net", net)
	}
	w.load(from("crm",
		exhibits("2023", "A", 900, 90), exhibits("2024", "A", 1_000, 100), exhibits("2025", "A", 1_500, 120),
		exhibits("2024", "B", 3_000, 300),
		exhibits("2025", "C", 700, 70),
		exhibits("2023", "D", 500, 50), exhibits("2025", "D", 400, 40),
		// F was called otherwise the year before.
		exhibits("2024", "F1", 1_000, 100), exhibits("2025", "F2", 500, 60),
		// G has cancelled, H asks, and X was another kind of participant before.
		exhibits("2024", "G", 2_000, 200).set("status", "Attended"), exhibits("2025", "G", 0, 0).set("status", "Cancelled"),
		exhibits("2025", "H", 0, 0).set("status", "Enquired"),
		took("Fair", "2024", "Visitor").under("X").named("Firm X", "FR"), exhibits("2025", "X", 100, 10)))
	w.merge(w.codeOf("crm", "F2"), w.codeOf("crm", "F1"))
	// E stood on another's stand the year before, and A booked the next while it was there.
	w.load(from("crm", stand("B-1", "2024").under("E").named("Firm E", "FR").set("parent", "B-9"), stand("B-2", "2025").under("E"),
		stand("B-3", "2026").under("A").set("at", day(2025, 7, 4)), stand("B-4", "2026").under("C").set("at", day(2025, 7, 5))))
	// A's transactions stand before what the list says.
	w.load(from("crm", entry("T-1").edition("Fair", "2025").set("revenue", 200).set("discount", 20)))
	found := w.measured("2025")

	sum := func(n int64) measure.Sum { return measure.Sum{Int64: n, Valid: true} }
	want := []measure.Participation{{
		Role: "Exhibitor", Enquired: 1, Contracted: 6, Attended: 6, Cancelled: 1,
		// A, F and E were there before; D two years ago; C and X never as exhibitors.
		Returning: 3, Reactivated: 1, New: 2, Rebooked: 2, OnSite: 1,
		Area: sum(1_500 + 700 + 400 + 500 + 100), Gross: sum(200 + 70 + 40 + 60 + 10), Net: sum(180 + 70 + 40 + 60 + 10),
	}}
	if fmt.Sprint(found.Participation) != fmt.Sprint(want) {
		t.Errorf("participation is %+v, want %+v", found.Participation, want)
	}
	retention := []measure.Retention{
		// A, B, E, F and G were there; E not on its own account. A and F came again.
		{
			Role: "Exhibitor", Previous: 5, Eligible: 4, Returned: 2, ByKey: 1,
			Area: measure.Ratio{Part: 2_000, Whole: 7_000}, Gross: measure.Ratio{Part: 260, Whole: 700}, Net: measure.Ratio{Part: 240, Whole: 700},
		},
		{Role: "Visitor", Previous: 1, Eligible: 1},
	}
	if fmt.Sprint(found.Retention) != fmt.Sprint(retention) {
		t.Errorf("retention is %+v, want %+v", found.Retention, retention)
	}
	if lost := found.Retention[0].Lost(); lost != 2 {
		t.Errorf("%d are lost, want 2", lost)
	}
	// Without a previous edition nobody returned, and all who are not new come back after a while.
	first, err := measure.OfEdition(t.Context(), w.Store, store.EditionSpan{Series: "Fair", Edition: "2025"})
	if err != nil || len(first.Retention) != 0 || first.Participation[0].Returning != 0 || first.Participation[0].Reactivated != 4 {
		t.Errorf("without a previous edition there is %+v, %v", first, err)
	}
}

// testCancelledEdition: nobody can come back to what is not held.
func testCancelledEdition(t *testing.T, w *world) {
	*w.clock = date(2026, 1, 5)
	w.load(yearly("Fair", 2023, 2026, "2025"))
	w.load(from("crm", took("Fair", "2024", "Exhibitor"), took("Fair", "2025", "Exhibitor")))
	found := w.measured("2025")
	if fmt.Sprint(found.Retention) != fmt.Sprint([]measure.Retention{{Role: "Exhibitor", Previous: 1}}) {
		t.Errorf("retention is %+v", found.Retention)
	}
	if len(found.Participation) != 0 {
		t.Errorf("participation is %+v", found.Participation)
	}
}

func testSatisfaction(t *testing.T, w *world) {
	w.load(yearly("Fair", 2024, 2025))
	about := func(key, dimension, who string, of int) *line {
		return answer(key, dimension, of).edition("Fair", "2025").under(who).named("Firm "+who, "FR")
	}
	w.load(from("crm",
		// The last of two answers counts.
		about("1", "recommendation", "A", 1).set("survey", "first").set("score", 300), about("2", "recommendation", "A", 2).set("score", 900),
		about("3", "recommendation", "B", 1).set("score", 600), about("4", "recommendation", "C", 1).set("score", 800),
		// Elsewhere, and off the scale.
		answer("5", "recommendation", 3).edition("Fair", "2024").under("A").set("score", 0), about("6", "recommendation", "D", 3).set("score", 1_100),
		// What was expected was asked before.
		about("7", "price", "A", 1).set("wave", "Before").set("expected", 400), about("8", "price", "A", 9).set("wave", "After").set("perceived", 350),
		about("9", "service", "A", 9).set("expected", 300).set("perceived", 400),
		about("10", "price", "B", 9).set("expected", 500).set("perceived", 400),
		// Only one of the two.
		about("11", "price", "C", 9).set("perceived", 100), about("12", "technical", "C", 9).set("expected", 100)))
	vendor := about("13", "catering", "B", 9).set("expected", 300).set("perceived", 100)
	w.load(from("crm", vendor.who("vendor").under("V").named("Caterer", "FR").says("code", "V-1")))
	s := w.measured("2025").Satisfaction
	if s.Responses != 4 || s.Recommendation != (measure.Recommendation{Promoters: 1, Detractors: 1, Answers: 3}) {
		t.Errorf("%d responses, and they recommend: %+v", s.Responses, s.Recommendation)
	}
	// A: -50 and 100; B: -100 and -200.
	if s.Satisfied != (measure.Ratio{Part: 1, Whole: 2}) || s.Gap != (measure.Mean{Sum: -250, Count: 4}) {
		t.Errorf("satisfied are %+v, and the gap is %+v", s.Satisfied, s.Gap)
	}
	want := []measure.Gap{{Name: "catering", Customers: 1, Mean: measure.Mean{Sum: -200, Count: 1}}, {Name: "price", Customers: 2, Mean: measure.Mean{Sum: -150, Count: 2}}, {Name: "service", Customers: 1, Mean: measure.Mean{Sum: 100, Count: 1}}}
	if fmt.Sprint(s.Dimensions) != fmt.Sprint(want) || len(s.Questions) != 3 {
		t.Errorf("by dimension the gaps are %+v, want %+v; by question %+v", s.Dimensions, want, s.Questions)
	}
	if fmt.Sprint(s.Vendors) != fmt.Sprint([]measure.Gap{{Name: "V-1", Customers: 1, Mean: measure.Mean{Sum: -200, Count: 1}}}) {
		t.Errorf("by vendor the gaps are %+v", s.Vendors)
	}
}

func testComplaints(t *testing.T, w *world) {
	*w.clock = date(2026, 1, 5)
	w.load(yearly("Fair", 2024, 2026))
	complaint := func(key, who, cause string) *line {
		l := row("complaint").keyed(key).edition("Fair", "2025").set("opened", day(2025, 7, 2)).who("customer").under(who).named("Firm "+who, "FR")
		if cause != "" {
			l.set("cause", cause)
		}
		return l
	}
	w.load(from("crm",
		complaint("1", "A", "queue").set("due", day(2025, 7, 9)).set("firstAnswer", day(2025, 7, 3)).set("resolved", day(2025, 7, 9)).set("outcome", "Solved"),
		complaint("2", "B", "queue").set("due", day(2025, 7, 9)).set("firstAnswer", day(2025, 7, 10)).set("resolved", day(2025, 7, 10)).set("outcome", "Rejected"),
		complaint("3", "A", "food").set("due", day(2025, 7, 9)),
		// Not due yet, and due never.
		complaint("4", "C", "").set("due", day(2026, 7, 9)), complaint("5", "C", "").set("firstAnswer", day(2025, 7, 3)).set("resolved", day(2025, 7, 3)).set("outcome", "Solved"),
		complaint("6", "C", "food").edition("Fair", "2024")))
	w.load(from("crm", stand("B-1", "2026").under("A")))
	w.load(from("crm", took("Fair", "2025", "Exhibitor"), took("Fair", "2025", "Exhibitor").under("C")))
	w.load(from("crm", row("referral").keyed("R-1").edition("Fair", "2025").set("at", day(2025, 1, 1)).who("referrer").under("A").who("referred").under("C"),
		row("referral").keyed("R-2").edition("Fair", "2025").set("at", day(2025, 1, 1)).who("referrer").under("B").who("referred").under("C"),
		row("referral").keyed("R-3").edition("Fair", "2025").set("at", day(2025, 1, 1)).who("referrer").under("A").who("referred").under("B")))
	found := w.measured("2025")
	want := measure.Complaints{
		Total: 5, Open: 2, Late: 1, Answered: measure.Ratio{Part: 1, Whole: 3}, Resolved: measure.Ratio{Part: 1, Whole: 3},
		Causes:   []measure.Cause{{Name: "", Complaints: 2}, {Name: "queue", Complaints: 2}, {Name: "food", Complaints: 1}},
		Outcomes: []measure.Outcome{{Name: "", Rebooked: measure.Ratio{Part: 1, Whole: 2}}, {Name: "Rejected", Rebooked: measure.Ratio{Whole: 1}}, {Name: "Solved", Rebooked: measure.Ratio{Part: 1, Whole: 2}}},
	}
	if fmt.Sprint(found.Complaints) != fmt.Sprint(want) {
		t.Errorf("complaints are %+v, want %+v", found.Complaints, want)
	}
	if found.Complaints.Silent() != 130 {
		t.Errorf("%d may be silent", found.Complaints.Silent())
	}
	if found.Referrals != (measure.Ratio{Part: 1, Whole: 2}) {
		t.Errorf("referrals are %+v", found.Referrals)
	}
}
