//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// on gives the day that is so many days from today, in UTC.
func on(days int) crm.Date {
	return crm.Date(time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly))
}

func TestPhaseFollowsTheCalendar(t *testing.T) {
	namespace := newTenant(t)
	// Two days from every boundary, so that no midnight in between matters.
	tests := map[string]struct {
		recruits, opens, closes, evaluated int
		want                               crm.ExhibitionPhase
	}{
		"planned":    {2, 100, 104, 200, crm.PhasePlanned},
		"recruiting": {-2, 100, 104, 200, crm.PhaseRecruiting},
		"open":       {-100, -2, 2, 100, crm.PhaseOpen},
		"evaluating": {-100, -10, -2, 100, crm.PhaseEvaluating},
		"concluded":  {-100, -10, -5, -2, crm.PhaseConcluded},
	}
	for name, test := range tests {
		exhibition := &crm.Exhibition{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
			Spec: crm.ExhibitionSpec{
				StoreName: "crm", Series: "Farnborough", Edition: crm.EditionName(name), Title: name,
				Venue:       crm.Venue{TimeZone: "Asia/Shanghai"},
				RecruitFrom: on(test.recruits), Opens: on(test.opens), Closes: on(test.closes), EvaluateUntil: on(test.evaluated),
			},
		}
		if err := cluster.Create(t.Context(), exhibition); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range tests {
		eventually(t, func(ctx context.Context) error {
			var exhibition crm.Exhibition
			if err := cluster.Get(ctx, types.NamespacedName{Namespace: namespace, Name: name}, &exhibition); err != nil {
				return err
			}
			if exhibition.Status.Phase != test.want {
				return fmt.Errorf("the phase of %s is %q, want %q", name, exhibition.Status.Phase, test.want)
			}
			reconciling := meta.FindStatusCondition(exhibition.Status.Conditions, crm.ConditionReconciling)
			if reconciling == nil || reconciling.Reason != crm.ReasonReferenceNotReady {
				return fmt.Errorf("%s does not wait for its store: %+v", name, exhibition.Status.Conditions)
			}
			return nil
		})
	}
	// Events are sent after the status, at leisure.
	eventually(t, func(context.Context) error {
		events := kubectl(t, "get", "events", "-n", namespace, "--field-selector", "reason=PhaseChanged", "-o", "wide")
		if !strings.Contains(events, "The edition is Open now.") {
			return fmt.Errorf("no event tells that an edition is open:\n%s", events)
		}
		return nil
	})
}

// TestSamples applies what the README shows, as a person would.
func TestSamples(t *testing.T) {
	namespace := newTenant(t)
	manifests := strings.ReplaceAll(kubectl(t, "kustomize", "../../config/samples"), "namespace: expo", "namespace: "+namespace)
	path := t.TempDir() + "/samples.yaml"
	writeFile(t, path, manifests)
	// Twice: the second time nothing may change.
	kubectl(t, "apply", "-f", path)
	again := kubectl(t, "apply", "-f", path)
	for line := range strings.Lines(again) {
		if !strings.HasSuffix(strings.TrimSpace(line), "unchanged") {
			t.Errorf("applying the samples again is not without effect: %s", line)
		}
	}
	eventually(t, func(ctx context.Context) error {
		var exhibition crm.Exhibition
		key := types.NamespacedName{Namespace: namespace, Name: "farnborough-2026"}
		if err := cluster.Get(ctx, key, &exhibition); err != nil {
			return err
		}
		if want := phaseOf(t, &exhibition); exhibition.Status.Phase != want {
			return fmt.Errorf("the phase is %q, want %q", exhibition.Status.Phase, want)
		}
		return nil
	})
	// Which Secrets a store waits for is what its user has to know.
	store := &crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "crm"}}
	condition(t, store, func() []metav1.Condition { return store.Status.Conditions }, crm.ConditionReconciling, crm.ReasonReferenceNotReady,
		"Waiting for the Secrets crm-database, crm-database-worker, crm-keys and crm-links, which do not exist yet.")
	table := kubectl(t, "get", "fairlead", "-n", namespace)
	for _, name := range []string{
		"customerstore.crm.fairlead.dev/crm", "contactpolicy.crm.fairlead.dev/fair-use",
		"exhibition.crm.fairlead.dev/farnborough-2026", "customersegment.crm.fairlead.dev/lapsed-exhibitors",
		"loyaltyprogram.crm.fairlead.dev/exhibitor-club", "outreachchannel.crm.fairlead.dev/mail",
		"campaignrule.crm.fairlead.dev/rebook-friends", "outreach.crm.fairlead.dev/opening-notice",
	} {
		if !strings.Contains(table, name) {
			t.Errorf("kubectl get fairlead does not show %s:\n%s", name, table)
		}
	}
}

// phaseOf works the phase out by comparing dates in the venue's zone, which is
// another way than the controller's.
func phaseOf(t *testing.T, exhibition *crm.Exhibition) crm.ExhibitionPhase {
	t.Helper()
	zone, err := time.LoadLocation(string(exhibition.Spec.Venue.TimeZone))
	if err != nil {
		t.Fatal(err)
	}
	today := crm.Date(time.Now().In(zone).Format(time.DateOnly))
	switch spec := exhibition.Spec; {
	case today < spec.RecruitFrom:
		return crm.PhasePlanned
	case today < spec.Opens:
		return crm.PhaseRecruiting
	case today <= spec.Closes:
		return crm.PhaseOpen
	case today <= spec.EvaluateUntil:
		return crm.PhaseEvaluating
	default:
		return crm.PhaseConcluded
	}
}

// TestAQuietExhibitionIsNotWritten asks for a pass that has nothing to tell, and
// demands that the pass leaves the object as the request for it left it.
func TestAQuietExhibitionIsNotWritten(t *testing.T) {
	namespace := newTenant(t)
	exhibition := &crm.Exhibition{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "quiet"},
		Spec: crm.ExhibitionSpec{
			StoreName: "crm", Series: "Quiet", Edition: "1", Title: "Quiet", Venue: crm.Venue{TimeZone: "UTC"},
			Opens: on(100), Closes: on(104),
		},
	}
	if err := cluster.Create(t.Context(), exhibition); err != nil {
		t.Fatal(err)
	}
	key := client.ObjectKeyFromObject(exhibition)
	eventually(t, func(ctx context.Context) error {
		if err := cluster.Get(ctx, key, exhibition); err != nil {
			return err
		}
		if exhibition.Status.Phase != crm.PhaseRecruiting {
			return fmt.Errorf("the phase is %q", exhibition.Status.Phase)
		}
		return nil
	})
	url, token := metricsURL(t), readerToken(t)
	// A pass over another Exhibition would count as well, so ask more than once.
	before := passes(t, url, token)
	for request := range 3 {
		asked := exhibition.DeepCopy()
		asked.Annotations = map[string]string{crm.AnnotationRequestedAt: strconv.Itoa(request)}
		if err := cluster.Patch(t.Context(), asked, client.MergeFrom(exhibition)); err != nil {
			t.Fatal(err)
		}
		eventually(t, func(context.Context) error {
			if now := passes(t, url, token); now <= before {
				return fmt.Errorf("the controller has made %g passes, as before", now)
			}
			return nil
		})
		before = passes(t, url, token)
		if err := cluster.Get(t.Context(), key, exhibition); err != nil {
			t.Fatal(err)
		}
		if exhibition.ResourceVersion != asked.ResourceVersion {
			t.Fatalf("a pass without news wrote the object: resource version %s, the request left it at %s",
				exhibition.ResourceVersion, asked.ResourceVersion)
		}
	}
}
