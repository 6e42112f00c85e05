package outreach

import (
	"fmt"
	"slices"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/outreach"
)

// strictness orders legal bases, the strictest first.
var strictness = []crm.LegalBasis{crm.LegalBasisConsent, crm.LegalBasisLegitimateInterest, crm.LegalBasisContract, crm.LegalBasisLegalObligation}

// basisOf is the legal basis of a topic, the strictest of those that policies declare; "" where
// no policy is known.
func basisOf(topic crm.EntryName, policies []*crm.ContactPolicy) (crm.LegalBasis, *contract.Verdict) {
	if len(policies) == 0 {
		return "", nil
	}
	var basis crm.LegalBasis
	var topics []string
	for _, policy := range policies {
		for _, declared := range policy.Spec.Topics {
			topics = append(topics, string(declared.Name))
			if declared.Name == topic && (basis == "" || slices.Index(strictness, declared.LegalBasis) < slices.Index(strictness, basis)) {
				basis = declared.LegalBasis
			}
		}
	}
	if basis == "" {
		return "", new(contract.Stalled(crm.ReasonUndeclaredTopic, fmt.Sprintf("spec.outreach.topic: no ContactPolicy of the store declares the topic %s: name one of %s, or declare it.",
			topic, strings.Join(topics, ", "))))
	}
	return basis, nil
}

// unboundTopic refuses a topic in a store that names no policy.
func unboundTopic(topic crm.EntryName, store crm.ObjectName) *contract.Verdict {
	return new(contract.Stalled(crm.ReasonUndeclaredTopic, fmt.Sprintf("spec.outreach.topic: no ContactPolicy binds the CustomerStore %s, so that the topic %s has no legal basis and counts as promotional: name a ContactPolicy that declares it in spec.contactPolicyNames of the CustomerStore.",
		store, topic)))
}

// policyOf is what the policies of a store ask of messages about a topic by a medium: the
// strictest basis, all caps and all quiet hours. Where there is none a topic has no legal basis,
// and is refused.
func policyOf(topic crm.EntryName, medium crm.Medium, audience *crm.Audience, declared *crm.CustomerStore, policies []*crm.ContactPolicy) (*outreach.Policy, *contract.Verdict) {
	if len(policies) == 0 {
		return nil, unboundTopic(topic, crm.ObjectName(declared.Name))
	}
	basis, wrong := basisOf(topic, policies)
	if wrong != nil {
		return nil, wrong
	}
	policy := &outreach.Policy{NeedsConsent: basis == crm.LegalBasisConsent, DefaultTimeZone: string(declared.Spec.DefaultTimeZone)}
	policy.Promotional = policy.NeedsConsent || basis == crm.LegalBasisLegitimateInterest
	policy.Exempt = !policy.Promotional
	for _, p := range policies {
		policy.PauseOnOpenComplaint = policy.PauseOnOpenComplaint || slices.Contains(p.Spec.PauseOnOpenComplaint, topic)
		if policy.Exempt {
			continue
		}
		for _, limit := range p.Spec.FrequencyCaps {
			if kept := (outreach.Cap{Messages: limit.Messages, PerDays: limit.PerDays}); limit.Medium == medium && !slices.Contains(policy.Caps, kept) {
				policy.Caps = append(policy.Caps, kept)
			}
		}
		if hours := p.Spec.QuietHours; hours != nil {
			policy.QuietHours = append(policy.QuietHours, outreach.QuietHours{From: hours.From, To: hours.To, WeekendsQuiet: hours.Weekends == crm.WeekendsQuiet})
		}
	}
	if audience.Recheck == crm.RecheckAtSend {
		policy.Recheck = audience
	}
	return policy, nil
}
