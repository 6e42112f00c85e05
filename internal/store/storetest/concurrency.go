package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

func testConcurrency(t *testing.T, s *suite) {
	t.Run("TwoSources", func(t *testing.T) { testTwoSources(t, s.world(t)) })
	t.Run("MergedInTheMiddleOfAnImport", func(t *testing.T) { testMergedInTheMiddle(t, s.world(t)) })
	t.Run("ErasedInTheMiddleOfAnImport", func(t *testing.T) { testErasedInTheMiddle(t, s.world(t)) })
	t.Run("MergesMeanwhile", func(t *testing.T) { testMergesMeanwhile(t, s.world(t)) })
	t.Run("SameSourceTwice", func(t *testing.T) { testSameSourceTwice(t, s.world(t)) })
	t.Run("NewSourceTwice", func(t *testing.T) { testNewSourceTwice(t, s.world(t)) })
	t.Run("MergeBetweenBatches", func(t *testing.T) { testMergeBetweenBatches(t, s.world(t)) })
}

// newcomers are companies that two sources bring at once.
func newcomers(source string, reversed bool) *file {
	const count = 40
	var lines []*line
	for i := range count {
		n := i
		if reversed {
			n = count - 1 - i
		}
		lines = append(lines, attended("Farnborough", "2024").customer(fmt.Sprintf("Newcomer %d GmbH", n), "DE"))
	}
	return from(source, lines...).inBatchesOf(4)
}

// testTwoSources: whoever comes first makes the company, and the other finds it.
func testTwoSources(t *testing.T, w *world) {
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i, source := range []string{"crm", "badges"} {
		opened := w.another()
		group.Go(func() { _, errs[i] = load(t.Context(), opened, newcomers(source, i == 1)) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	w.expectParties(40)
	w.expectNumber(80, "participations", `SELECT count(*) FROM participation`)
	w.expectNumber(0, "candidates", `SELECT count(*) FROM match_candidate`)
	w.expectFollowers("after two imports at once")
}

// testSameSourceTwice: of one source too.
func testSameSourceTwice(t *testing.T, w *world) {
	w.load(from("crm", attended("Farnborough", "2022").customer("Newcomer 1 GmbH", "DE")))
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		opened := w.another()
		group.Go(func() { _, errs[i] = load(t.Context(), opened, newcomers("crm", i == 1)) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	w.expectParties(40)
	w.expectNumber(41, "participations", `SELECT count(*) FROM participation`)
}

// testNewSourceTwice: also of a source that nobody knew when they began. Each import
// takes its turn at being the first to say a key.
func testNewSourceTwice(t *testing.T, w *world) {
	imports := make([]*store.Import, 3)
	for n := range imports {
		var err error
		if imports[n], err = w.another().Import(t.Context(), newcomers("crm", false).options); err != nil {
			t.Fatal(err)
		}
	}
	const rows = 4
	for n, batch := range newcomers("crm", false).batches() {
		for turn := range imports {
			if _, err := imports[(n+turn)%len(imports)].Write(t.Context(), batch); err != nil {
				t.Fatalf("batch %d of import %d, after %d others: %v", n, (n+turn)%len(imports), turn, err)
			}
		}
	}
	var all store.Tally
	for _, i := range imports {
		if err := i.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		tally := i.Tally()
		all.New, all.Unchanged, all.Parties = all.New+tally.New, all.Unchanged+tally.Unchanged, all.Parties+tally.Parties
	}
	if want := (store.Tally{New: 10 * rows, Unchanged: 20 * rows, Parties: 10 * rows}); all != want {
		t.Errorf("the tallies add up to %+v, want %+v", all, want)
	}
	w.expectParties(40)
	w.expectNumber(40, "participations", `SELECT count(*) FROM participation`)
}

// testMergedInTheMiddle merges parties after an import got to know them: its rows,
// laid out for whom they meant before, go to whom they mean now, and are counted
// once.
func testMergedInTheMiddle(t *testing.T, w *world) {
	w.load(two())
	attends := func(edition, key string, area int) *line {
		return attended("Farnborough", edition).set("area", area).who("customer").under(key)
	}
	i, err := w.Import(t.Context(), from("crm", attends("2024", "A", 1)).options)
	if err != nil {
		t.Fatal(err)
	}
	add := func(lines ...*line) {
		t.Helper()
		if err := i.Add(t.Context(), from("crm", lines...).batches()[0]); err != nil {
			t.Fatal(err)
		}
	}
	add(attends("2022", "A", 1), attends("2024", "A", 1), attends("2024", "B", 2))
	if err := errors.Join(i.Flush(t.Context()), i.Wait()); err != nil {
		t.Fatal(err)
	}
	// Both are known now, and so are the editions: these rows are laid out as they
	// come. One comes twice; of the last it is not known whom it means.
	add(attends("2022", "B", 3), attends("2022", "B", 4), attends("2022", "C", 5).customer("Comac", "CN").under("C"))
	w.merge("A", "B")
	if err := i.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := store.Tally{Read: 6, New: 5, Unchanged: 1, Parties: 1}
	if got := i.Tally(); got != want {
		t.Errorf("the tally is %+v, want %+v", got, want)
	}
	w.expectNumber(4, "participations of the survivor", `SELECT count(*) FROM participation WHERE customer_id = (SELECT id FROM party WHERE code = 'A')`)
	w.expectNumber(4, "the last area said", `SELECT area FROM participation p JOIN party_record r ON r.id = p.customer_record_id JOIN edition e ON e.id = p.edition_id
		WHERE r.external_key = 'B' AND e.edition = '2022'`)
	w.expectFollowers("after a merge in the middle of an import")
}

// testErasedInTheMiddle erases a person whose rows are laid out already: none of
// them comes in, and each counts as erased, also one that comes twice.
func testErasedInTheMiddle(t *testing.T, w *world) {
	w.load(from("crm", person("Ada Lovelace", "GB").under("A").says("code", "A"), organization("Boeing", "US").under("B").says("code", "B")))
	attends := func(key string, area int) *line {
		return attended("Farnborough", "2024").set("area", area).who("customer").under(key)
	}
	i, err := w.Import(t.Context(), from("crm", attends("A", 1)).options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := i.Write(t.Context(), from("crm", attends("A", 1), attends("B", 1)).batches()[0]); err != nil {
		t.Fatal(err)
	}
	if err := i.Add(t.Context(), from("crm", attends("A", 2), attends("B", 2), attends("A", 3), attends("B", 3)).batches()[0]); err != nil {
		t.Fatal(err)
	}
	w.erase("A")
	if err := i.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := store.Tally{Read: 6, New: 2, Changed: 1, Unchanged: 3, Erased: 2}
	if got := i.Tally(); got != want {
		t.Errorf("the tally is %+v, want %+v", got, want)
	}
	w.expectNumber(3, "the last area said", `SELECT max(area) FROM participation WHERE customer_id = (SELECT id FROM party WHERE code = 'B')`)
	w.expectFollowers("after an erasure in the middle of an import")
}

// testMergesMeanwhile merges, undoes and erases while imports run.
func testMergesMeanwhile(t *testing.T, w *world) {
	w.load(newcomers("crm", false))
	var codes []string
	for _, row := range w.query(`SELECT code FROM party ORDER BY id`) {
		codes = append(codes, fmt.Sprint(row["code"]))
	}
	opened := w.another()
	var group sync.WaitGroup
	var importing error
	group.Go(func() {
		for year := range 3 {
			f := newcomers("crm", year%2 == 1)
			for _, l := range f.lines {
				l.edition("Farnborough", fmt.Sprint(2030+year))
			}
			if _, err := load(t.Context(), opened, f); err != nil {
				importing = err
			}
		}
	})
	for i := 0; i+1 < 20; i += 2 {
		id := w.merge(codes[i], codes[i+1])
		if i%4 == 0 {
			w.unmerge(id)
		}
		w.erase(codes[20+i])
	}
	group.Wait()
	if importing != nil {
		t.Fatal(importing)
	}
	w.expectFollowers("after an import during merges")
	w.expectNumber(10, "erased", `SELECT count(*) FROM party WHERE erased_at IS NOT NULL`)
	w.expectNumber(0, "roles of the erased", `SELECT count(*) FROM party WHERE erased_at IS NOT NULL AND (roles <> 0 OR name IS NOT NULL)`)
	w.expectNumber(40, "parties", `SELECT count(*) FROM party`)
	for _, code := range []int{20, 28, 38} {
		w.expectNowhere(fmt.Sprintf("Newcomer %d GmbH", code), fmt.Sprintf("newcomer%d\"", code))
	}
}

// testMergeBetweenBatches: what an import remembers of keys ends with a merge.
func testMergeBetweenBatches(t *testing.T, w *world) {
	w.load(two())
	attends := func(year string) *line { return attended("Farnborough", year).who("customer").under("B") }
	i, err := w.Import(t.Context(), from("crm", attends("2000")).options)
	if err != nil {
		t.Fatal(err)
	}
	other := w.another()
	write := func(year, want string) {
		t.Helper()
		if _, err := i.Write(t.Context(), from("crm", attends(year)).batches()[0]); err != nil {
			t.Fatal(err)
		}
		if code := w.text(`SELECT p.code FROM participation f JOIN edition e ON e.id = f.edition_id JOIN party p ON p.id = f.customer_id WHERE e.edition = $1`, year); code != want {
			t.Errorf("the participation of %s is with %s, want %s", year, code, want)
		}
		w.expectFollowers("between batches")
	}
	write("2000", "B")
	id, err := other.Merge(t.Context(), "A", "B", "", "tester")
	if err != nil {
		t.Fatal(err)
	}
	write("2002", "A")
	if err := other.Unmerge(t.Context(), id, "tester"); err != nil {
		t.Fatal(err)
	}
	write("2004", "B")
	if _, err := other.Erase(t.Context(), "B", "", "tester"); err != nil {
		t.Fatal(err)
	}
	if _, err := i.Write(t.Context(), from("crm", attends("2006")).batches()[0]); err != nil {
		t.Fatal(err)
	}
	if tally := i.Tally(); tally != (store.Tally{Read: 4, New: 3, Unchanged: 1, Erased: 1}) {
		t.Errorf("the tally is %+v", tally)
	}
	if err := i.Finish(t.Context()); err != nil {
		t.Error(err)
	}
}
