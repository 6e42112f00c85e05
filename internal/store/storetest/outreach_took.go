package storetest

import (
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// testWindows: how long windows took is counted once, of whoever still holds the shard.
func testWindows(t *testing.T, w *world) {
	run := w.running(450, false)
	bounds := store.WindowBounds()
	shards := w.lease(run, 2)
	shard, other := shards[0], shards[1]
	settle := func(took, settling time.Duration) store.Granted {
		t.Helper()
		g := w.settle(store.Settlement{Shard: shard, Next: 0, Took: took, Settling: settling})[0]
		shard = g.Shard
		return g
	}
	var want store.Windows
	expect := func(when string) {
		t.Helper()
		got, err := w.WindowsOf(t.Context(), run.ID)
		if err != nil || got != want {
			t.Errorf("%s: the windows are %+v, %v; want %+v", when, got, err, want)
		}
	}
	expect("before anything was sent")
	settle(0, 3*time.Millisecond)
	want.Settling = 3 * time.Millisecond
	expect("a first window is granted, and none was sent")
	// Each bound is of its own count and of all after it; what is longer is of one less.
	for i, bound := range bounds {
		settle(bound, time.Millisecond)
		settle(bound+time.Microsecond, 0)
		want.Count, want.Took, want.Settling = want.Count+2, want.Took+2*bound+time.Microsecond, want.Settling+time.Millisecond
		for n := i; n < len(bounds); n++ {
			want.AtMost[n]++
			if n > i {
				want.AtMost[n]++
			}
		}
		expect("around " + bound.String())
	}
	settle(time.Nanosecond, 0)
	want.Count, want.Took = want.Count+1, want.Took+time.Microsecond
	for n := range want.AtMost {
		want.AtMost[n]++
	}
	expect("shorter than what is measured")
	// Those of another shard are added.
	w.settle(store.Settlement{Shard: other, Took: 2 * time.Hour})
	want.Count, want.Took = want.Count+1, want.Took+2*time.Hour
	expect("of two shards")
	// Handed in twice it is counted once.
	again := store.Settlement{Shard: shard, Next: 10, Took: time.Hour}
	first, second := w.settle(again)[0], w.settle(again)[0]
	want.Count, want.Took = want.Count+1, want.Took+time.Hour
	expect("handed in twice")
	if first.Lost || second.Lost || first.Shard != second.Shard {
		t.Errorf("granted was %+v, and then %+v", first, second)
	}
	// Who lost the shard is not counted.
	*w.clock = w.clock.Add(leased + time.Millisecond)
	w.lease(run, 1)
	if lost := w.settle(store.Settlement{Shard: first.Shard, Took: time.Second})[0]; !lost.Lost {
		t.Errorf("who lost its shard is granted %+v", lost)
	}
	expect("the shard was lost")
}
