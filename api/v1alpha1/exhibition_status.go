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

	// stayers of those who answered about the previous edition.
	//
	// +optional
	Stayers *StayersStatus `json:"stayers,omitempty"`

	// bookingPace is who is booked by now, beside who was booked for the previous edition at
	// the same distance from its opening.
	//
	// +optional
	BookingPace *BookingPaceStatus `json:"bookingPace,omitempty"`

	// satisfaction as answered by participants.
	//
	// +optional
	Satisfaction *SatisfactionStatus `json:"satisfaction,omitempty"`

	// complaints about the edition.
	//
	// +optional
	Complaints *ComplaintsStatus `json:"complaints,omitempty"`

	// referrals of the edition (map row C3).
	//
	// +optional
	Referrals *ReferralsStatus `json:"referrals,omitempty"`

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
	// contracted counts customers with a contract, those who came among them.
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
	// returning counts those contracted who took part in the previous edition, in
	// this role.
	//
	// +required
	Returning int64 `json:"returning"`
	// reactivated counts those contracted who took part in an earlier edition, and not
	// in the previous.
	//
	// +optional
	Reactivated int64 `json:"reactivated"`
	// new counts those contracted who took part in no earlier edition of the series.
	//
	// +required
	New int64 `json:"new"`
	// rebooked counts those contracted who are contracted for the next edition.
	//
	// +required
	Rebooked int64 `json:"rebooked"`
	// rebookedOnSite counts those of them who booked it while this one was open.
	//
	// +optional
	RebookedOnSite int64 `json:"rebookedOnSite"`
	// areaSquareMetres of the booths of those contracted.
	//
	// +optional
	AreaSquareMetres Decimal `json:"areaSquareMetres,omitempty"`
	// revenue after discount of those contracted, by this edition, in the store's
	// reporting currency.
	//
	// +optional
	Revenue Decimal `json:"revenue,omitempty"`
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
	// eligible counts those of them who could return: who took part on their own
	// account; none if this edition is cancelled.
	//
	// +required
	Eligible int64 `json:"eligible"`
	// returned counts those of them who are contracted for this edition.
	//
	// +required
	Returned int64 `json:"returned"`
	// matchedByKey counts those returned whose name is written otherwise in both
	// editions: that they are the same is what matching says.
	//
	// +optional
	MatchedByKey int64 `json:"matchedByKey"`
	// lost counts those eligible who did not return, or not yet.
	//
	// +optional
	Lost int64 `json:"lost"`
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
	// grossRevenueRatio is the same of revenue before discount.
	//
	// +optional
	GrossRevenueRatio Decimal `json:"grossRevenueRatio,omitempty"`
}

// StayersStatus counts who returned of those who answered about the previous edition:
// satisfied is not the same as loyal (map row E2).
type StayersStatus struct {
	// satisfied counts those eligible whose results met their expectations.
	//
	// +required
	Satisfied int64 `json:"satisfied"`
	// satisfiedReturned counts those of them who returned; the others are satisfied leavers.
	//
	// +required
	SatisfiedReturned int64 `json:"satisfiedReturned"`
	// unsatisfied counts those eligible whose results did not.
	//
	// +required
	Unsatisfied int64 `json:"unsatisfied"`
	// unsatisfiedReturned counts those of them who returned: unsatisfied stayers.
	//
	// +required
	UnsatisfiedReturned int64 `json:"unsatisfiedReturned"`
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
	// satisfiedRatio is the share of customers whose results met their expectations, of
	// those who answered both.
	//
	// +optional
	SatisfiedRatio Ratio `json:"satisfiedRatio,omitempty"`
	// satisfiedFrom is the lower end of its 95 % interval.
	//
	// +optional
	SatisfiedFrom Ratio `json:"satisfiedFrom,omitempty"`
	// satisfiedTo is the upper end of the interval.
	//
	// +optional
	SatisfiedTo Ratio `json:"satisfiedTo,omitempty"`
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

// ComplaintsStatus counts complaints (map rows B13, J3). A ratio is absent where there is
// nothing to divide by.
type ComplaintsStatus struct {
	// total of complaints.
	//
	// +required
	Total int64 `json:"total"`
	// open counts those not resolved.
	//
	// +required
	Open int64 `json:"open"`
	// late counts those open beyond their time.
	//
	// +required
	Late int64 `json:"late"`
	// answeredInTime is the share of those answered in time, of those that were due.
	//
	// +optional
	AnsweredInTime Ratio `json:"answeredInTime,omitempty"`
	// resolvedInTime is the share of those resolved in time, of those that were due.
	//
	// +optional
	ResolvedInTime Ratio `json:"resolvedInTime,omitempty"`
}

// ReferralsStatus counts who was recommended to the edition (map row C3).
type ReferralsStatus struct {
	// recommended counts customers who were recommended to it.
	//
	// +required
	Recommended int64 `json:"recommended"`
	// contracted counts those of them who are contracted for it.
	//
	// +required
	Contracted int64 `json:"contracted"`
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
