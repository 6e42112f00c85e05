package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/measure"
)

// Figure is a line of the weekly report.
type Figure struct {
	// Group that it stands in, Name for people and Key for programs.
	Group, Name, Key string
	// Unit it is stated in; "" where the name says it.
	Unit string
	// Meaning of it.
	Meaning string
	// part of the figure above it.
	part bool
	// rare ones are left out where they are 0 in every column.
	rare bool
	of   func(f *measure.Figures) (value, bool)
	show func(w Weekly, v value) string
	// points after the decimal one that a difference is shown with.
	points int
}

// value of a figure: an integer in its own unit, or a number.
type value struct {
	number float64
	// margin is half an interval, and whole what it is a part of; nil where it has none.
	margin *float64
	whole  *int64
}

// The groups.
const (
	bookings   = "Bookings"
	voices     = "Visitors and voices"
	complaints = "Complaints"
)

// Figures are all lines of a weekly report, in their order.
func Figures() []Figure {
	figures := []Figure{
		{Group: bookings, Name: "Enquiries", Key: "enquiries", Unit: "bookings", Meaning: "bookings that began as an enquiry, an option or a waiting place, in the week in which they began", of: count(func(f *measure.Figures) int64 { return f.Enquiries })},
		{Group: bookings, Name: "Booked", Key: "booked", Unit: "bookings", Meaning: "bookings that became a contract", of: count(func(f *measure.Figures) int64 { return f.Booked })},
		{Group: bookings, Name: "stands", Key: "bookedStands", Unit: "bookings", Meaning: "of these: those of exhibitors", part: true, of: count(func(f *measure.Figures) int64 { return f.Stands })},
		{Group: bookings, Name: "rebooked", Key: "rebooked", Unit: "bookings", Meaning: "of these: of customers who took part in the previous edition, in whatever role", part: true, of: sum(func(f *measure.Figures) measure.Sum { return f.Rebooked })},
		{Group: bookings, Name: "new customers", Key: "new", Unit: "bookings", Meaning: "of these: of customers who took part in no earlier edition of the series", part: true, of: sum(func(f *measure.Figures) measure.Sum { return f.New })},
		{Group: bookings, Name: "Area booked", Key: "areaBooked", Unit: "m²", Meaning: "own area of what was booked; that of a co-exhibitor is its host's", of: hundredths(func(f *measure.Figures) measure.Sum { return f.Area }), show: area},
		{Group: bookings, Name: "Revenue booked", Key: "revenueBooked", Unit: "reporting currency", Meaning: "price of what was booked, after discount, at the rate of its day", of: sum(func(f *measure.Figures) measure.Sum { return f.Revenue }), show: money},
		{Group: bookings, Name: "Cancelled", Key: "cancelled", Unit: "bookings", Meaning: "contracts that were cancelled, or went back to an option", of: count(func(f *measure.Figures) int64 { return f.Cancelled })},
		{Group: bookings, Name: "Contracts standing", Key: "standing", Unit: "bookings", Meaning: "contracts at the end of the span: all that were booked by then and not cancelled", of: count(func(f *measure.Figures) int64 { return f.Standing })},
		{Group: bookings, Name: "Area standing", Key: "areaStanding", Unit: "m²", Meaning: "own area of these", of: hundredths(func(f *measure.Figures) measure.Sum { return f.StandingArea }), show: area},
		{Group: bookings, Name: "Revenue standing", Key: "revenueStanding", Unit: "reporting currency", Meaning: "price of these after discount", of: sum(func(f *measure.Figures) measure.Sum { return f.StandingRevenue }), show: money},
		{Group: bookings, Name: "Invoiced", Key: "invoiced", Unit: "reporting currency", Meaning: "what transactions say after discount, credit notes taken off", of: sum(func(f *measure.Figures) measure.Sum { return f.Invoiced }), show: money},

		{Group: voices, Name: "Visitors", Key: "visitors", Unit: "persons", Meaning: "persons who were there on a day of the span; nothing before the show opens", of: sum(func(f *measure.Figures) measure.Sum { return f.Visitors })},
		{Group: voices, Name: "Responses", Key: "responses", Unit: "respondents", Meaning: "persons who answered a survey, and customers of whom no person is recorded", of: count(func(f *measure.Figures) int64 { return f.Responses })},
		{Group: voices, Name: "Net promoter score", Key: "netPromoterScore", Unit: "points", Meaning: "share of those who recommend the show by 9 or 10, less that by 6 or less, with its margin at 95 %", of: promoters, show: score},
		{Group: voices, Name: "Satisfied", Key: "satisfied", Unit: "%", Meaning: "customers whose results met what they expected, of those who said both", of: ratio(func(f *measure.Figures) measure.Ratio { return f.Satisfied }), show: percent, points: 1},
		{Group: voices, Name: "Satisfaction gap", Key: "satisfactionGap", Unit: "points of the question's scale", Meaning: "mean of result - expectation", of: gap, show: func(_ Weekly, v value) string { return strconv.FormatFloat(v.number, 'f', 2, 64) }, points: 2},
		{Group: voices, Name: "Praise", Key: "praise", Unit: "respondents", Meaning: "respondents who recommend the show by 9 or 10, or found a result above what was expected, of all who answered", of: praised, show: partOf},

		{Group: complaints, Name: "Opened", Key: "complaintsOpened", Unit: "complaints", Meaning: "complaints that came", of: count(func(f *measure.Figures) int64 { return f.Opened })},
		{Group: complaints, Name: "Answered", Key: "complaintsAnswered", Unit: "complaints", Meaning: "complaints that were answered for the first time", of: count(func(f *measure.Figures) int64 { return f.Answered })},
		{Group: complaints, Name: "Resolved", Key: "complaintsResolved", Unit: "complaints", Meaning: "complaints that were resolved", of: count(func(f *measure.Figures) int64 { return f.Resolved })},
	}
	for _, outcome := range customer.Outcomes[1:] {
		figures = append(figures, Figure{
			Group: complaints, Name: strings.ToLower(outcome), Key: "complaints" + outcome, Unit: "complaints", Meaning: "of these: those that ended so", part: true, rare: true,
			of: count(func(f *measure.Figures) int64 { return outcomesOf(f, outcome) }),
		})
	}
	return append(figures,
		Figure{Group: complaints, Name: "Open", Key: "complaintsOpen", Unit: "complaints", Meaning: "complaints not resolved at the end of the span", of: count(func(f *measure.Figures) int64 { return f.Unresolved })},
		Figure{Group: complaints, Name: "late", Key: "complaintsLate", Unit: "complaints", Meaning: "of these: those that were due before", part: true, of: count(func(f *measure.Figures) int64 { return f.Late })})
}

func outcomesOf(f *measure.Figures, name string) int64 {
	for _, outcome := range f.Outcomes {
		if outcome.Name == name {
			return outcome.Count
		}
	}
	return 0
}

func count(of func(*measure.Figures) int64) func(*measure.Figures) (value, bool) {
	return func(f *measure.Figures) (value, bool) { return value{number: float64(of(f))}, true }
}

func sum(of func(*measure.Figures) measure.Sum) func(*measure.Figures) (value, bool) {
	return func(f *measure.Figures) (value, bool) {
		s := of(f)
		return value{number: float64(s.Int64)}, s.Valid
	}
}

func hundredths(of func(*measure.Figures) measure.Sum) func(*measure.Figures) (value, bool) {
	return func(f *measure.Figures) (value, bool) {
		s := of(f)
		return value{number: float64(s.Int64) / 100}, s.Valid
	}
}

func ratio(of func(*measure.Figures) measure.Ratio) func(*measure.Figures) (value, bool) {
	return func(f *measure.Figures) (value, bool) {
		r := of(f)
		share, present := r.Value()
		return value{number: 100 * share, whole: &r.Whole}, present
	}
}

func promoters(f *measure.Figures) (value, bool) {
	score, present := f.Recommendation.NetPromoterScore()
	margin, _ := f.Recommendation.Margin()
	return value{number: score, margin: &margin, whole: &f.Recommendation.Answers}, present
}

func gap(f *measure.Figures) (value, bool) {
	mean, present := f.Gap.Value()
	return value{number: mean}, present
}

func praised(f *measure.Figures) (value, bool) {
	return value{number: float64(f.Praise.Part), whole: &f.Praise.Whole}, f.Praise.Whole > 0
}

// Ways to show a value.

func area(_ Weekly, v value) string {
	return strings.TrimSuffix(decimals(v.number, 1), ".0")
}

// money is whole units: who reads a week looks for thousands.
func money(w Weekly, v value) string {
	return grouped(int64(math.Round(v.number / math.Pow10(w.Digits))))
}

func score(_ Weekly, v value) string {
	return fmt.Sprintf("%.0f ±%.0f", v.number+0, *v.margin)
}

func percent(_ Weekly, v value) string {
	return fmt.Sprintf("%.1f %% of %s", v.number, grouped(*v.whole))
}

func partOf(_ Weekly, v value) string { return decimals(v.number, 0) + " of " + grouped(*v.whole) }

// grouped is an integer with its thousands apart.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return sign + text
}

func decimals(number float64, points int) string {
	text := strconv.FormatFloat(number, 'f', points, 64)
	whole, rest, has := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n == 0 {
		return text
	}
	if !has {
		return grouped(n)
	}
	return grouped(n) + "." + rest
}
