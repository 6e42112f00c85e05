package outreach

import (
	"fmt"
	"slices"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/outreach/message"
)

// Beside is what is declared beside an Outreach or a CampaignRule, as far as it is known.
type Beside struct {
	// Segments by name.
	Segments map[string]*crm.CustomerSegment
	// Policies that bind the store, if all of them are known.
	Policies []*crm.ContactPolicy
	// Unbound is the store if it is known, and names no policy.
	Unbound crm.ObjectName
	// Exhibition that the messages are about; nil if it is not known, or there is none.
	Exhibition *crm.Exhibition
	// Programs are the names of the store's LoyaltyPrograms, as far as they are known.
	Programs []string
	// NoGateway says that the store is known, and that it has none.
	NoGateway bool
}

// Mistakes are those of an Outreach that can be seen before it is applied; inPart says that it
// was checked but for attributes, which a store alone knows.
func Mistakes(o *crm.Outreach, beside Beside) (mistakes []contract.Mistake, inPart bool) {
	if o.Spec.Audience == nil || o.Spec.Outreach == nil {
		return nil, false
	}
	catalog := catalogBeside(o.Spec.Outreach, beside)
	if o.Spec.ExhibitionName != "" {
		// It may be elsewhere.
		delete(catalog.Missing, "Exhibition")
	}
	return mistakesBeside(o.Spec.Audience, o.Spec.Outreach, catalog, beside)
}

// MistakesOfRule are those of a CampaignRule in what it says to whom.
func MistakesOfRule(rule *crm.CampaignRule, beside Beside) (mistakes []contract.Mistake, inPart bool) {
	catalog := catalogBeside(&rule.Spec.Outreach, beside)
	if rule.Spec.Trigger.Exhibition != nil {
		delete(catalog.Missing, "Exhibition")
	}
	return mistakesBeside(&rule.Spec.Audience, &rule.Spec.Outreach, catalog, beside)
}

// catalogBeside is what messages may name, as far as it is known.
func catalogBeside(plan *crm.MessagePlan, beside Beside) message.Catalog {
	catalog := catalogOf(exhibitionOf(beside.Exhibition), string(plan.Series), beside.Programs, nil, !beside.NoGateway)
	// The store may have Exhibitions elsewhere, and a LoyaltyProgram.
	delete(catalog.Missing, "Series")
	if plan.LoyaltyProgramName != "" || len(beside.Programs) == 0 {
		delete(catalog.Missing, "Loyalty")
	}
	return catalog
}

func mistakesBeside(audience *crm.Audience, plan *crm.MessagePlan, catalog message.Catalog, beside Beside) (mistakes []contract.Mistake, inPart bool) {
	mistakes = unknownClasses(audience, beside.Segments)
	_, wrongTopic := basisOf(plan.Topic, beside.Policies)
	if beside.Unbound != "" {
		wrongTopic = unboundTopic(plan.Topic, beside.Unbound)
	}
	if wrongTopic != nil {
		mistakes = append(mistakes, wrongTopic.Mistakes("spec.outreach.topic")...)
	}
	if len(plan.Messages) == 0 {
		// The API server refuses that.
		return mistakes, false
	}
	catalog.AnyAttribute = true
	compiled, wrong := message.Compile(plan.Messages, catalog)
	for _, m := range wrong {
		mistakes = append(mistakes, contract.Mistake{Field: "spec.outreach.messages", Reason: crm.ReasonInvalidTemplate, Message: m.Error()})
	}
	return mistakes, compiled != nil && compiled.Uses("Customer.Attributes")
}

// unknownClasses are the classes that an audience names and its segments do not have.
func unknownClasses(audience *crm.Audience, segments map[string]*crm.CustomerSegment) (mistakes []contract.Mistake) {
	for _, list := range []struct {
		field      string
		references []crm.SegmentReference
	}{{"include", audience.Include}, {"exclude", audience.Exclude}} {
		for i, reference := range list.references {
			segment := segments[string(reference.SegmentName)]
			if segment == nil {
				continue
			}
			classes := classify.Classes(segment.Spec.Classify)
			for j, class := range reference.Classes {
				text := fmt.Sprintf("asks for the class %s of the segment %s, which has %s", class, reference.SegmentName, strings.Join(classes, ", "))
				switch {
				case slices.Contains(classes, string(class)):
					continue
				case len(classes) == 0:
					text = fmt.Sprintf("asks for the class %s of the segment %s, which is not split into classes: leave the class out", class, reference.SegmentName)
				}
				mistakes = append(mistakes, contract.Mistake{Field: fmt.Sprintf("spec.audience.%s[%d].classes[%d]", list.field, i, j), Reason: crm.ReasonUnknownClass, Message: text})
			}
		}
	}
	return mistakes
}

// unknownClass says that an audience names a class that its segment does not have; nil if none
// does.
func unknownClass(audience *crm.Audience, segments map[string]*crm.CustomerSegment) *contract.Verdict {
	found := unknownClasses(audience, segments)
	if len(found) == 0 {
		return nil
	}
	return new(contract.Stalled(found[0].Reason, found[0].Field+" "+found[0].Message+"."))
}
