package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"golang.org/x/sys/unix"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/process"
)

// grace is how long processes may take to end by themselves. Their data is
// about to be removed, so it is short.
const grace = 2 * time.Second

// Stop removes the cluster, whatever is there of it: after a whole start, a
// start that was cut short, an earlier removal that was cut short, or a
// reboot. It tells whether there was anything.
func (c *Cluster) Stop(ctx context.Context) (found bool, err error) {
	before, err := c.Leftovers(ctx)
	if err != nil {
		return false, err
	}
	if len(before) == 0 {
		return false, nil
	}
	recorded := c.recorded()
	// A damaged record tells no more than that there was a start.
	contents, _ := process.ReadLedger(c.where.Ledger())

	// Each step is tried even when the one before failed: what can be removed
	// is removed.
	var problems []error
	try := func(what string, action func() error) {
		if err := action(); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", what, err))
			return
		}
		c.step("%s", what)
	}
	try("stopped the kubelet", func() error { return c.stopFirst(ctx, contents, "kubelet") })
	try("stopped every other process", func() error { return c.proc.Stop(ctx, grace, c.processes) })
	try("unmounted volumes and containers", func() error { return unmountUnder(c.where.Folder) })
	try("removed network devices", func() error { return c.removeDevices(ctx) })
	if recorded {
		// The table's name is not ours alone; only with a record of our own
		// start it is known to be ours.
		try("removed nftables tables", func() error { return removeTables(ctx) })
	}
	try("removed cgroups", removeCgroups)
	try("restored kernel settings", func() error { return restoreSettings(contents.Machine) })
	try("removed files", func() error {
		return errors.Join(removeStrayFiles(c.where, contents.Machine), c.removeFolder())
	})
	return true, errors.Join(problems...)
}

// recorded tells whether a start of ours is recorded, be it in a record that
// is damaged. The record is the last thing that is removed.
func (c *Cluster) recorded() bool {
	_, err := process.ReadLedger(c.where.Ledger())
	return !errors.Is(err, process.ErrNoLedger)
}

// stopFirst stops one component before the others, with grace.
func (c *Cluster) stopFirst(ctx context.Context, contents process.Contents, name string) error {
	return c.proc.Stop(ctx, grace, func() ([]process.Identity, error) {
		for _, one := range contents.Components {
			if one.Name == name && c.proc.Alive(one.Identity) {
				return []process.Identity{one.Identity}, nil
			}
		}
		return nil, nil
	})
}

// removeFolder removes the state folder, its record last: as long as anything
// is there, the record tells that it is ours.
func (c *Cluster) removeFolder() error {
	entries, err := os.ReadDir(c.where.Folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the state folder: %w", err)
	}
	if _, err := os.Stat(c.where.Ledger()); err == nil {
		// Volumes may be folders of the user's, mounted here. Nothing may be
		// removed as long as one is.
		mounts, err := readMounts()
		if err != nil {
			return err
		}
		if still := mountsUnder(mounts, c.where.Folder); len(still) > 0 {
			return fmt.Errorf("not removing %s because %s is still mounted; unmount it and run 'cluster down' again", c.where.Folder, still[0])
		}
		for _, one := range entries {
			path := c.where.Path(one.Name())
			if path == c.where.Ledger() {
				continue
			}
			if err := os.RemoveAll(path); err != nil {
				return fmt.Errorf("removing the state: %w", err)
			}
		}
		if err := os.Remove(c.where.Ledger()); err != nil {
			return fmt.Errorf("removing the record of processes: %w", err)
		}
	} else {
		// A start that was killed before its first record left at most this.
		_ = os.Remove(process.Unfinished(c.where.Ledger()))
	}
	if err := os.Remove(c.where.Folder); err != nil && !errors.Is(err, unix.ENOTEMPTY) && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing the state folder: %w", err)
	}
	return nil
}

// Leftovers lists what there is of a cluster, each in words.
func (c *Cluster) Leftovers(ctx context.Context) ([]string, error) {
	var found []string
	alive, err := c.processes()
	if err != nil {
		return nil, err
	}
	for _, one := range alive {
		found = append(found, fmt.Sprintf("process %d (%s)", one.PID, c.proc.Name(one.PID)))
	}
	mounts, err := readMounts()
	if err != nil {
		return nil, err
	}
	for _, point := range mountsUnder(mounts, c.where.Folder) {
		found = append(found, "mount "+point)
	}
	devices, err := c.ourDevices()
	if err != nil {
		return nil, err
	}
	for _, one := range devices {
		found = append(found, "network device "+one)
	}
	cgroups, err := ourCgroups()
	if err != nil {
		return nil, err
	}
	for _, one := range cgroups {
		if _, err := os.Stat(one); err == nil {
			found = append(found, "cgroup "+one)
		}
	}
	for _, one := range strayFiles(c.where) {
		found = append(found, "file "+one)
	}
	recorded, err := c.folderLeft()
	if err != nil {
		return nil, err
	}
	if recorded != "" {
		found = append(found, recorded)
		found = append(found, tablesLeft(ctx)...)
	}
	return found, nil
}

// folderLeft describes the state folder when it is a cluster's, or empty.
func (c *Cluster) folderLeft() (string, error) {
	entries, err := os.ReadDir(c.where.Folder)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the state folder: %w", err)
	}
	for _, one := range entries {
		if path := c.where.Path(one.Name()); path == c.where.Ledger() || path == process.Unfinished(c.where.Ledger()) {
			return "folder " + c.where.Folder, nil
		}
	}
	if len(entries) == 0 {
		return "empty folder " + c.where.Folder, nil
	}
	return "", nil
}

// tablesLeft lists our nftables tables. Without the program nft there was no
// start that could have made any.
func tablesLeft(ctx context.Context) []string {
	if _, err := exec.LookPath("nft"); err != nil {
		return nil
	}
	tables, err := proxyTables(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	var found []string
	for _, one := range tables {
		found = append(found, "nftables table "+one.family+" "+one.name)
	}
	return found
}

// ForeignTable tells of a kube-proxy that is not ours.
func ForeignTable(ctx context.Context) error {
	tables, err := proxyTables(ctx)
	if err != nil {
		return fmt.Errorf("nftables does not work on this machine: %w", err)
	}
	if len(tables) > 0 {
		return fmt.Errorf("the nftables table %s %s exists: another Kubernetes seems to run on this machine, and both would use it; stop that one, or remove the table with 'nft delete table %s %s' when it is a leftover",
			tables[0].family, layout.ProxyTable, tables[0].family, layout.ProxyTable)
	}
	return nil
}
