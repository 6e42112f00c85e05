//go:build e2e

package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

// TestNothingIsLeftAfterACrash kills the start of a cluster with kill -9 after
// every one of its steps, and demands each time that down removes all of it.
// What is left is looked for here by other means than down's own.
func TestNothingIsLeftAfterACrash(t *testing.T) {
	program := filepath.Join(t.TempDir(), "cluster")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	source, err := filepath.Abs("binaries")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAIRLEAD_CLUSTER_SOURCE", source)
	if out, err := exec.CommandContext(t.Context(), program, "status").CombinedOutput(); err == nil {
		t.Fatalf("a cluster is up; this test would remove it:\n%s", out)
	}
	before := traces(t)
	if len(before) > 0 {
		t.Fatalf("there is something before the test already: %q", before)
	}
	for steps := 1; steps <= 9; steps++ {
		t.Run(fmt.Sprintf("after %d steps", steps), func(t *testing.T) {
			if !killed(t, program, steps) {
				t.Fatalf("the start ended before its step %d", steps)
			}
			if len(traces(t)) == 0 {
				t.Error("there was nothing to remove: the kill came too early to test anything")
			}
			out, err := exec.CommandContext(t.Context(), program, "down").CombinedOutput()
			if err != nil {
				t.Errorf("down: %v\n%s", err, out)
			}
			for _, trace := range traces(t) {
				t.Errorf("left behind: %s", trace)
			}
		})
	}
}

// killed starts a cluster and kills the program once it has told of so many
// steps; false if it ended by itself before.
func killed(t *testing.T, program string, steps int) bool {
	t.Helper()
	command := exec.CommandContext(t.Context(), program, "up")
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

// traces lists what a cluster leaves on a machine: processes, mounts, network
// devices, nftables tables and files.
func traces(t *testing.T) []string {
	t.Helper()
	var found []string
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range environments {
		// A process may end between the two.
		if environment, err := os.ReadFile(path); err == nil && bytes.Contains(environment, []byte(layout.Marker+"=")) {
			found = append(found, "process "+filepath.Base(filepath.Dir(path)))
		}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, layout.DefaultFolder) {
			found = append(found, "mount "+strings.TrimSpace(line))
		}
	}
	if _, err := os.Stat("/sys/class/net/" + layout.Bridge); err == nil {
		found = append(found, "network device "+layout.Bridge)
	}
	tables, err := exec.CommandContext(t.Context(), "nft", "list", "tables").CombinedOutput()
	if err != nil {
		t.Fatalf("listing nftables tables: %v\n%s", err, tables)
	}
	if strings.Contains(string(tables), layout.ProxyTable) {
		found = append(found, "nftables "+string(tables))
	}
	if _, err := os.Stat(layout.DefaultFolder); err == nil {
		found = append(found, "folder "+layout.DefaultFolder)
	}
	return found
}
