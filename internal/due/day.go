package due

import (
	"fmt"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// Day is a calendar day without a time zone.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// String writes a day as YYYY-MM-DD.
func (d Day) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// IsZero says that it is no day.
func (d Day) IsZero() bool { return d == Day{} }

// Plus counts days on, over months and years.
func (d Day) Plus(days int) Day {
	return dayOf(time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC))
}

// monthLength is how many days the month of a day has.
func (d Day) monthLength() int { return time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// dayOf is the day on which a moment falls, in the moment's own zone.
func dayOf(t time.Time) Day {
	year, month, day := t.Date()
	return Day{year, month, day}
}

// parseDay reads a date.
func parseDay(date crm.Date) (Day, error) {
	t, err := time.Parse(time.DateOnly, string(date))
	if err != nil {
		return Day{}, fmt.Errorf("reading the date %q: want YYYY-MM-DD: %w", date, err)
	}
	return dayOf(t), nil
}

// parseTimeOfDay reads a time of day as what has passed since midnight where no clock is
// changed. Default: 09:00.
func parseTimeOfDay(text crm.TimeOfDay) (time.Duration, error) {
	if text == "" {
		text = "09:00"
	}
	t, err := time.Parse("15:04", string(text))
	if err != nil || len(text) != len("15:04") {
		return 0, fmt.Errorf("reading the time of day %q: want HH:MM, from 00:00 to 23:59", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// at is the first moment of a day at which clocks in a zone show a time of day, or the first
// after it where they were changed past it. A day that a zone skipped is the moment at which it
// was.
func (d Day) at(clock time.Duration, zone *time.Location) time.Time {
	wall := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Add(clock)
	// No zone is this far from UTC, so clocks show an earlier time here.
	t := wall.Add(-26 * time.Hour).In(zone)
	for {
		// Between two changes a zone has one offset, and every time once.
		_, offset := t.Zone()
		found := wall.Add(-time.Duration(offset) * time.Second)
		from, until := t.ZoneBounds()
		if !from.IsZero() && found.Before(from) {
			found = from
		}
		if until.IsZero() || found.Before(until) {
			return found.In(zone)
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
