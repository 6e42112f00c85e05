package exhibition

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer/match"
	"github.com/fairlead/fairlead/internal/measure"
)

// observed is what a pass looks at beside the Exhibition itself.
type observed struct {
	// store that the spec names; nil while it does not exist.
	store *crm.CustomerStore
	// siblings are the Exhibitions of the same series and store.
	siblings []crm.Exhibition
	// found is what was measured, if the store could be asked.
	found measuring
	// failure kept the pass from seeing everything.
	failure error
}

// isMeasured tells whether figures are asked of the store: it is ready, and nothing that is
// declared stands in the way.
func isMeasured(edition *crm.Exhibition, seen observed) bool {
	return seen.store != nil && contract.IsReady(seen.store.Status.ObservedStatus) && !ptr.Deref(edition.Spec.Suspend, false) &&
		duplicateProblem(edition, seen.siblings) == nil
}

// statusOf gives the status that an edition should have at a moment, and when
// it changes by itself; zero if it does not. All conditions of the kind come
// from here.
func statusOf(now time.Time, edition *crm.Exhibition, seen observed) (status crm.ExhibitionStatus, changes time.Time) {
	status = *edition.Status.DeepCopy()
	var verdict contract.Verdict
	switch {
	case ptr.Deref(edition.Spec.Suspend, false):
		verdict = contract.Ready(crm.ReasonSuspended, "Suspended: phase and figures stay as they are until spec.suspend is removed.")
	case seen.failure != nil:
		verdict = contract.Waiting(crm.ReasonFailed, seen.failure.Error())
	default:
		verdict, changes = follow(now, edition, seen, &status)
		measured := seen.found.measured != nil && seen.found.figures != nil
		if measured {
			state(seen.found.figures, edition.Spec, seen.found.digits, &status)
		}
		setTargetsMet(edition, &status, measured, now)
		changes = earlier(changes, lookedAtAgain(now, status.Phase, measured))
	}
	verdict.Apply(&status.ObservedStatus, edition.Generation, now)
	return status, changes
}

// lookedAtAgain is the midnight in UTC from which on figures may be others without any
// fact, as complaints that become late; zero where they are not, or not any more.
func lookedAtAgain(now time.Time, phase crm.ExhibitionPhase, measured bool) time.Time {
	if !measured || phase == crm.PhaseConcluded {
		return time.Time{}
	}
	const day = 24 * time.Hour
	return now.UTC().Truncate(day).Add(day)
}

// earlier of two moments, of which either may be zero for never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// follow brings phase and previous edition up to date and says what came of it.
func follow(now time.Time, edition *crm.Exhibition, seen observed, status *crm.ExhibitionStatus) (verdict contract.Verdict, changes time.Time) {
	if twice := duplicateProblem(edition, seen.siblings); twice != nil {
		status.Phase, status.NextPhaseTime, status.PreviousEdition = "", nil, ""
		// The figures are those of the other one.
		state(&measure.Edition{}, crm.ExhibitionSpec{}, 0, status)
		return *twice, time.Time{}
	}
	status.PreviousEdition = previousEdition(edition, seen.siblings)
	if seen.found.measured != nil {
		status.PreviousEdition = seen.found.previous
	}
	zone, wrong := zoneOf(edition.Spec.Venue)
	if wrong != nil {
		status.Phase, status.NextPhaseTime = "", nil
		return *wrong, time.Time{}
	}
	moments, err := calendarOf(edition.Spec, zone)
	if err != nil {
		// The API server lets no such date in, so this is no mistake of the user's.
		return contract.Waiting(crm.ReasonFailed, err.Error()), time.Time{}
	}
	phase, ends := moments.phase(now)
	status.Phase, status.NextPhaseTime = phase, nil
	if !ends.IsZero() {
		status.NextPhaseTime = &metav1.Time{Time: ends}
	}
	// The phase follows from dates alone.
	if wrong := costingProblem(edition.Spec.Costing); wrong != nil {
		return *wrong, ends
	}
	if wrong := countryProblem(edition.Spec.Venue); wrong != nil {
		return *wrong, ends
	}
	return referenceVerdict(edition, seen), ends
}

// Mistakes are what is wrong with an edition beside the others of the same store and
// series, its amounts aside.
func Mistakes(edition *crm.Exhibition, siblings []crm.Exhibition) []contract.Mistake {
	_, zone := zoneOf(edition.Spec.Venue)
	return slices.Concat(
		duplicateProblem(edition, siblings).Mistakes("spec.edition"),
		zone.Mistakes("spec.venue.timeZone"),
		countryProblem(edition.Spec.Venue).Mistakes("spec.venue.countryCode"),
	)
}

// duplicateProblem says which older Exhibition declares the same edition, if one does.
func duplicateProblem(edition *crm.Exhibition, siblings []crm.Exhibition) *contract.Verdict {
	oldest := duplicateOf(edition, siblings)
	if oldest == "" {
		return nil
	}
	return new(contract.Stalled(crm.ReasonDuplicateEdition, fmt.Sprintf(
		"The Exhibition %s declares edition %s of series %s in store %s already: delete one of the two.",
		oldest, edition.Spec.Edition, edition.Spec.Series, edition.Spec.StoreName)))
}

// zoneOf gives the zone in which the days of an edition begin, or says that there is none.
func zoneOf(venue crm.Venue) (*time.Location, *contract.Verdict) {
	zone, err := loadZone(venue.TimeZone)
	if err != nil {
		return nil, new(contract.Stalled(crm.ReasonInvalidTimeZone, fmt.Sprintf(
			"spec.venue.timeZone: %v: name a zone of the IANA time zone database, such as Europe/London.", err)))
	}
	return zone, nil
}

// countryProblem says that the country of a venue does not exist, if so.
func countryProblem(venue crm.Venue) *contract.Verdict {
	if venue.CountryCode == "" || match.CountryName(venue.CountryCode) != "" {
		return nil
	}
	return new(contract.Stalled(crm.ReasonUnknownCountry, fmt.Sprintf(
		"spec.venue.countryCode: %s is none of ISO 3166-1: name one that exists, such as \"GB\", or leave it out.", venue.CountryCode)))
}

// costingProblem says why the costs of an edition cannot be counted, if so.
func costingProblem(costing *crm.Costing) *contract.Verdict {
	if costing == nil || costing.PerSquareMetre == nil {
		return nil
	}
	_, err := contract.MinorUnits(*costing.PerSquareMetre)
	var wrong *contract.AmountError
	if !errors.As(err, &wrong) {
		return nil
	}
	return new(contract.Stalled(wrong.Reason, fmt.Sprintf(
		"spec.costing.perSquareMetre.%v. Until then participations are not costed by their area.", wrong)))
}

// referenceVerdict says whether what the spec names is there.
func referenceVerdict(edition *crm.Exhibition, seen observed) contract.Verdict {
	switch {
	case seen.store == nil:
		return contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf(
			"Waiting for the CustomerStore %s, which does not exist yet.", edition.Spec.StoreName))
	case !contract.IsReady(seen.store.Status.ObservedStatus):
		return contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf(
			"Waiting for the CustomerStore %s to become ready.", edition.Spec.StoreName))
	case seen.found.failure != nil:
		return contract.Waiting(crm.ReasonFailed, "The figures could not be brought up to date, and stay as they were: "+seen.found.failure.Error())
	default:
		return contract.Ready(crm.ReasonReady, "The phase follows the dates, and the figures the store.")
	}
}

// setTargetsMet compares figures with targets. Figures come from the store;
// while it has given none, nothing is claimed.
func setTargetsMet(edition *crm.Exhibition, status *crm.ExhibitionStatus, measured bool, now time.Time) {
	if len(edition.Spec.Targets) == 0 && edition.Spec.Satisfaction == nil {
		meta.RemoveStatusCondition(&status.Conditions, crm.ConditionTargetsMet)
		return
	}
	condition := metav1.Condition{
		Type: crm.ConditionTargetsMet, Status: metav1.ConditionUnknown, Reason: crm.ReasonNoFigures,
		Message:            "The store has given no figures for this edition yet.",
		ObservedGeneration: edition.Generation, LastTransitionTime: metav1.NewTime(now),
	}
	if measured || len(status.Participation) > 0 || status.Satisfaction != nil {
		condition.Status, condition.Reason, condition.Message = verdictOnTargets(targetsOf(edition.Spec, status), status.Phase)
	}
	meta.SetStatusCondition(&status.Conditions, condition)
}

// verdictOnTargets says which targets are not reached. Until an edition has closed one may
// still be.
func verdictOnTargets(targets []target, phase crm.ExhibitionPhase) (status metav1.ConditionStatus, reason, message string) {
	var short []string
	for _, t := range targets {
		if !t.reached {
			short = append(short, fmt.Sprintf("%s %s of %s", t.name, cmp.Or(t.figure, "not known yet"), t.wanted))
		}
	}
	switch {
	case len(short) == 0:
		return metav1.ConditionTrue, crm.ReasonTargetsReached, fmt.Sprintf("All %d targets are reached.", len(targets))
	case phase == crm.PhaseEvaluating || phase == crm.PhaseConcluded:
		return metav1.ConditionFalse, crm.ReasonTargetsMissed, "Missed: " + strings.Join(short, "; ") + "."
	default:
		return metav1.ConditionUnknown, crm.ReasonTargetsAhead, "Not reached yet: " + strings.Join(short, "; ") + "."
	}
}

// event is something to announce.
type event struct{ kind, reason, note string }

// transitions between two statuses that are worth an event.
func transitions(before, after crm.ExhibitionStatus) []event {
	var found []event
	if after.Phase != before.Phase && after.Phase != "" {
		note := fmt.Sprintf("The edition is %s now.", after.Phase)
		if before.Phase != "" {
			note = fmt.Sprintf("The edition is %s now; it was %s.", after.Phase, before.Phase)
		}
		found = append(found, event{corev1.EventTypeNormal, crm.ReasonPhaseChanged, note})
	}
	if stalled := contract.StalledNow(before.Conditions, after.Conditions); stalled != nil {
		found = append(found, event{corev1.EventTypeWarning, stalled.Reason, stalled.Message})
	}
	return found
}
