package message

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fairlead/fairlead/internal/customer"
)

// Mistake is something in a template that whoever wrote it has to mend.
type Mistake struct {
	// Locale of the message.
	Locale string
	// Part of it: subject, html or text.
	Part string
	// Line and Column in the part, from 1; columns count characters. They are 0
	// where a part is wrong as a whole.
	Line, Column int
	// Message says what is wrong and what to do.
	Message string
}

// Error is the mistake with its place.
func (m Mistake) Error() string {
	place := m.Locale + ", " + m.Part
	if m.Line > 0 {
		place += fmt.Sprintf(", line %d, column %d", m.Line, m.Column)
	}
	return place + ": " + m.Message
}

// position is the line and column of a byte of a text.
func position(source string, at int) (line, column int) {
	before := source[:max(0, min(at, len(source)))]
	line = strings.Count(before, "\n") + 1
	return line, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}

// startOfLine is where on a line something goes wrong of which only the line is
// known: its first action, else its beginning.
func startOfLine(source string, line int) int {
	at := 0
	for range line - 1 {
		next := strings.IndexByte(source[at:], '\n')
		if next < 0 {
			break
		}
		at += next + 1
	}
	rest, _, _ := strings.Cut(source[at:], "\n")
	return at + max(0, strings.Index(rest, "{{"))
}

// nearest is the known name that is spelled most like one; "" if none is.
func nearest(name string, known []string) string {
	best, distance := "", (len(name)+1)/3+2
	for _, candidate := range known {
		// Whoever leaves out the end of a name means it all the same.
		if len(name) > 2 && strings.HasPrefix(candidate, name) {
			return candidate
		}
		if d := customer.EditDistance(strings.ToLower(name), strings.ToLower(candidate)); d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// wayOut tells which name was meant, or else which there are.
func wayOut(name string, known []string) string {
	if best := nearest(name, known); best != "" {
		return "did you mean " + best + "?"
	}
	if len(known) == 0 {
		return "there are none"
	}
	// A list that is longer helps nobody.
	const most = 12
	if len(known) > most {
		return "there are " + strings.Join(known[:most], ", ") + " and more"
	}
	return "there are " + strings.Join(known, ", ")
}
