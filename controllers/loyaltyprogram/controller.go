// Package loyaltyprogram keeps the points and tiers of LoyaltyPrograms: it compiles what earns
// points, has the store bring the ledger and the members up to date with facts, and reports.
package loyaltyprogram

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
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
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/loyalty"
	"github.com/fairlead/fairlead/internal/store"
)

// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=loyaltyprograms,verbs=get;list;watch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=loyaltyprograms/status,verbs=patch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customerstores;customersegments,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

const (
	// passesAtOnce lets other stores go on while one takes its time.
	passesAtOnce = 2
	// passLimit bounds one accrual: the first of a large store takes minutes.
	passLimit = 30 * time.Minute
	// longestRest is after how long a program is looked at at the latest, while time changes
	// something.
	longestRest = 24 * time.Hour
)

// Reconciler keeps the points and tiers of LoyaltyPrograms.
type Reconciler struct {
	// Client reads from the manager's cache.
	Client client.Client
	// Clock tells the time of transitions.
	Clock clock.PassiveClock
	// Recorder announces transitions.
	Recorder events.EventRecorder
	// Open gives the open store of a CustomerStore, or says why nothing may be done to it.
	Open func(context.Context, *crm.CustomerStore) (*store.Store, error)
	// Moved is told of programs whose members moved between tiers, or have other points.
	Moved func(context.Context, types.NamespacedName)

	// woken are CustomerStores with profiles that changed, and segments whose members did.
	woken contract.Wakes
	// known has of each program what its last pass came to, by its name: a *remembered.
	known sync.Map
}

// remembered is what the last pass of this manager knows of a program.
type remembered struct {
	// figures after it; nil where it failed.
	figures *store.LoyaltyFigures
	// store that the program is of.
	store types.NamespacedName
}

// SetupWithManager registers the controller and what wakes it: changes of a LoyaltyProgram,
// readiness of its store and of the segments that it asks for, and refreshes of profiles.
func (r *Reconciler) SetupWithManager(_ context.Context, mgr ctrl.Manager) error {
	r.woken = contract.NewWakes()
	segmentReady := func(segment *crm.CustomerSegment) bool { return contract.IsReady(segment.Status.ObservedStatus) }
	err := ctrl.NewControllerManagedBy(mgr).
		For(&crm.LoyaltyProgram{}, builder.WithPredicates(contract.Changed())).
		Watches(&crm.CustomerStore{}, handler.EnqueueRequestsFromMapFunc(r.concerned), builder.WithPredicates(contract.ReadinessChanged(contract.StoreReady))).
		Watches(&crm.CustomerSegment{}, handler.EnqueueRequestsFromMapFunc(r.concerned),
			builder.WithPredicates(predicate.Or(contract.ReadinessChanged(segmentReady), predicate.GenerationChangedPredicate{}))).
		WatchesRawSource(r.woken.Source(r.concerned)).
		WithOptions(controller.Options{MaxConcurrentReconciles: passesAtOnce, ReconciliationTimeout: passLimit}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the LoyaltyProgram controller: %w", err)
	}
	return nil
}

// Refreshed wakes the programs of a CustomerStore: profiles changed.
func (r *Reconciler) Refreshed(ctx context.Context, name types.NamespacedName) {
	r.woken.Wake(ctx, &crm.CustomerStore{}, name)
}

// SegmentMoved wakes the programs that ask for a segment whose members changed.
func (r *Reconciler) SegmentMoved(ctx context.Context, name types.NamespacedName) {
	r.woken.Wake(ctx, &crm.CustomerSegment{}, name)
}

// concerned are the programs of a store, or those that ask for a segment.
func (r *Reconciler) concerned(ctx context.Context, object client.Object) []reconcile.Request {
	_, isStore := object.(*crm.CustomerStore)
	var programs crm.LoyaltyProgramList
	return contract.Requests(ctx, r.Client, &programs, &programs.Items, func(program *crm.LoyaltyProgram) bool {
		return isStore && string(program.Spec.StoreName) == object.GetName() || !isStore && len(Asks(program.Spec)) > 0
	}, client.InNamespace(object.GetNamespace()))
}

// Reconcile brings the points and tiers of one LoyaltyProgram up to date.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	program := &crm.LoyaltyProgram{}
	if err := r.Client.Get(ctx, request.NamespacedName, program); err != nil {
		if apierrors.IsNotFound(err) {
			r.farewell(ctx, request.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := program.DeepCopy()
	defer func() {
		if contract.Record(ctx, r.Client, before, program, &result, &err) {
			if stalled := contract.StalledNow(before.Status.Conditions, program.Status.Conditions); stalled != nil {
				r.Recorder.Eventf(program, nil, corev1.EventTypeWarning, stalled.Reason, "Reconcile", "%s", contract.Note(stalled.Message))
			}
		}
	}()
	now := r.Clock.Now()
	seen := r.observe(ctx, program)
	if verdict := blocked(program, seen); verdict != nil {
		verdict.Apply(&program.Status.ObservedStatus, program.Generation, now)
		return ctrl.Result{}, seen.failure
	}
	last := r.recall(request.NamespacedName)
	came := r.accrue(ctx, program, seen)
	came.failure = contract.Plain(came.failure)
	program.Status = statusOf(now, program, seen.store, came)
	if moved(last, came) {
		r.Moved(ctx, client.ObjectKeyFromObject(program))
	}
	if came.figures != nil {
		result.RequeueAfter = rest(now, came)
	}
	return result, retried(came.failure)
}

// recall gives what the last pass knew of a program; nil where there was none.
func (r *Reconciler) recall(name types.NamespacedName) *remembered {
	found, _ := r.known.Load(name)
	known, _ := found.(*remembered)
	return known
}

// farewell says what is left of a program that was deleted: all of its points.
func (r *Reconciler) farewell(ctx context.Context, name types.NamespacedName) {
	known := r.recall(name)
	r.known.Delete(name)
	if known == nil || known.figures == nil {
		return
	}
	declared := &crm.CustomerStore{}
	if err := r.Client.Get(ctx, known.store, declared); err != nil {
		return
	}
	r.Recorder.Eventf(declared, nil, corev1.EventTypeWarning, crm.ReasonProgramDeleted, "Reconcile",
		"The LoyaltyProgram %s was deleted: its ledger stays, with %s points of %d members. Whoever applies it again goes on from there.",
		name.Name, store.PointsText(known.figures.Outstanding), known.figures.Members)
}

// accrue compiles and carries out a program.
func (r *Reconciler) accrue(ctx context.Context, program *crm.LoyaltyProgram, seen observed) (came outcome) {
	known := &remembered{store: client.ObjectKeyFromObject(seen.store)}
	r.known.Store(client.ObjectKeyFromObject(program), known)
	opened, err := r.Open(ctx, seen.store)
	if err != nil {
		return outcome{failure: fmt.Errorf("opening the CustomerStore %s: %w", seen.store.Name, err)}
	}
	currency := string(seen.store.Spec.ReportingCurrency)
	digits, isCurrency := customer.MinorDigits(currency)
	if !isCurrency {
		return outcome{failure: fmt.Errorf("the CustomerStore %s reports in %s, which is no currency", seen.store.Name, currency)}
	}
	kinds, err := opened.AttributeKinds(ctx)
	if err != nil {
		return outcome{failure: err}
	}
	prepared, err := loyalty.Compile(program.Name, program.Spec, audience.Catalog{Attributes: kinds, CurrencyDigits: digits}, currency)
	if err != nil {
		return outcome{failure: err}
	}
	came.byDay = prepared.Eligible.ByDay
	if came.accrued, err = opened.Accrue(ctx, *prepared); err != nil {
		came.failure = err
		return came
	}
	// Persons may have posted meanwhile.
	figures, err := opened.LoyaltyFigures(ctx, program.Name)
	if err != nil {
		came.failure = err
		return came
	}
	known.figures, came.figures = &figures, &figures
	return came
}

// observe reads what is declared beside the program.
func (r *Reconciler) observe(ctx context.Context, program *crm.LoyaltyProgram) (seen observed) {
	var segments crm.CustomerSegmentList
	if err := r.Client.List(ctx, &segments, client.InNamespace(program.Namespace)); err != nil {
		seen.failure = fmt.Errorf("listing the segments of the namespace: %w", err)
		return seen
	}
	seen.segments = slices.DeleteFunc(segments.Items, func(segment crm.CustomerSegment) bool { return segment.Spec.StoreName != program.Spec.StoreName })
	declared := &crm.CustomerStore{}
	switch err := r.Client.Get(ctx, types.NamespacedName{Namespace: program.Namespace, Name: string(program.Spec.StoreName)}, declared); {
	case err == nil:
		seen.store = declared
	case !apierrors.IsNotFound(err):
		seen.failure = fmt.Errorf("reading the CustomerStore: %w", err)
	}
	return seen
}
