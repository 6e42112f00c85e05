package exhibition

import (
	"fmt"
	"testing"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// BenchmarkStatus measures the decision of one pass, at growing numbers of
// editions in the series.
func BenchmarkStatus(b *testing.B) {
	for _, siblings := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("editions=%d", siblings), func(b *testing.B) {
			seen := observed{store: storeOf(true)}
			for i := range siblings {
				seen.siblings = append(seen.siblings, *farnborough(func(e *crm.Exhibition) {
					e.Name = fmt.Sprintf("farnborough-%d", i)
					e.Spec.Edition = crm.EditionName(e.Name)
				}))
			}
			edition := farnborough()
			moment, err := parseDay("2026-07-21")
			if err != nil {
				b.Fatal(err)
			}
			zone, err := loadZone(edition.Spec.Venue.TimeZone)
			if err != nil {
				b.Fatal(err)
			}
			now := moment.begins(zone)
			for b.Loop() {
				statusOf(now, edition, seen)
			}
		})
	}
}
