package contract

import (
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestOlder(t *testing.T) {
	at := func(name string, second int64) *crm.Exhibition {
		return &crm.Exhibition{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(time.Unix(second, 0))}}
	}
	tests := map[string]struct {
		a, b *crm.Exhibition
		want bool
	}{
		"made before":                     {at("z", 1), at("a", 2), true},
		"made after":                      {at("a", 2), at("z", 1), false},
		"the same second, a first name":   {at("a", 1), at("b", 1), true},
		"the same second, a second name":  {at("b", 1), at("a", 1), false},
		"it is not older than itself":     {at("a", 1), at("a", 1), false},
		"before there are times: by name": {&crm.Exhibition{ObjectMeta: metav1.ObjectMeta{Name: "a"}}, &crm.Exhibition{ObjectMeta: metav1.ObjectMeta{Name: "b"}}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := Older(test.a, test.b); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestMinorUnits(t *testing.T) {
	tests := map[string]struct {
		amount   crm.Decimal
		currency crm.CurrencyCode
		want     int64
		reason   string
	}{
		"pence":                               {"45.05", "GBP", 4505, ""},
		"one digit of two":                    {"45.5", "GBP", 4550, ""},
		"no digits":                           {"45", "GBP", 4500, ""},
		"nothing":                             {"0", "EUR", 0, ""},
		"less than one":                       {"0.07", "EUR", 7, ""},
		"a currency without digits":           {"4500", "JPY", 4500, ""},
		"a currency of three digits":          {"1.234", "KWD", 1234, ""},
		"noughts beyond the digits":           {"12.500000", "GBP", 1250, ""},
		"noughts where there are no digits":   {"12.00", "JPY", 12, ""},
		"as much as can be written":           {"999999999999.9999", "CLF", 9999999999999999, ""},
		"more digits than the currency has":   {"45.005", "GBP", 0, crm.ReasonInvalidAmount},
		"digits of a currency without":        {"45.5", "JPY", 0, crm.ReasonInvalidAmount},
		"no currency":                         {"45.00", "EUX", 0, crm.ReasonUnknownCurrency},
		"a currency and the start of another": {"45.00", "DAF", 0, crm.ReasonUnknownCurrency},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := MinorUnits(crm.Money{Amount: test.amount, Currency: test.currency})
			reason := ""
			var wrong *AmountError
			if errors.As(err, &wrong) {
				reason = wrong.Reason
			}
			if got != test.want || reason != test.reason || (err == nil) != (test.reason == "") {
				t.Errorf("got %d, %v; want %d, %q", got, err, test.want, test.reason)
			}
		})
	}
}
