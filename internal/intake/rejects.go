package intake

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Rejection is a record of the file that is refused; it costs no other.
type Rejection struct {
	// Line on which the record begins, from 1.
	Line int64
	// Column of the file; "" where it is about the whole record.
	Column string
	// Reason in words. It may repeat what the column says.
	Reason string
	// Record as the file has it: its columns, or all of it as one text where it
	// could not be parted, as in JSON lines. Empty if it was too long.
	Record []string
}

// Error implements error.
func (r *Rejection) Error() string {
	if r.Column == "" {
		return fmt.Sprintf("line %d: %s", r.Line, r.Reason)
	}
	return fmt.Sprintf("line %d, column %q: %s", r.Line, r.Column, r.Reason)
}

// RejectsWriter writes rejections as a CSV file which a person can mend and
// import by the same mapping: line, column and reason, then the record's own
// columns, under the names they have. It writes UTF-8, with a byte order mark
// where the mapping says another encoding, and what is read of it later goes by
// the mark. Rejected JSON lines stand whole in the column "record".
type RejectsWriter struct {
	create    func() (io.WriteCloser, error)
	header    []string
	delimiter rune
	mark      bool
	file      io.WriteCloser
	to        *csv.Writer
	count     int64
}

// Rejects makes a writer of the reader's rejections. create is called when the
// first one comes; without any there is no file.
func (r *Reader) Rejects(create func() (io.WriteCloser, error)) *RejectsWriter {
	f := r.mapping.format
	delimiter, _ := utf8.DecodeRuneInString(f.delimiter)
	return &RejectsWriter{
		create:    create,
		header:    rejectsHeader(r.header),
		delimiter: delimiter,
		mark:      f.encoding != "" && !isUTF8(f.encoding),
	}
}

// rejectsHeader puts the columns of a rejection before those of the file. Where
// the file has one of the name, such as a rejects file that is imported again
// and rejected again, the file's own stays and the other gets another name.
func rejectsHeader(own []string) []string {
	header := make([]string, 0, len(own)+3)
	for _, name := range []string{"line", "column", "reason"} {
		for slices.Contains(own, name) || slices.Contains(header, name) {
			name = "rejected " + name
		}
		header = append(header, name)
	}
	return append(header, own...)
}

// Write adds a rejection.
func (w *RejectsWriter) Write(rejection *Rejection) error {
	if w.to == nil {
		file, err := w.create()
		if err != nil {
			return fmt.Errorf("making the rejects file: %w", err)
		}
		w.file, w.to = file, csv.NewWriter(file)
		w.to.Comma = w.delimiter
		if w.mark {
			if _, err := io.WriteString(file, "\ufeff"); err != nil {
				return fmt.Errorf("writing the rejects file: %w", err)
			}
		}
		if err := w.to.Write(w.header); err != nil {
			return fmt.Errorf("writing the rejects file: %w", err)
		}
	}
	w.count++
	row := append([]string{strconv.FormatInt(rejection.Line, 10), rejection.Column, rejection.Reason}, rejection.Record...)
	if err := w.to.Write(row); err != nil {
		return fmt.Errorf("writing the rejects file: %w", err)
	}
	return nil
}

// Count is the number of rejections written.
func (w *RejectsWriter) Count() int64 { return w.count }

// Close writes what is left and closes the file, if there is one.
func (w *RejectsWriter) Close() error {
	if w.to == nil {
		return nil
	}
	w.to.Flush()
	if err := errors.Join(w.to.Error(), w.file.Close()); err != nil {
		return fmt.Errorf("writing the rejects file: %w", err)
	}
	return nil
}
