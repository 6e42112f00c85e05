package outreach

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/due"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// asRuled gives an Outreach what its rule says, so that it is carried out like one by hand.
func asRuled(o *crm.Outreach, rule *crm.CampaignRule) {
	spec := rule.Spec.DeepCopy()
	o.Spec.Audience, o.Spec.Outreach, o.Spec.Guardrails, o.Spec.DeliveryGuarantee = &spec.Audience, &spec.Outreach, spec.Guardrails, spec.DeliveryGuarantee
}

// asFrozen gives an Outreach of a rule what its run was frozen with: the rule may say something
// else by now, or be gone.
func (p *pass) asFrozen(ctx context.Context) error {
	if p.o.Spec.RuleName == "" {
		return nil
	}
	plan, err := outreach.ParsePlan(p.run.Plan)
	if err != nil {
		return err
	}
	_, name, _ := strings.Cut(plan.Channel.Name, "/")
	p.o.Spec.Guardrails = plan.Guardrails
	p.o.Spec.Outreach = &crm.MessagePlan{ChannelName: crm.ObjectName(name), Topic: crm.EntryName(plan.Topic), Series: crm.SeriesName(plan.Series), LoyaltyProgramName: crm.ObjectName(plan.LoyaltyProgram), CostPerMessage: plan.Cost, Messages: plan.Messages}
	channel := &crm.OutreachChannel{}
	err = p.Client.Get(ctx, types.NamespacedName{Namespace: p.o.Namespace, Name: name}, channel)
	switch {
	case apierrors.IsNotFound(err):
		channel = nil
	case err != nil:
		return fmt.Errorf("reading the OutreachChannel %s: %w", name, err)
	}
	p.seen.channel = channel
	return nil
}

// findToPause finds a run of a store that is not ready since a policy is gone that it names, so
// that it can be paused. The verdict is why there is none; nil if there is.
func (p *pass) findToPause(ctx context.Context) (before *contract.Verdict, err error) {
	if p.opened, err = p.Stop(ctx, p.seen.store); err != nil {
		return missing(p.o, p.seen), nil //nolint:nilerr // it is looked at again when the store is
	}
	p.run, err = p.opened.RunByKey(ctx, p.o.Spec.RunKey)
	if err != nil || p.run == nil || p.run.Owner.UID != string(p.o.UID) {
		return missing(p.o, p.seen), err
	}
	return nil, nil
}

// seriesOf is the series that an Outreach is about: the one that it names, that of its
// exhibition, or the only one that there is; "" for none.
func seriesOf(ctx context.Context, reader client.Reader, o *crm.Outreach, seen observed) (crm.SeriesName, error) {
	switch {
	case seen.failure != nil || o.Spec.Outreach == nil:
		return "", seen.failure
	case o.Spec.Outreach.Series != "":
		return o.Spec.Outreach.Series, nil
	case o.Spec.ExhibitionName != "":
		if seen.exhibition == nil {
			return "", nil
		}
		return seen.exhibition.Spec.Series, nil
	}
	var exhibitions crm.ExhibitionList
	if err := reader.List(ctx, &exhibitions, client.InNamespace(o.Namespace)); err != nil {
		return "", fmt.Errorf("listing Exhibitions: %w", err)
	}
	return onlySeries(exhibitions.Items, o.Spec.StoreName), nil
}

// onlySeries is the series that all Exhibitions of a store are of; "" if there are several, or
// none.
func onlySeries(exhibitions []crm.Exhibition, of crm.ObjectName) crm.SeriesName {
	var all []crm.SeriesName
	for _, e := range exhibitions {
		if e.Spec.StoreName == of && !slices.Contains(all, e.Spec.Series) {
			all = append(all, e.Spec.Series)
		}
	}
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

// byRule adds to a freeze what a rule's trigger says of who is meant, and of when they are
// written to.
func byRule(freeze *store.Freeze, o *crm.Outreach, seen observed) error {
	rule := seen.rule
	prefix := contract.RunKeyPrefix(rule)
	freeze.Rule, freeze.HoldoutKey = prefix, prefix
	if o.Spec.DueTime != nil {
		freeze.DueAt = o.Spec.DueTime.UnixMilli()
	}
	trigger := rule.Spec.Trigger
	switch {
	case o.Spec.Occurrence == "":
		// A preview is of nobody's day.
	case trigger.Segment != nil || trigger.Fact != nil:
		freeze.Occurrence = o.Spec.Occurrence
	case trigger.Anniversary != nil:
		return onAnniversary(freeze, o.Spec.Occurrence, trigger, string(seen.store.Spec.DefaultTimeZone))
	}
	return nil
}

// onAnniversary leaves whose day it is, each in their own time zone; otherwise is the zone of
// those of whom none is known.
func onAnniversary(freeze *store.Freeze, occurrence string, trigger crm.Trigger, otherwise string) error {
	at, err := time.Parse(time.DateOnly, occurrence)
	if err != nil {
		return fmt.Errorf("the occurrence %s is no day: %w", occurrence, err)
	}
	day := due.Day{Year: at.Year(), Month: at.Month(), Day: at.Day()}
	freeze.Anniversary = &store.Anniversary{Field: string(trigger.Anniversary.Field), Before: day.Year}
	for _, kept := range due.Birthdays(day) {
		freeze.Anniversary.Days = append(freeze.Anniversary.Days, store.MonthDay{Month: kept.Month, Day: kept.Day})
	}
	if _, _, err := due.Window(day, trigger.Anniversary.At, time.UTC, 0); err != nil {
		return err
	}
	freeze.Window = func(zone string) (notBefore, notAfter int64) {
		location, err := time.LoadLocation(cmp.Or(zone, otherwise))
		if err != nil {
			location = time.UTC
		}
		from, until, _ := due.Window(day, trigger.Anniversary.At, location, due.Deadline(trigger))
		return from.UnixMilli(), until.UnixMilli()
	}
	return nil
}
