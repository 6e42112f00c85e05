// Command panels asks Prometheus what the dashboards ask, and prints what each panel would show.
//
//	go run ./hack/demo/panels -namespace fairlead-system config/grafana/organiser.json
//
// It fails if Prometheus refuses a query, or has no value for any of a dashboard's.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// patience with Prometheus.
const patience = 30 * time.Second

// shown is how many values of a query are printed.
const shown = 2

func main() {
	prometheus := flag.String("prometheus", "http://10.217.0.1:30090", "URL of Prometheus")
	namespace := flag.String("namespace", ".*", "namespace that is looked at")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	var failed error
	for _, path := range flag.Args() {
		if err := show(ctx, out, *prometheus, *namespace, path); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", path, err))
		}
	}
	if err := errors.Join(failed, out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, "panels:", err)
		os.Exit(1)
	}
}

// dashboard is what is read of a dashboard of Grafana.
type dashboard struct {
	Title  string
	Panels []struct {
		Title   string
		Targets []struct {
			Expr, LegendFormat string
		}
	}
}

// sample is one value that Prometheus has for a query.
type sample struct {
	Metric map[string]string
	// Value is a time, and the value as a text.
	Value [2]any
}

func show(ctx context.Context, out io.Writer, prometheus, namespace, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading a dashboard: %w", err)
	}
	var d dashboard
	if err := json.Unmarshal(data, &d); err != nil {
		return fmt.Errorf("reading a dashboard: %w", err)
	}
	fmt.Fprintf(out, "%s\n", d.Title)
	asked, answered := 0, 0
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			samples, err := ask(ctx, prometheus, filled(target.Expr, namespace))
			if err != nil {
				return fmt.Errorf("panel %q: %w", panel.Title, err)
			}
			asked++
			if len(samples) > 0 {
				answered++
				fmt.Fprintf(out, "  %s\t%s\n", panel.Title, summary(samples, target.LegendFormat))
			}
		}
	}
	fmt.Fprintf(out, "  %d of its %d queries have values here.\n", answered, asked)
	if answered == 0 {
		return errors.New("no panel has a value")
	}
	return nil
}

// filled puts in for the dashboard's variables what they are where everything is chosen.
func filled(expression, namespace string) string {
	return regexp.MustCompile(`\$\w+`).ReplaceAllStringFunc(expression, func(variable string) string {
		if variable == "$namespace" {
			return namespace
		}
		return ".*"
	})
}

func ask(ctx context.Context, prometheus, expression string) ([]sample, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, prometheus+"/api/v1/query?"+url.Values{"query": {expression}}.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("asking Prometheus: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking Prometheus: %w", err)
	}
	defer response.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct{ Result []sample }
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("reading what Prometheus answered: %w", err)
	}
	if answer.Status != "success" {
		return nil, fmt.Errorf("asking Prometheus for %s: %s", expression, cmp.Or(answer.Error, response.Status))
	}
	return answer.Data.Result, nil
}

// summary names the first values and tells how many more there are.
func summary(samples []sample, legend string) string {
	var parts []string
	for _, s := range samples[:min(shown, len(samples))] {
		name := regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`).ReplaceAllStringFunc(legend, func(label string) string {
			return s.Metric[strings.Trim(label, "{} ")]
		})
		parts = append(parts, strings.TrimSpace(name+" "+rounded(fmt.Sprint(s.Value[1]))))
	}
	if more := len(samples) - shown; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, "; ")
}

// rounded shortens a value with a long fraction for whoever reads it.
func rounded(value string) string {
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || !strings.Contains(value, ".") {
		return value
	}
	return strconv.FormatFloat(math.Round(number*1e4)/1e4, 'f', -1, 64)
}
