package customer

import (
	"strings"
	"testing"
)

func TestCurrencies(t *testing.T) {
	for code, want := range map[string]int{"GBP": 2, "JPY": 0, "KWD": 3, "CLF": 4, "IQD": 3, "PKR": 2, "ITL": 0, "DEM": 2} {
		if digits, ok := MinorDigits(code); !ok || digits != want {
			t.Errorf("%s: %d, %t", code, digits, ok)
		}
	}
	all := strings.Fields(currencies0 + " " + currencies2 + " " + currencies3 + " " + currencies4)
	seen := map[string]bool{}
	for _, code := range all {
		if len(code) != 3 || seen[code] {
			t.Errorf("%q", code)
		}
		seen[code] = true
	}
}
