//go:build e2e

package main_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

// traces lists what a cluster can change on a machine, by other means than
// those of the program. It is compared with what there was before, so it may
// list what others made, as long as they keep still.
func traces(t *testing.T) []string {
	t.Helper()
	return slices.Concat(processes(t), mounts(t), devices(t), tables(t), cgroups(t), files(t), settings(t))
}

// processes looks at the environment, the command line and the cgroup of each,
// so that one that lost any of these marks is still seen.
func processes(t *testing.T) []string {
	t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, folder := range folders {
		for file, mark := range map[string]string{
			"environ": layout.Marker + "=", "cmdline": layout.DefaultFolder, "cgroup": "/" + layout.Cgroup,
		} {
			// A process may end meanwhile.
			content, err := os.ReadFile(filepath.Join(folder, file))
			if err == nil && bytes.Contains(content, []byte(mark)) {
				name, _ := os.ReadFile(filepath.Join(folder, "comm"))
				found = append(found, "process "+filepath.Base(folder)+" "+strings.TrimSpace(string(name)))
				break
			}
		}
	}
	return found
}

// mounts lists those in the state folder, and network namespaces wherever they
// are mounted.
func mounts(t *testing.T) []string {
	t.Helper()
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for line := range strings.Lines(string(table)) {
		point := strings.Fields(line)[4]
		if strings.Contains(line, layout.DefaultFolder) {
			found = append(found, "mount "+point)
		}
		if strings.Contains(line, " - nsfs ") {
			found = append(found, "network namespace "+point)
		}
	}
	return found
}

func devices(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir("/sys/class/net")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, one := range entries {
		if one.Name() == layout.Bridge || strings.HasPrefix(one.Name(), "veth") {
			found = append(found, "network device "+one.Name())
		}
	}
	return found
}

func tables(t *testing.T) []string {
	t.Helper()
	listing, err := exec.CommandContext(t.Context(), "nft", "list", "tables").CombinedOutput()
	if err != nil {
		t.Fatalf("listing nftables tables: %v\n%s", err, listing)
	}
	var found []string
	for line := range strings.Lines(string(listing)) {
		found = append(found, "nftables "+strings.TrimSpace(line))
	}
	return found
}

func cgroups(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir("/sys/fs/cgroup", func(path string, entry fs.DirEntry, err error) error {
		// Others' cgroups may vanish meanwhile.
		if err == nil && entry.IsDir() && strings.Contains(entry.Name(), layout.Cgroup) {
			found = append(found, "cgroup "+path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// files lists folders, with what is in them, that Kubernetes, containerd and
// the network plugins use on any machine, and ours.
func files(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, folder := range []string{
		layout.DefaultFolder, "/etc/cni", "/etc/containerd", "/etc/kubernetes", "/etc/nri", "/opt/cni", "/opt/containerd", "/opt/nri",
		"/run/containerd", "/run/flannel", "/run/netns", "/run/nri", "/run/runc", "/run/xtables.lock", "/usr/libexec/kubernetes",
		"/var/lib/cni", "/var/lib/containerd", "/var/lib/etcd", "/var/lib/kubelet", "/var/lib/kube-proxy",
		"/var/log/containers", "/var/log/pods", "/root/.kube",
	} {
		err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				found = append(found, "file "+path)
			}
			// The state folder holds too much to be of use in a list.
			if path == layout.DefaultFolder {
				return fs.SkipDir
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// settings lists the kernel's settings that are known to be changed.
func settings(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, name := range []string{
		"kernel/keys/root_maxbytes", "kernel/keys/root_maxkeys", "kernel/panic", "kernel/panic_on_oops",
		"net/ipv4/ip_forward", "net/ipv4/conf/all/forwarding", "net/ipv4/conf/all/route_localnet",
		"net/netfilter/nf_conntrack_max", "vm/overcommit_memory", "vm/panic_on_oom",
	} {
		// Not every kernel has every setting.
		if value, err := os.ReadFile(filepath.Join("/proc/sys", name)); err == nil {
			found = append(found, "kernel setting "+name+" = "+strings.TrimSpace(string(value)))
		}
	}
	return found
}

// compare tells what differs from before.
func compare(t *testing.T, before []string) {
	t.Helper()
	now := traces(t)
	for _, one := range now {
		if !slices.Contains(before, one) {
			t.Errorf("left behind: %s", one)
		}
	}
	for _, one := range before {
		if !slices.Contains(now, one) {
			t.Errorf("removed, but not ours: %s", one)
		}
	}
}

// added tells whether there is something of that kind that was not there
// before.
func added(t *testing.T, before []string, kind string) bool {
	t.Helper()
	return slices.ContainsFunc(traces(t), func(one string) bool {
		return strings.HasPrefix(one, kind) && !slices.Contains(before, one)
	})
}
