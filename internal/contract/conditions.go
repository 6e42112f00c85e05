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

// IsStalled reports whether only a change by a person can help.
func (v Verdict) IsStalled() bool { return v.stalled }

// Reason of the verdict, a constant of the API package.
func (v Verdict) Reason() string { return v.reason }

// Message of the verdict, for people.
func (v Verdict) Message() string { return v.message }

// Apply brings the three conditions in line with the verdict, as kstatus reads
// them: Reconciling and Stalled stand there only while they are true. A
// transition time changes only when the status of its condition does.
func (v Verdict) Apply(conditions *[]metav1.Condition, generation int64, now time.Time) {
	set := func(conditionType string, status metav1.ConditionStatus) {
		meta.SetStatusCondition(conditions, metav1.Condition{
			Type: conditionType, Status: status, Reason: v.reason, Message: v.message,
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
			meta.RemoveStatusCondition(conditions, conditionType)
		}
	}
}

// IsReady reports whether an object's status says Ready of its current
// generation.
func IsReady(conditions []metav1.Condition, observed, generation int64) bool {
	return observed == generation && meta.IsStatusConditionTrue(conditions, crm.ConditionReady)
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
