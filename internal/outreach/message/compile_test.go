package message

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
)

// catalog is what the plans of these tests may name.
func catalog() Catalog {
	return Catalog{
		Attributes: map[string]customer.Kind{
			"fleet": customer.Decimal, "vip": customer.Truth, "hotel-city": customer.Text,
			"founded": customer.Day, "callAt": customer.Instant,
		},
		Milestones: []string{"EarlyBirdEnds", "RebookingOpens"},
	}
}

func subjectOnly(template string) v1alpha1.Message {
	return v1alpha1.Message{Locale: "en", Subject: template, Text: "x"}
}

func htmlOnly(template string) v1alpha1.Message {
	return v1alpha1.Message{Locale: "en", Subject: "x", HTML: template}
}

func textOnly(template string) v1alpha1.Message {
	return v1alpha1.Message{Locale: "en", Subject: "x", Text: template}
}

func mustCompile(t testing.TB, plan ...v1alpha1.Message) *Compiled {
	t.Helper()
	made, mistakes := Compile(plan, catalog())
	if len(mistakes) > 0 {
		t.Fatalf("%s", spelled(mistakes))
	}
	return made
}

func spelled(mistakes []Mistake) string {
	var lines []string
	for _, mistake := range mistakes {
		lines = append(lines, mistake.Error())
	}
	return strings.Join(lines, "\n")
}

func mustRender(t testing.TB, made *Compiled, index int, data *Data) *Rendered {
	t.Helper()
	var rendered Rendered
	if err := made.Render(&rendered, index, data); err != nil {
		t.Fatal(err)
	}
	return &rendered
}

// samplePlans are the messages of the samples, by the names of their resources.
func samplePlans(t testing.TB) map[string][]v1alpha1.Message {
	t.Helper()
	plans := map[string][]v1alpha1.Message{}
	for _, name := range []string{"60-campaigns.yaml", "70-outreach.yaml"} {
		content, err := os.ReadFile(filepath.Join("../../../config/samples", name))
		if err != nil {
			t.Fatal(err)
		}
		for document := range bytes.SplitSeq(content, []byte("\n---\n")) {
			var resource v1alpha1.CampaignRule
			if err := yaml.Unmarshal(document, &resource); err != nil {
				t.Fatal(err)
			}
			plans[resource.Name] = resource.Spec.Outreach.Messages
		}
	}
	return plans
}

func TestSamples(t *testing.T) {
	plans := samplePlans(t)
	if len(plans) != 3 {
		t.Fatalf("there are %d plans", len(plans))
	}
	for name, plan := range plans {
		made := mustCompile(t, plan...)
		for i := range plan {
			rendered := mustRender(t, made, i, Sample())
			t.Logf("%s, %s: %s\n%s\n%s", name, made.Locale(i), rendered.Subject, rendered.HTML, rendered.Text)
		}
	}
	made := mustCompile(t, plans["rebook-friends"]...)
	rendered := mustRender(t, made, made.For("en-GB"), Sample())
	if got, want := string(rendered.Subject), "Your stand at Farnborough International Airshow 2026"; got != want {
		t.Errorf("the subject is %q, not %q", got, want)
	}
	if want := "As a Silver member your stand is 5 % off"; !strings.Contains(string(rendered.HTML), want) {
		t.Errorf("%q is not in\n%s", want, rendered.HTML)
	}
	nobody := mustRender(t, made, 0, &Data{})
	if strings.Contains(string(nobody.HTML), "member") {
		t.Errorf("who is no member is told of it:\n%s", nobody.HTML)
	}
	if got := mustRender(t, made, made.For("zh-Hans-CN"), Sample()); !strings.Contains(string(got.Subject), "展位预留") {
		t.Errorf("a Chinese reader gets %q", got.Subject)
	}
}

// TestMistakes holds every mistake to its place and its words.
func TestMistakes(t *testing.T) {
	for name, one := range map[string]struct {
		message v1alpha1.Message
		want    []string
	}{
		"misspelt field":       {subjectOnly("Dear {{ .Contact.Nmea }}"), []string{"en, subject, line 1, column 17: there is no .Contact.Nmea: did you mean .Contact.Name?"}},
		"second line":          {textOnly("Dear\n  é {{ .Customer.Cit }}"), []string{"en, text, line 2, column 17: there is no .Customer.Cit: did you mean .Customer.City?"}},
		"field without record": {textOnly("{{ .Name }}"), []string{"en, text, line 1, column 4: there is no .Name: did you mean .Contact.Name or .Customer.Name or .Series.Name or .AccountManager.Name or .From.Name?"}},
		"nothing like it":      {textOnly("{{ .From.Xylophone }}"), []string{"en, text, line 1, column 9: there is no .From.Xylophone: there are .From.Name, .From.Address"}},
		"in a branch not run":  {textOnly("{{ if .Loyalty }}{{ else if .Contact.Name }}{{ else }}{{ .Loyalty.Teir }}{{ end }}"), []string{"en, text, line 1, column 66: there is no .Loyalty.Teir: did you mean .Loyalty.Tier?"}},
		"after a variable":     {textOnly("{{ $l := .Loyalty }}{{ $l.Teir }}"), []string{"column 26: there is no .Loyalty.Teir"}},
		"after the root":       {textOnly("{{ with .Loyalty }}{{ $.Contct.Name }}{{ end }}"), []string{"column 24: there is no .Contct: did you mean .Contact?"}},
		"after a bracket":      {textOnly("{{ (or .Loyalty .Loyalty).Teir }}"), []string{"column 26: there is no .Loyalty.Teir"}},
		"in with":              {textOnly("{{ with .Loyalty }}{{ .Name }}{{ end }}"), []string{"column 23: there is no .Loyalty.Name: did you mean .Contact.Name or"}},
		"field of a text":      {textOnly("{{ .Contact.Name.First }}"), []string{"column 17: a text has no field First"}},
		"inside of a date":     {textOnly("{{ .Exhibition.Opens.At }}"), []string{"a date has no field At"}},
		"attribute":            {textOnly("{{ .Customer.Attributes.fleeet }}"), []string{"column 24: no attribute fleeet is declared that a message may tell: did you mean fleet?"}},
		"attribute by index":   {textOnly(`{{ index .Customer.Attributes "hotel" }}`), []string{"column 31: no attribute hotel is declared"}},
		"attribute worked out": {textOnly(`{{ index .Customer.Attributes .Contact.Name }}`), []string{"column 31: the name of index is a text in quotes"}},
		"milestone":            {textOnly("{{ .Exhibition.Milestones.EarlyBird }}"), []string{"the exhibition declares no milestone EarlyBird: did you mean EarlyBirdEnds?"}},
		"function":             {textOnly(`{{ dat "long" .Exhibition.Opens }}`), []string{"en, text, line 1, column 4: there is no function dat: did you mean date?"}},
		"function not here":    {textOnly(`{{ .Contact.Name | printf "%s" }}`), []string{"column 20: printf is not used here: write the text beside the value"}},
		"call":                 {textOnly(`{{ call .Contact.Name }}`), []string{"column 4: call is not used here"}},
		"too few":              {textOnly(`{{ date }}`), []string{"column 4: date takes 1 to 3 values, as in {{ date"}},
		"too many":             {textOnly(`{{ .Contact.Name | not true }}`), []string{"column 20: not takes one value"}},
		"date of a text":       {textOnly(`{{ date "long" .Contact.Name }}`), []string{"column 16: date is for a date, and this is a text"}},
		"form":                 {textOnly(`{{ date "lnog" .Exhibition.Opens }}`), []string{`column 9: there is no form "lnog": write one of full, long, medium, short, time`}},
		"foreign layout":       {textOnly(`{{ date "dd/MM/yyyy" .Exhibition.Opens }}`), []string{`there is no form "dd/MM/yyyy"`}},
		"form from data":       {textOnly(`{{ date .Contact.Name .Exhibition.Opens }}`), []string{"column 9: the form of date is a text in quotes"}},
		"time of a day":        {textOnly(`{{ date "time" .Exhibition.Opens }}`), []string{"a day has no time"}},
		"zone":                 {textOnly(`{{ date "time" "Europe/Lodnon" .Customer.Attributes.callAt }}`), []string{`column 16: there is no time zone "Europe/Lodnon"`}},
		"zone of a day":        {textOnly(`{{ date "long" "Europe/London" .Exhibition.Opens }}`), []string{"leave the zone out"}},
		"number of a text":     {textOnly(`{{ number .Contact.Name }}`), []string{"column 11: number is for a number, and this is a text"}},
		"digits":               {textOnly(`{{ number 99999 .Series.BoothArea }}`), []string{"column 11: the digits of number are 0 to 6"}},
		"money":                {textOnly(`{{ money .Series.BoothArea }}`), []string{"column 10: money needs a currency for a number"}},
		"currency":             {textOnly(`{{ money "EURO" 5 }}`), []string{`column 10: there is no currency "EURO"`}},
		"plural of a text":     {textOnly(`{{ plural "one" "a" "other" "b" .Contact.Name }}`), []string{"column 33: plural is for a number, and this is a text"}},
		"plural by turns":      {textOnly(`{{ plural "a" "b" "c" .Series.Participations }}`), []string{"column 4: plural takes categories and texts by turns"}},
		"plural category":      {textOnly(`{{ plural "oen" "a" "other" "b" .Series.Participations }}`), []string{`column 11: there is no category "oen"`, `column 4: plural lacks the text for "one"`}},
		"plural lacks": {v1alpha1.Message{Locale: "ru", Subject: "x", Text: `{{ plural "one" "a" "other" "b" .Series.Participations }}`},
			[]string{`ru, text, line 1, column 4: plural lacks the text for "few", which numbers take in ru`, `lacks the text for "many"`}},
		"join":               {textOnly(`{{ join ", " .Contact.Name }}`), []string{"column 14: join is for a list, and this is a text"}},
		"list bare":          {textOnly(`{{ .Loyalty.Benefits }}`), []string{`column 4: a list is written with join, such as {{ join ", " .Loyalty.Benefits }}`}},
		"record bare":        {textOnly(`{{ .Contact }}`), []string{"column 4: this is a whole record: name what to write of it, such as .Contact.Name"}},
		"everything bare":    {textOnly(`{{ . }}`), []string{"column 4: this is a whole record"}},
		"truth bare":         {textOnly(`{{ .Customer.Attributes.vip }}`), []string{"yes or no has no words of its own"}},
		"number asked":       {textOnly(`{{ if .Series.MissedEditions }}x{{ end }}`), []string{"column 7: a number may be known and be 0, so it is no condition: compare it, such as {{ if gt .Series.MissedEditions 0 }}"}},
		"number in and":      {textOnly(`{{ if and .Loyalty .Loyalty.Points }}x{{ end }}`), []string{"column 20: a number may be known and be 0"}},
		"number in not":      {textOnly(`{{ if not .Loyalty.Points }}x{{ end }}`), []string{"column 11: a number may be known"}},
		"compared":           {textOnly(`{{ if gt .Contact.Name 3 }}x{{ end }}`), []string{"column 10: gt has an order for numbers, amounts and dates, and this is a text"}},
		"compared otherwise": {textOnly(`{{ if eq .Contact.Name 3 }}x{{ end }}`), []string{"column 24: eq compares a text with a number"}},
		"no function":        {textOnly(`{{ .Contact.Name "x" }}`), []string{"column 18: only functions take values, and .Contact.Name is none"}},
		"piped into a field": {textOnly(`{{ "x" | .Contact.Name }}`), []string{"only functions take values"}},
		"nil":                {textOnly(`{{ if eq .Contact.Name nil }}x{{ end }}`), []string{"column 24: nil cannot stand here"}},
		"variable changes":   {textOnly(`{{ $x := "a" }}{{ $x = 3 }}`), []string{"column 19: $x was a text before and cannot become a number"}},
		"no variable":        {textOnly(`{{ $x }}`), []string{`column 1: undefined variable "$x"`}},
		"no end":             {textOnly("a\n{{ if .Loyalty }}b\nc"), []string{"en, text, line 3, column 1: an {{ if }}, {{ with }} or {{ range }} has no {{ end }}"}},
		"an end too many":    {textOnly("a\n b {{ end }}"), []string{"en, text, line 2, column 4: there is an {{ end }} too many"}},
		"not closed":         {textOnly("a {{ .Contact.Name }"), []string{"column 3: unexpected \"}\" in operand"}},
		"control in subject": {subjectOnly("a\u2028b"), []string{"en, subject, line 1, column 2: a subject is one line"}},
		"line in subject":    {subjectOnly("ab\nBcc: c"), []string{"en, subject, line 1, column 3: a subject is one line"}},
		"several at once":    {textOnly("{{ .A }}\n{{ .B }}"), []string{"line 1, column 4: there is no .A", "line 2, column 4: there is no .B"}},
		"urlquery in html":   {htmlOnly(`<a href="?n={{ urlquery .Contact.Name }}">x</a>`), []string{"column 16: urlquery is not used in html"}},
		"neither":            {v1alpha1.Message{Locale: "en", Subject: "x"}, []string{"en, text: a message needs html, text or both"}},
		"no language":        {v1alpha1.Message{Locale: "english", Subject: "x", Text: "x"}, []string{`english, locale: "english" is no language tag`}},
		"no month names":     {v1alpha1.Message{Locale: "eu", Subject: "x", Text: `{{ date "full" .Exhibition.Opens }}`}, []string{"nobody told us how eu writes dates"}},
		"no names in layout": {v1alpha1.Message{Locale: "eu", Subject: "x", Text: `{{ date "2 Jan 2006" .Exhibition.Opens }}`}, []string{"nobody told us the months and days of eu"}},

		"script":             {htmlOnly("<p>a</p>\n <script>x</script>"), []string{"en, html, line 2, column 2: <script> is not sent: mail programs run no scripts"}},
		"script in a branch": {htmlOnly("{{ if .Loyalty }}{{ else }}<SCRIPT src=x>{{ end }}</script>"), []string{"column 28: <script> is not sent"}},
		"script in pieces":   {htmlOnly(`<p on{{ "click" }}="x">a</p>`), []string{"is not sent: mail programs run no scripts"}},
		"handler":            {htmlOnly(`<p>a<img onerror="x()" src="a"></p>`), []string{"column 5: onerror is not sent: mail programs run no scripts"}},
		"javascript":         {htmlOnly(`<a href=" Java` + "\n" + `script:x()">a</a>`), []string{"line 1, column 1: href begins with javascript:, which is not sent"}},
		"form element":       {htmlOnly(`<form action="x"><input name="a"></form>`), []string{"column 1: <form> is not sent", "column 18: <input> is not sent"}},
		"frame":              {htmlOnly(`<iframe src="x"></iframe>`), []string{"<iframe> is not sent"}},
		"refresh":            {htmlOnly(`<meta http-equiv="Refresh" content="0">`), []string{"a mail does not lead to another page by itself"}},
		"conditional":        {htmlOnly("a\n<!--[if mso]><p>b</p><![endif]-->"), []string{"line 2, column 1: comments are not sent, conditional ones"}},
		"html in pieces":     {htmlOnly(`<p {{ if .Loyalty }}title="{{ end }}">a</p>`), []string{"en, html, line 1, column 10: its branches end at different places of the html"}},
		"html unfinished":    {htmlOnly(`<p title="{{ .Contact.Name }}`), []string{"en, html, line 1, column 11: the html ends within a tag, a quote or a comment"}},
	} {
		t.Run(name, func(t *testing.T) {
			made, mistakes := Compile([]v1alpha1.Message{one.message}, catalog())
			if made != nil || len(mistakes) != len(one.want) {
				t.Fatalf("%d mistakes:\n%s", len(mistakes), spelled(mistakes))
			}
			for i, want := range one.want {
				if got := mistakes[i].Error(); !strings.Contains(got, want) {
					t.Errorf("it says\n%s\nand not\n%s", got, want)
				}
			}
		})
	}
}

// TestBombs holds that nothing is let through that could run or grow without end.
func TestBombs(t *testing.T) {
	for name, one := range map[string]struct{ template, want string }{
		"width":            {`{{ printf "%999999999d" 1 }}`, "column 4: printf is not used here"},
		"width by pipe":    {`{{ 1 | printf "%999999999d" }}`, "printf is not used here"},
		"integers":         {`{{ range 1000000000 }}x{{ end }}`, "column 10: range goes over a list of the data, such as .Loyalty.Benefits, and this is a number"},
		"integers by name": {`{{ $n := 1000000000 }}{{ range $n }}x{{ end }}`, "range goes over a list of the data"},
		"nested":           {`{{ range .Loyalty.Benefits }}{{ range $.Loyalty.Benefits }}x{{ end }}{{ end }}`, "column 39: a range stands in no other"},
		"itself":           {`{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}`, "no templates are defined in a message"},
		"block":            {`{{ block "x" . }}{{ end }}`, "no templates are defined in a message"},
		"called":           {`a {{ template "x" }}`, "column 15: no other templates are called"},
		"names":            {`{{ range .Exhibition.Milestones }}{{ end }}`, "range goes over a list of the data, such as .Loyalty.Benefits, and this is several values by name"},
		"text":             {`{{ range .Contact.Name }}{{ end }}`, "range goes over a list"},
		"long":             {strings.Repeat("x", MaxTemplate+1), "it has more than 32000 characters"},
		"long by data":     {`{{ range .Loyalty.Benefits }}` + strings.Repeat("{{ $.Customer.Name }}", 1500) + `{{ end }}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			made, mistakes := Compile([]v1alpha1.Message{textOnly(one.template)}, catalog())
			if one.want != "" {
				if !strings.Contains(spelled(mistakes), one.want) {
					t.Fatalf("it says\n%s", spelled(mistakes))
				}
				return
			}
			data := Sample()
			for range 100 {
				data.Loyalty.Benefits = append(data.Loyalty.Benefits, "x")
			}
			if err := made.Render(&Rendered{}, 0, data); err == nil || !strings.Contains(err.Error(), "rendering the text in en: ") || !strings.Contains(err.Error(), ErrTooLong.Error()) {
				t.Errorf("what is too long gives %v", err)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	known := catalog()
	known.Missing = map[string]string{"Exhibition": "the trigger is about no exhibition"}
	_, mistakes := Compile([]v1alpha1.Message{textOnly("{{ .Exhibition.Title }}")}, known)
	if got, want := spelled(mistakes), "en, text, line 1, column 4: there is no .Exhibition here: the trigger is about no exhibition"; got != want {
		t.Errorf("it says %q", got)
	}
}
