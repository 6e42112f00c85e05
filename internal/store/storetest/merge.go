package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

func testMerge(t *testing.T, s *suite) {
	t.Run("MovesEverything", func(t *testing.T) { testMovesEverything(t, s.world(t)) })
	t.Run("FactsGoBack", func(t *testing.T) { testFactsGoBack(t, s.world(t)) })
	t.Run("UndoneInAnyOrder", func(t *testing.T) { testUndoneInAnyOrder(t, s) })
	t.Run("Refused", func(t *testing.T) { testMergeRefused(t, s.world(t)) })
	t.Run("PersonsStayPersons", func(t *testing.T) { testPersonsStayPersons(t, s.world(t)) })
}

// two are two companies of one source, in this order.
func two() *file {
	return from("crm", organization("Airbus SE", "FR").under("A").says("code", "A").says("city", "Toulouse"),
		organization("Boeing", "US").under("B").says("code", "B").says("city", "Chicago").says("region", "Illinois"))
}

// everywhere are files with the party of key B in every place of every entity.
func everywhere(w *world) {
	w.t.Helper()
	for _, entity := range facts() {
		for _, position := range entity.Parties() {
			l := generated(entity, 0)
			l.keyed("with-" + entity.Fields[position].Name)
			l.who(entity.Fields[position].Name).under("B")
			l.says("code", "B").says("name", "Boeing").says("email", "b@example.com")
			w.load(from("crm", l))
		}
	}
}

func testMovesEverything(t *testing.T, w *world) {
	w.load(two())
	everywhere(w)
	w.exec(`INSERT INTO points_posting (id, program_id, customer_id, customer_record_id, kind, points, at, reference, reason, actor)
		SELECT 1, 1, party_id, id, 'Adjusted', 100, 0, 'a', 'b', 'c' FROM party_record WHERE external_key = 'B'`)
	w.expectFollowers("before the merge")
	before := w.dump("merge_log", "merge_log_record")
	id := w.merge("A", "B")
	w.expectFollowers("after the merge")
	for _, table := range w.tables() {
		for column := range w.columns(table) {
			if _, is := w.columns(table)[strings.Replace(column, "_record_id", "_id", 1)]; is && strings.HasSuffix(column, "_record_id") {
				party := strings.Replace(column, "_record_id", "_id", 1)
				w.expectNumber(0, table+" of the loser", "SELECT count(*) FROM "+table+" WHERE "+party+" = (SELECT id FROM party WHERE code = 'B')")
			}
		}
	}
	if shown := w.show("B"); shown.Code != "A" {
		t.Errorf("the loser's code leads to %s, want A", shown.Code)
	}
	w.unmerge(id)
	w.expectFollowers("after the undoing")
	w.expectDump(before, "the merge was undone", "merge_log", "merge_log_record")
}

func testFactsGoBack(t *testing.T, w *world) {
	w.load(two())
	id := w.merge("A", "B")
	later := attended("Farnborough", "2024").who("customer").under("B")
	w.load(from("crm", later)).expect(t, store.Tally{Read: 1, New: 1})
	w.load(from("crm", organization("Boeing Company", "US").under("B").says("code", "B").says("city", "Arlington")))
	w.expectNumber(1, "the survivor's participations", `SELECT count(*) FROM participation f JOIN party p ON p.id = f.customer_id WHERE p.code = 'A'`)
	w.unmerge(id)
	w.expectNumber(1, "participations that went back", `SELECT count(*) FROM participation f JOIN party p ON p.id = f.customer_id WHERE p.code = 'B'`)
	if city, roles := w.field("B", "city"), w.field("B", "roles"); city != "Arlington" || roles != "Exhibitor" {
		t.Errorf("the party came back with city %q and roles %q", city, roles)
	}
	if city, roles := w.field("A", "city"), w.field("A", "roles"); city != "Toulouse" || roles != "" {
		t.Errorf("the survivor kept city %q and roles %q", city, roles)
	}
	w.load(from("crm", later)).expect(t, store.Tally{Read: 1, Unchanged: 1})
}

// testUndoneInAnyOrder merges B into A and A into C, and undoes both.
func testUndoneInAnyOrder(t *testing.T, s *suite) {
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			w := s.world(t)
			w.load(from("crm", append(two().lines, organization("Safran", "FR").under("C").says("code", "C"))...))
			before := w.dump("merge_log", "merge_log_record")
			merges := []int64{w.merge("A", "B"), w.merge("C", "A")}
			if shown := w.show("B"); shown.Code != "C" || len(shown.Records) != 3 {
				t.Errorf("B leads to %s with %d records, want C with 3", shown.Code, len(shown.Records))
			}
			for _, i := range order {
				w.unmerge(merges[i])
				w.expectFollowers(fmt.Sprintf("after undoing %d", i))
			}
			w.expectDump(before, "both merges were undone", "merge_log", "merge_log_record")
		})
	}
}

func testMergeRefused(t *testing.T, w *world) {
	w.load(from("crm", append(two().lines, person("Ada Lovelace", "GB").under("P").says("code", "P"), organization("Safran", "FR").under("C").says("code", "C"))...))
	id := w.merge("A", "B")
	w.erase("C")
	gone := w.text(`SELECT code FROM party WHERE erased_at IS NOT NULL`)
	for _, pair := range [][2]string{{"A", "A"}, {"A", "B"}, {"B", "A"}, {"A", "P"}, {"A", gone}, {gone, "A"}} {
		_, err := w.Merge(t.Context(), pair[0], pair[1], "", "tester")
		expectError[*store.ConflictError](t, err, "merging "+pair[1]+" into "+pair[0])
	}
	_, err := w.Merge(t.Context(), "A", "nobody", "", "tester")
	expectError[*store.NotFoundError](t, err, "merging nobody")
	expectError[*store.NotFoundError](t, w.Unmerge(t.Context(), 99, "tester"), "undoing nothing")
	w.unmerge(id)
	expectError[*store.ConflictError](t, w.Unmerge(t.Context(), id, "tester"), "undoing twice")
	id = w.merge("A", "B")
	w.erase("A")
	expectError[*store.ConflictError](t, w.Unmerge(t.Context(), id, "tester"), "bringing back who was erased")
	entries, err := w.Merges(t.Context(), 10)
	if err != nil || len(entries) != 2 || entries[0].ID != id || entries[1].UndoneAt == 0 || entries[0].Actor != "tester" {
		t.Errorf("the log of merges is %+v, %v", entries, err)
	}
}

// testPersonsStayPersons: a row that does not say its kind says it by its place.
func testPersonsStayPersons(_ *testing.T, w *world) {
	w.load(from("badges", visited("Farnborough", "2024").person("Ada Lovelace", "GB").under("1").at("ada@example.com")))
	w.load(from("crm", visited("Farnborough", "2024").person("Ada Lovelace", "GB").under("7").at("ada@example.com")))
	w.expectParties(1)
	w.expectNumber(1, "persons", `SELECT count(*) FROM party WHERE kind = 'Person'`)
	w.load(from("badges", visited("Farnborough", "2024").person("Grace Hopper", "US").under("2")))
	w.unmerge(w.merge(w.codeOf("badges", "1"), w.codeOf("badges", "2")))
	w.expectNumber(2, "persons after a merge", `SELECT count(*) FROM party WHERE kind = 'Person'`)
}

// aside are what a merge and its undoing leave behind.
var aside = []string{"merge_log", "merge_log_record", "match_candidate", "correction"}

// testMergeHistories merges and undoes at random while files come in. Once all
// is undone, in any order, the store is as if nobody had ever merged.
func testMergeHistories(t *testing.T, s *suite) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("Seed", seed), func(t *testing.T) {
			w := s.world(t)
			for _, f := range keyedFiles(seed) {
				w.load(f)
			}
			want := w.dump(aside...)
			w = s.world(t)
			random := rand.New(rand.NewPCG(seed, 5))
			var open []int64
			for _, f := range keyedFiles(seed) {
				w.load(f)
				for range 1 + random.IntN(4) {
					open = w.mergeOrUndo(random, open)
					w.expectFollowers("in the middle of a history")
				}
			}
			random.Shuffle(len(open), func(i, j int) { open[i], open[j] = open[j], open[i] })
			for _, id := range open {
				w.unmerge(id)
				w.expectFollowers("while all is being undone")
			}
			w.expectDump(want, fmt.Sprintf("seed %d: all merges were undone", seed), aside...)
		})
	}
}

// mergeOrUndo does one or the other, and gives the merges that stand.
func (w *world) mergeOrUndo(random *rand.Rand, open []int64) []int64 {
	w.t.Helper()
	if len(open) > 0 && random.IntN(3) == 0 {
		i := random.IntN(len(open))
		w.unmerge(open[i])
		return append(open[:i:i], open[i+1:]...)
	}
	var codes []string
	for _, row := range w.query(`SELECT code FROM party WHERE merged_into IS NULL AND kind = $1 ORDER BY id`, pick(random, customer.PartyKinds)) {
		codes = append(codes, fmt.Sprint(row["code"]))
	}
	if len(codes) < 2 {
		return open
	}
	random.Shuffle(len(codes), func(i, j int) { codes[i], codes[j] = codes[j], codes[i] })
	return append(open, w.merge(codes[0], codes[1]))
}

// keyedFiles name everybody by key, so that who is meant does not depend on
// merges.
func keyedFiles(seed uint64) []*file {
	random := rand.New(rand.NewPCG(seed, 4))
	files := []*file{keyedParties(random, "crm"), keyedParties(random, "badges")}
	for range 5 {
		source := pick(random, []string{"crm", "badges"})
		var lines []*line
		switch random.IntN(3) {
		case 0:
			files = append(files, keyedParties(random, source))
			continue
		case 1:
			for i := range 6 {
				lines = append(lines, attended("Farnborough", fmt.Sprint(2000+i)).set("area", random.IntN(2)).who("customer").under(fmt.Sprint("K", random.IntN(6))))
			}
		default:
			for i := range 6 {
				lines = append(lines, visited("Farnborough", fmt.Sprint(2000+i)).who("person").under(fmt.Sprint("P", random.IntN(4))).
					who("organization").under(fmt.Sprint("K", random.IntN(6))))
			}
		}
		files = append(files, from(source, lines...).by(store.ByExternalKey).trusted(pick(random, []int{20, 50, 80})))
	}
	return files
}

// keyedParties describe the same companies differently every time. Codes stay:
// one that comes up while two are one is the survivor's.
func keyedParties(random *rand.Rand, source string) *file {
	var lines []*line
	for key := range 6 {
		l := organization(randomName(random), pick(random, countries)).says("city", fmt.Sprint("City ", random.IntN(3)))
		if key%2 == 0 {
			l.says("code", fmt.Sprint(source, key))
		}
		lines = append(lines, l.under(fmt.Sprint("K", key)).at(fmt.Sprintf("box%d@example.com", random.IntN(3))))
	}
	return from(source, lines...).by(store.ByExternalKey).trusted(pick(random, []int{20, 50, 80}))
}
