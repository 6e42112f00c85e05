package v1alpha1

// Trigger says when a run is due, in exactly one way.
//
// +kubebuilder:validation:ExactlyOneOf=schedule;exhibition;anniversary;segment;fact
type Trigger struct {
	// schedule is due at times of a cron line.
	//
	// +optional
	Schedule *ScheduleTrigger `json:"schedule,omitempty"`

	// exhibition is due days before or after a date of an exhibition.
	//
	// +optional
	Exhibition *ExhibitionTrigger `json:"exhibition,omitempty"`

	// anniversary is due on a day in the recipient's year.
	//
	// +optional
	Anniversary *AnniversaryTrigger `json:"anniversary,omitempty"`

	// segment is due when customers enter or leave a segment.
	//
	// +optional
	Segment *SegmentTrigger `json:"segment,omitempty"`

	// fact is due when something was recorded about customers.
	//
	// +optional
	Fact *FactTrigger `json:"fact,omitempty"`

	// startingDeadlineSeconds after which a due run that has not begun is counted
	// as missed, also when the rule is first applied.
	//
	// +optional
	// +kubebuilder:default=3600
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=31536000
	StartingDeadlineSeconds int64 `json:"startingDeadlineSeconds,omitempty"`
}

// ScheduleTrigger is due at times of a cron line.
type ScheduleTrigger struct {
	// cron line of five fields, as a CronJob takes it.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=100
	// +kubebuilder:validation:XValidation:rule="!self.contains('TZ=')",message="must not name a time zone: use timeZone"
	Cron string `json:"cron"`

	// timeZone of the cron line. Default: UTC.
	//
	// +optional
	// +kubebuilder:default=UTC
	TimeZone TimeZone `json:"timeZone,omitempty"`
}

// ExhibitionTrigger is due days before or after a date of an exhibition, and
// follows a date that moves.
//
// +kubebuilder:validation:ExactlyOneOf=series;exhibitionName
type ExhibitionTrigger struct {
	// series makes the trigger due for every edition of the series.
	//
	// +optional
	Series SeriesName `json:"series,omitempty"`

	// exhibitionName makes the trigger due for one Exhibition.
	//
	// +optional
	ExhibitionName ObjectName `json:"exhibitionName,omitempty"`

	// anchor is RecruitFrom, Opens, Closes, EvaluateUntil or the name of a milestone.
	//
	// +required
	Anchor EntryName `json:"anchor"`

	// offsetDays after the anchor, before it if negative.
	//
	// +optional
	// +kubebuilder:validation:Minimum=-3650
	// +kubebuilder:validation:Maximum=3650
	OffsetDays int32 `json:"offsetDays,omitempty"`

	// at this time of day in the venue's time zone.
	//
	// +optional
	// +kubebuilder:default="09:00"
	At TimeOfDay `json:"at,omitempty"`
}

// AnniversaryField is a day in a person's or an organization's year.
//
// +kubebuilder:validation:Enum=Birthday;FoundingDay;FirstParticipation
type AnniversaryField string

// The anniversaries.
const (
	// AnniversaryBirthday is the birthday of the person written to (map row G8).
	AnniversaryBirthday AnniversaryField = "Birthday"
	// AnniversaryFoundingDay is the founding day of the organization (map row G8).
	AnniversaryFoundingDay AnniversaryField = "FoundingDay"
	// AnniversaryFirstParticipation is the day the customer first took part.
	AnniversaryFirstParticipation AnniversaryField = "FirstParticipation"
)

// AnniversaryTrigger is due on a day in the recipient's year.
type AnniversaryTrigger struct {
	// field that has the day.
	//
	// +required
	Field AnniversaryField `json:"field"`

	// at this time of day in the recipient's time zone.
	//
	// +optional
	// +kubebuilder:default="09:00"
	At TimeOfDay `json:"at,omitempty"`
}

// SegmentTransition is a customer's way in or out of a segment.
//
// +kubebuilder:validation:Enum=Entered;Left
type SegmentTransition string

// The transitions.
const (
	TransitionEntered SegmentTransition = "Entered"
	TransitionLeft    SegmentTransition = "Left"
)

// SegmentTrigger is due when customers enter or leave a segment. Its first
// evaluation is a baseline and triggers nothing.
type SegmentTrigger struct {
	// segmentName is the CustomerSegment.
	//
	// +required
	SegmentName ObjectName `json:"segmentName"`

	// transition that triggers.
	//
	// +required
	Transition SegmentTransition `json:"transition"`

	// batchSeconds collects transitions into one run.
	//
	// +optional
	// +kubebuilder:default=300
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=86400
	BatchSeconds int64 `json:"batchSeconds,omitempty"`
}

// TriggerFact is something recorded about a customer.
//
// +kubebuilder:validation:Enum=ComplaintOpened;ComplaintResolved;FeedbackReceived;BookingCancelled;TierChanged
type TriggerFact string

// The facts that trigger.
const (
	TriggerComplaintOpened   TriggerFact = "ComplaintOpened"
	TriggerComplaintResolved TriggerFact = "ComplaintResolved"
	TriggerFeedbackReceived  TriggerFact = "FeedbackReceived"
	TriggerBookingCancelled  TriggerFact = "BookingCancelled"
	TriggerTierChanged       TriggerFact = "TierChanged"
)

// FactTrigger is due when something was recorded about customers, counted from
// the creation of the rule.
type FactTrigger struct {
	// kind of the fact.
	//
	// +required
	Kind TriggerFact `json:"kind"`

	// batchSeconds collects facts into one run.
	//
	// +optional
	// +kubebuilder:default=300
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=86400
	BatchSeconds int64 `json:"batchSeconds,omitempty"`
}
