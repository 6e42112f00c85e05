package outreach

import (
	"fmt"
	"maps"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// isThrough tells whether nothing becomes of an Outreach any more.
func isThrough(phase crm.OutreachPhase) bool {
	return phase == crm.OutreachCompleted || phase == crm.OutreachCancelled || phase == crm.OutreachFailed
}

// audienceStatus sums up a frozen audience, the most frequent reasons first.
func audienceStatus(run *store.Run) *crm.AudienceStatus {
	status := &crm.AudienceStatus{Matched: run.Matched, Recipients: run.Recipients}
	for _, reason := range slices.Sorted(maps.Keys(run.Dropped)) {
		status.Dropped = append(status.Dropped, crm.DroppedStatus{Reason: crm.EntryName(reason), Count: run.Dropped[reason]})
	}
	slices.SortStableFunc(status.Dropped, func(a, b crm.DroppedStatus) int { return int(b.Count - a.Count) })
	return status
}

func messagesStatus(c store.MessageCounts) *crm.MessagesStatus {
	return &crm.MessagesStatus{Pending: c.Pending, Sent: c.Sent, Failed: c.Failed, Deferred: c.Waiting, Skipped: c.Skipped, Unknown: c.Unknown}
}

// setComplete keeps the condition Complete: it stands there once a run is final.
func setComplete(o *crm.Outreach, now time.Time) {
	if o.Status.Phase != crm.OutreachCompleted && o.Status.Phase != crm.OutreachCancelled {
		return
	}
	ready := meta.FindStatusCondition(o.Status.Conditions, crm.ConditionReady)
	meta.SetStatusCondition(&o.Status.Conditions, metav1.Condition{
		Type: crm.ConditionComplete, Status: metav1.ConditionTrue, Reason: string(o.Status.Phase), Message: ready.Message,
		ObservedGeneration: o.Generation, LastTransitionTime: metav1.NewTime(now),
	})
	if o.Status.CompletionTime == nil {
		o.Status.CompletionTime = &metav1.Time{Time: now}
	}
}

// event is something that a person may want to know of.
type event struct{ kind, reason, note string }

// transitions are the events between two states.
func transitions(before, after crm.OutreachStatus) (events []event) {
	if stalled := contract.StalledNow(before.Conditions, after.Conditions); stalled != nil {
		events = append(events, event{corev1.EventTypeWarning, stalled.Reason, stalled.Message})
	}
	if after.Phase != before.Phase && after.Phase != "" && after.Phase != crm.OutreachFailed {
		kind := corev1.EventTypeNormal
		if after.Phase == crm.OutreachHalted {
			kind = corev1.EventTypeWarning
		}
		note := fmt.Sprintf("The run is %s.", after.Phase)
		if ready := meta.FindStatusCondition(after.Conditions, crm.ConditionReady); ready != nil {
			note = ready.Message
		}
		events = append(events, event{kind, string(after.Phase), note})
	}
	return events
}
