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
	for want, test := range map[string]struct {
		suspend bool
		stores  []crm.CustomerStore
		reason  string
	}{
		"Binds nothing: no CustomerStore names it in spec.contactPolicyNames.":                       {false, []crm.CustomerStore{store("a", "other")}, crm.ReasonReady},
		"Binds every message of the CustomerStore a.":                                                {false, []crm.CustomerStore{store("a", "other", "fair"), store("b")}, crm.ReasonReady},
		"Suspended: what is declared is still in force. Binds every message of the CustomerStore a.": {true, []crm.CustomerStore{store("a", "fair")}, crm.ReasonSuspended},
		"Binds every message of the CustomerStores a, b, c, d, e, and 1 others.": {
			false, []crm.CustomerStore{store("f", "fair"), store("b", "fair"), store("a", "fair"), store("c", "fair"), store("d", "fair"), store("e", "fair")}, crm.ReasonReady,
		},
	} {
		policy := &crm.ContactPolicy{ObjectMeta: metav1.ObjectMeta{Name: "fair"}}
		if test.suspend {
			policy.Spec.Suspend = ptr.To(true)
		}
		if got := verdictOn(policy, test.stores); got.Message() != want || got.Reason() != test.reason {
			t.Errorf("%s: %q, want %s: %q", got.Reason(), got.Message(), test.reason, want)
		}
	}
}
