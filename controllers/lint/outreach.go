package lint

import (
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/controllers/outreach"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/due"
)

// messages adds what is wrong with what an object says to whom.
func (l *linter) messages(mistakes []contract.Mistake, inPart bool) {
	l.add(mistakes...)
	if inPart {
		l.report.InPart++
	}
}

// trigger adds what is wrong with when a rule is due. Of a series other editions may be in the
// cluster, so only a rule about one Exhibition is compared with what that declares.
func (l *linter) trigger(trigger crm.Trigger, exhibition *crm.Exhibition) {
	var editions []due.Edition
	if exhibition != nil {
		// Whatever else is wrong with the Exhibition is found with it.
		if edition, err := due.EditionOf(exhibition); err == nil {
			editions = []due.Edition{edition}
		}
	}
	l.add(due.Mistakes(trigger, editions)...)
}

// exhibitionOf is the Exhibition that a rule is about; "" if it is about none by name.
func exhibitionOf(trigger crm.Trigger) crm.ObjectName {
	if trigger.Exhibition == nil {
		return ""
	}
	return trigger.Exhibition.ExhibitionName
}

// beside is what is declared beside the object that is looked at, of the same store.
func (l *linter) beside(objects []Object, store, exhibition crm.ObjectName) outreach.Beside {
	found := outreach.Beside{Segments: map[string]*crm.CustomerSegment{}, Programs: l.programs(objects, store)}
	policies, binding, known := map[string]*crm.ContactPolicy{}, []crm.ObjectName(nil), false
	for _, object := range objects {
		if object.GetNamespace() != l.at.GetNamespace() {
			continue
		}
		switch declared := object.Object.(type) {
		case *crm.CustomerSegment:
			if declared.Spec.StoreName == store {
				found.Segments[declared.Name] = declared
			}
		case *crm.Exhibition:
			if declared.Spec.StoreName == store && declared.Name == string(exhibition) {
				found.Exhibition = declared
			}
		case *crm.ContactPolicy:
			policies[declared.Name] = declared
		case *crm.CustomerStore:
			if declared.Name == string(store) {
				binding, known, found.NoGateway = declared.Spec.ContactPolicyNames, true, declared.Spec.Gateway == nil
			}
		}
	}
	switch {
	case known && len(binding) == 0:
		found.Unbound = store
	case known:
		found.Policies = allBinding(binding, policies)
	}
	return found
}

// programs are the names of the LoyaltyPrograms of a store beside the object that is looked at.
func (l *linter) programs(objects []Object, store crm.ObjectName) (names []string) {
	for _, object := range objects {
		if declared, is := object.Object.(*crm.LoyaltyProgram); is && declared.Namespace == l.at.GetNamespace() && declared.Spec.StoreName == store {
			names = append(names, declared.Name)
		}
	}
	return names
}

// allBinding are the policies of a store, if all are known: what is in force of one that is
// suspended is not known here.
func allBinding(names []crm.ObjectName, policies map[string]*crm.ContactPolicy) (all []*crm.ContactPolicy) {
	for _, name := range names {
		policy := policies[string(name)]
		if policy == nil || ptr.Deref(policy.Spec.Suspend, false) {
			return nil
		}
		all = append(all, policy)
	}
	return all
}
