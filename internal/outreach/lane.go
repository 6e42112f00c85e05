package outreach

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/store"
)

// lane is one connection and what it works on.
type lane struct {
	*job
	renderer   *renderer
	connection *mail.Connection

	// Buffers of a window, kept from one to the next.
	bodies    [][]byte
	envelopes []mail.Envelope
	outcomes  []mail.Outcome
	again     []int64
}

// work sends shard after shard.
func (l *lane) work(ctx context.Context) {
	defer func() {
		if l.connection != nil {
			l.connection.Close()
		}
	}()
	for {
		// First the connection: what is claimed can then be sent.
		if !l.connect(ctx) {
			return
		}
		shard, found := l.next(ctx)
		if !found {
			return
		}
		l.send(ctx, shard)
	}
}

// connect sees to it that there is a connection, however long that takes.
func (l *lane) connect(ctx context.Context) bool {
	if l.plan.Channel.Delivery == crm.DeliveryDryRun {
		return ctx.Err() == nil
	}
	if l.connection != nil && l.connection.Err() == nil {
		return ctx.Err() == nil
	}
	l.connection = nil
	wait := time.Second
	for ctx.Err() == nil {
		connection, err := l.Server(l.plan).Dial(ctx)
		if err == nil {
			l.connection = connection
			return true
		}
		if ctx.Err() == nil {
			l.Log.Warn("no connection to the mail server", "error", err)
		}
		if !pause(ctx, jittered(wait)) {
			return false
		}
		wait = min(2*wait, 30*time.Second)
	}
	return false
}

// jittered is up to a quarter more or less, so that many do not come back at once.
func jittered(wait time.Duration) time.Duration {
	return wait*3/4 + rand.N(wait/2+1) //nolint:gosec // nobody gains by guessing it
}

// send works on a shard until it is through, lost, or the worker is to stop.
func (l *lane) send(ctx context.Context, shard store.Shard) {
	window := int64(l.plan.window())
	granted := l.settler.settle(store.Settlement{Shard: shard, Next: window})
	for !granted.Lost && (granted.From < granted.Shard.Hi || len(granted.Again) > 0) {
		settlement, trouble := l.sendWindow(ctx, granted)
		if ctx.Err() == nil && !trouble {
			settlement.Next = window
		}
		granted = l.settler.settle(settlement)
		l.count(ctx, settlement.Outcomes)
	}
	l.hold(shard, false)
	if !granted.Lost {
		l.settler.settle(store.Settlement{Shard: granted.Shard, Release: true})
	}
}

// sendWindow sends what was granted, and says what became of it. After trouble of the whole
// channel nothing more is to be sent by the connection.
func (l *lane) sendWindow(ctx context.Context, granted store.Granted) (settlement store.Settlement, trouble bool) {
	w := l.begin(granted)
	recipients, err := l.ready(ctx, granted)
	if err != nil {
		// Nothing was sent: all of it goes back.
		for seq := granted.From; seq < granted.Shard.Hi; seq++ {
			w.back(seq, 0, "", 0)
		}
		for _, later := range granted.Again {
			w.back(later.Seq, 0, later.Code, 0)
		}
		return w.settlement, false
	}
	sendable := l.render(recipients, w)
	if l.plan.Channel.Delivery == crm.DeliveryDryRun {
		for _, r := range sendable {
			w.final(r.Seq, store.MessageSent, codeDryRun)
		}
		return w.settlement, false
	}
	l.outcomes = l.connection.Send(ctx, l.envelopes, l.outcomes[:0])
	// The first one that was not handed over may be what ended the connection.
	w.suspect = l.connection.Err() != nil && ctx.Err() == nil
	for i, outcome := range l.outcomes {
		w.judge(sendable[i].Seq, outcome)
	}
	if w.trouble && l.connection.Err() == nil {
		l.connection.Close()
	}
	return w.settlement, w.trouble || l.connection.Err() != nil
}

// ready waits for the channel's turn, and reads who is written to.
func (l *lane) ready(ctx context.Context, granted store.Granted) ([]store.Recipient, error) {
	messages := int(granted.Shard.Hi-granted.From) + len(granted.Again)
	wait, err := l.Store.ReserveRate(ctx, l.plan.Channel.Name, messages, float64(l.plan.Channel.MessagesPerSecond))
	if err != nil {
		return nil, err
	}
	if !pause(ctx, wait) {
		return nil, context.Cause(ctx)
	}
	recipients, err := l.Store.RecipientsOf(ctx, l.run.ID, granted.From, granted.Shard.Hi, l.again)
	switch {
	case err != nil:
		return nil, err
	case len(recipients) != messages:
		return nil, errors.New("messages of the run have no recipient")
	}
	return recipients, l.Store.AddParts(ctx, l.run.ID, recipients, l.parts)
}

// render makes the mails of a window, and settles those that are not to be sent.
func (l *lane) render(recipients []store.Recipient, w *window) (sendable []store.Recipient) {
	l.envelopes, sendable = l.envelopes[:0], recipients[:0]
	for _, r := range recipients {
		if why := skipped(r); why != "" {
			w.final(r.Seq, store.MessageSkipped, why)
			continue
		}
		at := len(l.envelopes)
		if at == len(l.bodies) {
			l.bodies = append(l.bodies, nil)
		}
		body, err := l.renderer.mail(l.bodies[at][:0], r, time.Now())
		if err != nil {
			// It is this one's trouble alone.
			w.final(r.Seq, store.MessageFailed, codeNotMade)
			continue
		}
		l.bodies[at] = body
		l.envelopes = append(l.envelopes, mail.Envelope{From: string(l.plan.Channel.From.Address), To: l.renderer.addressOf(r), Data: body})
		sendable = append(sendable, r)
	}
	return sendable
}
