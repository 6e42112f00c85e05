package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Record is what is remembered of one component.
type Record struct {
	// Name is the component's.
	Name string `json:"name"`
	// Version of its program.
	Version string `json:"version,omitempty"`
	// Identity of its process; the PID is 0 while it is being started.
	Identity Identity `json:"identity"`
	// Since is when it was started.
	Since time.Time `json:"since"`
}

// Contents is what the ledger's file holds.
type Contents struct {
	// Created is when the cluster began to start.
	Created time.Time `json:"created"`
	// Complete tells that the start came to its end.
	Complete bool `json:"complete"`
	// Programs is the folder of the programs.
	Programs string `json:"programs"`
	// Machine is what was found before the start, to be restored after.
	Machine Machine `json:"machine"`
	// Components are the processes in the order of their start.
	Components []Record `json:"components"`
}

// Machine is the state of the machine from before the start.
type Machine struct {
	// Settings are kernel settings by their path.
	Settings map[string]string `json:"settings,omitempty"`
	// AbsentFolders did not exist.
	AbsentFolders []string `json:"absentFolders,omitempty"`
}

// Ledger is a file that remembers the cluster's processes. It is written
// before and after each start, so that a program that is killed in between
// leaves enough behind to clean up after it.
type Ledger struct {
	path     string
	mutex    sync.Mutex
	contents Contents
}

// ErrNoLedger tells that there is no cluster.
var ErrNoLedger = errors.New("there is no cluster")

// CreateLedger begins a ledger.
func CreateLedger(path string, contents Contents) (*Ledger, error) {
	ledger := &Ledger{path: path, contents: contents}
	return ledger, ledger.save()
}

// OpenLedger goes on with a ledger that is there.
func OpenLedger(path string) (*Ledger, error) {
	contents, err := ReadLedger(path)
	if err != nil {
		return nil, err
	}
	return &Ledger{path: path, contents: contents}, nil
}

// ReadLedger reads what a ledger holds.
func ReadLedger(path string) (Contents, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Contents{}, ErrNoLedger
	}
	if err != nil {
		return Contents{}, fmt.Errorf("reading the record of processes: %w", err)
	}
	var read Contents
	if err := json.Unmarshal(content, &read); err != nil {
		return Contents{}, fmt.Errorf("the record of processes %s is damaged: %w", path, err)
	}
	return read, nil
}

// Unfinished is the file that a ledger is written to before it takes its place.
func Unfinished(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".new")
}

// Contents is what the ledger holds.
func (l *Ledger) Contents() Contents {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	held := l.contents
	held.Components = slices.Clone(held.Components)
	return held
}

// Put adds a record or replaces the one of that name, and saves.
func (l *Ledger) Put(record Record) error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for i := range l.contents.Components {
		if l.contents.Components[i].Name == record.Name {
			l.contents.Components[i] = record
			return l.save()
		}
	}
	l.contents.Components = append(l.contents.Components, record)
	return l.save()
}

// Complete notes that the start came to its end.
func (l *Ledger) Complete() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.contents.Complete = true
	return l.save()
}

// save writes the file whole or not at all.
func (l *Ledger) save() error {
	content, err := json.MarshalIndent(l.contents, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the record of processes: %w", err)
	}
	temporary := Unfinished(l.path)
	if err := os.WriteFile(temporary, append(content, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the record of processes: %w", err)
	}
	if err := os.Rename(temporary, l.path); err != nil {
		return fmt.Errorf("writing the record of processes: %w", err)
	}
	return nil
}
