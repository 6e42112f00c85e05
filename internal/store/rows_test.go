package store

import (
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzCopyEncoding reads what copyReader writes as PostgreSQL's manual says that
// it is read (COPY, File Formats, Text Format).
func FuzzCopyEncoding(f *testing.F) {
	f.Add("", "plain", int64(0), true, false)
	f.Add(`\.`, `\N`, int64(-1), false, true)
	f.Add("a\tb\nc\rd\\", "\\\\\t\n", int64(1)<<62, true, true)
	f.Fuzz(func(t *testing.T, one, two string, n int64, yes, absent bool) {
		first := textCell(one)
		if absent {
			first = cell{}
		}
		rows := rowBuffer{width: 4}
		cells := []cell{first, numberCell(n), truthCell(yes), textCell(two), textCell(two), {}, {}, textCell(one)}
		rows.add(cells...)
		for _, reader := range []io.Reader{&copyReader{rows: &rows}, iotest.OneByteReader(&copyReader{rows: &rows})} {
			data, err := io.ReadAll(reader)
			if err != nil {
				t.Fatal(err)
			}
			if read := decodeCopy(t, string(data), 4); !slices.Equal(read, cells) {
				t.Errorf("written %+v, read %+v", cells, read)
			}
		}
	})
}

// decodeCopy reads rows of which the second column is a number, the third a
// truth and the others are texts.
func decodeCopy(t *testing.T, data string, width int) []cell {
	t.Helper()
	var cells []cell
	lines := strings.Split(data, "\n")
	if lines[len(lines)-1] != "" {
		t.Fatalf("the last line does not end: %q", data)
	}
	for _, line := range lines[:len(lines)-1] {
		columns := strings.Split(line, "\t")
		if line == `\.` || len(columns) != width {
			t.Fatalf("%q is no row of %d columns", line, width)
		}
		for i, column := range columns {
			cells = append(cells, decodeCell(t, i, column))
		}
	}
	return cells
}

func decodeCell(t *testing.T, position int, column string) cell {
	t.Helper()
	if column == `\N` {
		return cell{}
	}
	value := unescape(t, column)
	switch position {
	case 1:
		return numberCell(parseNumber(t, value))
	case 2:
		return truthCell(value == "t")
	default:
		return textCell(value)
	}
}

func unescape(t *testing.T, column string) string {
	t.Helper()
	var value strings.Builder
	for i := 0; i < len(column); i++ {
		if column[i] == '\r' {
			t.Fatalf("%q has a carriage return that is not escaped", column)
		}
		if column[i] != '\\' {
			value.WriteByte(column[i])
			continue
		}
		i++
		if i == len(column) {
			t.Fatalf("%q ends in a backslash", column)
		}
		switch column[i] {
		case 't':
			value.WriteByte('\t')
		case 'n':
			value.WriteByte('\n')
		case 'r':
			value.WriteByte('\r')
		default:
			value.WriteByte(column[i])
		}
	}
	return value.String()
}

func parseNumber(t *testing.T, text string) int64 {
	t.Helper()
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return number
}
