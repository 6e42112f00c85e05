package customersegment

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

func TestReading(t *testing.T) {
	r := &reading{}
	for _, step := range []struct {
		where string
		want  []string
	}{
		{"customer.inSegment('b')", []string{"b"}}, {"customer.inSegment('b')", []string{"b"}}, {"customer.inSegment('c')", []string{"c"}},
		{"customer.revenue > 1.0", nil}, {"customer.inSegment('b')", []string{"b"}},
	} {
		segment := named("a", step.where)
		if got := r.asks(&segment); !slices.Equal(got, step.want) {
			t.Errorf("%s asks for %v", step.where, got)
		}
		if got := (*reading)(nil).asks(&segment); !slices.Equal(got, step.want) {
			t.Errorf("read anew %s asks for %v", step.where, got)
		}
	}
	elsewhere := named("a", "customer.inSegment('d')")
	elsewhere.Namespace = "other"
	if got := r.asks(&elsewhere); !slices.Equal(got, []string{"d"}) {
		t.Errorf("in another namespace it asks for %v", got)
	}
	if r.forget(types.NamespacedName{Name: "a"}); len(r.of) != 1 {
		t.Errorf("what is gone is remembered: %v", r.of)
	}
}
