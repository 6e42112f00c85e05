{{- /* A doc comment as paragraphs, and in one line of a table. What
stands as (map row C1) in a comment is for whoever changes the type. */ -}}
{{- define "prose" }}{{ regexReplaceAll "\\s*\\(map\\s+rows?\\s[^)]*\\)" . "" | trim }}{{ end -}}
{{- define "flat" }}{{ regexReplaceAll "\\s*\\(map\\s+rows?\\s[^)]*\\)" . "" | trim | replace "\n" " " | replace "|" "\\|" }}{{ end -}}

{{- /* The rules between fields, by their messages. */ -}}
{{- define "rules" }}
{{- $rules := index .Markers "kubebuilder:validation:XValidation" }}
{{- $oneOf := index .Markers "kubebuilder:validation:ExactlyOneOf" }}
{{- if or $rules $oneOf (has "MinProperties: 1" .Validation) }}
Rules:
{{ range $oneOf }}
- exactly one of {{ range $i, $name := . }}{{ if $i }}, {{ end }}`{{ $name }}`{{ end }} must be set
{{- end }}
{{- if has "MinProperties: 1" .Validation }}
- at least one field must be set
{{- end }}
{{- range $rules }}
- {{ .Message }}
{{- end }}
{{ end }}
{{- end -}}

{{- define "fieldType" }}
{{- if eq .Name "Time" }}time{{ else }}{{ markdownRenderType . | replace " array" " list" }}{{ end }}
{{- end -}}

{{- define "default" }}
{{- if . }}`{{ regexReplaceAll "map\\[name:(\\w+) upToPercent:(\\d+)\\]" . "${1} ${2}" }}`{{ end }}
{{- end -}}

{{- /* What a field may hold, beside what its type says. */ -}}
{{- define "bounds" }}
{{- $said := list }}
{{- $types := list .Type }}
{{- if .Type.UnderlyingType }}{{ $types = append $types .Type.UnderlyingType }}{{ end }}
{{- $known := list }}
{{- range $types }}
{{- range .Validation }}{{ $known = append $known . }}{{ end }}
{{- range index .Markers "kubebuilder:validation:XValidation" }}{{ $known = append $known .Message }}{{ end }}
{{- end }}
{{- if has "Required: {}" .Validation }}{{ $said = append $said "required" }}{{ end }}
{{- range $prefix, $words := dict "a MinItems" "at least %s entries" "b MaxItems" "at most %s entries" "c MinLength" "at least %s characters" "d MaxLength" "at most %s characters" "e Minimum" "at least %s" "f Maximum" "at most %s" }}
{{- range $.Validation }}
{{- $marker := printf "%s: " (substr 2 -1 $prefix) }}
{{- if and (hasPrefix $marker .) (not (has . $known)) }}
{{- $number := trimPrefix $marker . }}
{{- if contains "e+" $number }}{{ $number = $number | float64 | int64 | toString }}{{ end }}
{{- $sentence := printf $words $number }}
{{- $said = append $said ($sentence | replace "at least 1 entries" "not empty" | replace "at least 1 characters" "not empty") }}
{{- end }}
{{- end }}
{{- end }}
{{- $keys := index .Markers "listMapKey" }}
{{- if $keys }}{{ $said = append $said (printf "one entry a %s" (join " and " $keys)) }}{{ end }}
{{- range index .Markers "listType" }}{{ if eq (toString .) "set" }}{{ $said = append $said "no entry twice" }}{{ end }}{{ end }}
{{- range index .Markers "kubebuilder:validation:XValidation" }}
{{- if not (has .Message $known) }}{{ $said = append $said (.Message | replace "|" "\\|") }}{{ end }}
{{- end }}
{{- join "; " $said }}
{{- end -}}

{{- define "limits" }}
{{- range . }}{{ if hasPrefix "MaxLength: " . }} of at most {{ trimPrefix "MaxLength: " . }} characters{{ end }}{{ end }}
{{- range . }}{{ if hasPrefix "Format: " . }}, in the format {{ trimPrefix "Format: " . }}{{ end }}{{ end }}
{{- end -}}

{{- /* The choices of a value; as a table where at least one is described. */ -}}
{{- define "choices" }}
{{- $described := false }}
{{- range . }}{{ if .Doc }}{{ $described = true }}{{ end }}{{ end }}
{{- if $described }}
| Value | What it is |
| --- | --- |
{{- range . }}
| `{{ .Name }}` | {{ template "flat" (regexReplaceAll "^[A-Z][A-Za-z]+ " .Doc "") }} |
{{- end }}
{{ else }}
One of {{ range $i, $choice := . }}{{ if $i }}, {{ end }}`{{ $choice.Name }}`{{ end }}.
{{ end }}
{{- end -}}
