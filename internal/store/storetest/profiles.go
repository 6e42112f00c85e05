package storetest

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// testProfiles holds measures to figures worked out by hand, as of 2026-01-05.
func testProfiles(t *testing.T, s *suite) {
	w := s.world(t)
	for _, test := range []struct {
		what  string
		files []*file
		do    func(w *world)
		// want by measure, of the customer "A" and of its rows by series and role;
		// "" is absent.
		customer map[string]string
		series   map[string]map[string]string
	}{
		{
			what:  "a cancelled edition is missed by nobody and breaks no run",
			files: []*file{yearly("Fair", 2019, 2025, "2021"), attends("2020", "2022", "2023", "2024", "2025")},
			customer: map[string]string{
				"participations": "5", "consecutiveEditions": "5", "missedEditions": "0", "eligibleEditions": "5", "eligibleParticipations": "5",
				"firstParticipation": "2020-07-01", "lastParticipation": "2025-07-01",
			},
			series: map[string]map[string]string{"Fair Exhibitor": {"firstEdition": "2020", "lastEdition": "2025", "windowEligibleEditions": "4", "windowParticipations": "4"}},
		},
		{
			what:     "who joined later missed nothing before, and misses what came since",
			files:    []*file{yearly("Fair", 2019, 2025), attends("2022", "2023")},
			customer: map[string]string{"participations": "2", "consecutiveEditions": "0", "missedEditions": "2", "eligibleEditions": "4", "eligibleParticipations": "2"},
			series:   map[string]map[string]string{"Fair Exhibitor": {"missedEditions": "2", "nextEdition": "", "nextStatus": ""}},
		},
		{
			what:  "a run that was broken begins again",
			files: []*file{yearly("Fair", 2019, 2025), attends("2019", "2020", "2022", "2024", "2025")},
			customer: map[string]string{
				"consecutiveEditions": "2", "missedEditions": "0", "eligibleEditions": "7", "eligibleParticipations": "5",
				// 2020-07-04 and before are more than 1,826 days ago.
				"windowEligibleEditions": "5", "windowParticipations": "3",
			},
		},
		{
			what:  "who only ever was a co-exhibitor was never eligible",
			files: []*file{yearly("Fair", 2019, 2025), from("crm", stand("B-1", "2022").set("parent", "B-9").set("area", 5_000))},
			customer: map[string]string{
				"participations": "1", "coExhibitions": "1", "eligibleEditions": "", "eligibleParticipations": "", "missedEditions": "", "windowEligibleEditions": "",
				"consecutiveEditions": "0", "boothArea": "",
			},
		},
		{
			what:  "editions as a co-exhibitor count once it has come on its own account, not before",
			files: []*file{yearly("Fair", 2019, 2025), from("crm", stand("B-1", "2020").set("parent", "B-9"), stand("B-2", "2022").set("area", 1_200), stand("B-3", "2024").set("parent", "B-9"))},
			customer: map[string]string{
				"participations": "3", "coExhibitions": "2", "eligibleEditions": "4", "eligibleParticipations": "2", "missedEditions": "1",
				"windowEligibleEditions": "4", "windowParticipations": "2", "boothArea": "", "previousBoothArea": "12.00",
			},
		},
		{
			what:     "a booking that nobody spoke of since counts once its edition has closed, and not before",
			files:    []*file{yearly("Fair", 2024, 2026), from("crm", stand("B-1", "2025"), stand("B-2", "2026"))},
			customer: map[string]string{"participations": "1", "eligibleEditions": "1"},
			series:   map[string]map[string]string{"Fair Exhibitor": {"nextEdition": "2026", "nextStatus": "Contracted"}},
		},
		{
			what: "the status that a booking came to last stands, of two at once the later of its life",
			files: []*file{
				yearly("Fair", 2022, 2025), from("crm", stand("B-1", "2022"), stand("B-2", "2023"), stand("B-3", "2024"), stand("B-4", "2025")),
				from("crm", status("B-1", "Contracted", 1), status("B-1", "Cancelled", 1), status("B-2", "NoShow", 2), status("B-2", "Paid", 1),
					status("B-3", "Attended", 3), status("B-3", "Cancelled", 2), status("B-4", "Option", 1)),
			},
			customer: map[string]string{"participations": "1", "cancellations": "1", "noShows": "1", "lastParticipation": "2024-07-01", "missedEditions": "1"},
		},
		{
			what: "where there are bookings they decide, and of lists counts only that somebody attended",
			files: []*file{
				yearly("Fair", 2021, 2025),
				from("crm", stand("B-1", "2022").set("parent", "B-9"), stand("B-2", "2023"), stand("B-3", "2024").set("net", 70_000).set("currency", "EUR"), stand("B-4", "2025")),
				from("crm", status("B-2", "NoShow", 1), status("B-3", "Cancelled", 1), status("B-4", "NoShow", 1)),
				attends("2022"),
				from("crm", took("Fair", "2023", "Exhibitor").set("status", "Contracted"), took("Fair", "2024", "Exhibitor").set("status", "Contracted").set("net", 90_000).set("currency", "EUR"),
					took("Fair", "2025", "Exhibitor").set("area", 900)),
			},
			customer: map[string]string{
				"participations": "2", "coExhibitions": "1", "noShows": "1", "cancellations": "1", "eligibleEditions": "1", "revenue": "",
			},
		},
		{
			what: "the booth is that of the last closed edition, whatever is open",
			files: []*file{
				yearly("Fair", 2024, 2025), from("crm", row("edition").edition("Show", "2019").set("opens", day(2019, 3, 1)).set("closes", day(2019, 3, 4)),
					row("edition").edition("Show", "2026").set("opens", day(2026, 1, 1)).set("closes", day(2026, 1, 9))),
				from("crm", took("Fair", "2025", "Exhibitor").set("area", 10_000), took("Show", "2019", "Exhibitor").set("area", 900), took("Show", "2026", "Exhibitor").set("area", 800)),
			},
			customer: map[string]string{"boothArea": "100.00", "participations": "3", "lastParticipation": "2026-01-01"},
		},
		{
			what:     "an edition without dates is taken part in, and not in order",
			files:    []*file{from("crm", row("edition").edition("Fair", "2024")), attends("2024")},
			customer: map[string]string{"participations": "1", "eligibleEditions": "", "consecutiveEditions": "", "missedEditions": "", "firstParticipation": ""},
		},
		{
			what:  "an Exhibition gives an edition its dates",
			files: []*file{from("crm", row("edition").edition("Fair", "2024")), attends("2024")},
			do: func(w *world) {
				w.exhibits(store.DeclaredEdition{Series: "Fair", Edition: "2024", Opens: date(2024, 7, 1), Closes: date(2024, 7, 4)})
			},
			customer: map[string]string{"participations": "1", "eligibleEditions": "1", "consecutiveEditions": "1", "firstParticipation": "2024-07-01"},
		},
		{
			what: "each series counts in the role in which it took part most; an edition in two roles is one",
			files: []*file{
				yearly("Fair", 2023, 2025), attends("2023", "2024", "2025"),
				from("crm", took("Fair", "2025", "Sponsor"), took("Fair", "2024", "Sponsor")),
			},
			customer: map[string]string{"participations": "3", "eligibleEditions": "3", "consecutiveEditions": "3", "roles": "Exhibitor;Sponsor"},
			series:   map[string]map[string]string{"Fair Exhibitor": {"participations": "3"}, "Fair Sponsor": {"participations": "2", "eligibleEditions": "2"}},
		},
		{
			what: "loyal to one series and gone from another",
			files: []*file{
				yearly("Fair", 2023, 2025), yearly("Show", 2020, 2025), attends("2024", "2025"), from("crm", took("Show", "2020", "Exhibitor"), took("Show", "2021", "Exhibitor")),
			},
			customer: map[string]string{"participations": "4", "missedEditions": "0", "consecutiveEditions": "2", "eligibleEditions": "8", "eligibleParticipations": "4"},
			series:   map[string]map[string]string{"Fair Exhibitor": {"missedEditions": "0"}, "Show Exhibitor": {"missedEditions": "4", "consecutiveEditions": "0"}},
		},
	} {
		t.Run(strings.ReplaceAll(test.what, " ", "_"), func(t *testing.T) { w.in(t).expectProfile(test.files, test.do, test.customer, test.series) })
	}
}

// expectProfile loads files and compares the profile of the customer "A".
func (w *world) expectProfile(files []*file, do func(*world), of map[string]string, bySeries map[string]map[string]string) {
	w.t.Helper()
	if err := w.ReportIn(w.t.Context(), "EUR"); err != nil {
		w.t.Fatal(err)
	}
	w.load(from("crm", organization("Airbus", "FR").under("A").says("code", "A")))
	*w.clock = begins
	for _, f := range files {
		if _, err := w.try(w.t.Context(), f); err != nil {
			w.t.Fatal(err)
		}
	}
	if do != nil {
		do(w)
	}
	w.refresh()
	w.expectFresh("after a refresh")
	profile := w.show("A").Profile
	if profile == nil {
		w.t.Fatal("A has no profile")
	}
	expectFigures(w.t, "A", profile.Measures, of)
	for key, want := range bySeries {
		found := false
		for _, series := range profile.Series {
			if series.Series+" "+series.Role == key {
				found = true
				expectFigures(w.t, key, series.Measures, want)
			}
		}
		if !found {
			w.t.Errorf("there is no row of %s", key)
		}
	}
}

func expectFigures(t *testing.T, of string, figures []store.Figure, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for _, figure := range figures {
		got[figure.Name] = figure.Value
	}
	for name, value := range want {
		if got[name] != value {
			t.Errorf("%s: %s is %q, want %q", of, name, got[name], value)
		}
	}
}

// yearly are the editions of a series from year to year, each on the first four
// days of July, some of them cancelled.
func yearly(series string, from, to int, cancelled ...string) *file {
	var lines []*line
	for year := from; year <= to; year++ {
		l := row("edition").edition(series, fmt.Sprint(year)).set("opens", day(year, 7, 1)).set("closes", day(year, 7, 4))
		for _, name := range cancelled {
			if name == fmt.Sprint(year) {
				l.set("cancelled", true)
			}
		}
		lines = append(lines, l)
	}
	return fromCRM(lines)
}

func fromCRM(lines []*line) *file { return from("crm", lines...) }

// attends says that A exhibited at editions of Fair.
func attends(editions ...string) *file {
	var lines []*line
	for _, edition := range editions {
		lines = append(lines, took("Fair", edition, "Exhibitor"))
	}
	return fromCRM(lines)
}

func took(series, edition, role string) *line {
	return row("participation").edition(series, edition).set("role", role).set("status", "Attended").who("customer").under("A")
}

// stand is A's booking of a stand at an edition of Fair, half a year before.
func stand(key, edition string) *line {
	var year int
	if _, err := fmt.Sscan(edition, &year); err != nil {
		panic(err)
	}
	return row("booking").keyed(key).edition("Fair", edition).set("product", "Stand").set("at", day(year, 1, 1)).who("customer").under("A")
}

// status of a booking on a day of a January.
func status(booking, status string, of int) *line {
	return row("bookingStatus").set("booking", booking).set("status", status).set("at", day(2022, 1, of))
}

func date(year int, month time.Month, of int) time.Time {
	return time.Date(year, month, of, 0, 0, 0, 0, time.UTC)
}

func (w *world) exhibits(editions ...store.DeclaredEdition) {
	w.t.Helper()
	if err := w.DeclareEditions(w.t.Context(), editions); err != nil {
		w.t.Fatal(err)
	}
}

// testProfileColumns holds the tables to the measures, type by type. What is never
// absent is NOT NULL.
func testProfileColumns(t *testing.T, s *suite) {
	w := s.world(t)
	for table, measures := range map[string][]customer.Measure{
		"customer_profile": customer.CustomerMeasures, "customer_series_profile": customer.SeriesMeasures,
		"customer_dimension_profile": customer.DimensionMeasures, "customer_preference": customer.PreferenceMeasures,
	} {
		got := maps.Clone(w.columns(table))
		for _, key := range []string{"customer_id", "generation", "next_change_at", "series", "role", "dimension", "name"} {
			delete(got, key)
		}
		for _, measure := range measures {
			if measure.Computed {
				continue
			}
			want := column{w.typeOf(measure.Kind), strings.HasPrefix(measure.Absent, "never absent")}
			if got[measure.Column()] != want {
				t.Errorf("%s.%s is %+v, want %+v", table, measure.Column(), got[measure.Column()], want)
			}
			delete(got, measure.Column())
		}
		for name := range got {
			t.Errorf("%s.%s is a column of no measure", table, name)
		}
	}
}
