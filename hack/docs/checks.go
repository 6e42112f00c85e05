package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// codeSpan is `something` in Markdown.
var codeSpan = regexp.MustCompile("`([^`]+)`")

// reasonsNamed finds the reasons that a page names: what stands as code in the
// column Reason of its tables.
func reasonsNamed(page string) []string {
	var named []string
	column := -1
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			column = -1
			continue
		}
		cells := cellsOf(line)
		if column < 0 {
			// The first line of a table has the titles.
			column = slices.Index(cells, "Reason")
			if column < 0 {
				column = len(cells)
			}
			continue
		}
		if column < len(cells) {
			for _, match := range codeSpan.FindAllStringSubmatch(cells[column], -1) {
				named = append(named, match[1])
			}
		}
	}
	slices.Sort(named)
	return slices.Compact(named)
}

// cellsOf splits a line of a table.
func cellsOf(line string) []string {
	line = strings.ReplaceAll(strings.Trim(line, "|"), `\|`, "\x00")
	cells := strings.Split(line, "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(strings.ReplaceAll(cells[i], "\x00", `\|`))
	}
	return cells
}

// compareReasons demands that a page names every reason there is, and no other.
func compareReasons(named []string, constants []constant) error {
	var problems []error
	var declared []string
	for _, c := range constants {
		if c.family != familyReason {
			continue
		}
		declared = append(declared, c.value)
		if !slices.Contains(named, c.value) {
			problems = append(problems, fmt.Errorf("the reason %s stands in no table: say which situation gets it, and who finds out", c.value))
		}
	}
	for _, name := range named {
		if !slices.Contains(declared, name) {
			problems = append(problems, fmt.Errorf("the reason %s is no constant of the API", name))
		}
	}
	return errors.Join(problems...)
}
