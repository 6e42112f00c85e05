// Command docs writes docs/reference/conditions.md from the constants of
// api/v1alpha1 and docs/reference/import.md and measures.md from the entities and
// measures of internal/customer, templates.md from the fields and functions of
// internal/outreach/message, tables into metrics.md from the definitions of
// internal/metrics, and checks that docs/reference/checks.md speaks of every
// reason and of none that does not exist.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

// run carries out a command line. Paths are relative to the root of the project.
func run(arguments []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("docs", flag.ContinueOnError)
	flags.SetOutput(stderr)
	api := flags.String("api", "api/v1alpha1", "folder of the resource types")
	conditions := flags.String("conditions", "docs/reference/conditions.md", "page to write")
	imports := flags.String("import", "docs/reference/import.md", "page to write")
	measures := flags.String("measures", "docs/reference/measures.md", "page to write")
	templates := flags.String("templates", "docs/reference/templates.md", "page to write")
	metricsPage := flags.String("metrics", "docs/reference/metrics.md", "page to write tables into")
	checks := flags.String("checks", "docs/reference/checks.md", "page to check")
	switch err := flags.Parse(arguments); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return err
	}
	constants, err := readConstants(*api)
	if err != nil {
		return err
	}
	if err := os.WriteFile(*conditions, []byte(renderConditions(constants)), 0o644); err != nil {
		return fmt.Errorf("writing the conditions: %w", err)
	}
	if err := os.WriteFile(*imports, []byte(renderImport()), 0o644); err != nil {
		return fmt.Errorf("writing the page about import: %w", err)
	}
	if err := os.WriteFile(*measures, []byte(renderMeasures()), 0o644); err != nil {
		return fmt.Errorf("writing the page about measures: %w", err)
	}
	if err := os.WriteFile(*templates, []byte(renderTemplates()), 0o644); err != nil {
		return fmt.Errorf("writing the page about templates: %w", err)
	}
	described, err := os.ReadFile(*metricsPage)
	if err != nil {
		return fmt.Errorf("reading the page about metrics: %w", err)
	}
	rendered, err := renderMetrics(string(described))
	if err != nil {
		return fmt.Errorf("%s: %w", *metricsPage, err)
	}
	if err := os.WriteFile(*metricsPage, []byte(rendered), 0o644); err != nil {
		return fmt.Errorf("writing the page about metrics: %w", err)
	}
	page, err := os.ReadFile(*checks)
	if err != nil {
		return fmt.Errorf("reading the checks: %w", err)
	}
	if err := compareReasons(reasonsNamed(string(page)), constants); err != nil {
		return fmt.Errorf("%s: %w", *checks, err)
	}
	return nil
}
