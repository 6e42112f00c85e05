package command

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead/fairlead/hack/cluster/internal/cluster"
)

func newStart() *cobra.Command {
	return &cobra.Command{
		Use:   "start COMPONENT",
		Short: "Start a component again that has ended",
		Long: `Start a component again that has ended, as it was started before, and return when
it does its work. Tests that kill one use this.`,
		Example:   `  sudo bin/cluster start kube-apiserver`,
		Args:      arguments(1, 1, "a component"),
		ValidArgs: cluster.Components(),
		RunE: func(command *cobra.Command, given []string) error {
			component := given[0]
			if !slices.Contains(cluster.Components(), component) {
				return fmt.Errorf("%w: no component is called %q; there are %s", errUsage, component, strings.Join(cluster.Components(), ", "))
			}
			one, where, release, err := claim(command.Context(), "starting a component", command.OutOrStdout(), command.ErrOrStderr())
			if err != nil {
				return err
			}
			defer release()
			ctx, cancel := context.WithTimeout(command.Context(), 2*time.Minute)
			defer cancel()
			err = one.StartAgain(ctx, component)
			var failure *cluster.Failure
			if errors.As(err, &failure) && !errors.Is(err, cluster.ErrRuns) {
				printTail(command.ErrOrStderr(), where.Log(component), component)
			}
			return unreadable(err)
		},
	}
}
