package generate

import (
	"strconv"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// Times are milliseconds since 1970, as rows have them.
const (
	minute = int64(60_000)
	hour   = 60 * minute
	day    = 24 * hour
)

// series of exhibitions.
type series struct {
	name, code, country string
	// An edition every so many years, how many there were, and for how many days.
	years, editions, days int
	// before is how many days before the others' end the last edition closes.
	before int
	// cancelled is the position of the edition that was not held; -1 for none.
	cancelled int
	// price of a square metre in cents of EUR, in the first edition.
	price int64
	// weight is how many first choose this one.
	weight int
	// hours its venue is east of UTC.
	hours int64
}

// allSeries there are.
var allSeries = []series{
	{name: "Imaginary Air Show", code: "air", country: "GB", years: 1, editions: 8, days: 5, before: 0, cancelled: -1, price: 39000, weight: 40, hours: 1},
	{name: "Invented Machines", code: "mac", country: "DE", years: 1, editions: 8, days: 4, before: 70, cancelled: 4, price: 24500, weight: 30, hours: 2},
	{name: "Fictional Food", code: "foo", country: "FR", years: 2, editions: 5, days: 4, before: 160, cancelled: -1, price: 28000, weight: 18, hours: 1},
	{name: "Pretend Textiles", code: "tex", country: "CN", years: 1, editions: 6, days: 3, before: 250, cancelled: -1, price: 16500, weight: 12, hours: 8},
}

// edition of a series.
type edition struct {
	series *series
	// at is the position among the editions of the series.
	at int
	// text is how rows refer to it; year is its name in its series, and tag its
	// part of a key.
	text, year, tag string
	opens, closes   int64
	cancelled       bool
}

// world is what all customers have in common.
type world struct {
	seed     uint64
	calendar [][]edition
	until    int64
}

func newWorld(options Options) *world {
	until := options.Until
	if until.IsZero() {
		until = defaultUntil
	}
	until = time.Date(until.Year(), until.Month(), until.Day(), 0, 0, 0, 0, time.UTC)
	w := &world{seed: options.Seed, until: until.UnixMilli()}
	for i := range allSeries {
		s := &allSeries[i]
		var editions []edition
		for at := range s.editions {
			closes := until.AddDate(0, 0, -s.before).AddDate(-s.years*(s.editions-1-at), 0, 0)
			opens := closes.AddDate(0, 0, 1-s.days)
			year := strconv.Itoa(opens.Year())
			editions = append(editions, edition{
				series: s, at: at, text: customer.EditionText(s.name, year), year: year, tag: s.code + "-" + year,
				opens: opens.UnixMilli(), closes: closes.UnixMilli(), cancelled: at == s.cancelled,
			})
		}
		w.calendar = append(w.calendar, editions)
	}
	return w
}

// begins is the first day of everything.
func (w *world) begins() int64 {
	first := w.until
	for _, editions := range w.calendar {
		first = min(first, editions[0].opens)
	}
	return first - 500*day
}

// office is a time of a working day's hours.
func (d *dice) office(on int64) int64 {
	on -= on % day
	// 1970 began on a Thursday.
	if weekday := (on/day + 4) % 7; weekday == 0 || weekday == 6 {
		on -= 2 * day
	}
	return on + 8*hour + int64(d.below(10*60))*minute
}

func (m *maker) editions() {
	for _, editions := range m.calendar {
		for i := range editions {
			e := &editions[i]
			m.begin("syn-e-" + e.tag)
			m.edition(e)
			m.text("name", e.series.name+" "+e.year)
			m.number("opens", e.opens)
			m.number("closes", e.closes)
			m.text("country", e.series.country)
			// Who was held as planned says nothing of it.
			if e.cancelled {
				m.truth("cancelled", true)
			}
			m.end()
		}
	}
}
