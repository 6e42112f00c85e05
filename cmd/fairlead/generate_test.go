package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runCaptured runs a command line and gives what it said.
func runCaptured(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, notes strings.Builder
	code = run(t.Context(), args, &out, &notes)
	return code, out.String(), notes.String()
}

func TestGenerateIsCalledWrongly(t *testing.T) {
	// A store in the environment is not taken.
	t.Setenv(storeVariable, "sqlite:///does/not/exist.db")
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"no number":               {[]string{"--output", file}, exitUsage, "--customers is missing"},
		"nowhere to":              {[]string{"--customers", "1"}, exitUsage, "either --store URL or --output DIR"},
		"both":                    {[]string{"--customers", "1", "--store", "sqlite:///a.db", "--output", "b"}, exitUsage, "either --store URL or --output DIR"},
		"a day that is none":      {[]string{"--customers", "1", "--output", "b", "--until", "tomorrow"}, exitUsage, `--until "tomorrow": want a day`},
		"a file for a folder":     {[]string{"--customers", "1", "--output", file}, exitUsage, "is a file: want a folder"},
		"a wrong URL":             {[]string{"--customers", "1", "--store", "mysql://a"}, exitUsage, "--store: "},
		"a seed that is none":     {[]string{"--customers", "1", "--seed", "-1"}, exitUsage, "invalid argument"},
		"a store that is nowhere": {[]string{"--customers", "1", "--store", "sqlite://" + t.TempDir() + "/a.db"}, exitFailed, "opening the store"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			code, _, said := runCaptured(t, append([]string{"generate"}, test.args...)...)
			if code != test.code || !strings.Contains(said, test.says) || strings.Count(said, "\n") != 1 {
				t.Errorf("exit code %d and %q, want %d and %q", code, said, test.code, test.says)
			}
		})
	}
}

func TestGenerateIsHidden(t *testing.T) {
	if _, help, _ := runCaptured(t, "--help"); strings.Contains(help, "generate") {
		t.Errorf("the help shows it:\n%s", help)
	}
	if code, help, _ := runCaptured(t, "generate", "--help"); code != exitOK || !strings.Contains(help, "--customers") {
		t.Errorf("its own help is missing:\n%s", help)
	}
}

func TestGenerateIntoStore(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "crm.db")
	if code, _, said := runCaptured(t, "migrate", "--store", url); code != exitOK {
		t.Fatal(said)
	}
	for _, want := range []string{"edition 27 0 0 0", "edition 0 0 27 0"} {
		code, table, said := runCaptured(t, "generate", "--seed", "2", "--customers", "20", "--store", url)
		if code != exitOK || said != "" {
			t.Fatalf("exit code %d, it said %q", code, said)
		}
		lines := strings.Split(table, "\n")
		if got := strings.Join(strings.Fields(lines[1]), " "); got != want {
			t.Errorf("it says %q of editions, want %q", got, want)
		}
	}
}

// The files can be imported by their mappings, into the same.
func TestGenerateFilesAndImport(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "files")
	url := "sqlite://" + filepath.Join(t.TempDir(), "crm.db")
	if code, _, said := runCaptured(t, "migrate", "--store", url); code != exitOK {
		t.Fatal(said)
	}
	code, table, said := runCaptured(t, "generate", "--customers", "30", "--output", folder)
	if code != exitOK {
		t.Fatal(said)
	}
	entities := 0
	for line := range strings.Lines(table) {
		entity := strings.Fields(line)[0]
		if entity == "entity" {
			continue
		}
		entities++
		path := filepath.Join(folder, entity)
		if code, _, said := runCaptured(t, "import", "-f", path+".yaml", "--store", url, path+".jsonl"); code != exitOK {
			t.Errorf("importing %s: %s", entity, said)
		}
	}
	if entities != 21 {
		t.Errorf("there are %d entities, want 21", entities)
	}
	if _, table, _ := runCaptured(t, "generate", "--customers", "30", "--store", url); !strings.Contains(table, "unchanged") {
		t.Error("there is no table")
	} else {
		for line := range strings.Lines(table) {
			if fields := strings.Fields(line); fields[0] != "entity" && (fields[1] != "0" || fields[2] != "0" || fields[4] != "0") {
				t.Errorf("after the import of the files, %v is not unchanged", fields)
			}
		}
	}
}
