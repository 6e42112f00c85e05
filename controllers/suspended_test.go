package controllers_test

import (
	"testing"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

func storeAtRest(s *crm.CustomerStore) bool { return contract.IsSuspended(s.Status.ObservedStatus) }

// testOutreachStoreSuspended: while a store is suspended nothing is claimed from it; then its runs go
// on.
func testOutreachStoreSuspended(t *testing.T, p *post) {
	before := p.sink.Total()
	o, gone, cancelled := p.letter("at-rest", nil), p.letter("gone-at-rest", nil), p.letter("cancelled-at-rest", nil)
	asked := p.letter("asked-at-rest", func(o *crm.Outreach) { o.Spec.Guardrails = &crm.Guardrails{Approval: crm.ApprovalAlways} })
	sending := outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send")
	for _, each := range []*crm.Outreach{o, gone, cancelled} {
		create(t, each)
		eventually(t, each, sending)
	}
	create(t, asked)
	awaiting := outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", "Waiting for an OutreachApproval")
	eventually(t, asked, awaiting)

	update(t, p.declared, func(s *crm.CustomerStore) { s.Spec.Suspend = ptr.To(true) })
	until := " until the CustomerStore " + p.declared.Name + " is not suspended any more"
	paused := outreachSays(crm.OutreachPaused, crm.ConditionReady, "Paused", "Paused"+until)
	eventually(t, p.declared, storeAtRest)
	for _, key := range []string{"at-rest", "gone-at-rest", "cancelled-at-rest"} {
		if run := p.runOf(key); run.State != store.RunPaused {
			t.Errorf("the run %s of a suspended store is %s", key, run.State)
		}
	}
	eventually(t, o, paused)
	eventually(t, cancelled, paused)
	eventually(t, asked, outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", "Nothing is done"+until))
	p.work("at-rest")
	if sent := p.sink.Total() - before; sent != 0 {
		t.Errorf("%d were sent from a suspended store", sent)
	}
	later := p.letter("later-at-rest", nil)
	create(t, later)
	eventually(t, later, outreachSays(crm.OutreachPlanning, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore "+p.declared.Name+", which is suspended"))
	never := p.letter("never-at-rest", func(o *crm.Outreach) { o.Spec.Cancel = ptr.To(true) })
	create(t, never)
	eventually(t, never, outreachSays(crm.OutreachCancelled, crm.ConditionComplete, "Cancelled", "before anything was planned"))
	update(t, cancelled, func(o *crm.Outreach) { o.Spec.Cancel = ptr.To(true) })
	eventually(t, cancelled, outreachSays(crm.OutreachPaused, crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Paused"+until+", and cancelled then"))
	remove(t, gone)

	update(t, p.declared, func(s *crm.CustomerStore) { s.Spec.Suspend = nil })
	eventually(t, o, sending)
	eventually(t, later, sending)
	eventually(t, asked, awaiting)
	eventually(t, cancelled, outreachSays(crm.OutreachCancelled, crm.ConditionComplete, "Cancelled", "0 were sent"))
	eventually(t, p.declared, func(*crm.CustomerStore) bool { return p.runOf("gone-at-rest").State == store.RunAbandoned })
	p.work("at-rest")
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", "3 were sent"))
	p.end(later, asked)
}

// TestSuspendedStoreIsToldOnce: a store is not said to be suspended before its runs are paused,
// and then its database may be down.
func TestSuspendedStoreIsToldOnce(t *testing.T) {
	namespace, database := newNamespace(t), databases.NewDatabase(t)
	between := newProxy(t, database)
	declared := declareStore(namespace)
	create(t, credentials(namespace, "crm-database", "uri", between.url(t, database)))
	create(t, credentials(namespace, "crm-database-worker", "uri", databases.NewRole(t, database, "suspended_worker")))
	create(t, declared)
	eventually(t, declared, storeReady)
	state := func() (state store.RunState) {
		look(t, database, func(opened *store.Store) error {
			run, err := opened.RunByKey(t.Context(), "notice")
			state = run.State
			return err
		})
		return state
	}
	look(t, database, func(opened *store.Store) error {
		run, err := opened.Freeze(t.Context(), store.Freeze{Key: "notice", Plan: "{}", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
		if err == nil {
			_, err = opened.SetRunState(t.Context(), run.ID, []store.RunState{store.RunFrozen}, store.RunSending, "")
		}
		return err
	})
	between.stop(t)
	eventually(t, declared, says(crm.ConditionReconciling, crm.ReasonUnreachable, "connection refused"))
	update(t, declared, func(s *crm.CustomerStore) { s.Spec.Suspend = ptr.To(true) })
	eventually(t, declared, says(crm.ConditionReconciling, crm.ReasonUnreachable, "Suspended, but what is sent may go on, since its runs could not be paused yet. The database of the Secret crm-database cannot be used"))
	if was := state(); was != store.RunSending {
		t.Errorf("the run is %s, and nobody could pause it", was)
	}
	between.start(t)
	eventually(t, declared, storeAtRest)
	if was := state(); was != store.RunPaused {
		t.Errorf("the run of a suspended store is %s", was)
	}
	between.stop(t)
	update(t, declared, func(s *crm.CustomerStore) { s.Spec.ExpectedRelationshipMonths++ })
	eventually(t, declared, func(s *crm.CustomerStore) bool { return s.Status.ObservedGeneration == s.Generation })
	if !storeAtRest(declared) {
		t.Errorf("a suspended store whose database is down is %+v", declared.Status)
	}
	between.start(t)
}
