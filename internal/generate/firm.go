package generate

import (
	"fmt"
	"strconv"

	"github.com/fairlead/fairlead/internal/customer"
)

// How many of the organiser's staff, agents and vendors there are, however many
// customers.
const (
	staffCount  = 12
	agentCount  = 16
	vendorCount = 10
)

// firm is a customer: what there is of it that all entities agree on.
type firm struct {
	n   int
	key string
	// number is the part of all its keys.
	number  string
	country *country
	stem    string
	// Positions of the parts of its name.
	mark, trade, form int
	employees         int64
	area              int64
	// persons belong to it; visitors come on their own and belong nowhere.
	persons, visitors int
	// loyalty is how many of a thousand such come again, and early how much it
	// tends to book early.
	loyalty, early int
	// mood is how content it is by nature, in thousandths.
	mood int64
	// agent through whom it books; 0 for none.
	agent int
	// double tells that a second spelling of it is known, and that one series
	// knows it by that only; -1 for none.
	double       spelling
	doubleSeries int
	// stays are the editions it dealt with, in the order of time within a series.
	stays []stay
}

// fillFirm makes the firm with a number, over whatever it held.
func (w *world) fillFirm(f *firm, n int) {
	d := w.throw(onFirm, n, 0)
	number := strconv.Itoa(n)
	if len(number) < 6 {
		number = "000000"[len(number):] + number
	}
	*f = firm{n: n, number: number, key: "syn-o-" + number, stem: w.stem(n), stays: f.stays[:0], doubleSeries: -1}
	f.country = &countries[d.draw(countryWeights)]
	c := f.country.culture
	f.mark, f.trade, f.form = d.below(len(c.firmMarks)), d.below(len(c.trades)), d.below(len(c.forms))
	f.employees = min(max(d.logNormal(45, 1500), 1), 400_000)
	// The larger a firm, the larger its stands, but by far not as much.
	f.area = d.logNormal(18, 550)
	for more := f.employees; more > 100; more /= 4 {
		f.area += f.area / 3
	}
	f.area = min(max(f.area, 6), 2_000)
	f.persons = 1 + d.draw([]int{30, 28, 19, 11, 6, 3, 2, 1})
	f.visitors = d.draw([]int{68, 26, 6})
	f.loyalty = d.between(790, 950)
	f.early = d.below(1000)
	f.mood = d.normal()
	if d.often(180) {
		f.agent = 1 + d.below(agentCount)
	}
	if d.often(40) {
		f.double = spelling(1 + d.below(int(misspelt)))
		if c.han && (f.double == capitals || f.double == withoutAccents) {
			// Their script has neither.
			f.double = otherForm
		}
		f.doubleSeries = d.below(len(allSeries))
	}
	w.fillHistory(f)
}

// known is the key under which a series knows the firm.
func (f *firm) known(s int) string {
	if s == f.doubleSeries {
		return f.doubleKey()
	}
	return f.key
}

// doubleKey is the key of the second spelling.
func (f *firm) doubleKey() string { return f.key + "-b" }

// factKey is a key of something of the firm.
func (f *firm) factKey(kind, rest string) string { return "syn-" + kind + "-" + f.number + "-" + rest }

// person is the key of somebody of the firm, from 1; visitors on their own come
// after those who belong to it.
func (f *firm) person(i int) string { return "syn-p-" + f.number + "-" + strconv.Itoa(i) }

// anybody is somebody of the firm, the first one most of the time.
func (f *firm) anybody(d *dice) string {
	if d.often(600) {
		return f.person(1)
	}
	return f.person(1 + d.below(f.persons))
}

// domain of the firm's addresses.
func (f *firm) domain() string { return f.stem + ".example" }

func staffKey(i int) string  { return fmt.Sprintf("syn-s-%02d", i) }
func agentKey(i int) string  { return fmt.Sprintf("syn-a-%02d", i) }
func vendorKey(i int) string { return fmt.Sprintf("syn-w-%02d", i) }

// amount turns cents of EUR into what a firm pays in, in its minor units, whole
// units of the currency.
func (f *firm) amount(cents int64) int64 {
	unit := int64(1)
	for range f.country.digits {
		unit *= 10
	}
	return cents * f.country.rate / 100_000_000 * unit
}

// earlier is the number of a customer before this one; 0 for the first one.
func (f *firm) earlier(d *dice) int {
	if f.n == 1 {
		return 0
	}
	return 1 + d.below(f.n-1)
}

func firmKey(n int) string { return fmt.Sprintf("syn-o-%06d", n) }

// contact is a person of a firm, or a visitor on its own.
type contact struct {
	name, mailbox string
	email, phone  string
	roles         int64
	born          int64
	hasBorn       bool
	gone          bool
	primary       bool
	title         string
	department    string
	locale        string
	at            int64
}

// contact makes somebody of a firm, from 1.
func (w *world) contact(f *firm, i int) contact {
	d := w.throw(onPerson, f.n, i)
	of := f.country
	c := contact{primary: i == 1, locale: of.culture.locale}
	c.name, c.mailbox = w.personName(&d, of.culture, i)
	c.at = w.begins() + int64(d.below(int((w.until-w.begins())/day)))*day + 9*hour
	domain := f.domain()
	if i > f.persons {
		domain = "post." + domain
	}
	// Of some no address is known: they are written to by post, or not at all.
	if i == 1 || d.often(930) {
		c.email = c.mailbox + "@" + domain
	}
	if d.often(450) {
		c.phone = d.phone(of)
	}
	if d.often(200) {
		c.locale = "en"
	}
	if d.often(80) {
		c.locale = ""
	}
	if i > f.persons {
		c.roles = customer.Bit(customer.Roles, "Visitor")
	}
	if d.often(620) {
		c.born, c.hasBorn = w.birthday(&d), true
	}
	if position := d.below(len(of.culture.titles)); d.often(700) {
		c.title = of.culture.titles[position]
	}
	if d.often(600) {
		c.department = pick(&d, of.culture.departments)
	}
	c.gone = i > 1 && d.often(90)
	return c
}

// birthday of an adult. More have one on 29 February than do, so that even a few
// customers show what becomes of them.
func (w *world) birthday(d *dice) int64 {
	born := w.until - int64(d.between(22*365, 68*365))*day
	if !d.often(12) {
		return born
	}
	// 29 February 1972, and every four years from there.
	const leap, years4 = 789 * day, 1461 * day
	return leap + (born-leap)/years4*years4
}
