package intake

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// moment is a date as a file writes it, with the time of day; midnight if there
// is none.
type moment struct {
	year, month, day             int
	hour, minute, second, millis int
	// zoned is true if the offset from UTC is said: offset, in seconds, east
	// positive.
	zoned  bool
	offset int
}

// dateFormat is a format of dates in parts; none is ISO 8601.
type dateFormat struct {
	text  string
	parts []datePart
}

// datePart is a token such as YYYY, or else a literal text.
type datePart struct {
	token   string
	literal string
}

// dateTokens are what a date format is made of; longer ones first.
var dateTokens = []string{"YYYY", "YY", "MM", "DD", "HH", "mm", "ss"}

func parseDateFormat(text string) (dateFormat, error) {
	format := dateFormat{text: text}
	count := map[byte]int{}
	for rest := text; rest != ""; {
		part := datePart{literal: rest[:1]}
		for _, token := range dateTokens {
			if strings.HasPrefix(rest, token) {
				part = datePart{token: token}
				break
			}
		}
		if part.token == "" && isWordCharacter(rest[0]) {
			return dateFormat{}, fmt.Errorf("there is no %q in a date format: it is made of %s and signs between them", rest[0], strings.Join(dateTokens, ", "))
		}
		format.parts = append(format.parts, part)
		rest = rest[len(part.token)+len(part.literal):]
		if part.token != "" {
			count[part.token[0]]++
		}
	}
	if count['Y'] != 1 || count['M'] != 1 || count['D'] != 1 {
		return dateFormat{}, fmt.Errorf("%q needs YYYY, MM and DD, each once", text)
	}
	if hours, minutes, seconds := count['H'], count['m'], count['s']; hours > 1 || minutes != hours || seconds > minutes {
		return dateFormat{}, errors.New("a time of day is HH and mm, and perhaps ss, each once")
	}
	return format, nil
}

// isWordCharacter tells whether a byte would be read as a token or a digit. T
// stands between date and time in ISO 8601.
func isWordCharacter(b byte) bool {
	return b != 'T' && (b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || isDigit(b))
}

// parse reads a text as exactly this format. A token between signs may have one
// digit less than it shows: 1.2.2026 is DD.MM.YYYY.
func (f *dateFormat) parse(text string) (m moment, ok bool) {
	for i, part := range f.parts {
		if part.token == "" {
			if !strings.HasPrefix(text, part.literal) {
				return m, false
			}
			text = text[len(part.literal):]
			continue
		}
		width := len(part.token)
		if width == 2 && part.token != "YY" && !f.besideToken(i) && (len(text) < 2 || !isDigit(text[1])) {
			width = 1
		}
		var n int
		if n, text, ok = digits(text, width); !ok {
			return m, false
		}
		m.set(part.token, n)
	}
	return m, text == ""
}

// set what a token stands for.
func (m *moment) set(token string, n int) {
	switch token {
	case "YYYY":
		m.year = n
	case "YY":
		// As POSIX has it.
		m.year = 1900 + n
		if n < 69 {
			m.year = 2000 + n
		}
	case "MM":
		m.month = n
	case "DD":
		m.day = n
	case "HH":
		m.hour = n
	case "mm":
		m.minute = n
	case "ss":
		m.second = n
	}
}

// besideToken tells whether a token touches another.
func (f *dateFormat) besideToken(i int) bool {
	return i > 0 && f.parts[i-1].token != "" || i+1 < len(f.parts) && f.parts[i+1].token != ""
}

// digits reads a number of exactly so many digits.
func digits(text string, width int) (n int, rest string, ok bool) {
	if len(text) < width {
		return 0, text, false
	}
	for i := range width {
		if !isDigit(text[i]) {
			return 0, text, false
		}
		n = n*10 + int(text[i]-'0')
	}
	return n, text[width:], true
}

// parseISO reads 2026-11-23, 2026-11-23 14:30, 2026-11-23T14:30:05.123+01:00 and
// what lies between. What is beyond milliseconds is cut off.
func parseISO(text string) (m moment, ok bool) {
	var okYear, okMonth, okDay bool
	if len(text) < 10 || text[4] != '-' || text[7] != '-' {
		return m, false
	}
	m.year, _, okYear = digits(text, 4)
	m.month, _, okMonth = digits(text[5:], 2)
	m.day, text, okDay = digits(text[8:], 2)
	if !okYear || !okMonth || !okDay {
		return m, false
	}
	if text == "" {
		return m, true
	}
	if text[0] != 'T' && text[0] != 't' && text[0] != ' ' {
		return m, false
	}
	return m, m.parseTime(text[1:])
}

// parseTime reads the time of day and the offset.
func (m *moment) parseTime(text string) (ok bool) {
	if m.hour, text, ok = digits(text, 2); !ok || text == "" || text[0] != ':' {
		return false
	}
	if m.minute, text, ok = digits(text[1:], 2); !ok {
		return false
	}
	if text != "" && text[0] == ':' {
		if m.second, text, ok = digits(text[1:], 2); !ok {
			return false
		}
		if text, ok = m.fraction(text); !ok {
			return false
		}
	}
	return m.parseOffset(text)
}

// fraction reads what follows a second.
func (m *moment) fraction(text string) (rest string, ok bool) {
	if text == "" || text[0] != '.' && text[0] != ',' {
		return text, true
	}
	text = text[1:]
	count := 0
	for ; text != "" && isDigit(text[0]); text = text[1:] {
		if count < 3 {
			m.millis = m.millis*10 + int(text[0]-'0')
		}
		count++
	}
	for i := count; i < 3; i++ {
		m.millis *= 10
	}
	return text, count > 0
}

// parseOffset reads Z, +01:00, +0100 or +01; nothing is no offset.
func (m *moment) parseOffset(text string) bool {
	switch {
	case text == "":
		return true
	case text == "Z", text == "z":
		m.zoned = true
		return true
	case text[0] != '+' && text[0] != '-':
		return false
	}
	hours, rest, ok := digits(text[1:], 2)
	minutes := 0
	if ok && rest != "" {
		minutes, rest, ok = digits(strings.TrimPrefix(rest, ":"), 2)
	}
	if !ok || rest != "" || hours > 18 || minutes > 59 {
		return false
	}
	m.zoned = true
	m.offset = hours*3600 + minutes*60
	if text[0] == '-' {
		m.offset = -m.offset
	}
	return true
}

// parseMoment reads a date by the file's conventions, or says why not.
func (c *conventions) parseMoment(text string) (m moment, reason string) {
	ok := false
	if len(c.dates.parts) == 0 {
		if m, ok = parseISO(text); !ok {
			return m, quote(text) + " is no date as ISO 8601 writes it, such as 2026-11-23 or 2026-11-23T14:30:00Z: another form needs format.dateFormat"
		}
	} else if m, ok = c.dates.parse(text); !ok {
		return m, fmt.Sprintf("%s is no date in the form %s", quote(text), c.dates.text)
	}
	if m.year < 1 || m.month < 1 || m.month > 12 || m.day < 1 || m.day > daysIn(m.year, m.month) {
		return m, quote(text) + " is a day that no calendar has"
	}
	if m.hour > 23 || m.minute > 59 || m.second > 59 {
		return m, quote(text) + " is a time that no clock shows"
	}
	return m, ""
}

// daysIn a month.
func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// unixDays counts the days since 1970, in the Gregorian calendar.
func (m *moment) unixDays() int64 {
	// Years begin in March, so that a leap day is their last.
	year, month := m.year, m.month-3
	if m.month < 3 {
		year, month = year-1, m.month+9
	}
	era, yearOfEra := year/400, year%400
	dayOfYear := (153*month+2)/5 + m.day - 1
	return int64(era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719468)
}

// readDay takes the day as it is written, whatever time follows it.
func readDay(c *conventions, _ *step, text string) (customer.Value, fault) {
	m, reason := c.parseMoment(text)
	if reason != "" {
		return customer.Value{}, fault{reason: reason}
	}
	return customer.Number(m.unixDays() * 86_400_000), fault{}
}

// readInstant takes a day without a time as its midnight. A time that a zone
// skips or has twice, when clocks change, is read as time.Date does.
func readInstant(c *conventions, _ *step, text string) (customer.Value, fault) {
	m, reason := c.parseMoment(text)
	if reason != "" {
		return customer.Value{}, fault{reason: reason}
	}
	if !m.zoned && c.zone != time.UTC {
		at := time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, m.second, 0, c.zone)
		return customer.Number(at.UnixMilli() + int64(m.millis)), fault{}
	}
	seconds := m.unixDays()*86_400 + int64(m.hour*3600+m.minute*60+m.second-m.offset)
	return customer.Number(seconds*1000 + int64(m.millis)), fault{}
}
