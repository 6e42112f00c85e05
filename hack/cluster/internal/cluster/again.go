package cluster

import (
	"context"
	"errors"
	"slices"

	"github.com/fairlead/fairlead/hack/cluster/internal/process"
)

// ErrRuns tells that a component has not ended.
var ErrRuns = errors.New("it runs")

// StartAgain starts a component that has ended, as it was started before, and waits until it
// does its work. Of one that still runs it says ErrRuns.
func (c *Cluster) StartAgain(parent context.Context, name string) error {
	ctx, fail := context.WithCancelCause(parent)
	defer fail(nil)
	ledger, err := process.OpenLedger(c.where.Ledger())
	if err != nil {
		return err
	}
	contents := ledger.Contents()
	at := slices.IndexFunc(contents.Components, func(one process.Record) bool { return one.Name == name })
	if at < 0 {
		return &Failure{Component: name, Cause: errors.New("it was never started")}
	}
	if c.proc.Alive(contents.Components[at].Identity) {
		return &Failure{Component: name, Cause: ErrRuns}
	}
	c.programs, c.versions = contents.Programs, map[string]string{name: contents.Components[at].Version}
	start := &starter{Cluster: c, ledger: ledger, fail: fail}
	err = start.inOrder(ctx, name)
	var ended *process.Ended
	if errors.As(context.Cause(ctx), &ended) {
		return &Failure{Component: name, Cause: ended}
	}
	return err
}
