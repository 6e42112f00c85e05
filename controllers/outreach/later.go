package outreach

import (
	"context"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// tryNext starts the next Job, once it is due: the last one has ended, or there is none.
func (p *pass) tryNext(ctx context.Context, job *batchv1.Job, counts store.MessageCounts) (verdict contract.Verdict, again time.Duration, err error) {
	sending := contract.Ready(string(crm.OutreachSending), "Workers send.")
	if why, until := afterFailure(job, p.o.Status.Attempts); until.After(p.now) {
		p.o.Status.NextAttemptTime = &metav1.Time{Time: until}
		return contract.Waiting(crm.ReasonFailed, fmt.Sprintf("The Job %s failed: %s. Another one is started at %s; see kubectl logs -n %s job/%s.",
			job.Name, why, until.UTC().Format(time.RFC3339), job.Namespace, job.Name)), until.Sub(p.now), nil
	}
	// What dead workers left has to lapse before another one can take it.
	held, err := p.opened.Recover(ctx, p.run.ID)
	switch due := time.UnixMilli(counts.NextDue); {
	case err != nil:
		return verdict, 0, err
	case job != nil && held > 0:
		return sending, soon, nil
	case (job != nil || counts.OnHold > 0) && !counts.Claimable(p.now.UnixMilli()):
		return p.waitUntil(due, counts)
	}
	leaves, err := p.firstLeaves(ctx)
	switch {
	case err != nil:
		return verdict, 0, err
	case leaves.After(p.now):
		// The time of nothing that is left has come.
		counts.OnHold = counts.Pending
		p.o.Status.Messages = messagesStatus(counts)
		return p.waitUntil(leaves, counts)
	}
	p.o.Status.NextAttemptTime = nil
	return sending, look, p.start(ctx)
}

// firstLeaves is when the first of what is left may leave: a Job before that would only wait.
func (p *pass) firstLeaves(ctx context.Context) (time.Time, error) {
	plan, err := outreach.ParsePlan(p.run.Plan)
	if err != nil {
		return time.Time{}, err
	}
	rests, err := p.opened.RestsOf(ctx, p.run.ID)
	if err != nil {
		return time.Time{}, err
	}
	return plan.FirstLeaves(p.now, rests)
}

// waitUntil has the next Job be started later.
func (p *pass) waitUntil(due time.Time, counts store.MessageCounts) (contract.Verdict, time.Duration, error) {
	p.o.Status.NextAttemptTime = &metav1.Time{Time: due}
	return contract.Ready(string(crm.OutreachSending), fmt.Sprintf("%d messages are to be tried again later, and %d wait for their time.", counts.Waiting, counts.OnHold)), max(due.Sub(p.now), soon), nil
}
