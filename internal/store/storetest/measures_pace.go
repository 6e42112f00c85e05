package storetest

import (
	"fmt"
	"testing"

	"github.com/fairlead/fairlead/internal/measure"
	"github.com/fairlead/fairlead/internal/store"
)

// testPace: it is four months to the opening of 2026, and who counts of 2025 is who was
// booked four months before it opened.
func testPace(t *testing.T, w *world) {
	*w.clock = date(2026, 3, 1)
	w.load(yearly("Fair", 2024, 2026))
	books := func(key, edition, who, hall string, area int, at int64) *line {
		return stand(key, edition).under(who).named("Firm "+who, "FR").set("hall", hall).set("area", area).set("at", at)
	}
	became := func(booking, status string, at int64) *line {
		return row("bookingStatus").set("booking", booking).set("status", status).set("at", at)
	}
	w.load(from("crm",
		books("A25", "2025", "A", "1", 1_000, day(2025, 1, 10)), books("A26", "2026", "A", "1", 1_500, day(2026, 1, 10)),
		// B booked late the last time, and on the very day counts.
		books("B25", "2025", "B", "1", 2_000, day(2025, 3, 2)), books("C25", "2025", "C", "2", 300, day(2025, 3, 1)),
		// D was booked then, and cancelled later; E's option became a contract later.
		books("D25", "2025", "D", "2", 4_000, day(2025, 1, 10)), books("E25", "2025", "E", "2", 500, day(2025, 1, 10)),
		// F only asks. G shares the stand of A, and A has a second one, for sponsors.
		books("F26", "2026", "F", "3", 700, day(2026, 1, 10)), books("G26", "2026", "G", "1", 900, day(2026, 2, 10)).set("parent", "A26"),
		books("A26b", "2026", "A", "3", 200, day(2026, 2, 10)),
		books("S26", "2026", "A", "3", 0, day(2026, 2, 10)).set("product", "Sponsorship"),
		books("V26", "2026", "A", "3", 0, day(2026, 2, 10)).set("product", "Advertising")))
	w.load(from("crm",
		became("D25", "Contracted", day(2025, 1, 11)), became("D25", "Cancelled", day(2025, 6, 1)),
		became("E25", "Option", day(2025, 1, 10)), became("E25", "Contracted", day(2025, 4, 1)),
		became("F26", "Enquired", day(2026, 1, 10))))
	// Lists: with a date, without, and of who is booked anyway.
	lists := func(edition, who string) *line {
		return took("Fair", edition, "Exhibitor").under(who).named("Firm "+who, "FR").set("area", 100).set("hall", "9")
	}
	w.load(from("crm", lists("2026", "H").set("status", "Contracted").set("at", day(2026, 2, 1)), lists("2026", "I"), lists("2026", "A").set("at", day(2026, 1, 1)),
		lists("2025", "H").set("at", day(2025, 2, 1)), lists("2025", "J").set("at", day(2025, 5, 1))))
	// In another list the same is said of H.
	w.load(from("sheet", lists("2026", "H").set("at", day(2026, 2, 1))))

	sum := func(n int64) measure.Sum { return measure.Sum{Int64: n, Valid: true} }
	found := w.measured("2026").Pace
	want := measure.Pace{
		Roles: []measure.Booked{
			// Now A, G and H; then A, C, D and H; in the end A, B, C, E, H and J.
			{
				Name: "Exhibitor", Now: 3, Then: 4, InTheEnd: 6,
				AreaNow: sum(1_500 + 200 + 100), AreaThen: sum(1_000 + 300 + 4_000 + 100), AreaInTheEnd: sum(1_000 + 2_000 + 300 + 500 + 100 + 100),
			},
			{Name: "Sponsor", Now: 1, AreaNow: sum(0)},
		},
		Halls: []measure.Booked{
			{Name: "1", Now: 2, Then: 1, InTheEnd: 2, AreaNow: sum(1_500), AreaThen: sum(1_000), AreaInTheEnd: sum(3_000)},
			{Name: "2", Then: 2, InTheEnd: 2, AreaThen: sum(4_300), AreaInTheEnd: sum(800)},
			{Name: "9", Now: 1, Then: 1, InTheEnd: 2, AreaNow: sum(100), AreaThen: sum(100), AreaInTheEnd: sum(200)},
			{Name: "3", Now: 1, AreaNow: sum(200)},
		},
	}
	if fmt.Sprint(found) != fmt.Sprint(want) {
		t.Errorf("the pace is\n%+v, want\n%+v", found, want)
	}
	// Once both have closed, both are as facts stand.
	*w.clock = date(2026, 8, 1)
	if found = w.measured("2026").Pace; found.Roles[0].Then != found.Roles[0].InTheEnd || found.Roles[0].Now != 3 {
		t.Errorf("in the end the pace is %+v", found)
	}
	// There is nothing to compare with.
	first, err := measure.OfEdition(t.Context(), w.Store, store.EditionSpan{Series: "Fair", Edition: "2026"})
	if err != nil || first.Pace.Roles[0].Now != 3 || first.Pace.Roles[0].InTheEnd != 0 || first.Pace.Roles[0].AreaThen.Valid {
		t.Errorf("without a previous edition the pace is %+v, %v", first.Pace, err)
	}
}

// testStayers: who was satisfied with 2024, and who came to 2025.
func testStayers(t *testing.T, w *world) {
	*w.clock = date(2026, 1, 5)
	w.load(yearly("Fair", 2024, 2025))
	about := func(key, edition, who string, expected, perceived int) *line {
		return answer(key, "price", 9).edition("Fair", edition).under(who).named("Firm "+who, "FR").set("expected", expected).set("perceived", perceived)
	}
	var lines []*line
	for _, who := range []string{"A", "B", "C", "D"} {
		lines = append(lines, took("Fair", "2024", "Exhibitor").under(who).named("Firm "+who, "FR"))
	}
	for _, who := range []string{"A", "C", "E", "F"} {
		lines = append(lines, took("Fair", "2025", "Exhibitor").under(who).named("Firm "+who, "FR"))
	}
	w.load(from("crm", lines...))
	// F answered about 2024 without having been there, and D about 2025.
	w.load(from("crm", about("1", "2024", "A", 300, 300), about("2", "2024", "B", 300, 400), about("3", "2024", "C", 400, 300),
		about("4", "2024", "F", 300, 300), about("5", "2025", "D", 300, 300)))
	want := measure.Stayers{Satisfied: measure.Ratio{Part: 1, Whole: 2}, Unsatisfied: measure.Ratio{Part: 1, Whole: 1}}
	if found := w.measured("2025").Stayers; found != want {
		t.Errorf("stayers are %+v, want %+v", found, want)
	}
}
