package storetest

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

func testTables(t *testing.T, s *suite) {
	w := s.world(t)
	t.Run("ColumnsOfEntities", func(t *testing.T) { testColumns(t, w) })
	t.Run("Collation", func(t *testing.T) { testCollation(t, w) })
	t.Run("Types", func(t *testing.T) { testTypes(t, w) })
	t.Run("SameInBothDialects", testDialects)
	t.Run("EveryIndexAnswersAQuestion", testQuestions)
}

// column is what a database says of one column.
type column struct {
	kind     string
	required bool
}

// columns of a table.
func (d *database) columns(table string) map[string]column {
	d.t.Helper()
	if found, is := d.known[table]; is {
		return found
	}
	statement := `SELECT column_name AS name, data_type AS type, CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END AS required
		FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1`
	if d.isSQLite {
		// What is the primary key is never absent either.
		statement = `SELECT name, type, "notnull" OR pk AS required FROM pragma_table_info($1)`
	}
	found := map[string]column{}
	for _, row := range d.query(statement, table) {
		found[fmt.Sprint(row["name"])] = column{strings.ToUpper(fmt.Sprint(row["type"])), fmt.Sprint(row["required"]) == "1"}
	}
	d.known[table] = found
	return found
}

// typeOf is the type of a column that holds a kind.
func (d *database) typeOf(kind customer.Kind) string {
	switch {
	case kind == customer.Truth && !d.isSQLite:
		return "BOOLEAN"
	case kind == customer.Party, kind.IsNumber():
		if d.isSQLite {
			return "INTEGER"
		}
		return "BIGINT"
	default:
		return "TEXT"
	}
}

// declared are the columns that an entity's table must have.
func declared(d *database, entity *customer.Entity) map[string]column {
	number := d.typeOf(customer.Whole)
	if entity.Name == "edition" {
		want := map[string]column{"id": {number, true}, "series": {"TEXT", true}, "edition": {"TEXT", true}, "import_id": {number, false}}
		for _, field := range entity.Fields[1:] {
			// Nobody says that an edition was held: it was unless cancelled.
			want[field.Column()] = column{d.typeOf(field.Kind), field.Kind == customer.Truth}
		}
		return want
	}
	want := map[string]column{"digest": {number, true}, "import_id": {number, true}, "withdrawn_at": {number, false}}
	if entity.Name != "participation" {
		want["id"], want["source_id"], want["external_key"] = column{number, true}, column{number, true}, column{"TEXT", true}
	}
	for _, field := range entity.Fields {
		switch field.Kind {
		case customer.Party:
			want[field.Column()+"_id"] = column{number, field.Required}
			want[field.Column()+"_record_id"] = column{number, field.Required}
		case customer.Address:
			want[field.Column()] = column{"TEXT", field.Required}
			want[field.Column()+"_key"] = column{"TEXT", field.Required}
			want[field.Column()+"_id"] = column{number, false}
		default:
			want[field.Column()] = column{d.typeOf(field.Kind), field.Required}
		}
	}
	return want
}

func testColumns(t *testing.T, w *world) {
	for _, entity := range facts() {
		got, want := w.columns(entity.Table), declared(w.database, entity)
		for name, column := range want {
			if got[name] != column {
				t.Errorf("%s.%s is %+v, want %+v", entity.Table, name, got[name], column)
			}
		}
		for name := range got {
			if _, known := want[name]; !known {
				t.Errorf("%s.%s is a column of no field", entity.Table, name)
			}
		}
	}
	party := w.columns("party")
	for i, field := range customer.PartyFields[:customer.PartyAt] {
		required := i == customer.PartyKind || i == customer.PartyCode || i == customer.PartyRoles
		if want := (column{w.typeOf(field.Kind), required}); party[field.Column()] != want {
			t.Errorf("party.%s is %+v, want %+v", field.Column(), party[field.Column()], want)
		}
	}
}

// testCollation makes sure that text compares by bytes in both databases.
func testCollation(t *testing.T, w *world) {
	if w.isSQLite {
		for _, row := range w.query(`SELECT name, sql FROM sqlite_master WHERE sql LIKE '%COLLATE%'`) {
			t.Errorf("%v has a collation: %v", row["name"], row["sql"])
		}
		return
	}
	for _, row := range w.query(`SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C' AND table_name <> 'goose_db_version'`) {
		t.Errorf(`%v.%v is not COLLATE "C"`, row["table_name"], row["column_name"])
	}
	for _, row := range w.query(`SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid, unnest(i.indcollation::oid[]) AS one (id)
		JOIN pg_collation l ON l.oid = one.id WHERE c.relnamespace = current_schema()::regnamespace AND l.collname <> 'C' AND c.relname NOT LIKE 'goose%'`) {
		t.Errorf(`index %v is not COLLATE "C"`, row["name"])
	}
}

// testTypes allows three types and no more: see the head of the migrations.
func testTypes(t *testing.T, w *world) {
	allowed := []string{"BIGINT", "TEXT", "BOOLEAN"}
	if w.isSQLite {
		allowed = []string{"INTEGER", "TEXT"}
		for _, row := range w.query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%' AND sql NOT LIKE '%STRICT%'`) {
			t.Errorf("table %v is not STRICT", row["name"])
		}
	}
	for _, table := range w.tables() {
		for name, column := range w.columns(table) {
			if !slices.Contains(allowed, column.kind) {
				t.Errorf("%s.%s is %s", table, name, column.kind)
			}
		}
	}
}

var (
	tableBegins  = regexp.MustCompile(`^CREATE TABLE (\w+) \($`)
	columnStands = regexp.MustCompile(`\b([a-z]\w*)\s+(?:BIGINT|INTEGER|TEXT|BOOLEAN)\b`)
	indexStands  = regexp.MustCompile(`^CREATE (?:UNIQUE )?INDEX (\w+) ON \w+`)
)

// written are the columns of all tables as the migrations have them, and all
// indexes with the tables they are on.
func written(t *testing.T, folder string) (tables map[string][]string, indexes []string) {
	t.Helper()
	tables = map[string][]string{}
	table := ""
	for _, line := range migrationLines(t, folder) {
		begins := tableBegins.FindStringSubmatch(line)
		switch {
		case begins != nil:
			table = begins[1]
			tables[table] = nil
		case indexStands.MatchString(line):
			indexes = append(indexes, indexStands.FindString(line))
		case strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "  --"):
			for _, found := range columnStands.FindAllStringSubmatch(line, -1) {
				tables[table] = append(tables[table], found[1])
			}
		}
	}
	return tables, indexes
}

func migrationLines(t *testing.T, folder string) []string {
	t.Helper()
	files := migrationFiles(t, folder, int(store.KnownVersion()))
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, name := range names {
		data, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.Split(string(data), "\n")...)
	}
	return lines
}

func testDialects(t *testing.T) {
	ours, indexes := written(t, "postgres")
	theirs, others := written(t, "sqlite")
	if len(ours) < 40 {
		t.Fatalf("only %d tables were found", len(ours))
	}
	for table := range ours {
		if !slices.Equal(ours[table], theirs[table]) {
			t.Errorf("%s has other columns in SQLite:\n%v\n%v", table, ours[table], theirs[table])
		}
	}
	if len(theirs) != len(ours) {
		t.Errorf("PostgreSQL has %d tables and SQLite %d", len(ours), len(theirs))
	}
	if !slices.Equal(indexes, others) {
		t.Errorf("the indexes differ:\n%v\n%v", indexes, others)
	}
}

func testQuestions(t *testing.T) {
	for _, folder := range []string{"postgres", "sqlite"} {
		lines := migrationLines(t, folder)
		for i, line := range lines {
			name := indexStands.FindStringSubmatch(line)
			if name != nil && (i == 0 || !strings.HasPrefix(lines[i-1], "-- Question: ")) {
				t.Errorf("%s: nothing says which question the index %s answers", folder, name[1])
			}
		}
	}
}
