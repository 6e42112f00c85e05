// Command fairlead is Fairlead's one program: the manager that runs in the
// cluster, and the commands that a person types.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	// Images from scratch have neither certificates nor time zones on disk.
	_ "time/tzdata"

	_ "golang.org/x/crypto/x509roots/fallback"

	"github.com/spf13/cobra"
)

// Exit codes of every command.
const (
	exitOK = 0
	// exitFailed: the command was understood and failed.
	exitFailed = 1
	// exitUsage: the command, a flag or a file it names is wrong; nothing was done.
	exitUsage = 2
	// exitRejected: it was done, but for some rows that were rejected.
	exitRejected = 3
)

// rejectedError says that some rows were rejected, and all others taken.
type rejectedError struct{ error }

// usageError is a mistake in how the program was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal asks for an orderly end; a second one does not wait for it.
	context.AfterFunc(ctx, stop)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run carries out a command line and gives the code to exit with. A failure is
// one line on stderr that says which command it was.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	started := false
	root.PersistentPreRun = func(*cobra.Command, []string) { started = true }
	command, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	var usage usageError
	// What fails before a command starts is how it was called.
	if !started || errors.As(err, &usage) {
		fmt.Fprintf(stderr, "%s: %v (see '%[1]s --help')\n", command.CommandPath(), err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "%s: %v\n", command.CommandPath(), err)
	var rejected rejectedError
	if errors.As(err, &rejected) {
		return exitRejected
	}
	return exitFailed
}

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "fairlead",
		Short: "Customer relationship management for exhibitions, declared in Kubernetes resources",
		Long: `Fairlead is customer relationship management for exhibitions and trade fairs,
declared in Kubernetes resources.

Exit codes: 0 done, 1 failed, 2 called wrongly (nothing was done), 3 done but for
some rows that were rejected.`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(command *cobra.Command, _ []string) error { return command.Help() },
	}
	if strings.HasPrefix(filepath.Base(os.Args[0]), "kubectl-") {
		root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl fairlead"}
	}
	root.AddCommand(newManagerCommand(), newImportCommand(), newCustomerCommand(), newMigrateCommand(), newStoreCommand(), newExplainCommand(), newKeysetCommand(), newVersionCommand())
	root.AddCommand(decisionCommands()...)
	root.AddCommand(newLintCommand(), newCohortsCommand(), newReportCommand(), newSendCommand(), newOutreachCommand(), newPreviewCommand(), newGenerateCommand(), newGatewayCommand(), newLoyaltyCommand())
	return root
}
