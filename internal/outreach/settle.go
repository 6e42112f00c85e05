package outreach

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// settler commits for all connections of a worker, and reads for them who is written to next:
// what they hand in while it is busy goes into one transaction, and one question.
type settler struct {
	store *store.Store
	run   int64
	lanes int
	parts store.RecipientParts
	lease time.Duration
	rate  store.Rate
	log   *slog.Logger
	asked chan settling

	mu  sync.Mutex
	err error
}

// settling is a settlement whose answer is awaited.
type settling struct {
	settlement store.Settlement
	answer     chan grant
}

// grant is what a lane may send now.
type grant struct {
	store.Granted
	// recipients of it; none where they are to be read when their turn comes.
	recipients []store.Recipient
}

// seqs are the numbers of the messages that were granted, and may be sent.
func (g *grant) seqs(into []int64) []int64 {
	capped := func(seq int64) bool {
		return slices.ContainsFunc(g.Capped, func(c store.Capped) bool { return c.Seq == seq })
	}
	for seq := g.From; seq < g.Shard.Hi && !g.Lost; seq++ {
		if !capped(seq) {
			into = append(into, seq)
		}
	}
	for _, later := range g.Again {
		if !capped(later.Seq) {
			into = append(into, later.Seq)
		}
	}
	return into
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
func (s *settler) settle(settlement store.Settlement) grant {
	answer := make(chan grant, 1)
	s.asked <- settling{settlement, answer}
	return <-answer
}

// settle hands a settlement in as the settler does, and has it say how long the one before it
// was waited for.
func (l *lane) settle(settlement store.Settlement) grant {
	settlement.Settling, settlement.Caps = l.awaited, l.caps
	since := time.Now()
	granted := l.settler.settle(settlement)
	l.awaited = time.Since(since)
	return granted
}

// serve commits until it is stopped.
func (s *settler) serve(ctx context.Context, stop <-chan struct{}) {
	for {
		select {
		case first := <-s.asked:
			s.commit(ctx, s.gather(first))
		case <-stop:
			return
		}
	}
}

// linger is how long a commit waits for more lanes, while less than half of them have handed
// in: a commit costs as much for one as for all, and while it waits the others send.
const linger = 2 * time.Millisecond

// gather takes what else is handed in.
func (s *settler) gather(first settling) []settling {
	batch := []settling{first}
	timer := time.NewTimer(linger)
	defer timer.Stop()
	for 2*len(batch) < s.lanes {
		select {
		case next := <-s.asked:
			batch = append(batch, next)
		case <-timer.C:
			return batch
		}
	}
	for len(batch) < mostAtOnce {
		select {
		case next := <-s.asked:
			batch = append(batch, next)
		default:
			return batch
		}
	}
	return batch
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
		s.log.Warn("what was sent could not be settled yet", "settlements", len(batch), "error", err)
		time.Sleep(wait)
		wait = min(2*wait, 5*time.Second)
		granted, err = s.store.Commit(ctx, settlements, s.lease, s.rate)
	}
	if err != nil {
		s.mu.Lock()
		s.err = fmt.Errorf("settling what was sent, for %s: %w", patience, err)
		s.mu.Unlock()
	}
	grants := make([]grant, len(batch))
	for i, b := range batch {
		if err != nil {
			grants[i].Granted = store.Granted{Lost: true, Shard: b.settlement.Shard}
			continue
		}
		grants[i].Granted = granted[i]
	}
	s.read(ctx, grants)
	for i, b := range batch {
		b.answer <- grants[i]
	}
}

// read reads who is written to next. What cannot be read now a lane tries for itself.
func (s *settler) read(ctx context.Context, grants []grant) {
	var seqs []int64
	whose := map[int64]*grant{}
	for i := range grants {
		g := &grants[i]
		if g.Wait > longWait {
			continue
		}
		before := len(seqs)
		seqs = g.seqs(seqs)
		for _, seq := range seqs[before:] {
			whose[seq] = g
		}
	}
	if len(seqs) == 0 {
		return
	}
	recipients, err := s.store.RecipientsOf(ctx, s.run, seqs, s.parts)
	if err != nil {
		return
	}
	for _, r := range recipients {
		g := whose[r.Seq]
		g.recipients = append(g.recipients, r)
	}
}

// failure is why something could not be settled.
func (s *settler) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
