package v1alpha1_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// rejection is a manifest that the API server must refuse: a sample with a
// mistake put in.
type rejection struct {
	// sample is the kind and name of the sample to start from.
	sample string
	// setup is a merge patch in YAML that makes a valid variant of the sample first.
	setup string
	// create is a merge patch in YAML whose result must not be created.
	create string
	// update is a merge patch in YAML that the created object must refuse.
	update string
	// field that the refusal must be about, such as spec.opens. Empty where the
	// rule stands at the root and the message names the field instead.
	field string
	// wish that the message must contain: what is wanted.
	wish string
}

// run checks that the valid variant is accepted and that the mistake is
// refused for the right reason.
func (r rejection) run(t *testing.T) {
	t.Helper()
	sample, ok := samples(t)[r.sample]
	if !ok {
		t.Fatalf("there is no sample %s", r.sample)
	}
	valid := patched(t, sample, r.setup)
	valid.SetNamespace(metav1.NamespaceDefault)
	if (r.create == "") == (r.update == "") {
		t.Fatal("a rejection needs exactly one of create and update")
	}
	if r.create != "" {
		// Without this a refusal could have another cause than the mistake.
		if err := server.Client.Create(t.Context(), valid.DeepCopy(), client.DryRunAll); err != nil {
			t.Fatalf("the manifest is refused without the mistake already: %v", err)
		}
		r.check(t, server.Client.Create(t.Context(), patched(t, valid, r.create), client.DryRunAll))
		return
	}
	if err := server.Client.Create(t.Context(), valid); err != nil {
		t.Fatalf("creating what to change: %v", err)
	}
	t.Cleanup(func() {
		// The test's own context has ended by now.
		if err := server.Client.Delete(context.WithoutCancel(t.Context()), valid); err != nil {
			t.Error(err)
		}
	})
	r.check(t, server.Client.Update(t.Context(), patched(t, valid, r.update), client.DryRunAll))
}

// check asserts that the refusal names the field and says what is wanted.
func (r rejection) check(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("accepted")
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Reason != metav1.StatusReasonInvalid {
		t.Fatalf("refused for another reason than its content: %v", err)
	}
	for _, cause := range status.Status().Details.Causes {
		if (r.field == "" || cause.Field == r.field) && strings.Contains(cause.Message, r.wish) {
			return
		}
	}
	t.Fatalf("the refusal does not say %q about %q:\n%v", r.wish, r.field, err)
}

// patched returns a copy of an object with a merge patch in YAML applied.
func patched(t *testing.T, object *unstructured.Unstructured, patch string) *unstructured.Unstructured {
	t.Helper()
	document, err := json.Marshal(object.Object)
	if err != nil {
		t.Fatal(err)
	}
	merge, err := yaml.YAMLToJSONStrict([]byte(patch))
	if err != nil {
		t.Fatalf("the patch %q: %v", patch, err)
	}
	if patch != "" {
		if document, err = jsonpatch.MergePatch(document, merge); err != nil {
			t.Fatal(err)
		}
	}
	result := &unstructured.Unstructured{}
	if err := result.UnmarshalJSON(document); err != nil {
		t.Fatal(err)
	}
	return result
}

// runRejections runs the table of one kind and demands that it is worth the name.
func runRejections(t *testing.T, table map[string]rejection) {
	t.Helper()
	if len(table) < 8 {
		t.Errorf("the table has %d manifests, want at least 8", len(table))
	}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		t.Run(name, table[name].run)
	}
}
