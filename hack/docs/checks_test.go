package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReasonsNamed(t *testing.T) {
	page := strings.Join([]string{
		"`Outside` of a table",
		"",
		"| Check | Reason |",
		"| --- | --- |",
		"| `spec.where` \\| `spec.points` | `InvalidExpression`, `Failed` |",
		"| nothing | none: refused |",
		"",
		"| Check | Who |",
		"| --- | --- |",
		"| a | `NotAReason` |",
		"",
		"| Reason | Check |",
		"|---|---|",
		"| `Failed` | `spec` |",
	}, "\n")
	want := []string{"Failed", "InvalidExpression"}
	if got := reasonsNamed(page); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCompareReasons(t *testing.T) {
	constants := []constant{{family: familyReason, value: "A"}, {family: familyReason, value: "B"}, {family: familyCondition, value: "C"}}
	if err := compareReasons([]string{"A", "B"}, constants); err != nil {
		t.Errorf("a page that names every reason: %v", err)
	}
	err := compareReasons([]string{"A", "D"}, constants)
	for _, want := range []string{"the reason B stands in no table", "the reason D is no constant"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

// TestPages holds the pages of this project to its API.
func TestPages(t *testing.T) {
	constants, err := readConstants("../../api/v1alpha1")
	if err != nil {
		t.Fatal(err)
	}
	checks, err := os.ReadFile("../../docs/reference/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	if err := compareReasons(reasonsNamed(string(checks)), constants); err != nil {
		t.Errorf("docs/reference/checks.md: %v", err)
	}
	metricsPage, err := os.ReadFile("../../docs/reference/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	if rendered, err := renderMetrics(string(metricsPage)); err != nil || rendered != string(metricsPage) {
		t.Errorf("docs/reference/metrics.md is not what internal/metrics says: run `make generate`: %v", err)
	}
	conditions, err := os.ReadFile("../../docs/reference/conditions.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(conditions) != renderConditions(constants) {
		t.Error("docs/reference/conditions.md is not what the API says: run `make generate`")
	}
}

func TestRun(t *testing.T) {
	folder := folderOf(t, map[string]string{
		"conditions.go": shared, "fair_types.go": kind,
		"checks.md":  "| Reason |\n| --- |\n| `Waiting`, `Broken` |\n",
		"metrics.md": metricsBegin + metricsEnd,
	})
	page := filepath.Join(folder, "conditions.md")
	arguments := []string{"-api", folder, "-conditions", page, "-import", filepath.Join(folder, "import.md"),
		"-measures", filepath.Join(folder, "measures.md"), "-templates", filepath.Join(folder, "templates.md"), "-metrics", filepath.Join(folder, "metrics.md"), "-checks", filepath.Join(folder, "checks.md")}
	if err := run(arguments, t.Output()); err != nil {
		t.Fatal(err)
	}
	if content, err := os.ReadFile(page); err != nil || !strings.Contains(string(content), "`Broken`") {
		t.Errorf("the page was not written: %v\n%s", err, content)
	}
	if err := os.WriteFile(filepath.Join(folder, "checks.md"), []byte("| Reason |\n| --- |\n| `Broken` |\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(arguments, t.Output()); err == nil || !strings.Contains(err.Error(), "the reason Waiting stands in no table") {
		t.Errorf("got %v, want an error about the reason Waiting", err)
	}
	if err := run([]string{"-nonsense"}, t.Output()); err == nil {
		t.Error("an unknown flag is no error")
	}
}
