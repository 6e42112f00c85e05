{{- define "gvDetails" }}
# Resources: {{ .GroupVersionString }}

Every kind, every field, every bound. What the API server cannot check stands in
[checks.md](checks.md), the conditions and reasons in [conditions.md](conditions.md).

Conventions, the same in every kind: times are integer seconds, money is a
[Money](#money), a [Ratio](#ratio) is a decimal string between 0 and 1, only
names ending in `Percent` are integer percentages, references are names in the
same namespace, lists are keyed by name where they have one, and every string and
list is bounded.

- [Kinds](#kinds): what you write, with its spec and status
- [Parts](#parts): what specs and statuses are made of
- [Values](#values): strings with a shape, and choices

## Kinds

| Kind | Short name | What it is |
| --- | --- | --- |
{{- range .SortedKinds }}
{{- $kind := $.TypeForKind . }}
| [{{ $kind.Name }}](#{{ lower $kind.Name }}) | {{ range index $kind.Markers "kubebuilder:resource" }}{{ range .ShortName }}`{{ . }}`{{ end }}{{ end }} | {{ template "flat" $kind.Doc }} |
{{- end }}

All are namespaced, and all are in the category `fairlead`: `kubectl get fairlead`
lists every one of them.
{{ range .SortedKinds }}
{{- $kind := $.TypeForKind . }}
### {{ $kind.Name }}

{{ template "prose" $kind.Doc }}

`apiVersion: {{ $.GroupVersionString }}`, `kind: {{ $kind.Name }}`
{{ template "rules" $kind }}
{{- template "type" (dict "type" (index $.Types (printf "%sSpec" $kind.Name)) "level" "####") }}
{{- template "type" (dict "type" (index $.Types (printf "%sStatus" $kind.Name)) "level" "####") }}
{{- end }}
## Parts
{{ range .SortedTypes }}
{{- if and (not .GVK) (not .IsAlias) .References }}
{{- $ofKind := false }}
{{- $name := .Name }}
{{- range $.Kinds }}{{ if or (eq $name (printf "%sSpec" .)) (eq $name (printf "%sStatus" .)) }}{{ $ofKind = true }}{{ end }}{{ end }}
{{- if not $ofKind }}{{ template "type" (dict "type" . "level" "###") }}{{ end }}
{{- end }}
{{- end }}
## Values
{{ range .SortedTypes }}
{{- if and .IsAlias .References }}{{ template "type" (dict "type" . "level" "###") }}{{ end }}
{{- end }}
{{- end -}}
