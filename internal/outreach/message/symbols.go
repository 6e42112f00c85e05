package message

import (
	"strings"
	"unicode"

	tags "golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// symbols are how a language writes figures.
type symbols struct {
	point, group, minus string
	// primary is how many digits the last group before the point has, secondary
	// the others.
	primary, secondary int
}

// symbolsOf reads off how a language writes figures: a printer may not be used
// by two goroutines at once, and to make one for every figure is slow. Digits
// are those of the Western world, as dates and amounts have them.
func symbolsOf(tag tags.Tag) symbols {
	if western, err := tag.SetTypeForKey("nu", "latn"); err == nil {
		tag = western
	}
	printer := message.NewPrinter(tag)
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	notDigit := func(r rune) bool { return !isDigit(r) }
	written := printer.Sprint(number.Decimal(1234567.25))
	groups := strings.FieldsFunc(written, notDigit)
	marks := strings.FieldsFunc(written, isDigit)
	found := symbols{point: ".", minus: "-"}
	if len(groups) > 1 && len(marks) == len(groups)-1 {
		found.point = marks[len(marks)-1]
		if n := len(groups); n > 2 {
			found.group, found.primary, found.secondary = marks[0], len(groups[n-2]), len(groups[n-2])
			if n > 3 {
				found.secondary = len(groups[n-3])
			}
		}
	}
	if minus := strings.TrimRightFunc(printer.Sprint(number.Decimal(-1)), unicode.IsDigit); minus != "" {
		found.minus = minus
	}
	return found
}

// figure writes a decimal number with a point as the language writes it, with so
// many digits after the point; with as many as it needs if digits is negative.
func (l *language) figure(decimal string, digits int) string {
	positive, negative := strings.CutPrefix(decimal, "-")
	whole, fraction, _ := strings.Cut(positive, ".")
	if digits < 0 {
		fraction = strings.TrimRight(fraction, "0")
	} else {
		whole, fraction = rounded(whole, fraction, digits)
	}
	s := &l.symbols
	if !negative && fraction == "" && len(whole) <= s.primary {
		return whole
	}
	var out strings.Builder
	if negative && strings.Trim(whole+fraction, "0") != "" {
		out.WriteString(s.minus)
	}
	for i := range len(whole) {
		left := len(whole) - i
		if s.primary > 0 && i > 0 && (left == s.primary || left > s.primary && (left-s.primary)%s.secondary == 0) {
			out.WriteString(s.group)
		}
		out.WriteByte(whole[i])
	}
	if fraction != "" {
		out.WriteString(s.point)
		out.WriteString(fraction)
	}
	return out.String()
}

// rounded rounds half away from zero.
func rounded(whole, fraction string, digits int) (string, string) {
	if len(fraction) <= digits {
		return whole, fraction + strings.Repeat("0", digits-len(fraction))
	}
	up := fraction[digits] >= '5'
	all := []byte("0" + whole + fraction[:digits])
	for i := len(all) - 1; up && i >= 0; i-- {
		if all[i]++; all[i] <= '9' {
			break
		}
		all[i] = '0'
	}
	if all[0] == '0' {
		all = all[1:]
	}
	at := len(all) - digits
	return string(all[:at]), string(all[at:])
}
