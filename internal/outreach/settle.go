package outreach

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// settler commits for all connections of a worker: what they hand in while it is busy goes
// into one transaction.
type settler struct {
	store *store.Store
	lease time.Duration
	rate  store.Rate
	asked chan settling

	mu  sync.Mutex
	err error
}

// settling is a settlement whose answer is awaited.
type settling struct {
	settlement store.Settlement
	answer     chan store.Granted
}

func newSettler(s *store.Store, lease time.Duration, rate store.Rate) *settler {
	return &settler{store: s, lease: lease, rate: rate, asked: make(chan settling)}
}

const (
	// mostAtOnce settlements go into one transaction.
	mostAtOnce = 64
	// patience is for how long the database may be away: then what was sent is not settled,
	// and is unknown.
	patience = 10 * time.Minute
)

// settle hands a settlement in, and waits for what it grants. It is not interrupted: what
// was sent has to be settled.
func (s *settler) settle(settlement store.Settlement) store.Granted {
	answer := make(chan store.Granted, 1)
	s.asked <- settling{settlement, answer}
	return <-answer
}

// settle hands a settlement in as the settler does, and has it say how long the one before it
// was waited for.
func (l *lane) settle(settlement store.Settlement) store.Granted {
	settlement.Settling = l.awaited
	since := time.Now()
	granted := l.settler.settle(settlement)
	l.awaited = time.Since(since)
	return granted
}

// serve commits until it is stopped.
func (s *settler) serve(ctx context.Context, stop <-chan struct{}) {
	for {
		var batch []settling
		select {
		case first := <-s.asked:
			batch = append(batch, first)
		case <-stop:
			return
		}
		for more := true; more && len(batch) < mostAtOnce; {
			select {
			case next := <-s.asked:
				batch = append(batch, next)
			default:
				more = false
			}
		}
		s.commit(ctx, batch)
	}
}

// commit carries a batch out, again and again while the database is away: whatever was
// carried out before is not carried out twice.
func (s *settler) commit(ctx context.Context, batch []settling) {
	settlements := make([]store.Settlement, len(batch))
	for i, b := range batch {
		settlements[i] = b.settlement
	}
	granted, err := s.store.Commit(ctx, settlements, s.lease, s.rate)
	wait, since := 50*time.Millisecond, time.Now()
	for err != nil && time.Since(since) < patience {
		time.Sleep(wait)
		wait = min(2*wait, 5*time.Second)
		granted, err = s.store.Commit(ctx, settlements, s.lease, s.rate)
	}
	if err != nil {
		s.mu.Lock()
		s.err = fmt.Errorf("settling what was sent, for %s: %w", patience, err)
		s.mu.Unlock()
	}
	for i, b := range batch {
		if err != nil {
			b.answer <- store.Granted{Lost: true, Shard: b.settlement.Shard}
			continue
		}
		b.answer <- granted[i]
	}
}

// failure is why something could not be settled.
func (s *settler) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
