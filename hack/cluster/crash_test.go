//go:build e2e

package main_test

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

// steps is how many steps a start tells of.
const steps = 10

// TestNothingIsLeftAfterACrash kills the start of a cluster with kill -9 after
// every one of its steps, then removals of a cluster with a pod, and demands
// each time that down removes all of it.
func TestNothingIsLeftAfterACrash(t *testing.T) {
	program := built(t)
	before := traces(t)
	for step := 1; step <= steps; step++ {
		t.Run(fmt.Sprintf("of up after step %d", step), func(t *testing.T) {
			if !killed(t, program, "up", step) {
				t.Fatalf("the start ended before its step %d", step)
			}
			if !added(t, before, "") {
				t.Error("there was nothing to remove: the kill came too early to test anything")
			}
			demand(t, "nothing is left of it", program, "down")
			compare(t, before)
		})
	}
	t.Run("of down with a pod", func(t *testing.T) {
		demand(t, "The cluster is up after", program, "up")
		runPod(t, program)
		step := 1
		for ; step <= 7 && added(t, before, ""); step++ {
			if !killed(t, program, "down", step) {
				t.Errorf("down ended before its step %d", step)
			}
		}
		if step <= 2 {
			t.Error("nothing was left after the first step: the kill came too late to test anything")
		}
		demand(t, "", program, "down")
		compare(t, before)
	})
}

// TestNothingIsLeftWithoutACrash is the whole way of a cluster: up, up again,
// a pod, down, down again.
func TestNothingIsLeftWithoutACrash(t *testing.T) {
	program := built(t)
	before := traces(t)
	demand(t, "The cluster is up after", program, "up")
	demand(t, "The cluster is up already", program, "up")
	runPod(t, program)
	// What is looked for must be seen while it is there.
	for _, kind := range []string{
		"process", "mount " + layout.DefaultFolder, "network namespace", "network device " + layout.Bridge,
		"network device veth", "nftables", "cgroup", "file " + layout.DefaultFolder, "kernel setting",
	} {
		if !added(t, before, kind) {
			t.Errorf("no trace of the kind %q is seen of a whole cluster, so none left would be", kind)
		}
	}
	demand(t, "nothing is left of it", program, "down")
	compare(t, before)
	demand(t, "There is no cluster", program, "down")
	compare(t, before)
}

// built builds the program and makes sure that there is no cluster to lose.
func built(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "cluster")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	source, err := filepath.Abs("binaries")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAIRLEAD_CLUSTER_SOURCE", source)
	t.Setenv("FAIRLEAD_CLUSTER_DIR", layout.DefaultFolder)
	if out, err := exec.CommandContext(t.Context(), program, "status").CombinedOutput(); err == nil || !strings.Contains(string(out), "is down") {
		t.Fatalf("there is a cluster, or something of one; remove it with 'cluster down':\n%s", out)
	}
	// A test that fails half way leaves no cluster, either.
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if out, err := exec.CommandContext(ctx, program, "down").CombinedOutput(); err != nil {
			t.Errorf("removing what the test left: %v\n%s", err, out)
		}
	})
	return program
}

// demand runs the program and demands that it succeeds and says something.
func demand(t *testing.T, wanted, program string, arguments ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), wanted) {
		t.Fatalf("%q gives %v and does not say %q, or should have succeeded:\n%s", arguments, err, wanted, out)
	}
}

// killed runs the program and kills it once it has told of so many steps;
// false if it ended by itself before.
func killed(t *testing.T, program, argument string, steps int) bool {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, argument)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stderr = command.Stdout
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	seen := 0
	scanner := bufio.NewScanner(stdout)
	for seen < steps && scanner.Scan() {
		// "  3.1 s  coredns is ready"
		if fields := strings.Fields(scanner.Text()); len(fields) > 2 && fields[1] == "s" {
			seen++
		}
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // it was killed
	return seen == steps
}

// runPod runs a pod of the only image that every cluster has, as a user would.
func runPod(t *testing.T, program string) {
	t.Helper()
	const script = `set -e
environment=$("$0" env)
eval "$environment"
# Where kubectl remembers an API server is the user's, and not the cluster's.
KUBECACHEDIR=$(mktemp -d)
export KUBECACHEDIR
trap 'rm -rf "$KUBECACHEDIR"' EXIT
kubectl apply --filename - <<'EOF'
apiVersion: v1
kind: Pod
metadata:
  name: idle
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: idle
      image: ` + layout.PauseImage + `
      imagePullPolicy: Never
      volumeMounts: [{name: scratch, mountPath: /scratch}]
  volumes:
    - name: scratch
      emptyDir: {medium: Memory}
EOF
kubectl wait --for=condition=Ready --timeout=60s pod/idle
`
	if out, err := exec.CommandContext(t.Context(), "/bin/sh", "-c", script, program).CombinedOutput(); err != nil {
		t.Fatalf("running a pod: %v\n%s", err, out)
	}
}
