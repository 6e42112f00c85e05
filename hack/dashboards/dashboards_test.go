package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/fairlead/fairlead/internal/metrics"
)

// ofRuntime are metrics of the library that controllers are built with, which it makes
// known once a controller has run.
var ofRuntime = []string{"controller_runtime_reconcile_errors_total", "controller_runtime_reconcile_time_seconds"}

// known are the metrics that the manager has, with their labels; nil where they are not
// declared here.
func known() map[string][]string {
	all := map[string][]string{}
	for _, d := range metrics.Definitions() {
		all[d.Name] = append(slices.Clone(d.Labels), "le")
	}
	for _, name := range ofRuntime {
		all[name] = []string{"controller", "le"}
	}
	return all
}

// variables of Grafana stand for texts.
var variables = regexp.MustCompile(`\$\w+`)

// TestQueries holds every query to Prometheus' own parser, and to the metrics and labels
// that there are.
func TestQueries(t *testing.T) {
	all, shown := known(), map[string]bool{}
	for file, d := range dashboards() {
		var texts []string
		for _, v := range d.Templating.List {
			if inner, is := strings.CutPrefix(v.Query, "label_values("); is {
				texts = append(texts, inner[:strings.LastIndex(inner, ",")])
			}
		}
		for _, p := range d.Panels {
			for _, target := range p.Targets {
				texts = append(texts, target.Expr)
			}
		}
		for _, text := range texts {
			expr, err := parser.ParseExpr(variables.ReplaceAllString(text, "x"))
			if err != nil {
				t.Errorf("%s: %s: %v", file, text, err)
				continue
			}
			parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
				selector, is := node.(*parser.VectorSelector)
				if !is {
					return nil
				}
				// A histogram has its buckets, and counts.
				name := strings.TrimSuffix(strings.TrimSuffix(selector.Name, "_bucket"), "_count")
				shown[name] = true
				has, is := all[name]
				if !is {
					t.Errorf("%s: there is no metric %s", file, selector.Name)
				}
				for _, m := range selector.LabelMatchers {
					if m.Name != model.MetricNameLabel && !slices.Contains(has, m.Name) {
						t.Errorf("%s: %s has no label %s", file, name, m.Name)
					}
				}
				return nil
			})
		}
	}
	for name := range all {
		// What is counted for rates of others, or stands beside a figure that is shown.
		if !shown[name] && strings.HasPrefix(name, "fairlead_") && !slices.Contains(notShown, name) {
			t.Errorf("no dashboard shows %s", name)
		}
	}
}

// notShown are metrics for alerts and questions of one's own.
var notShown = []string{
	"fairlead_exhibition_closes_timestamp_seconds", "fairlead_exhibition_rebooked_participants", "fairlead_exhibition_previous_participants",
	"fairlead_customerstore_profile_looks_total", "fairlead_customerstore_profile_refreshes_total", "fairlead_outreach_completion_timestamp_seconds",
}

// TestPanels: a newcomer understands them, and they do not lie over each other.
func TestPanels(t *testing.T) {
	ids := map[string]bool{}
	for file, d := range dashboards() {
		if d.UID == "" || ids[d.UID] || d.Description == "" || len(d.Panels) == 0 {
			t.Errorf("%s: %+v", file, d)
		}
		ids[d.UID] = true
		taken := map[[2]int]string{}
		for _, p := range d.Panels {
			if p.Title == "" || p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
				t.Errorf("%s: the panel %q lacks a title, a description, a unit or a query", file, p.Title)
			}
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				place := [2]int{x, p.GridPos.Y}
				if taken[place] != "" || x >= columns {
					t.Errorf("%s: %q lies over %q", file, p.Title, taken[place])
				}
				taken[place] = p.Title
			}
			steps := p.FieldConfig.Defaults.Thresholds.Steps
			for i := 2; i < len(steps); i++ {
				if *steps[i].Value <= *steps[i-1].Value {
					t.Errorf("%s: the colours of %q do not rise", file, p.Title)
				}
			}
		}
	}
}

// TestWritten: what is committed is what is declared.
func TestWritten(t *testing.T) {
	for name, d := range dashboards() {
		want, err := rendered(d)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", "..", "config", "grafana", name))
		if err != nil || string(got) != string(want) {
			t.Errorf("config/grafana/%s is not what is declared: run `make generate`: %v", name, err)
		}
	}
}
