package outreach

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// sweeper ends runs whose Outreach went while no manager was there to see it: whenever a
// CustomerStore becomes ready, and so when a manager starts.
type sweeper struct{ *Reconciler }

// setupSweeper registers what wakes it.
func (r *Reconciler) setupSweeper(mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		Named("outreach-sweeper").
		For(&crm.CustomerStore{}, builder.WithPredicates(contract.ReadinessChanged(func(object client.Object) bool {
			declared, ok := object.(*crm.CustomerStore)
			return ok && contract.IsReady(declared.Status.ObservedStatus) && !isSuspended(declared)
		}))).
		Complete(sweeper{r})
	if err != nil {
		return fmt.Errorf("setting up the sweeper of runs: %w", err)
	}
	return nil
}

// Reconcile looks for runs of one store whose Outreach is gone.
func (s sweeper) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	declared := &crm.CustomerStore{}
	if err := s.Client.Get(ctx, request.NamespacedName, declared); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if !contract.IsReady(declared.Status.ObservedStatus) || isSuspended(declared) {
		return ctrl.Result{}, nil
	}
	opened, err := s.Open(ctx, declared)
	if err != nil {
		return ctrl.Result{}, contract.Plain(err)
	}
	runs, err := opened.UnsettledRuns(ctx, declared.Namespace)
	if err != nil {
		return ctrl.Result{}, contract.Plain(err)
	}
	var failures []error
	for _, run := range runs {
		gone, err := s.isGone(ctx, opened, run)
		if err == nil && gone {
			err = opened.AbandonRun(ctx, run)
		}
		if err != nil {
			failures = append(failures, contract.Plain(err))
		}
	}
	return ctrl.Result{}, errors.Join(failures...)
}

// isGone tells whether the Outreach of a run is not there any more; one of the same name is another
// one, unless it was made anew in its place.
func (s sweeper) isGone(ctx context.Context, opened *store.Store, run store.Run) (bool, error) {
	o, name := &crm.Outreach{}, types.NamespacedName{Namespace: run.Owner.Namespace, Name: run.Owner.Name}
	err := s.Client.Get(ctx, name, o)
	if err == nil && string(o.UID) == run.Owner.UID {
		return false, nil
	}
	// The cache may not have heard of it yet.
	err = s.Reader.Get(ctx, name, o)
	switch {
	case apierrors.IsNotFound(err):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("reading the Outreach %s: %w", run.Owner.Name, err)
	case string(o.UID) == run.Owner.UID:
		return false, nil
	}
	// Only now is the plan of interest.
	whole, err := opened.RunByKey(ctx, run.Key)
	if err != nil || whole == nil {
		return false, err
	}
	anew, err := isAnew(o, whole)
	return !anew, err
}
