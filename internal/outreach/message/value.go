package message

import (
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// Number is a number as the store holds it: scaled by 10^Scale. A nil one is not
// known, which is not 0.
type Number struct {
	Units int64
	Scale int
}

// decimal is the number with a point.
func (n *Number) decimal() string {
	return customer.Field{Kind: customer.Decimal, Scale: n.Scale}.Format(customer.Number(n.Units), "")
}

// Date is a day or, if HasTime, an instant in the time zone in which the
// recipient is to read it. A nil one is not known.
type Date struct {
	At      time.Time
	HasTime bool
}

// Money is an amount in minor units of its currency. A nil one is not known.
type Money struct {
	Minor    int64
	Currency string
}

// decimal is the amount with a point, in units of the currency.
func (m *Money) decimal() string {
	return customer.Field{Kind: customer.Money}.Format(customer.Number(m.Minor), m.Currency)
}

// AttributeValue makes what Customer.Attributes holds: a text, a Number, a Date
// or a truth value; nil if it is absent. Instants are told in zone.
func AttributeValue(attribute customer.Attribute, zone *time.Location) any {
	value := attribute.Value
	if !value.Present {
		return nil
	}
	switch attribute.Kind {
	case customer.Decimal:
		return &Number{Units: value.Number, Scale: customer.AttributeScale}
	case customer.Truth:
		return value.Number != 0
	case customer.Day:
		return &Date{At: time.UnixMilli(value.Number).UTC()}
	case customer.Instant:
		return &Date{At: time.UnixMilli(value.Number).In(zone), HasTime: true}
	default:
		return value.Text
	}
}
