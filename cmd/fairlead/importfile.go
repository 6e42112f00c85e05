package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/intake"
)

// importInput is an open file with the mapping that it fits.
type importInput struct {
	mapping *intake.Mapping
	file    io.ReadCloser
	// size of the file in bytes; 0 where it is not known.
	size   int64
	reader *intake.Reader
}

// openInput reads the mapping and the head of the file.
func (o *importOptions) openInput(ctx context.Context, stdin io.Reader) (in *importInput, err error) {
	data, err := os.ReadFile(o.mappingFile)
	if err != nil {
		return nil, usageError{fmt.Errorf("reading the mapping: %w", err)}
	}
	in = &importInput{}
	if in.mapping, err = intake.ParseMapping(data); err != nil {
		return nil, usageError{fmt.Errorf("mapping %s:\n%w", o.mappingFile, err)}
	}
	if in.file, in.size, err = o.openFile(ctx, stdin); err != nil {
		return nil, usageError{err}
	}
	in.reader, err = in.mapping.Read(in.file)
	switch {
	case ctx.Err() != nil:
		err = errInterrupted
	case err != nil:
		err = usageError{fmt.Errorf("%s does not fit mapping %s: %w", o.file, o.mappingFile, err)}
	case in.mapping.Mode == intake.Snapshot && isRejects(in.reader.Header()):
		err = usageError{fmt.Errorf("%s has rejected rows only, and a Snapshot would withdraw all others: mend the whole file and import that", o.file)}
	}
	if err != nil {
		in.file.Close()
		return nil, err
	}
	return in, nil
}

// openFile opens what is to be imported; size is 0 where it is not known.
func (o *importOptions) openFile(ctx context.Context, stdin io.Reader) (io.ReadCloser, int64, error) {
	if o.file == "-" {
		return interruptible(ctx, stdin), 0, nil
	}
	file, err := os.Open(o.file)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	if info.IsDir() {
		file.Close()
		return nil, 0, fmt.Errorf("%s is a folder", o.file)
	}
	if rejects, err := os.Stat(o.rejectsFile); err == nil && os.SameFile(info, rejects) {
		file.Close()
		return nil, 0, errors.New("--rejects names the file that is to be imported: it would be overwritten while it is read")
	}
	return file, info.Size(), nil
}

// interruptible reads until the context ends, although what it reads from may
// say nothing more and not end either, as a terminal does.
func interruptible(ctx context.Context, from io.Reader) io.ReadCloser {
	reader, writer := io.Pipe()
	go func() {
		_, err := io.Copy(writer, from)
		writer.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { writer.CloseWithError(ctx.Err()) })
	return reader
}

// isRejects tells whether the columns of a file are those of rejected rows.
func isRejects(header []string) bool {
	return len(header) > 3 && slices.EqualFunc(header[:3], []string{"line", "column", "reason"}, func(name, want string) bool {
		for strings.HasPrefix(name, "rejected ") {
			name = strings.TrimPrefix(name, "rejected ")
		}
		return name == want
	})
}
