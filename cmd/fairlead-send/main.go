// Command fairlead-send is fairlead send as the pods of an Outreach run it: a small program
// beside the large one, since a worker has no use for most of what that brings along, and a
// pod pays for it in memory.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	// Images from scratch have neither certificates nor time zones on disk.
	_ "time/tzdata"

	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/logs"
	"github.com/fairlead/fairlead/internal/sending"
	"github.com/fairlead/fairlead/internal/store"
)

// Exit codes, as of fairlead.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one does not wait for it.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stderr io.Writer) int {
	started := false
	command := newCommand(&started)
	command.SetArgs(args)
	command.SetErr(stderr)
	err := command.ExecuteContext(ctx)
	var mistake sending.MistakeError
	switch {
	case err == nil:
		return exitOK
	case !started || errors.As(err, &mistake):
		fmt.Fprintf(stderr, "fairlead-send: %v (see 'fairlead-send --help')\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "fairlead-send: %v\n", err)
	return exitFailed
}

func newCommand(started *bool) *cobra.Command {
	log, send := &logs.Options{}, &sending.Options{}
	var url string
	command := &cobra.Command{
		Use: "fairlead-send --run-key KEY", Short: sending.Short, Long: sending.Long,
		Example: `  FAIRLEAD_STORE=$(cat /run/secrets/uri) fairlead-send \
    --run-key opening-notice-2026 --credentials-dir /run/secrets/channel`,
		Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		PreRunE: func(*cobra.Command, []string) error {
			if url == "" {
				url = os.Getenv(sending.StoreVariable)
			}
			if url == "" {
				return errors.New("which store? Pass --store URL, or set " + sending.StoreVariable)
			}
			return send.Check()
		},
		RunE: func(command *cobra.Command, _ []string) error {
			logger, err := log.Logger(command.ErrOrStderr())
			if err != nil {
				return err
			}
			*started = true
			debug.SetGCPercent(sending.CollectAt)
			s, err := store.Open(command.Context(), url, sending.StoreOptions())
			if err != nil {
				return fmt.Errorf("opening the store: %w", err)
			}
			defer s.Close()
			return send.Send(command.Context(), s, logger)
		},
	}
	command.Flags().StringVar(&url, "store", "", "URL of the store: postgres://USER:PASSWORD@HOST/DATABASE or sqlite:///PATH/TO/FILE.db (default: $"+sending.StoreVariable+")")
	log.Register(command.Flags())
	send.Register(command.Flags())
	return command
}
