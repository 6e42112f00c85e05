package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// testErasedMembers: nothing tells that the erased were members, and the figures of the
// segments they were in are right at once.
func testErasedMembers(t *testing.T, w *world) {
	twoExhibitors(w)
	w.refresh()
	often, others := cameTo("often", 3), notIn("others", "often")
	all := []store.Segment{everyone, often, others}
	for _, s := range all {
		w.evaluate(s)
	}
	w.load(from("crm", took("Fair", "2025", "Exhibitor").under("B")))
	w.refresh()
	for _, s := range all {
		w.evaluate(s)
	}
	w.expectMembers("others", "A", "-B")
	w.merge("B", "A")
	erased := w.number(`SELECT id FROM party WHERE code = 'B'`)
	evidence := map[store.Evidence]bool{}
	for _, line := range w.erase("B") {
		evidence[line] = true
	}
	// A was merged into B and belongs to what is erased; it was not refreshed since.
	for _, want := range []store.Evidence{{Table: "segment_member", Action: store.Removed, Rows: 4}, {Table: "segment_transition", Action: store.Removed, Rows: 2}} {
		if !evidence[want] {
			t.Errorf("the evidence lacks %+v: %v", want, evidence)
		}
	}
	expectNone := func(when string) {
		t.Helper()
		w.expectNumber(0, "members "+when, `SELECT count(*) FROM segment_member`)
		w.expectNumber(0, "transitions "+when, `SELECT count(*) FROM segment_transition`)
		w.expectNumber(0, "recorded members "+when, `SELECT sum(members) FROM segment`)
		w.expectNumber(0, "recorded digests "+when, `SELECT count(*) FROM segment WHERE digest <> 0`)
	}
	expectNone("after the erasure")
	w.expectQuiet("after the erasure", all...)
	w.refresh()
	w.expectNumber(1, "entries that name the erased", `SELECT count(*) FROM refresh_log WHERE sequence = (SELECT max(sequence) FROM refresh_log) AND parties LIKE '%' || $1 || '%'`, fmt.Sprint(erased))
	for _, s := range all {
		w.expectEvaluated(s, store.Evaluated{Looked: 2})
		w.expectWhole("after the erasure", s)
	}
	expectNone("after an evaluation")
}

// testSegmentFigures sums up by class; amounts that are not known count nothing.
func testSegmentFigures(t *testing.T, w *world) {
	w.reportInEuro()
	twoExhibitors(w)
	w.load(from("crm", organization("Comac", "CN").under("C").says("code", "C"), organization("Dassault", "FR").under("D").says("code", "D")))
	w.load(from("crm", entry("T-1").set("revenue", 1_000).set("discount", 10), entry("T-2").set("revenue", 500).under("C"), entry("T-3").set("revenue", 70).under("D")))
	w.refresh()
	w.evaluate(everyone)
	w.evaluate(cameTo("nobody", 9))
	expect := func(s store.Segment, want store.SegmentFigures) {
		t.Helper()
		if got, err := w.SegmentFigures(t.Context(), s); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("the figures of %s are %+v, %v; want %+v", s.Name, got, err, want)
		}
	}
	expect(everyone, store.SegmentFigures{Classes: []store.ClassFigures{{Members: 4, Revenue: 1_560}}, TopFifthRevenue: 990})
	expect(cameTo("nobody", 9), store.SegmentFigures{})
	expect(cameTo("unknown", 1), store.SegmentFigures{})
	split := under("split", byFrequency(everyone))
	w.evaluate(split)
	expect(split, store.SegmentFigures{
		Classes:         []store.ClassFigures{{Class: "Unknown", Members: 2, Revenue: 570}, {Class: "seldom", Members: 2, Revenue: 990}},
		TopFifthRevenue: 990, Missing: []store.MissingFigure{{Axis: "missedEditions", Members: 2}, {Axis: "participations"}},
	})
}

// testExpectedMonths: what the store declares is asked beside profiles, and everybody is
// evaluated when it changes.
func testExpectedMonths(t *testing.T, w *world) {
	owner := store.Owner{Cluster: "cluster-1", Namespace: "fairs", Name: "crm"}
	claim := func(months int64) {
		t.Helper()
		declared := store.Declaration{ReportingCurrency: "EUR", SensitiveFields: []string{"bankAccount"}, ExpectedRelationshipMonths: months}
		if _, err := w.Claim(t.Context(), owner, declared, ""); err != nil {
			t.Fatal(err)
		}
	}
	claim(customer.DefaultRelationshipMonths)
	w.load(from("crm", entry("T-1").set("revenue", 1_000).set("productCost", 400).set("indirectCost", 0).named("Airbus", "FR").says("code", "A")))
	w.refresh()
	profitable := segmentOf("profitable", store.Computed("expectedProfit")+" >= @amount", map[string]any{"amount": int64(1_000)})
	profitable.Predicate.ByDay = true
	w.expectEvaluated(profitable, store.Evaluated{Baseline: true, Looked: -1, Members: 1})
	w.expectQuiet("on the same day", profitable)
	claim(12)
	w.expectEvaluated(profitable, store.Evaluated{Looked: -1, Left: 1})
	w.expectMembers("profitable", "", "-A")
	claim(12)
	w.expectQuiet("after the same again", profitable)
	claim(customer.DefaultRelationshipMonths)
	w.expectEvaluated(profitable, store.Evaluated{Looked: -1, Members: 1, Entered: 1})
}

// testEvaluationBrokenOff breaks evaluations off at one moment after the other: none of
// them writes a part, and the next one is right.
func testEvaluationBrokenOff(t *testing.T, w *world) {
	random := rand.New(rand.NewPCG(6, 6))
	w.beginSegments(random)
	w.refresh()
	segments, broken := historySegments(), 0
	evaluate := func() {
		t.Helper()
		for _, s := range segments {
			w.evaluateOnce("after what was broken off", s)
			w.expectWhole("after what was broken off", s)
		}
	}
	evaluate()
	for n := range 24 {
		w.load(randomProfileFile(random))
		w.refresh()
		before := w.dump()
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n*n)*50*time.Microsecond)
		s := pick(random, segments)
		s = defined(fmt.Sprint("of ", n), s)
		_, err := w.Evaluate(ctx, s)
		cancel()
		if err != nil {
			broken++
		}
		// It may have broken off when all was written.
		if after := w.dump(); after != before {
			w.evaluate(s)
			w.expectDump(after, "an evaluation of "+s.Name+" was broken off")
		}
		if n%8 == 7 {
			evaluate()
		}
	}
	if broken == 0 {
		t.Error("no evaluation was broken off")
	}
	before := w.everything()
	for _, condition := range []string{"p.nothing > 1", "CAST('x' AS BIGINT) / (p.customer_id - p.customer_id) > 1 AND nowhere()"} {
		if _, err := w.Evaluate(t.Context(), segmentOf("wrong", condition, nil)); err == nil || !strings.Contains(err.Error(), "wrong") {
			t.Errorf("%s: %v", condition, err)
		}
	}
	if after := w.everything(); after != before {
		t.Errorf("an evaluation that failed wrote:\n%s", differences(after, before))
	}
	evaluate()
}

// testLog: where it is not known whom refreshes looked at, or they are many, everybody
// is evaluated.
func testLog(t *testing.T, w *world) {
	const many, kept = 20_000, 500
	twoExhibitors(w)
	w.refresh()
	twice := cameTo("twice", 2)
	w.evaluate(twice)
	isIn := true
	// change takes A out of the segment or brings it back.
	change := func() {
		t.Helper()
		isIn = !isIn
		lines := []*line{took("Fair", "2024", "Exhibitor").under("B")}
		if isIn {
			lines = append(lines, took("Fair", "2024", "Exhibitor"))
		}
		w.load(from("crm", lines...).complete(store.EditionsInFile))
		w.refresh()
	}
	// expect says that the change is found by looking at so many.
	expect := func(looked int64) {
		t.Helper()
		want := store.Evaluated{Looked: looked, Members: 1, Left: 1}
		if isIn {
			want = store.Evaluated{Looked: looked, Members: 2, Entered: 1}
		}
		w.expectEvaluated(twice, want)
		w.expectWhole("after refreshes", twice)
		w.expectQuiet("after refreshes", twice)
	}
	// look lets a refresh look at parties of these numbers.
	look := func(from, to int64) {
		t.Helper()
		w.exec(`INSERT INTO change_mark (parties) WITH RECURSIVE n (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2)
			SELECT '[' || `+w.joined("i")+` || ']' FROM n`, from, to)
		w.refresh()
	}
	// pass adds entries to the log as of so many refreshes.
	pass := func(refreshes int64) {
		t.Helper()
		last := w.number(`SELECT max(sequence) FROM refresh_log`)
		w.exec(`INSERT INTO refresh_log (sequence, part, parties) WITH RECURSIVE n (i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2)
			SELECT i, 1, '[]' FROM n`, last+1, last+refreshes)
	}
	a := w.number(`SELECT id FROM party WHERE code = 'A'`)

	change()
	expect(1)
	change()
	look(1, many)
	expect(many)
	w.expectNumber(0, "entries of everybody", `SELECT count(*) FROM refresh_log WHERE parties = '[-1]'`)
	change()
	look(1, many+1)
	w.expectNumber(1, "entries of everybody", `SELECT count(*) FROM refresh_log WHERE parties = '[-1]'`)
	expect(-1)
	// Many by several refreshes, of which each looked at the same party too.
	change()
	for part := range int64(4) {
		look(part*many/4, (part+1)*many/4)
	}
	expect(many)
	change()
	for part := range int64(5) {
		look(1+part*many/4, (part+1)*many/4)
	}
	w.expectNumber(1, "entries of everybody", `SELECT count(*) FROM refresh_log WHERE parties = '[-1]'`)
	expect(-1)

	// So many refreshes can be followed, and not one more.
	change()
	pass(kept - 2)
	look(a, a)
	w.expectNumber(kept, "refreshes in the log", `SELECT count(DISTINCT sequence) FROM refresh_log`)
	expect(1)
	change()
	pass(kept - 1)
	look(a, a)
	w.expectNumber(kept, "refreshes in the log", `SELECT count(DISTINCT sequence) FROM refresh_log`)
	expect(-1)

	// An entry is lost, and then all of them.
	change()
	look(a+1, a+1)
	w.exec(`DELETE FROM refresh_log WHERE sequence = (SELECT max(sequence) - 1 FROM refresh_log)`)
	expect(-1)
	change()
	w.exec(`DELETE FROM refresh_log`)
	expect(-1)
	change()
	expect(1)
}

// joined is the aggregate that puts numbers into a list.
func (d *database) joined(number string) string {
	if d.isSQLite {
		return "group_concat(" + number + ")"
	}
	return "string_agg(CAST(" + number + " AS TEXT), ',')"
}
