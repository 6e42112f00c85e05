package cluster

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/process"
)

// Status is how the cluster is.
type Status struct {
	// State is up, down, or degraded: something is there, but not all of it
	// works.
	State string `json:"state"`
	// Folder is the state folder.
	Folder string `json:"folder"`
	// Programs is the folder of the programs.
	Programs string `json:"programs,omitempty"`
	// Server is the API server's address.
	Server string `json:"server,omitempty"`
	// Node is the one node; absent when the API server does not answer.
	Node *Node `json:"node,omitempty"`
	// Problem is the first thing that does not work.
	Problem string `json:"problem,omitempty"`
	// Components are the processes.
	Components []ComponentStatus `json:"components"`
}

// States of a cluster.
const (
	StateUp       = "up"
	StateDown     = "down"
	StateDegraded = "degraded"
)

// ComponentStatus is how one process is.
type ComponentStatus struct {
	// Name of the component.
	Name string `json:"name"`
	// Up tells that its process runs.
	Up bool `json:"up"`
	// PID is the process number.
	PID int `json:"pid,omitempty"`
	// Version of the program.
	Version string `json:"version,omitempty"`
	// Since is when it was started.
	Since *time.Time `json:"since,omitempty"`
}

// Status looks at the processes and, when all run, asks them.
func (c *Cluster) Status(ctx context.Context) (Status, error) {
	status := Status{State: StateDown, Folder: c.where.Folder}
	contents, err := process.ReadLedger(c.where.Ledger())
	if errors.Is(err, process.ErrNoLedger) {
		return c.withoutRecord(ctx, status)
	}
	if err != nil {
		return status, err
	}
	status.Programs, status.Server = contents.Programs, layout.ServerURL()
	c.programs = contents.Programs
	status.Components, status.Problem = components(contents.Components, c.proc.Alive)
	status.State = StateDegraded
	if status.Problem == "" && !contents.Complete {
		status.Problem = "the last start did not come to its end"
	}
	if client, err := newClient(c.where, "ca", "user-admin"); err == nil {
		defer client.http.CloseIdleConnections()
		if node, err := client.node(ctx); err == nil {
			status.Node = &node
			if !node.Ready && status.Problem == "" {
				status.Problem = "the node is not ready: " + node.Message
			}
		} else if status.Problem == "" {
			status.Problem = "the API server does not answer: " + err.Error()
		}
	} else if status.Problem == "" {
		status.Problem = err.Error()
	}
	if status.Problem == "" {
		status.Problem = c.probe(ctx)
	}
	if status.Problem == "" {
		status.State = StateUp
	}
	return status, nil
}

// probe asks what the user will ask: a Service and a name.
func (c *Cluster) probe(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := c.serviceAnswers(ctx); err != nil {
		return "the Service kubernetes does not answer: " + err.Error()
	}
	if err := c.namesResolve(ctx); err != nil {
		return "names are not resolved: " + err.Error()
	}
	return ""
}

// withoutRecord tells a clean machine from one with remains.
func (c *Cluster) withoutRecord(ctx context.Context, status Status) (Status, error) {
	left, err := c.Leftovers(ctx)
	if err != nil {
		return status, err
	}
	if len(left) > 0 {
		status.State = StateDegraded
		status.Problem = "there are remains of an earlier cluster, such as the " + left[0] + "; 'cluster down' removes them"
	}
	status.Components, _ = components(nil, c.proc.Alive)
	return status, nil
}

// components gives every component a line and names the first that is down.
func components(records []process.Record, alive func(process.Identity) bool) (all []ComponentStatus, problem string) {
	for _, name := range Components() {
		one := ComponentStatus{Name: name}
		at := slices.IndexFunc(records, func(record process.Record) bool { return record.Name == name })
		if at >= 0 {
			record := records[at]
			one.Version, one.Since = record.Version, &record.Since
			one.PID = record.Identity.PID
			one.Up = alive(record.Identity)
		}
		if !one.Up && problem == "" {
			problem = name + " is not running; see 'cluster logs " + name + "'"
		}
		all = append(all, one)
	}
	return all, problem
}
