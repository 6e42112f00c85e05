package intake

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"github.com/fairlead/fairlead/internal/customer"
)

// torture maps a number and a text, which has to come back as it was.
const torture = `
source: torture
entity: preference
format: {type: %s, encoding: %s}
columns:
- {column: nr, field: party.key}
- {field: name, value: text}
- {column: text, field: value}
`

// naughty gives the strings that users paste into forms, and the names.
func naughty(t testing.TB) []string {
	t.Helper()
	var all []string
	text, err := os.ReadFile("testdata/blns.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"names-en.txt", "names-ja.txt", "names-zh.txt"} {
		all = append(all, namesOf(t, file)...)
	}
	return all
}

func namesOf(t testing.TB, file string) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

// comesBack reads a file of numbered texts and demands every one, byte for byte
// but for its ends, or a rejection on its line.
func comesBack(t testing.TB, m *Mapping, file []byte, texts []string, lineOf func(n int) int64) (kept int) {
	t.Helper()
	r, err := m.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	value := m.entity.Index("value")
	seen := map[string]bool{}
	rejections := readAll(t, r, func(row *customer.Row) {
		kept++
		key := row.Parties[0].Key
		seen[key] = true
		var n int
		if _, err := fmt.Sscan(key, &n); err != nil || n >= len(texts) {
			t.Fatalf("line %d: number %q", row.Line, key)
		}
		if want := strings.TrimSpace(texts[n]); row.Values[value].Text != want {
			t.Errorf("line %d: got %q, want %q", row.Line, row.Values[value].Text, want)
		}
		if row.Line != lineOf(n) {
			t.Errorf("text %d: line %d, want %d", n, row.Line, lineOf(n))
		}
	})
	rejected := map[int64]bool{}
	for _, rejection := range rejections {
		rejected[rejection.Line] = true
		if rejection.Column != "text" || !strings.Contains(rejection.Reason, "value: has the control character") && !strings.Contains(rejection.Reason, "value is required and absent") {
			t.Errorf("%v", rejection)
		}
	}
	for n := range texts {
		if !seen[fmt.Sprint(n)] && !rejected[lineOf(n)] {
			t.Errorf("text %d, %q: neither read nor rejected", n, texts[n])
		}
	}
	return kept
}

func TestNaughtyCSV(t *testing.T) {
	texts := naughty(t)
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	lines, line := make([]int64, len(texts)), int64(2)
	rows := [][]string{{"nr", "text"}}
	for n, text := range texts {
		rows = append(rows, []string{fmt.Sprint(n), text})
		lines[n] = line
		line += int64(strings.Count(text, "\n")) + 1
	}
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	kept := comesBack(t, mustParse(t, fmt.Sprintf(torture, CSV, "UTF-8")), file.Bytes(), texts, func(n int) int64 { return lines[n] })
	t.Logf("%d of %d kept", kept, len(texts))
	if len(texts)-kept > 12 {
		t.Errorf("%d of %d texts rejected", len(texts)-kept, len(texts))
	}
}

func TestNaughtyJSON(t *testing.T) {
	texts := naughty(t)
	for _, escape := range []bool{true, false} {
		var file bytes.Buffer
		encoder := json.NewEncoder(&file)
		encoder.SetEscapeHTML(escape)
		for n, text := range texts {
			if err := encoder.Encode(map[string]any{"nr": n, "text": text, "other": []any{text, map[string]any{"x": nil}}}); err != nil {
				t.Fatal(err)
			}
		}
		comesBack(t, mustParse(t, fmt.Sprintf(torture, JSONLines, "UTF-8")), file.Bytes(), texts, func(n int) int64 { return int64(n + 1) })
	}
}

func TestEncodings(t *testing.T) {
	western := []string{"Müller & Söhne", "Société Générale", "œuvre", "20 €", "„so“", "Åse Øst"}
	for name, test := range map[string]struct {
		texts []string
		mark  string
	}{
		"GB18030":      {append(namesOf(t, "names-zh.txt"), "😀", "中文，逗号"), ""},
		"gbk":          {namesOf(t, "names-zh.txt"), ""},
		"Big5":         {[]string{"展覽會", "臺北"}, ""},
		"Windows-1252": {western, ""},
		"iso-8859-15":  {[]string{"Müller", "œuvre"}, ""},
		"Shift_JIS":    {namesOf(t, "names-ja.txt"), ""},
		"EUC-KR":       {[]string{"전시회", "서울"}, ""},
		"UTF-16":       {append(western, "😀", "中文"), ""},
		"UTF-16BE":     {append(western, "😀", "中文"), "\ufeff"},
		"UTF-8":        {append(western, "😀"), "\ufeff"},
	} {
		t.Run(name, func(t *testing.T) {
			encoding, err := htmlindex.Get(name)
			if err != nil {
				t.Fatal(err)
			}
			var texts []string
			var plain strings.Builder
			plain.WriteString(test.mark + "nr,text\r\n")
			for _, text := range test.texts {
				// Some names have characters that the encoding lacks.
				if _, err := encoding.NewEncoder().String(text); err == nil {
					fmt.Fprintf(&plain, "%d,\"%s\"\r\n", len(texts), text)
					texts = append(texts, text)
				}
			}
			if len(texts) < len(test.texts)*9/10 {
				t.Fatalf("%d of %d texts can be written", len(texts), len(test.texts))
			}
			file, err := encoding.NewEncoder().String(plain.String())
			if err != nil {
				t.Fatal(err)
			}
			m := mustParse(t, fmt.Sprintf(torture, CSV, name))
			if kept := comesBack(t, m, []byte(file), texts, func(n int) int64 { return int64(n + 2) }); kept != len(texts) {
				t.Errorf("%d of %d kept", kept, len(texts))
			}
		})
	}
}

// TestMarkDecides reads files that are not what the mapping says, and say so.
func TestMarkDecides(t *testing.T) {
	text := "nr,text\n0,Müller\n"
	big, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	little, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	for name, file := range map[string]string{"UTF-8": "\ufeff" + text, "UTF-16BE": big, "UTF-16LE": little} {
		for _, said := range []string{"Windows-1252", "UTF-8"} {
			m := mustParse(t, fmt.Sprintf(torture, CSV, said))
			if comesBack(t, m, []byte(file), []string{"Müller"}, func(int) int64 { return 2 }) != 1 {
				t.Errorf("%s said to be %s is not read", name, said)
			}
		}
	}
}

func TestWrongEncoding(t *testing.T) {
	for encoding, test := range map[string]struct{ file, want string }{
		"UTF-8":   {"nr,text\n1,M\xfcller\n2,b\n", `line 2, column "text": value: is not valid UTF-8 at byte 2 (0xFC)`},
		"GB18030": {"nr,text\n1,a\xff\xffb\n2,b\n", `line 2, column "text": value: has bytes that are nothing`},
	} {
		r, err := mustParse(t, fmt.Sprintf(torture, CSV, encoding)).Read(strings.NewReader(test.file))
		if err != nil {
			t.Fatal(err)
		}
		rows := 0
		rejections := readAll(t, r, func(row *customer.Row) {
			rows++
			if !utf8.ValidString(row.Parties[0].Key) {
				t.Error("a key that is no text")
			}
		})
		if rows != 1 || len(rejections) != 1 || !strings.HasPrefix(rejections[0].Error(), test.want) {
			t.Errorf("%s: %d rows, %v", encoding, rows, rejections)
		}
	}
}
