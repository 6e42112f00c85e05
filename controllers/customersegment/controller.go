// Package customersegment keeps the members of CustomerSegments: it compiles who is
// meant, has the store bring the members up to date with profiles, and reports.
package customersegment

import (
	"context"
	"fmt"
	"slices"
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
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/metrics"
	"github.com/fairlead/fairlead/internal/store"
)

// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customersegments,verbs=get;list;watch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customersegments/status,verbs=patch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customerstores,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

const (
	// passesAtOnce lets other stores go on while one takes its time.
	passesAtOnce = 4
	// passLimit bounds one evaluation.
	passLimit = 10 * time.Minute
)

// Reconciler keeps the members of CustomerSegments.
type Reconciler struct {
	// Client reads from the manager's cache.
	Client client.Client
	// Clock tells the time of transitions, and when the next day begins.
	Clock clock.PassiveClock
	// Recorder announces transitions.
	Recorder events.EventRecorder
	// Open gives the open store of a CustomerStore, or says why nothing may be done to it.
	Open func(context.Context, *crm.CustomerStore) (*store.Store, error)
	// Metrics count who comes and goes.
	Metrics *metrics.Segments
	// Moved is told of segments whose members changed.
	Moved func(context.Context, types.NamespacedName)

	// woken are objects whose segments have to be looked at: CustomerStores with
	// profiles that changed, and segments that ask for one whose members did.
	woken contract.Wakes
	// passes has what is remembered of each segment, by its name.
	passes sync.Map
	// read is what is remembered of what segments ask for.
	read reading
}

// SetupWithManager registers the controller and what wakes it: changes of a
// CustomerSegment, readiness of its store and of the segments that it asks for, and
// refreshes of profiles.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	r.woken = contract.NewWakes()
	err := contract.IndexBy(ctx, mgr.GetFieldIndexer(), &crm.CustomerSegment{}, contract.IndexStoreName, func(segment *crm.CustomerSegment) string { return string(segment.Spec.StoreName) })
	if err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(mgr).
		For(&crm.CustomerSegment{}, builder.WithPredicates(contract.Changed())).
		Watches(&crm.CustomerSegment{}, handler.EnqueueRequestsFromMapFunc(r.relatives),
			builder.WithPredicates(predicate.Or(contract.ReadinessChanged(isEvaluated), predicate.GenerationChangedPredicate{}))).
		Watches(&crm.CustomerStore{}, handler.EnqueueRequestsFromMapFunc(r.segmentsOf), builder.WithPredicates(contract.ReadinessChanged(contract.StoreReady))).
		WatchesRawSource(r.woken.Source(r.wakes)).
		WithOptions(controller.Options{MaxConcurrentReconciles: passesAtOnce, ReconciliationTimeout: passLimit}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the CustomerSegment controller: %w", err)
	}
	return nil
}

// Refreshed wakes the segments of a CustomerStore: profiles changed.
func (r *Reconciler) Refreshed(ctx context.Context, name types.NamespacedName) {
	r.woken.Wake(ctx, &crm.CustomerStore{}, name)
}

// TiersMoved wakes the segments that ask for the tiers or points of a LoyaltyProgram whose members
// have others.
func (r *Reconciler) TiersMoved(ctx context.Context, name types.NamespacedName) {
	r.woken.Wake(ctx, &crm.LoyaltyProgram{}, name)
}

// Reconcile brings the members of one CustomerSegment up to date.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	segment := &crm.CustomerSegment{}
	if err := r.Client.Get(ctx, request.NamespacedName, segment); err != nil {
		if apierrors.IsNotFound(err) {
			r.passes.Delete(request.NamespacedName)
			r.read.forget(request.NamespacedName)
			r.Metrics.Forget(request.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := segment.DeepCopy()
	defer func() {
		if contract.Record(ctx, r.Client, before, segment, &result, &err) {
			for _, event := range transitions(before.Status, segment.Status) {
				r.Recorder.Eventf(segment, nil, event.kind, event.reason, "Reconcile", "%s", event.note)
			}
		}
	}()
	now := r.Clock.Now()
	seen := r.observe(ctx, segment)
	if verdict := blocked(segment, seen); verdict != nil {
		verdict.Apply(&segment.Status.ObservedStatus, segment.Generation, now)
		return ctrl.Result{}, seen.failure
	}
	known := r.recall(request.NamespacedName, segment)
	if rest := known.resting(segment, time.Now()); rest > 0 {
		segment.Status = statusOf(now, segment, *known.came)
		return ctrl.Result{RequeueAfter: rest}, nil
	}
	began := time.Now()
	came, byDay := r.evaluate(ctx, segment, seen, known)
	known.took(began, time.Now())
	came.failure = contract.Plain(came.failure)
	segment.Status = statusOf(now, segment, came)
	// Whoever moved did so whatever came after.
	if e := came.evaluated; e.Baseline || e.Entered+e.Left+e.Moved > 0 {
		r.wakeAskers(ctx, segment, seen)
		r.Moved(ctx, client.ObjectKeyFromObject(segment))
	}
	if byDay {
		result.RequeueAfter = nextDay(now).Sub(now)
	}
	return result, retried(came.failure)
}

// evaluate compiles and evaluates a segment.
func (r *Reconciler) evaluate(ctx context.Context, segment *crm.CustomerSegment, seen observed, known *remembered) (came outcome, byDay bool) {
	opened, err := r.Open(ctx, seen.store)
	if err != nil {
		return outcome{failure: fmt.Errorf("opening the CustomerStore %s: %w", seen.store.Name, err)}, false
	}
	digits, isCurrency := customer.MinorDigits(string(seen.store.Spec.ReportingCurrency))
	if !isCurrency {
		return outcome{failure: fmt.Errorf("the CustomerStore %s reports in %s, which is no currency", seen.store.Name, seen.store.Spec.ReportingCurrency)}, false
	}
	kinds, err := opened.AttributeKinds(ctx)
	if err != nil {
		return outcome{failure: err}, false
	}
	program, err := audience.Compile(string(segment.Spec.Where), audience.Catalog{Attributes: kinds, CurrencyDigits: digits})
	if err != nil {
		return outcome{failure: err}, false
	}
	prepared := store.Segment{Name: segment.Name, Definition: definition(segment.Spec, digits), Predicate: program.Predicate(), Asks: program.Segments()}
	var model *classify.Model
	if segment.Spec.Classify != nil {
		if model, err = classify.Compile(*segment.Spec.Classify, string(seen.store.Spec.ReportingCurrency)); err != nil {
			return outcome{failure: err}, false
		}
		prepared.Classes = model.Prepared()
	}
	byDay = prepared.Predicate.ByDay || prepared.Classes != nil && prepared.Classes.ByDay
	if came.evaluated, err = opened.Evaluate(ctx, prepared); err != nil {
		return outcome{failure: err}, byDay
	}
	r.Metrics.Evaluated(client.ObjectKeyFromObject(segment), came.evaluated.Entered, came.evaluated.Left)
	if came.evaluated.Looked == 0 && known.came != nil {
		came.figures = known.came.figures
		return came, byDay
	}
	known.came = nil
	if came.figures, came.failure = sumUp(ctx, opened, segment, prepared, model); came.failure == nil {
		known.came = &came
	}
	return came, byDay
}

// observe reads what is declared beside the segment.
func (r *Reconciler) observe(ctx context.Context, segment *crm.CustomerSegment) (seen observed) {
	seen.read = &r.read
	var segments crm.CustomerSegmentList
	// Nothing of them is changed here.
	if err := r.Client.List(ctx, &segments, client.InNamespace(segment.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		seen.failure = fmt.Errorf("listing the segments of the namespace: %w", err)
		return seen
	}
	seen.elsewhere = map[string]string{}
	seen.segments = slices.DeleteFunc(segments.Items, func(other crm.CustomerSegment) bool {
		if other.Spec.StoreName == segment.Spec.StoreName {
			return false
		}
		seen.elsewhere[other.Name] = string(other.Spec.StoreName)
		return true
	})
	declared := &crm.CustomerStore{}
	switch err := r.Client.Get(ctx, types.NamespacedName{Namespace: segment.Namespace, Name: string(segment.Spec.StoreName)}, declared); {
	case err == nil:
		seen.store = declared
	case !apierrors.IsNotFound(err):
		seen.failure = fmt.Errorf("reading the CustomerStore: %w", err)
	}
	return seen
}

// wakeAskers has the segments looked at that ask for one whose members changed.
func (r *Reconciler) wakeAskers(ctx context.Context, segment *crm.CustomerSegment, seen observed) {
	for _, name := range askedBy(segment.Name, asks(seen.segments, seen.read)) {
		r.woken.Wake(ctx, &crm.CustomerSegment{}, types.NamespacedName{Namespace: segment.Namespace, Name: name})
	}
}

// wakes are the segments that somebody woke.
func (r *Reconciler) wakes(ctx context.Context, object client.Object) []reconcile.Request {
	switch object.(type) {
	case *crm.CustomerSegment:
		return []reconcile.Request{{NamespacedName: client.ObjectKeyFromObject(object)}}
	case *crm.LoyaltyProgram:
		return r.requests(ctx, func(segment *crm.CustomerSegment) bool {
			return slices.Contains(audience.AskedPrograms(string(segment.Spec.Where)), object.GetName())
		}, client.InNamespace(object.GetNamespace()))
	}
	return r.segmentsOf(ctx, object)
}

// segmentsOf finds the segments of a store.
func (r *Reconciler) segmentsOf(ctx context.Context, declared client.Object) []reconcile.Request {
	return r.requests(ctx, func(*crm.CustomerSegment) bool { return true }, contract.OfStore(declared)...)
}

// relatives are the other segments of a store that ask for any, and those of the
// namespace that ask for this one: a circle may have opened or closed, or what they wait
// for have come, be it in another store.
func (r *Reconciler) relatives(ctx context.Context, object client.Object) []reconcile.Request {
	segment, ok := object.(*crm.CustomerSegment)
	if !ok {
		return nil
	}
	return r.requests(ctx, func(other *crm.CustomerSegment) bool {
		asked := r.read.asks(other)
		return other.Name != segment.Name && (other.Spec.StoreName == segment.Spec.StoreName && len(asked) > 0 || slices.Contains(asked, segment.Name))
	}, client.InNamespace(segment.Namespace))
}

func (r *Reconciler) requests(ctx context.Context, wanted func(*crm.CustomerSegment) bool, among ...client.ListOption) []reconcile.Request {
	var segments crm.CustomerSegmentList
	return contract.Requests(ctx, r.Client, &segments, &segments.Items, wanted, among...)
}
