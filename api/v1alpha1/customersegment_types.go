package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Reasons of a CustomerSegment beside the shared ones.
const (
	// ReasonClassesNotComputed says that the members follow the expression, and that
	// this release does not split them into classes yet.
	ReasonClassesNotComputed = "ClassesNotComputed"
)

// ValueMeasure is what customers are ranked by.
//
// +kubebuilder:validation:Enum=Revenue;NetProfit;Participations;BoothArea
type ValueMeasure string

// The measures of a customer's value.
const (
	// MeasureRevenue is revenue after discount, in the reporting currency.
	MeasureRevenue ValueMeasure = "Revenue"
	// MeasureNetProfit is net customer profit (map row F2).
	MeasureNetProfit ValueMeasure = "NetProfit"
	// MeasureParticipations counts editions taken part in.
	MeasureParticipations ValueMeasure = "Participations"
	// MeasureBoothArea is booth area in square metres.
	MeasureBoothArea ValueMeasure = "BoothArea"
)

// The classes of the Reinartz and Kumar model (map row D5).
const (
	ClassStranger   = "Stranger"
	ClassButterfly  = "Butterfly"
	ClassTrueFriend = "TrueFriend"
	ClassBarnacle   = "Barnacle"
	// ClassUnknown holds members that a model lacks data for, in every model.
	ClassUnknown = "Unknown"
)

// CustomerSegmentSpec declares who belongs to the segment, and optionally a
// model that splits the members into classes.
//
// +kubebuilder:validation:XValidation:rule="self.storeName == oldSelf.storeName",fieldPath=".storeName",message="storeName is immutable: create another CustomerSegment instead"
type CustomerSegmentSpec struct {
	// storeName is the CustomerStore whose customers are meant. Immutable.
	//
	// +required
	StoreName ObjectName `json:"storeName"`

	// description for people.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Description string `json:"description,omitempty"`

	// where is a CEL expression over one variable, customer, that is true for
	// members. "Not true", also for want of data, means "not a member".
	//
	// +required
	Where Expression `json:"where"`

	// classify splits the members into classes by a relationship model.
	//
	// +optional
	Classify *Classification `json:"classify,omitempty"`

	// suspend keeps the last membership in force while true.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// Classification is the model that splits a segment into classes.
//
// +kubebuilder:validation:ExactlyOneOf=pyramid;reinartzKumar
type Classification struct {
	// pyramid ranks members by a measure and cuts at cumulative shares of the
	// members (map rows D10, D11).
	//
	// +optional
	Pyramid *Pyramid `json:"pyramid,omitempty"`

	// reinartzKumar crosses profit with length of relationship into Stranger,
	// Butterfly, TrueFriend and Barnacle (map row D5).
	//
	// +optional
	ReinartzKumar *ReinartzKumar `json:"reinartzKumar,omitempty"`
}

// Pyramid is the customer pyramid (map row D10).
type Pyramid struct {
	// measure that members are ranked by.
	//
	// +required
	Measure ValueMeasure `json:"measure"`

	// windowMonths counts back from now what the measure sums up.
	//
	// +optional
	// +kubebuilder:default=60
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=600
	WindowMonths int32 `json:"windowMonths,omitempty"`

	// classes from the top down, each up to a cumulative percentage of the
	// members, rising, the last up to 100.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:default={{name: VIP, upToPercent: 1},{name: Major, upToPercent: 5},{name: Ordinary, upToPercent: 20},{name: Small, upToPercent: 100}}
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:XValidation:rule="self.map(a, a.upToPercent).isSorted() && self.all(a, self.exists_one(b, b.upToPercent == a.upToPercent))",message="upToPercent must rise from class to class"
	// +kubebuilder:validation:XValidation:rule="self[self.size() - 1].upToPercent == 100",message="upToPercent of the last class must be 100, so that every member has a class"
	// +kubebuilder:validation:XValidation:rule="self.all(c, c.name != 'Unknown')",message="no class may be named Unknown: that is the class of members without data"
	Classes []PyramidClass `json:"classes,omitempty"`
}

// PyramidClass is one layer of the pyramid.
type PyramidClass struct {
	// name of the class.
	//
	// +required
	Name EntryName `json:"name"`

	// upToPercent of the members, counted from the top, are in this class or a
	// higher one.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	UpToPercent int32 `json:"upToPercent"`
}

// ReinartzKumar crosses profit with length of relationship (map row D5).
type ReinartzKumar struct {
	// profit says from where on net customer profit is high.
	//
	// +required
	Profit ProfitCut `json:"profit"`

	// duration says from where on a relationship is long.
	//
	// +required
	Duration DurationCut `json:"duration"`
}

// ProfitCut is where high net customer profit begins.
//
// +kubebuilder:validation:ExactlyOneOf=highFrom;highFromQuantile
type ProfitCut struct {
	// highFrom this amount on, inclusive.
	//
	// +optional
	HighFrom *Money `json:"highFrom,omitempty"`

	// highFromQuantile of the members' profits on, such as "0.75" for the best
	// quarter.
	//
	// +optional
	HighFromQuantile Ratio `json:"highFromQuantile,omitempty"`
}

// DurationCut is where a long relationship begins.
type DurationCut struct {
	// longFromMonths of relationship on, inclusive.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=600
	LongFromMonths int32 `json:"longFromMonths"`
}

// CustomerSegmentStatus is what is known of the segment.
type CustomerSegmentStatus struct {
	ObservedStatus `json:",inline"`

	// evaluatedGeneration is the generation that the membership follows.
	//
	// +optional
	EvaluatedGeneration int64 `json:"evaluatedGeneration,omitempty"`

	// members of the segment.
	//
	// +optional
	Members *int64 `json:"members,omitempty"`

	// classes that the members fall into.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Classes []ClassStatus `json:"classes,omitempty"`
}

// ClassStatus sums up one class of a segment.
type ClassStatus struct {
	// name of the class.
	//
	// +required
	Name EntryName `json:"name"`

	// members of the class.
	//
	// +required
	Members int64 `json:"members"`

	// share of the segment's members.
	//
	// +optional
	Share Ratio `json:"share,omitempty"`

	// revenueShare is the share of the segment's revenue; below 0 or above 1 where
	// refunds outweigh revenue.
	//
	// +optional
	RevenueShare Decimal `json:"revenueShare,omitempty"`
}

// CustomerSegment declares an audience: the customers for whom an expression is
// true, optionally split into classes by a relationship model.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=cseg,categories=fairlead
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Description",type=string,priority=1,JSONPath=`.spec.description`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="metadata.name must have at most 63 characters and no dots"
type CustomerSegment struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the segment.
	//
	// +required
	Spec CustomerSegmentSpec `json:"spec"`

	// status is what is known of the segment.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status CustomerSegmentStatus `json:"status,omitempty"`
}

// CustomerSegmentList is a list of CustomerSegments.
//
// +kubebuilder:object:root=true
type CustomerSegmentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []CustomerSegment `json:"items"`
}
