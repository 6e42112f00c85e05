package outreach

import (
	"sync"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// another freezes a run beside the first one, to the same, and lets it go.
func (p *post) another(key string, freeze store.Freeze) *store.Run {
	p.t.Helper()
	freeze.Key, freeze.Medium, freeze.Plan, freeze.Audience = key, "Email", p.run.Plan, store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}
	run, err := p.Freeze(p.t.Context(), freeze)
	if err != nil {
		p.t.Fatal(err)
	}
	if done, err := p.SetRunState(p.t.Context(), run.ID, []store.RunState{store.RunFrozen}, store.RunSending, ""); err != nil || !done {
		p.t.Fatalf("the run %s is not let go: %v", key, err)
	}
	return run
}

// now is the time that the store has.
func (p *post) now() time.Time { return time.Now().Add(time.Duration(p.ahead.Load())) }

// workOn has a worker do what there is to do of a run.
func (p *post) workOn(key string) {
	p.t.Helper()
	w := workerOf(p.Store)
	w.Key, w.Now = key, p.now
	if err := w.Work(p.t.Context()); err != nil {
		p.t.Error(err)
	}
}

// codes of a run count the messages by state and code.
func (p *post) codes(run *store.Run) map[string]int {
	p.t.Helper()
	rows, err := connect(p.t, p.url).QueryContext(p.t.Context(), `SELECT o.state || ' ' || coalesce(o.code, '') FROM outreach_outcome o WHERE o.run_id = $1
		UNION ALL SELECT 'Waiting ' || coalesce(q.code, '') FROM outreach_retry q WHERE q.run_id = $1`, run.ID)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	codes := map[string]int{}
	for rows.Next() {
		var code string
		if err := rows.Scan(&code); err != nil {
			p.t.Fatal(err)
		}
		codes[code]++
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return codes
}

func (p *post) expectCodes(when string, run *store.Run, want map[string]int) {
	p.t.Helper()
	got := p.codes(run)
	for code := range got {
		if got[code] != want[code] {
			p.t.Errorf("%s: %d are %s, want %d", when, got[code], code, want[code])
		}
	}
	for code := range want {
		if got[code] == 0 {
			p.t.Errorf("%s: none is %s", when, code)
		}
	}
}

// TestCapOverRuns: two runs at once to the same mailboxes, with a cap of one; what is capped goes
// out when it may, or is skipped where that is too late.
func TestCapOverRuns(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		const recipients = 200
		p := prepare(t, url, recipients, func(plan *Plan) { plan.Policy = &Policy{Promotional: true, Caps: []Cap{{Messages: 1, PerDays: 7}}} }, store.Freeze{})
		other := p.another("other", store.Freeze{ExpireAfter: 6 * 24 * time.Hour})
		var workers sync.WaitGroup
		workers.Go(func() { p.workOn("k") })
		workers.Go(func() { p.workOn("other") })
		workers.Wait()
		p.expectOnce(recipients)
		one, two := p.codes(p.run), p.codes(other)
		if one["Sent "]+two["Sent "] != recipients || one["Sent "]+one["Waiting Capped"] != recipients || two["Sent "]+two["Skipped Capped"] != recipients {
			t.Errorf("of one are %v, of the other %v", one, two)
		}
		// Six days later it is too early.
		p.ahead.Add(int64(6 * 24 * time.Hour))
		p.workOn("k")
		p.expectOnce(recipients)
		p.ahead.Add(int64(25 * time.Hour))
		p.workOn("k")
		p.expectCodes("a week later", p.run, map[string]int{"Sent ": recipients})
		if total := p.sink.Total(); total != recipients+two["Sent "] {
			t.Errorf("%d mails went out", total)
		}
	})
}

// TestUncapped: what the law asks for, and what reaches no mailbox, takes no place and finds none
// taken.
func TestUncapped(t *testing.T) {
	p := prepare(t, server.NewDatabase(t), 20, func(plan *Plan) {
		plan.Policy = &Policy{Exempt: true, Caps: []Cap{{Messages: 1, PerDays: 7}}, QuietHours: []QuietHours{{From: "00:00", To: "23:59", WeekendsQuiet: true}}, DefaultTimeZone: "UTC"}
	}, store.Freeze{})
	p.another("other", store.Freeze{})
	p.workOn("k")
	p.workOn("other")
	if p.sink.Total() != 40 {
		t.Errorf("%d mails went out", p.sink.Total())
	}
	dry := &Plan{Policy: &Policy{Caps: []Cap{{Messages: 1, PerDays: 7}}}, Channel: Channel{Delivery: crm.DeliveryDryRun}}
	if dry.caps() != nil {
		t.Error("a dry run takes places of mailboxes")
	}
	if dry.Channel.Delivery = crm.DeliveryLive; dry.caps() == nil {
		t.Error("what is live takes none")
	}
}

// TestQuietRun: nothing leaves while it is quiet; a shard waits until it opens, and is skipped
// where that is too late.
func TestQuietRun(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		const recipients = 250
		p := prepare(t, url, recipients, func(plan *Plan) {
			// Quiet from an hour ago until two hours from now.
			clock := func(in time.Duration) crm.TimeOfDay { return crm.TimeOfDay(time.Now().UTC().Add(in).Format("15:04")) }
			plan.Policy = &Policy{Promotional: true, QuietHours: []QuietHours{{From: clock(-time.Hour), To: clock(2 * time.Hour)}}, DefaultTimeZone: "UTC"}
		}, store.Freeze{ExpireAfter: 24 * time.Hour})
		late := p.another("late", store.Freeze{ExpireAfter: time.Hour})
		p.workOn("k")
		p.workOn("late")
		if p.sink.Total() != 0 {
			t.Errorf("%d mails went out by night", p.sink.Total())
		}
		counts := p.counts()
		if counts.Pending != recipients || counts.OnHold != recipients || counts.Claimable(p.now().UnixMilli()) || !counts.Claimable(p.now().Add(2*time.Hour+time.Second).UnixMilli()) {
			t.Errorf("the counts are %+v", counts)
		}
		p.expectCodes("too late", late, map[string]int{"Skipped " + store.CodeExpired: recipients})
		p.ahead.Add(int64(2*time.Hour + time.Second))
		p.workOn("k")
		p.expectOnce(recipients)
		p.expectCounts(store.MessageCounts{Sent: recipients})
	})
}

// TestChangedMeanwhile: what changed between freeze and claim is heeded, each with its reason.
func TestChangedMeanwhile(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		p := prepare(t, url, 30, func(plan *Plan) {
			plan.Topic = "news"
			plan.Policy = &Policy{Promotional: true, PauseOnOpenComplaint: true, Recheck: &crm.Audience{Include: []crm.SegmentReference{{SegmentName: "all"}}}}
		}, store.Freeze{ExpireAfter: 100 * time.Minute})
		db := connect(t, url)
		for _, statement := range []string{
			`INSERT INTO objection (id, address_id, medium, topic, at, method) SELECT k.id, k.address_id, 'Email', 'news', 0, 'Page' FROM contact_point k WHERE k.id = 1`,
			`INSERT INTO objection (id, address_id, medium, topic, at, method) SELECT k.id, k.address_id, 'Email', 'offers', 0, 'Page' FROM contact_point k WHERE k.id = 2`,
			`DELETE FROM segment_member WHERE customer_id = 3`,
			`INSERT INTO suppression (id, source_id, external_key, medium, address_hash, scope, at, digest, import_id) SELECT 1, 1, 'x', 'Email', a.hash, 'Promotional', 0, 0, 0 FROM address a JOIN contact_point k ON k.address_id = a.id WHERE k.id = 4`,
			`INSERT INTO complaint (id, source_id, external_key, customer_id, customer_record_id, opened, digest, import_id) VALUES (1, 1, 'c1', 5, 1, 0, 0, 0), (2, 1, 'c2', 6, 1, 0, 0, 0)`,
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		p.workOn("k")
		skips := map[string]int{"Sent ": 25, "Skipped Unsubscribed": 1, "Skipped NotInAudience": 1, "Skipped Suppressed": 1, "Waiting OpenComplaint": 2}
		p.expectCodes("at first", p.run, skips)
		if _, err := db.ExecContext(t.Context(), `UPDATE complaint SET resolved = 1 WHERE id = 1`); err != nil {
			t.Fatal(err)
		}
		// About an hour later one is looked at again; the other cannot wait for another one.
		p.ahead.Add(int64(80 * time.Minute))
		p.workOn("k")
		delete(skips, "Waiting OpenComplaint")
		skips["Sent "], skips["Skipped OpenComplaint"] = 26, 1
		p.expectCodes("an hour later", p.run, skips)
		p.expectCounts(store.MessageCounts{Sent: 26, Skipped: 4})
	})
}

// TestNobodyAgreed: the consent of each is looked at.
func TestNobodyAgreed(t *testing.T) {
	p := prepare(t, server.NewDatabase(t), 5, func(plan *Plan) { plan.Policy = &Policy{NeedsConsent: true} }, store.Freeze{})
	if _, err := connect(t, p.url).ExecContext(t.Context(), `INSERT INTO consent (id, source_id, external_key, person_id, person_record_id, topic, medium, legal_basis, given, digest, import_id) VALUES (1, 1, 'x', 2, 1, 'service', 'Email', 'Consent', 0, 0, 0)`); err != nil {
		t.Fatal(err)
	}
	p.workOn("k")
	p.expectCodes("in the end", p.run, map[string]int{"Sent ": 1, "Skipped NoConsent": 4})
}
