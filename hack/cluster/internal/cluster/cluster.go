// Package cluster starts a one-node Kubernetes cluster from built programs,
// tells how it is, and removes it without a trace.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/binaries"
	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/process"
	"github.com/fairlead/fairlead/hack/cluster/internal/shell"
)

// Cluster is the one cluster of this machine.
type Cluster struct {
	where layout.Layout
	proc  process.Proc
	out   io.Writer
	began time.Time
	// programs is the folder of the programs.
	programs string
	versions map[string]string
}

// New is the cluster whose state is in that folder. What happens is told to
// out.
func New(where layout.Layout, out io.Writer) *Cluster {
	return &Cluster{where: where, proc: process.System(), out: out, began: time.Now()}
}

// Use sets the programs to start.
func (c *Cluster) Use(set binaries.Set) {
	c.programs, c.versions = set.Folder, set.Versions
}

// step tells what happened, with the seconds since the beginning.
func (c *Cluster) step(format string, arguments ...any) {
	fmt.Fprintf(c.out, "%5.1f s  %s\n", time.Since(c.began).Seconds(), fmt.Sprintf(format, arguments...))
}

// environment is that of every process of the cluster. The marker lets down
// find processes that no record was written of.
func (c *Cluster) environment() []string {
	return []string{
		"PATH=" + c.programs + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=/root",
		layout.Marker + "=" + c.where.Folder,
	}
}

// ctr runs containerd's client. The client is short-lived but marked, too, so
// that one that hangs is found.
func (c *Cluster) ctr(ctx context.Context, arguments ...string) (string, error) {
	all := append([]string{"--address", c.where.ContainerdSocket(), "--namespace", layout.ContainerdNamespace}, arguments...)
	return c.tool(ctx, "ctr", all...)
}

// tool runs one of the cluster's own programs to its end.
func (c *Cluster) tool(ctx context.Context, name string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, c.programs+"/"+name, arguments...)
	command.Env = c.environment()
	output, err := command.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, output)
	}
	return string(output), nil
}

// processes lists every process of the cluster: those recorded, those marked
// and those in the pods' cgroups.
func (c *Cluster) processes() ([]process.Identity, error) {
	contents, err := process.ReadLedger(c.where.Ledger())
	if err != nil && !errors.Is(err, process.ErrNoLedger) {
		// A damaged record is no reason to leave processes behind: the marker
		// finds them as well.
		contents = process.Contents{}
	}
	var found []process.Identity
	seen := map[process.Identity]bool{}
	add := func(who process.Identity) {
		if !seen[who] {
			seen[who] = true
			found = append(found, who)
		}
	}
	for _, one := range contents.Components {
		if c.proc.Alive(one.Identity) {
			add(one.Identity)
		}
	}
	marked, err := c.proc.Marked(layout.Marker, c.where.Folder)
	if err != nil {
		return nil, err
	}
	for _, one := range marked {
		add(one)
	}
	pods, err := podProcesses(c.proc)
	if err != nil {
		return nil, err
	}
	for _, one := range pods {
		add(one)
	}
	return found, nil
}

// CheckOther refuses to work beside a cluster whose state is in another
// folder: both would use the same addresses and names.
func (c *Cluster) CheckOther() error {
	marked, err := c.proc.Marked(layout.Marker, "")
	if err != nil {
		return err
	}
	for _, one := range marked {
		if folder, ok := c.proc.Environment(one.PID, layout.Marker); ok && folder != c.where.Folder {
			return fmt.Errorf("a cluster with its state in %s is running and uses the same addresses; work on it with FAIRLEAD_CLUSTER_DIR=%s", folder, shell.Quote(folder))
		}
	}
	return nil
}

// CheckFolder refuses a state folder that holds something else. Of an earlier
// cluster nothing is left by now.
func (c *Cluster) CheckFolder() error {
	entries, err := os.ReadDir(c.where.Folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the state folder: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("the folder %s is not empty and holds no cluster; empty it, or name another with FAIRLEAD_CLUSTER_DIR", c.where.Folder)
	}
	return nil
}
