package generate

import "github.com/fairlead/fairlead/internal/customer"

// price of a booking, in minor units of the firm's currency: net is always the
// list price less the discount.
type price struct {
	list, discount, net int64
	tier, reason        string
}

// price of a product of a stay.
func (w *world) price(f *firm, s *stay, product int) price {
	d := w.throw(onMoney, f.n, (s.series*16+s.at)*productCount+product)
	one := &allSeries[s.series]
	// Prices rise by 3 % an edition.
	square := one.price * int64(100+3*s.at) / 100
	var p price
	switch product {
	case stand:
		p.list = f.amount(s.area * square / 100)
	case sponsorship:
		p.list = f.amount(d.logNormal(900_000, 600))
	case advertising:
		p.list = f.amount(d.logNormal(180_000, 500))
	case ticket:
		p.list = f.amount(int64(d.between(2, 25)) * 4_500)
	default:
		p.list = f.amount(d.logNormal(95_000, 700))
	}
	if product != stand {
		return p.settle(0, "")
	}
	percent := int64(0)
	reason := ""
	switch before := (s.opens - s.booked) / day; {
	case before > 300:
		percent, reason, p.tier = 12, "early booking", "earliest"
	case before > 180:
		percent, reason, p.tier = 6, "early booking", "early"
	case before < 30:
		p.list += p.list / 10
		p.tier = "late"
	default:
		p.tier = "standard"
	}
	if s.streak >= 3 {
		percent, reason = percent+5, joined(reason, "loyalty")
	}
	if s.area >= 15_000 {
		percent, reason = percent+4, joined(reason, "size")
	}
	return p.settle(percent, reason)
}

func joined(one, other string) string {
	if one == "" {
		return other
	}
	return one + ", " + other
}

func (p price) settle(percent int64, reason string) price {
	p.discount, p.reason = p.list*percent/100, reason
	p.net = p.list - p.discount
	return p
}

// eachBooking calls a function for every booking of a firm.
func (f *firm) eachBooking(see func(s *stay, product int)) {
	for i := range f.stays {
		for product := range productCount {
			if f.stays[i].products&(1<<product) != 0 {
				see(&f.stays[i], product)
			}
		}
	}
}

// hostOf gives the stay of the firm on whose stand a firm is a co-exhibitor, and
// that firm; nil for none. The host is an earlier customer that was there.
func (m *maker) hostOf(f *firm, s *stay) (*firm, *stay) {
	d := m.throw(onRelations, f.n, 1+s.series)
	if !d.often(90) {
		return nil, nil
	}
	n := f.earlier(&d)
	if n == 0 {
		return nil, nil
	}
	m.fillFirm(&m.host, n)
	for i := range m.host.stays {
		if other := &m.host.stays[i]; other.edition == s.edition && other.there() {
			return &m.host, other
		}
	}
	return nil, nil
}

// hall and number of a stand; the same for all of a stay.
func (w *world) place(f *firm, s *stay) (hall, number string) {
	d := w.throw(onHistory, f.n, 1+s.series)
	hall = "Hall " + ordinal(1+d.below(8))
	return hall, string(rune('A'+d.below(8))) + ordinal(10+d.below(80)+s.at)
}

func (m *maker) bookings(f *firm) {
	f.eachBooking(func(s *stay, product int) {
		p := m.price(f, s, product)
		at := m.trail(f, s, product)
		m.begin(s.bookingKey(f, product))
		m.party("customer", s.customer)
		m.edition(s.edition)
		m.text("product", customer.Products[product])
		if f.agent > 0 {
			m.party("agent", agentKey(f.agent))
			// Some agents collect for those they book for.
			if f.agent%4 == 0 {
				m.party("payer", agentKey(f.agent))
			}
		}
		if product == stand {
			m.stand(f, s)
		}
		m.text("priceTier", p.tier)
		// What only enquired has a price on the list, and no other yet.
		m.number("listPrice", p.list)
		m.text("currency", f.country.currency)
		if s.status != enquired && s.status != waitlisted {
			if p.discount > 0 {
				m.number("discount", p.discount)
				m.text("discountReason", p.reason)
			}
			m.number("net", p.net)
		}
		if f.loyalty > 935 && product == stand {
			m.text("contract", f.factKey("c", allSeries[s.series].code))
			m.number("contractEditions", 3)
		}
		m.number("at", at.steps[0].at)
		m.end()
	})
}

// stand sets what only the booking of a stand has.
func (m *maker) stand(f *firm, s *stay) {
	if host, main := m.hostOf(f, s); host != nil {
		m.text("parent", main.bookingKey(host, stand))
	}
	m.number("area", s.area)
	d := m.throw(onHistory, f.n, 20+s.series)
	shape := d.draw([]int{46, 28, 10, 9, 3, 2, 2})
	m.text("standType", customer.StandTypes[shape])
	// Where a stand is, is known once it is contracted.
	if s.status >= contracted {
		hall, number := m.place(f, s)
		m.text("hall", hall)
		m.text("stand", number)
	}
}

func (m *maker) bookingStatuses(f *firm) {
	f.eachBooking(func(s *stay, product int) {
		t := m.trail(f, s, product)
		key := s.bookingKey(f, product)
		for i, one := range t.steps[:t.count] {
			m.begin(key + "-" + ordinal(i+1))
			m.text("booking", key)
			m.text("status", status(one.status))
			m.number("at", one.at)
			m.text("reason", one.reason)
			if one.fee > 0 {
				m.number("fee", one.fee)
				m.text("currency", f.country.currency)
			}
			m.end()
		}
	})
}

// participations add up what the bookings came to: an exhibitor's status, area
// and place are those of the stand, the money that of all that is not
// sponsorship. Who sponsors has a participation as Sponsor too, and who visits on
// its own one as Visitor.
func (m *maker) participations(f *firm) {
	for i := range f.stays {
		s := &f.stays[i]
		m.participation(f, s, "Exhibitor", func(product int) bool { return product != sponsorship })
		if s.products&(1<<sponsorship) != 0 {
			m.participation(f, s, "Sponsor", func(product int) bool { return product == sponsorship })
		}
	}
	m.visitorParticipations(f)
}

func (m *maker) participation(f *firm, s *stay, role string, counts func(product int) bool) {
	var sum price
	at := int64(0)
	for product := range productCount {
		if s.products&(1<<product) == 0 || !counts(product) {
			continue
		}
		p := m.price(f, s, product)
		sum.list, sum.net = sum.list+p.list, sum.net+p.net
		if t := m.trail(f, s, product); at == 0 || t.steps[0].at < at {
			at = t.steps[0].at
		}
	}
	m.begin(f.factKey("t", s.tag+"-"+role))
	m.party("customer", s.customer)
	m.edition(s.edition)
	m.text("role", role)
	m.text("status", status(s.status))
	m.number("at", at)
	m.number("listPrice", sum.list)
	if s.status != enquired && s.status != waitlisted {
		m.number("net", sum.net)
	}
	m.text("currency", f.country.currency)
	if role == "Exhibitor" {
		m.number("area", s.area)
		if s.status >= contracted {
			hall, number := m.place(f, s)
			m.text("hall", hall)
			m.text("stand", number)
		}
	}
	m.end()
}

// transactions are what was invoiced: what was contracted, and fees. What was
// invoiced and then cancelled is credited.
func (m *maker) transactions(f *firm) {
	f.eachBooking(func(s *stay, product int) {
		t := m.trail(f, s, product)
		invoiced := t.came(contracted)
		if invoiced == 0 {
			return
		}
		key := f.factKey("m", s.tag+"-"+productTags[product])
		p := m.price(f, s, product)
		d := m.throw(onMoney, f.n, 1<<16+(s.series*16+s.at)*productCount+product)
		m.invoice(f, s, key, invoiced+2*day)
		m.number("revenue", p.list)
		if p.discount > 0 {
			m.number("discount", p.discount)
		}
		m.text("purpose", customer.Products[product])
		// Costs are booked for most, and the indirect ones for fewer.
		if s.there() && d.often(900) {
			m.number("productCost", p.net*int64(d.between(38, 62))/100)
			if d.often(800) {
				m.number("indirectCost", p.net*int64(d.between(8, 20))/100)
			}
		}
		m.end()
		if s.status != cancelled {
			return
		}
		last := t.last()
		m.invoice(f, s, key+"-credit", max(last.at, invoiced+2*day)+day)
		m.number("revenue", -p.net)
		m.text("purpose", "credit note: "+customer.Products[product])
		m.end()
		if last.fee > 0 {
			m.invoice(f, s, key+"-fee", max(last.at, invoiced+2*day)+day)
			m.number("revenue", last.fee)
			m.text("purpose", "cancellation fee")
			m.end()
		}
	})
}

// invoice begins a transaction.
func (m *maker) invoice(f *firm, s *stay, key string, at int64) {
	m.begin(key)
	m.party("customer", s.customer)
	m.edition(s.edition)
	m.number("at", at)
	m.text("currency", f.country.currency)
}
