// Package controllers registers Fairlead's controllers with a manager and says
// what the manager's cache holds.
package controllers

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/fairlead/fairlead/controllers/campaignrule"
	"github.com/fairlead/fairlead/controllers/contactpolicy"
	"github.com/fairlead/fairlead/controllers/customersegment"
	"github.com/fairlead/fairlead/controllers/customerstore"
	"github.com/fairlead/fairlead/controllers/exhibition"
	"github.com/fairlead/fairlead/controllers/loyaltyprogram"
	"github.com/fairlead/fairlead/controllers/outreach"
	"github.com/fairlead/fairlead/controllers/outreachchannel"
	"github.com/fairlead/fairlead/internal/metrics"
)

// Options are what the controllers need to know beside the manager.
type Options struct {
	// Clock tells the time.
	Clock clock.PassiveClock
	// Place is where the manager runs, and what it has for SQLite.
	Place customerstore.Place
	// Pace is how often CustomerStores are looked at.
	Pace customerstore.Pace
	// Pods is what worker pods are made with.
	Pods outreach.Pods
	// ChannelPace is how often OutreachChannels are looked at.
	ChannelPace outreachchannel.Pace
	// RootCAs sign the certificates of the servers of channels. Default: those of the
	// system.
	RootCAs *x509.CertPool
	// Metrics is where metrics are registered.
	Metrics prometheus.Registerer
}

// Setup registers every controller.
func Setup(ctx context.Context, mgr ctrl.Manager, options Options) error {
	profiles := metrics.NewProfiles(options.Clock)
	if err := options.Metrics.Register(profiles); err != nil {
		return fmt.Errorf("registering the metrics of profiles: %w", err)
	}
	if err := options.Metrics.Register(metrics.NewObjects(mgr.GetClient(), options.Clock, mgr.Elected())); err != nil {
		return fmt.Errorf("registering the metrics of resources: %w", err)
	}
	moves := metrics.NewSegments()
	if err := options.Metrics.Register(moves); err != nil {
		return fmt.Errorf("registering the metrics of segments: %w", err)
	}
	runs := metrics.NewRuns()
	if err := options.Metrics.Register(runs); err != nil {
		return fmt.Errorf("registering the metrics of runs: %w", err)
	}
	stores := &customerstore.Reconciler{
		Client:      mgr.GetClient(),
		Reader:      mgr.GetAPIReader(),
		Clock:       options.Clock,
		Recorder:    mgr.GetEventRecorder("fairlead-customerstore"),
		Place:       options.Place,
		Pace:        options.Pace,
		Connections: &customerstore.Connections{},
		Profiles:    profiles,
	}
	segments := &customersegment.Reconciler{
		Client:   mgr.GetClient(),
		Clock:    options.Clock,
		Recorder: mgr.GetEventRecorder("fairlead-customersegment"),
		Open:     stores.ForWork,
		Metrics:  moves,
	}
	exhibitions := &exhibition.Reconciler{
		Client:   mgr.GetClient(),
		Clock:    options.Clock,
		Recorder: mgr.GetEventRecorder("fairlead-exhibition"),
		Open:     stores.ForWork,
	}
	outreaches := &outreach.Reconciler{
		Client:   mgr.GetClient(),
		Reader:   mgr.GetAPIReader(),
		Clock:    options.Clock,
		Recorder: mgr.GetEventRecorder("fairlead-outreach"),
		Open:     stores.ForWork,
		Stop:     stores.ForStopping,
		Pods:     options.Pods,
		Runs:     runs,
	}
	approvals := &outreach.Approvals{
		Client:   mgr.GetClient(),
		Clock:    options.Clock,
		Recorder: mgr.GetEventRecorder("fairlead-outreachapproval"),
	}
	channels := &outreachchannel.Reconciler{
		Client:   mgr.GetClient(),
		Clock:    options.Clock,
		Recorder: mgr.GetEventRecorder("fairlead-outreachchannel"),
		Pace:     options.ChannelPace,
		RootCAs:  options.RootCAs,
	}
	rules := &campaignrule.Reconciler{
		Client:   mgr.GetClient(),
		Reader:   mgr.GetAPIReader(),
		Clock:    options.Clock,
		Recorder: mgr.GetEventRecorder("fairlead-campaignrule"),
		Open:     stores.ForWork,
	}
	programs := &loyaltyprogram.Reconciler{
		Client:   mgr.GetClient(),
		Clock:    options.Clock,
		Recorder: mgr.GetEventRecorder("fairlead-loyaltyprogram"),
		Open:     stores.ForWork,
	}
	policies := &contactpolicy.Reconciler{Client: mgr.GetClient(), Clock: options.Clock}
	stores.Refreshed = func(ctx context.Context, name types.NamespacedName) {
		segments.Refreshed(ctx, name)
		exhibitions.Refreshed(ctx, name)
		rules.Refreshed(ctx, name)
		programs.Refreshed(ctx, name)
	}
	segments.Moved = func(ctx context.Context, name types.NamespacedName) {
		rules.Moved(ctx, name)
		programs.SegmentMoved(ctx, name)
	}
	programs.Moved = func(ctx context.Context, name types.NamespacedName) {
		segments.TiersMoved(ctx, name)
		rules.TiersMoved(ctx, name)
	}
	return errors.Join(segments.SetupWithManager(ctx, mgr), stores.SetupWithManager(ctx, mgr),
		exhibitions.SetupWithManager(ctx, mgr), channels.SetupWithManager(ctx, mgr), outreaches.SetupWithManager(ctx, mgr), approvals.SetupWithManager(ctx, mgr), rules.SetupWithManager(ctx, mgr), policies.SetupWithManager(ctx, mgr), programs.SetupWithManager(ctx, mgr))
}
