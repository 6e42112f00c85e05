package realdata

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// TestRealData imports everything into both databases. One test, because the
// comparisons at its end need what the imports before them made.
func TestRealData(t *testing.T) {
	sqlite, postgres := openSQLite(t, filepath.Join(t.TempDir(), "crm.db")), openPostgres(t)
	t.Run("SQLite", func(t *testing.T) { testImports(t, sqlite) })
	t.Run("PostgreSQL", func(t *testing.T) { testImports(t, postgres) })
	if t.Failed() {
		return
	}
	t.Run("SameRows", func(t *testing.T) { testSameRows(t, sqlite, postgres) })
	t.Run("Retention", func(t *testing.T) { testRetention(t, sqlite, postgres) })
	t.Run("Profiles", func(t *testing.T) { testProfiles(t, sqlite, postgres) })
	// The last one, since it puts the months of the shop into the stores.
	for name, d := range map[string]*database{"SQLite": sqlite, "PostgreSQL": postgres} {
		t.Run("Cohorts"+name, func(t *testing.T) { testCohorts(t, d) })
	}
}

func testImports(t *testing.T, d *database) {
	t.Run("Editions", func(t *testing.T) {
		expect(t, d.load(t, airshowEditions), store.Tally{Read: 29, New: 29})
		expect(t, d.load(t, airshowEditions), store.Tally{Read: 29, Unchanged: 29})
	})
	t.Run("Participations", func(t *testing.T) {
		first := d.load(t, airshowParticipations)
		t.Logf("%+v", first)
		// 359 rows say again what another row of their list says: the same text of
		// name, in the same country.
		expect(t, first, store.Tally{Read: 39_682, New: 39_323, Unchanged: 359, Parties: first.Parties, Candidates: first.Candidates})
		expect(t, d.load(t, airshowParticipations), store.Tally{Read: 39_682, Unchanged: 39_682})
		if got := d.number(t, `SELECT count(DISTINCT edition_id) FROM participation`); got != 29 {
			t.Errorf("participations of %d editions, want 29", got)
		}
	})
	t.Run("Transactions", func(t *testing.T) {
		first := d.load(t, retailTransactions)
		t.Logf("%+v", first)
		expect(t, first, store.Tally{Read: 22_190, New: 22_190, Parties: 4_372, Candidates: first.Candidates})
		expect(t, d.load(t, retailTransactions), store.Tally{Read: 22_190, Unchanged: 22_190})
		testRevenue(t, d)
		testCohort(t, d)
	})
}

func expect(t *testing.T, got, want store.Tally) {
	t.Helper()
	if got != want {
		t.Errorf("got  %+v,\nwant %+v", got, want)
	}
}

// testRevenue holds the store to what the source of the data is known to sum up
// to (data/NOTICE.md), to the penny.
func testRevenue(t *testing.T, d *database) {
	const positive = `FROM transaction_entry WHERE revenue > 0 AND currency = 'GBP' AND withdrawn_at IS NULL`
	if got := d.number(t, `SELECT count(DISTINCT customer_id) `+positive); got != 4_338 {
		t.Errorf("%d customers, want 4,338", got)
	}
	if got := d.number(t, `SELECT sum(revenue) `+positive); got != 891_140_790 {
		t.Errorf("revenue of %d pence, want GBP 8,911,407.90", got)
	}
}

// testCohort looks at those whose first purchase was in December 2010: how many
// of them bought in each of the three months after. A purchase is a positive
// invoice; its month is that of its date in the shop's zone, Europe/London.
func testCohort(t *testing.T, d *database) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	months := map[int64]map[int]bool{}
	first := map[int64]int{}
	d.rows(t, `SELECT customer_id, at FROM transaction_entry WHERE revenue > 0 AND withdrawn_at IS NULL`, func(rows *sql.Rows) error {
		var buyer, at int64
		err := rows.Scan(&buyer, &at)
		day := time.UnixMilli(at).In(london)
		month := day.Year()*12 + int(day.Month()) - 1
		if months[buyer] == nil {
			months[buyer], first[buyer] = map[int]bool{}, month
		}
		months[buyer][month] = true
		first[buyer] = min(first[buyer], month)
		return err
	})
	const december = 2010*12 + 11
	cohort, came := 0, [3]int{}
	for buyer, month := range first {
		if month != december {
			continue
		}
		cohort++
		for i := range came {
			if months[buyer][december+1+i] {
				came[i]++
			}
		}
	}
	got := fmt.Sprint(cohort)
	for _, n := range came {
		got += fmt.Sprintf(" %.1f", 100*float64(n)/float64(cohort))
	}
	if want := "885 36.6 32.3 38.4"; got != want {
		t.Errorf("cohort of December 2010, and per cent of it in the months after: %s, want %s", got, want)
	}
}

// rows gives every row of an answer to a function.
func (d *database) rows(t *testing.T, question string, see func(*sql.Rows) error) {
	t.Helper()
	rows, err := d.db.QueryContext(t.Context(), question)
	if err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	defer func() {
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}()
	for rows.Next() {
		if err := see(rows); err != nil {
			t.Fatalf("%s: %v", question, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
}

// dumped are tables with the order in which they are compared.
var dumped = []struct{ table, order string }{
	{"source", "id"}, {"attribute", "name"}, {"import_run", "id"}, {"edition", "id"}, {"party", "id"}, {"party_record", "id"},
	{"match_candidate", "id"}, {"participation", "customer_record_id, edition_id, role"}, {"transaction_entry", "id"},
	{"correction", "id"}, {"contact_point", "id"},
}

// testSameRows demands the same rows of both databases, numbers included: the
// order of a file decides them, and nothing of the database.
func testSameRows(t *testing.T, sqlite, postgres *database) {
	for _, d := range dumped {
		one, other := sqlite.dump(t, d.table, d.order), postgres.dump(t, d.table, d.order)
		if len(one) != len(other) {
			t.Errorf("%s: %d rows in SQLite, %d in PostgreSQL", d.table, len(one), len(other))
			continue
		}
		for i := range one {
			if one[i] != other[i] {
				t.Errorf("%s:\nSQLite     %s\nPostgreSQL %s", d.table, one[i], other[i])
				break
			}
		}
		t.Logf("%s: %d rows", d.table, len(one))
	}
}

// dump writes every row of a table as text, column by column.
func (d *database) dump(t *testing.T, table, order string) (lines []string) {
	t.Helper()
	d.rows(t, "SELECT * FROM "+table+" ORDER BY "+order, func(rows *sql.Rows) error {
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		var line strings.Builder
		for i, column := range columns {
			value := values[i]
			// SQLite has no type for true and false.
			if truth, is := value.(bool); is {
				value = 0
				if truth {
					value = 1
				}
			}
			fmt.Fprintf(&line, "%s=%v|", column, value)
		}
		lines = append(lines, line.String())
		return nil
	})
	return lines
}

// copyOf makes a copy of a store on SQLite.
func copyOf(t *testing.T, d *database) *database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	if _, err := d.db.ExecContext(t.Context(), `VACUUM INTO ?`, path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	return openSQLite(t, path)
}
