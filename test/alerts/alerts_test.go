// Package alerts holds the alerts of config/prometheus to the metrics that there are, to
// runbooks, and to what they make of series that are made up for it.
package alerts

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/fairlead/fairlead/internal/metrics"
)

// Where things are.
const (
	rulesFile = "../../config/prometheus/rules.yaml"
	runbooks  = "../../docs/runbooks"
	guide     = "../../docs/guides/monitoring.md"
	scrape    = "../../hack/prometheus/prometheus.yml"
)

// series are the tests of promtool.
var series = []string{"stores.yaml", "exhibitions.yaml", "outreaches.yaml", "campaigns.yaml", "loyalty.yaml"}

// runbookURL is where the page of an alert is read.
const runbookURL = "https://github.com/fairlead/fairlead/blob/main/docs/runbooks/"

// alert is one of the rules.
type alert struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// plain is the file of rules that a Prometheus without the operator reads: what stands below
// spec, cut out as hack/prometheus.sh does it.
func plain(t *testing.T) string {
	t.Helper()
	_, spec, found := strings.Cut(read(t, rulesFile), "\nspec:\n")
	if !found {
		t.Fatalf("%s has no spec", rulesFile)
	}
	return strings.TrimPrefix(strings.ReplaceAll("\n"+spec, "\n  ", "\n"), "\n")
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []alert `json:"rules"`
		} `json:"groups"`
	}
	if err := yaml.Unmarshal([]byte(plain(t)), &file); err != nil {
		t.Fatal(err)
	}
	var all []alert
	for _, group := range file.Groups {
		all = append(all, group.Rules...)
	}
	if len(all) == 0 {
		t.Fatalf("%s has no rules", rulesFile)
	}
	return all
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// ours matches the names of our metrics, and what tells which command helps first.
var (
	ours    = regexp.MustCompile(`\bfairlead_\w+`)
	command = regexp.MustCompile("(?m)^```\\w*\nkubectl .+")
)

func TestAlerts(t *testing.T) {
	known := map[string]bool{}
	for _, d := range metrics.Definitions() {
		known[d.Name] = true
	}
	pages := []string{"FairleadStoreDown", "FairleadStoreForeign", "FairleadStoreRestored"}
	tests := ""
	for _, file := range series {
		tests += read(t, file)
	}
	for _, a := range alerts(t) {
		want := "ticket"
		if slices.Contains(pages, a.Alert) {
			want = "page"
		}
		if got := a.Labels["severity"]; got != want {
			t.Errorf("%s has the severity %q, want %s", a.Alert, got, want)
		}
		for _, annotation := range []string{"summary", "description"} {
			if !strings.Contains(a.Annotations[annotation], "{{ $labels.") && a.Alert != "FairleadManagerDown" {
				t.Errorf("the %s of %s does not say which resource is meant: %q", annotation, a.Alert, a.Annotations[annotation])
			}
		}
		if got := a.Annotations["runbook_url"]; got != runbookURL+a.Alert+".md" {
			t.Errorf("%s leads to the runbook %s", a.Alert, got)
		}
		for _, name := range ours.FindAllString(a.Expr+a.Annotations["description"], -1) {
			if !known[name] {
				t.Errorf("%s asks for %s, which is no metric", a.Alert, name)
			}
		}
		if !strings.Contains(tests, "alertname: "+a.Alert) {
			t.Errorf("%s is not tested with series", a.Alert)
		}
	}
}

// TestRunbooks wants a page for each alert, and for nothing else, that begins to help with a
// command, and that is found.
func TestRunbooks(t *testing.T) {
	names := map[string]bool{}
	for _, a := range alerts(t) {
		names[a.Alert] = true
	}
	found, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != len(names) {
		t.Errorf("there are %d runbooks of %d alerts", len(found), len(names))
	}
	for name := range names {
		page := read(t, filepath.Join(runbooks, name+".md"))
		if !strings.HasPrefix(page, "# "+name+"\n") || !command.MatchString(page) {
			t.Errorf("the runbook of %s has not its name for a heading, or begins no code with kubectl:\n%s", name, page)
		}
		for _, path := range []string{guide, "../../docs/README.md"} {
			if !strings.Contains(read(t, path), "runbooks/"+name+".md)") {
				t.Errorf("%s does not lead to the runbook of %s", path, name)
			}
		}
	}
}

// promtool runs Prometheus' own tool in a folder with the rules and their tests.
func promtool(t *testing.T, folder string, arguments ...string) {
	t.Helper()
	program, err := filepath.Abs("../../bin/promtool")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); errors.Is(err, os.ErrNotExist) {
		if program, err = exec.LookPath("promtool"); err != nil {
			t.Fatal("promtool is missing: build it with `make bin/promtool`, or put one on the PATH")
		}
	}
	run := exec.CommandContext(t.Context(), program, arguments...)
	run.Dir = folder
	if output, err := run.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

func TestPromtool(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("rules.yaml", plain(t))
	for _, name := range series {
		write(name, read(t, name))
	}
	write("prometheus.yml", read(t, scrape))
	promtool(t, folder, "check", "rules", "--lint=all", "--lint-fatal", "rules.yaml")
	promtool(t, folder, append([]string{"test", "rules"}, series...)...)
	// The token is only in a pod.
	promtool(t, folder, "check", "config", "--syntax-only", "prometheus.yml")
}

// TestTheGuideScrapesAsTheDemo has what the guide recommends run in the demo and in the
// cluster's tests.
func TestTheGuideScrapesAsTheDemo(t *testing.T) {
	_, jobs, found := strings.Cut(read(t, scrape), "\nscrape_configs:\n")
	if !found || !strings.Contains(read(t, guide), "```yaml\nscrape_configs:\n"+jobs+"```\n") {
		t.Errorf("%s does not show what is below scrape_configs in %s:\n%s", guide, scrape, jobs)
	}
}
