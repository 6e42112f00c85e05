// Command cluster builds Kubernetes from Go modules and runs a one-node
// cluster of it on this machine.
package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/fairlead/fairlead/hack/cluster/internal/command"
)

// errInterrupted is the reason that everything sees after Ctrl-C.
var errInterrupted = errors.New("interrupted")

func main() {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		// From now on a second Ctrl-C ends the program at once.
		signal.Stop(signals)
		cancel(errInterrupted)
	}()
	os.Exit(command.Run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}
