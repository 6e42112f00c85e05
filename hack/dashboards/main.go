// Command dashboards writes config/grafana: the dashboards, and the ConfigMaps by which
// the sidecar of Grafana's chart finds them.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	folder := flag.String("folder", "config/grafana", "where to write")
	flag.Parse()
	if err := write(*folder); err != nil {
		fmt.Fprintln(os.Stderr, "dashboards:", err)
		os.Exit(1)
	}
}

// dashboards by the names of their files.
func dashboards() map[string]dashboard {
	return map[string]dashboard{"organiser.json": organiser(), "segments.json": segments(), "outreach.json": outreach(), "operations.json": operations()}
}

func write(folder string) error {
	for name, d := range dashboards() {
		data, err := rendered(d)
		if err != nil {
			return fmt.Errorf("rendering %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			return fmt.Errorf("writing a dashboard: %w", err)
		}
	}
	return nil
}

func rendered(d dashboard) ([]byte, error) {
	var data bytes.Buffer
	encoder := json.NewEncoder(&data)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(d)
	return data.Bytes(), err
}
