package main

import (
	"crypto/x509"
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
	var key, folder string
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
	flags.StringVar(&folder, "credentials-dir", "", "folder with the channel's files: username and password, private.pem, secret, ca.crt, as far as it needs them (default: none)")
	flags.DurationVar(&idle, "idle", time.Minute, "end when there was nothing to do for so long")
	command.RunE = func(command *cobra.Command, _ []string) error {
		logger, err := logs.logger(command.ErrOrStderr())
		if err != nil {
			return err
		}
		held, err := readCredentials(folder)
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
			Store: s.Store, Key: key, Idle: idle, Log: logger, DKIMKey: held.dkimKey, SigningSecret: held.signingSecret, RootCAs: held.authorities,
			Server: func(plan *outreach.Plan) mail.Server {
				smtp := plan.Channel.SMTP
				return mail.Server{
					Host: smtp.Host, Port: int(smtp.Port), TLS: mail.TLSMode(smtp.TLS), Username: held.username, Password: held.password, RootCAs: held.authorities,
				}
			},
		}
		err = worker.Work(command.Context())
		if errors.Is(err, outreach.ErrNoRun) || errors.Is(err, outreach.ErrCredentials) {
			return usageError{err}
		}
		return err
	}
	return command
}

// credentials are what a channel needs beside its plan; zero for what it does not.
type credentials struct {
	username, password     string
	dkimKey, signingSecret []byte
	// authorities are trusted with servers' certificates. nil: those of the system.
	authorities *x509.CertPool
}

// readCredentials reads what the Secrets and the ConfigMap of a channel are mounted as.
func readCredentials(folder string) (held credentials, err error) {
	if folder == "" {
		return held, nil
	}
	files := map[string][]byte{}
	for _, name := range []string{"username", "password", "private.pem", "secret", "ca.crt"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return held, fmt.Errorf("reading the channel's credentials: %w", err)
		}
		if err == nil {
			files[name] = data
		}
	}
	_, username := files["username"]
	_, password := files["password"]
	switch {
	case len(files) == 0:
		return held, usageError{errors.New("--credentials-dir: there is none of the files username, password, private.pem, secret and ca.crt in it")}
	case username != password:
		return held, usageError{errors.New("--credentials-dir: username and password are needed together")}
	}
	held.username, held.password = strings.TrimRight(string(files["username"]), "\r\n"), strings.TrimRight(string(files["password"]), "\r\n")
	held.dkimKey, held.signingSecret = files["private.pem"], files["secret"]
	if held.authorities, err = mail.Authorities(nil, files["ca.crt"]); err != nil {
		return held, usageError{fmt.Errorf("--credentials-dir: ca.crt: %w", err)}
	}
	return held, nil
}
