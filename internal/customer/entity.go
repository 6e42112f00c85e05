package customer

import "strings"

// Field is one thing an entity says.
type Field struct {
	// Name in mapping files, such as listPrice.
	Name string
	// Kind is its type.
	Kind Kind
	// Scale is the number of digits after the point of a Decimal.
	Scale int
	// Words are the words allowed for Word and Words.
	Words []string
	// Refers is the entity that a Fact refers to.
	Refers string
	// Required fields must be given in every row.
	Required bool
	// Personal fields are emptied when their person is erased.
	Personal bool
	// Doc says what the field means.
	Doc string
}

// Column is the name of the field's column in a store, such as list_price. A
// Party has two: Column with _id, and with _record_id.
func (f Field) Column() string {
	var column strings.Builder
	for _, r := range f.Name {
		if r >= 'A' && r <= 'Z' {
			column.WriteByte('_')
			r += 'a' - 'A'
		}
		column.WriteRune(r)
	}
	switch f.Kind {
	case Edition, Fact:
		column.WriteString("_id")
	case HashedAddress:
		column.WriteString("_hash")
	default:
		// "primary", "from" and "to" are words of SQL.
		switch f.Name {
		case "primary":
			return "is_primary"
		case "from", "to":
			return "valid_" + f.Name
		}
	}
	return column.String()
}

// Entity is a kind of row that can be imported, shown and exported.
type Entity struct {
	// Name in mapping files, such as participation.
	Name string
	// Table in the store.
	Table string
	// Doc says what one row is.
	Doc string
	// Fields in the order of the store's columns. The first Party is whom the
	// row is about.
	Fields []Field
	// Key are the fields that tell rows of one source apart when the mapping names
	// no key; none if the mapping must name one.
	Key []string
	// ForBooks is true for facts that stay, without personal fields, when their
	// person is erased. Others are removed.
	ForBooks bool
	// Makes is the role that the subject of a row has by it, if any. For
	// participations it is the row's own role.
	Makes string
}

// Field finds a field by name; nil if there is none.
func (e *Entity) Field(name string) *Field {
	if i := e.Index(name); i >= 0 {
		return &e.Fields[i]
	}
	return nil
}

// Index gives the position of a field in Fields; -1 if there is none.
func (e *Entity) Index(name string) int {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// Parties gives the positions of the fields that refer to parties.
func (e *Entity) Parties() []int {
	var positions []int
	for i := range e.Fields {
		if e.Fields[i].Kind == Party {
			positions = append(positions, i)
		}
	}
	return positions
}

// EntityByName finds an entity; nil if there is none.
func EntityByName(name string) *Entity {
	for i := range Entities {
		if Entities[i].Name == name {
			return &Entities[i]
		}
	}
	return nil
}

// Row is one row on its way into a store.
type Row struct {
	// Line of the file on which the row begins, from 1.
	Line int64
	// Key of the row in its source; "" lets Entity.Key decide.
	Key string
	// Original is the record as its file has it, for a rejection to repeat.
	Original string
	// Values by position of Entity.Fields. Those of parties are absent here.
	Values []Value
	// Parties in the order of Entity.Parties; one that is not named is empty. The
	// row of the entity party itself is the only one of its Parties.
	Parties []PartyRow
}

// PartyRow is what a row says of a party.
type PartyRow struct {
	// Key of the party in Source; "" if only fields describe it.
	Key string
	// Source of the key; "" for the importing source.
	Source string
	// Values by position of PartyFields; what is behind the last is absent.
	Values []Value
	// Attributes beyond PartyFields, by name, with declared types.
	Attributes []Attribute
	// Sensitive fields in clear, on their way to encryption.
	Sensitive []Attribute
}

// AttributeScale is the number of digits after the point of Decimal attributes.
const AttributeScale = 6

// Attribute is a named value beside the fixed fields.
type Attribute struct {
	// Name as declared in the mapping.
	Name string
	// Kind is Text, Decimal (scaled by 10^AttributeScale), Truth, Day or Instant.
	Kind Kind
	// Value of the attribute.
	Value Value
}

// IsEmpty tells whether the row names no party at all.
func (p *PartyRow) IsEmpty() bool {
	if p.Key != "" {
		return false
	}
	for i := range p.Values {
		// The kind alone names nobody.
		if p.Values[i].Present && i != PartyKind {
			return false
		}
	}
	return true
}
