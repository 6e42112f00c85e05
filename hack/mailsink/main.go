// Command mailsink takes mail and sends nothing on. It shows what it has taken on a
// web page, counts it, and fails on purpose when it is told to.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/test/mailsink"
)

// goodbyeTimeout is how long the web page may still take to answer at the end.
const goodbyeTimeout = 5 * time.Second

// errUsage marks mistakes on the command line; they end with code 2.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one does not wait for it.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, arguments []string, stdout, stderr io.Writer) int {
	command := newCommand() //nolint:contextcheck // cobra hands the context to a command when it runs.
	command.SetArgs(arguments)
	command.SetOut(stdout)
	command.SetErr(stderr)
	err := command.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "mailsink: %v\nRun 'mailsink --help' for how to use it.\n", err)
		return 2
	default:
		fmt.Fprintf(stderr, "mailsink: %v\n", err)
		return 1
	}
}

// options are the flags.
type options struct {
	address, tlsAddress string
	webAddress          string
	certificate, key    string
	username, password  string
	newest, maxSize     int
	keep                string
}

func newCommand() *cobra.Command {
	o := &options{}
	command := &cobra.Command{
		Use:   "mailsink",
		Short: "Take mail and send nothing on",
		Long: `Take mail and send nothing on: an SMTP server for tests, the demo and benchmarks.

The web page shows the newest messages and how many were taken, and lets the server
fail on purpose. Programs read /api/counts, /api/messages and
/api/messages/{number}/raw, and write /api/faults. Anybody who reaches the page can
read the mail: do not let mail to real people come here.

Exit codes: 0 ended by a signal, 1 failed, 2 wrong usage.`,
		Example: `  # mail at localhost:2525, the page at http://localhost:8025
  mailsink --smtp-address localhost:2525 --web-address localhost:8025

  # with STARTTLS, a port for TLS, a password, and the newest 200 messages as files
  mailsink --tls-cert tls.crt --tls-key tls.key --smtps-address :4650 \
    --username shop --password-file password --newest 200 --keep messages

  # a tenth of all recipients is refused once, and all replies take a second
  curl localhost:8025/api/faults --data '[
    {"kind": "RejectRecipient", "code": 451, "enhanced": "4.2.1", "share": 0.1, "times": 1},
    {"kind": "Delay", "delay": "1s"}]'

  # an outage begins, and ends
  curl localhost:8025/api/faults --data '[{"kind": "Outage"}]'
  curl localhost:8025/api/faults --data '[]'`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, arguments []string) error {
			if len(arguments) > 0 {
				return fmt.Errorf("%w: unexpected argument %q", errUsage, arguments[0])
			}
			return nil
		},
		RunE: func(command *cobra.Command, _ []string) error {
			settings, err := o.settings()
			if err != nil {
				return err
			}
			return o.run(command.Context(), settings, slog.New(slog.NewTextHandler(command.ErrOrStderr(), nil)))
		},
	}
	command.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w: %w", errUsage, err)
	})
	flags := command.Flags()
	flags.StringVar(&o.address, "smtp-address", ":2525", "address for mail, [HOST]:PORT; with a certificate it offers STARTTLS")
	flags.StringVar(&o.tlsAddress, "smtps-address", "", "address for mail with TLS from the first byte (default: none)")
	flags.StringVar(&o.webAddress, "web-address", ":8025", "address of the web page, [HOST]:PORT")
	flags.StringVar(&o.certificate, "tls-cert", "", "file with a certificate in PEM")
	flags.StringVar(&o.key, "tls-key", "", "file with its private key in PEM")
	flags.StringVar(&o.username, "username", "", "name that must be given to send mail (default: anybody may)")
	flags.StringVar(&o.password, "password-file", "", "file with the password that goes with it")
	flags.IntVar(&o.newest, "newest", mailsink.DefaultKeep, "how many of the newest messages can be read")
	flags.IntVar(&o.maxSize, "max-size", mailsink.DefaultMaxSize, "largest message, in bytes")
	flags.StringVar(&o.keep, "keep", "", "folder to keep the newest messages in, as files (default: none)")
	return command
}

// settings makes of the flags what the sink wants.
func (o *options) settings() (mailsink.Options, error) {
	settings := mailsink.Options{Address: o.address, TLSAddress: o.tlsAddress, Username: o.username, MaxSize: o.maxSize, Keep: o.newest}
	switch {
	case o.newest < 1 || o.maxSize < 1:
		return settings, fmt.Errorf("%w: --newest and --max-size are at least 1", errUsage)
	case (o.certificate == "") != (o.key == ""):
		return settings, fmt.Errorf("%w: --tls-cert and --tls-key go together", errUsage)
	case o.tlsAddress != "" && o.certificate == "":
		return settings, fmt.Errorf("%w: --smtps-address needs --tls-cert and --tls-key", errUsage)
	case (o.username == "") != (o.password == ""):
		return settings, fmt.Errorf("%w: --username and --password-file go together", errUsage)
	}
	if o.certificate != "" {
		pair, err := tls.LoadX509KeyPair(o.certificate, o.key)
		if err != nil {
			return settings, fmt.Errorf("%w: --tls-cert and --tls-key: %w", errUsage, err)
		}
		settings.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	if o.password != "" {
		content, err := os.ReadFile(o.password)
		if err != nil {
			return settings, fmt.Errorf("%w: --password-file: %w", errUsage, err)
		}
		settings.Password = strings.TrimRight(string(content), "\r\n")
	}
	return settings, nil
}

// run takes mail until the context ends. No address of anybody is logged.
func (o *options) run(ctx context.Context, settings mailsink.Options, log *slog.Logger) (err error) {
	var files *folder
	if o.keep != "" {
		if files, err = openFolder(o.keep, o.newest); err != nil {
			return err
		}
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", o.webAddress)
	if err != nil {
		return fmt.Errorf("starting the web page: %w", err)
	}
	sink, err := mailsink.Start(settings) //nolint:contextcheck // It ends by Close.
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server := &http.Server{Handler: newWeb(sink), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	go func() { failed <- server.Serve(listener) }()
	following, stop := context.WithCancel(ctx)
	defer stop()
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		if err := files.follow(following, sink); err != nil {
			failed <- err
		}
	}()
	log.Info("taking mail", "smtp", sink.Addr(), "smtps", sink.TLSAddr(), "web", listener.Addr().String())

	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	// Nothing is accepted any more; what was, is still written.
	err = errors.Join(err, sink.Close())
	stop()
	<-followed
	err = errors.Join(err, files.write(sink))
	goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), goodbyeTimeout)
	defer cancel()
	err = errors.Join(err, server.Shutdown(goodbye))
	log.Info("ended", "messages", sink.Total())
	return err
}
