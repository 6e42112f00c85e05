package outreach

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/due"
	"github.com/fairlead/fairlead/internal/store"
)

// asRuled gives an Outreach what its rule says, so that it is carried out like one by hand.
func asRuled(o *crm.Outreach, rule *crm.CampaignRule) {
	spec := rule.Spec.DeepCopy()
	o.Spec.Audience, o.Spec.Outreach, o.Spec.Guardrails, o.Spec.DeliveryGuarantee = &spec.Audience, &spec.Outreach, spec.Guardrails, spec.DeliveryGuarantee
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
