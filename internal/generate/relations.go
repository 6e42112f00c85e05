package generate

import "github.com/fairlead/fairlead/internal/customer"

// relations are what firms are to each other, and always to an earlier one.
func (m *maker) relations(f *firm) {
	if f.agent > 0 {
		m.relation(f, "agent", agentKey(f.agent), "AgentOf", f.key)
		if f.agent%3 == 0 && len(f.stays) > 0 {
			m.text("series", f.stays[0].edition.series.name)
		}
		m.end()
	}
	for i := range f.stays {
		s := &f.stays[i]
		if host, _ := m.hostOf(f, s); host != nil {
			m.relation(f, "host-"+s.tag, s.customer, "CoExhibitorOf", host.key)
			m.text("series", s.edition.series.name)
			m.text("year", s.year)
			m.end()
		}
	}
	d := m.throw(onRelations, f.n, 0)
	other := f.earlier(&d)
	switch chance := d.below(1000); {
	case other == 0:
	case chance < 30:
		m.relation(f, "parent", f.key, "SubsidiaryOf", firmKey(other))
		m.end()
	case chance < 40:
		m.relation(f, "sponsor", f.key, "SponsorOf", firmKey(other))
		m.end()
	}
	if d.often(60) {
		m.relation(f, "supplier", vendorKey(1+d.below(vendorCount)), "SupplierOf", f.key)
		m.end()
	}
}

func (m *maker) relation(f *firm, rest, party, relation, other string) {
	m.begin(f.factKey("r", rest))
	m.party("party", party)
	m.text("relation", relation)
	m.party("other", other)
}

// accountOwners look after a firm: some handed it over to another.
func (m *maker) accountOwners(f *firm) {
	d := m.throw(onOwner, f.n, 0)
	if !d.often(720) {
		return
	}
	owner := 1 + d.below(staffCount)
	handed := int64(0)
	if d.often(120) {
		handed = m.until - int64(d.between(60, 900))*day
		m.accountOwner(f, 1, 1+owner%staffCount)
		m.number("to", handed)
		m.end()
	}
	m.accountOwner(f, 2, owner)
	if handed > 0 {
		m.number("from", handed+day)
	}
	if len(f.stays) > 0 && d.often(150) {
		m.text("series", f.stays[0].edition.series.name)
	}
	m.end()
}

func (m *maker) accountOwner(f *firm, n, owner int) {
	m.begin(f.factKey("w", ordinal(n)))
	m.party("customer", f.key)
	m.party("staff", staffKey(owner))
}

// contactPoints are addresses beside those that the parties' own rows give.
func (m *maker) contactPoints(f *firm) {
	for i := 1; i <= f.persons+f.visitors; i++ {
		d := m.throw(onPoints, f.n, i)
		c := m.contact(f, i)
		if d.often(420) {
			m.contactPoint(f, i, 1, "Email", c.mailbox+"@"+f.stem+"-post.example")
			if d.often(700) {
				m.text("state", customer.PointStates[d.draw([]int{20, 60, 12, 3, 5})])
			}
			// The first to use is mostly the one of the party's own row.
			if c.email == "" {
				m.truth("primary", true)
			} else if d.often(500) {
				m.truth("primary", false)
			}
			m.end()
		}
		if number := d.phone(f.country); number != "" && d.often(300) {
			m.contactPoint(f, i, 2, pick(&d, []string{"SMS", "Phone"}), number)
			m.end()
		}
	}
}

func (m *maker) contactPoint(f *firm, i, n int, medium, address string) {
	m.begin(f.factKey("k", ordinal(i)+"-"+ordinal(n)))
	m.party("party", f.person(i))
	m.text("medium", medium)
	m.text("address", address)
}

// referrals tell which earlier firm recommended the fair to this one.
func (m *maker) referrals(f *firm) {
	d := m.throw(onReferral, f.n, 0)
	other := f.earlier(&d)
	if len(f.stays) == 0 || other == 0 || !d.often(110) {
		return
	}
	s := &f.stays[0]
	m.begin(f.factKey("g", s.tag))
	m.party("referrer", firmKey(other))
	m.party("referred", s.customer)
	if d.often(850) {
		m.edition(s.edition)
	}
	if d.often(500) {
		m.text("code", "SYN-REF-"+ordinal(1000+d.below(9000)))
	}
	m.number("at", d.office(s.booked-int64(d.below(60))*day))
	m.end()
}

// rivalDealings are what the firm spends at fairs of others, which are as made
// up as ours.
func (m *maker) rivalDealings(f *firm) {
	d := m.throw(onRivals, f.n, 0)
	if !d.often(580) {
		return
	}
	rivals := []string{"Nonesuch Expo", "Mirage Fair", "Salon Fantôme", "Messe Nirgendwo", "子虚博览会"}
	first := d.below(len(rivals))
	for i := range 1 + d.draw([]int{35, 30, 20, 15}) {
		m.begin(f.factKey("d", ordinal(i+1)))
		m.party("customer", f.key)
		m.text("rival", rivals[(first+i)%len(rivals)])
		if d.often(800) {
			m.text("product", customer.Products[d.draw([]int{80, 8, 12})])
		}
		m.number("day", m.until-int64(d.below(2500))*day)
		area := f.area * int64(d.between(40, 140))
		if d.often(600) {
			m.number("area", area)
		}
		if d.often(700) {
			m.number("spend", f.amount(area*250))
			m.text("currency", f.country.currency)
		}
		if d.often(900) {
			m.text("evidence", customer.Evidences[d.draw([]int{10, 40, 15, 35})])
		}
		m.end()
	}
}

// exchangeRates of all currencies in EUR, one a quarter. They wander.
func (m *maker) exchangeRates() {
	known := map[string]bool{"EUR": true}
	for i := range countries {
		c := &countries[i]
		if known[c.currency] {
			continue
		}
		known[c.currency] = true
		d := m.throw(onRates, i, 0)
		drift := int64(1000)
		for on := m.begins() - m.begins()%day; on < m.until; on += 91 * day {
			drift = min(max(drift+d.normal()/80, 850), 1150)
			m.begin("syn-x-" + c.currency + "-" + ordinal(int(on/day)))
			m.text("from", c.currency)
			m.text("to", "EUR")
			m.number("day", on)
			m.number("rate", 1_000_000_000*1000/c.rate*drift)
			m.end()
		}
	}
}
