package message

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/api/v1alpha1"
)

// parts of a message that there are.
func (c *compiled) parts() map[string]*compiledPart {
	found := map[string]*compiledPart{}
	for name, one := range map[string]*compiledPart{partSubject: c.subject, partHTML: c.html, partText: c.text} {
		if one != nil {
			found[name] = one
		}
	}
	return found
}

// sameAsTemplates holds that pieces write what their template does, and end where
// it does if that is too long.
func sameAsTemplates(t *testing.T, made *Compiled, data *Data) {
	t.Helper()
	for i := range made.messages {
		for name, one := range made.messages[i].parts() {
			if len(one.pieces) == 0 {
				continue
			}
			var got, want []byte
			err, wantErr := one.render(&got, data), one.template.Execute(bounded{&want}, data)
			if !errors.Is(err, wantErr) || wantErr != nil && !errors.Is(wantErr, ErrTooLong) {
				t.Fatalf("%s: it gives %v, its template %v", name, err, wantErr)
			}
			if string(got) != string(want) {
				at := 0
				for at < min(len(got), len(want)) && got[at] == want[at] {
					at++
				}
				t.Fatalf("%s: behind %q it writes\n%.300q\nand its template\n%.300q\nfor %.1000q", name, got[max(0, at-50):at], got[at:], want[at:], fmt.Sprintf("%+v", data))
			}
		}
	}
}

// TestFlat holds which templates have pieces: what is not known goes the way of
// the templates.
func TestFlat(t *testing.T) {
	for template, want := range map[string]bool{
		`x`: true, `<p>{{ .Contact.Name }}</p>`: true, `<title>{{ .Contact.Name }}</title>`: true, `{{- .UnsubscribeURL -}}`: true,
		`<p title="{{ .Contact.Name }}">`: true, `<p title='a {{ .Contact.Name }}'>`: true, `<a href="{{ .UnsubscribeURL }}">`: true, `<a href='{{ .From.Name }}{{ .From.Name }}'>`: true,
		`<a href="https://x.example/{{ .Customer.Code }}/?a={{ .Customer.Code }}#{{ .Customer.Code }}">`: true, `<img src="{{ .Customer.Code }}" alt="{{ .Customer.Name }}">`: true,
		`{{ .Series.Participations }} {{ .Exhibition.Opens }} {{ .Customer.SpendLastYear }}`: true, `{{ .Loyalty.Tier }}{{ .Loyalty.Points }}{{ .AccountManager.Name }}`: true,
		`{{ .Customer.Attributes.fleet }}{{ .Exhibition.Milestones.EarlyBirdEnds }}`: true, `<style>p { color: red }</style>{{ .Contact.Name }}<!-- x -->`: true,

		`<p title={{ .Contact.Name }}>`: false, `<style>p { width: {{ .Contact.Name }} }</style>`: false, `<p style="width: {{ .Contact.Name }}">`: false,
		`<img srcset="{{ .From.Name }}">`: false, `<meta content="1;url={{ .From.Name }}">`: false, `<p {{ .Contact.Name }}="x">`: false, `<!-- {{ .Contact.Name }} -->`: false,
		`{{ if .Loyalty }}x{{ end }}`: false, `{{ with .Loyalty }}{{ .Tier }}{{ end }}`: false, `{{ range .Loyalty.Benefits }}{{ . }}{{ end }}`: false,
		`{{ $x := .Contact.Name }}{{ $x }}`: false, `{{ default "x" .Contact.Name }}`: false, `{{ .Contact.Name | default "x" }}`: false, `{{ number 1 .Series.BoothArea }}`: false,
		`{{ "x" }}`: false, `{{ " | .Contact.Name | " }}`: false, `{{ 7 }}`: false, `{{ (.Contact).Name }}`: false, `{{ join ", " .Loyalty.Benefits }}`: false,
	} {
		made := mustCompile(t, htmlOnly(template))
		if got := len(made.messages[0].html.pieces) > 0; got != want {
			t.Errorf("%s has pieces: %v", template, got)
		}
		sameAsTemplates(t, made, Sample())
	}
}

// TestPlaces holds that all fields but lists are known.
func TestPlaces(t *testing.T) {
	for _, field := range Fields() {
		made := mustCompile(t, textOnly(strings.ReplaceAll(field.template(), sampleAttribute, "founded")))
		if got := len(made.messages[0].text.pieces) > 0; got == field.Many {
			t.Errorf("%s has pieces: %v", field.Path, got)
		}
	}
}

// around are where fields stand in a random html; %s are some.
var around = []string{
	"<p>%s</p>\n", "a%sb", " 1 < 2 %s & é\u2028", "<title>%s</title>", `<p title="%s">`, `<p title='a + %s'>`, `<img alt="%s" src="cid:x">`, "<!-- x -->%s{{/* y */}} ", "{{- /* y */ -}} %s",
	`<a href="%s">`, `<a href='%s/x'>`, `<a href=" %s">`, `<img src="https://x.example/%s">`, `<a href='/%s#%s'>`, `<a href="https://x.example/%s?q=%s&amp;r=%s">`, `<a href="mailto:%s">`, `<td background="%s?%s">`,
}

// beyond are places that only templates know.
var beyond = []string{`<b style="width: %s">`, `<b title=x%s>`, `{{ if .Loyalty }}%s{{ end }}`}

// randomTemplate is of a text if it is not to be of an html.
func randomTemplate(r *rand.Rand, fields []string, isHTML bool) string {
	var out strings.Builder
	for range 1 + r.IntN(6) {
		piece := "%s "
		switch {
		case isHTML && r.IntN(20) == 0:
			piece = beyond[r.IntN(len(beyond))]
		case isHTML:
			piece = around[r.IntN(len(around))]
		}
		for strings.Contains(piece, "%s") {
			var some strings.Builder
			for range r.IntN(3) {
				some.WriteString([]string{"{{", "{{- ", "{{ "}[r.IntN(3)] + fields[r.IntN(len(fields))] + []string{"}}", " -}}", " }}"}[r.IntN(3)])
			}
			piece = strings.Replace(piece, "%s", some.String(), 1)
		}
		out.WriteString(piece)
	}
	return out.String()
}

// TestRandomPieces holds that pieces write what templates do, for random templates
// and hostile data.
func TestRandomPieces(t *testing.T) {
	var fields []string
	for _, field := range Fields() {
		if !field.Many {
			fields = append(fields, strings.NewReplacer(anyName, "founded", milestonesPath+"."+anyName, milestonesPath+".EarlyBirdEnds").Replace("."+field.Path))
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	flat := 0
	const templates, recipients = 500, 12
	for range templates {
		made := mustCompile(t, v1alpha1.Message{
			Locale: []v1alpha1.Locale{"en", "de", "ar", "eu"}[r.IntN(4)], Subject: "x" + randomTemplate(r, fields, false), HTML: "x" + randomTemplate(r, fields, true),
		})
		if made.messages[0].html.pieces != nil {
			flat++
		}
		for range recipients {
			data := randomData(r)
			if r.IntN(20) == 0 {
				data.UnsubscribeURL = strings.Repeat("y+", r.IntN(MaxPart/2)) + hostile(r)
			}
			sameAsTemplates(t, made, data)
		}
	}
	if flat < templates/2 || flat > templates*9/10 {
		t.Errorf("of %d templates %d have pieces", templates, flat)
	}
}

// TestFlatTooLong holds the bound of a part to the byte, for what is escaped too.
func TestFlatTooLong(t *testing.T) {
	made := mustCompile(t, v1alpha1.Message{Locale: "en", Subject: "{{ .Contact.Name }}", HTML: `<a href="{{ .UnsubscribeURL }}">x</a>`, Text: "to {{ .From.Name }}!"})
	for _, one := range []struct {
		part string
		fits *Data
		more func(*Data)
	}{
		{partSubject, &Data{Contact: Contact{Name: strings.Repeat("x", MaxPart)}}, func(d *Data) { d.Contact.Name += "x" }},
		{partText, &Data{From: From{Name: strings.Repeat("x", MaxPart-len("to !"))}}, func(d *Data) { d.From.Name += "x" }},
		{partHTML, &Data{UnsubscribeURL: strings.Repeat("x", MaxPart-len(`<a href="&amp;">x</a>`)) + "&"}, func(d *Data) { d.UnsubscribeURL += "x" }},
	} {
		var rendered Rendered
		sameAsTemplates(t, made, one.fits)
		if err := made.Render(&rendered, 0, one.fits); err != nil {
			t.Errorf("a %s of just %d bytes gives %v", one.part, MaxPart, err)
		}
		one.more(one.fits)
		sameAsTemplates(t, made, one.fits)
		if err := made.Render(&rendered, 0, one.fits); !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), "rendering the "+one.part+" in en: ") {
			t.Errorf("a %s of one byte more gives %v", one.part, err)
		}
	}
}

// TestFlatAllocatesNothing holds for a letter with fields between texts.
func TestFlatAllocatesNothing(t *testing.T) {
	made := mustCompile(t, v1alpha1.Message{Locale: "en", Subject: "Your stand at {{ .Exhibition.Title }}", HTML: letter})
	data := Sample()
	var rendered Rendered
	if n := testing.AllocsPerRun(100, func() {
		if err := made.Render(&rendered, 0, data); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("a message takes %v allocations", n)
	}
}
