package intake

import "github.com/fairlead/fairlead/internal/customer"

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

// ColumnOf gives the column that a field, as mappings name it, comes from; "" for
// a field that no column gives.
func (m *Mapping) ColumnOf(field string) string {
	for i := range m.steps {
		if s := &m.steps[i]; s.field == field {
			return s.column
		}
	}
	return ""
}

// Record gives the record that the last row was read from, as a rejection of it
// has to, in the memory of into.
func (r *Reader) Record(into []string) []string {
	if objects, ok := r.source.(*jsonSource); ok {
		return append(into[:0], objects.text)
	}
	return append(into[:0], r.record.fields...)
}
