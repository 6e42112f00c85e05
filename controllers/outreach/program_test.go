package outreach

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/outreach"
)

// manyPrograms is a cache that has LoyaltyPrograms.
type manyPrograms struct {
	client.Client
	programs []crm.LoyaltyProgram
}

func (c manyPrograms) List(_ context.Context, into client.ObjectList, _ ...client.ListOption) error {
	into.(*crm.LoyaltyProgramList).Items = append([]crm.LoyaltyProgram{}, c.programs...)
	return nil
}

// TestProgram: which program messages speak of, and what keeps them from it. What they do not speak
// of they need not have.
func TestProgram(t *testing.T) {
	program := func(name string, store crm.ObjectName, change func(*crm.LoyaltyProgram)) crm.LoyaltyProgram {
		p := crm.LoyaltyProgram{ObjectMeta: metav1.ObjectMeta{Name: name, Generation: 2}, Spec: crm.LoyaltyProgramSpec{StoreName: store}}
		p.Status.Conditions = []metav1.Condition{{Type: crm.ConditionReady, Status: metav1.ConditionTrue}}
		p.Status.ObservedGeneration, p.Status.Members = 2, ptr.To[int64](0)
		if change != nil {
			change(&p)
		}
		return p
	}
	club, crew, other := program("club", "crm", nil), program("crew", "crm", nil), program("other", "second", nil)
	unseen := program("club", "crm", func(p *crm.LoyaltyProgram) { p.Status.ObservedGeneration = 1 })
	unready := program("club", "crm", func(p *crm.LoyaltyProgram) { p.Status.Conditions[0].Status = metav1.ConditionFalse })
	// Its condition is Ready: it is suspended.
	never := program("club", "crm", func(p *crm.LoyaltyProgram) { p.Status.Members = nil })
	const speaking, silent = "{{ with .Loyalty }}{{ .Tier }}{{ end }}", "Dear {{ .Contact.Name }}"
	for _, test := range []struct {
		what     string
		programs []crm.LoyaltyProgram
		named    crm.ObjectName
		text     string
		early    bool
		// want is the program of the plan, reason and says those of the verdict.
		want, reason, says string
	}{
		{"the only one", []crm.LoyaltyProgram{club, other}, "", speaking, false, "club", "", ""},
		{"one by its name", []crm.LoyaltyProgram{club, crew}, "crew", speaking, false, "crew", "", ""},
		{"none", []crm.LoyaltyProgram{other}, "", speaking, false, "", crm.ReasonInvalidTemplate, "en, text, line 1, column 9: there is no .Loyalty here: the store has no LoyaltyProgram: declare one"},
		{"several", []crm.LoyaltyProgram{crew, club, other}, "", speaking, false, "", crm.ReasonInvalidTemplate, "there is no .Loyalty here: the store has several LoyaltyPrograms, club, crew: name one in spec.outreach.loyaltyProgramName"},
		{"none of the name", []crm.LoyaltyProgram{club}, "crew", speaking, false, "", crm.ReasonReferenceNotReady, "Waiting for the LoyaltyProgram crew, which does not exist yet."},
		{"none of the name, and nothing said of it", nil, "crew", silent, false, "", crm.ReasonReferenceNotReady, "Waiting for the LoyaltyProgram crew"},
		{"another store's", []crm.LoyaltyProgram{club, other}, "other", speaking, false, "", crm.ReasonStoreMismatch, "spec.outreach.loyaltyProgramName: the LoyaltyProgram other is of the store second, and this Outreach of crm: name one of the same store."},
		{"one that changed since", []crm.LoyaltyProgram{unseen}, "club", speaking, false, "", crm.ReasonReferenceNotReady, "Waiting for the LoyaltyProgram club to be reckoned as it is declared."},
		{"the only one, which changed since", []crm.LoyaltyProgram{unseen}, "", speaking, false, "club", crm.ReasonReferenceNotReady, "Waiting for the LoyaltyProgram club to be reckoned"},
		{"one that is not ready", []crm.LoyaltyProgram{unready}, "", speaking, false, "club", crm.ReasonReferenceNotReady, "Waiting for the LoyaltyProgram club"},
		{"one that is suspended since it was made", []crm.LoyaltyProgram{never}, "", speaking, false, "club", crm.ReasonReferenceNotReady, "Waiting for the LoyaltyProgram club"},
		{"a preview of one that is not ready", []crm.LoyaltyProgram{unready}, "club", speaking, true, "club", "", ""},
		{"nothing said of none", nil, "", silent, false, "", "", ""},
		{"nothing said of several", []crm.LoyaltyProgram{club, crew}, "", silent, false, "", "", ""},
		{"nothing said of one that is not ready", []crm.LoyaltyProgram{unready}, "", silent, false, "", "", ""},
	} {
		o := &crm.Outreach{Spec: crm.OutreachSpec{StoreName: "crm", Outreach: &crm.MessagePlan{LoyaltyProgramName: test.named}}}
		seen := observed{early: test.early}
		var err error
		if seen.programs, err = programsOf(t.Context(), manyPrograms{programs: test.programs}, o); err != nil {
			t.Fatal(err)
		}
		plan := &outreach.Plan{Messages: []crm.Message{{Locale: "en", Subject: "x", Text: test.text}}}
		var verdict *contract.Verdict
		if verdict = missingProgram(o, seen); verdict == nil {
			verdict = speaks(plan, seen, nil)
		}
		var reason, says string
		if verdict != nil {
			reason, says = verdict.Reason(), verdict.Message()
		}
		if plan.LoyaltyProgram != test.want || reason != test.reason || !strings.Contains(says, test.says) {
			t.Errorf("%s: the plan speaks of %q, and says %s %s", test.what, plan.LoyaltyProgram, reason, says)
		}
	}
}
