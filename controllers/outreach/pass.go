package outreach

import (
	"context"
	"errors"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// pass is one look at one Outreach.
type pass struct {
	*Reconciler
	o    *crm.Outreach
	now  time.Time
	seen observed
	// opened is the store, and run what it has under the key.
	opened *store.Store
	run    *store.Run
}

// carryOn brings the Outreach as far as it can be, and says when to look again.
func (p *pass) carryOn(ctx context.Context) (verdict contract.Verdict, again time.Duration, err error) {
	if p.seen = observe(ctx, p.Client, p.o); p.seen.failure != nil {
		return contract.Waiting(crm.ReasonFailed, p.seen.failure.Error()), 0, p.seen.failure
	}
	if p.o.Status.Phase == "" {
		p.o.Status.Phase = crm.OutreachPlanning
	}
	failed := func(err error) (contract.Verdict, time.Duration, error) {
		plain := contract.Plain(err)
		return contract.Waiting(crm.ReasonFailed, plain.Error()), 0, plain
	}
	before, err := p.find(ctx)
	if err != nil {
		return failed(err)
	}
	if before != nil {
		return *before, 0, nil
	}
	p.o.Status.PlanDigest, p.o.Status.Audience = p.run.PlanDigest, audienceStatus(p.run)
	p.o.Status.FrozenTime = &metav1.Time{Time: time.UnixMilli(p.run.FrozenAt).Truncate(time.Second)}
	if p.seen.store.Status.StoreID != "" {
		p.o.Status.StoreID = p.seen.store.Status.StoreID
	}
	verdict, again, err = p.follow(ctx)
	if err != nil {
		return failed(err)
	}
	return verdict, again, nil
}

// find finds the run in the store, or makes it. The verdict is why there is none; nil if there
// is.
func (p *pass) find(ctx context.Context) (before *contract.Verdict, err error) {
	// Of a run that is under way only the store has to be there.
	if p.seen.store == nil || isSuspended(p.seen.store) || !contract.IsReady(p.seen.store.Status.ObservedStatus) {
		return p.withoutStore(ctx)
	}
	if p.opened, err = p.Open(ctx, p.seen.store); err != nil {
		return nil, fmt.Errorf("opening the CustomerStore %s: %w", p.seen.store.Name, err)
	}
	if p.run, err = p.opened.RunByKey(ctx, p.o.Spec.RunKey); err != nil {
		return nil, err
	}
	switch {
	case p.run == nil && isCancelled(p.o):
		return p.cancelUnfrozen(ctx)
	case p.run == nil && p.o.Status.PlanDigest != "":
		return new(contract.Stalled(crm.ReasonStoreRestored, fmt.Sprintf("The store does not have the run %s any more, of which status tells: it was restored from an older backup, swapped or emptied. Who was written to is not known, so nothing is sent: delete this Outreach, and create another one if it is to be sent all the same.", p.o.Spec.RunKey))), nil
	case p.run == nil:
		return p.freeze(ctx)
	case p.run.Owner.UID != string(p.o.UID):
		if adopted, err := p.adopt(ctx); !adopted || err != nil {
			return new(p.keyUsed(p.run.Owner)), err
		}
	}
	return nil, p.asFrozen(ctx)
}

func (p *pass) keyUsed(owner store.RunOwner) contract.Verdict {
	p.o.Status.Phase = crm.OutreachFailed
	return contract.Stalled(crm.ReasonRunKeyUsed, fmt.Sprintf("spec.runKey: the store has a run under %s that the Outreach %s in the namespace %s began: one key sends once. Delete this Outreach, and if sending again is really meant, create it under another key.",
		p.o.Spec.RunKey, owner.Name, owner.Namespace))
}

// freeze chooses who is written to. The verdict is why that cannot be; nil if it is done.
func (p *pass) freeze(ctx context.Context) (*contract.Verdict, error) {
	attributes, err := p.opened.ToldAttributes(ctx)
	if err != nil {
		return nil, err
	}
	_, freeze, wrong, err := intended(p.o, p.seen, attributes)
	if wrong != nil || err != nil {
		return wrong, err
	}
	p.run, err = p.opened.Freeze(ctx, freeze)
	var used *store.RunKeyUsedError
	if errors.As(err, &used) {
		return new(p.keyUsed(used.Owner)), nil
	}
	return nil, err
}

// unsettled are the states of a run that is not through.
var unsettled = []store.RunState{store.RunFrozen, store.RunSending, store.RunPaused, store.RunHalted}

// bring brings the run into a state.
func (p *pass) bring(ctx context.Context, to store.RunState, from ...store.RunState) error {
	if p.run.State == to {
		return nil
	}
	done, err := p.opened.SetRunState(ctx, p.run.ID, from, to, "")
	if err == nil && done {
		p.run.State = to
	}
	return err
}

// follow sees how a frozen run stands, and what is to be done.
func (p *pass) follow(ctx context.Context) (verdict contract.Verdict, again time.Duration, err error) {
	switch {
	case p.run.State == store.RunCompleted:
		return p.completed(ctx)
	case p.run.State == store.RunAbandoned:
		return p.cancel(ctx, "Given up while no Outreach of it was there: what was not sent is not sent any more; for the rest, create one under another key.")
	case isCancelled(p.o) || p.run.State.IsFinal():
		return p.cancel(ctx, "Cancelled: what was not sent is not sent any more.")
	}
	if p.run.State == store.RunFrozen {
		var waits bool
		if verdict, waits, err = p.allow(ctx); waits || err != nil {
			return verdict, 0, err
		}
	}
	until := pausedBy(p.o, p.seen)
	switch {
	case p.run.State == store.RunHalted:
		p.o.Status.Phase = crm.OutreachHalted
		_, err = p.count(ctx)
		return contract.Ready(string(crm.OutreachHalted), "Halted: "+p.run.Reason+". See why, and cancel the run, or create another one for the rest."), 0, err
	case until != "":
		if err := p.bring(ctx, store.RunPaused, store.RunFrozen, store.RunSending); err != nil {
			return verdict, 0, err
		}
		p.o.Status.Phase = crm.OutreachPaused
		_, err = p.count(ctx)
		return contract.Ready(string(crm.OutreachPaused), "Paused until "+until+": what is under way is finished, and nothing is lost."), 0, err
	}
	if p.run.State == store.RunPaused && p.run.Reason != "" {
		if again := p.restUntil().Sub(p.now); again > 0 {
			_, err = p.count(ctx)
			return contract.Waiting(crm.ReasonChannelTrouble, fmt.Sprintf("Paused, and tried again at %s: the channel is in trouble, %s. Nothing is lost; see the OutreachChannel %s and its server.",
				p.o.Status.NextAttemptTime.UTC().Format(time.RFC3339), p.run.Reason, p.o.Spec.Outreach.ChannelName)), again, err
		}
	}
	if err := p.bring(ctx, store.RunSending, store.RunFrozen, store.RunPaused); err != nil {
		return verdict, 0, err
	}
	return p.send(ctx)
}

// channelRest is for how long a run rests after its channel was in trouble for long.
const channelRest = 5 * time.Minute

// restUntil is until when a run rests that its workers paused.
func (p *pass) restUntil() time.Time {
	if p.o.Status.Phase != crm.OutreachPaused || p.o.Status.NextAttemptTime == nil {
		p.o.Status.Phase, p.o.Status.NextAttemptTime = crm.OutreachPaused, &metav1.Time{Time: p.now.Add(channelRest)}
	}
	return p.o.Status.NextAttemptTime.Time
}

// allow decides whether a frozen run may be sent.
func (p *pass) allow(ctx context.Context) (verdict contract.Verdict, waits bool, err error) {
	over, own, wrong := exceeded(p.o, p.seen.store, p.run.Recipients)
	if wrong != nil {
		return *wrong, true, nil
	}
	decision, approval := approvalOf(p.run.PlanDigest, p.seen.approvals)
	switch {
	case p.run.Recipients == 0:
		if err := p.bring(ctx, store.RunCompleted, store.RunFrozen); err != nil {
			return verdict, true, err
		}
		verdict, _, err = p.completed(ctx)
		return verdict, true, err
	case decision == crm.DecisionDenied:
		verdict, _, err = p.cancel(ctx, fmt.Sprintf("Denied by the OutreachApproval %s: nothing was sent.", approval))
		return verdict, true, err
	case over != "" && own && failsWhenExceeded(p.o):
		if err := p.bring(ctx, store.RunCancelled, store.RunFrozen); err != nil {
			return verdict, true, err
		}
		p.o.Status.Phase = crm.OutreachFailed
		return contract.Stalled(crm.ReasonLimitExceeded, over+": nothing was sent. Narrow the audience or raise the limit, in another Outreach."), true, nil
	case decision == crm.DecisionApproved, over == "" && !needsApproval(p.o):
		return verdict, false, nil
	}
	p.o.Status.Phase = crm.OutreachAwaitingApproval
	why := "spec.guardrails.approval is Always"
	if over != "" {
		why = over
	}
	return contract.Ready(string(crm.OutreachAwaitingApproval), fmt.Sprintf("Waiting for an OutreachApproval of the plan %s: %s.%s", p.run.PlanDigest, why, ofAnother(p.run.PlanDigest, p.seen.approvals))), true, nil
}

func (p *pass) count(ctx context.Context) (store.MessageCounts, error) {
	counts, err := p.opened.MessagesOf(ctx, p.run.ID)
	if err != nil {
		return counts, err
	}
	windows, err := p.opened.WindowsOf(ctx, p.run.ID)
	if err != nil {
		return counts, err
	}
	p.o.Status.Messages = messagesStatus(counts)
	p.Runs.Looked(client.ObjectKeyFromObject(p.o), windowMetrics(windows))
	return counts, nil
}

// send sees to it that workers are at work as long as there is something to send.
func (p *pass) send(ctx context.Context) (verdict contract.Verdict, again time.Duration, err error) {
	if p.o.Status.StartTime == nil {
		p.o.Status.StartTime = &metav1.Time{Time: p.now}
	}
	p.o.Status.Phase = crm.OutreachSending
	job, err := p.job(ctx)
	if err != nil {
		return verdict, 0, err
	}
	counts, err := p.count(ctx)
	if err != nil {
		return verdict, 0, err
	}
	if counts.Settled() {
		done, err := p.opened.CompleteRun(ctx, p.run.ID)
		if err != nil || !done {
			// Somebody else was quicker; it is looked at anew.
			return contract.Ready(string(crm.OutreachSending), "Workers send."), soon, err
		}
		return p.completed(ctx)
	}
	if job != nil && !hasEnded(job) {
		p.o.Status.NextAttemptTime = nil
		return contract.Ready(string(crm.OutreachSending), "Workers send."), look, nil
	}
	return p.tryNext(ctx, job, counts)
}

// job is that of the last attempt; nil if there is none, be it that it is gone by now.
func (p *pass) job(ctx context.Context) (*batchv1.Job, error) {
	if p.o.Status.Attempts == 0 {
		return nil, nil
	}
	job, name := &batchv1.Job{}, types.NamespacedName{Namespace: p.o.Namespace, Name: jobName(p.o, p.o.Status.Attempts)}
	err := p.Client.Get(ctx, name, job)
	if apierrors.IsNotFound(err) {
		// The cache may not have heard of it yet, and another Job must not stand beside it.
		err = p.Reader.Get(ctx, name, job)
	}
	if apierrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the Job: %w", err)
	}
	return job, nil
}

// start makes the Job of the next attempt. One of the same name is ours if it is of the same
// Outreach and run; the status may not have been written that says so.
func (p *pass) start(ctx context.Context) error {
	if p.seen.channel == nil {
		return fmt.Errorf("the OutreachChannel %s is gone", p.o.Spec.Outreach.ChannelName)
	}
	job := jobOf(p.o, p.seen, p.Pods, p.o.Status.Attempts+1)
	err := p.Client.Create(ctx, job)
	if apierrors.IsAlreadyExists(err) {
		found := &batchv1.Job{}
		if err := p.Reader.Get(ctx, client.ObjectKeyFromObject(job), found); err != nil {
			return fmt.Errorf("reading a Job that is there already: %w", err)
		}
		if !metav1.IsControlledBy(found, p.o) || found.Annotations[annotationRunKey] != p.o.Spec.RunKey {
			return fmt.Errorf("the Job %s is there already, and not of this Outreach: remove it", job.Name)
		}
		err = nil
	}
	if err != nil {
		return fmt.Errorf("making the Job: %w", err)
	}
	p.o.Status.Attempts++
	return nil
}
