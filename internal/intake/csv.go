package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// record is a row of a file before it is read.
type record struct {
	// line on which it begins.
	line int64
	// fields by the position of their column.
	fields []string
	// original is the record as the file has it.
	original string
	// exact is true for fields that are numbers of JSON; CSV has none.
	exact []bool
}

// source reads records of a file. An error that is a *Rejection costs one
// record, any other ends the file.
type source interface {
	next(to *record) error
}

// csvSource reads RFC 4180 as encoding/csv does, with three differences: text in
// quotes keeps its \r\n, a record is bounded, and what is wrong with the quotes
// of one line costs that line only, where it is certain where the next record
// begins.
type csvSource struct {
	lines     lineReader
	delimiter []byte
	// columns of the header; none while it is read.
	columns []string
	// text and ends are the fields of a record with quotes, one after the other.
	text []byte
	ends []int
	raw  []byte
}

func (s *csvSource) next(to *record) error {
	for {
		line, err := s.lines.next()
		to.line = s.lines.number
		if errors.Is(err, errTooLong) {
			return &Rejection{Line: to.line, Reason: "the line is longer than 1 MiB, too long to be repeated here"}
		} else if err != nil {
			return err
		}
		text := content(line)
		if len(text) == 0 {
			continue
		}
		if bytes.IndexByte(text, '"') >= 0 {
			if err := s.quoted(to, line); err != nil {
				return err
			}
		} else {
			to.original = string(text)
			s.split(to, to.original)
		}
		return s.checkCount(to)
	}
}

// split a line without quotes.
func (s *csvSource) split(to *record, text string) {
	to.fields = to.fields[:0]
	if len(s.delimiter) == 1 {
		delimiter := s.delimiter[0]
		for {
			i := strings.IndexByte(text, delimiter)
			if i < 0 {
				break
			}
			to.fields = append(to.fields, text[:i])
			text = text[i+1:]
		}
		to.fields = append(to.fields, text)
		return
	}
	for field := range strings.SplitSeq(text, string(s.delimiter)) {
		to.fields = append(to.fields, field)
	}
}

// quoted reads a record with quotes, whose first line is given.
func (s *csvSource) quoted(to *record, line []byte) error {
	s.text, s.ends, s.raw = s.text[:0], s.ends[:0], append(s.raw[:0], line...)
	for last := false; !last; {
		var err error
		if len(line) > 0 && line[0] == '"' {
			line, last, err = s.quotedField(to, line[1:])
		} else {
			line, last, err = s.plainField(to, line)
		}
		if err != nil {
			return err
		}
		s.ends = append(s.ends, len(s.text))
	}
	to.original = string(content(s.raw))
	text, begin := string(s.text), 0
	to.fields = to.fields[:0]
	for _, end := range s.ends {
		to.fields = append(to.fields, text[begin:end])
		begin = end
	}
	return nil
}

// plainField reads up to the next delimiter or the end of the record.
func (s *csvSource) plainField(to *record, line []byte) (rest []byte, last bool, err error) {
	field, rest, found := bytes.Cut(line, s.delimiter)
	if !found {
		field = content(line)
	}
	if bytes.IndexByte(field, '"') >= 0 {
		return nil, true, s.badQuote(to, to.line, rest, "a quote stands inside a text that does not begin with one")
	}
	s.text = append(s.text, field...)
	return rest, !found, nil
}

// quotedField reads what follows an opening quote, over as many lines as it has.
func (s *csvSource) quotedField(to *record, line []byte) (rest []byte, last bool, err error) {
	opened := s.lines.number
	for {
		i := bytes.IndexByte(line, '"')
		if i < 0 {
			s.text = append(s.text, line...)
			if line, err = s.more(opened); err != nil {
				return nil, true, err
			}
			continue
		}
		s.text = append(s.text, line[:i]...)
		line = line[i+1:]
		switch {
		case len(line) > 0 && line[0] == '"':
			s.text = append(s.text, '"')
			line = line[1:]
		case bytes.HasPrefix(line, s.delimiter):
			return line[len(s.delimiter):], false, nil
		case len(content(line)) == 0:
			return nil, true, nil
		default:
			return nil, true, s.badQuote(to, opened, line, "text follows a closing quote; a quote inside quotes is written twice")
		}
	}
}

// more reads the next line of a field in quotes. A quote that does not close
// leaves no way to tell where the next record begins: that ends the import.
func (s *csvSource) more(opened int64) ([]byte, error) {
	line, err := s.lines.next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("line %d: a quote opens in column %s and does not close before the end of the file", opened, s.column())
	case errors.Is(err, errTooLong), err == nil && len(s.raw)+len(line) > longestRecord:
		return nil, fmt.Errorf("line %d: a quote opens in column %s and does not close within 1 MiB", opened, s.column())
	case err != nil:
		return nil, err
	}
	s.raw = append(s.raw, line...)
	return line, nil
}

// badQuote rejects a record with a wrong quote, or ends the import where it
// cannot be told which lines belong to the record.
func (s *csvSource) badQuote(to *record, opened int64, rest []byte, reason string) error {
	column := s.column()
	if now := s.lines.number; now != to.line {
		return fmt.Errorf("line %d: a quote opens in column %s, and on line %d %s: mend the file, or rows between the lines are lost", opened, column, now, reason)
	}
	if s.opens(rest) {
		return fmt.Errorf("line %d, column %s: %s; another quote opens on the line and does not close there: mend the file, or rows that follow are lost", to.line, column, reason)
	}
	rejection := &Rejection{Line: to.line, Reason: reason, Record: []string{string(content(s.raw))}}
	if len(s.ends) < len(s.columns) {
		rejection.Column = s.columns[len(s.ends)]
	}
	return rejection
}

// opens tells whether the rest of a line opens a quote that it does not close.
func (s *csvSource) opens(rest []byte) bool {
	quote := append(bytes.Clone(s.delimiter), '"')
	if len(rest) > 0 && rest[0] == '"' && bytes.IndexByte(rest[1:], '"') < 0 {
		return true
	}
	for {
		i := bytes.Index(rest, quote)
		if i < 0 {
			return false
		}
		rest = rest[i+len(quote):]
		end := bytes.IndexByte(rest, '"')
		if end < 0 {
			return true
		}
		rest = rest[end+1:]
	}
}

// column names the column that is being read, for an error.
func (s *csvSource) column() string {
	if at := len(s.ends); at < len(s.columns) {
		return fmt.Sprintf("%q", s.columns[at])
	}
	return fmt.Sprint(len(s.ends) + 1)
}

// checkCount holds a record to the columns of the header.
func (s *csvSource) checkCount(to *record) error {
	if len(s.columns) == 0 || len(to.fields) == len(s.columns) {
		return nil
	}
	reason := fmt.Sprintf("has %d columns where the header has %d", len(to.fields), len(s.columns))
	if now := s.lines.number; now != to.line {
		reason += fmt.Sprintf(", on the lines %d to %d", to.line, now)
	}
	return &Rejection{Line: to.line, Reason: reason, Record: slices.Clone(to.fields)}
}
