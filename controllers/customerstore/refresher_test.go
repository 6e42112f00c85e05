package customerstore

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	testingclock "k8s.io/utils/clock/testing"

	"github.com/fairlead/fairlead/internal/metrics"
	"github.com/fairlead/fairlead/internal/store"
)

// pile is a store of which portions of parties wait, and that does as told.
type pile struct {
	// portions that wait, the number of parties of each.
	portions []int64
	// fails is the error of either question; nil if it works.
	lookFails, refreshFails error
	looks, refreshes        int
	// held lets a refresh wait until its context ends.
	held chan struct{}
}

func (p *pile) Freshness(context.Context) (store.Freshness, error) {
	p.looks++
	var behind store.Freshness
	for _, portion := range p.portions {
		behind.Waiting += portion
		behind.Oldest = time.Unix(900, 0)
	}
	return behind, p.lookFails
}

func (p *pile) Refresh(ctx context.Context) (done store.Refreshed, err error) {
	p.refreshes++
	if p.held != nil {
		close(p.held)
		<-ctx.Done()
		return done, ctx.Err()
	}
	if p.refreshFails != nil || len(p.portions) == 0 {
		return done, p.refreshFails
	}
	done.Looked, p.portions = p.portions[0], p.portions[1:]
	done.More = len(p.portions) > 0
	return done, nil
}

// refreshing makes a refresher of a pile, and what reads a metric of it.
func refreshing(t *testing.T, p *pile) (f *refresher, metric func(string) float64) {
	t.Helper()
	clock := testingclock.NewFakePassiveClock(time.Unix(1000, 0))
	registry := prometheus.NewRegistry()
	f = &refresher{
		name: types.NamespacedName{Namespace: "expo", Name: "crm"}, profiles: p, clock: clock, metrics: metrics.NewProfiles(clock),
		refused: func(context.Context) (refused, err error) { return nil, nil }, refreshed: func(context.Context) {},
	}
	registry.MustRegister(f.metrics)
	return f, func(name string) float64 {
		t.Helper()
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range families {
			if family.GetName() == "fairlead_customerstore_profile_"+name {
				return family.GetMetric()[0].GetGauge().GetValue() + family.GetMetric()[0].GetCounter().GetValue()
			}
		}
		return -1
	}
}

func TestRound(t *testing.T) {
	broken := errors.New("the disk is full")
	tests := map[string]struct {
		pile pile
		// refused and unknown are what asking for permission gives.
		refused, unknown error
		want             round
		err              error
		refreshes        int
		backlog          float64
	}{
		"nothing waits":              {pile: pile{}, want: idle, backlog: 0},
		"some wait":                  {pile: pile{portions: []int64{30}}, want: idle, refreshes: 1, backlog: 0},
		"more wait than are taken":   {pile: pile{portions: []int64{30, 20}}, want: unfinished, refreshes: 1, backlog: 50},
		"the store is another's":     {pile: pile{portions: []int64{30}}, refused: errors.New("it is another's"), want: idle, backlog: -1},
		"nobody knows whose it is":   {pile: pile{portions: []int64{30}}, unknown: broken, want: faulty, err: broken, backlog: -1},
		"it does not say what waits": {pile: pile{lookFails: broken}, want: faulty, err: broken, backlog: -1},
		"it does not refresh":        {pile: pile{portions: []int64{30}, refreshFails: broken}, want: faulty, err: broken, refreshes: 1, backlog: 30},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, metric := refreshing(t, &test.pile)
			f.refused = func(context.Context) (refused, err error) { return test.refused, test.unknown }
			came, err := f.round(t.Context())
			if came != test.want || !errors.Is(err, test.err) {
				t.Errorf("it came to %d, %v; want %d, %v", came, err, test.want, test.err)
			}
			if test.pile.refreshes != test.refreshes {
				t.Errorf("there were %d refreshes, want %d", test.pile.refreshes, test.refreshes)
			}
			if got := metric("backlog_parties"); got != test.backlog {
				t.Errorf("the backlog is %g, want %g", got, test.backlog)
			}
			if metric("looks_total") != 1 {
				t.Error("the look is not counted")
			}
		})
	}
}

func TestRoundsUntilNobodyWaits(t *testing.T) {
	p := &pile{portions: []int64{30, 20, 10}}
	f, metric := refreshing(t, p)
	for range 3 {
		if _, err := f.round(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if metric("refreshed_parties_total") != 60 || metric("refreshes_total") != 3 || metric("backlog_parties") != 0 || metric("age_seconds") != 0 {
		t.Errorf("refreshed %g in %g, the backlog is %g, %g s old", metric("refreshed_parties_total"), metric("refreshes_total"), metric("backlog_parties"), metric("age_seconds"))
	}
	if came, err := f.round(t.Context()); came != idle || err != nil || p.refreshes != 3 {
		t.Errorf("a round without anything to do came to %d, %v, after %d refreshes", came, err, p.refreshes)
	}
}

// TestFaultsAreTriedAgain has a store fail until the third refresh.
func TestFaultsAreTriedAgain(t *testing.T) {
	p := &pile{portions: []int64{30}, refreshFails: errors.New("the disk is full")}
	f, metric := refreshing(t, p)
	f.pace = Pace{FirstPause: time.Nanosecond, LongestPause: time.Nanosecond, Refresh: time.Nanosecond}
	ctx, stop := context.WithCancel(t.Context())
	f.refused = func(context.Context) (refused, err error) {
		if p.refreshes == 2 {
			p.refreshFails = nil
		}
		if len(p.portions) == 0 {
			stop()
		}
		return nil, nil
	}
	f.run(ctx)
	if metric("refresh_failures_total") != 2 || metric("refreshes_total") != 1 {
		t.Errorf("%g failed and %g succeeded, want 2 and 1", metric("refresh_failures_total"), metric("refreshes_total"))
	}
}

// TestARefreshStopsAtOnce ends the context in the middle of a refresh.
func TestARefreshStopsAtOnce(t *testing.T) {
	p := &pile{portions: []int64{30}, held: make(chan struct{})}
	f, metric := refreshing(t, p)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { f.run(ctx); close(done) }()
	<-p.held
	stop()
	<-done
	if metric("refresh_failures_total") != 0 || metric("backlog_parties") != 30 {
		t.Errorf("stopping counts as %g failures, the backlog is %g", metric("refresh_failures_total"), metric("backlog_parties"))
	}
}
