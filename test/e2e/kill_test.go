//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// clusterProgram runs the cluster on this machine.
const clusterProgram = "../../bin/cluster"

// component is the process of a part of the cluster that runs on this machine; a test that needs
// it is skipped in another cluster.
func component(t *testing.T, name string) *os.Process {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), clusterProgram, "status", "-o", "json").Output()
	var status struct {
		Server     string
		Components []struct {
			Name string
			Up   bool
			PID  int
		}
	}
	if err != nil || json.Unmarshal(out, &status) != nil || status.Server != config.Host {
		t.Skipf("this is not the cluster of bin/cluster, or it is not whole, so that nothing of it is killed: %v", err)
	}
	for _, c := range status.Components {
		if c.Name == name && c.Up {
			process, err := os.FindProcess(c.PID)
			if err != nil {
				t.Fatal(err)
			}
			return process
		}
	}
	t.Fatalf("%s does not run", name)
	return nil
}

// startAgain starts a part of the cluster that was killed.
func startAgain(t *testing.T, name string) {
	t.Helper()
	if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), clusterProgram, "start", name).CombinedOutput(); err != nil {
		t.Fatalf("starting %s again: %v\n%s", name, err, out)
	}
}

// processesOf are Fairlead's processes in pods, which run on this machine.
func processesOf(t *testing.T, pods []corev1.Pod) (found []*os.Process) {
	t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	isOurs := func(folder string) bool {
		groups, err := os.ReadFile(filepath.Join(folder, "cgroup"))
		program, unreadable := os.Readlink(filepath.Join(folder, "exe"))
		if name := filepath.Base(program); err != nil || unreadable != nil || name != "fairlead" && name != "fairlead-send" {
			return false
		}
		for _, pod := range pods {
			if strings.Contains(string(groups), string(pod.UID)) {
				return true
			}
		}
		return false
	}
	for _, folder := range folders {
		if !isOurs(folder) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			t.Fatal(err)
		}
		process, err := os.FindProcess(pid)
		// The number may have changed hands before we had a handle.
		if err == nil && isOurs(folder) {
			found = append(found, process)
		}
	}
	if len(found) == 0 {
		t.Fatalf("none of %d pods has a process on this machine", len(pods))
	}
	return found
}

// kill kills processes with the signal that none can catch, and waits until they are gone.
func kill(t *testing.T, processes ...*os.Process) {
	t.Helper()
	for _, process := range processes {
		if err := process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
	}
	for _, process := range processes {
		err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, patience, true, func(context.Context) (bool, error) {
			state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process.Pid))
			// A zombie has ended; who collects it is not our matter.
			return err != nil || strings.Contains(string(state), ") Z ") || strings.Contains(string(state), ") X "), nil
		})
		if err != nil {
			t.Fatalf("process %d does not end: %v", process.Pid, err)
		}
	}
}

// workerPods are the running pods of an Outreach.
func (m *mailing) workerPods(t *testing.T, letter string) (running []corev1.Pod) {
	t.Helper()
	var pods corev1.PodList
	if err := cluster.List(t.Context(), &pods, client.InNamespace(m.namespace), client.MatchingLabels{"crm.fairlead.dev/outreach": letter}); err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods.Items {
		if pod.Status.Phase == corev1.PodRunning {
			running = append(running, pod)
		}
	}
	return running
}

// managers are the manager's pods.
func managers(t *testing.T) []corev1.Pod {
	t.Helper()
	pods, err := managerPods(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return pods
}
