package campaignrule

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

func TestOutreachName(t *testing.T) {
	for _, test := range []struct{ rule, occurrence, want string }{
		{"win-back-letter", "2026-11-26", "win-back-letter-2026-11-26"},
		{"weekly", "20261126T0900Z", "weekly-20261126t0900z"},
		// By a digest: too long, and not the name of an object.
		{strings.Repeat("x", 38), "20261126T0900Z", ""},
		{"rebook", "farnborough-2026.Opens-180", ""},
		{"rebook", "x-", ""},
	} {
		got := outreachName(test.rule, test.occurrence)
		if len(got) > longestName || !plainName.MatchString(got) || test.want != "" && got != test.want || test.want == "" && len(got) != len(test.rule)+11 {
			t.Errorf("%s of %s is called %s, want %s", test.occurrence, test.rule, got, test.want)
		}
	}
	if outreachName("rebook", "a.Opens-1") == outreachName("rebook", "a.Opens+1") {
		t.Error("two occurrences have one name")
	}
}

// ended is an Outreach of a rule, that was due so many days ago.
func ended(name string, phase crm.OutreachPhase, daysAgo int, unknown int64) crm.Outreach {
	o := crm.Outreach{ObjectMeta: metav1.ObjectMeta{Name: name}}
	o.Spec.DueTime = &metav1.Time{Time: time.Date(2026, 7, 21, 9, 0, 0, 0, time.UTC).AddDate(0, 0, -daysAgo)}
	o.Status.Phase, o.Status.Messages = phase, &crm.MessagesStatus{Unknown: unknown}
	return o
}

func TestSuperfluous(t *testing.T) {
	all := []crm.Outreach{
		ended("e", crm.OutreachSending, 1, 0), ended("d", crm.OutreachCompleted, 2, 0), ended("c", crm.OutreachCancelled, 3, 0),
		ended("b", crm.OutreachCompleted, 9, 7), ended("a", crm.OutreachFailed, 5, 0),
	}
	for limit, want := range map[int]string{0: "acd", 1: "ac", 2: "a", 3: "", 9: ""} {
		got := ""
		for _, o := range superfluous(all, limit) {
			got += o.Name
		}
		if got != want {
			t.Errorf("of %d that are kept %q are superfluous, want %q", limit, got, want)
		}
	}
	if got := unfinished(all); got != "e" {
		t.Errorf("unfinished is %q", got)
	}
}

func TestCollected(t *testing.T) {
	made := metav1.NewTime(time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
	for want, trigger := range map[store.Collected]crm.Trigger{
		{Kind: store.CollectedEntered, Segment: "at-risk"}: {Segment: &crm.SegmentTrigger{SegmentName: "at-risk", Transition: crm.TransitionEntered}},
		{Kind: store.CollectedLeft, Segment: "at-risk"}:    {Segment: &crm.SegmentTrigger{SegmentName: "at-risk", Transition: crm.TransitionLeft}},
		{Kind: "FeedbackReceived"}:                         {Fact: &crm.FactTrigger{Kind: crm.TriggerFeedbackReceived}},
		{}:                                                 {Schedule: &crm.ScheduleTrigger{Cron: "0 9 * * 1"}},
	} {
		rule := &crm.CampaignRule{ObjectMeta: metav1.ObjectMeta{CreationTimestamp: made}, Spec: crm.CampaignRuleSpec{Trigger: trigger}}
		got, collects := collected(rule)
		want.Since = made.Time
		if got != want || collects != (want.Kind != "") {
			t.Errorf("%+v collects %+v, want %+v", trigger, got, want)
		}
	}
}
