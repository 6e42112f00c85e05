package campaignrule

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestCollects(t *testing.T) {
	rule := func(trigger crm.Trigger) *crm.CampaignRule {
		return &crm.CampaignRule{Spec: crm.CampaignRuleSpec{StoreName: "crm", Trigger: trigger}}
	}
	fact := func(kind crm.TriggerFact) *crm.CampaignRule {
		return rule(crm.Trigger{Fact: &crm.FactTrigger{Kind: kind}})
	}
	entered := rule(crm.Trigger{Segment: &crm.SegmentTrigger{SegmentName: "lapsed", Transition: crm.TransitionEntered}})
	named := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name} }
	for name, c := range map[string]struct {
		object client.Object
		rule   *crm.CampaignRule
		want   bool
	}{
		"facts of its store":              {&crm.CustomerStore{ObjectMeta: named("crm")}, fact(crm.TriggerComplaintOpened), true},
		"facts of another store":          {&crm.CustomerStore{ObjectMeta: named("other")}, fact(crm.TriggerComplaintOpened), false},
		"facts, and it collects moves":    {&crm.CustomerStore{ObjectMeta: named("crm")}, entered, false},
		"moves of its segment":            {&crm.CustomerSegment{ObjectMeta: named("lapsed")}, entered, true},
		"moves of another segment":        {&crm.CustomerSegment{ObjectMeta: named("crm")}, entered, false},
		"moves, and it collects facts":    {&crm.CustomerSegment{ObjectMeta: named("crm")}, fact(crm.TriggerComplaintOpened), false},
		"tiers, and it collects tiers":    {&crm.LoyaltyProgram{ObjectMeta: named("club")}, fact(crm.TriggerTierChanged), true},
		"tiers, and it collects others":   {&crm.LoyaltyProgram{ObjectMeta: named("crm")}, fact(crm.TriggerComplaintOpened), false},
		"tiers, and it collects nothing":  {&crm.LoyaltyProgram{ObjectMeta: named("crm")}, rule(crm.Trigger{Schedule: &crm.ScheduleTrigger{}}), false},
		"facts, and it collects nothing":  {&crm.CustomerStore{ObjectMeta: named("crm")}, rule(crm.Trigger{Schedule: &crm.ScheduleTrigger{}}), false},
		"a segment, and collects nothing": {&crm.CustomerSegment{ObjectMeta: named("lapsed")}, rule(crm.Trigger{Schedule: &crm.ScheduleTrigger{}}), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := collects(c.object, c.rule); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}
