package outreach

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/outreach/message"
	"github.com/fairlead/fairlead/internal/outreach/webhook"
	"github.com/fairlead/fairlead/internal/store"
)

// Worker sends what it can claim of one run. Several may work on a run at once.
type Worker struct {
	Store *store.Store
	// Key of the run.
	Key string
	// Server that mails go to, with its credentials. The plan says which it is.
	Server func(*Plan) mail.Server
	// DKIMKey signs mails where the plan says how: a private key in PEM.
	DKIMKey []byte
	// SigningSecret signs what is posted to a webhook, in the words of Standard Webhooks.
	SigningSecret []byte
	// RootCAs sign the certificate of a webhook's server. Default: those of the system.
	RootCAs *x509.CertPool
	// WebhookTimeouts bound what is posted.
	WebhookTimeouts webhook.Timeouts
	// LinkKeyset makes links, where the plan has some and messages go to whom they are for: a
	// Tink keyset in JSON.
	LinkKeyset []byte
	// Lease is for how long a shard is held that nothing is heard of; 30 s if zero.
	Lease time.Duration
	// Idle is for how long there may be nothing to claim before the worker ends; 60 s if zero.
	Idle time.Duration
	// Patience is for how long a channel may let nothing through before the run is paused; 5
	// min if zero.
	Patience time.Duration
	// Now tells the time for quiet hours and what expires; time.Now if nil.
	Now func() time.Time
	// Log tells what happens, and names nobody.
	Log *slog.Logger
}

// ErrNoRun says that the store has no run under the key.
var ErrNoRun = errors.New("the store has no run under this key")

// ErrCredentials says that what the run's channel needs was not handed in, or is of no use.
var ErrCredentials = errors.New("the credentials do not fit the run's channel")

const (
	defaultLease = 30 * time.Second
	defaultIdle  = time.Minute
	// A server that is restarted is back by then.
	defaultPatience = 5 * time.Minute
	// look is how often a worker looks for something to claim.
	look = time.Second
	// drain is how long the end of what is under way may take once the worker is to stop.
	drain = 20 * time.Second
)

// withDefaults fills in what is zero.
func (w Worker) withDefaults() Worker {
	if w.Lease == 0 {
		w.Lease = defaultLease
	}
	if w.Idle == 0 {
		w.Idle = defaultIdle
	}
	if w.Patience == 0 {
		w.Patience = defaultPatience
	}
	if w.Now == nil {
		w.Now = time.Now
	}
	return w
}

// Work sends until nothing was claimable for a while, the run is not to be sent any more, or
// the context ends: then what is under way is finished and settled.
func (w Worker) Work(ctx context.Context) error {
	w = w.withDefaults()
	run, err := w.Store.RunByKey(ctx, w.Key)
	switch {
	case err != nil:
		return err
	case run == nil:
		return fmt.Errorf("%w: %s", ErrNoRun, w.Key)
	}
	plan, err := ParsePlan(run.Plan)
	if err != nil {
		return err
	}
	lanes, newCarrier, err := w.carriers(plan)
	if err != nil {
		return err
	}
	kinds, err := w.Store.ToldAttributes(ctx)
	if err != nil {
		return err
	}
	compiled, err := plan.Compile(message.Catalog{Attributes: kinds})
	if err != nil {
		return err
	}
	mark, err := w.Store.Mark(ctx)
	if err != nil {
		return err
	}
	// Each lane has its own; whether they can be made they all agree.
	if _, err := newQuietHours(plan.Policy); err != nil {
		return err
	}
	links, err := plan.linker(run, compiled, w.LinkKeyset, mark.StoreID)
	if err != nil {
		return err
	}
	if plan.ExampleLinks() {
		w.Log.Info("links are examples, and lead nowhere: messages do not go to whom they are for")
	}
	j := &job{
		Worker: w, run: run, plan: plan, caps: plan.caps(), settler: &settler{
			store: w.Store, run: run.ID, lanes: lanes, parts: partsOf(plan, compiled, kinds), lease: w.Lease, rate: plan.rate(), log: w.Log, asked: make(chan settling),
		},
		busy: time.Now(), held: map[int64]store.Shard{}, renewed: time.Now(),
	}
	var helpers, working sync.WaitGroup
	stop := make(chan struct{})
	// What was sent is settled, whatever ends the work.
	settling := context.WithoutCancel(ctx)
	helpers.Go(func() { j.settler.serve(settling, stop) })
	helpers.Go(func() { j.renew(settling, stop) })
	for range lanes {
		quiet, _ := newQuietHours(plan.Policy)
		l := &lane{job: j, quiet: quiet, carrier: newCarrier(newRenderer(plan, compiled, run, mark.ReportingCurrency, links))}
		working.Go(func() { l.work(ctx) })
	}
	working.Wait()
	close(stop)
	helpers.Wait()
	return j.settler.failure()
}

// job is one worker's part of a run.
type job struct {
	Worker
	run     *store.Run
	plan    *Plan
	caps    *store.Caps
	settler *settler
	// pressure is what the channel's trouble does to all lanes.
	pressure pressure

	// claiming is held by the lane that looks for a shard. busy is when one was found last, and
	// done says that nobody need look any more.
	claiming sync.Mutex
	busy     time.Time
	done     bool

	// over says that the run was paused by trouble of the channel.
	over atomic.Bool

	mu sync.Mutex
	// held are shards that are worked on, by number; renewed is when their leases were last.
	held    map[int64]store.Shard
	renewed time.Time
	// settled and failed count what came of messages here.
	settled, failed int64
}

// next gives a lane a shard; false if there is none any more. Lanes that find none wait for
// the one that looks.
func (j *job) next(ctx context.Context) (shard store.Shard, found bool) {
	j.claiming.Lock()
	defer j.claiming.Unlock()
	for !j.done && !j.over.Load() && ctx.Err() == nil {
		shards, err := j.lease(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			// The database is away: that is not to have nothing to do.
			j.Log.Warn("no shard could be leased", "error", err)
			j.busy = time.Now()
		case len(shards) > 0:
			j.busy = time.Now()
			j.hold(shards[0], true)
			return shards[0], true
		}
		if j.done = time.Since(j.busy) >= j.Idle || j.ended(ctx); !j.done {
			pause(ctx, look)
		}
	}
	return shard, false
}

// lease takes a shard. Where the database was away, leases of other lanes may have ended: they are
// renewed first, so that a worker does not take from itself what it knows the fate of.
func (j *job) lease(ctx context.Context) ([]store.Shard, error) {
	j.mu.Lock()
	late := time.Since(j.renewed) > j.Lease/2
	j.mu.Unlock()
	if late {
		if err := j.renewHeld(ctx); err != nil {
			return nil, err
		}
	}
	return j.Store.LeaseShards(ctx, j.run.ID, 1, j.Lease)
}

// ended tells whether the run is not to be sent any more.
func (j *job) ended(ctx context.Context) bool {
	run, err := j.Store.RunByKey(ctx, j.Key)
	return err == nil && (run == nil || run.State.IsFinal())
}

// hold remembers that a shard is worked on, or forgets it.
func (j *job) hold(shard store.Shard, is bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if is {
		j.held[shard.No] = shard
	} else {
		delete(j.held, shard.No)
	}
}

// renew keeps the leases of shards whose windows take long.
func (j *job) renew(ctx context.Context, stop <-chan struct{}) {
	ticker := time.NewTicker(j.Lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
		bounded, cancel := context.WithTimeout(ctx, j.Lease/3)
		if err := j.renewHeld(bounded); err != nil {
			j.Log.Warn("leases could not be renewed", "error", err)
		}
		cancel()
	}
}

// renewHeld renews the leases of all shards that are worked on.
func (j *job) renewHeld(ctx context.Context) error {
	since := time.Now()
	j.mu.Lock()
	shards := slices.Collect(maps.Values(j.held))
	j.mu.Unlock()
	err := j.Store.RenewShards(ctx, shards, j.Lease)
	if err == nil {
		j.mu.Lock()
		j.renewed = since
		j.mu.Unlock()
	}
	return err
}

// count takes down what came of messages, and halts the run once too many failed.
func (j *job) count(ctx context.Context, outcomes []store.Outcome) {
	j.mu.Lock()
	for _, o := range outcomes {
		j.settled++
		if o.State == store.MessageFailed {
			j.failed++
		}
	}
	settled, failed := j.settled, j.failed
	j.mu.Unlock()
	if !j.plan.halts(settled, failed) {
		return
	}
	reason := fmt.Sprintf("%d of %d messages failed, which is more than %d %%", failed, settled, j.plan.Guardrails.Halt.FailurePercent)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if _, err := j.Store.SetRunState(ctx, j.run.ID, []store.RunState{store.RunSending}, store.RunHalted, reason); err != nil {
		j.Log.Error("the run could not be halted", "error", err)
	}
}

// suffer takes down that the channel lets nothing through. Once that has been so for long it
// pauses the run, and tells that there is no more to be done.
func (j *job) suffer(ctx context.Context, why string) (over bool) {
	long := j.pressure.suffer(time.Now())
	if long < j.Patience {
		return false
	}
	reason := fmt.Sprintf("nothing has gone through for %s: %s", long.Round(time.Second), why)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if _, err := j.Store.SetRunState(ctx, j.run.ID, []store.RunState{store.RunSending}, store.RunPaused, reason); err != nil {
		j.Log.Error("the run could not be paused", "error", err)
		return false
	}
	j.Log.Warn("the run is paused", "reason", reason)
	j.over.Store(true)
	return true
}

// pause waits, and tells whether it was not interrupted.
func pause(ctx context.Context, wait time.Duration) bool {
	if wait <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
