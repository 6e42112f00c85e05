package campaignrule

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/due"
	"github.com/fairlead/fairlead/internal/store"
)

// pass is one look at one CampaignRule.
type pass struct {
	*Reconciler
	rule *crm.CampaignRule
	now  time.Time
	seen observed
	// opened is the store, and prefix what the keys of the rule begin with there.
	opened *store.Store
	prefix string
	// waits says which Outreach something due waits for; "" for none.
	waits string
}

// carryOut begins what is due, and says when time alone changes that.
func (p *pass) carryOut(ctx context.Context) (verdict contract.Verdict, look time.Time, err error) {
	failed := func(err error) (contract.Verdict, time.Time, error) {
		plain := contract.Plain(err)
		return contract.Waiting(crm.ReasonFailed, plain.Error()), time.Time{}, plain
	}
	if err := p.observe(ctx); err != nil {
		return failed(err)
	}
	var editions []due.Edition
	for i := range p.seen.exhibitions {
		// One that is not in order says so itself.
		if edition, err := due.EditionOf(&p.seen.exhibitions[i]); err == nil {
			editions = append(editions, edition)
		}
	}
	if wrong := blocked(p.rule, p.seen, editions); wrong != nil {
		p.rule.Status.NextOccurrence = nil
		return *wrong, time.Time{}, nil
	}
	p.prefix = contract.RunKeyPrefix(p.rule)
	if p.opened, err = p.Open(ctx, p.seen.store); err != nil {
		return failed(fmt.Errorf("opening the CustomerStore %s: %w", p.seen.store.Name, err))
	}
	plan, err := p.plan(ctx, editions)
	var none *store.UncollectedError
	if errors.As(err, &none) {
		return contract.Stalled(crm.ReasonFactNotRecorded, fmt.Sprintf("spec.trigger.fact.kind: %s: name another fact.", none)), time.Time{}, nil
	}
	if err == nil {
		err = p.tidy(ctx)
	}
	if err == nil {
		look, err = p.measure(ctx)
	}
	if err != nil {
		return failed(err)
	}
	return p.verdict(plan), sooner(plan.Look, look), nil
}

// plan finds out what is due, and begins it.
func (p *pass) plan(ctx context.Context, editions []due.Edition) (plan due.Plan, err error) {
	summary, err := p.opened.SummarizeRule(ctx, p.prefix)
	if err != nil {
		return plan, err
	}
	p.report(summary)
	rule := due.Rule{
		Trigger: p.rule.Spec.Trigger, Created: p.rule.CreationTimestamp.Time, Suspend: ptr.Deref(p.rule.Spec.Suspend, false), Editions: editions,
		Counted: due.Count(summary.Counted),
	}
	what, collects := collected(p.rule)
	if collects && !rule.Suspend {
		if rule.Oldest, err = p.collect(ctx, what); err != nil {
			return plan, err
		}
	}
	names, err := due.Candidates(p.now, rule)
	if err != nil {
		return plan, err
	}
	known, err := p.known(ctx, names)
	if err != nil {
		return plan, err
	}
	if plan, err = due.Find(p.now, rule, func(name string) bool { return known[name] }); err != nil {
		return plan, err
	}
	if plan.Late != nil {
		// It is missed: what it holds is taken, and is not taken again.
		if err := p.take(ctx, *plan.Late, what, rule.Oldest); err != nil {
			return plan, err
		}
	}
	if plan.Counted != rule.Counted {
		if err := p.opened.RememberMissed(ctx, p.prefix, summary.Counted, store.MissedCount(plan.Counted)); err != nil {
			return plan, err
		}
	}
	p.rule.Status.Missed = ptr.To(plan.Missed)
	return plan, p.begin(ctx, plan, what, rule.Oldest)
}

// collect tells since when what triggers the rule is collected, and has not begun.
func (p *pass) collect(ctx context.Context, what store.Collected) (since time.Time, err error) {
	if since, err = p.opened.Collect(ctx, p.prefix, what); err != nil || since.IsZero() {
		return since, err
	}
	name := due.BatchName(since)
	known, err := p.known(ctx, []string{name})
	if err != nil || !known[name] {
		return since, err
	}
	// It began, and whoever began it did not come to say so.
	if err := p.opened.Taken(ctx, p.prefix, since); err != nil {
		return since, err
	}
	return p.opened.Collect(ctx, p.prefix, what)
}

// take has an occurrence be about what was collected.
func (p *pass) take(ctx context.Context, o due.Occurrence, what store.Collected, since time.Time) error {
	if err := p.opened.Take(ctx, p.prefix, o.Name, what); err != nil {
		return err
	}
	return p.opened.Taken(ctx, p.prefix, since)
}

// known tells which occurrences have a run in the store, or an Outreach that will have one.
func (p *pass) known(ctx context.Context, names []string) (map[string]bool, error) {
	keys := make([]string, len(names))
	for i, name := range names {
		keys[i] = p.prefix + "/" + name
	}
	runs, err := p.opened.KnownRuns(ctx, keys)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for i, name := range names {
		known[name] = runs[keys[i]]
	}
	for _, o := range p.seen.outreaches {
		known[o.Spec.Occurrence] = true
	}
	return known, nil
}

// begin makes the Outreaches of what is due.
func (p *pass) begin(ctx context.Context, plan due.Plan, what store.Collected, since time.Time) error {
	busy := unfinished(p.seen.outreaches)
	for _, o := range plan.Due {
		if busy != "" && p.rule.Spec.ConcurrencyPolicy != crm.ConcurrencyAllow {
			p.waits = busy
			return nil
		}
		// Before there is anybody who could freeze it.
		if what.Kind != "" {
			if err := p.opened.Take(ctx, p.prefix, o.Name, what); err != nil {
				return err
			}
		}
		if err := p.create(ctx, outreachOf(p.rule, o)); err != nil {
			return err
		}
		if what.Kind != "" {
			if err := p.opened.Taken(ctx, p.prefix, since); err != nil {
				return err
			}
		}
		busy = outreachName(p.rule.Name, o.Name)
		p.rule.Status.LastOccurrence, p.rule.Status.LastOutreachName = &metav1.Time{Time: o.At.Truncate(time.Second)}, crm.ObjectName(busy)
	}
	return nil
}

// create makes an Outreach. One of its name is ours if it is of the same rule and run: the cache
// may not have heard of it yet.
func (p *pass) create(ctx context.Context, made *crm.Outreach) error {
	err := p.Client.Create(ctx, made)
	if apierrors.IsAlreadyExists(err) {
		found := &crm.Outreach{}
		if err := p.Reader.Get(ctx, client.ObjectKeyFromObject(made), found); err != nil {
			return fmt.Errorf("reading an Outreach that is there already: %w", err)
		}
		if !isOf(found, p.rule) || found.Spec.RunKey != made.Spec.RunKey {
			return fmt.Errorf("the Outreach %s is there already, and is not an occurrence of this rule: delete it, or wait until it is deleted with the rule that it belonged to", made.Name)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("making the Outreach %s: %w", made.Name, err)
	}
	p.Recorder.Eventf(p.rule, made, "Normal", crm.ReasonDue, "Create", "%s is due: the Outreach %s is made.", made.Spec.Occurrence, made.Name)
	return nil
}

// tidy deletes Outreaches that are through, beyond how many the rule keeps. What they sent stays
// in the store.
func (p *pass) tidy(ctx context.Context) error {
	const kept = 5
	for _, o := range superfluous(p.seen.outreaches, int(ptr.Deref(p.rule.Spec.OutreachHistoryLimit, kept))) {
		err := p.Client.Delete(ctx, &o, client.Preconditions{UID: &o.UID, ResourceVersion: &o.ResourceVersion}, client.PropagationPolicy(metav1.DeletePropagationBackground))
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsConflict(err) {
			return fmt.Errorf("deleting the Outreach %s, which is through: %w", o.Name, err)
		}
	}
	return nil
}

// report puts into the status what the store has of the rule.
func (p *pass) report(s store.RuleSummary) {
	status := &p.rule.Status
	status.Totals = &crm.CampaignTotals{
		Outreaches: s.Outreaches, Sent: s.Sent, Failed: s.Failed, HeldOut: s.Dropped[store.DroppedHoldout],
		Suppressed: s.Skipped + s.Dropped[store.DroppedNoConsent] + s.Dropped[store.DroppedSuppressed],
	}
	if s.LastName != "" && (status.LastOccurrence == nil || status.LastOccurrence.UnixMilli() <= s.LastDue) {
		status.LastOccurrence, status.LastOutreachName = &metav1.Time{Time: time.UnixMilli(s.LastDue).UTC().Truncate(time.Second)}, crm.ObjectName(s.LastName)
	}
}

// verdict says how the rule stands.
func (p *pass) verdict(plan due.Plan) contract.Verdict {
	p.rule.Status.NextOccurrence = nil
	if !plan.Next.IsZero() {
		p.rule.Status.NextOccurrence = &metav1.Time{Time: plan.Next.UTC().Truncate(time.Second)}
	}
	switch {
	case ptr.Deref(p.rule.Spec.Suspend, false):
		return contract.Ready(crm.ReasonSuspended, "Suspended: nothing becomes due until spec.suspend is removed. What has begun goes on.")
	case p.waits != "":
		return contract.Ready(crm.ReasonReady, fmt.Sprintf("%s is due, and waits within its starting deadline until the Outreach %s is through: concurrencyPolicy is Forbid.", plan.Due[len(plan.Due)-1].Name, p.waits))
	case plan.Over == due.Cancelled:
		return contract.Ready(crm.ReasonExhibitionOver, fmt.Sprintf("The Exhibition %s was cancelled: nothing becomes due any more.", p.rule.Spec.Trigger.Exhibition.ExhibitionName))
	case plan.Over != "":
		return contract.Ready(crm.ReasonExhibitionOver, fmt.Sprintf("The Exhibition %s has ended: nothing becomes due any more. Delete the rule, or follow spec.trigger.exhibition.series.", p.rule.Spec.Trigger.Exhibition.ExhibitionName))
	case !plan.Next.IsZero():
		return contract.Ready(crm.ReasonReady, "Due next at "+plan.Next.UTC().Format(time.RFC3339)+".")
	case p.rule.Spec.Trigger.Segment != nil || p.rule.Spec.Trigger.Fact != nil:
		return contract.Ready(crm.ReasonReady, "Collects what triggers it.")
	}
	return contract.Ready(crm.ReasonReady, "Nothing is due, and no edition that is known has it due later.")
}
