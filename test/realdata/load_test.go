// Package realdata imports the real data of the folder data into both
// databases, and holds what comes out to figures that were found without
// Fairlead, or to each other.
package realdata

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata" // for the shop's days

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/intake"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/postgres"
)

var update = flag.Bool("update", false, "rewrite the table of docs/concepts/identity.md")

var server *postgres.Server

func TestMain(m *testing.M) {
	os.Exit(postgres.Main(m, func(_ context.Context, s *postgres.Server) error { server = s; return nil }))
}

// today stands still, so that both databases hold the same times.
var today = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// database is a store, and a connection that looks into it.
type database struct {
	*store.Store
	db   *sql.DB
	path string // of the file of SQLite; "" for PostgreSQL
}

func openDatabase(t *testing.T, url, driver, source, path string) *database {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{Create: true, Now: func() time.Time { return today }})
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, s)
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	// What the shop was paid is in it, so that sums need no rate.
	if err := s.ReportIn(t.Context(), "GBP"); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, db)
	return &database{Store: s, db: db, path: path}
}

func closeAfter(t *testing.T, what io.Closer) {
	t.Cleanup(func() {
		if err := what.Close(); err != nil {
			t.Error(err)
		}
	})
}

func openSQLite(t *testing.T, path string) *database {
	t.Helper()
	return openDatabase(t, "sqlite://"+filepath.ToSlash(path), "sqlite", path, path)
}

func openPostgres(t *testing.T) *database {
	t.Helper()
	url := server.NewDatabase(t)
	return openDatabase(t, url, "pgx", url, "")
}

// file is a file of the folder data and the mapping beside it.
type file struct{ mapping, data string }

var (
	airshowEditions       = file{"airshows/editions.yaml", "airshows/exhibitions.csv"}
	airshowParticipations = file{"airshows/participations.yaml", "airshows/exhibitors.csv.gz"}
	retailTransactions    = file{"online-retail/transactions.yaml", "online-retail/invoices.csv.gz"}
)

const (
	folder    = "../../data"
	batchRows = 2_500
)

// load imports a file as `fairlead import` does. No row may be rejected.
func (d *database) load(t *testing.T, f file) store.Tally {
	t.Helper()
	mapping, reader := f.open(t)
	return d.write(t, mapping, reader, f.data)
}

// write imports what a reader reads. No row may be rejected.
func (d *database) write(t *testing.T, mapping *intake.Mapping, reader *intake.Reader, name string) store.Tally {
	t.Helper()
	options := store.ImportOptions{
		Source: store.Source{Name: mapping.Source, Trust: mapping.Trust, LegalBasis: mapping.LegalBasis, Acquired: mapping.Acquired},
		Entity: mapping.Entity(), FileName: filepath.Base(name), RejectUnknown: mapping.WhenUnknown == intake.Reject,
	}
	for _, by := range mapping.ResolveBy {
		options.ResolveBy = append(options.ResolveBy, store.Resolution(by))
	}
	into, err := d.Import(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer into.Abandon()
	if err := into.DeclareAttributes(t.Context(), mapping.Attributes()); err != nil {
		t.Fatal(err)
	}
	for ended := false; !ended; {
		var rows []customer.Row
		rows, ended = readBatch(t, reader)
		refused, err := into.Write(t.Context(), rows)
		if err != nil {
			t.Fatal(err)
		}
		for _, rejection := range refused {
			t.Errorf("%s, line %d, %s: %s", name, rejection.Line, rejection.Field, rejection.Reason)
		}
	}
	if err := into.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return into.Tally()
}

func (f file) open(t *testing.T) (*intake.Mapping, *intake.Reader) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, f.mapping))
	if err != nil {
		t.Fatal(err)
	}
	mapping, err := intake.ParseMapping(text)
	if err != nil {
		t.Fatalf("%s: %v", f.mapping, err)
	}
	data, err := os.Open(filepath.Join(folder, f.data))
	if err != nil {
		t.Fatal(err)
	}
	closeAfter(t, data)
	reader, err := mapping.Read(data)
	if err != nil {
		t.Fatalf("%s: %v", f.data, err)
	}
	return mapping, reader
}

// readBatch reads rows until there are enough for a transaction.
func readBatch(t *testing.T, reader *intake.Reader) (rows []customer.Row, ended bool) {
	t.Helper()
	rows = make([]customer.Row, 0, batchRows)
	for len(rows) < batchRows {
		rows = rows[:len(rows)+1]
		if err := reader.Next(&rows[len(rows)-1]); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Fatal(err) // a rejection too
			}
			return rows[:len(rows)-1], true
		}
	}
	return rows, false
}

// number asks for one number.
func (d *database) number(t *testing.T, question string, args ...any) int64 {
	t.Helper()
	var number int64
	if err := d.db.QueryRowContext(t.Context(), question, args...).Scan(&number); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return number
}
