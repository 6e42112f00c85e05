package generate

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/intake"
	"github.com/fairlead/fairlead/internal/store"
)

// Every reference resolves, and a second run finds all as it is.
func TestIntoStore(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, "sqlite://"+filepath.Join(t.TempDir(), "crm.db"), store.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, _, err := s.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	options := Options{Seed: 1, Customers: 200}
	wrote := map[string]int64{}
	for run := range 2 {
		calls := 0
		counts, err := Into(ctx, s, options, func(Count) { calls++ })
		if err != nil {
			t.Fatal(err)
		}
		if calls == 0 || len(counts) != len(Entities()) {
			t.Errorf("%d calls of progress, %d entities", calls, len(counts))
		}
		for _, count := range counts {
			if count.Rejected != 0 {
				t.Errorf("run %d: %d rows of %s were rejected: %s", run+1, count.Rejected, count.Entity, count.Rejection)
			}
			if run == 0 {
				wrote[count.Entity] = count.Read
				if count.Entity == "party" && (count.Parties >= count.Read || count.Candidates == 0) {
					t.Errorf("of %d parties %d were made and %d are look-alikes: no second spelling was recognised", count.Read, count.Parties, count.Candidates)
				}
				if count.New != count.Read {
					t.Errorf("%s: %d of %d rows are new", count.Entity, count.New, count.Read)
				}
				continue
			}
			if count.Unchanged != wrote[count.Entity] || count.New+count.Changed != 0 {
				t.Errorf("%s: a second run has %d new, %d changed, %d unchanged of %d", count.Entity, count.New, count.Changed, count.Unchanged, wrote[count.Entity])
			}
			if count.Entity != "party" && count.Parties != 0 {
				t.Errorf("%s made %d parties: references did not resolve", count.Entity, count.Parties)
			}
		}
	}
}

// What is written is read back as the same rows.
func TestFilesReadBack(t *testing.T) {
	options := Options{Seed: 4, Customers: 400}
	folder := filepath.Join(t.TempDir(), "new", "folder")
	counts, err := Files(t.Context(), options, folder, func(string, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	for i, entity := range Entities() {
		text, err := os.ReadFile(filepath.Join(folder, entity.Name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		mapping, err := intake.ParseMapping(text)
		if err != nil {
			t.Errorf("%s.yaml: %v", entity.Name, err)
			continue
		}
		if mapping.Source != Source || mapping.Entity() != entity {
			t.Errorf("%s.yaml is of source %s and entity %s", entity.Name, mapping.Source, mapping.Entity().Name)
		}
		data, err := os.ReadFile(filepath.Join(folder, entity.Name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		if read := compare(t, options, mapping, data); read != counts[i].Read {
			t.Errorf("%s: %d rows read, %d written", entity.Name, read, counts[i].Read)
		}
	}
}

// compare reads a file beside the rows that it should have.
func compare(t *testing.T, options Options, mapping *intake.Mapping, data []byte) (rows int64) {
	t.Helper()
	name := mapping.Entity().Name
	reader, err := mapping.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var got customer.Row
	err = EntityRows(options, mapping.Entity(), func(entity *customer.Entity, want *customer.Row) error {
		if err := reader.Next(&got); err != nil {
			return err
		}
		if rows++; !sameRow(entity, &got, want) {
			t.Errorf("%s: read %+v, want %+v", name, got, *want)
			return errors.New("differs")
		}
		return nil
	})
	if err != nil {
		t.Errorf("%s: after %d rows: %v", name, rows, err)
		return rows
	}
	if err := reader.Next(&got); !errors.Is(err, io.EOF) {
		t.Errorf("%s: there are more rows: %v", name, err)
	}
	if warnings := reader.Warnings(); len(warnings) > 0 {
		t.Errorf("%s: %v", name, warnings)
	}
	return rows
}

func sameRow(entity *customer.Entity, a, b *customer.Row) bool {
	same := a.Line == b.Line && a.Key == b.Key && len(a.Values) == len(entity.Fields) && customer.Digest(a.Values) == customer.Digest(b.Values) &&
		len(a.Parties) == len(b.Parties)
	for i := range b.Parties {
		if !same {
			return false
		}
		one, other := &a.Parties[i], &b.Parties[i]
		same = one.Key == other.Key && customer.Digest(present(one.Values)) == customer.Digest(present(other.Values)) && len(one.Attributes) == len(other.Attributes)
		for n := range other.Attributes {
			same = same && one.Attributes[n] == other.Attributes[n]
		}
	}
	return same
}

// present leaves out absent values at the end, which a row need not have.
func present(values []customer.Value) []customer.Value {
	for len(values) > 0 && !values[len(values)-1].Present {
		values = values[:len(values)-1]
	}
	return values
}

func TestCancelledContextEndsIt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Files(ctx, Options{Customers: 100_000}, t.TempDir(), func(string, int64) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
