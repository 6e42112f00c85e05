package outreach

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/metrics"
	"github.com/fairlead/fairlead/internal/store"
)

// isThrough tells whether nothing becomes of an Outreach any more.
func isThrough(phase crm.OutreachPhase) bool {
	return phase == crm.OutreachCompleted || phase == crm.OutreachCancelled || phase == crm.OutreachFailed
}

// hasUnknown tells whether a run that is through left messages of which nobody knows whether
// they were sent.
func hasUnknown(o *crm.Outreach) bool {
	return o.Status.Phase == crm.OutreachCompleted && o.Status.Messages != nil && o.Status.Messages.Unknown > 0
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

// messagesStatus counts as deferred also what nobody tried, for its time has not come.
func messagesStatus(c store.MessageCounts) *crm.MessagesStatus {
	return &crm.MessagesStatus{Pending: c.Pending - c.OnHold, Sent: c.Sent, Failed: c.Failed, Deferred: c.Waiting + c.OnHold, Skipped: c.Skipped, Unknown: c.Unknown}
}

// windowMetrics is what Prometheus is told of windows.
func windowMetrics(w store.Windows) metrics.Windows {
	atMost := map[float64]uint64{}
	for i, bound := range store.WindowBounds() {
		atMost[bound.Seconds()] = uint64(w.AtMost[i]) //nolint:gosec // counters only grow
	}
	return metrics.Windows{Count: uint64(w.Count), Took: w.Took, AtMost: atMost, Settling: w.Settling} //nolint:gosec // counters only grow
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
		events = append(events, event{corev1.EventTypeWarning, stalled.Reason, contract.Note(stalled.Message)})
	}
	if before.PlanDigest == "" && after.PlanDigest != "" && after.Audience != nil {
		events = append(events, event{corev1.EventTypeNormal, crm.ReasonFrozen, contract.Note(frozenNote(after.Audience))})
	}
	if after.Phase != before.Phase && after.Phase != "" && after.Phase != crm.OutreachFailed {
		kind := corev1.EventTypeNormal
		if after.Phase == crm.OutreachHalted || after.Phase == crm.OutreachCompleted && after.Messages != nil && after.Messages.Unknown > 0 {
			kind = corev1.EventTypeWarning
		}
		events = append(events, event{kind, string(after.Phase), contract.Note(phaseNote(before, after))})
	}
	return events
}

// frozenNote sums up whom a run is for.
func frozenNote(a *crm.AudienceStatus) string {
	var dropped []string
	for _, d := range a.Dropped {
		dropped = append(dropped, fmt.Sprintf("%s %d", d.Reason, d.Count))
	}
	text := fmt.Sprintf("Frozen: %d recipients of %d customers who match.", a.Recipients, a.Matched)
	if len(dropped) > 0 {
		text += " Dropped: " + strings.Join(dropped, ", ") + "."
	}
	return text
}

// phaseNote tells of a new phase: what its condition says, but that of sending stands for as
// long as it lasts, and has no counts.
func phaseNote(before, after crm.OutreachStatus) string {
	ready := meta.FindStatusCondition(after.Conditions, crm.ConditionReady)
	switch m := after.Messages; {
	case after.Phase == crm.OutreachSending && m != nil && before.Phase == crm.OutreachPaused:
		return fmt.Sprintf("Sending goes on: %d were sent, %d are pending.", m.Sent, m.Pending+m.Deferred)
	case after.Phase == crm.OutreachSending && m != nil:
		return fmt.Sprintf("Sending begins: %d are pending.", m.Pending+m.Deferred)
	case ready != nil:
		return ready.Message
	}
	return fmt.Sprintf("The run is %s.", after.Phase)
}
