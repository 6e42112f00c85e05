package audience

import (
	"fmt"
	"math"
	"math/big"
)

// kind is what a piece of a condition is.
type kind int

const (
	truthKind kind = iota
	wholeKind
	// decimalKind is held in units of a millionth.
	decimalKind
	textKind
	// instantKind and durationKind are held in milliseconds.
	instantKind
	durationKind
	listKind
	// rolesKind is the set of the customer's roles.
	rolesKind
	customerKind
	seriesKind
	attributesKind
	factKind
)

var kindWords = [...]string{"a truth value", "a whole number", "a decimal", "a text", "a time", "a duration", "a list", "the roles of a customer", "a customer", "a series", "attributes", "a fact"}

// piece is a part of an expression in the words of databases.
type piece struct {
	kind kind
	// sql is the value; NULL wherever CEL has an error.
	sql string
	// least and most are between which a number, an instant or a duration lies.
	least, most *big.Int
	// constant says that least is the value, or text for a text.
	constant bool
	text     string
	// present says that it is never absent.
	present bool
	// words are all that a text can be; nil if it can be anything.
	words []string
	// stored is the column that a decimal is read from, which holds so many of its
	// units; "" if it is computed.
	stored      string
	storedUnits int64
	// weight is the number of pieces that it was made of.
	weight int
	// elements of a list.
	elements []piece
	// series is what the fields of a seriesKind are read from.
	series string
}

func (p piece) isNumber() bool { return p.kind == wholeKind || p.kind == decimalKind }

var (
	leastInteger = big.NewInt(math.MinInt64)
	mostInteger  = big.NewInt(math.MaxInt64)
	// Whole numbers that are written or stored.
	leastWhole, mostWhole = big.NewInt(-1 << 53), big.NewInt(1 << 53)
	// CEL's timestamps are in the years 1 to 9999.
	leastInstant, mostInstant = big.NewInt(-62_135_596_800_000), big.NewInt(253_402_300_799_999)
	// CEL's durations are 2^63 nanoseconds at most.
	leastDuration, mostDuration = big.NewInt(-9_223_372_036_854), big.NewInt(9_223_372_036_854)
)

func fits(least, most *big.Int) bool {
	return least.Cmp(leastInteger) >= 0 && most.Cmp(mostInteger) <= 0
}

// number is a computed piece; bounds beyond those of an integer are cut.
func number(k kind, sql string, least, most *big.Int) piece {
	if least.Cmp(leastInteger) < 0 {
		least = leastInteger
	}
	if most.Cmp(mostInteger) > 0 {
		most = mostInteger
	}
	return piece{kind: k, sql: sql, least: least, most: most}
}

// extent is the least and the most of what a function gives at the corners of the
// ranges of two pieces.
func extent(a, b piece, f func(x, y *big.Int) *big.Int) (least, most *big.Int) {
	for _, x := range []*big.Int{a.least, a.most} {
		for _, y := range []*big.Int{b.least, b.most} {
			value := f(x, y)
			if least == nil || value.Cmp(least) < 0 {
				least = value
			}
			if most == nil || value.Cmp(most) > 0 {
				most = value
			}
		}
	}
	return least, most
}

func sumOf(x, y *big.Int) *big.Int     { return new(big.Int).Add(x, y) }
func productOf(x, y *big.Int) *big.Int { return new(big.Int).Mul(x, y) }

// sum, difference and product are within the integers of a database: NULL beyond.

func sum(k kind, a, b piece) piece {
	least, most := extent(a, b, sumOf)
	if fits(least, most) {
		return number(k, fmt.Sprintf("(%s + %s)", a.sql, b.sql), least, most)
	}
	return number(k, fmt.Sprintf("whole_sum(%s, %s)", a.sql, b.sql), least, most)
}

func difference(k kind, a, b piece) piece {
	least, most := extent(a, b, func(x, y *big.Int) *big.Int { return new(big.Int).Sub(x, y) })
	if fits(least, most) {
		return number(k, fmt.Sprintf("(%s - %s)", a.sql, b.sql), least, most)
	}
	return number(k, fmt.Sprintf("whole_difference(%s, %s)", a.sql, b.sql), least, most)
}

func product(k kind, a, b piece) piece {
	least, most := extent(a, b, productOf)
	if fits(least, most) {
		return number(k, fmt.Sprintf("(%s * %s)", a.sql, b.sql), least, most)
	}
	return number(k, fmt.Sprintf("whole_product(%s, %s)", a.sql, b.sql), least, most)
}

// quotient and remainder are cut towards zero; NULL by zero.

func quotient(a, b piece) piece {
	least, most := a.widest()
	return number(wholeKind, fmt.Sprintf("whole_quotient(%s, %s)", a.sql, b.sql), least, most)
}

func remainder(a, b piece) piece {
	least, most := b.widest()
	return number(wholeKind, fmt.Sprintf("whole_remainder(%s, %s)", a.sql, b.sql), least, most)
}

// widest is the range from minus to plus the greatest magnitude.
func (p piece) widest() (least, most *big.Int) {
	most = new(big.Int).Abs(p.least)
	if other := new(big.Int).Abs(p.most); other.Cmp(most) > 0 {
		most = other
	}
	return new(big.Int).Neg(most), most
}

// decimalProduct and decimalQuotient round half away from zero.

func decimalProduct(a, b piece) piece {
	return number(decimalKind, fmt.Sprintf("decimal_product(%s, %s)", a.sql, b.sql), leastInteger, mostInteger)
}

func decimalQuotient(a, b piece) piece {
	return number(decimalKind, fmt.Sprintf("decimal_quotient(%s, %s)", a.sql, b.sql), leastInteger, mostInteger)
}

// within is a number that is NULL beyond bounds.
func within(p piece, least, most *big.Int) piece {
	if p.least.Cmp(least) >= 0 && p.most.Cmp(most) <= 0 {
		return p
	}
	return number(p.kind, fmt.Sprintf("within(%s, %s, %s)", p.sql, least, most), least, most)
}
