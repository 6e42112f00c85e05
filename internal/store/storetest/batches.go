package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

// exhibitors is a list of many rows of fewer companies, in several spellings.
func exhibitors(rows int) []*line {
	var lines []*line
	for i := range rows {
		name := fmt.Sprintf("Aero %d", i%7)
		if i%2 == 1 {
			name += " Ltd."
		}
		lines = append(lines, attended("Farnborough", fmt.Sprint(2000+i/7)).customer(name, "GB").at(fmt.Sprintf("info@aero%d.example", i%7)).set("area", 900+i))
	}
	return lines
}

// countdown is a context that is cancelled after it was looked at so many times:
// wherever that is.
type countdown struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func cancelledAfter(ctx context.Context, looks int64) *countdown {
	c := &countdown{}
	c.Context, c.cancel = context.WithCancel(ctx)
	c.left.Store(looks)
	return c
}

// Done ends the context when it was asked for so often.
func (c *countdown) Done() <-chan struct{} {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
	return c.Context.Done()
}

// testCrash interrupts imports at many places: what was written is whole
// batches, and the next run of the same file ends as if nothing had happened.
func testCrash(t *testing.T, s *suite) {
	w := s.world(t)
	const rows, batch = 28, 7
	whole := func() *file { return from("crm", exhibitors(rows)...).inBatchesOf(batch) }
	w.load(whole())
	want := w.dump()
	interrupted := 0
	for looks := int64(3); looks < 400; looks += 29 {
		w.wipe()
		ctx := cancelledAfter(t.Context(), looks)
		_, err := w.try(ctx, whole())
		if err != nil {
			interrupted++
		}
		if held := w.number(`SELECT count(*) FROM participation`); held%batch != 0 {
			t.Fatalf("cancelled after %d looks: %d participations are no whole batches", looks, held)
		}
		if _, err := w.try(t.Context(), whole()); err != nil {
			t.Fatalf("running again after %d looks: %v", looks, err)
		}
		w.expectDump(want, fmt.Sprintf("cancelled after %d looks, and run again", looks))
		if err == nil {
			break
		}
	}
	if interrupted < 4 {
		t.Errorf("only %d imports were interrupted", interrupted)
	}
}

// testBatches runs random histories: however rows are cut into batches, however
// often they come and wherever they are interrupted, the state is that of the
// same files imported at once.
func testBatches(t *testing.T, s *suite) {
	t.Run("WriteAgain", func(t *testing.T) { testWriteAgain(t, s.world(t)) })
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("Seed", seed), func(t *testing.T) {
			w := s.world(t)
			files := randomFiles(rand.New(rand.NewPCG(seed, 1)))
			for _, f := range files {
				w.load(f)
			}
			want := w.dump("correction", "merge_log", "merge_log_record")
			w = s.world(t)
			random := rand.New(rand.NewPCG(seed, 2))
			for _, f := range files {
				w.loadRoughly(random, f)
			}
			w.expectDump(want, fmt.Sprintf("seed %d", seed), "correction", "merge_log", "merge_log_record")
		})
	}
}

// loadRoughly imports a file with interruptions, in batches of any size, until
// it is in; and perhaps once more.
func (w *world) loadRoughly(random *rand.Rand, f *file) {
	w.t.Helper()
	for range random.IntN(3) {
		rough := *f
		rough.cut(random)
		// An import that comes through all the same is a repetition.
		_, _ = w.try(cancelledAfter(w.t.Context(), int64(3+random.IntN(150))), &rough)
	}
	whole := *f
	whole.cut(random)
	if random.IntN(2) == 0 {
		if _, err := w.try(w.t.Context(), &whole); err != nil {
			w.t.Fatal(err)
		}
	}
	w.load(&whole)
}

// cut chooses batches. What rows of parties change of somebody known counts from
// the next batch on, so that those files are always cut in the same way.
func (f *file) cut(random *rand.Rand) {
	if f.options.Entity.Name != "party" {
		f.batch = 1 + random.IntN(len(f.lines))
	}
}

// testWriteAgain writes the rows of a batch that failed again, within the same
// import. A commit that succeeded though its answer was not waited for makes the
// rows unchanged.
func testWriteAgain(t *testing.T, w *world) {
	lines := exhibitors(10)
	blocked := from("list", row("suppression").set("medium", "Email").set("address", "ada@example.com").set("scope", "All"))
	w.load(from("crm", lines...))
	w.load(blocked)
	want := w.dump()
	w.wipe()
	for _, f := range []*file{from("crm", lines...), blocked} {
		i, err := w.Import(t.Context(), f.options)
		if err != nil {
			t.Fatal(err)
		}
		rows := f.batches()[0]
		failed := 0
		for looks := int64(2); ; looks += 9 {
			if _, err := i.Write(cancelledAfter(t.Context(), looks), rows); err == nil {
				break
			}
			failed++
		}
		if err := i.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := i.Tally(); failed == 0 || got.Read != int64(len(rows)) || got.New+got.Unchanged != int64(len(rows)) {
			t.Errorf("after %d failures the tally is %+v", failed, got)
		}
	}
	w.expectDump(want, "written again after failures")
}

// testDryRun says what an import would do, and does nothing.
func testDryRun(t *testing.T, s *suite) {
	w := s.world(t)
	w.load(from("crm", exhibitors(14)...))
	next := func() *file {
		lines := append(exhibitors(21), attended("Farnborough", "2001").customer("Aero 1", "GB").set("area", 1), attended("Farnborough", "2000").customer("Aero 1", "FR"))
		return from("crm", lines...).inBatchesOf(5).complete(store.WholeSource).trusted(60)
	}
	before := w.everything()
	would := w.load(next().dry())
	if after := w.everything(); after != before {
		t.Errorf("a dry run changed the store:\n%s", differences(after, before))
	}
	did := w.load(next())
	if would.Tally != did.Tally || did.New == 0 || did.Unchanged == 0 {
		t.Errorf("the dry run said %+v, and it became %+v", would.Tally, did.Tally)
	}
	w.load(next().dry())
	if _, err := w.try(cancelledAfter(t.Context(), 40), next().dry()); err == nil {
		t.Error("a cancelled dry run came through")
	}
	w.load(next()).expect(t, store.Tally{Read: did.Read, Unchanged: did.Read})
}

// testRejections are about rows that are refused: they leave nothing behind, and
// the others go in.
func testRejections(t *testing.T, s *suite) {
	t.Run("UnknownFact", func(t *testing.T) {
		w := s.world(t)
		status := row("bookingStatus").set("booking", "B-9").set("status", "Paid").set("at", day(2024, 1, 1))
		w.load(from("crm", status)).expectRejected(t, "booking", `this source has no booking with the key "B-9": import it first`)
	})
	t.Run("UnknownSource", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", attended("Farnborough", "2024").who("customer").under("1").of("badges"), attended("Farnborough", "2024").customer("Airbus SE", "FR"))).
			expectRejected(t, "customer.source", `no source is called "badges" yet: import its parties first`)
		w.expectNumber(1, "the other row", `SELECT count(*) FROM participation`)
	})
	t.Run("RejectedRowLeavesNothing", func(t *testing.T) {
		w := s.world(t)
		w.load(from("badges", organization("Airbus SE", "FR").under("1")))
		booking := row("booking").keyed("B-1").customer("Boeing", "US").edition("Farnborough", "2024").set("product", "Stand").set("at", day(2024, 1, 1))
		w.load(from("crm", booking.who("agent").under("2").of("badges"))).
			expectRejected(t, "agent.key", `source "badges" names nobody by the key "2"`)
		w.expectParties(1)
	})
	t.Run("TooLittle", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", attended("Farnborough", "2024").customer("", "FR"))).
			expectRejected(t, "customer.name", "too little to know who is meant: give a key, a code, an e-mail address or a name")
		w.expectParties(0)
	})
	t.Run("WhenUnknown", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("A-1")))
		w.load(from("list", attended("Farnborough", "2024").customer("AIRBUS S.E.", "FR"), attended("Farnborough", "2024").customer("Boeing", "US")).rejectingUnknown()).
			expectRejected(t, "customer.name", "nobody is known by this key, address or name, and the mapping says whenUnknown: Reject")
		w.expectNumber(1, "the known one took part", `SELECT count(*) FROM participation`)
		w.expectParties(1)
	})
}
