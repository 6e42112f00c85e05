package main

import (
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/metrics"
)

func TestRenderMetrics(t *testing.T) {
	page, err := renderMetrics("# Metrics\n" + metricsBegin + "old\n" + metricsEnd + "tail\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range metrics.Definitions() {
		if !strings.Contains(page, "| `"+d.Name+"` | "+d.Type+" | "+strings.Join(d.Labels, ", ")+" | "+d.Help+" |\n") {
			t.Errorf("the page has no %s", d.Name)
		}
	}
	if strings.Contains(page, "old") || !strings.HasPrefix(page, "# Metrics\n") || !strings.HasSuffix(page, "tail\n") {
		t.Errorf("the page is\n%s", page)
	}
	again, err := renderMetrics(page)
	if err != nil || again != page {
		t.Errorf("written again, it is another page: %v", err)
	}
	if _, err := renderMetrics("# Metrics\n"); err == nil {
		t.Error("a page without a place for tables is taken")
	}
}
