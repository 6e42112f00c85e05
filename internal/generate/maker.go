package generate

import (
	"strconv"

	"github.com/fairlead/fairlead/internal/customer"
)

// maker fills one row again and again and gives it away.
type maker struct {
	*world
	entity *customer.Entity
	emit   Emit
	row    customer.Row
	// positions of fields in Row.Values, and of those that are parties in
	// Row.Parties.
	positions map[string]int
	refers    map[string]int
	// err ends everything: after it nothing is given away any more.
	err error
	// current and host are used again for every customer.
	current, host firm
}

func newMaker(options Options, entity *customer.Entity, emit Emit) *maker {
	m := &maker{
		world: newWorld(options), entity: entity, emit: emit,
		positions: map[string]int{}, refers: map[string]int{},
	}
	for position := range entity.Fields {
		m.positions[entity.Fields[position].Name] = position
	}
	for n, position := range entity.Parties() {
		m.refers[entity.Fields[position].Name] = n
	}
	m.row.Values = make([]customer.Value, len(entity.Fields))
	m.row.Parties = make([]customer.PartyRow, len(m.refers))
	for n := range m.row.Parties {
		m.row.Parties[n].Values = make([]customer.Value, len(customer.PartyFields))
	}
	return m
}

// firm gives a customer by number; the one before is gone then.
func (m *maker) firm(n int) *firm {
	m.fillFirm(&m.current, n)
	return &m.current
}

// begin an empty row.
func (m *maker) begin(key string) {
	m.row.Line++
	m.row.Key = key
	clear(m.row.Values)
	for n := range m.row.Parties {
		m.row.Parties[n].Key = ""
	}
}

// end gives the row away.
func (m *maker) end() {
	if m.err == nil {
		m.err = m.emit(m.entity, &m.row)
	}
}

// set a field. That there is no such field is a mistake in this package.
func (m *maker) set(field string, value customer.Value) {
	position, known := m.positions[field]
	if !known {
		panic(m.entity.Name + " has no field " + field)
	}
	m.row.Values[position] = value
}

// text sets a field; "" leaves it absent.
func (m *maker) text(field, value string) {
	if value != "" {
		m.set(field, customer.String(value))
	}
}

func (m *maker) number(field string, value int64) { m.set(field, customer.Number(value)) }

func (m *maker) truth(field string, value bool) {
	if value {
		m.set(field, customer.Number(1))
	} else {
		m.set(field, customer.Number(0))
	}
}

func (m *maker) edition(e *edition) { m.set("edition", customer.String(e.text)) }

// party refers to a party by its key; "" to nobody.
func (m *maker) party(field, key string) {
	n, known := m.refers[field]
	if !known {
		panic(m.entity.Name + " has no party " + field)
	}
	m.row.Parties[n].Key = key
}

// ordinal writes a number into a key.
func ordinal(n int) string { return strconv.Itoa(n) }
