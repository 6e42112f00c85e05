package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ObservedStatus is what the status of every kind begins with.
type ObservedStatus struct {
	// observedGeneration is the generation that this status speaks of; -1 before
	// the first pass.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the resource: Ready, Reconciling and Stalled, and those of its
	// kind.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Condition types that every kind has, with the meaning that kstatus gives
// them. Reconciling and Stalled are never both true.
const (
	// ConditionReady is True when the resource does what its spec asks for.
	ConditionReady = "Ready"
	// ConditionReconciling is True while the controller is working towards the
	// spec or waits for something it will be woken by.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when only a change by a person can help. The
	// message says which; nothing is retried until the object changes, or what
	// the message speaks of.
	ConditionStalled = "Stalled"
)

// Reasons that several kinds share.
const (
	// ReasonReady says that the resource does what its spec asks for.
	ReasonReady = "Ready"
	// ReasonReferenceNotReady says that a resource named in the spec is missing
	// or not ready yet. A watch wakes the controller when that changes, or growing
	// pauses where it is a Secret, which nobody watches. So this is never Stalled:
	// GitOps applies everything at once, in any order.
	ReasonReferenceNotReady = "ReferenceNotReady"
	// ReasonSuspended says that spec.suspend is true: the last state stays in force.
	ReasonSuspended = "Suspended"
	// ReasonInvalidTimeZone says that a time zone is not in the time zone
	// database. Mend it by naming an IANA zone such as Europe/London.
	ReasonInvalidTimeZone = "InvalidTimeZone"
	// ReasonUnknownCurrency says that a currency code is none of ISO 4217.
	ReasonUnknownCurrency = "UnknownCurrency"
	// ReasonCurrencyMismatch says that the database of a CustomerStore keeps sums in
	// another currency than spec.reportingCurrency, or that an amount which is compared
	// with sums is in another. Mend it by creating the CustomerStore anew with the
	// currency in the message or naming another database, or by stating the amount in
	// the currency in the message.
	ReasonCurrencyMismatch = "CurrencyMismatch"
	// ReasonInvalidAmount says that an amount has more digits after the point than
	// its currency, or a decimal more than what it is compared with. Mend it by leaving
	// the others out.
	ReasonInvalidAmount = "InvalidAmount"
	// ReasonInvalidSecret says that a Secret named in the spec lacks a key that is
	// needed, or that what stands under it cannot be used. The message names the
	// Secret and the key, never what stands there.
	ReasonInvalidSecret = "InvalidSecret"
	// ReasonStoreMismatch says that a resource named in the spec belongs to another
	// CustomerStore. Mend it by naming one of the same store.
	ReasonStoreMismatch = "StoreMismatch"
	// ReasonInvalidExpression says that an expression does not compile or cannot
	// be translated to SQL. The message has the position and the wish.
	ReasonInvalidExpression = "InvalidExpression"
	// ReasonProgramDeleted says, in an event of a CustomerStore, that a LoyaltyProgram
	// was deleted whose members have points: these stay in the store.
	ReasonProgramDeleted = "ProgramDeleted"
	// ReasonReferenceCycle says that resources refer to each other in a circle,
	// which the message names. Mend it by taking one reference out.
	ReasonReferenceCycle = "ReferenceCycle"
	// ReasonUnknownClass says that a CustomerSegment has no class of that name.
	// The message lists the classes it has.
	ReasonUnknownClass = "UnknownClass"
	// ReasonInvalidTemplate says that a message does not compile or names a field
	// that does not exist. The message has locale, line and wish.
	ReasonInvalidTemplate = "InvalidTemplate"
	// ReasonUndeclaredTopic says that no ContactPolicy of the store declares the topic, or
	// that the store names none at all, so that no topic has a legal basis.
	ReasonUndeclaredTopic = "UndeclaredTopic"
	// ReasonBudgetNotComparable says that a budget has no cost per message, or no
	// exchange rate, to be compared with.
	ReasonBudgetNotComparable = "BudgetNotComparable"
	// ReasonUnreachable says that a server does not answer or refuses to log in.
	// The controller tries again by itself.
	ReasonUnreachable = "Unreachable"
	// ReasonFailed says that a passing fault kept the controller from finishing.
	// It tries again by itself with growing pauses.
	ReasonFailed = "Failed"
)

const (
	// AnnotationRequestedAt forces one pass of the controller whenever its value
	// changes. Any value will do; a time is customary.
	AnnotationRequestedAt = "crm.fairlead.dev/requested-at"

	// LabelCredentials must be "true" on every Secret that a channel or a store
	// names, so that neither can be aimed at any Secret of the namespace.
	LabelCredentials = "crm.fairlead.dev/credentials"
)
