package due

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/robfig/cron/v3"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// moment reads a time of a test.
func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestLine has the times of cron lines over changes of clocks and the ends of months.
func TestLine(t *testing.T) {
	for name, test := range map[string]struct {
		line, zone, after string
		want              []string
	}{
		"every Monday, winter to summer":          {"0 9 * * 1", "Europe/London", "2026-03-20T00:00:00Z", []string{"2026-03-23T09:00:00Z", "2026-03-30T08:00:00Z"}},
		"a time that London does not have":        {"30 1 * * *", "Europe/London", "2026-03-28T12:00:00Z", []string{"2026-03-30T00:30:00Z"}},
		"a time that London has twice":            {"30 1 * * *", "Europe/London", "2026-10-24T12:00:00Z", []string{"2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z"}},
		"a time that New York does not have":      {"30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-09T06:30:00Z"}},
		"a time that New York has twice":          {"30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"}},
		"half an hour that Lord Howe lacks":       {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", []string{"2026-10-04T15:15:00Z"}},
		"after half an hour that Lord Howe lacks": {"0 3 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", []string{"2026-10-03T16:00:00Z", "2026-10-04T16:00:00Z"}},
		"half an hour that Lord Howe has twice":   {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T00:00:00Z", []string{"2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z", "2026-04-05T15:15:00Z"}},
		"every minute over the missing half hour": {"* * * * *", "Australia/Lord_Howe", "2026-10-03T15:29:00Z", []string{"2026-10-03T15:30:00Z", "2026-10-03T15:31:00Z"}},
		"where midnight does not exist":           {"0 0 * * *", "Africa/Cairo", "2026-04-22T12:00:00Z", []string{"2026-04-22T22:00:00Z", "2026-04-24T21:00:00Z"}},
		"the day before midnight is missing":      {"0 5 23 * *", "Africa/Cairo", "2026-04-23T12:00:00Z", []string{"2026-05-23T02:00:00Z"}},
		"the day after midnight came twice":       {"30 23 * * *", "Africa/Cairo", "2026-10-29T12:00:00Z", []string{"2026-10-29T20:30:00Z", "2026-10-29T21:30:00Z", "2026-10-30T21:30:00Z"}},
		"the 31st":                                {"0 0 31 * *", "UTC", "2026-03-31T00:00:00Z", []string{"2026-05-31T00:00:00Z", "2026-07-31T00:00:00Z"}},
		"29 February":                             {"0 12 29 2 *", "UTC", "2026-01-01T00:00:00Z", []string{"2028-02-29T12:00:00Z", "2032-02-29T12:00:00Z"}},
		"29 February over 2100":                   {"0 12 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{"2104-02-29T12:00:00Z"}},
		"the 13th or Fridays":                     {"0 0 13 * 5", "UTC", "2026-11-06T00:00:00Z", []string{"2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z"}},
		"a name for it":                           {"@monthly", "Asia/Shanghai", "2026-11-26T00:00:00Z", []string{"2026-11-30T16:00:00Z"}},
		"exclusive":                               {"0 9 * * *", "UTC", "2026-11-26T09:00:00Z", []string{"2026-11-27T09:00:00Z"}},
		"seconds before":                          {"0 9 * * *", "UTC", "2026-11-26T08:59:59.9Z", []string{"2026-11-26T09:00:00Z"}},
	} {
		fires, err := parseLine(test.line, place(t, test.zone))
		if err != nil {
			t.Fatal(err)
		}
		at, floor := moment(t, test.after), moment(t, test.after)
		for i, want := range test.want {
			if at = fires.next(at); !at.Equal(moment(t, want)) {
				t.Errorf("%s: time %d is %v, want %s", name, i, at, want)
			}
		}
		for i := len(test.want) - 1; i >= 0; i-- {
			if back := fires.last(at, floor); !back.Equal(moment(t, test.want[i])) {
				t.Errorf("%s: backwards time %d is %v, want %s", name, i, back, test.want[i])
			}
			at = moment(t, test.want[i]).Add(-time.Minute)
		}
		if back := fires.last(at, floor); !back.IsZero() {
			t.Errorf("%s: backwards there is %v as well", name, back)
		}
	}
}

// randomLine makes a cron line that fires now and then.
func randomLine(random *rand.Rand) string {
	field := func(choices ...string) string { return choices[random.IntN(len(choices))] }
	return strings.Join([]string{
		field("*", "0", "30", "*/7", "15,45", "59", "0-5"),
		field("*", "0", "1", "2", "9", "*/5", "22-23", "23"),
		field("*", "*", "*", "1", "28-31", "*/2", "29"),
		field("*", "*", "*", "3", "10-11", "2", "*/5"),
		field("*", "*", "*", "1-5", "0", "6,0"),
	}, " ")
}

// TestLineAsACronJob compares with what a CronJob finds, where clocks change by an hour and not
// at midnight.
func TestLineAsACronJob(t *testing.T) {
	random, compared := rand.New(rand.NewPCG(1, 2)), 0
	for range 1000 {
		text := randomLine(random)
		zone := place(t, []string{"Europe/London", "America/New_York", "UTC", "Asia/Kolkata", "Pacific/Auckland"}[random.IntN(5)])
		fires, err := parseLine(text, zone)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := cron.ParseStandard(text)
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(1_770_000_000+random.Int64N(2*365*86400), 0)
		for range 5 {
			want := theirs.Next(at.In(zone))
			if want.IsZero() {
				break
			}
			compared++
			if got := fires.next(at); !got.Equal(want) {
				t.Fatalf("%s in %v after %v: %v, and a CronJob's is %v", text, zone, at.UTC(), got, want.UTC())
			}
			if got := fires.last(want.Add(59*time.Second), at); !got.Equal(want) {
				t.Fatalf("%s in %v up to %v: %v", text, zone, want.UTC(), got)
			}
			at = want
		}
	}
	if compared < 4000 {
		t.Errorf("only %d were compared", compared)
	}
}

// TestLineFromAnywhere asks from each minute around changes of clocks: every time is found, and
// none depends on where one asks.
func TestLineFromAnywhere(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for name, around := range map[string]string{
		"Europe/London": "2026-10-25T01:00:00Z", "Australia/Lord_Howe": "2026-10-03T15:30:00Z", "Africa/Cairo": "2026-04-23T22:00:00Z",
		"America/Havana": "2026-11-01T05:00:00Z", "America/Santiago": "2026-09-06T04:00:00Z", "Asia/Beirut": "2026-10-24T21:00:00Z", "Pacific/Apia": "2011-12-30T10:00:00Z",
	} {
		zone, begins := place(t, name), moment(t, around).Add(-30*time.Hour)
		for range 40 {
			text := randomLine(random)
			fires, err := parseLine(text, zone)
			if err != nil {
				t.Fatal(err)
			}
			var all []time.Time
			for m := range 60 * 60 {
				if at := begins.Add(time.Duration(m) * time.Minute); fires.mismatch(at.In(zone)) == 0 {
					all = append(all, at)
				}
			}
			for m := 0; m < 60*60; m += 1 + random.IntN(9) {
				at := begins.Add(time.Duration(m) * time.Minute)
				i, exact := slices.BinarySearchFunc(all, at, time.Time.Compare)
				if exact {
					i++
				}
				if got := fires.next(at); i < len(all) && !got.Equal(all[i]) {
					t.Fatalf("%s in %s after %v: %v, want %v", text, name, at, got, all[i])
				}
				var want time.Time
				if i > 0 {
					want = all[i-1]
				}
				if got := fires.last(at, begins.Add(-time.Minute)); !got.Equal(want) {
					t.Fatalf("%s in %s up to %v: %v, want %v", text, name, at, got, want)
				}
			}
		}
	}
}

// FuzzLine reads anything, and finds the same times in both directions.
func FuzzLine(f *testing.F) {
	for _, seed := range []string{"0 9 * * 1", "@daily", "@every 1h", "TZ=", "CRON_TZ=UTC 0 0 * * *", "*/5 1-3,7 29 2 0", "0 0 30 2 *", "? ? ? ? ?", "0 0 * * MON-FRI", "60 * * * *", "1/0 * * * *", "0-59/9223372036854775807 * * * *"} {
		f.Add(seed, int64(1_790_000_000), uint8(0))
	}
	zones := []*time.Location{time.UTC, place(f, "Europe/London"), place(f, "Australia/Lord_Howe"), place(f, "Africa/Cairo")}
	f.Fuzz(func(t *testing.T, text string, unix int64, zone uint8) {
		at := time.Unix(unix%8_000_000_000, 0)
		if unix < 0 {
			at = time.Unix(-(unix % 8_000_000_000), 0)
		}
		Mistakes(crm.Trigger{Schedule: &crm.ScheduleTrigger{Cron: text}}, nil)
		fires, err := parseLine(text, zones[int(zone)%len(zones)])
		if err != nil {
			return
		}
		next := fires.next(at)
		if next.IsZero() {
			return
		}
		if !next.After(at) || next.Second() != 0 {
			t.Fatalf("%q after %v: %v", text, at, next)
		}
		if last := fires.last(next, at); !last.Equal(next) {
			t.Fatalf("%q up to %v: %v", text, next, last)
		}
		if between := fires.last(next.Add(-time.Minute), at); !between.IsZero() {
			t.Fatalf("%q: %v lies between %v and %v", text, between, at, next)
		}
	})
}
