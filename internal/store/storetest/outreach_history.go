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

// testLedgerHistories lets workers send a run, die and come back at random: nothing is lost,
// and nothing is sent twice but where the run says so.
func testLedgerHistories(t *testing.T, s *suite) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { playLedger(s.world(t), seed) })
		if t.Failed() {
			return
		}
	}
}

// sender is a worker with one shard.
type sender struct {
	granted store.Granted
	// wire counts what it sent of that, and done is what it would settle.
	done store.Settlement
}

// ledgerPlay is a history.
type ledgerPlay struct {
	*world
	random *rand.Rand
	run    *store.Run
	// wire counts how often each message was sent.
	wire map[int64]int
	// alive hold a shard; stale died, and may come back when nobody expects them.
	alive, stale []*sender
	paused       bool
}

func playLedger(w *world, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 7))
	p := &ledgerPlay{world: w, random: random, run: w.running(1+random.IntN(450), seed%2 == 1), wire: map[int64]int{}}
	for range 60 {
		p.act()
	}
	// In the end nobody dies any more.
	if p.paused {
		w.letGo(p.run, store.RunPaused)
	}
	p.finish()
	for _, s := range p.stale {
		w.settle(s.done)
	}
	// They may have said that some were not handed over.
	p.finish()
	p.judge()
}

// finish sends what there is.
func (p *ledgerPlay) finish() {
	for range 1_000 {
		*p.clock = p.clock.Add(leased + time.Second)
		p.alive = nil
		p.lease(8)
		if len(p.alive) == 0 {
			break
		}
		for len(p.alive) > 0 {
			p.send(p.alive[0], true)
			p.settle(p.alive[0])
		}
	}
}

func (p *ledgerPlay) act() {
	switch action := p.random.IntN(12); {
	case action < 3:
		p.lease(1 + p.random.IntN(3))
	case action < 9 && len(p.alive) > 0:
		s := pick(p.random, p.alive)
		p.send(s, false)
		p.settle(s)
	case action == 9 && len(p.alive) > 0:
		// It dies in the middle of its window.
		s := pick(p.random, p.alive)
		p.send(s, false)
		p.alive = slices.DeleteFunc(p.alive, func(other *sender) bool { return other == s })
		p.stale = append(p.stale, s)
	case action == 10:
		*p.clock = p.clock.Add(time.Duration(p.random.IntN(40)) * time.Second)
	case action == 11 && len(p.stale) > 0 && p.random.IntN(2) == 0:
		p.world.settle(p.stale[0].done)
		p.stale = p.stale[1:]
	case action == 11 && p.paused:
		p.letGo(p.run, store.RunPaused)
		p.paused = false
	case action == 11 && p.random.IntN(3) == 0:
		done, err := p.SetRunState(p.t.Context(), p.run.ID, []store.RunState{store.RunSending}, store.RunPaused, "")
		if err != nil {
			p.t.Fatal(err)
		}
		p.paused = done
	}
}

func (p *ledgerPlay) lease(most int) {
	for _, shard := range p.world.lease(p.run, most) {
		s := &sender{}
		p.alive = append(p.alive, s)
		s.done = store.Settlement{Shard: shard, Next: int64(1 + p.random.IntN(20))}
		p.settle(s)
	}
}

// send puts some of a window on the wire, or all, and says what came of it.
func (p *ledgerPlay) send(s *sender, all bool) {
	g := s.granted
	s.done = store.Settlement{Shard: g.Shard, Next: int64(1 + p.random.IntN(20))}
	one := func(seq, attempts int64, waited bool) {
		switch fate := p.random.IntN(10); {
		case fate == 0:
			s.done.Outcomes = append(s.done.Outcomes, store.Outcome{Seq: seq, Attempt: attempts + 1, State: store.MessageFailed, Waited: waited})
		case fate == 1 && !all:
			s.done.Later = append(s.done.Later, store.Later{Seq: seq, Attempts: attempts + int64(p.random.IntN(2)), Due: p.clock.UnixMilli() + int64(p.random.IntN(60_000)), Waited: waited})
		default:
			p.wire[seq]++
			s.done.Outcomes = append(s.done.Outcomes, store.Outcome{Seq: seq, Attempt: attempts + 1, State: store.MessageSent, Waited: waited})
		}
	}
	for seq := g.From; seq < g.Shard.Hi; seq++ {
		one(seq, 0, false)
	}
	for _, l := range g.Again {
		one(l.Seq, l.Attempts, true)
	}
}

func (p *ledgerPlay) settle(s *sender) {
	s.granted = p.world.settle(s.done)[0]
	nothing := s.granted.From == s.granted.Shard.Hi && len(s.granted.Again) == 0
	if s.granted.Lost || nothing {
		if nothing && !s.granted.Lost {
			p.world.settle(store.Settlement{Shard: s.granted.Shard, Release: true})
		}
		p.alive = slices.DeleteFunc(p.alive, func(other *sender) bool { return other == s })
	}
	s.done = store.Settlement{Shard: s.granted.Shard}
}

// judge compares the ledger with the wire.
func (p *ledgerPlay) judge() {
	counts, err := p.MessagesOf(p.t.Context(), p.run.ID)
	if err != nil || !counts.Settled() {
		p.t.Fatalf("the run ended with %+v, %v", counts, err)
	}
	p.expectCounts(p.run, "in the end", counts)
	states := map[int64]string{}
	for _, row := range p.query(`SELECT o.seq, o.state FROM outreach_outcome o WHERE o.run_id = $1`, p.run.ID) {
		states[row["seq"].(int64)] = row["state"].(string)
	}
	for seq := int64(1); seq <= p.run.Recipients; seq++ {
		sent, state := p.wire[seq], states[seq]
		switch {
		case state == "":
			p.t.Errorf("message %d is lost", seq)
		case !p.run.AtLeastOnce && sent > 1:
			p.t.Errorf("message %d was sent %d times", seq, sent)
		case state == "Sent" && sent == 0, state == "Failed" && sent > 0 && !p.run.AtLeastOnce:
			p.t.Errorf("message %d is %s, and was sent %d times", seq, state, sent)
		case p.run.AtLeastOnce && state == "Unknown":
			p.t.Errorf("message %d is unknown", seq)
		}
	}
}

// testLedgerMeanwhile has many workers at once, each with a store of its own.
func testLedgerMeanwhile(t *testing.T, s *suite) {
	w := s.world(t)
	run := w.running(2_000, false)
	var mu sync.Mutex
	wire := map[int64]int{}
	var workers sync.WaitGroup
	for range 4 {
		own := w.another()
		workers.Go(func() {
			if err := sendAll(t.Context(), own, run.ID, func(seq int64) { mu.Lock(); wire[seq]++; mu.Unlock() }); err != nil {
				t.Error(err)
			}
		})
	}
	workers.Wait()
	for seq := int64(1); seq <= 2_000; seq++ {
		if wire[seq] != 1 {
			t.Errorf("message %d was sent %d times", seq, wire[seq])
		}
	}
	w.expectCounts(run, "in the end", store.MessageCounts{Sent: 2_000})
}

// sendAll sends what there is, two shards at a time.
func sendAll(ctx context.Context, s *store.Store, run int64, send func(seq int64)) error {
	for {
		shards, err := s.LeaseShards(ctx, run, 2, leased)
		if err != nil || len(shards) == 0 {
			return err
		}
		var settlements []store.Settlement
		for _, shard := range shards {
			settlements = append(settlements, store.Settlement{Shard: shard, Next: 50})
		}
		for len(settlements) > 0 {
			granted, err := s.Commit(ctx, settlements, leased, store.Rate{})
			if err != nil {
				return err
			}
			settlements = nil
			for _, g := range granted {
				if g.Lost || g.From == g.Shard.Hi {
					continue
				}
				for seq := g.From; seq < g.Shard.Hi; seq++ {
					send(seq)
				}
				settlements = append(settlements, store.Settlement{Shard: g.Shard, Outcomes: sentAll(g), Next: 50})
			}
		}
	}
}
