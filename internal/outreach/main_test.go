package outreach

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/mailsink"
	"github.com/fairlead/fairlead/test/postgres"
)

var server *postgres.Server

// workerVariable makes this program a worker that can be killed: the URL of the store.
const workerVariable = "FAIRLEAD_TEST_WORKER"

func TestMain(m *testing.M) {
	if url := os.Getenv(workerVariable); url != "" {
		if err := workAlone(url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(postgres.Main(m, func(_ context.Context, s *postgres.Server) error { server = s; return nil }))
}

// workAlone is a worker in a process of its own.
func workAlone(url string) error {
	s, err := store.Open(context.Background(), url, store.Options{MaxConnections: 8})
	if err != nil {
		return err
	}
	w := workerOf(s)
	// It is killed before: what others left has to lapse.
	w.Lease, w.Idle = time.Second, 30*time.Second
	return w.Work(context.Background())
}

func workerOf(s *store.Store) Worker {
	return Worker{
		Store: s, Key: "k", Idle: 50 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
		Server: func(p *Plan) mail.Server {
			return mail.Server{Host: p.Channel.SMTP.Host, Port: int(p.Channel.SMTP.Port), TLS: mail.TLSNone, Timeouts: mail.Timeouts{Connect: time.Second}}
		},
	}
}

// inBoth runs a test on a store of either database.
func inBoth(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, "sqlite://"+filepath.ToSlash(filepath.Join(t.TempDir(), "crm.db"))) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, server.NewDatabase(t)) })
}

// post is a store, a run in it and the sink that it is sent to.
type post struct {
	*store.Store
	t    *testing.T
	url  string
	sink *mailsink.Sink
	run  *store.Run
	// ahead is by how much the store's clock is ahead of ours.
	ahead atomic.Int64
}

// planOf sends to a sink.
func planOf(sink *mailsink.Sink) *Plan {
	host, port, _ := net.SplitHostPort(sink.Addr())
	number, _ := strconv.Atoi(port)
	return &Plan{
		Topic: "service", Window: DefaultWindow, Attempts: 3,
		Messages: []crm.Message{{Locale: "en", Subject: "We open, {{ .Contact.Name }}", Text: "Dear {{ .Contact.Name }}", HTML: "<p>Dear {{ .Contact.Name }} of {{ .Customer.Code }}</p>"}},
		Channel: Channel{
			Name: "expo/mail", Medium: "Email", Delivery: crm.DeliveryLive, MessagesPerSecond: 100_000,
			SMTP: &crm.SMTP{Host: host, Port: int32(number), MaxConnections: 4}, From: &crm.Sender{Name: "Airshow", Address: "hello@airshow.example"},
		},
	}
}

// prepare freezes a run to so many recipients, and lets it go.
func prepare(t *testing.T, url string, recipients int, change func(*Plan), freeze store.Freeze) *post {
	t.Helper()
	p := &post{t: t, url: url}
	var err error
	if p.Store, err = store.Open(t.Context(), url, store.Options{Create: true, MaxConnections: 8, Now: func() time.Time { return time.Now().Add(time.Duration(p.ahead.Load())) }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	if _, _, err := p.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p.sink, err = mailsink.Start(mailsink.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.sink.Close() })
	db := connect(t, url)
	for i := 1; i <= recipients; i++ {
		address := addressOf(i)
		for _, statement := range []struct {
			text string
			args []any
		}{
			{`INSERT INTO party (id, kind, code, name) VALUES ($1, 'Organization', $2, $3)`, []any{i, fmt.Sprint("C-", i), fmt.Sprint("Firm ", i)}},
			{`INSERT INTO contact_point (id, source_id, external_key, party_id, party_record_id, medium, address, address_key, digest, import_id) VALUES ($1, 1, $2, $1, 1, 'Email', $2, $2, 0, 0)`, []any{i, address}},
			{`INSERT INTO segment_member (segment, customer_id, class, entered_at) VALUES ('all', $1, '', 0)`, []any{i}},
		} {
			if _, err := db.ExecContext(t.Context(), statement.text, statement.args...); err != nil {
				t.Fatal(err)
			}
		}
	}
	plan := planOf(p.sink)
	if change != nil {
		change(plan)
	}
	freeze.Key, freeze.Medium, freeze.Audience = "k", "Email", store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}
	if freeze.Plan, err = plan.Text(); err != nil {
		t.Fatal(err)
	}
	if p.run, err = p.Freeze(t.Context(), freeze); err != nil {
		t.Fatal(err)
	}
	p.bring(store.RunFrozen, store.RunSending)
	return p
}

func addressOf(i int) string { return fmt.Sprintf("office%d@firm.example", i) }

func connect(t *testing.T, url string) *sql.DB {
	t.Helper()
	driver, source := "pgx", url
	if path, is := cutSQLite(url); is {
		driver, source = "sqlite", "file:"+path+"?_pragma=busy_timeout(30000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (p *post) bring(from, to store.RunState) {
	p.t.Helper()
	if done, err := p.SetRunState(p.t.Context(), p.run.ID, []store.RunState{from}, to, ""); err != nil || !done {
		p.t.Fatalf("from %s to %s: %t, %v", from, to, done, err)
	}
}

// work has a worker do what there is to do.
func (p *post) work() {
	p.t.Helper()
	if err := workerOf(p.Store).Work(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) counts() store.MessageCounts {
	p.t.Helper()
	counts, err := p.MessagesOf(p.t.Context(), p.run.ID)
	if err != nil {
		p.t.Fatal(err)
	}
	return counts
}

func (p *post) expectCounts(want store.MessageCounts) {
	p.t.Helper()
	got := p.counts()
	if got.NextDue = 0; got != want {
		p.t.Errorf("the counts are %+v, want %+v", got, want)
	}
}

// states of messages by their addresses; "" for none.
func (p *post) states() map[string]string {
	p.t.Helper()
	rows, err := connect(p.t, p.url).QueryContext(p.t.Context(), `SELECT k.address, coalesce((SELECT o.state FROM outreach_outcome o WHERE o.run_id = m.run_id AND o.seq = m.seq ORDER BY o.attempt DESC LIMIT 1), '')
		FROM outreach_message m JOIN contact_point k ON k.id = m.point_id`)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	states := map[string]string{}
	for rows.Next() {
		var address, state string
		if err := rows.Scan(&address, &state); err != nil {
			p.t.Fatal(err)
		}
		states[address] = state
	}
	if err := rows.Err(); err != nil {
		p.t.Fatal(err)
	}
	return states
}
