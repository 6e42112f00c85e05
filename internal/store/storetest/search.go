package storetest

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

func testSearch(t *testing.T, s *suite) {
	w := s.world(t)
	w.load(from("crm", organization("Airbus SE", "FR").under("K-1").says("code", "A-1").says("city", "Toulouse").says("roles", 1).at("Info@Airbus.example"),
		organization("Airbus Helicopters", "FR").under("K-2").says("code", "A-2"), row("party").under("K-3").says("code", "A-3"),
		person("Dr. Ada Lovelace", "GB").under("K-4").says("code", "A-4")))
	w.load(from("ledger", organization("Boeing", "US").under("K-3").says("code", "B-1")))
	want := store.Found{Code: "A-1", Kind: "Organization", Name: "Airbus SE", Country: "FR", City: "Toulouse", Roles: "Exhibitor"}
	for text, by := range map[string]string{"A-1": "Code", "K-1": "Key", "info@airbus.example": "Email", "AIRBUS S.E.": "Name", "airb": "Name"} {
		found, err := w.Search(t.Context(), text, 10)
		want.By = by
		if err != nil || len(found) == 0 || found[0] != want {
			if by != "Name" || err != nil || !slices.Contains(found, want) {
				t.Errorf("by %q is found %+v, %v; want %+v", text, found, err, want)
			}
		}
	}
	for text, codes := range map[string][]string{
		"airbus": {"A-2", "A-1"}, "Airbus Heli": {"A-2"}, "LOVELACE, Ada": {"A-4"}, "nobody": nil, "": nil, "K-3": {"A-3", "B-1"}, "%": nil,
	} {
		found, err := w.Search(t.Context(), text, 10)
		var got []string
		for _, f := range found {
			got = append(got, f.Code)
		}
		if err != nil || !slices.Equal(got, codes) {
			t.Errorf("by %q are found %v, %v; want %v", text, got, err, codes)
		}
	}
	if found, err := w.Search(t.Context(), "airbus", 1); err != nil || len(found) != 1 {
		t.Errorf("limited to one: %v, %v", found, err)
	}
	w.merge("A-2", "A-1")
	if found, err := w.Search(t.Context(), "K-1", 10); err != nil || len(found) != 1 || found[0].Code != "A-2" {
		t.Errorf("by the key of one that was merged: %v, %v", found, err)
	}
	w.erase("A-2")
	if found, err := w.Search(t.Context(), "airbus", 10); err != nil || len(found) != 0 {
		t.Errorf("of the erased is found: %v, %v", found, err)
	}
}

func testShow(t *testing.T, s *suite) {
	w := s.world(t)
	entity := customer.EntityByName("party")
	w.load(from("crm", generated(entity, 0)))
	i, err := w.Import(t.Context(), from("crm", generated(entity, 0)).options)
	if err != nil {
		t.Fatal(err)
	}
	if err := i.DeclareAttributes(t.Context(), generated(entity, 0).made.Parties[0].Attributes); err != nil {
		t.Fatal(err)
	}
	w.load(from("crm", attended("Farnborough", "2024").who("customer").under("party-1").set("area", 1250).set("net", 99900).set("currency", "JPY")))
	w.load(from("crm", attended("Farnborough", "2022").who("customer").under("party-1").set("net", 99900).set("currency", "GBP")))
	party := w.show("CODE-party")
	fields := map[string]string{}
	for _, field := range append(party.Fields, party.Attributes...) {
		fields[field.Name] = field.Value
	}
	for name, want := range map[string]string{
		"name": "party 0", "country": "GB", "born": "2024-07-22", "timeZone": "Europe/London", "roles": "Exhibitor",
		"fleet": "1.250000", "frequentFlyer": "true", "slogan": "slogan 0",
	} {
		if fields[name] != want {
			t.Errorf("%s is shown as %q, want %q", name, fields[name], want)
		}
	}
	if len(party.Records) != 1 || party.Records[0].Source != "crm" || party.Records[0].Key != "party-1" || party.Records[0].Trust != 50 {
		t.Errorf("records are %+v", party.Records)
	}
	cut, err := w.Show(t.Context(), "CODE-party", store.ShowOptions{FactsAtMost: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, facts := range cut.Facts {
		if facts.Entity == "participation" && (len(facts.Rows) != 1 || facts.Total != 2) {
			t.Errorf("cut to one row, facts are %+v", facts)
		}
	}
	for _, facts := range party.Facts {
		if facts.Entity != "participation" {
			continue
		}
		want := [][]string{
			{"CODE-party", "Farnborough 2024", "Exhibitor", "Attended", "", "12.50", "", "99900", "JPY", "", ""},
			{"CODE-party", "Farnborough 2022", "Exhibitor", "Attended", "", "", "", "999.00", "GBP", "", ""},
		}
		if !reflect.DeepEqual(facts.Rows, want) {
			t.Errorf("participations are shown as %v, want %v", facts.Rows, want)
		}
	}
	_, err = w.Show(t.Context(), "nobody", store.ShowOptions{})
	expectError[*store.NotFoundError](t, err, "showing nobody")
	t.Run("EveryEntity", func(t *testing.T) { testShowEveryEntity(t, s.world(t)) })
}

// testShowEveryEntity: whatever is recorded of a party is shown.
func testShowEveryEntity(t *testing.T, w *world) {
	for _, entity := range facts() {
		prepare(w, entity, "crm")
		parties := entity.Parties()
		if len(parties) == 0 {
			continue
		}
		w.load(from("crm", generated(entity, 0)))
		field := entity.Fields[parties[0]].Name
		shown := w.show("CODE-" + field)
		at := slices.IndexFunc(shown.Facts, func(f store.Facts) bool { return f.Entity == entity.Name })
		if at < 0 {
			t.Errorf("nothing is shown of %s", entity.Name)
			continue
		}
		if row := strings.Join(shown.Facts[at].Rows[0], "|"); !strings.Contains(row, "CODE-"+field) {
			t.Errorf("%s is shown as %s", entity.Name, row)
		}
	}
	w.load(from("crm", generated(customer.EntityByName("booking"), 0)))
	w.load(from("crm", generated(customer.EntityByName("bookingStatus"), 0)))
	if facts := fmt.Sprint(w.show("CODE-customer").Facts); !strings.Contains(facts, "bookingStatus") {
		t.Errorf("a booking's status is not shown: %s", facts)
	}
	counts, err := w.Counts(t.Context())
	if err != nil || counts.Contacts != 1 || counts.Customers == 0 {
		t.Errorf("counts are %+v, %v", counts, err)
	}
}
