package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// A terminal sees a bar while an import runs, and none when it is over; nobody
// else sees any.
func TestProgress(t *testing.T) {
	mapping, content := write(t, "lists.yaml", participations), list(1_000, 9)
	file := write(t, "list.csv", content)
	for name, test := range map[string]struct {
		file, stdin string
		terminal    bool
	}{
		"a file":                       {file, "", true},
		"standard input":               {"-", content, true},
		"a file without a terminal":    {file, "", false},
		"standard input without a bar": {"-", content, false},
	} {
		t.Run(name, func(t *testing.T) {
			var out, notes bytes.Buffer
			command := program(t, "import", "--store", newSQLite(t), "-f", mapping, test.file)
			command.Stdin, command.Stdout, command.Stderr = strings.NewReader(test.stdin), &out, &notes
			watch := func() {}
			if test.terminal {
				screen, terminal, err := pty.Open()
				if err != nil {
					t.Fatal(err)
				}
				defer screen.Close()
				if err := pty.Setsize(terminal, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
					t.Fatal(err)
				}
				command.Stderr = terminal
				watched := make(chan struct{})
				go func() {
					defer close(watched)
					// It ends with an error when nobody has the terminal open any more.
					_, _ = io.Copy(&notes, screen)
				}()
				watch = func() { terminal.Close(); <-watched }
			}
			err := command.Run()
			watch()
			if err != nil {
				t.Fatalf("it ended with %v and said %s", err, &notes)
			}
			if !strings.HasPrefix(out.String(), "Imported ") || strings.ContainsAny(out.String(), "\r\x1b") {
				t.Errorf("it printed %q", &out)
			}
			if !test.terminal {
				if notes.Len() > 0 {
					t.Errorf("it said %q", &notes)
				}
				return
			}
			if !strings.Contains(notes.String(), "s]") {
				t.Errorf("there was no bar: %q", &notes)
			}
			if left := strings.TrimSpace(onScreen(notes.String())); left != "" {
				t.Errorf("of the bar %q is left: %q", left, &notes)
			}
		})
	}
}

// onScreen is the last line of a terminal after all that was written to it.
func onScreen(written string) string {
	var line []rune
	column := 0
	for rest := []rune(written); len(rest) > 0; rest = rest[1:] {
		switch {
		case rest[0] == '\r':
			column = 0
		case rest[0] == '\n':
			line, column = nil, 0
		case strings.HasPrefix(string(rest), "\x1b[K"), strings.HasPrefix(string(rest), "\x1b[2K"):
			for rest[0] != 'K' {
				rest = rest[1:]
			}
			line = line[:min(column, len(line))]
		default:
			for len(line) <= column {
				line = append(line, ' ')
			}
			line[column] = rest[0]
			column++
		}
	}
	return string(line)
}
