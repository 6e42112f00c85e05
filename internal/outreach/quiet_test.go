package outreach

import (
	"testing"
	"time"
	_ "time/tzdata" // wherever the test runs

	"github.com/fairlead/fairlead/internal/store"
)

// TestQuietHours: when it is quiet, and when it opens, as clocks show it there.
func TestQuietHours(t *testing.T) {
	night := []QuietHours{{From: "20:00", To: "08:00"}}
	noon := []QuietHours{{From: "12:00", To: "13:30"}}
	weekends := []QuietHours{{From: "20:00", To: "08:00", WeekendsQuiet: true}}
	for what, test := range map[string]struct {
		hours []QuietHours
		zone  string
		now   string
		// opens is "" where it is not quiet, and "never" where it never opens.
		opens string
	}{
		"by day":                              {night, "Europe/London", "2026-01-14T12:00:00Z", ""},
		"the minute before":                   {night, "Europe/London", "2026-01-14T19:59:59Z", ""},
		"the first minute":                    {night, "Europe/London", "2026-01-14T20:00:00Z", "2026-01-15T08:00:00Z"},
		"after midnight":                      {night, "Europe/London", "2026-01-15T03:21:07Z", "2026-01-15T08:00:00Z"},
		"the last minute":                     {night, "Europe/London", "2026-01-15T07:59:59Z", "2026-01-15T08:00:00Z"},
		"the minute after":                    {night, "Europe/London", "2026-01-15T08:00:00Z", ""},
		"in the person's zone":                {night, "Asia/Tokyo", "2026-01-14T12:00:00Z", "2026-01-14T23:00:00Z"},
		"no zone is known":                    {night, "", "2026-01-14T01:00:00Z", "2026-01-14T13:00:00Z"},
		"a zone that there is not":            {night, "Europe/Nowhere", "2026-01-14T01:00:00Z", "2026-01-14T13:00:00Z"},
		"within a day":                        {noon, "Europe/London", "2026-01-14T12:15:30Z", "2026-01-14T13:30:00Z"},
		"within a day, before":                {noon, "Europe/London", "2026-01-14T11:59:00Z", ""},
		"within a day, after":                 {noon, "Europe/London", "2026-01-14T13:30:00Z", ""},
		"Saturday at noon":                    {weekends, "Europe/London", "2026-01-17T12:00:00Z", "2026-01-19T08:00:00Z"},
		"Friday night":                        {weekends, "Europe/London", "2026-01-16T22:00:00Z", "2026-01-19T08:00:00Z"},
		"Sunday at midnight":                  {weekends, "Europe/London", "2026-01-18T23:59:00Z", "2026-01-19T08:00:00Z"},
		"Monday at noon":                      {weekends, "Europe/London", "2026-01-19T12:00:00Z", ""},
		"Saturday there, Friday here":         {weekends, "Pacific/Auckland", "2026-01-16T11:30:00Z", "2026-01-18T19:00:00Z"},
		"weekends alone":                      {[]QuietHours{{WeekendsQuiet: true}}, "Europe/London", "2026-01-17T00:00:00Z", "2026-01-19T00:00:00Z"},
		"weekends alone, by night":            {[]QuietHours{{WeekendsQuiet: true}}, "Europe/London", "2026-01-16T23:59:00Z", ""},
		"two, that meet":                      {append(noon, QuietHours{From: "13:00", To: "15:00"}), "Europe/London", "2026-01-14T12:00:00Z", "2026-01-14T15:00:00Z"},
		"two, at night":                       {append(night, QuietHours{From: "22:00", To: "09:15"}), "Europe/London", "2026-01-14T21:00:00Z", "2026-01-15T09:15:00Z"},
		"two, that leave nothing":             {append(night, QuietHours{From: "08:00", To: "20:00"}), "Europe/London", "2026-01-14T12:00:00Z", "never"},
		"spring in London":                    {night, "Europe/London", "2026-03-28T23:00:00Z", "2026-03-29T07:00:00Z"},
		"autumn in London":                    {night, "Europe/London", "2026-10-24T23:00:00Z", "2026-10-25T08:00:00Z"},
		"spring in New York":                  {night, "America/New_York", "2026-03-08T05:00:00Z", "2026-03-08T12:00:00Z"},
		"autumn in New York":                  {night, "America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T13:00:00Z"},
		"it ends in an hour that is left out": {[]QuietHours{{From: "22:00", To: "01:30"}}, "Europe/London", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z"},
		"an hour that is left out":            {[]QuietHours{{From: "02:00", To: "02:45"}}, "America/New_York", "2026-03-08T07:00:00Z", ""},
		"an hour that comes twice":            {[]QuietHours{{From: "01:00", To: "01:45"}}, "America/New_York", "2026-11-01T05:10:00Z", "2026-11-01T05:45:00Z"},
		"when it comes again":                 {[]QuietHours{{From: "01:00", To: "01:45"}}, "America/New_York", "2026-11-01T06:10:00Z", "2026-11-01T06:45:00Z"},
	} {
		quiet, err := newQuietHours(&Policy{QuietHours: test.hours, DefaultTimeZone: "America/New_York"})
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		is, opens := quiet.opens(test.zone, now)
		got := ""
		switch {
		case is && opens.IsZero():
			got = "never"
		case is:
			got = opens.UTC().Format(time.RFC3339)
		}
		if got != test.opens {
			t.Errorf("%s: it opens at %q, want %q", what, got, test.opens)
		}
		// What opens is not quiet, and a minute earlier it was.
		if is && !opens.IsZero() {
			if still, _ := quiet.opens(test.zone, opens); still {
				t.Errorf("%s: it is quiet at %s", what, opens)
			}
			if before, _ := quiet.opens(test.zone, opens.Add(-time.Second)); !before {
				t.Errorf("%s: it is not quiet before %s", what, opens)
			}
		}
	}
}

// TestNoQuietHours: nobody keeps what the law asks for quiet, and what cannot be read is refused.
func TestNoQuietHours(t *testing.T) {
	hours := []QuietHours{{From: "00:00", To: "23:59"}}
	for _, policy := range []*Policy{nil, {}, {QuietHours: hours, Exempt: true}} {
		if quiet, err := newQuietHours(policy); err != nil || quiet != nil {
			t.Errorf("of %+v there is %+v, %v", policy, quiet, err)
		}
	}
	if quiet, _ := (*quietHours)(nil).opens("Europe/London", time.Now()); quiet {
		t.Error("without quiet hours it is quiet")
	}
	for _, policy := range []*Policy{{QuietHours: hours, DefaultTimeZone: "Nowhere"}, {QuietHours: []QuietHours{{From: "25:00", To: "01:00"}}}, {QuietHours: []QuietHours{{From: "01:00", To: "x"}}}} {
		if _, err := newQuietHours(policy); err == nil {
			t.Errorf("%+v is taken for quiet hours", policy)
		}
	}
}

// TestFirstLeaves: nothing leaves before the first zone is open to the first of its messages.
func TestFirstLeaves(t *testing.T) {
	now := time.Date(2026, 1, 14, 21, 0, 0, 0, time.UTC)
	night := &Policy{QuietHours: []QuietHours{{From: "20:00", To: "08:00"}}, DefaultTimeZone: "Europe/London"}
	never := &Policy{QuietHours: []QuietHours{{From: "20:00", To: "08:00"}, {From: "08:00", To: "20:00"}}, DefaultTimeZone: "UTC"}
	rest := func(zone string, notBefore, notAfter time.Duration) (r store.Rest) {
		r.TimeZone = zone
		if notBefore != 0 {
			r.NotBefore = now.Add(notBefore).UnixMilli()
		}
		if notAfter != 0 {
			r.NotAfter = now.Add(notAfter).UnixMilli()
		}
		return r
	}
	for what, test := range map[string]struct {
		policy *Policy
		rests  []store.Rest
		want   time.Duration
	}{
		"nothing is left":                 {night, nil, 0},
		"no policy":                       {nil, []store.Rest{rest("Europe/London", 0, 0)}, 0},
		"it is by night":                  {night, []store.Rest{rest("Europe/London", 0, 0)}, 11 * time.Hour},
		"no zone is known":                {night, []store.Rest{rest("", 0, 0)}, 11 * time.Hour},
		"it is exempt":                    {&Policy{Exempt: true, QuietHours: night.QuietHours}, []store.Rest{rest("Europe/London", 0, 0)}, 0},
		"it is by day elsewhere":          {night, []store.Rest{rest("Europe/London", 0, 0), rest("America/New_York", 0, 0)}, 0},
		"it opens earlier elsewhere":      {night, []store.Rest{rest("Europe/London", 0, 0), rest("Asia/Tokyo", 0, 0), rest("Asia/Kolkata", 0, 0)}, 2 * time.Hour},
		"its time has not come":           {nil, []store.Rest{rest("Europe/London", 3*time.Hour, 0), rest("Asia/Tokyo", 4*time.Hour, 0)}, 3 * time.Hour},
		"its time was":                    {night, []store.Rest{rest("America/New_York", -3*time.Hour, 0)}, 0},
		"its time comes by night":         {night, []store.Rest{rest("Asia/Tokyo", 14*time.Hour, 0)}, 26 * time.Hour},
		"it is over before it opens":      {night, []store.Rest{rest("Europe/London", 0, time.Hour)}, time.Hour + time.Millisecond},
		"it is over":                      {night, []store.Rest{rest("Europe/London", 0, -time.Hour)}, 0},
		"it never opens":                  {never, []store.Rest{rest("UTC", 0, 0)}, mostQuiet},
		"it never opens, and ends before": {never, []store.Rest{rest("UTC", time.Hour, 2*time.Hour)}, 2*time.Hour + time.Millisecond},
	} {
		if first, err := (&Plan{Policy: test.policy}).FirstLeaves(now, test.rests); err != nil || first.Sub(now) != test.want {
			t.Errorf("%s: the first leaves after %s, %v; want %s", what, first.Sub(now), err, test.want)
		}
	}
}
