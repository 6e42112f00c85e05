package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// LegalBasis is why a person may be written to about a topic, in the words of
// Article 6(1) GDPR.
//
// +kubebuilder:validation:Enum=Consent;Contract;LegitimateInterest;LegalObligation
type LegalBasis string

// The legal bases.
const (
	// LegalBasisConsent needs a recorded, unexpired consent of the person.
	LegalBasisConsent LegalBasis = "Consent"
	// LegalBasisContract serves a contract with the customer. Exempt from caps and
	// quiet hours, never from suppression of everything.
	LegalBasisContract LegalBasis = "Contract"
	// LegalBasisLegitimateInterest stands until the person objects.
	LegalBasisLegitimateInterest LegalBasis = "LegitimateInterest"
	// LegalBasisLegalObligation serves a duty by law, such as a safety notice.
	// Exempt from caps and quiet hours, never from suppression of everything.
	LegalBasisLegalObligation LegalBasis = "LegalObligation"
)

// WeekendPolicy is whether weekends are quiet as a whole.
//
// +kubebuilder:validation:Enum=Quiet;Open
type WeekendPolicy string

// The weekend policies.
const (
	// WeekendsQuiet sends nothing on Saturdays and Sundays.
	WeekendsQuiet WeekendPolicy = "Quiet"
	// WeekendsOpen treats weekends like other days.
	WeekendsOpen WeekendPolicy = "Open"
)

// ContactPolicySpec declares what persons may be written to about, how often
// and when. It binds every message of the stores that name it.
//
// +kubebuilder:validation:XValidation:rule="!has(self.pauseOnOpenComplaint) || self.pauseOnOpenComplaint.all(p, self.topics.exists(t, t.name == p))",fieldPath=".pauseOnOpenComplaint",message="pauseOnOpenComplaint may name only topics that topics declares"
type ContactPolicySpec struct {
	// topics that messages may be about. An undeclared topic is refused.
	//
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Topics []Topic `json:"topics"`

	// frequencyCaps limit how many messages one mailbox gets, over all rules and
	// channels of the store, in sliding windows.
	//
	// +optional
	// +listType=map
	// +listMapKey=medium
	// +listMapKey=perDays
	// +kubebuilder:validation:MaxItems=8
	FrequencyCaps []FrequencyCap `json:"frequencyCaps,omitempty"`

	// quietHours in which nothing is sent, in the recipient's time zone.
	//
	// +optional
	QuietHours *QuietHours `json:"quietHours,omitempty"`

	// pauseOnOpenComplaint names topics that are not sent to customers with an
	// open complaint.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	PauseOnOpenComplaint []EntryName `json:"pauseOnOpenComplaint,omitempty"`

	// suspend keeps what was declared before in force while true: status.inForce.
	// A policy that was never in force binds as one that is missing: nothing is sent.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// Topic is something that persons may be written to about.
type Topic struct {
	// name by which campaigns and consents refer to the topic.
	//
	// +required
	Name EntryName `json:"name"`

	// title that persons see on the page where they choose topics, one a locale;
	// the first is the fallback.
	//
	// +required
	// +listType=map
	// +listMapKey=locale
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Title []LocalizedText `json:"title"`

	// legalBasis on which the topic is sent.
	//
	// +required
	LegalBasis LegalBasis `json:"legalBasis"`
}

// LocalizedText is a short text in one language.
type LocalizedText struct {
	// locale of the text.
	//
	// +required
	Locale Locale `json:"locale"`

	// text in that language.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Text string `json:"text"`
}

// FrequencyCap limits the messages that one mailbox gets in a sliding window.
type FrequencyCap struct {
	// medium that is counted.
	//
	// +required
	Medium Medium `json:"medium"`

	// messages allowed in the window.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=12
	Messages int32 `json:"messages"`

	// perDays is the length of the window in days of 24 hours.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=366
	PerDays int32 `json:"perDays"`
}

// QuietHours is the part of the day in which nothing is sent, in the
// recipient's time zone.
//
// +kubebuilder:validation:XValidation:rule="self.from != self.to",fieldPath=".to",message="to must differ from from"
type QuietHours struct {
	// from this time of day on nothing is sent.
	//
	// +required
	From TimeOfDay `json:"from"`

	// to this time of day, on the next day if it is earlier than from.
	//
	// +required
	To TimeOfDay `json:"to"`

	// weekends may be quiet as a whole.
	//
	// +optional
	// +kubebuilder:default=Open
	Weekends WeekendPolicy `json:"weekends,omitempty"`
}

// ContactPolicyStatus is what is known of the policy.
type ContactPolicyStatus struct {
	ObservedStatus `json:",inline"`

	// inForce is what binds messages: what was declared when the policy was last
	// seen without suspend. It is left out until then.
	//
	// +optional
	InForce *PolicyInForce `json:"inForce,omitempty"`
}

// PolicyInForce is what a policy declared, and binds messages.
type PolicyInForce struct {
	// generation of the policy that declared it first.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	Generation int64 `json:"generation"`

	// spec that was declared.
	//
	// +required
	Spec ContactPolicySpec `json:"spec"`
}

// ContactPolicy declares what persons may be written to about, how often and
// when. Every message of a store that names the policy is bound by it, at the
// moment it is sent.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=cpol,categories=fairlead
// +kubebuilder:printcolumn:name="Quiet From",type=string,JSONPath=`.status.inForce.spec.quietHours.from`
// +kubebuilder:printcolumn:name="Quiet To",type=string,JSONPath=`.status.inForce.spec.quietHours.to`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="metadata.name must have at most 63 characters and no dots"
type ContactPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the policy.
	//
	// +required
	Spec ContactPolicySpec `json:"spec"`

	// status is what is known of the policy.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status ContactPolicyStatus `json:"status,omitempty"`
}

// ContactPolicyList is a list of ContactPolicies.
//
// +kubebuilder:object:root=true
type ContactPolicyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []ContactPolicy `json:"items"`
}
