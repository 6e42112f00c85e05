package generate

// visits are days on which somebody of the firm was at an edition that the firm
// exhibited at, and those of visitors on their own.
func (m *maker) visits(f *firm) {
	for i := range f.stays {
		s := &f.stays[i]
		if !s.there() {
			continue
		}
		for person := 1; person <= f.persons; person++ {
			d := m.throw(onVisits, f.n, (s.series*16+s.at)*64+person)
			if d.often(360) {
				m.visit(f, person, s.edition, &d)
			}
		}
	}
	m.eachVisitor(f, func(person int, e *edition, d *dice) { m.visit(f, person, e, d) })
}

// eachVisitor calls a function for every edition that a visitor on its own was at.
func (m *maker) eachVisitor(f *firm, see func(person int, e *edition, d *dice)) {
	for person := f.persons + 1; person <= f.persons+f.visitors; person++ {
		d := m.throw(onVisits, f.n, person)
		editions := m.calendar[d.draw(seriesWeights)]
		for at := d.below(len(editions)); at < len(editions); at++ {
			if !editions[at].cancelled && d.often(700) {
				one := m.throw(onVisits, f.n, 1<<20+at*64+person)
				see(person, &editions[at], &one)
			}
		}
	}
}

func (m *maker) visit(f *firm, person int, e *edition, d *dice) {
	days := e.series.days
	first := d.below(days)
	for i := range 1 + d.draw([]int{52, 30, 18}) {
		if first+i == days {
			return
		}
		on := e.opens + int64(first+i)*day
		m.begin(f.factKey("v", ordinal(person)+"-"+e.tag+"-"+ordinal(i+1)))
		m.party("person", f.person(person))
		if person <= f.persons {
			m.party("organization", f.key)
		}
		m.edition(e)
		m.number("day", on)
		// Some come in without being scanned.
		if d.often(920) {
			m.number("firstScan", on+(9-e.series.hours)*hour+int64(d.below(420))*minute+int64(d.below(60))*1000)
		}
		m.end()
	}
}

// visitorParticipations sum up the visits of visitors on their own.
func (m *maker) visitorParticipations(f *firm) {
	m.eachVisitor(f, func(person int, e *edition, _ *dice) {
		m.begin(f.factKey("t", e.tag+"-Visitor-"+ordinal(person)))
		m.party("customer", f.person(person))
		m.edition(e)
		m.text("role", "Visitor")
		m.text("status", status(attended))
		m.end()
	})
}
