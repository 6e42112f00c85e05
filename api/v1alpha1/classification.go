package v1alpha1

// ClassUnknown holds members that a model lacks data for, in every model.
const ClassUnknown = "Unknown"

// Classification is the model that splits a segment into classes.
//
// +kubebuilder:validation:ExactlyOneOf=pyramid;abc;rfm;dickBasu;knox;reinartzKumar;relationshipState;ladder;satisfaction
type Classification struct {
	// pyramid ranks members by a measure and cuts at cumulative shares of the
	// members (map rows D10, D11).
	//
	// +optional
	Pyramid *Pyramid `json:"pyramid,omitempty"`

	// abc ranks members by a measure and cuts at cumulative shares of its total
	// (map rows D12, D13).
	//
	// +optional
	ABC *ABC `json:"abc,omitempty"`

	// rfm crosses recency, frequency and monetary value into Champion, Promising,
	// Drifting, LapsedSpender, Regular, Newcomer, DriftingRegular and Lapsed (map
	// row D21).
	//
	// +optional
	RFM *RFM `json:"rfm,omitempty"`

	// dickBasu crosses the repeat rate with the attitude towards the show relative
	// to rivals into Loyal, Latent, Spurious and NotLoyal (map row D1).
	//
	// +optional
	DickBasu *DickBasu `json:"dickBasu,omitempty"`

	// knox crosses the number of rival shows with involvement into Loyal, Habitual,
	// MultiBrand and Switcher (map row D3).
	//
	// +optional
	Knox *Knox `json:"knox,omitempty"`

	// reinartzKumar crosses profit with length of relationship into Stranger,
	// Butterfly, TrueFriend and Barnacle (map row D5).
	//
	// +optional
	ReinartzKumar *ReinartzKumar `json:"reinartzKumar,omitempty"`

	// relationshipState crosses the share of wallet with the strength of the bond
	// into Loyal, Competitive, Convertible and RivalLoyal (map rows D23, D24).
	//
	// +optional
	RelationshipState *RelationshipState `json:"relationshipState,omitempty"`

	// ladder tells how far a customer has come: NonCustomer, Prospect, LikelyBuyer,
	// FirstTimeBuyer, RepeatBuyer, LoyalBuyer and Advocate, or Dormant (map row D25).
	//
	// +optional
	Ladder *Ladder `json:"ladder,omitempty"`

	// satisfaction splits by the last answers to surveys into Satisfied,
	// Indifferent and Dissatisfied (map row D20).
	//
	// +optional
	Satisfaction *Satisfaction `json:"satisfaction,omitempty"`
}

// MoneyCut is where a high amount begins.
//
// +kubebuilder:validation:ExactlyOneOf=highFrom;highFromQuantile
type MoneyCut struct {
	// highFrom this amount on, inclusive; in the store's reporting currency.
	//
	// +optional
	HighFrom *Money `json:"highFrom,omitempty"`

	// highFromQuantile of the members' amounts on, such as "0.75" for the best
	// quarter.
	//
	// +optional
	HighFromQuantile Ratio `json:"highFromQuantile,omitempty"`
}

// RatioCut is where a high ratio begins.
//
// +kubebuilder:validation:ExactlyOneOf=highFrom;highFromQuantile
type RatioCut struct {
	// highFrom this ratio on, inclusive.
	//
	// +optional
	HighFrom Ratio `json:"highFrom,omitempty"`

	// highFromQuantile of the members' ratios on, such as "0.75" for the highest
	// quarter.
	//
	// +optional
	HighFromQuantile Ratio `json:"highFromQuantile,omitempty"`
}
