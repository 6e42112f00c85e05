package postgres

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// helper is set in a copy of this test program that is there to be killed.
const helper = "FAIRLEAD_TEST_POSTGRES_HELPER"

var server *Server

func TestMain(m *testing.M) {
	if os.Getenv(helper) != "" {
		waitToBeKilled()
	}
	os.Exit(Main(m, func(_ context.Context, started *Server) error {
		server = started
		return nil
	}))
}

func waitToBeKilled() {
	started, err := Start(context.Background())
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(started.URL)
	select {}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close(context.Background()) })
	return connection
}

func ask[T any](t *testing.T, connection *pgx.Conn, question string) T {
	t.Helper()
	var answer T
	if err := connection.QueryRow(t.Context(), question).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return answer
}

func do(t *testing.T, connection *pgx.Conn, statement string) {
	t.Helper()
	if _, err := connection.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestDatabasesAreIsolated(t *testing.T) {
	one, other := server.NewDatabase(t), server.NewDatabase(t)
	ours := connect(t, one)
	do(t, ours, `CREATE TABLE visitors (name text)`)
	if ask[bool](t, connect(t, other), `SELECT to_regclass('visitors') IS NOT NULL`) {
		t.Error("a table of one database is in the other")
	}
	if ask[bool](t, ours, `SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user`) {
		t.Error("the owner may do more than own its database")
	}
	if encoding := ask[string](t, ours, `SHOW server_encoding`); encoding != "UTF8" {
		t.Errorf("the encoding is %s", encoding)
	}

	stranger, err := url.Parse(one)
	if err != nil {
		t.Fatal(err)
	}
	stranger.Path = "/" + ask[string](t, connect(t, other), `SELECT current_database()`)
	if _, err := pgx.Connect(t.Context(), stranger.String()); err == nil || !strings.Contains(err.Error(), "permission denied") {
		t.Errorf("the owner of one database connects to the other: %v", err)
	}
}

func TestDatabaseEndsWithItsTest(t *testing.T) {
	var database string
	t.Run("a test", func(t *testing.T) {
		database = server.NewDatabase(t)
		do(t, connect(t, database), `CREATE TABLE visitors (name text)`)
		role := server.NewRole(t, database, "worker")
		do(t, connect(t, database), `GRANT SELECT ON visitors TO `+ask[string](t, connect(t, role), `SELECT quote_ident(current_user)`))
		// It stays connected.
		if _, err := pgx.Connect(t.Context(), database); err != nil {
			t.Fatal(err)
		}
	})
	name, err := databaseName(database)
	if err != nil {
		t.Fatal(err)
	}
	left := fmt.Sprintf(`SELECT (SELECT count(*) FROM pg_database WHERE datname = '%[1]s') + (SELECT count(*) FROM pg_roles WHERE starts_with(rolname, '%[1]s'))`, name)
	if count := ask[int](t, connect(t, server.URL), left); count != 0 {
		t.Errorf("%d databases and roles are left", count)
	}
}

func TestRoleMayOnlyConnect(t *testing.T) {
	database := server.NewDatabase(t)
	do(t, connect(t, database), `CREATE TABLE visitors (name text)`)
	worker := connect(t, server.NewRole(t, database, "worker"))
	for _, statement := range []string{`CREATE TEMPORARY TABLE t ()`, `SELECT * FROM visitors`, `CREATE SCHEMA s`} {
		if _, err := worker.Exec(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", statement, err)
		}
	}
}

func TestCreatorNeedsNoSuperuser(t *testing.T) {
	administrator := connect(t, server.URL)
	do(t, administrator, `CREATE ROLE creator LOGIN PASSWORD 'creator' CREATEDB CREATEROLE`)
	t.Cleanup(func() { _, _ = administrator.Exec(context.Background(), `DROP ROLE creator`) })
	creator, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	creator.User = url.UserPassword("creator", "creator")

	t.Setenv(Variable, creator.String())
	limited, err := named(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	database := limited.NewDatabase(t)
	do(t, connect(t, database), `CREATE TABLE visitors (name text)`)
	connect(t, limited.NewRole(t, database, "worker"))
	if err := limited.Stop(); err != nil {
		t.Error(err)
	}
	connect(t, server.URL)

	t.Setenv(Variable, database)
	if _, err := named(t.Context()); err == nil || !strings.Contains(err.Error(), "must be a superuser") {
		t.Errorf("an owner's rights are taken for enough: %v", err)
	}
}

func TestStopLeavesNothing(t *testing.T) {
	folder := ownFolder(t)
	other, err := Start(t.Context(), Setting("fsync", "on"), Listen("127.0.0.2"))
	if err != nil {
		t.Fatal(err)
	}
	if fsync := ask[string](t, connect(t, other.URL), `SHOW fsync`); fsync != "on" {
		t.Errorf("fsync is %s", fsync)
	}
	if !strings.Contains(other.URL, "@127.0.0.2:") {
		t.Error("it does not listen where it should")
	}
	for range 2 {
		if err := other.Stop(); err != nil {
			t.Error(err)
		}
	}
	if listens(t, other.URL) {
		t.Error("it still listens")
	}
	expectEmpty(t, folder)
}

func TestStopTellsOfAnEarlyEnd(t *testing.T) {
	folder := ownFolder(t)
	other, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	connection := connect(t, other.URL)
	pid := ask[int](t, connection, `SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int`)
	if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the server to end", func() bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) })
	if err := other.Stop(); err == nil || !strings.Contains(err.Error(), "ended by itself") {
		t.Errorf("told %v", err)
	}
	expectEmpty(t, folder)
}

func TestStartTellsWhatIsWrong(t *testing.T) {
	folder := ownFolder(t)
	for name, test := range map[string]struct {
		option Option
		want   string
	}{
		"unknown setting":       {Setting("no_such_setting", "1"), "no_such_setting"},
		"wildcard":              {Listen("0.0.0.0"), "name one IP address"},
		"a name for an address": {Listen("localhost"), "name one IP address"},
		"somebody's address":    {Listen("192.0.2.1"), "finding a free port"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Start(t.Context(), test.option); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
	expectEmpty(t, folder)
}

func TestServerDiesWithItsProgram(t *testing.T) {
	folder := ownFolder(t)
	command := exec.CommandContext(t.Context(), os.Args[0])
	command.Env = append(os.Environ(), helper+"=yes")
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	said, err := bufio.NewReader(output).ReadString('\n')
	orphan := strings.TrimSpace(said)
	if err != nil || !strings.HasPrefix(orphan, "postgres://") {
		t.Fatalf("the helper says %q, %v", said, err)
	}
	connection := connect(t, orphan)

	// While it runs nobody clears its folder away.
	sweep(folder)
	do(t, connection, `CREATE TABLE visitors (name text)`)

	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	waitFor(t, "the server to end", func() bool { return !listens(t, orphan) })
	waitFor(t, "its folder to go", func() bool {
		sweep(folder)
		left, err := os.ReadDir(folder)
		return err == nil && len(left) == 0
	})
}

func TestSweepSparesWhatItDoesNotKnow(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"fairlead-postgres-fresh", "fairlead-postgres-old", "other"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(filepath.Join(folder, "fairlead-postgres-old"), long, long); err != nil {
		t.Fatal(err)
	}
	sweep(folder)
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(left) != 2 {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestFindProgramsTakesTheNewest(t *testing.T) {
	root := t.TempDir()
	t.Setenv("PATH", root)
	for _, version := range []string{"9.6", "14", "16", "17"} {
		folder := filepath.Join(root, version, "bin")
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"initdb", "postgres"} {
			// Of 17 only the client is installed.
			if version == "17" {
				name = "psql"
			}
			if err := os.WriteFile(filepath.Join(folder, name), nil, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	found, ok := findPrograms(filepath.Join(root, "*", "bin"))
	if want := filepath.Join(root, "16", "bin"); !ok || found != want {
		t.Errorf("found %q, want %q", found, want)
	}
	if found, ok := findPrograms(filepath.Join(root, "none", "*")); ok {
		t.Errorf("found %q where there is nothing", found)
	}
}

// ownFolder is a temporary folder of the test's for servers that it starts.
// Unlike that of t.TempDir, PostgreSQL's account may enter it.
func ownFolder(t *testing.T) string {
	t.Helper()
	if os.Getenv(Variable) != "" {
		t.Skip("it starts a server of its own")
	}
	folder, err := os.MkdirTemp("", "fairlead-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", folder)
	return folder
}

func expectEmpty(t *testing.T, folder string) {
	t.Helper()
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// listens tells whether somebody takes connections at the URL's address.
func listens(t *testing.T, server string) bool {
	t.Helper()
	parsed, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", parsed.Host)
	if err != nil {
		return false
	}
	return connection.Close() == nil
}

func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestKilledAndStartedAgain: what was committed is still there, at the same address.
func TestKilledAndStartedAgain(t *testing.T) {
	folder := ownFolder(t)
	other, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first := connect(t, other.URL)
	do(t, first, `CREATE TABLE visitors (name text)`)
	do(t, first, `INSERT INTO visitors VALUES ('Ann')`)
	do(t, first, `BEGIN`)
	do(t, first, `INSERT INTO visitors VALUES ('Ben')`)
	if err := other.Kill(); err != nil {
		t.Fatal(err)
	}
	if listens(t, other.URL) {
		t.Error("it still listens")
	}
	if _, err := first.Exec(t.Context(), `COMMIT`); err == nil {
		t.Error("a connection outlived the server")
	}
	if err := other.StartAgain(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := ask[string](t, connect(t, other.URL), `SELECT string_agg(name, ',') FROM visitors`); names != "Ann" {
		t.Errorf("there are %s", names)
	}
	if err := errors.Join(other.Kill(), other.Stop()); err != nil {
		t.Error(err)
	}
	expectEmpty(t, folder)
	if err := (&Server{}).Kill(); !errors.Is(err, errNotOurs) {
		t.Errorf("somebody else's server: %v", err)
	}
}
