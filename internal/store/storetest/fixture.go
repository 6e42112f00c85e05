package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// world is a store that a test works with, and the tests' clock.
type world struct {
	*store.Store
	t *testing.T
	// url of the database.
	url string
	*database
	clock *time.Time
}

// begins is when every test begins.
var begins = time.Date(2026, time.January, 5, 9, 0, 0, 0, time.UTC)

// hashKey makes the hashes of all tests the same, so that two stores can be
// compared.
const hashKey = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

// world is the shared store, wiped.
func (s *suite) world(t *testing.T) *world {
	t.Helper()
	return s.shared.in(t)
}

// in is the same store, wiped, for another test.
func (w *world) in(t *testing.T) *world {
	t.Helper()
	again, view := *w, *w.database
	view.t = t
	again.t, again.database = t, &view
	*w.clock = begins
	again.wipe()
	return &again
}

// own opens a store that the test has for itself.
func (s *suite) own(t *testing.T) *world {
	t.Helper()
	w := visit(t, s.open(t))
	w.wipe()
	return w
}

// visit opens a store and brings its schema up to date.
func visit(t *testing.T, url string) *world {
	t.Helper()
	clock := begins
	w := &world{t: t, url: url, clock: &clock}
	w.Store = w.another()
	if _, _, err := w.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.database = connect(t, url)
	return w
}

// another opens the same store once more, as another process would.
func (w *world) another() *store.Store {
	w.t.Helper()
	clock := w.clock
	opened, err := store.Open(w.t.Context(), w.url, store.Options{Create: true, Portion: 7, Now: func() time.Time { return *clock }})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return opened
}

// wipe makes the store as it was when it was new.
func (w *world) wipe() {
	w.t.Helper()
	w.exec("DELETE FROM " + strings.Join(w.tables(), "; DELETE FROM "))
	w.exec("UPDATE store SET hash_key = $1, sensitive_fields = '[\"bankAccount\"]', owner_cluster = NULL, owner_namespace = NULL, owner_name = NULL, reporting_currency = NULL, expected_relationship_months = $2", hashKey, customer.DefaultRelationshipMonths)
}

// later lets time pass.
func (w *world) later() { *w.clock = w.clock.Add(time.Hour) }

// outcome is what became of a file.
type outcome struct {
	store.Tally
	rejections []store.RowRejection
}

// load imports a file, which has to succeed; an hour later it is.
func (w *world) load(f *file) outcome {
	w.t.Helper()
	result, err := w.try(w.t.Context(), f)
	if err != nil {
		w.t.Fatal(err)
	}
	w.later()
	return result
}

// try imports a file.
func (w *world) try(ctx context.Context, f *file) (outcome, error) { return load(ctx, w.Store, f) }

func load(ctx context.Context, into *store.Store, f *file) (outcome, error) {
	var result outcome
	i, err := into.Import(ctx, f.options)
	if err != nil {
		return result, err
	}
	for _, batch := range f.batches() {
		rejections, err := f.write(ctx, i, batch)
		if err != nil {
			i.Abandon()
			return result, err
		}
		result.rejections = append(result.rejections, rejections...)
	}
	err = i.Finish(ctx)
	result.rejections = append(result.rejections, i.Rejections()...)
	result.Tally = i.Tally()
	return result, err
}

// write takes rows in one of the ways there are.
func (f *file) write(ctx context.Context, i *store.Import, rows []customer.Row) ([]store.RowRejection, error) {
	if f.batch == 0 {
		return i.Write(ctx, rows)
	}
	// As importers of long files do: in several pieces.
	half := len(rows) / 2
	if err := errors.Join(i.Add(ctx, rows[:half]), i.Add(ctx, rows[half:])); err != nil {
		return nil, err
	}
	err := i.Flush(ctx)
	return i.Rejections(), err
}

// expect compares what became of a file with what should have.
func (o outcome) expect(t *testing.T, want store.Tally) outcome {
	t.Helper()
	if o.Tally != want {
		t.Errorf("it became of the file:\n%+v, want\n%+v (rejections: %v)", o.Tally, want, o.rejections)
	}
	return o
}

// merge makes two parties one.
func (w *world) merge(survivor, loser string) int64 {
	w.t.Helper()
	id, err := w.Merge(w.t.Context(), survivor, loser, "the same", "tester")
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) unmerge(id int64) {
	w.t.Helper()
	if err := w.Unmerge(w.t.Context(), id, "tester"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) erase(code string) []store.Evidence {
	w.t.Helper()
	evidence, err := w.Erase(w.t.Context(), code, "asked for it", "tester")
	if err != nil {
		w.t.Fatal(err)
	}
	return evidence
}

// show is everything that the store has of a party.
func (w *world) show(code string) *store.Party {
	w.t.Helper()
	party, err := w.Show(w.t.Context(), code, store.ShowOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
	return party
}

// field is a field of a party as it stands.
func (w *world) field(code, name string) string {
	w.t.Helper()
	for _, field := range w.show(code).Fields {
		if field.Name == name {
			return field.Value
		}
	}
	return ""
}

// codeOf is the code of the one party that a source names by a key.
func (w *world) codeOf(source, key string) string {
	w.t.Helper()
	return w.text(`SELECT p.code FROM party p JOIN party_record r ON r.party_id = p.id JOIN source s ON s.id = r.source_id
		WHERE s.name = $1 AND r.external_key = $2`, source, key)
}

// expectOne says that two keys mean the same party, or that they do not.
func (w *world) expectOne(is bool, source, key, otherSource, otherKey string) {
	w.t.Helper()
	one, other := w.codeOf(source, key), w.codeOf(otherSource, otherKey)
	if (one == other) != is {
		w.t.Errorf("%s of %s is %s and %s of %s is %s; one party: want %v", key, source, one, otherKey, otherSource, other, is)
	}
}

// expectNumber compares what a query counts.
func (w *world) expectNumber(want int64, what, query string, args ...any) {
	w.t.Helper()
	if got := w.number(query, args...); got != want {
		w.t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// expectParties counts the parties that stand for themselves.
func (w *world) expectParties(want int64) {
	w.t.Helper()
	w.expectNumber(want, "parties", `SELECT count(*) FROM party WHERE merged_into IS NULL AND erased_at IS NULL`)
}

// expectRejected says that the only rejection is about a field, for a reason.
func (o outcome) expectRejected(t *testing.T, field, reason string) {
	t.Helper()
	if len(o.rejections) != 1 || o.Rejected != 1 || o.rejections[0].Field != field || o.rejections[0].Reason != reason {
		t.Errorf("rejected were %+v, want one row, field %q, because %q", o.rejections, field, reason)
	}
}

// expectError says of which type an error has to be.
func expectError[E error](t *testing.T, err error, doing string) (is E) {
	t.Helper()
	if !errors.As(err, &is) {
		t.Errorf("%s: %v, want a %T", doing, err, is)
	}
	return is
}
