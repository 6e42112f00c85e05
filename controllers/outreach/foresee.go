package outreach

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// RefusalError says why nothing could be frozen of an Outreach, in the words of its conditions.
type RefusalError struct{ Reason, Message string }

func (e *RefusalError) Error() string { return e.Message }

// Foresee is what would be frozen of an Outreach now, and what is sent then, by the functions
// that freeze it. What it names is read, and taken as it stands: an Outreach waits for what is
// not ready, a preview need not. attributes are those that may be told. What keeps it from being
// frozen is a *RefusalError.
func Foresee(ctx context.Context, reader client.Reader, o *crm.Outreach, attributes map[string]customer.Kind) (*outreach.Plan, store.Freeze, error) {
	seen := observe(ctx, reader, o)
	if seen.failure != nil {
		return nil, store.Freeze{}, seen.failure
	}
	seen.early = true
	plan, freeze, wrong, err := intended(o, seen, attributes)
	if err == nil && wrong != nil {
		err = &RefusalError{wrong.Reason(), wrong.Message()}
	}
	return plan, freeze, err
}

// OfRule is the Outreach that a rule would have if it were due now. What is due for every edition
// of a series is about the one that opens next, or else the last one.
func OfRule(ctx context.Context, reader client.Reader, rule *crm.CampaignRule, now time.Time) (*crm.Outreach, error) {
	o := &crm.Outreach{Spec: crm.OutreachSpec{StoreName: rule.Spec.StoreName, RuleName: crm.ObjectName(rule.Name), RunKey: contract.RunKeyPrefix(rule) + "/preview"}}
	o.Namespace, o.Name = rule.Namespace, rule.Name
	follows := rule.Spec.Trigger.Exhibition
	if follows == nil {
		return o, nil
	}
	o.Spec.ExhibitionName = follows.ExhibitionName
	if follows.Series == "" {
		return o, nil
	}
	var exhibitions crm.ExhibitionList
	if err := reader.List(ctx, &exhibitions, client.InNamespace(rule.Namespace)); err != nil {
		return nil, fmt.Errorf("listing Exhibitions: %w", err)
	}
	o.Spec.ExhibitionName = opensNext(exhibitions.Items, rule, now.Format(time.DateOnly))
	return o, nil
}

// opensNext is the edition of a rule's series that opens on a day or next after it, or else the
// last one; "" if there is none.
func opensNext(exhibitions []crm.Exhibition, rule *crm.CampaignRule, today string) crm.ObjectName {
	var next, last *crm.Exhibition
	for i := range exhibitions {
		e := &exhibitions[i]
		if e.Spec.StoreName != rule.Spec.StoreName || e.Spec.Series != rule.Spec.Trigger.Exhibition.Series {
			continue
		}
		if string(e.Spec.Opens) >= today && (next == nil || e.Spec.Opens < next.Spec.Opens) {
			next = e
		}
		if last == nil || e.Spec.Opens > last.Spec.Opens {
			last = e
		}
	}
	if next == nil {
		next = last
	}
	if next == nil {
		return ""
	}
	return crm.ObjectName(next.Name)
}
