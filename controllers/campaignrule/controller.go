// Package campaignrule makes an Outreach of each occurrence of a CampaignRule that is due:
// exactly one, whatever is deleted, renamed or created again.
package campaignrule

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	crevent "sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=campaignrules,verbs=get;list;watch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=campaignrules/status,verbs=patch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=campaignrules/finalizers,verbs=update
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=outreaches,verbs=get;list;watch;create;delete
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customerstores;customersegments;contactpolicies;exhibitions,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

const (
	// passesAtOnce lets other stores go on while one takes its time.
	passesAtOnce = 4
	// nowAndThen a rule that collects is looked at without being woken.
	nowAndThen = 15 * time.Minute
)

// Reconciler carries CampaignRules out.
type Reconciler struct {
	// Client reads from the manager's cache.
	Client client.Client
	// Reader asks the API server itself.
	Reader client.Reader
	// Clock tells what is due.
	Clock clock.PassiveClock
	// Recorder announces what became due, and what was missed.
	Recorder events.EventRecorder
	// Open gives the open store of a CustomerStore, or says why nothing may be done to it.
	Open func(context.Context, *crm.CustomerStore) (*store.Store, error)

	// woken are CustomerStores, CustomerSegments and LoyaltyPrograms whose rules have something to
	// collect.
	woken contract.Wakes
	// measured remembers on which day the effect of each rule was measured.
	measured measured
}

// SetupWithManager registers the controller and what wakes it: changes of a CampaignRule and of
// its Outreaches, of what it names, and what was recorded.
func (r *Reconciler) SetupWithManager(_ context.Context, mgr ctrl.Manager) error {
	r.woken = contract.NewWakes()
	storeReady := func(declared *crm.CustomerStore) bool {
		return contract.StoreReady(declared) && !contract.IsSuspended(declared.Status.ObservedStatus) && !ptr.Deref(declared.Spec.Suspend, false)
	}
	segmentReady := func(segment *crm.CustomerSegment) bool { return contract.IsReady(segment.Status.ObservedStatus) }
	neighbours := handler.EnqueueRequestsFromMapFunc(r.neighbours)
	err := ctrl.NewControllerManagedBy(mgr).
		For(&crm.CampaignRule{}, builder.WithPredicates(contract.Changed())).
		Owns(&crm.Outreach{}).
		Watches(&crm.CampaignRule{}, neighbours, builder.WithPredicates(comesOrGoes())).
		Watches(&crm.CustomerStore{}, neighbours, builder.WithPredicates(contract.ReadinessChanged(storeReady))).
		Watches(&crm.CustomerSegment{}, neighbours, builder.WithPredicates(predicate.Or(contract.ReadinessChanged(segmentReady), predicate.GenerationChangedPredicate{}))).
		Watches(&crm.ContactPolicy{}, neighbours, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Watches(&crm.Exhibition{}, neighbours, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WatchesRawSource(r.woken.Source(r.collectors)).
		WithOptions(controller.Options{MaxConcurrentReconciles: passesAtOnce}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the CampaignRule controller: %w", err)
	}
	return nil
}

// comesOrGoes lets through that a rule is created or deleted: another one may have waited for its
// prefix.
func comesOrGoes() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(crevent.UpdateEvent) bool { return false }}
}

// Refreshed wakes the rules of a CustomerStore that collect facts: something was recorded.
func (r *Reconciler) Refreshed(ctx context.Context, name types.NamespacedName) {
	r.woken.Wake(ctx, &crm.CustomerStore{}, name)
}

// Moved wakes the rules that collect who enters or leaves a CustomerSegment.
func (r *Reconciler) Moved(ctx context.Context, name types.NamespacedName) {
	r.woken.Wake(ctx, &crm.CustomerSegment{}, name)
}

// TiersMoved wakes the rules that collect whose tier moved.
func (r *Reconciler) TiersMoved(ctx context.Context, name types.NamespacedName) {
	r.woken.Wake(ctx, &crm.LoyaltyProgram{}, name)
}

// neighbours are the rules that something concerns which is declared beside them.
func (r *Reconciler) neighbours(ctx context.Context, object client.Object) []reconcile.Request {
	return r.requests(ctx, object.GetNamespace(), func(rule *crm.CampaignRule) bool { return concerns(object, rule) })
}

// concerns tells whether a rule depends on something that is declared beside it.
func concerns(object client.Object, rule *crm.CampaignRule) bool {
	switch declared := object.(type) {
	case *crm.CampaignRule:
		// It may have kept the prefix from the rule, or keep it now.
		return declared.Name != rule.Name && contract.RunKeyPrefix(declared) == contract.RunKeyPrefix(rule)
	case *crm.CustomerStore:
		return string(rule.Spec.StoreName) == declared.Name
	case *crm.CustomerSegment:
		return slices.Contains(segmentsOf(rule), declared.Name)
	case *crm.Exhibition:
		follows := rule.Spec.Trigger.Exhibition
		return follows != nil && (string(follows.ExhibitionName) == declared.Name || follows.Series != "" && follows.Series == declared.Spec.Series)
	}
	return true
}

// collectors are the rules that collect what somebody says was recorded.
func (r *Reconciler) collectors(ctx context.Context, object client.Object) []reconcile.Request {
	return r.requests(ctx, object.GetNamespace(), func(rule *crm.CampaignRule) bool { return collects(object, rule) })
}

// collects tells whether a rule collects what was recorded of an object.
func collects(object client.Object, rule *crm.CampaignRule) bool {
	trigger := rule.Spec.Trigger
	switch object.(type) {
	case *crm.CustomerSegment:
		return trigger.Segment != nil && string(trigger.Segment.SegmentName) == object.GetName()
	case *crm.LoyaltyProgram:
		// Of which store it is, is not known here.
		return trigger.Fact != nil && trigger.Fact.Kind == crm.TriggerTierChanged
	}
	return trigger.Fact != nil && string(rule.Spec.StoreName) == object.GetName()
}

func (r *Reconciler) requests(ctx context.Context, namespace string, wanted func(*crm.CampaignRule) bool) []reconcile.Request {
	var rules crm.CampaignRuleList
	return contract.Requests(ctx, r.Client, &rules, &rules.Items, wanted, client.InNamespace(namespace))
}

// Reconcile begins what is due of one CampaignRule.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	rule := &crm.CampaignRule{}
	if err := r.Client.Get(ctx, request.NamespacedName, rule); err != nil {
		if apierrors.IsNotFound(err) {
			r.measured.forget(request.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if rule.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	before := rule.DeepCopy()
	p := &pass{Reconciler: r, rule: rule, now: r.Clock.Now()}
	defer func() {
		if contract.Record(ctx, r.Client, before, rule, &result, &err) {
			for _, event := range p.events(before) {
				r.Recorder.Eventf(rule, nil, event.kind, event.reason, "Reconcile", "%s", event.note)
			}
		}
	}()
	verdict, look, err := p.carryOut(ctx)
	verdict.Apply(&rule.Status.ObservedStatus, rule.Generation, p.now)
	return ctrl.Result{RequeueAfter: p.until(look)}, err
}

// until is how long to wait for a moment; a rule that collects does not wait for long.
func (p *pass) until(look time.Time) time.Duration {
	wait := time.Duration(0)
	if !look.IsZero() {
		wait = max(look.Sub(p.now), time.Millisecond)
	}
	if t := p.rule.Spec.Trigger; t.Segment == nil && t.Fact == nil || ptr.Deref(p.rule.Spec.Suspend, false) {
		return wait
	}
	sooner := nowAndThen*3/4 + rand.N(nowAndThen/2) //nolint:gosec // nobody gains by guessing it
	if wait == 0 || sooner < wait {
		return sooner
	}
	return wait
}

// observe reads what is declared beside the rule.
func (p *pass) observe(ctx context.Context) error {
	here := client.InNamespace(p.rule.Namespace)
	declared := &crm.CustomerStore{}
	switch err := p.Client.Get(ctx, types.NamespacedName{Namespace: p.rule.Namespace, Name: string(p.rule.Spec.StoreName)}, declared); {
	case err == nil:
		p.seen.store = declared
	case !apierrors.IsNotFound(err):
		return fmt.Errorf("reading the CustomerStore: %w", err)
	}
	var rules crm.CampaignRuleList
	var exhibitions crm.ExhibitionList
	var policies crm.ContactPolicyList
	var outreaches crm.OutreachList
	for what, list := range map[string]client.ObjectList{"CampaignRules": &rules, "Exhibitions": &exhibitions, "ContactPolicies": &policies, "Outreaches": &outreaches} {
		// Nothing of them is changed here.
		if err := p.Client.List(ctx, list, here, client.UnsafeDisableDeepCopy); err != nil {
			return fmt.Errorf("listing %s: %w", what, err)
		}
	}
	p.seen.rules, p.seen.policies = rules.Items, policies.Items
	for _, e := range exhibitions.Items {
		if e.Spec.StoreName == p.rule.Spec.StoreName {
			p.seen.exhibitions = append(p.seen.exhibitions, e)
		}
	}
	p.seen.segments = map[string]*crm.CustomerSegment{}
	for _, name := range segmentsOf(p.rule) {
		segment := &crm.CustomerSegment{}
		switch err := p.Client.Get(ctx, types.NamespacedName{Namespace: p.rule.Namespace, Name: name}, segment); {
		case err == nil:
			p.seen.segments[name] = segment
		case !apierrors.IsNotFound(err):
			return fmt.Errorf("reading the CustomerSegment %s: %w", name, err)
		}
	}
	for _, o := range outreaches.Items {
		if isOf(&o, p.rule) {
			p.seen.outreaches = append(p.seen.outreaches, o)
		}
	}
	return nil
}

// event is something that a person may want to know of.
type event struct{ kind, reason, note string }

// events are those of a pass.
func (p *pass) events(before *crm.CampaignRule) (events []event) {
	if stalled := contract.StalledNow(before.Status.Conditions, p.rule.Status.Conditions); stalled != nil {
		events = append(events, event{corev1.EventTypeWarning, stalled.Reason, contract.Note(stalled.Message)})
	}
	if was, is := ptr.Deref(before.Status.Missed, 0), ptr.Deref(p.rule.Status.Missed, 0); is > was {
		events = append(events, event{corev1.EventTypeWarning, crm.ReasonMissed, fmt.Sprintf("%d occurrences were not begun within the starting deadline, %d in all: nothing is sent for them.", is-was, is)})
	}
	return events
}
