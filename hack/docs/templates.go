package main

import (
	_ "embed" // For the head of the page.
	"fmt"
	"strings"

	"github.com/fairlead/fairlead/internal/outreach/message"
)

// templatesHead is what people wrote of the page.
//
//go:embed templates.head
var templatesHead string

// renderTemplates writes the page about templates of messages.
func renderTemplates() string {
	var page strings.Builder
	page.WriteString("<!-- Generated from internal/outreach/message and hack/docs/templates.head by `make generate`. Change these, not this page. -->\n\n")
	page.WriteString(templatesHead)
	page.WriteString("\n## Fields\n\nThe example is what a made-up recipient gets in the locale en-GB. NAME is a name that a mapping or the\nexhibition declares; one with a hyphen is taken by `index`.\n")
	part := ""
	for _, field := range message.Fields() {
		if record, _, found := strings.Cut(field.Path, "."); !found && part != "links" || found && record != part {
			if part = record; !found {
				part = "links"
			}
			fmt.Fprintf(&page, "\n### %s\n\n| field | type | meaning | absent | example |\n|---|---|---|---|---|\n", sentence(part))
		}
		fmt.Fprintf(&page, "| `.%s` | %s | %s | %s | %s |\n", field.Path, fieldType(field), cell(sentence(field.Doc)), cell(field.Absent), cell(field.Example()))
	}
	page.WriteString("\n## Functions\n\nWhat a function is about comes last, so that it can be piped: `{{ .Exhibition.Opens | date \"short\" }}`.\n\n| function | does | example | gives |\n|---|---|---|---|\n")
	for _, function := range message.Functions() {
		fmt.Fprintf(&page, "| %s | %s | `%s` | %s |\n", calls(function), cell(sentence(function.Doc)), cell(function.Example), cell(function.Result()))
	}
	return page.String()
}

// calls shows how a function is called, and which others are called alike.
func calls(function message.Function) string {
	text := "`" + function.Use + "`"
	if names := strings.Fields(function.Name); len(names) > 1 {
		text += "; alike " + codes(names[1:])
	}
	return text
}

// fieldType is the type of a field.
func fieldType(field message.Field) string {
	switch {
	case field.Many:
		return "list of " + field.Kind.String() + "s"
	case strings.HasPrefix(field.Path, "Customer.Attributes."):
		return "as declared"
	}
	return field.Kind.String()
}
