package controllers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/test/mailsink"
)

func approvalSays(conditionType, reason, message string) func(*crm.OutreachApproval) bool {
	return func(a *crm.OutreachApproval) bool {
		return conditionSays(a.Status.Conditions, conditionType, reason, message)
	}
}

// approvalOf is a decision on the plan of an Outreach.
func approvalOf(o *crm.Outreach, name, digest string, decision crm.Decision) *crm.OutreachApproval {
	return &crm.OutreachApproval{
		ObjectMeta: metav1.ObjectMeta{Namespace: o.Namespace, Name: o.Name + name},
		Spec:       crm.OutreachApprovalSpec{OutreachName: crm.ObjectName(o.Name), PlanDigest: digest, Decision: decision, ApprovedBy: "olga@airshow.example"},
	}
}

// TestOutreachIsTold follows a run by what a person is told of it: events, the status of
// approvals, columns and metrics.
func TestOutreachIsTold(t *testing.T) {
	database := databases.NewDatabase(t)
	p := newPost(t, newStore(t, newNamespace(t), database), database)
	create(t, p.segment)
	eventually(t, p.segment, has(4))
	create(t, p.channel)
	t.Run("Sent", p.in(testOutreachIsToldWhenSent))
	t.Run("Halted", p.in(testOutreachIsToldWhenHalted))
	t.Run("PlannedAndHeldUp", p.in(testApprovalOfAPlanThatIsHeldUp))
	t.Run("LongMistake", p.in(testOutreachIsToldOfALongMistake))
	// Nobody is named by what is told.
	var list eventsv1.EventList
	if err := server.Client.List(t.Context(), &list, client.InNamespace(p.declared.Namespace)); err != nil {
		t.Fatal(err)
	}
	for _, e := range list.Items {
		for _, personal := range []string{"@", "olga", "falcon", "Falcon"} {
			if strings.Contains(e.Note, personal) {
				t.Errorf("the event %s of %s names somebody: %s", e.Reason, e.Regarding.Name, e.Note)
			}
		}
	}
}

func testOutreachIsToldWhenSent(t *testing.T, p *post) {
	o := p.letter("told", func(o *crm.Outreach) { o.Spec.Guardrails = &crm.Guardrails{Approval: crm.ApprovalAlways} })
	early := approvalOf(o, "-early", "sha256:"+strings.Repeat("0", 64), crm.DecisionApproved)
	create(t, early)
	eventually(t, early, approvalSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the Outreach "+o.Name+", which does not exist yet."))
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachAwaitingApproval, crm.ConditionReady, "AwaitingApproval", "Of another plan, and without effect: "+early.Name+"."))
	expectEvent(t, o, crm.ReasonFrozen, "Frozen: 3 recipients of 4 customers who match. Dropped: NoAddress 1.")
	expectEvent(t, o, "AwaitingApproval", meta.FindStatusCondition(o.Status.Conditions, crm.ConditionReady).Message)
	if o.Status.FrozenTime == nil {
		t.Error("it is not said when the audience was frozen")
	}
	eventually(t, early, approvalSays(crm.ConditionStalled, crm.ReasonDigestMismatch, "the plan of the Outreach "+o.Name+" is "+o.Status.PlanDigest))
	expectEvent(t, early, crm.ReasonDigestMismatch, meta.FindStatusCondition(early.Status.Conditions, crm.ConditionStalled).Message)
	used := approvalOf(o, "-used", o.Status.PlanDigest, crm.DecisionApproved)
	create(t, used)
	eventually(t, used, approvalSays(crm.ConditionReady, crm.ReasonReady, "Approves the plan"))
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	expectEvent(t, o, "Sending", "Sending begins: 3 are pending.")
	late := approvalOf(o, "-late", o.Status.PlanDigest, crm.DecisionDenied)
	create(t, late)
	eventually(t, late, approvalSays(crm.ConditionStalled, crm.ReasonDeniedTooLate, "set spec.cancel: true"))

	update(t, o, func(o *crm.Outreach) { o.Spec.Suspend = ptr.To(true) })
	eventually(t, o, outreachSays(crm.OutreachPaused, crm.ConditionReady, "Paused", ""))
	expectEvent(t, o, "Paused", "Paused until spec.suspend is removed: what is under way is finished, and nothing is lost.")
	update(t, o, func(o *crm.Outreach) { o.Spec.Suspend = nil })
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	expectEvent(t, o, "Sending", "Sending goes on: 0 were sent, 3 are pending.")
	p.work("told")
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachCompleted, crm.ConditionComplete, "Completed", ""))
	expectEvent(t, o, "Completed", "3 were sent, 0 failed, 0 were not due any more.")
	for column, want := range map[string]string{"Name": o.Name, "Phase": "Completed", "Recipients": "3", "Sent": "3", "Failed": "0", "Ready": "True", "Age": ""} {
		if got, is := columnOf(t, o, column); !is || want != "" && got != want {
			t.Errorf("the column %s says %q, want %q", column, got, want)
		}
	}

	// What the worker measured came by way of the store, and ends with the Outreach.
	own := map[string]string{"namespace": o.Namespace, "name": o.Name}
	if windows := windowsTold(t, o); windows != 1 {
		t.Errorf("of %d windows the metrics know, want the one that was sent", windows)
	}
	if settling, _ := sumOf(t, registry, "fairlead_outreach_settling_seconds_total", own); settling <= 0 {
		t.Errorf("the store took %v seconds", settling)
	}
	if sent, _ := sumOf(t, registry, "fairlead_outreach_messages", map[string]string{"namespace": o.Namespace, "name": o.Name, "state": "sent"}); sent != 3 {
		t.Errorf("the metrics know %v sent messages", sent)
	}
	remove(t, o)
	poll(t, "the series end with the Outreach", func(context.Context) (bool, error) {
		series := 0
		for _, name := range []string{"fairlead_outreach_phase", "fairlead_outreach_window_duration_seconds", "fairlead_outreach_settling_seconds_total"} {
			_, left := sumOf(t, registry, name, own)
			series += left
		}
		return series == 0, nil
	})
	eventually(t, used, approvalSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "does not exist yet"))
}

// windowsTold is how many windows of a run the metrics know.
func windowsTold(t *testing.T, o *crm.Outreach) (count uint64) {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "fairlead_outreach_window_duration_seconds" {
			continue
		}
		for _, m := range family.GetMetric() {
			for _, label := range m.GetLabel() {
				if label.GetValue() == o.Name {
					count += m.GetHistogram().GetSampleCount()
				}
			}
		}
	}
	return count
}

// columnOf is what kubectl prints of an Outreach; false if there is no such column.
func columnOf(t *testing.T, o *crm.Outreach, column string) (text string, is bool) {
	t.Helper()
	config := rest.CopyConfig(server.Config)
	config.GroupVersion, config.APIPath, config.NegotiatedSerializer = &crm.GroupVersion, "/apis", serializer.NewCodecFactory(server.Scheme).WithoutConversion()
	api, err := rest.RESTClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	data, err := api.Get().Namespace(o.Namespace).Resource("outreaches").Name(o.Name).SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var table metav1.Table
	if err := json.Unmarshal(data, &table); err != nil {
		t.Fatal(err)
	}
	for i, definition := range table.ColumnDefinitions {
		// What has a higher number is printed by -o wide alone.
		if definition.Name == column && definition.Priority == 0 {
			return fmt.Sprint(table.Rows[0].Cells[i]), true
		}
	}
	return "", false
}

func testOutreachIsToldWhenHalted(t *testing.T, p *post) {
	if err := p.sink.SetFault(mailsink.Fault{Kind: mailsink.RejectRecipient, Code: 550}); err != nil {
		t.Fatal(err)
	}
	o := p.letter("halted", func(o *crm.Outreach) {
		o.Spec.Guardrails = &crm.Guardrails{Halt: &crm.Halt{FailurePercent: 50, MinimumSample: 1}}
	})
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", ""))
	p.work("halted")
	askAgain(t, o)
	eventually(t, o, outreachSays(crm.OutreachHalted, crm.ConditionReady, "Halted", "3 of 3 messages failed"))
	expectEvent(t, o, "Halted", "Halted: 3 of 3 messages failed, which is more than 50 %. See why, and cancel the run, or create another one for the rest.")
	update(t, o, func(o *crm.Outreach) { o.Spec.Cancel = ptr.To(true) })
	eventually(t, o, outreachSays(crm.OutreachCancelled, crm.ConditionComplete, "Cancelled", ""))
	expectEvent(t, o, "Cancelled", "Cancelled: what was not sent is not sent any more. 0 were sent.")
}

// testApprovalOfAPlanThatIsHeldUp: there is a plan before the phase is another one.
func testApprovalOfAPlanThatIsHeldUp(t *testing.T, p *post) {
	channel := &crm.OutreachChannel{ObjectMeta: metav1.ObjectMeta{Namespace: p.channel.Namespace, Name: "later"}, Spec: p.channel.Spec}
	o := p.letter("held-up", func(o *crm.Outreach) {
		o.Spec.Outreach.ChannelName = crm.ObjectName(channel.Name)
		o.Spec.Outreach.CostPerMessage = &crm.Money{Amount: "0.50", Currency: "EUR"}
		o.Spec.Guardrails = &crm.Guardrails{Budget: &crm.Money{Amount: "9", Currency: "GBP"}}
	})
	a := approvalOf(o, "", "sha256:"+strings.Repeat("0", 64), crm.DecisionApproved)
	create(t, a)
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachPlanning, crm.ConditionReconciling, crm.ReasonReferenceNotReady, ""))
	eventually(t, a, approvalSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "has no plan yet"))
	create(t, channel)
	eventually(t, o, outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonBudgetNotComparable, ""))
	eventually(t, a, approvalSays(crm.ConditionStalled, crm.ReasonDigestMismatch, o.Status.PlanDigest))
}

// testOutreachIsToldOfALongMistake: what is too long for an event is cut, and not lost.
func testOutreachIsToldOfALongMistake(t *testing.T, p *post) {
	o := p.letter("mistaken", func(o *crm.Outreach) {
		o.Spec.Outreach.Messages[0].Text = strings.Repeat("{{ .Contact.Nam }}\n", 40)
	})
	create(t, o)
	eventually(t, o, outreachSays(crm.OutreachPlanning, crm.ConditionStalled, crm.ReasonInvalidTemplate, "Nam"))
	whole := meta.FindStatusCondition(o.Status.Conditions, crm.ConditionStalled).Message
	if len(whole) <= 1024 {
		t.Fatalf("the message is no longer than an event may be: %s", whole)
	}
	expectEvent(t, o, crm.ReasonInvalidTemplate, whole[:1020]+" ...")
}
