package outreach

import (
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

func TestOnlySeries(t *testing.T) {
	of := func(name crm.ObjectName, series crm.SeriesName) crm.Exhibition {
		return crm.Exhibition{Spec: crm.ExhibitionSpec{StoreName: name, Series: series}}
	}
	for _, test := range []struct {
		exhibitions []crm.Exhibition
		want        crm.SeriesName
	}{
		{nil, ""},
		{[]crm.Exhibition{of("crm", "A"), of("crm", "A"), of("other", "B")}, "A"},
		{[]crm.Exhibition{of("crm", "A"), of("crm", "B")}, ""},
		{[]crm.Exhibition{of("other", "B")}, ""},
	} {
		if got := onlySeries(test.exhibitions, "crm"); got != test.want {
			t.Errorf("of %+v the only series is %q, want %q", test.exhibitions, got, test.want)
		}
	}
}

func TestOpensNext(t *testing.T) {
	rule := &crm.CampaignRule{Spec: crm.CampaignRuleSpec{StoreName: "crm", Trigger: crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "A"}}}}
	var all []crm.Exhibition
	for name, opens := range map[string]crm.Date{"old": "2024-07-20", "now": "2026-07-20", "next": "2028-07-20"} {
		e := crm.Exhibition{Spec: crm.ExhibitionSpec{StoreName: "crm", Series: "A", Opens: opens}}
		e.Name = name
		all = append(all, e)
	}
	for today, want := range map[string]crm.ObjectName{"2020-01-01": "old", "2026-07-20": "now", "2026-07-21": "next", "2030-01-01": "next"} {
		if got := opensNext(all, rule, today); got != want {
			t.Errorf("on %s %q opens next, want %q", today, got, want)
		}
	}
}

// TestOnAnniversary: each zone has its own hour, and who has none that of the store.
func TestOnAnniversary(t *testing.T) {
	trigger := crm.Trigger{Anniversary: &crm.AnniversaryTrigger{Field: crm.AnniversaryBirthday, At: "09:00"}, StartingDeadlineSeconds: 7200}
	freeze := &store.Freeze{}
	if err := onAnniversary(freeze, "2027-02-28", trigger, "Asia/Tokyo"); err != nil {
		t.Fatal(err)
	}
	if a := freeze.Anniversary; a.Field != store.AnniversaryBirthday || a.Before != 2027 || len(a.Days) != 2 || a.Days[1] != (store.MonthDay{Month: time.February, Day: 29}) {
		t.Errorf("the anniversary is %+v", a)
	}
	for zone, want := range map[string]string{"": "2027-02-28T00:00:00Z", "Europe/London": "2027-02-28T09:00:00Z", "America/New_York": "2027-02-28T14:00:00Z", "No/Where": "2027-02-28T09:00:00Z"} {
		from, until := freeze.Window(zone)
		if got := time.UnixMilli(from).UTC().Format(time.RFC3339); got != want || until-from != 7200_000 {
			t.Errorf("in %q it begins at %s and lasts %d ms, want %s", zone, got, until-from, want)
		}
	}
	if err := onAnniversary(freeze, "farnborough-2026.Opens-1", trigger, "UTC"); err == nil {
		t.Error("an occurrence that is no day has an anniversary")
	}
}
