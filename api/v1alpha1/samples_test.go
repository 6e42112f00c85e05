package v1alpha1_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// samples reads what a user writes, by kind and name.
func samples(t *testing.T) map[string]*unstructured.Unstructured {
	t.Helper()
	objects, err := server.Manifests("config/samples/[0-9]*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]*unstructured.Unstructured{}
	for _, object := range objects {
		byName[object.GetKind()+"/"+object.GetName()] = object
	}
	return byName
}

func TestSamplesAreAcceptedInAnyOrder(t *testing.T) {
	ctx := t.Context()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "expo"}}
	if err := server.Client.Create(ctx, namespace); err != nil {
		t.Fatal(err)
	}
	var objects []*unstructured.Unstructured
	kinds := map[string]bool{}
	byName := samples(t)
	// In one order first, so that the seed gives the other.
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		objects = append(objects, byName[name])
		kinds[byName[name].GetKind()] = true
	}
	if len(kinds) != 9 {
		t.Errorf("the samples show %d kinds, want all 9: %v", len(kinds), kinds)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	random.Shuffle(len(objects), func(i, j int) { objects[i], objects[j] = objects[j], objects[i] })

	for _, object := range objects {
		want := object.DeepCopy()
		if err := server.Client.Create(ctx, object, client.FieldValidation(metav1.FieldValidationStrict)); err != nil {
			t.Errorf("%s %s: %v", object.GetKind(), object.GetName(), err)
			continue
		}
		lost := missing(want.Object["spec"], object.Object["spec"], "spec")
		for _, field := range lost {
			t.Errorf("%s %s: the API server did not keep %s", object.GetKind(), object.GetName(), field)
		}
		generation, found, err := unstructured.NestedInt64(object.Object, "status", "observedGeneration")
		if err != nil || !found || generation != -1 {
			t.Errorf("%s %s: status.observedGeneration of a fresh object is %d (%t, %v), want -1",
				object.GetKind(), object.GetName(), generation, found, err)
		}
	}
}

// TestTypesKeepWhatIsWritten reads every sample through the Go types and back:
// a field that a type forgets or spells differently would be lost.
func TestTypesKeepWhatIsWritten(t *testing.T) {
	for name, object := range samples(t) {
		typed, err := server.Scheme.New(object.GroupVersionKind())
		if err != nil {
			t.Fatal(err)
		}
		if err := decodeStrict(object, typed); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, err := toUnstructured(typed)
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range missing(object.Object["spec"], back["spec"], "spec") {
			t.Errorf("%s: the Go type loses %s", name, field)
		}
	}
}

func TestEveryKindIsRegistered(t *testing.T) {
	want := []string{"CustomerStore", "ContactPolicy", "Exhibition", "CustomerSegment", "LoyaltyProgram",
		"OutreachChannel", "CampaignRule", "Outreach", "OutreachApproval"}
	for _, kind := range want {
		for _, name := range []string{kind, kind + "List"} {
			if !server.Scheme.Recognizes(crm.GroupVersion.WithKind(name)) {
				t.Errorf("%s is not registered with the scheme", name)
			}
		}
	}
}
