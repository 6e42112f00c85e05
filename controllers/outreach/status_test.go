package outreach

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

func TestTransitions(t *testing.T) {
	in := func(phase crm.OutreachPhase, message string, messages *crm.MessagesStatus) crm.OutreachStatus {
		return crm.OutreachStatus{Phase: phase, PlanDigest: "d", Messages: messages, ObservedStatus: crm.ObservedStatus{Conditions: []metav1.Condition{{Type: crm.ConditionReady, Message: message}}}}
	}
	frozen := in(crm.OutreachSending, "Workers send.", &crm.MessagesStatus{Pending: 3})
	frozen.Audience = &crm.AudienceStatus{Matched: 9, Recipients: 3, Dropped: []crm.DroppedStatus{{Reason: "NoConsent", Count: 4}, {Reason: "Holdout", Count: 2}}}
	for name, test := range map[string]struct {
		before, after crm.OutreachStatus
		want          string
	}{
		"nothing changes":        {in(crm.OutreachSending, "a", nil), in(crm.OutreachSending, "b", nil), ""},
		"frozen and let go":      {crm.OutreachStatus{Phase: crm.OutreachPlanning}, frozen, "Normal Frozen Frozen: 3 recipients of 9 customers who match. Dropped: NoConsent 4, Holdout 2.|Normal Sending Sending begins: 3 are pending."},
		"goes on":                {in(crm.OutreachPaused, "", nil), in(crm.OutreachSending, "", &crm.MessagesStatus{Pending: 3, Deferred: 2, Sent: 1}), "Normal Sending Sending goes on: 1 were sent, 5 are pending."},
		"begins in quiet hours":  {in(crm.OutreachPlanning, "", nil), in(crm.OutreachSending, "", &crm.MessagesStatus{Pending: 3, Deferred: 2}), "Normal Sending Sending begins: 5 are pending."},
		"halted":                 {in(crm.OutreachSending, "", nil), in(crm.OutreachHalted, "Too much failed.", nil), "Warning Halted Too much failed."},
		"completed":              {in(crm.OutreachSending, "", nil), in(crm.OutreachCompleted, "3 were sent.", &crm.MessagesStatus{Sent: 3}), "Normal Completed 3 were sent."},
		"completed with unknown": {in(crm.OutreachSending, "", nil), in(crm.OutreachCompleted, "Of 1 nobody knows.", &crm.MessagesStatus{Unknown: 1}), "Warning Completed Of 1 nobody knows."},
		"without a condition":    {crm.OutreachStatus{}, crm.OutreachStatus{Phase: crm.OutreachPlanning}, "Normal Planning The run is Planning."},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, e := range transitions(test.before, test.after) {
				got = append(got, fmt.Sprint(e.kind, " ", e.reason, " ", e.note))
			}
			if strings.Join(got, "|") != test.want {
				t.Errorf("there are %q, want %q", got, test.want)
			}
		})
	}
	stalled := crm.OutreachStatus{Phase: crm.OutreachFailed, ObservedStatus: crm.ObservedStatus{Conditions: []metav1.Condition{{Type: crm.ConditionStalled, Status: metav1.ConditionTrue, Reason: crm.ReasonRunKeyUsed, Message: "Used."}}}}
	if got := transitions(crm.OutreachStatus{}, stalled); len(got) != 1 || got[0] != (event{corev1.EventTypeWarning, crm.ReasonRunKeyUsed, "Used."}) {
		t.Errorf("of one that failed there are %v", got)
	}
}

// TestMessagesStatus: what waits until a quiet time ends is deferred, and each message is counted once.
func TestMessagesStatus(t *testing.T) {
	counts := store.MessageCounts{Pending: 50, OnHold: 30, Waiting: 2, Sent: 7, Failed: 1, Skipped: 3, Unknown: 4}
	want := crm.MessagesStatus{Pending: 20, Deferred: 32, Sent: 7, Failed: 1, Skipped: 3, Unknown: 4}
	if got := messagesStatus(counts); *got != want {
		t.Errorf("the messages are %+v, want %+v", *got, want)
	}
}

func TestOfAnother(t *testing.T) {
	var approvals []crm.OutreachApproval
	for i, want := range []string{"", " Of another plan, and without effect: a.", " Of another plan, and without effect: a, b.", " Of another plan, and without effect: a, b, c.", " Of another plan, and without effect: a, b, c, others."} {
		if i > 0 {
			approvals = append([]crm.OutreachApproval{{ObjectMeta: metav1.ObjectMeta{Name: string(rune('a' + i - 1))}, Spec: crm.OutreachApprovalSpec{PlanDigest: "other"}}}, approvals...)
		}
		if got := ofAnother("this", append(approvals, crm.OutreachApproval{Spec: crm.OutreachApprovalSpec{PlanDigest: "this"}})); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
