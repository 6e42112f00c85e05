package customersegment

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

const (
	// restFor each moment that a pass took, a segment rests before the next: what takes
	// long, such as ranking a million members, takes a quarter of the time at most.
	restFor = 3
	// quick passes cost nothing to speak of, and need no rest.
	quick = 2 * time.Second
	// longestRest after a pass.
	longestRest = 10 * time.Minute
)

// remembered is what earlier passes of this manager know of a segment. It is lost with
// the manager, and found again by a pass.
type remembered struct {
	uid        types.UID
	generation int64
	// came is what the last evaluation that looked at anybody came to, with its figures;
	// nil if these are owed. The status has them in every pass, so that one which could not
	// be written, or failed in between, is made up for by the next.
	came *outcome
	// rests until then.
	rests time.Time
}

// recall gives what is remembered of a segment.
func (r *Reconciler) recall(name types.NamespacedName, segment *crm.CustomerSegment) *remembered {
	found, _ := r.passes.LoadOrStore(name, &remembered{})
	known, is := found.(*remembered)
	if !is || known.uid != segment.UID || known.generation != segment.Generation {
		known = &remembered{uid: segment.UID, generation: segment.Generation}
		r.passes.Store(name, known)
	}
	return known
}

// resting is how long a segment that is in order waits for its next pass.
func (known *remembered) resting(segment *crm.CustomerSegment, now time.Time) time.Duration {
	if known.came == nil || !contract.IsReady(segment.Status.ObservedStatus) {
		return 0
	}
	return known.rests.Sub(now)
}

// took has a segment rest after a pass.
func (known *remembered) took(began, ended time.Time) {
	if took := ended.Sub(began); took > quick {
		known.rests = ended.Add(min(restFor*took, longestRest))
	}
}
