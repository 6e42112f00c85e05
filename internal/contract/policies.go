package contract

import (
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// InForce is a ContactPolicy as it binds: as it is declared, or while it is suspended as it was
// before. It is nil for one that was never seen without spec.suspend.
func InForce(policy *crm.ContactPolicy) *crm.ContactPolicy {
	if !ptr.Deref(policy.Spec.Suspend, false) {
		return policy
	}
	if policy.Status.InForce == nil {
		return nil
	}
	bound := policy.DeepCopy()
	bound.Spec = bound.Status.InForce.Spec
	return bound
}

// Unbound is a ContactPolicy that a CustomerStore names and that nobody can keep.
type Unbound struct {
	Name crm.ObjectName
	// Suspended: it is there, and was never in force.
	Suspended bool
	// Elsewhere: it is suspended, and was read from where nobody knows what was in force before.
	Elsewhere bool
}

// Why ends a sentence that begins with the policy and "which".
func (u Unbound) Why() string {
	switch {
	case u.Elsewhere:
		return "is suspended: what is in force of it is known in the cluster alone"
	case u.Suspended:
		return "is suspended and was never in force"
	}
	return "does not exist yet"
}

// Until ends a sentence that says until when something waits for the policy.
func (u Unbound) Until() string {
	if u.Suspended {
		return "spec.suspend of the ContactPolicy " + string(u.Name) + " is removed, which was never in force"
	}
	return "the ContactPolicy " + string(u.Name) + " exists again"
}

// Binding are the ContactPolicies that a CustomerStore names, as they bind, and those that do not.
// find gives one by its name; nil for none.
func Binding(store *crm.CustomerStore, find func(crm.ObjectName) *crm.ContactPolicy) (binding []*crm.ContactPolicy, unbound []Unbound) {
	for _, name := range store.Spec.ContactPolicyNames {
		policy := find(name)
		if policy == nil {
			unbound = append(unbound, Unbound{Name: name})
			continue
		}
		bound := InForce(policy)
		if bound == nil {
			// What the API server has not made has no uid.
			unbound = append(unbound, Unbound{Name: name, Suspended: true, Elsewhere: policy.UID == ""})
			continue
		}
		binding = append(binding, bound)
	}
	return binding, unbound
}
