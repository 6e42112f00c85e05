package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

func testRules(t *testing.T, s *suite) {
	t.Run("Anniversaries", func(t *testing.T) { testAnniversaries(t, s.world(t)) })
	t.Run("Collected", func(t *testing.T) { testCollected(t, s.world(t)) })
	t.Run("Transitions", func(t *testing.T) { testTransitions(t, s.world(t)) })
	t.Run("Summary", func(t *testing.T) { testRuleSummary(t, s.world(t)) })
	t.Run("Missed", func(t *testing.T) { testMissed(t, s.world(t)) })
}

// testAnniversaries: of persons with a wanted role those are written to whose day it is, and the
// primary contact where nobody has such a role.
func testAnniversaries(t *testing.T, w *world) {
	firm := func(key string, founded int64) *line {
		return row("party").who("party").under(key).named(key, "FR").says("kind", "Organization").at(key+"@firm.example").says("born", founded)
	}
	person := func(key string, born int64) *line {
		return row("party").who("party").under(key).named(key, "FR").says("kind", "Person").at(key+"@home.example").says("born", born)
	}
	works := func(who, at string, roles int64, primary bool) *line {
		return row("affiliation").who("person").under(who).named(who, "FR").set("roles", roles).set("primary", primary).who("organization").under(at).named(at, "FR")
	}
	may := day(1980, 5, 17)
	w.load(from("crm", firm("A", day(1910, 5, 17)), firm("B", day(1960, 2, 29)), firm("D", may), firm("E", day(1970, 1, 1)), person("P", day(1991, 5, 17)), person("Q", day(1991, 5, 18)),
		// Of A both have a role; the better one celebrates on another day.
		person("Ann", day(1970, 3, 1)), person("Ada", day(1971, 5, 17)),
		// Of B somebody celebrates who has no role, where another one has.
		person("Bob", day(1972, 5, 17)), person("Ben", day(1973, 6, 1)),
		// Of D nobody has a role: the primary contact is who counts, and another one celebrates.
		person("Dan", day(1974, 7, 1)), person("Dot", day(1975, 5, 17)),
		// Of E nobody has a role, and the primary contact celebrates.
		person("Eve", day(1976, 5, 17)), person("Eli", day(1977, 8, 1))))
	w.load(from("crm", works("Ann", "A", 1, false), works("Ada", "A", 2, false), works("Bob", "B", 16, false), works("Ben", "B", 1, false), works("Dan", "D", 16, true), works("Dot", "D", 16, false), works("Eve", "E", 16, true), works("Eli", "E", 16, false)))
	w.belong("all", "", "A", "B", "D", "E", "P", "Q")
	audience := store.Audience{Include: []store.SegmentChoice{{Name: "all"}}, ContactRoles: []string{"Decision", "Marketing"}}
	everybody := store.Audience{Include: audience.Include, AllPersons: true}
	for _, test := range []struct {
		what     string
		audience store.Audience
		on       store.Anniversary
		matched  int64
		want     string
	}{
		{"birthdays", audience, store.Anniversary{Field: store.AnniversaryBirthday, Days: []store.MonthDay{{Month: time.May, Day: 17}}}, 5, "A>Ada 0, E>Eve 0, P>P 0"},
		{"of anybody", everybody, store.Anniversary{Field: store.AnniversaryBirthday, Days: []store.MonthDay{{Month: time.May, Day: 17}}}, 5, "A>Ada 0, B>Bob 0, D>Dot 0, E>Eve 0, P>P 0"},
		{"on another day", audience, store.Anniversary{Field: store.AnniversaryBirthday, Days: []store.MonthDay{{Month: time.May, Day: 16}}}, 0, ""},
		{"founding days", audience, store.Anniversary{Field: store.AnniversaryFoundingDay, Days: []store.MonthDay{{Month: time.May, Day: 17}}}, 2, "A>Ann 0, D>Dan 0"},
		{"in a leap year", audience, store.Anniversary{Field: store.AnniversaryFoundingDay, Days: []store.MonthDay{{Month: time.February, Day: 29}}}, 1, "B>Ben 0"},
		{"in another year", audience, store.Anniversary{Field: store.AnniversaryFoundingDay, Days: []store.MonthDay{{Month: time.February, Day: 28}, {Month: time.February, Day: 29}}}, 1, "B>Ben 0"},
		{"in the year itself", audience, store.Anniversary{Field: store.AnniversaryFoundingDay, Days: []store.MonthDay{{Month: time.May, Day: 17}}, Before: 1980}, 1, "A>Ann 0"},
		{"first participations", audience, store.Anniversary{Field: store.AnniversaryFirstParticipation, Days: []store.MonthDay{{Month: time.May, Day: 17}}}, 0, ""},
	} {
		if test.on.Before == 0 {
			test.on.Before = 2026
		}
		run := w.freeze(store.Freeze{Key: test.what, Medium: "Email", Audience: test.audience, Anniversary: &test.on})
		if got := w.recipients(run); got != test.want || run.Matched != test.matched {
			t.Errorf("%s: %d match and %s are written to; want %d and %s", test.what, run.Matched, got, test.matched, test.want)
		}
	}
}

// testCollected: what was recorded since the rule was there is taken once, in whole batches.
func testCollected(t *testing.T, w *world) {
	complaint := func(key, who string, opened int64) *line {
		return row("complaint").keyed(key).set("opened", opened).who("customer").under(who).named(who, "FR").at(who + "@firm.example")
	}
	created := date(2026, 3, 1)
	what := store.Collected{Kind: "ComplaintOpened", Since: created}
	collect := func() time.Time {
		t.Helper()
		since, err := w.Collect(t.Context(), "sorry", what)
		if err != nil {
			t.Fatal(err)
		}
		return since
	}
	taken := func(occurrence string) string {
		t.Helper()
		run := w.freeze(store.Freeze{Key: "sorry/" + occurrence, Medium: "Email", Rule: "sorry", Occurrence: occurrence, Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
		return w.recipients(run)
	}
	*w.clock = date(2026, 3, 2)
	w.load(from("crm", complaint("1", "A", day(2026, 2, 28))))
	if since := collect(); !since.IsZero() {
		t.Errorf("what was there before the rule is collected since %s", since)
	}
	w.load(from("crm", complaint("2", "A", day(2026, 3, 1)), complaint("3", "B", day(2026, 3, 2)), complaint("4", "B", day(2026, 3, 2))))
	w.belong("all", "", "A", "B")
	began, first := collect(), *w.clock
	// Another one is collected meanwhile, be it that it happened before.
	w.load(from("crm", complaint("5", "C", day(2026, 3, 1))))
	w.belong("all", "", "C")
	if again := collect(); !again.Equal(began) || !began.Equal(first) {
		t.Errorf("collected since %s, and then since %s", began, again)
	}
	for range 2 {
		if err := w.Take(t.Context(), "sorry", "first", what); err != nil {
			t.Fatal(err)
		}
	}
	w.load(from("crm", complaint("6", "A", day(2026, 3, 2))))
	if err := w.Take(t.Context(), "sorry", "first", what); err != nil {
		t.Fatal(err)
	}
	if got, want := taken("first"), "A>A 0, B>B 0, C>C 0"; got != want {
		t.Errorf("the first batch is %s; want %s", got, want)
	}
	if err := w.Taken(t.Context(), "sorry", began); err != nil {
		t.Fatal(err)
	}
	if next := collect(); !next.Equal(*w.clock) {
		t.Errorf("the next batch begins at %s", next)
	}
	if err := w.Take(t.Context(), "sorry", "second", what); err != nil {
		t.Fatal(err)
	}
	if got, want := taken("second"), "A>A 0"; got != want {
		t.Errorf("the second batch is %s; want %s", got, want)
	}
	if other, err := w.Collect(t.Context(), "other", what); err != nil || other.IsZero() {
		t.Errorf("another rule collects nothing: %s, %v", other, err)
	}
	var none *store.UncollectedError
	if _, err := w.Collect(t.Context(), "tiers", store.Collected{Kind: "Nothing"}); !errors.As(err, &none) {
		t.Errorf("what nobody records is collected: %v", err)
	}
}

// testTransitions: who entered a segment, and who left it.
func testTransitions(t *testing.T, w *world) {
	w.manyRecipients()
	moved := func(key string, from, to any, at time.Time) {
		w.exec(`INSERT INTO segment_transition (segment, customer_id, from_class, to_class, at) SELECT 'gold', p.id, $1, $2, $3 FROM party p WHERE p.code = $4`, from, to, at.UnixMilli(), w.codeOf("crm", key))
	}
	now := w.clock.Truncate(time.Second)
	moved("A", nil, "", now)
	moved("B", "", nil, now)
	moved("C", "x", "y", now)
	moved("G", nil, "", now.Add(-time.Hour))
	for kind, want := range map[string]string{store.CollectedEntered: "A>Ann 0", store.CollectedLeft: "B>B 0"} {
		what := store.Collected{Kind: kind, Segment: "gold", Since: now.Add(-time.Minute)}
		if since, err := w.Collect(t.Context(), kind, what); err != nil || since.IsZero() {
			t.Fatalf("%s: nothing is collected: %v", kind, err)
		}
		if err := w.Take(t.Context(), kind, "one", what); err != nil {
			t.Fatal(err)
		}
		run := w.freeze(store.Freeze{Key: kind + "/one", Medium: "Email", Rule: kind, Occurrence: "one", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
		if got := w.recipients(run); got != want {
			t.Errorf("%s: %s are written to; want %s", kind, got, want)
		}
	}
}

func testRuleSummary(t *testing.T, w *world) {
	w.manyRecipients()
	for i, due := range []int64{day(2026, 1, 1), day(2026, 1, 8)} {
		key := []string{"weekly/one", "weekly/two"}[i]
		w.freeze(store.Freeze{Key: key, Owner: store.RunOwner{UID: key, Namespace: "expo", Name: key[7:]}, Medium: "Email", Rule: "weekly", DueAt: due, Holdout: 5000, HoldoutKey: "weekly", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	}
	w.freeze(store.Freeze{Key: "else", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	summary, err := w.SummarizeRule(t.Context(), "weekly")
	if err != nil {
		t.Fatal(err)
	}
	held := w.query(`SELECT count(*) AS n, count(DISTINCT h.customer_id) AS customers FROM outreach_held h`)[0]
	if summary.Outreaches != 2 || summary.LastDue != day(2026, 1, 8) || summary.LastName != "two" || summary.Dropped[store.DroppedHoldout] == 0 || held["n"] != summary.Dropped[store.DroppedHoldout] || 2*held["customers"].(int64) != held["n"].(int64) { //nolint:forcetypeassert // it counts
		t.Errorf("the rule is summed up as %+v, with %v held out", summary, held)
	}
	// One that was cancelled before it had a run is used as well, and is no run.
	for range 2 {
		if err := w.CancelKey(t.Context(), "weekly/four"); err != nil {
			t.Fatal(err)
		}
	}
	known, err := w.KnownRuns(t.Context(), []string{"weekly/one", "weekly/three", "weekly/four"})
	if err != nil || len(known) != 2 || !known["weekly/one"] || !known["weekly/four"] {
		t.Errorf("known are %v: %v", known, err)
	}
	if again, err := w.SummarizeRule(t.Context(), "weekly"); err != nil || again.Outreaches != 2 {
		t.Errorf("with one that was cancelled the rule is summed up as %+v, %v", again, err)
	}
}

// testMissed: who remembers in the place of what was forgotten meanwhile changes nothing.
func testMissed(t *testing.T, w *world) {
	none := store.MissedCount{}
	one, two := store.MissedCount{Until: date(2026, 1, 1), Missed: 2}, store.MissedCount{Until: date(9999, 12, 31), Missed: 5}
	for _, step := range []struct{ was, is, want store.MissedCount }{{none, one, one}, {none, two, one}, {one, two, two}, {one, one, two}, {two, none, none}} {
		if err := w.RememberMissed(t.Context(), "weekly", step.was, step.is); err != nil {
			t.Fatal(err)
		}
		if summary, err := w.SummarizeRule(t.Context(), "weekly"); err != nil || summary.Counted != step.want {
			t.Errorf("remembered is %+v, and not %+v: %v", summary.Counted, step.want, err)
		}
	}
}
