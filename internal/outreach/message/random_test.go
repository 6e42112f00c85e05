package message

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/api/v1alpha1"
)

// nasty are texts that break what is careless.
var nasty = []string{
	"", " ", "x", "<b>", `"'`, "a\nb", "\x00", "\xff", "{{ . }}", "é", "محمد", "見本", "\u202e", "#", "%d", "-->", "javascript:x", strings.Repeat("long ", 50),
	"<script>alert('1')</script>", "+", "&amp;", "&#43", "`", "\u2028", "\u2029", "\ufdd0", "\ufffd", "\xe2\x80", "\xed\xa0\x80", "\x7f\x1b", "%", "%4", "%4a", "%zz", "%%41",
	"https://x.example/a?b=c&d=[e]#(f)", "HTTP:", "http\u017f:", "mailto:", "JavaScript:", " javascript:", "java\tscript:", "data:text/html,", "//x:1", "/:", ":", everyByte(),
}

// everyByte has all bytes that there are.
func everyByte() string {
	var all [256]byte
	for i := range all {
		all[i] = byte(i)
	}
	return string(all[:])
}

// hostile is a text put together of nasty ones.
func hostile(r *rand.Rand) string {
	var all strings.Builder
	for range r.IntN(5) {
		all.WriteString(nasty[r.IntN(len(nasty))])
	}
	return all.String()
}

// wreck empties, fills and spoils parts of the data at random.
func wreck(r *rand.Rand, value reflect.Value) {
	switch value.Kind() {
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Type().Field(i).IsExported() {
				wreck(r, value.Field(i))
			}
		}
	case reflect.String:
		value.SetString(hostile(r))
	case reflect.Int, reflect.Int64:
		value.SetInt(r.Int64N(1<<53) >> r.IntN(53))
	case reflect.Pointer:
		if r.IntN(2) == 0 {
			value.SetZero()
			return
		}
		value.Set(reflect.New(value.Type().Elem()))
		switch made := value.Interface().(type) {
		case *Date:
			*made = Date{time.Unix(r.Int64N(1<<40)-1<<39, 0).UTC(), r.IntN(2) == 0}
		case *Number:
			*made = Number{r.Int64N(1<<54) - 1<<53, r.IntN(7)}
		default:
			wreck(r, value.Elem())
		}
	case reflect.Slice:
		value.SetZero()
		for range r.IntN(4) {
			value.Set(reflect.Append(value, reflect.ValueOf(hostile(r))))
		}
	}
}

func randomData(r *rand.Rand) *Data {
	data := &Data{}
	wreck(r, reflect.ValueOf(data).Elem())
	// Some attributes are of other types than the plan was compiled for.
	anything := []any{nil, "x", true, false, &Number{Units: 0}, (*Number)(nil), &Date{}, (*Date)(nil), &Money{Currency: "XXX"}, 7, []string{"a"}}
	if r.IntN(4) > 0 {
		data.Customer.Attributes = map[string]any{}
		for name := range catalog().Attributes {
			data.Customer.Attributes[name] = anything[r.IntN(len(anything))]
		}
		data.Exhibition.Milestones = map[string]*Date{"EarlyBirdEnds": nil, "RebookingOpens": {}}
	}
	return data
}

// everyTemplate uses every field and every example.
func everyTemplate() string {
	var all strings.Builder
	for _, field := range Fields() {
		all.WriteString(field.template() + " ")
	}
	for _, function := range Functions() {
		if function.Name != "urlquery" {
			all.WriteString(function.Example + " ")
		}
	}
	all.WriteString(`{{ if .Customer.Attributes.vip }}{{ .Customer.Attributes.founded }}{{ end }}{{ with .Customer.Attributes.callAt }}{{ date "time" "Asia/Tokyo" . }}{{ end }}`)
	all.WriteString(`{{ index .Customer.Attributes "hotel-city" | default 5 }}{{ if gt .Customer.Attributes.fleet 3 }}x{{ end }}{{ $x := or .Loyalty .Loyalty }}{{ $x.Tier }}`)
	return all.String()
}

// TestAnyData holds that what compiles renders for whoever it is for.
func TestAnyData(t *testing.T) {
	var plan []v1alpha1.Message
	for _, locale := range []v1alpha1.Locale{"en", "de", "ar", "zh-Hans", "eu"} {
		template := strings.ReplaceAll(everyTemplate(), `"one" "# edition"`, `"zero" "#" "one" "#" "two" "#" "few" "#" "many" "#"`)
		if locale == "eu" {
			template = strings.NewReplacer(`"full"`, `"2006-01-02"`, `"time"`, `"15:04"`).Replace(template)
		}
		plan = append(plan, v1alpha1.Message{
			Locale: locale, Subject: template,
			HTML: `<style>p { width: {{ .Series.BoothArea }} }</style><p title="` + strings.ReplaceAll(template, `"`, "`") + `">` + template + `</p><a href="{{ .UnsubscribeURL }}">x</a>`,
		})
	}
	made := mustCompile(t, plan...)
	r := rand.New(rand.NewPCG(1, 2))
	var rendered Rendered
	for range 300 {
		data := randomData(r)
		for i := range plan {
			if err := made.Render(&rendered, i, data); err != nil {
				t.Fatalf("%s: %v\n%+v", made.Locale(i), err, data)
			}
			sameAsTemplates(t, made, data)
			if strings.ContainsFunc(string(rendered.Subject), breaksLine) {
				t.Fatalf("the subject has a break: %q", rendered.Subject)
			}
			if strings.Contains(string(rendered.Text), "<no value>") || strings.Contains(string(rendered.HTML), "no value") || strings.Contains(string(rendered.HTML), "nil&gt;") {
				t.Fatalf("absence has words:\n%s\n%s", rendered.Text, rendered.HTML)
			}
		}
	}
}

// FuzzCompile holds that no template makes Compile panic or hang, and that what
// compiles renders.
func FuzzCompile(f *testing.F) {
	for _, plan := range samplePlans(f) {
		for i := range plan {
			f.Add(plan[i].Subject, plan[i].HTML, plan[i].Text, uint64(i))
		}
	}
	f.Add("x", everyTemplate(), everyTemplate(), uint64(3))
	for _, template := range []string{
		`{{ range $i, $b := .Loyalty.Benefits }}{{ $i }}{{ break }}{{ else }}{{ end }}`, `{{ define "x" }}{{ template "x" }}{{ end }}`,
		`{{ $l := .Loyalty }}{{ range .Loyalty.Benefits }}{{ $l.Tier }}{{ $l = $.Loyalty }}{{ end }}`, `{{ (and .Loyalty .Contact).Name }}`,
		`{{ with $x := .Customer.Attributes }}{{ .fleet }}{{ index $x "vip" }}{{ end }}`, `{{ 1e30 }}{{ 0x1F }}{{ 'a' }}{{ 1i }}{{ true }}{{ nil }}`,
		`{{ (index .Exhibition.Milestones "EarlyBirdEnds") | date "2.1." }}`, `<a href="{{ .Contact.Name }}" {{ if .Loyalty }}title=x{{ end }}>`,
		`{{ default (default .Loyalty.Points 1) .Contact.Name }}`, `{{- /* c */ -}}`, `{{ $.Contact.Name | default "x" | urlquery }}`,
		`{{ if or .Customer.City .Exhibition.Opens }}{{ else with .Loyalty }}{{ .Tier }}{{ end }}`, `{{ not (not .Loyalty) }}`, `{{ eq (eq 1 2) true }}`,
	} {
		f.Add(template, template, template, uint64(1))
		f.Add("x", template, "", uint64(2))
	}
	f.Fuzz(func(t *testing.T, subject, html, text string, seed uint64) {
		began := time.Now()
		made, mistakes := Compile([]v1alpha1.Message{{Locale: "en", Subject: subject, HTML: html, Text: text}}, catalog())
		if took := time.Since(began); took > 5*time.Second {
			t.Fatalf("compiling took %s", took)
		}
		if (made == nil) == (len(mistakes) == 0) {
			t.Fatal("there is neither a plan nor a mistake, or both")
		}
		if made == nil {
			return
		}
		var rendered Rendered
		r := rand.New(rand.NewPCG(seed, 0))
		for _, data := range []*Data{{}, Sample(), randomData(r), randomData(r)} {
			if err := made.Render(&rendered, 0, data); err != nil && !errors.Is(err, ErrTooLong) {
				t.Fatalf("it compiles and does not render: %v", err)
			}
			sameAsTemplates(t, made, data)
		}
	})
}
