package outreach

import (
	"context"
	"sync"
	"time"
)

// Rests after trouble of the whole channel.
const (
	firstRest   = time.Second
	longestRest = 30 * time.Second
	// glance is how often a lane looks whether another one found the channel well again.
	glance = 100 * time.Millisecond
)

// pressure is what trouble of the whole channel does to the lanes of a worker: they leave it
// alone for a while that grows, and then one of them tries whether it is over, so that an
// endpoint which does not answer costs one message at a time and not one of each lane.
type pressure struct {
	mu sync.Mutex
	// until when the channel is left alone; zero while all is well. rest is how long it was
	// left alone last.
	until time.Time
	rest  time.Duration
	// once says that there was trouble since a window went through: many servers end a
	// connection now and then, and it does to make another one.
	once bool
	// trying is the lane that tries; nil for none.
	trying *lane
	// since when nothing has gone through; zero while all is well.
	since time.Time
}

// suffer notes that nothing goes through, and tells for how long.
func (p *pressure) suffer(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.since.IsZero() {
		p.since = now
	}
	return now.Sub(p.since)
}

// turn waits until a lane may send, and tells whether it was not interrupted.
func (p *pressure) turn(ctx context.Context, l *lane) bool {
	for {
		wait, may := p.ask(l, time.Now())
		if may {
			return ctx.Err() == nil
		}
		if !pause(ctx, wait) {
			return false
		}
	}
}

// ask tells whether a lane may send, or when to ask again.
func (p *pressure) ask(l *lane, now time.Time) (wait time.Duration, may bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.until.IsZero():
		return 0, true
	case now.Before(p.until):
		return p.until.Sub(now), false
	case p.trying != nil && p.trying != l:
		return glance, false
	}
	p.trying = l
	return 0, true
}

// trouble begins a rest, if the channel asks for one or it is not the first time, or makes it
// longer. What others were about when it began does not count again.
func (p *pressure) trouble(l *lane, now time.Time, asked time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until.IsZero() && !p.once && asked == 0 {
		p.once = true
		return
	}
	until := now.Add(asked)
	if !now.Before(p.until) && (p.until.IsZero() || p.trying == l) {
		p.rest = max(firstRest, min(2*p.rest, longestRest))
		until = now.Add(max(asked, jittered(p.rest)))
	}
	if until.After(p.until) {
		p.until = until
	}
	if p.trying == l {
		p.trying = nil
	}
}

// well ends the rests: a window went through, after the last of them.
func (p *pressure) well(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !now.Before(p.until) {
		p.until, p.rest, p.once, p.trying, p.since = time.Time{}, 0, false, nil, time.Time{}
	}
}

// leave lets another lane try, if this one was about to.
func (p *pressure) leave(l *lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.trying == l {
		p.trying = nil
	}
}
