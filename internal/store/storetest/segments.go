package storetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

func testSegments(t *testing.T, s *suite) {
	t.Run("EnterAndLeave", func(t *testing.T) { testEnterAndLeave(t, s.world(t)) })
	t.Run("Definition", func(t *testing.T) { testDefinition(t, s.world(t)) })
	t.Run("AnotherDay", func(t *testing.T) { testAnotherDay(t, s.world(t)) })
	t.Run("AskForAnother", func(t *testing.T) { testAskForAnother(t, s.world(t)) })
	t.Run("Classes", func(t *testing.T) { testClasses(t, s.world(t)) })
	t.Run("Ranked", func(t *testing.T) { testRanked(t, s.world(t)) })
	t.Run("FewOfMany", func(t *testing.T) { testFewOfMany(t, s.world(t)) })
	t.Run("Windowed", func(t *testing.T) { testWindowed(t, s.world(t)) })
	t.Run("Moves", func(t *testing.T) { testMoves(t, s.world(t)) })
	t.Run("Erased", func(t *testing.T) { testErasedMembers(t, s.world(t)) })
	t.Run("Figures", func(t *testing.T) { testSegmentFigures(t, s.world(t)) })
	t.Run("ExpectedMonths", func(t *testing.T) { testExpectedMonths(t, s.world(t)) })
	t.Run("Log", func(t *testing.T) { testLog(t, s.world(t)) })
	t.Run("BrokenOff", func(t *testing.T) { testEvaluationBrokenOff(t, s.world(t)) })
	t.Run("Noticed", func(t *testing.T) { testNoticed(t, s.world(t)) })
	t.Run("Editions", func(t *testing.T) { testNamedEditions(t, s.world(t)) })
}

// segmentOf is a segment by a condition in the words of both databases.
func segmentOf(name, condition string, parameters map[string]any) store.Segment {
	return store.Segment{Name: name, Definition: "1", Predicate: store.Predicate{Condition: condition, Parameters: parameters}}
}

// everyone are all customers.
var everyone = segmentOf("everyone", "TRUE", nil)

// cameTo are customers who took part so many times or more often.
func cameTo(name string, editions int64) store.Segment {
	return segmentOf(name, "p.participations >= @editions", map[string]any{"editions": editions})
}

// cameSince are customers who took part no longer than so many days ago.
func cameSince(name string, days int64) store.Segment {
	s := segmentOf(name, "p.last_participation >= @today - @ago", map[string]any{"ago": days * 24 * time.Hour.Milliseconds()})
	s.Predicate.ByDay = true
	return s
}

// notIn are customers who are not in another segment.
func notIn(name, other string) store.Segment {
	s := segmentOf(name, "NOT EXISTS (SELECT 1 FROM segment_member m WHERE m.segment = @other AND m.customer_id = p.customer_id)", map[string]any{"other": other})
	s.Asks = []string{other}
	return s
}

// under is the same segment by another name: whoever is evaluated under a new one is
// evaluated for everybody.
func under(name string, s store.Segment) store.Segment {
	s.Name = name
	return s
}

func defined(definition string, s store.Segment) store.Segment {
	s.Definition = definition
	return s
}

func (w *world) evaluate(s store.Segment) store.Evaluated {
	w.t.Helper()
	done, err := w.Evaluate(w.t.Context(), s)
	if err != nil {
		w.t.Fatal(err)
	}
	return done
}

// expectEvaluated evaluates a segment, and says what that has to find.
func (w *world) expectEvaluated(s store.Segment, want store.Evaluated) {
	w.t.Helper()
	if done := w.evaluate(s); done != want {
		w.t.Errorf("evaluating %s found %+v, want %+v", s.Name, done, want)
	}
}

// members of a segment, by their codes, each with its class.
func (w *world) members(name string) string {
	w.t.Helper()
	var codes []string
	for _, row := range w.query(`SELECT p.code, m.class FROM segment_member m JOIN party p ON p.id = m.customer_id WHERE m.segment = $1 ORDER BY p.code`, name) {
		codes = append(codes, fmt.Sprint(row["code"], row["class"]))
	}
	return strings.Join(codes, " ")
}

// moves are what was recorded of a segment, such as "+A -B", in its order; with classes
// "+Abest Abest>worst -Aworst".
func (w *world) moves(name string) string {
	w.t.Helper()
	var moves []string
	for _, row := range w.query(`SELECT p.code, t.from_class, t.to_class FROM segment_transition t JOIN party p ON p.id = t.customer_id WHERE t.segment = $1 ORDER BY t.id`, name) {
		from, to := row["from_class"], row["to_class"]
		switch {
		case from == to:
			w.t.Errorf("a transition is %v", row)
		case from == nil:
			moves = append(moves, fmt.Sprint("+", row["code"], to))
		case to == nil:
			moves = append(moves, fmt.Sprint("-", row["code"], from))
		default:
			moves = append(moves, fmt.Sprint(row["code"], from, ">", to))
		}
	}
	return strings.Join(moves, " ")
}

// expectMembers says who is in a segment and who ever moved.
func (w *world) expectMembers(name, members, moves string) {
	w.t.Helper()
	if got := w.members(name); got != members {
		w.t.Errorf("the members of %s are %q, want %q", name, got, members)
	}
	if got := w.moves(name); got != moves {
		w.t.Errorf("the moves of %s are %q, want %q", name, got, moves)
	}
}

// expectWhole compares a segment with itself evaluated for everybody.
func (w *world) expectWhole(when string, s store.Segment) {
	w.t.Helper()
	fresh := under(s.Name+" anew", s)
	done := w.evaluate(fresh)
	if !done.Baseline || done.Looked != -1 {
		w.t.Fatalf("%s: evaluating %s anew did %+v", when, s.Name, done)
	}
	if got, want := w.members(s.Name), w.members(fresh.Name); got != want {
		w.t.Fatalf("%s: the members of %s are %q, and for everybody %q", when, s.Name, got, want)
	}
	recorded := w.query(`SELECT members, digest FROM segment WHERE name IN ($1, $2)`, s.Name, fresh.Name)
	if got, want := fmt.Sprint(recorded[0]), fmt.Sprint(recorded[1]); got != want {
		w.t.Fatalf("%s: of %s are recorded %s and %s", when, s.Name, got, want)
	}
	w.exec(`DELETE FROM segment_member WHERE segment = $1`, fresh.Name)
	w.exec(`DELETE FROM segment WHERE name = $1`, fresh.Name)
}

// expectQuiet says that evaluating again writes nothing.
func (w *world) expectQuiet(when string, segments ...store.Segment) {
	w.t.Helper()
	before := w.everything()
	for range 2 {
		for _, s := range segments {
			if done := w.evaluate(s); done.Baseline || done.Entered+done.Left+done.Moved != 0 {
				w.t.Errorf("%s: evaluating %s again found %+v", when, s.Name, done)
			}
		}
	}
	if after := w.everything(); after != before {
		w.t.Errorf("%s: evaluating again wrote:\n%s", when, differences(after, before))
	}
}

// testEnterAndLeave: the first evaluation is silent, later ones record who moved, once.
func testEnterAndLeave(_ *testing.T, w *world) {
	twoExhibitors(w)
	w.refresh()
	often := cameTo("often", 3)
	w.expectEvaluated(often, store.Evaluated{Baseline: true, Looked: -1})
	twice := cameTo("twice", 2)
	w.expectEvaluated(twice, store.Evaluated{Baseline: true, Looked: -1, Members: 2})
	w.expectMembers("twice", "A B", "")
	w.expectQuiet("after the first evaluation", often, twice)

	w.load(from("crm", took("Fair", "2025", "Exhibitor")))
	w.refresh()
	at := w.clock.UnixMilli()
	w.expectEvaluated(often, store.Evaluated{Members: 1, Entered: 1, Looked: 1})
	w.expectMembers("often", "A", "+A")
	w.expectNumber(at, "entered at", `SELECT entered_at FROM segment_member WHERE segment = 'often'`)
	w.expectNumber(at, "moved at", `SELECT at FROM segment_transition`)
	w.expectEvaluated(twice, store.Evaluated{Members: 2, Looked: 1})
	w.expectQuiet("after one entered", often, twice)
	w.expectWhole("after one entered", often)

	// B comes and A was not there after all.
	w.later()
	w.load(from("crm", took("Fair", "2025", "Exhibitor").under("B")).complete(store.EditionsInFile))
	w.refresh()
	w.expectEvaluated(often, store.Evaluated{Members: 1, Entered: 1, Left: 1, Looked: 2})
	w.expectMembers("often", "B", "+A +B -A")
	w.expectEvaluated(twice, store.Evaluated{Members: 2, Looked: 2})
	w.expectNumber(at, "entered at", `SELECT min(at) FROM segment_transition`)
	w.expectMembers("twice", "A B", "")
	w.expectQuiet("after one left", often, twice)
	w.expectWhole("after one left", often)
	*w.clock = w.clock.AddDate(0, 0, 3)
	w.expectQuiet("on another day", often, twice)
}

// testDefinition: with another definition members change without a word.
func testDefinition(t *testing.T, w *world) {
	twoExhibitors(w)
	w.load(from("crm", took("Fair", "2025", "Exhibitor")))
	w.refresh()
	w.expectEvaluated(cameTo("often", 3), store.Evaluated{Baseline: true, Looked: -1, Members: 1})
	entered := w.number(`SELECT entered_at FROM segment_member`)
	w.later()
	w.expectEvaluated(defined("2", cameTo("often", 2)), store.Evaluated{Baseline: true, Looked: -1, Members: 2})
	w.expectMembers("often", "A B", "")
	w.expectNumber(entered, "who stayed entered at", `SELECT min(entered_at) FROM segment_member`)
	w.expectEvaluated(defined("3", cameTo("often", 4)), store.Evaluated{Baseline: true, Looked: -1})
	w.expectMembers("often", "", "")
	w.expectQuiet("after the definition changed", defined("3", cameTo("often", 4)))
	// The same members by another definition.
	w.expectEvaluated(defined("4", cameTo("often", 5)), store.Evaluated{Baseline: true, Looked: -1})
	w.expectQuiet("after the definition changed", defined("4", cameTo("often", 5)))
	if first, last := w.number(`SELECT min(baseline) FROM segment`), w.number(`SELECT next FROM number_block WHERE name = 'segment_baseline'`); first != last-1 || first != 4 {
		t.Errorf("the baseline is %d, and the next %d", first, last)
	}
}

// testAnotherDay: where the day matters everybody is evaluated on another one, and only
// then.
func testAnotherDay(_ *testing.T, w *world) {
	twoExhibitors(w)
	w.load(from("crm", took("Fair", "2025", "Exhibitor")))
	w.refresh()
	*w.clock = date(2026, 1, 16).Add(time.Hour)
	lately := cameSince("lately", 200)
	w.expectEvaluated(lately, store.Evaluated{Baseline: true, Looked: -1, Members: 1})
	w.expectQuiet("on the same day", lately)
	*w.clock = date(2026, 1, 17).Add(time.Hour)
	w.expectEvaluated(lately, store.Evaluated{Looked: -1, Members: 1})
	w.expectEvaluated(lately, store.Evaluated{Members: 1})
	*w.clock = date(2026, 1, 17).Add(23 * time.Hour)
	w.expectQuiet("late on the same day", lately)
	*w.clock = date(2026, 1, 18)
	w.expectEvaluated(lately, store.Evaluated{Looked: -1, Left: 1})
	w.expectMembers("lately", "", "-A")
	w.expectWhole("on another day", lately)
	w.expectQuiet("on another day", lately)
}

// testAskForAnother: who moves in another segment is looked at, and a baseline there is
// one here.
func testAskForAnother(t *testing.T, w *world) {
	twoExhibitors(w)
	w.refresh()
	often, others, rest := cameTo("often", 3), notIn("others", "often"), notIn("rest", "others")
	_, err := w.Evaluate(t.Context(), others)
	missing := expectError[*store.MissingSegmentError](t, err, "asking for a segment that is not evaluated")
	if missing != nil && missing.Name != "often" {
		t.Errorf("missing is %q", missing.Name)
	}
	w.expectNumber(0, "segments", `SELECT count(*) FROM segment`)
	w.evaluate(often)
	w.expectEvaluated(others, store.Evaluated{Baseline: true, Looked: -1, Members: 2})
	w.expectEvaluated(rest, store.Evaluated{Baseline: true, Looked: -1})
	w.expectQuiet("when all are evaluated", often, others, rest)

	// The refresh was seen before A moves, so that the transition alone leads to A.
	w.load(from("crm", took("Fair", "2025", "Exhibitor")))
	w.refresh()
	w.expectEvaluated(others, store.Evaluated{Looked: 1, Members: 2})
	w.expectEvaluated(rest, store.Evaluated{Looked: 1})
	w.expectEvaluated(often, store.Evaluated{Looked: 1, Members: 1, Entered: 1})
	w.expectEvaluated(others, store.Evaluated{Looked: 1, Members: 1, Left: 1})
	w.expectEvaluated(rest, store.Evaluated{Looked: 1, Members: 1, Entered: 1})
	w.expectMembers("others", "B", "-A")
	w.expectMembers("rest", "A", "+A")
	w.expectQuiet("after one moved", often, others, rest)
	for _, s := range []store.Segment{others, rest} {
		w.expectWhole("after one moved", s)
	}

	again := defined("2", cameTo("often", 2))
	w.expectEvaluated(again, store.Evaluated{Baseline: true, Looked: -1, Members: 2})
	w.expectEvaluated(others, store.Evaluated{Baseline: true, Looked: -1})
	w.expectEvaluated(rest, store.Evaluated{Baseline: true, Looked: -1, Members: 2})
	w.expectMembers("rest", "A B", "+A")
	w.expectQuiet("after a baseline elsewhere", again, others, rest)
}
