package customerstore

import (
	"fmt"
	"testing"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

func TestDeclaredTopics(t *testing.T) {
	policy := func(suspended bool, topics ...string) crm.ContactPolicy {
		p := crm.ContactPolicy{Spec: crm.ContactPolicySpec{Suspend: ptr.To(suspended)}}
		for i := 0; i < len(topics); i += 2 {
			p.Spec.Topics = append(p.Spec.Topics, crm.Topic{Name: crm.EntryName(topics[i]), LegalBasis: crm.LegalBasis(topics[i+1]), Title: []crm.LocalizedText{{Locale: "en", Text: "of " + topics[i+1]}, {Locale: "de", Text: "auch"}}})
		}
		return p
	}
	stored := []store.ContactTopic{{Name: "news", LegalBasis: "Consent", Titles: []store.TopicTitle{{Locale: "en", Text: "stored"}}}}
	for _, test := range []struct {
		what       string
		policies   []crm.ContactPolicy
		incomplete bool
		want       string
	}{
		{"no policy", nil, false, "[]"},
		{"one policy, by name", []crm.ContactPolicy{policy(false, "z", "Contract", "a", "Consent")}, false, "[{a Consent [{en of Consent} {de auch}]} {z Contract [{en of Contract} {de auch}]}]"},
		{"the strictest of several", []crm.ContactPolicy{policy(false, "a", "LegalObligation", "b", "Contract"), policy(false, "a", "Contract", "b", "LegitimateInterest"), policy(false, "a", "LegitimateInterest", "b", "Consent"), policy(false, "b", "LegalObligation")}, false,
			"[{a LegitimateInterest [{en of LegalObligation} {de auch}]} {b Consent [{en of Contract} {de auch}]}]"},
		{"what is not declared any more goes", []crm.ContactPolicy{policy(false, "a", "Contract")}, false, "[{a Contract [{en of Contract} {de auch}]}]"},
		{"a suspended one keeps its last state", []crm.ContactPolicy{policy(true, "other", "Contract")}, false, "[{news Consent [{en stored}]}]"},
		{"beside a suspended one", []crm.ContactPolicy{policy(true), policy(false, "news", "Contract", "a", "Contract")}, false, "[{a Contract [{en of Contract} {de auch}]} {news Consent [{en of Contract} {de auch}]}]"},
		{"one is missing", []crm.ContactPolicy{policy(false, "a", "Contract")}, true, "[{a Contract [{en of Contract} {de auch}]} {news Consent [{en stored}]}]"},
	} {
		if got := fmt.Sprint(declaredTopics(test.policies, test.incomplete, stored)); got != test.want {
			t.Errorf("%s: the topics are %s, want %s", test.what, got, test.want)
		}
	}
}
