package controllers_test

import (
	"context"
	"testing"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// edition makes an Exhibition that is open by the tests' clock.
func edition(namespace, name string) *crm.Exhibition {
	return &crm.Exhibition{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: crm.ExhibitionSpec{
			StoreName: "crm", Series: "Farnborough", Edition: crm.EditionName(name), Title: "Farnborough " + name,
			Venue:       crm.Venue{TimeZone: "Europe/London"},
			RecruitFrom: "2025-01-15", Opens: "2026-07-20", Closes: "2026-07-24", EvaluateUntil: "2026-10-31",
		},
	}
}

// create makes an object and removes it after the test.
func create(t *testing.T, object client.Object) {
	t.Helper()
	if err := server.Client.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := client.IgnoreNotFound(server.Client.Delete(ctx, object)); err != nil {
			t.Error(err)
		}
	})
}

// update changes an object as a user would.
func update[T client.Object](t *testing.T, object T, change func(T)) {
	t.Helper()
	before, ok := object.DeepCopyObject().(T)
	if !ok {
		t.Fatalf("%T is not copied to its own type", object)
	}
	change(object)
	if err := server.Client.Patch(t.Context(), object, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

// hasReason tells whether a condition is true for a reason.
func hasReason(conditions []metav1.Condition, conditionType, reason string) bool {
	condition := meta.FindStatusCondition(conditions, conditionType)
	return condition != nil && condition.Status == metav1.ConditionTrue && condition.Reason == reason
}

// expectEvent waits until an event about an object was recorded.
func expectEvent(t *testing.T, about client.Object, reason, note string) {
	t.Helper()
	var seen []string
	err := wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, 30*time.Second, true,
		func(ctx context.Context) (bool, error) {
			var list eventsv1.EventList
			if err := server.Client.List(ctx, &list, client.InNamespace(about.GetNamespace())); err != nil {
				return false, err
			}
			seen = nil
			for _, e := range list.Items {
				seen = append(seen, e.Regarding.Name+" "+e.Reason+" "+e.Note)
				if e.Regarding.UID == about.GetUID() && e.Reason == reason && e.Note == note {
					return true, nil
				}
			}
			return false, nil
		})
	if err != nil {
		t.Fatalf("waiting for the event %s %q: %v; there are %q", reason, note, err, seen)
	}
}

func TestExhibitionWaitsForItsStore(t *testing.T) {
	namespace := newNamespace(t)
	exhibition := edition(namespace, "2026")
	create(t, exhibition)
	eventually(t, exhibition, func(e *crm.Exhibition) bool {
		return e.Status.Phase == crm.PhaseOpen &&
			hasReason(e.Status.Conditions, crm.ConditionReconciling, crm.ReasonReferenceNotReady) &&
			meta.FindStatusCondition(e.Status.Conditions, crm.ConditionStalled) == nil
	})
	expectEvent(t, exhibition, crm.ReasonPhaseChanged, "The edition is Open now.")

	store := newStore(t, namespace, databases.NewDatabase(t))
	create(t, store)
	eventually(t, exhibition, func(e *crm.Exhibition) bool {
		return hasReason(e.Status.Conditions, crm.ConditionReady, crm.ReasonReady) &&
			meta.FindStatusCondition(e.Status.Conditions, crm.ConditionReconciling) == nil
	})

	if err := server.Client.Delete(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	eventually(t, exhibition, func(e *crm.Exhibition) bool {
		return hasReason(e.Status.Conditions, crm.ConditionReconciling, crm.ReasonReferenceNotReady)
	})
}

func TestExhibitionFollowsItsDates(t *testing.T) {
	exhibition := edition(newNamespace(t), "2026")
	create(t, exhibition)
	phase := func(want crm.ExhibitionPhase) func(*crm.Exhibition) bool {
		return func(e *crm.Exhibition) bool {
			return e.Status.Phase == want && e.Status.ObservedGeneration == e.Generation
		}
	}
	eventually(t, exhibition, phase(crm.PhaseOpen))

	update(t, exhibition, func(e *crm.Exhibition) { e.Spec.Opens, e.Spec.Closes = "2026-07-27", "2026-07-31" })
	eventually(t, exhibition, phase(crm.PhaseRecruiting))
	expectEvent(t, exhibition, crm.ReasonPhaseChanged, "The edition is Recruiting now; it was Open.")

	update(t, exhibition, func(e *crm.Exhibition) { e.Spec.Suspend = ptr.To(true) })
	eventually(t, exhibition, func(e *crm.Exhibition) bool {
		return hasReason(e.Status.Conditions, crm.ConditionReady, crm.ReasonSuspended)
	})
	update(t, exhibition, func(e *crm.Exhibition) { e.Spec.Opens, e.Spec.Closes = "2026-07-20", "2026-07-24" })
	eventually(t, exhibition, phase(crm.PhaseRecruiting))

	update(t, exhibition, func(e *crm.Exhibition) { e.Spec.Suspend = nil })
	eventually(t, exhibition, phase(crm.PhaseOpen))
}

// TestExhibitionWakesAtTheBoundary leaves the object alone: only the requeue
// can bring the next phase.
func TestExhibitionWakesAtTheBoundary(t *testing.T) {
	start := clock.Now()
	t.Cleanup(func() { clock.SetTime(start) })
	exhibition := edition(newNamespace(t), "2026")
	clock.SetTime(time.Date(2026, time.July, 19, 22, 59, 59, 0, time.UTC))
	create(t, exhibition)
	eventually(t, exhibition, func(e *crm.Exhibition) bool { return e.Status.Phase == crm.PhaseRecruiting })
	if want := time.Date(2026, time.July, 19, 23, 0, 0, 0, time.UTC); !exhibition.Status.NextPhaseTime.Time.Equal(want) {
		t.Errorf("the next phase begins at %s, want %s", exhibition.Status.NextPhaseTime, want)
	}
	clock.SetTime(time.Date(2026, time.July, 19, 23, 0, 0, 0, time.UTC))
	eventually(t, exhibition, func(e *crm.Exhibition) bool { return e.Status.Phase == crm.PhaseOpen })
}

// TestExhibitionIsLookedAtWhenAsked moves the clock a day on, which nobody
// notices until the annotation asks for a pass.
func TestExhibitionIsLookedAtWhenAsked(t *testing.T) {
	start := clock.Now()
	t.Cleanup(func() { clock.SetTime(start) })
	exhibition := edition(newNamespace(t), "2026")
	create(t, exhibition)
	eventually(t, exhibition, func(e *crm.Exhibition) bool { return e.Status.Phase == crm.PhaseOpen })
	clock.SetTime(time.Date(2026, time.December, 24, 12, 0, 0, 0, time.UTC))
	update(t, exhibition, func(e *crm.Exhibition) {
		e.Annotations = map[string]string{crm.AnnotationRequestedAt: "2026-12-24T12:00:00Z"}
	})
	eventually(t, exhibition, func(e *crm.Exhibition) bool {
		return e.Status.Phase == crm.PhaseConcluded && e.Status.NextPhaseTime == nil
	})
}

func TestOneEditionIsDeclaredOnce(t *testing.T) {
	namespace := newNamespace(t)
	first, second := edition(namespace, "2026"), edition(namespace, "zz-the-same-again")
	second.Spec.Edition = first.Spec.Edition
	create(t, first)
	eventually(t, first, func(e *crm.Exhibition) bool { return e.Status.Phase == crm.PhaseOpen })
	create(t, second)
	eventually(t, second, func(e *crm.Exhibition) bool {
		return hasReason(e.Status.Conditions, crm.ConditionStalled, crm.ReasonDuplicateEdition) && e.Status.Phase == ""
	})
	expectEvent(t, second, crm.ReasonDuplicateEdition,
		"The Exhibition 2026 declares edition 2026 of series Farnborough in store crm already: delete one of the two.")
	if err := server.Client.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	eventually(t, second, func(e *crm.Exhibition) bool {
		return e.Status.Phase == crm.PhaseOpen && meta.FindStatusCondition(e.Status.Conditions, crm.ConditionStalled) == nil
	})
}

func TestThePreviousEditionIsFound(t *testing.T) {
	namespace := newNamespace(t)
	exhibition := edition(namespace, "2026")
	create(t, exhibition)
	eventually(t, exhibition, func(e *crm.Exhibition) bool { return e.Status.Phase != "" && e.Status.PreviousEdition == "" })

	previous := edition(namespace, "2024")
	previous.Spec.RecruitFrom, previous.Spec.Opens, previous.Spec.Closes = "", "2024-07-22", "2024-07-26"
	create(t, previous)
	eventually(t, exhibition, func(e *crm.Exhibition) bool { return e.Status.PreviousEdition == "2024" })
	if err := server.Client.Delete(t.Context(), previous); err != nil {
		t.Fatal(err)
	}
	eventually(t, exhibition, func(e *crm.Exhibition) bool { return e.Status.PreviousEdition == "" })
}

func TestAZoneThatDoesNotExistStalls(t *testing.T) {
	exhibition := edition(newNamespace(t), "2026")
	exhibition.Spec.Venue.TimeZone = "Europe/Farnborough"
	create(t, exhibition)
	eventually(t, exhibition, func(e *crm.Exhibition) bool {
		return hasReason(e.Status.Conditions, crm.ConditionStalled, crm.ReasonInvalidTimeZone)
	})
	update(t, exhibition, func(e *crm.Exhibition) { e.Spec.Venue.TimeZone = "Europe/London" })
	eventually(t, exhibition, func(e *crm.Exhibition) bool {
		return e.Status.Phase == crm.PhaseOpen && meta.FindStatusCondition(e.Status.Conditions, crm.ConditionStalled) == nil
	})
}
