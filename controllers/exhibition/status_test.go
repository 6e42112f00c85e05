package exhibition

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// storeOf makes a CustomerStore that is ready, or not.
func storeOf(ready bool) *crm.CustomerStore {
	s := &crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Name: "crm", Namespace: "expo", Generation: 1}}
	if ready {
		contract.Ready(crm.ReasonReady, "Ready.").Apply(&s.Status.ObservedStatus, 1, time.Unix(0, 0))
	}
	return s
}

func TestStatus(t *testing.T) {
	const open = "2026-07-21T12:00:00Z"
	older := *farnborough(func(e *crm.Exhibition) {
		e.Name = "the-same-again"
		e.CreationTimestamp = metav1.NewTime(time.Unix(0, 0))
	})
	changed := storeOf(true)
	changed.Generation = 2
	tests := map[string]struct {
		edit    func(*crm.Exhibition)
		seen    observed
		phase   crm.ExhibitionPhase
		ready   metav1.ConditionStatus
		other   string
		reason  string
		message string
		changes string
	}{
		"all is well": {
			seen:  observed{store: storeOf(true)},
			phase: crm.PhaseOpen, ready: metav1.ConditionTrue, reason: crm.ReasonReady,
			changes: "2026-07-24T23:00:00Z",
		},
		"a store that does not exist is waited for": {
			phase: crm.PhaseOpen, ready: metav1.ConditionFalse, other: crm.ConditionReconciling,
			reason: crm.ReasonReferenceNotReady, message: "CustomerStore crm, which does not exist yet",
			changes: "2026-07-24T23:00:00Z",
		},
		"a store that is not ready is waited for": {
			seen:  observed{store: storeOf(false)},
			phase: crm.PhaseOpen, ready: metav1.ConditionFalse, other: crm.ConditionReconciling,
			reason: crm.ReasonReferenceNotReady, message: "CustomerStore crm to become ready",
			changes: "2026-07-24T23:00:00Z",
		},
		"a store that was ready is so until its controller says otherwise": {
			seen:  observed{store: changed},
			phase: crm.PhaseOpen, ready: metav1.ConditionTrue, reason: crm.ReasonReady,
			changes: "2026-07-24T23:00:00Z",
		},
		"a passing fault leaves the phase as it was": {
			seen:  observed{failure: errors.New("reading the CustomerStore: timeout")},
			edit:  func(e *crm.Exhibition) { e.Status.Phase = crm.PhaseRecruiting },
			phase: crm.PhaseRecruiting, ready: metav1.ConditionFalse, other: crm.ConditionReconciling,
			reason: crm.ReasonFailed, message: "reading the CustomerStore: timeout",
		},
		"a passing fault does not concern who is suspended": {
			seen:  observed{failure: errors.New("reading the CustomerStore: timeout")},
			edit:  func(e *crm.Exhibition) { e.Spec.Suspend = ptr.To(true) },
			ready: metav1.ConditionTrue, reason: crm.ReasonSuspended,
		},
		"a date that the API server would refuse is not the user's mistake": {
			seen:  observed{store: storeOf(true)},
			edit:  func(e *crm.Exhibition) { e.Spec.Opens = "soon" },
			ready: metav1.ConditionFalse, other: crm.ConditionReconciling,
			reason: crm.ReasonFailed, message: `spec.opens: reading the date "soon"`,
		},
		"a zone that does not exist is the user's to mend": {
			edit: func(e *crm.Exhibition) { e.Spec.Venue.TimeZone = "Europe/Farnborough" },
			seen: observed{store: storeOf(true)}, ready: metav1.ConditionFalse, other: crm.ConditionStalled,
			reason: crm.ReasonInvalidTimeZone, message: `spec.venue.timeZone: unknown time zone Europe/Farnborough: name a zone of the IANA`,
		},
		"a currency that does not exist is the user's to mend": {
			edit: func(e *crm.Exhibition) {
				e.Spec.Costing = &crm.Costing{PerSquareMetre: &crm.Money{Amount: "45.00", Currency: "EUX"}}
			},
			seen: observed{store: storeOf(true)}, phase: crm.PhaseOpen, ready: metav1.ConditionFalse, other: crm.ConditionStalled,
			reason: crm.ReasonUnknownCurrency, message: "spec.costing.perSquareMetre.currency: EUX is none of ISO 4217",
			changes: "2026-07-24T23:00:00Z",
		},
		"so are digits that a currency does not have": {
			edit: func(e *crm.Exhibition) {
				e.Spec.Costing = &crm.Costing{PerSquareMetre: &crm.Money{Amount: "45.005", Currency: "GBP"}}
			},
			seen: observed{store: storeOf(true)}, phase: crm.PhaseOpen, ready: metav1.ConditionFalse, other: crm.ConditionStalled,
			reason: crm.ReasonInvalidAmount, message: "spec.costing.perSquareMetre.amount: 45.005 has more than the 2 digits after the point that GBP has",
			changes: "2026-07-24T23:00:00Z",
		},
		"a country that does not exist is the user's to mend": {
			edit: func(e *crm.Exhibition) { e.Spec.Venue.CountryCode = "UK" },
			seen: observed{store: storeOf(true)}, phase: crm.PhaseOpen, ready: metav1.ConditionFalse, other: crm.ConditionStalled,
			reason: crm.ReasonUnknownCountry, message: "spec.venue.countryCode: UK is none of ISO 3166-1",
			changes: "2026-07-24T23:00:00Z",
		},
		"a country that does": {
			edit: func(e *crm.Exhibition) { e.Spec.Venue.CountryCode = "GB" },
			seen: observed{store: storeOf(true)}, phase: crm.PhaseOpen, ready: metav1.ConditionTrue, reason: crm.ReasonReady,
			changes: "2026-07-24T23:00:00Z",
		},
		"costs that can be counted": {
			edit: func(e *crm.Exhibition) {
				e.Spec.Costing = &crm.Costing{PerSquareMetre: &crm.Money{Amount: "45.00", Currency: "GBP"}}
			},
			seen: observed{store: storeOf(true)}, phase: crm.PhaseOpen, ready: metav1.ConditionTrue, reason: crm.ReasonReady,
			changes: "2026-07-24T23:00:00Z",
		},
		"a second Exhibition of one edition is the user's to mend": {
			seen: observed{store: storeOf(true), siblings: []crm.Exhibition{older}}, ready: metav1.ConditionFalse,
			other: crm.ConditionStalled, reason: crm.ReasonDuplicateEdition,
			message: "The Exhibition the-same-again declares edition 2026 of series Farnborough in store crm already",
			edit:    func(e *crm.Exhibition) { e.CreationTimestamp = metav1.NewTime(time.Unix(1, 0)) },
		},
		"suspended, everything stays": {
			edit: func(e *crm.Exhibition) {
				e.Spec.Suspend = ptr.To(true)
				e.Status.Phase = crm.PhaseRecruiting
			},
			phase: crm.PhaseRecruiting, ready: metav1.ConditionTrue, reason: crm.ReasonSuspended,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			edition := farnborough()
			if test.edit != nil {
				test.edit(edition)
			}
			before := edition.DeepCopy()
			now := at(t, open)
			status, changes := statusOf(now, edition, test.seen)

			if !equality.Semantic.DeepEqual(before, edition) {
				t.Error("the decision changed what it was given")
			}
			if status.Phase != test.phase {
				t.Errorf("phase %q, want %q", status.Phase, test.phase)
			}
			if status.ObservedGeneration != edition.Generation {
				t.Errorf("observedGeneration %d, want %d", status.ObservedGeneration, edition.Generation)
			}
			if want := test.changes; want == "" && !changes.IsZero() || want != "" && !changes.Equal(at(t, want)) {
				t.Errorf("changes at %s, want %q", changes, want)
			}
			if (status.NextPhaseTime == nil) != changes.IsZero() {
				t.Errorf("nextPhaseTime %v, but the status changes at %s", status.NextPhaseTime, changes)
			}
			checkConditions(t, status.Conditions, test.ready, test.other, test.reason, test.message)

			again := edition.DeepCopy()
			again.Status = status
			later, _ := statusOf(now.Add(time.Minute), again, test.seen)
			if !equality.Semantic.DeepEqual(status, later) {
				t.Errorf("a minute later the status differs although nothing changed:\n%+v\n%+v", status, later)
			}
		})
	}
}

// checkConditions demands Ready as given, beside it at most the one other
// condition, and the same reason and message in both.
func checkConditions(t *testing.T, conditions []metav1.Condition, ready metav1.ConditionStatus, other, reason, message string) {
	t.Helper()
	for _, conditionType := range []string{crm.ConditionReady, crm.ConditionReconciling, crm.ConditionStalled} {
		condition := meta.FindStatusCondition(conditions, conditionType)
		want := metav1.ConditionTrue
		if conditionType == crm.ConditionReady {
			want = ready
		} else if conditionType != other {
			if condition != nil {
				t.Errorf("%s stands there: %+v", conditionType, condition)
			}
			continue
		}
		if condition == nil {
			t.Errorf("%s is missing", conditionType)
			continue
		}
		if condition.Status != want || condition.Reason != reason || !strings.Contains(condition.Message, message) {
			t.Errorf("%s is %s, %s, %q; want %s, %s, %q", conditionType,
				condition.Status, condition.Reason, condition.Message, want, reason, message)
		}
	}
}

func TestTargetsMet(t *testing.T) {
	edition := farnborough()
	status, _ := statusOf(at(t, "2026-07-21T12:00:00Z"), edition, observed{store: storeOf(true)})
	if meta.FindStatusCondition(status.Conditions, crm.ConditionTargetsMet) != nil {
		t.Error("TargetsMet stands there without targets")
	}
	edition.Spec.Satisfaction = &crm.SatisfactionTarget{NetPromoterScore: ptr.To[int32](30)}
	edition.Status = status
	status, _ = statusOf(at(t, "2026-07-21T12:00:00Z"), edition, observed{store: storeOf(true)})
	met := meta.FindStatusCondition(status.Conditions, crm.ConditionTargetsMet)
	if met == nil || met.Status != metav1.ConditionUnknown || met.Reason != crm.ReasonNoFigures {
		t.Errorf("TargetsMet is %+v, want Unknown for want of figures", met)
	}
}

func TestTransitions(t *testing.T) {
	stalled := func(reason string) crm.ExhibitionStatus {
		var status crm.ExhibitionStatus
		contract.Stalled(reason, "Mend it.").Apply(&status.ObservedStatus, 1, time.Unix(0, 0))
		return status
	}
	phase := func(phase crm.ExhibitionPhase) crm.ExhibitionStatus { return crm.ExhibitionStatus{Phase: phase} }
	tests := map[string]struct {
		before, after crm.ExhibitionStatus
		want          []event
	}{
		"nothing":          {phase(crm.PhaseOpen), phase(crm.PhaseOpen), nil},
		"the first phase":  {phase(""), phase(crm.PhaseOpen), []event{{"Normal", "PhaseChanged", "The edition is Open now."}}},
		"the next phase":   {phase(crm.PhaseOpen), phase(crm.PhaseEvaluating), []event{{"Normal", "PhaseChanged", "The edition is Evaluating now; it was Open."}}},
		"it stalls":        {phase(crm.PhaseOpen), stalled("InvalidTimeZone"), []event{{"Warning", "InvalidTimeZone", "Mend it."}}},
		"stalled as ever":  {stalled("InvalidTimeZone"), stalled("InvalidTimeZone"), nil},
		"stalled anew":     {stalled("InvalidTimeZone"), stalled("DuplicateEdition"), []event{{"Warning", "DuplicateEdition", "Mend it."}}},
		"it works at last": {stalled("InvalidTimeZone"), phase(crm.PhaseOpen), []event{{"Normal", "PhaseChanged", "The edition is Open now."}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := transitions(test.before, test.after); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
