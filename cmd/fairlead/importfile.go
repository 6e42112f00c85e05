package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

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
