package process

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestStartRecordsAndStopEnds(t *testing.T) {
	folder := t.TempDir()
	ledger, err := CreateLedger(filepath.Join(folder, "cluster.json"), Contents{})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	// It ignores the request to end, so that it must be killed.
	program := Program{
		Name: "stubborn", Path: "/bin/sh", Arguments: []string{"-c", "trap '' TERM; echo started; while :; do sleep 0.05; done"},
		Environment: []string{"PATH=/bin:/usr/bin", "MARK=" + folder}, Log: filepath.Join(folder, "log"),
	}
	if err := Start(ledger, program, func(err error) { ended <- err }); err != nil {
		t.Fatal(err)
	}
	read, err := ReadLedger(filepath.Join(folder, "cluster.json"))
	if err != nil || len(read.Components) != 1 {
		t.Fatalf("recorded %+v, %v", read, err)
	}
	proc := System()
	if !proc.Alive(read.Components[0].Identity) {
		t.Error("the recorded process does not run")
	}
	awaitText(t, program.Log, "started")
	find := func() ([]Identity, error) { return proc.Marked("MARK", folder) }
	if err := proc.Stop(t.Context(), 100*time.Millisecond, find); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if !strings.Contains(err.Error(), "stubborn ended") {
			t.Errorf("told %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the end was not told")
	}
	if proc.Alive(read.Components[0].Identity) {
		t.Error("it still runs")
	}
}

func awaitText(t *testing.T, path, want string) {
	t.Helper()
	for range 100 {
		if content, err := os.ReadFile(path); err == nil && strings.Contains(string(content), want) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("%s never says %q", path, want)
}

func TestStopSparesAProcessThatTookTheNumber(t *testing.T) {
	folder := t.TempDir()
	ledger, err := CreateLedger(filepath.Join(folder, "cluster.json"), Contents{})
	if err != nil {
		t.Fatal(err)
	}
	// It tells which signals it gets.
	program := Program{
		Name: "bystander", Path: "/bin/sh",
		Arguments:   []string{"-c", "trap 'echo stale' USR1; trap 'echo own' USR2; echo started; while :; do sleep 0.05; done"},
		Environment: []string{"PATH=/bin:/usr/bin", "MARK=" + folder}, Log: filepath.Join(folder, "log"),
	}
	if err := Start(ledger, program, func(error) {}); err != nil {
		t.Fatal(err)
	}
	awaitText(t, program.Log, "started")
	read, err := ReadLedger(filepath.Join(folder, "cluster.json"))
	if err != nil {
		t.Fatal(err)
	}
	bystander := read.Components[0].Identity
	stale := bystander
	stale.Start--
	proc := System()
	if err := errors.Join(proc.signalOne(stale, unix.SIGUSR1), proc.signalOne(bystander, unix.SIGUSR2)); err != nil {
		t.Error(err)
	}
	// Signals arrive in the order of their numbers, so had there been the
	// first, it would be told before the second.
	awaitText(t, program.Log, "own")
	if content, err := os.ReadFile(program.Log); err != nil || strings.Contains(string(content), "stale") {
		t.Errorf("a process was signalled for another one's identity: %q, %v", content, err)
	}
	if err := proc.Stop(t.Context(), 0, func() ([]Identity, error) { return proc.Marked("MARK", folder) }); err != nil {
		t.Error(err)
	}
}
