package v1alpha1

// Audience is who hears of something: customers by segment, and the persons
// who are written to on their behalf.
type Audience struct {
	// include these segments, or these classes of them.
	//
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Include []SegmentReference `json:"include"`

	// match says whether a customer must be in all included segments or in any.
	//
	// +optional
	// +kubebuilder:default=All
	Match AudienceMatch `json:"match,omitempty"`

	// exclude the members of these segments, or of these classes of them.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Exclude []SegmentReference `json:"exclude,omitempty"`

	// deliverTo says which persons of an organization are written to. Default: its
	// primary contact; a customer who is a person is written to in any case.
	//
	// +optional
	DeliverTo *DeliverTo `json:"deliverTo,omitempty"`

	// recheck says whether a customer must still belong to the audience at the
	// moment of sending.
	//
	// +optional
	// +kubebuilder:default=Never
	Recheck AudienceRecheck `json:"recheck,omitempty"`
}

// SegmentReference names a CustomerSegment, or some of its classes.
type SegmentReference struct {
	// segmentName is the CustomerSegment.
	//
	// +required
	SegmentName ObjectName `json:"segmentName"`

	// classes of the segment. Default: all members.
	//
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	Classes []EntryName `json:"classes,omitempty"`
}

// AudienceMatch joins the included segments.
//
// +kubebuilder:validation:Enum=All;Any
type AudienceMatch string

// The ways to join segments.
const (
	// MatchAll wants members of every included segment.
	MatchAll AudienceMatch = "All"
	// MatchAny wants members of at least one included segment.
	MatchAny AudienceMatch = "Any"
)

// AudienceRecheck is when membership is checked again after the audience was
// frozen.
//
// +kubebuilder:validation:Enum=Never;AtSend
type AudienceRecheck string

// The moments of a second check.
const (
	// RecheckNever writes to everybody the frozen audience has.
	RecheckNever AudienceRecheck = "Never"
	// RecheckAtSend skips whoever no longer belongs when their turn comes.
	RecheckAtSend AudienceRecheck = "AtSend"
)

// DeliverTo says which persons of an organization are written to.
type DeliverTo struct {
	// contactRoles, in order of preference. Default: any role.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:XValidation:rule="self.all(a, self.exists_one(b, b == a))",message="contactRoles must not repeat a role"
	ContactRoles []ContactRole `json:"contactRoles,omitempty"`

	// perOrganization is whether one person or all with such a role are written to.
	//
	// +optional
	// +kubebuilder:default=One
	PerOrganization PerOrganization `json:"perOrganization,omitempty"`

	// fallback says who is written to where nobody has such a role.
	//
	// +optional
	// +kubebuilder:default=Primary
	Fallback ContactFallback `json:"fallback,omitempty"`
}

// PerOrganization is how many persons of an organization are written to.
//
// +kubebuilder:validation:Enum=One;All
type PerOrganization string

// The choices of PerOrganization.
const (
	PerOrganizationOne PerOrganization = "One"
	PerOrganizationAll PerOrganization = "All"
)

// ContactFallback is who is written to where nobody has a wanted role.
//
// +kubebuilder:validation:Enum=Primary;None
type ContactFallback string

// The fallbacks.
const (
	// FallbackPrimary writes to the primary contact of the organization.
	FallbackPrimary ContactFallback = "Primary"
	// FallbackNone drops the customer with the reason NoContactForRole.
	FallbackNone ContactFallback = "None"
)
