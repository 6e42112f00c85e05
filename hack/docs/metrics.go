package main

import (
	"fmt"
	"strings"

	"github.com/fairlead/fairlead/internal/metrics"
)

// The part of the page about metrics that is written from their definitions.
const (
	metricsBegin = "<!-- written from internal/metrics: begin -->\n"
	metricsEnd   = "<!-- end -->\n"
)

// renderMetrics puts the tables of metrics into a page.
func renderMetrics(page string) (string, error) {
	head, rest, found := strings.Cut(page, metricsBegin)
	_, tail, ended := strings.Cut(rest, metricsEnd)
	if !found || !ended {
		return "", fmt.Errorf("the page has no place for tables: it begins with %q and ends with %q", strings.TrimSpace(metricsBegin), strings.TrimSpace(metricsEnd))
	}
	var text strings.Builder
	kind := ""
	for _, d := range metrics.Definitions() {
		if d.Kind != kind {
			kind = d.Kind
			fmt.Fprintf(&text, "\n### %s\n\n| Metric | Type | Labels | Meaning |\n| --- | --- | --- | --- |\n", kind)
		}
		fmt.Fprintf(&text, "| `%s` | %s | %s | %s |\n", d.Name, d.Type, strings.Join(d.Labels, ", "), d.Help)
	}
	return head + metricsBegin + text.String() + "\n" + metricsEnd + tail, nil
}
