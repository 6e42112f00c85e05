package measure

import (
	"strings"
	"testing"
	"time"
)

func TestParseWeek(t *testing.T) {
	zone := berlin(t)
	for text, want := range map[string]string{
		"2026-W01": "2025-12-29", "2026-W29": "2026-07-13", "2026-W53": "2026-12-28", "2027-W01": "2027-01-04", "2025-W01": "2024-12-30", "2020-W53": "2020-12-28",
	} {
		week, err := ParseWeek(text, zone)
		if err != nil || week.Begins().Format(time.DateOnly) != want || week.String() != text {
			t.Errorf("%s begins on %s, %v; want %s", week, week.Begins(), err, want)
		}
	}
	for text, want := range map[string]string{
		"2025-W53": "the year 2025 has the weeks W01 to W52", "2026-W54": "the year 2026 has the weeks W01 to W53", "2026-W00": "W01 to W53",
		"2026-29": "such as 2026-W29", "2026W29": "such as 2026-W29", "": "such as 2026-W29", "2026-W290": "such as 2026-W29",
	} {
		if week, err := ParseWeek(text, zone); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %s, %v; want %q", text, week, err, want)
		}
	}
}

// TestWeeksOfAZone: a week is as long as the clocks make it.
func TestWeeksOfAZone(t *testing.T) {
	zone := berlin(t)
	for text, hours := range map[string]float64{"2026-W12": 168, "2026-W13": 167, "2026-W43": 169, "2026-W53": 168} {
		week, err := ParseWeek(text, zone)
		if got := week.Ends().Sub(week.Begins()).Hours(); err != nil || got != hours {
			t.Errorf("%s has %v hours, %v; want %v", text, got, err, hours)
		}
	}
	newYear := WeekOf(time.Date(2027, 1, 1, 0, 0, 0, 0, zone))
	if newYear.String() != "2026-W53" || newYear.Plus(1).String() != "2027-W01" || newYear.Plus(-53).String() != "2025-W52" || newYear.since(newYear.Plus(-53)) != 53 {
		t.Errorf("New Year's Day is in %s, after it comes %s", newYear, newYear.Plus(1))
	}
	// Where clocks went forward at midnight, Monday began at one o'clock.
	asuncion, err := time.LoadLocation("America/Asuncion")
	if err != nil {
		t.Fatal(err)
	}
	if first := begins(2023, 10, 1, asuncion); first.Hour() != 1 || first.Day() != 1 {
		t.Errorf("the day began at %s", first)
	}
}
