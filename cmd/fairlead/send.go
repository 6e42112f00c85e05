package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/store"
)

// workerConnections to a server of PostgreSQL suffice: one commits for all.
const workerConnections = 8

func newSendCommand() *cobra.Command {
	options, logs := &storeOptions{}, &logOptions{}
	var key, credentials string
	var idle time.Duration
	command := &cobra.Command{
		Use:   "send --run-key KEY",
		Short: "Send a run, as the worker of an Outreach",
		Long: `Send the messages of a run that the store has under a key. Jobs of an Outreach do
this; it may run anywhere, and in several places at once.

What it means to send is in the store before the first byte leaves. Killed at any
moment, it loses nothing: another worker goes on, and what was in flight is marked
unknown, or sent again where the run says so. On SIGTERM it finishes what is under way.

It ends once there was nothing to do for a while: all is sent, the run is paused, or
what is left is to be tried later.`,
		Example: `  fairlead send --run-key opening-notice-2026 --store sqlite:///tmp/crm.db

  # as a Job does
  FAIRLEAD_STORE=$(cat /run/secrets/uri) fairlead send \
    --run-key opening-notice-2026 --credentials-dir /var/run/secrets/fairlead/channel`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if key == "" {
				return usageError{errors.New("which run? Pass --run-key KEY")}
			}
			return options.check()
		},
	}
	flags := command.Flags()
	options.register(flags)
	logs.register(flags)
	flags.StringVar(&key, "run-key", "", "key of the run (spec.runKey of its Outreach)")
	flags.StringVar(&credentials, "credentials-dir", "", "folder with the channel's files username and password (default: no credentials)")
	flags.DurationVar(&idle, "idle", time.Minute, "end when there was nothing to do for so long")
	command.RunE = func(command *cobra.Command, _ []string) error {
		logger, err := logs.logger(command.ErrOrStderr())
		if err != nil {
			return err
		}
		username, password, err := readCredentials(credentials)
		if err != nil {
			return err
		}
		s, err := options.openWith(command.Context(), store.Options{MaxConnections: workerConnections, KeepPlans: true})
		if err != nil {
			return err
		}
		defer s.Close()
		if err := s.CheckSchema(command.Context()); err != nil {
			return err
		}
		worker := outreach.Worker{
			Store: s.Store, Key: key, Idle: idle, Log: logger,
			Server: func(plan *outreach.Plan) mail.Server {
				smtp := plan.Channel.SMTP
				return mail.Server{Host: smtp.Host, Port: int(smtp.Port), TLS: mail.TLSMode(smtp.TLS), Username: username, Password: password}
			},
		}
		err = worker.Work(command.Context())
		if errors.Is(err, outreach.ErrNoRun) {
			return usageError{err}
		}
		return err
	}
	return command
}

// readCredentials reads what a Secret is mounted as; "" for what it does not have.
func readCredentials(folder string) (username, password string, err error) {
	if folder == "" {
		return "", "", nil
	}
	values := map[string]string{}
	for _, name := range []string{"username", "password"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if errors.Is(err, fs.ErrNotExist) {
			return "", "", usageError{fmt.Errorf("--credentials-dir: there is no file %s in it", name)}
		}
		if err != nil {
			return "", "", fmt.Errorf("reading the channel's credentials: %w", err)
		}
		values[name] = strings.TrimRight(string(data), "\r\n")
	}
	return values["username"], values["password"], nil
}
