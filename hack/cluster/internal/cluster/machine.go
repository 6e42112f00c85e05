package cluster

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/process"
)

// kernelSettings are what the kubelet and the network plugins change.
func kernelSettings() []string {
	return []string{
		"kernel/keys/root_maxbytes",
		"kernel/keys/root_maxkeys",
		"kernel/panic",
		"kernel/panic_on_oops",
		"net/ipv4/ip_forward",
		"vm/overcommit_memory",
		"vm/panic_on_oom",
	}
}

// Folders outside of ours whose place is fixed in the programs. The deeper
// ones come first, so that they are removed before their parents.
const (
	containerLogs = "/var/log/containers"
	networkCache  = "/var/lib/cni/results"
)

func fixedFolders() []string {
	return []string{
		containerLogs,
		networkCache,
		"/var/lib/cni",
		"/var/lib/kubelet/device-plugins",
		"/var/lib/kubelet/plugins_registry",
		"/var/lib/kubelet",
		"/run/containerd/s",
		"/run/containerd",
		"/run/netns",
		"/opt/containerd/bin",
		"/opt/containerd/lib",
		"/opt/containerd",
		"/opt/cni",
		"/etc/containerd",
		"/etc/cni/net.d",
		"/etc/cni",
		"/etc/nri/conf.d",
		"/etc/nri",
		"/run/mount",
		"/usr/libexec/kubernetes/kubelet-plugins/volume/exec",
		"/usr/libexec/kubernetes/kubelet-plugins/volume",
		"/usr/libexec/kubernetes/kubelet-plugins",
		"/usr/libexec/kubernetes",
	}
}

// observeMachine notes what is to be restored when the cluster is gone.
func observeMachine() process.Machine {
	observed := process.Machine{Settings: map[string]string{}}
	for _, name := range kernelSettings() {
		// Not every kernel has every setting.
		if content, err := os.ReadFile(filepath.Join("/proc/sys", name)); err == nil {
			observed.Settings[name] = strings.TrimSpace(string(content))
		}
	}
	for _, folder := range fixedFolders() {
		if _, err := os.Lstat(folder); errors.Is(err, os.ErrNotExist) {
			observed.AbsentFolders = append(observed.AbsentFolders, folder)
		}
	}
	return observed
}

// restoreSettings puts kernel settings back.
func restoreSettings(observed process.Machine) error {
	var problems []error
	for name, value := range observed.Settings {
		path := filepath.Join("/proc/sys", name)
		content, err := os.ReadFile(path)
		if err != nil || strings.TrimSpace(string(content)) == value {
			continue
		}
		if err := os.WriteFile(path, []byte(value), 0o600); err != nil {
			problems = append(problems, fmt.Errorf("restoring the kernel setting %s to %s: %w", name, value, err))
		}
	}
	return errors.Join(problems...)
}

// strayFiles lists files of the cluster outside of its folder: links to logs
// of our pods, and what the network library remembers of our network.
func strayFiles(where layout.Layout) []string {
	var found []string
	links, _ := filepath.Glob(filepath.Join(containerLogs, "*"))
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, where.Folder+"/") {
			found = append(found, link)
		}
	}
	cached, _ := filepath.Glob(filepath.Join(networkCache, layout.PodNetwork+"-*"))
	return append(found, cached...)
}

// removeStrayFiles removes them, and the folders that were not there before
// and are empty now.
func removeStrayFiles(where layout.Layout, observed process.Machine) error {
	var problems []error
	for _, path := range strayFiles(where) {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			problems = append(problems, err)
		}
	}
	for _, folder := range observed.AbsentFolders {
		if folder == "/var/lib/kubelet/device-plugins" {
			// The kubelet's socket and its notes: it made the folder, so they
			// are its own.
			for _, name := range []string{"kubelet.sock", "kubelet_internal_checkpoint", "DEPRECATION"} {
				_ = os.Remove(filepath.Join(folder, name))
			}
		}
		// Only an empty folder can be removed this way.
		_ = os.Remove(folder)
	}
	return errors.Join(problems...)
}
