package generate

import (
	"cmp"

	"github.com/fairlead/fairlead/internal/customer"
)

// Attributes that parties have beside the fixed fields, in this order.
var attributes = []customer.Attribute{
	{Name: Mark, Kind: customer.Truth},
	{Name: "employees", Kind: customer.Decimal},
}

// beginParty begins the row of a party. That it is made up stands in every one.
func (m *maker) beginParty(key, kind, name string) *customer.PartyRow {
	m.begin(key)
	party := &m.row.Parties[0]
	clear(party.Values)
	party.Key = key
	party.Attributes = append(party.Attributes[:0], customer.Attribute{Name: Mark, Kind: customer.Truth, Value: customer.Number(1)})
	m.say(customer.PartyKind, kind)
	m.say(customer.PartyName, name)
	m.say(customer.PartyOrigin, "Import")
	return party
}

// say sets a field of the party; "" leaves it absent.
func (m *maker) say(field int, value string) {
	if value != "" {
		m.row.Parties[0].Values[field] = customer.String(value)
	}
}

func (m *maker) roles(words ...string) {
	bits := int64(0)
	for _, word := range words {
		bits |= customer.Bit(customer.Roles, word)
	}
	m.row.Parties[0].Values[customer.PartyRoles] = customer.Number(bits)
}

// sharedParties are the organiser's staff, agents and vendors.
func (m *maker) sharedParties() {
	for i := 1; i <= staffCount; i++ {
		d := m.throw(onStaff, 1, i)
		of := &countries[i%3]
		name, mailbox := m.personName(&d, of.culture, i)
		m.beginParty(staffKey(i), customer.Person, name)
		m.say(customer.PartyEmail, mailbox+"@organiser.example")
		m.say(customer.PartyLocale, of.culture.locale)
		m.say(customer.PartyPhone, d.phone(of))
		m.roles("Staff")
		m.end()
	}
	for i := 1; i <= agentCount; i++ {
		m.sharedFirm(agentKey(i), m.throw(onStaff, 2, i), 1<<20+i, "Agent", "agency")
	}
	for i := 1; i <= vendorCount; i++ {
		role := "Vendor"
		if i <= len(allSeries) {
			role = "Venue"
		}
		m.sharedFirm(vendorKey(i), m.throw(onStaff, 3, i), 1<<20+100+i, role, "services")
	}
}

func (m *maker) sharedFirm(key string, d dice, number int, role, trade string) {
	of := &countries[d.draw(countryWeights)]
	stem := m.stem(number) + "-" + trade
	m.beginParty(key, customer.Organization, "Fictional "+title(stem)+" "+role)
	m.say(customer.PartyCountry, of.code)
	m.say(customer.PartyEmail, "office@"+stem+".example")
	m.roles(role)
	m.end()
}

// parties are the firm, its second spelling, its persons, and visitors on their own.
func (m *maker) parties(f *firm) {
	m.firmParty(f, f.key, asIs)
	if f.doubleSeries >= 0 {
		m.firmParty(f, f.doubleKey(), f.double)
	}
	for i := 1; i <= f.persons+f.visitors; i++ {
		m.personParty(f, i)
	}
}

// firmParty is one spelling of the firm. Its code belongs to the first.
func (m *maker) firmParty(f *firm, key string, as spelling) {
	d := m.throw(onFirm, f.n, 1)
	of := f.country
	party := m.beginParty(key, customer.Organization, m.firmName(f, as))
	if as == asIs {
		m.say(customer.PartyCode, "SYN-"+f.number)
	}
	m.firmPlace(f, &d)
	if d.often(820) {
		m.say(customer.PartyIndustry, industries[(f.trade+d.draw([]int{9, 1}))%len(industries)])
	}
	m.say(customer.PartySize, sizeOf(f.employees))
	if d.often(350) {
		party.Values[customer.PartyBorn] = customer.Number(m.until - int64(d.between(2*365, 120*365))*day)
	}
	if roles := f.roles(&d); roles != 0 {
		party.Values[customer.PartyRoles] = customer.Number(roles)
	}
	if first := f.firstBooked(); first > 0 {
		party.Values[customer.PartyAt] = customer.Number(first)
	}
	if d.often(860) {
		m.say(customer.PartyEmail, "info@"+f.domain())
	}
	if d.often(600) {
		m.say(customer.PartyPhone, d.phone(of))
	}
	if d.often(750) {
		m.say(customer.PartyWebsite, "https://"+f.domain())
	}
	if d.often(800) {
		party.Attributes = append(party.Attributes, customer.Attribute{
			Name: "employees", Kind: customer.Decimal, Value: customer.Number(f.employees * 1_000_000),
		})
	}
	m.end()
}

// firmPlace is where the firm is, and how it is written to there.
func (m *maker) firmPlace(f *firm, d *dice) {
	of := f.country
	// A few come from lists without countries.
	if !d.often(30) {
		m.say(customer.PartyCountry, of.code)
	}
	if d.often(450) {
		m.say(customer.PartyRegion, pick(d, of.culture.regions))
	}
	if d.often(880) {
		m.say(customer.PartyCity, pick(d, of.culture.cities))
		m.say(customer.PartyAddress, pick(d, of.culture.streets)+" "+ordinal(1+d.below(180)))
		m.say(customer.PartyPostcode, "00"+ordinal(100+d.below(900)))
	}
	if d.often(700) {
		m.say(customer.PartyLocale, cmp.Or(of.locale, of.culture.locale))
	}
	if d.often(300) {
		m.say(customer.PartyTimeZone, of.zone)
	}
}

// roles that the firm is said to have, as bits.
func (f *firm) roles(d *dice) int64 {
	roles := int64(0)
	if len(f.stays) > 0 {
		roles = customer.Bit(customer.Roles, "Exhibitor")
	}
	if d.often(50) {
		roles |= customer.Bit(customer.Roles, pick(d, []string{"Media", "Government", "Partner", "Sponsor"}))
	}
	return roles
}

// firstBooked is when the firm first booked; 0 if it never did.
func (f *firm) firstBooked() int64 {
	first := int64(0)
	for i := range f.stays {
		if booked := f.stays[i].booked; first == 0 || booked < first {
			first = booked
		}
	}
	return first
}

// sizeOf is a size as a register of companies has it.
func sizeOf(employees int64) string {
	switch {
	case employees < 10:
		return "micro"
	case employees < 50:
		return "small"
	case employees < 250:
		return "medium"
	case employees < 5000:
		return "large"
	default:
		return ""
	}
}

func (m *maker) personParty(f *firm, i int) {
	c := m.contact(f, i)
	party := m.beginParty(f.person(i), customer.Person, c.name)
	if i%4 != 3 {
		m.say(customer.PartyCountry, f.country.code)
	}
	m.say(customer.PartyLocale, c.locale)
	m.say(customer.PartyEmail, c.email)
	m.say(customer.PartyPhone, c.phone)
	if c.hasBorn {
		party.Values[customer.PartyBorn] = customer.Number(c.born)
	}
	if c.roles != 0 {
		party.Values[customer.PartyRoles] = customer.Number(c.roles)
	}
	party.Values[customer.PartyAt] = customer.Number(c.at)
	m.end()
}

// affiliations are who belongs to the firm, and who does to another one too.
func (m *maker) affiliations(f *firm) {
	for i := 1; i <= f.persons; i++ {
		c := m.contact(f, i)
		d := m.throw(onRelations, f.n, 100+i)
		m.affiliation(f, f.key, i, &d)
		m.text("title", c.title)
		m.text("department", c.department)
		m.truth("primary", c.primary)
		if d.often(600) {
			m.number("from", c.at-c.at%day-int64(d.below(2000))*day)
		}
		if c.gone {
			m.number("to", m.until-int64(d.below(900))*day)
		}
		m.end()
		if other := f.earlier(&d); other > 0 && d.often(20) {
			m.affiliation(f, firmKey(other), i, &d)
			m.end()
		}
	}
}

func (m *maker) affiliation(f *firm, organization string, i int, d *dice) {
	m.begin(f.factKey("f", ordinal(i)+"-"+organization[len("syn-o-"):]))
	m.party("person", f.person(i))
	m.party("organization", organization)
	roles := int64(0)
	for bit := range customer.ContactRoles {
		if d.often(280) {
			roles |= 1 << bit
		}
	}
	if i == 1 {
		roles |= customer.Bit(customer.ContactRoles, "Decision")
	}
	if roles != 0 {
		m.number("roles", roles)
	}
}
