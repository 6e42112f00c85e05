package main

import (
	"fmt"
	"slices"
	"strings"
)

// renderConditions writes the page of all constants.
func renderConditions(constants []constant) string {
	var page strings.Builder
	page.WriteString(`<!-- Generated from api/v1alpha1 by ` + "`make generate`" + `. Change the doc comments, not this page. -->

# Conditions and reasons

What stands in the status of a resource, and what a person does about it. Which
mistake gets which reason, and who finds it, stands in [checks.md](checks.md).

## Every kind

`)
	writeTable(&page, "Condition", of(constants, familyCondition, ""))
	page.WriteString("\n")
	writeTable(&page, "Reason", of(constants, familyReason, ""))
	for _, kind := range kindsOf(constants) {
		fmt.Fprintf(&page, "\n## %s\n", kind)
		for _, kept := range []family{familyCondition, familyReason} {
			if rows := of(constants, kept, kind); len(rows) > 0 {
				page.WriteString("\n")
				writeTable(&page, string(kept), rows)
			}
		}
	}
	for _, set := range []family{familyAnnotation, familyLabel} {
		var rows []constant
		for _, c := range constants {
			if c.family == set {
				rows = append(rows, c)
			}
		}
		if len(rows) > 0 {
			fmt.Fprintf(&page, "\n## %ss\n\n", set)
			writeTable(&page, string(set), rows)
		}
	}
	return page.String()
}

func writeTable(page *strings.Builder, title string, rows []constant) {
	fmt.Fprintf(page, "| %s | Meaning |\n| --- | --- |\n", title)
	for _, row := range rows {
		fmt.Fprintf(page, "| `%s` | %s |\n", row.value, strings.ReplaceAll(row.description, "|", `\|`))
	}
}

// of one family and kind, in the order of the source.
func of(constants []constant, wanted family, kind string) []constant {
	var found []constant
	for _, c := range constants {
		if c.family == wanted && c.kind == kind {
			found = append(found, c)
		}
	}
	return found
}

// kindsOf gives the kinds with conditions or reasons of their own, by name.
func kindsOf(constants []constant) []string {
	var kinds []string
	for _, c := range constants {
		if c.kind != "" && (c.family == familyCondition || c.family == familyReason) {
			kinds = append(kinds, c.kind)
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}
