package campaignrule

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/scorecard"
	"github.com/fairlead/fairlead/internal/store"
)

func TestEffectOf(t *testing.T) {
	card := scorecard.Card{Days: 90, Effect: store.Effect{Treated: store.EffectGroup{Customers: 70, Booked: 56}, HeldOut: store.EffectGroup{Customers: 80, Booked: 48}}}
	if got, want := *effectOf(card), (crm.CampaignEffect{Days: 90, Treated: 70, HeldOut: 80, BookedDifference: "0.200", Low: "0.052", High: "0.334"}); got != want {
		t.Errorf("the effect is %+v, want %+v", got, want)
	}
	card.Effect.Treated.Booked, card.Effect.HeldOut.Booked = 7, 8
	if got := effectOf(card).BookedDifference; got != "0.000" {
		t.Errorf("of the same share the difference is %s", got)
	}
	card.Effect.HeldOut.Customers = 0
	if got := effectOf(card); got != nil {
		t.Errorf("of one group alone the effect is %+v", got)
	}
	if got := decimal(-0.0004); got != "0.000" {
		t.Errorf("what rounds to nothing is %s", got)
	}
}

// TestMeasuredOnceADay: a rule is measured again on the next day, and one that is made again at once.
func TestMeasuredOnceADay(t *testing.T) {
	m := &measured{}
	name, day := types.NamespacedName{Namespace: "expo", Name: "rebook"}, time.Date(2026, 7, 21, 0, 0, 0, 0, time.UTC)
	if _, is := m.today(name, "1", day); is {
		t.Error("nobody has measured it yet")
	}
	next := day.AddDate(0, 0, 9).Add(time.Hour)
	m.remember(name, measurement{"1", day, next})
	if found, is := m.today(name, "1", day); !is || !found.next.Equal(next) {
		t.Errorf("remembered is %+v", found)
	}
	_, again := m.today(name, "2", day)
	if _, later := m.today(name, "1", day.AddDate(0, 0, 1)); again || later {
		t.Error("it is not measured again")
	}
	m.forget(name)
	if _, is := m.today(name, "1", day); is {
		t.Error("it is not forgotten")
	}
	for want, next := range map[time.Time]time.Time{{}: {}, next: next, day.AddDate(0, 0, 1): day.Add(5 * time.Hour)} {
		if got := (measurement{"1", day, next}).look(); !got.Equal(want) {
			t.Errorf("with %s to come it looks again at %s, want %s", next, got, want)
		}
	}
	for _, test := range [][3]time.Time{{{}, {}, {}}, {day, {}, day}, {{}, day, day}, {day, next, day}, {next, day, day}} {
		if got := sooner(test[0], test[1]); !got.Equal(test[2]) {
			t.Errorf("of %s and %s the sooner is %s", test[0], test[1], got)
		}
	}
}
