package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// profileTables are what refreshes write.
var profileTables = []string{"customer_profile", "customer_series_profile", "customer_dimension_profile", "customer_preference"}

// histories is how many random histories a test plays; more by the environment
// variable FAIRLEAD_TEST_HISTORIES.
func histories(t *testing.T, few uint64) uint64 {
	t.Helper()
	text := os.Getenv("FAIRLEAD_TEST_HISTORIES")
	if text == "" {
		return few
	}
	many, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("FAIRLEAD_TEST_HISTORIES=%q: %v", text, err)
	}
	return many
}

// testProfileHistories plays random histories: after every step profiles that were
// refreshed are what a rebuild makes of the facts.
func testProfileHistories(t *testing.T, s *suite) {
	for seed := range histories(t, 4) {
		t.Run(fmt.Sprint("Seed", seed), func(t *testing.T) {
			w := s.world(t)
			random := rand.New(rand.NewPCG(seed, 11))
			w.beginHistory(random)
			for step := range 14 {
				did := profileStep(w, random)
				w.refresh()
				w.expectFresh(fmt.Sprintf("step %d, %s", step, did))
			}
			w.expectRebuilt("at the end")
		})
	}
}

// testProfilesMeanwhile writes while refreshers and a rebuild are at work: when all is
// done, the profiles are what a rebuild makes of the facts.
func testProfilesMeanwhile(t *testing.T, s *suite) {
	for seed := range histories(t, 2) {
		t.Run(fmt.Sprint("Seed", seed), func(t *testing.T) {
			w := s.world(t)
			random := rand.New(rand.NewPCG(seed, 12))
			w.beginHistory(random)
			var writers, refreshers sync.WaitGroup
			written := make(chan struct{})
			errs := make([]error, 5)
			for n := range 2 {
				own := rand.New(rand.NewPCG(seed, 100+uint64(n)))
				other := w.another()
				writers.Go(func() {
					for range 8 {
						if _, err := load(t.Context(), other, randomProfileFile(own)); err != nil {
							errs[n] = err
						}
					}
				})
			}
			untilWritten := func(err *error, work func(*store.Store) error) {
				other := w.another()
				refreshers.Go(func() {
					for done := false; !done && *err == nil; {
						select {
						case <-written:
							done = true
						default:
						}
						*err = work(other)
					}
				})
			}
			for n := range 2 {
				untilWritten(&errs[2+n], func(s *store.Store) error { _, err := s.Refresh(t.Context()); return err })
			}
			rebuilder := w.another()
			refreshers.Go(func() {
				for range 3 {
					if _, err := rebuilder.Rebuild(t.Context(), nil); err != nil {
						errs[4] = err
					}
				}
			})
			writers.Wait()
			close(written)
			refreshers.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			w.refresh()
			w.expectFresh("after writers and refreshers at once")
			w.expectRebuilt("after writers and refreshers at once")
		})
	}
}

// beginHistory gives the store a currency, as the command does, and some of
// everything.
func (w *world) beginHistory(random *rand.Rand) {
	w.t.Helper()
	if err := w.ReportIn(w.t.Context(), pick(random, []string{"EUR", "GBP"})); err != nil {
		w.t.Fatal(err)
	}
	for _, maker := range profileFiles {
		w.load(from("crm", append(maker(random), maker(random)...)...))
	}
}

// refresh brings all profiles up to date.
func (w *world) refresh() store.Refreshed {
	w.t.Helper()
	var all store.Refreshed
	for more := true; more; {
		done, err := w.Refresh(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		more = done.More
		all.Looked += done.Looked
		all.Changed += done.Changed
		all.Generation = max(all.Generation, done.Generation)
	}
	return all
}

// expectFresh says that nobody waits, and that nothing is stored otherwise than it
// is computed.
func (w *world) expectFresh(when string) {
	w.t.Helper()
	checked, err := w.Check(w.t.Context(), 10, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if checked.Differences != 0 || checked.Waiting != 0 {
		w.t.Fatalf("%s: %d wait, %d differ: %+v", when, checked.Waiting, checked.Differences, checked.Found)
	}
}

// expectRebuilt says that profiles that were lost altogether come out as they were.
func (w *world) expectRebuilt(when string) {
	w.t.Helper()
	before := w.profiles()
	if len(before) == 0 {
		w.t.Fatalf("%s: there are no profiles", when)
	}
	for _, table := range profileTables {
		w.exec("DELETE FROM " + table)
	}
	if _, err := w.Rebuild(w.t.Context(), nil); err != nil {
		w.t.Fatal(err)
	}
	if after := w.profiles(); !slices.Equal(before, after) {
		w.t.Fatalf("%s: profiles are not as rebuilt (+ rebuilt, - before):\n%s", when, differences(strings.Join(after, "\n"), strings.Join(before, "\n")))
	}
}

// profiles are all rows of profiles but their generations.
func (d *database) profiles() []string {
	d.t.Helper()
	var all []string
	for _, table := range profileTables {
		for _, row := range d.query("SELECT * FROM " + table) {
			delete(row, "generation")
			all = append(all, fmt.Sprint(table, " ", row))
		}
	}
	slices.Sort(all)
	return all
}

// profileStep does something that profiles may follow from, and says what.
func profileStep(w *world, random *rand.Rand) string {
	w.t.Helper()
	switch random.IntN(8) {
	case 0:
		days := 1 + random.IntN(400)
		*w.clock = w.clock.Add(time.Duration(days) * 24 * time.Hour)
		return fmt.Sprint(days, " days pass")
	case 1:
		return act(w, random)
	case 2:
		return declareEditions(w, random)
	case 3:
		f := randomProfileFile(random)
		w.load(f.complete(store.WholeSource))
		return "a snapshot of " + f.options.Entity.Name
	default:
		said := "files of"
		for range 1 + random.IntN(4) {
			f := randomProfileFile(random)
			w.load(f)
			said += " " + f.options.Entity.Name
		}
		return said
	}
}

// declareEditions declares what Exhibitions would.
func declareEditions(w *world, random *rand.Rand) string {
	w.t.Helper()
	var declared []store.DeclaredEdition
	for n := range random.IntN(4) {
		opens := time.Date(2021+random.IntN(6), 7, 1+random.IntN(20), 0, 0, 0, 0, time.UTC)
		d := store.DeclaredEdition{Series: pick(random, seriesNames), Edition: fmt.Sprint(2020 + n), Opens: opens, Closes: opens.AddDate(0, 0, 3)}
		if random.IntN(2) == 0 {
			cost := int64(random.IntN(9_000))
			d.AreaCost, d.Currency = &cost, pick(random, currencies)
		}
		if random.IntN(2) == 0 {
			percent := int64(random.IntN(101))
			d.IndirectPercent = &percent
		}
		declared = append(declared, d)
	}
	if err := w.DeclareEditions(w.t.Context(), declared); err != nil {
		w.t.Fatal(err)
	}
	return fmt.Sprint(len(declared), " declared editions")
}
