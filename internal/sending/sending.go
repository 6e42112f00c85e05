// Package sending is what workers do, as fairlead send and as fairlead-send, the program of
// their pods.
package sending

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/spf13/pflag"

	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/store"
)

// StoreVariable may hold the URL of a store: a command line is seen by everybody on the
// machine, and a URL may have a password.
const StoreVariable = "FAIRLEAD_STORE"

// What the commands say of themselves.
const (
	Short = "Send a run, as the worker of an Outreach"
	Long  = `Send the messages of a run that the store has under a key. Jobs of an Outreach do
this; it may run anywhere, and in several places at once.

What it means to send is in the store before the first byte leaves. Killed at any
moment, it loses nothing: another worker goes on, and what was in flight is marked
unknown, or sent again where the run says so. On SIGTERM it finishes what is under way.

It ends once there was nothing to do for a while: all is sent, the run is paused, or
what is left is to be tried later.`
)

// MistakeError is a mistake in how a worker was called: nothing was sent.
type MistakeError struct{ error }

// Unwrap gives the cause.
func (e MistakeError) Unwrap() error { return e.error }

// CollectAt is at which growth of memory, in percent, a worker's program collects garbage:
// what a worker holds is little and soon garbage, so that to collect it sooner costs next to
// nothing.
const CollectAt = 50

// connections to a server of PostgreSQL suffice: one commits for all.
const connections = 8

// StoreOptions are how a worker opens its store.
func StoreOptions() store.Options {
	return store.Options{MaxConnections: connections, KeepPlans: true}
}

// Options say what is sent.
type Options struct {
	key, credentials string
	idle             time.Duration
}

// Register adds the flags.
func (o *Options) Register(flags *pflag.FlagSet) {
	flags.StringVar(&o.key, "run-key", "", "key of the run (spec.runKey of its Outreach)")
	flags.StringVar(&o.credentials, "credentials-dir", "", "folder with the channel's files: username and password, private.pem, secret, ca.crt, link-keyset, as far as it needs them (default: none)")
	flags.DurationVar(&o.idle, "idle", time.Minute, "end when there was nothing to do for so long")
}

// Check refuses flags that name no run.
func (o *Options) Check() error {
	if o.key == "" {
		return MistakeError{errors.New("which run? Pass --run-key KEY")}
	}
	return nil
}

// Send works on the run until there is nothing left to do. Mistakes in the flags are a
// MistakeError.
func (o *Options) Send(ctx context.Context, s *store.Store, log *slog.Logger) error {
	held, err := ReadCredentials(o.credentials)
	if err != nil {
		return err
	}
	if err := s.CheckSchema(ctx); err != nil {
		return err
	}
	worker := outreach.Worker{
		Store: s, Key: o.key, Idle: o.idle, Log: log, DKIMKey: held.DKIMKey, SigningSecret: held.SigningSecret, RootCAs: held.Authorities, LinkKeyset: held.LinkKeyset,
		Server: func(plan *outreach.Plan) mail.Server { return held.Server(plan.Channel) },
	}
	err = worker.Work(ctx)
	if errors.Is(err, outreach.ErrNoRun) || errors.Is(err, outreach.ErrCredentials) {
		return MistakeError{err}
	}
	return err
}
