package measure

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // for Berlin

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"github.com/fairlead/fairlead/internal/generate"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/postgres"
)

var server *postgres.Server

func TestMain(m *testing.M) {
	os.Exit(postgres.Main(m, func(_ context.Context, s *postgres.Server) error { server = s; return nil }))
}

// now of all tables in these tests.
var now = time.Date(2026, time.June, 10, 12, 0, 0, 0, time.UTC)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// facts are written as rows: an import needs more words for them than the tests have.
type facts struct {
	t     *testing.T
	store *store.Store
	raw   *sql.DB
	place string
	last  int64
}

// row of a table, with columns of days and moments as text.
type row map[string]any

func (f *facts) add(table string, r row) {
	f.t.Helper()
	f.last++
	whole := row{"digest": 0, "import_id": 1}
	if table != "participation" {
		whole["id"], whole["source_id"], whole["external_key"] = f.last, 1, strconv.FormatInt(f.last, 10)
	}
	for _, party := range []string{"customer", "person"} {
		if id, has := r[party+"_id"]; has {
			whole[party+"_record_id"] = id
		}
	}
	maps.Copy(whole, r)
	f.insert(table, whole)
}

func (f *facts) insert(table string, r row) {
	f.t.Helper()
	columns := slices.Sorted(maps.Keys(r))
	places, args := make([]string, len(columns)), make([]any, len(columns))
	for i, column := range columns {
		places[i], args[i] = f.place+strconv.Itoa(i+1), r[column]
		if text, is := r[column].(string); is {
			for _, layout := range []string{time.DateOnly, "2006-01-02 15:04"} {
				if at, err := time.Parse(layout, text); err == nil {
					args[i] = at.UnixMilli()
				}
			}
		}
	}
	if _, err := f.raw.ExecContext(f.t.Context(), "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(places, ", ")+")", args...); err != nil {
		f.t.Fatalf("%s: %v", table, err)
	}
}

// inBoth runs a test on a store in each kind of database.
func inBoth(t *testing.T, test func(t *testing.T, f *facts)) {
	t.Helper()
	file, url := filepath.Join(t.TempDir(), "store.db"), server.NewDatabase(t)
	for name, from := range map[string][4]string{"SQLite": {"sqlite://" + file, "sqlite", file, "?"}, "PostgreSQL": {url, "pgx", url, "$"}} {
		t.Run(name, func(t *testing.T) {
			opened, err := store.Open(t.Context(), from[0], store.Options{Create: true, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { opened.Close() })
			if _, _, err := opened.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := opened.ReportIn(t.Context(), "EUR"); err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open(from[1], from[2])
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { raw.Close() })
			test(t, &facts{t: t, store: opened, raw: raw, place: from[3]})
		})
	}
}

// Editions of the tests, by their numbers in the store.
const (
	of2024 = 101
	of2025 = 102
	of2026 = 103
)

// history is that of three editions. All moments are in UTC: in Berlin it is an hour later,
// and two from 29 March 2026, 01:00, on. The week 2026-W13 ends on that day.
func (f *facts) history() {
	for id, days := range map[int][2]string{of2024: {"2024-05-14", "2024-05-17"}, of2025: {"2025-05-20", "2025-05-23"}, of2026: {"2026-05-12", "2026-05-15"}} {
		f.insert("edition", row{"id": id, "series": "Fair", "edition": "of " + days[0][:4], "opens": days[0], "closes": days[1]})
	}
	// A franc is worth 1.05 euro, and of dollars nobody knows.
	f.insert("conversion", row{"currency": "CHF", "day": "2025-01-01", "factor": 1_050_000_000_000})
	const a, b, c, d, e, g, h, k = 1, 2, 3, 4, 5, 6, 7, 8
	for _, customer := range []int{b, e, g} {
		f.add("participation", row{"customer_id": customer, "edition_id": of2024, "role": "Exhibitor", "status": "Attended"})
	}
	books := func(customer, edition int, product, at string, net int, more row) int64 {
		r := row{"customer_id": customer, "edition_id": edition, "product": product, "at": at, "currency": "EUR"}
		if net > 0 {
			r["net"] = net
		}
		maps.Copy(r, more)
		f.add("booking", r)
		return f.last
	}
	comes := func(booking int64, status, at string) {
		f.add("booking_status", row{"booking_id": booking, "status": status, "at": at})
	}
	// The last cycle: the same distance from its opening was the week from 31 March 2025 on.
	books(a, of2025, "Stand", "2025-04-01 10:00", 1_000_00, row{"area": 1_000})
	books(g, of2025, "Stand", "2025-03-30 22:30", 800_00, row{"area": 800})
	comes(books(h, of2025, "Stand", "2025-01-10 10:00", 300_00, row{"area": 300}), "Cancelled", "2025-05-01 10:00")

	// Half an hour after midnight on Monday.
	main := books(a, of2026, "Stand", "2026-03-22 23:30", 1_500_00, row{"area": 1_500})
	// An option of the week before becomes a contract half an hour before midnight on Sunday.
	option := books(c, of2026, "Stand", "2026-03-16 09:00", 1_000_00, row{"area": 2_000, "currency": "CHF"})
	comes(option, "Option", "2026-03-16 09:00")
	comes(option, "Contracted", "2026-03-29 21:30")
	comes(books(g, of2026, "Stand", "2026-03-17 09:00", 500_00, row{"area": 500}), "Cancelled", "2026-03-25 09:00")
	// An hour later it is the next week.
	books(b, of2026, "Sponsorship", "2026-03-29 22:30", 200_00, nil)
	comes(books(b, of2026, "Stand", "2026-03-24 10:00", 0, row{"area": 900}), "Enquired", "2026-03-24 10:05")
	books(d, of2026, "Advertising", "2026-03-26 10:00", 300_00, row{"currency": "USD"})
	books(d, of2026, "Stand", "2026-03-26 10:00", 300_00, row{"withdrawn_at": "2026-03-27"})
	books(e, of2026, "Stand", "2026-03-27 10:00", 0, row{"area": 700, "parent": strconv.FormatInt(main, 10)})
	// After the store's own clock.
	books(b, of2026, "Stand", "2026-06-12 10:00", 0, nil)
	// Lists: without a day, with one, cancelled without a day, and of somebody who has booked.
	for _, listed := range []row{
		{"customer_id": d}, {"customer_id": k, "at": "2026-03-18 09:00", "area": 400, "net": 100_00, "currency": "EUR"},
		{"customer_id": h, "status": "Cancelled"}, {"customer_id": a, "at": "2026-03-18", "area": 9_000},
	} {
		r := row{"edition_id": of2026, "role": "Exhibitor", "status": "Contracted"}
		maps.Copy(r, listed)
		f.add("participation", r)
	}
	for _, entry := range []row{
		{"at": "2026-03-24", "revenue": 1_000_00, "discount": 100_00, "currency": "EUR"}, {"at": "2026-03-25", "revenue": -200_00, "currency": "CHF"},
		{"at": "2026-03-26", "revenue": 1, "currency": "USD"},
	} {
		f.add("transaction_entry", row{"customer_id": a, "edition_id": of2026, "at": entry["at"], "revenue": entry["revenue"], "discount": entry["discount"], "currency": entry["currency"]})
	}
	for _, answer := range []row{
		{"customer_id": a, "person_id": 11, "question": "price", "dimension": "price", "expected": 400, "at": "2026-03-17"},
		{"customer_id": a, "person_id": 11, "question": "price", "dimension": "price", "perceived": 450, "at": "2026-03-24"},
		{"customer_id": b, "question": "again?", "dimension": "recommendation", "score": 900, "at": "2026-03-24"},
		{"customer_id": c, "question": "again?", "dimension": "recommendation", "score": 1_000, "at": "2026-03-24"},
		// The last answer of each counts.
		{"customer_id": c, "question": "again!", "dimension": "recommendation", "score": 600, "at": "2026-03-25"},
		{"customer_id": e, "question": "help", "dimension": "service", "expected": 500, "perceived": 300, "at": "2026-03-24"},
	} {
		answer["edition_id"], answer["survey"] = of2026, "all"
		f.add("feedback", answer)
	}
	for _, complaint := range []row{
		{"opened": "2026-03-10", "due": "2026-03-17", "first_answer": "2026-03-24", "resolved": "2026-03-25", "outcome": "Solved"},
		{"opened": "2026-03-24", "due": "2026-03-27"},
		{"opened": "2026-03-26", "due": "2026-04-02", "first_answer": "2026-03-26", "resolved": "2026-03-31", "outcome": "Rejected"},
	} {
		complaint["customer_id"], complaint["edition_id"] = a, of2026
		f.add("complaint", complaint)
	}
	for _, visit := range []struct {
		person, edition int
		day             string
	}{{21, of2026, "2026-05-12"}, {21, of2026, "2026-05-13"}, {22, of2026, "2026-05-17"}, {23, of2026, "2026-05-18"}, {21, of2025, "2025-05-20"}} {
		f.add("visit", row{"person_id": visit.person, "edition_id": visit.edition, "day": visit.day})
	}
}

func (f *facts) week(text, edition, previous string) *Weekly {
	f.t.Helper()
	zone := berlin(f.t)
	week, err := ParseWeek(text, zone)
	if err != nil {
		f.t.Fatal(err)
	}
	opens := map[string]time.Time{"of 2024": time.Date(2024, 5, 14, 0, 0, 0, 0, zone), "of 2026": time.Date(2026, 5, 12, 0, 0, 0, 0, zone)}
	w, err := OfWeek(f.t.Context(), f.store, store.EditionSpan{Series: "Fair", Edition: edition, Previous: previous}, opens[edition], week, now)
	if err != nil || w == nil {
		f.t.Fatalf("measuring %s: %v, %v", text, w, err)
	}
	return w
}

// TestWeek holds every figure of a week to what the history above comes to by hand.
func TestWeek(t *testing.T) {
	sum := func(n int64) Sum { return Sum{Int64: n, Valid: true} }
	inBoth(t, func(t *testing.T, f *facts) {
		f.history()
		w := f.week("2026-W13", "of 2026", "of 2025")
		if shift, present := w.Shift(); shift != 51 || !present || w.At(LastCycle).String() != "2025-W14" || !w.At(LastCycle).Begins().Equal(time.Date(2025, 3, 30, 22, 0, 0, 0, time.UTC)) {
			t.Errorf("the last cycle was %d weeks before, in %s from %s on", shift, w.At(LastCycle), w.At(LastCycle).Begins())
		}
		for column, want := range map[int]Figures{
			ThisWeek: {
				Enquiries: 1, Booked: 4, Stands: 3, Area: sum(3_500), Revenue: sum(1_500_00 + 1_050_00), Rebooked: sum(1), New: sum(2), Cancelled: 1,
				Standing: 5, StandingArea: sum(3_900), StandingRevenue: sum(2_550_00 + 100_00), Invoiced: sum(900_00 - 210_00),
				Responses: 4, Recommendation: Recommendation{Promoters: 1, Detractors: 1, Answers: 2}, Satisfied: Ratio{1, 2}, Gap: Mean{-150, 2}, Praise: Ratio{2, 4},
				Opened: 2, Answered: 2, Resolved: 1, Unresolved: 2, Late: 1, Outcomes: []Count{{"Solved", 1}},
				Dimensions: []Gap{{"service", 1, Mean{-200, 1}}, {"price", 1, Mean{50, 1}}},
			},
			WeekBefore: {
				Enquiries: 1, Booked: 2, Stands: 2, Area: sum(900), Revenue: sum(600_00), Rebooked: sum(1), New: sum(1),
				Standing: 2, StandingArea: sum(900), StandingRevenue: sum(600_00), Responses: 1, Praise: Ratio{0, 1}, Unresolved: 1, Late: 1,
			},
			LastCycle: {
				Booked: 2, Stands: 2, Area: sum(1_800), Revenue: sum(1_800_00), Rebooked: sum(1), New: sum(1),
				Standing: 3, StandingArea: sum(2_100), StandingRevenue: sum(2_100_00),
			},
			SoFar: {
				Enquiries: 2, Booked: 6, Stands: 5, Area: sum(4_400), Revenue: sum(3_150_00), Rebooked: sum(2), New: sum(3), Cancelled: 1,
				Standing: 5, StandingArea: sum(3_900), StandingRevenue: sum(2_650_00), Invoiced: sum(690_00),
				Responses: 4, Recommendation: Recommendation{Promoters: 1, Detractors: 1, Answers: 2}, Satisfied: Ratio{1, 2}, Gap: Mean{-150, 2}, Praise: Ratio{2, 4},
				Opened: 3, Answered: 2, Resolved: 1, Unresolved: 2, Late: 1, Outcomes: []Count{{"Solved", 1}},
				Dimensions: []Gap{{"service", 1, Mean{-200, 1}}, {"price", 1, Mean{50, 1}}},
			},
			LastCycleSoFar: {
				Booked: 3, Stands: 3, Area: sum(2_100), Revenue: sum(2_100_00), Rebooked: sum(1), New: sum(2),
				Standing: 3, StandingArea: sum(2_100), StandingRevenue: sum(2_100_00),
			},
		} {
			if got := w.Figures[column]; got == nil || !reflect.DeepEqual(*got, want) {
				t.Errorf("column %d is\n%+v, want\n%+v", column, got, want)
			}
		}
		if w.Undated != 1 || w.Unconverted != 2 {
			t.Errorf("%d are undated and %d not converted", w.Undated, w.Unconverted)
		}
		if got := fmt.Sprint(w.Contracts); got != "[{-8 2} {-7 5}]" {
			t.Errorf("contracts by week are %s", got)
		}
		if got := w.LastContracts; len(got) != 20 || got[0] != (Point{-19, 1}) || got[12] != (Point{-7, 3}) || got[16] != (Point{-3, 2}) || got[19] != (Point{0, 2}) {
			t.Errorf("those of the last cycle are %v", got)
		}

		show := f.week("2026-W20", "of 2026", "of 2025")
		visitors := [columns]Sum{ThisWeek: sum(2), LastCycle: sum(1), SoFar: sum(2), LastCycleSoFar: sum(1)}
		for column, want := range visitors {
			if got := show.Figures[column].Visitors; got != want {
				t.Errorf("visitors of column %d are %v, want %v", column, got, want)
			}
		}
		// The store's clock says Wednesday at noon.
		running := f.week("2026-W24", "of 2026", "of 2025")
		if !running.Until.Equal(now) {
			t.Errorf("the week that runs is measured until %s", running.Until)
		}
		if last := running.Contracts[len(running.Contracts)-1]; last != (Point{4, 6}) || running.Figures[SoFar].Standing != 6 {
			t.Errorf("in the week that runs the contracts are %v, and %d stand", last, running.Figures[SoFar].Standing)
		}
		alone := f.week("2024-W20", "of 2024", "")
		if _, present := alone.Shift(); present || alone.Figures[LastCycle] != nil || alone.Figures[LastCycleSoFar] != nil || alone.LastContracts != nil {
			t.Errorf("without a previous edition there is %+v", alone)
		}
		if got := alone.Figures[SoFar]; got.Rebooked.Valid || got.New.Valid || got.Area.Valid || got.Visitors != sum(0) {
			t.Errorf("without a previous edition there is %+v", got)
		}
		// They took part by a list that says no day.
		if alone.Undated != 3 {
			t.Errorf("%d are undated, want 3", alone.Undated)
		}
	})
}

func TestUnknownEdition(t *testing.T) {
	inBoth(t, func(t *testing.T, f *facts) {
		if w, err := OfWeek(t.Context(), f.store, store.EditionSpan{Series: "Fair", Edition: "1999"}, now, WeekOf(now), now); err != nil || w != nil {
			t.Errorf("of an edition that nobody knows was measured %+v, %v", w, err)
		}
	})
}

// TestWeekAgrees: what is known so far as of now is what is measured of the edition.
func TestWeekAgrees(t *testing.T) {
	inBoth(t, func(t *testing.T, f *facts) {
		options := generate.Options{Seed: 7, Customers: 150, Until: time.Date(2026, time.February, 27, 0, 0, 0, 0, time.UTC)}
		if _, err := generate.Into(t.Context(), f.store, options, func(generate.Count) {}); err != nil {
			t.Fatal(err)
		}
		span := store.EditionSpan{Series: "Imaginary Air Show", Edition: "2026", Previous: "2025"}
		whole, err := OfEdition(t.Context(), f.store, span)
		if err != nil {
			t.Fatal(err)
		}
		w, err := OfWeek(t.Context(), f.store, span, time.Date(2026, time.February, 23, 0, 0, 0, 0, time.UTC), WeekOf(now), now)
		if err != nil {
			t.Fatal(err)
		}
		got, s, c := w.Figures[SoFar], whole.Satisfaction, whole.Complaints
		if s.Responses == 0 || c.Total == 0 || got.Responses != s.Responses || got.Recommendation != s.Recommendation || got.Satisfied != s.Satisfied || got.Gap != s.Gap ||
			!reflect.DeepEqual(got.Dimensions, s.Dimensions) || got.Opened != c.Total || got.Unresolved != c.Open || got.Late != c.Late {
			t.Errorf("so far there is\n%+v,\nand in all\n%+v\n%+v", got, s, c)
		}
	})
}
