{{- define "gvList" -}}
<!-- Generated from api/v1alpha1 by `make generate`. Change the Go types, not this page. -->
{{ range . }}{{ template "gvDetails" . }}{{ end }}
{{- end -}}
