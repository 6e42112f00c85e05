package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

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
