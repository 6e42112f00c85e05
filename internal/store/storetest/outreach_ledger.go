package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

func testLedger(t *testing.T, s *suite) {
	t.Run("Through", func(t *testing.T) { testSendThrough(t, s.world(t)) })
	t.Run("Lapsed", func(t *testing.T) { testLapsed(t, s) })
	t.Run("Later", func(t *testing.T) { testLater(t, s.world(t)) })
	t.Run("Twice", func(t *testing.T) { testTwice(t, s.world(t)) })
	t.Run("Rate", func(t *testing.T) { testRate(t, s.world(t)) })
	t.Run("Windows", func(t *testing.T) { testWindows(t, s.world(t)) })
	t.Run("Stopped", func(t *testing.T) { testStopped(t, s.world(t)) })
	t.Run("AllPaused", func(t *testing.T) { testAllPaused(t, s.world(t)) })
}

const leased = 30 * time.Second

// running freezes a run to so many recipients, and lets it go.
func (w *world) running(recipients int, atLeastOnce bool) *store.Run {
	w.t.Helper()
	var lines []*line
	for i := range recipients {
		lines = append(lines, row("party").who("party").under(fmt.Sprint("P", i)).named(fmt.Sprint("Firm ", i), "FR").at(fmt.Sprintf("office%d@firm.example", i)))
	}
	w.load(from("crm", lines...))
	w.exec(`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', p.id, '', 0 FROM party p`)
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", AtLeastOnce: atLeastOnce, Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	w.letGo(run, store.RunFrozen)
	return run
}

func (w *world) letGo(run *store.Run, from store.RunState) {
	w.t.Helper()
	if done, err := w.SetRunState(w.t.Context(), run.ID, []store.RunState{from}, store.RunSending, ""); err != nil || !done {
		w.t.Fatalf("the run is not let go: %v", err)
	}
}

func (w *world) lease(run *store.Run, most int) []store.Shard {
	w.t.Helper()
	shards, err := w.LeaseShards(w.t.Context(), run.ID, most, leased)
	if err != nil {
		w.t.Fatal(err)
	}
	return shards
}

func (w *world) settle(settlements ...store.Settlement) []store.Granted {
	w.t.Helper()
	granted, err := w.Commit(w.t.Context(), settlements, leased, store.Rate{})
	if err != nil {
		w.t.Fatal(err)
	}
	return granted
}

// sentAll says that all of what was granted was sent.
func sentAll(g store.Granted) (outcomes []store.Outcome) {
	for seq := g.From; seq < g.Shard.Hi; seq++ {
		outcomes = append(outcomes, store.Outcome{Seq: seq, Attempt: 1, State: store.MessageSent})
	}
	for _, l := range g.Again {
		outcomes = append(outcomes, store.Outcome{Seq: l.Seq, Attempt: l.Attempts + 1, State: store.MessageSent, Waited: true})
	}
	return outcomes
}

func (w *world) expectCounts(run *store.Run, when string, want store.MessageCounts) {
	w.t.Helper()
	counts, err := w.MessagesOf(w.t.Context(), run.ID)
	if err != nil || counts != want {
		w.t.Errorf("%s: the counts are %+v, %v; want %+v", when, counts, err, want)
	}
	// The counters say what the rows say.
	for state, counted := range map[string]int64{"Sent": counts.Sent, "Failed": counts.Failed, "Skipped": counts.Skipped, "Unknown": counts.Unknown} {
		w.expectNumber(counted, when+": "+state, `SELECT count(*) FROM outreach_outcome o WHERE o.run_id = $1 AND o.state = $2`, run.ID, state)
	}
	w.expectNumber(counts.Waiting, when+": waiting", `SELECT count(*) FROM outreach_retry q WHERE q.run_id = $1`, run.ID)
	w.expectNumber(0, when+": settled twice", `SELECT count(*) FROM (SELECT o.seq FROM outreach_outcome o WHERE o.run_id = $1 AND o.state <> 'Resent' GROUP BY o.seq HAVING count(*) > 1) twice`, run.ID)
}

// testSendThrough: two workers share a run; each message is granted once.
func testSendThrough(t *testing.T, w *world) {
	run := w.running(450, false)
	granted := map[int64]int{}
	first, second := w.lease(run, 2), w.lease(run, 5)
	if len(first) != 2 || len(second) != 1 || len(w.lease(run, 5)) != 0 {
		t.Fatalf("leased were %+v, then %+v", first, second)
	}
	open := append(first, second...)
	settlements := make([]store.Settlement, len(open))
	for i, shard := range open {
		settlements[i] = store.Settlement{Shard: shard, Next: 30}
	}
	for range 100 {
		if len(settlements) == 0 {
			break
		}
		var next []store.Settlement
		for _, g := range w.settle(settlements...) {
			if g.Lost || g.Shard.Hi-g.From > 30 {
				t.Fatalf("granted was %+v", g)
			}
			for seq := g.From; seq < g.Shard.Hi; seq++ {
				granted[seq]++
			}
			if g.From < g.Shard.Hi {
				next = append(next, store.Settlement{Shard: g.Shard, Outcomes: sentAll(g), Next: 30})
			}
		}
		settlements = next
	}
	for seq := int64(1); seq <= 450; seq++ {
		if granted[seq] != 1 {
			t.Errorf("message %d was granted %d times", seq, granted[seq])
		}
	}
	w.expectCounts(run, "in the end", store.MessageCounts{Sent: 450})
	*w.clock = w.clock.Add(time.Hour)
	if again := w.lease(run, 5); len(again) != 0 {
		t.Errorf("of a run that is through, leased were %+v", again)
	}
}

// testLapsed: what a worker had in flight when it died is unknown, or sent again; and it
// commits nothing once another one took over, but what it knows better.
func testLapsed(t *testing.T, s *suite) {
	for _, atLeastOnce := range []bool{false, true} {
		t.Run(fmt.Sprint("AtLeastOnce=", atLeastOnce), func(t *testing.T) {
			w := s.world(t)
			run := w.running(100, atLeastOnce)
			g := w.settle(store.Settlement{Shard: w.lease(run, 1)[0], Next: 10})[0]
			g = w.settle(store.Settlement{Shard: g.Shard, Outcomes: sentAll(g), Next: 10})[0]
			stale := store.Settlement{Shard: g.Shard, Outcomes: sentAll(g), Next: 10}
			w.expectCounts(run, "in flight", store.MessageCounts{Pending: 90, Sent: 10})
			if len(w.lease(run, 1)) != 0 {
				t.Error("a shard that is held is leased")
			}
			*w.clock = w.clock.Add(leased + time.Millisecond)
			heir := w.lease(run, 1)
			if len(heir) != 1 || heir[0].Epoch != g.Shard.Epoch+1 {
				t.Fatalf("leased is %+v after %+v", heir, g.Shard)
			}
			if atLeastOnce {
				w.expectCounts(run, "taken over", store.MessageCounts{Pending: 90, Sent: 10})
			} else {
				w.expectCounts(run, "taken over", store.MessageCounts{Pending: 80, Sent: 10, Unknown: 10})
			}
			// The old holder lives still: five of its messages went out, and two did not.
			due := w.clock.UnixMilli() + 60_000
			stale.Outcomes, stale.Later = stale.Outcomes[:5], []store.Later{{Seq: 16, Due: due}, {Seq: 17, Attempts: 1, Due: due, Code: "451"}}
			for range 2 {
				if lost := w.settle(stale)[0]; !lost.Lost {
					t.Errorf("who lost its shard is granted %+v", lost)
				}
			}
			next := w.settle(store.Settlement{Shard: heir[0], Next: 10})[0]
			if atLeastOnce {
				w.expectCounts(run, "the old holder came back", store.MessageCounts{Pending: 90, Sent: 10})
				if next.From != 11 || next.Shard.Hi != 21 {
					t.Errorf("granted is %+v, want what was in flight", next)
				}
				return
			}
			w.expectCounts(run, "the old holder came back", store.MessageCounts{Pending: 80, Sent: 15, Unknown: 3, Waiting: 2, NextDue: due})
			w.expectNumber(1, "attempts of the one that was tried", `SELECT q.attempts FROM outreach_retry q WHERE q.run_id = $1 AND q.seq = 17`, run.ID)
			if next.From != 21 || next.Shard.Hi != 31 {
				t.Errorf("granted is %+v, want what nobody tried", next)
			}
			// Of a run that is over nothing waits any more.
			if _, err := w.SetRunState(t.Context(), run.ID, []store.RunState{store.RunSending}, store.RunCancelled, ""); err != nil {
				t.Fatal(err)
			}
			stale.Outcomes, stale.Later = nil, []store.Later{{Seq: 18, Due: due}}
			w.settle(stale)
			w.expectCounts(run, "cancelled meanwhile", store.MessageCounts{Pending: 80, Sent: 15, Unknown: 3, Waiting: 2, NextDue: due})
		})
	}
}

// testLater: what a server puts off waits, is tried again, and may be in flight when a worker
// dies.
func testLater(t *testing.T, w *world) {
	run := w.running(30, false)
	now := w.clock.UnixMilli()
	g := w.settle(store.Settlement{Shard: w.lease(run, 1)[0], Next: 10})[0]
	later := []store.Later{{Seq: 1, Attempts: 1, Due: now + 5_000, Code: "451 4.7.1"}, {Seq: 2, Attempts: 0, Due: now}, {Seq: 3, Attempts: 1, Due: now + 60_000}}
	outcomes := append(sentAll(g)[3:9], store.Outcome{Seq: 10, Attempt: 1, State: store.MessageFailed, Code: "550 5.1.1"})
	// Of the next ones 18 have not been tried, and one is due again.
	g = w.settle(store.Settlement{Shard: g.Shard, Outcomes: outcomes, Later: later, Next: 30})[0]
	w.expectCounts(run, "put off", store.MessageCounts{Pending: 20, Sent: 6, Failed: 1, Waiting: 3, NextDue: now})
	if g.From != 11 || g.Shard.Hi != 31 || len(g.Again) != 1 || g.Again[0].Seq != 2 || g.Again[0].Attempts != 0 {
		t.Fatalf("granted is %+v", g)
	}
	g = w.settle(store.Settlement{Shard: g.Shard, Outcomes: sentAll(g), Next: 10})[0]
	if g.From != g.Shard.Hi || len(g.Again) != 0 {
		t.Errorf("granted is %+v, and nothing is due", g)
	}
	w.expectCounts(run, "sent later", store.MessageCounts{Sent: 27, Failed: 1, Waiting: 2, NextDue: now + 5_000})
	g = w.settle(store.Settlement{Shard: g.Shard, Release: true})[0]
	if len(w.lease(run, 1)) != 0 {
		t.Error("a shard is leased while nothing of it is due")
	}
	*w.clock = w.clock.Add(5 * time.Second)
	g = w.settle(store.Settlement{Shard: w.lease(run, 1)[0], Next: 10})[0]
	if len(g.Again) != 1 || g.Again[0].Seq != 1 {
		t.Fatalf("granted is %+v", g)
	}
	// Put off once more, and then in flight when the worker dies.
	w.settle(store.Settlement{Shard: g.Shard, Later: []store.Later{{Seq: 1, Attempts: 2, Due: now + 6_000, Waited: true}}, Release: true})
	w.expectCounts(run, "put off again", store.MessageCounts{Sent: 27, Failed: 1, Waiting: 2, NextDue: now + 6_000})
	*w.clock = w.clock.Add(5 * time.Second)
	if g = w.settle(store.Settlement{Shard: w.lease(run, 1)[0], Next: 10})[0]; len(g.Again) != 1 || g.Again[0].Attempts != 2 {
		t.Fatalf("granted is %+v", g)
	}
	*w.clock = w.clock.Add(time.Hour)
	g = w.settle(store.Settlement{Shard: w.lease(run, 1)[0], Next: 10})[0]
	if len(g.Again) != 1 || g.Again[0].Seq != 3 {
		t.Errorf("granted is %+v", g)
	}
	w.settle(store.Settlement{Shard: g.Shard, Outcomes: sentAll(g), Release: true})
	w.expectCounts(run, "in the end", store.MessageCounts{Sent: 28, Failed: 1, Unknown: 1})
}

// testTwice: a settlement that is handed in twice is carried out once, with the same answer.
func testTwice(t *testing.T, w *world) {
	run := w.running(40, false)
	g := w.settle(store.Settlement{Shard: w.lease(run, 1)[0], Next: 10})[0]
	now := w.clock.UnixMilli()
	for i, settlement := range []store.Settlement{
		{Outcomes: sentAll(g)[:8], Later: []store.Later{{Seq: 9, Due: now}, {Seq: 10, Attempts: 1, Due: now + 60_000}}, Next: 25},
		{}, {Next: 20},
	} {
		settlement.Shard = g.Shard
		if i > 0 {
			settlement.Outcomes = sentAll(g)
		}
		first := w.settle(settlement)[0]
		before := w.everything()
		second := w.settle(settlement)[0]
		if fmt.Sprint(first) != fmt.Sprint(second) || w.everything() != before {
			t.Errorf("the settlement %d gave %+v, and then %+v", i, first, second)
		}
		g = first
	}
	w.settle(store.Settlement{Shard: g.Shard, Outcomes: sentAll(g)})
	w.expectCounts(run, "in the end", store.MessageCounts{Sent: 39, Waiting: 1, NextDue: now + 60_000})
}

// testStopped: of a run that is paused or cancelled nothing more is granted, and what is in
// flight is settled.
func testStopped(t *testing.T, w *world) {
	run := w.running(60, false)
	g := w.settle(store.Settlement{Shard: w.lease(run, 1)[0], Next: 10})[0]
	stop := func(from, to store.RunState) {
		if done, err := w.SetRunState(t.Context(), run.ID, []store.RunState{from}, to, ""); err != nil || !done {
			t.Fatalf("from %s to %s: %v", from, to, err)
		}
	}
	stop(store.RunSending, store.RunPaused)
	due := w.clock.UnixMilli()
	g = w.settle(store.Settlement{Shard: g.Shard, Outcomes: sentAll(g)[:9], Later: []store.Later{{Seq: 10, Due: due}}, Next: 10})[0]
	if g.Lost || g.From != g.Shard.Hi || len(g.Again) != 0 {
		t.Errorf("of a paused run was granted %+v", g)
	}
	w.expectCounts(run, "paused", store.MessageCounts{Pending: 50, Sent: 9, Waiting: 1, NextDue: due})
	if len(w.lease(run, 1)) != 0 {
		t.Error("of a paused run a shard is leased")
	}
	w.letGo(run, store.RunPaused)
	if g = w.settle(store.Settlement{Shard: g.Shard, Next: 5})[0]; g.Shard.Hi-g.From != 5 {
		t.Errorf("of a run that goes on was granted %+v", g)
	}
	stop(store.RunSending, store.RunCancelled)
	if held, err := w.Recover(t.Context(), run.ID); err != nil || held != 1 {
		t.Errorf("%d shards are held, %v", held, err)
	}
	*w.clock = w.clock.Add(time.Hour)
	if held, err := w.Recover(t.Context(), run.ID); err != nil || held != 0 {
		t.Errorf("%d shards are held, %v", held, err)
	}
	w.expectCounts(run, "cancelled, and its worker died", store.MessageCounts{Pending: 45, Sent: 9, Waiting: 1, Unknown: 5, NextDue: due})
}

// testAllPaused: runs that are sent are paused, and no others.
func testAllPaused(t *testing.T, w *world) {
	sent := w.running(20, false)
	states := map[store.RunState]int64{store.RunSending: sent.ID}
	for _, state := range []store.RunState{store.RunFrozen, store.RunHalted, store.RunPaused, store.RunCompleted, store.RunCancelled, store.RunAbandoned} {
		run := w.freeze(store.Freeze{Key: string(state), Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
		if state != store.RunFrozen {
			if done, err := w.SetRunState(t.Context(), run.ID, []store.RunState{store.RunFrozen}, state, "why"); err != nil || !done {
				t.Fatalf("a run cannot be %s: %v", state, err)
			}
		}
		states[state] = run.ID
	}
	for range 2 {
		if err := w.PauseRuns(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for state, id := range states {
		want := fmt.Sprint(state, " why")
		switch state {
		case store.RunSending:
			want = "Paused "
		case store.RunFrozen:
			want = "Frozen "
		}
		if found := w.query(`SELECT state || ' ' || coalesce(reason, '') AS stands FROM outreach_run WHERE id = $1`, id)[0]["stands"]; found != want {
			t.Errorf("a run that was %s is %q, want %q", state, found, want)
		}
	}
	if len(w.lease(sent, 1)) != 0 {
		t.Error("of a run that is paused a shard is leased")
	}
	w.letGo(sent, store.RunPaused)
	if len(w.lease(sent, 1)) != 1 {
		t.Error("of a run that goes on no shard is leased")
	}
}

// testRate: two channels; each keeps its own rate over what is granted by it.
func testRate(t *testing.T, w *world) {
	run := w.running(400, false)
	shard := w.lease(run, 1)[0]
	var sent []store.Outcome
	reserve := func(channel string, messages int64) time.Duration {
		t.Helper()
		granted, err := w.Commit(t.Context(), []store.Settlement{{Shard: shard, Outcomes: sent, Next: messages}}, leased, store.Rate{Channel: channel, PerSecond: 100})
		if err != nil || granted[0].Lost || granted[0].Shard.Hi-granted[0].From != messages {
			t.Fatalf("of %d messages was granted %+v, %v", messages, granted, err)
		}
		shard, sent = granted[0].Shard, sentAll(granted[0])
		return granted[0].Wait
	}
	for i, want := range []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond} {
		if wait := reserve("expo/mail", 10); wait != want {
			t.Errorf("ten messages at a hundred a second, for the time %d: wait %s, want %s", i, wait, want)
		}
	}
	if wait := reserve("expo/desk", 10); wait != 0 {
		t.Errorf("another channel waits %s", wait)
	}
	*w.clock = w.clock.Add(250 * time.Millisecond)
	if wait := reserve("expo/mail", 1); wait != 50*time.Millisecond {
		t.Errorf("a while later it waits %s", wait)
	}
	// What was not used is not saved up.
	*w.clock = w.clock.Add(time.Hour)
	if first, second := reserve("expo/mail", 1), reserve("expo/mail", 1); first != 0 || second != 10*time.Millisecond {
		t.Errorf("an hour later it waits %s and %s", first, second)
	}
	// Of what is settled at once each takes its turn; nothing granted takes none.
	*w.clock = w.clock.Add(leased / 3)
	other := w.lease(run, 1)[0]
	granted, err := w.Commit(t.Context(), []store.Settlement{{Shard: shard, Outcomes: sent, Next: 5}, {Shard: other, Next: 20}}, leased, store.Rate{Channel: "expo/mail", PerSecond: 100})
	if err != nil || granted[0].Wait != 0 || granted[1].Wait != 50*time.Millisecond {
		t.Errorf("at once was granted %+v, %v", granted, err)
	}
	if wait := func() time.Duration {
		shard, sent = granted[0].Shard, sentAll(granted[0])
		return reserve("expo/mail", 1)
	}(); wait != 250*time.Millisecond {
		t.Errorf("after both it waits %s", wait)
	}
}
