//go:build e2e

package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/test/mailsink"
	"github.com/fairlead/fairlead/test/postgres"
)

// firms are written to.
const firms = 400

// firmList is a list of them in CSV, with addresses of a domain.
func firmList(domain string) string {
	list := "key,name,email\n"
	for i := range firms {
		list += fmt.Sprintf("%d,Firm %d,office%d@%s\n", i, i, i, domain)
	}
	return list
}

// mailing is a tenant with firms in a PostgreSQL of the test's own, and a channel to the mail
// sink.
type mailing struct {
	namespace string
	server    *postgres.Server
	// database is its URL, as the owner.
	database string
	// db is connected as the owner of the store.
	db *sql.DB
	// sink is the mail sink's page, which is asked without the API server.
	sink mailsink.Page
}

const crashDomain = "e2e-crash.example"

// newMailing fills a store, and waits until a segment of it has all firms.
func newMailing(t *testing.T) *mailing {
	t.Helper()
	m := &mailing{}
	address := nodeAddress(t)
	m.sink = sinkPage(t, address)
	var err error
	if m.server, err = postgres.Start(t.Context(), postgres.Listen(address)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.server.Stop(); err != nil {
			t.Error(err)
		}
	})
	m.database = m.server.NewDatabase(t)
	m.namespace = newTenant(t)
	store := newStore(t, m.namespace, m.database, m.server.NewRole(t, m.database, "worker"))
	condition(t, store, func() []metav1.Condition { return store.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	title := []crm.LocalizedText{{Locale: "en", Text: "What we write about"}}
	policy := &crm.ContactPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.namespace, Name: "fair-use"},
		Spec: crm.ContactPolicySpec{
			Topics:        []crm.Topic{{Name: "service", Title: title, LegalBasis: crm.LegalBasisContract}, {Name: "promotions", Title: title, LegalBasis: crm.LegalBasisLegitimateInterest}},
			FrequencyCaps: []crm.FrequencyCap{{Medium: "Email", Messages: 1, PerDays: 7}},
		},
	}
	if err := cluster.Create(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	before := store.DeepCopy()
	store.Spec.ContactPolicyNames = []crm.ObjectName{"fair-use"}
	if err := cluster.Patch(t.Context(), store, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	if m.db, err = sql.Open("pgx", m.database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.db.Close() })

	m.load(t, "firms", firmList(crashDomain))
	segment := &crm.CustomerSegment{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.namespace, Name: "all"},
		Spec:       crm.CustomerSegmentSpec{StoreName: "crm", Where: "'Exhibitor' in customer.roles"},
	}
	channel := &crm.OutreachChannel{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.namespace, Name: "mail"},
		Spec: crm.OutreachChannelSpec{
			StoreName: "crm", Medium: "Email", Delivery: crm.DeliveryLive, MessagesPerSecond: 50,
			SMTP: &crm.SMTP{Host: "mailsink.mail.svc", Port: 2525, TLS: "None", MaxConnections: 4},
			From: &crm.Sender{Name: "Airshow", Address: "hello@airshow.example"},
		},
	}
	for _, object := range []client.Object{segment, channel} {
		if err := cluster.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func(ctx context.Context) error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(segment), segment); err != nil {
			return err
		}
		if ptr.Deref(segment.Status.Members, 0) != firms {
			return fmt.Errorf("the segment is %+v", segment.Status)
		}
		return nil
	})
	return m
}

// sinkPage is the mail sink's page, at the address of a node.
func sinkPage(t *testing.T, address string) mailsink.Page {
	t.Helper()
	var page corev1.Service
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: "mail", Name: "mailsink"}, &page); err != nil {
		t.Fatal(err)
	}
	for _, port := range page.Spec.Ports {
		if port.Name == "http" {
			return mailsink.Page{URL: fmt.Sprintf("http://%s:%d", address, port.NodePort)}
		}
	}
	t.Fatalf("the Service of the mail sink has no page: %+v", page.Spec.Ports)
	return mailsink.Page{}
}

// load imports a list in CSV by a mapping of testdata.
func (m *mailing) load(t *testing.T, mapping, list string) {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, mapping+".csv")
	writeFile(t, path, list)
	load := exec.CommandContext(t.Context(), absolute(t, "../../dist/fairlead"), "import", "-f", absolute(t, "testdata/"+mapping+".yaml"), "-n", m.namespace, "--store-name", "crm", path)
	load.Dir = folder
	if out, err := load.CombinedOutput(); err != nil {
		t.Fatalf("importing %s: %v\n%s", mapping, err, out)
	}
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// letter declares an Outreach to all firms, carried out by two workers at a time. Its key is
// its name.
func (m *mailing) letter(t *testing.T, name string) *crm.Outreach {
	t.Helper()
	letter := &crm.Outreach{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.namespace, Name: name},
		Spec: crm.OutreachSpec{
			StoreName: "crm", RunKey: name, Parallelism: 2,
			Audience: &crm.Audience{Include: []crm.SegmentReference{{SegmentName: "all"}}},
			Outreach: &crm.MessagePlan{ChannelName: "mail", Topic: "service", Messages: []crm.Message{{Locale: "en", Subject: "We open on Monday", Text: "Dear {{ .Contact.Name }}"}}},
		},
	}
	if err := cluster.Create(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	return letter
}

// mails tells how many mails each firm got so far, and how many they are together.
func (m *mailing) mails(ctx context.Context) (each map[string]int, all int, err error) {
	recipients, err := m.sink.Recipients(ctx)
	if err != nil {
		return nil, 0, err
	}
	each = map[string]int{}
	for address, n := range recipients {
		if strings.HasSuffix(address, "@"+crashDomain) {
			each[address] = n
			all += n
		}
	}
	return each, all, nil
}

// count is mails where nothing should go wrong.
func (m *mailing) count(t *testing.T) (each map[string]int, all int) {
	t.Helper()
	each, all, err := m.mails(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return each, all
}

// reach waits until so many mails came.
func (m *mailing) reach(t *testing.T, wanted int) {
	t.Helper()
	began := time.Now()
	for {
		_, all, err := m.mails(t.Context())
		if err == nil && all >= wanted {
			return
		}
		if time.Since(began) > patience {
			t.Fatalf("%d mails came, want %d; %v", all, wanted, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// completed waits until a run is through. A manager that ended several times is started again
// after a while only.
func (m *mailing) completed(t *testing.T, letter *crm.Outreach) {
	t.Helper()
	within(t, 2*patience, func(ctx context.Context) error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(letter), letter); err != nil {
			return err
		}
		if letter.Status.Phase != crm.OutreachCompleted {
			return fmt.Errorf("the status is %+v, %+v", letter.Status, letter.Status.Messages)
		}
		return nil
	})
}

// stands is how a run stands in the store.
type stands struct {
	state string
	// inFlight messages are in windows that were granted and not settled; sent ones are
	// settled.
	inFlight, sent, unknown int
}

func (m *mailing) stands(ctx context.Context, key string) (s stands, err error) {
	err = m.db.QueryRowContext(ctx, `SELECT r.state, coalesce(sum(s.hi - s.lo), 0), coalesce(sum(s.sent), 0), coalesce(sum(s.unknown), 0)
		FROM outreach_run r LEFT JOIN outreach_shard s ON s.run_id = r.id WHERE r.run_key = $1 GROUP BY r.id`, key).Scan(&s.state, &s.inFlight, &s.sent, &s.unknown)
	return s, err
}

// expectOnce looks at every firm: each has a message in the only run of the key, and got one
// mail since before, but for those of which the ledger says that nobody knows, which are so
// many at most.
func (m *mailing) expectOnce(t *testing.T, letter *crm.Outreach, before map[string]int, mostUnknown int64) {
	t.Helper()
	var runs int
	if err := m.db.QueryRowContext(t.Context(), `SELECT count(*) FROM outreach_run WHERE run_key = $1`, letter.Spec.RunKey).Scan(&runs); err != nil || runs != 1 {
		t.Errorf("there are %d runs, %v", runs, err)
	}
	rows, err := m.db.QueryContext(t.Context(), `SELECT k.address, coalesce((SELECT string_agg(o.state, ',') FROM outreach_outcome o WHERE o.run_id = m.run_id AND o.seq = m.seq), '')
		FROM outreach_message m JOIN outreach_run r ON r.id = m.run_id JOIN contact_point k ON k.id = m.point_id WHERE r.run_key = $1`, letter.Spec.RunKey)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	after, _ := m.count(t)
	messages, unknown, came := 0, int64(0), 0
	for rows.Next() {
		var address, state string
		if err := rows.Scan(&address, &state); err != nil {
			t.Fatal(err)
		}
		messages++
		mails := after[address] - before[address]
		came += mails
		switch {
		case state == "Unknown" && mails <= 1:
			unknown++
		case state != "Sent" || mails != 1:
			t.Errorf("of %s the ledger says %q, and %d mails came", address, state, mails)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if s := letter.Status.Messages; messages != firms || unknown > mostUnknown || s == nil || s.Unknown != unknown || s.Sent+s.Unknown != firms {
		t.Errorf("of %d messages %d are unknown, want %d at most; the status has %+v", messages, unknown, mostUnknown, s)
	}
	t.Logf("%s: %d firms got %d mails, %d unknown, %d Jobs, %s from start to completion", letter.Name, messages, came, unknown, letter.Status.Attempts, letter.Status.CompletionTime.Sub(letter.Status.StartTime.Time))
}
