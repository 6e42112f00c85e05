package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonSource reads an object a line. Numbers are handed on as they are written.
type jsonSource struct {
	lines lineReader
	// columns that the mapping reads, whether a column may be a list of texts, and
	// whether any object had it.
	columns []string
	lists   []bool
	seen    []bool
	// given tells which columns the object has so far, others its other keys.
	given  []bool
	others map[string]bool
}

func (s *jsonSource) next(to *record) error {
	for {
		line, err := s.lines.next()
		to.line = s.lines.number
		if errors.Is(err, errTooLong) {
			return &Rejection{Line: to.line, Reason: "the line is longer than 1 MiB, too long to be repeated here"}
		} else if err != nil {
			return err
		}
		line = bytes.Trim(line, " \t\r\n")
		if len(line) == 0 {
			continue
		}
		text := string(line)
		to.original = text
		if column, reason := s.object(to, line, text); reason != "" {
			return &Rejection{Line: to.line, Column: column, Reason: reason, Record: []string{text}}
		}
		return nil
	}
}

// object reads a line; the reason says why it cannot be.
func (s *jsonSource) object(to *record, line []byte, text string) (column, reason string) {
	if !json.Valid(line) {
		var ignored json.RawMessage
		return "", fmt.Sprintf("the line is no JSON: %v", json.Unmarshal(line, &ignored))
	}
	if text[0] != '{' {
		return "", "the line is no object"
	}
	to.fields = slices.Grow(to.fields[:0], len(s.columns))[:len(s.columns)]
	to.exact = slices.Grow(to.exact[:0], len(s.columns))[:len(s.columns)]
	clear(to.fields)
	clear(to.exact)
	clear(s.given)
	clear(s.others)
	w := walker{text: text, at: 1}
	expected := 0
	for w.space(); w.text[w.at] != '}'; w.space() {
		if w.text[w.at] == ',' {
			w.at++
			w.space()
		}
		key, ok := w.str()
		if !ok {
			return "", "a key is not valid Unicode: half of a surrogate pair"
		}
		w.space()
		w.at++ // The colon.
		w.space()
		i := s.position(key, expected)
		if i < 0 {
			if s.others[key] {
				return "", fmt.Sprintf("the key %s stands twice", quote(key))
			}
			s.others[key] = true
			w.skip()
			continue
		}
		if s.given[i] {
			return key, "the key stands twice"
		}
		s.given[i], s.seen[i], expected = true, true, i+1
		if to.fields[i], to.exact[i], reason = w.value(s.lists[i]); reason != "" {
			return key, reason
		}
	}
	return "", ""
}

// position of a column. Objects of a file mostly have their keys in one order,
// so the search begins where the column is expected.
func (s *jsonSource) position(key string, expected int) int {
	if expected < len(s.columns) && s.columns[expected] == key {
		return expected
	}
	return slices.Index(s.columns, key)
}

// walker goes through JSON that is known to be valid.
type walker struct {
	text string
	at   int
}

func (w *walker) space() {
	for w.at < len(w.text) && strings.IndexByte(" \t\r\n", w.text[w.at]) >= 0 {
		w.at++
	}
}

// value reads a value as the text that a column of a CSV file would have. A list
// of texts becomes one with ";" between them.
func (w *walker) value(list bool) (text string, exact bool, reason string) {
	const nested = "is an object or a list where a single value is expected"
	ok := true
	switch w.text[w.at] {
	case '"':
		text, ok = w.str()
	case '{':
		reason = nested
	case '[':
		if !list {
			return "", false, nested
		}
		text, ok, reason = w.list()
	default:
		begin := w.at
		w.skip()
		text = w.text[begin:w.at]
		exact = text[0] == '-' || isDigit(text[0])
		if text == "null" {
			text = ""
		}
	}
	if !ok {
		reason = "is not valid Unicode: half of a surrogate pair"
	}
	return text, exact, reason
}

func (w *walker) list() (text string, ok bool, reason string) {
	var parts []string
	w.at++
	for w.space(); w.text[w.at] != ']'; w.space() {
		if w.text[w.at] == ',' {
			w.at++
			continue
		}
		if w.text[w.at] != '"' {
			return "", true, "is a list of something else than texts"
		}
		part, ok := w.str()
		if !ok {
			return "", false, ""
		}
		parts = append(parts, part)
	}
	w.at++
	return strings.Join(parts, ";"), true, ""
}

// skip a value.
func (w *walker) skip() {
	for depth := 0; ; {
		switch w.text[w.at] {
		case '"':
			w.skipString()
		case '{', '[':
			depth++
			w.at++
			continue
		case '}', ']':
			depth--
			w.at++
		case ',', ':', ' ', '\t', '\r', '\n':
			w.at++
			continue
		default:
			for strings.IndexByte(",]} \t\r\n", w.text[w.at]) < 0 {
				w.at++
			}
		}
		if depth == 0 {
			return
		}
	}
}

func (w *walker) skipString() {
	for w.at++; w.text[w.at] != '"'; w.at++ {
		if w.text[w.at] == '\\' {
			w.at++
		}
	}
	w.at++
}

// str reads a string. It shares the line's memory unless there is an escape in it.
// Half of a surrogate pair is no text and not ok.
func (w *walker) str() (text string, ok bool) {
	begin := w.at + 1
	w.skipString()
	text = w.text[begin : w.at-1]
	if strings.IndexByte(text, '\\') < 0 {
		return text, true
	}
	plain := make([]byte, 0, len(text))
	for {
		i := strings.IndexByte(text, '\\')
		if i < 0 {
			return string(append(plain, text...)), true
		}
		plain = append(plain, text[:i]...)
		escape := text[i+1]
		text = text[i+2:]
		if escape != 'u' {
			if at := strings.IndexByte("bfnrt", escape); at >= 0 {
				escape = "\b\f\n\r\t"[at]
			}
			plain = append(plain, escape)
			continue
		}
		char := hex4(text)
		text = text[4:]
		if utf16.IsSurrogate(char) {
			if !strings.HasPrefix(text, `\u`) {
				return "", false
			}
			if char = utf16.DecodeRune(char, hex4(text[2:])); char == utf8.RuneError {
				return "", false
			}
			text = text[6:]
		}
		plain = utf8.AppendRune(plain, char)
	}
}

// hex4 reads the four digits of an escape.
func hex4(text string) rune {
	n, _ := strconv.ParseUint(text[:4], 16, 16)
	return rune(n)
}
