package contactpolicy

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestVerdictOn(t *testing.T) {
	store := func(name string, policies ...crm.ObjectName) crm.CustomerStore {
		return crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: crm.CustomerStoreSpec{ContactPolicyNames: policies}}
	}
	const bound = "Binds every message of the CustomerStore a."
	declares := func(days int32) crm.ContactPolicySpec {
		return crm.ContactPolicySpec{FrequencyCaps: []crm.FrequencyCap{{Medium: "Email", Messages: 1, PerDays: days}}}
	}
	since := &crm.PolicyInForce{Generation: 3, Spec: declares(7)}
	for want, test := range map[string]struct {
		suspend bool
		inForce *crm.PolicyInForce
		stores  []crm.CustomerStore
		reason  string
	}{
		"Binds nothing: no CustomerStore names it in spec.contactPolicyNames.": {false, since, []crm.CustomerStore{store("a", "other")}, crm.ReasonReady},
		bound: {false, since, []crm.CustomerStore{store("a", "other", "fair"), store("b")}, crm.ReasonReady},
		"Suspended: what is declared since generation 3 stays in force, whatever is changed until spec.suspend is removed. " + bound: {true, since, []crm.CustomerStore{store("a", "fair")}, crm.ReasonSuspended},
		"Suspended: what generation 2 declared stays in force until spec.suspend is removed, as status.inForce has it, and not what is declared now. " + bound: {
			true, &crm.PolicyInForce{Generation: 2, Spec: declares(30)}, []crm.CustomerStore{store("a", "fair")}, crm.ReasonSuspended,
		},
		"Suspended, and never in force: where it is named nothing is sent, as if it were missing, until spec.suspend is removed. " + bound: {true, nil, []crm.CustomerStore{store("a", "fair")}, crm.ReasonSuspended},
		"Binds every message of the CustomerStores a, b, c, d, e, and 1 others.": {
			false, since, []crm.CustomerStore{store("f", "fair"), store("b", "fair"), store("a", "fair"), store("c", "fair"), store("d", "fair"), store("e", "fair")}, crm.ReasonReady,
		},
	} {
		policy := &crm.ContactPolicy{ObjectMeta: metav1.ObjectMeta{Name: "fair"}, Spec: declares(7), Status: crm.ContactPolicyStatus{InForce: test.inForce}}
		if test.suspend {
			policy.Spec.Suspend = ptr.To(true)
		}
		if got := verdictOn(policy, test.stores); got.Message() != want || got.Reason() != test.reason {
			t.Errorf("%s: %q, want %s: %q", got.Reason(), got.Message(), test.reason, want)
		}
	}
}

// TestInForce: what is in force is what was declared when the policy was last seen without suspend,
// by whichever manager.
func TestInForce(t *testing.T) {
	policy := &crm.ContactPolicy{}
	for _, step := range []struct {
		generation int64
		perDays    int32
		suspend    *bool
		// since is the generation that is in force then, and days what it says; 0 for nothing.
		since int64
		days  int32
	}{
		{1, 7, ptr.To(true), 0, 0},
		{2, 14, ptr.To(true), 0, 0},
		{3, 14, nil, 3, 14},
		{4, 14, ptr.To(false), 3, 14},
		{5, 30, ptr.To(false), 5, 30},
		{6, 60, ptr.To(true), 5, 30},
		{7, 90, ptr.To(true), 5, 30},
		{8, 30, nil, 5, 30},
		{9, 90, nil, 9, 90},
	} {
		policy.Generation, policy.Spec = step.generation, crm.ContactPolicySpec{Suspend: step.suspend, FrequencyCaps: []crm.FrequencyCap{{Medium: "Email", Messages: 1, PerDays: step.perDays}}}
		policy.Status.InForce = inForce(policy)
		switch last := policy.Status.InForce; {
		case step.since == 0 && last == nil:
		case last == nil || last.Generation != step.since || last.Spec.Suspend != nil || last.Spec.FrequencyCaps[0].PerDays != step.days:
			t.Errorf("in force in generation %d is %+v, want %d of %d", step.generation, last, step.days, step.since)
		}
	}
}
