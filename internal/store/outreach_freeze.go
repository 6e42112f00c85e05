package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Freeze says of a run who is to be written to, and what is sent.
type Freeze struct {
	// Key of the run: one key sends once.
	Key   string
	Owner RunOwner
	// Plan is what is sent, and how: the run keeps it as it is, and its digest covers it.
	Plan string
	// AtLeastOnce sends again what a crash left unknown.
	AtLeastOnce bool
	Audience    Audience
	// Medium that carries the messages, and Topic that they are about.
	Medium, Topic string
	// NeedsConsent drops who has not agreed to the topic, and Promotional also who objects to
	// being written to about anything that is offered.
	NeedsConsent, Promotional bool
	// Holdout is the share of customers that hear nothing, in hundredths of a per cent; who
	// does follows from HoldoutKey, and is the same for the same one.
	Holdout    int64
	HoldoutKey string
	// Locales of the plan's messages; the first is for whoever reads none of the others.
	Locales []string
	// ExpireAfter the freeze nothing leaves any more; 0 for never.
	ExpireAfter time.Duration

	// The rest is of the occurrence of a rule.

	// Rule begins the keys of the rule's runs; "" for a run by hand. DueAt is when the
	// occurrence was due, in milliseconds.
	Rule  string
	DueAt int64
	// Occurrence leaves only customers whom it was taken for; "" for everybody.
	Occurrence string
	// Anniversary leaves only those who have it; nil for everybody.
	Anniversary *Anniversary
	// Window says between which instants, in milliseconds, those of a time zone are written to,
	// "" being those of whom none is known; 0 for no bound. Nil for at once, until ExpireAfter.
	Window func(zone string) (notBefore, notAfter int64)
}

// RunKeyUsedError says that a key has a run that another Outreach began.
type RunKeyUsedError struct {
	Key   string
	Owner RunOwner
}

func (e *RunKeyUsedError) Error() string {
	return fmt.Sprintf("the run key %s was used by the Outreach %s in the namespace %s", e.Key, e.Owner.Name, e.Owner.Namespace)
}

// Why somebody is not written to.
const (
	// DroppedHoldout is counted by customers, and all others below by recipients.
	DroppedHoldout          = "Holdout"
	DroppedNoContactForRole = "NoContactForRole"
	DroppedNoAddress        = "NoAddress"
	DroppedNoConsent        = "NoConsent"
	DroppedSuppressed       = "Suppressed"
	DroppedUnsubscribed     = "Unsubscribed"
	DroppedDuplicateAddress = "DuplicateAddress"
)

// temporaryFreeze are the tables of a freeze.
var temporaryFreeze = []string{"freeze_day", "freeze_customer", "freeze_candidate", "freeze_recipient"}

// Freeze finds who is written to, and keeps it as a run, in one transaction. A run that the
// same Outreach began under the key is given as it is.
func (s *Store) Freeze(ctx context.Context, freeze Freeze) (run *Run, err error) {
	err = s.change(ctx, func(t *transaction) error {
		if run, err = readRun(t, "r.run_key = $1", freeze.Key); err != nil {
			return err
		}
		if run != nil {
			if run.Owner.UID != freeze.Owner.UID {
				return &RunKeyUsedError{freeze.Key, run.Owner}
			}
			return nil
		}
		f := &freezing{transaction: t, Freeze: freeze, messageTables: frozen, points: "contact_point"}
		if err := f.carryOut(); err != nil {
			return err
		}
		if err := t.dialect.dropTemporary(t, temporaryFreeze); err != nil {
			return err
		}
		run, err = readRun(t, "r.id = $1", f.id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("freezing the run %s: %w", freeze.Key, err)
	}
	return run, nil
}

// freezing is a freeze under way.
type freezing struct {
	*transaction
	Freeze
	messageTables
	// points have the mailboxes of contact points.
	points string
	// within is a condition on members that are looked at, and counted one on who is counted: "" for
	// everybody. A preview looks at one customer.
	within, counted string

	id                  int64
	matched, recipients int64
	dropped             map[string]int64
}

func (f *freezing) carryOut() (err error) {
	if err := f.dialect.planAudience(f.transaction); err != nil {
		return fmt.Errorf("preparing a freeze: %w", err)
	}
	if err := knowAddresses(f.transaction); err != nil {
		return err
	}
	if f.id, err = f.numbers("outreach_run", 1); err != nil {
		return err
	}
	for _, step := range []freezeStep{
		{"choosing", f.choose}, {"keeping who is held out", f.keepHeld}, {"cutting shards", f.cutShards}, {"keeping the run", f.keepRun},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// freezeStep is a part of a freeze.
type freezeStep struct {
	name string
	do   func() error
}

// choose finds who is written to, and numbers the messages.
func (f *freezing) choose() error {
	f.dropped = map[string]int64{}
	for _, step := range []freezeStep{
		{"laying out days", f.layOutDays}, {"matching customers", f.matchCustomers}, {"finding contacts", f.findContacts}, {"choosing recipients", f.chooseRecipients}, {"keeping recipients", f.keepRecipients},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// run carries out a statement with parameters by name, and counts its table.
func (f *freezing) run(table, statement string, parameters map[string]any) error {
	text, args := newRefresh(f.transaction).bind(statement, parameters)
	if _, err := f.exec(text, args...); err != nil {
		return err
	}
	return f.dialect.count(f.transaction, table)
}

// drop counts who was dropped, by the reasons that a question gives.
func (f *freezing) drop(question string) error {
	return f.query(func(rows *sql.Rows) error {
		var reason string
		var count int64
		err := rows.Scan(&reason, &count)
		f.dropped[reason] += count
		return err
	}, question)
}

func (f *freezing) matchCustomers() error {
	if err := f.run("freeze_customer", "CREATE TEMP TABLE freeze_customer ON COMMIT DROP AS SELECT c.customer_id FROM ("+f.Audience.customers(f.within+f.triggered())+") c",
		f.Audience.parameters(map[string]any{"rule": f.Rule, "occurrence": f.Occurrence})); err != nil {
		return err
	}
	return f.row(`SELECT count(*) FROM freeze_customer c WHERE 1 = 1` + f.counted).Scan(&f.matched)
}

// findContacts lays out who might be written to for each customer, with the address of each,
// and drops those customers that have nobody.
func (f *freezing) findContacts() error {
	parameters := map[string]any{"medium": f.Medium, "today": asOf(f.now).today}
	if err := f.run("freeze_candidate", `CREATE TEMP TABLE freeze_candidate ON COMMIT DROP AS `+f.Audience.candidates(f.celebrates()), parameters); err != nil {
		return err
	}
	return f.drop(`SELECT CASE WHEN k.customer_id IS NULL THEN '` + DroppedNoContactForRole + `' ELSE '` + DroppedNoAddress + `' END, count(*)
		FROM freeze_customer c LEFT JOIN (SELECT k.customer_id, max(CASE WHEN k.point_id IS NULL THEN 0 ELSE 1 END) AS reached FROM freeze_candidate k GROUP BY k.customer_id) k ON k.customer_id = c.customer_id
		WHERE coalesce(k.reached, 0) = 0` + f.counted + ` GROUP BY 1`)
}

// chooseRecipients says of each recipient whether anything stands in the way. That a customer is
// held out comes last: who is differs from who is written to by a hash and nothing else, so that
// the two can be compared. Neither takes a mailbox away from the other.
func (f *freezing) chooseRecipients() error {
	// Sets, and no question for each: who has consented, which mailboxes are suppressed, and
	// which object. A preview has numbers of mailboxes of its own.
	unconsented, consented, scopes := "", "", "'All'"
	if f.NeedsConsent {
		unconsented = `WHEN c.recipient_id IS NULL THEN '` + DroppedNoConsent + `'`
		consented = `LEFT JOIN (SELECT DISTINCT r.recipient_id FROM freeze_candidate r JOIN consent a ON a.person_id = r.recipient_id WHERE a.topic = @topic AND a.medium = @medium AND a.withdrawn_at IS NULL
			AND a.given <= @now AND (a.withdrawn IS NULL OR a.withdrawn > @now) AND (a.expires IS NULL OR a.expires > @now)) c ON c.recipient_id = r.recipient_id`
	}
	if f.Promotional {
		scopes += ", 'Promotional'"
	}
	err := f.run("freeze_recipient", `CREATE TEMP TABLE freeze_recipient ON COMMIT DROP AS
		SELECT r.*, CASE WHEN r.reason IS NULL AND row_number() OVER (PARTITION BY r.address_id, r.reason, r.held ORDER BY r.customer_id, r.recipient_id) > 1 THEN '`+DroppedDuplicateAddress+`'
			WHEN r.reason IS NULL AND r.held = 1 THEN '`+DroppedHoldout+`' ELSE r.reason END AS dropped
		FROM (
			SELECT r.customer_id, r.recipient_id, r.point_id, k.address_id, CASE WHEN `+heldOut("r.customer_id")+` < @holdout THEN 1 ELSE 0 END AS held, CASE `+unconsented+` WHEN x.address_id IS NOT NULL THEN '`+DroppedSuppressed+`' WHEN u.address_id IS NOT NULL THEN '`+DroppedUnsubscribed+`' END AS reason
			FROM freeze_candidate r JOIN `+f.points+` k ON k.id = r.point_id `+consented+`
			LEFT JOIN (SELECT DISTINCT k.address_id FROM freeze_candidate r JOIN `+f.points+` k ON k.id = r.point_id JOIN `+f.addresses+` a ON a.id = k.address_id
				JOIN suppression s ON s.address_hash = a.hash WHERE s.medium = @medium AND s.scope IN (`+scopes+`) AND s.withdrawn_at IS NULL AND (s.expires IS NULL OR s.expires > @now)) x ON x.address_id = k.address_id
			LEFT JOIN (SELECT DISTINCT a.id AS address_id FROM objection o JOIN address n ON n.id = o.address_id JOIN `+f.addresses+` a ON a.hash = n.hash
				WHERE o.medium = @medium AND o.topic IN (@topic, '') AND o.taken_back_at IS NULL) u ON u.address_id = k.address_id
			WHERE `+f.Audience.chosen(f.celebrates() != "")+`
		) r`, map[string]any{"topic": f.Topic, "medium": f.Medium, "now": f.now, "holdout": f.Holdout, "salt": saltOf(f.HoldoutKey)})
	if err != nil {
		return err
	}
	return f.drop(`SELECT c.dropped, CASE WHEN c.dropped = '` + DroppedHoldout + `' THEN count(DISTINCT c.customer_id) ELSE count(*) END FROM freeze_recipient c WHERE c.dropped IS NOT NULL` + f.counted + ` GROUP BY c.dropped`)
}

// keepRecipients numbers the messages in the order of zones, and within one of mailboxes.
func (f *freezing) keepRecipients() error {
	locale, parameters := localeOf("p.locale", f.Locales)
	parameters["run"] = f.id
	text, args := newRefresh(f.transaction).bind(`INSERT INTO `+f.messages+` (run_id, seq, customer_id, recipient_id, point_id, address_id, locale)
		SELECT @run, row_number() OVER (ORDER BY `+zoneOfRecipient+`, r.address_id), r.customer_id, r.recipient_id, r.point_id, r.address_id, `+locale+`
		`+frozenRecipients, parameters)
	var err error
	f.recipients, err = f.exec(text, args...)
	return err
}

// frozenRecipients are those who are written to, with themselves and their customer.
const frozenRecipients = `FROM freeze_recipient r JOIN party p ON p.id = r.recipient_id JOIN party c ON c.id = r.customer_id WHERE r.dropped IS NULL`

// zoneOfRecipient is the time zone in which somebody is written to: of whom none is known that of
// the customer.
const zoneOfRecipient = `coalesce(p.time_zone, c.time_zone, '')`

// A shard has so many messages, but for large runs, which have at most so many shards, and one
// more for each time zone.
const (
	shardSize  = 200
	mostShards = 256
)

// cutShards cuts the run, of which messages are numbered in the order of zones, so that a shard
// has recipients of one zone: to put one off is to change one row.
func (f *freezing) cutShards() error {
	size := max(shardSize, (f.recipients+mostShards-1)/mostShards)
	shards := &rowBuffer{width: 9}
	no, first := int64(0), int64(1)
	err := f.query(func(rows *sql.Rows) error {
		var zone string
		var recipients int64
		if err := rows.Scan(&zone, &recipients); err != nil {
			return err
		}
		notBefore, notAfter := f.window(zone)
		for end := first + recipients; first < end; no++ {
			next := min(first+size, end)
			shards.add(numberCell(f.id), numberCell(no), numberCell(first), numberCell(first), numberCell(first), numberCell(next), textCell(zone), numberCell(notBefore), notAfter)
			first = next
		}
		return nil
	}, `SELECT `+zoneOfRecipient+`, count(*) `+frozenRecipients+` GROUP BY 1 ORDER BY 1`)
	if err != nil {
		return err
	}
	return f.insert("outreach_shard", []string{"run_id", "no", "start_seq", "lo", "hi", "end_seq", "time_zone", "not_before", "not_after"}, shards)
}

// window is between which instants those of a zone are written to.
func (f *freezing) window(zone string) (notBefore int64, notAfter cell) {
	var until int64
	switch {
	case f.Window != nil:
		notBefore, until = f.Window(zone)
	case f.ExpireAfter > 0:
		until = f.now + f.ExpireAfter.Milliseconds()
	}
	if until == 0 {
		return notBefore, cell{}
	}
	return notBefore, numberCell(until)
}

func (f *freezing) keepRun() error {
	digest, err := f.digest()
	if err != nil {
		return err
	}
	dropped, err := json.Marshal(f.dropped)
	if err != nil {
		return err
	}
	guarantee := "AtMostOnce"
	if f.AtLeastOnce {
		guarantee = atLeastOnce
	}
	_, err = f.exec(`INSERT INTO outreach_run (id, run_key, uid, namespace, name, state, plan, plan_digest, guarantee, matched, recipients, dropped, frozen_at, rule, due_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, nullif(CAST($14 AS TEXT), ''), nullif(CAST($15 AS BIGINT), 0))`,
		f.id, f.Key, f.Owner.UID, f.Owner.Namespace, f.Owner.Name, string(RunFrozen), f.Plan, digest, guarantee, f.matched, f.recipients, string(dropped), f.now, f.Rule, f.DueAt)
	return err
}

// digest covers the plan and who is written to. What is frozen is never changed, so that sums
// do: another audience has other ones.
func (f *freezing) digest() (string, error) {
	var count, first, second int64
	text, args := newRefresh(f.transaction).bind(`SELECT count(*), coalesce(total((m.address_id * 1000003 + m.customer_id) % 2147483647 * (m.seq % 65521 + 1) % 2147483647), 0),
		coalesce(total((m.recipient_id * 998244353 % 2147483629 + m.locale) * (m.seq % 32749 + 1) % 2147483629), 0) FROM outreach_message m WHERE m.run_id = @run`, map[string]any{"run": f.id})
	if err := f.row(text, args...).Scan(&count, &first, &second); err != nil {
		return "", fmt.Errorf("digesting the audience: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%d %d %d", f.Plan, count, first, second))
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}
