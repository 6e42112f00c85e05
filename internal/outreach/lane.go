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
	carrier carrier
	// quiet hours of the plan; nil for none.
	quiet *quietHours

	// Buffers of a window, kept from one to the next.
	outcomes []mail.Outcome
	seqs     []int64

	// awaited is how long the last settlement was waited for.
	awaited time.Duration
}

// work sends shard after shard.
func (l *lane) work(ctx context.Context) {
	defer l.carrier.close()
	defer l.pressure.leave(l)
	for {
		// First the connection: what is claimed can then be sent.
		if !l.pressure.turn(ctx, l) || !l.connect(ctx) {
			return
		}
		shard, found := l.next(ctx)
		if !found {
			return
		}
		l.send(ctx, shard)
		l.pressure.leave(l)
	}
}

// connect sees to it that there is a connection, however long that takes.
func (l *lane) connect(ctx context.Context) bool {
	if l.plan.Channel.Delivery == crm.DeliveryDryRun || l.carrier.usable() {
		return ctx.Err() == nil
	}
	wait := time.Second
	for ctx.Err() == nil && !l.over.Load() {
		err := l.carrier.open(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() == nil {
			l.Log.Warn("no connection to the channel's server", "error", err)
			if l.suffer(ctx, "no connection to its server") {
				return false
			}
		}
		if !pause(ctx, jittered(wait)) {
			return false
		}
		wait = min(2*wait, longestRest)
	}
	return false
}

// jittered is up to a quarter more or less, so that many do not come back at once.
func jittered(wait time.Duration) time.Duration {
	return wait*3/4 + rand.N(wait/2+1) //nolint:gosec // nobody gains by guessing it
}

// send works on a shard until it is through, lost, its time is over or has not come, or the
// worker is to stop.
func (l *lane) send(ctx context.Context, shard store.Shard) {
	next := store.Settlement{Shard: shard}
	l.intend(&next)
	granted := l.settle(next)
	for !granted.Lost && (granted.From < granted.Shard.Hi || len(granted.Again) > 0) {
		settlement, trouble := l.sendWindow(ctx, granted)
		if next = settlement; ctx.Err() == nil && !trouble {
			l.intend(&next)
		}
		granted = l.settle(next)
		l.count(ctx, next.Outcomes)
	}
	l.hold(shard, false)
	if !granted.Lost && !next.Release {
		l.settle(store.Settlement{Shard: granted.Shard, Release: true})
	}
}

// intend has the next window granted; or gives the shard back until quiet hours are over, or
// for good if its messages expire before.
func (l *lane) intend(s *store.Settlement) {
	now, end := l.Now(), s.Shard.NotAfter
	quiet, opens := l.quiet.opens(s.Shard.TimeZone, now)
	switch {
	case end > 0 && (now.UnixMilli() > end || quiet && (opens.IsZero() || opens.UnixMilli() > end)):
		s.Expire, s.Release = true, true
	case quiet && opens.IsZero():
		s.NotBefore, s.Release = now.Add(mostQuiet).UnixMilli(), true
	case quiet:
		s.NotBefore, s.Release = opens.UnixMilli(), true
	default:
		s.Next = int64(l.plan.window())
	}
}

// sendWindow sends what was granted, and says what became of it. After trouble of the whole
// channel nothing more is to be sent by the connection.
func (l *lane) sendWindow(ctx context.Context, granted grant) (settlement store.Settlement, trouble bool) {
	w := l.begin(granted.Granted)
	for _, capped := range granted.Capped {
		w.putOff(capped.Seq, capped.Opens, codeCapped)
	}
	recipients, err := l.ready(ctx, granted)
	if err != nil {
		// Nothing was sent: all of it goes back.
		for _, seq := range granted.seqs(l.seqs[:0]) {
			w.back(seq, 0, "", 0)
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
	handed := time.Now()
	l.outcomes, w.suspect = l.carrier.send(ctx, l.outcomes[:0])
	if len(l.outcomes) > 0 {
		w.settlement.Took = time.Since(handed)
	}
	for i, outcome := range l.outcomes {
		w.judge(sendable[i].Seq, outcome)
	}
	switch {
	case w.trouble:
		l.carrier.close()
		l.pressure.trouble(l, time.Now(), w.wait)
		l.suffer(ctx, "its server says "+w.said)
	case len(l.outcomes) > 0 && l.carrier.usable() && ctx.Err() == nil:
		l.pressure.well(time.Now())
	}
	return w.settlement, !l.carrier.usable()
}

// longWait for the channel's turn is one after which a lane looks whether it may still send.
const longWait = 500 * time.Millisecond

// ready waits for the channel's turn, and reads who is written to.
func (l *lane) ready(ctx context.Context, granted grant) ([]store.Recipient, error) {
	if !pause(ctx, granted.Wait) {
		return nil, context.Cause(ctx)
	}
	if granted.Wait > longWait {
		// Somebody may have paused the run meanwhile.
		if run, err := l.Store.RunByKey(ctx, l.Key); err != nil || run == nil || run.State != store.RunSending {
			return nil, errors.Join(errors.New("the run is not sent any more"), err)
		}
		now := l.Now()
		if quiet, _ := l.quiet.opens(granted.Shard.TimeZone, now); quiet || granted.Shard.NotAfter > 0 && now.UnixMilli() > granted.Shard.NotAfter {
			return nil, errors.New("the time of the recipients is over, or it became quiet")
		}
	}
	l.seqs = granted.seqs(l.seqs[:0])
	if len(l.seqs) == 0 || len(granted.recipients) == len(l.seqs) {
		return granted.recipients, nil
	}
	recipients, err := l.Store.RecipientsOf(ctx, l.run.ID, l.seqs, l.settler.parts)
	switch {
	case err != nil:
		return nil, err
	case len(recipients) != len(l.seqs):
		return nil, errors.New("messages of the run have no recipient")
	}
	return recipients, nil
}

// complaintWait is after how long it is looked again whether a complaint is resolved.
const complaintWait = time.Hour

// render makes the messages of a window, and settles those that are not to be sent.
func (l *lane) render(recipients []store.Recipient, w *window) (sendable []store.Recipient) {
	l.carrier.begin()
	sendable = recipients[:0]
	for _, r := range recipients {
		if why := skipped(r); why != "" {
			w.final(r.Seq, store.MessageSkipped, why)
			continue
		}
		if r.OpenComplaint {
			w.putOff(r.Seq, l.Now().Add(jittered(complaintWait)).UnixMilli(), codeOpenComplaint)
			continue
		}
		if err := l.carrier.add(r, time.Now()); err != nil {
			// It is this one's trouble alone.
			w.final(r.Seq, store.MessageFailed, codeNotMade)
			continue
		}
		sendable = append(sendable, r)
	}
	return sendable
}
