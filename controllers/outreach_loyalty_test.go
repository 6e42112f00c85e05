package controllers_test

import (
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// testOutreachLoyalty: messages to members wait for a program, and then tell how each stands.
func testOutreachLoyalty(t *testing.T, p *post) {
	o := p.letter("club", func(o *crm.Outreach) {
		o.Spec.Outreach.Messages[0].Text = "{{ with .Loyalty }}{{ .Program }}: {{ .Tier }}, {{ .Points }} points, {{ .PointsToNextTier }} to {{ default \"none\" .NextTier }}{{ end }}"
	})
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "the store has no LoyaltyProgram: declare one"))
	// What an edition earns counts from its first day, which an Exhibition says.
	edition := p.edition()
	edition.Name, edition.Spec.Edition, edition.Spec.Opens, edition.Spec.Closes, edition.Spec.Milestones = p.declared.Name+"-2024", "2024", "2024-07-22", "2024-07-26", nil
	create(t, edition)
	// The program that comes wakes the Outreach.
	program := clubOf(p.declared)
	program.Spec.Accrual = []crm.AccrualRule{{Name: "there", Fact: crm.FactParticipation, Where: "fact.role == 'Exhibitor'", Points: "100"}}
	program.Spec.Tiers[0].FromPoints, program.Spec.Tiers[1].FromPoints = 1, 250
	create(t, program)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	eventually(t, program, stands("Bronze 4, Silver 0", "400"))
	before := p.sink.Total()
	p.work("club")
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", "3 were sent, 0 failed"))
	want := program.Name + ": Bronze, 100 points, 150 to Silver"
	for _, m := range p.sink.Messages()[before:] {
		if !strings.Contains(string(m.Raw), want) {
			t.Errorf("a mail is\n%s\nand lacks %s", m.Raw, want)
		}
	}

	// Of two one has to be named.
	crew := clubOf(p.declared)
	crew.Name = p.declared.Name + "-crew"
	create(t, crew)
	two := p.letter("two", func(o *crm.Outreach) { o.Spec.Outreach.Messages[0].Text = "{{ .Loyalty.Program }}" })
	create(t, two)
	eventually(t, two, outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "the store has several LoyaltyPrograms, "+program.Name+", "+crew.Name+": name one in spec.outreach.loyaltyProgramName"))
	named := p.letter("named", func(o *crm.Outreach) {
		o.Spec.Outreach.Messages[0].Text, o.Spec.Outreach.LoyaltyProgramName = "{{ .Loyalty.Program }}", crm.ObjectName(crew.Name)
	})
	create(t, named)
	eventually(t, named, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send"))
	for _, made := range []client.Object{program, crew, edition, two} {
		if err := server.Client.Delete(t.Context(), made); err != nil {
			t.Fatal(err)
		}
	}
	// Of what is frozen the program need not be there any more.
	p.work("named")
	askAgain(t, named)
	eventually(t, named, outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", "3 were sent, 0 failed"))
}
