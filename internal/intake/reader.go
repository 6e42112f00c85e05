package intake

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// mostColumns bounds the columns of a file.
const mostColumns = 10_000

// Reader reads the rows of one file, in memory that does not grow with it. Only
// Offset and Parts may be called while Next runs.
type Reader struct {
	mapping *Mapping
	input   *counter
	source  source
	// header is what the file names its columns.
	header []string
	steps  []step
	ignore []boundRule
	key    []int
	row    filler

	record   record
	records  int64
	ignored  int64
	rejected int64
	found    warnings
	pending  []Warning
	ended    error
}

// boundRule is an ignoreRule with the position of its column.
type boundRule struct {
	index  int
	values []string
}

// Read begins a file: CSV or JSON lines by the mapping, compressed with gzip or
// not. A column of the mapping that the header does not have is an error that
// lists the columns there are. JSON lines have no header: a column that no
// object had is a Warning at the end.
func (m *Mapping) Read(from io.Reader) (*Reader, error) {
	r := &Reader{mapping: m, input: &counter{from: from}, steps: slices.Clone(m.steps)}
	text, decoded, err := decode(r.input, m.format.encoding)
	if err != nil {
		return nil, err
	}
	lines := lineReader{from: text}
	if m.format.fileType == JSONLines {
		r.readObjects(lines)
	} else if err := r.readHeader(lines); err != nil {
		return nil, err
	}
	written := m.conventions()
	written.decoded = decoded
	r.row.prepare(r, written)
	return r, nil
}

// readObjects makes the reader one of JSON lines.
func (r *Reader) readObjects(lines lineReader) {
	source := &jsonSource{lines: lines, others: map[string]bool{}}
	r.bind(func(column string) (int, bool) {
		at := slices.Index(source.columns, column)
		if at < 0 {
			at = len(source.columns)
			source.columns = append(source.columns, column)
		}
		return at, true
	})
	source.seen, source.given = make([]bool, len(source.columns)), make([]bool, len(source.columns))
	source.lists = make([]bool, len(source.columns))
	for at := range source.columns {
		isSet := func(s step) bool { return s.index != at || s.meaning.Kind == customer.Words }
		source.lists[at] = !slices.ContainsFunc(r.steps, func(s step) bool { return !isSet(s) }) && !slices.Contains(r.key, at)
	}
	r.header, r.source = []string{"record"}, source
}

// readHeader makes the reader one of CSV, and holds the file to the mapping.
func (r *Reader) readHeader(lines lineReader) error {
	f := r.mapping.format
	source := &csvSource{lines: lines, delimiter: []byte(f.delimiter)}
	r.source = source
	r.header = f.columnNames
	if len(f.columnNames) == 0 {
		if err := r.readNames(source); err != nil {
			return err
		}
	} else if first := []byte(strings.Join(rejectsHeader(f.columnNames), f.delimiter)); source.peeks(first) {
		// Rejects of a file without a header have one.
		if err := r.readNames(source); err != nil {
			return err
		}
	}
	source.columns = r.header
	if missing := r.bind(func(column string) (int, bool) {
		at := slices.Index(r.header, column)
		return at, at >= 0
	}); len(missing) > 0 {
		return r.missing(missing)
	}
	return nil
}

// peeks tells whether the file begins with a line.
func (s *csvSource) peeks(line []byte) bool {
	begin, _ := s.lines.from.Peek(len(line) + 1)
	return len(begin) == len(line)+1 && string(begin[:len(line)]) == string(line) && (begin[len(line)] == '\n' || begin[len(line)] == '\r')
}

// readNames reads the header of a CSV file.
func (r *Reader) readNames(source *csvSource) error {
	var first record
	switch err := source.next(&first); {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty: not even a header stands in it")
	case err != nil:
		return fmt.Errorf("reading the header: %w", err)
	}
	if len(first.fields) > mostColumns {
		return fmt.Errorf("the header has %d columns; %d are the most", len(first.fields), mostColumns)
	}
	r.header = make([]string, len(first.fields))
	known := make(map[string]bool, len(first.fields))
	for i, field := range first.fields {
		name := strings.Clone(trim(field))
		if known[name] && name != "" {
			return fmt.Errorf("the header has two columns %s", quote(name))
		}
		known[name], r.header[i] = true, name
	}
	return nil
}

// bind gives every step, rule and part of the key the position of its column,
// and returns the columns that are not there.
func (r *Reader) bind(position func(column string) (int, bool)) (missing []string) {
	find := func(column string) int {
		at, ok := position(column)
		if !ok && !slices.Contains(missing, column) {
			missing = append(missing, column)
		}
		return at
	}
	for i := range r.steps {
		r.steps[i].index = -1
		if r.steps[i].column != "" {
			r.steps[i].index = find(r.steps[i].column)
		}
	}
	for _, rule := range r.mapping.ignore {
		r.ignore = append(r.ignore, boundRule{index: find(rule.column), values: rule.values})
	}
	for _, column := range r.mapping.key {
		r.key = append(r.key, find(column))
	}
	return missing
}

// missing says which columns a header lacks.
func (r *Reader) missing(columns []string) error {
	var problems []error
	for _, column := range columns {
		problems = append(problems, fmt.Errorf("the file has no column %q%s", column, suggest(column, r.header)))
	}
	list := make([]string, 0, len(r.header))
	for _, name := range r.header[:min(len(r.header), 100)] {
		list = append(list, quote(name))
	}
	hint := ""
	switch whole := strings.Join(r.header, ""); {
	case strings.ContainsRune(whole, '\r'):
		hint = "; its lines end in a lone carriage return: convert them to \\n"
	case strings.ContainsRune(whole, 0):
		hint = "; it has NUL characters: format.encoding is perhaps UTF-16"
	case len(r.header) == 1:
		hint = "; with one column only, format.delimiter is perhaps another"
	}
	problems = append(problems, fmt.Errorf("the columns of the file are %s%s", strings.Join(list, ", "), hint))
	return errors.Join(problems...)
}

// Next fills the row with the next one of the file, over whatever it held, and
// uses its slices again: who keeps a row copies them. Its texts may be kept. At
// the end it gives io.EOF. A *Rejection refuses one record, and the next call
// goes on after it; the row's content means nothing then. Any other error ends
// the file, and comes again.
func (r *Reader) Next(row *customer.Row) error {
	for r.ended == nil {
		if err := r.source.next(&r.record); err != nil {
			return r.stop(err)
		}
		r.records++
		if r.isIgnored() {
			r.ignored++
			continue
		}
		r.pending = r.pending[:0]
		if rejection := r.row.fill(r, row); rejection != nil {
			r.rejected++
			return rejection
		}
		for _, one := range r.pending {
			r.found.add(one)
		}
		return nil
	}
	return r.ended
}

// stop takes what a source gives instead of a record.
func (r *Reader) stop(err error) error {
	if rejection := (*Rejection)(nil); errors.As(err, &rejection) {
		r.records++
		r.rejected++
		return rejection
	}
	r.ended = err
	r.finish()
	return err
}

// isIgnored tells whether the mapping leaves the record out.
func (r *Reader) isIgnored() bool {
	for i := range r.ignore {
		rule := &r.ignore[i]
		text := trim(r.record.fields[rule.index])
		for _, value := range rule.values {
			if value == text {
				return true
			}
		}
	}
	return false
}

// finish looks back at the end of a file.
func (r *Reader) finish() {
	objects, ok := r.source.(*jsonSource)
	if !ok || r.records == 0 || !errors.Is(r.ended, io.EOF) {
		return
	}
	for i, seen := range objects.seen {
		if !seen {
			r.found.add(Warning{Kind: MissingColumn, Field: objects.columns[i]})
		}
	}
}

// reject refuses the record because of a column; -1 for none of them.
func (r *Reader) reject(index int, format string, arguments ...any) *Rejection {
	rejection := &Rejection{Line: r.record.line, Reason: fmt.Sprintf(format, arguments...), Record: r.raw()}
	if index < 0 {
		return rejection
	}
	if objects, ok := r.source.(*jsonSource); ok {
		rejection.Column = objects.columns[index]
	} else {
		rejection.Column = r.header[index]
	}
	return rejection
}

// warn notes what is left out, if the row is not rejected after all.
func (r *Reader) warn(kind WarningKind, field, text string) {
	if kind == BadEmail {
		text = ""
	}
	r.pending = append(r.pending, Warning{Kind: kind, Field: field, Text: shorten(text), Rows: 1, Line: r.record.line})
}

// raw is the record that was read last, as Rejection.Record has it.
func (r *Reader) raw() []string {
	if _, ok := r.source.(*jsonSource); ok {
		return []string{r.record.original}
	}
	return slices.Clone(r.record.fields)
}

// Header names the columns of the file as it does; for JSON lines, the one
// column of its rejects.
func (r *Reader) Header() []string { return r.header }

// Records counts the records read: rows given, rejected and ignored.
func (r *Reader) Records() int64 { return r.records }

// Ignored counts the records that the mapping leaves out on purpose.
func (r *Reader) Ignored() int64 { return r.ignored }

// Rejected counts the records refused.
func (r *Reader) Rejected() int64 { return r.rejected }

// Warnings tells what was left out of the rows given so far, the most frequent
// first. A hundred texts of one kind and field are told apart, the others are
// counted together.
func (r *Reader) Warnings() []Warning { return r.found.list() }

// Offset is how many bytes of the input were read, before unpacking and
// decoding, buffers included: for a progress bar, and safe while Next runs.
func (r *Reader) Offset() int64 { return r.input.count.Load() }
