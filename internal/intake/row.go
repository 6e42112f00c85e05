package intake

import (
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/customer/match"
)

// filler makes rows of records by the steps of a reader.
type filler struct {
	*conventions
	fields  int
	parties []fillParty
	// edition is the position of the edition's field and whether it is required;
	// -1 if the mapping gives none.
	edition         int
	editionRequired bool
	editionColumns  [2]int
	editions        *editions
	series, year    string
	// currency that digits are of.
	currency       customer.Value
	currencyDigits int
	// medium and address are the positions of an address that has to be one; -1 if
	// the entity has none.
	medium, address int
	addressColumn   int
}

// fillParty is what has to hold of a party of the row.
type fillParty struct {
	name     string
	required bool
	// column that names it, for a message; -1 for none.
	column int
	mapped bool
	// slots is how many of PartyFields are needed to hold those that are mapped: a
	// batch of rows has thousands of parties.
	slots int
}

// prepare lays out what is the same for all rows.
func (f *filler) prepare(r *Reader, c *conventions) {
	m := r.mapping
	f.conventions = c
	f.fields = len(m.entity.Fields)
	f.edition, f.medium, f.address, f.addressColumn = -1, -1, -1, -1
	for _, i := range m.entity.Parties() {
		field := m.entity.Fields[i]
		f.parties = append(f.parties, fillParty{name: field.Name, required: field.Required, column: -1})
	}
	if m.entity.Name == "contactPoint" {
		f.medium, f.address = m.entity.Index("medium"), m.entity.Index("address")
	}
	for i := range r.steps {
		s := &r.steps[i]
		s.read = readerOf(s)
		s.cache = newCache(s)
		if s.column == "" && s.meaning.Kind != customer.Money {
			// ParseMapping has seen that it can be read.
			s.fixed, _ = s.read(c, s, s.constant)
		}
		if s.party >= 0 {
			party := &f.parties[s.party]
			party.mapped = true
			if s.target == toParty {
				party.slots = max(party.slots, s.slot+1)
			}
			if names(s) && party.column < 0 {
				party.column = s.index
			}
		}
		switch {
		case s.target == toSeries, s.target == toEdition:
			f.edition, f.editionRequired = s.slot, m.entity.Fields[s.slot].Required
			f.editionColumns[s.target-toSeries] = s.index
			f.editions = new(editions)
		case s.target == toRow && s.slot == f.address:
			f.addressColumn = s.index
		}
	}
	// Amounts are read by the digits of their currency, which so comes first.
	slices.SortStableFunc(r.steps, func(a, b step) int { return rank(&a) - rank(&b) })
}

func rank(s *step) int {
	if s.target == toRow && s.meaning.Kind == customer.Currency {
		return 0
	}
	return 1
}

// reset empties a row.
func (f *filler) reset(row *customer.Row) {
	row.Key = ""
	row.Values = resize(row.Values, f.fields)
	if cap(row.Parties) < len(f.parties) {
		row.Parties = make([]customer.PartyRow, len(f.parties))
	}
	row.Parties = row.Parties[:len(f.parties)]
	for i := range row.Parties {
		party := &row.Parties[i]
		party.Key, party.Source = "", ""
		party.Values = resize(party.Values, f.parties[i].slots)
		party.Attributes, party.Sensitive = party.Attributes[:0], party.Sensitive[:0]
	}
}

// resize gives so many absent values, in the same memory if it can.
func resize(values []customer.Value, count int) []customer.Value {
	if cap(values) < count {
		return make([]customer.Value, count)
	}
	values = values[:count]
	clear(values)
	return values
}

// fill makes the row of the record, or says why it is none.
func (f *filler) fill(r *Reader, row *customer.Row) *Rejection {
	f.reset(row)
	row.Line, row.Original = r.record.line, r.record.original
	f.series, f.year, f.digits = "", "", -1
	for i := range r.steps {
		s := &r.steps[i]
		value := s.fixed
		if s.index >= 0 || s.meaning.Kind == customer.Money {
			var rejection *Rejection
			if value, rejection = f.value(r, s); rejection != nil {
				return rejection
			}
		}
		if value.Present {
			f.put(row, s, value)
		} else if s.meaning.Required {
			return r.reject(s.index, "%s is required and absent", s.field)
		}
	}
	if rejection := f.fillEdition(r, row); rejection != nil {
		return rejection
	}
	for i := range f.parties {
		if f.parties[i].mapped {
			if rejection := f.checkParty(r, row, i); rejection != nil {
				return rejection
			}
		}
	}
	if f.address >= 0 && row.Values[f.medium].Text == "Email" {
		if _, err := match.Email(row.Values[f.address].Text); err != nil {
			return r.reject(f.addressColumn, "address: no e-mail can be sent there: %v", err)
		}
	}
	return f.fillKey(r, row)
}

// value reads the column of a step.
func (f *filler) value(r *Reader, s *step) (customer.Value, *Rejection) {
	text := s.constant
	f.exact = false
	if s.index >= 0 {
		text = trim(r.record.fields[s.index])
		f.exact = len(r.record.exact) > 0 && r.record.exact[s.index]
	}
	value, wrong := s.convert(f.conventions, text)
	switch {
	case wrong.reason != "":
		return value, r.reject(s.index, "%s: %s", s.field, wrong.reason)
	case wrong.warning != 0:
		r.warn(wrong.warning, s.field, text)
	}
	return value, nil
}

// put a value where it belongs.
func (f *filler) put(row *customer.Row, s *step, value customer.Value) {
	switch s.target {
	case toRow:
		row.Values[s.slot] = value
		if s.meaning.Kind == customer.Currency {
			f.setCurrency(value)
		}
	case toParty:
		row.Parties[s.party].Values[s.slot] = value
	case toPartyKey:
		row.Parties[s.party].Key = value.Text
	case toPartySource:
		row.Parties[s.party].Source = value.Text
	case toAttribute:
		party := &row.Parties[s.party]
		party.Attributes = append(party.Attributes, customer.Attribute{Name: s.name, Kind: s.meaning.Kind, Value: value})
	case toSensitive:
		party := &row.Parties[s.party]
		party.Sensitive = append(party.Sensitive, customer.Attribute{Name: s.name, Kind: customer.Text, Value: value})
	case toSeries:
		f.series = value.Text
	case toEdition:
		f.year = value.Text
	}
}

// setCurrency is mostly the same as for the row before.
func (f *filler) setCurrency(value customer.Value) {
	if value != f.currency {
		f.currency = value
		f.currencyDigits, _ = customer.MinorDigits(value.Text)
	}
	f.digits = f.currencyDigits
}

// fillEdition puts series and edition together.
func (f *filler) fillEdition(r *Reader, row *customer.Row) *Rejection {
	switch {
	case f.edition < 0:
	case f.series != "" && f.year != "":
		row.Values[f.edition] = f.editions.value(f.series, f.year)
	case f.series == "" && f.year == "" && !f.editionRequired:
	case f.series == "":
		return r.reject(f.editionColumns[0], "series is required and absent")
	default:
		return r.reject(f.editionColumns[1], "edition is required and absent")
	}
	return nil
}

// checkParty demands that something names a party, or takes out what is said of
// nobody.
func (f *filler) checkParty(r *Reader, row *customer.Row, at int) *Rejection {
	party := &row.Parties[at]
	if party.Key != "" {
		return nil
	}
	for _, i := range naming {
		if i < len(party.Values) && party.Values[i].Present {
			return nil
		}
	}
	if rule := f.parties[at]; rule.required {
		return r.reject(rule.column, "%s is required, and nothing in the row names it: no key, name, code or address", rule.name)
	}
	described := func(s step) bool {
		return s.party == at && s.column != "" && s.target == toParty && s.slot != customer.PartyKind && party.Values[s.slot].Present
	}
	if len(party.Attributes) > 0 || len(party.Sensitive) > 0 || slices.ContainsFunc(r.steps, described) {
		r.warn(NotNamed, f.parties[at].name, "")
	}
	clear(party.Values)
	party.Source = ""
	party.Attributes, party.Sensitive = party.Attributes[:0], party.Sensitive[:0]
	return nil
}

// fillKey puts the key of the row together. A key of several columns has "|"
// between them, and a backslash before a "|" or a backslash in one of them. A
// key of one column is its text, so that other files can refer to it.
func (f *filler) fillKey(r *Reader, row *customer.Row) *Rejection {
	columns := r.key
	if len(columns) == 0 {
		if r.mapping.isParty() && len(r.mapping.entity.Key) == 0 {
			if row.Key = row.Parties[0].Key; row.Key == "" {
				return r.reject(-1, "key is required and absent")
			}
		}
		return nil
	}
	empty := true
	for _, column := range columns {
		text := trim(r.record.fields[column])
		if reason := checkText(text, f.decoded); reason != "" {
			return r.reject(column, "key: %s", reason)
		}
		empty = empty && text == ""
	}
	if empty {
		return r.reject(columns[0], "the key of the row is required and absent")
	}
	if len(columns) == 1 {
		row.Key = trim(r.record.fields[columns[0]])
		return nil
	}
	var key strings.Builder
	for i, column := range columns {
		if i > 0 {
			key.WriteByte('|')
		}
		text := trim(r.record.fields[column])
		for strings.ContainsAny(text, `\|`) {
			j := strings.IndexAny(text, `\|`)
			key.WriteString(text[:j])
			key.WriteByte('\\')
			key.WriteByte(text[j])
			text = text[j+1:]
		}
		key.WriteString(text)
	}
	row.Key = key.String()
	return nil
}
