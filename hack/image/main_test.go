package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRunTellsWrongUsage(t *testing.T) {
	for name, arguments := range map[string][]string{
		"nothing given": nil,
		"no binary":     {"--name", "a:b", "--output", "x.tar"},
		"stray word":    {"x"},
		"unknown flag":  {"--nosuch"},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if code := run(arguments, &stdout, &stderr); code != 2 {
				t.Errorf("exit code is %d, want 2", code)
			}
			if !strings.Contains(stderr.String(), "--help") {
				t.Errorf("the message does not point at the help: %s", stderr.String())
			}
		})
	}
}

func TestRunTellsFailure(t *testing.T) {
	var stdout, stderr bytes.Buffer
	code := run([]string{"--name", "a:b", "--output", t.TempDir() + "/x.tar", "--binary", "/nonexistent"}, &stdout, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "/nonexistent") {
		t.Errorf("exit code %d, message %s", code, stderr.String())
	}
}
