package main

import (
	_ "embed" // For the head of the page.
	"fmt"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// importHead is what people wrote of the page.
//
//go:embed import.head
var importHead string

// renderImport writes the page about mapping files and entities.
func renderImport() string {
	var page strings.Builder
	page.WriteString("<!-- Generated from internal/customer and hack/docs/import.head by `make generate`. Change these, not this page. -->\n\n")
	page.WriteString(importHead)
	page.WriteString(`
## Entities

What a row can be. A field in **bold** is required. A party is written by its
[fields](#fields-of-a-party), with the name of the field before them.

| entity | what one row is |
|---|---|
`)
	for i := range customer.Entities {
		entity := &customer.Entities[i]
		fmt.Fprintf(&page, "| [%s](#%s) | %s |\n", entity.Name, strings.ToLower(entity.Name), cell(entity.Doc))
	}
	page.WriteString("\n### Fields of a party\n\n")
	writeFields(&page, customer.PartyFields)
	for i := range customer.Entities {
		writeEntity(&page, &customer.Entities[i])
	}
	return page.String()
}

func writeEntity(page *strings.Builder, entity *customer.Entity) {
	fmt.Fprintf(page, "\n### %s\n\n%s. ", entity.Name, sentence(entity.Doc))
	switch {
	case len(entity.Key) > 0:
		fmt.Fprintf(page, "Its key is %s, unless the mapping names one.", codes(entity.Key))
	case entity.Name == "party":
		page.WriteString("Its key is the field `key`, unless the mapping names one.")
	default:
		page.WriteString("The mapping has to name its `key`.")
	}
	if entity.Makes != "" {
		fmt.Fprintf(page, " It makes its party a %s.", entity.Makes)
	}
	if entity.ForBooks {
		page.WriteString(" It stays, without what is personal, when its person is erased.")
	}
	page.WriteString("\n\n")
	if entity.Name == "party" {
		page.WriteString("It has the [fields of a party](#fields-of-a-party), without a prefix.\n")
		return
	}
	writeFields(page, entity.Fields)
}

func writeFields(page *strings.Builder, fields []customer.Field) {
	page.WriteString("| field | type | meaning |\n|---|---|---|\n")
	for _, field := range fields {
		name, kind := "`"+field.Name+"`", field.Kind.String()
		switch field.Kind {
		case customer.Edition:
			name = "`series`, `edition`"
		case customer.Party:
			name = "`" + field.Name + ".`..."
		case customer.Decimal:
			kind = fmt.Sprintf("%s, %d digits", kind, field.Scale)
		case customer.Word, customer.Words:
			kind += ": " + strings.Join(field.Words, ", ")
		case customer.Fact:
			kind = fmt.Sprintf("key of a [%s](#%s)", field.Refers, strings.ToLower(field.Refers))
		default:
		}
		if field.Required {
			name = "**" + name + "**"
		}
		fmt.Fprintf(page, "| %s | %s | %s |\n", name, kind, cell(field.Doc))
	}
}

// codes lists names as code.
func codes(names []string) string {
	return "`" + strings.Join(names, "`, `") + "`"
}

// sentence makes a description begin as a sentence does.
func sentence(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// cell keeps a text from ending the cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
