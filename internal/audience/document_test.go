package audience

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// document is the page that describes expressions.
const document = "../../docs/reference/expressions.md"

// tableOf is what stands in the rows of the table of the page with these headings.
func tableOf(t *testing.T, headings ...string) (rows [][]string) {
	t.Helper()
	page, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	var head []string
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "|") {
			head = nil
			continue
		}
		var cells []string
		for _, cell := range strings.Split(strings.ReplaceAll(line, `\|`, "\x00"), "|") {
			cells = append(cells, strings.ReplaceAll(strings.TrimSpace(cell), "\x00", "|"))
		}
		cells = cells[1 : len(cells)-1]
		switch {
		case head == nil:
			head = cells
		case slices.Equal(head, headings) && !strings.HasPrefix(cells[0], "---"):
			rows = append(rows, cells)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no table %q", document, headings)
	}
	return rows
}

// code is what stands between backticks.
var code = regexp.MustCompile("`([^`]+)`")

// TestDocumentedExamples compiles what the page says to write, and holds it to be
// refused what the page says is.
func TestDocumentedExamples(t *testing.T) {
	compiles := func(cell string) {
		t.Helper()
		for _, found := range code.FindAllStringSubmatch(cell, -1) {
			if _, err := Compile(found[1], testCatalog); err != nil {
				t.Errorf("%s: %v", found[1], err)
			}
		}
	}
	for _, headings := range [][]string{{"field", "what it is", "example"}, {"operator", "for", "example"}, {"function", "what it gives", "example"}} {
		for _, row := range tableOf(t, headings...) {
			compiles(row[2])
		}
	}
	for _, row := range tableOf(t, "refused", "write instead") {
		if _, err := Compile(strings.Trim(row[0], "`"), testCatalog); err == nil {
			t.Errorf("%s is not refused", row[0])
		}
		compiles(row[1])
	}
}

// TestDocumentedFunctions holds the page to name every way to call a function.
func TestDocumentedFunctions(t *testing.T) {
	ways := map[string]int{}
	for _, row := range tableOf(t, "function", "what it gives", "example") {
		for _, found := range code.FindAllStringSubmatch(row[0], -1) {
			ways[found[1][:strings.IndexByte(found[1], '(')]]++
		}
	}
	want := map[string]int{"timestamp": 1, "duration": 1, "has": 1, "size": 2, "TEXT.contains": 1, "TEXT.startsWith": 1, "TEXT.endsWith": 1, "LIST.exists": 1, "LIST.all": 1}
	for _, f := range functions() {
		switch name := f.name; {
		case takes(name) == "":
			// Operators stand in a table of their own.
		case name == "decimal":
			want[name] = 1
		case f.member && f.args[0] == customerType:
			want["customer."+name]++
		case f.member:
			want["TEXT."+name]++
		default:
			want[name]++
		}
	}
	for name, times := range want {
		if ways[name] != times {
			t.Errorf("%s describes %d ways to call %s, and there are %d", document, ways[name], name, times)
		}
	}
	for name := range ways {
		if want[name] == 0 {
			t.Errorf("%s describes %s, which is no function", document, name)
		}
	}
}
