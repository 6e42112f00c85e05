package exhibition

import (
	"testing"
	"time"
	_ "time/tzdata"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestDayBegins(t *testing.T) {
	tests := map[string]struct {
		date crm.Date
		zone crm.TimeZone
		want string
	}{
		"UTC":                                   {"2026-07-20", "UTC", "2026-07-20T00:00:00Z"},
		"London in summer":                      {"2026-07-20", "Europe/London", "2026-07-19T23:00:00Z"},
		"London in winter":                      {"2026-01-15", "Europe/London", "2026-01-15T00:00:00Z"},
		"London, the day clocks go forward":     {"2026-03-29", "Europe/London", "2026-03-29T00:00:00Z"},
		"London, the day after they did":        {"2026-03-30", "Europe/London", "2026-03-29T23:00:00Z"},
		"London, the day clocks go back":        {"2026-10-25", "Europe/London", "2026-10-24T23:00:00Z"},
		"London, the day after they did so":     {"2026-10-26", "Europe/London", "2026-10-26T00:00:00Z"},
		"Kiribati, 14 hours ahead":              {"2026-07-20", "Pacific/Kiritimati", "2026-07-19T10:00:00Z"},
		"Baker Island, 12 hours behind":         {"2026-07-20", "Etc/GMT+12", "2026-07-20T12:00:00Z"},
		"Kathmandu, a quarter of an hour":       {"2026-07-20", "Asia/Kathmandu", "2026-07-19T18:15:00Z"},
		"São Paulo, where midnight is missing":  {"2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"},
		"Cairo, where midnight is missing":      {"2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z"},
		"Havana, where midnight comes twice":    {"2026-11-01", "America/Havana", "2026-11-01T04:00:00Z"},
		"Beirut, an hour is lived twice before": {"2026-10-25", "Asia/Beirut", "2026-10-24T22:00:00Z"},
		"St. John's, midnight and a minute":     {"2010-11-07", "America/St_Johns", "2010-11-07T02:30:00Z"},
		"Samoa, the day that was skipped":       {"2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"},
		"Samoa, the day after that":             {"2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00Z"},
		"Samoa, the day before that":            {"2011-12-29", "Pacific/Apia", "2011-12-29T10:00:00Z"},
		"a leap day":                            {"2028-02-29", "Asia/Shanghai", "2028-02-28T16:00:00Z"},
		"far ahead":                             {"2199-07-20", "Europe/Paris", "2199-07-19T22:00:00Z"},
		"long ago":                              {"1900-01-01", "Europe/London", "1900-01-01T00:00:00Z"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			date, err := parseDay(test.date)
			if err != nil {
				t.Fatal(err)
			}
			zone, err := loadZone(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			got := date.begins(zone)
			if got.UTC().Format(time.RFC3339) != test.want {
				t.Errorf("%s in %s begins at %s, want %s", test.date, test.zone, got.UTC().Format(time.RFC3339), test.want)
			}
		})
	}
}

// TestDaysBeginInOrder checks over many zones and years that the moment a day
// begins is the first whose wall clock shows that day.
func TestDaysBeginInOrder(t *testing.T) {
	zones := []crm.TimeZone{"Europe/London", "America/Sao_Paulo", "Africa/Cairo", "America/Havana", "Asia/Beirut",
		"America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Tehran", "Africa/Casablanca", "America/Asuncion"}
	for _, name := range zones {
		zone, err := loadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		date := day{1990, time.January, 1}
		for date.year < 2031 {
			begins := date.begins(zone)
			if before := dayOf(begins.Add(-time.Nanosecond)); !isBefore(before, date) {
				t.Fatalf("%s: %v begins at %s, but a nanosecond before it is %v already", name, date, begins, before)
			}
			if at := dayOf(begins); isBefore(at, date) {
				t.Fatalf("%s: %v begins at %s, when it is %v", name, date, begins, at)
			}
			date = date.plus(1)
		}
	}
}

// isBefore compares days of the calendar.
func isBefore(a, b day) bool {
	noon := func(d day) time.Time { return time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC) }
	return noon(a).Before(noon(b))
}

func TestZonesThatAreNone(t *testing.T) {
	for _, name := range []crm.TimeZone{"", "Local", "Europe/Farnborough", "../etc/passwd", "GMT+1"} {
		if zone, err := loadZone(name); err == nil {
			t.Errorf("%q is read as the zone %s", name, zone)
		}
	}
}
