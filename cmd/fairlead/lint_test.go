package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/controllers/lint"
)

const (
	rightManifests = `
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerStore
metadata: {name: crm, namespace: expo}
spec: {sqlite: {fileName: crm.db}, reportingCurrency: GBP}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: of-no-concern}
---
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegment
metadata: {name: large, namespace: expo}
spec: {storeName: crm, where: "customer.attributes.fleet > 2.0 && customer.inSegment('elsewhere')"}
`
	wrongManifests = `
apiVersion: crm.fairlead.dev/v1alpha1
kind: CustomerSegmentList
items:
- metadata: {name: b}
  spec: {storeName: crm, where: "customer.inSegment('a')"}
- metadata: {name: a}
  spec:
    storeName: crm
    where: |
      customer.participations > 3 &&
      customer.reveneu > 5.0 && customer.inSegment('b')
`
)

// The samples and the demo are right.
func TestLintOfOurs(t *testing.T) {
	for _, folder := range []string{"../../config/samples", demoAtItsEnd(t), "../../config"} {
		if out := must(t, exitOK, "lint", "-f", folder); !strings.HasSuffix(out, ": no mistakes.\n") {
			t.Errorf("of %s it printed %s", folder, out)
		}
	}
}

// demoAtItsEnd is a folder with the manifests of the demo, whose store names a second policy by then
// (hack/demo/newsletter.sh).
func demoAtItsEnd(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("../../hack/demo")); err != nil {
		t.Fatal(err)
	}
	store := filepath.Join(folder, "airshows.yaml")
	text, err := os.ReadFile(store)
	if err != nil {
		t.Fatal(err)
	}
	named := strings.Replace(string(text), "[airshows-fair-use]", "[airshows-fair-use, airshows-newsletter]", 1)
	if named == string(text) {
		t.Fatal("the store of the demo names other policies")
	}
	if err := os.WriteFile(store, []byte(named), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestLint(t *testing.T) {
	folder := t.TempDir()
	right, wrong := filepath.Join(folder, "a", "right.yaml"), filepath.Join(folder, "wrong.yml")
	if err := os.Mkdir(filepath.Dir(right), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{right: rightManifests, wrong: wrongManifests, filepath.Join(folder, "notes.txt"): "{"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const clean = "2 objects in 1 file: no mistakes. Not checked: 1 reference to what is not in the files. Checked in part: 1 expression with attributes, whose types only a store knows.\n"
	if out := must(t, exitOK, "lint", "-f", right); out != clean {
		t.Errorf("it printed\n%s\nwant\n%s", out, clean)
	}
	code, out, said := runCaptured(t, "lint", "-f", folder)
	want := strings.ReplaceAll(`FILE: CustomerSegment/a: spec.where: line 2, column 1, customer.reveneu: there is no field reveneu: did you mean revenue? (InvalidExpression)
FILE: CustomerSegment/a: spec.where: asks in a circle: a asks for b asks for a. Take one customer.inSegment out (ReferenceCycle)
FILE: CustomerSegment/b: spec.where: asks in a circle: b asks for a asks for b. Take one customer.inSegment out (ReferenceCycle)
4 objects in 2 files: 3 mistakes. Not checked: 3 references to what is not in the files. Checked in part: 1 expression with attributes, whose types only a store knows.
`, "FILE", wrong)
	if code != exitFailed || out != want {
		t.Errorf("exit code %d, it printed\n%s\nwant\n%s", code, out, want)
	}
	if said != "fairlead lint: 3 mistakes found: mend them before the manifests are applied\n" {
		t.Errorf("it said %q", said)
	}

	var report lintReport
	keys := []string{"findings", "objects", "files", "mistakes", "referencesOutside", "expressionsInPart"}
	mustJSON(t, exitFailed, &report, keys, "lint", "-f", right, "-f", wrong)
	first := lint.Finding{File: wrong, Kind: "CustomerSegment", Name: "a", Field: "spec.where", Reason: "InvalidExpression",
		Message: "line 2, column 1, customer.reveneu: there is no field reveneu: did you mean revenue?"}
	if len(report.Findings) != 3 || report.Findings[0] != first || report.Mistakes != 3 || report.Objects != 4 || report.Files != 2 || report.ReferencesOutside != 3 || report.ExpressionsInPart != 1 {
		t.Errorf("for programs it printed %+v", report)
	}
	mustJSON(t, exitOK, &report, keys, "lint", "-f", right)
	if report.Findings == nil || !reflect.DeepEqual(report, lintReport{Findings: []lint.Finding{}, Objects: 2, Files: 1, ReferencesOutside: 1, ExpressionsInPart: 1}) {
		t.Errorf("for programs it printed %+v", report)
	}
}

// Manifests come from the standard input as well.
func TestLintOfStandardInput(t *testing.T) {
	command := program(t, "lint", "-f", "-")
	command.Stdin = strings.NewReader(wrongManifests)
	out, err := command.Output()
	if err == nil || command.ProcessState.ExitCode() != exitFailed || !strings.HasPrefix(string(out), "the standard input: CustomerSegment/a: spec.where: line 2") ||
		!strings.Contains(string(out), "\n2 objects in 1 file: 3 mistakes.") {
		t.Errorf("%v, it printed\n%s", err, out)
	}
}

// What cannot be read is told with its place, and nothing else is.
func TestLintOfWrongManifests(t *testing.T) {
	segment := "apiVersion: crm.fairlead.dev/v1alpha1\nkind: CustomerSegment\nmetadata: {name: a, namespace: expo}\nspec: {storeName: crm, where: 'true'}\n"
	right := write(t, "right.yaml", segment)
	for name, test := range map[string]struct {
		args []string
		says []string
	}{
		"no manifests":            {nil, []string{"lint what? Pass -f FILE_OR_FOLDER"}},
		"no such file":            {[]string{"-f", "/does/not/exist"}, []string{"-f: stat /does/not/exist: no such file or directory"}},
		"nothing of ours":         {[]string{"-f", write(t, "other.yaml", "kind: ConfigMap\napiVersion: v1\n")}, []string{"there is no resource of Fairlead in ", "other.yaml: pass the manifests that have them"}},
		"a misspelt field":        {[]string{"-f", write(t, "field.yaml", segment+"---\n"+strings.ReplaceAll(segment, "where", "were"))}, []string{"field.yaml, document 2: reading a CustomerSegment: ", `unknown field "spec.were"`}},
		"a field of another type": {[]string{"-f", write(t, "type.yaml", strings.ReplaceAll(segment, "'true'", "[1]"))}, []string{"type.yaml, document 1: reading a CustomerSegment: "}},
		"a key twice":             {[]string{"-f", write(t, "twice.yaml", segment+"kind: CustomerSegment\n")}, []string{"twice.yaml, document 1: ", `key "kind" already set in map`}},
		"a kind that there is not": {[]string{"-f", write(t, "kind.yaml", strings.ReplaceAll(segment, "CustomerSegment", "CustomerSegmnt"))},
			[]string{`kind.yaml, document 1: there is no kind "CustomerSegmnt" in crm.fairlead.dev/v1alpha1`}},
		"a kind that is no resource": {[]string{"-f", write(t, "options.yaml", "apiVersion: crm.fairlead.dev/v1alpha1\nkind: ListOptions\n")}, []string{"options.yaml, document 1: a ListOptions is no resource"}},
		"a version to come":          {[]string{"-f", write(t, "version.yaml", strings.ReplaceAll(segment, "v1alpha1", "v1"))}, []string{"CustomerSegment is of crm.fairlead.dev/v1, and this program knows crm.fairlead.dev/v1alpha1"}},
		"an object twice":            {[]string{"-f", right, "-f", right}, []string{"CustomerSegment/expo/a is declared in " + right + " and again in " + right + ": pass what is applied"}},
		"an unknown output":          {[]string{"-f", right, "-o", "xml"}, []string{`--output "xml": want text or json`}},
		"an argument without flag":   {[]string{right}, []string{"unknown command"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, said := runCaptured(t, append([]string{"lint"}, test.args...)...)
			for _, want := range append(test.says, "fairlead lint: ", "(see 'fairlead lint --help')\n") {
				if code != exitUsage || !strings.Contains(said, want) || out != "" {
					t.Errorf("exit code %d, it said %q, want %q", code, said, want)
				}
			}
		})
	}
	// Of objects whose names the API server completes there may be several.
	generated := strings.ReplaceAll(segment, "name: a", "generateName: a-")
	if out := must(t, exitOK, "lint", "-f", write(t, "generated.yaml", generated+"---\n"+generated)); !strings.HasPrefix(out, "2 objects in 1 file: no mistakes.") {
		t.Errorf("it printed %s", out)
	}
}
