//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// plugin calls fairlead as kubectl calls a plugin.
func plugin(t *testing.T, args ...string) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(absolute(t, "../../dist/fairlead"), filepath.Join(folder, "kubectl-fairlead")); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "kubectl", append([]string{"fairlead"}, args...)...)
	command.Env = append(os.Environ(), "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl fairlead %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// rule declares a letter that is due since today, by a show that opens tomorrow.
func (m *mailing) rule(name string, change func(*crm.CampaignRule)) *crm.CampaignRule {
	expiry := int64(3600)
	rule := &crm.CampaignRule{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.namespace, Name: name},
		Spec: crm.CampaignRuleSpec{
			StoreName: "crm", Objective: crm.ObjectiveRetain, Audience: crm.Audience{Include: []crm.SegmentReference{{SegmentName: "all"}}},
			Trigger: crm.Trigger{Exhibition: &crm.ExhibitionTrigger{Series: "Airshow", Anchor: crm.AnchorOpens, OffsetDays: -2, At: "00:00"}, StartingDeadlineSeconds: 7 * 86400},
			Outreach: crm.MessagePlan{
				ChannelName: "mail", Topic: "promotions", ExpireAfterSeconds: expiry,
				Messages: []crm.Message{{Locale: "en", Subject: "{{ .Exhibition.Title }} opens", Text: "Dear {{ .Contact.Name }}"}},
			},
			Guardrails: &crm.Guardrails{HoldoutPercent: 10},
		},
	}
	if change != nil {
		change(rule)
	}
	return rule
}

// TestRules has two rules become due that write to the same firms: nobody hears of both, who is held
// out hears nothing, and a rule that is deleted and applied again sends nothing.
func TestRules(t *testing.T) {
	m := newMailing(t)
	// Other tests write to the same firms.
	before, allBefore := m.count(t)
	tomorrow := time.Now().AddDate(0, 0, 1)
	edition := &crm.Exhibition{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.namespace, Name: "airshow-next"},
		Spec: crm.ExhibitionSpec{
			StoreName: "crm", Series: "Airshow", Edition: "Next", Title: "Airshow Next", Venue: crm.Venue{TimeZone: "Europe/London"},
			Opens: crm.Date(tomorrow.Format(time.DateOnly)), Closes: crm.Date(tomorrow.AddDate(0, 0, 4).Format(time.DateOnly)),
		},
	}
	asked := m.rule("invite", func(rule *crm.CampaignRule) { rule.Spec.Guardrails.Approval = crm.ApprovalAlways })
	unasked := m.rule("remind", nil)
	for _, object := range []client.Object{edition, asked, unasked} {
		if err := cluster.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	letter, reminder := &crm.Outreach{}, &crm.Outreach{}
	eventually(t, func(ctx context.Context) error {
		for rule, made := range map[*crm.CampaignRule]*crm.Outreach{asked: letter, unasked: reminder} {
			if err := cluster.Get(ctx, client.ObjectKeyFromObject(rule), rule); err != nil || rule.Status.LastOutreachName == "" {
				return fmt.Errorf("the rule is %+v: %w", rule.Status, err)
			}
			if err := cluster.Get(ctx, client.ObjectKey{Namespace: m.namespace, Name: string(rule.Status.LastOutreachName)}, made); err != nil {
				return err
			}
		}
		if letter.Status.Phase != crm.OutreachAwaitingApproval {
			return fmt.Errorf("the Outreach is %+v", letter.Status)
		}
		return nil
	})
	approved := time.Now()
	if out := plugin(t, "approve", letter.Name, "-n", m.namespace); !strings.Contains(out, " created: approved by ") {
		t.Errorf("the plugin says %s", out)
	}
	m.firstMessages(t, &started{rule: unasked, letter: reminder}, &started{rule: asked, letter: letter, approved: approved})
	var sent, skipped int64
	for _, rule := range []*crm.CampaignRule{asked, unasked} {
		eventually(t, func(ctx context.Context) error {
			if err := cluster.Get(ctx, client.ObjectKeyFromObject(rule), rule); err != nil {
				return err
			}
			o := &crm.Outreach{}
			if err := cluster.Get(ctx, client.ObjectKey{Namespace: m.namespace, Name: string(rule.Status.LastOutreachName)}, o); err != nil {
				return err
			}
			if o.Status.Phase != crm.OutreachCompleted || rule.Status.Totals == nil || rule.Status.Totals.Sent != o.Status.Messages.Sent {
				return fmt.Errorf("the Outreach %s is %+v, and the rule %+v", o.Name, o.Status, rule.Status)
			}
			return nil
		})
		if rule.Status.Totals.HeldOut == 0 {
			t.Errorf("nobody was held out of %s", rule.Name)
		}
		sent, skipped = sent+rule.Status.Totals.Sent, skipped+rule.Status.Totals.Suppressed
	}
	t.Log(kubectl(t, "get", "crule,out", "-n", m.namespace, "-o", "wide"))
	each, all := m.count(t)
	for address := range each {
		if mails := each[address] - before[address]; mails > 1 {
			t.Errorf("%s got %d mails", address, mails)
		}
	}
	all -= allBefore
	if int64(all) != sent || skipped == 0 || all <= firms/2 {
		t.Errorf("%d mails came, the ledgers have %d sent and %d capped", all, sent, skipped)
	}
	// Deleted, with its Outreaches, and applied again.
	kubectl(t, "delete", "crule", asked.Name, "-n", m.namespace, "--cascade=foreground")
	again := m.rule("invite", func(rule *crm.CampaignRule) { rule.Spec.Guardrails.Approval = crm.ApprovalAlways })
	if err := cluster.Create(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	condition(t, again, func() []metav1.Condition { return again.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	eventually(t, func(ctx context.Context) error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(again), again); err != nil || again.Status.Totals == nil || again.Status.Totals.Sent != asked.Status.Totals.Sent {
			return fmt.Errorf("the rule is %+v: %w", again.Status, err)
		}
		return nil
	})
	var outreaches crm.OutreachList
	if err := cluster.List(t.Context(), &outreaches, client.InNamespace(m.namespace)); err != nil {
		t.Fatal(err)
	}
	for _, o := range outreaches.Items {
		if string(o.Spec.RuleName) == again.Name {
			t.Errorf("the rule that was applied again has the Outreach %s", o.Name)
		}
	}
	if _, now := m.count(t); now-allBefore != all {
		t.Errorf("%d mails came of it", now-allBefore-all)
	}
}

// started is what is known of how a letter of a rule began.
type started struct {
	rule   *crm.CampaignRule
	letter *crm.Outreach
	// approved is when a person did; zero if nobody had to.
	approved time.Time
	// job and pod are when they were created, and running when its container began, all in whole
	// seconds; seen is when that was seen here, which is finer and a little late.
	job, pod, running, seen time.Time
	told                    bool
}

// firstMessages tells how long letters of rules took from when they were due, which is when the rule
// was created or their dueTime, whichever is later, to their Outreach, their Job, its container and
// their first message. No time is a failure.
func (m *mailing) firstMessages(t *testing.T, letters ...*started) {
	t.Helper()
	eventually(t, func(ctx context.Context) error {
		for _, s := range letters {
			if s.told {
				continue
			}
			if err := m.look(ctx, s); err != nil {
				return err
			}
			var settled *int64
			if err := m.db.QueryRowContext(ctx, `SELECT min(o.at) FROM outreach_outcome o JOIN outreach_run r ON r.id = o.run_id WHERE r.run_key = $1 AND o.state = 'Sent'`, s.letter.Spec.RunKey).Scan(&settled); err != nil {
				return err
			}
			if settled != nil && !s.running.IsZero() {
				s.tell(t, time.UnixMilli(*settled))
			}
		}
		for _, s := range letters {
			if !s.told {
				return fmt.Errorf("nothing has been sent of %s", s.letter.Name)
			}
		}
		return nil
	})
}

// look looks how far a letter is.
func (m *mailing) look(ctx context.Context, s *started) error {
	var jobs batchv1.JobList
	var pods corev1.PodList
	for _, list := range []client.ObjectList{&jobs, &pods} {
		if err := cluster.List(ctx, list, client.InNamespace(m.namespace), client.MatchingLabels{"crm.fairlead.dev/outreach": s.letter.Name}); err != nil {
			return err
		}
	}
	for i := range jobs.Items {
		s.job = first(s.job, jobs.Items[i].CreationTimestamp.Time)
	}
	for i := range pods.Items {
		s.pod = first(s.pod, pods.Items[i].CreationTimestamp.Time)
		for _, c := range pods.Items[i].Status.ContainerStatuses {
			switch {
			case c.State.Running != nil:
				s.running = first(s.running, c.State.Running.StartedAt.Time)
			case c.State.Terminated != nil:
				s.running = first(s.running, c.State.Terminated.StartedAt.Time)
			}
		}
	}
	if s.seen.IsZero() && !s.running.IsZero() {
		s.seen = time.Now()
	}
	return nil
}

// tell logs how long it took until the first message was settled.
func (s *started) tell(t *testing.T, settled time.Time) {
	t.Helper()
	s.told = true
	due := s.rule.CreationTimestamp.Time
	if s.letter.Spec.DueTime != nil && s.letter.Spec.DueTime.After(due) {
		due = s.letter.Spec.DueTime.Time
	}
	after := func(since, at time.Time) string { return fmt.Sprintf("%.2f s", at.Sub(since).Seconds()) }
	t.Logf("%s was due at %s; its Outreach came %s after that, its Job %s after that, its pod %s after the Job, and its container %s after the pod",
		s.letter.Name, due.Format(time.TimeOnly), after(due, s.letter.CreationTimestamp.Time), after(due, s.job), after(s.job, s.pod), after(s.pod, s.running))
	t.Logf("%s: the first message was settled %s after it was due, %s after the Job, %s after the container began and %s after that was seen",
		s.letter.Name, after(due, settled), after(s.job, settled), after(s.running, settled), after(s.seen, settled))
	if !s.approved.IsZero() {
		t.Logf("%s: that is %s after the approval", s.letter.Name, after(s.approved, settled))
	}
}

// first is the earlier of two moments, of which the first may be unknown.
func first(known, other time.Time) time.Time {
	if known.IsZero() || other.Before(known) {
		return other
	}
	return known
}
