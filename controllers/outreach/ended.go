package outreach

import (
	"context"
	"fmt"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// end says that nothing becomes of the Outreach any more.
func (p *pass) end(phase crm.OutreachPhase, message string) contract.Verdict {
	p.o.Status.Phase, p.o.Status.NextAttemptTime = phase, nil
	return contract.Ready(string(phase), message)
}

// completed tells what came of a run. It is looked at again as long as something is unknown,
// which a person may resolve.
func (p *pass) completed(ctx context.Context) (verdict contract.Verdict, again time.Duration, err error) {
	counts, err := p.count(ctx)
	if err != nil {
		return verdict, 0, err
	}
	if p.run.Recipients == 0 {
		p.o.Status.Phase = crm.OutreachCompleted
		return contract.Ready(crm.ReasonEmptyAudience, fmt.Sprintf("Of %d customers who match nobody is left to be written to; status.audience says why.", p.run.Matched)), 0, nil
	}
	message := fmt.Sprintf("%d were sent, %d failed, %d were not due any more.", counts.Sent, counts.Failed, counts.Skipped)
	if counts.Unknown > 0 {
		message += fmt.Sprintf(" Of %d nobody knows: they were in flight when a worker died, and are not sent again unless a person says so: fairlead outreach resolve.", counts.Unknown)
		again = nowAndThen
	}
	return p.end(crm.OutreachCompleted, message), again, nil
}

// cancelUnfrozen ends an Outreach that has no run. The occurrence of a rule would be due again once
// its Outreach is deleted, be it by the rule's own history limit: the store remembers that it is not.
func (p *pass) cancelUnfrozen(ctx context.Context) (*contract.Verdict, error) {
	if p.o.Spec.RuleName != "" {
		if err := p.opened.CancelKey(ctx, p.o.Spec.RunKey); err != nil {
			return nil, err
		}
	}
	return new(p.end(crm.OutreachCancelled, "Cancelled before anybody was chosen to be written to.")), nil
}

func (p *pass) cancel(ctx context.Context, message string) (contract.Verdict, time.Duration, error) {
	if err := p.bring(ctx, store.RunCancelled, unsettled...); err != nil {
		return contract.Verdict{}, 0, err
	}
	held, err := p.opened.Recover(ctx, p.run.ID)
	if err != nil {
		return contract.Verdict{}, 0, err
	}
	counts, err := p.count(ctx)
	if err != nil {
		return contract.Verdict{}, 0, err
	}
	if held > 0 {
		// Workers finish what is under way.
		return contract.Waiting(string(crm.OutreachCancelled), "Being cancelled: workers finish what is under way."), soon, nil
	}
	return p.end(crm.OutreachCancelled, fmt.Sprintf("%s %d were sent.", message, counts.Sent)), 0, nil
}
