package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Text is the report for a terminal or a mail without markup.
func (w Weekly) Text() string {
	var out strings.Builder
	fmt.Fprintln(&out, w.Heading())
	for _, about := range w.about() {
		fmt.Fprintln(&out, about)
	}
	rows := [][]string{{""}, {""}}
	for _, c := range w.columns() {
		rows[0], rows[1] = append(rows[0], strings.ToUpper(c.name)), append(rows[1], c.dates)
	}
	for _, g := range w.table() {
		rows = append(rows, nil, []string{strings.ToUpper(g.Name)})
		for _, l := range g.Lines {
			name := "  " + l.Name
			if l.Figure.part {
				name = "    " + l.Name
			}
			row := []string{name}
			for _, c := range l.Cells {
				row = append(row, c.String())
			}
			rows = append(rows, row)
		}
	}
	fmt.Fprintln(&out)
	align(&out, rows)
	if dimensions := w.dimensions(); len(dimensions) > 0 {
		rows := [][]string{{"SATISFACTION GAP BY DIMENSION", "SO FAR", "LAST CYCLE SO FAR"}}
		for _, d := range dimensions {
			rows = append(rows, []string{"  " + d.Name, points(d.SoFar), points(d.LastCycle)})
		}
		fmt.Fprintln(&out)
		align(&out, rows)
	}
	fmt.Fprintln(&out)
	for _, note := range w.notes() {
		fmt.Fprintln(&out, note)
	}
	return out.String()
}

// points of a scale, with two digits.
func points(value *float64) string {
	if value == nil {
		return absent
	}
	return fmt.Sprintf("%.2f", *value)
}

// align writes rows with the first column to the left and all others to the right.
func align(out *strings.Builder, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for at, text := range row {
			if at == len(widths) {
				widths = append(widths, 0)
			}
			// A line of its own takes no part.
			if len(row) > 1 {
				widths[at] = max(widths[at], utf8.RuneCountInString(text))
			}
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for at, text := range row {
			space := strings.Repeat(" ", max(0, widths[at]-utf8.RuneCountInString(text)))
			if at == 0 {
				line.WriteString(text + space)
			} else {
				line.WriteString("   " + space + text)
			}
		}
		fmt.Fprintln(out, strings.TrimRight(line.String(), " "))
	}
}

// Markdown is the report for a wiki, an issue or a chat.
func (w Weekly) Markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n\n", marked(w.Heading()))
	for _, about := range w.about() {
		fmt.Fprintf(&out, "%s\n\n", marked(about))
	}
	columns := w.columns()
	for _, g := range w.table() {
		fmt.Fprintf(&out, "## %s\n\n|  |", g.Name)
		for _, c := range columns {
			fmt.Fprintf(&out, " %s<br>%s |", c.name, c.dates)
		}
		fmt.Fprintf(&out, "\n| --- |%s\n", strings.Repeat(" ---: |", len(columns)))
		for _, l := range g.Lines {
			name := l.Name
			if l.Figure.part {
				name = "– " + l.Name
			}
			fmt.Fprintf(&out, "| %s |", name)
			for _, c := range l.Cells {
				fmt.Fprintf(&out, " %s |", c)
			}
			fmt.Fprintln(&out)
		}
		fmt.Fprintln(&out)
	}
	if dimensions := w.dimensions(); len(dimensions) > 0 {
		fmt.Fprintln(&out, "## Satisfaction gap by dimension\n\n|  | So far | Last cycle so far |\n| --- | ---: | ---: |")
		for _, d := range dimensions {
			fmt.Fprintf(&out, "| %s | %s | %s |\n", marked(d.Name), points(d.SoFar), points(d.LastCycle))
		}
		fmt.Fprintln(&out)
	}
	for _, note := range w.notes() {
		fmt.Fprintf(&out, "- %s\n", marked(note))
	}
	return out.String()
}

// marked escapes what Markdown would take for its own.
func marked(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r == '<':
			out.WriteString("&lt;")
		case r == '&':
			out.WriteString("&amp;")
		case strings.ContainsRune("\\`*_[]#|~$>!", r):
			out.WriteRune('\\')
			out.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}
