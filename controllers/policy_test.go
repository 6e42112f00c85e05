package controllers_test

import (
	"fmt"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

func policySays(reason, message string) func(*crm.ContactPolicy) bool {
	return func(policy *crm.ContactPolicy) bool {
		return policy.Status.ObservedGeneration == policy.Generation && conditionSays(policy.Status.Conditions, crm.ConditionReady, reason, message)
	}
}

// frozenPolicy is what a run was frozen with.
func (p *post) frozenPolicy(key string) outreach.Policy {
	p.t.Helper()
	plan, err := outreach.ParsePlan(p.runOf(key).Plan)
	if err != nil || plan.Policy == nil {
		p.t.Fatalf("the plan is %+v, %v", plan, err)
	}
	return *plan.Policy
}

// topics are those that the store tells persons of.
func (p *post) topics() (all []string) {
	p.t.Helper()
	look(p.t, p.url, func(opened *store.Store) error {
		topics, err := opened.Topics(p.t.Context())
		for _, topic := range topics {
			all = append(all, topic.Name+" "+topic.LegalBasis)
		}
		return err
	})
	return all
}

// seen waits until the store's controller looked at it as it is now.
func (p *post) seen() {
	p.t.Helper()
	update(p.t, p.declared, func(c *crm.CustomerStore) { c.Spec.ExpectedRelationshipMonths++ })
	eventually(p.t, p.declared, func(c *crm.CustomerStore) bool { return c.Status.ObservedGeneration == c.Generation })
}

// testOutreachPolicySuspended: of a policy that is suspended stays in force what it declared
// before, for runs that are begun and for what persons may choose from.
func testOutreachPolicySuspended(t *testing.T, p *post) {
	title := []crm.LocalizedText{{Locale: "en", Text: "News"}}
	before := p.policy.Spec.DeepCopy()
	eventually(t, p.policy, func(policy *crm.ContactPolicy) bool { return policy.Status.InForce != nil })
	since := p.policy.Status.InForce.Generation
	update(t, p.policy, func(policy *crm.ContactPolicy) {
		policy.Spec.Suspend = ptr.To(true)
		policy.Spec.Topics = []crm.Topic{{Name: "service", Title: title, LegalBasis: crm.LegalBasisLegitimateInterest}, {Name: "news", Title: title, LegalBasis: crm.LegalBasisConsent}}
	})
	eventually(t, p.policy, policySays(crm.ReasonSuspended, fmt.Sprintf("what generation %d declared stays in force", since)))
	if last := p.policy.Status.InForce; last.Generation != since || last.Spec.Topics[0].LegalBasis != crm.LegalBasisContract {
		t.Errorf("in force is %+v", last)
	}
	o := p.letter("while-suspended", nil)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	if kept := p.frozenPolicy("while-suspended"); !kept.Exempt || kept.Promotional {
		t.Errorf("while the policy is suspended a run is frozen with %+v", kept)
	}
	news := p.letter("news-suspended", func(o *crm.Outreach) { o.Spec.Outreach.Topic = "news" })
	create(t, news)
	eventually(t, news, outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonUndeclaredTopic, "declares the topic news: name one of service"))
	p.seen()
	if topics := p.topics(); !slices.Equal(topics, []string{"service Contract"}) {
		t.Errorf("while the policy is suspended the topics are %q", topics)
	}

	update(t, p.policy, func(policy *crm.ContactPolicy) { policy.Spec.Suspend = nil })
	eventually(t, p.policy, func(policy *crm.ContactPolicy) bool {
		return policySays(crm.ReasonReady, "Binds every message")(policy) && policy.Status.InForce.Generation == policy.Generation
	})
	// Nobody has consented.
	eventually(t, news, outreachSays(crm.OutreachCompleted, crm.ConditionReady, crm.ReasonEmptyAudience, ""))
	after := p.letter("after-suspended", nil)
	create(t, after)
	eventually(t, after, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	if kept := p.frozenPolicy("after-suspended"); kept.Exempt || !kept.Promotional {
		t.Errorf("once the policy goes on a run is frozen with %+v", kept)
	}
	p.seen()
	if topics := p.topics(); !slices.Equal(topics, []string{"news Consent", "service LegitimateInterest"}) {
		t.Errorf("once the policy goes on the topics are %q", topics)
	}
	update(t, p.policy, func(policy *crm.ContactPolicy) { policy.Spec = *before })
	p.end(o, after)
}

// testOutreachPolicyNever: a policy that was never in force binds as one that is missing, and so does
// one that was in force and is deleted.
func testOutreachPolicyNever(t *testing.T, p *post) {
	o := p.letter("never", nil)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	made := func() *crm.ContactPolicy {
		return &crm.ContactPolicy{
			ObjectMeta: metav1.ObjectMeta{Namespace: p.declared.Namespace, Name: p.declared.Name + "-later"},
			Spec:       crm.ContactPolicySpec{Topics: p.policy.Spec.Topics, Suspend: ptr.To(true)},
		}
	}
	later := made()
	create(t, later)
	eventually(t, later, policySays(crm.ReasonSuspended, "Suspended, and never in force: where it is named nothing is sent"))
	p.bind(p.policy.Name, later.Name)
	eventually(t, p.declared, says(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicy "+later.Name+", which is suspended and was never in force"))
	eventually(t, o, outreachSays(crm.OutreachPaused, crm.ConditionReady, "Paused", "Paused until spec.suspend of the ContactPolicy "+later.Name+" is removed, which was never in force"))
	if run := p.runOf("never"); run.State != store.RunPaused {
		t.Errorf("the run is %s", run.State)
	}
	update(t, later, func(policy *crm.ContactPolicy) { policy.Spec.Suspend = nil })
	eventually(t, p.declared, storeReady)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	eventually(t, later, func(policy *crm.ContactPolicy) bool { return policy.Status.InForce != nil })
	update(t, later, func(policy *crm.ContactPolicy) { policy.Spec.Suspend = ptr.To(true) })
	eventually(t, later, policySays(crm.ReasonSuspended, "stays in force, whatever is changed"))
	p.seen()
	eventually(t, p.declared, storeReady)

	remove(t, later)
	eventually(t, p.declared, says(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the ContactPolicy "+later.Name+", which does not exist yet"))
	eventually(t, o, outreachSays(crm.OutreachPaused, crm.ConditionReady, "Paused", "Paused until the ContactPolicy "+later.Name+" exists again"))
	// One of the same name has never been in force.
	again := made()
	create(t, again)
	eventually(t, p.declared, says(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "which is suspended and was never in force"))
	p.bind(p.policy.Name)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	remove(t, again)
	p.end(o)
}

// end cancels Outreaches, and waits until they are over.
func (p *post) end(all ...*crm.Outreach) {
	p.t.Helper()
	for _, o := range all {
		update(p.t, o, func(o *crm.Outreach) { o.Spec.Cancel = ptr.To(true) })
		eventually(p.t, o, func(o *crm.Outreach) bool { return o.Status.Phase == crm.OutreachCancelled })
	}
}
