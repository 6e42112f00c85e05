package contract

import (
	"fmt"
	"strconv"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
)

// IndexStoreName is what objects are found by in the manager's cache: the
// CustomerStore that they name. The controller of their kind sets the index up.
const IndexStoreName = "spec.storeName"

// Older tells which of two objects that declare the same thing stands: the one
// that was created first; of two made in the same second, the one whose name
// comes first.
func Older(a, b client.Object) bool {
	made, other := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	if made.Equal(&other) {
		return a.GetName() < b.GetName()
	}
	return made.Before(&other)
}

// AmountError says why an amount cannot be counted.
type AmountError struct {
	// Reason that a condition gives, and the wish that its message says.
	Reason, Wish string
}

func (e *AmountError) Error() string { return e.Wish }

// MinorUnits gives an amount in the smallest units of its currency, as stores
// keep it. An amount that its currency cannot have is an *AmountError: the API
// server knows neither the currencies nor their digits.
func MinorUnits(money crm.Money) (int64, error) {
	digits, known := customer.MinorDigits(string(money.Currency))
	if !known {
		return 0, &AmountError{crm.ReasonUnknownCurrency,
			fmt.Sprintf("currency: %s is none of ISO 4217: name one that exists, such as EUR", money.Currency)}
	}
	whole, fraction, _ := strings.Cut(string(money.Amount), ".")
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > digits {
		return 0, &AmountError{crm.ReasonInvalidAmount,
			fmt.Sprintf("amount: %s has more than the %d digits after the point that %s has: leave the others out", money.Amount, digits, money.Currency)}
	}
	units, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", digits-len(fraction)), 10, 64)
	if err != nil {
		// The API server lets no such amount in.
		return 0, fmt.Errorf("reading the amount %q: %w", money.Amount, err)
	}
	return units, nil
}
