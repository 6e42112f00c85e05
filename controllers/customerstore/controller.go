// Package customerstore connects CustomerStores with their databases: it sees
// that a database is the one that is meant, migrates and claims it, keeps the
// profiles in it fresh, and reports.
package customerstore

import (
	"context"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
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
	"github.com/fairlead/fairlead/internal/metrics"
	"github.com/fairlead/fairlead/internal/store"
)

// Secrets are read by the RoleBinding of a tenant, see config/tenant.
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customerstores,verbs=get;list;watch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customerstores/status,verbs=patch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=contactpolicies,verbs=get;list;watch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=exhibitions,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,resourceNames=kube-system,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

const (
	// indexPolicy finds the CustomerStores that name a ContactPolicy.
	indexPolicy = "spec.contactPolicyNames"
	// passesAtOnce lets other stores go on while the server of one does not answer.
	passesAtOnce = 4
	// passLimit bounds one pass, migration included: a large store takes its time.
	passLimit = 30 * time.Minute
	// jitter spreads passes, so that many stores do not come all at once.
	jitter = 0.2
)

// Reconciler connects CustomerStores with their databases.
type Reconciler struct {
	// Client reads from the manager's cache; Secrets it reads by name from the
	// API server.
	Client client.Client
	// Reader reads from the API server what the cache does not hold.
	Reader client.Reader
	// Clock tells the time of transitions.
	Clock clock.PassiveClock
	// Recorder announces transitions.
	Recorder events.EventRecorder
	// Place is where the manager runs.
	Place Place
	// Pace is how often stores are looked at.
	Pace Pace
	// Connections are the open stores.
	Connections *Connections
	// Profiles tells how fresh profiles are.
	Profiles *metrics.Profiles
	// Refreshed is told of every store whose profiles were computed again.
	Refreshed func(context.Context, types.NamespacedName)

	mu sync.Mutex
	// cluster is the uid of this cluster, once it is known.
	cluster string
	// failures are the passing faults in a row of each store.
	failures map[types.NamespacedName]int
}

// SetupWithManager registers the controller and what wakes it: changes of a
// CustomerStore, and what is declared of the ContactPolicies that it names and of
// the Exhibitions that name it.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	err := mgr.GetFieldIndexer().IndexField(ctx, &crm.CustomerStore{}, indexPolicy, func(object client.Object) []string {
		declared, ok := object.(*crm.CustomerStore)
		if !ok {
			return nil
		}
		var names []string
		for _, name := range declared.Spec.ContactPolicyNames {
			names = append(names, string(name))
		}
		return names
	})
	if err != nil {
		return fmt.Errorf("indexing CustomerStores by ContactPolicy: %w", err)
	}
	if err := mgr.Add(r.Connections); err != nil {
		return fmt.Errorf("having connections closed with the manager: %w", err)
	}
	err = ctrl.NewControllerManagedBy(mgr).
		For(&crm.CustomerStore{}, builder.WithPredicates(contract.Changed())).
		Watches(&crm.ContactPolicy{}, handler.EnqueueRequestsFromMapFunc(r.storesOf),
			builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&crm.Exhibition{}, handler.EnqueueRequestsFromMapFunc(storeNamed),
			builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: passesAtOnce, ReconciliationTimeout: passLimit}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the CustomerStore controller: %w", err)
	}
	return nil
}

// Reconcile brings one CustomerStore and its database together as far as they
// belong together, and comes back: neither Secrets nor databases are watched.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	declared := &crm.CustomerStore{}
	if err := r.Client.Get(ctx, request.NamespacedName, declared); err != nil {
		if client.IgnoreNotFound(err) == nil {
			r.Connections.close(request.NamespacedName)
			r.Profiles.Forget(request.NamespacedName)
			r.failed(request.NamespacedName, false)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := declared.DeepCopy()
	defer func() {
		if contract.Record(ctx, r.Client, before, declared, &result, &err) {
			r.announce(before, declared)
		}
	}()

	came, holds, failure := r.pass(ctx, declared)
	declared.Status = statusOf(r.Clock.Now(), declared, came, holds)
	if works(declared.Status) {
		r.Connections.accompany(ctx, request.NamespacedName, func(ctx context.Context, opened *store.Store) {
			r.keepFresh(ctx, request.NamespacedName, opened)
		})
	} else {
		r.Connections.leave(request.NamespacedName)
	}
	failures := r.failed(request.NamespacedName, came.again == soon)
	if pause := r.Pace.after(came.again, failures); pause > 0 && failure == nil {
		result.RequeueAfter = wait.Jitter(pause, jitter)
	}
	return result, failure
}

// ForWork gives the open store of a CustomerStore to whoever writes what follows from
// facts, or says why nothing may be written now.
func (r *Reconciler) ForWork(ctx context.Context, declared *crm.CustomerStore) (*store.Store, error) {
	cluster, err := r.clusterID(ctx)
	if err != nil {
		return nil, err
	}
	return r.Connections.ForWork(ctx, declared, cluster)
}

// ForStopping gives the open store of a CustomerStore that need not be ready, to whoever only
// keeps things from happening.
func (r *Reconciler) ForStopping(ctx context.Context, declared *crm.CustomerStore) (*store.Store, error) {
	cluster, err := r.clusterID(ctx)
	if err != nil {
		return nil, err
	}
	return r.Connections.ForStopping(ctx, declared, cluster)
}

// failed counts the passing faults of a store in a row.
func (r *Reconciler) failed(name types.NamespacedName, failed bool) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !failed {
		delete(r.failures, name)
		return 0
	}
	if r.failures == nil {
		r.failures = map[types.NamespacedName]int{}
	}
	r.failures[name]++
	return r.failures[name]
}

// announce tells of transitions, once they are recorded.
func (r *Reconciler) announce(before, after *crm.CustomerStore) {
	for _, a := range transitions(before.Status, after.Status) {
		r.Recorder.Eventf(after, nil, a.kind, a.reason, "Reconcile", "%s", a.note)
	}
}

// storesOf finds the CustomerStores that name a ContactPolicy.
func (r *Reconciler) storesOf(ctx context.Context, policy client.Object) []reconcile.Request {
	var stores crm.CustomerStoreList
	err := r.Client.List(ctx, &stores, client.InNamespace(policy.GetNamespace()), client.MatchingFields{indexPolicy: policy.GetName()})
	if err != nil {
		// The cache is local; it errs only while stopping, and then nobody is left to wake.
		ctrl.LoggerFrom(ctx).Error(err, "finding CustomerStores to wake", "namespace", policy.GetNamespace())
		return nil
	}
	requests := make([]reconcile.Request, 0, len(stores.Items))
	for i := range stores.Items {
		requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&stores.Items[i])})
	}
	return requests
}

// storeNamed is the CustomerStore that an Exhibition names.
func storeNamed(_ context.Context, object client.Object) []reconcile.Request {
	edition, ok := object.(*crm.Exhibition)
	if !ok {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: edition.Namespace, Name: string(edition.Spec.StoreName)}}}
}
