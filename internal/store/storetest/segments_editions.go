package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// standingAt is how somebody stands at an edition in a role.
type standingAt struct {
	role, status     string
	tookPart, booked int64
}

// standsAt are customers who stand at an edition in just these ways.
func standsAt(name, edition string, ways []standingAt) store.Segment {
	const theirs = "FROM segment_took k WHERE k.customer_id = p.customer_id AND k.series = @series AND k.edition = @edition"
	condition := "(SELECT count(*) " + theirs + ") = @ways"
	parameters := map[string]any{"series": "Fair", "edition": edition, "ways": int64(len(ways))}
	for i, way := range ways {
		condition += fmt.Sprintf(" AND EXISTS (SELECT 1 %s AND k.role = @role%d AND k.status = @status%[2]d AND k.took_part = @took%[2]d AND k.booked = @booked%[2]d)", theirs, i)
		for parameter, value := range map[string]any{"role": way.role, "status": way.status, "took": way.tookPart, "booked": way.booked} {
			parameters[fmt.Sprint(parameter, i)] = value
		}
	}
	s := segmentOf(name, condition, parameters)
	s.Predicate.Editions = []store.NamedEdition{{Series: "Fair", Edition: edition}}
	return s
}

// asRecorded is how A stands at an edition by what is recorded.
type asRecorded struct {
	what, edition string
	files         []*file
	want          []standingAt
}

// testNamedEditions holds what is laid out of an edition to bookings and lists made by
// hand, and to the profiles that follow from the same. As of 2026-01-05 the edition 2024
// has closed, 2025 was cancelled, 2026 is to come, and of 2030 no date is known.
func testNamedEditions(t *testing.T, w *world) {
	exhibits := func(status string, tookPart, booked int64) []standingAt {
		return []standingAt{{"Exhibitor", status, tookPart, booked}}
	}
	for _, test := range []asRecorded{
		{"nothing", "2024", nil, nil},
		{"a list says that it attended", "2024", []*file{attends("2024")}, exhibits("Attended", 1, 1)},
		{"a list says that it was contracted", "2024", []*file{from("crm", listing("2024", "Contracted"))}, exhibits("Contracted", 1, 1)},
		{"a list says that it is contracted", "2026", []*file{from("crm", listing("2026", "Contracted"))}, exhibits("Contracted", 0, 1)},
		{"a list says that it is there already", "2026", []*file{attends("2026")}, exhibits("Attended", 1, 1)},
		{"a list says that it had an option", "2024", []*file{from("crm", listing("2024", "Option"))}, exhibits("Option", 0, 0)},
		{"of several lists the best stands", "2024", []*file{from("crm", listing("2024", "Option")), from("badges", listing("2024", "Paid").of("crm"))}, exhibits("Paid", 1, 1)},
		{"a booking that nobody spoke of since", "2024", []*file{from("crm", stand("B-1", "2024"))}, exhibits("Contracted", 1, 1)},
		{"a booking that is to come", "2026", []*file{from("crm", stand("B-1", "2026")), from("crm", status("B-1", "Paid", 1))}, exhibits("Paid", 0, 1)},
		{"a booking for who knows when", "2030", []*file{from("crm", stand("B-1", "2030"))}, exhibits("Contracted", 0, 1)},
		{"a booking that was withdrawn", "2024", []*file{from("crm", stand("B-1", "2024")), from("crm", stand("B-2", "2026")).complete(store.WholeSource)}, nil},
		{"who did not come", "2024", []*file{from("crm", stand("B-1", "2024")), from("crm", status("B-1", "NoShow", 1)), from("crm", listing("2024", "Contracted"))}, exhibits("NoShow", 0, 0)},
		{"a booking that was cancelled", "2024", []*file{from("crm", stand("B-1", "2024")), from("crm", status("B-1", "Cancelled", 1))}, exhibits("Cancelled", 0, 0)},
		{"who came though its booking was cancelled", "2024", []*file{from("crm", stand("B-1", "2024")), from("crm", status("B-1", "Cancelled", 1)), attends("2024")}, exhibits("Attended", 1, 1)},
		{"of several bookings the best stands", "2024", []*file{from("crm", stand("B-1", "2024"), stand("B-2", "2024")), from("crm", status("B-1", "Cancelled", 2), status("B-2", "Paid", 1))}, exhibits("Paid", 1, 1)},
		{"who stood on another's stand", "2024", []*file{from("crm", stand("B-1", "2024").set("parent", "B-9"))}, exhibits("Contracted", 1, 1)},
		{"who stood on another's stand and did not come", "2024", []*file{from("crm", stand("B-1", "2024").set("parent", "B-9")), from("crm", status("B-1", "NoShow", 1))}, exhibits("NoShow", 0, 0)},
		{"who booked for an edition that was cancelled", "2025", []*file{from("crm", stand("B-1", "2025"))}, exhibits("Contracted", 0, 0)},
		{"who was at an edition that was cancelled", "2025", []*file{attends("2025")}, exhibits("Attended", 0, 0)},
		{"two roles", "2024", []*file{attends("2024"), from("crm", stand("B-1", "2024").set("product", "Sponsorship"))}, []standingAt{{"Exhibitor", "Attended", 1, 1}, {"Sponsor", "Contracted", 1, 1}}},
		{"two roles, of which one does not count", "2026", []*file{attends("2026"), from("crm", stand("B-1", "2026").set("product", "Sponsorship"))}, []standingAt{{"Exhibitor", "Attended", 1, 1}, {"Sponsor", "Contracted", 0, 1}}},
		{"who booked nothing but advertising", "2024", []*file{from("crm", stand("B-1", "2024").set("product", "Advertising"))}, nil},
		{"a visit", "2024", []*file{from("crm", visited("Fair", "2024").who("person").under("A"))}, []standingAt{{"Visitor", "Attended", 1, 1}}},
		{"a visit of who has a ticket", "2024", []*file{from("crm", stand("B-1", "2024").set("product", "Ticket")), from("crm", visited("Fair", "2024").who("person").under("A"))}, []standingAt{{"Visitor", "Attended", 1, 1}}},
	} {
		t.Run(strings.ReplaceAll(test.what, " ", "_"), func(t *testing.T) { test.run(w.in(t)) })
	}
	t.Run("Several", func(t *testing.T) { testSeveralEditions(t, w.in(t)) })
}

func (r asRecorded) run(w *world) {
	w.t.Helper()
	who := organization("Airbus", "FR")
	if slices.ContainsFunc(r.files, func(f *file) bool { return f.options.Entity.Name == "visit" }) {
		who = person("Ada Lovelace", "GB")
	}
	w.load(from("crm", who.under("A").says("code", "A")))
	w.load(yearly("Fair", 2023, 2026, "2025"))
	w.load(from("crm", entry("T-1").set("revenue", 1)))
	w.refresh()
	stands := standsAt("stands", r.edition, r.want)
	w.evaluate(stands)
	for _, f := range r.files {
		w.load(f)
	}
	w.refresh()
	if done := w.evaluate(stands); done.Looked < 0 || done.Members != 1 {
		w.t.Errorf("it does not stand in just these ways: %+v; evaluated %+v", r.want, done)
	}
	w.expectWhole("afterwards", stands)
	participations := map[string]int64{}
	for _, way := range r.want {
		participations[way.role] += way.tookPart
	}
	for _, row := range w.query(`SELECT role, participations FROM customer_series_profile WHERE series = 'Fair'`) {
		role := fmt.Sprint(row["role"])
		if row["participations"] != participations[role] {
			w.t.Errorf("the profile has %v participations as %s, want %d", row["participations"], role, participations[role])
		}
		delete(participations, role)
	}
	if len(participations) > 0 {
		w.t.Errorf("the profile has nothing of %v", participations)
	}
}

// listing says that A stood so on a list of exhibitors.
func listing(edition, status string) *line {
	return took("Fair", edition, "Exhibitor").set("status", status)
}

// testSeveralEditions: nothing is laid out but the editions that are named, also if
// there is none of that name.
func testSeveralEditions(t *testing.T, w *world) {
	w.load(yearly("Fair", 2023, 2025))
	w.load(from("crm", organization("Airbus", "FR").under("A").says("code", "A")))
	w.load(attends("2023", "2024", "2025"))
	w.load(from("crm", took("Show", "2024", "Exhibitor"), took("Show", "2025", "Exhibitor")))
	w.refresh()
	for want, editions := range map[int64][]store.NamedEdition{
		0: {{Series: "Fair", Edition: "1999"}},
		1: {{Series: "Fair", Edition: "2024"}, {Series: "Fair", Edition: "2024"}},
		2: {{Series: "Fair", Edition: "2023"}, {Series: "Show", Edition: "2025"}},
		3: {{Series: "Fair", Edition: "2023"}, {Series: "Fair", Edition: "2025"}, {Series: "Show", Edition: "2024"}, {Series: "Show", Edition: "2023"}},
	} {
		s := segmentOf(fmt.Sprint("of ", want), "(SELECT count(*) FROM segment_took k WHERE k.customer_id = p.customer_id) = @want", map[string]any{"want": want})
		s.Predicate.Editions = editions
		if done := w.evaluate(s); done.Members != 1 {
			t.Errorf("of %v are not just %d laid out", editions, want)
		}
	}
}
