package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

func testFreeze(t *testing.T, s *suite) {
	t.Run("Recipients", func(t *testing.T) { testRecipients(t, s.world(t)) })
	t.Run("RecipientsOf", func(t *testing.T) { testRecipientsOf(t, s.world(t)) })
	t.Run("Holdout", func(t *testing.T) { testHoldout(t, s.world(t)) })
	t.Run("HeldLast", func(t *testing.T) { testHeldLast(t, s.world(t)) })
	t.Run("OneKeyOneRun", func(t *testing.T) { testOneKeyOneRun(t, s.world(t)) })
	t.Run("Shards", func(t *testing.T) { testShards(t, s.world(t)) })
}

// belong puts customers into a segment, by the keys of crm.
func (w *world) belong(segment, class string, keys ...string) {
	w.t.Helper()
	for _, key := range keys {
		w.exec(`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT $1, p.id, $2, 0 FROM party p WHERE p.code = $3`, segment, class, w.codeOf("crm", key))
	}
}

func (w *world) freeze(freeze store.Freeze) *store.Run {
	w.t.Helper()
	run, err := w.Freeze(w.t.Context(), freeze)
	if err != nil {
		w.t.Fatal(err)
	}
	return run
}

// recipients of a run, such as "A>Ann 0": customer, recipient and message.
func (w *world) recipients(run *store.Run) string {
	w.t.Helper()
	var all []string
	for _, row := range w.query(`SELECT c.name AS customer, r.name AS recipient, m.locale FROM outreach_message m JOIN party c ON c.id = m.customer_id JOIN party r ON r.id = m.recipient_id WHERE m.run_id = $1`, run.ID) {
		all = append(all, fmt.Sprint(row["customer"], ">", row["recipient"], " ", row["locale"]))
	}
	sort.Strings(all)
	return strings.Join(all, ", ")
}

// manyRecipients are customers with contacts of every kind.
func (w *world) manyRecipients() {
	w.t.Helper()
	party := func(key, name, kind string) *line {
		return row("party").who("party").under(key).named(name, "FR").says("kind", kind)
	}
	firm := func(key string) *line { return party(key, key, "Organization") }
	works := func(person, firm string, roles int64) *line {
		return row("affiliation").who("person").under(person).named(person, "FR").set("roles", roles).who("organization").under(firm).named(firm, "FR")
	}
	w.load(from("crm",
		firm("A"), firm("B").at("office@b.example"), firm("D").at("d@d.example"), firm("E").at("Ann@a.example"), firm("F"), firm("G").at("g@g.example").says("locale", "de-CH"), firm("H").at("h@h.example"),
		party("C", "C", "Person").at("c@c.example").says("locale", "fr"),
		party("Ann", "Ann", "Person").at("ann@a.example").says("locale", "de"), party("Bob", "Bob", "Person").at("bob@a.example"), party("Cid", "Cid", "Person"), party("Dan", "Dan", "Person").at("dan@h.example")))
	// Marketing is 2, Logistics 4, OnSite 16.
	w.load(from("crm", works("Ann", "A", 2).set("primary", true), works("Bob", "A", 4|16), works("Cid", "B", 2), works("Dan", "H", 2).set("to", day(2025, 12, 31))))
	w.load(from("crm", row("suppression").set("medium", "Email").set("address", "D@d.example").set("scope", "Promotional")))
	w.belong("all", "", "A", "B", "C", "D", "E", "F", "G", "H")
	w.belong("split", "gold", "A", "B")
	w.belong("split", "lead", "C")
	w.belong("out", "", "G")
}

func testRecipients(t *testing.T, w *world) {
	w.manyRecipients()
	w.load(from("crm", row("consent").set("topic", "news").set("medium", "Email").set("legalBasis", "Consent").set("given", day(2025, 1, 1)).who("person").under("Ann").named("Ann", "FR"),
		row("consent").set("topic", "news").set("medium", "Email").set("legalBasis", "Consent").set("given", day(2025, 1, 1)).set("withdrawn", day(2025, 6, 1)).who("person").under("Bob").named("Bob", "FR")))
	all := []store.SegmentChoice{{Name: "all"}}
	for i, test := range []struct {
		what    string
		freeze  store.Freeze
		matched int64
		want    string
		dropped string
	}{
		{"the first contact of each", store.Freeze{Audience: store.Audience{Include: all}}, 8,
			"A>Ann 0, B>B 0, C>C 0, D>D 0, G>G 0, H>H 0", `{"DuplicateAddress":1,"NoAddress":1}`},
		{"promotional", store.Freeze{Audience: store.Audience{Include: all}, Promotional: true}, 8,
			"A>Ann 0, B>B 0, C>C 0, G>G 0, H>H 0", `{"DuplicateAddress":1,"NoAddress":1,"Suppressed":1}`},
		{"only some, and in their languages", store.Freeze{Audience: store.Audience{Include: all, Exclude: []store.SegmentChoice{{Name: "split", Classes: []string{"lead"}}, {Name: "none"}}}, Locales: []string{"en", "de", "de-CH"}}, 7,
			"A>Ann 1, B>B 0, D>D 0, G>G 2, H>H 0", `{"DuplicateAddress":1,"NoAddress":1}`},
		{"members of all", store.Freeze{Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}, {Name: "split", Classes: []string{"gold", "lead"}}}}, Locales: []string{"en", "fr-FR"}}, 3,
			"A>Ann 0, B>B 0, C>C 1", `{}`},
		{"members of any", store.Freeze{Audience: store.Audience{Include: []store.SegmentChoice{{Name: "out"}, {Name: "split", Classes: []string{"gold"}}}, Any: true}}, 3,
			"A>Ann 0, B>B 0, G>G 0", `{}`},
		{"everybody there", store.Freeze{Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split"}}, AllPersons: true}}, 3,
			"A>Ann 0, A>Bob 0, B>B 0, C>C 0", `{}`},
		{"the best role", store.Freeze{Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split"}}, ContactRoles: []string{"OnSite", "Marketing"}}}, 3,
			"A>Bob 0, B>B 0, C>C 0", `{}`},
		{"all with a role, and nobody else", store.Freeze{Audience: store.Audience{Include: all, ContactRoles: []string{"Marketing", "OnSite"}, AllPersons: true, NoFallback: true}}, 8,
			"A>Ann 0, A>Bob 0, C>C 0", `{"NoAddress":1,"NoContactForRole":5}`},
		{"who agreed", store.Freeze{Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split"}}, AllPersons: true}, Topic: "news", NeedsConsent: true}, 3,
			"A>Ann 0", `{"NoConsent":3}`},
	} {
		test.freeze.Key, test.freeze.Medium = fmt.Sprint("run-", i), "Email"
		run := w.freeze(test.freeze)
		dropped, err := json.Marshal(run.Dropped)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.recipients(run); got != test.want || string(dropped) != test.dropped || run.Matched != test.matched || run.Recipients != int64(strings.Count(test.want, ">")) {
			t.Errorf("%s: of %d matched %d are written to, %s; dropped %s; want %s and %s", test.what, run.Matched, run.Recipients, got, dropped, test.want, test.dropped)
		}
	}
	// The erased are not written to, be it that somebody kept their address.
	w.erase(w.codeOf("crm", "Ann"))
	if got := w.recipients(w.freeze(store.Freeze{Key: "after", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split"}}}})); got != "A>Bob 0, B>B 0, C>C 0" {
		t.Errorf("after an erasure %s are written to", got)
	}
	if run := w.freeze(store.Freeze{Key: "kept", Medium: "Email", Audience: store.Audience{Include: all}}); run.Dropped[store.DroppedSuppressed] != 1 {
		t.Errorf("an erased person's mailbox is written to at another's: %v", run.Dropped)
	}
}

// testHoldout: who hears nothing is the same for a key, others for another, and as many as
// it was asked for.
func testHoldout(t *testing.T, w *world) {
	const customers = 2_000
	var lines []*line
	for i := range customers {
		lines = append(lines, row("party").who("party").under(fmt.Sprint("P", i)).named(fmt.Sprint("Firm ", i), "FR").at(fmt.Sprintf("office%d@firm.example", i)))
	}
	w.load(from("crm", lines...))
	w.exec(`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', p.id, '', 0 FROM party p`)
	written := map[string]map[any]bool{}
	for _, key := range []string{"one", "same", "other"} {
		holdout := key
		if key == "same" {
			holdout = "one"
		}
		run := w.freeze(store.Freeze{Key: key, Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}, Holdout: 2_000, HoldoutKey: holdout})
		written[key] = map[any]bool{}
		for _, row := range w.query(`SELECT m.customer_id FROM outreach_message m WHERE m.run_id = $1`, run.ID) {
			written[key][row["customer_id"]] = true
		}
		// A fifth of them, give or take six standard deviations.
		if held := run.Dropped[store.DroppedHoldout]; held < 290 || held > 510 || run.Recipients != customers-held {
			t.Errorf("%s: %d of %d hear nothing, want about 400", key, held, customers)
		}
	}
	both := 0
	for customer := range written["one"] {
		if !written["same"][customer] {
			t.Fatal("the same key holds out others")
		}
		if written["other"][customer] {
			both++
		}
	}
	// Four fifths of four fifths: the two have nothing to do with each other.
	if share := float64(both) / customers; share < 0.58 || share > 0.70 {
		t.Errorf("%.3f hear of both, want about 0.64", share)
	}
}

// testHeldLast: who hears nothing would have been written to otherwise, and takes no mailbox away
// from anybody who is.
func testHeldLast(t *testing.T, w *world) {
	w.manyRecipients()
	freeze := store.Freeze{Medium: "Email", Promotional: true, Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}, AllPersons: true}}
	apart := 0
	for i := range 24 {
		freeze.Key = fmt.Sprint("k", i)
		freeze.Holdout, freeze.HoldoutKey = 5_000, freeze.Key
		if i == 0 {
			freeze.Holdout = 10_000
		}
		run := w.freeze(freeze)
		var held []string
		for _, row := range w.query(`SELECT p.name FROM outreach_held h JOIN party p ON p.id = h.customer_id WHERE h.run_id = $1 ORDER BY p.name`, run.ID) {
			held = append(held, fmt.Sprint(row["name"]))
		}
		if run.Dropped[store.DroppedHoldout] != int64(len(held)) || run.Dropped[store.DroppedSuppressed] != 1 || run.Dropped[store.DroppedNoAddress] != 1 {
			t.Errorf("%v hear nothing, and dropped are %v", held, run.Dropped)
		}
		// Both persons of A hear nothing, and A is one customer; E has the mailbox of one of them.
		if i == 0 && (strings.Join(held, "") != "ABCGH" || run.Recipients != 0 || run.Dropped[store.DroppedDuplicateAddress] != 1) {
			t.Errorf("of everybody %v hear nothing; dropped are %v", held, run.Dropped)
		}
		seen := map[string]int{}
		for _, name := range held {
			seen[name]++
		}
		for _, row := range w.query(`SELECT DISTINCT c.name FROM outreach_message m JOIN party c ON c.id = m.customer_id WHERE m.run_id = $1`, run.ID) {
			seen[fmt.Sprint(row["name"])]++
		}
		for _, name := range []string{"A", "B", "C", "G", "H"} {
			if seen[name] != 1 {
				t.Errorf("%s is %d times among those who are written to and those who hear nothing", name, seen[name])
			}
		}
		if seen["E"] == 1 {
			apart++
		}
		if want := int64(1 - seen["E"]); run.Dropped[store.DroppedDuplicateAddress] != want {
			t.Errorf("E is looked at as %d, and dropped are %v", seen["E"], run.Dropped)
		}
	}
	if apart == 0 || apart == 24 {
		t.Errorf("who shares a mailbox is of another group %d times of 24", apart)
	}
}

func testOneKeyOneRun(t *testing.T, w *world) {
	w.manyRecipients()
	freeze := store.Freeze{
		Key: "k", Owner: store.RunOwner{UID: "1", Namespace: "expo", Name: "a"}, Plan: `{"subject":"x"}`, AtLeastOnce: true, Medium: "Email",
		Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}},
	}
	run := w.freeze(freeze)
	if run.State != store.RunFrozen || !run.AtLeastOnce || run.Plan != freeze.Plan || run.Owner != freeze.Owner || !strings.HasPrefix(run.PlanDigest, "sha256:") || len(run.PlanDigest) != 71 {
		t.Errorf("the run is %+v", run)
	}
	before := w.everything()
	if again := w.freeze(freeze); fmt.Sprint(*again) != fmt.Sprint(*run) || w.everything() != before {
		t.Errorf("frozen again it is %+v", again)
	}
	freeze.Owner.UID = "2"
	_, err := w.Freeze(t.Context(), freeze)
	var used *store.RunKeyUsedError
	if !errors.As(err, &used) || used.Owner.Name != "a" || w.everything() != before {
		t.Errorf("under a used key another Outreach gets %v", err)
	}
	// Whoever adopts it has it from then on.
	for i, want := range []bool{true, false} {
		if adopted, err := w.AdoptRun(t.Context(), run.ID, "1", "2"); err != nil || adopted != want {
			t.Errorf("adopting for time %d: %t, %v", i+1, adopted, err)
		}
	}
	if again := w.freeze(freeze); again.ID != run.ID || again.Owner.UID != "2" {
		t.Errorf("adopted it is %+v", again)
	}
	// Another plan or other recipients have another digest.
	digests := map[string]bool{run.PlanDigest: true}
	for i, change := range []func(*store.Freeze){
		func(f *store.Freeze) { f.Plan = `{"subject":"y"}` },
		func(f *store.Freeze) { f.Audience.Exclude = []store.SegmentChoice{{Name: "out"}} },
		func(f *store.Freeze) { f.Locales = []string{"en", "fr"} },
	} {
		changed := freeze
		changed.Key = fmt.Sprint("changed", i)
		change(&changed)
		digests[w.freeze(changed).PlanDigest] = true
	}
	if len(digests) != 4 {
		t.Errorf("there are %d digests of 4 plans", len(digests))
	}
	if same := freeze; true {
		same.Key = "same"
		if got := w.freeze(same).PlanDigest; got != run.PlanDigest {
			t.Errorf("the digest of the same plan is %s, want %s", got, run.PlanDigest)
		}
	}

	for _, step := range []struct {
		from []store.RunState
		to   store.RunState
		done bool
	}{
		{[]store.RunState{store.RunPaused}, store.RunSending, false}, {[]store.RunState{store.RunFrozen, store.RunPaused}, store.RunSending, true},
		{[]store.RunState{store.RunSending}, store.RunPaused, true}, {[]store.RunState{store.RunFrozen, store.RunPaused}, store.RunSending, true},
		{[]store.RunState{store.RunSending}, store.RunCancelled, true}, {[]store.RunState{store.RunCancelled}, store.RunSending, false},
	} {
		if done, err := w.SetRunState(t.Context(), run.ID, step.from, step.to, "why"); err != nil || done != step.done {
			t.Errorf("from %v to %s: %t, %v", step.from, step.to, done, err)
		}
	}
	found, err := w.RunByKey(t.Context(), "k")
	if err != nil || found.State != store.RunCancelled || found.Reason != "why" || found.StartedAt == 0 || found.SettledAt == 0 {
		t.Errorf("the run is %+v, %v", found, err)
	}
	if none, err := w.RunByKey(t.Context(), "nothing"); err != nil || none != nil {
		t.Errorf("of a key that nobody used there is %+v, %v", none, err)
	}
}

// testShards: they cover the run without gaps.
func testShards(t *testing.T, w *world) {
	var lines []*line
	for i := range 450 {
		lines = append(lines, row("party").who("party").under(fmt.Sprint("P", i)).named(fmt.Sprint("Firm ", i), "FR").at(fmt.Sprintf("office%d@firm.example", i)))
	}
	w.load(from("crm", lines...))
	w.exec(`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', p.id, '', 0 FROM party p`)
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	if got := fmt.Sprint(w.query(`SELECT no, start_seq, lo, hi, end_seq FROM outreach_shard WHERE run_id = $1 ORDER BY no`, run.ID)); got !=
		"[map[end_seq:201 hi:1 lo:1 no:0 start_seq:1] map[end_seq:401 hi:201 lo:201 no:1 start_seq:201] map[end_seq:451 hi:401 lo:401 no:2 start_seq:401]]" {
		t.Errorf("the shards are %s", got)
	}
	w.expectNumber(450, "numbers of messages from 1 on", `SELECT count(*) FROM outreach_message WHERE run_id = $1 AND seq BETWEEN 1 AND 450`, run.ID)
	counts, err := w.MessagesOf(t.Context(), run.ID)
	if err != nil || counts != (store.MessageCounts{Pending: 450}) || counts.Settled() {
		t.Errorf("messages are %+v, %v", counts, err)
	}
	empty := w.freeze(store.Freeze{Key: "empty", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "none"}}}})
	if counts, err = w.MessagesOf(t.Context(), empty.ID); err != nil || !counts.Settled() || empty.Recipients != 0 || empty.Matched != 0 {
		t.Errorf("of nobody the messages are %+v, %v", counts, err)
	}
}

// testRecipientsOf: what a message may tell, and what changed since it was frozen.
func testRecipientsOf(t *testing.T, w *world) {
	w.manyRecipients()
	w.load(from("crm", row("accountOwner").who("customer").under("A").named("A", "FR").who("staff").under("Sue").named("Sue", "FR").at("sue@airshow.example")))
	w.refresh()
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split"}}, AllPersons: true}, Locales: []string{"en", "de"}})
	read := func(from, to int64, more ...int64) map[string]store.Recipient {
		t.Helper()
		for seq := from; seq < to; seq++ {
			more = append(more, seq)
		}
		all, err := w.RecipientsOf(t.Context(), run.ID, more, store.RecipientParts{Position: true, Figures: true, AccountManager: true})
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]store.Recipient{}
		for _, r := range all {
			named[r.Name] = r
		}
		if len(named) != len(all) {
			t.Fatalf("somebody is read twice: %+v", all)
		}
		return named
	}
	all := read(1, 5)
	ann := all["Ann"]
	if len(all) != 4 || ann.Address != "ann@a.example" || ann.Locale != "de" || ann.Message != 1 || ann.Customer.Name != "A" || ann.Suppressed || ann.AccountManager == nil || *ann.AccountManager != (store.AccountManager{Name: "Sue", Email: "sue@airshow.example"}) {
		t.Errorf("read were %+v", all)
	}
	if got := read(ann.Seq, ann.Seq, ann.Seq); len(got) != 1 || fmt.Sprint(got["Ann"].Customer) != fmt.Sprint(ann.Customer) {
		t.Errorf("by its number is read %+v", got)
	}
	if got := read(2, 2); len(got) != 0 {
		t.Errorf("of nothing is read %+v", got)
	}
	w.load(from("crm", row("suppression").set("medium", "Email").set("address", "bob@a.example").set("scope", "All")))
	if got := read(1, 5); !got["Bob"].Suppressed || got["Ann"].Suppressed {
		t.Errorf("who objected meanwhile is read as %+v", got)
	}
	w.erase(w.codeOf("crm", "Ann"))
	for name, r := range read(1, 5) {
		if strings.Contains(r.Address, "ann") || name == "Ann" {
			t.Errorf("of an erased person is read %+v", r)
		}
	}
}
