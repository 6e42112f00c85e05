// Package outreach carries Outreaches out: it freezes who is written to, waits for an
// approval where one is needed, starts Jobs whose workers send, and follows what came of it.
package outreach

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
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

// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=outreaches,verbs=get;list;watch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=outreaches/status,verbs=patch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=outreaches/finalizers,verbs=update
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customerstores;customersegments;contactpolicies;exhibitions;outreachchannels;outreachapprovals;campaignrules;loyaltyprograms,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=list;watch

// Reconciler carries Outreaches out.
type Reconciler struct {
	// Client reads from the manager's cache.
	Client client.Client
	// Reader asks the API server itself.
	Reader client.Reader
	// Clock tells the time of transitions.
	Clock clock.PassiveClock
	// Recorder announces transitions.
	Recorder events.EventRecorder
	// Open gives the open store of a CustomerStore, or says why nothing may be done to it.
	Open func(context.Context, *crm.CustomerStore) (*store.Store, error)
	// Stop is Open where runs are only to be kept from being sent: the store need not be ready.
	Stop func(context.Context, *crm.CustomerStore) (*store.Store, error)
	// Pods is what worker pods are made with.
	Pods Pods
	// Runs is told what the workers of runs measured.
	Runs *metrics.Runs
}

const (
	// passesAtOnce lets others go on while one freezes a large audience.
	passesAtOnce = 4
	// passLimit bounds one pass.
	passLimit = 10 * time.Minute
	// look is how often a run that is sent is looked at: counts change no more often.
	look = 10 * time.Second
	// soon is how soon a run is looked at again whose workers are about to end.
	soon = 2 * time.Second
	// now and then a run is looked at that left something unknown: a person may resolve it.
	nowAndThen = 30 * time.Second
)

// SetupWithManager registers the controller and what wakes it: changes of an Outreach, of its
// Jobs, of approvals, and of what it waits for.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	err := mgr.GetFieldIndexer().IndexField(ctx, &crm.Outreach{}, contract.IndexStoreName, func(object client.Object) []string {
		outreach, ok := object.(*crm.Outreach)
		if !ok {
			return nil
		}
		return []string{string(outreach.Spec.StoreName)}
	})
	if err != nil {
		return fmt.Errorf("indexing Outreaches by CustomerStore: %w", err)
	}
	isReady := func(object client.Object) bool {
		switch object := object.(type) {
		case *crm.CustomerStore:
			return contract.IsReady(object.Status.ObservedStatus) && !isSuspended(object)
		case *crm.CustomerSegment:
			return contract.IsReady(object.Status.ObservedStatus) && object.Status.ObservedGeneration == object.Generation
		case *crm.LoyaltyProgram:
			return isReckoned(object)
		case *crm.Exhibition:
			return contract.IsReady(object.Status.ObservedStatus)
		case *crm.OutreachChannel:
			return contract.IsReady(object.Status.ObservedStatus) && !ptr.Deref(object.Spec.Suspend, false)
		}
		return false
	}
	atRest := func(object client.Object) bool {
		declared, is := object.(*crm.CustomerStore)
		return is && contract.IsSuspended(declared.Status.ObservedStatus)
	}
	neighbours := handler.EnqueueRequestsFromMapFunc(r.neighbours)
	err = ctrl.NewControllerManagedBy(mgr).
		For(&crm.Outreach{}, builder.WithPredicates(contract.Changed())).
		Owns(&batchv1.Job{}).
		// It may name a policy now.
		Watches(&crm.CustomerStore{}, neighbours, builder.WithPredicates(predicate.Or(contract.ReadinessChanged(isReady), contract.ReadinessChanged(atRest), predicate.GenerationChangedPredicate{}))).
		Watches(&crm.CustomerSegment{}, neighbours, builder.WithPredicates(contract.ReadinessChanged(isReady))).
		Watches(&crm.Exhibition{}, neighbours, builder.WithPredicates(contract.ReadinessChanged(isReady))).
		Watches(&crm.LoyaltyProgram{}, neighbours, builder.WithPredicates(contract.ReadinessChanged(isReady))).
		Watches(&crm.OutreachChannel{}, neighbours, builder.WithPredicates(contract.ReadinessChanged(isReady))).
		Watches(&crm.ContactPolicy{}, neighbours, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&crm.CampaignRule{}, neighbours, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&crm.OutreachApproval{}, handler.EnqueueRequestsFromMapFunc(approved), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: passesAtOnce, ReconciliationTimeout: passLimit}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the Outreach controller: %w", err)
	}
	return r.setupSweeper(mgr)
}

// approved is the Outreach that an approval names.
func approved(_ context.Context, object client.Object) []reconcile.Request {
	approval, ok := object.(*crm.OutreachApproval)
	if !ok {
		return nil
	}
	return []reconcile.Request{{NamespacedName: types.NamespacedName{Namespace: approval.Namespace, Name: string(approval.Spec.OutreachName)}}}
}

// neighbours are the Outreaches of a namespace that are not through, and that something concerns.
func (r *Reconciler) neighbours(ctx context.Context, object client.Object) []reconcile.Request {
	var outreaches crm.OutreachList
	if err := r.Client.List(ctx, &outreaches, client.InNamespace(object.GetNamespace()), client.UnsafeDisableDeepCopy); err != nil {
		// The cache is local; it errs only while stopping, and then nobody is left to wake.
		ctrl.LoggerFrom(ctx).Error(err, "finding Outreaches to wake")
		return nil
	}
	var requests []reconcile.Request
	for i := range outreaches.Items {
		if !isThrough(outreaches.Items[i].Status.Phase) && r.concerns(ctx, object, &outreaches.Items[i]) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&outreaches.Items[i])})
		}
	}
	return requests
}

// concerns tells whether an Outreach may depend on something that is declared beside it. A thousand
// segments that become ready are nothing to those that name one of them.
func (r *Reconciler) concerns(ctx context.Context, object client.Object, o *crm.Outreach) bool {
	switch declared := object.(type) {
	case *crm.CustomerStore:
		return string(o.Spec.StoreName) == declared.Name
	case *crm.CampaignRule:
		return string(o.Spec.RuleName) == declared.Name
	case *crm.CustomerSegment:
		audience := o.Spec.Audience
		if o.Spec.RuleName != "" && o.Status.FrozenTime == nil {
			rule := &crm.CampaignRule{}
			// It is not changed here. One that is not there is for the pass to see.
			if err := r.Client.Get(ctx, types.NamespacedName{Namespace: o.Namespace, Name: string(o.Spec.RuleName)}, rule, client.UnsafeDisableDeepCopy); err != nil {
				return true
			}
			audience = &rule.Spec.Audience
		}
		return audience == nil || slices.Contains(segmentsOf(audience), declared.Name)
	}
	return true
}

// Reconcile brings one Outreach a step further.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	declared := &crm.Outreach{}
	if err := r.Client.Get(ctx, request.NamespacedName, declared); err != nil {
		if apierrors.IsNotFound(err) {
			r.Runs.Forget(request.NamespacedName)
			return ctrl.Result{}, r.abandon(ctx, request.NamespacedName)
		}
		return ctrl.Result{}, err
	}
	if isThrough(declared.Status.Phase) && declared.Status.ObservedGeneration == declared.Generation && !hasUnknown(declared) {
		return ctrl.Result{}, nil
	}
	before := declared.DeepCopy()
	// What a rule says of it is never written back.
	o := declared.DeepCopy()
	defer func() {
		declared.Status = o.Status
		if contract.Record(ctx, r.Client, before, declared, &result, &err) {
			for _, event := range transitions(before.Status, declared.Status) {
				r.Recorder.Eventf(declared, nil, event.kind, event.reason, "Reconcile", "%s", event.note)
			}
		}
	}()
	p := &pass{Reconciler: r, o: o, now: r.Clock.Now()}
	verdict, again, err := p.carryOn(ctx)
	verdict.Apply(&o.Status.ObservedStatus, o.Generation, p.now)
	setComplete(o, p.now)
	return ctrl.Result{RequeueAfter: again}, err
}

// abandon marks the runs of an Outreach that is gone: its Jobs go with it, and their workers
// hear of it from the store.
func (r *Reconciler) abandon(ctx context.Context, name types.NamespacedName) error {
	var stores crm.CustomerStoreList
	if err := r.Client.List(ctx, &stores, client.InNamespace(name.Namespace)); err != nil {
		return fmt.Errorf("listing the stores of the namespace: %w", err)
	}
	var failures []error
	for i := range stores.Items {
		declared := &stores.Items[i]
		// The sweeper looks once it is ready.
		if !contract.IsReady(declared.Status.ObservedStatus) || isSuspended(declared) {
			continue
		}
		opened, err := r.Open(ctx, declared)
		if err == nil {
			err = opened.AbandonRuns(ctx, name.Namespace, name.Name)
		}
		if err != nil {
			failures = append(failures, contract.Plain(err))
		}
	}
	return errors.Join(failures...)
}

// storeOf finds the store of an Outreach, and what is known of the policies that it names.
func storeOf(o *crm.Outreach, find func(string, client.Object) bool) (declared *crm.CustomerStore, binding []*crm.ContactPolicy, unbound []contract.Unbound) {
	declared = &crm.CustomerStore{}
	if !find(string(o.Spec.StoreName), declared) {
		return nil, nil, nil
	}
	binding, unbound = contract.Binding(declared, func(name crm.ObjectName) *crm.ContactPolicy {
		if policy := (&crm.ContactPolicy{}); find(string(name), policy) {
			return policy
		}
		return nil
	})
	return declared, binding, unbound
}

// observe reads what is declared beside an Outreach. One of a rule is told what the rule says.
func observe(ctx context.Context, reader client.Reader, o *crm.Outreach) (seen observed) {
	find := func(name string, into client.Object) bool {
		err := reader.Get(ctx, types.NamespacedName{Namespace: o.Namespace, Name: name}, into)
		if err != nil && !apierrors.IsNotFound(err) {
			seen.failure = errors.Join(seen.failure, fmt.Errorf("reading %s: %w", name, err))
		}
		return err == nil
	}
	seen.store, seen.policies, seen.unbound = storeOf(o, find)
	if name := string(o.Spec.RuleName); name != "" {
		if rule := (&crm.CampaignRule{}); find(name, rule) {
			seen.rule = rule
			asRuled(o, rule)
		}
	}
	if o.Spec.Outreach != nil {
		if channel := (&crm.OutreachChannel{}); find(string(o.Spec.Outreach.ChannelName), channel) {
			seen.channel = channel
		}
	}
	if o.Spec.Audience != nil {
		seen.segments = map[string]*crm.CustomerSegment{}
		for _, name := range segmentsOf(o.Spec.Audience) {
			if segment := (&crm.CustomerSegment{}); find(name, segment) {
				seen.segments[name] = segment
			}
		}
	}
	if name := string(o.Spec.ExhibitionName); name != "" {
		if exhibition := (&crm.Exhibition{}); find(name, exhibition) {
			seen.exhibition = exhibition
		}
	}
	if seen.series, seen.failure = seriesOf(ctx, reader, o, seen); seen.failure != nil {
		return seen
	}
	if seen.programs, seen.failure = programsOf(ctx, reader, o); seen.failure != nil {
		return seen
	}
	var approvals crm.OutreachApprovalList
	if err := reader.List(ctx, &approvals, client.InNamespace(o.Namespace)); err != nil {
		seen.failure = errors.Join(seen.failure, fmt.Errorf("listing approvals: %w", err))
	}
	seen.approvals = slices.DeleteFunc(approvals.Items, func(a crm.OutreachApproval) bool { return string(a.Spec.OutreachName) != o.Name })
	return seen
}
