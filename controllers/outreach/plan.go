package outreach

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// observed is what a pass looks at beside the Outreach itself.
type observed struct {
	store    *crm.CustomerStore
	channel  *crm.OutreachChannel
	segments map[string]*crm.CustomerSegment
	// policies that bind the store, and those that it names and that do not.
	policies []*crm.ContactPolicy
	unbound  []contract.Unbound
	// rule that the Outreach is an occurrence of.
	rule *crm.CampaignRule
	// exhibition that the Outreach names.
	exhibition *crm.Exhibition
	// series that it is about; "" for none, or if it is not known.
	series crm.SeriesName
	// programs are the LoyaltyPrograms that it may speak of: the one that it names, or else all of
	// the store.
	programs []crm.LoyaltyProgram
	// early takes what is declared as it stands, be it not ready: a preview does.
	early bool
	// approvals that name the Outreach.
	approvals []crm.OutreachApproval
	// failure kept the pass from seeing everything.
	failure error
}

// isReady tells whether a run need not wait for something.
func (s observed) isReady(status crm.ObservedStatus) bool {
	return s.early || contract.IsReady(status)
}

// segmentsOf are the names of the segments that an audience names.
func segmentsOf(audience *crm.Audience) []string {
	var names []string
	for _, references := range [][]crm.SegmentReference{audience.Include, audience.Exclude} {
		for _, reference := range references {
			names = append(names, string(reference.SegmentName))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// missing says what a run waits for before it can be frozen; nil for nothing.
func missing(o *crm.Outreach, seen observed) *contract.Verdict {
	waiting := func(format string, args ...any) *contract.Verdict {
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf(format, args...)))
	}
	switch {
	case seen.store == nil:
		return waiting("Waiting for the CustomerStore %s, which does not exist yet.", o.Spec.StoreName)
	case !seen.isReady(seen.store.Status.ObservedStatus):
		return waiting("Waiting for the CustomerStore %s to become ready.", o.Spec.StoreName)
	case o.Spec.Audience == nil:
		return waiting("Waiting for the CampaignRule %s, which does not exist.", o.Spec.RuleName)
	case seen.rule != nil && seen.rule.Spec.StoreName != o.Spec.StoreName:
		return new(contract.Stalled(crm.ReasonStoreMismatch, fmt.Sprintf("spec.ruleName: the CampaignRule %s is of the store %s, and this Outreach of %s.", seen.rule.Name, seen.rule.Spec.StoreName, o.Spec.StoreName)))
	case seen.channel == nil:
		return waiting("Waiting for the OutreachChannel %s, which does not exist yet.", o.Spec.Outreach.ChannelName)
	case seen.channel.Spec.StoreName != o.Spec.StoreName:
		return new(contract.Stalled(crm.ReasonStoreMismatch, fmt.Sprintf("spec.outreach.channelName: the OutreachChannel %s is of the store %s, and this Outreach of %s: name a channel of the same store.",
			seen.channel.Name, seen.channel.Spec.StoreName, o.Spec.StoreName)))
	case !seen.isReady(seen.channel.Status.ObservedStatus):
		return waiting("Waiting for the OutreachChannel %s to become ready.", seen.channel.Name)
	}
	if len(seen.unbound) > 0 {
		return waiting("Waiting for the ContactPolicy %s, which the CustomerStore names and which %s.", seen.unbound[0].Name, seen.unbound[0].Why())
	}
	for _, missing := range []func(*crm.Outreach, observed) *contract.Verdict{missingSegment, missingExhibition, missingProgram} {
		if wanting := missing(o, seen); wanting != nil {
			return wanting
		}
	}
	return unknownClass(o.Spec.Audience, seen.segments)
}

// missingSegment says what a run waits for of the segments of its audience.
func missingSegment(o *crm.Outreach, seen observed) *contract.Verdict {
	waiting := func(format string, args ...any) *contract.Verdict {
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf(format, args...)))
	}
	for _, name := range segmentsOf(o.Spec.Audience) {
		segment := seen.segments[name]
		switch {
		case segment == nil:
			return waiting("Waiting for the CustomerSegment %s, which does not exist yet.", name)
		case segment.Spec.StoreName != o.Spec.StoreName:
			return new(contract.Stalled(crm.ReasonStoreMismatch, fmt.Sprintf("spec.audience: the CustomerSegment %s is of the store %s, and this Outreach of %s: name segments of the same store.",
				name, segment.Spec.StoreName, o.Spec.StoreName)))
		case !seen.isReady(segment.Status.ObservedStatus) || !seen.early && segment.Status.ObservedGeneration != segment.Generation:
			return waiting("Waiting for the CustomerSegment %s to be evaluated as it is declared.", name)
		}
	}
	return nil
}

// missingExhibition says what a run waits for of the Exhibition that it is about.
func missingExhibition(o *crm.Outreach, seen observed) *contract.Verdict {
	name := o.Spec.ExhibitionName
	switch {
	case name == "":
		return nil
	case seen.exhibition == nil:
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the Exhibition %s, which does not exist yet.", name)))
	case seen.exhibition.Spec.StoreName != o.Spec.StoreName:
		return new(contract.Stalled(crm.ReasonStoreMismatch, fmt.Sprintf("spec.exhibitionName: the Exhibition %s is of the store %s, and this Outreach of %s: name one of the same store.",
			name, seen.exhibition.Spec.StoreName, o.Spec.StoreName)))
	case !seen.isReady(seen.exhibition.Status.ObservedStatus):
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the Exhibition %s to become ready.", name)))
	}
	return nil
}

// planOf is what a run sends, and how, as it is frozen with the audience.
func planOf(o *crm.Outreach, seen observed) *outreach.Plan {
	channel := seen.channel
	var links *outreach.LinkSettings
	if gateway := seen.store.Spec.Gateway; gateway != nil {
		links = &outreach.LinkSettings{PublicURL: gateway.PublicURL}
	}
	return &outreach.Plan{
		Links:      links,
		Exhibition: exhibitionOf(seen.exhibition), Series: string(seen.series), Topic: string(o.Spec.Outreach.Topic), Messages: o.Spec.Outreach.Messages,
		Cost: o.Spec.Outreach.CostPerMessage, Guardrails: o.Spec.Guardrails,
		Window: outreach.DefaultWindow, Attempts: outreach.DefaultAttempts, ExpireAfterSeconds: cmp.Or(o.Spec.Outreach.ExpireAfterSeconds, crm.DefaultExpireAfterSeconds),
		Channel: outreach.Channel{
			Name: channel.Namespace + "/" + channel.Name, Medium: channel.Spec.Medium, Delivery: channel.Spec.Delivery, RedirectTo: string(channel.Spec.RedirectTo),
			SMTP: channel.Spec.SMTP, Webhook: channel.Spec.Webhook, From: channel.Spec.From, ReplyTo: string(channel.Spec.ReplyTo), MessagesPerSecond: channel.Spec.MessagesPerSecond,
		},
	}
}

// exhibitionOf is what a plan keeps of an exhibition; nil of none.
func exhibitionOf(declared *crm.Exhibition) *outreach.Exhibition {
	if declared == nil {
		return nil
	}
	spec := declared.Spec
	kept := &outreach.Exhibition{
		Series: string(spec.Series), Edition: string(spec.Edition), Title: spec.Title,
		Venue: spec.Venue.Name, City: spec.Venue.City, Country: spec.Venue.CountryCode, TimeZone: string(spec.Venue.TimeZone),
		Opens: string(spec.Opens), Closes: string(spec.Closes), Milestones: map[string]string{},
	}
	for _, milestone := range spec.Milestones {
		kept.Milestones[string(milestone.Name)] = string(milestone.Date)
	}
	return kept
}

// intended is what is sent, and to whom; the verdict is why that cannot be. attributes are those
// that may be told.
func intended(o *crm.Outreach, seen observed, attributes map[string]customer.Kind) (plan *outreach.Plan, freeze store.Freeze, wrong *contract.Verdict, err error) {
	if wrong = missing(o, seen); wrong != nil {
		return nil, freeze, wrong, nil
	}
	policy, wrong := policyOf(o.Spec.Outreach.Topic, seen.channel.Spec.Medium, o.Spec.Audience, seen.store, seen.policies)
	if wrong != nil {
		return nil, freeze, wrong, nil
	}
	plan = planOf(o, seen)
	plan.Policy = policy
	if wrong = speaks(plan, seen, attributes); wrong != nil {
		return nil, freeze, wrong, nil
	}
	if plan.Declared, err = declaredBy(o); err != nil {
		return nil, freeze, nil, err
	}
	if freeze, err = freezeOf(o, plan); err == nil && seen.rule != nil {
		err = byRule(&freeze, o, seen)
	}
	return plan, freeze, nil, err
}

// freezeOf says who is written to.
func freezeOf(o *crm.Outreach, plan *outreach.Plan) (store.Freeze, error) {
	text, err := plan.Text()
	if err != nil {
		return store.Freeze{}, err
	}
	freeze := store.Freeze{
		Key: o.Spec.RunKey, Owner: store.RunOwner{UID: string(o.UID), Namespace: o.Namespace, Name: o.Name}, Plan: text,
		AtLeastOnce: o.Spec.DeliveryGuarantee == crm.GuaranteeAtLeastOnce, Audience: outreach.AudienceOf(o.Spec.Audience),
		Medium: string(plan.Channel.Medium), Topic: plan.Topic,
		NeedsConsent: plan.Policy.NeedsConsent, Promotional: plan.Policy.Promotional, ExpireAfter: time.Duration(plan.ExpireAfterSeconds) * time.Second,
		HoldoutKey: o.Spec.RunKey, Locales: plan.Locales(),
	}
	if o.Spec.Guardrails != nil {
		freeze.Holdout = 100 * int64(o.Spec.Guardrails.HoldoutPercent)
	}
	return freeze, nil
}

// exceeded says which limit a frozen run passes; "" for none. A budget that cannot be compared
// with anything is the user's mistake.
func exceeded(o *crm.Outreach, declared *crm.CustomerStore, recipients int64) (what string, own bool, wrong *contract.Verdict) {
	if g := o.Spec.Guardrails; g != nil {
		if most := g.MaxRecipients; most != nil && recipients > *most {
			return fmt.Sprintf("%d recipients are more than guardrails.maxRecipients, %d", recipients, *most), true, nil
		}
		if g.Budget != nil {
			over, wrong := overBudget(*g.Budget, o.Spec.Outreach.CostPerMessage, recipients)
			if wrong != nil || over != "" {
				return over, true, wrong
			}
		}
	}
	if most := declared.Spec.MaxRecipientsWithoutApproval; most != nil && recipients > *most {
		return fmt.Sprintf("%d recipients are more than the CustomerStore lets go without an approval, %d", recipients, *most), false, nil
	}
	return "", false, nil
}

func overBudget(budget crm.Money, cost *crm.Money, recipients int64) (over string, wrong *contract.Verdict) {
	incomparable := func(text string) (string, *contract.Verdict) {
		return "", new(contract.Stalled(crm.ReasonBudgetNotComparable, text))
	}
	if cost == nil {
		return incomparable("spec.guardrails.budget: there is nothing to compare it with: give spec.outreach.costPerMessage, in the currency of the budget.")
	}
	if cost.Currency != budget.Currency {
		return incomparable(fmt.Sprintf("spec.guardrails.budget: it is in %s and spec.outreach.costPerMessage in %s: give both in one currency.", budget.Currency, cost.Currency))
	}
	most, first := contract.MinorUnits(budget)
	each, second := contract.MinorUnits(*cost)
	if err := errors.Join(first, second); err != nil {
		return incomparable("spec.guardrails.budget or spec.outreach.costPerMessage: " + err.Error())
	}
	if each > 0 && recipients > most/each {
		return fmt.Sprintf("%d recipients at %s %s each cost more than guardrails.budget, %s %s", recipients, cost.Amount, cost.Currency, budget.Amount, budget.Currency), nil
	}
	return "", nil
}

// approvalOf is the decision on a plan, and the OutreachApproval that makes it; "" for none.
// One to deny outweighs all others.
func approvalOf(digest string, approvals []crm.OutreachApproval) (decision crm.Decision, name string) {
	for _, a := range approvals {
		if a.Spec.PlanDigest != digest {
			continue
		}
		if decision != crm.DecisionDenied {
			decision, name = a.Spec.Decision, a.Name
		}
	}
	return decision, name
}

// ofAnother says that approvals decide on other plans than this, if any do.
func ofAnother(digest string, approvals []crm.OutreachApproval) string {
	var names []string
	for _, a := range approvals {
		if a.Spec.PlanDigest != digest {
			names = append(names, a.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " Of another plan, and without effect: " + few(names) + "."
}

// needsApproval tells whether a plan waits for one whatever its size.
func needsApproval(o *crm.Outreach) bool {
	return o.Spec.Guardrails != nil && o.Spec.Guardrails.Approval == crm.ApprovalAlways
}

// failsWhenExceeded tells what the Outreach wants when a limit of its own is passed.
func failsWhenExceeded(o *crm.Outreach) bool {
	return o.Spec.Guardrails != nil && o.Spec.Guardrails.OnExceeded == crm.OnExceededFail
}

// pausedBy says who keeps a run from being sent; "" for nobody.
func pausedBy(o *crm.Outreach, seen observed) string {
	switch {
	case ptr.Deref(o.Spec.Suspend, false):
		return "spec.suspend is removed"
	case len(seen.unbound) > 0:
		return fmt.Sprintf("%s, which the CustomerStore %s names", seen.unbound[0].Until(), seen.store.Name)
	case seen.channel != nil && ptr.Deref(seen.channel.Spec.Suspend, false):
		return "the OutreachChannel " + seen.channel.Name + " is not suspended any more"
	}
	return ""
}

func isCancelled(o *crm.Outreach) bool { return ptr.Deref(o.Spec.Cancel, false) }
