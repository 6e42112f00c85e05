package storetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// testSegmentsMeanwhile evaluates segments at once while others write, refresh, merge and
// erase: in the end members are right, and nobody entered or left twice in a row.
func testSegmentsMeanwhile(t *testing.T, s *suite) {
	for seed := range histories(t, 2) {
		t.Run(fmt.Sprint("Seed", seed), func(t *testing.T) {
			w := s.world(t)
			random := rand.New(rand.NewPCG(seed, 22))
			w.beginSegments(random)
			w.refresh()
			segments := historySegments()
			began := map[string]map[int64]any{}
			for _, s := range segments {
				w.evaluate(s)
				began[s.Name] = w.memberClasses(s.Name)
			}
			var codes []string
			for _, row := range w.query(`SELECT code FROM party WHERE merged_into IS NULL AND erased_at IS NULL AND kind = 'Organization' ORDER BY id`) {
				codes = append(codes, fmt.Sprint(row["code"]))
			}
			random.Shuffle(len(codes), func(i, j int) { codes[i], codes[j] = codes[j], codes[i] })
			w.meanwhile(seed, segments, codes)
			w.refresh()
			for _, s := range segments {
				w.evaluate(s)
			}
			w.expectSegments("after all at once", segments)
			w.expectQuiet("after all at once", segments...)
			for _, s := range segments {
				w.expectAlternating(s.Name, began[s.Name])
			}
		})
	}
}

// meanwhile does everything at once.
func (w *world) meanwhile(seed uint64, segments []store.Segment, codes []string) {
	w.t.Helper()
	ctx := w.t.Context()
	var writers, others sync.WaitGroup
	written := make(chan struct{})
	errs := make([]error, 7)
	note := func(n int, err error) { errs[n] = errors.Join(errs[n], err) }
	for n := range 2 {
		own, s := rand.New(rand.NewPCG(seed, 200+uint64(n))), w.another()
		writers.Go(func() {
			for range 8 {
				f := randomProfileFile(own)
				if own.IntN(2) == 0 {
					f = from("crm", pick(own, segmentFiles)(own)...)
				}
				_, err := load(ctx, s, f)
				note(n, err)
			}
		})
	}
	parter := w.another()
	writers.Go(func() {
		for n, code := range codes[:min(len(codes), 9)] {
			var err error
			if n%3 == 0 {
				_, err = parter.Merge(ctx, codes[n+1], code, "the same", "tester")
			} else {
				_, err = parter.Erase(ctx, code, "asked for it", "tester")
			}
			var conflict *store.ConflictError
			var unknown *store.NotFoundError
			if !errors.As(err, &conflict) && !errors.As(err, &unknown) {
				note(2, err)
			}
		}
	})
	untilWritten := func(n int, work func(*store.Store) error) {
		s := w.another()
		others.Go(func() {
			for done := false; !done && errs[n] == nil; {
				select {
				case <-written:
					done = true
				default:
				}
				note(n, work(s))
			}
		})
	}
	untilWritten(3, func(s *store.Store) error { _, err := s.Refresh(ctx); return err })
	for n := range 3 {
		own := rand.New(rand.NewPCG(seed, 300+uint64(n)))
		untilWritten(4+n, func(s *store.Store) error {
			which := segments
			if n > 0 {
				which = []store.Segment{pick(own, segments)}
			}
			for _, one := range which {
				if _, err := s.Evaluate(ctx, one); err != nil {
					return err
				}
			}
			return nil
		})
	}
	writers.Wait()
	close(written)
	others.Wait()
	if err := errors.Join(errs...); err != nil {
		w.t.Fatal(err)
	}
}

// expectAlternating says that whoever moved entered and left in turn, from where they
// were in the beginning to where they are.
func (w *world) expectAlternating(name string, isIn map[int64]any) {
	w.t.Helper()
	for _, row := range w.query(`SELECT customer_id, from_class, to_class FROM segment_transition WHERE segment = $1 ORDER BY id`, name) {
		id := row["customer_id"].(int64)
		if isIn[id] != row["from_class"] || row["from_class"] == row["to_class"] {
			w.t.Errorf("%d was %v in %s and moved: %v", id, isIn[id], name, row)
		}
		isIn[id] = row["to_class"]
	}
	members := w.memberClasses(name)
	for id, is := range isIn {
		if is != members[id] && w.number(`SELECT count(*) FROM party WHERE id = $1 AND erased_at IS NOT NULL`, id) == 0 {
			w.t.Errorf("%d is in %s: %v, and by the moves %v", id, name, members[id], is)
		}
	}
}
