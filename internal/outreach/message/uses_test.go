package message

import (
	"fmt"
	"testing"

	"github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
)

// TestUses: what templates name is known, in whatever way they name it.
func TestUses(t *testing.T) {
	known := Catalog{Attributes: map[string]customer.Kind{"fleet": customer.Decimal, "craft": customer.Text, "other": customer.Text}}
	for _, test := range []struct {
		html, text string
		// uses of Series, Exhibition and Customer.Attributes.
		uses       string
		attributes string
	}{
		{"", "Dear {{ .Contact.Name }}", "false false false", "[]"},
		{"", "{{ .Series.Name }}", "true false false", "[]"},
		{"", "{{ with .Series }}{{ .Name }}{{ end }}", "true false false", "[]"},
		{"", "{{ $e := .Exhibition }}{{ $e.Title }}", "false true false", "[]"},
		{"", "{{ if false }}{{ $.Exhibition.Milestones.Late }}{{ end }}", "false true false", "[]"},
		{"", `{{ default "none" .Customer.Attributes.craft }} {{ index .Customer.Attributes "fleet" }}`, "false false true", "[craft fleet]"},
		{"<p>{{ .Series.NextEdition }}</p>", "", "true false false", "[]"},
		{"<p>{{ .Customer.Attributes.craft }}</p>", "plain", "false false true", "[craft]"},
	} {
		made, mistakes := Compile([]v1alpha1.Message{{Locale: "en", Subject: "x", Text: "plain"}, {Locale: "de", Subject: "x", HTML: test.html, Text: test.text}}, known)
		if len(mistakes) > 0 {
			t.Fatal(mistakes)
		}
		if got := fmt.Sprint(made.Uses("Series"), made.Uses("Exhibition"), made.Uses("Customer.Attributes")); got != test.uses || fmt.Sprint(made.Attributes()) != test.attributes {
			t.Errorf("%s%s uses %s and %v, want %s and %s", test.html, test.text, got, made.Attributes(), test.uses, test.attributes)
		}
	}
}
