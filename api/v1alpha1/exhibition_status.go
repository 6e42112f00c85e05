package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ExhibitionStatus is what is known of the edition.
type ExhibitionStatus struct {
	// observedGeneration is the generation that this status speaks of; -1 before
	// the first pass.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the edition: Ready, Reconciling, Stalled, TargetsMet.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// phase of the cycle, by the dates.
	//
	// +optional
	Phase ExhibitionPhase `json:"phase,omitempty"`

	// nextPhaseTime is when the phase ends by the dates; absent once Concluded.
	//
	// +optional
	NextPhaseTime *metav1.Time `json:"nextPhaseTime,omitempty"`

	// previousEdition that retention is measured against.
	//
	// +optional
	PreviousEdition EditionName `json:"previousEdition,omitempty"`

	// participation by role.
	//
	// +optional
	// +listType=map
	// +listMapKey=role
	// +kubebuilder:validation:MaxItems=10
	Participation []ParticipationStatus `json:"participation,omitempty"`

	// retention by role against the previous edition.
	//
	// +optional
	// +listType=map
	// +listMapKey=role
	// +kubebuilder:validation:MaxItems=10
	Retention []RetentionStatus `json:"retention,omitempty"`

	// satisfaction as answered by participants.
	//
	// +optional
	Satisfaction *SatisfactionStatus `json:"satisfaction,omitempty"`

	// promises and what became of them.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Promises []PromiseStatus `json:"promises,omitempty"`
}

// ParticipationStatus counts the participants of one role.
type ParticipationStatus struct {
	// role counted.
	//
	// +required
	Role PartyRole `json:"role"`
	// enquired counts customers whose booking is an enquiry, option or waiting place.
	//
	// +optional
	Enquired int64 `json:"enquired,omitempty"`
	// contracted counts customers with a contract.
	//
	// +optional
	Contracted int64 `json:"contracted,omitempty"`
	// attended counts customers who came.
	//
	// +optional
	Attended int64 `json:"attended,omitempty"`
	// cancelled counts customers who cancelled.
	//
	// +optional
	Cancelled int64 `json:"cancelled,omitempty"`
	// returning counts participants who took part in the previous edition.
	//
	// +optional
	Returning int64 `json:"returning,omitempty"`
	// new counts participants of no earlier edition of the series.
	//
	// +optional
	New int64 `json:"new,omitempty"`
	// rebooked counts participants with a booking for the next edition.
	//
	// +optional
	Rebooked int64 `json:"rebooked,omitempty"`
	// areaSquareMetres of booths.
	//
	// +optional
	AreaSquareMetres Decimal `json:"areaSquareMetres,omitempty"`
}

// RetentionStatus is the retention of one role (map row C1). Every ratio has
// its numerator and denominator beside it; absent means that there is no data.
type RetentionStatus struct {
	// role counted.
	//
	// +required
	Role PartyRole `json:"role"`
	// previous counts the participants of the previous edition.
	//
	// +optional
	Previous int64 `json:"previous,omitempty"`
	// eligible counts those of them who could return.
	//
	// +optional
	Eligible int64 `json:"eligible,omitempty"`
	// returned counts those of them who did.
	//
	// +optional
	Returned int64 `json:"returned,omitempty"`
	// ratio is returned over eligible.
	//
	// +optional
	Ratio Ratio `json:"ratio,omitempty"`
	// target declared in the spec.
	//
	// +optional
	Target Ratio `json:"target,omitempty"`
	// areaRatio is the area of those who returned over the area all eligible had
	// in the previous edition; above 1 when those who stay take more.
	//
	// +optional
	AreaRatio Decimal `json:"areaRatio,omitempty"`
	// revenueRatio is the same of revenue after discount.
	//
	// +optional
	RevenueRatio Decimal `json:"revenueRatio,omitempty"`
}

// SatisfactionStatus sums up what participants answered.
type SatisfactionStatus struct {
	// responses counted.
	//
	// +optional
	Responses int64 `json:"responses,omitempty"`
	// netPromoterScore from -100 to 100.
	//
	// +optional
	NetPromoterScore Decimal `json:"netPromoterScore,omitempty"`
	// margin of the net promoter score: half its 95 % interval.
	//
	// +optional
	Margin Decimal `json:"margin,omitempty"`
	// satisfiedRatio is the share of satisfied answers.
	//
	// +optional
	SatisfiedRatio Ratio `json:"satisfiedRatio,omitempty"`
	// gap is the mean of perceived result minus expectation (map row E1).
	//
	// +optional
	Gap Decimal `json:"gap,omitempty"`
	// dimensions by gap, the worst first.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Dimensions []DimensionStatus `json:"dimensions,omitempty"`
}

// DimensionStatus is the satisfaction with one dimension of an edition.
type DimensionStatus struct {
	// name of the dimension.
	//
	// +required
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`
	// responses counted.
	//
	// +optional
	Responses int64 `json:"responses,omitempty"`
	// gap is the mean of perceived result minus expectation.
	//
	// +optional
	Gap Decimal `json:"gap,omitempty"`
}

// PromiseStatus is what became of a promise.
type PromiseStatus struct {
	// name of the promise.
	//
	// +required
	Name EntryName `json:"name"`
	// promised figure.
	//
	// +optional
	Promised int64 `json:"promised,omitempty"`
	// actual figure.
	//
	// +optional
	Actual int64 `json:"actual,omitempty"`
}
