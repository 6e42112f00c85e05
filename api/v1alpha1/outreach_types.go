package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// OutreachPhase is where a run stands.
//
// +kubebuilder:validation:Enum=Planning;AwaitingApproval;Sending;Paused;Halted;Completed;Cancelled;Failed
type OutreachPhase string

// The phases of a run.
const (
	// OutreachPlanning waits for its segments and freezes the audience.
	OutreachPlanning OutreachPhase = "Planning"
	// OutreachAwaitingApproval waits for an OutreachApproval.
	OutreachAwaitingApproval OutreachPhase = "AwaitingApproval"
	// OutreachSending sends.
	OutreachSending OutreachPhase = "Sending"
	// OutreachPaused waits: a person suspended it, or its whole channel is in trouble.
	OutreachPaused OutreachPhase = "Paused"
	// OutreachHalted stopped itself: too many messages failed.
	OutreachHalted OutreachPhase = "Halted"
	// OutreachCompleted has settled every message.
	OutreachCompleted OutreachPhase = "Completed"
	// OutreachCancelled was ended by a person, who cancelled it or denied its plan.
	OutreachCancelled OutreachPhase = "Cancelled"
	// OutreachFailed could not be carried out.
	OutreachFailed OutreachPhase = "Failed"
)

// Condition and reasons of an Outreach beside the shared ones. The reason of
// Ready is otherwise the phase.
const (
	// ConditionComplete is True once a run is final: Completed or Cancelled.
	ConditionComplete = "Complete"

	// ReasonRunKeyUsed says that the store has a run under the same key that neither
	// this Outreach began nor one that said the same under its name. Mend it by
	// choosing another key, if sending again is really meant.
	ReasonRunKeyUsed = "RunKeyUsed"
	// ReasonEmptyAudience says that the audience has nobody left to write to. The
	// run is Completed without sending.
	ReasonEmptyAudience = "EmptyAudience"
	// ReasonLimitExceeded says that a limit was passed and onExceeded is Fail.
	ReasonLimitExceeded = "LimitExceeded"
	// ReasonChannelTrouble says that the channel let nothing through for long, so that the
	// run is paused for a while. Mend it at the channel or its server; the run goes on by
	// itself.
	ReasonChannelTrouble = "ChannelTrouble"
	// ReasonFrozen is the reason of the event that tells of a frozen audience.
	ReasonFrozen = "Frozen"
)

// OutreachSpec declares one run: either an occurrence of a rule, made by the
// controller, or a one-off mailing with an audience and messages of its own.
// Immutable but for suspend, cancel and parallelism, also in the order of
// messages, which == in CEL does not see.
//
// +kubebuilder:validation:XValidation:rule="has(self.ruleName) != has(self.audience)",message="exactly one of ruleName (made by the controller) and audience (by hand) must be set"
// +kubebuilder:validation:XValidation:rule="has(self.ruleName) == has(self.occurrence)",fieldPath=".occurrence",message="occurrence is required with ruleName, and not used without"
// +kubebuilder:validation:XValidation:rule="has(self.audience) == has(self.outreach)",fieldPath=".outreach",message="outreach is required with audience, and not used with ruleName"
// +kubebuilder:validation:XValidation:rule="has(self.ruleName) == has(self.dueTime)",fieldPath=".dueTime",message="dueTime is required with ruleName, and not used without"
// +kubebuilder:validation:XValidation:rule="!has(self.ruleName) || !has(self.guardrails)",fieldPath=".guardrails",message="guardrails are not used with ruleName: the rule has them"
// +kubebuilder:validation:XValidation:rule="!has(self.ruleName) || !has(self.deliveryGuarantee)",fieldPath=".deliveryGuarantee",message="deliveryGuarantee is not used with ruleName: the rule has it"
// +kubebuilder:validation:XValidation:rule="has(self.ruleName) || !self.runKey.contains('/')",fieldPath=".runKey",message="runKey must not contain '/' by hand: that is how the keys of rules are written"
// +kubebuilder:validation:XValidation:rule="!has(self.occurrence) || self.runKey.endsWith('/' + self.occurrence)",fieldPath=".runKey",message="runKey must end in '/' and the occurrence with ruleName: that is how the keys of rules are written"
// +kubebuilder:validation:XValidation:rule="self.storeName == oldSelf.storeName",fieldPath=".storeName",message="storeName is immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="self.runKey == oldSelf.runKey",fieldPath=".runKey",message="runKey is immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="has(self.ruleName) == has(oldSelf.ruleName) && (!has(self.ruleName) || self.ruleName == oldSelf.ruleName)",fieldPath=".ruleName",message="ruleName is immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="has(self.occurrence) == has(oldSelf.occurrence) && (!has(self.occurrence) || self.occurrence == oldSelf.occurrence)",fieldPath=".occurrence",message="occurrence is immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="has(self.dueTime) == has(oldSelf.dueTime) && (!has(self.dueTime) || self.dueTime == oldSelf.dueTime)",fieldPath=".dueTime",message="dueTime is immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="has(self.audience) == has(oldSelf.audience) && (!has(self.audience) || self.audience == oldSelf.audience)",fieldPath=".audience",message="audience is immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="has(self.outreach) == has(oldSelf.outreach) && (!has(self.outreach) || self.outreach == oldSelf.outreach && self.outreach.messages.map(m, m.locale) == oldSelf.outreach.messages.map(m, m.locale))",fieldPath=".outreach",message="outreach is immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="has(self.exhibitionName) == has(oldSelf.exhibitionName) && (!has(self.exhibitionName) || self.exhibitionName == oldSelf.exhibitionName)",fieldPath=".exhibitionName",message="exhibitionName is immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="has(self.guardrails) == has(oldSelf.guardrails) && (!has(self.guardrails) || self.guardrails == oldSelf.guardrails)",fieldPath=".guardrails",message="guardrails are immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="has(self.deliveryGuarantee) == has(oldSelf.deliveryGuarantee) && (!has(self.deliveryGuarantee) || self.deliveryGuarantee == oldSelf.deliveryGuarantee)",fieldPath=".deliveryGuarantee",message="deliveryGuarantee is immutable: create another Outreach instead"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)",fieldPath=".cancel",message="cancel cannot be taken back: create another Outreach instead"
type OutreachSpec struct {
	// storeName is the CustomerStore that keeps the run. Immutable.
	//
	// +required
	StoreName ObjectName `json:"storeName"`

	// runKey is the run's identity in the store: one key sends once, whatever
	// happens to this object. Immutable.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9][A-Za-z0-9._:+/-]*$')",message="must begin with a letter or digit and have only letters, digits, '.', '_', ':', '+', '-', '/'"
	RunKey string `json:"runKey"`

	// ruleName is the CampaignRule this is an occurrence of. Only the manager may
	// set it. Immutable.
	//
	// +optional
	RuleName ObjectName `json:"ruleName,omitempty"`

	// occurrence of the rule. Immutable.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=136
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9][A-Za-z0-9._:+-]*$')",message="must begin with a letter or digit and have only letters, digits, '.', '_', ':', '+', '-'"
	Occurrence string `json:"occurrence,omitempty"`

	// dueTime is when the occurrence was due. Immutable.
	//
	// +optional
	DueTime *metav1.Time `json:"dueTime,omitempty"`

	// audience of a one-off mailing. Immutable.
	//
	// +optional
	Audience *Audience `json:"audience,omitempty"`

	// outreach is what the audience of a one-off mailing hears. Immutable.
	//
	// +optional
	Outreach *MessagePlan `json:"outreach,omitempty"`

	// exhibitionName is the Exhibition that the run is about: what templates write of
	// .Exhibition, and of .Series, which is the customer's history in its series. Of an
	// occurrence it is the one that the rule's trigger follows. Immutable. Default: it is
	// about none.
	//
	// +optional
	ExhibitionName ObjectName `json:"exhibitionName,omitempty"`

	// guardrails of a one-off mailing. Immutable. Default: no limit but the store's.
	//
	// +optional
	Guardrails *Guardrails `json:"guardrails,omitempty"`

	// deliveryGuarantee of a one-off mailing. Immutable. Default: AtMostOnce.
	//
	// +optional
	DeliveryGuarantee DeliveryGuarantee `json:"deliveryGuarantee,omitempty"`

	// parallelism is how many worker pods send at a time.
	//
	// +optional
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=64
	Parallelism int32 `json:"parallelism,omitempty"`

	// suspend pauses the run while true; nothing is lost.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`

	// cancel ends the run for good: what is not sent is not sent any more.
	//
	// +optional
	Cancel *bool `json:"cancel,omitempty"`
}

// OutreachStatus is what is known of the run. Counts of a run that sends are
// brought up to date at most every ten seconds.
type OutreachStatus struct {
	ObservedStatus `json:",inline"`

	// phase of the run.
	//
	// +optional
	Phase OutreachPhase `json:"phase,omitempty"`

	// storeID of the store that has the run.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=36
	StoreID string `json:"storeID,omitempty"`

	// planDigest covers recipients, messages, channel and limits: what an
	// OutreachApproval must name.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=71
	PlanDigest string `json:"planDigest,omitempty"`

	// frozenTime is when the audience was frozen. A run that needs an approval
	// waits for it since then.
	//
	// +optional
	FrozenTime *metav1.Time `json:"frozenTime,omitempty"`

	// attempts are Jobs started for the run.
	//
	// +optional
	Attempts int32 `json:"attempts,omitempty"`

	// nextAttemptTime is when the next Job starts, if one is due later.
	//
	// +optional
	NextAttemptTime *metav1.Time `json:"nextAttemptTime,omitempty"`

	// startTime is when sending began.
	//
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// completionTime is when the run became final.
	//
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`

	// audience as it was frozen.
	//
	// +optional
	Audience *AudienceStatus `json:"audience,omitempty"`

	// messages by state.
	//
	// +optional
	Messages *MessagesStatus `json:"messages,omitempty"`
}

// AudienceStatus sums up a frozen audience.
type AudienceStatus struct {
	// matched customers.
	//
	// +required
	Matched int64 `json:"matched"`

	// recipients: persons who are written to.
	//
	// +required
	Recipients int64 `json:"recipients"`

	// dropped customers or persons by reason.
	//
	// +optional
	// +listType=map
	// +listMapKey=reason
	// +kubebuilder:validation:MaxItems=16
	Dropped []DroppedStatus `json:"dropped,omitempty"`
}

// DroppedStatus counts who is not written to for one reason.
type DroppedStatus struct {
	// reason, such as NoConsent, Suppressed, NoContactForRole or Holdout.
	//
	// +required
	Reason EntryName `json:"reason"`

	// count of customers or persons.
	//
	// +required
	Count int64 `json:"count"`
}

// MessagesStatus counts messages by state.
type MessagesStatus struct {
	// pending messages are not sent yet.
	//
	// +required
	Pending int64 `json:"pending"`
	// sent messages were taken by the server.
	//
	// +required
	Sent int64 `json:"sent"`
	// failed messages were refused for good.
	//
	// +required
	Failed int64 `json:"failed"`
	// deferred messages wait for quiet hours, a cap or another try.
	//
	// +required
	Deferred int64 `json:"deferred"`
	// skipped messages were not due any more when their turn came.
	//
	// +required
	Skipped int64 `json:"skipped"`
	// unknown messages were in flight when a worker died.
	//
	// +required
	Unknown int64 `json:"unknown"`
}

// Outreach is one run: a frozen audience and its delivery. Occurrences of a
// CampaignRule are made by the controller; a one-off mailing is written by hand.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=outreaches,shortName=out,categories=fairlead
// +kubebuilder:printcolumn:name="Rule",type=string,JSONPath=`.spec.ruleName`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Recipients",type=integer,JSONPath=`.status.audience.recipients`
// +kubebuilder:printcolumn:name="Sent",type=integer,JSONPath=`.status.messages.sent`
// +kubebuilder:printcolumn:name="Failed",type=integer,JSONPath=`.status.messages.failed`
// +kubebuilder:printcolumn:name="Deferred",type=integer,priority=1,JSONPath=`.status.messages.deferred`
// +kubebuilder:printcolumn:name="Unknown",type=integer,priority=1,JSONPath=`.status.messages.unknown`
// +kubebuilder:printcolumn:name="Digest",type=string,priority=1,JSONPath=`.status.planDigest`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 52 && !self.metadata.name.contains('.')",message="metadata.name must have at most 52 characters and no dots, so that the names of its Jobs fit"
type Outreach struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the run.
	//
	// +required
	Spec OutreachSpec `json:"spec"`

	// status is what is known of the run.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status OutreachStatus `json:"status,omitempty"`
}

// OutreachList is a list of Outreaches.
//
// +kubebuilder:object:root=true
type OutreachList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Outreach `json:"items"`
}
