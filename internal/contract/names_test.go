package contract

import (
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for name, can := range map[string]bool{
		"Farnborough": true, "SIAE Paris": true, "2026": true, "é": true, "": false, " 2026": false, "2026 ": false, "20\t26": false, "20\u200b26": false, "a\nb": false,
		strings.Repeat("é", longestEdition): true,
	} {
		if _, got := EditionName(name); got != can {
			t.Errorf("%q can be said: %v", name, got)
		}
		if _, got := SeriesName(name); got != can {
			t.Errorf("%q can be said of a series: %v", name, got)
		}
	}
	if _, can := EditionName(strings.Repeat("x", longestEdition+1)); can {
		t.Error("an edition can have a name that is too long")
	}
	if _, can := SeriesName(strings.Repeat("x", longestSeries+1)); can {
		t.Error("a series can have a name that is too long")
	}
}
