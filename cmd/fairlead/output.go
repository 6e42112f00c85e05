package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/pflag"
)

// registerOutput adds the flag that says how results are written.
func registerOutput(flags *pflag.FlagSet, format *string) {
	flags.StringVarP(format, "output", "o", "text", "text or json")
}

// checkOutput refuses formats that there are not, where a command has one.
func checkOutput(flags *pflag.FlagSet) error {
	flag := flags.Lookup("output")
	if flag == nil || flag.Value.String() == "text" || flag.Value.String() == "json" {
		return nil
	}
	return usageError{fmt.Errorf("--output %q: want text or json", flag.Value)}
}

func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// tell writes what was done: as a line for people, or as JSON for programs.
func tell(out io.Writer, format string, value any, line string) error {
	if format == "json" {
		return writeJSON(out, value)
	}
	_, err := fmt.Fprintln(out, line)
	return err
}
