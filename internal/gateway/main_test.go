package gateway

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/gateway/link"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/postgres"
)

var databases *postgres.Server

func TestMain(m *testing.M) {
	os.Exit(postgres.Main(m, func(_ context.Context, s *postgres.Server) error { databases = s; return nil }))
}

// made is when links are made, and now when they are followed.
var made = time.Date(2026, time.March, 1, 10, 0, 0, 0, time.UTC)

// door is a gateway over a store with two persons, Ann and Bob, who were written to.
type door struct {
	t      *testing.T
	owner  *store.Store
	db     *sql.DB
	ring   *Keyring
	file   string
	web    *httptest.Server
	log    *bytes.Buffer
	now    time.Time
	places map[string]link.Link
	// asGateway is the URL of the store for the gateway's role.
	asGateway string
}

func (d *door) gateway() *Gateway {
	g, is := d.web.Config.Handler.(*Gateway)
	if !is {
		d.t.Fatal("the server's handler is no gateway")
	}
	return g
}

// as connects as the gateway's role.
func (d *door) as() *sql.DB {
	d.t.Helper()
	db := must[*sql.DB](d.t)(sql.Open("pgx", d.asGateway))
	d.t.Cleanup(func() { db.Close() })
	return db
}

func (d *door) roleName() (name string, err error) {
	err = d.as().QueryRowContext(d.t.Context(), `SELECT current_user`).Scan(&name)
	return name, err
}

// rights of a role, as the catalogue has them.
func (d *door) rights(role string) string {
	d.t.Helper()
	return d.texts(`SELECT table_name || '.' || column_name || ' ' || privilege_type FROM information_schema.column_privileges WHERE grantee = $1 ORDER BY 1`, role)
}

// texts that a question gives.
func (d *door) texts(question string, args ...any) string {
	d.t.Helper()
	rows, err := d.db.QueryContext(d.t.Context(), question, args...)
	if err != nil {
		d.t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			d.t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return strings.Join(all, ", ")
}

// inBoth runs a test on a store of either database, on PostgreSQL as the gateway's role.
func inBoth(t *testing.T, test func(t *testing.T, d *door)) {
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "crm.db")
		test(t, open(t, "sqlite", path, "sqlite://"+path, ""))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		url := databases.NewDatabase(t)
		test(t, open(t, "pgx", url, url, databases.NewRole(t, url, "gateway")))
	})
}

func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func openStore(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), url, store.Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func open(t *testing.T, driver, source, url, asRole string) *door {
	t.Helper()
	d := &door{t: t, owner: openStore(t, url), log: &bytes.Buffer{}, now: made, places: map[string]link.Link{}, file: filepath.Join(t.TempDir(), "keyset"), asGateway: url}
	if _, _, err := d.owner.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.db = must[*sql.DB](t)(sql.Open(driver, source))
	t.Cleanup(func() { d.db.Close() })
	d.write("Ann", "de-CH", "ann@airshow.example")
	d.write("Bob", "", "bob@airshow.example")
	d.topics("LegitimateInterest")
	if asRole != "" {
		d.asGateway = asRole
		role := must[store.Role](t)(openStore(t, asRole).Role(t.Context()))
		if err := d.owner.GrantGateway(t.Context(), role.Name); err != nil {
			t.Fatal(err)
		}
	}
	s := openStore(t, d.asGateway)
	mark := must[store.Mark](t)(s.Mark(t.Context()))
	d.keyset(must[[]byte](t)(sensitive.Generate()))
	ring, err := OpenKeyring(d.file, mark.StoreID)
	if err != nil {
		t.Fatal(err)
	}
	d.ring = ring
	g := &Gateway{Store: s, Keys: ring.Keys, Requests: RequestsTotal(), Log: slog.New(slog.NewTextHandler(d.log, nil)), Now: func() time.Time { return d.now }}
	d.web = httptest.NewServer(g)
	t.Cleanup(d.web.Close)
	return d
}

// write imports a person and writes to it: a run of its own.
func (d *door) write(name, locale, address string) {
	d.t.Helper()
	entity := customer.EntityByName("party")
	row := customer.Row{Line: 2, Values: make([]customer.Value, len(entity.Fields)), Parties: []customer.PartyRow{{Key: name, Values: make([]customer.Value, len(customer.PartyFields))}}}
	values := row.Parties[0].Values
	values[customer.PartyKind], values[customer.PartyCode] = customer.String(customer.Person), customer.String(name)
	values[customer.PartyName], values[customer.PartyEmail] = customer.String(name), customer.String(address)
	if locale != "" {
		for i, field := range customer.PartyFields {
			if field.Name == "locale" {
				values[i] = customer.String(locale)
			}
		}
	}
	importing := must[*store.Import](d.t)(d.owner.Import(d.t.Context(), store.ImportOptions{Source: store.Source{Name: "crm"}, Entity: entity}))
	if _, err := importing.Write(d.t.Context(), []customer.Row{row}); err != nil {
		d.t.Fatal(err)
	}
	if err := importing.Finish(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
	d.exec(`INSERT INTO segment_member (segment, customer_id, class, entered_at) SELECT $1, p.id, '', 0 FROM party p WHERE p.code = $2`, name, name)
	run := d.freeze("first to "+name, "fair", name, false)
	to := must[[]store.Recipient](d.t)(d.owner.RecipientsOf(d.t.Context(), run.ID, []int64{1}, store.RecipientParts{}))
	d.places[name] = link.Link{AddressID: to[0].AddressID, RecipientID: to[0].RecipientID, RunID: run.ID, Medium: "Email", Topic: "fair", Expires: made.Add(link.Lifetime)}
}

func (d *door) freeze(key, topic, segment string, needsConsent bool) *store.Run {
	d.t.Helper()
	return must[*store.Run](d.t)(d.owner.Freeze(d.t.Context(), store.Freeze{Key: key, Medium: "Email", Topic: topic, NeedsConsent: needsConsent, Audience: store.Audience{Include: []store.SegmentChoice{{Name: segment}}}}))
}

// topics are the fair, on a basis, and news for those who agreed.
func (d *door) topics(basis string) {
	d.t.Helper()
	if err := d.owner.SetTopics(d.t.Context(), []store.ContactTopic{
		{Name: "fair", LegalBasis: basis, Titles: []store.TopicTitle{{Locale: "en", Text: "The fair & you"}, {Locale: "de", Text: "Die Messe"}}},
		{Name: "news", LegalBasis: "Consent", Titles: []store.TopicTitle{{Locale: "en", Text: "News"}}},
	}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *door) exec(statement string, args ...any) {
	d.t.Helper()
	if _, err := d.db.ExecContext(d.t.Context(), statement, args...); err != nil {
		d.t.Fatal(err)
	}
}

// keyset writes the file of keys.
func (d *door) keyset(text []byte) {
	d.t.Helper()
	if err := os.WriteFile(d.file, text, 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// said is all that was said, as "topic method state".
func (d *door) said() string {
	d.t.Helper()
	return d.texts(`SELECT s.text FROM (
		SELECT o.topic || ' ' || o.method || ' ' || CASE WHEN o.taken_back_at IS NULL THEN 'stands' ELSE 'taken back' END AS text, o.id, 0 AS kind FROM objection o
		UNION ALL SELECT c.topic || ' consent ' || c.wording, c.id, 1 FROM consent c) s ORDER BY s.kind, s.id`)
}

// path of a link of a person.
func (d *door) path(purpose link.Purpose, name string) string {
	d.t.Helper()
	return link.URL("", purpose, must[string](d.t)(d.ring.Keys().Seal(purpose, d.places[name])))
}

// answer is what came back.
type answer struct {
	code   int
	header http.Header
	body   string
}

func (a answer) whole() string { return fmt.Sprint(a.code, a.header, a.body) }

// ask sends a request and does not follow where it leads.
func (d *door) ask(method, path, language, kind, body string) answer {
	d.t.Helper()
	request, err := http.NewRequestWithContext(d.t.Context(), method, d.web.URL+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if language != "" {
		request.Header.Set("Accept-Language", language)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer response.Body.Close()
	text := must[[]byte](d.t)(io.ReadAll(response.Body))
	header := response.Header.Clone()
	header.Del("Date")
	return answer{response.StatusCode, header, string(text)}
}

func (d *door) get(path string) answer { return d.ask(http.MethodGet, path, "", "", "") }

// post sends a form with one field.
func (d *door) post(path, field, value string) answer {
	d.t.Helper()
	return d.ask(http.MethodPost, path, "", "application/x-www-form-urlencoded", url.Values{field: {value}}.Encode())
}

// says demands texts of an answer.
func (a answer) says(t *testing.T, code int, texts ...string) answer {
	t.Helper()
	if a.code != code {
		t.Errorf("the answer is %d, want %d: %s", a.code, code, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			t.Errorf("the page does not say %q:\n%s", text, a.body)
		}
	}
	return a
}
