package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ExhibitionStatus is what is known of the edition.
type ExhibitionStatus struct {
	ObservedStatus `json:",inline"`

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
	// +required
	Enquired int64 `json:"enquired"`
	// contracted counts customers with a contract.
	//
	// +required
	Contracted int64 `json:"contracted"`
	// attended counts customers who came.
	//
	// +required
	Attended int64 `json:"attended"`
	// cancelled counts customers who cancelled.
	//
	// +required
	Cancelled int64 `json:"cancelled"`
	// returning counts participants who took part in the previous edition.
	//
	// +required
	Returning int64 `json:"returning"`
	// new counts participants of no earlier edition of the series.
	//
	// +required
	New int64 `json:"new"`
	// rebooked counts participants with a booking for the next edition.
	//
	// +required
	Rebooked int64 `json:"rebooked"`
	// areaSquareMetres of booths.
	//
	// +optional
	AreaSquareMetres Decimal `json:"areaSquareMetres,omitempty"`
}

// RetentionStatus is the retention of one role (map row C1). A ratio is absent
// where there is nothing to divide by.
type RetentionStatus struct {
	// role counted.
	//
	// +required
	Role PartyRole `json:"role"`
	// previous counts the participants of the previous edition.
	//
	// +required
	Previous int64 `json:"previous"`
	// eligible counts those of them who could return.
	//
	// +required
	Eligible int64 `json:"eligible"`
	// returned counts those of them who did.
	//
	// +required
	Returned int64 `json:"returned"`
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
	// +required
	Responses int64 `json:"responses"`
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
	// +required
	Responses int64 `json:"responses"`
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
	// +required
	Promised int64 `json:"promised"`
	// actual figure.
	//
	// +required
	Actual int64 `json:"actual"`
}
