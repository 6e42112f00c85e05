// Package contactpolicy says of every ContactPolicy which stores it binds. That it is kept is a
// matter of runs: they are frozen with it, and workers ask it in every claim.
package contactpolicy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=contactpolicies;customerstores,verbs=get;list;watch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=contactpolicies/status,verbs=patch

// Reconciler keeps the status of ContactPolicies.
type Reconciler struct {
	// Client reads from the manager's cache.
	Client client.Client
	// Clock tells the time of transitions.
	Clock clock.PassiveClock
}

// SetupWithManager registers the controller and what wakes it: changes of a ContactPolicy, and of
// which policies CustomerStores name.
func (r *Reconciler) SetupWithManager(_ context.Context, mgr ctrl.Manager) error {
	err := ctrl.NewControllerManagedBy(mgr).
		For(&crm.ContactPolicy{}, builder.WithPredicates(contract.Changed())).
		Watches(&crm.CustomerStore{}, handler.EnqueueRequestsFromMapFunc(r.policies), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the ContactPolicy controller: %w", err)
	}
	return nil
}

// policies are those of a namespace: a store may have named any of them before.
func (r *Reconciler) policies(ctx context.Context, object client.Object) []reconcile.Request {
	var policies crm.ContactPolicyList
	if err := r.Client.List(ctx, &policies, client.InNamespace(object.GetNamespace())); err != nil {
		// The cache is local; it errs only while stopping, and then nobody is left to wake.
		ctrl.LoggerFrom(ctx).Error(err, "finding ContactPolicies to wake")
		return nil
	}
	requests := make([]reconcile.Request, len(policies.Items))
	for i := range policies.Items {
		requests[i].NamespacedName = client.ObjectKeyFromObject(&policies.Items[i])
	}
	return requests
}

// Reconcile brings the status of one ContactPolicy up to date.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	policy := &crm.ContactPolicy{}
	if err := r.Client.Get(ctx, request.NamespacedName, policy); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	var stores crm.CustomerStoreList
	if err := r.Client.List(ctx, &stores, client.InNamespace(policy.Namespace)); err != nil {
		return ctrl.Result{}, fmt.Errorf("listing the stores of the namespace: %w", err)
	}
	before := policy.DeepCopy()
	policy.Status.InForce = inForce(policy)
	verdictOn(policy, stores.Items).Apply(&policy.Status.ObservedStatus, policy.Generation, r.Clock.Now())
	contract.Record(ctx, r.Client, before, policy, &result, &err)
	return result, err
}

// inForce is what binds messages: what is declared, or while the policy is suspended what was
// declared before; nil for nothing. What is declared again as it was is in force since it was first.
func inForce(policy *crm.ContactPolicy) *crm.PolicyInForce {
	last := policy.Status.InForce
	if ptr.Deref(policy.Spec.Suspend, false) || last != nil && equality.Semantic.DeepEqual(last.Spec, declaredBy(policy)) {
		return last
	}
	return &crm.PolicyInForce{Generation: policy.Generation, Spec: declaredBy(policy)}
}

// declaredBy is a policy's spec but for that it is suspended.
func declaredBy(policy *crm.ContactPolicy) crm.ContactPolicySpec {
	spec := policy.Spec.DeepCopy()
	spec.Suspend = nil
	return *spec
}

// verdictOn says what a policy does, with what is in force. What could be wrong with one the API server refuses.
func verdictOn(policy *crm.ContactPolicy, stores []crm.CustomerStore) contract.Verdict {
	var bound []string
	for _, store := range stores {
		if slices.Contains(store.Spec.ContactPolicyNames, crm.ObjectName(policy.Name)) {
			bound = append(bound, store.Name)
		}
	}
	slices.Sort(bound)
	const most = 5
	if len(bound) > most {
		bound = append(bound[:most], fmt.Sprintf("and %d others", len(bound)-most))
	}
	says := "Binds every message of the CustomerStores " + strings.Join(bound, ", ") + "."
	switch {
	case len(bound) == 0:
		says = "Binds nothing: no CustomerStore names it in spec.contactPolicyNames."
	case len(bound) == 1:
		says = "Binds every message of the CustomerStore " + bound[0] + "."
	}
	last := policy.Status.InForce
	switch {
	case !ptr.Deref(policy.Spec.Suspend, false):
	case last == nil:
		return contract.Ready(crm.ReasonSuspended, "Suspended, and never in force: where it is named nothing is sent, as if it were missing, until spec.suspend is removed. "+says)
	case equality.Semantic.DeepEqual(last.Spec, declaredBy(policy)):
		return contract.Ready(crm.ReasonSuspended, fmt.Sprintf("Suspended: what is declared since generation %d stays in force, whatever is changed until spec.suspend is removed. %s", last.Generation, says))
	default:
		return contract.Ready(crm.ReasonSuspended, fmt.Sprintf("Suspended: what generation %d declared stays in force until spec.suspend is removed, as status.inForce has it, and not what is declared now. %s", last.Generation, says))
	}
	return contract.Ready(crm.ReasonReady, says)
}
