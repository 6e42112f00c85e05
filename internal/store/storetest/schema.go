package storetest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/pressly/goose/v3"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

func testSchema(t *testing.T, s *suite) {
	t.Run("Fresh", func(t *testing.T) { testFreshSchema(t, s) })
	t.Run("TwoAtOnce", func(t *testing.T) { testTwoMigrators(t, s) })
	t.Run("Older", func(t *testing.T) { testOlderSchema(t, s) })
	t.Run("TooNew", func(t *testing.T) { testTooNewSchema(t, s) })
	t.Run("CompatibleNewer", func(t *testing.T) { testCompatibleSchema(t, s) })
}

// unmigrated opens a database as it is.
func (s *suite) unmigrated(t *testing.T) *store.Store {
	t.Helper()
	return open(t, s.open(t))
}

func open(t *testing.T, url string) *store.Store {
	t.Helper()
	opened, err := store.Open(t.Context(), url, store.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	return opened
}

// anyFile is one that any store could take.
func anyFile() *file { return from("crm", organization("Airbus SE", "FR").under("A-1")) }

func testFreshSchema(t *testing.T, s *suite) {
	opened, ctx := s.unmigrated(t), t.Context()
	if schema, err := opened.Schema(ctx); err != nil || schema != (store.Schema{}) {
		t.Errorf("schema of an empty database: %+v, %v", schema, err)
	}
	refused := expectError[*store.SchemaError](t, opened.CheckSchema(ctx), "checking an empty database")
	if refused != nil && (refused.TooNew() || refused.Found != 0 || refused.Known != store.KnownVersion()) {
		t.Errorf("an empty database is refused as %+v", refused)
	}
	_, err := load(ctx, opened, anyFile())
	expectError[*store.SchemaError](t, err, "importing into an empty database")
	for _, want := range []int64{0, store.KnownVersion()} {
		from, to, err := opened.Migrate(ctx)
		if err != nil || from != want || to != store.KnownVersion() {
			t.Errorf("migrated from %d to %d, %v; want from %d to %d", from, to, err, want, store.KnownVersion())
		}
	}
	if err := opened.CheckSchema(ctx); err != nil {
		t.Error(err)
	}
}

func testTwoMigrators(t *testing.T, s *suite) {
	url := s.open(t)
	var group sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		opened := open(t, url)
		group.Go(func() { _, _, errs[i] = opened.Migrate(t.Context()) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatalf("one of two migrators failed: %v", err)
	}
	if err := open(t, url).CheckSchema(t.Context()); err != nil {
		t.Error(err)
	}
}

// migrationFiles are those of the database, up to a version.
func migrationFiles(t *testing.T, folder string, upTo int) fs.FS {
	t.Helper()
	all := os.DirFS("migrations/" + folder)
	names, err := fs.Glob(all, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("migrations: %v, %v", names, err)
	}
	some := fstest.MapFS{}
	for _, name := range names[:upTo] {
		data, err := fs.ReadFile(all, name)
		if err != nil {
			t.Fatal(err)
		}
		some[name] = &fstest.MapFile{Data: data}
	}
	return some
}

func (d *database) folder() string {
	if d.isSQLite {
		return "sqlite"
	}
	return "postgres"
}

func testOlderSchema(t *testing.T, s *suite) {
	url, ctx := s.open(t), t.Context()
	opened, d := open(t, url), connect(t, url)
	known := store.KnownVersion()
	dialect := goose.DialectPostgres
	if d.isSQLite {
		dialect = goose.DialectSQLite3
	}
	provider, err := goose.NewProvider(dialect, d.db, migrationFiles(t, d.folder(), int(known)-1), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(ctx); err != nil {
		t.Fatal(err)
	}
	refused := expectError[*store.SchemaError](t, opened.CheckSchema(ctx), "checking an older schema")
	if refused != nil && (refused.TooNew() || refused.Found != known-1) {
		t.Errorf("an older schema is refused as %+v", refused)
	}
	_, err = load(ctx, opened, anyFile())
	expectError[*store.SchemaError](t, err, "importing into an older schema")
	if from, to, err := opened.Migrate(ctx); err != nil || from != known-1 || to != known {
		t.Errorf("migrated from %d to %d, %v; want from %d to %d", from, to, err, known-1, known)
	}
	if _, err := load(ctx, opened, anyFile()); err != nil {
		t.Errorf("importing after the migration: %v", err)
	}
}

// newer is a store whose schema a newer program wrote.
func newer(t *testing.T, s *suite, version, minCompatible int) *world {
	t.Helper()
	w := s.own(t)
	w.exec(`INSERT INTO schema_version (version, min_compatible) VALUES ($1, $2)`, version, minCompatible)
	return w
}

func testTooNewSchema(t *testing.T, s *suite) {
	w := newer(t, s, 99, 99)
	ctx := t.Context()
	before := w.everything()
	_, _, migrating := w.Migrate(ctx)
	_, importing := w.try(ctx, anyFile())
	for doing, err := range map[string]error{"checking": w.CheckSchema(ctx), "migrating": migrating, "importing": importing} {
		refused := expectError[*store.SchemaError](t, err, doing)
		if refused != nil && (!refused.TooNew() || refused.Found != 99 || refused.MinCompatible != 99) {
			t.Errorf("%s: refused as %+v", doing, refused)
		}
	}
	if after := w.everything(); after != before {
		t.Errorf("a schema that is too new was touched:\n%s", differences(after, before))
	}
}

// everything is all that the database holds, and what it says of itself.
func (w *world) everything() string {
	w.t.Helper()
	said := fmt.Sprintln(w.dump(), w.allTables())
	for _, table := range slices.Concat(notDumpedTables, kept) {
		said += fmt.Sprintln(table, w.query("SELECT * FROM "+table+" ORDER BY 1"))
	}
	return said
}

func testCompatibleSchema(t *testing.T, s *suite) {
	w := newer(t, s, 99, 1)
	if err := w.CheckSchema(t.Context()); err != nil {
		t.Errorf("a newer schema that is compatible is refused: %v", err)
	}
	if from, to, err := w.Migrate(t.Context()); err != nil || from != 99 || to != 99 {
		t.Errorf("migrated from %d to %d, %v; want it left alone", from, to, err)
	}
	w.load(anyFile())
}

// facts are all entities but parties themselves.
func facts() []*customer.Entity {
	var all []*customer.Entity
	for i := range customer.Entities {
		if customer.Entities[i].Name != "party" {
			all = append(all, &customer.Entities[i])
		}
	}
	return all
}
