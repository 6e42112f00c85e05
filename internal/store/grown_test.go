package store_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fairlead/fairlead/internal/store"
)

// TestFrozenWhereJustFilled fills a table of which the server thinks that it is empty, and freezes: the
// server has to count it first, or it plans for a row where there are thousands.
func TestFrozenWhereJustFilled(t *testing.T) {
	url := newDatabase(t)
	s := openStore(t, url, store.Options{Create: true})
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(t.Context())
	counted := func() (rows float64) {
		if err := connection.QueryRow(t.Context(), `SELECT reltuples FROM pg_class WHERE oid = 'segment_member'::regclass`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	for _, statement := range []string{
		// The server itself is not to be quicker.
		`ALTER TABLE segment_member SET (autovacuum_enabled = false)`,
		`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', n, '', 0 FROM generate_series(1, 5000) n`,
	} {
		if _, err := connection.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if rows := counted(); rows > 0 {
		t.Fatalf("the server knows of %v rows already", rows)
	}
	freeze := store.Freeze{Key: "k", Medium: "Email", Plan: "{}", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}
	if _, err := s.Freeze(t.Context(), freeze); err != nil {
		t.Fatal(err)
	}
	if rows := counted(); rows != 5000 {
		t.Errorf("the server knows of %v rows after a freeze", rows)
	}
}
