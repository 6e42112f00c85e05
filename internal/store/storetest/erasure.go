package storetest

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// ada is a person whose every field can be told from everything else.
func ada(l *line) *line {
	l.says("kind", customer.Person).named("Ada Zyxlovelace", "GB").says("email", "ada@zyxmail.example")
	return l.says("phone", "+44 20 7946 0958").says("code", "ZYX-1").under("zyx-key-1").says("city", "Zyxtown").says("address", "1 Zyxstreet").says("postcode", "ZYX 1")
}

// adasTraces must stand nowhere once she is erased.
var adasTraces = []string{"zyx", "lovelace", "79460958", "7946 0958", "442079460958"}

// adasLife is what is recorded of her, as a file each.
func adasLife() []*file {
	firm := func(l *line, field string) *line { return l.who(field).named("Babbage Ltd", "GB").under("F") }
	at := day(2024, 7, 22)
	called := row("interaction").keyed("I-1").set("at", at).set("method", "Phone").set("note", "spoke to Ada Zyxlovelace")
	asked := row("feedback").set("survey", "S").set("question", "Q").set("at", at).set("comment", "as Ada Zyx says")
	complained := row("complaint").keyed("C-1").set("opened", at).set("note", "Zyxlovelace is cross")
	paid := row("transaction").keyed("T-1").set("at", at).set("revenue", 12345).set("currency", "GBP")
	booked := row("booking").keyed("B-1").edition("Farnborough", "2024").set("product", "Ticket").set("net", 6789).set("at", at)
	files := []*file{
		from("crm", ada(row("party")).attribute("maiden", customer.Text, "Zyxbyron")),
		from("crm", ada(row("party")).attribute("maiden", customer.Text, "Zyxgordon")), // and the correction
		from("crm", firm(ada(row("affiliation").who("person")).set("department", "Zyxdepartment").set("title", "Zyxtitle"), "organization")),
		from("crm", ada(row("contactPoint").who("party")).set("medium", "Post").set("address", "1 Zyxstreet, Zyxtown")),
		from("crm", ada(firm(called, "customer").who("person"))),
		from("crm", ada(firm(asked, "customer").who("person"))),
		from("crm", ada(firm(complained, "customer").who("person"))),
		from("crm", ada(row("preference").who("party")).set("name", "diet").set("value", "zyxvegan")),
		from("crm", ada(row("consent").who("person")).set("topic", "news").set("medium", "Email").set("legalBasis", "Consent").set("proof", "zyxform").set("given", at)),
		from("crm", ada(visited("Farnborough", "2024").who("person"))),
		from("crm", ada(row("listMember").who("party")).set("list", "VIP").set("reason", "is a Zyxlovelace")),
		from("crm", firm(ada(row("accountOwner").who("staff")), "customer")),
		from("crm", firm(ada(row("referral").set("at", at).who("referrer")), "referred")),
		from("crm", ada(paid.who("customer"))),
		from("crm", ada(booked.who("customer"))),
		from("crm", ada(attended("Farnborough", "2024").who("customer")).set("net", 4711)),
		// Corrections of facts about her, by her and without her.
		from("crm", firm(row("interaction").keyed("I-1").set("at", at).set("method", "Phone").set("note", "spoke to nobody"), "customer")),
		from("crm", ada(row("preference").who("party")).set("name", "diet").set("value", "zyxcarnivore")),
		from("crm", ada(attended("Farnborough", "2024").who("customer")).set("net", 4712)),
		// Another source, by her address.
		from("badges", row("visit").edition("Farnborough", "2022").set("day", at).who("person").named("Lovelace-Zyx, A.", "").at("ada@zyxmail.example").under("zyx-badge")),
	}
	return files
}

func testErasure(t *testing.T, s *suite) {
	t.Run("LeavesNothing", func(t *testing.T) { testLeavesNothing(t, s.world(t)) })
	t.Run("TakesTheMerged", func(t *testing.T) { testTakesTheMerged(t, s.world(t)) })
	t.Run("AfterAnUndoing", func(t *testing.T) { testErasedAfterUndoing(t, s.world(t)) })
	t.Run("Evidence", func(t *testing.T) { testEvidence(t, s.world(t)) })
	t.Run("KeepsAddressesOut", func(t *testing.T) { testKeepsOut(t, s.world(t)) })
	t.Run("Refused", func(t *testing.T) {
		w := s.world(t)
		w.load(from("crm", ada(row("party"))))
		w.erase("ZYX-1")
		_, err := w.Erase(t.Context(), w.text(`SELECT code FROM party`), "", "tester")
		expectError[*store.ConflictError](t, err, "erasing twice")
		_, err = w.Erase(t.Context(), "ZYX-1", "", "tester")
		expectError[*store.NotFoundError](t, err, "erasing by the code that was erased")
		if party := w.show(w.text(`SELECT code FROM party`)); !party.Erased || len(party.Fields) != 0 || len(party.Attributes) != 0 {
			t.Errorf("of the erased is shown %+v", party)
		}
	})
}

func testLeavesNothing(t *testing.T, w *world) {
	for _, f := range adasLife() {
		if result := w.load(f); result.Rejected > 0 {
			t.Fatalf("rejected: %v", result.rejections)
		}
	}
	w.expectNumber(1, "persons called Ada", `SELECT count(*) FROM party WHERE name LIKE 'Ada%'`)
	w.exec(`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'loyal', id, 'A', 0 FROM party`)
	codes := []string{"ZYX-1", w.codeOf("badges", "zyx-badge")}
	for _, code := range slices.Compact(codes) {
		w.erase(code)
	}
	w.expectNowhere(adasTraces...)
	w.expectFollowers("after the erasure")
	// What the books need is there, and belongs to nobody that can be named.
	w.expectNumber(12345, "revenue", `SELECT sum(revenue) FROM transaction_entry WHERE withdrawn_at IS NULL`)
	w.expectNumber(6789, "bookings", `SELECT sum(net) FROM booking WHERE withdrawn_at IS NULL`)
	w.expectNumber(4712, "participations", `SELECT sum(net) FROM participation WHERE withdrawn_at IS NULL`)
	for _, table := range []string{"visit", "consent", "preference", "list_member", "affiliation", "account_owner", "referral"} {
		w.expectNumber(0, table, "SELECT count(*) FROM "+table)
	}
	for _, table := range []string{"interaction", "feedback", "complaint"} {
		w.expectNumber(1, "what stays with the firm", "SELECT count(*) FROM "+table+" WHERE person_id IS NULL AND person_record_id IS NULL")
	}
	w.expectNumber(1, "the firm", `SELECT count(*) FROM party WHERE name = 'Babbage Ltd' AND erased_at IS NULL`)
}

func testTakesTheMerged(_ *testing.T, w *world) {
	w.load(from("crm", person("Ada Byron", "GB").under("b").says("code", "B").at("byron@zyxmail.example")))
	for _, f := range adasLife() {
		w.load(f)
	}
	for _, code := range []string{"ZYX-1", w.codeOf("badges", "zyx-badge")} {
		if w.show(code).Code != "B" {
			w.merge("B", code)
		}
	}
	w.erase("ZYX-1") // by the code of one that was merged
	w.expectNowhere(append(adasTraces, "byron")...)
	w.expectNumber(0, "persons who are not erased", `SELECT count(*) FROM party WHERE kind = 'Person' AND erased_at IS NULL`)
}

// testErasedAfterUndoing: what was corrected while two were one goes too.
func testErasedAfterUndoing(_ *testing.T, w *world) {
	w.load(from("crm", person("Grace Hopper", "US").under("g").says("code", "G")))
	w.load(from("crm", ada(row("party"))))
	w.load(from("crm", ada(attended("Farnborough", "2024").who("customer")).set("stand", "Zyxstand")))
	id := w.merge("G", "ZYX-1")
	w.load(from("crm", ada(row("party")).says("city", "Zyxville")))
	w.load(from("crm", ada(attended("Farnborough", "2024").who("customer")).set("stand", "H1")))
	w.unmerge(id)
	w.erase("ZYX-1")
	w.expectNowhere(adasTraces...)
	w.expectNumber(1, "the other", `SELECT count(*) FROM party WHERE name = 'Grace Hopper' AND erased_at IS NULL`)
}

func testEvidence(t *testing.T, w *world) {
	for _, f := range adasLife() {
		w.load(f)
	}
	id := w.number(`SELECT id FROM party WHERE code = 'ZYX-1'`)
	want := map[store.Evidence]bool{}
	for table, column := range map[string]string{
		"affiliation": "person_id", "visit": "person_id", "consent": "person_id", "preference": "party_id", "list_member": "party_id",
		"account_owner": "staff_id", "referral": "referrer_id", "contact_point": "party_id",
	} {
		want[store.Evidence{Table: table, Action: store.Removed, Rows: w.number("SELECT count(*) FROM "+table+" WHERE "+column+" = $1", id)}] = true
	}
	want[store.Evidence{Table: "party_record", Action: store.Emptied, Rows: w.number(`SELECT count(*) FROM party_record WHERE party_id = $1`, id)}] = true
	want[store.Evidence{Table: "erased_key", Action: store.Hashed, Rows: w.number(`SELECT count(*) FROM party_record WHERE party_id = $1`, id)}] = true
	want[store.Evidence{Table: "suppression", Action: store.Added, Rows: w.number(`SELECT count(*) FROM (SELECT DISTINCT medium, address_key FROM contact_point WHERE party_id = $1 AND medium <> 'Web') x`, id)}] = true
	want[store.Evidence{Table: "party", Action: store.Emptied, Rows: 1}] = true
	evidence := w.erase("ZYX-1")
	for expected := range want {
		if expected.Rows == 0 || !slices.Contains(evidence, expected) {
			t.Errorf("the evidence lacks %+v: %+v", expected, evidence)
		}
	}
	var logged []store.Evidence
	if err := json.Unmarshal([]byte(w.text(`SELECT evidence FROM erasure_log WHERE party_id = $1`, id)), &logged); err != nil || !slices.Equal(logged, evidence) {
		t.Errorf("the log of erasures says %+v, %v", logged, err)
	}
}

func testKeepsOut(t *testing.T, w *world) {
	w.load(from("crm", ada(row("party"))))
	w.erase("ZYX-1")
	hash := w.text(`SELECT address_hash FROM suppression WHERE medium = 'Email' AND scope = 'All'`)
	w.load(from("list", row("suppression").set("medium", "Email").set("address", "Ada@ZyxMail.example").set("scope", "Promotional")))
	if imported := w.text(`SELECT address_hash FROM suppression WHERE scope = 'Promotional'`); imported != hash || len(hash) != 64 {
		t.Errorf("the erasure hashed the address as %q, the import as %q", hash, imported)
	}
	w.expectNumber(1, "the kept out telephone", `SELECT count(*) FROM suppression WHERE medium = 'Phone'`)
	// Somebody new with the same address comes in, and the address stays kept out.
	w.load(from("crm", ada(row("party")).under("another key").says("code", "NEW"))).expect(t, store.Tally{Read: 1, New: 1, Parties: 1})
	w.expectNumber(1, "suppressions of the address", `SELECT count(*) FROM suppression WHERE address_hash = $1 AND scope = 'All' AND withdrawn_at IS NULL`, hash)
	w.erase("NEW")
	w.expectNowhere(adasTraces...)
}

// testErasedStayAway imports the same files again.
func testErasedStayAway(t *testing.T, s *suite) {
	t.Run("ByKey", func(t *testing.T) { testFilesAgain(t, s.world(t)) })
	t.Run("InTheMiddleOfAnImport", func(t *testing.T) {
		w := s.world(t)
		attends := func(area int) *line {
			return ada(attended("Farnborough", "2024").set("area", area).who("customer"))
		}
		i, err := w.Import(t.Context(), from("crm", attends(1)).options)
		if err != nil {
			t.Fatal(err)
		}
		write := func(l *line) {
			t.Helper()
			if _, err := i.Write(t.Context(), from("crm", l).batches()[0]); err != nil {
				t.Fatal(err)
			}
		}
		write(attends(1))
		w.erase("ZYX-1")
		write(attends(2))
		write(ada(attended("Farnborough", "2022").who("customer")))
		if i.Tally().Erased != 2 {
			t.Errorf("the tally is %+v, want 2 erased", i.Tally())
		}
		w.expectNowhere(adasTraces...)
		w.expectParties(0)
	})
	t.Run("WithoutKeys", func(t *testing.T) {
		// Without a key the address, or else the name, is what stays away.
		for _, l := range []*line{person("Ada Zyxlovelace", "GB").at("ada@zyxmail.example"), person("Ada Zyxlovelace", "GB")} {
			w := s.world(t)
			w.load(from("crm", l))
			w.erase(w.text(`SELECT code FROM party`))
			w.load(from("crm", l)).expect(t, store.Tally{Read: 1, Unchanged: 1, Erased: 1})
			w.expectNowhere(adasTraces...)
		}
	})
}

func testFilesAgain(t *testing.T, w *world) {
	files := adasLife()
	for _, f := range files {
		w.load(f)
	}
	w.erase("ZYX-1")
	if code := w.text(`SELECT coalesce((SELECT p.code FROM party p JOIN party_record r ON r.party_id = p.id WHERE r.external_key = 'zyx-badge'), '')`); code != "" {
		w.erase(code)
	}
	parties := w.number(`SELECT count(*) FROM party WHERE erased_at IS NULL`)
	before := w.dump("correction")
	for i, f := range files {
		if i == 16 { // the interaction that was with her once, and is not any more
			continue
		}
		result := w.load(f)
		if result.Erased != 1 || result.Unchanged != 1 || result.Parties != 0 {
			t.Errorf("file %d: %+v, want its row left out", i, result.Tally)
		}
	}
	w.expectDump(before, "the files came again", "correction")
	w.expectNowhere(adasTraces...)
	w.expectParties(parties)
	mixed := from("crm", ada(attended("Farnborough", "2026").who("customer")), attended("Farnborough", "2026").customer("Airbus", "FR"))
	w.load(mixed).expect(t, store.Tally{Read: 2, New: 1, Unchanged: 1, Erased: 1, Parties: 1})
}
