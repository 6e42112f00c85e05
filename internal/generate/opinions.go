package generate

import "github.com/fairlead/fairlead/internal/customer"

// interactions are the organiser's effort: some for every edition, and some
// between.
func (m *maker) interactions(f *firm) {
	for i := range f.stays {
		s := &f.stays[i]
		d := m.throw(onInteractions, f.n, 1+s.series*16+s.at)
		for n := range 1 + d.draw([]int{38, 32, 18, 9, 3}) {
			m.interaction(f, s.tag+"-"+ordinal(n+1), s.customer, d.office(s.opens-int64(d.below(400))*day), &d)
			m.edition(s.edition)
			if d.often(350) {
				m.text("campaign", "Invitation "+s.year)
			}
			m.end()
		}
	}
	d := m.throw(onInteractions, f.n, 0)
	for n := range d.draw([]int{20, 25, 25, 15, 10, 5}) {
		m.interaction(f, "n-"+ordinal(n+1), f.key, d.office(m.begins()+int64(d.below(int((m.until-m.begins())/day)))*day), &d)
		m.end()
	}
}

// methodCosts are what a contact costs in cents of EUR, by customer.Methods.
var methodCosts = [8]int64{24_000, 900, 250, 420, 9_500, 60, 1_500, 14_000}

func (m *maker) interaction(f *firm, rest, with string, at int64, d *dice) {
	m.begin(f.factKey("i", rest))
	m.party("customer", with)
	if d.often(800) {
		m.party("person", f.anybody(d))
	}
	m.party("author", staffKey(1+d.below(staffCount)))
	inbound := d.draw([]int{76, 24})
	if d.often(950) {
		m.text("direction", customer.Directions[inbound])
	}
	m.number("at", at)
	method := d.draw([]int{6, 26, 40, 4, 7, 9, 4, 4})
	m.text("method", customer.Methods[method])
	if method == 0 || method == 7 {
		m.text("place", pick(d, f.country.culture.cities))
	}
	if inbound == 0 && d.often(780) {
		m.number("cost", f.amount(methodCosts[method]*int64(d.between(70, 140))/100))
		m.text("currency", f.country.currency)
	}
	if d.often(100) {
		m.text("offer", pick(d, []string{"voucher for ten tickets", "upgrade to a corner stand", "listing in the catalogue", "free parking"}))
	}
	if d.often(280) {
		m.text("nextStep", pick(d, []string{"call again", "send an offer", "send the plan of the hall", "invite to dinner"}))
	}
	if d.often(400) {
		m.text("note", pick(d, f.country.culture.notes))
	}
}

// questions of the survey: what they are about.
var questions = []struct{ name, dimension string }{
	{"How many visitors came to your stand?", "visitors"},
	{"How good were the contacts?", "contacts"},
	{"How well did the organiser help you?", "service"},
	{"How well did the hall suit you?", "venue"},
}

// feedbacks come from nearly half of those who were there: expectations before,
// the same questions after, and whether they would recommend the fair.
func (m *maker) feedbacks(f *firm) {
	for i := range f.stays {
		s := &f.stays[i]
		d := m.throw(onFeedback, f.n, s.series*16+s.at)
		if !s.there() || !d.often(480) {
			continue
		}
		person := f.anybody(&d)
		for n, question := range questions {
			if !d.often(700) {
				continue
			}
			expected := likert(d.normal()*6/10 + 700)
			if d.often(500) {
				m.feedback(f, s, person, "Before", "b"+ordinal(n+1), d.office(s.opens-int64(d.between(5, 40))*day))
				m.text("question", question.name)
				m.text("dimension", question.dimension)
				m.number("expected", expected)
				m.end()
			}
			m.feedback(f, s, person, "After", "a"+ordinal(n+1), d.office(s.closes+int64(d.between(2, 25))*day))
			m.text("question", question.name)
			m.text("dimension", question.dimension)
			if d.often(750) {
				m.number("expected", expected)
			}
			m.number("perceived", likert(s.mood*7/10+d.normal()*5/10+500))
			if d.often(80) {
				m.text("comment", pick(&d, f.country.culture.notes))
			}
			m.end()
		}
		if d.often(850) {
			m.recommend(f, s, person, &d)
		}
		if d.often(220) {
			m.feedback(f, s, person, "During", "v", s.opens+int64(d.below(allSeries[s.series].days))*day+14*hour)
			m.text("question", "How good was this service?")
			m.party("vendor", vendorKey(1+d.below(vendorCount)))
			m.number("score", likert(d.normal()+600))
			m.end()
		}
	}
}

// recommend answers the question from 0 to 10.
func (m *maker) recommend(f *firm, s *stay, person string, d *dice) {
	m.feedback(f, s, person, "After", "n", d.office(s.closes+int64(d.between(2, 25))*day))
	m.text("question", "Would you recommend the fair?")
	m.text("dimension", "recommendation")
	score := func(mood int64) int64 { return min(max((7600+mood*18/10)/1000, 0), 10) * 100 }
	m.number("score", score(s.mood+d.normal()*4/10))
	if d.often(250) {
		m.number("rivalScore", score(d.normal()-300))
	}
	m.end()
}

func (m *maker) feedback(f *firm, s *stay, person, wave, rest string, at int64) {
	m.begin(f.factKey("q", s.tag+"-"+rest))
	m.party("customer", s.customer)
	m.party("person", person)
	m.edition(s.edition)
	m.text("survey", "Exhibitors "+s.tag)
	m.text("wave", wave)
	m.number("at", at)
}

// likert puts a mood on a scale from 1 to 5, in hundredths.
func likert(mood int64) int64 { return min(max((3500+mood)/1000, 1), 5) * 100 }

// complaints are of those who were at an edition and not content with it.
func (m *maker) complaints(f *firm) {
	for i := range f.stays {
		s := &f.stays[i]
		if !s.complained {
			continue
		}
		d := m.throw(onComplaint, f.n, s.series*16+s.at)
		m.begin(f.factKey("z", s.tag))
		m.party("customer", s.customer)
		if d.often(800) {
			m.party("person", f.anybody(&d))
		}
		m.edition(s.edition)
		hall, number := m.place(f, s)
		if d.often(850) {
			m.text("hall", hall)
			m.text("stand", number)
		}
		subject := d.below(len(grievances))
		m.text("category", grievances[subject].category)
		if subject < 3 && d.often(700) {
			m.party("vendor", vendorKey(1+d.below(vendorCount)))
		}
		m.text("channel", customer.Methods[d.draw([]int{15, 30, 40, 3, 4, 8})])
		severity := d.draw([]int{38, 38, 19, 5})
		m.text("severity", customer.Severities[severity])
		opened := d.office(s.opens + int64(d.below(12))*day)
		m.number("opened", opened)
		m.number("due", opened+int64(7-2*severity)*day)
		m.answer(f, s, opened, severity, grievances[subject].cause, &d)
		if d.often(450) {
			m.text("note", pick(&d, f.country.culture.notes))
		}
		m.end()
	}
}

var grievances = []struct{ category, cause string }{
	{"stand construction", "the builder came late"},
	{"power supply", "a distribution box failed"},
	{"catering", "too few tills"},
	{"noise", "a neighbour's show"},
	{"invoice", "a discount was forgotten"},
	{"visitors", "fewer than announced"},
}

// answer sets what became of a complaint.
func (m *maker) answer(f *firm, s *stay, opened int64, severity int, cause string, d *dice) {
	answered := opened + d.logNormal(20, 900)*hour
	if d.often(930) {
		m.number("firstAnswer", answered)
	} else {
		m.text("outcome", "Open")
		return
	}
	outcome := d.draw([]int{8, 60, 16, 11, 5})
	m.text("outcome", customer.Outcomes[outcome])
	if outcome > 0 {
		m.number("resolved", answered+d.logNormal(60, 1000)*hour)
		m.text("cause", cause)
	}
	if severity >= 2 && d.often(500) {
		m.number("claim", f.amount(s.area/100*allSeries[s.series].price*int64(d.between(5, 40))/100))
		m.text("currency", f.country.currency)
	}
}
