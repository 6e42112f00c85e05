package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

func testPreview(t *testing.T, s *suite) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { testPreviewAgrees(s.world(t), seed) })
		if t.Failed() {
			return
		}
	}
	t.Run("Parts", func(t *testing.T) { testParts(t, s.world(t)) })
	t.Run("Nobody", func(t *testing.T) { testPreviewOfNobody(t, s.world(t)) })
}

// people are organizations and persons at random, of which many share mailboxes.
func (w *world) people(random *rand.Rand, many int) (keys []string) {
	w.t.Helper()
	mailbox := func() string { return fmt.Sprintf("box%d@firm.example", random.IntN(many)) }
	var lines []*line
	party := func(key, kind string) {
		l := row("party").who("party").under(key).named(key, "FR").says("kind", kind)
		if random.IntN(3) > 0 {
			l.at(mailbox())
		}
		if random.IntN(2) == 0 {
			l.says("locale", pick(random, []string{"de", "de-AT", "fr", "en"}))
		}
		lines = append(lines, l)
	}
	for i := range many {
		key := fmt.Sprint("F", i)
		party(key, pick(random, []string{"Organization", "Organization", "Person"}))
		party(fmt.Sprint("P", i), "Person")
		keys = append(keys, key)
	}
	w.load(from("crm", lines...))
	var works, consents, suppressions []*line
	for i := range many {
		person := fmt.Sprint("P", i)
		for range random.IntN(3) {
			firm := pick(random, keys)
			works = append(works, row("affiliation").keyed(fmt.Sprint("works", len(works))).who("person").under(person).named(person, "FR").set("roles", int64(random.IntN(32))).set("primary", random.IntN(2) == 0).
				who("organization").under(firm).named(firm, "FR"))
		}
		if random.IntN(2) == 0 {
			consents = append(consents, row("consent").set("topic", "news").set("medium", "Email").set("legalBasis", "Consent").set("given", day(2025, 1, 1)).who("person").under(person).named(person, "FR"))
		}
		if random.IntN(6) == 0 {
			suppressions = append(suppressions, row("suppression").keyed(fmt.Sprint("off", i)).set("medium", "Email").set("address", mailbox()).set("scope", pick(random, []string{"All", "Promotional"})))
		}
	}
	for _, lines := range [][]*line{works, consents, suppressions} {
		if len(lines) > 0 {
			w.load(from("crm", lines...))
		}
	}
	for _, key := range keys {
		for _, segment := range []string{"one", "two", "three"} {
			if random.IntN(3) > 0 {
				w.belong(segment, pick(random, []string{"", "gold"}), key)
			}
		}
	}
	return keys
}

func randomFreeze(random *rand.Rand) store.Freeze {
	yes := func() bool { return random.IntN(2) == 0 }
	freeze := store.Freeze{
		Key: "k", Medium: "Email", Topic: "news", Plan: "{}", NeedsConsent: random.IntN(3) == 0, Promotional: yes(),
		Holdout: int64(random.IntN(3)) * 2_000, HoldoutKey: "h", Locales: []string{"en", "de", "fr-FR"},
		Audience: store.Audience{Include: []store.SegmentChoice{{Name: "one"}}, Any: yes(), AllPersons: yes(), NoFallback: yes()},
	}
	if yes() {
		freeze.Audience.Include = append(freeze.Audience.Include, store.SegmentChoice{Name: "two", Classes: []string{"gold"}})
	}
	if yes() {
		freeze.Audience.Exclude = []store.SegmentChoice{{Name: "three"}}
	}
	if yes() {
		freeze.Audience.ContactRoles = []string{"Marketing", "OnSite"}
	}
	return freeze
}

// testPreviewAgrees previews everybody, then freezes: what was told of each is what became of
// each, and asking changed nothing.
func testPreviewAgrees(w *world, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 11))
	keys := w.people(random, 24)
	freeze := randomFreeze(random)
	if seed%3 == 0 {
		// Some have a mailbox already, and of these some object.
		before := randomFreeze(random)
		before.Key = "before"
		run := w.freeze(before)
		// And some of those object.
		for _, row := range w.query(`SELECT m.address_id AS id FROM outreach_message m WHERE m.run_id = $1 ORDER BY m.seq`, run.ID) {
			if random.IntN(3) == 0 {
				w.objects(row["id"].(int64), pick(random, []string{"news", "other", store.AllTopics}))
			}
		}
		w.load(from("crm", row("party").who("party").under("late").named("late", "FR").at("box1@firm.example")))
		w.belong("one", "", "late")
		keys = append(keys, "late")
	}
	before := w.everything()
	foreseen, matched, dropped := []string{}, int64(0), map[string]int64{}
	for _, key := range keys {
		p := w.preview(freeze, nil, key)
		foreseen = append(foreseen, asText(p.Recipients, false)...)
		if p.Matched {
			matched++
		}
		for reason, count := range p.Dropped {
			dropped[reason] += count
		}
		if len(p.Recipients) == 0 && p.Matched && len(p.Dropped) == 0 {
			w.t.Errorf("nobody is written to at %s, and nothing says why", key)
		}
	}
	if w.everything() != before {
		w.t.Error("previews changed the store")
	}
	run := w.freeze(freeze)
	all, err := w.RecipientsOf(w.t.Context(), run.ID, upTo(run.Recipients), store.RecipientParts{})
	if err != nil {
		w.t.Fatal(err)
	}
	sort.Strings(foreseen)
	frozen := asText(all, false)
	sort.Strings(frozen)
	if fmt.Sprint(foreseen) != fmt.Sprint(frozen) || matched != run.Matched || fmt.Sprint(dropped) != fmt.Sprint(run.Dropped) {
		w.t.Errorf("foreseen of %d matched, dropped %v:\n%v\nfrozen of %d matched, dropped %v:\n%v", matched, dropped, foreseen, run.Matched, run.Dropped, frozen)
	}
	// Of the run as it is kept, numbers are known as well.
	foreseen = nil
	for _, key := range keys {
		foreseen = append(foreseen, asText(w.preview(freeze, run, key).Recipients, true)...)
	}
	sort.Strings(foreseen)
	frozen = asText(all, true)
	sort.Strings(frozen)
	if fmt.Sprint(foreseen) != fmt.Sprint(frozen) {
		w.t.Errorf("of the frozen run is told\n%v\nand it is\n%v", foreseen, frozen)
	}
	w.t.Logf("%d matched, %d written to, dropped %v", run.Matched, run.Recipients, run.Dropped)
}

func (w *world) preview(freeze store.Freeze, run *store.Run, key string) store.Preview {
	w.t.Helper()
	p, err := w.Preview(w.t.Context(), freeze, run, w.codeOf("crm", key), store.RecipientParts{})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// asText is recipients as text, with all that is told of them.
func asText(recipients []store.Recipient, numbered bool) []string {
	var all []string
	for _, r := range recipients {
		if !numbered {
			// Before a freeze a mailbox may have no number yet.
			r.Seq, r.AddressID = 0, 0
		}
		text, err := json.Marshal(r)
		if err != nil {
			panic(err) // texts and numbers
		}
		all = append(all, string(text))
	}
	return all
}

// testParts: attributes and figures of a series are read where they are asked for.
func testParts(t *testing.T, w *world) {
	w.declare(customer.Attribute{Name: "fleet", Kind: customer.Decimal}, customer.Attribute{Name: "craft", Kind: customer.Text}, customer.Attribute{Name: "hidden", Kind: customer.Text}, customer.Attribute{Name: "vip", Kind: customer.Truth})
	w.load(yearly("Fair", 2024, 2024))
	w.load(from("crm",
		row("party").who("party").under("A").named("A", "FR").at("a@a.example").attribute("fleet", customer.Decimal, int64(1_500_000)).attribute("craft", customer.Text, "rotor \"x\"").attribute("hidden", customer.Text, "secret").attribute("vip", customer.Truth, true),
		row("party").who("party").under("B").named("B", "FR").at("b@b.example")))
	w.load(from("crm", row("participation").edition("Fair", "2024").set("role", "Exhibitor").set("status", "Attended").set("area", int64(3_650)).customer("A", "FR").under("A")))
	w.refresh()
	w.belong("all", "", "A", "B")
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	parts := store.RecipientParts{Attributes: map[string]customer.Kind{"fleet": customer.Decimal, "craft": customer.Text, "vip": customer.Truth, "nothing": customer.Text}, Series: "Fair"}
	all, err := w.RecipientsOf(t.Context(), run.ID, upTo(2), parts)
	if err != nil || len(all) != 2 {
		t.Fatalf("read were %+v, %v", all, err)
	}
	for _, r := range all {
		told := map[string]string{}
		for _, a := range r.Customer.Attributes {
			told[a.Name] = fmt.Sprint(a.Kind, " ", a.Value.Number, a.Value.Text)
		}
		attributes, figures := "map[craft:text 0rotor \"x\" fleet:decimal 1500000 vip:true or false 1]", "1 3650"
		if r.Name == "B" {
			attributes, figures = "map[]", "0 0"
		}
		if fmt.Sprint(told) != attributes || r.Series == nil || fmt.Sprint(r.Series.Participations, " ", r.Series.BoothArea.Int64) != figures {
			t.Errorf("of %s is told %v and %+v, want %s and %s", r.Name, told, r.Series, attributes, figures)
		}
	}
	// Who asks for nothing is told nothing.
	all, err = w.RecipientsOf(t.Context(), run.ID, upTo(2), store.RecipientParts{})
	if err != nil || all[0].Series != nil || all[0].Customer.Attributes != nil {
		t.Errorf("without being asked for is told %+v, %v", all, err)
	}
	// What is declared as sensitive is none that a message may tell.
	w.exec(`UPDATE store SET sensitive_fields = '["hidden"]'`)
	if kinds, err := w.ToldAttributes(t.Context()); err != nil || len(kinds) != 3 || kinds["craft"] != customer.Text || kinds["fleet"] != customer.Decimal {
		t.Errorf("messages may tell %v, %v", kinds, err)
	}
	p, err := w.Preview(t.Context(), store.Freeze{Key: "other", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}, nil, w.codeOf("crm", "A"), parts)
	if err != nil || len(p.Recipients) != 1 || len(p.Recipients[0].Customer.Attributes) != 3 || p.Recipients[0].Series.Participations != 1 {
		t.Errorf("previewed is %+v, %v", p, err)
	}
}

func testPreviewOfNobody(t *testing.T, w *world) {
	w.manyRecipients()
	freeze := store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split", Classes: []string{"gold"}}}}}
	ask := func(code string) error {
		_, err := w.Preview(t.Context(), freeze, nil, code, store.RecipientParts{})
		return err
	}
	var none *store.NotFoundError
	if err := ask("nobody"); !errors.As(err, &none) {
		t.Errorf("of nobody comes %v", err)
	}
	code := w.codeOf("crm", "Ann")
	w.erase(code)
	if err := ask(code); !errors.As(err, &none) {
		t.Errorf("of an erased one comes %v", err)
	}
	p := w.preview(freeze, nil, "C")
	if p.Matched || len(p.Dropped) != 0 || len(p.Recipients) != 0 || fmt.Sprint(p.Segments) != "map[all: split:lead]" {
		t.Errorf("of who is not in the audience is told %+v", p)
	}
}

// upTo are the numbers of that many messages.
func upTo(last int64) (seqs []int64) {
	for seq := range last {
		seqs = append(seqs, seq+1)
	}
	return seqs
}
