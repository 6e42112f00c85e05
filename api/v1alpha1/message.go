package v1alpha1

// MessagePlan is what an audience hears, through which channel, and at what
// cost.
type MessagePlan struct {
	// channelName is the OutreachChannel that carries the messages.
	//
	// +required
	ChannelName ObjectName `json:"channelName"`

	// topic of the messages, one that a ContactPolicy of the store declares.
	//
	// +required
	Topic EntryName `json:"topic"`

	// series that the messages are about: what templates write of .Series, which is the
	// customer's history in it. Default: that of the exhibition the messages are about,
	// or else the only series that the store's Exhibitions are of.
	//
	// +optional
	Series SeriesName `json:"series,omitempty"`

	// loyaltyProgramName is the LoyaltyProgram whose members the messages speak to: what
	// templates write of .Loyalty, which is the customer's membership in it. Default: the
	// only one that the store has.
	//
	// +optional
	LoyaltyProgramName ObjectName `json:"loyaltyProgramName,omitempty"`

	// costPerMessage counts against the budget of a run and in the scorecard of its
	// rule.
	//
	// +optional
	CostPerMessage *Money `json:"costPerMessage,omitempty"`

	// expireAfterSeconds the audience was frozen a message is not sent any more: what
	// quiet hours, a cap or a server held up for longer is skipped. Default: a week.
	//
	// +optional
	// +kubebuilder:default=604800
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=31536000
	ExpireAfterSeconds int64 `json:"expireAfterSeconds,omitempty"`

	// messages, one a locale; the first is for whoever reads none of the others.
	// Together they have at most 32000 characters, so that the object can be
	// applied by kubectl.
	//
	// +required
	// +listType=map
	// +listMapKey=locale
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:XValidation:rule="self.map(m, m.subject.size() + (has(m.html) ? m.html.size() : 0) + (has(m.text) ? m.text.size() : 0)).sum() <= 32000",message="messages must have at most 32000 characters together"
	Messages []Message `json:"messages"`
}

// DefaultExpireAfterSeconds is a week.
const DefaultExpireAfterSeconds = 604800

// Message is the text of a mail or task in one language. Subject, html and text
// are Go templates; unknown fields are found when the object is checked.
//
// +kubebuilder:validation:XValidation:rule="has(self.html) || has(self.text)",message="a message needs html, text or both"
type Message struct {
	// locale of the message.
	//
	// +required
	Locale Locale `json:"locale"`

	// subject line.
	//
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=500
	// +kubebuilder:validation:XValidation:rule="self.matches('^[^\\\\p{Cc}\\\\p{Zl}\\\\p{Zp}]+$')",message="must not contain control characters or line breaks"
	Subject string `json:"subject"`

	// html body, a template of html/template.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32000
	HTML string `json:"html,omitempty"`

	// text body, a template of text/template.
	//
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32000
	Text string `json:"text,omitempty"`
}

// Guardrails limit a run before and while it sends.
type Guardrails struct {
	// maxRecipients of one run. Default: no limit but the store's.
	//
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000000
	MaxRecipients *int64 `json:"maxRecipients,omitempty"`

	// budget of one run: recipients times costPerMessage.
	//
	// +optional
	Budget *Money `json:"budget,omitempty"`

	// onExceeded says what happens when maxRecipients or budget is passed.
	//
	// +optional
	// +kubebuilder:default=RequireApproval
	OnExceeded OnExceeded `json:"onExceeded,omitempty"`

	// approval says when an OutreachApproval is needed.
	//
	// +optional
	// +kubebuilder:default=WhenExceeded
	Approval ApprovalPolicy `json:"approval,omitempty"`

	// holdoutPercent of the audience hears nothing, always the same customers for
	// one rule, so that the effect can be measured.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=50
	HoldoutPercent int32 `json:"holdoutPercent,omitempty"`

	// halt stops a run that fails too often.
	//
	// +optional
	Halt *Halt `json:"halt,omitempty"`
}

// OnExceeded is what happens when a limit is passed.
//
// +kubebuilder:validation:Enum=RequireApproval;Fail
type OnExceeded string

// The answers to a passed limit.
const (
	// OnExceededRequireApproval waits for an OutreachApproval.
	OnExceededRequireApproval OnExceeded = "RequireApproval"
	// OnExceededFail ends the run before anything is sent.
	OnExceededFail OnExceeded = "Fail"
)

// ApprovalPolicy is when an OutreachApproval is needed.
//
// +kubebuilder:validation:Enum=Always;WhenExceeded
type ApprovalPolicy string

// The approval policies.
const (
	// ApprovalAlways wants one for every run.
	ApprovalAlways ApprovalPolicy = "Always"
	// ApprovalWhenExceeded wants one when a limit is passed.
	ApprovalWhenExceeded ApprovalPolicy = "WhenExceeded"
)

// Halt stops a run whose share of failed messages passes a limit.
type Halt struct {
	// failurePercent of the settled messages.
	//
	// +required
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	FailurePercent int32 `json:"failurePercent"`

	// minimumSample of settled messages before the share counts.
	//
	// +optional
	// +kubebuilder:default=100
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000000
	MinimumSample int32 `json:"minimumSample,omitempty"`
}

// DeliveryGuarantee is what happens to a message whose outcome a crash made
// unknown.
//
// +kubebuilder:validation:Enum=AtMostOnce;AtLeastOnce
type DeliveryGuarantee string

// The delivery guarantees.
const (
	// GuaranteeAtMostOnce leaves the message unknown until a person resolves it.
	GuaranteeAtMostOnce DeliveryGuarantee = "AtMostOnce"
	// GuaranteeAtLeastOnce sends the message again.
	GuaranteeAtLeastOnce DeliveryGuarantee = "AtLeastOnce"
)
