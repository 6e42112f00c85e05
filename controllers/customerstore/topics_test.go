package customerstore

import (
	"fmt"
	"testing"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

func TestDeclaredTopics(t *testing.T) {
	policy := func(topics ...string) *crm.ContactPolicy {
		p := &crm.ContactPolicy{}
		for i := 0; i < len(topics); i += 2 {
			p.Spec.Topics = append(p.Spec.Topics, crm.Topic{Name: crm.EntryName(topics[i]), LegalBasis: crm.LegalBasis(topics[i+1]), Title: []crm.LocalizedText{{Locale: "en", Text: "of " + topics[i+1]}, {Locale: "de", Text: "auch"}}})
		}
		return p
	}
	stored := []store.ContactTopic{{Name: "news", LegalBasis: "Consent", Titles: []store.TopicTitle{{Locale: "en", Text: "stored"}}}}
	for _, test := range []struct {
		what       string
		policies   []*crm.ContactPolicy
		incomplete bool
		want       string
	}{
		{"no policy", nil, false, "[]"},
		{"one policy, by name", []*crm.ContactPolicy{policy("z", "Contract", "a", "Consent")}, false, "[{a Consent [{en of Consent} {de auch}]} {z Contract [{en of Contract} {de auch}]}]"},
		{"the strictest of several", []*crm.ContactPolicy{policy("a", "LegalObligation", "b", "Contract"), policy("a", "Contract", "b", "LegitimateInterest"), policy("a", "LegitimateInterest", "b", "Consent"), policy("b", "LegalObligation")}, false,
			"[{a LegitimateInterest [{en of LegalObligation} {de auch}]} {b Consent [{en of Contract} {de auch}]}]"},
		{"what is not declared any more goes", []*crm.ContactPolicy{policy("a", "Contract")}, false, "[{a Contract [{en of Contract} {de auch}]}]"},
		{"beside a missing one", []*crm.ContactPolicy{policy("news", "Contract", "a", "Contract")}, true, "[{a Contract [{en of Contract} {de auch}]} {news Consent [{en of Contract} {de auch}]}]"},
		{"one is missing", []*crm.ContactPolicy{policy("a", "Contract")}, true, "[{a Contract [{en of Contract} {de auch}]} {news Consent [{en stored}]}]"},
	} {
		if got := fmt.Sprint(declaredTopics(test.policies, test.incomplete, stored)); got != test.want {
			t.Errorf("%s: the topics are %s, want %s", test.what, got, test.want)
		}
	}
}
