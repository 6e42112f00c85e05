package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ExhibitionPhase is where an edition stands in its cycle, by its dates in the
// time zone of the venue (map rows I1, L4).
//
// +kubebuilder:validation:Enum=Planned;Recruiting;Open;Evaluating;Concluded
type ExhibitionPhase string

// The phases of an edition, in order.
const (
	// PhasePlanned lasts until the day recruitFrom begins.
	PhasePlanned ExhibitionPhase = "Planned"
	// PhaseRecruiting lasts until the day of opening begins.
	PhaseRecruiting ExhibitionPhase = "Recruiting"
	// PhaseOpen lasts until the day of closing has ended.
	PhaseOpen ExhibitionPhase = "Open"
	// PhaseEvaluating lasts until the day evaluateUntil has ended.
	PhaseEvaluating ExhibitionPhase = "Evaluating"
	// PhaseConcluded follows and does not end.
	PhaseConcluded ExhibitionPhase = "Concluded"
)

// Anchors that an edition has by itself; its milestones add their own names.
const (
	AnchorRecruitFrom   = "RecruitFrom"
	AnchorOpens         = "Opens"
	AnchorCloses        = "Closes"
	AnchorEvaluateUntil = "EvaluateUntil"
)

// Condition and reasons of an Exhibition beside the shared ones.
const (
	// ConditionTargetsMet is True when every target of the edition is reached, False when
	// one is missed, Unknown while there are no figures yet, or one that is not reached
	// still may be. It does not stand there where the edition declares no targets.
	ConditionTargetsMet = "TargetsMet"

	// ReasonDuplicateEdition says that an older Exhibition declares the same
	// series and edition of the same store. Mend it by deleting one of the two.
	ReasonDuplicateEdition = "DuplicateEdition"
	// ReasonUnknownCountry says that a country code is none of ISO 3166-1.
	ReasonUnknownCountry = "UnknownCountry"
	// ReasonNoFigures says that the store has given no figures for the edition yet.
	ReasonNoFigures = "NoFigures"
	// ReasonTargetsReached says that every target is reached.
	ReasonTargetsReached = "TargetsReached"
	// ReasonTargetsMissed says that the edition has closed and a target is missed. The
	// message has each of them, with the figure.
	ReasonTargetsMissed = "TargetsMissed"
	// ReasonTargetsAhead says that a target is not reached and the edition has not
	// closed yet. The message has each of them, with the figure.
	ReasonTargetsAhead = "TargetsAhead"
	// ReasonPhaseChanged is the reason of the event that tells of a new phase.
	ReasonPhaseChanged = "PhaseChanged"
)

// ExhibitionSpec declares one edition of a series of exhibitions.
//
// +kubebuilder:validation:XValidation:rule="self.storeName == oldSelf.storeName",fieldPath=".storeName",message="storeName is immutable: create another Exhibition instead"
// +kubebuilder:validation:XValidation:rule="self.series == oldSelf.series",fieldPath=".series",message="series is immutable: create another Exhibition instead"
// +kubebuilder:validation:XValidation:rule="self.edition == oldSelf.edition",fieldPath=".edition",message="edition is immutable: create another Exhibition instead"
// +kubebuilder:validation:XValidation:rule="!has(self.previousEdition) || self.previousEdition != self.edition",fieldPath=".previousEdition",message="previousEdition must be another edition than edition"
// +kubebuilder:validation:XValidation:rule="!has(self.recruitFrom) || self.recruitFrom <= self.opens",fieldPath=".recruitFrom",message="recruitFrom must not be after opens"
// +kubebuilder:validation:XValidation:rule="self.opens <= self.closes",fieldPath=".closes",message="closes must not be before opens"
// +kubebuilder:validation:XValidation:rule="self.closes - self.opens <= duration('8784h')",fieldPath=".closes",message="closes must be within 366 days after opens"
// +kubebuilder:validation:XValidation:rule="!has(self.evaluateUntil) || self.closes <= self.evaluateUntil",fieldPath=".evaluateUntil",message="evaluateUntil must not be before closes"
type ExhibitionSpec struct {
	// storeName is the CustomerStore that knows the participants. Immutable.
	//
	// +required
	StoreName ObjectName `json:"storeName"`

	// series that this is an edition of. Immutable; together with edition it is
	// unique within the store.
	//
	// +required
	Series SeriesName `json:"series"`

	// edition within the series, such as "2026". Immutable.
	//
	// +required
	Edition EditionName `json:"edition"`

	// previousEdition is what retention is measured against. Default: the edition
	// of the series that closed last before this one opens; status shows it.
	//
	// +optional
	PreviousEdition EditionName `json:"previousEdition,omitempty"`

	// title for people and for templates.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	Title string `json:"title"`

	// venue where the edition takes place.
	//
	// +required
	Venue Venue `json:"venue"`

	// recruitFrom is the first day of recruiting participants. Default: recruiting
	// has begun already.
	//
	// +optional
	RecruitFrom Date `json:"recruitFrom,omitempty"`

	// opens is the first day of the show, in the venue's time zone.
	//
	// +required
	Opens Date `json:"opens"`

	// closes is the last day of the show, in the venue's time zone.
	//
	// +required
	Closes Date `json:"closes"`

	// evaluateUntil is the last day on which feedback and rebookings still count
	// for this edition. Default: 90 days after closes.
	//
	// +optional
	EvaluateUntil Date `json:"evaluateUntil,omitempty"`

	// milestones are further days that campaigns may refer to.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Milestones []Milestone `json:"milestones,omitempty"`

	// targets by role of the participants.
	//
	// +optional
	// +listType=map
	// +listMapKey=role
	// +kubebuilder:validation:MaxItems=10
	Targets []ParticipationTarget `json:"targets,omitempty"`

	// satisfaction that the edition aims for.
	//
	// +optional
	Satisfaction *SatisfactionTarget `json:"satisfaction,omitempty"`

	// costing gives the costs of a participation where none are booked, so that
	// net profit can be stated (map row F2).
	//
	// +optional
	Costing *Costing `json:"costing,omitempty"`

	// promises made to participants, whose keeping is reported (map row E11).
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Promises []Promise `json:"promises,omitempty"`

	// suspend leaves phase and figures as they are while true.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// Venue is where an edition takes place.
type Venue struct {
	// name of the venue.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=200
	Name string `json:"name,omitempty"`

	// city of the venue.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	City string `json:"city,omitempty"`

	// countryCode is the country in ISO 3166-1 alpha-2, quoted in YAML ("NO" is
	// Norway, NO is false).
	//
	// +optional
	// +kubebuilder:validation:MaxLength=2
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Z]{2}$')",message="must be an ISO 3166-1 country code of two capitals, such as \"GB\""
	CountryCode string `json:"countryCode,omitempty"`

	// timeZone in which the edition's days begin and end.
	//
	// +required
	TimeZone TimeZone `json:"timeZone"`
}

// Milestone is a named day of an edition.
//
// +kubebuilder:validation:XValidation:rule="!(self.name in ['RecruitFrom', 'Opens', 'Closes', 'EvaluateUntil'])",fieldPath=".name",message="name must not be RecruitFrom, Opens, Closes or EvaluateUntil: every edition has those already"
type Milestone struct {
	// name by which campaigns refer to the day.
	//
	// +required
	Name EntryName `json:"name"`

	// date of the milestone.
	//
	// +required
	Date Date `json:"date"`
}

// ParticipationTarget is what an edition wants to reach with one role. Each
// figure left out is not a target.
//
// +kubebuilder:validation:XValidation:rule="has(self.participants) || has(self.areaSquareMetres) || has(self.retention)",message="a target needs at least one of participants, areaSquareMetres, retention"
type ParticipationTarget struct {
	// role that the target is for.
	//
	// +required
	Role PartyRole `json:"role"`

	// participants wanted.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000000
	Participants *int64 `json:"participants,omitempty"`

	// areaSquareMetres of booths wanted.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000000
	AreaSquareMetres *int64 `json:"areaSquareMetres,omitempty"`

	// retention wanted: participants of the previous edition who return, of those
	// who could (map row C1).
	//
	// +optional
	Retention Ratio `json:"retention,omitempty"`
}

// SatisfactionTarget is the satisfaction that an edition aims for.
//
// +kubebuilder:validation:MinProperties=1
type SatisfactionTarget struct {
	// netPromoterScore wanted, from -100 to 100.
	//
	// +optional
	// +kubebuilder:validation:Minimum=-100
	// +kubebuilder:validation:Maximum=100
	NetPromoterScore *int32 `json:"netPromoterScore,omitempty"`

	// minimumGap is the lowest acceptable mean of perceived result minus
	// expectation, on the scale of the questions (map row E1).
	//
	// +optional
	MinimumGap Decimal `json:"minimumGap,omitempty"`
}

// Costing estimates the costs of a participation where none are booked.
//
// +kubebuilder:validation:MinProperties=1
type Costing struct {
	// perSquareMetre of booth area.
	//
	// +optional
	PerSquareMetre *Money `json:"perSquareMetre,omitempty"`

	// indirectPercentOfRevenue is overhead as a share of revenue after discount.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	IndirectPercentOfRevenue *int32 `json:"indirectPercentOfRevenue,omitempty"`
}

// Exhibition declares one edition of a series of exhibitions: its dates,
// venue, targets and promises. Its status tells the phase, who takes part, who
// came back and how satisfied they are.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=exh,categories=fairlead
// +kubebuilder:printcolumn:name="Series",type=string,JSONPath=`.spec.series`
// +kubebuilder:printcolumn:name="Edition",type=string,JSONPath=`.spec.edition`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Opens",type=string,JSONPath=`.spec.opens`
// +kubebuilder:printcolumn:name="Previous",type=string,JSONPath=`.status.previousEdition`
// +kubebuilder:printcolumn:name="Retention",type=string,JSONPath=`.status.retention[?(@.role=="Exhibitor")].ratio`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="metadata.name must have at most 63 characters and no dots"
type Exhibition struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the edition.
	//
	// +required
	Spec ExhibitionSpec `json:"spec"`

	// status is what is known of the edition.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status ExhibitionStatus `json:"status,omitempty"`
}

// ExhibitionList is a list of Exhibitions.
//
// +kubebuilder:object:root=true
type ExhibitionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Exhibition `json:"items"`
}
