package store

import (
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/customer/match"
)

// identity is how a source names a party.
type identity struct {
	source int64
	key    string
}

// kindOf is the kind of a party that does not say its own: people stand where
// people are expected.
func kindOf(field *customer.Field, party *customer.PartyRow) string {
	if value := partyValue(party, customer.PartyKind); value != "" {
		return value
	}
	switch field.Name {
	case "person", "author", "staff":
		return customer.Person
	default:
		return customer.Organization
	}
}

// partyValue is a text field of a party row; "" if absent.
func partyValue(party *customer.PartyRow, field int) string {
	if field < len(party.Values) && party.Values[field].Present {
		return party.Values[field].Text
	}
	return ""
}

// keyOf is the key under which a source names a party: its own, or else what
// describes the party best.
func keyOf(kind string, party *customer.PartyRow) string {
	if party.Key != "" {
		return party.Key
	}
	if code := partyValue(party, customer.PartyCode); code != "" {
		return "code:" + code
	}
	if email := partyValue(party, customer.PartyEmail); email != "" {
		return "mailto:" + addressKey(customer.Media[0], email)
	}
	key := partyValue(party, customer.PartyName) + "|" + partyValue(party, customer.PartyCountry)
	if kind == customer.Person {
		return "person:" + key
	}
	return "name:" + key
}

// nameKey is a party's name as it is compared; "" without a name.
func nameKey(kind, name string) string {
	if kind == customer.Person {
		return match.Person(name)
	}
	return match.Organization(name)
}

// addressKey is an address as it is compared. What cannot be read as its medium
// expects compares as it stands.
func addressKey(medium, address string) string {
	switch medium {
	case "Email":
		if key, err := match.Email(address); err == nil {
			return key
		}
	case "Phone", "SMS":
		if key, err := match.Phone(address); err == nil {
			return key
		}
	}
	return address
}

// namesake is a party with the same name key.
type namesake struct {
	party   int64
	country string
}

// sameName decides who is meant by a name: a party, and parties that may be the
// same and are for a person to decide. Organizations of one name and country
// are one. Where a country is missing, the name decides if only one party has
// it. Names alone never decide on persons.
func sameName(kind, country string, namesakes []namesake) (party int64, candidates []int64) {
	parties, countries := byParty(namesakes)
	if kind == customer.Person {
		return 0, slices.DeleteFunc(parties, func(p int64) bool {
			return country != "" && !slices.Contains(countries[p], country) && !slices.Contains(countries[p], "")
		})
	}
	// open are those of whom no country is known.
	var open []int64
	for _, p := range parties {
		if country != "" && slices.Contains(countries[p], country) {
			return p, nil
		}
		if !slices.ContainsFunc(countries[p], func(c string) bool { return c != "" }) {
			open = append(open, p)
		}
	}
	alone := len(parties) == 1 && (country == "" || len(open) == 1)
	switch {
	case alone:
		return parties[0], nil
	case country == "" && len(open) > 0:
		// It was decided before not to be one of the others.
		return open[0], nil
	default:
		return 0, parties
	}
}

// byParty gives the parties of namesakes in order, and where each is known to be.
func byParty(namesakes []namesake) (parties []int64, countries map[int64][]string) {
	countries = map[int64][]string{}
	for _, n := range namesakes {
		if _, met := countries[n.party]; !met {
			parties = append(parties, n.party)
		}
		countries[n.party] = append(countries[n.party], n.country)
	}
	slices.Sort(parties)
	return parties, countries
}

// mailboxUser is a party that is reached under the same address.
type mailboxUser struct {
	party int64
	kind  string
	// names it is known by, as compared.
	names []string
}

// sameMailbox decides who is meant by an e-mail address: its one user of the
// same kind, unless called otherwise. Users that do not decide are candidates.
func sameMailbox(kind, name string, users []mailboxUser) (party int64, candidates []int64) {
	var same []int64
	for _, user := range users {
		if user.kind != kind {
			continue
		}
		candidates = append(candidates, user.party)
		if name == "" || len(user.names) == 0 || slices.Contains(user.names, name) {
			same = append(same, user.party)
		}
	}
	if len(same) == 1 {
		return same[0], nil
	}
	slices.Sort(candidates)
	return 0, candidates
}
