// Package customer holds the domain's words: the entities that a customer store
// knows, their fields, and the values of fields. It is what importers, stores,
// exports and documentation share, and it does no I/O.
package customer

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Kind is the type of a field: how it is written in a file and held in a store.
type Kind int

// The kinds of fields. A store sees numbers, text and truth values only.
const (
	// Text is free text.
	Text Kind = iota
	// Word is one of Field.Words.
	Word
	// Words is a set of Field.Words, held as bits in their order.
	Words
	// Whole is an integer between -2^53 and 2^53.
	Whole
	// Decimal is a decimal number held as an integer scaled by 10^Field.Scale.
	Decimal
	// Money is an amount in minor units of the row's currency.
	Money
	// Currency is an ISO 4217 code.
	Currency
	// Day is a calendar day, held as milliseconds since 1970 of its midnight in UTC.
	Day
	// Instant is a moment, held as milliseconds since 1970 in UTC.
	Instant
	// Truth is true or false.
	Truth
	// Country is an ISO 3166-1 alpha-2 code; files may say it in free text.
	Country
	// Zone is an IANA time zone.
	Zone
	// Language is a BCP 47 tag.
	Language
	// Edition is an edition of a series, written as two columns "series" and
	// "edition", and held as the number of its row.
	Edition
	// Party refers to a party; written as columns such as "customer.name".
	Party
	// Fact refers to a row of the entity Field.Refers by its key in the same source.
	Fact
	// Address is where a medium reaches somebody, such as an e-mail address.
	Address
	// HashedAddress is an address of which only the keyed hash is held.
	HashedAddress
)

var kindNames = [...]string{
	"text", "word", "words", "integer", "decimal", "money", "currency", "day", "time", "true or false",
	"country", "time zone", "language", "edition", "party", "fact", "address", "address (hashed)",
}

// String names the kind as documentation does.
func (k Kind) String() string { return kindNames[k] }

// KindNamed is the kind that String calls so.
func KindNamed(name string) (k Kind, known bool) {
	at := slices.Index(kindNames[:], name)
	return Kind(at), at >= 0
}

// IsNumber tells whether values of the kind are held as Value.Number.
func (k Kind) IsNumber() bool {
	switch k {
	case Words, Whole, Decimal, Money, Day, Instant, Truth, Edition, Fact:
		return true
	default:
		return false
	}
}

// Value is the value of one field: absent, a number or a text, by its kind. An
// Edition that is not resolved yet is the Text that EditionText makes; a Fact
// that is not resolved yet is its key as Text.
type Value struct {
	// Present is false for an absent value, which is not zero and not "".
	Present bool
	// Number holds numbers, instants, days, truth (0 or 1) and sets of words.
	Number int64
	// Text holds everything else.
	Text string
}

// Number makes a value that is a number.
func Number(n int64) Value { return Value{Present: true, Number: n} }

// String makes a value that is a text.
func String(text string) Value { return Value{Present: true, Text: text} }

// separator stands between the parts of a compound text. No file may contain it:
// control characters are refused at the door.
const separator = "\x1f"

// EditionText is the value of an edition before its number is known.
func EditionText(series, edition string) string { return series + separator + edition }

// Digest is a number that differs, but for a chance of one in 2^64, when one of
// the values differs. A store compares digests to see whether a row changed, so
// it must stay the same from release to release: XXH64 over the values.
func Digest(values []Value) int64 {
	var hash xxhash.Digest
	hash.Reset()
	var number [9]byte
	for i := range values {
		value := &values[i]
		number[0] = 0
		if value.Present {
			number[0] = 1
		}
		binary.LittleEndian.PutUint64(number[1:], uint64(value.Number)) //nolint:gosec // all 64 bits count, whatever they mean
		hash.Write(number[:])
		hash.WriteString(value.Text)
		hash.WriteString("\xff")
	}
	return int64(hash.Sum64()) //nolint:gosec // all 64 bits count, whatever they mean
}

// SplitEdition takes apart what EditionText made.
func SplitEdition(text string) (series, edition string) {
	series, edition, _ = strings.Cut(text, separator)
	return series, edition
}
