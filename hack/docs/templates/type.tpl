{{- define "type" }}
{{- $type := .type }}
{{ .level }} {{ $type.Name }}

{{ template "prose" $type.Doc }}
{{ template "rules" $type }}
{{- if and $type.IsAlias (not $type.EnumValues) }}
A {{ markdownRenderTypeLink $type.UnderlyingType }}{{ template "limits" $type.Validation }}.
{{ end }}
{{- if $type.Fields }}
| Field | Type | Default | Bounds | What it is |
| --- | --- | --- | --- | --- |
{{- range $type.Fields }}
| `{{ .Name }}` | {{ template "fieldType" .Type }} | {{ template "default" .Default }} | {{ template "bounds" . }} | {{ template "flat" .Doc }} |
{{- end }}
{{ end }}
{{- if $type.EnumValues }}{{ template "choices" $type.EnumValues }}{{ end }}
{{- if eq .level "###" }}
Used by: {{ range $i, $user := $type.SortedReferences }}{{ if $i }}, {{ end }}{{ markdownRenderTypeLink $user }}{{ end }}
{{ end }}
{{- end -}}
