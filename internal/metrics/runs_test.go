package metrics

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/apimachinery/pkg/types"
)

func TestRuns(t *testing.T) {
	r := NewRuns()
	notice, other := types.NamespacedName{Namespace: "expo", Name: "notice"}, types.NamespacedName{Namespace: "expo", Name: "other"}
	r.Looked(other, Windows{})
	r.Looked(notice, Windows{Count: 1, Took: time.Second, AtMost: map[float64]uint64{0.25: 0, 5: 1}})
	// The last look stands: figures are those from the beginning of the run on.
	r.Looked(notice, Windows{Count: 3, Took: 7 * time.Second, AtMost: map[float64]uint64{0.25: 1, 5: 2}, Settling: 1500 * time.Millisecond})
	want := "# HELP fairlead_outreach_settling_seconds_total " + runDefinitions[1].Help + `
# TYPE fairlead_outreach_settling_seconds_total counter
fairlead_outreach_settling_seconds_total{name="notice",namespace="expo"} 1.5
fairlead_outreach_settling_seconds_total{name="other",namespace="expo"} 0
# HELP fairlead_outreach_window_duration_seconds ` + runDefinitions[0].Help + `
# TYPE fairlead_outreach_window_duration_seconds histogram
fairlead_outreach_window_duration_seconds_bucket{name="notice",namespace="expo",le="0.25"} 1
fairlead_outreach_window_duration_seconds_bucket{name="notice",namespace="expo",le="5"} 2
fairlead_outreach_window_duration_seconds_bucket{name="notice",namespace="expo",le="+Inf"} 3
fairlead_outreach_window_duration_seconds_sum{name="notice",namespace="expo"} 7
fairlead_outreach_window_duration_seconds_count{name="notice",namespace="expo"} 3
fairlead_outreach_window_duration_seconds_bucket{name="other",namespace="expo",le="+Inf"} 0
fairlead_outreach_window_duration_seconds_sum{name="other",namespace="expo"} 0
fairlead_outreach_window_duration_seconds_count{name="other",namespace="expo"} 0
`
	if err := testutil.CollectAndCompare(r, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.CollectAndLint(r); err != nil || len(problems) > 0 {
		t.Errorf("the conventions are not kept: %v, %v", problems, err)
	}
	r.Forget(notice)
	if n := testutil.CollectAndCount(r); n != 2 {
		t.Errorf("%d series are left, want those of the other run", n)
	}
}
