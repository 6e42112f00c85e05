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

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// ProfileTables are what refreshes write.
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

// testProfilesMeanwhile writes while refreshers are at work: when all is done, the
// profiles are what a rebuild makes of the facts.
func testProfilesMeanwhile(t *testing.T, s *suite) {
	for seed := range histories(t, 2) {
		t.Run(fmt.Sprint("Seed", seed), func(t *testing.T) {
			w := s.world(t)
			random := rand.New(rand.NewPCG(seed, 12))
			w.beginHistory(random)
			var writers, refreshers sync.WaitGroup
			written := make(chan struct{})
			errs := make([]error, 4)
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
				refresher := w.another()
				refreshers.Go(func() {
					for done := false; !done; {
						select {
						case <-written:
							done = true
						default:
						}
						if _, err := refresher.Refresh(t.Context()); err != nil {
							errs[2+n] = err
							return
						}
					}
				})
			}
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

var (
	seriesNames = []string{"Farnborough", "Berlin"}
	currencies  = []string{"EUR", "GBP", "USD", "JPY"}
)

// randomProfileFile is a file of one entity, whose keys are few, so that rows are
// corrected and move from one customer to another.
func randomProfileFile(random *rand.Rand) *file {
	f := from(pick(random, []string{"crm", "crm", "badges", "ledger"}), pick(random, profileFiles)(random)...)
	return f.trusted(pick(random, []int{20, 50, 50, 80}))
}

var profileFiles = []func(*rand.Rand) []*line{
	randomParties, randomEditions, randomTaking, randomTaking, randomBookings, randomBookings, randomStatuses, randomStatuses, randomVisits, randomEntries,
	randomRates, randomTouches, randomAnswers, randomComplaints, randomReferrals, randomDealings, randomPreferences, randomAffiliations,
}

// several makes lines under keys of their own.
func several(random *rand.Rand, entity string, fill func(l *line, n int)) []*line {
	var lines []*line
	for n := range 1 + random.IntN(12) {
		l := row(entity)
		if len(l.entity.Key) == 0 {
			l.keyed(fmt.Sprint(entity[:2], "-", random.IntN(6), "-", n))
		}
		fill(l, n)
		lines = append(lines, l)
	}
	return lines
}

func whoever(random *rand.Rand, l *line, field string) *line {
	if random.IntN(4) == 0 {
		return l.who(field).named(randomName(random), pick(random, countries))
	}
	n := random.IntN(6)
	return l.who(field).named(fmt.Sprint("Firm ", n), "").under(fmt.Sprint("F", n))
}

// moment is some time of the years around.
func moment(random *rand.Rand) int64 {
	return day(2021, 1, 1) + random.Int64N(6*365*24)*int64(time.Hour/time.Millisecond)
}

func maybe(random *rand.Rand, l *line, field string, value any) {
	if random.IntN(3) > 0 {
		l.set(field, value)
	}
}

func someEdition(random *rand.Rand, l *line) *line {
	return l.edition(pick(random, seriesNames), fmt.Sprint(2020+random.IntN(6)))
}

func amounts(random *rand.Rand, l *line, fields ...string) {
	for _, field := range fields {
		maybe(random, l, field, random.IntN(200_000)-20_000)
	}
	if l.entity.Name == "transaction" || random.IntN(5) > 0 {
		l.set("currency", pick(random, currencies))
	}
}

func randomEditions(random *rand.Rand) []*line {
	n := 0
	return several(random, "edition", func(l *line, at int) {
		l.edition(seriesNames[at%2], fmt.Sprint(2020+at/2))
		opens := day(2020+at/2, 7, 1+random.IntN(20))
		maybe(random, l, "opens", opens)
		maybe(random, l, "closes", opens+int64(random.IntN(5))*24*3600*1000)
		l.set("cancelled", random.IntN(5) == 0)
		n++
	})
}

func randomTaking(random *rand.Rand) []*line {
	return several(random, "participation", func(l *line, at int) {
		whoever(random, l.edition(pick(random, seriesNames), fmt.Sprint(2020+at)), "customer")
		l.set("role", pick(random, []string{"Exhibitor", "Exhibitor", "Sponsor", "Visitor"})).set("status", pick(random, customer.BookingStatuses))
		maybe(random, l, "at", moment(random))
		maybe(random, l, "area", random.IntN(9_000))
		amounts(random, l, "listPrice", "net")
	})
}

func randomBookings(random *rand.Rand) []*line {
	return several(random, "booking", func(l *line, n int) {
		l.keyed(fmt.Sprint("B-", n))
		whoever(random, someEdition(random, l), "customer")
		l.set("product", pick(random, customer.Products)).set("at", moment(random))
		if random.IntN(4) == 0 {
			l.set("parent", "B-0")
		}
		maybe(random, l, "area", random.IntN(9_000))
		amounts(random, l, "listPrice", "discount", "net")
	})
}

func randomStatuses(random *rand.Rand) []*line {
	return several(random, "bookingStatus", func(l *line, n int) {
		l.set("booking", fmt.Sprint("B-", n)).set("status", pick(random, customer.BookingStatuses)).set("at", day(2023, 1, 1+random.IntN(3)))
		if random.IntN(3) == 0 {
			amounts(random, l, "fee")
		}
	})
}

func randomEntries(random *rand.Rand) []*line {
	return several(random, "transaction", func(l *line, _ int) {
		whoever(random, l, "customer").set("at", moment(random))
		if random.IntN(2) == 0 {
			someEdition(random, l)
		}
		amounts(random, l, "revenue", "discount", "productCost", "indirectCost")
	})
}

func randomRates(random *rand.Rand) []*line {
	var lines []*line
	for _, pair := range [][2]string{{"USD", "EUR"}, {"EUR", "GBP"}, {"JPY", "GBP"}, {"EUR", "JPY"}} {
		for range random.IntN(3) {
			lines = append(lines, row("exchangeRate").set("from", pair[0]).set("to", pair[1]).set("day", day(2021+random.IntN(5), 1+random.IntN(2), 1)).
				set("rate", 1+random.Int64N(3_000_000_000)))
		}
	}
	return append(lines, row("exchangeRate").set("from", "USD").set("to", "GBP").set("day", day(2020, 1, 1)).set("rate", 790_000_000+random.Int64N(3)))
}

func randomTouches(random *rand.Rand) []*line {
	return several(random, "interaction", func(l *line, _ int) {
		whoever(random, l, "customer").set("at", moment(random)).set("method", pick(random, customer.Methods))
		maybe(random, l, "direction", pick(random, customer.Directions))
		if random.IntN(2) == 0 {
			someEdition(random, l)
		}
		amounts(random, l, "cost")
	})
}

func randomAnswers(random *rand.Rand) []*line {
	return several(random, "feedback", func(l *line, n int) {
		l.keyed(fmt.Sprint("F-", n))
		whoever(random, l, "customer").set("at", moment(random)).set("survey", "S").set("question", fmt.Sprint("Q", random.IntN(2)))
		maybe(random, l, "dimension", pick(random, []string{"service", "venue", customer.DimensionOfRecommendation}))
		if random.IntN(2) == 0 {
			someEdition(random, l)
		}
		for _, field := range []string{"expected", "perceived", "score", "rivalScore"} {
			if random.IntN(2) == 0 {
				l.set(field, 25*random.IntN(41))
			}
		}
	})
}

func randomComplaints(random *rand.Rand) []*line {
	return several(random, "complaint", func(l *line, _ int) {
		whoever(random, l, "customer").set("opened", moment(random))
		maybe(random, l, "resolved", moment(random))
		if random.IntN(2) == 0 {
			someEdition(random, l)
		}
	})
}

func randomReferrals(random *rand.Rand) []*line {
	return several(random, "referral", func(l *line, n int) {
		whoever(random, whoever(random, l, "referrer"), "referred")
		l.keyed(fmt.Sprint("R-", n)).set("at", moment(random))
	})
}

func randomDealings(random *rand.Rand) []*line {
	return several(random, "rivalDealing", func(l *line, n int) {
		whoever(random, l, "customer").set("rival", fmt.Sprint("Rival ", random.IntN(3))).set("day", day(2021+random.IntN(6), 1+n, 1))
		amounts(random, l, "spend")
	})
}

func randomPreferences(random *rand.Rand) []*line {
	return several(random, "preference", func(l *line, n int) {
		whoever(random, l, "party").set("name", fmt.Sprint("wish ", n%3)).set("value", fmt.Sprint("value ", random.IntN(4)))
		l.keyed(fmt.Sprint("P-", n))
		maybe(random, l, "confirmed", day(2023, 1, 1+random.IntN(3)))
	})
}

func randomAffiliations(random *rand.Rand) []*line {
	return several(random, "affiliation", func(l *line, n int) {
		l.keyed(fmt.Sprint("A-", n)).person(pick(random, people), "")
		whoever(random, l, "organization")
		maybe(random, l, "department", pick(random, []string{"Sales", "Press"}))
		maybe(random, l, "from", day(2021+random.IntN(6), 3, 1))
		maybe(random, l, "to", day(2024+random.IntN(6), 9, 30))
	})
}
