package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/test/postgres"
)

// databases is the PostgreSQL that the tests of this package share.
var databases *postgres.Server

// asProgram makes the test program be fairlead itself: a process that can be
// killed, and that has a standard input and a terminal of its own.
const asProgram = "FAIRLEAD_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	// The store of whoever runs the tests is none of ours.
	if err := os.Unsetenv(storeVariable); err != nil {
		panic(err)
	}
	os.Exit(postgres.Main(m, func(_ context.Context, s *postgres.Server) error {
		databases = s
		return nil
	}))
}

// program is fairlead as a process of its own, in the working folder.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, args...)
	command.Env = append(os.Environ(), asProgram+"=1")
	return command
}

// newSQLite makes an empty store in a file.
func newSQLite(t *testing.T) string {
	t.Helper()
	url := "sqlite://" + filepath.Join(t.TempDir(), "crm.db")
	must(t, exitOK, "migrate", "--store", url)
	return url
}

// newPostgres makes an empty store in a database of its own.
func newPostgres(t *testing.T) string {
	t.Helper()
	url := databases.NewDatabase(t)
	must(t, exitOK, "migrate", "--store", url)
	return url
}

// inBoth runs a test in each of the databases; newStore makes an empty store.
func inBoth(t *testing.T, test func(t *testing.T, newStore func(*testing.T) string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, newSQLite) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, newPostgres) })
}

// must runs a command line that has to end with a code, and gives what it
// printed.
func must(t *testing.T, want int, args ...string) string {
	t.Helper()
	code, stdout, stderr := runCaptured(t, args...)
	if code != want {
		t.Fatalf("fairlead %s: exit code %d, want %d; it said %s", strings.Join(args, " "), code, want, stderr)
	}
	return stdout
}

// mustJSON is must for a command that prints JSON, which is read into a value.
// Of an object, keys are those that it must have.
func mustJSON(t *testing.T, want int, into any, keys []string, args ...string) {
	t.Helper()
	text := must(t, want, append(args, "-o", "json")...)
	decoder := json.NewDecoder(strings.NewReader(text))
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("fairlead %s: %v in\n%s", strings.Join(args, " "), err, text)
	}
	if decoder.More() {
		t.Errorf("fairlead %s: more than one value:\n%s", strings.Join(args, " "), text)
	}
	if len(keys) == 0 {
		return
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if _, has := object[key]; !has {
			t.Errorf("fairlead %s: there is no %q in\n%s", strings.Join(args, " "), key, text)
		}
	}
}

// write makes a file of a test and gives its path.
func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// connect opens the database of a store, to look at what no command shows.
func connect(t *testing.T, url string) *sql.DB {
	t.Helper()
	driver, source := "pgx", url
	if path, is := strings.CutPrefix(url, "sqlite://"); is {
		driver, source = "sqlite", "file:"+path+"?_pragma=busy_timeout(30000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// query gives rows as text, every value with its column, but for columns that
// are left out.
func query(t *testing.T, db *sql.DB, statement string, without ...string) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	var lines []string
	var line bytes.Buffer
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		line.Reset()
		for i, column := range columns {
			if !slices.Contains(without, column) {
				fmt.Fprintf(&line, "%s=%v ", column, values[i])
			}
		}
		lines = append(lines, line.String())
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// dump gives the rows of all tables, ordered.
func dump(t *testing.T, url string, without ...string) map[string][]string {
	t.Helper()
	db := connect(t, url)
	defer db.Close()
	statement := `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	if strings.HasPrefix(url, "sqlite") {
		statement = `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	all := map[string][]string{}
	for _, name := range query(t, db, statement) {
		_, table, _ := strings.Cut(strings.TrimSpace(name), "=")
		if slices.Contains(without, table) {
			continue
		}
		all[table] = query(t, db, "SELECT * FROM "+table, without...)
		slices.Sort(all[table])
	}
	if len(all) < 30 {
		t.Fatalf("there are only the tables %v", slices.Collect(maps.Keys(all)))
	}
	return all
}

// sameDump fails the test where two dumps differ.
func sameDump(t *testing.T, got, want map[string][]string) {
	t.Helper()
	for table := range want {
		if slices.Equal(got[table], want[table]) {
			continue
		}
		t.Errorf("%s has %d rows, want %d", table, len(got[table]), len(want[table]))
		for i := range min(len(got[table]), len(want[table])) {
			if got[table][i] != want[table][i] {
				t.Errorf("the first other row is\n%s, want\n%s", got[table][i], want[table][i])
				break
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("there are %d tables, want %d", len(got), len(want))
	}
}
