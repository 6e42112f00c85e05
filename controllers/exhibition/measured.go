package exhibition

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/measure"
	"github.com/fairlead/fairlead/internal/store"
)

const (
	// restFor each moment that measuring took, an edition rests before it is measured again.
	restFor = 3
	// shortestRest bounds how often a status changes while facts come in, and longestRest
	// how old its figures may be once they have.
	shortestRest = 2 * time.Second
	longestRest  = 10 * time.Minute
)

// measured is what an earlier pass of this manager found. It is lost with the manager, and
// found again by a pass.
type measured struct {
	uid        types.UID
	generation int64
	// day in UTC, and how many changes of the store were known, when it was measured.
	day     int64
	changes uint64
	// previous edition that the store knows, and figures; nil if it does not know this one.
	previous crm.EditionName
	figures  *measure.Edition
	// rests until then.
	rests time.Time
}

// stands tells whether what was found still holds.
func (m *measured) stands(edition *crm.Exhibition, day int64, changes uint64) bool {
	return m != nil && m.uid == edition.UID && m.generation == edition.Generation && m.day == day && m.changes == changes
}

// measuring is what a pass knows of the figures of an edition.
type measuring struct {
	*measured
	// digits after the point of the store's reporting currency.
	digits int
	// again is when there is more to find; zero if there is not.
	again time.Duration
	// failure kept the pass from measuring.
	failure error
}

// measure gives the figures of an edition: those of an earlier pass, unless the edition,
// its store or the day changed since.
func (r *Reconciler) measure(ctx context.Context, edition *crm.Exhibition, declared *crm.CustomerStore, siblings []crm.Exhibition) (found measuring) {
	name := types.NamespacedName{Namespace: edition.Namespace, Name: edition.Name}
	known, _ := r.figures.Load(name)
	before, _ := known.(*measured)
	found.measured = before
	digits, isCurrency := customer.MinorDigits(string(declared.Spec.ReportingCurrency))
	if !isCurrency {
		digits = 2
	}
	found.digits = digits
	day := r.Clock.Now().UTC().Truncate(24 * time.Hour).UnixMilli()
	changes := r.changesOf(types.NamespacedName{Namespace: declared.Namespace, Name: declared.Name})
	if before.stands(edition, day, changes) {
		return found
	}
	if before != nil && before.uid == edition.UID && before.generation == edition.Generation {
		if rest := time.Until(before.rests); rest > 0 {
			found.again = rest
			return found
		}
	}
	began := time.Now()
	now, err := r.find(ctx, edition, declared, siblings)
	if err != nil {
		found.failure = contract.Plain(err)
		return found
	}
	now.uid, now.generation, now.day, now.changes = edition.UID, edition.Generation, day, changes
	now.rests = time.Now().Add(max(shortestRest, min(restFor*time.Since(began), longestRest)))
	r.figures.Store(name, now)
	found.measured = now
	return found
}

// find asks the store.
func (r *Reconciler) find(ctx context.Context, edition *crm.Exhibition, declared *crm.CustomerStore, siblings []crm.Exhibition) (*measured, error) {
	opened, err := r.Open(ctx, declared)
	if err != nil {
		return nil, fmt.Errorf("opening the CustomerStore %s: %w", declared.Name, err)
	}
	found := &measured{previous: previousEdition(edition, siblings)}
	span := store.EditionSpan{Series: string(edition.Spec.Series), Edition: string(edition.Spec.Edition), Previous: string(found.previous)}
	if span.Previous == "" {
		opens, err := time.Parse(time.DateOnly, string(edition.Spec.Opens))
		if err != nil {
			// The API server lets no such date in.
			return nil, fmt.Errorf("reading spec.opens: %w", err)
		}
		if span.Previous, err = opened.EditionBefore(ctx, span.Series, opens); err != nil {
			return nil, err
		}
		if name, can := contract.EditionName(span.Previous); can {
			found.previous = name
		}
	}
	found.figures, err = measure.OfEdition(ctx, opened, span)
	return found, err
}

// Refreshed wakes the Exhibitions of a CustomerStore: facts or profiles changed.
func (r *Reconciler) Refreshed(ctx context.Context, name types.NamespacedName) {
	r.mu.Lock()
	r.changes[name]++
	r.mu.Unlock()
	r.woken.Wake(ctx, &crm.CustomerStore{}, name)
}

// changesOf counts the changes of a store that this manager was told of.
func (r *Reconciler) changesOf(name types.NamespacedName) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changes[name]
}
