package message

import (
	"strings"
	"testing"
	"time"
)

// TestLarge holds that the largest templates there can be are compiled soon,
// whatever they are made of.
func TestLarge(t *testing.T) {
	fill := func(part string) string { return strings.Repeat(part, MaxTemplate/len(part)) }
	nest := func(open, inner, end string) string {
		n := (MaxTemplate - len(inner)) / (len(open) + len(end))
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	for name, template := range map[string]string{
		"mistakes":   fill("{{.A}}"),
		"names":      fill("{{$a:=1}}"),
		"blocks":     nest("{{if .Loyalty}}", "x", "{{end}}"),
		"brackets":   "{{ " + strings.Repeat("(", 9000) + ".Contact.Name" + strings.Repeat(")", 9000) + " }}",
		"else":       "{{if .Loyalty}}" + strings.Repeat("{{else if .Loyalty}}", 1500) + "{{end}}",
		"ranges":     fill("{{range .Loyalty.Benefits}}x{{end}}"),
		"elements":   fill("<b>"),
		"attributes": "<p" + strings.Repeat(" a=b", 7900) + ">x</p>",
		"links":      fill(`<a href="x">`),
		"links end":  fill(`<a href="x">y</a>`),
		"opened":     fill("{{"),
		"defaults":   "{{ " + strings.Repeat("default 1 (", 2500) + "2" + strings.Repeat(")", 2500) + " }}",
		"pipes":      `{{ "x"` + strings.Repeat(`|default "y"`, 2500) + " }}",
		"or":         "{{ if or" + strings.Repeat(" .Loyalty", 3000) + " }}x{{ end }}",
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			message := htmlOnly(template)
			message.Subject = template[:min(len(template), 500)]
			_, _ = Compile(append(samplePlans(t)["opening-notice"], message, textOnly(template)), catalog())
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("it takes %s", took)
			} else {
				t.Logf("it takes %s", took)
			}
		})
	}
}
