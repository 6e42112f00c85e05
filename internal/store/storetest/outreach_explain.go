package storetest

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/internal/store"
)

func testExplainOutreach(t *testing.T, s *suite) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { testExplainAgrees(s.world(t), seed) })
		if t.Failed() {
			return
		}
	}
	t.Run("Reasons", func(t *testing.T) { testExplainedReasons(t, s.world(t)) })
	t.Run("Mailbox", func(t *testing.T) { testExplainedMailbox(t, s.world(t)) })
	t.Run("Sent", func(t *testing.T) { testExplainedMessages(t, s.world(t)) })
	t.Run("Rule", func(t *testing.T) { testExplainedRule(t, s.world(t)) })
}

func (w *world) explain(freeze store.Freeze, run *store.Run, rule, key string) store.OutreachExplanation {
	w.t.Helper()
	explained, err := w.ExplainOutreach(w.t.Context(), freeze, run, rule, w.codeOf("crm", key))
	if err != nil {
		w.t.Fatal(err)
	}
	return explained
}

// testExplainAgrees: of each customer who is told to be written to is who is, and reasons are
// told as often as they are counted.
func testExplainAgrees(w *world, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 12))
	keys := w.people(random, 24)
	freeze := randomFreeze(random)
	before := w.everything()
	for _, key := range keys {
		seen, explained := w.preview(freeze, nil, key), w.explain(freeze, nil, "", key)
		if fmt.Sprint(seen) != fmt.Sprint(explained.Preview) {
			w.t.Errorf("previewed is %+v, and explained %+v", seen, explained.Preview)
		}
		if considered := seen.Matched && seen.Dropped[store.DroppedHoldout] == 0; considered != (len(explained.Persons) > 0) {
			w.t.Errorf("at %s %d are told of, and the freeze says %+v", key, len(explained.Persons), seen)
		}
		var written, foreseen []string
		counted := map[string]int64{}
		for _, p := range explained.Persons {
			switch p.Reason {
			case "":
				written = append(written, p.Name)
			case store.DroppedNoAddress, store.DroppedNoContactForRole, store.ConsideredOther, store.ConsideredNotThere:
				// Of the customer as a whole, or of nobody who would be written to.
			default:
				counted[p.Reason]++
			}
			if (p.Reason == store.DroppedDuplicateAddress) != (p.MailboxOf[0] != "" && p.MailboxOf[1] != "") {
				w.t.Errorf("%s at %s is told %s, and whose mailbox it is: %q", p.Name, key, p.Reason, p.MailboxOf)
			}
		}
		for _, r := range seen.Recipients {
			foreseen = append(foreseen, r.Name)
		}
		for _, reason := range []string{store.DroppedHoldout, store.DroppedNoAddress, store.DroppedNoContactForRole} {
			delete(seen.Dropped, reason)
		}
		sort.Strings(written)
		sort.Strings(foreseen)
		if fmt.Sprint(written) != fmt.Sprint(foreseen) || fmt.Sprint(counted) != fmt.Sprint(seen.Dropped) {
			w.t.Errorf("at %s %v are told to be written to, dropped %v; they are %v, dropped %v", key, written, counted, foreseen, seen.Dropped)
		}
	}
	if w.everything() != before {
		w.t.Error("explanations changed the store")
	}
}

// reasons are who was considered and why they are not written to, such as "Ann[Marketing] Bob:OtherContact".
func reasons(persons []store.Considered) string {
	var all []string
	for _, p := range persons {
		text := p.Name
		if len(p.Roles) > 0 {
			text += fmt.Sprint(p.Roles)
		}
		if p.Reason != "" {
			text += ":" + p.Reason
		}
		all = append(all, text)
	}
	return strings.Join(all, " ")
}

func testExplainedReasons(t *testing.T, w *world) {
	w.manyRecipients()
	all := store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}
	marketing := all
	marketing.ContactRoles, marketing.NoFallback = []string{"Marketing"}, true
	held := store.Freeze{Audience: all, Holdout: 10_000, HoldoutKey: "h"}
	for _, test := range []struct {
		key    string
		freeze store.Freeze
		want   string
	}{
		{"A", store.Freeze{Audience: all}, "Ann[Marketing] Bob[Logistics OnSite]:OtherContact A:NoAddress"},
		{"B", store.Freeze{Audience: all}, "B Cid[Marketing]:NoAddress"},
		{"C", store.Freeze{Audience: all}, "C"},
		{"D", store.Freeze{Audience: all, Promotional: true}, "D:Suppressed"},
		{"E", store.Freeze{Audience: all}, "E:DuplicateAddress"},
		{"F", store.Freeze{Audience: all}, "F:NoAddress"},
		{"H", store.Freeze{Audience: all}, "H Dan:NotThere"},
		{"A", store.Freeze{Audience: marketing}, "Ann[Marketing] A:NoContactForRole Bob[Logistics OnSite]:NoContactForRole"},
		{"C", store.Freeze{Audience: all, Topic: "news", NeedsConsent: true}, "C:NoConsent"},
		{"C", held, ""},
		{"C", store.Freeze{Audience: store.Audience{Include: []store.SegmentChoice{{Name: "out"}}}}, ""},
		{"A", store.Freeze{Audience: all, Anniversary: &store.Anniversary{Field: store.AnniversaryFoundingDay}}, ""},
	} {
		test.freeze.Key, test.freeze.Medium = "k", "Email"
		explained := w.explain(test.freeze, nil, "", test.key)
		if got := reasons(explained.Persons); got != test.want {
			t.Errorf("%s, %+v: considered are %s, want %s", test.key, test.freeze.Audience, got, test.want)
		}
		if explained.Messages != nil || explained.HeldFrom != nil {
			t.Errorf("%s: without a run messages are told: %+v", test.key, explained)
		}
	}
	other := w.explain(store.Freeze{Key: "k", Medium: "Email", Audience: all}, nil, "", "E").Persons[0].MailboxOf
	if want := [2]string{w.codeOf("crm", "A"), w.codeOf("crm", "Ann")}; other != want {
		t.Errorf("the mailbox is that of %q, want %q", other, want)
	}
	w.exec(`UPDATE contact_point SET state = 'Bounced' WHERE address = 'g@g.example'`)
	if p := w.explain(store.Freeze{Key: "k", Medium: "Email", Audience: all}, nil, "", "G").Persons[0]; p.Reason != store.DroppedNoAddress || fmt.Sprint(p.BadAddresses) != "[Bounced]" {
		t.Errorf("of an address that bounced is told %+v", p)
	}
}

// testExplainedMailbox: what is known of a mailbox and of consents, also what is over.
func testExplainedMailbox(t *testing.T, w *world) {
	w.manyRecipients()
	consent := func() *line {
		return row("consent").set("medium", "Email").set("legalBasis", "Consent").who("person").under("C").named("C", "FR")
	}
	w.load(from("crm",
		consent().keyed("one").set("topic", "news").set("given", day(2024, 1, 1)).set("expires", day(2024, 12, 31)),
		consent().keyed("two").set("topic", "news").set("given", day(2025, 1, 1)).set("withdrawn", day(2025, 6, 1)),
		consent().keyed("three").set("topic", "other").set("given", day(2025, 1, 1))))
	w.load(from("crm", row("suppression").set("medium", "Email").set("address", "c@c.example").set("scope", "All").set("reason", "HardBounce").set("at", day(2025, 2, 1)).set("expires", day(2025, 3, 1))))
	freeze := store.Freeze{Key: "k", Medium: "Email", Topic: "news", Promotional: true, NeedsConsent: true, Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}
	// Before it was ever written to a mailbox has no number.
	if p := w.explain(freeze, nil, "", "C").Persons[0]; p.Objections != nil || p.Contacts != nil || len(p.Suppressions) != 1 {
		t.Errorf("of a mailbox without a number is told %+v", p)
	}
	w.freeze(store.Freeze{Key: "before", Medium: "Email", Audience: freeze.Audience})
	w.exec(`INSERT INTO objection (id, address_id, medium, topic, at, method, taken_back_at) SELECT 1, k.address_id, 'Email', 'news', 5, 'Page', 6 FROM contact_point k WHERE k.address = 'c@c.example'`)
	w.exec(`INSERT INTO objection (id, address_id, medium, topic, at, method) SELECT 2, k.address_id, 'Email', '', 7, 'OneClick' FROM contact_point k WHERE k.address = 'c@c.example'`)
	w.exec(`INSERT INTO objection (id, address_id, medium, topic, at, method) SELECT 3, k.address_id, 'Email', 'other', 8, 'OneClick' FROM contact_point k WHERE k.address = 'c@c.example'`)
	w.exec(`INSERT INTO contact_pressure (address_id, medium, t1, t2) SELECT k.address_id, 'Email', 20, 10 FROM contact_point k WHERE k.address = 'c@c.example'`)
	w.exec(`INSERT INTO contact_pressure (address_id, medium, t1) SELECT k.address_id, 'Task', 30 FROM contact_point k WHERE k.address = 'c@c.example'`)
	p := w.explain(freeze, nil, "", "C").Persons[0]
	got := fmt.Sprint(p.Reason, p.Consents, p.Suppressions, p.Objections, p.Contacts)
	want := fmt.Sprint(store.DroppedNoConsent, []store.GivenConsent{{Given: day(2024, 1, 1), Expires: day(2024, 12, 31)}, {Given: day(2025, 1, 1), Withdrawn: day(2025, 6, 1)}},
		[]store.KnownSuppression{{Scope: "All", Reason: "HardBounce", At: day(2025, 2, 1), Expires: day(2025, 3, 1)}},
		[]store.KnownObjection{{Topic: "news", Method: "Page", At: 5, TakenBackAt: 6}, {Method: "OneClick", At: 7}},
		[]store.PastContacts{{Medium: "Email", At: []int64{20, 10}}, {Medium: "Task", At: []int64{30}}})
	if got != want {
		t.Errorf("told is\n%s\nwant\n%s", got, want)
	}
	// Of others nothing is told.
	if p := w.explain(freeze, nil, "", "G").Persons[0]; p.Consents != nil || p.Suppressions != nil || p.Objections != nil || p.Contacts != nil {
		t.Errorf("of another mailbox is told %+v", p)
	}
}

// testExplainedMessages: what became of each message of a run is told.
func testExplainedMessages(t *testing.T, w *world) {
	run := w.running(6, false)
	shard := w.lease(run, 1)[0]
	w.settle(store.Settlement{Shard: shard, Next: 4})
	shard = store.Shard{Run: run.ID, No: shard.No, Epoch: shard.Epoch, Step: shard.Step + 1}
	w.settle(store.Settlement{Shard: shard, Next: 1, Outcomes: []store.Outcome{
		{Seq: 1, Attempt: 1, State: store.MessageSent, Code: "250"}, {Seq: 2, Attempt: 1, State: store.MessageFailed, Code: "550 5.1.1"}, {Seq: 3, Attempt: 1, State: store.MessageUnknown},
	}, Later: []store.Later{{Seq: 4, Attempts: 1, Due: 77, Code: "451"}}})
	w.exec(`UPDATE outreach_outcome SET state = 'Resent' WHERE seq = 3`)
	w.exec(`INSERT INTO outreach_outcome (run_id, seq, attempt, state, at) SELECT run_id, seq, 2, 'Sent', at + 1 FROM outreach_outcome WHERE seq = 3`)
	w.exec(`UPDATE outreach_shard SET not_before = 5, not_after = 9`)
	told := map[int64]string{}
	for i := range 6 {
		explained := w.explain(store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}, run, "", fmt.Sprint("P", i))
		if len(explained.Messages) != 1 {
			t.Fatalf("of P%d are told %+v", i, explained.Messages)
		}
		m := explained.Messages[0]
		text := ""
		for _, o := range m.Outcomes {
			text += fmt.Sprint(o.Attempt, " ", o.State, " ", o.Code, " ", o.At > 0, " ")
		}
		if m.Waiting != nil {
			text += fmt.Sprint(*m.Waiting)
		}
		told[m.Seq] = strings.TrimSpace(fmt.Sprint(text, " ", m.InFlight))
		if m.Name != fmt.Sprint("Firm ", i) || m.Run.Key != "k" || m.Run.PlanDigest != run.PlanDigest || m.Run.State != store.RunSending || m.NotBefore != 5 || m.NotAfter != 9 {
			t.Errorf("of P%d is told %+v", i, m)
		}
	}
	want := map[int64]string{
		1: "1 Sent 250 true  false", 2: "1 Failed 550 5.1.1 true  false", 3: "1 Resent  true 2 Sent  true  false", 4: fmt.Sprint(store.Later{Seq: 4, Attempts: 1, Due: 77, Code: "451"}) + " false", 5: "true", 6: "false",
	}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("told is\n%v\nwant\n%v", told, want)
	}
}

// testExplainedRule: of a rule all its runs are told, also what went to a customer that was
// merged since, and what it was held out of.
func testExplainedRule(t *testing.T, w *world) {
	w.manyRecipients()
	freeze := store.Freeze{Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}
	runs := map[string]*store.Run{}
	for _, key := range []string{"r/one", "r/held", "r/two", "hand"} {
		f := freeze
		f.Key = key
		if key != "hand" {
			f.Rule = "r"
		}
		if key == "r/held" {
			f.Holdout = 10_000
		}
		runs[key] = w.freeze(f)
		w.later()
	}
	w.merge(w.codeOf("crm", "G"), w.codeOf("crm", "H"))
	keys := func(run *store.Run, rule string) string {
		explained := w.explain(freeze, run, rule, "G")
		var all []string
		for _, m := range explained.Messages {
			all = append(all, m.Run.Key+" "+m.Name)
		}
		return strings.Join(all, ", ") + fmt.Sprint(explained.HeldFrom)
	}
	for _, test := range []struct {
		run  *store.Run
		rule string
		want string
	}{
		{nil, "r", "r/one G, r/one H, r/two G, r/two H[r/held]"},
		{runs["hand"], "", "hand G, hand H[]"},
		{runs["r/held"], "", "[r/held]"},
		{nil, "", "[]"},
	} {
		if got := keys(test.run, test.rule); got != test.want {
			t.Errorf("told is %s, want %s", got, test.want)
		}
	}
}
