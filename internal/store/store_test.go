package store_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/internal/store/storetest"
	"github.com/fairlead/fairlead/test/postgres"
)

var server *postgres.Server

func TestMain(m *testing.M) {
	os.Exit(postgres.Main(m, func(_ context.Context, started *postgres.Server) error {
		server = started
		return nil
	}))
}

func TestSQLite(t *testing.T) { storetest.Run(t, newFile) }

func TestPostgreSQL(t *testing.T) { storetest.Run(t, newDatabase) }

// TestBoth holds the two databases to the same rows.
func TestBoth(t *testing.T) { storetest.RunBoth(t, newFile, newDatabase) }

func newFile(t *testing.T) string { return "sqlite://" + filepath.Join(t.TempDir(), "store.db") }

func newDatabase(t *testing.T) string { return server.NewDatabase(t) }

// TestErasedFromTheFile looks for a person in the bytes of a file of SQLite, and
// of what stands beside it, after an erasure.
func TestErasedFromTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openStore(t, "sqlite://"+path, store.Options{Create: true})
	addPerson(t, s)
	if _, err := s.Erase(t.Context(), "ZYX-1", "asked for", "tester"); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("the files of the store: %v, %v", files, err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(data), []byte("zyx")) {
			t.Errorf("%s still has the erased person", filepath.Base(file))
		}
	}
	erasures, err := s.Erasures(t.Context(), 10)
	if err != nil || len(erasures) != 1 || erasures[0].Actor != "tester" || !strings.HasPrefix(erasures[0].Code, "ERASED-") {
		t.Errorf("the log of erasures is %+v, %v", erasures, err)
	}
}

// TestMigrateByOneConnection: the lock of a migration is on a connection of its own.
func TestMigrateByOneConnection(t *testing.T) {
	openStore(t, newDatabase(t), store.Options{MaxConnections: 1})
}

// TestReadWhileAnotherProcessWrites reads while somebody else is in the middle of
// a write, as the manager does while an import runs.
func TestReadWhileAnotherProcessWrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openStore(t, "sqlite://"+path, store.Options{Create: true})
	other := openStore(t, "sqlite://"+path, store.Options{})
	importing, err := other.Import(t.Context(), store.ImportOptions{
		Source: store.Source{Name: "crm"}, Entity: customer.EntityByName("party"), DryRun: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer importing.Abandon()
	// The writer waits for us to end, so that a reader which waited for it would
	// run into the store's own limit of half a minute, and fail.
	if _, err := s.Counts(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestOneAtATime: a refresh must not take away marks of facts that a portion of a
// rebuild came too early to see, and what is written goes in the order of generations.
// Whoever has to wait gives up at once here.
func TestOneAtATime(t *testing.T) {
	for _, held := range []string{"refresh", "portion", "writing", "nothing"} {
		t.Run(held, func(t *testing.T) {
			url := newDatabase(t)
			holder := openStore(t, url, store.Options{})
			for more := true; more; {
				done, err := holder.Refresh(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				more = done.More
			}
			addPerson(t, holder)
			s := openStore(t, url+"&lock_timeout=100", store.Options{Portion: 1})
			release, err := holder.Hold(t.Context(), held)
			if err != nil {
				t.Fatal(err)
			}
			defer release()
			_, refreshing := s.Refresh(t.Context())
			_, rebuilding := s.Rebuild(t.Context(), nil)
			for who, err := range map[string]error{"refresh": refreshing, "rebuild": rebuilding} {
				if waited := err != nil && strings.Contains(err.Error(), "lock timeout"); waited != (held != "nothing") || !waited && err != nil {
					t.Errorf("a %s waits: %v (%v)", who, waited, err)
				}
			}
		})
	}
}

// TestErasureAndEvaluation: an evaluation that found a profile must not bring back a
// membership that was erased meanwhile. One waits for the other.
func TestErasureAndEvaluation(t *testing.T) {
	url := newDatabase(t)
	holder := openStore(t, url, store.Options{})
	addPerson(t, holder)
	s := openStore(t, url+"&lock_timeout=100", store.Options{})
	release, err := holder.Hold(t.Context(), "segments")
	if err != nil {
		t.Fatal(err)
	}
	for who, work := range map[string]func() error{
		"erasure":    func() error { _, err := s.Erase(t.Context(), "ZYX-1", "asked for", "tester"); return err },
		"evaluation": func() error { _, err := s.Evaluate(t.Context(), store.Segment{Name: "x"}); return err },
	} {
		if err := work(); err == nil || !strings.Contains(err.Error(), "lock timeout") {
			t.Errorf("while segments are held, the %s: %v", who, err)
		}
	}
	release()
	if _, err := s.Erase(t.Context(), "ZYX-1", "asked for", "tester"); err != nil {
		t.Error(err)
	}
}

// addPerson imports a party with everything that is to be forgotten of an erased one.
func addPerson(t *testing.T, s *store.Store) {
	t.Helper()
	entity := customer.EntityByName("party")
	row := customer.Row{Line: 2, Values: make([]customer.Value, len(entity.Fields)), Parties: []customer.PartyRow{{
		Key: "zyx-key", Values: make([]customer.Value, len(customer.PartyFields)),
	}}}
	row.Parties[0].Values[customer.PartyKind] = customer.String(customer.Person)
	row.Parties[0].Values[customer.PartyCode] = customer.String("ZYX-1")
	row.Parties[0].Values[customer.PartyName] = customer.String("Ada Zyxlovelace")
	row.Parties[0].Values[customer.PartyEmail] = customer.String("ada@zyxmail.example")
	importing, err := s.Import(t.Context(), store.ImportOptions{Source: store.Source{Name: "crm"}, Entity: entity})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := importing.Write(t.Context(), []customer.Row{row}); err != nil {
		t.Fatal(err)
	}
	if err := importing.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func openStore(t *testing.T, url string, options store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}
