package intake

import (
	"bufio"
	"strings"

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

// Parts takes the Original of a row apart, as the Record of a rejection has to
// be. It may be called while Next runs.
func (r *Reader) Parts(original string) []string {
	source, ok := r.source.(*csvSource)
	if !ok {
		return []string{original}
	}
	again := csvSource{lines: lineReader{from: bufio.NewReader(strings.NewReader(original))}, delimiter: source.delimiter}
	var parted record
	if err := again.next(&parted); err != nil {
		// It was read before, so this does not come up; then it is kept whole.
		return []string{original}
	}
	return parted.fields
}
