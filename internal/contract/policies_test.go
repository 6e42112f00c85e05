package contract

import (
	"fmt"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestBinding(t *testing.T) {
	spec := func(topic crm.EntryName) crm.ContactPolicySpec {
		return crm.ContactPolicySpec{Topics: []crm.Topic{{Name: topic}}}
	}
	policy := func(topic crm.EntryName, suspend *bool, before crm.EntryName) *crm.ContactPolicy {
		p := &crm.ContactPolicy{ObjectMeta: metav1.ObjectMeta{UID: "1"}, Spec: spec(topic)}
		p.Spec.Suspend = suspend
		if before != "" {
			p.Status.InForce = &crm.PolicyInForce{Generation: 1, Spec: spec(before)}
		}
		return p
	}
	elsewhere := policy("now", ptr.To(true), "")
	elsewhere.UID = ""
	policies := map[crm.ObjectName]*crm.ContactPolicy{
		"declared": policy("now", nil, ""), "going-on": policy("now", ptr.To(false), "before"), "suspended": policy("now", ptr.To(true), "before"),
		"never": policy("now", ptr.To(true), ""), "elsewhere": elsewhere,
	}
	for _, test := range []struct {
		names []crm.ObjectName
		want  string
	}{
		{nil, ""},
		{[]crm.ObjectName{"suspended", "declared", "going-on"}, "before now now"},
		{[]crm.ObjectName{"never", "declared"}, "now; never is suspended and was never in force, until spec.suspend of the ContactPolicy never is removed, which was never in force"},
		{[]crm.ObjectName{"nowhere"}, "; nowhere does not exist yet, until the ContactPolicy nowhere exists again"},
		{[]crm.ObjectName{"elsewhere"}, "; elsewhere is suspended: what is in force of it is known in the cluster alone, until spec.suspend of the ContactPolicy elsewhere is removed, which was never in force"},
	} {
		binding, unbound := Binding(&crm.CustomerStore{Spec: crm.CustomerStoreSpec{ContactPolicyNames: test.names}}, func(name crm.ObjectName) *crm.ContactPolicy { return policies[name] })
		got := ""
		for i, bound := range binding {
			if i > 0 {
				got += " "
			}
			got += string(bound.Spec.Topics[0].Name)
		}
		for _, u := range unbound {
			got += fmt.Sprintf("; %s %s, until %s", u.Name, u.Why(), u.Until())
		}
		if got != test.want {
			t.Errorf("of %v bind %q, want %q", test.names, got, test.want)
		}
	}
	if policies["suspended"].Spec.Topics[0].Name != "now" {
		t.Error("what is declared was changed")
	}
}
