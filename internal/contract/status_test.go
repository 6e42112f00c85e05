package contract

import (
	"context"
	"errors"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// TestRecord answers the one request that Record may make, as an API server
// would: what it does with the answer is decided here, that it is written for
// real is seen in the tests of controllers.
func TestRecord(t *testing.T) {
	exhibitions := schema.GroupResource{Group: crm.GroupVersion.Group, Resource: "exhibitions"}
	failed := errors.New("reading the CustomerStore: timeout")
	tests := map[string]struct {
		phase    crm.ExhibitionPhase
		answer   error
		earlier  error
		requests int
		written  bool
		result   ctrl.Result
		fails    bool
	}{
		"a change":                 {phase: crm.PhaseOpen, requests: 1, written: true, result: ctrl.Result{RequeueAfter: time.Hour}},
		"no change":                {result: ctrl.Result{RequeueAfter: time.Hour}},
		"an old object":            {phase: crm.PhaseOpen, answer: apierrors.NewConflict(exhibitions, "a", errors.New("newer")), requests: 1, result: ctrl.Result{RequeueAfter: staleDelay}},
		"an object that is gone":   {phase: crm.PhaseOpen, answer: apierrors.NewNotFound(exhibitions, "a"), requests: 1, result: ctrl.Result{RequeueAfter: time.Hour}},
		"an API server in trouble": {phase: crm.PhaseOpen, answer: apierrors.NewInternalError(errors.New("etcd")), requests: 1, fails: true},
		"after a failed pass":      {phase: crm.PhaseOpen, earlier: failed, requests: 1, written: true, result: ctrl.Result{RequeueAfter: time.Hour}, fails: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			requests := 0
			c := interceptor.NewClient(fake.NewFakeClient(), interceptor.Funcs{
				SubResourcePatch: func(context.Context, client.Client, string, client.Object, client.Patch, ...client.SubResourcePatchOption) error {
					requests++
					return test.answer
				},
			})
			before := &crm.Exhibition{}
			after := before.DeepCopy()
			after.Status.Phase = test.phase
			result, err := ctrl.Result{RequeueAfter: time.Hour}, test.earlier
			written := Record(t.Context(), c, before, after, &result, &err)
			if written != test.written || requests != test.requests {
				t.Errorf("written %t in %d requests, want %t in %d", written, requests, test.written, test.requests)
			}
			if result != test.result {
				t.Errorf("result %+v, want %+v", result, test.result)
			}
			if (err != nil) != test.fails || test.earlier != nil && !errors.Is(err, test.earlier) {
				t.Errorf("error %v", err)
			}
		})
	}
}
