//go:build browser

package browser

import (
	"database/sql"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/gateway"
	"github.com/fairlead/fairlead/internal/gateway/link"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/chromium"
	"github.com/fairlead/fairlead/test/mailsink"
)

// campaign is a store of three firms, a sink that their mails go to, and a gateway over TLS.
type campaign struct {
	t      *testing.T
	store  *store.Store
	db     *sql.DB
	sink   *mailsink.Sink
	keyset []byte
	plan   *outreach.Plan
}

func newCampaign(t *testing.T) *campaign {
	t.Helper()
	c := &campaign{t: t}
	path := filepath.ToSlash(filepath.Join(t.TempDir(), "crm.db"))
	var err error
	if c.store, err = store.Open(t.Context(), "sqlite://"+path, store.Options{Create: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.store.Close() })
	if _, _, err := c.store.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c.db, err = sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(30000)"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.db.Close() })
	for i, locale := range []string{"en", "de", "fr"} {
		c.say(`INSERT INTO party (id, kind, code, name, locale) VALUES ($1, 'Organization', $2, $3, $4)`, i+1, fmt.Sprint("C-", i+1), fmt.Sprint("Firm ", i+1), locale)
		c.say(`INSERT INTO contact_point (id, source_id, external_key, party_id, party_record_id, medium, address, address_key, digest, import_id) VALUES ($1, 1, $2, $1, 1, 'Email', $2, $2, 0, 0)`, i+1, fmt.Sprintf("office%d@firm.example", i+1))
		c.say(`INSERT INTO segment_member (segment, customer_id, class, entered_at) VALUES ('all', $1, '', 0)`, i+1)
	}
	title := []store.TopicTitle{{Locale: "en", Text: "News and offers"}, {Locale: "de", Text: "Neuigkeiten und Angebote"}}
	if err := c.store.SetTopics(t.Context(), []store.ContactTopic{{Name: "promotions", LegalBasis: "LegitimateInterest", Titles: title}}); err != nil {
		t.Fatal(err)
	}
	if c.keyset, err = sensitive.Generate(); err != nil {
		t.Fatal(err)
	}
	if c.sink, err = mailsink.Start(mailsink.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.sink.Close() })
	mark, err := c.store.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := link.Parse(c.keyset, mark.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	doors := httptest.NewTLSServer(&gateway.Gateway{Store: c.store, Keys: func() *link.Keys { return keys }, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(doors.Close)
	host, port, _ := net.SplitHostPort(c.sink.Addr())
	number, _ := strconv.Atoi(port)
	c.plan = &outreach.Plan{
		Topic: "promotions", Window: outreach.DefaultWindow, Attempts: 3, Links: &outreach.LinkSettings{PublicURL: doors.URL},
		Messages: []crm.Message{{Locale: "en", Subject: "Your stand", HTML: `<main><p>Dear {{ .Contact.Name }}</p><p><a id="stop" href="{{ .UnsubscribeURL }}">No more of these</a></p></main>`}},
		Channel: outreach.Channel{
			Name: "expo/mail", Medium: "Email", Delivery: crm.DeliveryLive, MessagesPerSecond: 1000,
			SMTP: &crm.SMTP{Host: host, Port: int32(number), MaxConnections: 1}, From: &crm.Sender{Name: "Airshow", Address: "hello@airshow.example"},
		},
	}
	return c
}

func (c *campaign) say(statement string, args ...any) {
	c.t.Helper()
	if _, err := c.db.ExecContext(c.t.Context(), statement, args...); err != nil {
		c.t.Fatal(err)
	}
}

// send sends a run, and gives the mails that came of it, by whom they went to.
func (c *campaign) send(key string) map[string][]byte {
	c.t.Helper()
	before := c.sink.Total()
	text, err := c.plan.Text()
	if err != nil {
		c.t.Fatal(err)
	}
	run, err := c.store.Freeze(c.t.Context(), store.Freeze{
		Key: key, Plan: text, Medium: "Email", Topic: c.plan.Topic, Promotional: true, Locales: c.plan.Locales(), Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}},
	})
	if err == nil {
		_, err = c.store.SetRunState(c.t.Context(), run.ID, []store.RunState{store.RunFrozen}, store.RunSending, "")
	}
	if err != nil {
		c.t.Fatal(err)
	}
	worker := outreach.Worker{
		Store: c.store, Key: key, Idle: time.Millisecond, Log: slog.New(slog.DiscardHandler), LinkKeyset: c.keyset,
		Server: func(plan *outreach.Plan) mail.Server {
			return mail.Server{Host: plan.Channel.SMTP.Host, Port: int(plan.Channel.SMTP.Port), TLS: mail.TLSNone}
		},
	}
	if err := worker.Work(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	came := map[string][]byte{}
	for _, m := range c.sink.Messages() {
		if m.Number > before {
			came[m.To[0]] = m.Raw
		}
	}
	return came
}

// TestUnsubscribe follows the link of a mail as a person does. To look changes nothing; who says
// stop is not in the next run, and who says otherwise is in it again.
func TestUnsubscribe(t *testing.T) {
	c := newCampaign(t)
	mails := c.send("first")
	if len(mails) != 3 {
		t.Fatalf("%d mails came", len(mails))
	}
	file := filepath.Join(t.TempDir(), "mail.html")
	html, err := mailsink.HTML(mails["office2@firm.example"])
	if err == nil {
		err = os.WriteFile(file, html, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	browser := chromium.Start(t, chromium.TrustAll)
	v := chromium.Visit(browser, t, address(file), 400, 800)
	says := func(text string) {
		t.Helper()
		v.Do(chromedp.WaitReady("main h1"))
		if page := chromium.Give(v, chromedp.Text("main")); !strings.Contains(page, text) {
			t.Fatalf("the page says\n%s\nand not %q", page, text)
		}
	}
	objections := func(want int) {
		t.Helper()
		var open int
		if err := c.db.QueryRowContext(t.Context(), `SELECT count(*) FROM objection WHERE taken_back_at IS NULL`).Scan(&open); err != nil || open != want {
			t.Errorf("%d objections are open, want %d: %v", open, want, err)
		}
	}
	v.Do(chromedp.Click("#stop"))
	says("Keine Nachrichten mehr zu: Neuigkeiten und Angebote")
	v.Picture("unsubscribe.png")
	if page := chromium.Give(v, chromedp.Text("main")); strings.Contains(page, "office2@") || strings.Contains(page, "Firm 2") {
		t.Errorf("the page names who reads it:\n%s", page)
	}
	objections(0)
	v.Press("Keine Nachrichten mehr zu")
	says("Sie bekommen keine Nachrichten mehr zu: Neuigkeiten und Angebote")
	objections(1)
	if next := c.send("second"); len(next) != 2 || next["office2@firm.example"] != nil {
		t.Errorf("written to are %v", slices.Sorted(maps.Keys(next)))
	}
	v.Do(chromedp.Click("main a"))
	says("Wählen Sie, wovon Sie hören möchten.")
	v.Press("Ja, schreiben Sie mir zu")
	says("Sie bekommen diese Nachrichten.")
	objections(0)
	if again := c.send("third"); len(again) != 3 {
		t.Errorf("written to are %v", slices.Sorted(maps.Keys(again)))
	}
	if said := v.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %v", said)
	}
}
