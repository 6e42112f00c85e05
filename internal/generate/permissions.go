package generate

// Likes and needs, and what they may be.
var likings = []struct {
	name   string
	values []string
}{
	{"hall", []string{"Hall 1", "Hall 3", "Hall 6"}},
	{"neighbour to avoid", []string{"a competitor", "a loud one", "another stand of ours"}},
	{"power", []string{"3 kW", "16 A three-phase", "32 A three-phase"}},
	{"stand type", []string{"corner", "island", "near the entrance"}},
	{"floor", []string{"carpet", "raised floor"}},
}

var personLikings = []struct {
	name   string
	values []string
}{
	{"meals", []string{"vegetarian", "vegan", "halal", "kosher", "no nuts"}},
	{"time to call", []string{"mornings", "afternoons", "never on Fridays"}},
	{"badge", []string{"full name", "first name only"}},
}

// preferences of the firm, and of its persons.
func (m *maker) preferences(f *firm) {
	d := m.throw(onPreferences, f.n, 0)
	for n, liking := range likings {
		if d.often(170) {
			m.preference(f, f.key, "o-"+ordinal(n+1), liking.name, pick(&d, liking.values), &d)
		}
	}
	for i := 1; i <= f.persons+f.visitors; i++ {
		for n, liking := range personLikings {
			if d.often(90) {
				m.preference(f, f.person(i), ordinal(i)+"-"+ordinal(n+1), liking.name, pick(&d, liking.values), &d)
			}
		}
	}
}

func (m *maker) preference(f *firm, party, rest, name, value string, d *dice) {
	m.begin(f.factKey("l", rest))
	m.party("party", party)
	m.text("name", name)
	m.text("value", value)
	if d.often(550) {
		m.number("confirmed", m.until-int64(d.below(1500))*day)
	}
	m.end()
}

// consents of persons with an address. Some were withdrawn, some have expired,
// and some were given again.
func (m *maker) consents(f *firm) {
	for i := 1; i <= f.persons+f.visitors; i++ {
		c := m.contact(f, i)
		d := m.throw(onConsent, f.n, i)
		for n, topic := range []string{"Invitations", "News", "Surveys"} {
			if c.email == "" || !d.often(740-170*n) {
				continue
			}
			given := d.office(c.at + int64(d.below(int((m.until-c.at)/day)+1))*day)
			withdrawn := m.consent(f, i, n*10+1, topic, "Email", given, &d)
			if withdrawn > 0 && d.often(150) && withdrawn+200*day < m.until {
				m.consent(f, i, n*10+2, topic, "Email", withdrawn+int64(d.between(30, 200))*day, &d)
			}
		}
		if c.phone != "" && d.often(180) {
			m.consent(f, i, 31, "Invitations", "SMS", c.at+day, &d)
		}
	}
}

func (m *maker) consent(f *firm, i, n int, topic, medium string, given int64, d *dice) (withdrawn int64) {
	m.begin(f.factKey("y", ordinal(i)+"-"+ordinal(n)))
	m.party("person", f.person(i))
	m.text("topic", topic)
	m.text("medium", medium)
	basis := "Consent"
	if medium == "Email" && d.often(220) {
		basis = "LegitimateInterest"
	}
	m.text("legalBasis", basis)
	if basis == "Consent" {
		m.text("wording", "Yes, write to me about "+topic+".")
		if d.often(850) {
			m.text("proof", "form "+m.row.Key)
		}
	}
	m.number("given", given)
	switch chance := d.below(1000); {
	case chance < 110:
		if withdrawn = given + d.logNormal(250, 900)*day; withdrawn > m.until {
			withdrawn = 0
			break
		}
		m.number("withdrawn", withdrawn)
	case chance < 420:
		m.number("expires", given+int64(d.between(2, 3))*365*day)
	}
	m.end()
	return withdrawn
}

// suppressions are addresses that must not be written to: of some who asked for
// it, and of some that do not take mail.
func (m *maker) suppressions(f *firm) {
	for i := 1; i <= f.persons+f.visitors; i++ {
		d := m.throw(onSuppression, f.n, i)
		chance := d.below(1000)
		if chance >= 55 {
			continue
		}
		c := m.contact(f, i)
		if c.email == "" {
			continue
		}
		m.begin(f.factKey("u", ordinal(i)))
		m.text("medium", "Email")
		m.text("address", c.email)
		at := c.at + int64(d.below(int((m.until-c.at)/day)+1))*day
		if d.often(900) {
			m.number("at", at)
		}
		switch {
		case chance < 35:
			m.text("scope", "Promotional")
			m.text("reason", "asked for it")
		case chance < 45:
			m.text("scope", "All")
			m.text("reason", "bounced")
		default:
			m.text("scope", "Promotional")
			m.number("expires", at+180*day)
		}
		m.end()
	}
}

// listMembers are on lists that somebody picked by hand.
func (m *maker) listMembers(f *firm) {
	d := m.throw(onLists, f.n, 0)
	if f.area > 80 && d.often(500) {
		m.listMember(f, 1, "Key accounts", f.key, "large stands")
	}
	if d.often(15) {
		m.listMember(f, 2, "Advisory board", f.person(1), "")
	}
	if f.visitors > 0 && d.often(250) {
		m.listMember(f, 3, "Hosted buyers", f.person(f.persons+1), "recommended by an exhibitor")
	}
}

func (m *maker) listMember(f *firm, n int, list, party, reason string) {
	m.begin(f.factKey("h", ordinal(n)))
	m.text("list", list)
	m.party("party", party)
	m.text("reason", reason)
	m.end()
}
