package message

import (
	"html/template"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/api/v1alpha1"
)

// letter is an html of 1.5 KB with five fields, as an organiser would send it.
var letter = `<!DOCTYPE html><html><head><meta charset="utf-8"><style>p { font: 15px/1.5 sans-serif; color: #222 }</style></head><body>
<table width="600" align="center" cellpadding="0" cellspacing="0"><tr><td style="padding: 24px">
<p>Dear {{ .Contact.Name }},</p>
<p>{{ .Exhibition.Title }} is near, and the stand that {{ .Customer.Name }} had last time is still yours to take.</p>
` + strings.Repeat(`<p style="margin: 0 0 12px">Halls open at nine. Trade visitors from sixty countries have registered so far, and more do every day.</p>
`, 7) + `<p>You have been with us {{ .Series.Participations }} times. We would like to see you again.</p>
<p style="font-size: 12px"><a href="{{ .UnsubscribeURL }}">No more of these</a></p>
</td></tr></table></body></html>`

func benchmarkPlan(b *testing.B, message v1alpha1.Message) {
	b.Helper()
	made := mustCompile(b, message)
	data := Sample()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		var rendered Rendered
		for pb.Next() {
			if err := made.Render(&rendered, 0, data); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkRenderHTML renders subject and html, and the text made of it.
func BenchmarkRenderHTML(b *testing.B) {
	b.SetBytes(int64(len(letter)))
	benchmarkPlan(b, v1alpha1.Message{Locale: "en", Subject: "Your stand at {{ .Exhibition.Title }}", HTML: letter})
}

// BenchmarkRenderHTMLAndText renders them with a text of its own.
func BenchmarkRenderHTMLAndText(b *testing.B) {
	benchmarkPlan(b, v1alpha1.Message{Locale: "en", Subject: "Your stand at {{ .Exhibition.Title }}", HTML: letter, Text: "Dear {{ .Contact.Name }}, ... {{ .UnsubscribeURL }}"})
}

// BenchmarkRenderText renders no html.
func BenchmarkRenderText(b *testing.B) {
	benchmarkPlan(b, v1alpha1.Message{Locale: "en", Subject: "Your stand at {{ .Exhibition.Title }}", Text: "Dear {{ .Contact.Name }}, ... {{ .UnsubscribeURL }}"})
}

// BenchmarkRenderWords writes dates, numbers and amounts.
func BenchmarkRenderWords(b *testing.B) {
	benchmarkPlan(b, v1alpha1.Message{Locale: "de", Subject: "x", Text: `{{ date "full" .Exhibition.Opens }} {{ .Series.BoothArea }} {{ .Customer.SpendLastYear }} {{ plural "one" "# Messe" "other" "# Messen" .Series.Participations }}`})
}

// BenchmarkBareHTML is what html/template takes by itself for the same letter.
func BenchmarkBareHTML(b *testing.B) {
	made := template.Must(template.New("x").Parse(strings.ReplaceAll(letter, ".Series.Participations", ".Series.Name")))
	data := Sample()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		var out []byte
		for pb.Next() {
			out = out[:0]
			if err := made.Execute(bounded{&out}, data); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkCompile is what a lint or a reconcile takes for a plan.
func BenchmarkCompile(b *testing.B) {
	plan := []v1alpha1.Message{{Locale: "en", Subject: "Your stand at {{ .Exhibition.Title }}", HTML: letter}}
	for b.Loop() {
		if _, mistakes := Compile(plan, catalog()); len(mistakes) > 0 {
			b.Fatal(spelled(mistakes))
		}
	}
}
