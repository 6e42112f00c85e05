// Package preflight finds out before a start what would make it fail, and
// tells how to mend it.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/shell"
)

// Machine is how the checks look at the machine; tests put their own in.
type Machine struct {
	// OS is the operating system.
	OS string
	// Program is the path of this program, to name it in advice.
	Program string
	// UserID is the effective user.
	UserID int
	// LookPath finds a program.
	LookPath func(string) (string, error)
	// HasLibrary tells whether pkg-config knows a library.
	HasLibrary func(context.Context, string) bool
	// Addresses are the addresses of the machine's network devices.
	Addresses func() ([]net.Addr, error)
	// Listeners are the sockets that wait for connections.
	Listeners func() ([]Listener, error)
	// Holder names the process that holds a socket, empty if unknown.
	Holder func(Listener) string
}

// System is this machine.
func System() Machine {
	program, err := os.Executable()
	if err != nil {
		program = "cluster"
	}
	return Machine{
		OS:       runtime.GOOS,
		Program:  program,
		UserID:   os.Geteuid(),
		LookPath: exec.LookPath,
		HasLibrary: func(ctx context.Context, name string) bool {
			return exec.CommandContext(ctx, "pkg-config", "--exists", name).Run() == nil
		},
		Addresses: net.InterfaceAddrs,
		Listeners: func() ([]Listener, error) { return readListeners("/proc/net") },
		Holder:    func(one Listener) string { return holder("/proc", one.Inode) },
	}
}

// Problems are all things that stand in the way, so that they can be mended
// in one go.
type Problems []string

func (p Problems) Error() string {
	if len(p) == 1 {
		return p[0]
	}
	return "the cluster cannot start here:\n  - " + strings.Join(p, "\n  - ")
}

// asError is nil without problems.
func (p Problems) asError() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// program is one that the machine must have.
type program struct{ name, why, get string }

// Rights checks what every change to the cluster needs.
func Rights(machine Machine, what string) error {
	if machine.OS != "linux" {
		return fmt.Errorf("the cluster runs on Linux only, and this is %s; use a cluster of your own (kind, k3d) instead: the same manifests apply to it", machine.OS)
	}
	if machine.UserID != 0 {
		return fmt.Errorf("%s needs root, because it makes network devices, mounts and cgroups; run it as root, for example with: sudo env \"PATH=$PATH\" \"FAIRLEAD_CACHE=$HOME/.cache/fairlead\" %s COMMAND", what, shell.Quote(machine.Program))
	}
	return nil
}

// Programs checks for the programs that a running cluster calls.
func Programs(machine Machine) error {
	return missing(machine, []program{
		{"go", "to tell which programs are built already", "install Go 1.26 or newer from your distribution or go.dev"},
		{"nft", "for the Services' addresses", "apt-get install nftables"},
		{"ip", "for the network device of the cluster", "apt-get install iproute2"},
		{"mount", "for the pods' volumes", "apt-get install mount"},
		{"umount", "for the pods' volumes", "apt-get install mount"},
	}).asError()
}

// Building checks for what building a program in C needs.
func Building(ctx context.Context, machine Machine) error {
	problems := missing(machine, []program{
		{"gcc", "to build runc", "apt-get install gcc libc6-dev"},
		{"pkg-config", "to build runc", "apt-get install pkg-config"},
	})
	if len(problems) == 0 && !machine.HasLibrary(ctx, "libseccomp") {
		problems = append(problems, "the headers of libseccomp are missing, which runc is built with; get them with: apt-get install libseccomp-dev")
	}
	return problems.asError()
}

func missing(machine Machine, needed []program) Problems {
	var problems Problems
	for _, one := range needed {
		if _, err := machine.LookPath(one.name); err != nil {
			problems = append(problems, fmt.Sprintf("the program %s is missing, needed %s; get it with: %s", one.name, one.why, one.get))
		}
	}
	return problems
}

// Free checks that nobody uses the cluster's addresses and ports.
func Free(machine Machine) error {
	addresses, err := machine.Addresses()
	if err != nil {
		return fmt.Errorf("listing the machine's addresses: %w", err)
	}
	listeners, err := machine.Listeners()
	if err != nil {
		return fmt.Errorf("listing the machine's open ports: %w", err)
	}
	var problems Problems
	for _, one := range addresses {
		if taken := overlaps(one); taken != "" {
			problems = append(problems, fmt.Sprintf("the machine has the address %s, which lies in the cluster's range %s; take it away or run the cluster in a virtual machine", one, taken))
		}
	}
	for _, port := range ports() {
		for _, one := range listeners {
			if !port.collides(one) {
				continue
			}
			held := machine.Holder(one)
			if held == "" {
				held = "a process that could not be found"
			}
			problems = append(problems, fmt.Sprintf("port %d (%s), needed by %s, is taken at %s by %s; stop it and try again",
				port.number, one.Network, port.component, one.Address, held))
		}
	}
	return problems.asError()
}

// overlaps names the range of ours that an address of the machine lies in.
func overlaps(address net.Addr) string {
	prefix, err := netip.ParsePrefix(address.String())
	if err != nil {
		return ""
	}
	for _, ours := range []string{layout.NodeAddress + "/32", layout.PodRange, layout.ServiceRange} {
		if netip.MustParsePrefix(ours).Contains(prefix.Addr()) {
			return ours
		}
	}
	return ""
}

// port is one that a component listens at.
type port struct {
	number    uint16
	component string
	udp       bool
}

func ports() []port {
	return []port{
		{number: layout.PortDNS, component: "coredns"},
		{number: layout.PortDNS, component: "coredns", udp: true},
		{number: layout.PortDNSHealth, component: "coredns"},
		{number: layout.PortDNSReady, component: "coredns"},
		{number: layout.PortEtcd, component: "etcd"},
		{number: layout.PortEtcdPeer, component: "etcd"},
		{number: layout.PortAPIServer, component: "kube-apiserver"},
		{number: layout.PortControllerManager, component: "kube-controller-manager"},
		{number: layout.PortScheduler, component: "kube-scheduler"},
		{number: layout.PortKubelet, component: "kubelet"},
		{number: layout.PortKubeletHealth, component: "kubelet"},
		{number: layout.PortProxyHealth, component: "kube-proxy"},
		{number: layout.PortProxyMetrics, component: "kube-proxy"},
	}
}

// collides tells whether a socket keeps the port from us. One at another
// address does not: the cluster listens at its own address only.
func (p port) collides(one Listener) bool {
	if one.Address.Port() != p.number || strings.HasPrefix(one.Network, "udp") != p.udp {
		return false
	}
	address := one.Address.Addr().Unmap()
	return address.IsUnspecified() || address == netip.MustParseAddr(layout.NodeAddress)
}

// All runs checks and joins what they find.
func All(checks ...error) error {
	var problems Problems
	for _, err := range checks {
		var several Problems
		switch {
		case err == nil:
		case errors.As(err, &several):
			problems = append(problems, several...)
		default:
			problems = append(problems, err.Error())
		}
	}
	return problems.asError()
}
