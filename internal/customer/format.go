package customer

import (
	"strconv"
	"strings"
	"time"
)

// Format writes a value as files and people write it: decimals with a point,
// days and times as ISO 8601 in UTC, sets of words separated by ';'. code is the
// currency of the row's amounts. An absent value is "".
func (f Field) Format(value Value, code string) string {
	if !value.Present {
		return ""
	}
	switch f.Kind {
	case Decimal:
		return formatScaled(value.Number, f.Scale)
	case Money:
		digits, ok := MinorDigits(code)
		if !ok {
			digits = 2
		}
		return formatScaled(value.Number, digits)
	case Day:
		return time.UnixMilli(value.Number).UTC().Format(time.DateOnly)
	case Instant:
		return time.UnixMilli(value.Number).UTC().Format("2006-01-02T15:04:05.999Z07:00")
	case Truth:
		return strconv.FormatBool(value.Number != 0)
	case Words:
		return strings.Join(Set(f.Words, value.Number), ";")
	default:
		if f.Kind.IsNumber() {
			return strconv.FormatInt(value.Number, 10)
		}
		return value.Text
	}
}

// formatScaled writes a scaled integer as a decimal number.
func formatScaled(number int64, scale int) string {
	text := strconv.FormatInt(number, 10)
	if scale == 0 {
		return text
	}
	sign := ""
	if number < 0 {
		sign, text = "-", text[1:]
	}
	if missing := scale + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	return sign + text[:len(text)-scale] + "." + text[len(text)-scale:]
}
