// Package controllers registers Fairlead's controllers with a manager and says
// what the manager's cache holds.
package controllers

import (
	"context"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/fairlead/fairlead/controllers/exhibition"
)

// Setup registers every controller.
func Setup(ctx context.Context, mgr ctrl.Manager, clock clock.PassiveClock) error {
	exhibitions := &exhibition.Reconciler{
		Client:   mgr.GetClient(),
		Clock:    clock,
		Recorder: mgr.GetEventRecorder("fairlead-exhibition"),
	}
	return exhibitions.SetupWithManager(ctx, mgr)
}
