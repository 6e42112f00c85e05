package realdata

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/intake"
	"github.com/fairlead/fairlead/internal/measure"
)

// testCohorts takes the months of the shop for editions of a series, whose visitors are who
// bought: the source of the data is known for what became of those who bought first in
// December 2010 (data/NOTICE.md). The cohorts of the air shows are held to sets made here.
func testCohorts(t *testing.T, d *database) {
	months, bought := map[string]time.Time{}, map[string]bool{}
	readInvoices(t, func(customer string, at time.Time, amount int64) {
		if amount > 0 {
			months[at.Format("2006-01")] = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
			bought[customer+","+at.Format("2006-01")] = true
		}
	})
	editions, visits := "edition,opens,closes\n", "customer,edition\n"
	for _, month := range slices.Sorted(maps.Keys(months)) {
		first := months[month]
		editions += fmt.Sprintf("%s,%s,%s\n", month, first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly))
	}
	for _, visit := range slices.Sorted(maps.Keys(bought)) {
		visits += visit + "\n"
	}
	for _, file := range []struct{ entity, columns, data string }{
		{"edition", "- {column: opens, field: opens}\n- {column: closes, field: closes}", editions},
		{"participation", "- {column: customer, field: customer.key}\n- {field: role, value: Visitor}\n- {field: status, value: Attended}", visits},
	} {
		mapping, err := intake.ParseMapping([]byte("source: online-retail\nlegalBasis: Contract\nacquired: UCI Online Retail\nentity: " + file.entity +
			"\nresolveBy: [ExternalKey]\ncolumns:\n- {field: series, value: Shop}\n- {column: edition, field: edition}\n" + file.columns + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		reader, err := mapping.Read(strings.NewReader(file.data))
		if err != nil {
			t.Fatal(err)
		}
		d.write(t, mapping, reader, file.entity)
	}
	shop, err := measure.CohortsOf(t.Context(), d.Store, "Shop", "Visitor")
	if err != nil {
		t.Fatal(err)
	}
	december := shop.Cohorts[0]
	got := fmt.Sprint(shop.Editions[december.First], " ", december.Customers)
	for after := 1; after <= 3; after++ {
		share, _ := december.Retention(after).Value()
		got += fmt.Sprintf(" %.1f", 100*share)
	}
	if want := "2010-12 885 36.6 32.3 38.4"; got != want {
		t.Errorf("the first cohort of the shop is %s, want %s", got, want)
	}
	testAirshowCohorts(t, d)
}

// testAirshowCohorts counts cohorts once more, from who is in which list.
func testAirshowCohorts(t *testing.T, d *database) {
	lists := map[string][]*edition{}
	for _, e := range readEditions(t, d) {
		lists[e.series] = append(lists[e.series], e)
	}
	for series, editions := range lists {
		found, err := measure.CohortsOf(t.Context(), d.Store, series, "Exhibitor")
		if err != nil {
			t.Fatal(err)
		}
		seen, cell := map[string]int{}, map[[2]int]int64{}
		for at, e := range editions {
			for party := range e.byParty {
				if _, is := seen[party]; !is {
					seen[party] = at
				}
				cell[[2]int{seen[party], at}]++
			}
		}
		if len(found.Editions) != len(editions) {
			t.Fatalf("%s has %v, and %d lists", series, found.Editions, len(editions))
		}
		compared := 0
		for _, cohort := range found.Cohorts {
			for after, stayed := range cohort.Later {
				if want := cell[[2]int{cohort.First, cohort.First + after}]; stayed.Customers != want {
					t.Errorf("%s: of those who came first in %s, %d were there in %s, want %d", series, found.Editions[cohort.First], stayed.Customers, found.Editions[cohort.First+after], want)
				}
				compared++
			}
		}
		if want := len(editions) * (len(editions) + 1) / 2; compared != want {
			t.Errorf("%s: %d entries were compared, want %d", series, compared, want)
		}
	}
}
