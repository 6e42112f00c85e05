package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// testScorecard: what became of who was written to and of who was held out.
func testScorecard(t *testing.T, s *suite) {
	t.Run("Effect", func(t *testing.T) { testEffect(t, s.world(t)) })
	t.Run("Merged", func(t *testing.T) { testEffectOfMerged(t, s.world(t)) })
	t.Run("Runs", func(t *testing.T) { testRunsOfRule(t, s.world(t)) })
}

// apart freezes a run of firms, and then says itself which of them were held out.
func (w *world) apart(key string, held ...string) *store.Run {
	w.t.Helper()
	run := w.freeze(store.Freeze{Key: key, Medium: "Email", Rule: "rebook", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	for _, name := range held {
		code := w.codeOf("crm", name)
		w.exec(`INSERT INTO outreach_held (run_id, customer_id) SELECT CAST($1 AS BIGINT), p.id FROM party p WHERE p.code = $2`, run.ID, code)
		w.exec(`DELETE FROM outreach_message WHERE run_id = $1 AND customer_id = (SELECT p.id FROM party p WHERE p.code = $2)`, run.ID, code)
	}
	return run
}

func (w *world) firms(keys ...string) {
	w.t.Helper()
	var lines []*line
	for _, key := range keys {
		lines = append(lines, row("party").who("party").under(key).named("Firm "+key, "FR").at(key+"@firm.example"))
	}
	w.load(from("crm", lines...))
	w.belong("all", "", keys...)
}

func (w *world) effectOf(days int, runs ...int64) store.Effect {
	w.t.Helper()
	before := w.everything()
	effect, err := w.EffectOf(w.t.Context(), runs, days)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.everything() != before {
		w.t.Error("comparing wrote something")
	}
	return effect
}

func testEffect(t *testing.T, w *world) {
	w.reportInEuro()
	w.firms("A", "B", "C", "D", "E", "X", "Y", "Z")
	w.load(yearly("Fair", 2024, 2027, "2027"))
	w.load(from("crm", row("exchangeRate").set("from", "GBP").set("to", "EUR").set("day", day(2025, 1, 1)).set("rate", 1_500_000_000)))
	w.refresh()
	*w.clock = time.Date(2026, 6, 10, 12, 0, 0, 0, time.UTC)
	run := w.apart("rebook/1", "X", "Y", "Z")
	at := run.FrozenAt
	const dayMillis = 24 * 60 * 60 * 1000
	books := func(key, who, edition string, after int64, price int) *line {
		return stand(key, edition).under(who).set("at", at+after).set("listPrice", price).set("currency", "EUR")
	}
	pays := func(key, who string, after int64) *line {
		return row("transaction").keyed(key).who("customer").under(who).set("at", at+after).set("currency", "EUR")
	}
	comes := func(booking, status string, after int64) *line {
		return row("bookingStatus").set("booking", booking).set("status", status).set("at", at+after)
	}
	w.load(from("crm",
		// A books once in time, and before and after; the price is what is left after the discount.
		books("A1", "A", "2026", 0, 1_000).set("discount", 100), books("A0", "A", "2025", -1, 7), books("A2", "A", "2025", 90*dayMillis, 7),
		// B's is cancelled, C's is an enquiry, D's is one that became a contract.
		books("B1", "B", "2026", dayMillis, 50), books("C1", "C", "2026", dayMillis, 60), books("D1", "D", "2026", 90*dayMillis-1, 70),
		// E books a show that is not held.
		books("E1", "E", "2027", dayMillis, 4_000),
		// Transactions stand before what was booked; others do not.
		books("X1", "X", "2026", dayMillis, 500), books("X2", "X", "2025", dayMillis, 30),
		books("Y1", "Y", "2026", dayMillis, 200).set("currency", "GBP"), books("Z1", "Z", "2026", dayMillis, 200).set("currency", "JPY")))
	w.load(from("crm", comes("B1", "Contracted", 1), comes("B1", "Cancelled", 100*dayMillis), comes("C1", "Enquired", 1), comes("D1", "Option", 1), comes("D1", "Paid", 2)))
	w.load(from("crm",
		pays("t1", "X", 2*dayMillis).edition("Fair", "2026").set("revenue", 400).set("discount", 20), pays("t2", "X", 3*dayMillis).edition("Fair", "2026").set("revenue", -80),
		pays("t3", "A", 5).set("revenue", 11), pays("t4", "A", -5).set("revenue", 5_000), pays("t5", "A", 100*dayMillis).set("revenue", 5_000)))
	w.load(from("crm",
		took("Fair", "2026", "Exhibitor").under("A"), took("Fair", "2026", "Visitor").under("A"), took("Fair", "2027", "Exhibitor").under("B"), took("Fair", "2025", "Exhibitor").under("C"),
		took("Fair", "2026", "Exhibitor").under("E").set("status", "Contracted"),
		// It was registered long before.
		took("Fair", "2026", "Exhibitor").under("Y").set("at", at-400*dayMillis)))
	w.load(from("crm", row("visit").edition("Fair", "2026").set("day", day(2026, 7, 2)).who("person").under("Z").named("Firm Z", "FR")))
	w.load(from("crm", comes("X1", "Attended", 40*dayMillis)))

	effect := w.effectOf(90, run.ID)
	want := store.Effect{
		Currency: "EUR", Unconverted: 1,
		// A 900 + 11, D 70.
		Treated: store.EffectGroup{Customers: 5, Booked: 3, TookPart: 1, Revenue: 981, Squares: 911*911 + 70*70},
		// X 300 + 30, Y 300.
		HeldOut: store.EffectGroup{Customers: 3, Booked: 3, TookPart: 3, Revenue: 630, Squares: 330*330 + 300*300},
	}
	if effect != want {
		t.Errorf("the effect is\n%+v, want\n%+v", effect, want)
	}
	// Before the show nobody took part, and D had not booked.
	effect = w.effectOf(20, run.ID)
	if effect.Treated.TookPart+effect.HeldOut.TookPart != 0 || effect.Treated.Booked != 2 {
		t.Errorf("after 20 days the effect is %+v", effect)
	}
	// On the day of the opening itself.
	*w.clock = time.Date(2026, 7, 1, 15, 0, 0, 0, time.UTC)
	again := w.apart("rebook/2", "X")
	if effect = w.effectOf(1, again.ID); effect.Treated.TookPart != 3 || effect.HeldOut.TookPart != 1 {
		t.Errorf("within the day the effect is %+v", effect)
	}
	// A customer counts for each run.
	if effect = w.effectOf(90, run.ID, again.ID); effect.Treated.Customers != 5+7 || effect.HeldOut.Customers != 3+1 {
		t.Errorf("over two runs the effect is %+v", effect)
	}
	if effect = w.effectOf(90); effect != (store.Effect{}) {
		t.Errorf("of no run the effect is %+v", effect)
	}
}

// testEffectOfMerged: facts of who was merged are those of who is left, and who is in both
// groups is in neither.
func testEffectOfMerged(t *testing.T, w *world) {
	w.firms("A", "B", "C", "D", "X", "Y")
	w.load(yearly("Fair", 2026, 2026))
	*w.clock = date(2026, 6, 10)
	run := w.apart("rebook/1", "X", "Y")
	w.load(from("crm", stand("B1", "2026").under("B").set("at", run.FrozenAt), stand("C1", "2026").under("C").set("at", run.FrozenAt)))
	w.merge(w.codeOf("crm", "A"), w.codeOf("crm", "B"))
	w.firms("N")
	w.merge(w.codeOf("crm", "N"), w.codeOf("crm", "A"))
	w.merge(w.codeOf("crm", "C"), w.codeOf("crm", "X"))
	if got, want := fmt.Sprintf("%+v", w.effectOf(90, run.ID)), fmt.Sprintf("%+v", store.Effect{Treated: store.EffectGroup{Customers: 2, Booked: 1}, HeldOut: store.EffectGroup{Customers: 1}}); got != want {
		t.Errorf("the effect is %s, want %s", got, want)
	}
	w.erase(w.codeOf("crm", "D"))
	if got := w.effectOf(90, run.ID); got.Treated.Customers != 1 {
		t.Errorf("with an erased customer the effect is %+v", got)
	}
}

func testRunsOfRule(t *testing.T, w *world) {
	w.firms("A", "B", "C")
	first := w.apart("rebook/1", "C")
	w.later()
	second := w.apart("rebook/2")
	w.freeze(store.Freeze{Key: "else", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	w.exec(`UPDATE outreach_shard SET sent = 1, failed = 2, skipped = 3, unknown = 4 WHERE run_id = $1`, first.ID)
	for i, row := range []struct {
		mailbox int
		run     any
		back    any
	}{{1, first.ID, nil}, {1, first.ID, nil}, {2, first.ID, nil}, {3, first.ID, int64(5)}, {4, nil, nil}} {
		w.exec(`INSERT INTO objection (id, address_id, medium, topic, at, method, run_id, taken_back_at) VALUES ($1, $2, 'Email', $5, 0, 'Page', $3, $4)`, i+1, row.mailbox, row.run, row.back, fmt.Sprint("topic-", i))
	}
	var runs []store.RuleRun
	err := w.RunsOfRule(t.Context(), "rebook", func(r store.RuleRun) error {
		runs = append(runs, r)
		return nil
	})
	if err != nil || len(runs) != 2 {
		t.Fatalf("there are %+v, %v", runs, err)
	}
	one, other := runs[0], runs[1]
	if one.ID != first.ID || one.Key != "rebook/1" || one.FrozenAt != first.FrozenAt || one.Matched != 3 || one.Sent != 1 || one.Failed != 2 || one.Skipped != 3 || one.Unknown != 4 || one.Unsubscribed != 2 {
		t.Errorf("the first is %+v", one)
	}
	if other.ID != second.ID || other.Sent+other.Unsubscribed+other.StartedAt != 0 || other.Recipients != 3 {
		t.Errorf("the second is %+v", other)
	}
	enough := errors.New("enough")
	if err := w.RunsOfRule(t.Context(), "rebook", func(store.RuleRun) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("whoever has enough gets %v", err)
	}
}
