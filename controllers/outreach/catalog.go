package outreach

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/outreach/message"
)

// catalogOf is what the messages of an Outreach may name. series is that which it is about,
// programs are the names of those whose members it may speak to, attributes are those that may be
// told, and links tells whether there is a gateway.
func catalogOf(about *outreach.Exhibition, series string, programs []string, attributes map[string]customer.Kind, links bool) message.Catalog {
	catalog := message.Catalog{Attributes: attributes, Missing: map[string]string{}}
	if !links {
		const why = "the CustomerStore has no gateway that would answer it: say in its spec.gateway where there is one"
		catalog.Missing["UnsubscribeURL"], catalog.Missing["PreferencesURL"] = why, why
	}
	if about == nil {
		catalog.Missing["Exhibition"] = "it is about no exhibition: name it in spec.exhibitionName, or have the rule's trigger follow one"
	} else {
		catalog.Milestones = append([]string{}, slices.Sorted(maps.Keys(about.Milestones))...)
	}
	if series == "" {
		catalog.Missing["Series"] = "it is about no exhibition, and the store has none or those of several series: name the series in spec.outreach.series"
	}
	switch len(programs) {
	case 0:
		catalog.Missing["Loyalty"] = "the store has no LoyaltyProgram: declare one"
	case 1:
	default:
		catalog.Missing["Loyalty"] = fmt.Sprintf("the store has several LoyaltyPrograms, %s: name one in spec.outreach.loyaltyProgramName", few(programs))
	}
	return catalog
}

// few are names in their order, of which no more than a few are told.
func few(names []string) string {
	const most = 3
	names = slices.Sorted(slices.Values(names))
	if len(names) > most {
		names = append(names[:most], "others")
	}
	return strings.Join(names, ", ")
}

// speaks gives a plan the program whose members its messages speak to. The verdict says what is
// wrong with the messages, or what they wait for.
func speaks(plan *outreach.Plan, seen observed, attributes map[string]customer.Kind) *contract.Verdict {
	catalog := catalogOf(plan.Exhibition, plan.Series, programNames(seen.programs), attributes, plan.Links != nil)
	if plan.Channel.From == nil {
		catalog.Missing["From"] = "the channel is for no mail"
	}
	compiled, mistakes := message.Compile(plan.Messages, catalog)
	if len(mistakes) == 0 {
		if !compiled.Uses("Loyalty") {
			return nil
		}
		plan.LoyaltyProgram = seen.programs[0].Name
		return unreckoned(&seen.programs[0], seen)
	}
	texts := make([]string, len(mistakes))
	for i, m := range mistakes {
		texts[i] = m.Error()
	}
	return new(contract.Stalled(crm.ReasonInvalidTemplate, "spec.outreach.messages: "+strings.Join(texts, "; ")))
}
