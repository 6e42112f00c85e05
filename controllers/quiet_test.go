package controllers_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// jobsOf counts the Jobs of an Outreach.
func jobsOf(t *testing.T, o *crm.Outreach) (count int) {
	t.Helper()
	var jobs batchv1.JobList
	if err := server.Client.List(t.Context(), &jobs, client.InNamespace(o.Namespace)); err != nil {
		t.Fatal(err)
	}
	for i := range jobs.Items {
		if metav1.IsControlledBy(&jobs.Items[i], o) {
			count++
		}
	}
	return count
}

// noJobUntil: no pod waits for a moment; it has come when the clock is set to it.
func noJobUntil(t *testing.T, o *crm.Outreach, at time.Time, waiting int64) {
	t.Helper()
	eventually(t, o, outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", fmt.Sprintf("0 messages are to be tried again later, and %d wait for their time", waiting)))
	if m := o.Status.Messages; m.Pending != 0 || m.Deferred != waiting {
		t.Errorf("counted are %+v", m)
	}
	if o.Status.NextAttemptTime == nil || !o.Status.NextAttemptTime.Time.Equal(at) || o.Status.Attempts != 0 || jobsOf(t, o) != 0 {
		t.Errorf("the next attempt is at %v, want %s; there are %d Jobs, and the status is %+v", o.Status.NextAttemptTime, at, jobsOf(t, o), o.Status)
	}
	clock.SetTime(at.Add(-time.Second))
	askAgain(t, o)
	update(t, o, func(o *crm.Outreach) { o.Spec.Parallelism = 2 })
	eventually(t, o, func(o *crm.Outreach) bool { return o.Status.ObservedGeneration == o.Generation })
	if o.Status.Attempts != 0 || jobsOf(t, o) != 0 {
		t.Errorf("a second before there are %d Jobs, and the status is %+v", jobsOf(t, o), o.Status)
	}
	clock.SetTime(at)
	askAgain(t, o)
	eventually(t, o, func(o *crm.Outreach) bool { return o.Status.Attempts == 1 && jobsOf(t, o) == 1 })
	if !outreachSays(crm.OutreachSending, crm.ConditionReady, "Sending", "Workers send")(o) || o.Status.NextAttemptTime != nil {
		t.Errorf("once it is time the status is %+v", o.Status)
	}
}

// testOutreachQuiet: while it is quiet wherever recipients are no Job is started.
func testOutreachQuiet(t *testing.T, p *post) {
	start := clock.Now()
	t.Cleanup(func() { clock.SetTime(start) })
	before := p.policy.Spec.DeepCopy()
	clock.SetTime(time.Date(2026, 7, 21, 21, 30, 0, 0, time.UTC))
	update(t, p.policy, func(policy *crm.ContactPolicy) {
		policy.Spec.Topics[0].LegalBasis, policy.Spec.QuietHours = crm.LegalBasisLegitimateInterest, &crm.QuietHours{From: "20:00", To: "08:00"}
	})
	eventually(t, p.policy, policySays(crm.ReasonReady, "Binds every message"))
	o := p.letter("by-night", nil)
	create(t, o)
	noJobUntil(t, o, time.Date(2026, 7, 22, 8, 0, 0, 0, time.UTC), 3)
	update(t, p.policy, func(policy *crm.ContactPolicy) { policy.Spec = *before })
	p.end(o)
}

// testRuleAnniversary: a run of which nobody's hour has come starts no Job.
func testRuleAnniversary(t *testing.T, p *post) {
	start := clock.Now()
	t.Cleanup(func() { clock.SetTime(start) })
	day := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	founded := time.Date(1948, day.Month(), day.Day(), 0, 0, 0, 0, time.UTC).UnixMilli()
	const founding = `UPDATE party SET kind = 'Organization', born = CASE WHEN name IN ('Falcon', 'Merlin') THEN FOUNDED END`
	if statement := strings.Replace(founding, "FOUNDED", strconv.FormatInt(founded, 10), 1); strings.HasPrefix(p.url, "sqlite:") {
		say(t, raw(t, p.url), statement)
	} else {
		execute(t, p.url, statement)
	}
	rule := p.rule("founded", crm.Trigger{Anniversary: &crm.AnniversaryTrigger{Field: "FoundingDay", At: "23:00"}}, func(rule *crm.CampaignRule) { rule.Spec.OutreachHistoryLimit = ptr.To[int32](0) })
	// By now the day of yesterday is over everywhere.
	clock.SetTime(day.Add(12 * time.Hour))
	create(t, rule)
	eventually(t, rule, func(rule *crm.CampaignRule) bool { return rule.Status.LastOutreachName != "" })
	o := &crm.Outreach{ObjectMeta: metav1.ObjectMeta{Namespace: rule.Namespace, Name: string(rule.Status.LastOutreachName)}}
	noJobUntil(t, o, day.Add(23*time.Hour), 2)
	if o.Status.Audience.Recipients != 2 {
		t.Errorf("written to are %+v", o.Status.Audience)
	}
	remove(t, rule)
	remove(t, o)
}
