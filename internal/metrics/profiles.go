// Package metrics holds what Prometheus is told: of resources, profiles, runs and the
// gateway. It reads what others remember: no scrape asks a database. Labels name
// resources, never customers.
package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
)

// Profiles are the metrics of how fresh the profiles of stores are, a
// prometheus.Collector. They may be used concurrently.
//
// Whoever keeps a store fresh tells what it saw, under a context of its own. Once
// that has ended nothing more is taken from it, so that a store that was forgotten
// stays so.
type Profiles struct {
	clock clock.PassiveClock
	age   *prometheus.Desc

	backlog                               *prometheus.GaugeVec
	looks, refreshes, refreshed, failures *prometheus.CounterVec
	durations                             *prometheus.HistogramVec

	mu sync.Mutex
	// waiting holds when the first of the parties that wait was marked; zero if
	// none waits.
	waiting map[types.NamespacedName]time.Time
}

// profileDefinitions are the metrics of Profiles, in the order of its fields.
var profileDefinitions = []Definition{
	{"fairlead_customerstore_profile_age_seconds", "How long the party that has waited longest for its profile has done so; 0 if none waits.", "gauge", "CustomerStore", objectLabels},
	{"fairlead_customerstore_profile_backlog_parties", "Parties whose profile has to be computed again, when the store was looked at last. One that changed twice counts twice.", "gauge", "CustomerStore", objectLabels},
	{"fairlead_customerstore_profile_looks_total", "Looks at the store for parties whose profile has to be computed again, about one a second.", "counter", "CustomerStore", objectLabels},
	{"fairlead_customerstore_profile_refreshes_total", "Refreshes of profiles, each of one portion of parties.", "counter", "CustomerStore", objectLabels},
	{"fairlead_customerstore_profile_refreshed_parties_total", "Parties whose profile was computed again.", "counter", "CustomerStore", objectLabels},
	{"fairlead_customerstore_profile_refresh_failures_total", "Looks and refreshes that failed; tried again after growing pauses of at most two minutes.", "counter", "CustomerStore", objectLabels},
	{"fairlead_customerstore_profile_refresh_duration_seconds", "Duration of refreshes, those that failed among them.", "histogram", "CustomerStore", objectLabels},
}

// NewProfiles makes the metrics. The clock tells the time of a scrape.
func NewProfiles(now clock.PassiveClock) *Profiles {
	of := profileDefinitions
	return &Profiles{
		clock:     now,
		age:       of[0].desc(),
		backlog:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: of[1].Name, Help: of[1].Help}, of[1].Labels),
		looks:     of[2].counter(),
		refreshes: of[3].counter(),
		refreshed: of[4].counter(),
		failures:  of[5].counter(),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: of[6].Name, Help: of[6].Help, Buckets: []float64{0.01, 0.05, 0.25, 1, 5, 15, 60, 300},
		}, of[6].Labels),
		waiting: map[types.NamespacedName]time.Time{},
	}
}

// Look counts a look at a store. Whatever can be counted of it begins with 0.
func (p *Profiles) Look(ctx context.Context, store types.NamespacedName) {
	p.note(ctx, func() {
		p.looks.WithLabelValues(store.Namespace, store.Name).Inc()
		for _, counter := range []*prometheus.CounterVec{p.refreshes, p.refreshed, p.failures} {
			counter.WithLabelValues(store.Namespace, store.Name)
		}
	})
}

// Behind remembers how many parties of a store wait, and since when the first of
// them does; zero if none waits.
func (p *Profiles) Behind(ctx context.Context, store types.NamespacedName, parties int64, since time.Time) {
	p.note(ctx, func() {
		p.backlog.WithLabelValues(store.Namespace, store.Name).Set(float64(parties))
		p.waiting[store] = since
	})
}

// Refreshed counts a refresh, and the parties that it looked at.
func (p *Profiles) Refreshed(ctx context.Context, store types.NamespacedName, parties int64) {
	p.note(ctx, func() {
		p.refreshes.WithLabelValues(store.Namespace, store.Name).Inc()
		p.refreshed.WithLabelValues(store.Namespace, store.Name).Add(float64(parties))
	})
}

// Took remembers how long a refresh took, whatever came of it.
func (p *Profiles) Took(ctx context.Context, store types.NamespacedName, duration time.Duration) {
	p.note(ctx, func() {
		p.durations.WithLabelValues(store.Namespace, store.Name).Observe(duration.Seconds())
	})
}

// Failed counts a look or a refresh that failed.
func (p *Profiles) Failed(ctx context.Context, store types.NamespacedName) {
	p.note(ctx, func() { p.failures.WithLabelValues(store.Namespace, store.Name).Inc() })
}

// note takes something down, unless whoever tells it has been stopped.
func (p *Profiles) note(ctx context.Context, take func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() == nil {
		take()
	}
}

// Forget drops all series of a store. Whoever keeps it fresh has to be stopped
// before.
func (p *Profiles) Forget(store types.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, store)
	p.backlog.DeleteLabelValues(store.Namespace, store.Name)
	p.durations.DeleteLabelValues(store.Namespace, store.Name)
	for _, counter := range []*prometheus.CounterVec{p.looks, p.refreshes, p.refreshed, p.failures} {
		counter.DeleteLabelValues(store.Namespace, store.Name)
	}
}

// vectors are all metrics but the age, which is computed when it is asked for.
func (p *Profiles) vectors() []prometheus.Collector {
	return []prometheus.Collector{p.backlog, p.looks, p.refreshes, p.refreshed, p.failures, p.durations}
}

// Describe implements prometheus.Collector.
func (p *Profiles) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- p.age
	for _, vector := range p.vectors() {
		vector.Describe(descriptions)
	}
}

// Collect implements prometheus.Collector. The age grows while nobody can look.
func (p *Profiles) Collect(collected chan<- prometheus.Metric) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for store, since := range p.waiting {
		age := time.Duration(0)
		if !since.IsZero() {
			// Who marked it may have a clock that is ahead of ours.
			age = max(0, p.clock.Since(since))
		}
		collected <- prometheus.MustNewConstMetric(p.age, prometheus.GaugeValue, age.Seconds(), store.Namespace, store.Name)
	}
	for _, vector := range p.vectors() {
		vector.Collect(collected)
	}
}
