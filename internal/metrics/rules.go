package metrics

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// ofOccurrence is a metric of the moment of an occurrence; there is none where that is not known.
func ofOccurrence(name, help string, of func(crm.CampaignRuleStatus) *metav1.Time) family[*crm.CampaignRule] {
	return family[*crm.CampaignRule]{name: name, help: help, each: func(r *crm.CampaignRule, emit func(float64, ...string)) {
		if moment := of(r.Status); moment != nil {
			emit(float64(moment.Unix()))
		}
	}}
}

// ran tells whether there is anything to sum up. A thousand rules that wait for their first day have
// no series of zeros that every scrape would have to carry.
func ran(r *crm.CampaignRule) bool { return r.Status.Totals != nil && r.Status.Totals.Outreaches > 0 }

// ofTotals is a metric of what all runs of a rule came to.
func ofTotals(name, help string, of func(*crm.CampaignTotals) int64) family[*crm.CampaignRule] {
	return family[*crm.CampaignRule]{name: name, help: help, each: func(r *crm.CampaignRule, emit func(float64, ...string)) {
		if ran(r) {
			emit(float64(of(r.Status.Totals)))
		}
	}}
}

var ruleFamilies = []family[*crm.CampaignRule]{
	{name: "fairlead_campaignrule_ready", help: "1 while the rule is ready, 0 while it waits for something that it names, or a mistake has to be mended. One that is suspended is ready.", each: func(r *crm.CampaignRule, emit func(float64, ...string)) {
		emit(truth(meta.IsStatusConditionTrue(r.Status.Conditions, crm.ConditionReady)))
	}},
	ofOccurrence("fairlead_campaignrule_next_occurrence_timestamp_seconds", "When the rule is due next, where that can be known.", func(s crm.CampaignRuleStatus) *metav1.Time { return s.NextOccurrence }),
	ofOccurrence("fairlead_campaignrule_last_occurrence_timestamp_seconds", "When the last run was due.", func(s crm.CampaignRuleStatus) *metav1.Time { return s.LastOccurrence }),
	{name: "fairlead_campaignrule_missed_occurrences", help: "Occurrences that were due, and not begun within the starting deadline: nothing is sent for them. A show that moves may take one back.", each: func(r *crm.CampaignRule, emit func(float64, ...string)) {
		if r.Status.Missed != nil {
			emit(float64(*r.Status.Missed))
		}
	}},
	ofTotals("fairlead_campaignrule_outreaches", "Runs of the rule in the store; like the figures of runs that follow it has no series before the first.", func(t *crm.CampaignTotals) int64 { return t.Outreaches }),
	{name: "fairlead_campaignrule_messages", help: "Messages of all runs by state: sent, failed. Brought up to date when a run is through.", labels: []string{"state"}, each: func(r *crm.CampaignRule, emit func(float64, ...string)) {
		if ran(r) {
			emit(float64(r.Status.Totals.Sent), "sent")
			emit(float64(r.Status.Totals.Failed), "failed")
		}
	}},
	ofTotals("fairlead_campaignrule_suppressed_recipients", "Recipients of all runs who were not written to for want of a consent, by suppression or by a cap.", func(t *crm.CampaignTotals) int64 { return t.Suppressed }),
	ofTotals("fairlead_campaignrule_held_out_customers", "Customers of all runs who were held out, so that the effect can be measured.", func(t *crm.CampaignTotals) int64 { return t.HeldOut }),
}
