package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/customer/match"
	"github.com/fairlead/fairlead/internal/due"
	"github.com/fairlead/fairlead/internal/generate"
)

// person is somebody at a firm.
type person struct {
	key, name, email, locale, zone string
	role                           string
	primary                        bool
	born                           time.Time
	at                             *firm
	consent                        *consent
	// celebrates has their birthday now, where they are.
	celebrates bool
}

// consent is what a person once agreed to. What it does not have is zero.
type consent struct{ given, withdrawn, expires time.Time }

// holds tells whether it does at a moment.
func (c *consent) holds(now time.Time) bool {
	return c != nil && c.withdrawn.IsZero() && (c.expires.IsZero() || c.expires.After(now))
}

// makePersons makes up one or two persons for a part of the firms that ever came to the series.
// Only for those that are known to be in one country: there is no doubt who is meant, and what
// time it is there.
func makePersons(read lists, s settings) ([]*person, error) {
	names, err := newNames()
	if err != nil {
		return nil, err
	}
	var persons []*person
	for _, f := range read.firms {
		chance := chanceOf(f.as.name)
		if !f.came || len(f.codes) != 1 || labelOf(f.as.name) == "" || match.TimeZone(f.codes[0]) == "" || chance.IntN(100) >= s.share {
			continue
		}
		roles := []string{"Decision", "Marketing"}[:1+chance.IntN(5)/3]
		for i, role := range roles {
			p, err := names.next(f.codes[0])
			if err != nil {
				return nil, err
			}
			p.key = fmt.Sprintf("made-up-%d", len(persons)+1)
			p.email += "@" + labelOf(f.as.name) + ".example"
			p.role, p.primary, p.at, p.zone = role, i == 0, f, match.TimeZone(f.codes[0])
			p.born, p.consent = onAnotherDay(chance, s.now), consentOf(chance, s.now)
			persons = append(persons, p)
		}
	}
	return persons, celebrate(persons, s)
}

// chanceOf is the chance of a firm: what is made up for it does not change with that of others.
func chanceOf(name string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // never fails
	return rand.New(rand.NewPCG(hash.Sum64(), 8))
}

// names are those of persons that nobody is, by the country they are common in.
type names struct {
	of   map[string][]*person
	used map[string]bool
}

// spoken where names of a country's own are wanting.
const spoken = "GB"

func newNames() (*names, error) {
	n := &names{of: map[string][]*person{}, used: map[string]bool{}}
	err := generate.EntityRows(generate.Options{Seed: 1, Customers: 12_000}, customer.EntityByName("party"), func(_ *customer.Entity, row *customer.Row) error {
		text := func(field int) string { return row.Parties[0].Values[field].Text }
		mailbox, _, _ := strings.Cut(text(customer.PartyEmail), "@")
		country, locale := text(customer.PartyCountry), text(customer.PartyLocale)
		if text(customer.PartyKind) == customer.Person && country != "" && locale != "" && mailbox != "" {
			n.of[country] = append(n.of[country], &person{name: text(customer.PartyName), email: mailbox, locale: locale})
		}
		return nil
	})
	return n, err
}

// next gives somebody from a country whom nobody else is called like.
func (n *names) next(country string) (*person, error) {
	for _, from := range []string{country, spoken} {
		for len(n.of[from]) > 0 {
			p := n.of[from][0]
			n.of[from] = n.of[from][1:]
			if !n.used[p.name] && !n.used[p.email] {
				n.used[p.name], n.used[p.email] = true, true
				return p, nil
			}
		}
	}
	return nil, fmt.Errorf("there are no names left for %s", country)
}

// onAnotherDay is a birthday on no day that it is or was or will be anywhere in two days' time. A
// few are born on 29 February.
func onAnotherDay(chance *rand.Rand, now time.Time) time.Time {
	for {
		born := time.Date(1960+chance.IntN(40), time.January, 1+chance.IntN(365), 0, 0, 0, 0, time.UTC)
		if chance.IntN(100) == 0 {
			born = leapDay(chance, time.February, 29)
		}
		near := false
		for shift := -2; shift <= 2; shift++ {
			for _, kept := range due.Birthdays(dayOf(now.UTC().AddDate(0, 0, shift))) {
				near = near || kept.Month == born.Month() && kept.Day == born.Day()
			}
		}
		if !near {
			return born
		}
	}
}

// leapDay is a day of a year that has a 29 February.
func leapDay(chance *rand.Rand, month time.Month, day int) time.Time {
	return time.Date(1964+4*chance.IntN(9), month, day, 0, 0, 0, 0, time.UTC)
}

func dayOf(at time.Time) due.Day {
	return due.Day{Year: at.Year(), Month: at.Month(), Day: at.Day()}
}

// consentOf is what somebody agreed to: half of all did so for good.
func consentOf(chance *rand.Rand, now time.Time) *consent {
	months := func(from, to int) time.Time {
		return now.UTC().AddDate(0, -from-chance.IntN(to-from), 0).Truncate(24 * time.Hour)
	}
	switch n := chance.IntN(20); {
	case n < 8:
		return &consent{given: months(1, 20)}
	case n < 11:
		return &consent{given: months(1, 20), expires: now.UTC().AddDate(1, 0, 0).Truncate(24 * time.Hour)}
	case n < 14:
		return &consent{given: months(20, 30), withdrawn: months(1, 20)}
	case n < 17:
		return &consent{given: months(26, 40), expires: months(1, 20)}
	}
	return nil
}

// celebrate gives some persons their birthday now, where they are, one at a firm. It is so for an
// hour at least, so that nobody's day is over before their letter goes out.
func celebrate(persons []*person, s settings) error {
	left := map[bool]int{true: s.celebrating, false: (s.celebrating + 2) / 3}
	// Not the first ones, who have much in common.
	chance := rand.New(rand.NewPCG(8, 8))
	for _, i := range chance.Perm(len(persons)) {
		p := persons[i]
		location, err := time.LoadLocation(p.zone)
		if err != nil {
			return fmt.Errorf("the time zone of %s: %w", p.at.as.country, err)
		}
		today := s.now.In(location)
		if !p.primary || left[!p.at.cameLast] == 0 || today.Add(time.Hour).Day() != today.Day() {
			continue
		}
		left[!p.at.cameLast]--
		// Who was born on 29 February has it on the 28th of a year without one.
		kept := due.Birthdays(dayOf(today))
		day := kept[left[!p.at.cameLast]%len(kept)]
		p.born, p.celebrates = leapDay(chance, day.Month, day.Day), true
	}
	if left[true] > 0 || left[false] > 0 {
		return fmt.Errorf("for %d more there is no person who could have their birthday", left[true]+left[false])
	}
	return nil
}

func personRows(persons []*person) (rows [][]string) {
	for _, p := range persons {
		rows = append(rows, []string{p.key, p.name, p.email, p.locale, p.zone, p.born.Format(time.DateOnly), p.at.as.name, p.at.as.country, p.role, yes(p.primary)})
	}
	return rows
}

func consentRows(persons []*person, now time.Time) (rows [][]string) {
	day := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return at.Format(time.DateOnly)
	}
	for _, p := range persons {
		if c := p.consent; c != nil {
			rows = append(rows, []string{p.key, p.email, day(c.given), day(c.withdrawn), day(c.expires), yes(c.holds(now))})
		}
	}
	return rows
}

func birthdayRows(persons []*person) (rows [][]string) {
	for _, p := range persons {
		if p.celebrates {
			rows = append(rows, []string{p.email, p.born.Format(time.DateOnly), p.zone, yes(!p.at.cameLast)})
		}
	}
	return rows
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
