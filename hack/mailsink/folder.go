package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/fairlead/fairlead/test/mailsink"
)

// fileName is how files of ours are called: others in the folder are left alone.
// Their order by name is the order in which messages came.
var fileName = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}\.[0-9]{6}Z-[0-9]{8,}\.eml$`)

// folder keeps the newest messages as files. A nil folder keeps nothing.
type folder struct {
	dir    string
	newest int
	// names of the files there are, the oldest first.
	names []string
	// last is the number of the message that was written last.
	last int
}

// openFolder finds what an earlier run has left.
func openFolder(dir string, newest int) (*folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the folder for messages: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the folder for messages: %w", err)
	}
	f := &folder{dir: dir, newest: newest}
	for _, entry := range entries {
		if fileName.MatchString(entry.Name()) {
			f.names = append(f.names, entry.Name())
		}
	}
	return f, nil
}

// follow writes messages as they come, until the context ends. When they come faster
// than files can be written, some are left out: those that others would have pushed
// out soon.
func (f *folder) follow(ctx context.Context, sink *mailsink.Sink) error {
	for f != nil {
		// Counted before writing: what comes meanwhile is the next turn's.
		total := sink.Total()
		if err := f.write(sink); err != nil {
			return err
		}
		if sink.WaitFor(ctx, total+1) != nil {
			return nil
		}
	}
	return nil
}

// write writes what is not written yet, and removes what is too old.
func (f *folder) write(sink *mailsink.Sink) error {
	if f == nil {
		return nil
	}
	for _, message := range sink.MessagesAfter(f.last) {
		name := fmt.Sprintf("%s-%08d.eml", message.Time.UTC().Format("20060102T150405.000000Z"), message.Number)
		path := filepath.Join(f.dir, name)
		// Under its name a file is whole.
		err := errors.Join(os.WriteFile(path+".part", message.Raw, 0o600), os.Rename(path+".part", path))
		if err != nil {
			return fmt.Errorf("keeping a message as a file: %w", err)
		}
		f.last = message.Number
		f.names = append(f.names, name)
	}
	for len(f.names) > f.newest {
		if err := os.Remove(filepath.Join(f.dir, f.names[0])); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("removing an old message: %w", err)
		}
		f.names = f.names[1:]
	}
	return nil
}
