package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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

	// migrationSeries is the series whose last edition moves between classes are
	// counted from: status.migration tells who moved since it closed. Without it, the
	// last edition of any series.
	//
	// +optional
	MigrationSeries SeriesName `json:"migrationSeries,omitempty"`

	// suspend keeps the last membership in force while true.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
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

	// revenueShareOfTopFifth is the share of the segment's revenue that the fifth of
	// its members who bring most bring (map row D11): the 80/20 rule says 0.8.
	//
	// +optional
	RevenueShareOfTopFifth Decimal `json:"revenueShareOfTopFifth,omitempty"`

	// classes that the members fall into, in the order of the model.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Classes []ClassStatus `json:"classes,omitempty"`

	// sizes of the classes in one line, for tables.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Sizes string `json:"sizes,omitempty"`

	// unknown says what members of the class Unknown lack.
	//
	// +optional
	// +listType=map
	// +listMapKey=missing
	// +kubebuilder:validation:MaxItems=32
	Unknown []UnknownStatus `json:"unknown,omitempty"`

	// migration tells who moved between classes since the last edition closed.
	//
	// +optional
	Migration *MigrationStatus `json:"migration,omitempty"`
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

	// revenueShare is the share of the segment's revenue after discount; below 0 or
	// above 1 where refunds outweigh revenue.
	//
	// +optional
	RevenueShare Decimal `json:"revenueShare,omitempty"`
}

// UnknownStatus is one thing that members of the class Unknown lack. A member may
// lack several.
type UnknownStatus struct {
	// missing is what the model asks for, by the name of its measure.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Missing string `json:"missing"`

	// members of the class Unknown that lack it.
	//
	// +required
	Members int64 `json:"members"`
}

// MigrationStatus tells who moved between classes (map row D10).
type MigrationStatus struct {
	// series that moves are counted from.
	//
	// +required
	Series SeriesName `json:"series"`

	// edition of the series that closed last.
	//
	// +required
	Edition EditionName `json:"edition"`

	// since the edition closed.
	//
	// +required
	Since metav1.Time `json:"since"`

	// moves of members who are in another class now than then, or who entered or
	// left the segment. What happened before the definition of the segment last
	// changed is not known.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=160
	Moves []ClassMove `json:"moves,omitempty"`
}

// ClassMove is how many moved from one class to another.
type ClassMove struct {
	// from this class; not set for who was no member.
	//
	// +optional
	From EntryName `json:"from,omitempty"`

	// to this class; not set for who is no member any more.
	//
	// +optional
	To EntryName `json:"to,omitempty"`

	// members who moved.
	//
	// +required
	Members int64 `json:"members"`
}

// CustomerSegment declares an audience: the customers for whom an expression is
// true, optionally split into classes by a relationship model.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=cseg,categories=fairlead
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members`
// +kubebuilder:printcolumn:name="Classes",type=string,JSONPath=`.status.sizes`
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
