package storetest

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// aero is a company as a source describes it.
func aero(source string, trust int, describe func(*line)) *file {
	l := organization("Aero", "FR").under("1")
	describe(l)
	return from(source, l).trusted(trust)
}

func testSurvivorship(t *testing.T, s *suite) {
	city := func(name string) func(*line) { return func(l *line) { l.says("city", name) } }
	t.Run("TheMostTrusted", func(t *testing.T) {
		w := s.world(t)
		w.load(aero("ledger", 90, city("Paris")))
		w.load(aero("crm", 50, func(l *line) { l.says("city", "Lyon").says("region", "Rhône") }))
		code := w.codeOf("crm", "1")
		if got, region := w.field(code, "city"), w.field(code, "region"); got != "Paris" || region != "Rhône" {
			t.Errorf("the city is %q and the region %q: want the trusted one's city, and the only one's region", got, region)
		}
	})
	t.Run("TheNewestOfEquals", func(t *testing.T) {
		w := s.world(t)
		w.load(aero("ledger", 50, func(l *line) { l.says("city", "Paris").says("at", day(2024, 1, 2)) }))
		w.load(aero("crm", 50, func(l *line) { l.says("city", "Lyon").says("at", day(2024, 1, 1)) }))
		if got := w.field(w.codeOf("crm", "1"), "city"); got != "Paris" {
			t.Errorf("the city is %q, want the one that was said last", got)
		}
		w.load(aero("crm", 50, func(l *line) { l.says("city", "Nice").says("at", day(2024, 1, 3)) }))
		if got := w.field(w.codeOf("crm", "1"), "city"); got != "Nice" {
			t.Errorf("the city is %q, want the one that was said last", got)
		}
	})
	t.Run("TrustChanges", func(t *testing.T) {
		w := s.world(t)
		w.load(aero("crm", 50, city("Lyon")))
		w.load(aero("ledger", 90, city("Paris")))
		w.exec("DELETE FROM change_mark")
		w.load(from("crm", organization("Boeing", "US").under("2")).trusted(95))
		if got := w.field(w.codeOf("crm", "1"), "city"); got != "Lyon" {
			t.Errorf("the city is %q, want that of the source that is trusted more now", got)
		}
		if !w.marked(w.number(`SELECT party_id FROM party_record WHERE external_key = '1' AND source_id = 1`)) {
			t.Error("the changed customer is not marked")
		}
	})
	t.Run("TrustChangesNothingElse", func(t *testing.T) {
		w := s.world(t)
		w.load(aero("crm", 50, func(l *line) { l.says("kind", customer.Person).says("code", "P") }))
		w.load(aero("ledger", 50, func(l *line) { l.says("kind", customer.Person).says("code", "P") }))
		w.load(two())
		w.load(from("ledger", organization("Airbus", "FR").under("2")))
		w.merge("A", "B")
		w.erase("P")
		before := w.dump()
		w.load(from("crm", organization("Airbus SE", "FR").under("A").says("code", "A").says("city", "Toulouse")).trusted(60))
		w.load(from("crm", organization("Airbus SE", "FR").under("A").says("code", "A").says("city", "Toulouse")).trusted(50))
		w.expectDump(before, "trust went up and down again")
	})
	t.Run("RolesAddUp", func(t *testing.T) {
		w := s.world(t)
		w.load(aero("crm", 50, func(l *line) { l.says("roles", 2) }))
		w.load(aero("ledger", 90, func(l *line) { l.says("roles", 4) }))
		w.load(from("crm", attended("Farnborough", "2024").customer("Aero", "FR").under("1")))
		w.load(from("crm", row("booking").keyed("1").customer("Aero", "FR").under("2").edition("Farnborough", "2024").set("product", "Stand").set("at", day(2024, 1, 1))))
		if got := w.field(w.codeOf("crm", "1"), "roles"); got != "Exhibitor;Visitor;Sponsor" {
			t.Errorf("the roles are %q", got)
		}
	})
	t.Run("ZoneOfTheCountry", func(t *testing.T) {
		w := s.world(t)
		w.load(aero("crm", 50, func(*line) {}))
		shown := w.show(w.codeOf("crm", "1"))
		var note string
		for _, field := range shown.Fields {
			if field.Name == "timeZone" && field.Value == "Europe/Paris" {
				note = field.Note
			}
		}
		if note == "" {
			t.Errorf("no zone is inferred, or nothing says so: %+v", shown.Fields)
		}
		w.load(aero("crm", 50, func(l *line) { l.says("timeZone", "Europe/London") }))
		if got := w.field(w.codeOf("crm", "1"), "timeZone"); got != "Europe/London" {
			t.Errorf("the zone is %q", got)
		}
	})
	t.Run("AttributesKeepTheirTypes", func(t *testing.T) {
		w := s.world(t)
		i, err := w.Import(t.Context(), anyFile().options)
		if err != nil {
			t.Fatal(err)
		}
		fleet := customer.Attribute{Name: "fleet", Kind: customer.Decimal}
		for range 2 {
			if err := i.DeclareAttributes(t.Context(), []customer.Attribute{fleet}); err != nil {
				t.Fatal(err)
			}
		}
		fleet.Kind = customer.Text
		expectError[*store.ConflictError](t, i.DeclareAttributes(t.Context(), []customer.Attribute{fleet}), "another type")
		secret := customer.Attribute{Name: "bankAccount", Kind: customer.Text}
		expectError[*store.ConflictError](t, i.DeclareAttributes(t.Context(), []customer.Attribute{secret}), "a sensitive attribute")
	})
}

func testSnapshots(t *testing.T, s *suite) {
	fact := func(edition, name string) *line { return attended("Farnborough", edition).customer(name, "FR") }
	list := func(scope store.Scope, lines ...*line) *file { return from("crm", lines...).complete(scope) }
	t.Run("Source", func(t *testing.T) {
		w := s.world(t)
		all := []*line{fact("2022", "Airbus"), fact("2024", "Airbus"), fact("2024", "Safran")}
		w.load(list(store.WholeSource, all...)).expect(t, store.Tally{Read: 3, New: 3, Parties: 2})
		w.load(from("other", fact("2022", "Airbus")))
		w.load(list(store.WholeSource, all[2])).expect(t, store.Tally{Read: 1, Unchanged: 1, Withdrawn: 2})
		w.expectNumber(2, "what is left", `SELECT count(*) FROM participation WHERE withdrawn_at IS NULL`)
		w.load(list(store.WholeSource, all[2])).expect(t, store.Tally{Read: 1, Unchanged: 1})
		w.load(list(store.WholeSource, all...)).expect(t, store.Tally{Read: 3, Unchanged: 1, Changed: 2})
		w.expectNumber(4, "what is there again", `SELECT count(*) FROM participation WHERE withdrawn_at IS NULL`)
	})
	t.Run("Edition", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", fact("2022", "Airbus"), fact("2024", "Airbus"), fact("2024", "Safran")))
		w.load(list(store.EditionsInFile, fact("2024", "Safran"))).expect(t, store.Tally{Read: 1, Unchanged: 1, Withdrawn: 1})
		w.expectNumber(1, "the other edition", `SELECT count(*) FROM participation f JOIN edition e ON e.id = f.edition_id WHERE e.edition = '2022' AND withdrawn_at IS NULL`)
		w.load(from("crm", fact("2024", "Airbus"))).expect(t, store.Tally{Read: 1, Changed: 1})
	})
	t.Run("FactsWithNumbers", func(t *testing.T) {
		w := s.world(t)
		booking := func(key string) *line {
			return row("booking").keyed(key).customer("Airbus", "FR").edition("Farnborough", "2024").set("product", "Stand").set("at", day(2024, 1, 1))
		}
		w.load(from("crm", booking("1"), booking("2")))
		w.load(list(store.WholeSource, booking("2"), booking("3"))).expect(t, store.Tally{Read: 2, New: 1, Unchanged: 1, Withdrawn: 1})
		id := w.number(`SELECT id FROM booking WHERE external_key = '1'`)
		w.load(list(store.EditionsInFile, booking("1"), booking("2"), booking("3"))).expect(t, store.Tally{Read: 3, Changed: 1, Unchanged: 2})
		w.expectNumber(id, "the booking's number", `SELECT id FROM booking WHERE external_key = '1' AND withdrawn_at IS NULL`)
	})
	t.Run("Parties", func(t *testing.T) {
		w := s.world(t)
		airbus := organization("Airbus", "FR").under("1").says("city", "Lyon")
		w.load(list(store.WholeSource, airbus, organization("Safran", "FR").under("2")))
		w.load(from("ledger", organization("Airbus", "FR").under("1").says("city", "Paris")).trusted(20))
		w.load(list(store.WholeSource, organization("Safran", "FR").under("2"))).expect(t, store.Tally{Read: 1, Unchanged: 1, Withdrawn: 1})
		if got := w.field(w.codeOf("crm", "1"), "city"); got != "Paris" {
			t.Errorf("the city is %q, though its source does not say it any more", got)
		}
		w.load(list(store.WholeSource, airbus, organization("Safran", "FR").under("2"))).expect(t, store.Tally{Read: 2, Unchanged: 1, Changed: 1})
		if got := w.field(w.codeOf("crm", "1"), "city"); got != "Lyon" {
			t.Errorf("the city is %q, though its source says another again", got)
		}
	})
	t.Run("PartiesOfTheErasedStayErased", func(t *testing.T) {
		w := s.world(t)
		w.load(list(store.WholeSource, person("Ada Lovelace", "GB").under("1").says("code", "P"), organization("Safran", "FR").under("2")))
		w.erase("P")
		w.load(list(store.WholeSource, organization("Safran", "FR").under("2")))
		w.expectNumber(1, "erased parties", `SELECT count(*) FROM party WHERE erased_at IS NOT NULL AND kind = 'Person'`)
	})
	t.Run("AddressesOfParties", func(t *testing.T) {
		// A list of addresses is complete for the addresses that it lists, not for
		// those that parties' own rows give.
		w := s.world(t)
		w.load(from("crm", organization("Airbus", "FR").under("1").at("info@airbus.example")))
		point := row("contactPoint").who("party").under("1").set("medium", "Phone").set("address", "+33 1 23 45 67 89")
		w.load(list(store.WholeSource, point)).expect(t, store.Tally{Read: 1, New: 1})
		w.expectNumber(2, "addresses", `SELECT count(*) FROM contact_point WHERE withdrawn_at IS NULL`)
	})
	t.Run("AddressesOfAChangedParty", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus", "FR").under("1").at("old@airbus.example")))
		w.load(from("crm", row("contactPoint").who("party").under("1").set("medium", "Phone").set("address", "+33 1 23 45 67 89")))
		w.load(from("crm", organization("Airbus", "FR").under("1").at("new@airbus.example")))
		w.expectNumber(2, "addresses", `SELECT count(*) FROM contact_point WHERE withdrawn_at IS NULL`)
		w.load(from("crm", organization("Airbus", "FR").under("1").at("old@airbus.example")))
		w.expectNumber(1, "the old address", `SELECT count(*) FROM contact_point WHERE withdrawn_at IS NULL AND address = 'old@airbus.example'`)
		w.expectNumber(3, "addresses ever", `SELECT count(*) FROM contact_point`)
	})
}

// marked tells whether a party's profile is to be computed again.
func (d *database) marked(party int64) bool {
	d.t.Helper()
	for _, row := range d.query("SELECT parties FROM change_mark") {
		var parties []int64
		if data, _ := row["parties"].(string); json.Unmarshal([]byte(data), &parties) != nil {
			d.t.Fatalf("marks are no JSON list: %v", row["parties"])
		}
		if slices.Contains(parties, party) {
			return true
		}
	}
	return false
}

// testMarks: whoever changes what a profile is computed from says so.
func testMarks(t *testing.T, s *suite) {
	marked := func(w *world, what string, change func()) {
		w.t.Helper()
		w.exec("DELETE FROM change_mark")
		change()
		if !w.marked(w.number(`SELECT party_id FROM party_record WHERE external_key = 'A'`)) {
			w.t.Errorf("nobody is marked by %s", what)
		}
	}
	w := s.world(t)
	booking := row("booking").keyed("B-1").who("customer").under("A").edition("Farnborough", "2024").set("product", "Stand").set("at", day(2024, 1, 1))
	status := func(fee int) *line {
		return row("bookingStatus").set("booking", "B-1").set("status", "Paid").set("at", day(2024, 1, 1)).set("fee", fee)
	}
	marked(w, "a new party", func() { w.load(two()) })
	marked(w, "a fact", func() { w.load(from("crm", booking)) })
	marked(w, "a booking's status", func() { w.load(from("crm", status(1))) })
	marked(w, "a changed status", func() { w.load(from("crm", status(2))) })
	marked(w, "a withdrawn status", func() {
		w.load(from("crm", row("booking").keyed("B-2").who("customer").under("B").edition("Farnborough", "2024").set("product", "Stand").set("at", day(2024, 1, 1))))
		w.exec("DELETE FROM change_mark")
		w.load(from("crm", status(2).set("booking", "B-2")).complete(store.WholeSource))
	})
	marked(w, "a fact that is about somebody else now", func() { w.load(from("crm", booking.who("customer").under("B"))) })
	marked(w, "a merge", func() { w.merge("B", "A") })
	marked(w, "its undoing", func() { w.unmerge(1) })
	marked(w, "a participation", func() { w.load(from("crm", attended("Farnborough", "2024").who("customer").under("A"))) })
	marked(w, "an edition", func() {
		w.load(from("crm", row("edition").edition("Farnborough", "2026").set("opens", day(2026, 7, 20))))
	})
	marked(w, "a withdrawn participation", func() {
		w.load(from("crm", attended("Farnborough", "2024").who("customer").under("B")).complete(store.WholeSource))
	})
	w.exec("DELETE FROM change_mark")
	w.load(from("crm", attended("Farnborough", "2024").who("customer").under("B")))
	w.expectNumber(0, "marks after an import that changed nothing", `SELECT count(*) FROM change_mark`)
}
