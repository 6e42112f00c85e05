package intake

import (
	"fmt"
	"slices"
)

// WarningKind is what a warning is about.
type WarningKind uint8

// The kinds of warnings. Each leaves a field absent and keeps the row.
const (
	// UnknownCountry is a text that names no country.
	UnknownCountry WarningKind = iota + 1
	// BadEmail is an e-mail address that nothing can be sent to.
	BadEmail
	// UnknownZone is no time zone of the IANA database.
	UnknownZone
	// UnknownLanguage is no tag of a language.
	UnknownLanguage
	// NotNamed is a party that is described and that nothing names.
	NotNamed
	// MissingColumn is a column that no object of the file has.
	MissingColumn
)

var warningTexts = [...]string{
	UnknownCountry:  "country not known",
	BadEmail:        "e-mail address not valid",
	UnknownZone:     "time zone not known",
	UnknownLanguage: "language not known",
	NotNamed:        "described, but nothing names it: left out",
	MissingColumn:   "no row has the column",
}

// String says what the kind means.
func (k WarningKind) String() string {
	if int(k) < len(warningTexts) {
		return warningTexts[k]
	}
	return ""
}

// Warning is something that was left out of rows which were kept.
type Warning struct {
	// Kind is what the warning is about.
	Kind WarningKind
	// Field that is absent, as the mapping writes it.
	Field string
	// Text that was not understood, shortened; "" where it is nobody's business in
	// a log, and for all the texts that are too many to list.
	Text string
	// Rows counts the rows that it happened to; 0 for one about the whole file.
	Rows int64
	// Line of the first of them.
	Line int64
}

// String is the warning as a line of text.
func (w Warning) String() string {
	text := w.Field + ": " + w.Kind.String()
	if w.Text != "" {
		text += fmt.Sprintf(": %q", w.Text)
	}
	switch w.Rows {
	case 0:
		return text
	case 1:
		return fmt.Sprintf("%s (line %d)", text, w.Line)
	default:
		return fmt.Sprintf("%s (%d rows, the first on line %d)", text, w.Rows, w.Line)
	}
}

// mostTexts is how many texts of one kind and field are listed one by one.
const mostTexts = 100

// warnings counts what was left out, in bounded memory.
type warnings struct {
	all   []Warning
	index map[Warning]int
	texts map[Warning]int
}

// add counts a warning of a row.
func (w *warnings) add(one Warning) {
	if w.index == nil {
		w.index, w.texts = map[Warning]int{}, map[Warning]int{}
	}
	key := Warning{Kind: one.Kind, Field: one.Field, Text: one.Text}
	at, known := w.index[key]
	if !known && key.Text != "" {
		group := Warning{Kind: one.Kind, Field: one.Field}
		if w.texts[group]++; w.texts[group] > mostTexts {
			w.texts[group] = mostTexts
			key.Text, one.Text = "", ""
			at, known = w.index[key]
		}
	}
	if !known {
		w.index[key] = len(w.all)
		w.all = append(w.all, one)
		return
	}
	w.all[at].Rows += one.Rows
}

// list gives the most frequent first.
func (w *warnings) list() []Warning {
	list := slices.Clone(w.all)
	slices.SortStableFunc(list, func(a, b Warning) int { return int(b.Rows - a.Rows) })
	return list
}
