package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

func testCaps(t *testing.T, s *suite) {
	t.Run("One", func(t *testing.T) { testOneCap(t, s.world(t)) })
	t.Run("Again", func(t *testing.T) { testCappedAgain(t, s.world(t)) })
	t.Run("Twice", func(t *testing.T) { testCappedTwice(t, s.world(t)) })
	t.Run("Rate", func(t *testing.T) { testCappedRate(t, s.world(t)) })
	t.Run("Meanwhile", func(t *testing.T) { testCapsMeanwhile(t, s.world(t)) })
}

// rules freezes runs to so many recipients, the same for all, and lets them go.
func (w *world) rules(recipients, runs int) []*store.Run {
	w.t.Helper()
	all := []*store.Run{w.running(recipients, false)}
	for n := 1; n < runs; n++ {
		run := w.freeze(store.Freeze{Key: fmt.Sprint("k", n), Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
		w.letGo(run, store.RunFrozen)
		all = append(all, run)
	}
	return all
}

const week = 7 * 24 * time.Hour

func capsOf(limits ...store.Cap) *store.Caps { return &store.Caps{Medium: "Email", Limits: limits} }

// cappedOf are the numbers of what was granted and is capped.
func cappedOf(g store.Granted) (seqs []int64) {
	for _, capped := range g.Capped {
		seqs = append(seqs, capped.Seq)
	}
	return seqs
}

// settled says that of what was granted all was sent, and that what is capped waits.
func settled(g store.Granted, next int64, caps *store.Caps) store.Settlement {
	s := store.Settlement{Shard: g.Shard, Next: next, Caps: caps}
	for _, o := range sentAll(g) {
		if i := slices.Index(cappedOf(g), o.Seq); i >= 0 {
			s.Later = append(s.Later, store.Later{Seq: o.Seq, Attempts: o.Attempt - 1, Due: g.Capped[i].Opens, Code: "Capped", Waited: o.Waited})
			continue
		}
		s.Outcomes = append(s.Outcomes, o)
	}
	return s
}

// testOneCap: who was written to by one run is capped in the next one, and told when not any
// more; another medium has nothing to do with it, and a run without caps takes no place.
func testOneCap(t *testing.T, w *world) {
	runs := w.rules(30, 4)
	start := func(run *store.Run, caps *store.Caps) store.Granted {
		return w.settle(store.Settlement{Shard: w.lease(run, 1)[0], Next: 10, Caps: caps})[0]
	}
	if start(runs[0], nil); len(w.query(`SELECT address_id FROM contact_pressure`)) != 0 {
		t.Error("a run without caps takes places")
	}
	caps := capsOf(store.Cap{Messages: 1, Window: week}, store.Cap{Messages: 2, Window: 30 * 24 * time.Hour})
	began := w.clock.UnixMilli()
	g := start(runs[1], caps)
	if len(g.Capped) != 0 || g.Shard.Hi-g.From != 10 {
		t.Errorf("granted is %+v", g)
	}
	w.settle(settled(g, 0, caps))
	*w.clock = w.clock.Add(time.Hour)
	g = start(runs[2], caps)
	if fmt.Sprint(cappedOf(g)) != "[1 2 3 4 5 6 7 8 9 10]" || g.Capped[0].Opens != began+week.Milliseconds() {
		t.Fatalf("granted is %+v", g)
	}
	// They wait, and others have their turn.
	g = w.settle(settled(g, 20, caps))[0]
	if len(g.Capped) != 0 || g.Shard.Hi-g.From != 20 || len(g.Again) != 0 {
		t.Errorf("granted is %+v", g)
	}
	w.settle(settled(g, 0, caps))
	w.expectCounts(runs[2], "capped", store.MessageCounts{Sent: 20, Waiting: 10, NextDue: began + week.Milliseconds()})
	if g = start(runs[3], &store.Caps{Medium: "SMS", Limits: caps.Limits}); len(g.Capped) != 0 {
		t.Errorf("by another medium is granted %+v", g)
	}
	*w.clock = time.UnixMilli(began + week.Milliseconds())
	g = w.settle(store.Settlement{Shard: w.lease(runs[2], 1)[0], Next: 10, Caps: caps})[0]
	if len(g.Again) != 10 || len(g.Capped) != 0 {
		t.Errorf("once it is open granted is %+v", g)
	}
}

// testCappedAgain: what is claimed again has its place, and takes no other one; the time of the
// place is that of the last claim.
func testCappedAgain(t *testing.T, w *world) {
	runs := w.rules(1, 3)
	caps := capsOf(store.Cap{Messages: 2, Window: week})
	claim := func(run *store.Run) store.Granted {
		t.Helper()
		shards := w.lease(run, 1)
		if len(shards) != 1 {
			t.Fatalf("leased are %+v", shards)
		}
		return w.settle(store.Settlement{Shard: shards[0], Next: 1, Caps: caps})[0]
	}
	putOff := func(g store.Granted) {
		t.Helper()
		w.settle(store.Settlement{Shard: g.Shard, Later: []store.Later{{Seq: 1, Due: w.clock.UnixMilli(), Waited: len(g.Again) > 0}}, Release: true})
	}
	g := claim(runs[0])
	for range 3 {
		putOff(g)
		*w.clock = w.clock.Add(time.Hour)
		if g = claim(runs[0]); len(g.Capped) != 0 || len(g.Again) != 1 {
			t.Fatalf("claimed again, granted is %+v", g)
		}
	}
	last := w.clock.UnixMilli()
	w.expectNumber(1, "places", `SELECT count(*) FROM contact_pressure p WHERE p.t1 = $1 AND p.t2 IS NULL AND p.run_id = $2 AND p.seq = 1`, last, runs[0].ID)
	w.settle(settled(g, 0, caps))
	*w.clock = w.clock.Add(time.Hour)
	if g = claim(runs[1]); len(g.Capped) != 0 {
		t.Errorf("of the second, granted is %+v", g)
	}
	if g = claim(runs[2]); len(g.Capped) != 1 || g.Capped[0].Opens != last+week.Milliseconds() {
		t.Errorf("of the third, granted is %+v", g)
	}
}

// testCappedTwice: who does not hear the answer asks again, and is told the same.
func testCappedTwice(t *testing.T, w *world) {
	runs := w.rules(40, 2)
	caps := capsOf(store.Cap{Messages: 1, Window: week})
	w.settle(settled(w.settle(store.Settlement{Shard: w.lease(runs[0], 1)[0], Next: 7, Caps: caps})[0], 0, caps))
	first := store.Settlement{Shard: w.lease(runs[1], 1)[0], Next: 10, Caps: caps}
	g := w.settle(first)[0]
	before := w.everything()
	if again := w.settle(first)[0]; fmt.Sprint(again) != fmt.Sprint(g) || len(again.Capped) != 7 || w.everything() != before {
		t.Errorf("granted is %+v, and then %+v", g, again)
	}
	// So it is where something waits.
	*w.clock = w.clock.Add(week)
	second := settled(g, 5, caps)
	g = w.settle(second)[0]
	before = w.everything()
	if again := w.settle(second)[0]; fmt.Sprint(again) != fmt.Sprint(g) || w.everything() != before {
		t.Errorf("granted is %+v, and then %+v", g, again)
	}
}

// testCappedRate: what is capped takes no turn at the channel's rate.
func testCappedRate(t *testing.T, w *world) {
	runs := w.rules(20, 2)
	caps := capsOf(store.Cap{Messages: 1, Window: week})
	grant := func(s store.Settlement) store.Granted {
		t.Helper()
		granted, err := w.Commit(t.Context(), []store.Settlement{s}, leased, store.Rate{Channel: "expo/mail", PerSecond: 100})
		if err != nil {
			t.Fatal(err)
		}
		return granted[0]
	}
	g := grant(store.Settlement{Shard: w.lease(runs[0], 1)[0], Next: 5, Caps: caps})
	grant(settled(g, 0, caps))
	g = grant(store.Settlement{Shard: w.lease(runs[1], 1)[0], Next: 10, Caps: caps})
	if len(g.Capped) != 5 || g.Wait != 50*time.Millisecond {
		t.Errorf("granted is %+v", g)
	}
	if g = grant(settled(g, 1, caps)); g.Wait != 100*time.Millisecond {
		t.Errorf("after five that were capped and five that were not, granted is %+v", g)
	}
}

// testCapsMeanwhile has workers of three runs claim the same mailboxes at once, again and again
// as time passes: in no window has a mailbox more than it may, and none is passed over for good.
func testCapsMeanwhile(t *testing.T, w *world) {
	const mailboxes, rounds = 60, 8
	runs := w.rules(mailboxes, 3)
	limits := []store.Cap{{Messages: 1, Window: 24 * time.Hour}, {Messages: 2, Window: week}}
	var stores []*store.Store
	for range 6 {
		stores = append(stores, w.another())
	}
	var mu sync.Mutex
	sent := map[int64][]int64{}
	for round := range rounds {
		now := w.clock.UnixMilli()
		var workers sync.WaitGroup
		for n, own := range stores {
			run := runs[n%len(runs)]
			random := rand.New(rand.NewPCG(uint64(n), uint64(round)))
			workers.Go(func() {
				err := claimAll(t.Context(), own, run.ID, capsOf(limits...), random, func(seq int64) {
					mu.Lock()
					defer mu.Unlock()
					// Of all runs the same number has the same mailbox.
					sent[seq] = append(sent[seq], now)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		workers.Wait()
		*w.clock = w.clock.Add(24 * time.Hour)
	}
	for seq := int64(1); seq <= mailboxes; seq++ {
		if !withinCaps(sent[seq], limits) {
			t.Errorf("the mailbox %d was written to at %v", seq, sent[seq])
		}
		// Three messages, two of them in the first week.
		if len(sent[seq]) != 3 {
			t.Errorf("the mailbox %d got %d messages", seq, len(sent[seq]))
		}
	}
	for _, run := range runs {
		w.expectCounts(run, "in the end", store.MessageCounts{Sent: mailboxes})
	}
}

// withinCaps tells whether no window that ends with a message has more than it may.
func withinCaps(at []int64, limits []store.Cap) bool {
	for _, end := range at {
		for _, limit := range limits {
			within := 0
			for _, other := range at {
				if other <= end && other > end-limit.Window.Milliseconds() {
					within++
				}
			}
			if within > limit.Messages {
				return false
			}
		}
	}
	return true
}

// claimAll claims what there is, some at a time, and says what may be sent.
func claimAll(ctx context.Context, s *store.Store, run int64, caps *store.Caps, random *rand.Rand, send func(seq int64)) error {
	for {
		shards, err := s.LeaseShards(ctx, run, 1, leased)
		if err != nil || len(shards) == 0 {
			return err
		}
		next := store.Settlement{Shard: shards[0], Next: int64(1 + random.IntN(20)), Caps: caps}
		for {
			granted, err := s.Commit(ctx, []store.Settlement{next}, leased, store.Rate{})
			if err != nil {
				return err
			}
			g := granted[0]
			if g.Lost || next.Release {
				break
			}
			next = settled(g, int64(1+random.IntN(20)), caps)
			next.Release = len(next.Outcomes)+len(next.Later) == 0
			if next.Release {
				next.Next = 0
			}
			for _, o := range next.Outcomes {
				send(o.Seq)
			}
		}
	}
}
