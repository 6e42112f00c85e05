package classify

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/postgres"
)

var server *postgres.Server

func TestMain(m *testing.M) {
	os.Exit(postgres.Main(m, func(_ context.Context, started *postgres.Server) error {
		server = started
		return nil
	}))
}

// today of all tables in these tests.
var today = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func daysAgo(days int) int64 { return today.AddDate(0, 0, -days).UnixMilli() }

// profile is what is known of a customer: columns of customer_profile, and under
// "dimension NAME" the columns of customer_dimension_profile.
type profile map[string]any

// database is one that profiles are in.
type database struct {
	name   string
	store  *store.Store
	raw    *sql.DB
	number func(int) string
}

// databases are one of each kind, empty.
func databases(t *testing.T) []database {
	t.Helper()
	file := filepath.Join(t.TempDir(), "store.db")
	url := server.NewDatabase(t)
	both := []database{
		{name: "SQLite", number: func(n int) string { return "?" + strconv.Itoa(n) }},
		{name: "PostgreSQL", number: func(n int) string { return "$" + strconv.Itoa(n) }},
	}
	for i, from := range [][3]string{{"sqlite://" + file, "sqlite", file}, {url, "pgx", url}} {
		opened, err := store.Open(t.Context(), from[0], store.Options{Create: true, Now: func() time.Time { return today.Add(7 * time.Hour) }})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := opened.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		raw, err := sql.Open(from[1], from[2])
		if err != nil {
			t.Fatal(err)
		}
		both[i].store, both[i].raw = opened, raw
		t.Cleanup(func() { raw.Close(); opened.Close() })
	}
	return both
}

// insert writes a row.
func (d database) insert(t *testing.T, table string, row map[string]any) {
	t.Helper()
	columns := slices.Sorted(maps.Keys(row))
	places, args := make([]string, len(columns)), make([]any, len(columns))
	for i, column := range columns {
		places[i], args[i] = d.number(i+1), row[column]
	}
	if _, err := d.raw.ExecContext(t.Context(), "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(places, ", ")+")", args...); err != nil {
		t.Fatalf("%s: %s: %v", d.name, table, err)
	}
}

// fill writes profiles of customers 1, 2 and so on, coded C1, C2.
func (d database) fill(t *testing.T, profiles []profile) {
	t.Helper()
	for i, p := range profiles {
		id := int64(i + 1)
		d.insert(t, "party", map[string]any{"id": id, "code": fmt.Sprint("C", id), "kind": "Organization"})
		row := map[string]any{"customer_id": id, "generation": int64(1)}
		for _, m := range customer.CustomerMeasures {
			switch {
			case m.Computed || !strings.HasPrefix(m.Absent, "never absent"):
			case m.Kind == customer.Word:
				row[m.Column()] = m.Words[0]
			default:
				row[m.Column()] = int64(0)
			}
		}
		for column, value := range p {
			name, is := strings.CutPrefix(column, "dimension ")
			if !is {
				row[column] = integer(value)
				continue
			}
			answer := map[string]any{"customer_id": id, "generation": int64(1), "dimension": name}
			for column, value := range value.(profile) {
				answer[column] = integer(value)
			}
			d.insert(t, "customer_dimension_profile", answer)
		}
		d.insert(t, "customer_profile", row)
	}
}

func integer(value any) any {
	if number, is := value.(int); is {
		return int64(number)
	}
	return value
}

// example is a customer and the class it is in.
type example struct {
	what    string
	profile profile
	class   string
}

// segmentOf is a segment of all customers, split by a model.
func segmentOf(model *Model) store.Segment {
	return store.Segment{Name: model.Name(), Definition: "1", Predicate: store.Predicate{Condition: "TRUE"}, Classes: model.Prepared()}
}

// expectClasses evaluates a model over examples on both databases, and holds every class
// to the one that explain would give too.
func expectClasses(t *testing.T, spec crm.Classification, examples []example) {
	t.Helper()
	model, err := Compile(spec, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	expectModel(t, model, examples)
}

func expectModel(t *testing.T, model *Model, examples []example) {
	t.Helper()
	profiles := make([]profile, len(examples))
	for i, e := range examples {
		profiles[i] = e.profile
	}
	reached := map[string]bool{}
	for _, d := range databases(t) {
		d.fill(t, profiles)
		segment := segmentOf(model)
		if _, err := d.store.Evaluate(t.Context(), segment); err != nil {
			t.Fatalf("%s: %v", d.name, err)
		}
		for i, e := range examples {
			var got string
			if err := d.raw.QueryRowContext(t.Context(), "SELECT class FROM segment_member WHERE customer_id = "+d.number(1), int64(i+1)).Scan(&got); err != nil {
				t.Fatalf("%s: %s: %v", d.name, e.what, err)
			}
			if got != e.class {
				t.Errorf("%s: %s: the class is %s, want %s", d.name, e.what, got, e.class)
			}
			reached[got] = true
			class, values, err := d.store.AskClass(t.Context(), fmt.Sprint("C", i+1), segment, model.Selected())
			if err != nil || class != got {
				t.Fatalf("%s: %s: asked, the class is %s, %v; want %s", d.name, e.what, class, err, got)
			}
			if _, err := model.Readings(values); err != nil {
				t.Errorf("%s: %s: %v", d.name, e.what, err)
			}
		}
	}
	for _, class := range model.Classes() {
		if !reached[class] {
			t.Errorf("no example is in the class %s", class)
		}
		if model.Meaning(class) == "" {
			t.Errorf("the class %s has no meaning", class)
		}
	}
}
