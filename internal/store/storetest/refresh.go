package storetest

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

func testRefresh(t *testing.T, s *suite) {
	t.Run("OnlyWhoChanged", func(t *testing.T) { testOnlyWhoChanged(t, s.world(t)) })
	t.Run("QuietStore", func(t *testing.T) { testQuietStore(t, s.world(t)) })
	t.Run("BrokenOff", func(t *testing.T) { testBrokenOff(t, s.world(t)) })
	t.Run("TimeGoesBy", func(t *testing.T) { testTimeGoesBy(t, s.world(t)) })
	t.Run("WhoCountsTheMerged", func(t *testing.T) { testWhoCountsTheMerged(t, s.world(t)) })
	t.Run("WhatMoves", func(t *testing.T) { testWhatMoves(t, s.world(t)) })
	t.Run("DeclaredDuringAnImport", func(t *testing.T) { testDeclaredDuringAnImport(t, s.world(t)) })
	t.Run("CheckNamesWhatDiffers", func(t *testing.T) { testCheckNames(t, s.world(t)) })
	t.Run("Freshness", func(t *testing.T) { testFreshness(t, s.world(t)) })
	t.Run("ReportingCurrency", func(t *testing.T) { testReportingCurrency(t, s.world(t)) })
}

// twoExhibitors are A and B, who both came to two editions.
func twoExhibitors(w *world) {
	w.t.Helper()
	w.load(from("crm", organization("Airbus", "FR").under("A").says("code", "A"), organization("Boeing", "US").under("B").says("code", "B")))
	w.load(yearly("Fair", 2023, 2025))
	for _, edition := range []string{"2023", "2024"} {
		w.load(from("crm", took("Fair", edition, "Exhibitor"), took("Fair", edition, "Exhibitor").under("B")))
	}
}

// testOnlyWhoChanged: a refresh takes up the marked alone, and a row that comes out
// as it was keeps its generation. A change beside a customer's own row counts too.
func testOnlyWhoChanged(t *testing.T, w *world) {
	twoExhibitors(w)
	if first := w.refresh(); first.Changed != 2 || first.Generation == 0 {
		t.Fatalf("the first refresh did %+v", first)
	}
	generation := func(code string) int64 {
		return w.number(`SELECT generation FROM customer_profile c JOIN party p ON p.id = c.customer_id WHERE p.code = $1`, code)
	}
	was := generation("B")
	w.load(from("crm", took("Fair", "2025", "Exhibitor")))
	if done := w.refresh(); done.Looked != 1 || done.Changed != 1 || generation("A") != done.Generation || generation("B") != was {
		t.Errorf("after a change of A the refresh did %+v; A is of %d, B of %d", done, generation("A"), generation("B"))
	}
	// The same again changes nothing.
	before := generation("A")
	w.exec(`INSERT INTO change_mark (parties) SELECT '[' || id || ']' FROM party`)
	if done := w.refresh(); done.Looked != 2 || done.Changed != 0 || done.Generation != 0 || generation("A") != before {
		t.Errorf("a refresh of what is fresh did %+v", done)
	}
	// Of an answer without a score only the row of its dimension tells.
	w.load(from("crm", answer("F-1", "service", 1).set("perceived", 100)))
	w.refresh()
	before = generation("A")
	w.load(from("crm", answer("F-1", "service", 1).set("perceived", 200)))
	if done := w.refresh(); done.Changed != 1 || generation("A") != done.Generation || generation("A") == before {
		t.Errorf("after a change beside A's row the refresh did %+v; A is of %d", done, generation("A"))
	}
	w.load(from("crm", answer("F-1", "service", 1).set("comment", "withdrawn")).complete(store.WholeSource))
	if done := w.refresh(); done.Changed != 1 || generation("A") != done.Generation {
		t.Errorf("after a row beside A's was lost the refresh did %+v; A is of %d", done, generation("A"))
	}
	// Who is no customer any more loses the profile.
	w.erase("B")
	w.expectNumber(1, "profiles right after an erasure", `SELECT count(*) FROM customer_profile`)
	w.refresh()
	w.expectNumber(1, "profiles", `SELECT count(*) FROM customer_profile`)
	w.expectNumber(1, "profiles by series", `SELECT count(*) FROM customer_series_profile`)
}

// testQuietStore: without a change nothing is written.
func testQuietStore(t *testing.T, w *world) {
	twoExhibitors(w)
	edition := store.DeclaredEdition{Series: "Fair", Edition: "2025", Opens: date(2025, 7, 1), Closes: date(2025, 7, 5)}
	w.exhibits(edition)
	w.refresh()
	before := w.everything()
	for range 3 {
		w.exhibits(edition)
		if done := w.refresh(); done != (store.Refreshed{}) {
			t.Errorf("a refresh of a quiet store did %+v", done)
		}
	}
	if after := w.everything(); after != before {
		t.Errorf("a refresh of a quiet store wrote:\n%s", differences(after, before))
	}
}

// testBrokenOff breaks refreshes off at one moment after the other: none of them
// loses a mark, and none writes a part.
func testBrokenOff(t *testing.T, w *world) {
	random := rand.New(rand.NewPCG(5, 5))
	w.beginHistory(random)
	broken := 0
	for n := range 25 {
		w.load(randomProfileFile(random))
		w.exec(`INSERT INTO change_mark (parties) SELECT '[' || id || ']' FROM party`)
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n*n)*100*time.Microsecond)
		if _, err := w.another().Refresh(ctx); err != nil {
			broken++
		}
		cancel()
		if n%5 == 4 {
			w.refresh()
			w.expectFresh("after refreshes that were broken off")
		}
	}
	if broken == 0 {
		t.Error("no refresh was broken off")
	}
}

// testTimeGoesBy: figures that time changes are computed on the day they change,
// and not before.
func testTimeGoesBy(t *testing.T, w *world) {
	twoExhibitors(w)
	w.load(yearly("Fair", 2023, 2026))
	w.load(from("crm", touch("I-1").set("at", day(2026, 1, 1))))
	w.refresh()
	figures := func(contacts, missed string) {
		t.Helper()
		expectFigures(t, "A", w.show("A").Profile.Measures, map[string]string{"contacts30Days": contacts, "missedEditions": missed})
	}
	figures("1", "1")
	*w.clock = date(2026, 1, 31).Add(time.Hour)
	if done := w.refresh(); done.Looked != 0 {
		t.Errorf("before anything changed a refresh looked at %d", done.Looked)
	}
	*w.clock = date(2026, 2, 1)
	if done := w.refresh(); done.Looked != 1 || done.Changed != 1 {
		t.Errorf("when a contact is no longer of 30 days a refresh did %+v", done)
	}
	figures("0", "1")
	*w.clock = date(2026, 7, 4)
	if done := w.refresh(); done.Looked != 0 {
		t.Errorf("on its last day an edition has not closed, and a refresh looked at %d", done.Looked)
	}
	*w.clock = date(2026, 7, 5)
	if done := w.refresh(); done.Changed != 2 {
		t.Errorf("when an edition has closed a refresh did %+v", done)
	}
	figures("0", "2")
	w.expectFresh("after half a year")
}

// testWhoCountsTheMerged: figures count persons and customers, of whom there is one
// less after a merge and one more after its undoing.
func testWhoCountsTheMerged(t *testing.T, w *world) {
	twoExhibitors(w)
	w.load(from("crm", person("Ada Lovelace", "GB").under("P").says("code", "P"), person("Augusta King", "GB").under("Q").says("code", "Q"),
		organization("Comac", "CN").under("C").says("code", "C"), organization("Dassault", "FR").under("D").says("code", "D")))
	affiliated := func(key string) *line {
		return row("affiliation").keyed("A-" + key).who("person").under(key).who("organization").under("A")
	}
	referred := func(key string) *line {
		return row("referral").keyed("R-"+key).set("at", day(2024, 1, 1)).who("referrer").under("A").who("referred").under(key)
	}
	w.load(from("crm", affiliated("P"), affiliated("Q")))
	w.load(from("crm", referred("C"), referred("D")))
	expect := func(persons, referrals string) {
		t.Helper()
		w.refresh()
		expectFigures(t, "A", w.show("A").Profile.Measures, map[string]string{"contactPersons": persons, "referrals": referrals})
		w.expectFresh("after a merge")
	}
	expect("2", "2")
	persons := w.merge("P", "Q")
	expect("1", "2")
	w.merge("C", "D")
	expect("1", "1")
	w.unmerge(persons)
	expect("2", "1")
}

// testCheckNames: a figure that is wrong, a row that is missing and one that should
// not be there are named, and a rebuild mends them.
func testCheckNames(t *testing.T, w *world) {
	twoExhibitors(w)
	w.refresh()
	w.exec(`UPDATE customer_profile SET participations = 7 WHERE customer_id = (SELECT id FROM party WHERE code = 'A')`)
	w.exec(`DELETE FROM customer_series_profile WHERE customer_id = (SELECT id FROM party WHERE code = 'A')`)
	w.exec(`INSERT INTO customer_preference (customer_id, name, generation, value) SELECT id, 'stand', 1, 'none' FROM party WHERE code = 'B'`)
	checked, err := w.Check(t.Context(), 10, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []store.Difference{
		{Code: "A", Table: "customer_profile", Key: []string{}, Measure: "participations", Stored: "7", Computed: "2"},
		{Code: "A", Table: "customer_series_profile", Key: []string{"Fair", "Exhibitor"}, Measure: "row", Stored: "", Computed: "there"},
		{Code: "B", Table: "customer_preference", Key: []string{"stand"}, Measure: "row", Stored: "there", Computed: ""},
	}
	if checked.Compared != 2 || checked.Waiting != 0 || checked.Differences != 3 || len(checked.Found) != 3 {
		t.Fatalf("the check found %+v", checked)
	}
	for i := range want {
		if got := checked.Found[i]; got.Code != want[i].Code || got.Table != want[i].Table || got.Measure != want[i].Measure ||
			got.Stored != want[i].Stored || got.Computed != want[i].Computed || len(got.Key) != len(want[i].Key) {
			t.Errorf("the check found %+v, want %+v", got, want[i])
		}
	}
	// Who waits is not compared.
	w.exec(`INSERT INTO change_mark (parties) SELECT '[' || id || ']' FROM party WHERE code = 'A'`)
	if checked, err = w.Check(t.Context(), 10, nil); err != nil || checked.Waiting != 1 || checked.Differences != 1 {
		t.Errorf("while A waits the check found %+v, %v", checked, err)
	}
	w.exec(`DELETE FROM change_mark`)
	var portions []int64
	rebuilt, err := w.Rebuild(t.Context(), func(done, _ int64) { portions = append(portions, done) })
	if err != nil || rebuilt.Looked != 2 || rebuilt.Changed != 2 || len(portions) != 1 || portions[0] != 2 {
		t.Errorf("the rebuild did %+v, %v, %v", rebuilt, portions, err)
	}
	w.expectFresh("after a rebuild")
}

// testFreshness tells how many wait and since when.
func testFreshness(t *testing.T, w *world) {
	if fresh, err := w.Freshness(t.Context()); err != nil || fresh != (store.Freshness{}) {
		t.Errorf("an empty store is %+v, %v", fresh, err)
	}
	marked := *w.clock
	twoExhibitors(w)
	fresh, err := w.Freshness(t.Context())
	if err != nil || fresh.Waiting < 4 || !fresh.Oldest.Equal(marked) || fresh.Generation != 0 {
		t.Errorf("a store with changes since %v is %+v, %v", marked, fresh, err)
	}
	w.refresh()
	if fresh, err = w.Freshness(t.Context()); err != nil || fresh.Waiting != 0 || !fresh.Oldest.IsZero() || fresh.Generation == 0 || !fresh.RefreshedAt.Equal(*w.clock) {
		t.Errorf("a fresh store is %+v, %v", fresh, err)
	}
	*w.clock = date(2031, 1, 1)
	if fresh, err = w.Freshness(t.Context()); err != nil || fresh.Due != 2 {
		t.Errorf("years later the store is %+v, %v", fresh, err)
	}
}

// testReportingCurrency: a store's currency is said once, and sums follow.
func testReportingCurrency(t *testing.T, w *world) {
	w.load(from("crm", entry("T-1").set("revenue", 100).named("Airbus", "FR").says("code", "A")))
	w.refresh()
	expectFigures(t, "A", w.show("A").Profile.Measures, map[string]string{"revenue": "", "unconvertedAmounts": "1"})
	if err := w.ReportIn(t.Context(), "EUR"); err != nil {
		t.Fatal(err)
	}
	w.refresh()
	expectFigures(t, "A", w.show("A").Profile.Measures, map[string]string{"revenue": "1.00", "unconvertedAmounts": "0"})
	expectError[*store.ConflictError](t, w.ReportIn(t.Context(), "GBP"), "changing the currency")
	if err := w.ReportIn(t.Context(), "EUR"); err != nil {
		t.Errorf("saying it again: %v", err)
	}
}

// testWhatMoves: whoever a row was about before is computed again too, and so are
// those whose preference follows from the trust in its source.
func testWhatMoves(t *testing.T, w *world) {
	twoExhibitors(w)
	w.load(from("crm", stand("B-1", "2025"), stand("B-2", "2025").under("B")))
	w.load(from("crm", status("B-1", "Cancelled", 1).keyed("S-1")))
	w.refresh()
	expectFigures(t, "A", w.show("A").Profile.Measures, map[string]string{"cancellations": "1"})
	w.load(from("crm", status("B-2", "Cancelled", 1).keyed("S-1")))
	w.refresh()
	w.expectFresh("after a status moved to another booking")
	expectFigures(t, "A", w.show("A").Profile.Measures, map[string]string{"cancellations": "0"})
	expectFigures(t, "B", w.show("B").Profile.Measures, map[string]string{"cancellations": "1"})

	wish := func(value string) *line {
		return row("preference").keyed("P-1").set("name", "hall").set("value", value).who("party").under("A").of("crm")
	}
	w.load(from("crm", wish("3")))
	w.load(from("survey", wish("5")).trusted(10))
	w.refresh()
	w.load(from("survey", wish("5")).trusted(90))
	w.refresh()
	w.expectFresh("after trust in a source changed")
	if wishes := w.show("A").Profile.Preferences; len(wishes) != 1 || wishes[0].Value != "5" {
		t.Errorf("the preferences are %+v", wishes)
	}

	// The one who was merged has a profile until a refresh, whatever marks there are.
	w.merge("A", "B")
	w.exec(`DELETE FROM change_mark`)
	w.exec(`INSERT INTO change_mark (parties) VALUES ('[-1]')`)
	w.refresh()
	w.expectNumber(1, "profiles after a merge", `SELECT count(*) FROM customer_profile`)
}

// testDeclaredDuringAnImport: an edition that is declared while an import runs is no
// surprise to it.
func testDeclaredDuringAnImport(t *testing.T, w *world) {
	twoExhibitors(w)
	into, err := w.Import(t.Context(), from("crm", took("Fair", "2024", "Exhibitor")).options)
	if err != nil {
		t.Fatal(err)
	}
	for _, edition := range []string{"2024", "2026"} {
		if edition == "2026" {
			w.exhibits(store.DeclaredEdition{Series: "Fair", Edition: "2026", Opens: date(2026, 7, 1), Closes: date(2026, 7, 4)})
		}
		if _, err := into.Write(t.Context(), from("crm", took("Fair", edition, "Exhibitor")).batches()[0]); err != nil {
			t.Fatalf("%s: %v", edition, err)
		}
	}
	if err := into.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.expectNumber(1, "editions of 2026", `SELECT count(*) FROM edition WHERE edition = '2026'`)
}
