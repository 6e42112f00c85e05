// Package exhibition keeps the status of Exhibitions: the phase of the cycle
// that an edition is in by its dates, and what it is measured against.
package exhibition

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=exhibitions,verbs=get;list;watch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=exhibitions/status,verbs=patch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customerstores,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// indexSeries finds the Exhibitions of a series in the cache.
const indexSeries = "spec.storeName/spec.series"

// Reconciler keeps the status of Exhibitions.
type Reconciler struct {
	// Client reads from the manager's cache.
	Client client.Client
	// Clock tells the time that phases follow.
	Clock clock.PassiveClock
	// Recorder announces transitions.
	Recorder events.EventRecorder
	// Open gives the open store of a CustomerStore, or says why nothing may be asked of it.
	Open func(context.Context, *crm.CustomerStore) (*store.Store, error)

	// woken are CustomerStores whose facts or profiles changed.
	woken contract.Wakes
	// figures has what was measured of each Exhibition, by its name.
	figures sync.Map
	mu      sync.Mutex
	// changes of each store, counted.
	changes map[types.NamespacedName]uint64
}

// passesAtOnce lets other stores go on while one takes its time.
const passesAtOnce = 2

// passLimit bounds one pass.
const passLimit = 10 * time.Minute

// SetupWithManager registers the controller and what wakes it: changes of an
// Exhibition, of another edition of its series, and of the readiness of its
// store.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	r.woken, r.changes = contract.NewWakes(), map[types.NamespacedName]uint64{}
	for name, key := range map[string]func(*crm.Exhibition) string{
		contract.IndexStoreName: func(e *crm.Exhibition) string { return string(e.Spec.StoreName) },
		indexSeries:             seriesKey,
	} {
		if err := contract.IndexBy(ctx, mgr.GetFieldIndexer(), &crm.Exhibition{}, name, key); err != nil {
			return err
		}
	}
	err := ctrl.NewControllerManagedBy(mgr).
		For(&crm.Exhibition{}, builder.WithPredicates(contract.Changed())).
		Watches(&crm.Exhibition{}, handler.EnqueueRequestsFromMapFunc(r.siblingsOf),
			builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&crm.CustomerStore{}, handler.EnqueueRequestsFromMapFunc(r.editionsOf),
			builder.WithPredicates(contract.ReadinessChanged(contract.StoreReady))).
		WatchesRawSource(r.woken.Source(r.editionsOf)).
		WithOptions(controller.Options{MaxConcurrentReconciles: passesAtOnce, ReconciliationTimeout: passLimit}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the Exhibition controller: %w", err)
	}
	return nil
}

// Reconcile brings the status of one Exhibition up to date and comes back when
// its phase ends.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	edition := &crm.Exhibition{}
	if err := r.Client.Get(ctx, request.NamespacedName, edition); err != nil {
		if apierrors.IsNotFound(err) {
			r.figures.Delete(request.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := edition.DeepCopy()
	defer func() {
		if contract.Record(ctx, r.Client, before, edition, &result, &err) {
			r.announce(before, edition)
		}
	}()

	now := r.Clock.Now()
	seen := r.observe(ctx, edition)
	status, changes := statusOf(now, edition, seen)
	edition.Status = status
	if !changes.IsZero() {
		result.RequeueAfter = changes.Sub(now)
	}
	if again := seen.found.again; again > 0 && (result.RequeueAfter == 0 || again < result.RequeueAfter) {
		result.RequeueAfter = again
	}
	return result, errors.Join(seen.failure, seen.found.failure)
}

// observe reads what the status of an edition depends on.
func (r *Reconciler) observe(ctx context.Context, edition *crm.Exhibition) (seen observed) {
	var siblings crm.ExhibitionList
	err := r.Client.List(ctx, &siblings, client.InNamespace(edition.Namespace),
		client.MatchingFields{indexSeries: seriesKey(edition)})
	if err != nil {
		seen.failure = fmt.Errorf("listing the editions of the series: %w", err)
	}
	seen.siblings = siblings.Items

	declared := &crm.CustomerStore{}
	key := types.NamespacedName{Namespace: edition.Namespace, Name: string(edition.Spec.StoreName)}
	switch err := r.Client.Get(ctx, key, declared); {
	case err == nil:
		seen.store = declared
	case !apierrors.IsNotFound(err):
		seen.failure = errors.Join(seen.failure, fmt.Errorf("reading the CustomerStore: %w", err))
	}
	if seen.failure == nil && isMeasured(edition, seen) {
		seen.found = r.measure(ctx, edition, seen.store, seen.siblings)
	}
	return seen
}

// announce tells of transitions, once they are recorded.
func (r *Reconciler) announce(before, after *crm.Exhibition) {
	for _, event := range transitions(before.Status, after.Status) {
		r.Recorder.Eventf(after, nil, event.kind, event.reason, "Reconcile", "%s", event.note)
	}
}

// siblingsOf finds the other editions of an Exhibition's series.
func (r *Reconciler) siblingsOf(ctx context.Context, object client.Object) []reconcile.Request {
	edition, ok := object.(*crm.Exhibition)
	if !ok {
		return nil
	}
	return r.requests(ctx, func(other *crm.Exhibition) bool { return other.Name != edition.Name },
		client.InNamespace(edition.Namespace), client.MatchingFields{indexSeries: seriesKey(edition)})
}

// editionsOf finds the Exhibitions of a store.
func (r *Reconciler) editionsOf(ctx context.Context, declared client.Object) []reconcile.Request {
	return r.requests(ctx, func(*crm.Exhibition) bool { return true }, contract.OfStore(declared)...)
}

func (r *Reconciler) requests(ctx context.Context, wanted func(*crm.Exhibition) bool, among ...client.ListOption) []reconcile.Request {
	var editions crm.ExhibitionList
	return contract.Requests(ctx, r.Client, &editions, &editions.Items, wanted, among...)
}

// seriesKey is the same for the editions of one series in one store.
func seriesKey(edition *crm.Exhibition) string {
	return string(edition.Spec.StoreName) + "/" + string(edition.Spec.Series)
}
