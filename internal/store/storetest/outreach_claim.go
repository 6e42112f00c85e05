package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

func testClaimed(t *testing.T, s *suite) {
	t.Run("Zones", func(t *testing.T) { testZones(t, s.world(t)) })
	t.Run("Quiet", func(t *testing.T) { testQuietShard(t, s.world(t)) })
	t.Run("Expired", func(t *testing.T) { testExpired(t, s.world(t)) })
	t.Run("Checks", func(t *testing.T) { testChecks(t, s.world(t)) })
	t.Run("Members", func(t *testing.T) { testStillMembers(t, s.world(t)) })
	t.Run("Merged", func(t *testing.T) { testCheckedMerged(t, s.world(t)) })
	t.Run("Unsubscribed", func(t *testing.T) { testUnsubscribed(t, s.world(t)) })
}

var everybody = store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}

// inZones lays down customers, of which some are in each zone; "" for none.
func (w *world) inZones(recipients map[string]int) {
	w.t.Helper()
	var lines []*line
	for zone, count := range recipients {
		for range count {
			l := row("party").who("party").under(fmt.Sprint("P", len(lines))).named(fmt.Sprint("Firm ", len(lines)), "FR").at(fmt.Sprintf("office%d@firm.example", len(lines)))
			if zone != "" {
				l.says("timeZone", zone)
			}
			lines = append(lines, l)
		}
	}
	w.load(from("crm", lines...))
	// That of the country was inferred.
	w.exec(`UPDATE party SET time_zone = NULL WHERE time_zone = 'Europe/Paris'`)
	w.exec(`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'all', p.id, '', 0 FROM party p`)
}

// shards of a run, such as "Europe/London 1-5 0 NULL".
func (w *world) shards(run *store.Run) string {
	w.t.Helper()
	var all []string
	for _, s := range w.query(`SELECT time_zone, start_seq, end_seq, not_before, not_after FROM outreach_shard WHERE run_id = $1 ORDER BY no`, run.ID) {
		all = append(all, fmt.Sprintf("%s %v-%v %v %v", s["time_zone"], s["start_seq"], s["end_seq"], s["not_before"], s["not_after"]))
	}
	return strings.Join(all, ", ")
}

// testZones: a shard has recipients of one zone, and the bounds that are given for it.
func testZones(t *testing.T, w *world) {
	w.inZones(map[string]int{"": 3, "Asia/Tokyo": 201, "Europe/London": 5})
	zones := map[string]string{"": "1-4", "Asia/Tokyo": "4-204, Asia/Tokyo 204-205", "Europe/London": "205-210"}
	for what, test := range map[string]struct {
		freeze store.Freeze
		want   string
	}{
		"whenever": {store.Freeze{}, " 1-4 0 <nil>, Asia/Tokyo 4-204 0 <nil>, Asia/Tokyo 204-205 0 <nil>, Europe/London 205-210 0 <nil>"},
		"for a week": {store.Freeze{ExpireAfter: week}, strings.ReplaceAll(" 1-4 0 END, Asia/Tokyo 4-204 0 END, Asia/Tokyo 204-205 0 END, Europe/London 205-210 0 END", "END",
			fmt.Sprint(w.clock.Add(week).UnixMilli()))},
		"by zone": {store.Freeze{ExpireAfter: week, Window: func(zone string) (int64, int64) {
			if zones[zone] == "" {
				t.Errorf("asked is for the zone %q", zone)
			}
			return int64(len(zone)), 100 * int64(len(zone))
		}}, " 1-4 0 <nil>, Asia/Tokyo 4-204 10 1000, Asia/Tokyo 204-205 10 1000, Europe/London 205-210 13 1300"},
	} {
		test.freeze.Key, test.freeze.Medium, test.freeze.Audience = what, "Email", everybody
		if got := w.shards(w.freeze(test.freeze)); got != test.want {
			t.Errorf("%s: the shards are %s, want %s", what, got, test.want)
		}
	}
	// Of somebody of whom none is known that of the organization.
	w.load(from("crm", row("affiliation").who("person").under("Ann").named("Ann", "FR").at("ann@a.example").who("organization").under("P0").named("Firm 0", "FR")))
	w.exec(`UPDATE party SET time_zone = CASE WHEN code = $1 THEN 'Pacific/Auckland' END WHERE code IN ($1, $2)`, w.codeOf("crm", "P0"), w.codeOf("crm", "Ann"))
	if got := w.shards(w.freeze(store.Freeze{Key: "ann", Medium: "Email", Audience: everybody})); !strings.HasSuffix(got, ", Pacific/Auckland 209-210 0 <nil>") {
		t.Errorf("the shards are %s", got)
	}
}

// testQuietShard: a shard that is given back until later is leased by nobody before, its messages
// do not move, and it is known when to try again.
func testQuietShard(t *testing.T, w *world) {
	w.inZones(map[string]int{"Asia/Tokyo": 30, "Europe/London": 20})
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Audience: everybody, ExpireAfter: week})
	w.letGo(run, store.RunFrozen)
	began := *w.clock
	shards := w.lease(run, 2)
	if shards[0].TimeZone != "Asia/Tokyo" || shards[1].TimeZone != "Europe/London" || shards[0].NotAfter != began.Add(week).UnixMilli() {
		t.Fatalf("leased are %+v", shards)
	}
	opens := began.Add(time.Hour).UnixMilli()
	// One waits before the shard opens, and one after.
	g := w.settle(store.Settlement{Shard: shards[0], Next: 2})[0]
	g = w.settle(store.Settlement{Shard: g.Shard, Later: []store.Later{{Seq: 1, Due: opens - 5}, {Seq: 2, Due: opens + 5}}})[0]
	g = w.settle(store.Settlement{Shard: g.Shard, NotBefore: opens, Release: true})[0]
	if g.Lost || g.From != g.Shard.Hi {
		t.Errorf("granted is %+v", g)
	}
	w.expectCounts(run, "quiet in Tokyo", store.MessageCounts{Pending: 48, Waiting: 2, OnHold: 28, NextDue: opens})
	if counts, err := w.MessagesOf(t.Context(), run.ID); err != nil || !counts.Claimable(w.clock.UnixMilli()) {
		t.Errorf("nothing is claimable: %+v, %v", counts, err)
	}
	// In one statement, as a window is moved.
	w.settle(store.Settlement{Shard: shards[1], NotBefore: opens + 10, Release: true})
	w.expectCounts(run, "quiet everywhere", store.MessageCounts{Pending: 48, Waiting: 2, OnHold: 48, NextDue: opens})
	if counts, err := w.MessagesOf(t.Context(), run.ID); err != nil || counts.Claimable(w.clock.UnixMilli()) || !counts.Claimable(opens) {
		t.Errorf("something is claimable: %+v, %v", counts, err)
	}
	*w.clock = time.UnixMilli(opens - 1)
	if shards = w.lease(run, 2); len(shards) != 0 {
		t.Errorf("leased are %+v", shards)
	}
	*w.clock = time.UnixMilli(opens)
	if shards = w.lease(run, 2); len(shards) != 1 || shards[0].TimeZone != "Asia/Tokyo" {
		t.Fatalf("leased are %+v", shards)
	}
	w.expectCounts(run, "open in Tokyo", store.MessageCounts{Pending: 48, Waiting: 2, OnHold: 20, NextDue: opens})
	g = w.settle(store.Settlement{Shard: shards[0], Next: 50})[0]
	if g.From != 3 || g.Shard.Hi != 31 || len(g.Again) != 1 {
		t.Errorf("granted is %+v", g)
	}
	w.settle(store.Settlement{Shard: g.Shard, Outcomes: sentAll(g), Release: true})
	w.expectCounts(run, "sent in Tokyo", store.MessageCounts{Pending: 20, Sent: 29, Waiting: 1, OnHold: 20, NextDue: opens + 5})
	end := began.Add(week).UnixMilli()
	w.expectRests(run, "with one that waits", store.Rest{TimeZone: "Asia/Tokyo", NotBefore: opens, NotAfter: end}, store.Rest{TimeZone: "Europe/London", NotBefore: opens + 10, NotAfter: end})
	*w.clock = time.UnixMilli(opens + 5)
	g = w.settle(store.Settlement{Shard: w.lease(run, 1)[0], Next: 50})[0]
	w.settle(store.Settlement{Shard: g.Shard, Outcomes: sentAll(g), Release: true})
	w.expectRests(run, "when all is sent in Tokyo", store.Rest{TimeZone: "Europe/London", NotBefore: opens + 10, NotAfter: end})
}

func (w *world) expectRests(run *store.Run, what string, want ...store.Rest) {
	w.t.Helper()
	if got, err := w.RestsOf(w.t.Context(), run.ID); err != nil || !slices.Equal(got, want) {
		w.t.Errorf("%s: what is left is %+v, %v; want %+v", what, got, err, want)
	}
}

// testExpired: what is left of a shard is skipped at once, be it untried or waiting, while the
// run is sent; and a shard whose time is over is leased although nothing of it is due.
func testExpired(t *testing.T, w *world) {
	w.inZones(map[string]int{"Europe/London": 40, "": 10})
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Audience: everybody, ExpireAfter: time.Hour})
	w.letGo(run, store.RunFrozen)
	ends := w.clock.Add(time.Hour).UnixMilli()
	shards := w.lease(run, 2)
	unknown, london := w.settle(store.Settlement{Shard: shards[0], Next: 10})[0], w.settle(store.Settlement{Shard: shards[1], Next: 10})[0]
	w.settle(store.Settlement{Shard: unknown.Shard, Outcomes: sentAll(unknown)[:9], Later: []store.Later{{Seq: 10, Attempts: 1, Due: ends + 5_000}}, Release: true})
	// A run that is paused expires not.
	if _, err := w.SetRunState(t.Context(), run.ID, []store.RunState{store.RunSending}, store.RunPaused, ""); err != nil {
		t.Fatal(err)
	}
	london = w.settle(store.Settlement{Shard: london.Shard, Outcomes: sentAll(london)[:5], Expire: true,
		Later: []store.Later{{Seq: 16, Due: 0}, {Seq: 17, Attempts: 2, Due: ends + 5_000}, {Seq: 18, Due: 0}, {Seq: 19, Due: 0}, {Seq: 20, Due: 0}}})[0]
	w.expectCounts(run, "paused", store.MessageCounts{Pending: 30, Sent: 14, Waiting: 6, NextDue: 0})
	w.letGo(run, store.RunPaused)
	// One that waited is in the settlement that expires the rest.
	london = w.settle(store.Settlement{Shard: london.Shard, Next: 1})[0]
	if london.From != 21 || london.Shard.Hi != 22 {
		t.Fatalf("granted is %+v", london)
	}
	expiring := store.Settlement{Shard: london.Shard, Outcomes: sentAll(london), Expire: true, Release: true}
	w.settle(expiring)
	w.expectCounts(run, "expired", store.MessageCounts{Sent: 15, Skipped: 34, Waiting: 1, NextDue: ends + 1})
	w.expectNumber(34, "skipped with the reason", `SELECT count(*) FROM outreach_outcome o WHERE o.run_id = $1 AND o.state = 'Skipped' AND o.code = $2`, run.ID, store.CodeExpired)
	w.expectNumber(3, "attempt of one that was tried twice", `SELECT o.attempt FROM outreach_outcome o WHERE o.run_id = $1 AND o.seq = 17`, run.ID)
	before := w.everything()
	if again := w.settle(expiring)[0]; again.Lost || again.From != again.Shard.Hi || w.everything() != before {
		t.Errorf("handed in again, granted is %+v", again)
	}
	*w.clock = time.UnixMilli(ends)
	if shards = w.lease(run, 2); len(shards) != 0 {
		t.Errorf("leased are %+v", shards)
	}
	*w.clock = time.UnixMilli(ends + 1)
	if shards = w.lease(run, 2); len(shards) != 1 {
		t.Fatalf("leased are %+v", shards)
	}
	w.settle(store.Settlement{Shard: shards[0], Expire: true, Release: true})
	w.expectCounts(run, "in the end", store.MessageCounts{Sent: 15, Skipped: 35})
}

// testChecks: what changed since the freeze is found where it is asked for, and only there.
func testChecks(t *testing.T, w *world) {
	w.manyRecipients()
	consent := func(person string, change func(*line)) *line {
		l := row("consent").keyed("yes"+person).set("topic", "news").set("medium", "Email").set("legalBasis", "Consent").set("given", day(2025, 1, 1)).who("person").under(person).named(person, "FR")
		if change != nil {
			change(l)
		}
		return l
	}
	w.load(from("crm", consent("Ann", nil), consent("Bob", nil)))
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Topic: "news", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split"}, {Name: "out"}}, Any: true, AllPersons: true}})
	checks := store.Checks{Medium: "Email", Topic: "news"}
	told := func(change func(*store.Checks)) string {
		t.Helper()
		asked := checks
		if change != nil {
			change(&asked)
		}
		all, err := w.RecipientsOf(t.Context(), run.ID, upTo(run.Recipients), store.RecipientParts{Checks: &asked})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for _, r := range all {
			if r.RecipientID == 0 || r.AddressID == 0 {
				t.Errorf("nobody knows who is read: %+v", r)
			}
			for _, obstacle := range []struct {
				name string
				is   bool
			}{{"Suppressed", r.Suppressed}, {"NoConsent", r.NoConsent}, {"Unsubscribed", r.Unsubscribed}, {"OpenComplaint", r.OpenComplaint}, {"NotInAudience", r.NotInAudience}} {
				if obstacle.is {
					found[r.Name] += " " + obstacle.name
				}
			}
		}
		return fmt.Sprint(found)
	}
	expect := func(when, want string, change func(*store.Checks)) {
		t.Helper()
		if got := told(change); got != want {
			t.Errorf("%s: found is %s, want %s", when, got, want)
		}
	}
	consents := func(c *store.Checks) { c.NeedsConsent = true }
	promotional := func(c *store.Checks) { c.Promotional = true }
	complaints := func(c *store.Checks) { c.OpenComplaint = true }
	expect("nothing asked", "map[]", nil)
	expect("consent", "map[B: NoConsent C: NoConsent G: NoConsent]", consents)
	expect("another topic", "map[Ann: NoConsent B: NoConsent Bob: NoConsent C: NoConsent G: NoConsent]", func(c *store.Checks) { c.NeedsConsent, c.Topic = true, "offers" })
	expect("another medium", "map[Ann: NoConsent B: NoConsent Bob: NoConsent C: NoConsent G: NoConsent]", func(c *store.Checks) { c.NeedsConsent, c.Medium = true, "SMS" })
	w.load(from("crm", consent("Ann", func(l *line) { l.set("withdrawn", w.clock.UnixMilli()) }), consent("Bob", func(l *line) { l.set("expires", w.clock.Add(2*time.Hour).UnixMilli()) })))
	expect("one withdrew", "map[Ann: NoConsent B: NoConsent C: NoConsent G: NoConsent]", consents)
	w.later()
	expect("one expired", "map[Ann: NoConsent B: NoConsent Bob: NoConsent C: NoConsent G: NoConsent]", consents)
	expect("without being asked for", "map[]", promotional)

	w.load(from("crm", row("suppression").keyed("b").set("medium", "Email").set("address", "office@b.example").set("scope", "Promotional"),
		row("suppression").keyed("c").set("medium", "Email").set("address", "c@c.example").set("scope", "All"), row("suppression").keyed("g").set("medium", "SMS").set("address", "g@g.example").set("scope", "All")))
	expect("suppressed from everything", "map[C: Suppressed]", nil)
	expect("and from what is offered", "map[B: Suppressed C: Suppressed]", promotional)

	object := func(address, medium, topic string, id int) {
		w.exec(`INSERT INTO objection (id, address_id, medium, topic, at, method) SELECT $1, k.address_id, $2, $3, 0, 'Page' FROM contact_point k WHERE k.address = $4 AND k.address_id IS NOT NULL`, id, medium, topic, address)
	}
	object("ann@a.example", "Email", "news", 1)
	object("bob@a.example", "Email", "offers", 2)
	object("g@g.example", "Email", "", 3)
	object("bob@a.example", "SMS", "", 4)
	expect("objections", "map[Ann: Unsubscribed B: Suppressed C: Suppressed G: Unsubscribed]", promotional)
	expect("objections to what is no offer", "map[Ann: Unsubscribed C: Suppressed G: Unsubscribed]", complaints)
	w.exec(`UPDATE objection SET taken_back_at = 1 WHERE id = 1`)
	expect("one was taken back", "map[B: Suppressed C: Suppressed G: Unsubscribed]", promotional)

	complaint := func(key, customer string, change func(*line)) *line {
		l := row("complaint").keyed(key).customer(customer, "FR").under(customer).set("opened", w.clock.UnixMilli())
		if change != nil {
			change(l)
		}
		return l
	}
	w.load(from("crm", complaint("one", "A", nil), complaint("two", "B", func(l *line) { l.set("resolved", w.clock.UnixMilli()) })))
	expect("a complaint", "map[Ann: OpenComplaint Bob: OpenComplaint C: Suppressed G: Unsubscribed]", complaints)
	w.load(from("crm", complaint("one", "A", func(l *line) { l.set("resolved", w.clock.UnixMilli()) })))
	expect("it is resolved", "map[C: Suppressed G: Unsubscribed]", complaints)
	expect("all at once", "map[Ann: NoConsent B: Suppressed NoConsent Bob: NoConsent C: Suppressed NoConsent G: NoConsent Unsubscribed]", func(c *store.Checks) {
		c.NeedsConsent, c.Promotional, c.OpenComplaint, c.Audience = true, true, true, &store.Audience{Include: []store.SegmentChoice{{Name: "split"}, {Name: "out"}}, Any: true}
	})
}

// testStillMembers: who left is found, by the choices of segments and classes.
func testStillMembers(t *testing.T, w *world) {
	w.manyRecipients()
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Audience: everybody})
	w.exec(`DELETE FROM segment_member WHERE segment = 'all' AND customer_id IN (SELECT p.id FROM party p WHERE p.name IN ('H', 'B'))`)
	all := store.SegmentChoice{Name: "all"}
	gold := store.SegmentChoice{Name: "split", Classes: []string{"gold"}}
	for what, test := range map[string]struct {
		audience store.Audience
		want     string
	}{
		"one":            {store.Audience{Include: []store.SegmentChoice{all}}, "[B H]"},
		"all of them":    {store.Audience{Include: []store.SegmentChoice{all, gold}}, "[B C D G H]"},
		"any of them":    {store.Audience{Include: []store.SegmentChoice{all, gold}, Any: true}, "[H]"},
		"two classes":    {store.Audience{Include: []store.SegmentChoice{{Name: "split", Classes: []string{"gold", "lead"}}}}, "[D G H]"},
		"but for some":   {store.Audience{Include: []store.SegmentChoice{all}, Exclude: []store.SegmentChoice{{Name: "out"}, gold}}, "[A B G H]"},
		"gone for good":  {store.Audience{Include: []store.SegmentChoice{{Name: "none"}}}, "[A B C D G H]"},
		"excluded none":  {store.Audience{Include: []store.SegmentChoice{all}, Exclude: []store.SegmentChoice{{Name: "none"}}}, "[B H]"},
		"another class":  {store.Audience{Include: []store.SegmentChoice{all}, Exclude: []store.SegmentChoice{{Name: "split", Classes: []string{"tin"}}}}, "[B H]"},
		"any, but some":  {store.Audience{Include: []store.SegmentChoice{all, gold}, Any: true, Exclude: []store.SegmentChoice{{Name: "out"}}}, "[G H]"},
		"any of one":     {store.Audience{Include: []store.SegmentChoice{gold}, Any: true}, "[C D G H]"},
		"nobody is left": {store.Audience{Include: []store.SegmentChoice{gold, {Name: "out"}}}, "[A B C D G H]"},
	} {
		read, err := w.RecipientsOf(t.Context(), run.ID, upTo(run.Recipients), store.RecipientParts{Checks: &store.Checks{Audience: &test.audience}})
		if err != nil {
			t.Fatal(err)
		}
		var gone []string
		for _, r := range read {
			if r.NotInAudience {
				gone = append(gone, r.Customer.Name)
			}
		}
		slices.Sort(gone)
		if got := fmt.Sprint(gone); got != test.want {
			t.Errorf("%s: %s are gone, want %s", what, got, test.want)
		}
		// What a freeze would choose now is the same.
		again := w.freeze(store.Freeze{Key: what, Medium: "Email", Audience: test.audience})
		for _, name := range gone {
			if strings.Contains(w.recipients(again), name+">") {
				t.Errorf("%s: %s is gone, and would be written to", what, name)
			}
		}
	}
}

// testCheckedMerged: who was merged since is asked for under whom it was merged into.
func testCheckedMerged(t *testing.T, w *world) {
	w.manyRecipients()
	run := w.freeze(store.Freeze{Key: "k", Medium: "Email", Audience: store.Audience{Include: []store.SegmentChoice{{Name: "split", Classes: []string{"gold"}}}}})
	w.merge(w.codeOf("crm", "F"), w.codeOf("crm", "B"))
	w.load(from("crm", row("complaint").keyed("f").customer("F", "FR").under("F").set("opened", w.clock.UnixMilli())))
	w.exec(`DELETE FROM segment_member WHERE customer_id IN (SELECT p.id FROM party p WHERE p.merged_into IS NOT NULL)`)
	read, err := w.RecipientsOf(t.Context(), run.ID, upTo(run.Recipients), store.RecipientParts{Checks: &store.Checks{OpenComplaint: true, Audience: &everybody}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range read {
		if r.OpenComplaint != (r.Customer.Name == "B") || r.NotInAudience {
			t.Errorf("found is %+v", r)
		}
	}
}

// testUnsubscribed: who objected is not in the next audience, whatever it is for.
func testUnsubscribed(t *testing.T, w *world) {
	w.manyRecipients()
	w.freeze(store.Freeze{Key: "k", Medium: "Email", Audience: everybody})
	w.exec(`INSERT INTO objection (id, address_id, medium, topic, at, method) SELECT k.id, k.address_id, 'Email', CASE k.address WHEN 'c@c.example' THEN '' ELSE 'news' END, 0, 'OneClick'
		FROM contact_point k WHERE k.address IN ('c@c.example', 'g@g.example')`)
	for what, test := range map[string]struct {
		freeze store.Freeze
		want   string
	}{
		"news":    {store.Freeze{Topic: "news", Promotional: true}, "A>Ann 0, B>B 0, H>H 0"},
		"offers":  {store.Freeze{Topic: "offers", Promotional: true}, "A>Ann 0, B>B 0, G>G 0, H>H 0"},
		"service": {store.Freeze{Topic: "service"}, "A>Ann 0, B>B 0, D>D 0, G>G 0, H>H 0"},
	} {
		test.freeze.Key, test.freeze.Medium, test.freeze.Audience = what, "Email", everybody
		run := w.freeze(test.freeze)
		if got := w.recipients(run); got != test.want || what == "news" && run.Dropped[store.DroppedUnsubscribed] != 2 {
			t.Errorf("%s: %s are written to, dropped %v, want %s", what, got, run.Dropped, test.want)
		}
	}
}
