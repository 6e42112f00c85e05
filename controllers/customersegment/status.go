package customersegment

import (
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// observed is what a pass looks at beside the CustomerSegment itself.
type observed struct {
	// store that the spec names; nil while it does not exist.
	store *crm.CustomerStore
	// segments of the same store, this one among them.
	segments []crm.CustomerSegment
	// elsewhere are the segments of the namespace that belong to other stores: which.
	elsewhere map[string]string
	// read is what is remembered of what segments ask for.
	read *reading
	// failure kept the pass from seeing everything.
	failure error
}

// blocked says why a segment cannot be evaluated, if so: for what is declared alone.
func blocked(segment *crm.CustomerSegment, seen observed) *contract.Verdict {
	asked := asks(seen.segments, seen.read)
	switch cycle := cycleThrough(segment.Name, asked); {
	case ptr.Deref(segment.Spec.Suspend, false):
		return new(contract.Ready(crm.ReasonSuspended, "Suspended: the members stay as they are until spec.suspend is removed."))
	case seen.failure != nil:
		return new(contract.Waiting(crm.ReasonFailed, seen.failure.Error()))
	case cycle != nil:
		return circular(cycle)
	}
	if verdict := wrongAsks(segment, seen, asked[segment.Name]); verdict != nil {
		return verdict
	}
	switch {
	case seen.store == nil:
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf(
			"Waiting for the CustomerStore %s, which does not exist yet.", segment.Spec.StoreName)))
	case !contract.IsReady(seen.store.Status.ObservedStatus):
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf(
			"Waiting for the CustomerStore %s to become ready.", segment.Spec.StoreName)))
	}
	for _, name := range asked[segment.Name] {
		switch other := segmentNamed(seen.segments, name); {
		case other == nil:
			return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the CustomerSegment %s, which does not exist yet.", name)))
		case !isEvaluated(other):
			return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the CustomerSegment %s to become ready.", name)))
		}
	}
	return nil
}

// wrongAsks says what is wrong with the segments that one asks for, if anything is.
func wrongAsks(segment *crm.CustomerSegment, seen observed, asked []string) *contract.Verdict {
	for _, name := range asked {
		if other := seen.elsewhere[name]; other != "" {
			return new(contract.Stalled(crm.ReasonStoreMismatch, fmt.Sprintf(
				"spec.where asks for the CustomerSegment %s, which belongs to the CustomerStore %s and not to %s: ask for one of the same store.", name, other, segment.Spec.StoreName)))
		}
	}
	if wrong := unknownClass(segment, seen.segments); wrong != "" {
		return new(contract.Stalled(crm.ReasonUnknownClass, wrong+"."))
	}
	return nil
}

// isEvaluated tells whether the members of a segment follow what it declares now, or stay
// as they are since it is suspended.
func isEvaluated(segment *crm.CustomerSegment) bool {
	return contract.IsReady(segment.Status.ObservedStatus) && (segment.Status.EvaluatedGeneration == segment.Generation || ptr.Deref(segment.Spec.Suspend, false))
}

func segmentNamed(segments []crm.CustomerSegment, name string) *crm.CustomerSegment {
	for i := range segments {
		if segments[i].Name == name {
			return &segments[i]
		}
	}
	return nil
}

// outcome is what became of an evaluation.
type outcome struct {
	evaluated store.Evaluated
	// figures, if they were summed up anew.
	figures *figures
	failure error
}

// statusOf gives the status that a segment should have after an evaluation.
func statusOf(now time.Time, segment *crm.CustomerSegment, came outcome) crm.CustomerSegmentStatus {
	status := *segment.Status.DeepCopy()
	if came.failure == nil {
		status.Members, status.EvaluatedGeneration = new(came.evaluated.Members), segment.Generation
		if came.figures != nil {
			came.figures.state(&status)
		}
	}
	verdict := verdictOf(status, came)
	verdict.Apply(&status.ObservedStatus, segment.Generation, now)
	return status
}

func verdictOf(status crm.CustomerSegmentStatus, came outcome) contract.Verdict {
	var problem *audience.Problem
	var model *classify.Problem
	var missing *store.MissingSegmentError
	switch {
	case errors.As(came.failure, &problem):
		return contract.Stalled(crm.ReasonInvalidExpression, "spec.where: "+problem.Error())
	case errors.As(came.failure, &model):
		return contract.Stalled(model.Reason, model.Error())
	case errors.As(came.failure, &missing):
		return contract.Waiting(crm.ReasonReferenceNotReady, "Waiting: "+missing.Error()+".")
	case came.failure != nil:
		return contract.Waiting(crm.ReasonFailed, "The members could not be brought up to date: "+came.failure.Error())
	default:
		return contract.Ready(crm.ReasonReady, "The members follow the profiles"+hollow(status)+".")
	}
}

// event is something to announce.
type event struct{ kind, reason, note string }

// transitions between two statuses that are worth an event.
func transitions(before, after crm.CustomerSegmentStatus) []event {
	if stalled := contract.StalledNow(before.Conditions, after.Conditions); stalled != nil {
		return []event{{corev1.EventTypeWarning, stalled.Reason, stalled.Message}}
	}
	return nil
}
