package customerstore

import (
	"slices"
	"strings"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// strictness of legal bases, the strictest first.
var strictness = []string{string(crm.LegalBasisConsent), string(crm.LegalBasisLegitimateInterest), string(crm.LegalBasisContract), string(crm.LegalBasisLegalObligation)}

// stricter gives the stricter of two legal bases.
func stricter(a, b string) string {
	if slices.Index(strictness, b) < slices.Index(strictness, a) {
		return b
	}
	return a
}

// declaredTopics is what persons may be written to about, by name: what the policies declare,
// on the strictest basis where several declare the same topic, with the titles of the first.
// While a policy is missing, or was never in force, whatever is stored stands that the others do not
// declare more strictly.
func declaredTopics(policies []*crm.ContactPolicy, incomplete bool, stored []store.ContactTopic) []store.ContactTopic {
	byName := map[string]store.ContactTopic{}
	add := func(topic store.ContactTopic) {
		if known, is := byName[topic.Name]; is {
			known.LegalBasis = stricter(known.LegalBasis, topic.LegalBasis)
			topic = known
		}
		byName[topic.Name] = topic
	}
	for _, policy := range policies {
		for _, topic := range policy.Spec.Topics {
			declared := store.ContactTopic{Name: string(topic.Name), LegalBasis: string(topic.LegalBasis)}
			for _, title := range topic.Title {
				declared.Titles = append(declared.Titles, store.TopicTitle{Locale: string(title.Locale), Text: title.Text})
			}
			add(declared)
		}
	}
	if incomplete {
		for _, topic := range stored {
			add(topic)
		}
	}
	var topics []store.ContactTopic
	for _, topic := range byName {
		topics = append(topics, topic)
	}
	slices.SortFunc(topics, func(a, b store.ContactTopic) int { return strings.Compare(a.Name, b.Name) })
	return topics
}
