package due

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// Triggers of tests.
func weekly(deadline int64) crm.Trigger {
	return crm.Trigger{Schedule: &crm.ScheduleTrigger{Cron: "0 9 * * 1", TimeZone: "Europe/London"}, StartingDeadlineSeconds: deadline}
}

func before(anchor crm.EntryName, days int32, deadline int64) crm.Trigger {
	return crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "Farnborough", Anchor: anchor, OffsetDays: -days, At: "10:00"}, StartingDeadlineSeconds: deadline}
}

func named(trigger crm.Trigger, exhibition crm.ObjectName) crm.Trigger {
	about := *trigger.Exhibition
	about.Series, about.ExhibitionName = "", exhibition
	trigger.Exhibition = &about
	return trigger
}

func birthday(at crm.TimeOfDay, deadline int64) crm.Trigger {
	return crm.Trigger{Anniversary: &crm.AnniversaryTrigger{Field: crm.AnniversaryBirthday, At: at}, StartingDeadlineSeconds: deadline}
}

func complaints(deadline int64) crm.Trigger {
	return crm.Trigger{Fact: &crm.FactTrigger{Kind: crm.TriggerComplaintOpened}, StartingDeadlineSeconds: deadline}
}

// show is an edition that opens on a day and closes four days later.
func show(t testing.TB, name, opens, zone string) Edition {
	t.Helper()
	e, err := EditionOf(&crm.Exhibition{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: crm.ExhibitionSpec{
		Series: "Farnborough", Opens: crm.Date(opens), Closes: crm.Date(opens), Venue: crm.Venue{TimeZone: crm.TimeZone(zone)},
		Milestones: []crm.Milestone{{Name: "EarlyBird", Date: "2026-03-01"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestFind has rules and what is to be done about them at a moment. Each case says due names,
// then what is missed, next and look.
func TestFind(t *testing.T) {
	july := show(t, "farnborough-2026", "2026-07-20", "Europe/London")
	moved := show(t, "farnborough-2026", "2026-09-21", "Europe/London")
	past := show(t, "farnborough-2024", "2024-07-22", "Europe/London")
	cancelled := july
	cancelled.Cancelled = true
	const daily = 86400
	for name, test := range map[string]struct {
		rule  Rule
		since string
		now   string
		known string
		want  string
	}{
		"a schedule before its time": {Rule{Trigger: weekly(0)}, "2026-11-20T00:00:00Z", "2026-11-23T08:59:59Z", "", "[] missed 0 next 2026-11-23T09:00:00Z look 2026-11-23T09:00:00Z"},
		"a schedule at its time":     {Rule{Trigger: weekly(0)}, "2026-11-20T00:00:00Z", "2026-11-23T09:00:00Z", "", "[2026-11-23T0900Z] missed 0 next 2026-11-30T09:00:00Z look 2026-11-23T10:00:00Z"},
		"begun":                      {Rule{Trigger: weekly(0)}, "2026-11-20T00:00:00Z", "2026-11-23T09:00:01Z", "2026-11-23T0900Z", "[] missed 0 next 2026-11-30T09:00:00Z look 2026-11-30T09:00:00Z"},
		"too late":                   {Rule{Trigger: weekly(0)}, "2026-11-20T00:00:00Z", "2026-11-23T10:00:00Z", "", "[] missed 1 next 2026-11-30T09:00:00Z look 2026-11-30T09:00:00Z"},
		"created at the time":        {Rule{Trigger: weekly(0)}, "2026-11-23T09:00:00Z", "2026-11-23T09:00:01Z", "", "[] missed 0 next 2026-11-30T09:00:00Z look 2026-11-30T09:00:00Z"},
		"an old rule applied first":  {Rule{Trigger: weekly(daily)}, "2026-11-01T00:00:00Z", "2026-11-23T12:00:00Z", "", "[2026-11-23T0900Z] missed 3 next 2026-11-30T09:00:00Z look 2026-11-24T09:00:00Z"},
		"only the newest of several": {Rule{Trigger: weekly(31 * daily)}, "2026-11-01T00:00:00Z", "2026-11-23T12:00:00Z", "", "[2026-11-23T0900Z] missed 3 next 2026-11-30T09:00:00Z look 2026-11-30T09:00:00Z"},
		"several, two begun":         {Rule{Trigger: weekly(31 * daily)}, "2026-11-01T00:00:00Z", "2026-11-23T12:00:00Z", "2026-11-09T0900Z 2026-11-23T0900Z", "[] missed 2 next 2026-11-30T09:00:00Z look 2026-11-30T09:00:00Z"},
		"counted to here":            {Rule{Trigger: weekly(0), Counted: Count{moment(t, "2026-11-16T12:00:00Z"), 7}}, "2026-11-01T00:00:00Z", "2026-11-23T12:00:00Z", "", "[] missed 8 next 2026-11-30T09:00:00Z look 2026-11-30T09:00:00Z"},
		"the clock jumped back":      {Rule{Trigger: weekly(0), Counted: Count{moment(t, "2026-11-23T12:00:00Z"), 7}}, "2026-11-01T00:00:00Z", "2026-11-16T09:30:00Z", "2026-11-16T0900Z", "[] missed 7 next 2026-11-23T09:00:00Z look 2026-11-23T09:00:00Z"},
		"back before the creation":   {Rule{Trigger: weekly(0)}, "2026-11-23T12:00:00Z", "2026-11-16T09:30:00Z", "", "[] missed 0 next 2026-11-30T09:00:00Z look 2026-11-30T09:00:00Z"},
		"a schedule suspended":       {Rule{Trigger: weekly(0), Suspend: true, Counted: Count{moment(t, "2026-11-20T12:00:00Z"), 7}}, "2026-11-01T00:00:00Z", "2026-11-23T09:00:00Z", "", "[] missed 7"},
		"a schedule resumed":         {Rule{Trigger: weekly(0), Counted: Count{Suspended, 7}}, "2026-11-01T00:00:00Z", "2026-11-23T12:00:00Z", "", "[] missed 7 next 2026-11-30T09:00:00Z look 2026-11-30T09:00:00Z"},
		"resumed within the hour":    {Rule{Trigger: weekly(0), Counted: Count{Suspended, 7}}, "2026-11-01T00:00:00Z", "2026-11-23T09:30:00Z", "", "[2026-11-23T0900Z] missed 7 next 2026-11-30T09:00:00Z look 2026-11-23T10:00:00Z"},
		"every minute for a year":    {Rule{Trigger: crm.Trigger{Schedule: &crm.ScheduleTrigger{Cron: "* * * * *"}}}, "2025-11-01T00:00:00Z", "2026-11-23T12:00:30Z", "", "[2026-11-23T1200Z] missed 100 next 2026-11-23T12:01:00Z look 2026-11-23T12:01:00Z"},

		"a show ahead":                 {Rule{Trigger: before("Opens", 180, 0), Editions: []Edition{july}}, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "", "[] missed 0 next 2026-01-21T10:00:00Z look 2026-01-21T10:00:00Z"},
		"a show due":                   {Rule{Trigger: before("Opens", 180, 0), Editions: []Edition{july}}, "2026-01-01T00:00:00Z", "2026-01-21T10:00:00Z", "", "[farnborough-2026.Opens-180] missed 0 look 2026-01-21T11:00:00Z"},
		"on the day itself":            {Rule{Trigger: before("Opens", 0, 0), Editions: []Edition{july}}, "2026-01-01T00:00:00Z", "2026-07-20T09:00:00Z", "", "[farnborough-2026.Opens+0] missed 0 look 2026-07-20T10:00:00Z"},
		"after it":                     {Rule{Trigger: before("Closes", -3, 0), Editions: []Edition{july}}, "2026-01-01T00:00:00Z", "2026-07-23T09:00:00Z", "", "[farnborough-2026.Closes+3] missed 0 look 2026-07-23T10:00:00Z"},
		"90 days of evaluation":        {Rule{Trigger: before("EvaluateUntil", 0, 0), Editions: []Edition{july}}, "2026-01-01T00:00:00Z", "2026-10-18T09:00:00Z", "", "[farnborough-2026.EvaluateUntil+0] missed 0 look 2026-10-18T10:00:00Z"},
		"a milestone":                  {Rule{Trigger: before("EarlyBird", 1, 0), Editions: []Edition{july}}, "2026-01-01T00:00:00Z", "2026-02-28T10:00:00Z", "", "[farnborough-2026.EarlyBird-1] missed 0 look 2026-02-28T11:00:00Z"},
		"a day that there is not":      {Rule{Trigger: before("RecruitFrom", 1, 0), Editions: []Edition{july}}, "2026-01-01T00:00:00Z", "2026-02-28T10:00:00Z", "", "[] missed 0"},
		"a show missed at first":       {Rule{Trigger: before("Opens", 180, 0), Editions: []Edition{past, july}}, "2026-03-01T00:00:00Z", "2026-03-01T00:00:01Z", "", "[] missed 1"},
		"a show that moved":            {Rule{Trigger: before("Opens", 180, 0), Editions: []Edition{moved}, Counted: Count{time.UnixMilli(0), 0}}, "2026-01-01T00:00:00Z", "2026-03-01T00:00:01Z", "", "[] missed 0 next 2026-03-25T10:00:00Z look 2026-03-25T10:00:00Z"},
		"moved after it was begun":     {Rule{Trigger: before("Opens", 180, 0), Editions: []Edition{moved}}, "2026-01-01T00:00:00Z", "2026-03-25T10:00:00Z", "farnborough-2026.Opens-180", "[] missed 0"},
		"a cancelled show":             {Rule{Trigger: named(before("Opens", 180, 0), "farnborough-2026"), Editions: []Edition{cancelled}}, "2026-01-01T00:00:00Z", "2026-01-21T10:00:00Z", "", "[] missed 0 over Cancelled"},
		"a concluded show":             {Rule{Trigger: named(before("Opens", 180, 0), "farnborough-2024"), Editions: []Edition{past, july}}, "2026-01-01T00:00:00Z", "2026-01-21T10:00:00Z", "", "[] missed 0 over Concluded"},
		"concluded, and still to come": {Rule{Trigger: named(before("Opens", -730, 0), "farnborough-2024"), Editions: []Edition{past, july}}, "2026-01-01T00:00:00Z", "2026-01-21T10:00:00Z", "", "[] missed 0 next 2026-07-22T09:00:00Z look 2026-07-22T09:00:00Z"},
		"suspended over a miss":        {Rule{Trigger: before("Opens", 180, 0), Editions: []Edition{july}, Suspend: true, Counted: Count{time.UnixMilli(0), 0}}, "2026-01-01T00:00:00Z", "2026-03-01T00:00:01Z", "", "[] missed 1"},
		"created suspended":            {Rule{Trigger: before("Opens", 180, 0), Editions: []Edition{july}, Suspend: true}, "2026-01-01T00:00:00Z", "2026-03-01T00:00:01Z", "", "[] missed 0"},
		"resumed after a miss":         {Rule{Trigger: before("Opens", 180, 0), Editions: []Edition{july}, Counted: Count{Suspended, 0}}, "2026-01-01T00:00:00Z", "2026-03-01T00:00:01Z", "", "[] missed 0"},
		"an hour that a venue does not have": {Rule{Trigger: crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "Farnborough", Anchor: "Opens", At: "02:10"}}, Editions: []Edition{show(t, "island", "2026-10-04", "Australia/Lord_Howe")}},
			"2026-01-01T00:00:00Z", "2026-10-03T15:30:00Z", "", "[island.Opens+0] missed 0 look 2026-10-03T16:30:00Z"},
		"an hour that a venue has twice": {Rule{Trigger: crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "Farnborough", Anchor: "Opens", At: "01:30"}}, Editions: []Edition{show(t, "city", "2026-11-01", "America/New_York")}},
			"2026-01-01T00:00:00Z", "2026-11-01T05:30:00Z", "", "[city.Opens+0] missed 0 look 2026-11-01T06:30:00Z"},

		"a birthday before the world has it":   {Rule{Trigger: birthday("09:00", 0)}, "2026-11-24T22:00:00Z", "2026-11-25T18:59:59Z", "2026-11-25", "[] missed 0 next 2026-11-25T19:00:00Z look 2026-11-25T19:00:00Z"},
		"a birthday in the east":               {Rule{Trigger: birthday("09:00", 0), Counted: Count{moment(t, "2026-11-25T20:00:00Z"), 0}}, "2026-11-01T00:00:00Z", "2026-11-25T19:00:00Z", "2026-11-25", "[2026-11-26] missed 0 next 2026-11-26T19:00:00Z look 2026-11-26T19:00:00Z"},
		"a birthday in the west":               {Rule{Trigger: birthday("09:00", 0)}, "2026-11-26T00:00:00Z", "2026-11-26T21:59:59Z", "2026-11-25 2026-11-27", "[2026-11-26] missed 0 next 2026-11-27T19:00:00Z look 2026-11-26T22:00:00Z"},
		"a birthday that is over":              {Rule{Trigger: birthday("09:00", 0), Counted: Count{moment(t, "2026-11-25T22:00:00Z"), 0}}, "2026-11-01T00:00:00Z", "2026-11-26T22:00:00Z", "2026-11-27", "[] missed 1 next 2026-11-27T19:00:00Z look 2026-11-27T19:00:00Z"},
		"birthdays over before the rule was":   {Rule{Trigger: birthday("00:00", 0)}, "2026-11-26T13:00:00Z", "2026-11-26T13:00:01Z", "2026-11-27 2026-11-28", "[] missed 0 next 2026-11-27T10:00:00Z look 2026-11-27T10:00:00Z"},
		"birthdays of three days":              {Rule{Trigger: birthday("09:00", 2*daily)}, "2026-11-26T00:00:00Z", "2026-11-26T10:00:00Z", "", "[2026-11-24 2026-11-25 2026-11-26] missed 0 next 2026-11-26T19:00:00Z look 2026-11-26T19:00:00Z"},
		"birthdays of the end of February":     {Rule{Trigger: birthday("23:30", 0)}, "2027-02-28T12:30:00Z", "2027-03-01T09:30:00Z", "", "[2027-02-28 2027-03-01] missed 0 next 2027-03-02T09:30:00Z look 2027-03-01T12:30:00Z"},
		"years of birthdays":                   {Rule{Trigger: birthday("09:00", 0)}, "2020-01-01T00:00:00Z", "2026-11-26T10:00:00Z", "2026-11-26", "[] missed 100 next 2026-11-26T19:00:00Z look 2026-11-26T19:00:00Z"},
		"nothing collected":                    {Rule{Trigger: complaints(0)}, "2026-01-01T00:00:00Z", "2026-11-26T09:00:00Z", "", "[] missed 0"},
		"collecting":                           {Rule{Trigger: complaints(0), Oldest: moment(t, "2026-11-26T09:00:00Z")}, "2026-01-01T00:00:00Z", "2026-11-26T09:04:59Z", "", "[] missed 0 next 2026-11-26T09:05:00Z look 2026-11-26T09:05:00Z"},
		"collected":                            {Rule{Trigger: complaints(0), Oldest: moment(t, "2026-11-26T09:00:00.7Z")}, "2026-01-01T00:00:00Z", "2026-11-26T09:05:01Z", "", "[20261126T090000Z through 09:05:01] missed 0 look 2026-11-26T10:05:00.7Z"},
		"collected for a second that was told": {Rule{Trigger: complaints(0), Oldest: moment(t, "2026-11-26T09:00:00Z")}, "2026-01-01T00:00:00Z", "2026-11-26T09:05:00Z", "20261126T090000Z", "[20261126T090001Z through 09:05:00] missed 0 look 2026-11-26T10:05:00Z"},
		"collected too long ago":               {Rule{Trigger: complaints(0), Oldest: moment(t, "2026-11-26T09:00:00Z")}, "2026-01-01T00:00:00Z", "2026-11-26T12:05:00Z", "", "[] late 20261126T090000Z through 11:00:00 missed 1 look 2026-11-26T12:05:00Z"},
		"collected while suspended":            {Rule{Trigger: complaints(0), Oldest: moment(t, "2026-11-26T09:00:00Z"), Suspend: true}, "2026-01-01T00:00:00Z", "2026-11-26T12:05:00Z", "", "[] missed 0"},
		"collected before it was resumed":      {Rule{Trigger: complaints(0), Oldest: moment(t, "2026-11-26T09:00:00Z"), Counted: Count{Suspended, 0}}, "2026-01-01T00:00:00Z", "2026-11-26T12:05:00Z", "", "[] late 20261126T090000Z through 11:00:00 missed 0 look 2026-11-26T12:05:00Z"},
		"a segment's, and its own seconds":     {Rule{Trigger: crm.Trigger{Segment: &crm.SegmentTrigger{BatchSeconds: 10}, StartingDeadlineSeconds: 60}, Oldest: moment(t, "2026-11-26T09:00:00Z")}, "2026-01-01T00:00:00Z", "2026-11-26T09:00:10Z", "", "[20261126T090000Z through 09:00:10] missed 0 look 2026-11-26T09:01:10Z"},
		"recorded for before the rule":         {Rule{Trigger: complaints(0), Oldest: moment(t, "2026-11-26T08:00:00Z")}, "2026-11-26T09:00:00Z", "2026-11-26T09:05:00Z", "", "[20261126T090000Z through 09:05:00] missed 0 look 2026-11-26T10:05:00Z"},
	} {
		test.rule.Created = moment(t, test.since)
		now := moment(t, test.now)
		candidates, err := Candidates(now, test.rule)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := Find(now, test.rule, func(name string) bool {
			if !slices.Contains(candidates, name) {
				t.Errorf("%s: %s is no candidate", name, name)
			}
			return slices.Contains(strings.Fields(test.known), name)
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := told(plan); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
}

func told(plan Plan) string {
	name := func(o Occurrence) string {
		if o.Through.IsZero() {
			return o.Name
		}
		return o.Name + " through " + o.Through.Format(time.TimeOnly)
	}
	var names []string
	for _, o := range plan.Due {
		names = append(names, name(o))
	}
	text := fmt.Sprint(names)
	if plan.Late != nil {
		text += " late " + name(*plan.Late)
	}
	text += fmt.Sprint(" missed ", plan.Missed)
	if !plan.Next.IsZero() {
		text += " next " + plan.Next.Format(time.RFC3339Nano)
	}
	if !plan.Look.IsZero() {
		text += " look " + plan.Look.Format(time.RFC3339Nano)
	}
	if plan.Over != "" {
		text += " over " + string(plan.Over)
	}
	return text
}

// TestNames are taken by the API server, the longest as well.
func TestNames(t *testing.T) {
	pattern := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:+-]*$`)
	long := show(t, strings.Repeat("e", 63), "2026-07-20", "UTC")
	anchor := strings.Repeat("M", 63)
	long.Milestones[anchor] = Day{2026, 7, 20}
	for _, rule := range []Rule{
		{Trigger: before(crm.EntryName(anchor), 3650, 0), Editions: []Edition{long}},
		{Trigger: weekly(0)}, {Trigger: birthday("", 0)}, {Trigger: complaints(0), Oldest: moment(t, "2026-11-01T00:00:00Z")},
	} {
		rule.Created = moment(t, "2016-01-01T00:00:00Z")
		names, err := Candidates(moment(t, "2026-11-26T09:00:00Z"), rule)
		if err != nil || len(names) == 0 || len(names) > 3*enough {
			t.Fatalf("%d names, %v", len(names), err)
		}
		for _, name := range names {
			if !pattern.MatchString(name) || len(name) > 136 {
				t.Errorf("the name %q of %d characters", name, len(name))
			}
		}
	}
	if _, err := Candidates(time.Time{}, Rule{}); err == nil {
		t.Error("a rule without a trigger has candidates")
	}
}

func TestBirthdays(t *testing.T) {
	for day, want := range map[Day][]MonthDay{
		{2026, 2, 28}: {{2, 28}, {2, 29}},
		{2028, 2, 28}: {{2, 28}},
		{2028, 2, 29}: {{2, 29}},
		{2100, 2, 28}: {{2, 28}, {2, 29}},
		{2026, 3, 1}:  {{3, 1}},
	} {
		if got := Birthdays(day); !slices.Equal(got, want) {
			t.Errorf("on %v: %v, want %v", day, got, want)
		}
	}
}

// TestWindow has times of day in zones over changes of their clocks.
func TestWindow(t *testing.T) {
	for _, test := range []struct {
		day        Day
		at         crm.TimeOfDay
		zone, want string
	}{
		{Day{2026, 11, 26}, "09:00", "Pacific/Kiritimati", "2026-11-25T19:00:00Z"},
		{Day{2026, 11, 26}, "09:00", "Etc/GMT+12", "2026-11-26T21:00:00Z"},
		{Day{2026, 3, 29}, "01:30", "Europe/London", "2026-03-29T01:00:00Z"},
		{Day{2026, 10, 25}, "01:30", "Europe/London", "2026-10-25T00:30:00Z"},
		{Day{2026, 3, 8}, "02:00", "America/New_York", "2026-03-08T07:00:00Z"},
		{Day{2026, 4, 5}, "01:45", "Australia/Lord_Howe", "2026-04-04T14:45:00Z"},
		{Day{2026, 10, 4}, "02:15", "Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
		{Day{2026, 4, 24}, "00:30", "Africa/Cairo", "2026-04-23T22:00:00Z"},
		{Day{2011, 12, 30}, "09:00", "Pacific/Apia", "2011-12-30T10:00:00Z"},
		{Day{2026, 7, 1}, "", "UTC", "2026-07-01T09:00:00Z"},
	} {
		from, until, err := Window(test.day, test.at, place(t, test.zone), 90*time.Minute)
		if err != nil || !from.Equal(moment(t, test.want)) || until.Sub(from) != 90*time.Minute {
			t.Errorf("%v %s in %s: from %v until %v, %v", test.day, test.at, test.zone, from.UTC(), until.UTC(), err)
		}
	}
}

func FuzzTimeOfDay(f *testing.F) {
	pattern := regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)
	for _, seed := range []string{"09:00", "9:00", "24:00", "23:59", "", "09:00\n", "０９:00", "09:0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		clock, err := parseTimeOfDay(crm.TimeOfDay(text))
		if (err == nil) != (text == "" || pattern.MatchString(text)) || clock < 0 || clock >= day {
			t.Errorf("%q is %v, %v", text, clock, err)
		}
	})
}

func TestMistakes(t *testing.T) {
	july := show(t, "farnborough-2026", "2026-07-20", "Europe/London")
	paris := july
	paris.Exhibition, paris.Series, paris.Milestones = "paris", "Paris", map[string]Day{"Late": {2026, 1, 1}}
	schedule := func(cron, zone string) crm.Trigger {
		return crm.Trigger{Schedule: &crm.ScheduleTrigger{Cron: cron, TimeZone: crm.TimeZone(zone)}}
	}
	for name, test := range map[string]struct {
		trigger  crm.Trigger
		editions []Edition
		want     []string
	}{
		"a line":                  {schedule("0 9 * * 1", ""), nil, nil},
		"29 February":             {schedule("0 9 29 2 *", "Europe/London"), nil, nil},
		"a line that never fires": {schedule("0 0 30 2 *", "UTC"), nil, []string{`spec.trigger.schedule.cron InvalidSchedule the cron line "0 0 30 2 *" never fires: no year has such a day: write another day of month or month`}},
		"four fields":             {schedule("0 9 * *", ""), nil, []string{`spec.trigger.schedule.cron InvalidSchedule the cron line "0 9 * *" cannot be read: expected exactly 5 fields, found 4: [0 9 * *]: write minute, hour,`}},
		"every hour":              {schedule("@every 1h", ""), nil, []string{`spec.trigger.schedule.cron InvalidSchedule the cron line "@every 1h" has no times: @every counts from a moment that is not declared: write`}},
		"a zone in the line":      {schedule("TZ=UTC", ""), nil, []string{"spec.trigger.schedule.cron InvalidSchedule the cron line \"TZ=UTC\" cannot be read: it must not name a time zone: use timeZone"}},
		"both":                    {schedule("x", "Europe/Lundon"), nil, []string{"spec.trigger.schedule.timeZone InvalidTimeZone unknown time zone Europe/Lundon: name a zone", "spec.trigger.schedule.cron InvalidSchedule"}},
		"the machine's own zone":  {schedule("@daily", "Local"), nil, []string{"spec.trigger.schedule.timeZone InvalidTimeZone"}},
		"a milestone":             {before("EarlyBird", 1, 0), []Edition{paris, july}, nil},
		"a milestone of nobody": {before("Late", 1, 0), []Edition{paris, july}, []string{
			"spec.trigger.exhibition.anchor UnknownMilestone no edition of the series Farnborough declares the day Late: declare it there, or name one of Closes, EarlyBird, EvaluateUntil, Opens"}},
		"a milestone of an exhibition without": {named(before("EarlyBird", 1, 0), "paris"), []Edition{paris, july}, []string{
			"spec.trigger.exhibition.anchor UnknownMilestone the Exhibition paris does not declare the day EarlyBird: declare it there, or name one of Closes, EvaluateUntil, Late, Opens"}},
		"no recruiting":           {before("RecruitFrom", 1, 0), []Edition{july}, []string{"spec.trigger.exhibition.anchor UnknownMilestone no edition of the series Farnborough declares the day RecruitFrom"}},
		"no edition yet":          {before("Late", 1, 0), []Edition{paris}, nil},
		"no such exhibition yet":  {named(before("Late", 1, 0), "farnborough-2028"), []Edition{paris, july}, nil},
		"another kind of trigger": {birthday("", 0), nil, nil},
	} {
		var got []string
		for _, m := range Mistakes(test.trigger, test.editions) {
			got = append(got, m.Field+" "+m.Reason+" "+m.Message)
		}
		if !slices.EqualFunc(got, test.want, strings.HasPrefix) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		if _, err := Candidates(time.Time{}, Rule{Trigger: test.trigger}); test.trigger.Schedule != nil && (err != nil) != (len(test.want) > 0) && !strings.Contains(name, "never") {
			t.Errorf("%s: candidates fail with %v", name, err)
		}
	}
}

// TestEditionOf refuses what the API server refuses, instead of being due on a wrong day.
func TestEditionOf(t *testing.T) {
	whole := crm.Exhibition{ObjectMeta: metav1.ObjectMeta{Name: "f"}, Spec: crm.ExhibitionSpec{Series: "F", RecruitFrom: "2025-07-01", Opens: "2026-07-20", Closes: "2026-07-24",
		EvaluateUntil: "2026-12-31", Venue: crm.Venue{TimeZone: "Asia/Shanghai"}, Milestones: []crm.Milestone{{Name: "Late", Date: "2026-06-30"}}}}
	e, err := EditionOf(&whole)
	if err != nil || e.RecruitFrom != (Day{2025, 7, 1}) || e.Opens != (Day{2026, 7, 20}) || e.Closes != (Day{2026, 7, 24}) || e.EvaluateUntil != (Day{2026, 12, 31}) ||
		!maps.Equal(e.Milestones, map[string]Day{"Late": {2026, 6, 30}}) || !e.ends().Equal(moment(t, "2026-12-31T16:00:00Z")) {
		t.Errorf("%+v, ends %v, %v", e, e.ends(), err)
	}
	for name, spoil := range map[string]func(*crm.ExhibitionSpec){
		"zone": func(s *crm.ExhibitionSpec) { s.Venue.TimeZone = "Local" }, "opens": func(s *crm.ExhibitionSpec) { s.Opens = "2026-02-30" },
		"milestones": func(s *crm.ExhibitionSpec) { s.Milestones = []crm.Milestone{{Name: "Late", Date: "soon"}} },
	} {
		spoilt := whole.DeepCopy()
		spoil(&spoilt.Spec)
		if _, err := EditionOf(spoilt); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
