package intake

import (
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// Attributes are those that the mapping brings, with their types and without
// values.
func (m *Mapping) Attributes() []customer.Attribute {
	var attributes []customer.Attribute
	for i := range m.steps {
		if s := &m.steps[i]; s.target == toAttribute {
			attributes = append(attributes, customer.Attribute{Name: s.name, Kind: s.meaning.Kind})
		}
	}
	return attributes
}

// ColumnOf gives the column that a field, as mappings name it, comes from; the
// field itself where no column gives it.
func (m *Mapping) ColumnOf(field string) string {
	for i := range m.steps {
		if s := &m.steps[i]; s.field == field && s.column != "" {
			return s.column
		}
	}
	return field
}

// Record is the record that the last row was read from, as the file has it.
func (r *Reader) Record() []string { return slices.Clone(r.record.fields) }
