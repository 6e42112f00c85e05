package generate

import "github.com/fairlead/fairlead/internal/customer"

// Statuses by their position in customer.BookingStatuses.
const (
	enquired = iota
	waitlisted
	option
	contracted
	paid
	attended
	noShow
	cancelled
)

// stay is what a firm had to do with an edition.
type stay struct {
	*edition
	series int
	// status that it came to.
	status int
	// booked is when, area how many square metres, in hundredths.
	booked, area int64
	// mood is how content the firm was, in thousandths of a deviation.
	mood       int64
	complained bool
	// streak is how many editions in a row this is.
	streak int
	// products that were booked, as bits by customer.Products; the stand always.
	products int
	// customer is the key under which the series knows the firm.
	customer string
}

// there tells whether the firm was at the edition.
func (s *stay) there() bool { return s.status == attended }

// Products by their position in customer.Products.
const (
	stand = iota
	sponsorship
	advertising
	ticket
	service
	productCount
)

// fillHistory decides to which editions a firm came. Who came comes again,
// unless something speaks against it: up to a quarter is lost every edition. Of
// the lost some return.
func (w *world) fillHistory(f *firm) {
	d := w.throw(onHistory, f.n, 0)
	// Some are known and never came.
	if d.often(60) {
		return
	}
	first := d.draw(seriesWeights)
	for i := range allSeries {
		if i != first && !d.often(130) {
			continue
		}
		w.fillSeries(f, i, &d)
	}
}

var seriesWeights = func() (weights []int) {
	for i := range allSeries {
		weights = append(weights, allSeries[i].weight)
	}
	return weights
}()

func (w *world) fillSeries(f *firm, s int, d *dice) {
	editions := w.calendar[s]
	entry := 0
	if !d.often(420) {
		entry = d.below(len(editions))
	}
	// lost tells that the firm has turned away, streak how long it has come.
	lost, streak := false, 0
	for at := entry; at < len(editions); at++ {
		e := &editions[at]
		if lost && !d.often(110) {
			continue
		}
		one := stay{edition: e, series: s, streak: streak, customer: f.known(s)}
		one.status = w.outcome(e, streak, d)
		one.area = f.area*int64(85+d.below(31)) + int64(d.below(2)*50)
		one.booked = e.opens - bookedBefore(f, streak, d)*day
		one.mood = f.mood/2 + d.normal()*7/8
		one.complained = one.there() && d.often(complaints(one.mood))
		if one.complained {
			one.mood -= 1300
		}
		one.products = extras(f, d)
		if one.there() {
			streak++
		} else if !e.cancelled {
			streak = 0
		}
		f.stays = append(f.stays, one)
		lost = !e.cancelled && !d.often(again(f, &one, at))
	}
}

// outcome of a stay.
func (w *world) outcome(e *edition, streak int, d *dice) int {
	if e.cancelled {
		return cancelled
	}
	chance := d.below(1000)
	if streak > 0 {
		// Who was there before neither only asks nor waits.
		chance -= 60
	}
	switch {
	case chance >= 120:
		return attended
	case chance >= 75:
		return cancelled
	case chance >= 60:
		return noShow
	case chance >= 30:
		return enquired
	case chance >= 10:
		return waitlisted
	case chance >= 0:
		return option
	}
	return attended
}

// complaints of a thousand in a mood.
func complaints(mood int64) int {
	if mood < -800 {
		return 160
	}
	return 45
}

// again is how many of a thousand come to the next edition as well. It drifts:
// series lose their charm.
func again(f *firm, s *stay, at int) int {
	chance := f.loyalty - 6*at + min(15*s.streak, 60)
	chance += int(min(max(s.mood, -2000), 1000)) / 40
	chance = min(max(chance, 750), 975)
	if s.complained {
		chance -= 220
	}
	return chance
}

// bookedBefore is how many days before the opening a firm books: soon after the
// last edition, or for the early price, or when the time has come.
func bookedBefore(f *firm, streak int, d *dice) int64 {
	early := 150 + f.early/4
	if streak > 0 {
		early += 150
	}
	switch chance := d.below(1000); {
	case chance < early:
		return int64(d.between(310, 352))
	case chance < early+220:
		return int64(d.between(181, 215))
	default:
		return min(max(d.logNormal(95, 600), 6), 300)
	}
}

// extras that a firm books beside the stand.
func extras(f *firm, d *dice) int {
	products := 1 << stand
	large := 0
	if f.employees > 500 {
		large = 90
	}
	for product, permille := range [productCount]int{sponsorship: 25 + large, advertising: 90 + large, ticket: 140, service: 270} {
		if product != stand && d.often(permille) {
			products |= 1 << product
		}
	}
	return products
}

// bookingKey of a product; "" if it was not booked.
func (s *stay) bookingKey(f *firm, product int) string {
	if s.products&(1<<product) == 0 {
		return ""
	}
	return f.factKey("b", s.tag+"-"+productTags[product])
}

var productTags = [productCount]string{"stand", "sponsor", "advert", "ticket", "service"}

// step is a status that a booking came to.
type step struct {
	status int
	at     int64
	reason string
	fee    int64
}

// trail is how a booking came to its status.
type trail struct {
	steps [6]step
	count int
}

func (t *trail) add(status int, at int64) *step {
	t.steps[t.count] = step{status: status, at: at}
	t.count++
	return &t.steps[t.count-1]
}

// last is the status that the booking came to in the end.
func (t *trail) last() *step { return &t.steps[t.count-1] }

// came gives when the booking came to a status; 0 if it never did.
func (t *trail) came(status int) int64 {
	for _, one := range t.steps[:t.count] {
		if one.status == status {
			return one.at
		}
	}
	return 0
}

// trail of a product of a stay. It ends in the status of the stay, and never
// goes back in time.
func (w *world) trail(f *firm, s *stay, product int) trail {
	d := w.throw(onTrail, f.n, (s.series*16+s.at)*productCount+product)
	var t trail
	at := d.office(s.booked)
	// pass so much time, but half of what is left before the opening at most.
	pass := func(days int) int64 {
		at += min(int64(1+d.below(days))*day+int64(d.below(300))*minute, (s.opens-at)/2)
		return at
	}
	if s.status == enquired || d.often(350) {
		t.add(enquired, at)
		pass(12)
	}
	if s.status == enquired {
		return t
	}
	if s.status == waitlisted {
		t.add(waitlisted, at)
		return t
	}
	if s.status == option || d.often(260) {
		t.add(option, at)
		pass(20)
	}
	if s.status == option {
		return t
	}
	t.add(contracted, at)
	if s.status == cancelled && d.often(550) {
		w.cancel(f, s, &t, pass(60), &d)
		return t
	}
	// Most pay in time, and nearly all at last.
	if s.status != noShow || d.often(700) {
		t.add(paid, pass(45))
	}
	switch s.status {
	case cancelled:
		w.cancel(f, s, &t, pass(60), &d)
	case noShow:
		t.add(noShow, s.closes+18*hour)
	default:
		t.add(attended, s.opens+9*hour)
	}
	return t
}

// cancel ends a booking; whoever does so late pays for it.
func (w *world) cancel(f *firm, s *stay, t *trail, at int64, d *dice) {
	last := t.add(cancelled, at)
	if s.cancelled {
		last.reason = "the edition is not held"
		return
	}
	last.reason = pick(d, []string{"", "budget", "no staff for it", "another fair at the same time", "merged with another firm"})
	if s.opens-at < 120*day {
		last.fee = f.amount(s.area / 100 * allSeries[s.series].price / 4)
	}
}

// status names a status.
func status(position int) string { return customer.BookingStatuses[position] }
