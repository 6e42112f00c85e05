package storetest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
)

// database is the tests' own view of a store, past all of its code.
type database struct {
	t        *testing.T
	db       *sql.DB
	isSQLite bool
	names    []string
	// known are the columns of tables that were asked for.
	known map[string]map[string]column
}

// connect opens the database that a store's URL names.
func connect(t *testing.T, storeURL string) *database {
	t.Helper()
	d := &database{t: t, known: map[string]map[string]column{}, isSQLite: strings.HasPrefix(storeURL, "sqlite:")}
	driver, dsn := "pgx", storeURL
	if d.isSQLite {
		parsed, err := url.Parse(storeURL)
		if err != nil {
			t.Fatal(err)
		}
		driver, dsn = "sqlite", "file:"+parsed.EscapedPath()+"?_pragma=busy_timeout(30000)"
	}
	var err error
	if d.db, err = sql.Open(driver, dsn); err != nil {
		t.Fatal(err)
	}
	d.db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := d.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

func (d *database) sql(statement string) string {
	if d.isSQLite {
		return placeholder.ReplaceAllString(statement, "?$1")
	}
	return statement
}

func (d *database) exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.db.ExecContext(d.t.Context(), d.sql(statement), args...); err != nil {
		d.t.Fatalf("%s: %v", statement, err)
	}
}

// query gives rows as maps by column. Truth is a number, as in SQLite.
func (d *database) query(statement string, args ...any) []map[string]any {
	d.t.Helper()
	rows, err := d.db.QueryContext(d.t.Context(), d.sql(statement), args...)
	if err != nil {
		d.t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		d.t.Fatal(err)
	}
	var all []map[string]any
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			d.t.Fatal(err)
		}
		one := map[string]any{}
		for i, column := range columns {
			one[column] = plain(values[i])
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return all
}

// plain is a value as both databases could give it.
func plain(value any) any {
	switch value := value.(type) {
	case bool:
		if value {
			return int64(1)
		}
		return int64(0)
	case []byte:
		return string(value)
	default:
		return value
	}
}

func (d *database) number(statement string, args ...any) int64 {
	d.t.Helper()
	var number int64
	if err := d.db.QueryRowContext(d.t.Context(), d.sql(statement), args...).Scan(&number); err != nil {
		d.t.Fatalf("%s: %v", statement, err)
	}
	return number
}

func (d *database) text(statement string, args ...any) string {
	d.t.Helper()
	var text sql.NullString
	if err := d.db.QueryRowContext(d.t.Context(), d.sql(statement), args...).Scan(&text); err != nil {
		d.t.Fatalf("%s %v: %v", statement, args, err)
	}
	return text.String
}

// kept are tables that say what the store is, and not what it holds.
var kept = []string{"goose_db_version", "schema_version", "store"}

// tables are all that hold something.
func (d *database) tables() []string {
	d.t.Helper()
	if d.names == nil {
		d.names = slices.DeleteFunc(d.allTables(), func(name string) bool { return slices.Contains(kept, name) })
	}
	return d.names
}

func (d *database) allTables() []string {
	d.t.Helper()
	statement := `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1`
	if d.isSQLite {
		statement = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY 1`
	}
	var names []string
	for _, row := range d.query(statement) {
		names = append(names, fmt.Sprint(row["name"]))
	}
	return names
}

// Of a dump are left out: numbers of imports and when things were done, of which
// only whether they were; what is random; and what says how rows came in, or how far
// something is.
var (
	notDumpedTables  = []string{"import_run", "number_block", "change_mark", "segment"}
	notDumpedColumns = []string{"import_id", "started_at", "finished_at", "created_at", "ciphertext"}
	saidWhether      = []string{"withdrawn_at", "erased_at", "undone_at", "decided_at", "merged_at"}
	// counted are tables whose numbers follow from what came in; elsewhere they
	// depend on how rows were cut into batches too.
	counted = []string{"source", "edition", "party", "party_record", "merge_log"}
	// noTimes are tables whose "at" is when it was recorded.
	noTimes = []string{"party_record", "correction", "merge_log", "erasure_log", "access_log", "sensitive_field"}
)

// dump writes down all that the store holds, in an order of its own.
func (d *database) dump(without ...string) string {
	d.t.Helper()
	var all []string
	for _, table := range d.tables() {
		if slices.Contains(without, table) || slices.Contains(notDumpedTables, table) {
			continue
		}
		for _, row := range d.query("SELECT * FROM " + table) {
			d.clean(table, row)
			data, err := json.Marshal(row)
			if err != nil {
				d.t.Fatal(err)
			}
			all = append(all, table+" "+string(data))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func (d *database) clean(table string, row map[string]any) {
	for column, value := range row {
		switch {
		case value == nil, slices.Contains(notDumpedColumns, column),
			column == "at" && slices.Contains(noTimes, table), column == "id" && !slices.Contains(counted, table), column == "found_at":
			delete(row, column)
		case slices.Contains(saidWhether, column):
			row[column] = "some time"
		case column == "before":
			row[column] = d.cleanBefore(value)
		case column == "fact_id" && !slices.Contains(counted, fmt.Sprint(row["entity"])) && row["entity"] != "party":
			delete(row, column)
		}
	}
}

// cleanBefore is what a row said before it was corrected, as it is dumped.
func (d *database) cleanBefore(value any) map[string]any {
	d.t.Helper()
	var before map[string]any
	text, _ := value.(string)
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&before); err != nil {
		d.t.Fatalf("reading a correction: %v", err)
	}
	for column, value := range before {
		before[column] = plain(value)
		if slices.Contains(notDumpedColumns, column) || column == "withdrawn_at" {
			delete(before, column)
		}
		switch value {
		case true:
			before[column] = json.Number("1")
		case false:
			before[column] = json.Number("0")
		}
	}
	// Numbers of facts depend on how rows were cut into batches.
	delete(before, "id")
	delete(before, "at")
	return before
}

// differences are the lines that two dumps do not have in common.
func differences(got, want string) string {
	var said strings.Builder
	have, wanted := strings.Split(got, "\n"), strings.Split(want, "\n")
	for _, l := range have {
		if !slices.Contains(wanted, l) {
			fmt.Fprintf(&said, "+ %s\n", l)
		}
	}
	for _, l := range wanted {
		if !slices.Contains(have, l) {
			fmt.Fprintf(&said, "- %s\n", l)
		}
	}
	if said.Len() == 0 {
		return "the same rows, not as often"
	}
	return said.String()
}

// expectDump compares the store with what it should hold.
func (d *database) expectDump(want, what string, without ...string) {
	d.t.Helper()
	if got := d.dump(without...); got != want {
		d.t.Fatalf("%s (+ is there, - should be):\n%s", what, differences(got, want))
	}
}

// expectNowhere says that none of the texts stands in any column of any table.
func (d *database) expectNowhere(texts ...string) {
	d.t.Helper()
	for _, table := range d.allTables() {
		for _, row := range d.query("SELECT * FROM " + table) {
			for column, value := range row {
				held := strings.ToLower(fmt.Sprint(value))
				for _, text := range texts {
					if strings.Contains(held, strings.ToLower(text)) {
						d.t.Errorf("%q stands in %s.%s: %v", text, table, column, value)
					}
				}
			}
		}
	}
}
