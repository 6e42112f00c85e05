package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// FactKind is a kind of recorded fact that can earn points.
//
// +kubebuilder:validation:Enum=Participation;Booking;Transaction;Referral;Feedback;Training
type FactKind string

// The facts that can earn points.
const (
	FactParticipation FactKind = "Participation"
	FactBooking       FactKind = "Booking"
	FactTransaction   FactKind = "Transaction"
	FactReferral      FactKind = "Referral"
	FactFeedback      FactKind = "Feedback"
	FactTraining      FactKind = "Training"
)

// LoyaltyProgramSpec declares how points are earned, which tiers they reach and
// what a tier gives (map rows H1-H4).
//
// +kubebuilder:validation:XValidation:rule="self.storeName == oldSelf.storeName",fieldPath=".storeName",message="storeName is immutable: create another LoyaltyProgram instead"
type LoyaltyProgramSpec struct {
	// storeName is the CustomerStore whose customers are members. Immutable.
	//
	// +required
	StoreName ObjectName `json:"storeName"`

	// description for people.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Description string `json:"description,omitempty"`

	// eligible is a CEL expression over customer that is true for members.
	// Default: every customer.
	//
	// +optional
	Eligible Expression `json:"eligible,omitempty"`

	// accrual says which facts earn how many points. The expressions together have
	// at most 20000 characters, so that the object can be applied by kubectl.
	//
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:XValidation:rule="self.map(a, a.points.size() + (has(a.where) ? a.where.size() : 0)).sum() <= 20000",message="accrual must have at most 20000 characters of expressions together"
	Accrual []AccrualRule `json:"accrual"`

	// rounding of what a fact earns. Default: to whole points, half up.
	//
	// +optional
	Rounding *PointsRounding `json:"rounding,omitempty"`

	// expireAfterMonths from the fact on its points are gone. Default: never.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=600
	ExpireAfterMonths *int32 `json:"expireAfterMonths,omitempty"`

	// tiers from the lowest up.
	//
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:XValidation:rule="self.map(a, a.fromPoints).isSorted() && self.all(a, self.exists_one(b, b.fromPoints == a.fromPoints))",message="fromPoints must rise from tier to tier"
	Tiers []Tier `json:"tiers"`

	// downgradeGraceMonths a member keeps a tier after falling below it.
	//
	// +optional
	// +kubebuilder:default=0
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=120
	DowngradeGraceMonths int32 `json:"downgradeGraceMonths,omitempty"`

	// pointValue is what a point is worth to the organiser when it is redeemed, in the
	// store's reporting currency: points outstanding times this are the liability.
	//
	// +optional
	PointValue *Money `json:"pointValue,omitempty"`

	// suspend keeps points and tiers as they are while true.
	//
	// +optional
	Suspend *bool `json:"suspend,omitempty"`
}

// RoundingMode says which way points are rounded.
//
// +kubebuilder:validation:Enum=Down;HalfUp;Up
type RoundingMode string

// The modes of rounding.
const (
	RoundingDown   RoundingMode = "Down"
	RoundingHalfUp RoundingMode = "HalfUp"
	RoundingUp     RoundingMode = "Up"
)

// PointsRounding says how the points of a fact are rounded.
type PointsRounding struct {
	// mode is Down, HalfUp or Up.
	//
	// +optional
	// +kubebuilder:default=HalfUp
	Mode RoundingMode `json:"mode,omitempty"`

	// decimals that points keep after the point.
	//
	// +optional
	// +kubebuilder:default=0
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=6
	Decimals int32 `json:"decimals,omitempty"`
}

// AccrualRule gives points for facts of one kind.
type AccrualRule struct {
	// name of the rule, shown in statements.
	//
	// +required
	Name EntryName `json:"name"`

	// fact is the kind of fact that earns.
	//
	// +required
	Fact FactKind `json:"fact"`

	// where is a CEL expression over fact and customer that is true for facts that
	// earn. Default: every fact of the kind.
	//
	// +optional
	Where Expression `json:"where,omitempty"`

	// points is a CEL expression over fact and customer that gives a number from 0 to
	// 10000000, such as "100" or "fact.boothArea * 2.0". An absent value earns nothing,
	// and is counted.
	//
	// +required
	Points Expression `json:"points"`
}

// Tier is a level of membership and what it gives.
type Tier struct {
	// name of the tier.
	//
	// +required
	Name EntryName `json:"name"`

	// fromPoints on a member belongs to the tier.
	//
	// +required
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000000000
	FromPoints int64 `json:"fromPoints"`

	// boothDiscountPercent off the booth fee.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	BoothDiscountPercent int32 `json:"boothDiscountPercent,omitempty"`

	// benefits by name, such as PrioritySelection.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=16
	Benefits []EntryName `json:"benefits,omitempty"`
}

// LoyaltyProgramStatus is what is known of the program.
type LoyaltyProgramStatus struct {
	ObservedStatus `json:",inline"`

	// members of the program.
	//
	// +optional
	Members *int64 `json:"members,omitempty"`

	// tiers and how many members each has.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	Tiers []TierStatus `json:"tiers,omitempty"`

	// pointsOutstanding are earned and neither redeemed nor expired.
	//
	// +optional
	PointsOutstanding Decimal `json:"pointsOutstanding,omitempty"`

	// pointsIssued were ever earned or given, less what was taken by hand.
	//
	// +optional
	PointsIssued Decimal `json:"pointsIssued,omitempty"`

	// pointsRedeemed were ever redeemed.
	//
	// +optional
	PointsRedeemed Decimal `json:"pointsRedeemed,omitempty"`

	// pointsExpired were gone before they were redeemed.
	//
	// +optional
	PointsExpired Decimal `json:"pointsExpired,omitempty"`

	// liability is pointsOutstanding times pointValue.
	//
	// +optional
	Liability *Money `json:"liability,omitempty"`

	// unearned is how many facts a rule is about that earn nothing, because a value or
	// the date of their edition is absent.
	//
	// +optional
	Unearned *int64 `json:"unearned,omitempty"`

	// overdrawn is how many members redeemed more than facts now say they earned.
	//
	// +optional
	Overdrawn *int64 `json:"overdrawn,omitempty"`

	// sizes of the tiers in one line, for tables.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Sizes string `json:"sizes,omitempty"`
}

// TierStatus counts the members of one tier.
type TierStatus struct {
	// name of the tier.
	//
	// +required
	Name EntryName `json:"name"`

	// members in the tier.
	//
	// +required
	Members int64 `json:"members"`
}

// LoyaltyProgram declares how points are earned, which tiers they reach and
// what a tier gives.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=loyal,categories=fairlead
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members`
// +kubebuilder:printcolumn:name="Points",type=string,JSONPath=`.status.pointsOutstanding`
// +kubebuilder:printcolumn:name="Tiers",type=string,JSONPath=`.status.sizes`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63 && !self.metadata.name.contains('.')",message="metadata.name must have at most 63 characters and no dots"
type LoyaltyProgram struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec declares the program.
	//
	// +required
	Spec LoyaltyProgramSpec `json:"spec"`

	// status is what is known of the program.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status LoyaltyProgramStatus `json:"status,omitempty"`
}

// LoyaltyProgramList is a list of LoyaltyPrograms.
//
// +kubebuilder:object:root=true
type LoyaltyProgramList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []LoyaltyProgram `json:"items"`
}
