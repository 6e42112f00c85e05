package outreach

import (
	"encoding/json"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// TestPolicyOf: of several policies the strictest wins, and all of their limits hold.
func TestPolicyOf(t *testing.T) {
	policy := func(topics map[string]crm.LegalBasis, change func(*crm.ContactPolicySpec)) *crm.ContactPolicy {
		p := &crm.ContactPolicy{ObjectMeta: metav1.ObjectMeta{Name: "p"}}
		for name, basis := range topics {
			p.Spec.Topics = append(p.Spec.Topics, crm.Topic{Name: crm.EntryName(name), LegalBasis: basis})
		}
		if change != nil {
			change(&p.Spec)
		}
		return p
	}
	news := func(basis crm.LegalBasis) map[string]crm.LegalBasis { return map[string]crm.LegalBasis{"news": basis} }
	limits := func(spec *crm.ContactPolicySpec) {
		spec.FrequencyCaps = []crm.FrequencyCap{{Medium: "Email", Messages: 2, PerDays: 7}, {Medium: "SMS", Messages: 1, PerDays: 30}}
		spec.QuietHours = &crm.QuietHours{From: "20:00", To: "08:00", Weekends: crm.WeekendsQuiet}
		spec.PauseOnOpenComplaint = []crm.EntryName{"news"}
	}
	others := func(spec *crm.ContactPolicySpec) {
		spec.FrequencyCaps = []crm.FrequencyCap{{Medium: "Email", Messages: 5, PerDays: 30}, {Medium: "Email", Messages: 2, PerDays: 7}}
		spec.QuietHours = &crm.QuietHours{From: "22:00", To: "09:00", Weekends: crm.WeekendsOpen}
	}
	audience := &crm.Audience{Include: []crm.SegmentReference{{SegmentName: "all"}}}
	rechecked := &crm.Audience{Include: audience.Include, Recheck: crm.RecheckAtSend}
	for what, test := range map[string]struct {
		policies []*crm.ContactPolicy
		audience *crm.Audience
		// want is the policy, or what the verdict says.
		want string
	}{
		"consent":             {[]*crm.ContactPolicy{policy(news(crm.LegalBasisConsent), nil)}, audience, `{"needsConsent":true,"promotional":true,"defaultTimeZone":"Europe/London"}`},
		"legitimate interest": {[]*crm.ContactPolicy{policy(news(crm.LegalBasisLegitimateInterest), nil)}, audience, `{"promotional":true,"defaultTimeZone":"Europe/London"}`},
		"contract":            {[]*crm.ContactPolicy{policy(news(crm.LegalBasisContract), limits)}, audience, `{"exempt":true,"defaultTimeZone":"Europe/London","pauseOnOpenComplaint":true}`},
		"legal obligation":    {[]*crm.ContactPolicy{policy(news(crm.LegalBasisLegalObligation), others)}, audience, `{"exempt":true,"defaultTimeZone":"Europe/London"}`},
		"the strictest": {[]*crm.ContactPolicy{policy(news(crm.LegalBasisContract), nil), policy(news(crm.LegalBasisConsent), nil), policy(news(crm.LegalBasisLegitimateInterest), nil)}, audience,
			`{"needsConsent":true,"promotional":true,"defaultTimeZone":"Europe/London"}`},
		"stricter than the law": {[]*crm.ContactPolicy{policy(news(crm.LegalBasisLegalObligation), nil), policy(news(crm.LegalBasisLegitimateInterest), nil)}, audience, `{"promotional":true,"defaultTimeZone":"Europe/London"}`},
		"all limits, also of those that do not declare the topic": {
			[]*crm.ContactPolicy{policy(news(crm.LegalBasisLegitimateInterest), limits), policy(map[string]crm.LegalBasis{"offers": crm.LegalBasisConsent}, others)}, rechecked,
			`{"promotional":true,"caps":[{"messages":2,"perDays":7},{"messages":5,"perDays":30}],"quietHours":[{"from":"20:00","to":"08:00","weekendsQuiet":true},{"from":"22:00","to":"09:00"}],` +
				`"defaultTimeZone":"Europe/London","pauseOnOpenComplaint":true,"recheck":{"include":[{"segmentName":"all"}],"recheck":"AtSend"}}`,
		},
		"none":            {nil, audience, "no ContactPolicy binds the CustomerStore crm"},
		"of other things": {[]*crm.ContactPolicy{policy(map[string]crm.LegalBasis{"offers": crm.LegalBasisConsent}, nil)}, audience, "name one of offers, or declare it"},
	} {
		declared := &crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Name: "crm"}, Spec: crm.CustomerStoreSpec{DefaultTimeZone: "Europe/London"}}
		got, wrong := policyOf("news", "Email", test.audience, declared, test.policies)
		if wrong != nil {
			if mistakes := wrong.Mistakes("spec.outreach.topic"); len(mistakes) != 1 || mistakes[0].Reason != crm.ReasonUndeclaredTopic || !strings.Contains(mistakes[0].Message, test.want) {
				t.Errorf("%s: refused with %+v", what, mistakes)
			}
			continue
		}
		text, err := json.Marshal(got)
		if err != nil || string(text) != test.want {
			t.Errorf("%s: the policy is %s, %v; want %s", what, text, err, test.want)
		}
	}
}
