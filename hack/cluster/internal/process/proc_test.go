package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func line(name string, state byte, start uint64) string {
	return fmt.Sprintf("42 (%s) %c 1 42 42 0 -1 4194560 0 0 0 0 1 2 0 0 20 0 9 0 %d 1234 0 18446744073709551615\n", name, state, start)
}

func TestParseStat(t *testing.T) {
	for name, test := range map[string]struct {
		content string
		want    Stat
		problem string
	}{
		"plain":              {content: line("etcd", 'S', 777), want: Stat{'S', 777}},
		"blanks in name":     {content: line("a b c", 'R', 5), want: Stat{'R', 5}},
		"parentheses":        {content: line("x) R 1 (", 'Z', 9), want: Stat{'Z', 9}},
		"empty":              {content: "", problem: "no program name"},
		"cut short":          {content: "42 (x) S 1 2", problem: "too few fields"},
		"start not a number": {content: strings.Replace(line("x", 'S', 777), "777", "abc", 1), problem: "start time"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseStat([]byte(test.content))
			if test.problem != "" {
				if err == nil || !strings.Contains(err.Error(), test.problem) {
					t.Errorf("error is %v, want one with %q", err, test.problem)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

// fakeProc is a /proc of our own making.
func fakeProc(t *testing.T, boot string) Proc {
	t.Helper()
	proc := Proc{Root: t.TempDir()}
	write(t, proc, "sys/kernel/random/boot_id", boot+"\n")
	return proc
}

func write(t *testing.T, proc Proc, name, content string) {
	t.Helper()
	path := filepath.Join(proc.Root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestAliveNeverMistakesAProcess(t *testing.T) {
	proc := fakeProc(t, "boot-1")
	write(t, proc, "42/stat", line("etcd", 'S', 777))
	write(t, proc, "43/stat", line("etcd", 'Z', 777))
	for name, test := range map[string]struct {
		who  Identity
		want bool
	}{
		"the same":              {Identity{42, 777, "boot-1"}, true},
		"number used again":     {Identity{42, 776, "boot-1"}, false},
		"after a reboot":        {Identity{42, 777, "boot-0"}, false},
		"ended, not collected":  {Identity{43, 777, "boot-1"}, false},
		"gone":                  {Identity{44, 777, "boot-1"}, false},
		"never identified":      {Identity{}, false},
		"a whole process group": {Identity{-42, 777, "boot-1"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := proc.Alive(test.who); got != test.want {
				t.Errorf("alive is %t, want %t", got, test.want)
			}
		})
	}
}

func TestMarked(t *testing.T) {
	proc := fakeProc(t, "boot-1")
	for pid, environment := range map[int]string{
		10: "PATH=/bin\x00MARK=/a\x00",
		11: "MARK=/b\x00",
		12: "XMARK=/a\x00MARKED=/a\x00",
		13: "",
	} {
		write(t, proc, strconv.Itoa(pid)+"/stat", line("x", 'S', uint64(pid)))
		write(t, proc, strconv.Itoa(pid)+"/environ", environment)
	}
	for value, want := range map[string]int{"/a": 1, "/b": 1, "/c": 0, "": 2} {
		got, err := proc.Marked("MARK", value)
		if err != nil || len(got) != want {
			t.Errorf("value %q: got %v, %v, want %d", value, got, err, want)
		}
	}
}

func TestLedgerSurvivesAndReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cluster.json")
	if _, err := ReadLedger(path); !errors.Is(err, ErrNoLedger) {
		t.Errorf("error is %v, want %v", err, ErrNoLedger)
	}
	ledger, err := CreateLedger(path, Contents{Programs: "/p"})
	if err != nil {
		t.Fatal(err)
	}
	who := Identity{PID: 1, Start: 2, Boot: "b"}
	for _, record := range []Record{{Name: "etcd"}, {Name: "kubelet"}, {Name: "etcd", Identity: who}} {
		if err := ledger.Put(record); err != nil {
			t.Fatal(err)
		}
	}
	read, err := ReadLedger(path)
	if err != nil || len(read.Components) != 2 || read.Components[0].Identity != who || read.Complete || read.Programs != "/p" {
		t.Errorf("read %+v, %v", read, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadLedger(path); err == nil || errors.Is(err, ErrNoLedger) {
		t.Errorf("a damaged record gives %v", err)
	}
}
