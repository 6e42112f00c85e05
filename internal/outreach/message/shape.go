package message

import "github.com/fairlead/fairlead/internal/customer"

// form is how a value is made up.
type form int

const (
	// unknown is a value that a mistake was found in: nothing more is said of it.
	unknown form = iota
	// leaf is a single value.
	leaf
	// list is several texts.
	list
	// record has fields.
	record
	// named are values by declared names.
	named
)

// shape is what is known of a value before any template runs.
type shape struct {
	form form
	// kind of a leaf, or of what is in a list or behind a name.
	kind customer.Kind
	// path of it in the data; "" for Data itself and for what is worked out.
	path string
	// optional records are nil for some recipients.
	optional bool
	// loose values may be nil or of another type than kind when the template runs.
	loose bool
	// literal is what stands in the template as such, if isLiteral.
	literal   string
	isLiteral bool
}

func single(kind customer.Kind) shape { return shape{form: leaf, kind: kind} }

// group is what kinds are to comparisons and functions.
type group string

const (
	texts   group = "text"
	numbers group = "number"
	amounts group = "amount of money"
	dates   group = "date"
	truths  group = "yes or no"
)

func (s shape) group() group {
	switch s.kind {
	case customer.Whole, customer.Decimal:
		return numbers
	case customer.Money:
		return amounts
	case customer.Day, customer.Instant:
		return dates
	case customer.Truth:
		return truths
	default:
		return texts
	}
}

// is tells whether a value is a single one of a group. What a mistake was found
// in is anything.
func (s shape) is(wanted group) bool {
	return s.form == unknown || s.form == leaf && s.group() == wanted
}

// String names what a value is.
func (s shape) String() string {
	switch s.form {
	case list:
		return "a list"
	case record:
		return "a whole record"
	case named:
		return "several values by name"
	default:
		switch s.group() {
		case amounts:
			return "an amount of money"
		case truths:
			return "yes or no"
		default:
			return "a " + string(s.group())
		}
	}
}

// either is the shape of what comes to one of two values, if there is one.
func either(a, b shape) (shape, bool) {
	switch {
	case a.form == unknown || b.form == unknown:
		return shape{}, true
	case a.form == leaf && b.form == leaf:
		merged := shape{form: leaf, kind: a.kind, loose: a.loose || b.loose}
		if a.group() != b.group() {
			merged.kind, merged.loose = customer.Text, true
		}
		return merged, true
	case a.form == b.form && a.path == b.path:
		a.optional = a.optional || b.optional
		return a, true
	}
	return shape{}, false
}
