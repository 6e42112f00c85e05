package outreach

import (
	"context"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// oneRule is a cache that has one rule.
type oneRule struct {
	client.Client
	rule crm.CampaignRule
}

func (c oneRule) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	if rule, is := into.(*crm.CampaignRule); is && key.Name == c.rule.Name {
		*rule = c.rule
		return nil
	}
	return apierrors.NewNotFound(schema.GroupResource{}, key.Name)
}

func TestConcerns(t *testing.T) {
	named := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Name: name} }
	to := func(include, exclude crm.ObjectName) crm.Audience {
		return crm.Audience{Include: []crm.SegmentReference{{SegmentName: include}}, Exclude: []crm.SegmentReference{{SegmentName: exclude}}}
	}
	audience := to("a", "b")
	byHand := &crm.Outreach{Spec: crm.OutreachSpec{StoreName: "crm", Audience: &audience}}
	ofRule := &crm.Outreach{Spec: crm.OutreachSpec{StoreName: "crm", RuleName: "weekly"}}
	ofNone := &crm.Outreach{Spec: crm.OutreachSpec{StoreName: "crm", RuleName: "gone"}}
	frozen := ofRule.DeepCopy()
	frozen.Status.FrozenTime = &metav1.Time{}
	segment := func(name string) client.Object { return &crm.CustomerSegment{ObjectMeta: named(name)} }
	r := &Reconciler{Client: oneRule{rule: crm.CampaignRule{ObjectMeta: named("weekly"), Spec: crm.CampaignRuleSpec{Audience: to("c", "d")}}}}
	for _, test := range []struct {
		what   string
		object client.Object
		o      *crm.Outreach
		want   bool
	}{
		{"a segment that it includes", segment("a"), byHand, true},
		{"a segment that it excludes", segment("b"), byHand, true},
		{"another segment", segment("c"), byHand, false},
		{"a segment that its rule includes", segment("c"), ofRule, true},
		{"a segment that its rule excludes", segment("d"), ofRule, true},
		{"a segment that its rule does not name", segment("a"), ofRule, false},
		{"a segment, and its rule is gone", segment("a"), ofNone, true},
		{"a segment, and what the rule said is frozen", segment("a"), frozen, true},
		{"its store", &crm.CustomerStore{ObjectMeta: named("crm")}, byHand, true},
		{"another store", &crm.CustomerStore{ObjectMeta: named("test")}, byHand, false},
		{"its rule", &crm.CampaignRule{ObjectMeta: named("weekly")}, ofRule, true},
		{"another rule", &crm.CampaignRule{ObjectMeta: named("daily")}, ofRule, false},
		{"a rule, and it has none", &crm.CampaignRule{ObjectMeta: named("weekly")}, byHand, false},
		{"any policy", &crm.ContactPolicy{ObjectMeta: named("fair-use")}, byHand, true},
	} {
		if got := r.concerns(t.Context(), test.object, test.o); got != test.want {
			t.Errorf("%s concerns it: %v", test.what, got)
		}
	}
}
