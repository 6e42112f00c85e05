package v1alpha1

// The rungs of the ladder from non-customer to advocate (map row D25).
const (
	// ClassNonCustomer has had nothing to do with us but being known.
	ClassNonCustomer = "NonCustomer"
	// ClassProspect is in contact with us.
	ClassProspect = "Prospect"
	// ClassLikelyBuyer met us or has booked, and took part in nothing yet.
	ClassLikelyBuyer = "LikelyBuyer"
	// ClassFirstTimeBuyer took part once.
	ClassFirstTimeBuyer = "FirstTimeBuyer"
	// ClassRepeatBuyer took part more than once.
	ClassRepeatBuyer = "RepeatBuyer"
	// ClassLoyalBuyer takes part without a miss.
	ClassLoyalBuyer = "LoyalBuyer"
	// ClassAdvocate is a repeat buyer who brings others.
	ClassAdvocate = "Advocate"
	// ClassDormant took part and missed the last editions.
	ClassDormant = "Dormant"
)

// Ladder tells how far a customer has come (map row D25).
type Ladder struct {
	// loyalFromEditions so many editions without a miss on, a buyer is loyal.
	//
	// +optional
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=100
	LoyalFromEditions int32 `json:"loyalFromEditions,omitempty"`

	// advocateFromReferrals so many customers whom it recommended us to on, a
	// repeat buyer is an advocate.
	//
	// +optional
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	AdvocateFromReferrals int32 `json:"advocateFromReferrals,omitempty"`

	// dormantFromMissed so many eligible editions missed in a row on, a buyer is
	// dormant.
	//
	// +optional
	// +kubebuilder:default=2
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	DormantFromMissed int32 `json:"dormantFromMissed,omitempty"`
}

// SatisfactionMeasure is what satisfaction is read from.
//
// +kubebuilder:validation:Enum=NetPromoterScore;SatisfactionGap;DimensionScore
type SatisfactionMeasure string

// The measures of satisfaction.
const (
	// SatisfactionByRecommendation is how likely the customer would recommend the
	// show, from 0 to 10.
	SatisfactionByRecommendation SatisfactionMeasure = "NetPromoterScore"
	// SatisfactionByGap is what was perceived less what was expected, as a mean over
	// the dimensions that have both.
	SatisfactionByGap SatisfactionMeasure = "SatisfactionGap"
	// SatisfactionByDimension is the last score in one dimension.
	SatisfactionByDimension SatisfactionMeasure = "DimensionScore"
)

// The classes of satisfaction (map row D20).
const (
	ClassSatisfied    = "Satisfied"
	ClassIndifferent  = "Indifferent"
	ClassDissatisfied = "Dissatisfied"
)

// Satisfaction splits by the last answers to surveys (map row D20).
//
// +kubebuilder:validation:XValidation:rule="double(self.dissatisfiedBelow) <= double(self.satisfiedFrom)",message="dissatisfiedBelow must not be above satisfiedFrom"
// +kubebuilder:validation:XValidation:rule="(self.measure == 'DimensionScore') == has(self.dimension)",message="dimension must be set for DimensionScore, and for nothing else"
type Satisfaction struct {
	// measure of satisfaction.
	//
	// +required
	Measure SatisfactionMeasure `json:"measure"`

	// dimension of the surveys whose score is meant.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Dimension string `json:"dimension,omitempty"`

	// satisfiedFrom this value on, inclusive.
	//
	// +required
	SatisfiedFrom Decimal `json:"satisfiedFrom"`

	// dissatisfiedBelow this value. Between the two a customer is indifferent.
	//
	// +required
	DissatisfiedBelow Decimal `json:"dissatisfiedBelow"`

	// maxAgeMonths after which an answer says nothing any more.
	//
	// +optional
	// +kubebuilder:default=24
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=600
	MaxAgeMonths int32 `json:"maxAgeMonths,omitempty"`
}
