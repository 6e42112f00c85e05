package storetest

import (
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

func testIdentity(t *testing.T, s *suite) {
	t.Run("Spellings", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1")))
		for _, name := range []string{"AIRBUS S.E.", " airbus  se ", "Aïrbus, SE", "Airbus"} {
			w.load(from("list", attended("Farnborough", "2024").customer(name, "FR"))).expectNoParties(t)
		}
		w.expectParties(1)
	})
	t.Run("AnotherCountry", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1")))
		w.load(from("list", attended("Farnborough", "2024").customer("Airbus", "DE"))).
			expect(t, store.Tally{Read: 1, New: 1, Parties: 1, Candidates: 1})
		w.expectParties(2)
	})
	t.Run("NoCountry", func(t *testing.T) { testNoCountry(t, s.world(t)) })
	t.Run("NamesOnlyIfWanted", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1").at("info@airbus.example")))
		w.load(from("list", attended("Farnborough", "2024").customer("Airbus SE", "FR").at("info@airbus.example")).by(store.ByExternalKey))
		w.expectParties(2)
	})
	t.Run("AddressBeforeName", func(t *testing.T) { testOrder(t, s) })
	t.Run("KeyBeforeAll", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1"), organization("Boeing", "US").under("2").says("code", "B")))
		// The key says who it is, whatever else the row says.
		w.load(from("crm", attended("Farnborough", "2024").customer("Boeing", "US").under("1").says("code", "B")))
		w.expectNumber(1, "participations of the key's party",
			`SELECT count(*) FROM participation f JOIN party_record r ON r.id = f.customer_record_id AND r.party_id = f.customer_id WHERE r.external_key = '1'`)
		w.expectParties(2)
	})
	t.Run("KeyOfAnotherSource", func(t *testing.T) {
		w := s.world(t)
		w.load(from("badges", organization("Airbus SE", "FR").under("1")))
		w.load(from("crm", attended("Farnborough", "2024").who("customer").under("1").of("badges"))).
			expect(t, store.Tally{Read: 1, New: 1})
		w.expectParties(1)
		w.expectNumber(0, "records of crm", `SELECT count(*) FROM party_record r JOIN source s ON s.id = r.source_id WHERE s.name = 'crm'`)
	})
	t.Run("TwoKeysOneParty", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1"), organization("AIRBUS", "FR").under("2"), organization("Airbus", "FR").under("3").at("a@airbus.example"),
			organization("Eurocopter", "FR").under("4").at("A@airbus.example"), organization("Airbus Helicopters", "FR").under("5")))
		w.expectOne(true, "crm", "1", "crm", "2")
		w.expectOne(true, "crm", "1", "crm", "3")
		w.expectOne(false, "crm", "1", "crm", "4")
		w.expectOne(false, "crm", "1", "crm", "5")
		w.expectNumber(1, "candidates", `SELECT count(*) FROM match_candidate WHERE reason = 'SameEmail'`)
		w.expectFollowers("after the import")
	})
	t.Run("SameKeyTwiceInAFile", func(t *testing.T) {
		w := s.world(t)
		lines := []*line{organization("Airbus", "FR").under("1").says("city", "Paris"), organization("Airbus SE", "FR").under("1").says("city", "Toulouse")}
		w.load(from("crm", lines...)).expect(t, store.Tally{Read: 2, New: 1, Unchanged: 1, Parties: 1})
		if city := w.field(w.codeOf("crm", "1"), "city"); city != "Toulouse" {
			t.Errorf("the city is %q, want that of the last row", city)
		}
		w.load(from("crm", lines...)).expect(t, store.Tally{Read: 2, Unchanged: 2})
	})
	t.Run("SameFactTwiceInAFile", func(t *testing.T) {
		w := s.world(t)
		fact := func(area int) *line {
			return attended("Farnborough", "2024").customer("Airbus", "FR").set("area", area)
		}
		w.load(from("crm", fact(1), fact(2))).expect(t, store.Tally{Read: 2, New: 1, Unchanged: 1, Parties: 1})
		w.expectNumber(2, "the area", `SELECT area FROM participation`)
	})
	t.Run("TwoSpellingsTwoFacts", func(t *testing.T) {
		// Two rows of one file that turn out to be about one party stay two rows.
		w := s.world(t)
		w.load(from("crm", attended("Farnborough", "2024").customer("Airbus", "FR"), attended("Farnborough", "2024").customer("Airbus SE", "FR"))).
			expect(t, store.Tally{Read: 2, New: 2, Parties: 1})
	})
	t.Run("BothPartiesOfARowAreOne", func(t *testing.T) {
		w := s.world(t)
		booking := row("booking").keyed("B-1").customer("Airbus", "FR").edition("Farnborough", "2024").set("product", "Stand").set("at", day(2024, 1, 1))
		w.load(from("crm", booking.who("payer").named("AIRBUS SE", "FR"))).expect(t, store.Tally{Read: 1, New: 1, Parties: 1})
	})
}

func (o outcome) expectNoParties(t *testing.T) {
	t.Helper()
	if o.Parties != 0 || o.Candidates != 0 || o.Rejected != 0 {
		t.Errorf("it became of the file: %+v, want nobody new", o.Tally)
	}
}

// testNoCountry: a name alone decides if only one party has it.
func testNoCountry(_ *testing.T, w *world) {
	w.load(from("crm", organization("Airbus SE", "FR").under("fr")))
	w.load(from("list", organization("Airbus", "").under("none")))
	w.expectOne(true, "crm", "fr", "list", "none")
	w.load(from("crm", organization("Airbus SE", "GB").under("gb")))
	w.expectOne(false, "crm", "fr", "crm", "gb")
	w.load(from("list", organization("Airbus", "").under("which")))
	w.expectOne(false, "crm", "fr", "list", "which")
	w.expectOne(false, "crm", "gb", "list", "which")
	w.load(from("list", organization("Airbus", "").under("that")))
	w.expectOne(true, "list", "which", "list", "that")
	w.load(from("crm", organization("Boeing", "").under("open")))
	w.load(from("list", organization("Boeing", "US").under("us")))
	w.expectOne(true, "crm", "open", "list", "us")
}

// testOrder: the mapping says which way of finding out comes first.
func testOrder(t *testing.T, s *suite) {
	for _, order := range [][]store.Resolution{{store.ByEmail, store.ByMatchKey}, {store.ByMatchKey, store.ByEmail}} {
		w := s.world(t)
		w.load(from("crm", row("party").under("address").at("sales@aero.example"), organization("Aero", "FR").under("name")))
		w.load(from("list", organization("Aero", "FR").under("1").at("sales@aero.example")).by(order...))
		w.expectOne(order[0] == store.ByEmail, "list", "1", "crm", "address")
		w.expectOne(order[0] == store.ByMatchKey, "list", "1", "crm", "name")
	}
}

func testPersons(t *testing.T, s *suite) {
	t.Run("NeverByNameAlone", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", person("Ada Lovelace", "GB").under("1")))
		w.load(from("list", person("Ada Lovelace", "GB").under("1"))).expect(t, store.Tally{Read: 1, New: 1, Parties: 1, Candidates: 1})
		w.load(from("list", person("Ada Lovelace", "US").under("2"))).expect(t, store.Tally{Read: 1, New: 1, Parties: 1})
		w.expectParties(3)
	})
	t.Run("ByAddress", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", person("Ada Lovelace", "GB").under("1").at("Ada@Example.com")))
		w.load(from("list", person("LOVELACE, Ada", "").under("1").at("ada@example.com"))).expectNoParties(t)
		w.load(from("list", row("party").says("kind", customer.Person).under("2").at("ada@example.com"))).expectNoParties(t)
		w.expectParties(1)
	})
	t.Run("SharedMailbox", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", person("Ada Lovelace", "GB").under("1").at("office@example.com")))
		w.load(from("crm", person("Grace Hopper", "GB").under("2").at("office@example.com"))).
			expect(t, store.Tally{Read: 1, New: 1, Parties: 1, Candidates: 1})
		// Both of them are found by it afterwards, each by name.
		w.load(from("list", person("Grace Hopper", "").under("g").at("office@example.com"), person("Ada Lovelace", "").under("a").at("office@example.com")))
		w.expectOne(true, "crm", "1", "list", "a")
		w.expectOne(true, "crm", "2", "list", "g")
		// A row without a name could be either.
		w.load(from("list", row("party").says("kind", customer.Person).under("x").at("office@example.com")))
		w.expectParties(3)
	})
	t.Run("OrganizationsMailbox", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1").at("info@airbus.example")))
		w.load(from("list", person("Ada Lovelace", "FR").under("2").at("info@airbus.example")))
		w.expectParties(2)
	})
	t.Run("WithdrawnAddress", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", person("Ada Lovelace", "GB").under("1").at("ada@example.com")))
		w.load(from("crm", person("Ada Lovelace", "GB").under("1").at("new@example.com")))
		w.load(from("list", person("Ada Lovelace", "GB").under("1").at("ada@example.com")))
		w.expectOne(false, "crm", "1", "list", "1")
	})
}

func testCodes(t *testing.T, s *suite) {
	t.Run("WinsOverAll", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1").says("code", "C-1"), organization("Boeing", "US").under("2").at("b@boeing.example")))
		w.load(from("list", organization("Boeing", "US").under("9").says("code", "C-1").at("b@boeing.example")))
		w.expectOne(true, "crm", "1", "list", "9")
	})
	t.Run("LoserLeadsToSurvivor", func(t *testing.T) {
		w := s.world(t)
		w.load(two())
		w.merge("A", "B")
		w.load(from("list", organization("Whoever", "GB").under("9").says("code", "B")))
		w.expectOne(true, "crm", "A", "list", "9")
		w.expectFollowers("after an import by the loser's code")
	})
	t.Run("Stable", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1").says("code", "C-1")).trusted(50))
		w.load(from("ledger", organization("Airbus SE", "FR").under("1").says("code", "L-1")).trusted(90))
		if code := w.codeOf("crm", "1"); code != "C-1" {
			t.Errorf("a more trusted source changed the code to %s", code)
		}
		w.load(from("crm", organization("Airbus SE", "FR").under("1").says("code", "C-2")).trusted(50))
		if code := w.codeOf("crm", "1"); code != "L-1" {
			t.Errorf("nobody says C-1 any more, and the code is %s, want L-1", code)
		}
	})
	t.Run("Disputed", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1").says("code", "C-1"), organization("Boeing", "US").under("2").says("code", "C-2")))
		w.load(from("crm", organization("Boeing", "US").under("2").says("code", "C-1")))
		if one, other := w.codeOf("crm", "1"), w.codeOf("crm", "2"); one != "C-1" || other != "C-2" {
			t.Errorf("the codes are %s and %s", one, other)
		}
		w.expectNumber(1, "candidates", `SELECT count(*) FROM match_candidate WHERE reason = 'SameCode'`)
	})
	t.Run("LooksMadeUp", func(t *testing.T) {
		// Codes of another store, such as this one makes up itself.
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("1").says("code", "FL-0000002"), organization("Boeing", "US").under("2")))
		w.load(from("crm", organization("Safran", "FR").under("3").says("code", "FL-0000004")))
		w.load(from("crm", organization("Thales", "FR").under("4")))
		w.load(from("crm", organization("Thales", "FR").under("4").says("city", "Paris")))
		w.expectParties(4)
		if code := w.codeOf("crm", "1"); code != "FL-0000002" {
			t.Errorf("the code that a source gave is %s", code)
		}
	})
}

func testCandidates(t *testing.T, s *suite) {
	pair := func(t *testing.T) (*world, store.Candidate) {
		t.Helper()
		w := s.world(t)
		w.load(from("crm", organization("Airbus SE", "FR").under("fr").says("city", "Toulouse")))
		w.load(from("crm", organization("Airbus", "DE").under("de").says("city", "Hamburg")))
		candidates, total, err := w.Candidates(t.Context(), 0, 10)
		if err != nil || len(candidates) != 1 || total != 1 {
			t.Fatalf("candidates: %+v, %d, %v", candidates, total, err)
		}
		return w, candidates[0]
	}
	t.Run("Shown", func(t *testing.T) {
		w, c := pair(t)
		if c.Reason != "SameName" || c.Party.Code != w.codeOf("crm", "fr") || c.Other.Code != w.codeOf("crm", "de") || c.Party.Records != 1 ||
			len(c.Conflicts) != 3 || c.Conflicts[0] != "city" || c.Conflicts[1] != "country" || c.Conflicts[2] != "name" {
			t.Errorf("the candidate is %+v", c)
		}
	})
	t.Run("Accepted", func(t *testing.T) {
		w, c := pair(t)
		id, err := w.AcceptCandidate(t.Context(), c.ID, "tester")
		if err != nil {
			t.Fatal(err)
		}
		w.expectOne(true, "crm", "fr", "crm", "de")
		w.expectFollowers("after accepting")
		_, err = w.AcceptCandidate(t.Context(), c.ID, "tester")
		expectError[*store.ConflictError](t, err, "accepting twice")
		w.unmerge(id)
		w.expectOne(false, "crm", "fr", "crm", "de")
		expectNoCandidates(t, w, "after the undoing")
		w.load(from("list", organization("Airbus", "DE").under("9")))
		expectNoCandidates(t, w, "after another import")
	})
	t.Run("Rejected", func(t *testing.T) {
		w, c := pair(t)
		if err := w.RejectCandidate(t.Context(), c.ID, "tester"); err != nil {
			t.Fatal(err)
		}
		w.load(from("crm", organization("Airbus Group", "DE").under("de"))) // renamed, and back
		w.load(from("crm", organization("Airbus", "DE").under("de")))
		w.load(from("list", attended("Farnborough", "2024").customer("Airbus", "DE")))
		expectNoCandidates(t, w, "after the rejection")
		expectError[*store.ConflictError](t, w.RejectCandidate(t.Context(), c.ID, "tester"), "rejecting twice")
		expectError[*store.NotFoundError](t, w.RejectCandidate(t.Context(), 99, "tester"), "rejecting nothing")
	})
	t.Run("OverAfterMerge", func(t *testing.T) {
		w, c := pair(t)
		w.merge(c.Other.Code, c.Party.Code)
		expectNoCandidates(t, w, "after a merge")
		_, err := w.AcceptCandidate(t.Context(), c.ID, "tester")
		expectError[*store.ConflictError](t, err, "accepting what was merged")
	})
	t.Run("UndoingConcernsOnePair", func(t *testing.T) {
		w, c := pair(t)
		if _, err := w.AcceptCandidate(t.Context(), c.ID, "tester"); err != nil {
			t.Fatal(err)
		}
		w.load(from("crm", organization("Boeing", "US").under("us").says("code", "B")))
		w.unmerge(w.merge("B", c.Party.Code))
		if decision := w.text(`SELECT decision FROM match_candidate WHERE id = $1`, c.ID); decision != "Accepted" {
			t.Errorf("undoing another merge made the decision %q", decision)
		}
	})
}

func expectNoCandidates(t *testing.T, w *world, when string) {
	t.Helper()
	if candidates, total, err := w.Candidates(t.Context(), 0, 10); err != nil || len(candidates) != 0 || total != 0 {
		t.Errorf("%s candidates wait: %+v, %d, %v", when, candidates, total, err)
	}
}
