package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os/exec"
	"strings"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

// run runs a program of the machine and tells what it said when it fails.
func run(ctx context.Context, program string, arguments ...string) (string, error) {
	output, err := exec.CommandContext(ctx, program, arguments...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", program, strings.Join(arguments, " "), err, strings.TrimSpace(string(output)))
	}
	return string(output), nil
}

// createBridge makes the device that carries the node's address. A bridge
// without ports is used because every kernel has bridges, while dummy devices
// are often left out.
func createBridge(ctx context.Context) error {
	for _, arguments := range [][]string{
		{"link", "add", layout.Bridge, "type", "bridge"},
		{"address", "add", layout.NodeAddress + "/32", "dev", layout.Bridge},
		{"link", "set", layout.Bridge, "up"},
	} {
		if _, err := run(ctx, "ip", arguments...); err != nil {
			return fmt.Errorf("making the network device %s: %w", layout.Bridge, err)
		}
	}
	return nil
}

// device is a network device of the machine.
type device struct {
	name      string
	addresses []net.Addr
}

// ourDevices lists the network devices of the cluster. The bridge is known by
// its name. The pods' ends are known by the address they carry, but only when
// there was a start of ours: others may use the same addresses.
func (c *Cluster) ourDevices() ([]string, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("listing network devices: %w", err)
	}
	all := make([]device, 0, len(interfaces))
	for _, one := range interfaces {
		// A device may vanish while we look at it; then it is none of ours.
		addresses, _ := one.Addrs()
		all = append(all, device{one.Name, addresses})
	}
	return pickDevices(all, c.recorded()), nil
}

// pickDevices picks the cluster's devices, the bridge last: without a record,
// the others are known to be ours as long as it is there.
func pickDevices(all []device, recorded bool) []string {
	var bridge, pods []string
	within := netip.MustParsePrefix(layout.PodRange)
	for _, one := range all {
		switch {
		case one.name == layout.Bridge:
			bridge = append(bridge, one.name)
		case strings.HasPrefix(one.name, "veth") && anyWithin(one.addresses, within):
			pods = append(pods, one.name)
		}
	}
	if !recorded && len(bridge) == 0 {
		return nil
	}
	return append(pods, bridge...)
}

func anyWithin(addresses []net.Addr, wanted netip.Prefix) bool {
	for _, one := range addresses {
		if prefix, err := netip.ParsePrefix(one.String()); err == nil && wanted.Contains(prefix.Addr()) {
			return true
		}
	}
	return false
}

func (c *Cluster) removeDevices(ctx context.Context) error {
	devices, err := c.ourDevices()
	if err != nil {
		return err
	}
	var problems []error
	for _, one := range devices {
		if _, err := run(ctx, "ip", "link", "delete", one); err != nil && exists(one) {
			problems = append(problems, fmt.Errorf("removing the network device %s: %w", one, err))
		}
	}
	return errors.Join(problems...)
}

func exists(device string) bool {
	_, err := net.InterfaceByName(device)
	return err == nil
}

// table is an nftables table.
type table struct{ family, name string }

// proxyTables lists the tables that kube-proxy keeps.
func proxyTables(ctx context.Context) ([]table, error) {
	output, err := run(ctx, "nft", "list", "tables")
	if err != nil {
		return nil, fmt.Errorf("listing nftables tables: %w", err)
	}
	return parseTables(output, layout.ProxyTable), nil
}

// parseTables picks the tables of one name out of "nft list tables".
func parseTables(listing, name string) []table {
	var found []table
	for line := range strings.Lines(listing) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "table" && fields[2] == name {
			found = append(found, table{family: fields[1], name: fields[2]})
		}
	}
	return found
}

func removeTables(ctx context.Context) error {
	tables, err := proxyTables(ctx)
	if err != nil {
		return err
	}
	var problems []error
	for _, one := range tables {
		if _, err := run(ctx, "nft", "delete", "table", one.family, one.name); err != nil {
			problems = append(problems, fmt.Errorf("removing an nftables table: %w", err))
		}
	}
	return errors.Join(problems...)
}

// ForwardingDropped tells whether the machine's firewall, usually Docker's,
// drops what passes from pod to pod. The rules are not ours to change.
func ForwardingDropped(ctx context.Context) bool {
	listing, err := run(ctx, "nft", "list", "chain", "ip", "filter", "FORWARD")
	return err == nil && dropsPods(listing)
}

// dropsPods reads a listing of the chain FORWARD: it drops by default, and no
// rule speaks of our pods.
func dropsPods(listing string) bool {
	return strings.Contains(listing, "policy drop") && !strings.Contains(listing, layout.PodRange)
}
