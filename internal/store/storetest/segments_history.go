package storetest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// historySegments are segments that follow from all that there is to follow from. Who
// asks for others comes after them.
func historySegments() []store.Segment {
	main := segmentOf("main", "s1.participations >= 1 AND coalesce(s1.missed_editions, 0) <= 1", map[string]any{"series": "Farnborough"})
	main.Predicate.Joins = "LEFT JOIN customer_series_profile s1 ON s1.customer_id = p.customer_id AND s1.series = @series AND s1.main"
	visitors := segmentOf("visitors", "s1.participations > 0 OR s2.participations > 1", map[string]any{"one": "Berlin", "other": "Farnborough", "role": "Visitor"})
	visitors.Predicate.Joins = `LEFT JOIN customer_series_profile s1 ON s1.customer_id = p.customer_id AND s1.series = @one AND s1.role = @role
		LEFT JOIN customer_series_profile s2 ON s2.customer_id = p.customer_id AND s2.series = @other AND s2.role = @role`
	there := ofEdition("there", "Farnborough", "2022", "k.took_part = 1")
	both := segmentOf("both", `EXISTS (SELECT 1 FROM segment_took k WHERE k.customer_id = p.customer_id AND k.edition = @edition AND k.booked = 1)
		OR EXISTS (SELECT 1 FROM segment_took k WHERE k.customer_id = p.customer_id AND k.edition = @other AND k.role = @role AND k.status = @status)`,
		map[string]any{"edition": "2023", "other": "2021", "role": "Exhibitor", "status": "Cancelled"})
	both.Predicate.Editions = []store.NamedEdition{{Series: "Berlin", Edition: "2023"}, {Series: "Berlin", Edition: "2021"}, {Series: "Farnborough", Edition: "2021"}}
	rated := segmentOf("rated", "CAST((ATTRIBUTES OF y ->> @name) AS BIGINT) >= @least", map[string]any{"name": "fleet", "least": int64(2)})
	rated.Predicate.Joins = "LEFT JOIN party y ON y.id = p.customer_id"
	long := segmentOf("long", store.Computed("relationshipMonths")+" >= @months", map[string]any{"months": int64(40)})
	long.Predicate.ByDay = true
	asking := segmentOf("asking", `EXISTS (SELECT 1 FROM segment_member m WHERE m.segment = @one AND m.customer_id = p.customer_id)
		OR NOT EXISTS (SELECT 1 FROM segment_member m WHERE m.segment = @other AND m.customer_id = p.customer_id)`, map[string]any{"one": "listed", "other": "long"})
	asking.Asks = []string{"listed", "long"}
	return []store.Segment{
		byFrequency(cameTo("classes", 1)), halves(cameTo("halves", 1)), under("lately spent", within(everyone, store.WindowedRevenue, 700)), under("lately earned", within(everyone, store.WindowedNetProfit, 700)),
		cameTo("often", 2), segmentOf("dear", "p.revenue - p.discount > @amount OR p.net_profit > @amount", map[string]any{"amount": int64(50_000)}),
		main, visitors, there, both, rated, onList("listed", "VIP"), cameSince("lately", 700), long, asking, notIn("rest", "asking"),
	}
}

// segmentFiles are of what profiles do not follow from.
var segmentFiles = []func(*rand.Rand) []*line{randomListed, randomRated}

func randomListed(random *rand.Rand) []*line {
	return several(random, "listMember", func(l *line, n int) {
		whoever(random, l, "party").set("list", pick(random, []string{"VIP", "VIP", "other"}))
		l.keyed(fmt.Sprint("L-", n%4))
	})
}

func randomRated(random *rand.Rand) []*line {
	return several(random, "party", func(l *line, n int) {
		l.named(fmt.Sprint("Firm ", n%6), "").under(fmt.Sprint("F", n%6))
		if random.IntN(4) > 0 {
			l.attribute("fleet", customer.Decimal, random.IntN(5))
		}
	})
}

// segmentStep does something that members of segments may follow from, and says what.
func segmentStep(w *world, random *rand.Rand) string {
	w.t.Helper()
	if random.IntN(3) > 0 {
		return profileStep(w, random)
	}
	f := from(pick(random, []string{"crm", "badges"}), pick(random, segmentFiles)(random)...).trusted(pick(random, []int{20, 50, 80}))
	if random.IntN(3) == 0 {
		f.complete(store.WholeSource)
	}
	w.load(f)
	return "a file of " + f.options.Entity.Name
}

// beginSegments gives the store some of everything.
func (w *world) beginSegments(random *rand.Rand) {
	w.t.Helper()
	w.beginHistory(random)
	for _, maker := range segmentFiles {
		w.load(from("crm", maker(random)...))
	}
}

// memberClasses are the members of a segment by their numbers, each with its class.
func (w *world) memberClasses(name string) map[int64]any {
	w.t.Helper()
	members := map[int64]any{}
	for _, row := range w.query(`SELECT customer_id, class FROM segment_member WHERE segment = $1`, name) {
		members[row["customer_id"].(int64)] = row["class"]
	}
	return members
}

// evaluateOnce evaluates a segment, and compares the moves that this recorded with the
// members before and after.
func (w *world) evaluateOnce(when string, s store.Segment) store.Evaluated {
	w.t.Helper()
	before, last := w.memberClasses(s.Name), w.number(`SELECT coalesce(max(id), 0) FROM segment_transition`)
	done := w.evaluate(s)
	after := w.memberClasses(s.Name)
	want := map[string]bool{}
	if !done.Baseline {
		for id, class := range after {
			if before[id] != class {
				want[fmt.Sprint(id, before[id], after[id])] = true
			}
		}
		for id, class := range before {
			if after[id] != class {
				want[fmt.Sprint(id, before[id], after[id])] = true
			}
		}
	}
	moves := w.query(`SELECT segment, customer_id, from_class, to_class FROM segment_transition WHERE id > $1`, last)
	for _, row := range moves {
		if move := fmt.Sprint(row["customer_id"], row["from_class"], row["to_class"]); !want[move] || row["segment"] != s.Name {
			w.t.Fatalf("%s: %s has the move %s", when, s.Name, move)
		}
	}
	if len(moves) != len(want) || done.Entered+done.Left+done.Moved != int64(len(want)) || done.Members != int64(len(after)) {
		w.t.Fatalf("%s: evaluating %s did %+v and recorded %v, want %v", when, s.Name, done, moves, want)
	}
	return done
}

// expectSegments compares segments with what they are for everybody.
func (w *world) expectSegments(when string, segments []store.Segment) {
	w.t.Helper()
	for _, s := range segments {
		w.expectWhole(when, s)
	}
	for _, table := range []string{"segment_member", "segment_transition"} {
		w.expectNumber(0, when+": rows of the erased in "+table, "SELECT count(*) FROM "+table+" m JOIN party p ON p.id = m.customer_id WHERE p.erased_at IS NOT NULL")
	}
}

// testSegmentHistories plays random histories: after every step segments that were
// evaluated for those who were looked at are what they are for everybody.
func testSegmentHistories(t *testing.T, s *suite) {
	for seed := range histories(t, 3) {
		t.Run(fmt.Sprint("Seed", seed), func(t *testing.T) {
			w := s.world(t)
			random := rand.New(rand.NewPCG(seed, 21))
			w.beginSegments(random)
			segments := historySegments()
			moved, looked := int64(0), false
			for step := range 14 {
				when := "at the beginning"
				if step > 0 {
					when = fmt.Sprintf("step %d, %s", step, segmentStep(w, random))
				}
				if random.IntN(8) == 0 {
					n := random.IntN(len(segments))
					segments[n] = defined(fmt.Sprint("of step ", step), segments[n])
				}
				// Facts may be ahead of profiles.
				if random.IntN(3) == 0 {
					for _, s := range segments {
						w.evaluateOnce(when+", before the refresh", s)
					}
				}
				w.refresh()
				// Some are left out, and take up more at once next time.
				var evaluated []store.Segment
				for _, s := range segments {
					if step > 0 && random.IntN(5) == 0 {
						continue
					}
					done := w.evaluateOnce(when, s)
					moved, looked = moved+done.Entered+done.Left, looked || done.Looked > 0
					evaluated = append(evaluated, s)
				}
				w.expectSegments(when, evaluated)
			}
			if moved == 0 || !looked {
				t.Errorf("%d moved, and some were looked at: %v", moved, looked)
			}
			for _, s := range segments {
				w.evaluateOnce("at the end", s)
			}
			w.expectQuiet("at the end", segments...)
			w.expectTakingPart(seed)
		})
	}
}

// expectTakingPart compares who took part in editions, as segments ask for it, with the
// participations of profiles.
func (w *world) expectTakingPart(seed uint64) {
	w.t.Helper()
	const role = "Exhibitor"
	for _, series := range seriesNames {
		took := map[int64]int64{}
		for _, row := range w.query(`SELECT edition FROM edition WHERE series = $1`, series) {
			s := ofEdition("part", series, fmt.Sprint(row["edition"]), "k.role = @role AND k.took_part = 1")
			s.Predicate.Parameters["role"] = role
			w.evaluate(defined(fmt.Sprint(series, row["edition"]), s))
			for id := range w.memberClasses("part") {
				took[id]++
			}
		}
		for _, row := range w.query(`SELECT customer_id, participations FROM customer_series_profile WHERE series = $1 AND role = $2`, series, role) {
			if id := row["customer_id"].(int64); took[id] != row["participations"] {
				w.t.Errorf("seed %d: %d took part %d times in %s, and %v times by the profile", seed, id, took[id], series, row["participations"])
			}
			delete(took, row["customer_id"].(int64))
		}
		for id, times := range took {
			w.t.Errorf("seed %d: %d took part %d times in %s, and has no profile there", seed, id, times, series)
		}
	}
}
