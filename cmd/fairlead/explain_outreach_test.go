package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/mailsink"
)

// newExplained is a previewed store where there is something to explain: persons who work at
// Falcon, consents, suppressions, an objection and messages that were sent before.
func newExplained(t *testing.T, url string) *previewed {
	t.Helper()
	p := newPreviewed(t, url, mailsink.Options{})
	persons := parties + "- {field: kind, value: Person}\n"
	imported(t, exitOK, url, write(t, "persons.yaml", persons), write(t, "persons.csv", "number,name,country,email\n11,Ann,DE,ann@falcon.example\n12,Bob,DE,bob@falcon.example\n13,Cid,DE,\n14,Dan,DE,dan@falcon.example\n15,Eve,DE,eve@firm.example\n"))
	imported(t, exitOK, url, write(t, "consents.yaml", `
source: crm
entity: consent
columns:
- {column: number, field: person.key}
- {column: name, field: person.name}
- {column: topic, field: topic}
- {field: medium, value: Email}
- {field: legalBasis, value: Consent}
- {column: given, field: given}
- {column: withdrawn, field: withdrawn}
`), write(t, "consents.csv", "number,name,topic,given,withdrawn\n11,Ann,news,2025-01-01,\n15,Eve,news,2025-01-01,2025-06-01\n"))
	imported(t, exitOK, url, write(t, "suppressions.yaml", `
source: crm
entity: suppression
columns:
- {field: medium, value: Email}
- {column: address, field: address}
- {field: scope, value: All}
- {field: reason, value: HardBounce}
`), write(t, "suppressions.csv", "address\nhobby@firm.example\n"))
	at := time.Now().Add(-time.Hour).UnixMilli()
	works := func(id int, name string, roles int, to string) string {
		return fmt.Sprintf(`INSERT INTO affiliation (id, source_id, external_key, person_id, person_record_id, organization_id, organization_record_id, roles, valid_to, digest, import_id)
			SELECT %d, 1, 'w%[1]d', p.id, 0, o.id, 0, %d, %s, 0, 0 FROM party p, party o WHERE p.name = '%s' AND o.name = 'Falcon'`, id, roles, to, name)
	}
	for _, statement := range []string{
		works(1, "Ann", 2, "NULL"), works(2, "Bob", 4|16, "NULL"), works(3, "Cid", 0, "NULL"), works(4, "Dan", 2, "86400000"),
		`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', p.id, '', 0 FROM party p WHERE p.name IN ('Hobby', 'Eve')`,
	} {
		if _, err := connect(t, url).ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	// A run before gives mailboxes numbers.
	p.freezeOf(store.Freeze{Key: "before", Plan: "{}", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}, AllPersons: true}})
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO contact_pressure (address_id, medium, t1, t2) SELECT k.address_id, 'Email', %d, 86400000 FROM contact_point k WHERE k.address = 'ann@falcon.example'`, at),
		`INSERT INTO objection (id, address_id, medium, topic, at, method) SELECT 1, k.address_id, 'Email', 'news', 86400000, 'OneClick' FROM contact_point k WHERE k.address = 'bob@falcon.example'`,
	} {
		if _, err := connect(t, url).ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return p
}

func (p *previewed) freezeOf(freeze store.Freeze) {
	p.t.Helper()
	s, err := store.Open(p.t.Context(), p.url, store.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Freeze(p.t.Context(), freeze); err != nil {
		p.t.Fatal(err)
	}
}

// explain runs explain for a customer by its name.
func (p *previewed) explain(name string, change func(string) string, more ...string) (code int, out, said string) {
	p.t.Helper()
	args := p.args(name, change, more...)
	args[0] = "explain"
	code, out, said = runCaptured(p.t, args...)
	for _, known := range []string{"Falcon", "Merlin", "Kestrel", "Hobby", "Ann", "Bob", "Cid", "Dan", "Eve"} {
		for _, found := range search(p.t, p.url, known) {
			out, said = strings.ReplaceAll(out, found.Code, "["+known+"]"), strings.ReplaceAll(said, found.Code, "["+known+"]")
		}
	}
	return code, atMoments.ReplaceAllString(out, "NOW UTC"), said
}

var atMoments = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`)

// swapped changes manifests, pairs of text and what stands in its place.
func swapped(pairs ...string) func(string) string {
	return func(m string) string { return strings.NewReplacer(pairs...).Replace(m) }
}

const (
	capped = "legalBasis: Consent}], frequencyCaps: [{medium: Email, messages: 1, perDays: 7}, {medium: Email, messages: 2, perDays: 30}, {medium: Task, messages: 1, perDays: 1}]}"
	news   = "topic: news"
)

// TestExplainOutreach: what is told of a customer that is written to, and of every reason why
// one is not.
func TestExplainOutreach(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		p := newExplained(t, newStore(t))
		before := dump(t, p.url)
		for _, test := range []struct {
			name, customer string
			change         func(string) string
			code           int
			want           string
		}{
			{"written to", "Falcon", swapped("topic: service", news, "legalBasis: Consent}]}", capped), exitOK, `[Falcon] is written to by the Outreach notice, if it were frozen now.

The audience: in it
  include all: member; the customer has no profile: nobody without a role or a fact belongs to a segment

Who was considered:
  [Ann]   Ann      Marketing           is written to
      consent to news given 2025-01-01
      the mailbox was written to by Email: NOW UTC, 1970-01-02
      cap of fair-use, 1 in 7 days: had 1, opens NOW UTC
      cap of fair-use, 2 in 30 days: had 1, open
  [Bob]   Bob      Logistics, OnSite   OtherContact: somebody else there comes first
      wants to hear nothing of news since 1970-01-02, said by OneClick
  [Falcon]   Falcon   the customer        OtherContact: somebody else there comes first
  [Cid]   Cid      no role             NoAddress: there is no address that works
  [Dan]   Dan      no role             NotThere: the person does not work there now
`},
			{"no address", "Merlin", nil, exitFailed, `
Who was considered:
  [Merlin]   Merlin   the customer   NoAddress: there is no address that works
  No cap holds: a contract or the law asks for messages about service, which no cap holds back.
`},
			{"suppressed", "Hobby", nil, exitFailed, `
Who was considered:
  [Hobby]   Hobby   the customer   Suppressed: the mailbox must not be written to
      suppressed (All): HardBounce
`},
			{"consent that was withdrawn", "Eve", swapped("topic: service", news), exitFailed, `
  [Eve]   Eve   the customer   NoConsent: the topic needs consent, and there is none that holds
      consent to news given 2025-01-01, withdrawn 2025-06-01
`},
			{"no consent", "Hobby", swapped("topic: service", news), exitFailed, `NoConsent: the topic needs consent, and there is none that holds
      no consent to news by Email was ever recorded
      suppressed (All): HardBounce
`},
			{"held out", "Falcon", swapped("  outreach:\n", "  guardrails: {holdoutPercent: 50}\n  outreach:\n", "runKey: notice-2026", "runKey: "+p.keyThatHolds("Falcon")), exitFailed, `: held out. 50 % of customers hear nothing: who does follows from the key `},
			{"outside", "Ann", nil, exitFailed, `[Ann] is not written to by the Outreach notice, if it were frozen now: it is not in the audience: it does not belong to all, which fairlead explain tells more of.

The audience: not in it
  include all: no member; the customer has no profile`},
			{"excluded", "Falcon", swapped("{include: [{segmentName: all}]}", "{include: [{segmentName: all}], exclude: [{segmentName: all}]}"), exitFailed, "  exclude all: member"},
			{"a role that nobody has", "Falcon", swapped("{include: [{segmentName: all}]}", "{include: [{segmentName: all}], deliverTo: {contactRoles: [Decision], fallback: None}}"), exitFailed, `
  [Falcon]   Falcon   the customer        NoContactForRole: no role that deliverTo names, and there is no fallback
`},
		} {
			code, out, said := p.explain(test.customer, test.change)
			if code != test.code || !strings.Contains(out, test.want) || test.name == "written to" && out != test.want {
				t.Errorf("%s: exit code %d, it said %s, and printed\n%s\nwant\n%s", test.name, code, said, out, test.want)
			}
			if code == exitFailed && !strings.Contains(said, "is not written to: ") {
				t.Errorf("%s: it said %s", test.name, said)
			}
		}
		sameDump(t, dump(t, p.url), before)
	})
}

// keyThatHolds is a run key whose half that is held out has a customer.
func (p *previewed) keyThatHolds(name string) string {
	p.t.Helper()
	s, err := store.Open(p.t.Context(), p.url, store.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	defer s.Close()
	for i := range 64 {
		key := fmt.Sprint("held-", i)
		seen, err := s.Preview(p.t.Context(), store.Freeze{Key: key, Medium: "Email", Holdout: 5_000, HoldoutKey: key, Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}}, nil, search(p.t, p.url, name)[0].Code, store.RecipientParts{})
		if err != nil {
			p.t.Fatal(err)
		}
		if seen.Dropped[store.DroppedHoldout] > 0 {
			return key
		}
	}
	p.t.Fatal("no key holds the customer out")
	return ""
}

// TestExplainSent: of a run that is frozen is told what became of the customer's messages.
func TestExplainSent(t *testing.T) {
	inBoth(t, func(t *testing.T, newStore func(*testing.T) string) {
		p := newPreviewed(t, newStore(t), mailsink.Options{})
		code, out, _ := p.explain("Kestrel", nil)
		if want := "  [Kestrel]   Kestrel   the customer   DuplicateAddress: the mailbox is written to already, for another customer\n      the mailbox is that of [Falcon], written to for [Falcon]\n"; code != exitFailed || !strings.Contains(out, want) {
			t.Errorf("exit code %d, it printed\n%s\nwant\n%s", code, out, want)
		}
		p.freeze()
		if _, out, _ = p.explain("Falcon", nil); !strings.Contains(out, "\nWhat was sent:\n  run notice-2026, frozen NOW UTC, Sending\n    to [Falcon] Falcon: Pending, not after ") {
			t.Errorf("before it is sent it printed\n%s", out)
		}
		must(t, exitOK, "send", "--store", p.url, "--run-key", "notice-2026", "--idle", "10ms")
		before := dump(t, p.url)
		code, out, said := p.explain("Falcon", nil)
		sent := p.sink.Messages()
		if len(sent) != 1 {
			t.Fatalf("%d mails were sent", len(sent))
		}
		id := regexp.MustCompile(`Message-ID: <([^>]*)>`).FindStringSubmatch(string(sent[0].Raw))[1]
		want := `[Falcon] is in the run notice-2026 of the Outreach notice, which is STATE.

The audience as it would be frozen now: in it
  include all: member; the customer has no profile: nobody without a role or a fact belongs to a segment

Who was considered:
  [Falcon]   Falcon   the customer   is written to
  No cap holds: a contract or the law asks for messages about service, which no cap holds back.

What was sent:
  run notice-2026, frozen NOW UTC, STATE
    to [Falcon] Falcon: Sent
      attempt 1, NOW UTC: Sent
      Message-ID ` + id + `
  Texts are not kept. What the run sends is made again by: fairlead preview --outreach notice --customer [Falcon] -o text
`
		out = regexp.MustCompile(`Sending|Completed`).ReplaceAllString(out, "STATE")
		if code != exitOK || said != "" || out != want {
			t.Errorf("exit code %d, it said %s, and printed\n%s\nwant\n%s", code, said, out, want)
		}
		var told whyJSON
		args := p.args("Falcon", nil)
		args[0] = "explain"
		mustJSON(t, exitOK, &told, []string{"outreach", "runKey", "runState", "customer", "written", "matched", "segments", "persons", "messages", "heldFrom", "capsOff"}, args...)
		if !told.Written || len(told.Persons) != 1 || !told.Persons[0].Itself || len(told.Messages) != 1 || told.Messages[0].MessageID != id || told.Messages[0].State != "Sent" || len(told.Messages[0].Attempts) != 1 || told.Messages[0].Attempts[0].At.IsZero() {
			t.Errorf("for programs it printed %+v", told)
		}
		// Who is not in the run hears why now.
		code, out, said = p.explain("Kestrel", nil)
		if code != exitFailed || !strings.Contains(out, "[Kestrel] is not in the run notice-2026 of the Outreach notice, which was frozen NOW UTC and is ") || !strings.Contains(said, "DuplicateAddress") {
			t.Errorf("exit code %d, it said %s, and printed\n%s", code, said, out)
		}
		sameDump(t, dump(t, p.url), before)
	})
}

// TestExplainRule: a rule is explained as if it were due now, with what its runs sent.
func TestExplainRule(t *testing.T) {
	p := newPreviewed(t, newSQLite(t), mailsink.Options{})
	p.freeze()
	if _, err := connect(t, p.url).ExecContext(t.Context(), `UPDATE outreach_run SET rule = 'reminder'`); err != nil {
		t.Fatal(err)
	}
	file := write(t, "rule.yaml", p.manifests+strings.NewReplacer("{TRIGGER}", "{exhibition: {series: Fair, anchor: Opens}}", "SUBJECT", "x").Replace(ruleManifest))
	code := search(t, p.url, "Falcon")[0].Code
	out := must(t, exitOK, "explain", "--store", p.url, "-f", file, "--rule", "reminder", "--customer", code)
	for _, want := range []string{code + " is written to by the CampaignRule reminder, if it were due now.\n", "\nWhat was sent:\n  run notice-2026, frozen ", "    to " + code + " Falcon: Pending, not after "} {
		if !strings.Contains(out, want) {
			t.Errorf("it printed\n%s\nand not %q", out, want)
		}
	}
	for says, args := range map[string][]string{
		"there is no CampaignRule called other":                        {"--rule", "other", "--customer", code, "-f", file},
		"explain what? Pass one of":                                    {"--rule", "reminder", "--outreach", "notice", "--customer", code, "-f", file},
		"where is it? Pass -f FILE_OR_FOLDER":                          {"--outreach", "notice", "--customer", code},
		"for whom? Pass --customer CODE":                               {"--outreach", "notice", "-f", file},
		"-f: there is no Outreach called other in ":                    {"--outreach", "other", "--customer", code, "-f", file},
		`--output "eml": want text or json`:                            {"--outreach", "notice", "--customer", code, "-f", file, "-o", "eml"},
		"--store and --store-name both name a store: pass one of them": {"--outreach", "notice", "--customer", code, "-f", file, "--store-name", "crm"},
	} {
		if code, out, said := runCaptured(t, append([]string{"explain", "--store", p.url}, args...)...); code != exitUsage || out != "" || !strings.Contains(said, says) {
			t.Errorf("exit code %d, it printed %q and said %s\nwant %q", code, out, said, says)
		}
	}
	if code, _, said := runCaptured(t, "explain", "--store", p.url, "--rule", "reminder", "-f", file, "--customer", "A"); code != exitFailed || !strings.Contains(said, `nobody has the code "A"`) {
		t.Errorf("exit code %d, it said %s", code, said)
	}
}

// TestExplainedClauses: the segments of an audience are explained by what explains segments, and
// what is otherwise now is told.
func TestExplainedClauses(t *testing.T) {
	p := newPreviewed(t, newSQLite(t), mailsink.Options{})
	lists := write(t, "lists.yaml", participations)
	imported(t, exitOK, p.url, lists, write(t, "list.csv", participationsHeader+"Aero,2023,1,Osprey,GB,,10\n"))
	must(t, exitOK, "store", "refresh", "--store", p.url)
	if _, err := connect(t, p.url).ExecContext(t.Context(), `INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', p.id, '', 0 FROM party p WHERE p.name = 'Osprey'`); err != nil {
		t.Fatal(err)
	}
	_, out, _ := p.explain("Osprey", swapped("where: 'true'", "where: 'customer.participations > 1'"))
	if want := "  include all: member; as of now it is otherwise: membership is as the segment was evaluated last\n    false   customer.participations > 1\n                customer.participations = 1\n"; !strings.Contains(out, want) {
		t.Errorf("it printed\n%s\nwant\n%s", out, want)
	}
	_, out, _ = p.explain("Osprey", swapped("where: 'true'", "where: 'customer.participations > 0'"))
	if want := "  include all: member\n    true    customer.participations > 0\n"; !strings.Contains(out, want) {
		t.Errorf("it printed\n%s\nwant\n%s", out, want)
	}
	if _, out, _ = p.explain("Osprey", swapped("where: 'true'", "where: 'customer.participation > 0'")); !strings.Contains(out, "  include all: member; the expression cannot be asked: ") {
		t.Errorf("of a mistake it printed\n%s", out)
	}
	if _, out, _ = p.explain("Osprey", swapped("segmentName: all", "segmentName: new", "{name: all}", "{name: new}")); !strings.Contains(out, "  include new: no member; the store has not evaluated it yet, so that nobody is in it\n") {
		t.Errorf("of a segment that was not evaluated it printed\n%s", out)
	}
}

// TestCapsNow: a cap is open once as many messages as it allows are out of its window.
func TestCapsNow(t *testing.T) {
	now := time.Date(2026, 7, 20, 12, 0, 0, 0, time.UTC)
	ago := func(days ...int) (had []time.Time) {
		for _, d := range days {
			had = append(had, now.AddDate(0, 0, -d))
		}
		return had
	}
	limit := namedCap{"p", crm.FrequencyCap{Messages: 2, PerDays: 7}}
	for _, test := range []struct {
		had   []time.Time
		count int
		opens time.Time
	}{
		{nil, 0, time.Time{}},
		{ago(1), 1, time.Time{}},
		{ago(1, 3), 2, now.AddDate(0, 0, 4)},
		{ago(1, 2, 3), 3, now.AddDate(0, 0, 5)},
		{ago(1, 7), 1, time.Time{}},
		{ago(8, 9), 0, time.Time{}},
	} {
		if got := capsNow([]namedCap{limit}, test.had, now)[0]; got.Had != test.count || !got.Opens.Equal(test.opens) {
			t.Errorf("%v: it had %d and opens %v, want %d and %v", test.had, got.Had, got.Opens, test.count, test.opens)
		}
	}
}

// TestStateOfMessage: where a message stands follows from what is known of it.
func TestStateOfMessage(t *testing.T) {
	sent := []store.ExplainedOutcome{{Outcome: store.Outcome{State: store.MessageResent}}, {Outcome: store.Outcome{State: store.MessageSent}}}
	for want, m := range map[string]store.ExplainedMessage{
		"Pending":  {Run: store.Run{State: store.RunPaused}},
		"NotSent":  {Run: store.Run{State: store.RunCancelled}},
		"InFlight": {Run: store.Run{State: store.RunSending}, InFlight: true},
		"Waiting":  {Run: store.Run{State: store.RunSending}, Waiting: &store.Later{}, Outcomes: sent[:1]},
		"Sent":     {Run: store.Run{State: store.RunCompleted}, Outcomes: sent},
	} {
		if got := stateOf(m); got != want {
			t.Errorf("%+v is %s, want %s", m, got, want)
		}
	}
}
