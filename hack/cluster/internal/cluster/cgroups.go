package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/process"
)

// ourCgroups lists our cgroup's folder in every hierarchy: one on machines
// with cgroup v2, one for each controller with v1.
func ourCgroups() ([]string, error) {
	mounts, err := readMounts()
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, one := range mounts {
		ours := filepath.Join(one.point, layout.Cgroup)
		if (one.filesystem == "cgroup" || one.filesystem == "cgroup2") && !slices.Contains(folders, ours) {
			folders = append(folders, ours)
		}
	}
	return folders, nil
}

// createCgroups makes our cgroup, which the kubelet demands to exist.
func createCgroups() error {
	folders, err := ourCgroups()
	if err != nil {
		return err
	}
	if len(folders) == 0 {
		return errors.New("no cgroup hierarchy is mounted; mount one at /sys/fs/cgroup")
	}
	for _, folder := range folders {
		enableControllers(filepath.Dir(folder))
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return fmt.Errorf("making the cgroup of the pods: %w", err)
		}
	}
	return nil
}

// enableControllers lets children of a cgroup v2 root use its controllers.
// One that cannot be enabled is the kubelet's to complain of, should it be
// needed.
func enableControllers(root string) {
	available, err := os.ReadFile(filepath.Join(root, "cgroup.controllers"))
	if err != nil {
		return
	}
	for _, controller := range strings.Fields(string(available)) {
		_ = os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+"+controller), 0o600)
	}
}

// podProcesses lists every process of every pod.
func podProcesses(proc process.Proc) ([]process.Identity, error) {
	folders, err := ourCgroups()
	if err != nil {
		return nil, err
	}
	seen := map[int]bool{}
	var found []process.Identity
	for _, folder := range folders {
		for _, pid := range processesBelow(folder) {
			if seen[pid] {
				continue
			}
			seen[pid] = true
			if who, err := proc.Identify(pid); err == nil && proc.Alive(who) {
				found = append(found, who)
			}
		}
	}
	return found, nil
}

func processesBelow(folder string) []int {
	var pids []int
	// Cgroups vanish while we look; what cannot be read is gone.
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil
		}
		content, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
		if err != nil {
			return nil
		}
		for _, field := range strings.Fields(string(content)) {
			if pid, err := strconv.Atoi(field); err == nil && pid > 0 {
				pids = append(pids, pid)
			}
		}
		return nil
	})
	return pids
}

// removeCgroups removes our cgroup with everything below it.
func removeCgroups() error {
	folders, err := ourCgroups()
	if err != nil {
		return err
	}
	var problems []error
	for _, folder := range folders {
		problems = append(problems, removeCgroup(folder))
	}
	return errors.Join(problems...)
}

// removeCgroup removes the deepest first. The kernel lets go of a cgroup a
// moment after its last process has ended, so it is tried for a while.
func removeCgroup(folder string) error {
	var last error
	for range 40 {
		var below []string
		_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err == nil && entry.IsDir() {
				below = append(below, path)
			}
			return nil
		})
		if len(below) == 0 {
			return nil
		}
		for _, one := range slices.Backward(below) {
			if err := os.Remove(one); err != nil && !errors.Is(err, os.ErrNotExist) {
				last = err
			}
		}
		if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return fmt.Errorf("removing the cgroup %s: %w", folder, last)
}
