// Package intake reads import files: a mapping says which column of a file is
// which field of an entity, and a Reader turns the file, CSV or JSON lines, into
// typed rows, one at a time and in constant memory. What cannot be read is
// rejected with its line, its column and the reason, and costs no other row.
package intake

import (
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// Mode tells what a file that lacks a row says about the row.
type Mode string

// The modes.
const (
	// Delta files say nothing of the rows that they do not have.
	Delta Mode = "Delta"
	// Snapshot files are complete: a row that they no longer have is withdrawn.
	Snapshot Mode = "Snapshot"
)

// Scope is what a snapshot is complete for.
type Scope string

// The scopes of a snapshot.
const (
	// ScopeSource is everything the source ever gave of the entity.
	ScopeSource Scope = "Source"
	// ScopeEdition is what the source gave of the editions that the file has.
	ScopeEdition Scope = "Edition"
)

// Resolution is a way to find the party that a row means.
type Resolution string

// The ways to find a party.
const (
	// ByExternalKey finds who has the key in its source.
	ByExternalKey Resolution = "ExternalKey"
	// ByEmail finds who has the e-mail address.
	ByEmail Resolution = "Email"
	// ByMatchKey finds who has the same name, as names are compared.
	ByMatchKey Resolution = "MatchKey"
)

// Unknown is what becomes of a row whose party nobody knows.
type Unknown string

// What becomes of unknown parties.
const (
	// Create makes a new party.
	Create Unknown = "Create"
	// Reject rejects the row.
	Reject Unknown = "Reject"
)

// FileType is the format of a file.
type FileType string

// The types of files.
const (
	// CSV has a row a record, by RFC 4180.
	CSV FileType = "CSV"
	// JSONLines has an object a line.
	JSONLines FileType = "JSONLines"
)

// Mapping says what the columns of a source's files mean. It is made by
// ParseMapping, and safe for concurrent use: each file has a Reader of its own.
type Mapping struct {
	// Source is the name of the source, stored with every row: [a-z0-9-].
	Source string
	// Trust from 0 to 100: of two sources the more trusted one's fields stand.
	Trust int
	// LegalBasis on which the data is held, in words; "" if not given.
	LegalBasis string
	// Acquired tells where the data came from, in words; "" if not given.
	Acquired string
	// Mode is Delta or Snapshot.
	Mode Mode
	// SnapshotOf is what a Snapshot is complete for; "" for a Delta.
	SnapshotOf Scope
	// ResolveBy are the ways to find a party, in the order in which to try them.
	ResolveBy []Resolution
	// WhenUnknown is what becomes of a row whose party is not found.
	WhenUnknown Unknown

	entity  *customer.Entity
	format  format
	key     []string
	ignore  []ignoreRule
	steps   []step
	subject int
}

// Entity is what a row of the file is.
func (m *Mapping) Entity() *customer.Entity { return m.entity }

// format is how a file is written.
type format struct {
	fileType     FileType
	encoding     string
	delimiter    string
	decimalComma bool
	dates        dateFormat
	zone         *time.Location
	columnNames  []string
}

// ignoreRule leaves out the rows that have one of the values in the column.
type ignoreRule struct {
	column string
	values []string
}

// target is where the value of a column goes.
type target uint8

const (
	toRow target = iota
	toParty
	toPartyKey
	toPartySource
	toAttribute
	toSensitive
	toSeries
	toEdition
)

// step is what is done with one column, or with one constant: all of a row is
// one walk over the steps.
type step struct {
	// column of the file; "" for a constant.
	column string
	// field as the mapping writes it.
	field string
	// target, and where in it: party is the position in Row.Parties, slot the
	// position in Values.
	target target
	party  int
	slot   int
	// name of an attribute or of a sensitive field.
	name string
	// meaning is the kind with what belongs to it.
	meaning customer.Field
	// words are translated before they are read.
	words []translation
	// constant is the text of a constant.
	constant string

	// Below is what a Reader adds: the position of the column in a record, the
	// function that reads the kind, the value of a constant, and what was read before.
	index int
	read  readFunc
	fixed customer.Value
	cache *cache
}

// translation of one text of a source.
type translation struct{ from, to string }

// isNumeric tells whether the kind is written as a number, which in a mapping
// needs no quotes.
func isNumeric(kind customer.Kind) bool {
	return kind == customer.Whole || kind == customer.Decimal || kind == customer.Money
}
