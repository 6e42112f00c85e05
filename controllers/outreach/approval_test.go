package outreach

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestVerdictOn(t *testing.T) {
	const this, other = "sha256:1", "sha256:2"
	run := func(phase crm.OutreachPhase, digest string) *crm.Outreach {
		return &crm.Outreach{ObjectMeta: metav1.ObjectMeta{Name: "notice"}, Status: crm.OutreachStatus{Phase: phase, PlanDigest: digest}}
	}
	for name, test := range map[string]struct {
		decision              crm.Decision
		run                   *crm.Outreach
		ready                 bool
		stalled               bool
		reason, message, ways string
	}{
		"no Outreach yet":                      {crm.DecisionApproved, nil, false, false, crm.ReasonReferenceNotReady, "does not exist yet", ""},
		"no plan yet":                          {crm.DecisionApproved, run(crm.OutreachPlanning, ""), false, false, crm.ReasonReferenceNotReady, "has no plan yet", ""},
		"it has just been made":                {crm.DecisionApproved, run("", ""), false, false, crm.ReasonReferenceNotReady, "has no plan yet", ""},
		"it ended without a plan":              {crm.DecisionApproved, run(crm.OutreachFailed, ""), false, true, crm.ReasonDigestMismatch, "ended before it had a plan", "delete this OutreachApproval"},
		"another plan":                         {crm.DecisionApproved, run(crm.OutreachAwaitingApproval, other), false, true, crm.ReasonDigestMismatch, "is " + other, "create another OutreachApproval with its digest"},
		"another plan is denied":               {crm.DecisionDenied, run(crm.OutreachSending, other), false, true, crm.ReasonDigestMismatch, "is " + other, ""},
		"about to be used":                     {crm.DecisionApproved, run(crm.OutreachAwaitingApproval, this), true, false, crm.ReasonReady, "Approves the plan of the Outreach notice.", ""},
		"used":                                 {crm.DecisionApproved, run(crm.OutreachCompleted, this), true, false, crm.ReasonReady, "Approves", ""},
		"denied":                               {crm.DecisionDenied, run(crm.OutreachCancelled, this), true, false, crm.ReasonReady, "Denies", ""},
		"denied, and nobody has seen it yet":   {crm.DecisionDenied, run(crm.OutreachAwaitingApproval, this), true, false, crm.ReasonReady, "Denies", ""},
		"denied while it is sent":              {crm.DecisionDenied, run(crm.OutreachSending, this), false, true, crm.ReasonDeniedTooLate, "let go before", "set spec.cancel: true"},
		"denied after it was sent":             {crm.DecisionDenied, run(crm.OutreachCompleted, this), false, true, crm.ReasonDeniedTooLate, "let go before", ""},
		"approved while it is sent: no matter": {crm.DecisionApproved, run(crm.OutreachSending, this), true, false, crm.ReasonReady, "Approves", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var status crm.ObservedStatus
			a := &crm.OutreachApproval{Spec: crm.OutreachApprovalSpec{OutreachName: "notice", PlanDigest: this, Decision: test.decision, ApprovedBy: "olga@airshow.example"}}
			verdictOn(a, test.run).Apply(&status, 1, time.Unix(0, 0))
			ready := meta.FindStatusCondition(status.Conditions, crm.ConditionReady)
			if (ready.Status == metav1.ConditionTrue) != test.ready || meta.IsStatusConditionTrue(status.Conditions, crm.ConditionStalled) != test.stalled || ready.Reason != test.reason ||
				!strings.Contains(ready.Message, test.message) || !strings.Contains(ready.Message, test.ways) || strings.Contains(ready.Message, "olga") {
				t.Errorf("the conditions are %+v", status.Conditions)
			}
		})
	}
}
