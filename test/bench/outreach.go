package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/mailsink"
	"github.com/fairlead/fairlead/test/postgres"
)

// connections that mail goes over, be it a worker's or the blaster's.
const connections = 10

// sendSetting is what sending is measured with.
type sendSetting struct {
	name   string
	window int
	// policy has each message counted under two caps, and asks for consent, suppression and
	// objections; more for complaints and membership as well.
	policy, more bool
}

// settings: the default window, a large one, that with what every policy has checked, and with
// all that a claim can check.
var settings = []sendSetting{
	{strconv.Itoa(outreach.DefaultWindow), outreach.DefaultWindow, false, false}, {"100", 100, false, false},
	{"100, with caps and consent", 100, true, false}, {"100, with all checks", 100, true, true},
}

// sendBench measures sending against a blaster that waits for the reply to each command
// and knows no database, over as many connections to the same sink.
type sendBench struct {
	url        string
	recipients int
	store      *store.Store
	db         *sql.DB
	sink       *mailsink.Sink
	freezes    int
	// profile is a file for what workers spend their time on; "" for none.
	profile string
}

// sendFigures are those of one run.
type sendFigures struct {
	blast  time.Duration
	worker map[string]sideReport
}

func benchSending(ctx context.Context, server *postgres.Server, recipients, runs int, profile string) error {
	url, err := server.CreateDatabase(ctx)
	if err != nil {
		return err
	}
	b := &sendBench{url: url, recipients: recipients, profile: profile}
	if err := b.open(ctx); err != nil {
		return err
	}
	defer b.close()
	if err := b.fill(ctx); err != nil {
		return err
	}
	var all []sendFigures
	for n := range runs {
		f, err := b.once(ctx)
		if err != nil {
			return fmt.Errorf("run %d: %w", n+1, err)
		}
		all = append(all, f)
		fmt.Fprintf(os.Stderr, "sending, run %d: blaster %.2f s", n+1, f.blast.Seconds())
		for _, w := range settings {
			fmt.Fprintf(os.Stderr, ", window %s %.2f s (%.0f MiB)", w.name, f.worker[w.name].Took.Seconds(), mebibytes(f.worker[w.name].Memory))
		}
		fmt.Fprintln(os.Stderr)
	}
	fmt.Fprintf(os.Stdout, "\nSending to %d recipients over %d connections, HTML of 1.5 KB, List-Unsubscribe: minimum / median / maximum of %d runs\n", recipients, connections, runs)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "window\tmessages/s\tof the blaster\tpeak memory, MiB\t")
	fmt.Fprintf(table, "blaster\t%s\t\t\t\n", spread(all, func(f sendFigures) float64 { return float64(recipients) / f.blast.Seconds() }, 0))
	for _, w := range settings {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t\n", w.name,
			spread(all, func(f sendFigures) float64 { return float64(recipients) / f.worker[w.name].Took.Seconds() }, 0),
			spread(all, func(f sendFigures) float64 { return f.blast.Seconds() / f.worker[w.name].Took.Seconds() }, 2),
			spread(all, func(f sendFigures) float64 { return mebibytes(f.worker[w.name].Memory) }, 0))
	}
	return table.Flush()
}

func mebibytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }

func (b *sendBench) open(ctx context.Context) (err error) {
	if b.store, err = store.Open(ctx, b.url, store.Options{}); err != nil {
		return err
	}
	if _, _, err = b.store.Migrate(ctx); err != nil {
		return err
	}
	if b.db, err = sql.Open("pgx", b.url); err != nil {
		return err
	}
	b.sink, err = mailsink.Start(mailsink.Options{Keep: -1}) //nolint:contextcheck // it is closed with the rest
	return err
}

func (b *sendBench) close() {
	if b.sink != nil {
		_ = b.sink.Close()
	}
	if b.db != nil {
		_ = b.db.Close()
	}
	if b.store != nil {
		_ = b.store.Close()
	}
}

// audienceRows lay organizations straight into the tables, each with a person who answers for
// marketing, every third with another one, and nine of ten with a consent.
func audienceRows(customers int) []string {
	each := fmt.Sprintf("generate_series(CAST(1 AS BIGINT), %d) n", customers)
	persons := fmt.Sprintf("generate_series(CAST(%d AS BIGINT), %d) n", customers+1, customers+customers+customers/3)
	of := fmt.Sprintf("CASE WHEN n <= %[1]d THEN n - %[2]d ELSE (n - %[1]d) * 3 END", 2*customers, customers)
	return []string{
		`INSERT INTO source (id, name, trust) VALUES (1, 'bench', 50)`,
		`INSERT INTO party (id, kind, code, name, country, time_zone) SELECT n, 'Organization', 'FL-' || n, 'Customer ' || n, 'DE', CASE n % 3 WHEN 0 THEN 'Europe/Berlin' WHEN 1 THEN 'Europe/London' END FROM ` + each,
		`INSERT INTO party (id, kind, code, name, time_zone) SELECT n, 'Person', 'FL-' || n, 'Person ' || n, CASE n % 3 WHEN 0 THEN 'Europe/Berlin' WHEN 1 THEN 'Europe/London' END FROM ` + persons,
		`INSERT INTO affiliation (id, source_id, external_key, person_id, person_record_id, organization_id, organization_record_id, roles, title, digest, import_id)
		 SELECT n, 1, 'a' || n, n, n, ` + of + `, ` + of + `, CASE WHEN n % 2 = 0 THEN 4 END, 'Head of marketing', 0, 1 FROM ` + persons,
		`INSERT INTO contact_point (id, source_id, external_key, party_id, party_record_id, medium, address, address_key, state, digest, import_id)
		 SELECT n, 1, 'k' || n, n, n, 'Email', 'person' || n || '@firm.example', 'person' || n || '@firm.example', 'Valid', 0, 1 FROM ` + persons,
		`INSERT INTO consent (id, source_id, external_key, person_id, person_record_id, topic, medium, legal_basis, given, digest, import_id)
		 SELECT n, 1, 'c' || n, n, n, 'newsletter', 'Email', 'Consent', 1600000000000, 0, 1 FROM ` + persons + ` WHERE n % 10 <> 0`,
		`INSERT INTO suppression (id, source_id, external_key, medium, address_hash, scope, digest, import_id)
		 SELECT n, 1, 's' || n, 'Email', encode(sha256(convert_to('' || n, 'UTF8')), 'hex'), 'All', 0, 1 FROM ` + each + ` WHERE n % 100 = 0`,
		`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT 'bench', n, '', 0 FROM ` + each,
	}
}

func (b *sendBench) fill(ctx context.Context) error {
	// All have agreed: what is measured is the question, and not who is left out.
	rows := append(audienceRows(b.recipients), `INSERT INTO consent (id, source_id, external_key, person_id, person_record_id, topic, medium, legal_basis, given, digest, import_id)
		SELECT p.id, 1, 'c' || p.id, p.id, p.id, 'newsletter', 'Email', 'Consent', 1600000000000, 0, 1 FROM party p WHERE p.kind = 'Person' AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.person_id = p.id)`)
	if err := carryOut(ctx, b.db, rows); err != nil {
		return err
	}
	_, err := b.store.Rebuild(ctx, nil)
	return err
}

// carryOut runs statements, and has the database look at what they left.
func carryOut(ctx context.Context, db *sql.DB, statements []string) error {
	for _, statement := range append(statements, "VACUUM ANALYZE") {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.60s: %w", statement, err)
		}
	}
	return nil
}

// letter is an HTML of 1.5 KB.
func letter() crm.Message {
	html := &strings.Builder{}
	html.WriteString("<!doctype html><html lang=\"en\"><body style=\"font-family:sans-serif;color:#222\">\n<p>Dear {{ .Contact.Name }},</p>\n")
	for html.Len() < 1300 {
		html.WriteString("<p style=\"margin:0 0 1em\">the stand of {{ .Customer.Name }} in hall 7 is kept for you until Friday. <a href=\"https://airshow.example/book?e=4711\">Book it now</a></p>\n")
	}
	html.WriteString("<p><a href=\"{{ .UnsubscribeURL }}\">No more of these</a></p>\n</body></html>\n")
	return crm.Message{Locale: "en", Subject: "Your stand, {{ .Contact.Name }}", HTML: html.String()}
}

// plan sends to the sink.
func (b *sendBench) plan(setting sendSetting) (*outreach.Plan, error) {
	host, port, err := net.SplitHostPort(b.sink.Addr())
	if err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, err
	}
	plan := &outreach.Plan{
		Topic: "newsletter", Window: setting.window, Attempts: outreach.DefaultAttempts, Messages: []crm.Message{letter()}, Links: &outreach.LinkSettings{PublicURL: "https://airshow.example"},
		Channel: outreach.Channel{
			Name: "expo/mail", Medium: "Email", Delivery: crm.DeliveryLive, MessagesPerSecond: 100_000,
			SMTP: &crm.SMTP{Host: host, Port: int32(number), MaxConnections: connections}, From: &crm.Sender{Name: "Airshow", Address: "hello@airshow.example"},
		},
	}
	if setting.policy {
		plan.Policy = &outreach.Policy{
			NeedsConsent: true, Promotional: true, PauseOnOpenComplaint: setting.more,
			// Enough room for as many runs as anybody makes.
			Caps: []outreach.Cap{{Messages: 11, PerDays: 7}, {Messages: 12, PerDays: 30}},
			// A minute that is over, so that every window asks.
			QuietHours: []outreach.QuietHours{{From: crm.TimeOfDay(time.Now().UTC().Add(-2 * time.Hour).Format("15:04")), To: crm.TimeOfDay(time.Now().UTC().Add(-2*time.Hour + time.Minute).Format("15:04"))}}, DefaultTimeZone: "UTC",
		}
	}
	if setting.more {
		plan.Policy.Recheck = &crm.Audience{Include: []crm.SegmentReference{{SegmentName: "bench"}}}
	}
	return plan, nil
}

// freeze makes a run to everybody, and lets it go.
func (b *sendBench) freeze(ctx context.Context, setting sendSetting) (*store.Run, error) {
	plan, err := b.plan(setting)
	if err != nil {
		return nil, err
	}
	text, err := plan.Text()
	if err != nil {
		return nil, err
	}
	b.freezes++
	run, err := b.store.Freeze(ctx, store.Freeze{
		Key: fmt.Sprint("bench-", b.freezes), Owner: store.RunOwner{UID: "bench"}, Plan: text, Medium: "Email", Topic: plan.Topic, Locales: plan.Locales(),
		Audience: store.Audience{Include: []store.SegmentChoice{{Name: "bench"}}},
	})
	if err != nil {
		return nil, err
	}
	if run.Recipients != int64(b.recipients) {
		return nil, fmt.Errorf("%d recipients were frozen of %d", run.Recipients, b.recipients)
	}
	_, err = b.store.SetRunState(ctx, run.ID, []store.RunState{store.RunFrozen}, store.RunSending, "")
	return run, err
}

// once sends by the blaster, and by a worker with each window.
func (b *sendBench) once(ctx context.Context) (f sendFigures, err error) {
	f.worker = map[string]sideReport{}
	report, err := b.side(ctx, sideTask{Role: roleBlaster, Sink: b.sink.Addr(), Messages: b.recipients})
	if err != nil {
		return f, err
	}
	f.blast = report.Took
	for _, setting := range settings {
		run, err := b.freeze(ctx, setting)
		if err != nil {
			return f, err
		}
		// What a freeze leaves to be written is not the worker's.
		if err := carryOut(ctx, b.db, nil); err != nil {
			return f, err
		}
		if f.worker[setting.name], err = b.side(ctx, sideTask{Role: roleWorker, Store: b.url, Key: run.Key, Profile: b.profile}); err != nil {
			return f, err
		}
		counts, err := b.store.MessagesOf(ctx, run.ID)
		if err != nil {
			return f, err
		}
		if counts.Sent != int64(b.recipients) || !counts.Settled() {
			return f, fmt.Errorf("the ledger says %+v", counts)
		}
	}
	return f, nil
}

// side does a task in a process of its own, and sees that the sink counted its messages.
func (b *sendBench) side(ctx context.Context, task sideTask) (report sideReport, err error) {
	before := b.sink.Total()
	program, err := os.Executable()
	if err != nil {
		return report, err
	}
	told, err := json.Marshal(task)
	if err != nil {
		return report, err
	}
	command := exec.CommandContext(ctx, program)
	command.Env, command.Stderr = append(os.Environ(), sideVariable+"="+string(told)), os.Stderr
	said, err := command.Output()
	if err != nil {
		return report, fmt.Errorf("%s: %w", task.Role, err)
	}
	if err := json.Unmarshal(said, &report); err != nil {
		return report, fmt.Errorf("%s: %w", task.Role, err)
	}
	if taken := b.sink.Total() - before; taken != b.recipients {
		return report, errors.New(task.Role + ": the sink counted " + strconv.Itoa(taken))
	}
	return report, nil
}
