package outreach

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// programsOf are the LoyaltyPrograms that an Outreach may speak of: the one that it names, be it of
// another store, or else all of its store.
func programsOf(ctx context.Context, reader client.Reader, o *crm.Outreach) (programs []crm.LoyaltyProgram, err error) {
	if o.Spec.Outreach == nil {
		return nil, nil
	}
	var all crm.LoyaltyProgramList
	if err := reader.List(ctx, &all, client.InNamespace(o.Namespace)); err != nil {
		return nil, fmt.Errorf("listing LoyaltyPrograms: %w", err)
	}
	name := o.Spec.Outreach.LoyaltyProgramName
	return slices.DeleteFunc(all.Items, func(p crm.LoyaltyProgram) bool {
		if name != "" {
			return p.Name != string(name)
		}
		return p.Spec.StoreName != o.Spec.StoreName
	}), nil
}

// programNames are the names of LoyaltyPrograms.
func programNames(programs []crm.LoyaltyProgram) (names []string) {
	for i := range programs {
		names = append(names, programs[i].Name)
	}
	return names
}

// missingProgram says what a run waits for of the LoyaltyProgram that it names.
func missingProgram(o *crm.Outreach, seen observed) *contract.Verdict {
	name := o.Spec.Outreach.LoyaltyProgramName
	switch {
	case name == "":
		return nil
	case len(seen.programs) == 0:
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the LoyaltyProgram %s, which does not exist yet.", name)))
	case seen.programs[0].Spec.StoreName != o.Spec.StoreName:
		return new(contract.Stalled(crm.ReasonStoreMismatch, fmt.Sprintf("spec.outreach.loyaltyProgramName: the LoyaltyProgram %s is of the store %s, and this Outreach of %s: name one of the same store.",
			name, seen.programs[0].Spec.StoreName, o.Spec.StoreName)))
	}
	return unreckoned(&seen.programs[0], seen)
}

// unreckoned says that a run waits for the points of a program as it is declared; nil if they are
// there. Before, nobody is a member.
func unreckoned(program *crm.LoyaltyProgram, seen observed) *contract.Verdict {
	if seen.early || isReckoned(program) {
		return nil
	}
	return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the LoyaltyProgram %s to be reckoned as it is declared.", program.Name)))
}

// isReckoned tells whether the points of a program are those that it declares. One that is suspended
// since it was made has none.
func isReckoned(program *crm.LoyaltyProgram) bool {
	return contract.IsReady(program.Status.ObservedStatus) && program.Status.ObservedGeneration == program.Generation && program.Status.Members != nil
}
