package outreach

import (
	"context"
	"fmt"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// isSuspended tells whether a store is suspended, or not connected again since.
func isSuspended(declared *crm.CustomerStore) bool {
	return declared != nil && (ptr.Deref(declared.Spec.Suspend, false) || contract.IsSuspended(declared.Status.ObservedStatus))
}

// atRest says how an Outreach stands whose store is suspended. The store's controller pauses its
// runs, and nobody else looks into it.
func (p *pass) atRest() contract.Verdict {
	name, until := p.seen.store.Name, "until the CustomerStore "+p.seen.store.Name+" is not suspended any more"
	switch {
	case p.o.Status.PlanDigest == "":
		return contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the CustomerStore %s, which is suspended.", name))
	case !contract.IsSuspended(p.seen.store.Status.ObservedStatus):
		return contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("The CustomerStore %s is being suspended, and the run is paused with it.", name))
	case isCancelled(p.o):
		return contract.Waiting(crm.ReasonReferenceNotReady, "Paused "+until+", and cancelled then.")
	case p.o.Status.Phase == crm.OutreachAwaitingApproval || p.o.Status.Phase == crm.OutreachHalted:
		return contract.Ready(string(p.o.Status.Phase), "Nothing is done "+until+".")
	}
	p.o.Status.Phase, p.o.Status.NextAttemptTime = crm.OutreachPaused, nil
	return contract.Ready(string(crm.OutreachPaused), "Paused "+until+": what is under way is finished, and nothing is lost.")
}

// withoutStore is find while the store is not to be worked on.
func (p *pass) withoutStore(ctx context.Context) (before *contract.Verdict, err error) {
	switch {
	case isCancelled(p.o) && p.o.Status.PlanDigest == "" && p.o.Spec.RuleName == "":
		// An occurrence of a rule is kept from being due again first.
		return new(p.end(crm.OutreachCancelled, "Cancelled before anything was planned.")), nil
	case isSuspended(p.seen.store):
		return new(p.atRest()), nil
	case len(p.seen.unbound) > 0 && p.o.Status.PlanDigest != "":
		return p.findToPause(ctx)
	}
	return missing(p.o, p.seen), nil
}
