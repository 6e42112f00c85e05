package customerstore

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/metrics"
	"github.com/fairlead/fairlead/internal/store"
)

// keepFresh refreshes the profiles of a store whenever something changed, until
// the context ends. A pass begins it, for a store that it found in order; it is
// stopped with the connections, and by a pass that finds the store otherwise.
func (r *Reconciler) keepFresh(ctx context.Context, name types.NamespacedName, opened *store.Store) {
	f := &refresher{
		name: name, profiles: opened, metrics: r.Profiles, clock: r.Clock, pace: r.Pace,
		refused:   func(ctx context.Context) (refused, err error) { return r.refused(ctx, name, opened) },
		refreshed: func(ctx context.Context) { r.Refreshed(ctx, name) },
	}
	f.run(ctx)
}

// refused says why a store may not be refreshed now, if so: for the reasons for
// which nothing may be claimed from it.
func (r *Reconciler) refused(ctx context.Context, name types.NamespacedName, opened *store.Store) (refused, err error) {
	declared := &crm.CustomerStore{}
	switch err := r.Client.Get(ctx, name, declared); {
	case apierrors.IsNotFound(err):
		return err, nil
	case err != nil:
		return nil, fmt.Errorf("reading the CustomerStore: %w", err)
	}
	cluster, err := r.clusterID(ctx)
	if err != nil {
		return nil, err
	}
	return refusal(ctx, opened, declared, cluster, contract.MayClaim)
}

// profiles are what a refresher asks of a store.
type profiles interface {
	Freshness(ctx context.Context) (store.Freshness, error)
	Refresh(ctx context.Context) (store.Refreshed, error)
}

// refresher keeps the profiles of one store fresh.
type refresher struct {
	name     types.NamespacedName
	profiles profiles
	// refused says why the store may not be touched now, if so.
	refused func(context.Context) (refused, err error)
	// refreshed is called after every refresh that computed something.
	refreshed func(context.Context)
	metrics   *metrics.Profiles
	clock     clock.PassiveClock
	pace      Pace
}

// run looks again and again until the context ends.
func (f *refresher) run(ctx context.Context) {
	log := ctrl.Log.WithName("profiles").WithValues("namespace", f.name.Namespace, "name", f.name.Name)
	failures := 0
	for {
		came, err := f.round(ctx)
		if ctx.Err() != nil {
			// Whatever failed did so because it was stopped.
			return
		}
		if came == faulty {
			failures++
			f.metrics.Failed(ctx, f.name)
		} else {
			failures = 0
		}
		pause := wait.Jitter(f.pace.rest(came, failures), jitter)
		if err != nil {
			log.Error(contract.Plain(err), "refreshing profiles", "failures", failures, "pause", pause.String())
		}
		next := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			next.Stop()
			return
		case <-next.C:
		}
	}
}

// round looks for profiles to be computed again, and computes one portion of them.
// It asks anew each time whether the store may be touched.
func (f *refresher) round(ctx context.Context) (round, error) {
	f.metrics.Look(ctx, f.name)
	refused, err := f.refused(ctx)
	if err != nil {
		return faulty, err
	}
	if refused != nil {
		// A pass finds out as well, and the status says it.
		return idle, nil
	}
	parties, err := f.look(ctx)
	if err != nil {
		return faulty, err
	}
	if parties == 0 {
		return idle, nil
	}
	began := f.clock.Now()
	done, err := f.profiles.Refresh(ctx)
	f.metrics.Took(ctx, f.name, f.clock.Since(began))
	if err != nil {
		return faulty, fmt.Errorf("refreshing profiles: %w", err)
	}
	f.metrics.Refreshed(ctx, f.name, done.Looked)
	if done.Looked > 0 {
		f.refreshed(ctx)
	}
	if done.More {
		return unfinished, nil
	}
	if _, err := f.look(ctx); err != nil {
		return faulty, err
	}
	return idle, nil
}

// look gives how many parties wait for their profile, and remembers it.
func (f *refresher) look(ctx context.Context) (parties int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, contactLimit)
	defer cancel()
	behind, err := f.profiles.Freshness(ctx)
	if err != nil {
		return 0, fmt.Errorf("looking for changes: %w", err)
	}
	parties = behind.Waiting + behind.Due
	f.metrics.Behind(ctx, f.name, parties, behind.Oldest)
	return parties, nil
}
