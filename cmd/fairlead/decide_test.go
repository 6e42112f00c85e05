package main

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/test/apiserver"
)

// TestDecisions: whoever calls is who approves, and of the plan that there is.
func TestDecisions(t *testing.T) {
	server := apiserver.New(t)
	plan := "sha256:" + strings.Repeat("6f", 32)
	letter := &crm.Outreach{ObjectMeta: metav1.ObjectMeta{Namespace: expo, Name: "notice"}, Spec: crm.OutreachSpec{
		StoreName: "crm", RunKey: "notice", Audience: &crm.Audience{Include: []crm.SegmentReference{{SegmentName: "all"}}},
		Outreach: &crm.MessagePlan{ChannelName: "mail", Topic: "service", Messages: []crm.Message{{Locale: "en", Subject: "x", Text: "x"}}},
	}}
	create(t, server, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: expo}}, letter)
	config := kubeconfigAs(t, server, "")
	phase := func(phase crm.OutreachPhase, digest string) {
		t.Helper()
		letter.Status.Phase, letter.Status.PlanDigest = phase, digest
		if err := server.Client.Status().Update(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(says string, args ...string) {
		t.Helper()
		if code, out, said := runCaptured(t, append(args, "--kubeconfig", config)...); code == exitOK || out != "" || !strings.Contains(said, says) {
			t.Errorf("%v: exit code %d, it printed %q and said %s", args, code, out, said)
		}
	}
	refused("which Outreach? Pass its name", "approve")
	refused("namespace expo has no Outreach called other", "approve", "other")
	refused("has no plan yet", "approve", "notice")
	phase(crm.OutreachSending, plan)
	refused("waits for no decision: it is Sending", "deny", "notice")
	phase(crm.OutreachAwaitingApproval, plan)
	refused("the plan of the Outreach notice is "+plan, "approve", "notice", "--digest", "sha256:"+strings.Repeat("00", 32))

	if out := must(t, exitOK, "approve", "notice", "--kubeconfig", config, "--digest", plan); !strings.HasPrefix(out, "outreachapproval.crm.fairlead.dev/notice-") || !strings.Contains(out, " created: approved by ") {
		t.Errorf("it printed %s", out)
	}
	must(t, exitOK, "deny", "notice", "--kubeconfig", config)
	var approvals crm.OutreachApprovalList
	if err := server.Client.List(context.Background(), &approvals, client.InNamespace(expo)); err != nil {
		t.Fatal(err)
	}
	decided := map[crm.Decision]bool{}
	for _, a := range approvals.Items {
		decided[a.Spec.Decision] = a.Spec.OutreachName == "notice" && a.Spec.PlanDigest == plan && a.Spec.ApprovedBy != ""
	}
	if !decided[crm.DecisionApproved] || !decided[crm.DecisionDenied] {
		t.Errorf("the decisions are %+v", approvals.Items)
	}

	for _, step := range []struct {
		command         string
		suspend, cancel bool
	}{{"pause", true, false}, {"resume", false, false}, {"cancel", false, true}} {
		if out := must(t, exitOK, step.command, "notice", "--kubeconfig", config); !strings.HasPrefix(out, "outreach.crm.fairlead.dev/notice ") {
			t.Errorf("it printed %s", out)
		}
		if err := server.Client.Get(t.Context(), client.ObjectKeyFromObject(letter), letter); err != nil {
			t.Fatal(err)
		}
		if ptr.Deref(letter.Spec.Suspend, false) != step.suspend || ptr.Deref(letter.Spec.Cancel, false) != step.cancel {
			t.Errorf("%s: the Outreach is %+v", step.command, letter.Spec)
		}
	}
	phase(crm.OutreachHalted, plan)
	for _, command := range []string{"pause", "resume"} {
		refused("the Outreach notice is halted, since too much of it failed, and does not go on: kubectl describe outreach -n expo notice says why; cancel it with kubectl fairlead cancel -n expo notice,", command, "notice")
	}
	must(t, exitOK, "cancel", "notice", "--kubeconfig", config)
	phase(crm.OutreachCancelled, plan)
	refused("the Outreach notice is through: it is Cancelled", "pause", "notice")
}
