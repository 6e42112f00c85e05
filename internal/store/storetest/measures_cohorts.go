package storetest

import (
	"fmt"
	"testing"

	"github.com/fairlead/fairlead/internal/measure"
)

// testCohorts: 2022 was not held, of 2024 nobody knows who was there, and 2026 is to come.
func testCohorts(t *testing.T, w *world) {
	w.reportInEuro()
	*w.clock = date(2026, 1, 5)
	w.load(yearly("Fair", 2020, 2026, "2022"))
	exhibits := func(edition, who string, net int) *line {
		return took("Fair", edition, "Exhibitor").under(who).named("Firm "+who, "FR").set("currency", "EUR").set("net", net)
	}
	w.load(from("crm",
		exhibits("2020", "A", 100), exhibits("2021", "A", 150), exhibits("2023", "A", 0), exhibits("2025", "A", 10),
		exhibits("2020", "B", 200), exhibits("2025", "B", 20),
		exhibits("2020", "C", 300).set("status", "Cancelled"), exhibits("2021", "C", 30),
		exhibits("2022", "D", 40), exhibits("2023", "D", 50),
		exhibits("2026", "A", 70).set("status", "Contracted"),
		took("Fair", "2020", "Visitor").under("E").named("Firm E", "FR"), exhibits("2025", "E", 1)))
	w.load(from("crm", entry("T-1").edition("Fair", "2021").set("revenue", 900).set("discount", 90)))
	found, err := measure.CohortsOf(t.Context(), w.Store, "Fair", "Exhibitor")
	if err != nil {
		t.Fatal(err)
	}
	sum := func(n int64) measure.Sum { return measure.Sum{Int64: n, Valid: true} }
	want := measure.Cohorts{
		Editions: []string{"2020", "2021", "2023", "2025"}, Currency: "EUR",
		Cohorts: []measure.Cohort{
			{First: 0, Customers: 2, Later: []measure.Stayed{{Customers: 2, Net: sum(300)}, {Customers: 1, Net: sum(810)}, {Customers: 1, Net: sum(0)}, {Customers: 2, Net: sum(30)}}},
			{First: 1, Customers: 1, Later: []measure.Stayed{{Customers: 1, Net: sum(30)}, {}, {}}},
			{First: 2, Customers: 1, Later: []measure.Stayed{{Customers: 1, Net: sum(50)}, {}}},
			{First: 3, Customers: 1, Later: []measure.Stayed{{Customers: 1, Net: sum(1)}}},
		},
	}
	if fmt.Sprint(*found) != fmt.Sprint(want) {
		t.Errorf("cohorts are\n%+v, want\n%+v", *found, want)
	}
	if got := found.Cohorts[0].Retention(1); got != (measure.Ratio{Part: 1, Whole: 2}) || found.Cohorts[3].Retention(1) != (measure.Ratio{}) {
		t.Errorf("after one edition %+v of the first cohort are left", got)
	}
	if first := found.Cohorts[0]; first.Earned(1) != sum(1_110) || first.Earned(4).Valid || found.Cohorts[1].Earned(2) != sum(30) {
		t.Errorf("the first cohort brought %+v in two editions", first.Earned(1))
	}
	for _, of := range [][2]string{{"Fair", "Sponsor"}, {"Nothing", "Exhibitor"}} {
		if none, err := measure.CohortsOf(t.Context(), w.Store, of[0], of[1]); err != nil || len(none.Cohorts)+len(none.Editions) != 0 {
			t.Errorf("of %v there are %+v, %v", of, none, err)
		}
	}
}
