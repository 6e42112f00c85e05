// Package outreachchannel tells whether OutreachChannels can be used: that their
// store is there, their credentials are in order, and their server answers and lets
// us in. It sends nothing.
package outreachchannel

import (
	"context"
	"crypto/x509"
	"fmt"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// Secrets are read by the RoleBinding of a tenant, see config/tenant.
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=outreachchannels,verbs=get;list;watch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=outreachchannels/status,verbs=patch
// +kubebuilder:rbac:groups=crm.fairlead.dev,resources=customerstores,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

const (
	// passesAtOnce lets other channels go on while the servers of some do not answer.
	passesAtOnce = 8
	// passLimit bounds one pass.
	passLimit = time.Minute
)

// Reconciler keeps the status of OutreachChannels.
type Reconciler struct {
	// Client reads from the manager's cache; Secrets it reads by name from the API
	// server.
	Client client.Client
	// Clock tells the time of transitions.
	Clock clock.PassiveClock
	// Recorder announces transitions.
	Recorder events.EventRecorder
	// Pace is how often channels are looked at.
	Pace Pace
	// RootCAs sign the certificates of servers. Default: those of the system.
	RootCAs *x509.CertPool

	// passes has what is remembered of each channel, by its name.
	passes sync.Map
}

// SetupWithManager registers the controller and what wakes it: changes of an
// OutreachChannel, and of the readiness of its store.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	err := contract.IndexBy(ctx, mgr.GetFieldIndexer(), &crm.OutreachChannel{}, contract.IndexStoreName, func(channel *crm.OutreachChannel) string { return string(channel.Spec.StoreName) })
	if err != nil {
		return err
	}
	err = ctrl.NewControllerManagedBy(mgr).
		For(&crm.OutreachChannel{}, builder.WithPredicates(contract.Changed())).
		Watches(&crm.CustomerStore{}, handler.EnqueueRequestsFromMapFunc(r.channelsOf),
			builder.WithPredicates(contract.ReadinessChanged(contract.StoreReady))).
		WithOptions(controller.Options{MaxConcurrentReconciles: passesAtOnce, ReconciliationTimeout: passLimit}).
		Complete(r)
	if err != nil {
		return fmt.Errorf("setting up the OutreachChannel controller: %w", err)
	}
	return nil
}

// Reconcile brings the status of one OutreachChannel up to date, and comes back:
// neither Secrets nor servers are watched.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (result ctrl.Result, err error) {
	channel := &crm.OutreachChannel{}
	if err := r.Client.Get(ctx, request.NamespacedName, channel); err != nil {
		if apierrors.IsNotFound(err) {
			r.passes.Delete(request.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before := channel.DeepCopy()
	defer func() {
		if contract.Record(ctx, r.Client, before, channel, &result, &err) {
			for _, event := range transitions(before.Status, channel.Status) {
				r.Recorder.Eventf(channel, nil, event.kind, event.reason, "Reconcile", "%s", event.note)
			}
		}
	}()
	known := r.recall(request.NamespacedName, channel)
	came, failure := r.pass(ctx, channel, known)
	if ctx.Err() != nil {
		// What was cut short says nothing of the channel.
		return ctrl.Result{}, ctx.Err()
	}
	came.verdict.Apply(&channel.Status.ObservedStatus, channel.Generation, r.Clock.Now())
	if failure != nil {
		return ctrl.Result{}, failure
	}
	return ctrl.Result{RequeueAfter: known.rest(r.Pace, came.again, time.Now())}, nil
}

// channelsOf finds the channels of a store.
func (r *Reconciler) channelsOf(ctx context.Context, declared client.Object) []reconcile.Request {
	var channels crm.OutreachChannelList
	return contract.Requests(ctx, r.Client, &channels, &channels.Items, func(*crm.OutreachChannel) bool { return true }, contract.OfStore(declared)...)
}
