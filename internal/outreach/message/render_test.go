package message

import (
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
)

// texted renders a text in a locale for the sample, changed as the test wants.
func texted(t *testing.T, locale, template string, change func(*Data)) string {
	t.Helper()
	made := mustCompile(t, v1alpha1.Message{Locale: v1alpha1.Locale(locale), Subject: "x", Text: template})
	data := Sample()
	data.Customer.Attributes = map[string]any{
		"fleet":   AttributeValue(customer.Attribute{Kind: customer.Decimal, Value: customer.Number(1_234_500_000)}, time.UTC),
		"vip":     AttributeValue(customer.Attribute{Kind: customer.Truth, Value: customer.Number(1)}, time.UTC),
		"founded": AttributeValue(customer.Attribute{Kind: customer.Day, Value: customer.Number(0)}, time.UTC),
		"callAt":  AttributeValue(customer.Attribute{Kind: customer.Instant, Value: customer.Number(time.Date(2026, 7, 20, 14, 5, 0, 0, time.UTC).UnixMilli())}, time.UTC),
		"hotel-city": AttributeValue(customer.Attribute{
			Kind: customer.Text, Value: customer.String("Exampleford"),
		}, time.UTC),
	}
	if change != nil {
		change(data)
	}
	return string(mustRender(t, made, 0, data).Text)
}

func TestValuesByLanguage(t *testing.T) {
	const nbsp = "\u00a0"
	for _, one := range []struct{ locale, template, want string }{
		{"en", `{{ .Exhibition.Opens }}`, "July 20, 2026"},
		{"en-GB", `{{ .Exhibition.Opens }}`, "20 July 2026"},
		{"en-IE", `{{ date "full" .Exhibition.Opens }}`, "Monday 20 July 2026"},
		{"de", `{{ date "full" .Exhibition.Opens }}`, "Montag, 20. Juli 2026"},
		{"fr", `{{ .Exhibition.Opens | date "Monday 2 January" }}`, "lundi 20 juillet"},
		{"fr-CH", `{{ date "short" .Exhibition.Opens }}`, "20.07.26"},
		{"ru", `{{ .Exhibition.Opens }}`, "20 июля 2026 г."},
		{"zh-Hans", `{{ .Exhibition.Opens }}`, "2026年7月20日"},
		{"zh-TW", `{{ date "full" .Exhibition.Opens }}`, "2026年7月20日 星期一"},
		{"ja", `{{ date "full" .Exhibition.Opens }}`, "2026年7月20日月曜日"},
		{"ar", `{{ .Exhibition.Opens }}`, "20 يوليو 2026"},
		{"he", `{{ .Exhibition.Opens }}`, "20 ביולי 2026"},
		{"eu", `{{ .Exhibition.Opens }}`, "2026-07-20"},
		{"no", `{{ .Exhibition.Opens }}`, "20. juli 2026"},
		{"en", `{{ date "Mon, 2 Jan" .Exhibition.Milestones.EarlyBirdEnds }}`, "Sat, 28 Feb"},
		{"de", `{{ date "time" "Europe/Berlin" .Customer.Attributes.callAt }}`, "16:05"},
		{"de", `{{ .Customer.Attributes.callAt | date "2.1.2006 15:04" }}`, "20.7.2026 14:05"},
		{"de", `{{ .Customer.Attributes.founded }}`, "1. Januar 1970"},

		{"en", `{{ .Series.BoothArea }} {{ .Customer.Attributes.fleet }}`, "36.5 1,234.5"},
		{"de", `{{ .Customer.Attributes.fleet }} {{ number 2 .Customer.Attributes.fleet }} {{ number 0 .Series.BoothArea }}`, "1.234,5 1.234,50 37"},
		{"fr", `{{ number 1234567.5 }}`, "1" + nbsp + "234" + nbsp + "567,5"},
		{"en-IN", `{{ number 1234567 }}`, "12,34,567"},
		{"es", `{{ number 1234 }} {{ number 12345 }}`, "1.234 12.345"},
		{"ar", `{{ number 1234 }}`, "1,234"},
		{"en", `{{ number -3 }} {{ number 3 999.9999 }}`, "-3 1,000.000"},

		{"en", `{{ .Customer.SpendLastYear }} {{ money "EUR" 99.9 }} {{ money "JPY" 5000 }}`, "£14,850.00 €99.90 ¥5,000"},
		{"de", `{{ .Customer.SpendLastYear }} {{ money "EUR" 1250 }}`, "14.850,00" + nbsp + "£ 1.250,00" + nbsp + "€"},
		{"en", `{{ money "DEM" 12.5 }}`, "12.5" + nbsp + "DEM"},
		{"en", `{{ money "GBP" .Series.Participations }} {{ money .Customer.SpendLastYear }}`, "£5.00 £14,850.00"},

		{"en", `{{ plural "one" "# edition" "other" "# editions" .Series.MissedEditions }}, {{ 1234 | plural "one" "a" "other" "# b" }}`, "1 edition, 1,234 b"},
		{"ru", `{{ range .Loyalty.Benefits }}{{ end }}{{ plural "one" "# выставка" "few" "# выставки" "many" "# выставок" "other" "# выставки" 22 }}`, "22 выставки"},
		{"ru", `{{ plural "one" "# выставка" "few" "# выставки" "many" "# выставок" "other" "# выставки" 11 }}`, "11 выставок"},
		{"ru", `{{ plural "one" "# выставка" "few" "# выставки" "many" "# выставок" "other" "# выставки" 1.5 }}`, "1,5 выставки"},
		{"zh", `{{ plural "other" "#届" .Series.Participations }}`, "5届"},

		{"en", `{{ join " and " .Loyalty.Benefits }}{{ range $i, $b := .Loyalty.Benefits }} {{ $i }}{{ . }}{{ end }}`, "PrioritySelection and TrainingSeats 0PrioritySelection 1TrainingSeats"},
		{"en", `{{ index .Customer.Attributes "hotel-city" }} {{ urlquery .Customer.Name }}`, "Exampleford Fictional+Composites+Ltd"},
		{"en", `{{ if .Customer.Attributes.vip }}vip{{ end }}{{ if not .Loyalty }}no{{ end }}`, "vip"},
		{"en", `{{ if and (gt .Series.Participations 4) (eq .Customer.Country "IE" "GB") }}x{{ end }}{{ if ge .Customer.SpendLastYear 14850 }}y{{ end }}`, "xy"},
		{"en", `{{ if lt .Exhibition.Opens .Exhibition.Closes }}x{{ end }}{{ if ne .Series.NextStatus "Option" }}y{{ end }}`, "x"},
		{"en", `{{ $l := .Loyalty }}{{ $l.Tier }} {{ (or $l .Loyalty).NextTier }} {{ with .AccountManager }}{{ .Name }}{{ end }}`, "Silver Gold Basil Placeholder"},
	} {
		if got := texted(t, one.locale, one.template, nil); got != one.want {
			t.Errorf("%s: %s gives %q, not %q", one.locale, one.template, got, one.want)
		}
	}
}

// TestAbsent holds that what is not known is nothing, and never 0.
func TestAbsent(t *testing.T) {
	for template, want := range map[string]string{
		`[{{ .Customer.City }}]`:                     "[]",
		`[{{ default "your town" .Customer.City }}]`: "[your town]",
		`[{{ .Exhibition.Opens }}{{ .Series.MissedEditions }}{{ .Customer.SpendLastYear }}]`:                                                           "[]",
		`[{{ date "2006" .Exhibition.Opens }}{{ number 2 .Series.BoothArea }}{{ money "EUR" .Series.BoothArea }}]`:                                     "[]",
		`[{{ default "soon" .Exhibition.Opens }} {{ .Series.Participations | default 0 }}]`:                                                            "[soon 0]",
		`[{{ plural "one" "# x" "other" "# y" .Series.MissedEditions }}]`:                                                                              "[]",
		`[{{ .Loyalty.Tier }}{{ .Loyalty.Points }}{{ join "," .Loyalty.Benefits }}]`:                                                                   "[]",
		`[{{ range .Loyalty.Benefits }}x{{ else }}none{{ end }}{{ .AccountManager.Email }}]`:                                                           "[none]",
		`[{{ $l := .Loyalty }}{{ $l.Tier }}{{ (or $l .Loyalty).Tier }}{{ with .Loyalty }}member{{ end }}]`:                                             "[]",
		`[{{ .Exhibition.Milestones.EarlyBirdEnds }}{{ .Customer.Attributes.fleet }}{{ index .Customer.Attributes "hotel-city" }}]`:                    "[]",
		`[{{ $x := .Customer.Attributes.callAt }}{{ $x }}{{ date "time" "Asia/Tokyo" $x }}{{ if .Customer.Attributes.vip }}vip{{ end }}]`:              "[]",
		`[{{ if lt .Series.Participations 3 }}x{{ end }}{{ if eq .Series.Participations 0 }}x{{ end }}{{ if ne .Series.Participations 0 }}y{{ end }}]`: "[y]",
		`[{{ or .Customer.City .Customer.Region "somewhere" }}]`:                                                                                       "[somewhere]",
	} {
		made := mustCompile(t, textOnly(template), v1alpha1.Message{Locale: "de", Subject: "x", HTML: template})
		if got := string(mustRender(t, made, 0, &Data{}).Text); got != want {
			t.Errorf("%s gives %q, not %q", template, got, want)
		}
		if got := string(mustRender(t, made, 1, &Data{}).HTML); got != want {
			t.Errorf("as html, %s gives %q, not %q", template, got, want)
		}
	}
}

// TestHostileData holds that data stays data wherever it stands.
func TestHostileData(t *testing.T) {
	hostile := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`,
		`JaVaScRiPt:alert(1)`, `data:text/html,<script>x</script>`, `</style><script>x</script>`, `-->x<script>`,
		`{{ .Contact.Name }}`, "\u0000<b>", `expression(alert(1))`,
	}
	made := mustCompile(t, htmlOnly(`<style>p { color: red }</style><p title="{{ .Contact.Name }}" style="color: {{ .Contact.Name }}" class={{ .Contact.Name }}>`+
		`{{ .Contact.Name }} {{ default "x" .Contact.Name }}</p><a href="{{ .Contact.Name }}">a</a><a href="https://x.example/?n={{ .Contact.Name }}&amp;m=1">b</a>`+
		`<img src="{{ .Contact.Name }}" alt="{{ .Contact.Name }}"><!-- {{ .Contact.Name }} -->`))
	for _, name := range hostile {
		data := Sample()
		data.Contact.Name = name
		rendered := mustRender(t, made, 0, data)
		checkHTML(string(rendered.HTML), func(_ int, message string) {
			t.Errorf("%q came through: %s\n%s", name, message, rendered.HTML)
		})
		if n := strings.Count(string(rendered.HTML), "<"); n != 9 {
			t.Errorf("%q makes other elements:\n%s", name, rendered.HTML)
		}
		if strings.Contains(string(rendered.HTML), "{{") && !strings.Contains(name, "{{") {
			t.Errorf("%q runs:\n%s", name, rendered.HTML)
		}
	}
	data := Sample()
	data.UnsubscribeURL = "https://x.example/u?a=1&b=<2>"
	made = mustCompile(t, htmlOnly(`<a href="{{ .UnsubscribeURL }}">x</a>`))
	if got, want := string(mustRender(t, made, 0, data).HTML), `<a href="https://x.example/u?a=1&amp;b=%3c2%3e">x</a>`; got != want {
		t.Errorf("the link is %s", got)
	}
}

func TestSubjectIsOneLine(t *testing.T) {
	made := mustCompile(t, subjectOnly("Dear {{ .Contact.Name }}"))
	for name, want := range map[string]string{
		"Zoë\r\nBcc: all@x.example":   "Dear Zoë  Bcc: all@x.example",
		"a\u2028b\u0085c\x00d\u2029":  "Dear a   b  c d",
		"山田\n太郎":                      "Dear 山田 太郎",
		"\u05d0\u05d1 \u0645\u062d":   "Dear \u05d0\u05d1 \u0645\u062d",
		"\xff\xfeinvalid\nutf\x80":    "Dear \xff\xfeinvalid utf\x80",
		"trailing\n":                  "Dear trailing",
		"\U0001f600 \u200d\u00a0fine": "Dear \U0001f600 \u200d\u00a0fine",
	} {
		data := Sample()
		data.Contact.Name = name
		if got := string(mustRender(t, made, 0, data).Subject); got != want {
			t.Errorf("%q gives %q, not %q", name, got, want)
		}
	}
}

func TestFor(t *testing.T) {
	var plan []v1alpha1.Message
	for _, locale := range []v1alpha1.Locale{"en", "de", "de-CH", "zh-Hans", "pt-BR"} {
		plan = append(plan, v1alpha1.Message{Locale: locale, Subject: "x", Text: "x"})
	}
	made := mustCompile(t, plan...)
	for locale, want := range map[string]string{
		"de": "de", "de-ch": "de-CH", "de-AT": "de", "de-CH-1996": "de-CH", "zh-Hans-CN": "zh-Hans", "zh": "zh-Hans", "zh-TW": "zh-Hans",
		"pt": "pt-BR", "pt-PT": "pt-BR", "en-GB": "en", "fr": "en", "": "en", "d": "en",
	} {
		if got := made.Locale(made.For(locale)); got != want {
			t.Errorf("a reader of %q gets %s, not %s", locale, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { made.For("de-AT-1996") }); n > 0 {
		t.Errorf("choosing allocates %v times", n)
	}
}

func TestDigest(t *testing.T) {
	one := []v1alpha1.Message{{Locale: "en", Subject: "a", Text: "b"}}
	const want = "sha256:981f23d47920890f6c1fd334a9fad3289cc3b768cc39cae04516a852f009b13a"
	if got := mustCompile(t, one...).Digest(); got != want {
		t.Errorf("the digest is %s: it must be the same from release to release", got)
	}
	for name, other := range map[string][]v1alpha1.Message{
		"locale":   {{Locale: "de", Subject: "a", Text: "b"}},
		"part":     {{Locale: "en", Subject: "a", HTML: "b"}},
		"boundary": {{Locale: "en", Subject: "ab", Text: "c"}},
		"more":     {{Locale: "en", Subject: "a", Text: "b"}, {Locale: "de", Subject: "a", Text: "b"}},
	} {
		if mustCompile(t, other...).Digest() == want {
			t.Errorf("another %s has the same digest", name)
		}
	}
}

func TestDerivedText(t *testing.T) {
	made := mustCompile(t, htmlOnly(`<html><head><title>no</title><style>p { color: red }</style></head><body>
<h1>Hello  {{/* all */ -}}  &amp; welcome</h1>{{- /* and */}}
<p>Dear {{ .Contact.Name }},<br>see
 you &#123;&#123; there }}.</p>
{{ with .Loyalty }}<p>As a <b>{{ .Tier }}</b> member: {{ .BoothDiscountPercent }} %</p>{{ end }}
<table><tr><td>Hall</td><td>4</td></tr><tr><td>Stand</td><td {{ if .Loyalty }}class="a"{{ end }}>B</td></tr></table>
<ul>{{ range .Loyalty.Benefits }}<li>{{ . }}</li>{{ end }}</ul>
<img src="{{ .UnsubscribeURL }}" alt="Logo of {{ .From.Name }}">
<p><a href="{{ .UnsubscribeURL }}">No more of these</a>, <a href="https://x.example/">https://x.example/</a></p></body></html>`))
	data := Sample()
	data.Contact.Name = "<Zoë & Co>"
	want := `Hello & welcome

Dear <Zoë & Co>,
see you {{ there }}.

As a Silver member: 5 %

Hall 4
Stand B

- PrioritySelection
- TrainingSeats

Logo of Farnborough Airshow

No more of these (https://airshow.example/u/5f2c), https://x.example/
`
	if got := string(mustRender(t, made, 0, data).Text); got != want {
		t.Errorf("the text is\n%s", got)
	}
	if got := string(mustRender(t, made, 0, &Data{}).Text); strings.Contains(got, "\n\n\n") || strings.Contains(got, "member") {
		t.Errorf("of nobody the text is\n%s", got)
	}
}

// TestNames holds that names of all the world come through as they are.
func TestNames(t *testing.T) {
	made := mustCompile(t, v1alpha1.Message{Locale: "ar", Subject: "{{ .Contact.Name }}", HTML: `<p dir="auto" title="{{ .Contact.Name }}">{{ .Contact.Name }}</p>`, Text: "{{ .Contact.Name }}"})
	for _, name := range []string{"محمد بن مثال", "דוגמה ישראלית", "見本 太郎", "示例 虚构", "Ærøskøbing Ⅻ", "नमूना", "ตัวอย่าง", "𠮷野家"} {
		data := &Data{Contact: Contact{Name: name}}
		rendered := mustRender(t, made, 0, data)
		if string(rendered.Subject) != name || string(rendered.Text) != name || string(rendered.HTML) != `<p dir="auto" title="`+name+`">`+name+`</p>` {
			t.Errorf("%s becomes %s, %s, %s", name, rendered.Subject, rendered.HTML, rendered.Text)
		}
	}
}
