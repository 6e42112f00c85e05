package contract

import "strings"

// Mistake is what a person has to mend in one field of a resource.
type Mistake struct {
	// Field that is wrong, such as spec.where.
	Field string
	// Reason that the conditions of the resource give.
	Reason string
	// Message says what is wrong with the field and what to do, without a full stop.
	Message string
}

// Mistakes is what a verdict says of a field: one mistake if it is Stalled, and none
// otherwise. So whatever reads resources before they are applied says the same as the
// controller will.
func (v *Verdict) Mistakes(field string) []Mistake {
	if v == nil || !v.stalled {
		return nil
	}
	message := v.message
	if rest, is := strings.CutPrefix(message, field); is {
		message = strings.TrimLeft(rest, ": ")
	}
	return []Mistake{{field, v.reason, strings.TrimSuffix(message, ".")}}
}
