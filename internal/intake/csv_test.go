package intake

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// readCSV reads the columns of a text, with the lines of the records before
// them, and ends with the error that ended it.
func readCSV(t testing.TB, text, delimiter string, columns []string) (records [][]string, lines []int64, rejections []*Rejection, err error) {
	t.Helper()
	decoded, _, err := decode(strings.NewReader(text), "")
	if err != nil {
		return nil, nil, nil, err
	}
	s := &csvSource{lines: lineReader{from: decoded}, delimiter: []byte(delimiter), columns: columns}
	var to record
	for {
		err := s.next(&to)
		var rejection *Rejection
		switch {
		case errors.As(err, &rejection):
			rejections = append(rejections, rejection)
		case err != nil:
			return records, lines, rejections, err
		default:
			records, lines = append(records, slices.Clone(to.fields)), append(lines, to.line)
		}
	}
}

// spectrum is what the files of csv-spectrum hold, written down from the files
// and RFC 4180.
var spectrum = map[string][][]string{
	"comma_in_quotes.csv":     {{"first", "last", "address", "city", "zip"}, {"John", "Doe", "120 any st.", "Anytown, WW", "08123"}},
	"empty.csv":               {{"a", "b", "c"}, {"1", "", ""}, {"2", "3", "4"}},
	"empty_crlf.csv":          {{"a", "b", "c"}, {"1", "", ""}, {"2", "3", "4"}},
	"escaped_quotes.csv":      {{"a", "b"}, {"1", `ha "ha" ha`}, {"3", "4"}},
	"json.csv":                {{"key", "val"}, {"1", `{"type": "Point", "coordinates": [102.0, 0.5]}`}},
	"newlines.csv":            {{"a", "b", "c"}, {"1", "2", "3"}, {"Once upon \na time", "5", "6"}, {"7", "8", "9"}},
	"newlines_crlf.csv":       {{"a", "b", "c"}, {"1", "2", "3"}, {"Once upon \r\na time", "5", "6"}, {"7", "8", "9"}},
	"quotes_and_newlines.csv": {{"a", "b"}, {"1", "ha \n\"ha\" \nha"}, {"3", "4"}},
	"simple.csv":              {{"a", "b", "c"}, {"1", "2", "3"}},
	"simple_crlf.csv":         {{"a", "b", "c"}, {"1", "2", "3"}},
	"utf8.csv":                {{"a", "b", "c"}, {"1", "2", "3"}, {"4", "5", "ʤ"}},
}

func TestSpectrum(t *testing.T) {
	files, err := filepath.Glob("testdata/csv-spectrum/*.csv")
	if err != nil || len(files) != len(spectrum) {
		t.Fatalf("%d files, want %d: %v", len(files), len(spectrum), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records, _, rejections, err := readCSV(t, string(text), ",", nil)
		if !errors.Is(err, io.EOF) || len(rejections) > 0 || !slices.EqualFunc(records, spectrum[filepath.Base(file)], slices.Equal) {
			t.Errorf("%s: got %q, %v, %v", file, records, rejections, err)
		}
	}
}

func TestCSVLines(t *testing.T) {
	columns := []string{"a", "b"}
	long := strings.Repeat("x", longestRecord)
	for name, test := range map[string]struct {
		text, delimiter string
		records         [][]string
		lines           []int64
		// rejected, and ended if not by the end of the file.
		rejected []string
		ended    string
	}{
		"line ends":             {"1,2\r\n3,4\n\n\r\n5,6\r", ",", [][]string{{"1", "2"}, {"3", "4"}, {"5", "6"}}, []int64{1, 2, 5}, nil, ""},
		"a lone return":         {"1,2\r3,4\n", ",", nil, nil, []string{"line 1: has 3 columns where the header has 2"}, ""},
		"return in a column":    {"1,2\r3\n", ",", [][]string{{"1", "2\r3"}}, []int64{1}, nil, ""},
		"lines in quotes":       {"\"1\n\n\",2\n3,\"4\r\n4\"\n5,6", ",", [][]string{{"1\n\n", "2"}, {"3", "4\r\n4"}, {"5", "6"}}, []int64{1, 4, 6}, nil, ""},
		"quotes at the end":     {"\"1\",\"\"\n\"\"\"\",\"2\"", ",", [][]string{{"1", ""}, {`"`, "2"}}, []int64{1, 2}, nil, ""},
		"empty last":            {"\"1\",", ",", [][]string{{"1", ""}}, []int64{1}, nil, ""},
		"tabs":                  {"1\t\"2\t2\"\n", "\t", [][]string{{"1", "2\t2"}}, []int64{1}, nil, ""},
		"another script":        {"1，\"2，\"\n3，4\n", "，", [][]string{{"1", "2，"}, {"3", "4"}}, []int64{1, 2}, nil, ""},
		"too few":               {"1\n2,3\n", ",", [][]string{{"2", "3"}}, []int64{2}, []string{"line 1: has 1 columns where the header has 2"}, ""},
		"too many, over lines":  {"\"1\n1\",2,3\n4,5\n", ",", [][]string{{"4", "5"}}, []int64{3}, []string{"line 1: has 3 columns where the header has 2, on the lines 1 to 2"}, ""},
		"bare quote":            {"1,5\" wide\n2,3\n", ",", [][]string{{"2", "3"}}, []int64{2}, []string{`line 1, column "b": a quote stands inside`}, ""},
		"text after a quote":    {"\"a\"b,2\n2,3\n", ",", [][]string{{"2", "3"}}, []int64{2}, []string{`line 1, column "a": text follows a closing quote`}, ""},
		"both in one line":      {"5\" wide,\"b\"\n2,3\n", ",", [][]string{{"2", "3"}}, []int64{2}, []string{`line 1, column "a": a quote stands inside`}, ""},
		"bad, and another open": {"5\" wide,\"b\nc\"\n2,3\n", ",", nil, nil, nil, `line 1, column "a": a quote stands inside a text that does not begin with one; another quote opens`},
		"never closed":          {"1,2\n3,\"4\n5,6\n", ",", [][]string{{"1", "2"}}, []int64{1}, nil, `line 2: a quote opens in column "b" and does not close before the end`},
		"closed far below":      {"1,\"2\n3,4\n5,\"6\"\n7,8\n", ",", nil, nil, nil, `line 1: a quote opens in column "b", and on line 3 text follows`},
		"never within reach":    {"1,\"2\n" + strings.Repeat("3,4\n", longestRecord/4), ",", nil, nil, nil, `line 1: a quote opens in column "b" and does not close within 1 MiB`},
		"a long line":           {"1,2\n3," + long + "\n5,6\n", ",", [][]string{{"1", "2"}, {"5", "6"}}, []int64{1, 3}, []string{"line 2: the line is longer than 1 MiB"}, ""},
		"a long last line":      {"1,2\n3," + long, ",", [][]string{{"1", "2"}}, []int64{1}, []string{"line 2: the line is longer than 1 MiB"}, ""},
		"nothing":               {"", ",", nil, nil, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			records, lines, rejections, err := readCSV(t, test.text, test.delimiter, columns)
			if !slices.EqualFunc(records, test.records, slices.Equal) || !slices.Equal(lines, test.lines) {
				t.Errorf("got %.200q on lines %v", records, lines)
			}
			if len(rejections) != len(test.rejected) {
				t.Fatalf("rejections %v, want %q", rejections, test.rejected)
			}
			for i, rejection := range rejections {
				if !strings.HasPrefix(rejection.Error(), test.rejected[i]) {
					t.Errorf("got %q, want %q", rejection, test.rejected[i])
				}
			}
			if test.ended == "" && !errors.Is(err, io.EOF) || test.ended != "" && !strings.Contains(err.Error(), test.ended) {
				t.Errorf("ended with %v, want %q", err, test.ended)
			}
		})
	}
}

// TestLikeEncodingCSV reads what the standard library writes and reads, and
// holds itself to it.
func TestLikeEncodingCSV(t *testing.T) {
	for _, text := range []string{
		"a,b\n1,2", "a;b\n", "\"a\n\",\"\"\"\"\n", ",\n", "\n\n,", "\"\"\r\n\"a\"\r", "é,\"ü\"", "a,\"b\"\r\n\r\nc", " \"a\",b", "\"\r\r\n\"\nb",
	} {
		compareCSV(t, text)
	}
}

// compareCSV demands the records of the standard library of a text without
// mistakes. It alone writes \n for \r\n within quotes.
func compareCSV(t testing.TB, text string) {
	t.Helper()
	if strings.HasPrefix(text, "\ufeff") || strings.HasPrefix(text, "\xff\xfe") || strings.HasPrefix(text, "\xfe\xff") || strings.HasPrefix(text, "\x1f\x8b") {
		return
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	want, wrong := reader.ReadAll()
	records, _, rejections, err := readCSV(t, text, ",", nil)
	if wrong != nil {
		if errors.Is(err, io.EOF) && len(rejections) == 0 {
			t.Errorf("%q: read as %q, which encoding/csv refuses: %v", text, records, wrong)
		}
		return
	}
	if !errors.Is(err, io.EOF) || len(rejections) > 0 {
		t.Errorf("%q: refused: %v, %v", text, rejections, err)
		return
	}
	for _, record := range records {
		for i := range record {
			record[i] = strings.ReplaceAll(record[i], "\r\n", "\n")
		}
	}
	if !slices.EqualFunc(records, want, slices.Equal) {
		t.Errorf("%q: got %q, want %q", text, records, want)
	}
}

// What a store refuses is written to the rejects as the file has it.
func TestParts(t *testing.T) {
	const columns = "source: s\nentity: party\nkey: [name]\ncolumns: [{column: name, field: name}, {column: city, field: city}]\n"
	tests := map[string]struct {
		mapping, text string
		want          []string
	}{
		"plain":                      {columns, "name,city\nAcme, Bonn\n", []string{"Acme", " Bonn"}},
		"no end of the line":         {columns, "name,city\nAcme,Bonn", []string{"Acme", "Bonn"}},
		"quotes over two lines":      {columns, "name,city\r\n\"Acme\r\nLtd\",Bonn\r\n", []string{"Acme\r\nLtd", "Bonn"}},
		"quotes in quotes":           {columns, "name,city\n\"the \"\"Acme\"\"\",\"Bonn, DE\"\n", []string{`the "Acme"`, "Bonn, DE"}},
		"a delimiter of three bytes": {columns + "format: {delimiter: \"│\"}\n", "name│city\nAcme│\"Bonn\"\n", []string{"Acme", "Bonn"}},
		"JSON":                       {columns + "format: {type: JSONLines}\n", ` {"name": "Acme"} ` + "\n", []string{`{"name": "Acme"}`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			rows, rejections, r := read(t, test.mapping, test.text)
			if len(rows) != 1 || len(rejections) != 0 {
				t.Fatalf("%d rows and %v", len(rows), rejections)
			}
			if got := r.Parts(rows[0].Original); !slices.Equal(got, test.want) {
				t.Errorf("the parts of %q are %q, want %q", rows[0].Original, got, test.want)
			}
		})
	}
}
