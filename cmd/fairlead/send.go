package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/logs"
	"github.com/fairlead/fairlead/internal/sending"
)

func newSendCommand() *cobra.Command {
	options, log, send := &storeOptions{}, &logs.Options{}, &sending.Options{}
	command := &cobra.Command{
		Use:   "send --run-key KEY",
		Short: sending.Short,
		Long:  sending.Long,
		Example: `  fairlead send --run-key opening-notice-2026 --store sqlite:///tmp/crm.db

  # with what the channel's server wants, and the URL where no other user sees it
  FAIRLEAD_STORE=$(cat /run/secrets/uri) fairlead send \
    --run-key opening-notice-2026 --credentials-dir /run/secrets/channel`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if err := send.Check(); err != nil {
				return usageError{err}
			}
			return options.check()
		},
	}
	options.register(command.Flags())
	log.Register(command.Flags())
	send.Register(command.Flags())
	command.RunE = func(command *cobra.Command, _ []string) error {
		logger, err := log.Logger(command.ErrOrStderr())
		if err != nil {
			return usageError{err}
		}
		s, err := options.openWith(command.Context(), sending.StoreOptions())
		if err != nil {
			return err
		}
		defer s.Close()
		return mistaken(send.Send(command.Context(), s.Store, logger))
	}
	return command
}

// mistaken makes a mistake in how a worker was called one of the command.
func mistaken(err error) error {
	var mistake sending.MistakeError
	if errors.As(err, &mistake) {
		return usageError{err}
	}
	return err
}
