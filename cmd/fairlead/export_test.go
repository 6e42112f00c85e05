package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/generate"
	"github.com/fairlead/fairlead/internal/store"
)

// An export has everything that was imported of a party, whichever entity.
func TestExportIsComplete(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		url := newStore(t)
		must(t, exitOK, "generate", "--seed", "1", "--customers", "20", "--store", url)
		made := madeUp(t, generate.Options{Seed: 1, Customers: 20})
		exported := map[string]bool{}
		// Firms, their persons, staff, agents and vendors follow one another.
		every := 1
		if !strings.HasPrefix(url, "sqlite") {
			// What is read is the same: some of them tell.
			every = 12
		}
		for n, key := range slices.Sorted(maps.Keys(made)) {
			if n%every != 0 {
				continue
			}
			found := search(t, url, key)
			if len(found) != 1 {
				t.Fatalf("the key %s finds %+v", key, found)
			}
			var party store.Party
			if err := json.Unmarshal([]byte(must(t, exitOK, "customer", "export", found[0].Code, "--store", url)), &party); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(party.Records, func(r store.SourceRecord) bool { return r.Key == key && r.Source == generate.Source }) {
				t.Errorf("%s has the records %+v", key, party.Records)
			}
			got, want := map[string]int64{}, map[string]int64{}
			for _, facts := range party.Facts {
				got[facts.Entity], exported[facts.Entity] = facts.Total, true
				if int64(len(facts.Rows)) != facts.Total {
					t.Errorf("of %d rows of %s of %s, %d are exported", facts.Total, facts.Entity, key, len(facts.Rows))
				}
			}
			for _, record := range party.Records {
				for entity, rows := range made[record.Key] {
					want[entity] += int64(len(rows))
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("of %s %v is exported, want %v", key, got, want)
			}
		}
		for _, entity := range generate.Entities() {
			isOfParties := len(entity.Parties()) > 0 && entity.Name != "party" || entity.Name == "bookingStatus"
			if isOfParties && !exported[entity.Name] && every == 1 {
				t.Errorf("nobody has a %s", entity.Name)
			}
		}
	})
}

// madeUp gives the rows that were made up, by the key of a party that they are
// about and by entity.
func madeUp(t *testing.T, options generate.Options) map[string]map[string]map[string]bool {
	t.Helper()
	all := map[string]map[string]map[string]bool{}
	add := func(party, entity, row string) {
		if all[party] == nil {
			all[party] = map[string]map[string]bool{}
		}
		if all[party][entity] == nil {
			all[party][entity] = map[string]bool{}
		}
		all[party][entity][row] = true
	}
	customers := map[string]string{}
	err := generate.Rows(options, func(entity *customer.Entity, row *customer.Row) error {
		if entity.Name == "bookingStatus" {
			add(customers[row.Values[entity.Index("booking")].Text], entity.Name, row.Key)
		}
		for n := range row.Parties {
			party := &row.Parties[n]
			switch {
			case party.Key == "":
			case entity.Name != "party":
				add(party.Key, entity.Name, row.Key)
			default:
				// What a party's own row says of its addresses becomes contact points.
				for _, field := range []int{customer.PartyEmail, customer.PartyPhone, customer.PartyWebsite} {
					if party.Values[field].Present {
						add(party.Key, "contactPoint", party.Values[field].Text)
					}
				}
			}
			if entity.Name == "booking" && n == 0 {
				customers[row.Key] = party.Key
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
