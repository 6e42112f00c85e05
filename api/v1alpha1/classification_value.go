package v1alpha1

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

// Pyramid is the customer pyramid (map row D10).
type Pyramid struct {
	// measure that members are ranked by.
	//
	// +required
	Measure ValueMeasure `json:"measure"`

	// windowMonths counts back from today: the measure sums up what is about editions
	// that opened since, and what is about none by its own day.
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
	Classes []PercentClass `json:"classes,omitempty"`
}

// PercentClass is one class of a ranking.
type PercentClass struct {
	// name of the class.
	//
	// +required
	Name EntryName `json:"name"`

	// upToPercent is where the class ends, counted from the top: in this class or
	// a higher one are so many percent of the members, or of the measure's total.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	UpToPercent int32 `json:"upToPercent"`
}

// ABC is the ABC analysis (map row D13): few customers bring most of the total.
//
// +kubebuilder:validation:XValidation:rule="!has(self.belowZero) || self.classes.all(c, c.name != self.belowZero)",message="belowZero must be a class of its own, not one of classes"
type ABC struct {
	// measure that members are ranked by, and whose total is shared out.
	//
	// +required
	Measure ValueMeasure `json:"measure"`

	// windowMonths counts back from today: the measure sums up what is about editions
	// that opened since, and what is about none by its own day.
	//
	// +optional
	// +kubebuilder:default=60
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=600
	WindowMonths int32 `json:"windowMonths,omitempty"`

	// classes from the top down, each up to a cumulative percentage of the
	// measure's total, rising, the last up to 100. Whoever crosses a cut belongs
	// to the class above it.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:default={{name: A, upToPercent: 80},{name: B, upToPercent: 95},{name: C, upToPercent: 100}}
	// +kubebuilder:validation:MinItems=2
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:XValidation:rule="self.map(a, a.upToPercent).isSorted() && self.all(a, self.exists_one(b, b.upToPercent == a.upToPercent))",message="upToPercent must rise from class to class"
	// +kubebuilder:validation:XValidation:rule="self[self.size() - 1].upToPercent == 100",message="upToPercent of the last class must be 100, so that every member has a class"
	// +kubebuilder:validation:XValidation:rule="self.all(c, c.name != 'Unknown')",message="no class may be named Unknown: that is the class of members without data"
	Classes []PercentClass `json:"classes,omitempty"`

	// belowZero is the class of members whose measure is below 0, such as those who
	// cause a loss (map row D12). Without it they are in the last class.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="self != 'Unknown'",message="no class may be named Unknown: that is the class of members without data"
	BelowZero EntryName `json:"belowZero,omitempty"`
}

// The classes of the RFM model (map row D21).
const (
	// ClassChampion came lately, comes often and brings much.
	ClassChampion = "Champion"
	// ClassPromising came lately and brings much, but not often yet.
	ClassPromising = "Promising"
	// ClassDrifting came often and brought much, but not lately.
	ClassDrifting = "Drifting"
	// ClassLapsedSpender brought much, seldom and long ago.
	ClassLapsedSpender = "LapsedSpender"
	// ClassRegular comes lately and often, and brings little.
	ClassRegular = "Regular"
	// ClassNewcomer came lately, not often yet, and brings little.
	ClassNewcomer = "Newcomer"
	// ClassDriftingRegular came often and brought little, not lately.
	ClassDriftingRegular = "DriftingRegular"
	// ClassLapsed came seldom and long ago, and brought little.
	ClassLapsed = "Lapsed"
)

// RFM crosses recency, frequency and monetary value (map row D21).
type RFM struct {
	// recency says until when the last participation is recent.
	//
	// +required
	Recency RecencyCut `json:"recency"`

	// frequency says from how many participations on a customer comes often.
	//
	// +required
	Frequency CountCut `json:"frequency"`

	// monetary says from where on revenue after discount is high.
	//
	// +required
	Monetary MoneyCut `json:"monetary"`
}

// RecencyCut is until when a participation is recent.
//
// +kubebuilder:validation:ExactlyOneOf=withinMonths;highFromQuantile
type RecencyCut struct {
	// withinMonths of today the edition opened, inclusive.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=600
	WithinMonths *int32 `json:"withinMonths,omitempty"`

	// highFromQuantile of the members' last participations on, such as "0.75" for
	// the quarter that came last.
	//
	// +optional
	HighFromQuantile Ratio `json:"highFromQuantile,omitempty"`
}

// CountCut is where many begins.
//
// +kubebuilder:validation:ExactlyOneOf=highFrom;highFromQuantile
type CountCut struct {
	// highFrom this number on, inclusive.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	HighFrom *int32 `json:"highFrom,omitempty"`

	// highFromQuantile of the members' numbers on, such as "0.75" for the highest
	// quarter.
	//
	// +optional
	HighFromQuantile Ratio `json:"highFromQuantile,omitempty"`
}
