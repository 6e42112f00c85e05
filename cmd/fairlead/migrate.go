package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/internal/customer"
)

func newMigrateCommand() *cobra.Command {
	options := &storeOptions{}
	var output, currency string
	command := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the schema of a customer store up to date",
		Long: `Bring the schema of a customer store up to date, and make it if there is none.

A store whose schema is newer is left alone. In a cluster the manager migrates,
unless the CustomerStore says migrations: Manual.

Sums are stated in one currency. In a cluster the CustomerStore declares it; for
another store, say it by --reporting-currency. It cannot be changed later.`,
		Example: `  # a new store in a file
  fairlead migrate --store sqlite:///tmp/crm.db --reporting-currency GBP

  # the store of a cluster
  fairlead migrate -n expo --store-name crm`,
		Args: cobra.NoArgs,
		PreRunE: func(command *cobra.Command, _ []string) error {
			if err := checkOutput(command.Flags()); err != nil {
				return err
			}
			if _, known := customer.MinorDigits(currency); currency != "" && !known {
				return usageError{fmt.Errorf("--reporting-currency %q: want a code of ISO 4217, such as GBP", currency)}
			}
			return options.check()
		},
		RunE: func(command *cobra.Command, _ []string) error {
			s, err := options.open(command.Context(), true)
			if err != nil {
				return err
			}
			defer s.Close()
			from, to, err := s.Migrate(command.Context())
			if err != nil {
				return err
			}
			if currency != "" {
				if err := s.ReportIn(command.Context(), currency); err != nil {
					return err
				}
			}
			line := fmt.Sprintf("The schema was migrated from version %d to %d.", from, to)
			if from == to {
				line = fmt.Sprintf("The schema has version %d already.", to)
			}
			return tell(command.OutOrStdout(), output, map[string]int64{"from": from, "to": to}, line)
		},
	}
	options.register(command.Flags())
	registerOutput(command.Flags(), &output)
	command.Flags().StringVar(&currency, "reporting-currency", "", "ISO 4217 code of the currency that sums are stated in (for a store without a CustomerStore)")
	return command
}
