// Package process starts programs that outlive this one, remembers them and
// ends them, without ever mistaking somebody else's process for its own.
package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Proc reads what the kernel tells about processes. Root is /proc but in
// tests.
type Proc struct {
	Root string
}

// System is the machine's own.
func System() Proc { return Proc{Root: "/proc"} }

// Stat is what is needed of /proc/PID/stat.
type Stat struct {
	// State is one letter; Z is a process that ended and was not collected.
	State byte
	// Start is when the process started, in clock ticks since the boot.
	Start uint64
}

// ParseStat reads the content of /proc/PID/stat. The program's name, second,
// may hold blanks and parentheses, so fields are counted after the last one.
func ParseStat(content []byte) (Stat, error) {
	end := bytes.LastIndexByte(content, ')')
	if end < 0 {
		return Stat{}, fmt.Errorf("no program name in %q", content)
	}
	fields := strings.Fields(string(content[end+1:]))
	// The start time is field 22 of the line, and the state field 3.
	const startField = 22 - 3
	if len(fields) <= startField || len(fields[0]) != 1 {
		return Stat{}, fmt.Errorf("too few fields in %q", content)
	}
	start, err := strconv.ParseUint(fields[startField], 10, 64)
	if err != nil {
		return Stat{}, fmt.Errorf("the start time in %q: %w", content, err)
	}
	return Stat{State: fields[0][0], Start: start}, nil
}

// Stat reads the process of that number.
func (p Proc) Stat(pid int) (Stat, error) {
	content, err := os.ReadFile(filepath.Join(p.Root, strconv.Itoa(pid), "stat"))
	if err != nil {
		return Stat{}, err
	}
	return ParseStat(content)
}

// Boot identifies the running boot of the machine. Process numbers and start
// times repeat after a reboot.
func (p Proc) Boot() (string, error) {
	content, err := os.ReadFile(filepath.Join(p.Root, "sys/kernel/random/boot_id"))
	if err != nil {
		return "", fmt.Errorf("reading which boot of the machine this is: %w", err)
	}
	return strings.TrimSpace(string(content)), nil
}

// PIDs lists the numbers of all processes.
func (p Proc) PIDs() ([]int, error) {
	entries, err := os.ReadDir(p.Root)
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var pids []int
	for _, one := range entries {
		if pid, err := strconv.Atoi(one.Name()); err == nil && pid > 0 {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// Environment reads one variable of the environment a process was started
// with.
func (p Proc) Environment(pid int, name string) (string, bool) {
	content, err := os.ReadFile(filepath.Join(p.Root, strconv.Itoa(pid), "environ"))
	if err != nil {
		return "", false
	}
	return lookup(content, name)
}

func lookup(environment []byte, name string) (string, bool) {
	for one := range bytes.SplitSeq(environment, []byte{0}) {
		if key, value, ok := bytes.Cut(one, []byte{'='}); ok && string(key) == name {
			return string(value), true
		}
	}
	return "", false
}

// Name is the short name of the program that a process runs.
func (p Proc) Name(pid int) string {
	content, err := os.ReadFile(filepath.Join(p.Root, strconv.Itoa(pid), "comm"))
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(content))
}
