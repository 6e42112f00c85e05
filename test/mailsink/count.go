package mailsink

import (
	"hash/maphash"
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// shards is how many locks a tally has: connections seldom wait for one another.
const shards = 64

// tally counts by a key. A key that is known already costs no memory.
type tally struct {
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	mutex sync.Mutex
	// places of keys in counts: raising a count writes nothing into the map.
	places map[string]int
	counts []int
}

func newTally() *tally {
	t := &tally{seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].places = map[string]int{}
	}
	return t
}

func (t *tally) add(key []byte) {
	s := &t.shards[maphash.Bytes(t.seed, key)%shards]
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if place, known := s.places[string(key)]; known {
		s.counts[place]++
		return
	}
	s.places[string(key)] = len(s.counts)
	s.counts = append(s.counts, 1)
}

func (t *tally) all() map[string]int {
	counts := map[string]int{}
	for i := range t.shards {
		s := &t.shards[i]
		s.mutex.Lock()
		for key, place := range s.places {
			counts[key] = s.counts[place]
		}
		s.mutex.Unlock()
	}
	return counts
}

// total is a count that can be waited for.
type total struct {
	count atomic.Int64
	// next is the smallest count that somebody waits for: all that is looked at
	// when a message comes. It is only good while somebody waits.
	next    atomic.Int64
	waiting atomic.Bool
	mutex   sync.Mutex
	waiters []*waiter
}

type waiter struct {
	count   int64
	reached chan struct{}
}

// raise adds one, and wakes who has waited for it.
func (t *total) raise() {
	count := t.count.Add(1)
	if !t.waiting.Load() || count < t.next.Load() {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.settle()
}

// reach gives a channel that is closed when the count is reached, and a function
// that ends the waiting.
func (t *total) reach(count int64) (<-chan struct{}, func()) {
	w := &waiter{count: count, reached: make(chan struct{})}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.waiters = append(t.waiters, w)
	t.settle()
	return w.reached, func() {
		t.mutex.Lock()
		defer t.mutex.Unlock()
		t.waiters = slices.DeleteFunc(t.waiters, func(other *waiter) bool { return other == w })
		t.settle()
	}
}

// settle lets go of everybody whose count is reached. What the next one waits for
// is written before the count is read: either raise sees the waiter, or settle
// sees what raise has added.
func (t *total) settle() {
	next := int64(math.MaxInt64)
	for _, w := range t.waiters {
		next = min(next, w.count)
	}
	t.next.Store(next)
	t.waiting.Store(len(t.waiters) > 0)
	count := t.count.Load()
	if count < next {
		return
	}
	t.waiters = slices.DeleteFunc(t.waiters, func(w *waiter) bool {
		if w.count > count {
			return false
		}
		close(w.reached)
		return true
	})
	// Those that are left wait for more than there is: once more at most.
	t.settle()
}
