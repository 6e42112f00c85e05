package storetest

import (
	"cmp"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

func testResolve(t *testing.T, s *suite) {
	t.Run("Resend", func(t *testing.T) { testResend(t, s.world(t)) })
	t.Run("Drop", func(t *testing.T) { testDrop(t, s.world(t)) })
	t.Run("DropOfCancelled", func(t *testing.T) { testDropOfCancelled(t, s.world(t)) })
	t.Run("Complete", func(t *testing.T) { testComplete(t, s.world(t)) })
	t.Run("Unsettled", func(t *testing.T) { testUnsettled(t, s.world(t)) })
}

// left is a run of 300 of which a dead worker left five unknown, and all others are sent.
func (w *world) left() *store.Run {
	w.t.Helper()
	run := w.running(300, false)
	dead := w.lease(run, 1)[0]
	first := w.settle(store.Settlement{Shard: dead, Next: 20})[0]
	w.settle(store.Settlement{Shard: first.Shard, Outcomes: sentAll(first), Next: 5})
	*w.clock = w.clock.Add(time.Hour)
	w.finish(run)
	w.expectCounts(run, "after a crash", store.MessageCounts{Sent: 295, Unknown: 5})
	return run
}

// finish sends what there is; then its leases lapse.
func (w *world) finish(run *store.Run) {
	w.t.Helper()
	if err := sendAll(w.t.Context(), w.Store, run.ID, func(int64) {}); err != nil {
		w.t.Fatal(err)
	}
	*w.clock = w.clock.Add(time.Hour)
}

func (w *world) complete(run *store.Run, want bool) {
	w.t.Helper()
	if done, err := w.CompleteRun(w.t.Context(), run.ID); err != nil || done != want {
		w.t.Errorf("completing came to %t, %v; want %t", done, err, want)
	}
}

func (w *world) resolve(run *store.Run, how store.UnknownChoice, want int64) {
	w.t.Helper()
	if resolved, err := w.Resolve(w.t.Context(), run.ID, how, "ann"); err != nil || resolved != want {
		w.t.Errorf("%s resolved %d, %v; want %d", how, resolved, err, want)
	}
}

func (w *world) expectState(run *store.Run, want store.RunState) {
	w.t.Helper()
	if found, err := w.RunByKey(w.t.Context(), run.Key); err != nil || found.State != want {
		w.t.Errorf("the run is %+v, %v; want %s", found, err, want)
	}
}

func testResend(t *testing.T, w *world) {
	run := w.left()
	w.complete(run, true)
	unknown, err := w.UnknownOf(t.Context(), run.ID)
	if err != nil || len(unknown) != 5 || unknown[0].Seq != 21 || unknown[4].Seq != 25 || unknown[0].Customer == "" || unknown[0].At == 0 {
		t.Errorf("unknown are %+v, %v", unknown, err)
	}
	w.resolve(run, store.ResolveResend, 5)
	w.expectState(run, store.RunSending)
	w.expectCounts(run, "resolved", store.MessageCounts{Sent: 295, Waiting: 5, NextDue: w.clock.UnixMilli()})
	w.complete(run, false)
	shard := w.lease(run, 1)[0]
	granted := w.settle(store.Settlement{Shard: shard, Next: 20})[0]
	slices.SortFunc(granted.Again, func(a, b store.Later) int { return cmp.Compare(a.Seq, b.Seq) })
	if len(granted.Again) != 5 || granted.Again[0].Seq != 21 || granted.Again[0].Attempts != 1 || granted.From != granted.Shard.Hi {
		t.Errorf("granted again were %+v", granted)
	}
	w.settle(store.Settlement{Shard: granted.Shard, Outcomes: sentAll(granted), Release: true})
	w.expectCounts(run, "sent again", store.MessageCounts{Sent: 300})
	w.expectNumber(5, "attempts that were given up", `SELECT count(*) FROM outreach_outcome o WHERE o.run_id = $1 AND o.state = 'Resent' AND o.attempt = 1`, run.ID)
	w.expectNumber(5, "second attempts", `SELECT count(*) FROM outreach_outcome o WHERE o.run_id = $1 AND o.state = 'Sent' AND o.attempt = 2`, run.ID)
	w.complete(run, true)
	w.resolve(run, store.ResolveResend, 0)
	w.expectState(run, store.RunCompleted)
}

func testDrop(_ *testing.T, w *world) {
	run := w.left()
	w.resolve(run, store.ResolveDrop, 5)
	w.expectCounts(run, "dropped", store.MessageCounts{Sent: 295, Skipped: 5})
	w.complete(run, true)
	w.expectNumber(5, "dropped messages", `SELECT count(*) FROM outreach_outcome o WHERE o.run_id = $1 AND o.state = 'Skipped' AND o.code = 'Dropped by ann'`, run.ID)
}

// testDropOfCancelled: of a run that is over nothing is sent; what is unknown may be settled
// all the same.
func testDropOfCancelled(t *testing.T, w *world) {
	run := w.left()
	if done, err := w.SetRunState(t.Context(), run.ID, []store.RunState{store.RunSending}, store.RunCancelled, ""); err != nil || !done {
		t.Fatal(done, err)
	}
	var ended *store.RunEndedError
	if _, err := w.Resolve(t.Context(), run.ID, store.ResolveResend, "ann"); !errors.As(err, &ended) || ended.State != store.RunCancelled {
		t.Errorf("resending of a cancelled run: %v", err)
	}
	w.expectCounts(run, "refused", store.MessageCounts{Sent: 295, Unknown: 5})
	w.resolve(run, store.ResolveDrop, 5)
	w.expectState(run, store.RunCancelled)
	// The reason of a run goes into a status, and so nobody's name may stand there.
	w.expectNumber(0, "runs with a reason", `SELECT count(*) FROM outreach_run r WHERE r.id = $1 AND r.reason IS NOT NULL`, run.ID)
}

func testComplete(t *testing.T, w *world) {
	run := w.running(30, false)
	w.complete(run, false)
	w.expectState(run, store.RunSending)
	w.finish(run)
	if _, err := w.SetRunState(t.Context(), run.ID, []store.RunState{store.RunSending}, store.RunPaused, ""); err != nil {
		t.Fatal(err)
	}
	w.complete(run, false)
	w.letGo(run, store.RunPaused)
	w.complete(run, true)
	w.expectState(run, store.RunCompleted)
	w.complete(run, false)
}

func testUnsettled(t *testing.T, w *world) {
	run := w.running(30, false)
	runs, err := w.UnsettledRuns(t.Context(), run.Owner.Namespace)
	if err != nil || len(runs) != 1 || runs[0].ID != run.ID || runs[0].Owner != run.Owner || runs[0].State != store.RunSending {
		t.Errorf("not final are %+v, %v", runs, err)
	}
	if runs, err := w.UnsettledRuns(t.Context(), "elsewhere"); err != nil || len(runs) != 0 {
		t.Errorf("not final elsewhere are %+v, %v", runs, err)
	}
	w.finish(run)
	w.complete(run, true)
	if runs, err := w.UnsettledRuns(t.Context(), run.Owner.Namespace); err != nil || len(runs) != 0 {
		t.Errorf("not final after the end are %+v, %v", runs, err)
	}
}
