package message

import (
	"strconv"
	"strings"
	"time"

	"github.com/bojanz/currency"
	"github.com/go-playground/locales"
	"golang.org/x/text/feature/plural"
	tags "golang.org/x/text/language"
)

// language writes values as the readers of one message write them. It is made
// once and only read from then on, so that several goroutines may use it.
type language struct {
	tag     tags.Tag
	symbols symbols
	money   *currency.Formatter
	// calendar has the names of months and days; nil if nobody told them to us.
	calendar locales.Translator
	// zones that templates name.
	zones map[string]*time.Location
}

// languageOf makes a language of a BCP 47 tag.
func languageOf(locale string) (*language, error) {
	tag, err := tags.Parse(locale)
	if err != nil {
		return nil, err
	}
	return &language{
		tag:      tag,
		symbols:  symbolsOf(tag),
		money:    currency.NewFormatter(currency.NewLocale(tag.String())),
		calendar: calendarOf(tag),
		zones:    map[string]*time.Location{},
	}, nil
}

// write is how a value stands in a message that says nothing of its form.
func (l *language) write(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case *Number:
		return l.number(value)
	case *Money:
		return l.amount(value)
	case *Date:
		return l.date(value)
	case int:
		return l.figure(strconv.Itoa(value), -1)
	case float64:
		return l.figure(strconv.FormatFloat(value, 'f', -1, 64), -1)
	case []string:
		return strings.Join(value, ", ")
	default:
		// Absent, or yes or no, which has no words.
		return ""
	}
}

// The forms of dates.
const (
	formFull   = "full"
	formLong   = "long"
	formMedium = "medium"
	formShort  = "short"
	formTime   = "time"
)

var dateForms = []string{formFull, formLong, formMedium, formShort, formTime}

// date is the function of that name: form, time zone and value.
func (l *language) date(args ...any) string {
	value, is := args[len(args)-1].(*Date)
	if !is || value == nil {
		return ""
	}
	form, at := formLong, value.At
	if len(args) > 1 {
		form, _ = args[0].(string)
	}
	if len(args) > 2 && value.HasTime {
		name, _ := args[1].(string)
		if zone := l.zones[name]; zone != nil {
			at = at.In(zone)
		}
	}
	if l.calendar == nil {
		if form == formLong {
			form = time.DateOnly
		}
		return at.Format(form)
	}
	switch form {
	case formFull:
		return l.calendar.FmtDateFull(at)
	case formLong:
		return l.calendar.FmtDateLong(at)
	case formMedium:
		return l.calendar.FmtDateMedium(at)
	case formShort:
		return l.calendar.FmtDateShort(at)
	case formTime:
		return l.calendar.FmtTimeShort(at)
	default:
		return l.layout(at, form)
	}
}

// layout formats as time.Format does, with the language's own names.
func (l *language) layout(at time.Time, layout string) string {
	var out strings.Builder
	for layout != "" {
		before, name, rest := cutName(layout)
		out.WriteString(at.Format(before))
		switch name {
		case "January":
			out.WriteString(l.calendar.MonthWide(at.Month()))
		case "Jan":
			out.WriteString(l.calendar.MonthAbbreviated(at.Month()))
		case "Monday":
			out.WriteString(l.calendar.WeekdayWide(at.Weekday()))
		case "Mon":
			out.WriteString(l.calendar.WeekdayAbbreviated(at.Weekday()))
		}
		layout = rest
	}
	return out.String()
}

// cutName cuts a layout around the first name of a month or day in it.
func cutName(layout string) (before, name, rest string) {
	for i := range len(layout) {
		for _, name := range []string{"January", "Jan", "Monday", "Mon"} {
			rest, is := strings.CutPrefix(layout[i:], name)
			// As for time.Format, "Month" is no "Mon" with something behind it.
			if is && (len(name) > 3 || rest == "" || rest[0] < 'a' || rest[0] > 'z') {
				return layout[:i], name, rest
			}
		}
	}
	return layout, "", ""
}

// number is the function of that name: digits after the point and value.
func (l *language) number(args ...any) string {
	digits := -1
	if len(args) > 1 {
		digits, _ = args[0].(int)
	}
	decimal, known := decimalOf(args[len(args)-1])
	if !known {
		return ""
	}
	return l.figure(decimal, digits)
}

// amount is the function money: currency and value.
func (l *language) amount(args ...any) string {
	value := args[len(args)-1]
	decimal, known := decimalOf(value)
	if !known {
		return ""
	}
	var code string
	if money, is := value.(*Money); is {
		code = money.Currency
	} else {
		code, _ = args[0].(string)
	}
	amount, err := currency.NewAmount(decimal, code)
	if err != nil {
		// Currencies that are gone, such as DEM, have no symbols any more.
		return l.figure(decimal, -1) + "\u00a0" + code
	}
	return l.money.Format(amount)
}

// decimalOf is a number or amount with a point, if it is known.
func decimalOf(value any) (decimal string, known bool) {
	switch value := value.(type) {
	case *Number:
		if value != nil {
			return value.decimal(), true
		}
	case *Money:
		if value != nil {
			return value.decimal(), true
		}
	case int:
		return strconv.Itoa(value), true
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64), true
	}
	return "", false
}

// The categories of plurals in CLDR.
var categories = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two",
	plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

// plural is the function of that name: categories and texts by turns, and the
// number, which stands for "#" in the text.
func (l *language) plural(args ...any) string {
	last := len(args) - 1
	decimal, known := decimalOf(args[last])
	if !known {
		return ""
	}
	wanted, chosen := l.category(decimal), ""
	for i := 0; i+1 < last; i += 2 {
		category, _ := args[i].(string)
		if category == wanted || chosen == "" && category == "other" {
			chosen, _ = args[i+1].(string)
		}
		if category == wanted {
			break
		}
	}
	return strings.ReplaceAll(chosen, "#", l.figure(decimal, -1))
}

// category of a number in the language.
func (l *language) category(decimal string) string {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(decimal, "-"), ".")
	fraction = strings.TrimRight(fraction, "0")
	// The rules look at the last digits only.
	const enough = 7
	last := func(digits string) int {
		n, _ := strconv.Atoi(digits[max(0, len(digits)-enough):])
		return n
	}
	digits := len(fraction)
	f := last(fraction)
	return categories[plural.Cardinal.MatchPlural(l.tag, last(whole), digits, digits, f, f)]
}

// categoriesNeeded are those that numbers of everyday take.
func (l *language) categoriesNeeded() map[string]bool {
	const everyday = 200
	needed := map[string]bool{"other": true}
	for n := range everyday {
		needed[l.category(strconv.Itoa(n))] = true
	}
	return needed
}
