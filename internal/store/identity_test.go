package store

import (
	"slices"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
)

func TestSameName(t *testing.T) {
	fr, gb, none := namesake{1, "FR"}, namesake{2, "GB"}, namesake{3, ""}
	alsoFR := namesake{1, ""}
	for _, test := range []struct {
		what       string
		kind       string
		country    string
		namesakes  []namesake
		party      int64
		candidates []int64
	}{
		{"nobody", customer.Organization, "FR", nil, 0, nil},
		{"same country", customer.Organization, "FR", []namesake{gb, fr}, 1, nil},
		{"another country", customer.Organization, "DE", []namesake{gb, fr}, 0, []int64{1, 2}},
		{"no country, one party", customer.Organization, "", []namesake{fr}, 1, nil},
		{"no country, one party under two names", customer.Organization, "", []namesake{fr, alsoFR}, 1, nil},
		{"no country, several", customer.Organization, "", []namesake{fr, gb}, 0, []int64{1, 2}},
		{"no country, decided before", customer.Organization, "", []namesake{fr, gb, none}, 3, nil},
		{"a country, the other has none", customer.Organization, "FR", []namesake{none}, 3, nil},
		{"a country, one has none and another another", customer.Organization, "FR", []namesake{none, gb}, 0, []int64{2, 3}},
		{"the country is known among others", customer.Organization, "FR", []namesake{{1, "DE"}, {1, "FR"}, none}, 1, nil},
		{"a country, with and without one", customer.Organization, "DE", []namesake{alsoFR, fr}, 0, []int64{1}},
		{"person, same country", customer.Person, "FR", []namesake{fr, gb}, 0, []int64{1}},
		{"person, no country", customer.Person, "", []namesake{fr, gb}, 0, []int64{1, 2}},
		{"person, the other has none", customer.Person, "FR", []namesake{gb, none}, 0, []int64{3}},
		{"person, another country", customer.Person, "DE", []namesake{fr, gb}, 0, nil},
	} {
		party, candidates := sameName(test.kind, test.country, test.namesakes)
		if party != test.party || !slices.Equal(candidates, test.candidates) {
			t.Errorf("%s: %d, candidates %v; want %d, %v", test.what, party, candidates, test.party, test.candidates)
		}
	}
}

func TestSameMailbox(t *testing.T) {
	ada := mailboxUser{1, customer.Person, []string{"ada lovelace"}}
	grace := mailboxUser{2, customer.Person, []string{"grace hopper", "hopper"}}
	nameless := mailboxUser{3, customer.Person, nil}
	firm := mailboxUser{4, customer.Organization, []string{"airbus"}}
	for _, test := range []struct {
		what, kind, name string
		users            []mailboxUser
		party            int64
		candidates       []int64
	}{
		{"nobody", customer.Person, "ada lovelace", nil, 0, nil},
		{"the one", customer.Person, "ada lovelace", []mailboxUser{ada}, 1, nil},
		{"the one, by another name", customer.Person, "hopper", []mailboxUser{grace}, 2, nil},
		{"called otherwise", customer.Person, "grace hopper", []mailboxUser{ada}, 0, []int64{1}},
		{"one of two", customer.Person, "grace hopper", []mailboxUser{ada, grace}, 2, nil},
		{"no name, one user", customer.Person, "", []mailboxUser{ada}, 1, nil},
		{"no name, two users", customer.Person, "", []mailboxUser{grace, ada}, 0, []int64{1, 2}},
		{"a user without a name", customer.Person, "ada lovelace", []mailboxUser{nameless}, 3, nil},
		{"a user without a name beside the one", customer.Person, "ada lovelace", []mailboxUser{nameless, ada}, 0, []int64{1, 3}},
		{"another kind", customer.Person, "airbus", []mailboxUser{firm}, 0, nil},
		{"another kind beside", customer.Organization, "airbus", []mailboxUser{ada, firm}, 4, nil},
	} {
		party, candidates := sameMailbox(test.kind, test.name, test.users)
		if party != test.party || !slices.Equal(candidates, test.candidates) {
			t.Errorf("%s: %d, candidates %v; want %d, %v", test.what, party, candidates, test.party, test.candidates)
		}
	}
}
