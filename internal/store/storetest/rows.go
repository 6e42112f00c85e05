package storetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// line is a row that is being written. A mistake in a test panics: it is the
// test that is wrong.
type line struct {
	entity *customer.Entity
	made   customer.Row
	party  *customer.PartyRow
}

// row begins a row of an entity with nothing in it but whom it is about.
func row(entity string) *line {
	l := &line{entity: customer.EntityByName(entity)}
	l.made.Values = make([]customer.Value, len(l.entity.Fields))
	l.made.Parties = make([]customer.PartyRow, len(l.entity.Parties()))
	for i := range l.made.Parties {
		l.made.Parties[i].Values = make([]customer.Value, len(customer.PartyFields))
	}
	if len(l.made.Parties) > 0 {
		l.party = &l.made.Parties[0]
	}
	return l
}

// attended is a row of a plain list of who was there.
func attended(series, edition string) *line {
	return row("participation").edition(series, edition).set("role", "Exhibitor").set("status", "Attended")
}

// visited is a person's day at an edition.
func visited(series, edition string) *line {
	return row("visit").edition(series, edition).set("day", day(2024, 7, 22))
}

// organization is a row about an organization itself.
func organization(name, country string) *line { return row("party").named(name, country) }

// person is a row about a person.
func person(name, country string) *line {
	return row("party").says("kind", customer.Person).named(name, country)
}

// who turns to one of the row's parties: what follows is said of it.
func (l *line) who(field string) *line {
	at := slices.Index(l.entity.Parties(), l.entity.Index(field))
	l.party = &l.made.Parties[at]
	return l
}

// customer, and its country, which may be "".
func (l *line) customer(name, country string) *line { return l.who("customer").named(name, country) }

// person who the row is about.
func (l *line) person(name, country string) *line { return l.who("person").named(name, country) }

func (l *line) named(name, country string) *line {
	if name != "" {
		l.says("name", name)
	}
	if country != "" {
		l.says("country", country)
	}
	return l
}

// under is the key by which the source names the party.
func (l *line) under(key string) *line { l.party.Key = key; return l }

// of is another source whose key it is.
func (l *line) of(source string) *line { l.party.Source = source; return l }

// at is an e-mail address of the party.
func (l *line) at(email string) *line { return l.says("email", email) }

// says gives the party a field.
func (l *line) says(field string, value any) *line {
	for i := range customer.PartyFields {
		if customer.PartyFields[i].Name == field {
			l.party.Values[i] = valueOf(value)
			return l
		}
	}
	panic("parties have no field " + field)
}

// attribute beyond the fixed fields.
func (l *line) attribute(name string, kind customer.Kind, value any) *line {
	l.party.Attributes = append(l.party.Attributes, customer.Attribute{Name: name, Kind: kind, Value: valueOf(value)})
	return l
}

// secret is a sensitive field in clear.
func (l *line) secret(name, value string) *line {
	l.party.Sensitive = append(l.party.Sensitive, customer.Attribute{Name: name, Kind: customer.Text, Value: customer.String(value)})
	return l
}

// keyed is the row's own key.
func (l *line) keyed(key string) *line { l.made.Key = key; return l }

// set gives the row a field.
func (l *line) set(field string, value any) *line {
	l.made.Values[l.entity.Index(field)] = valueOf(value)
	return l
}

func (l *line) edition(series, edition string) *line {
	return l.set("edition", customer.EditionText(series, edition))
}

// copied is the row as an importer hands it over, which a store may write into.
func (l *line) copied(number int) customer.Row {
	r := l.made
	r.Line = int64(number)
	r.Values = slices.Clone(r.Values)
	r.Parties = slices.Clone(r.Parties)
	return r
}

func valueOf(value any) customer.Value {
	switch value := value.(type) {
	case string:
		return customer.String(value)
	case int:
		return customer.Number(int64(value))
	case int64:
		return customer.Number(value)
	case bool:
		if value {
			return customer.Number(1)
		}
		return customer.Number(0)
	default:
		panic(fmt.Sprintf("a field has no value of type %T", value))
	}
}

// day is a calendar day as stores hold it.
func day(year, month, of int) int64 {
	return time.Date(year, time.Month(month), of, 0, 0, 0, 0, time.UTC).UnixMilli()
}

// file is rows of one entity on their way in.
type file struct {
	options store.ImportOptions
	lines   []*line
	// batch is how many rows are written at once; all of them if zero.
	batch int
}

// from begins a file of a source, which finds parties in every way there is.
func from(source string, lines ...*line) *file {
	return &file{lines: lines, options: store.ImportOptions{
		Source: store.Source{Name: source, Trust: 50}, FileName: source + ".csv", Entity: lines[0].entity,
		ResolveBy: []store.Resolution{store.ByExternalKey, store.ByEmail, store.ByMatchKey},
	}}
}

func (f *file) by(resolutions ...store.Resolution) *file {
	f.options.ResolveBy = resolutions
	return f
}

func (f *file) trusted(trust int) *file { f.options.Source.Trust = trust; return f }

func (f *file) complete(scope store.Scope) *file { f.options.Snapshot = scope; return f }

func (f *file) rejectingUnknown() *file { f.options.RejectUnknown = true; return f }

func (f *file) with(keys store.Sealer) *file { f.options.Keys = keys; return f }

func (f *file) dry() *file { f.options.DryRun = true; return f }

func (f *file) inBatchesOf(rows int) *file { f.batch = rows; return f }

// batches are the file's rows as they are written.
func (f *file) batches() [][]customer.Row {
	rows := make([]customer.Row, len(f.lines))
	for i, l := range f.lines {
		rows[i] = l.copied(i + 2)
	}
	if f.batch == 0 {
		return [][]customer.Row{rows}
	}
	return slices.Collect(slices.Chunk(rows, f.batch))
}
