package metrics

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// runPhases in the order of a run.
var runPhases = []crm.OutreachPhase{
	crm.OutreachPlanning, crm.OutreachAwaitingApproval, crm.OutreachSending, crm.OutreachPaused,
	crm.OutreachHalted, crm.OutreachCompleted, crm.OutreachCancelled, crm.OutreachFailed,
}

// ofMoment is a metric of a moment in a run; there is none before.
func ofMoment(name, help string, of func(crm.OutreachStatus) *metav1.Time) family[*crm.Outreach] {
	return family[*crm.Outreach]{name: name, help: help, each: func(o *crm.Outreach, emit func(float64, ...string)) {
		if moment := of(o.Status); moment != nil {
			emit(float64(moment.Unix()))
		}
	}}
}

// ofAudience is a metric of the frozen audience.
func ofAudience(name, help string, of func(*crm.AudienceStatus) int64) family[*crm.Outreach] {
	return family[*crm.Outreach]{name: name, help: help, each: func(o *crm.Outreach, emit func(float64, ...string)) {
		if o.Status.Audience != nil {
			emit(float64(of(o.Status.Audience)))
		}
	}}
}

var outreachFamilies = []family[*crm.Outreach]{
	{name: "fairlead_outreach_phase", help: "1 for the phase that the run is in, 0 for the others.", labels: []string{"phase"}, each: func(o *crm.Outreach, emit func(float64, ...string)) {
		for _, phase := range runPhases {
			emit(truth(o.Status.Phase == phase), string(phase))
		}
	}},
	{name: "fairlead_outreach_ready", help: "1 while the Outreach is ready, 0 while it waits for something that it names, its Job failed, or a mistake has to be mended. One that is paused, halted or waits for an approval is ready.", each: func(o *crm.Outreach, emit func(float64, ...string)) {
		emit(truth(meta.IsStatusConditionTrue(o.Status.Conditions, crm.ConditionReady)))
	}},
	ofAudience("fairlead_outreach_matched_customers", "Customers who match the audience.", func(a *crm.AudienceStatus) int64 { return a.Matched }),
	ofAudience("fairlead_outreach_recipients", "Persons who are written to.", func(a *crm.AudienceStatus) int64 { return a.Recipients }),
	{name: "fairlead_outreach_dropped_recipients", help: "Customers or persons who are not written to, by reason.", labels: []string{"reason"}, each: func(o *crm.Outreach, emit func(float64, ...string)) {
		if o.Status.Audience == nil {
			return
		}
		for _, dropped := range o.Status.Audience.Dropped {
			emit(float64(dropped.Count), string(dropped.Reason))
		}
	}},
	{name: "fairlead_outreach_messages", help: "Messages by state: pending, sent, failed, deferred, skipped, unknown. Brought up to date at most every ten seconds.", labels: []string{"state"}, each: func(o *crm.Outreach, emit func(float64, ...string)) {
		m := o.Status.Messages
		if m == nil {
			return
		}
		for _, state := range []struct {
			name  string
			count int64
		}{{"pending", m.Pending}, {"sent", m.Sent}, {"failed", m.Failed}, {"deferred", m.Deferred}, {"skipped", m.Skipped}, {"unknown", m.Unknown}} {
			emit(float64(state.count), state.name)
		}
	}},
	{name: "fairlead_outreach_attempts", help: "Jobs that were started for the run.", each: func(o *crm.Outreach, emit func(float64, ...string)) {
		emit(float64(o.Status.Attempts))
	}},
	ofMoment("fairlead_outreach_frozen_timestamp_seconds", "When the audience was frozen. A run that waits for an approval does so since then.", func(s crm.OutreachStatus) *metav1.Time { return s.FrozenTime }),
	ofMoment("fairlead_outreach_start_timestamp_seconds", "When sending began. What is pending is so since then.", func(s crm.OutreachStatus) *metav1.Time { return s.StartTime }),
	ofMoment("fairlead_outreach_next_attempt_timestamp_seconds", "When the next Job starts, while one is due later.", func(s crm.OutreachStatus) *metav1.Time { return s.NextAttemptTime }),
	ofMoment("fairlead_outreach_completion_timestamp_seconds", "When the run became final.", func(s crm.OutreachStatus) *metav1.Time { return s.CompletionTime }),
}
