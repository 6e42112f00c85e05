package exhibition

import (
	"fmt"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// day is a calendar day without a time zone.
type day struct {
	year  int
	month time.Month
	day   int
}

// parseDay reads a Date.
func parseDay(date crm.Date) (day, error) {
	t, err := time.Parse(time.DateOnly, string(date))
	if err != nil {
		return day{}, fmt.Errorf("reading the date %q: want YYYY-MM-DD: %w", date, err)
	}
	return dayOf(t), nil
}

// dayOf is the day on which a time falls, in the time's own zone.
func dayOf(t time.Time) day {
	year, month, dayOfMonth := t.Date()
	return day{year, month, dayOfMonth}
}

// plus counts days on, over months and years.
func (d day) plus(days int) day {
	return dayOf(time.Date(d.year, d.month, d.day+days, 12, 0, 0, 0, time.UTC))
}

// begins gives the first moment of the day in a zone. That is not always
// midnight: where clocks go forward at midnight the day begins an hour later,
// where midnight comes twice it begins with the first, and a day that a zone
// skipped begins, and ends, with the next.
func (d day) begins(zone *time.Location) time.Time {
	midnight := time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC)
	// No zone is this far from UTC, so here the day before is not over yet.
	t := midnight.Add(-26 * time.Hour).In(zone)
	for {
		// Between two transitions a zone has one offset, and one midnight.
		_, offset := t.Zone()
		begins := midnight.Add(-time.Duration(offset) * time.Second)
		from, until := t.ZoneBounds()
		if begins.Before(from) {
			begins = from
		}
		if until.IsZero() || begins.Before(until) {
			return begins.In(zone)
		}
		t = until
	}
}

// loadZone finds a zone of the time zone database.
func loadZone(name crm.TimeZone) (*time.Location, error) {
	// Go reads these as the machine's own zone and as UTC.
	if name == "Local" || name == "" {
		return nil, fmt.Errorf("unknown time zone %q", name)
	}
	return time.LoadLocation(string(name))
}
