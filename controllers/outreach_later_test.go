package controllers_test

import (
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// runOf reads the run of an Outreach.
func (p *post) runOf(key string) (run *store.Run) {
	p.t.Helper()
	look(p.t, p.url, func(opened *store.Store) (err error) {
		run, err = opened.RunByKey(p.t.Context(), key)
		return err
	})
	if run == nil {
		p.t.Fatalf("the store has no run %s", key)
	}
	return run
}

// bring brings a run into a state, as a worker does.
func (p *post) bring(key string, from, to store.RunState, reason string) {
	p.t.Helper()
	run := p.runOf(key)
	look(p.t, p.url, func(opened *store.Store) error {
		done, err := opened.SetRunState(p.t.Context(), run.ID, []store.RunState{from}, to, reason)
		if err == nil && !done {
			p.t.Errorf("the run %s is %s, and not %s", key, run.State, from)
		}
		return err
	})
}

// testOutreachTroubled: a run that its workers paused since nothing went through rests for a
// while, and goes on by itself.
func testOutreachTroubled(t *testing.T, p *post) {
	o := p.letter("troubled", nil)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	p.bring("troubled", store.RunSending, store.RunPaused, "nothing has gone through for 5m0s: its server says 421 4.3.2")
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachPaused, crm.ConditionReconciling, crm.ReasonChannelTrouble, "its server says 421 4.3.2. Nothing is lost; see the OutreachChannel "+p.channel.Name))
	until := o.Status.NextAttemptTime
	askAgain(t, o)
	start := clock.Now()
	t.Cleanup(func() { clock.SetTime(start) })
	if until == nil || !until.Time.Equal(start.Add(5*time.Minute)) {
		t.Errorf("it is tried again at %v, and it is %v", until, start)
	}
	clock.SetTime(start.Add(5 * time.Minute))
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	p.work("troubled")
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", "3 were sent"))
}

// testOutreachOver: what is over stays so, whatever is changed about it.
func testOutreachOver(t *testing.T, p *post) {
	nobody := p.letter("nobody", func(o *crm.Outreach) {
		o.Spec.Audience.Exclude = []crm.SegmentReference{{SegmentName: crm.ObjectName(p.segment.Name)}}
	})
	denied := p.letter("over", func(o *crm.Outreach) { o.Spec.Guardrails = &crm.Guardrails{Approval: crm.ApprovalAlways} })
	create(t, nobody)
	create(t, denied)
	eventually(t, nobody, outreachSays(crm.OutreachCompleted, crm.ConditionReady, crm.ReasonEmptyAudience, "nobody is left"))
	eventually(t, denied, outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", ""))
	p.approve(denied, "", denied.Status.PlanDigest, crm.DecisionDenied)
	eventually(t, denied, outreachSays(crm.OutreachCancelled, crm.ConditionComplete, "Cancelled", "Denied"))
	for _, o := range []*crm.Outreach{nobody, denied} {
		phase := o.Status.Phase
		update(t, o, func(o *crm.Outreach) { o.Spec.Parallelism = 2 })
		eventually(t, o, func(o *crm.Outreach) bool { return o.Status.ObservedGeneration == o.Generation })
		if o.Status.Phase != phase || o.Status.Attempts != 0 {
			t.Errorf("once it was over and changed, the status is %+v", o.Status)
		}
	}
}

// testOutreachResolved: what a dead worker left unknown is sent again once a person says so,
// although the run was completed.
func testOutreachResolved(t *testing.T, p *post) {
	o := p.letter("resolved", nil)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	run := p.runOf("resolved")
	look(t, p.url, func(opened *store.Store) error {
		shards, err := opened.LeaseShards(t.Context(), run.ID, 1, time.Millisecond)
		if err != nil {
			return err
		}
		_, err = opened.Commit(t.Context(), []store.Settlement{{Shard: shards[0], Next: 2}}, time.Millisecond, store.Rate{})
		return err
	})
	p.work("resolved")
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", "Of 2 nobody knows"))
	look(t, p.url, func(opened *store.Store) error {
		resolved, err := opened.Resolve(t.Context(), run.ID, store.ResolveResend, "olga")
		if resolved != 2 {
			t.Errorf("%d were resolved", resolved)
		}
		return err
	})
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	p.work("resolved")
	askAgain(t, o)
	eventually(t, o, func(o *crm.Outreach) bool {
		return outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", "3 were sent, 0 failed, 0 were not due any more.")(o) && o.Status.Messages.Unknown == 0
	})
}

// testOutreachGone: a run whose Outreach went while no manager was there is abandoned once the
// store is ready again, and one whose Outreach is there is not.
func testOutreachGone(t *testing.T, p *post) {
	o := p.letter("stays", nil)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	look(t, p.url, func(opened *store.Store) error {
		_, err := opened.Freeze(t.Context(), store.Freeze{
			Key: "orphan", Owner: store.RunOwner{UID: "orphan", Namespace: p.declared.Namespace, Name: o.Name}, Plan: p.runOf("stays").Plan, Medium: "Email",
			Audience: store.Audience{Include: []store.SegmentChoice{{Name: p.segment.Name}}},
		})
		return err
	})
	p.bring("orphan", store.RunFrozen, store.RunSending, "")
	p.bind("missing")
	eventually(t, p.declared, func(c *crm.CustomerStore) bool { return !storeReady(c) })
	// While a policy is missing nothing is claimed.
	eventually(t, o, outreachSays(crm.OutreachPaused, crm.ConditionReady, "Paused", "Paused until the ContactPolicy missing exists again"))
	if run := p.runOf("stays"); run.State != store.RunPaused {
		t.Errorf("a run without its policy is %s", run.State)
	}
	p.bind(p.policy.Name)
	eventually(t, p.declared, func(*crm.CustomerStore) bool { return p.runOf("orphan").State == store.RunAbandoned })
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	if run := p.runOf("stays"); run.State != store.RunSending {
		t.Errorf("the run of an Outreach that is there is %s", run.State)
	}
	// As after another installation: the run is of an Outreach that said the same, under another UID.
	look(t, p.url, func(opened *store.Store) error {
		_, err := opened.AdoptRun(t.Context(), p.runOf("stays").ID, string(o.UID), "before")
		return err
	})
	p.bind("missing")
	eventually(t, p.declared, func(c *crm.CustomerStore) bool { return !storeReady(c) })
	p.bind(p.policy.Name)
	eventually(t, p.declared, func(*crm.CustomerStore) bool { return p.runOf("stays").Owner.UID == string(o.UID) })
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	if run := p.runOf("stays"); run.State != store.RunSending {
		t.Errorf("a run whose Outreach was made anew is %s", run.State)
	}
	// Deleted while it is sent it is over, whatever is declared afterwards.
	remove(t, o)
	eventually(t, p.declared, func(*crm.CustomerStore) bool { return p.runOf("stays").State == store.RunAbandoned })
	o = p.letter("stays", nil)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachCancelled, crm.ConditionComplete, "Cancelled", "Given up while no Outreach of it was there"))
}

// bind has the store name policies.
func (p *post) bind(names ...string) {
	p.t.Helper()
	update(p.t, p.declared, func(c *crm.CustomerStore) {
		c.Spec.ContactPolicyNames = nil
		for _, name := range names {
			c.Spec.ContactPolicyNames = append(c.Spec.ContactPolicyNames, crm.ObjectName(name))
		}
	})
}

// testOutreachUnbound: where no policy binds the store no topic may be written about, until one
// does; and what it asks is in the plan.
func testOutreachUnbound(t *testing.T, p *post) {
	p.bind()
	eventually(t, p.declared, storeReady)
	o := p.letter("unbound", nil)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonUndeclaredTopic, "name a ContactPolicy that declares it in spec.contactPolicyNames of the CustomerStore"))
	p.bind(p.policy.Name)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	plan, err := outreach.ParsePlan(p.runOf("unbound").Plan)
	if err != nil || plan.Policy == nil || !plan.Policy.Exempt || plan.Policy.Promotional || plan.ExpireAfterSeconds != crm.DefaultExpireAfterSeconds {
		t.Errorf("the plan is %+v, %v", plan, err)
	}
}
