package intake

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fairlead/fairlead/internal/customer"
)

// largest is the largest number that every part of the system holds exactly.
const largest = 1 << 53

func readNumber(c *conventions, s *step, text string) (customer.Value, fault) {
	number, reason := parseDecimal(text, s.meaning.Scale, c)
	if reason != "" {
		return customer.Value{}, fault{reason: reason}
	}
	return customer.Number(number), fault{}
}

func readMoney(c *conventions, _ *step, text string) (customer.Value, fault) {
	if c.digits < 0 {
		return refuse("is an amount, and its row has no currency")
	}
	number, reason := parseDecimal(text, c.digits, c)
	if reason != "" {
		return customer.Value{}, fault{reason: reason}
	}
	return customer.Number(number), fault{}
}

func readCurrency(_ *conventions, _ *step, text string) (customer.Value, fault) {
	code := text
	if len(code) == 3 {
		code = strings.ToUpper(code)
	}
	if _, ok := customer.MinorDigits(code); !ok {
		return refuse("%s is no ISO 4217 code of a currency, such as EUR", quote(text))
	}
	return customer.String(code), fault{}
}

// decimal is a number while it is read: mantissa * 10^(zeros-after+exponent).
type decimal struct {
	mantissa int64
	// zeros at the end of the digits so far, which are not in the mantissa yet.
	zeros int
	// after counts the digits after the point.
	after, exponent int
	overflow        bool
	// group counts the digits since the last thousands separator, which is
	// separator; 0 if there was none.
	separator rune
	group     int
}

func (d *decimal) digit(b byte) {
	if b == '0' {
		d.zeros++
		return
	}
	d.shift(d.zeros + 1)
	d.zeros = 0
	d.mantissa += int64(b - '0')
}

// shift multiplies the mantissa by 10^by.
func (d *decimal) shift(by int) {
	for ; by > 0 && d.mantissa != 0 && !d.overflow; by-- {
		d.mantissa *= 10
		d.overflow = d.mantissa > largest
	}
}

// parseDecimal reads a number exactly, scaled by 10^scale, or says why not. What
// would have to be guessed or rounded is refused.
func parseDecimal(text string, scale int, c *conventions) (number int64, reason string) {
	point := byte('.')
	if c.decimalComma && !c.exact {
		point = ','
	}
	var d decimal
	rest, negative := text, false
	if rest[0] == '-' || rest[0] == '+' {
		negative = rest[0] == '-'
		rest = rest[1:]
	}
	if !d.read(rest, point, c.exact) {
		return 0, notANumber(text, point)
	}
	if d.mantissa == 0 {
		return 0, ""
	}
	shift := d.zeros - d.after + d.exponent + scale
	if shift < 0 && !d.overflow {
		return 0, tooManyDigits(text, scale)
	}
	d.shift(shift)
	if d.overflow || d.mantissa > largest {
		return 0, quote(text) + " does not fit: in its smallest unit it is beyond 2^53"
	}
	if negative {
		return -d.mantissa, ""
	}
	return d.mantissa, ""
}

// read digits without a sign.
func (d *decimal) read(text string, point byte, exact bool) (ok bool) {
	if text, ok = d.whole(text, point, exact); !ok {
		return false
	}
	switch {
	case text != "" && text[0] == point:
		for text = text[1:]; text != "" && isDigit(text[0]); text = text[1:] {
			d.digit(text[0])
			d.after++
		}
		if d.after == 0 {
			return false
		}
	case d.group == 0:
		return false
	}
	if exact && text != "" && (text[0] == 'e' || text[0] == 'E') {
		if text, ok = d.power(text[1:]); !ok {
			return false
		}
	}
	return text == ""
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// whole reads the digits before the point. Thousands separators count only where
// the grouping is right throughout: one to three digits, then three each.
func (d *decimal) whole(text string, point byte, exact bool) (rest string, ok bool) {
	for text != "" && text[0] != point {
		if isDigit(text[0]) {
			d.digit(text[0])
			d.group++
			text = text[1:]
			continue
		}
		char, size := utf8.DecodeRuneInString(text)
		if exact || !isSeparator(char) {
			break
		}
		right := d.group == 3
		if d.separator == 0 {
			right = d.group >= 1 && d.group <= 3
			d.separator = char
		}
		if !right || d.separator != char {
			return text, false
		}
		d.group = 0
		text = text[size:]
	}
	return text, d.separator == 0 || d.group == 3
}

// power reads the exponent of a number of JSON.
func (d *decimal) power(text string) (rest string, ok bool) {
	negative := strings.HasPrefix(text, "-")
	if negative || strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	ok = text != ""
	for ; text != "" && isDigit(text[0]); text = text[1:] {
		// Whatever is beyond this overflows or has too many digits anyway.
		d.exponent = min(d.exponent*10+int(text[0]-'0'), 1<<20)
	}
	if negative {
		d.exponent = -d.exponent
	}
	return text, ok
}

// isSeparator tells whether a character groups thousands. The decimal sign was
// taken out before.
func isSeparator(char rune) bool {
	switch char {
	case ',', '.', ' ', '\'', '\u00a0', '\u2009', '\u2019', '\u202f':
		return true
	}
	return false
}

func notANumber(text string, point byte) string {
	reason := fmt.Sprintf("%s is no number: digits with a sign before them, a decimal %q and thousands in groups of three are read", quote(text), point)
	if point == '.' && strings.ContainsRune(text, ',') {
		reason += "; where the comma is the decimal sign, set format.decimalComma"
	}
	return reason
}

func tooManyDigits(text string, scale int) string {
	if scale == 0 {
		return quote(text) + " has digits after the decimal sign, and there are none of these"
	}
	return fmt.Sprintf("%s has more than %d digits after the decimal sign", quote(text), scale)
}
