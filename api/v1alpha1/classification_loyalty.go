package v1alpha1

// The classes of the Dick and Basu model (map row D1).
const (
	// ClassLoyal comes again and prefers the show; also in the models of Knox and
	// of the state of the relationship.
	ClassLoyal = "Loyal"
	// ClassLatent prefers the show and does not come again.
	ClassLatent = "Latent"
	// ClassSpurious comes again without preferring the show.
	ClassSpurious = "Spurious"
	// ClassNotLoyal does neither.
	ClassNotLoyal = "NotLoyal"
)

// DickBasu crosses repeat rate and relative attitude (map row D1).
type DickBasu struct {
	// repeatRate says from where on the repeat rate is high: editions taken part
	// in of those that the customer could have come to, within 1,826 days.
	//
	// +required
	RepeatRate RatioCut `json:"repeatRate"`

	// attitude says from where on the attitude is high.
	//
	// +required
	Attitude AttitudeCut `json:"attitude"`
}

// AttitudeCut is where a high relative attitude begins: the rating of the show less
// that of its strongest rival, as a mean over the dimensions that rate both.
//
// +kubebuilder:validation:ExactlyOneOf=highFrom;highFromQuantile
type AttitudeCut struct {
	// highFrom this difference on, inclusive, in points of the questions' scale.
	//
	// +optional
	HighFrom Decimal `json:"highFrom,omitempty"`

	// highFromQuantile of the members' differences on, such as "0.75" for the
	// highest quarter.
	//
	// +optional
	HighFromQuantile Ratio `json:"highFromQuantile,omitempty"`

	// strongFrom is how high the own rating, as a mean, has to be besides. Without
	// it the difference alone decides.
	//
	// +optional
	StrongFrom Decimal `json:"strongFrom,omitempty"`
}

// The classes of the Knox model (map row D3), beside Loyal.
const (
	// ClassHabitual goes to few rivals and is little involved.
	ClassHabitual = "Habitual"
	// ClassMultiBrand is involved, and goes to many rivals too.
	ClassMultiBrand = "MultiBrand"
	// ClassSwitcher goes to many and is little involved.
	ClassSwitcher = "Switcher"
)

// Knox crosses the number of rival shows with involvement (map row D3).
type Knox struct {
	// rivalShows says from how many on they are many.
	//
	// +required
	RivalShows ManyCut `json:"rivalShows"`

	// involvement says what the signs of involvement are, and how many of them
	// make it high.
	//
	// +required
	Involvement Involvement `json:"involvement"`
}

// ManyCut is where many begins.
type ManyCut struct {
	// manyFrom this number on, inclusive.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	ManyFrom int32 `json:"manyFrom"`
}

// Involvement is what shows that a customer is involved.
//
// +kubebuilder:validation:XValidation:rule="[has(self.meetingsFrom), has(self.bookingLeadDaysFrom), has(self.boothAreaFrom), has(self.participationsFrom)].filter(s, s).size() >= self.highFromSigns",message="declare at least as many signs as highFromSigns asks for: meetingsFrom, bookingLeadDaysFrom, boothAreaFrom, participationsFrom"
type Involvement struct {
	// meetingsFrom so many visits, meetings, webinars and events within 365 days on.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	MeetingsFrom *int32 `json:"meetingsFrom,omitempty"`

	// bookingLeadDaysFrom so many days between the booking and the opening of the
	// last edition on.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	BookingLeadDaysFrom *int32 `json:"bookingLeadDaysFrom,omitempty"`

	// boothAreaFrom so many square metres at the last edition on.
	//
	// +optional
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('-')",message="must not be negative"
	BoothAreaFrom Decimal `json:"boothAreaFrom,omitempty"`

	// participationsFrom so many editions taken part in on.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	ParticipationsFrom *int32 `json:"participationsFrom,omitempty"`

	// highFromSigns so many of the declared signs on, involvement is high.
	//
	// +optional
	// +kubebuilder:default=2
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=4
	HighFromSigns int32 `json:"highFromSigns,omitempty"`
}

// The classes of the Reinartz and Kumar model (map row D5).
const (
	ClassStranger   = "Stranger"
	ClassButterfly  = "Butterfly"
	ClassTrueFriend = "TrueFriend"
	ClassBarnacle   = "Barnacle"
)

// ReinartzKumar crosses profit with length of relationship (map row D5).
type ReinartzKumar struct {
	// profit says from where on net customer profit is high.
	//
	// +required
	Profit MoneyCut `json:"profit"`

	// duration says from where on a relationship is long.
	//
	// +required
	Duration DurationCut `json:"duration"`
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

// The classes of the state of a relationship (map row D24), beside Loyal.
const (
	// ClassCompetitive spends most with us by a weak bond: rivals compete for it.
	ClassCompetitive = "Competitive"
	// ClassConvertible spends most with rivals, and the bond with us is strong.
	ClassConvertible = "Convertible"
	// ClassRivalLoyal spends most with rivals and is not bound to us.
	ClassRivalLoyal = "RivalLoyal"
)

// RelationshipState crosses the share of wallet with the strength of the bond (map
// rows D23, D24).
type RelationshipState struct {
	// walletShare says from where on the share of wallet is high: spend with us of
	// spend with us and with rivals, in the last complete calendar year.
	//
	// +required
	WalletShare RatioCut `json:"walletShare"`

	// bond says what the bond consists of, and from where on it is strong.
	//
	// +required
	Bond Bond `json:"bond"`
}

// Bond is the strength of a relationship: the mean of what it consists of, by
// weights, from 0 to 100 points.
//
// +kubebuilder:validation:XValidation:rule="self.components.all(a, self.components.exists_one(b, b.measure == a.measure && has(b.dimension) == has(a.dimension) && (!has(a.dimension) || b.dimension == a.dimension)))",message="each component must be declared once"
type Bond struct {
	// strongFrom so many points of 100 on.
	//
	// +optional
	// +kubebuilder:default=50
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	StrongFrom int32 `json:"strongFrom,omitempty"`

	// components that the bond consists of.
	//
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=12
	Components []BondComponent `json:"components"`
}

// BondMeasure is what a bond may consist of (map rows D23, D29).
//
// +kubebuilder:validation:Enum=WalletShareTrend;ContactsYear;ContactPersons;ContactDepartments;RelationshipMonths;RepeatRate;ConsecutiveEditions;NetPromoterScore;DimensionScore
type BondMeasure string

// The measures of a bond.
const (
	// BondWalletShareTrend is the slope of the share of wallet over the last three
	// complete calendar years, in percentage points a year.
	BondWalletShareTrend BondMeasure = "WalletShareTrend"
	// BondContactsYear counts contacts within 365 days.
	BondContactsYear BondMeasure = "ContactsYear"
	// BondContactPersons counts the persons who belong to the customer.
	BondContactPersons BondMeasure = "ContactPersons"
	// BondContactDepartments counts the departments that they are in.
	BondContactDepartments BondMeasure = "ContactDepartments"
	// BondRelationshipMonths is how long the relationship has lasted.
	BondRelationshipMonths BondMeasure = "RelationshipMonths"
	// BondRepeatRate is editions taken part in, in percent of those that the
	// customer could have come to within 1,826 days.
	BondRepeatRate BondMeasure = "RepeatRate"
	// BondConsecutiveEditions counts the editions taken part in without a miss.
	BondConsecutiveEditions BondMeasure = "ConsecutiveEditions"
	// BondNetPromoterScore is how likely the customer would recommend the show, of 10.
	BondNetPromoterScore BondMeasure = "NetPromoterScore"
	// BondDimensionScore is the last score in a dimension of the surveys, such as
	// price, service or technical.
	BondDimensionScore BondMeasure = "DimensionScore"
)

// BondComponent is one thing that a bond consists of.
//
// +kubebuilder:validation:XValidation:rule="(self.measure == 'DimensionScore') == has(self.dimension)",message="dimension must be set for DimensionScore, and for nothing else"
// +kubebuilder:validation:XValidation:rule="double(self.noneAt) != double(self.fullAt)",message="noneAt and fullAt must differ"
type BondComponent struct {
	// measure of the component.
	//
	// +required
	Measure BondMeasure `json:"measure"`

	// dimension of the surveys whose score is meant.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	Dimension string `json:"dimension,omitempty"`

	// weight of the component among all. Without it, 1.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	Weight int32 `json:"weight,omitempty"`

	// noneAt this value and beyond, the component adds nothing.
	//
	// +required
	NoneAt Decimal `json:"noneAt"`

	// fullAt this value and beyond, the component adds all of its weight; between
	// noneAt and fullAt in proportion. It may be the smaller of the two, where less
	// is better.
	//
	// +required
	FullAt Decimal `json:"fullAt"`
}
