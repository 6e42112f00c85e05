package v1alpha1

// Condition types that every kind has, with the meaning that kstatus gives
// them. Reconciling and Stalled are never both true.
const (
	// ConditionReady is True when the resource does what its spec asks for.
	ConditionReady = "Ready"
	// ConditionReconciling is True while the controller is working towards the
	// spec or waits for something it will be woken by.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when only a change by a person can help. The
	// message says which; nothing is retried until the object changes.
	ConditionStalled = "Stalled"
)

// Reasons that several kinds share.
const (
	// ReasonReady says that the resource does what its spec asks for.
	ReasonReady = "Ready"
	// ReasonReferenceNotReady says that a resource named in the spec is missing
	// or not ready yet. A watch wakes the controller when that changes, so this
	// is never Stalled: GitOps applies everything at once, in any order.
	ReasonReferenceNotReady = "ReferenceNotReady"
	// ReasonSuspended says that spec.suspend is true: the last state stays in force.
	ReasonSuspended = "Suspended"
	// ReasonInvalidTimeZone says that a time zone is not in the time zone
	// database. Mend it by naming an IANA zone such as Europe/London.
	ReasonInvalidTimeZone = "InvalidTimeZone"
	// ReasonFailed says that a passing fault kept the controller from finishing.
	// It tries again by itself with growing pauses.
	ReasonFailed = "Failed"
)

const (
	// AnnotationRequestedAt forces one pass of the controller whenever its value
	// changes. Any value will do; a time is customary.
	AnnotationRequestedAt = "crm.fairlead.dev/requested-at"

	// LabelCredentials must be "true" on every Secret that a channel names, so
	// that a channel cannot be aimed at any Secret of the namespace.
	LabelCredentials = "crm.fairlead.dev/credentials"
)
