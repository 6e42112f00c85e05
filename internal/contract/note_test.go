package contract

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestNote(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("x", noteLimit), strings.Repeat("ü", noteLimit/2)} {
		if Note(text) != text {
			t.Errorf("%d bytes are cut", len(text))
		}
	}
	for _, text := range []string{strings.Repeat("x", noteLimit+1), strings.Repeat("ü", noteLimit), "x" + strings.Repeat("ü", noteLimit)} {
		if got := Note(text); len(got) > noteLimit || len(got) < noteLimit-5 || !utf8.ValidString(got) || !strings.HasSuffix(got, " ...") {
			t.Errorf("%d bytes are cut to %d: %q", len(text), len(got), got)
		}
	}
}
