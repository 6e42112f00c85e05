package attributeuse

import (
	"strings"
	"testing"
)

func TestTemplates(t *testing.T) {
	tests := map[string]struct {
		names   []string
		because string
	}{
		// By name.
		`{{ .Customer.Attributes.fleet }}`:                                                                                        {[]string{"fleet"}, ""},
		`{{ $.Customer.Attributes.fleet }}`:                                                                                       {[]string{"fleet"}, ""},
		`{{ index .Customer.Attributes "fleet" }}`:                                                                                {[]string{"fleet"}, ""},
		"{{ index .Customer.Attributes `fleet` }}":                                                                                {[]string{"fleet"}, ""},
		`{{ index . "Customer" "Attributes" "fleet" }}`:                                                                           {[]string{"fleet"}, ""},
		`{{ "fleet" | index .Customer.Attributes }}`:                                                                              {[]string{"fleet"}, ""},
		`{{ (index .Customer.Attributes "fleet") | printf "%v planes" }}`:                                                         {[]string{"fleet"}, ""},
		`{{ (index .Customer "Attributes").fleet }}`:                                                                              {[]string{"fleet"}, ""},
		`{{ (.Customer).Attributes.fleet }}`:                                                                                      {[]string{"fleet"}, ""},
		`{{ .Contact.Attributes.diet }}`:                                                                                          {[]string{"diet"}, ""},
		`{{ if gt .Customer.Attributes.fleet 3.0 }}many{{ end }}`:                                                                 {[]string{"fleet"}, ""},
		`{{ if .Loyalty }}{{ else if .Customer.Attributes.a }}{{ end }}`:                                                          {[]string{"a"}, ""},
		`{{ if .Loyalty }}{{ else }}{{ .Customer.Attributes.a }}{{ end }}`:                                                        {[]string{"a"}, ""},
		`{{ with .Customer }}{{ .Attributes.fleet }}{{ end }}`:                                                                    {[]string{"fleet"}, ""},
		`{{ with .Customer.Attributes }}{{ .fleet }}{{ index . "a" }}{{ end }}`:                                                   {[]string{"a", "fleet"}, ""},
		`{{ with .Loyalty }}{{ .Tier }}{{ else }}{{ .Customer.Attributes.a }}{{ end }}`:                                           {[]string{"a"}, ""},
		`{{ with $a := .Customer.Attributes }}{{ $a.a }}{{ .b }}{{ end }}`:                                                        {[]string{"a", "b"}, ""},
		`{{ $a := .Customer.Attributes }}{{ $a.fleet }}{{ index $a "b" }}`:                                                        {[]string{"b", "fleet"}, ""},
		`{{ range .Editions }}{{ .Name }}{{ $.Customer.Attributes.a }}{{ else }}{{ .Customer.Attributes.b }}{{ end }}`:            {[]string{"a", "b"}, ""},
		`{{ range $n, $e := .Editions }}{{ $e.Name }}{{ end }}`:                                                                   {nil, ""},
		`{{ (and .Loyalty .Customer).Attributes.a }}`:                                                                             {[]string{"a"}, ""},
		`{{ (or .Nobody .Customer.Attributes).a }}`:                                                                               {[]string{"a"}, ""},
		`{{ with "fleet" }}{{ index $.Customer.Attributes . }}{{ end }}`:                                                          {[]string{"fleet"}, ""},
		`{{ define "x" }}{{ .fleet }}{{ end }}{{ template "x" .Customer.Attributes }}`:                                            {[]string{"fleet"}, ""},
		`{{ define "x" }}{{ $.Attributes.a }}{{ end }}{{ template "x" .Customer }}`:                                               {[]string{"a"}, ""},
		`{{ define "x" }}{{ .fleet }}{{ end }}{{ template "x" .Loyalty }}{{ template "x" .Customer.Attributes }}`:                 {[]string{"fleet"}, ""},
		`{{ block "x" .Customer }}{{ .Attributes.fleet }}{{ end }}`:                                                               {[]string{"fleet"}, ""},
		`{{ define "never" }}{{ . }}{{ .Customer.Attributes.a }}{{ end }}`:                                                        {[]string{"a"}, ""},
		`{{ define "x" }}{{ template "x" .Customer }}{{ .Attributes.a }}{{ end }}{{ template "x" . }}`:                            {[]string{"a"}, ""},
		`<a href="/?n={{ .Customer.Attributes.a }}" title='{{ .Customer.Attributes.b }}'>{{ .Customer.Attributes.c | html }}</a>`: {[]string{"a", "b", "c"}, ""},
		`{{/* .Customer.Attributes.a */}}{{ "{{ .Customer.Attributes.b }}" }}`:                                                    {nil, ""},
		`{{ unknownFunction .Customer.Attributes.a 1 }}`:                                                                          {[]string{"a"}, ""},
		`{{ $a := .Customer.Attributes }}{{ if .Loyalty }}{{ $a := .Loyalty }}{{ $a.Tier }}{{ end }}{{ $a.fleet }}`:               {[]string{"fleet"}, ""},
		// Nothing.
		`Dear {{ .Contact.Name }}, {{ .Series.MissedEditions }} {{ .Customer.Name | printf "%s" }} {{ .UnsubscribeURL }}`: {nil, ""},
		`{{ if .Customer }}{{ if and .Customer .Loyalty }}{{ if not .Customer }}{{ end }}{{ end }}{{ end }}`:              {nil, ""},
		`.Customer.Attributes.fleet`: {nil, ""},
		``:                           {nil, ""},
		// Perhaps any.
		`{{ range .Customer.Attributes }}{{ . }}{{ end }}`:                               {nil, takesAttributes},
		`{{ range $name, $value := .Customer.Attributes }}{{ $name }}{{ end }}`:          {nil, takesAttributes},
		`{{ .Customer.Attributes }}`:                                                     {nil, takesAttributes},
		`{{ .Customer.Attributes | printf "%v" }}`:                                       {nil, takesAttributes},
		`{{ len .Customer.Attributes }}`:                                                 {nil, takesAttributes},
		`{{ if .Customer.Attributes }}yes{{ end }}`:                                      {nil, takesAttributes},
		`{{ if not .Customer.Attributes }}yes{{ end }}`:                                  {nil, takesAttributes},
		`{{ with .Customer.Attributes }}{{ . }}{{ end }}`:                                {nil, takesAttributes},
		`{{ $a := .Customer.Attributes }}{{ $a }}`:                                       {nil, takesAttributes},
		`{{ $a := .Loyalty }}{{ $a = .Customer.Attributes }}{{ $a.fleet }}`:              {nil, takesAttributes},
		`{{ .Customer.Method .Customer.Attributes }}`:                                    {nil, takesAttributes},
		`{{ template "elsewhere" .Customer.Attributes }}`:                                {nil, takesAttributes},
		`{{ index .Customer.Attributes .Contact.Language }}`:                             {nil, takesWorkedOut},
		`{{ index .Customer.Attributes (printf "fl%s" "eet") }}`:                         {nil, takesWorkedOut},
		`{{ $n := "fleet" }}{{ index .Customer.Attributes $n }}`:                         {nil, takesWorkedOut},
		`{{ .Contact.Language | index .Customer.Attributes }}`:                           {nil, takesWorkedOut},
		`{{ define "x" }}{{ index .A "b" }}{{ . }}{{ end }}{{ template "x" .Customer }}`: {nil, takesCustomer},
		`{{ .Customer }}`:                               {nil, takesCustomer},
		`{{ index .Customer .Contact.Name }}`:           {nil, takesCustomer},
		`{{ . }}`:                                       {nil, takesData},
		`{{ printf "%v" . }}`:                           {nil, takesData},
		`{{ template "elsewhere" . }}`:                  {nil, takesData},
		`{{ printf "%v %v" . .Customer.Attributes.a }}`: {[]string{"a"}, takesData},
		`{{ . }}{{ .Customer }}`:                        {nil, takesData + ", and " + takesCustomer},
	}
	for template, test := range tests {
		t.Run(template, func(t *testing.T) {
			got, err := readTemplate(template)
			expectReading(t, got, err, test.names, test.because)
		})
	}
}

func TestUnreadableTemplates(t *testing.T) {
	for template, want := range map[string]string{
		"{{ .Customer.Attributes.fleet":                            "line 1: unclosed action",
		"Dear\n{{ .Contact.Name }\n":                               `line 2: unexpected "}" in operand`,
		"{{ if .Customer.Attributes.a }}":                          "line 1: unexpected EOF",
		"{{ $a.fleet }}":                                           `line 1: undefined variable "$a"`,
		`{{ define "x" }}a{{ end }}{{ define "x" }}b{{ end }}`:     "line 1: template: multiple definition",
		"{{ .Customer.Attributes.fleet }}{{ end }}":                "line 1: unexpected {{end}}",
		"{{ index .Customer.Attributes \"fleet\" }}{{ \"a\nb\" }}": "line 1: unterminated quoted string",
	} {
		got, err := readTemplate(template)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("of %q it says %+v, %v; want %q", template, got, err, want)
		}
	}
}

// FuzzTemplates is FuzzExpressions for templates.
func FuzzTemplates(f *testing.F) {
	for _, seed := range []string{
		`{{ with $a := .Customer.Attributes }}{{ $a.a }}{{ else }}{{ range .b }}{{ break }}{{ end }}{{ end }}`,
		`{{ define "x" }}{{ template "x" (index . "Customer") }}{{ end }}{{ template "x" . }}`, `{{ ((.a).b | c).Attributes.d }}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, template string) { sameTwice(t, readTemplate, template) })
}
