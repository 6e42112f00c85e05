package generate

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// Files writes the rows of every entity into a folder as JSON lines, and beside
// them the mapping to import them by: participation.jsonl, participation.yaml.
// progress is called now and then with the rows of the entity so far.
func Files(ctx context.Context, options Options, folder string, progress func(entity string, rows int64)) ([]Count, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	var counts []Count
	for _, entity := range Entities() {
		path := filepath.Join(folder, entity.Name)
		if err := os.WriteFile(path+".yaml", mapping(entity), 0o644); err != nil {
			return counts, err
		}
		rows, err := writeFile(ctx, options, entity, path+".jsonl", progress)
		if err != nil {
			return counts, fmt.Errorf("writing %s.jsonl: %w", path, err)
		}
		count := Count{Entity: entity.Name}
		count.Read = rows
		counts = append(counts, count)
	}
	return counts, nil
}

func writeFile(ctx context.Context, options Options, entity *customer.Entity, path string, progress func(string, int64)) (rows int64, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() {
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
	}()
	out := bufio.NewWriterSize(file, 1<<16)
	line := objectWriter{columns: columnsOf(entity)}
	err = EntityRows(options, entity, func(_ *customer.Entity, row *customer.Row) error {
		if rows++; rows%batchRows == 0 {
			progress(entity.Name, rows)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		_, err := out.Write(line.object(row))
		return err
	})
	if err != nil {
		return rows, err
	}
	return rows, out.Flush()
}

// column of a file: the key of an object, and what of a row it holds.
type column struct {
	// name in the object, and the field that the mapping gives it.
	name string
	// field it is of, at a position in Row.Values; for a field of the party itself
	// in PartyRow.Values. party is the position in Row.Parties, -1 for none.
	field    customer.Field
	position int
	party    int
}

// columnsOf are the columns of an entity's file, beside the key of the row.
func columnsOf(entity *customer.Entity) []column {
	var columns []column
	if entity.Name == "party" {
		for position, field := range customer.PartyFields {
			columns = append(columns, column{name: field.Name, field: field, position: position, party: 0})
		}
		return columns
	}
	parties := 0
	for position, field := range entity.Fields {
		one := column{name: field.Name, field: field, position: position, party: -1}
		if field.Kind == customer.Party {
			one.name += ".key"
			one.party = parties
			parties++
		}
		columns = append(columns, one)
	}
	return columns
}

// objectWriter writes rows as JSON objects, into the same memory.
type objectWriter struct {
	columns []column
	data    []byte
}

// object of a row, with a line feed. What is absent is left out.
func (w *objectWriter) object(row *customer.Row) []byte {
	w.data = append(w.data[:0], '{')
	w.string("key", row.Key)
	currency := ""
	for i := range w.columns {
		if one := &w.columns[i]; one.field.Kind == customer.Currency && one.party < 0 {
			currency = row.Values[one.position].Text
		}
	}
	for i := range w.columns {
		one := &w.columns[i]
		switch {
		case one.field.Kind == customer.Party:
			if key := row.Parties[one.party].Key; key != "" {
				w.string(one.name, key)
			}
		case one.party >= 0:
			w.value(one, row.Parties[one.party].Values[one.position], currency)
		default:
			w.value(one, row.Values[one.position], currency)
		}
	}
	for i := range row.Parties {
		for _, attribute := range row.Parties[i].Attributes {
			one := column{name: attribute.Name, field: customer.Field{Kind: attribute.Kind, Scale: customer.AttributeScale}}
			w.value(&one, attribute.Value, "")
		}
	}
	w.data = append(w.data, '}', '\n')
	return w.data
}

func (w *objectWriter) value(of *column, value customer.Value, currency string) {
	if !value.Present {
		return
	}
	switch of.field.Kind {
	case customer.Edition:
		series, year := customer.SplitEdition(value.Text)
		w.string("series", series)
		w.string("edition", year)
	case customer.Whole, customer.Decimal, customer.Money, customer.Truth:
		w.name(of.name)
		w.data = append(w.data, of.field.Format(value, currency)...)
	case customer.Fact:
		w.string(of.name, value.Text)
	default:
		w.string(of.name, of.field.Format(value, currency))
	}
}

func (w *objectWriter) name(name string) {
	if len(w.data) > 1 {
		w.data = append(w.data, ',')
	}
	w.data = append(strconv.AppendQuote(w.data, name), ':')
}

// string adds a text. What is made up has no control characters, and JSON quotes
// all else as Go does, if letters of other scripts stay as they are.
func (w *objectWriter) string(name, text string) {
	w.name(name)
	w.data = append(w.data, '"')
	for i := range len(text) {
		if text[i] == '"' || text[i] == '\\' {
			w.data = append(w.data, '\\')
		}
		w.data = append(w.data, text[i])
	}
	w.data = append(w.data, '"')
}

// mapping is the file to import the rows of an entity by.
func mapping(entity *customer.Entity) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, `# Made-up rows of %[1]s; import %[1]s.jsonl by it.
source: %[2]s
trust: %[3]d
legalBasis: %[4]q
acquired: %[5]s
entity: %[1]s
format: {type: JSONLines}
key: [key]
columns:
`, entity.Name, Source, trust, legalBasis, acquired)
	line := func(name string) { fmt.Fprintf(&text, "- {column: %[1]s, field: %[1]s}\n", name) }
	if entity.Name == "party" {
		line("key")
	}
	for _, one := range columnsOf(entity) {
		if one.field.Kind == customer.Edition {
			line("series")
			line("edition")
			continue
		}
		line(one.name)
	}
	if entity.Name == "party" {
		text.WriteString("attributes:\n")
		for _, attribute := range attributes {
			fmt.Fprintf(&text, "- {column: %[1]s, name: %[1]s, type: %[2]s}\n", attribute.Name, typeNames[attribute.Kind])
		}
	}
	return []byte(text.String())
}

// typeNames are the types of attributes as mappings name them.
var typeNames = map[customer.Kind]string{customer.Truth: "Truth", customer.Decimal: "Decimal"}
