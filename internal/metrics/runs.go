package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
)

// Windows are how long the windows of a run took, from its beginning on.
type Windows struct {
	// Count of windows, and how long servers were busy with them.
	Count uint64
	Took  time.Duration
	// AtMost counts those that took no longer than a bound, by the bound in seconds.
	AtMost map[float64]uint64
	// Settling is how long workers waited for the store.
	Settling time.Duration
}

// Runs are what the workers of runs measured, a prometheus.Collector. They may be used
// concurrently. Workers are gone before anybody could scrape them: they settle what they
// measure into the store, from where the controller has it that looks after the run.
type Runs struct {
	took, settling *prometheus.Desc

	mu   sync.Mutex
	seen map[types.NamespacedName]Windows
}

// runDefinitions are the metrics of Runs.
var runDefinitions = []Definition{
	{"fairlead_outreach_window_duration_seconds", "How long the server was busy with a window, from the first message of it that was handed over to the last answer. A window is what a connection sends before it settles: ten messages, or fewer where the rate is low.", "histogram", "Outreach", objectLabels},
	{"fairlead_outreach_settling_seconds_total", "How long connections of workers waited for the store to settle one window and to grant the next, added up.", "counter", "Outreach", objectLabels},
}

// NewRuns makes the metrics.
func NewRuns() *Runs {
	return &Runs{took: runDefinitions[0].desc(), settling: runDefinitions[1].desc(), seen: map[types.NamespacedName]Windows{}}
}

// Looked remembers what the store has of the run of an Outreach. The map is not to be changed
// any more.
func (r *Runs) Looked(outreach types.NamespacedName, windows Windows) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen[outreach] = windows
}

// Forget drops the series of an Outreach. Nobody may look at it meanwhile.
func (r *Runs) Forget(outreach types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.seen, outreach)
}

// Describe implements prometheus.Collector.
func (r *Runs) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- r.took
	descriptions <- r.settling
}

// Collect implements prometheus.Collector.
func (r *Runs) Collect(collected chan<- prometheus.Metric) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for outreach, w := range r.seen {
		collected <- prometheus.MustNewConstHistogram(r.took, w.Count, w.Took.Seconds(), w.AtMost, outreach.Namespace, outreach.Name)
		collected <- prometheus.MustNewConstMetric(r.settling, prometheus.CounterValue, w.Settling.Seconds(), outreach.Namespace, outreach.Name)
	}
}
