// Package contract holds what every kind's controller owes its user: the same
// three conditions, a quiet status, and a pass whenever one is asked for.
package contract

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// Verdict is what a pass of a controller came to. The conditions Ready,
// Reconciling and Stalled follow from it. Make one with Ready, Waiting or
// Stalled.
type Verdict struct {
	ready       metav1.ConditionStatus
	reconciling bool
	stalled     bool
	reason      string
	message     string
}

// Ready says that the resource does what its spec asks for.
func Ready(reason, message string) Verdict {
	return Verdict{ready: metav1.ConditionTrue, reason: reason, message: message}
}

// Waiting says that the controller works towards the spec, or waits for
// something it will be woken by: a reference, a retry after a passing fault.
func Waiting(reason, message string) Verdict {
	return Verdict{ready: metav1.ConditionFalse, reconciling: true, reason: reason, message: message}
}

// Stalled says that only a change by a person can help. The message says which.
func Stalled(reason, message string) Verdict {
	return Verdict{ready: metav1.ConditionFalse, stalled: true, reason: reason, message: message}
}

// Reason of the conditions.
func (v Verdict) Reason() string { return v.reason }

// Message says what a person is told.
func (v Verdict) Message() string { return v.message }

// Apply brings a status in line with the verdict on a generation, as kstatus
// reads it: Reconciling and Stalled stand there only while they are true. A
// transition time changes only when the status of its condition does.
func (v Verdict) Apply(status *crm.ObservedStatus, generation int64, now time.Time) {
	status.ObservedGeneration = generation
	set := func(conditionType string, value metav1.ConditionStatus) {
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: conditionType, Status: value, Reason: v.reason, Message: v.message,
			ObservedGeneration: generation, LastTransitionTime: metav1.NewTime(now),
		})
	}
	set(crm.ConditionReady, v.ready)
	for conditionType, holds := range map[string]bool{
		crm.ConditionReconciling: v.reconciling,
		crm.ConditionStalled:     v.stalled,
	} {
		if holds {
			set(conditionType, metav1.ConditionTrue)
		} else {
			meta.RemoveStatusCondition(&status.Conditions, conditionType)
		}
	}
}

// IsReady reports whether others may rely on a resource. The last word stands
// until the controller says otherwise: while it looks at a new generation, those
// who refer to the resource are not woken twice.
func IsReady(status crm.ObservedStatus) bool {
	return meta.IsStatusConditionTrue(status.Conditions, crm.ConditionReady)
}

// IsSuspended reports whether a resource is at rest since spec.suspend asked for it. The last word
// stands, as that of IsReady does, which is true then as well.
func IsSuspended(status crm.ObservedStatus) bool {
	ready := meta.FindStatusCondition(status.Conditions, crm.ConditionReady)
	return ready != nil && ready.Status == metav1.ConditionTrue && ready.Reason == crm.ReasonSuspended
}

// StalledNow gives the condition Stalled if it became true, or true for another
// reason, between two states; nil otherwise.
func StalledNow(before, after []metav1.Condition) *metav1.Condition {
	now := meta.FindStatusCondition(after, crm.ConditionStalled)
	if now == nil || now.Status != metav1.ConditionTrue {
		return nil
	}
	was := meta.FindStatusCondition(before, crm.ConditionStalled)
	if was != nil && was.Status == metav1.ConditionTrue && was.Reason == now.Reason {
		return nil
	}
	return now
}
