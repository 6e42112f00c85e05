package outreach

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	watched "sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=outreachapprovals/status,verbs=patch

// Approvals says of every OutreachApproval whether it is of the plan that its Outreach has.
// What a decision does is the Reconciler's matter.
type Approvals struct {
	// Client reads from the manager's cache.
	Client client.Client
	// Clock tells the time of transitions.
	Clock clock.PassiveClock
	// Recorder announces approvals that do nothing.
	Recorder events.EventRecorder
}

// SetupWithManager registers the controller and what wakes it: a new OutreachApproval, and an
// Outreach that comes, goes, gets its plan or enters another phase.
func (r *Approvals) SetupWithManager(_ context.Context, mgr ctrl.Manager) error {
	moved := predicate.Funcs{UpdateFunc: func(e watched.UpdateEvent) bool {
		before, is := e.ObjectOld.(*crm.Outreach)
		after, are := e.ObjectNew.(*crm.Outreach)
		return is && are && (before.Status.PlanDigest != after.Status.PlanDigest || before.Status.Phase != after.Status.Phase)
	}}
	err := ctrl.NewControllerManagedBy(mgr).
		For(&crm.OutreachApproval{}, builder.WithPredicates(contract.Changed())).
		Watches(&crm.Outreach{}, handler.EnqueueRequestsFromMapFunc(r.approvalsOf), builder.WithPredicates(moved)).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the OutreachApproval controller: %w", err)
	}
	return nil
}

// approvalsOf are the OutreachApprovals that name an Outreach.
func (r *Approvals) approvalsOf(ctx context.Context, o client.Object) []reconcile.Request {
	var approvals crm.OutreachApprovalList
	if err := r.Client.List(ctx, &approvals, client.InNamespace(o.GetNamespace())); err != nil {
		// The cache is local; it errs only while stopping, and then nobody is left to wake.
		ctrl.LoggerFrom(ctx).Error(err, "finding OutreachApprovals to wake")
		return nil
	}
	var requests []reconcile.Request
	for i := range approvals.Items {
		if string(approvals.Items[i].Spec.OutreachName) == o.GetName() {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&approvals.Items[i])})
		}
	}
	return requests
}

// Reconcile brings the status of one OutreachApproval up to date.
func (r *Approvals) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	a := &crm.OutreachApproval{}
	if err := r.Client.Get(ctx, request.NamespacedName, a); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	o := &crm.Outreach{}
	err = r.Client.Get(ctx, types.NamespacedName{Namespace: a.Namespace, Name: string(a.Spec.OutreachName)}, o)
	if apierrors.IsNotFound(err) {
		o, err = nil, nil
	}
	if err != nil {
		return ctrl.Result{}, fmt.Errorf("reading the Outreach %s: %w", a.Spec.OutreachName, err)
	}
	before := a.DeepCopy()
	verdictOn(a, o).Apply(&a.Status.ObservedStatus, a.Generation, r.Clock.Now())
	if contract.Record(ctx, r.Client, before, a, &result, &err) {
		if stalled := contract.StalledNow(before.Status.Conditions, a.Status.Conditions); stalled != nil {
			r.Recorder.Eventf(a, nil, corev1.EventTypeWarning, stalled.Reason, "Reconcile", "%s", contract.Note(stalled.Message))
		}
	}
	return result, err
}

// verdictOn says what an approval is worth for an Outreach, nil for one that does not exist.
func verdictOn(a *crm.OutreachApproval, o *crm.Outreach) contract.Verdict {
	switch {
	case o == nil:
		return contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the Outreach %s, which does not exist yet.", a.Spec.OutreachName))
	case o.Status.PlanDigest == "" && isThrough(o.Status.Phase):
		return contract.Stalled(crm.ReasonDigestMismatch, fmt.Sprintf("The Outreach %s ended before it had a plan, so that there is nothing to decide: delete this OutreachApproval.", o.Name))
	case o.Status.PlanDigest == "":
		return contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the Outreach %s, which has no plan yet.", o.Name))
	case o.Status.PlanDigest != a.Spec.PlanDigest:
		return contract.Stalled(crm.ReasonDigestMismatch, fmt.Sprintf("spec.planDigest: the plan of the Outreach %s is %s, and this decides on another one, without effect. Look at that plan, create another OutreachApproval with its digest, and delete this one.", o.Name, o.Status.PlanDigest))
	case a.Spec.Decision == crm.DecisionDenied && isLetGo(o.Status.Phase):
		return contract.Stalled(crm.ReasonDeniedTooLate, fmt.Sprintf("The run of the Outreach %s was let go before it was denied here: this is without effect. To end the run, set spec.cancel: true there; and delete this OutreachApproval.", o.Name))
	case a.Spec.Decision == crm.DecisionDenied:
		return contract.Ready(crm.ReasonReady, fmt.Sprintf("Denies the plan of the Outreach %s.", o.Name))
	}
	return contract.Ready(crm.ReasonReady, fmt.Sprintf("Approves the plan of the Outreach %s.", o.Name))
}

// isLetGo tells whether a run is beyond what a decision on its plan can hold up.
func isLetGo(phase crm.OutreachPhase) bool {
	switch phase {
	case crm.OutreachSending, crm.OutreachPaused, crm.OutreachHalted, crm.OutreachCompleted:
		return true
	}
	return false
}
