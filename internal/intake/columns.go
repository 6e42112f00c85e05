package intake

import (
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// naming are the fields by which a party can be found again. What else is said
// of a party describes one that is known, and makes none.
var naming = []int{customer.PartyCode, customer.PartyName, customer.PartyEmail, customer.PartyPhone, customer.PartyWebsite}

// names tells whether the value of a step can name a party.
func names(s *step) bool {
	return s.target == toPartyKey || s.target == toParty && slices.Contains(naming, s.slot)
}

// prefix of the fields of a party; none for the entity party itself.
func (m *Mapping) prefix(field int) string {
	if m.isParty() {
		return ""
	}
	return m.entity.Fields[field].Name + "."
}

// isParty tells whether rows are parties themselves.
func (m *Mapping) isParty() bool { return m.entity.Name == "party" }

// parseColumns reads what the columns of the file are.
func (m *Mapping) parseColumns(top node) {
	if len(m.entity.Parties()) > 0 {
		m.subject = 0
	}
	n := top.at("columns")
	items := n.list()
	if len(items) == 0 {
		n.fail("is required: which column of the file is which field of a %s", m.entity.Name)
	}
	taken := map[string]string{}
	for _, item := range items {
		if !item.object("column", "field", "value", "words") {
			continue
		}
		s := step{party: -1, field: item.at("field").required()}
		known := false
		if s.field != "" {
			known = m.find(item.at("field"), &s)
		}
		if other, twice := taken[s.field]; known && twice {
			item.at("field").fail("%s gives the field %q already", other, s.field)
		} else if known {
			taken[s.field] = item.path
		}
		m.parseOrigin(item, &s)
		if known {
			m.steps = append(m.steps, s)
		}
	}
}

// find sets the target of a step by the name of its field.
func (m *Mapping) find(n node, s *step) bool {
	if m.isParty() {
		return m.findOfParty(n, s, 0, s.field)
	}
	parties := m.entity.Parties()
	if name, rest, dotted := strings.Cut(s.field, "."); dotted {
		for at, i := range parties {
			if m.entity.Fields[i].Name == name {
				return m.findOfParty(n, s, at, rest)
			}
		}
	}
	if m.findInRow(s) {
		return true
	}
	if at := slices.IndexFunc(parties, func(i int) bool { return m.entity.Fields[i].Name == s.field }); at >= 0 {
		n.fail("%s is a party: write which field of it, such as %q or %q", s.field, s.field+".name", s.field+".key")
		return false
	}
	n.fail("%s has no field %q%s", m.entity.Name, s.field, suggest(s.field, m.fieldNames()))
	return false
}

// findInRow sets the target of a step to a field of the entity's own.
func (m *Mapping) findInRow(s *step) bool {
	for i, field := range m.entity.Fields {
		switch {
		case field.Kind == customer.Party:
			continue
		case field.Kind == customer.Edition && s.field == "series":
			s.target, s.slot, s.meaning = toSeries, i, customer.Field{Name: s.field}
			return true
		case field.Kind == customer.Edition && s.field == "edition":
			s.target, s.slot, s.meaning = toEdition, i, customer.Field{Name: s.field}
			return true
		case field.Kind != customer.Edition && field.Name == s.field:
			s.target, s.slot, s.meaning = toRow, i, field
			return true
		}
	}
	return false
}

// fieldNames are the names that a field of the entity may have in a mapping, for
// a suggestion.
func (m *Mapping) fieldNames() []string {
	var known []string
	for _, field := range m.entity.Fields {
		switch field.Kind {
		case customer.Party:
			known = append(known, field.Name+".key", field.Name+".name")
		case customer.Edition:
			known = append(known, "series", "edition")
		default:
			known = append(known, field.Name)
		}
	}
	return known
}

// findOfParty sets the target of a step to a field of a party.
func (m *Mapping) findOfParty(n node, s *step, party int, name string) bool {
	s.party = party
	switch {
	case name == "key":
		s.target, s.meaning = toPartyKey, customer.Field{Name: name}
		return true
	case name == "source":
		s.target, s.meaning = toPartySource, customer.Field{Name: name}
		return true
	case strings.HasPrefix(name, "sensitive."):
		s.target, s.name = toSensitive, strings.TrimPrefix(name, "sensitive.")
		s.meaning = customer.Field{Name: s.name}
		if !attributeName.MatchString(s.name) {
			n.fail("%q is no name of a sensitive field: letters, digits and underscores, beginning with no digit", s.name)
			return false
		}
		return true
	}
	known := []string{"key", "source"}
	for i, field := range customer.PartyFields {
		if field.Name == name {
			s.target, s.slot, s.meaning = toParty, i, field
			return true
		}
		known = append(known, field.Name)
	}
	n.fail("a party has no field %q%s", name, suggest(name, known))
	return false
}

// parseOrigin reads where the value of a step comes from, and holds constants
// and translations to the kind of the field.
func (m *Mapping) parseOrigin(n node, s *step) {
	column, value, words := n.at("column"), n.at("value"), n.at("words")
	switch {
	case column.given() == value.given():
		n.fail("needs either a column or a value")
		return
	case column.given():
		s.column = trim(column.required())
	default:
		if isNumeric(s.meaning.Kind) || s.meaning.Kind == customer.Truth {
			s.constant = trim(value.literal())
		} else {
			s.constant = trim(value.text())
		}
		if s.constant == "" && !value.isWrong() {
			value.fail("is empty: leave the field out instead")
		}
		m.check(value, s, s.constant)
		if words.given() {
			words.fail("are for columns; write the value as it is meant")
		}
	}
	for _, item := range words.list() {
		if !item.object("from", "to") {
			continue
		}
		if !item.at("from").given() {
			item.at("from").fail(`is required; "" for an empty column`)
		}
		t := translation{from: trim(item.at("from").text()), to: trim(item.at("to").literal())}
		if slices.ContainsFunc(s.words, func(other translation) bool { return other.from == t.from }) {
			item.at("from").fail("%q is there twice", t.from)
		}
		m.check(item.at("to"), s, t.to)
		s.words = append(s.words, t)
	}
}

// check demands that a text of the mapping can be read as the field. Amounts
// have to wait for the currency of their row.
func (m *Mapping) check(n node, s *step, text string) {
	if text == "" || s.field == "" || s.meaning.Kind == customer.Money {
		return
	}
	probe := *s
	probe.words = nil
	_, wrong := readerOf(&probe)(m.conventions(), &probe, text)
	switch {
	case wrong.reason != "":
		n.fail("%s", wrong.reason)
	case wrong.warning != 0:
		n.fail("%s: %q", wrong.warning, text)
	}
}

// conventions by which the mapping's files write values.
func (m *Mapping) conventions() *conventions {
	return &conventions{decimalComma: m.format.decimalComma, dates: m.format.dates, zone: m.format.zone, digits: -1}
}

// maps tells whether a step of the mapping is such.
func (m *Mapping) maps(such func(s *step) bool) bool {
	for i := range m.steps {
		if such(&m.steps[i]) {
			return true
		}
	}
	return false
}

// mapsKind tells whether the mapping gives a field of the entity of such a kind.
func (m *Mapping) mapsKind(kind customer.Kind) bool {
	return m.maps(func(s *step) bool { return s.target == toRow && s.meaning.Kind == kind })
}

// checkWhole demands what no single place of the mapping can tell.
func (m *Mapping) checkWhole(top node) {
	if len(m.steps) == 0 {
		return
	}
	columns := top.at("columns")
	for i, field := range m.entity.Fields {
		switch field.Kind {
		case customer.Edition:
			m.checkEdition(columns, field)
		case customer.Party:
			m.checkNamed(columns, i, field)
		default:
			if field.Required && !m.maps(func(s *step) bool { return s.target == toRow && s.slot == i }) {
				columns.fail("%s needs the field %q (%s)", m.entity.Name, field.Name, field.Doc)
			}
		}
	}
	if m.mapsKind(customer.Money) && !m.mapsKind(customer.Currency) {
		columns.fail(`amounts need the field "currency", from a column or as a value`)
	}
	hasKey := len(m.key) > 0 || len(m.entity.Key) > 0
	if m.isParty() {
		hasKey = hasKey || m.maps(func(s *step) bool { return s.target == toPartyKey })
	}
	if !hasKey {
		top.at("key").fail("is required: the columns that tell one %s of the file from another", m.entity.Name)
	}
}

// checkNamed demands of a party that is required what names it.
func (m *Mapping) checkNamed(columns node, i int, field customer.Field) {
	at := slices.Index(m.entity.Parties(), i)
	if field.Required && !m.maps(func(s *step) bool { return s.party == at && names(s) }) {
		columns.fail("%s is required: nothing names it, such as the field %q or %q", field.Name, m.prefix(i)+"key", m.prefix(i)+"name")
	}
}

// checkEdition demands both fields of an edition, or none.
func (m *Mapping) checkEdition(columns node, field customer.Field) {
	series := m.maps(func(s *step) bool { return s.target == toSeries })
	edition := m.maps(func(s *step) bool { return s.target == toEdition })
	if series != edition || field.Required && !series {
		columns.fail("an edition is written as two fields, series and edition: %s", missingOf(series, edition))
	}
}

// missingOf says what of an edition is not mapped.
func missingOf(series, edition bool) string {
	switch {
	case !series && !edition:
		return "both are missing"
	case series:
		return "edition is missing"
	default:
		return "series is missing"
	}
}
