package metrics

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"k8s.io/apimachinery/pkg/types"
)

func TestSegments(t *testing.T) {
	s := NewSegments()
	vips, others := types.NamespacedName{Namespace: "expo", Name: "vips"}, types.NamespacedName{Namespace: "expo", Name: "others"}
	s.Evaluated(vips, 3, 0)
	s.Evaluated(vips, 2, 1)
	s.Evaluated(others, 0, 0)
	const want = `
# HELP fairlead_customersegment_entered_members_total Customers who became members of a segment.
# TYPE fairlead_customersegment_entered_members_total counter
fairlead_customersegment_entered_members_total{name="others",namespace="expo"} 0
fairlead_customersegment_entered_members_total{name="vips",namespace="expo"} 5
# HELP fairlead_customersegment_left_members_total Customers who ceased to be members of a segment.
# TYPE fairlead_customersegment_left_members_total counter
fairlead_customersegment_left_members_total{name="others",namespace="expo"} 0
fairlead_customersegment_left_members_total{name="vips",namespace="expo"} 1
`
	if err := testutil.CollectAndCompare(s, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.CollectAndLint(s); err != nil || len(problems) > 0 {
		t.Errorf("the conventions are not kept: %v, %v", problems, err)
	}
	s.Forget(vips)
	if n := testutil.CollectAndCount(s); n != 2 {
		t.Errorf("%d series are left, want those of the other segment", n)
	}
}
