package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Reasons of a CampaignRule beside the shared ones.
const (
	// ReasonInvalidSchedule says that a cron line does not parse or never fires.
	ReasonInvalidSchedule = "InvalidSchedule"
	// ReasonUnknownMilestone says that no edition of the series has the anchor as
	// a milestone.
	ReasonUnknownMilestone = "UnknownMilestone"
	// ReasonDuplicateRunKeyPrefix says that an older CampaignRule of the store has
	// the same runKeyPrefix. Mend it by choosing another.
	ReasonDuplicateRunKeyPrefix = "DuplicateRunKeyPrefix"
	// ReasonFactNotRecorded says that a store does not record the fact that triggers
	// the rule. Mend it by naming another.
	ReasonFactNotRecorded = "FactNotRecorded"
	// ReasonExhibitionOver says that the Exhibition of the rule has ended or was
	// cancelled, so that nothing becomes due any more.
	ReasonExhibitionOver = "ExhibitionOver"
	// ReasonDue is the reason of the event that tells of an occurrence which began.
	ReasonDue = "Due"
	// ReasonMissed is the reason of the event that tells of occurrences which were not
	// begun within the starting deadline.
	ReasonMissed = "Missed"
)

// Objective is what a campaign is for: the four Rs and winning new customers
// (map rows C1-C4, F10).
//
// +kubebuilder:validation:Enum=Acquire;Retain;Relate;Recommend;Recover
type Objective string

// The objectives.
const (
	ObjectiveAcquire   Objective = "Acquire"
	ObjectiveRetain    Objective = "Retain"
	ObjectiveRelate    Objective = "Relate"
	ObjectiveRecommend Objective = "Recommend"
	ObjectiveRecover   Objective = "Recover"
)

// CampaignRuleSpec declares when something is due, who hears what, through which
// channel and within which limits.
//
// +kubebuilder:validation:XValidation:rule="self.storeName == oldSelf.storeName",fieldPath=".storeName",message="storeName is immutable: create another CampaignRule instead"
// +kubebuilder:validation:XValidation:rule="has(self.runKeyPrefix) == has(oldSelf.runKeyPrefix) && (!has(self.runKeyPrefix) || self.runKeyPrefix == oldSelf.runKeyPrefix)",fieldPath=".runKeyPrefix",message="runKeyPrefix is immutable, also adding or removing it: it is how the store knows what was sent already"
type CampaignRuleSpec struct {
	// storeName is the CustomerStore whose customers are meant. Immutable.
	//
	// +required
	StoreName ObjectName `json:"storeName"`

	// objective of the campaign.
	//
	// +required
	Objective Objective `json:"objective"`

	// description for people.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Description string `json:"description,omitempty"`

	// audience of every run.
	//
	// +required
	Audience Audience `json:"audience"`

	// trigger says when a run is due.
	//
	// +required
	Trigger Trigger `json:"trigger"`

	// outreach is what the audience hears.
	//
	// +required
	Outreach MessagePlan `json:"outreach"`

	// guardrails of every run. Default: no limit but the store's.
	//
	// +optional
	Guardrails *Guardrails `json:"guardrails,omitempty"`

	// deliveryGuarantee of every message.
	//
	// +optional
	// +kubebuilder:default=AtMostOnce
	DeliveryGuarantee DeliveryGuarantee `json:"deliveryGuarantee,omitempty"`

	// concurrencyPolicy says whether a run may begin while an earlier one of the
	// rule is not final.
	//
	// +optional
	// +kubebuilder:default=Forbid
	ConcurrencyPolicy ConcurrencyPolicy `json:"concurrencyPolicy,omitempty"`

	// runKeyPrefix begins the key of every run in the store: a rule that is deleted
	// and created again under the same prefix sends nothing twice. Immutable.
	// Default: the name of the rule.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9._]*[a-z0-9])?$')",message="must have only lower-case letters, digits, '-', '.' and '_', and no '/'"
	RunKeyPrefix string `json:"runKeyPrefix,omitempty"`

	// outreachHistoryLimit is how many final Outreach objects of the rule are kept.
	//
	// +optional
	// +kubebuilder:default=5
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	OutreachHistoryLimit *int32 `json:"outreachHistoryLimit,omitempty"`

	// suspend makes nothing due while true; a run that began goes on.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// ConcurrencyPolicy is what happens to a due run while an earlier one goes on.
//
// +kubebuilder:validation:Enum=Allow;Forbid
type ConcurrencyPolicy string

// The concurrency policies.
const (
	// ConcurrencyAllow lets runs of one rule overlap.
	ConcurrencyAllow ConcurrencyPolicy = "Allow"
	// ConcurrencyForbid lets a due run wait within its starting deadline.
	ConcurrencyForbid ConcurrencyPolicy = "Forbid"
)

// CampaignRuleStatus is what is known of the rule.
type CampaignRuleStatus struct {
	ObservedStatus `json:",inline"`

	// nextOccurrence is when the next run is due, where that can be known.
	//
	// +optional
	NextOccurrence *metav1.Time `json:"nextOccurrence,omitempty"`

	// lastOccurrence is when the last run was due.
	//
	// +optional
	LastOccurrence *metav1.Time `json:"lastOccurrence,omitempty"`

	// lastOutreachName is the Outreach of the last run.
	//
	// +optional
	LastOutreachName ObjectName `json:"lastOutreachName,omitempty"`

	// missed runs: due, but not begun within the starting deadline.
	//
	// +optional
	Missed *int64 `json:"missed,omitempty"`

	// totals over all runs of the rule.
	//
	// +optional
	Totals *CampaignTotals `json:"totals,omitempty"`

	// effect of the rule's runs, as far as it can be measured: absent until a run
	// that held somebody out is old enough. Looked at once a day at most.
	//
	// +optional
	Effect *CampaignEffect `json:"effect,omitempty"`
}

// CampaignEffect compares customers who were written to with those of the holdout,
// over all runs that are old enough (map row I7).
type CampaignEffect struct {
	// days after its freeze that a run's effect is looked for; younger runs are left
	// out.
	//
	// +required
	Days int32 `json:"days"`
	// treated counts customers who were written to, once for each run.
	//
	// +required
	Treated int64 `json:"treated"`
	// heldOut counts customers who would have been, but for the holdout.
	//
	// +required
	HeldOut int64 `json:"heldOut"`
	// bookedDifference is the share of the treated who booked, less that of those
	// held out: between -1 and 1.
	//
	// +required
	BookedDifference Decimal `json:"bookedDifference"`
	// low is the lower end of the difference's interval of 95 %. Where it is below 0
	// and high above, the two groups cannot be told apart.
	//
	// +required
	Low Decimal `json:"low"`
	// high is the upper end of the interval.
	//
	// +required
	High Decimal `json:"high"`
}

// CampaignTotals sums up all runs of a rule.
type CampaignTotals struct {
	// outreaches counts runs.
	//
	// +required
	Outreaches int64 `json:"outreaches"`
	// sent messages.
	//
	// +required
	Sent int64 `json:"sent"`
	// failed messages.
	//
	// +required
	Failed int64 `json:"failed"`
	// suppressed recipients: dropped for want of consent, by suppression or by a cap.
	//
	// +required
	Suppressed int64 `json:"suppressed"`
	// heldOut customers of the control group.
	//
	// +required
	HeldOut int64 `json:"heldOut"`
}

// CampaignRule declares when something is due, who hears what, through which
// channel and within which limits. Each due occurrence becomes one Outreach.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=crule,categories=fairlead
// +kubebuilder:printcolumn:name="Objective",type=string,JSONPath=`.spec.objective`
// +kubebuilder:printcolumn:name="Suspended",type=boolean,JSONPath=`.spec.suspend`
// +kubebuilder:printcolumn:name="Next",type=string,JSONPath=`.status.nextOccurrence`
// +kubebuilder:printcolumn:name="Last Outreach",type=string,JSONPath=`.status.lastOutreachName`
// +kubebuilder:printcolumn:name="Sent",type=integer,JSONPath=`.status.totals.sent`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 38 && !self.metadata.name.contains('.')",message="metadata.name must have at most 38 characters and no dots, so that the names of its runs and their Jobs fit"
type CampaignRule struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the rule.
	//
	// +required
	Spec CampaignRuleSpec `json:"spec"`

	// status is what is known of the rule.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status CampaignRuleStatus `json:"status,omitempty"`
}

// CampaignRuleList is a list of CampaignRules.
//
// +kubebuilder:object:root=true
type CampaignRuleList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []CampaignRule `json:"items"`
}
