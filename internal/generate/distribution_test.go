package generate

import (
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// within checks a figure against loose bounds: what is plausible, not what is so.
func within(t *testing.T, what string, figure, low, high float64) {
	t.Helper()
	t.Logf("%s: %.2f", what, figure)
	if figure < low || figure > high {
		t.Errorf("%s is %.2f, want %.2f to %.2f", what, figure, low, high)
	}
}

// firms calls a function for many firms.
func firms(seed uint64, count int, see func(w *world, f *firm)) {
	w := newWorld(Options{Seed: seed})
	var f firm
	for n := 1; n <= count; n++ {
		w.fillFirm(&f, n)
		see(w, &f)
	}
}

func TestRowsPerCustomer(t *testing.T) {
	const customers = 2000
	counts := map[string]int{}
	total := 0
	err := Rows(Options{Seed: 11, Customers: customers}, func(entity *customer.Entity, _ *customer.Row) error {
		counts[entity.Name]++
		total++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, entity := range Entities() {
		t.Logf("%-14s %8.2f", entity.Name, float64(counts[entity.Name])/customers)
	}
	within(t, "rows a customer", float64(total)/customers, 80, 130)
	within(t, "bookings a customer", float64(counts["booking"])/customers, 6, 10)
	within(t, "statuses a booking", float64(counts["bookingStatus"])/float64(counts["booking"]), 2, 4.5)
}

func TestPersons(t *testing.T) {
	persons, visitors, born, leap, doubles := 0, 0, 0, 0, 0
	const customers = 3000
	firms(13, customers, func(w *world, f *firm) {
		persons += f.persons
		visitors += f.visitors
		if f.doubleSeries >= 0 {
			doubles++
			if w.firmName(f, asIs) == w.firmName(f, f.double) {
				t.Errorf("the second spelling %q of customer %d is the first one", w.firmName(f, asIs), f.n)
			}
		}
		for i := 1; i <= f.persons; i++ {
			if c := w.contact(f, i); c.hasBorn {
				born++
				if date := time.UnixMilli(c.born).UTC(); date.Month() == time.February && date.Day() == 29 {
					leap++
				}
			}
		}
	})
	within(t, "persons a customer, visitors included", float64(persons+visitors)/customers, 2.5, 3.5)
	within(t, "percent with a birthday", 100*float64(born)/float64(persons), 50, 75)
	within(t, "percent of birthdays on 29 February", 100*float64(leap)/float64(born), 0.5, 2.5)
	within(t, "percent spelt twice", 100*float64(doubles)/customers, 2, 7)
}

func TestLoyalty(t *testing.T) {
	type visit struct{ series, at int }
	there, again := map[visit]int{}, map[visit]int{}
	var grieved, grievedAgain, content, contentAgain float64
	var scores [2]float64
	var votes [2]float64
	firms(17, 6000, func(_ *world, f *firm) {
		for i := range f.stays {
			s := &f.stays[i]
			if !s.there() {
				continue
			}
			group := 0
			if s.complained {
				group = 1
			}
			scores[group] += float64(s.mood)
			votes[group]++
			if s.at+1 == allSeries[s.series].editions || s.at+1 == allSeries[s.series].cancelled {
				continue
			}
			came := i+1 < len(f.stays) && f.stays[i+1].series == s.series && f.stays[i+1].at == s.at+1 && f.stays[i+1].there()
			there[visit{s.series, s.at}]++
			if came {
				again[visit{s.series, s.at}]++
			}
			switch {
			case s.complained:
				grieved++
				if came {
					grievedAgain++
				}
			default:
				content++
				if came {
					contentAgain++
				}
			}
		}
	})
	for edition, count := range there {
		if count > 200 {
			within(t, allSeries[edition.series].name+": percent that come again", 100*float64(again[edition])/float64(count), 60, 90)
		}
	}
	within(t, "percent that come again after a complaint, of those without one", 100*(grievedAgain/grieved)/(contentAgain/content), 40, 85)
	within(t, "mood after a complaint, less the mood without one", scores[1]/votes[1]-scores[0]/votes[0], -5000, -800)
	within(t, "percent of complaints", 100*votes[1]/(votes[0]+votes[1]), 3, 12)
}

func TestSizesAndSeasons(t *testing.T) {
	var small, large, sum, count, early, late, stands float64
	firms(19, 5000, func(w *world, f *firm) {
		if f.employees < 250 {
			small++
		}
		if f.employees >= 1000 {
			large++
		}
		sum += float64(f.area)
		count++
		for i := range f.stays {
			s := &f.stays[i]
			stands++
			switch before := (s.opens - s.booked) / day; {
			case before > 300:
				early++
			case before < 30:
				late++
			}
			if p := w.price(f, s, stand); p.net != p.list-p.discount || p.list <= 0 || p.discount < 0 {
				t.Errorf("customer %d, %s: net %d of %d less %d", f.n, s.tag, p.net, p.list, p.discount)
			}
		}
	})
	within(t, "percent of small firms", 100*small/count, 70, 95)
	within(t, "percent of large firms", 100*large/count, 0.5, 8)
	within(t, "square metres of a firm", sum/count, 15, 60)
	within(t, "percent of stands booked in the first weeks", 100*early/stands, 15, 60)
	within(t, "percent of stands booked late", 100*late/stands, 0.3, 8)
}

// A booking's statuses come one after another, before the opening but for the
// last, and end as the stay does.
func TestTrails(t *testing.T) {
	firms(23, 3000, func(w *world, f *firm) {
		f.eachBooking(func(s *stay, product int) {
			steps := w.trail(f, s, product)
			for i, one := range steps.steps[:steps.count] {
				if i > 0 && one.at <= steps.steps[i-1].at {
					t.Errorf("customer %d, %s: status %d comes no later than the one before", f.n, s.tag, i)
				}
				if one.at >= s.opens && one.status < attended {
					t.Errorf("customer %d, %s: %s after the opening", f.n, s.tag, status(one.status))
				}
			}
			if steps.last().status != s.status {
				t.Errorf("customer %d, %s: ends as %s, want %s", f.n, s.tag, status(steps.last().status), status(s.status))
			}
			if s.cancelled && s.status != cancelled {
				t.Errorf("customer %d, %s: %s although it was not held", f.n, s.tag, status(s.status))
			}
		})
	})
}

func TestUntil(t *testing.T) {
	until := time.Date(2031, time.March, 9, 15, 0, 0, 0, time.UTC)
	last := int64(0)
	err := EntityRows(Options{Until: until}, customer.EntityByName("edition"), func(entity *customer.Entity, row *customer.Row) error {
		last = max(last, row.Values[entity.Index("closes")].Number)
		return nil
	})
	if want := time.Date(2031, time.March, 9, 0, 0, 0, 0, time.UTC).UnixMilli(); err != nil || last != want {
		t.Errorf("the last edition closes at %d (%v), want %d", last, err, want)
	}
}
