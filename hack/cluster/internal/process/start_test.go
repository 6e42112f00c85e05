package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	if err := Start(ledger, Program{
		Name: "bystander", Path: "/bin/sleep", Arguments: []string{"60"}, Environment: []string{"MARK=" + folder}, Log: filepath.Join(folder, "log"),
	}, func(error) {}); err != nil {
		t.Fatal(err)
	}
	proc := System()
	marked, err := proc.Marked("MARK", folder)
	if err != nil || len(marked) != 1 {
		t.Fatalf("found %v, %v", marked, err)
	}
	bystander := marked[0]
	stale := bystander
	stale.Start--
	if err := proc.signalOne(stale, 9); err != nil {
		t.Error(err)
	}
	time.Sleep(50 * time.Millisecond)
	if !proc.Alive(bystander) {
		t.Error("a process was ended for another one's identity")
	}
	if err := proc.Stop(t.Context(), 0, func() ([]Identity, error) { return proc.Marked("MARK", folder) }); err != nil {
		t.Error(err)
	}
}
