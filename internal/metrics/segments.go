package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/types"
)

// Segments count who came to segments and who left them, a prometheus.Collector. They may be
// used concurrently. What a segment is declared to be, at first or anew, moves nobody.
type Segments struct{ entered, left *prometheus.CounterVec }

// segmentDefinitions are the metrics of Segments.
var segmentDefinitions = []Definition{
	{"fairlead_customersegment_entered_members_total", "Customers who became members of a segment.", "counter", "CustomerSegment", objectLabels},
	{"fairlead_customersegment_left_members_total", "Customers who ceased to be members of a segment.", "counter", "CustomerSegment", objectLabels},
}

// NewSegments makes the counters.
func NewSegments() *Segments {
	return &Segments{entered: segmentDefinitions[0].counter(), left: segmentDefinitions[1].counter()}
}

// Evaluated counts whom an evaluation of a segment found to have come and gone.
func (s *Segments) Evaluated(segment types.NamespacedName, entered, left int64) {
	s.entered.WithLabelValues(segment.Namespace, segment.Name).Add(float64(entered))
	s.left.WithLabelValues(segment.Namespace, segment.Name).Add(float64(left))
}

// Forget drops the series of a segment. Nobody may evaluate it meanwhile.
func (s *Segments) Forget(segment types.NamespacedName) {
	s.entered.DeleteLabelValues(segment.Namespace, segment.Name)
	s.left.DeleteLabelValues(segment.Namespace, segment.Name)
}

// Describe implements prometheus.Collector.
func (s *Segments) Describe(descriptions chan<- *prometheus.Desc) {
	s.entered.Describe(descriptions)
	s.left.Describe(descriptions)
}

// Collect implements prometheus.Collector.
func (s *Segments) Collect(collected chan<- prometheus.Metric) {
	s.entered.Collect(collected)
	s.left.Collect(collected)
}
