package gateway

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/gateway/link"
)

// TestLooking: whoever or whatever looks changes nothing, and learns no more than it must.
func TestLooking(t *testing.T) {
	inBoth(t, func(t *testing.T, d *door) {
		for _, purpose := range []link.Purpose{link.Unsubscribe, link.Preferences} {
			path := d.path(purpose, "Ann")
			page := d.get(path).says(t, 200, `<html lang="de">`, "Nachrichten an a***@airshow.example", "Die Messe")
			for _, secret := range []string{"Ann", "ann@", "<script", "javascript", "http://", "https://"} {
				if strings.Contains(page.body, secret) {
					t.Errorf("the page has %s:\n%s", secret, page.body)
				}
			}
			style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page.body)
			sum := sha256.Sum256([]byte(style[1]))
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
				"Cache-Control":           "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "X-Content-Type-Options": "nosniff", "Content-Language": "de", "Set-Cookie": "",
			} {
				if got := page.header.Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			head := d.ask(http.MethodHead, path, "", "", "")
			if head.code != 200 || head.body != "" || head.header.Get("Content-Length") == "0" {
				t.Errorf("HEAD gives %+v", head)
			}
			// Behind something that does not take its part of the path away.
			d.get("/of/the/fair"+path).says(t, 200, "Die Messe")
			for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
				if got := d.ask(method, path, "", "", ""); got.code != http.StatusMethodNotAllowed || got.header.Get("Allow") != "GET, HEAD, POST" {
					t.Errorf("%s gives %d", method, got.code)
				}
			}
			d.get(path + "?List-Unsubscribe=One-Click&stop=fair&stop-all=yes")
		}
		if got := d.said(); got != "" {
			t.Errorf("looking said: %s", got)
		}
		if got := testutil.ToFloat64(d.gateway().Requests.WithLabelValues("unsubscribe", "200")); got != 4 {
			t.Errorf("%g pages are counted", got)
		}
	})
}

// TestOneClick: as mail programs post it (RFC 8058).
func TestOneClick(t *testing.T) {
	inBoth(t, func(t *testing.T, d *door) {
		path := d.path(link.Unsubscribe, "Ann")
		const multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
		for _, post := range []struct{ kind, body string }{
			{"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"}, {"multipart/form-data; boundary=b", multipart}, {"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"},
		} {
			got := d.ask(http.MethodPost, path, "", post.kind, post.body).says(t, 200, "Sie bekommen keine Nachrichten mehr zu: Die Messe")
			if got.header.Get("Location") != "" {
				t.Error("one click is sent elsewhere")
			}
		}
		if got := d.said(); got != "fair OneClick stands" {
			t.Errorf("said is: %s", got)
		}
		// The next run passes Ann by, and nobody else.
		if run := d.freeze("next to Ann", "fair", "Ann", false); run.Recipients != 0 || run.Dropped["Unsubscribed"] != 1 {
			t.Errorf("the next run writes to %d, dropped %v", run.Recipients, run.Dropped)
		}
		if run := d.freeze("next to Bob", "fair", "Bob", false); run.Recipients != 1 {
			t.Errorf("the next run writes to %d, dropped %v", run.Recipients, run.Dropped)
		}
	})
}

// TestNotUnderstood: whatever is posted that is no form of ours changes nothing.
func TestNotUnderstood(t *testing.T) {
	inBoth(t, func(t *testing.T, d *door) {
		unsubscribe, preferences := d.path(link.Unsubscribe, "Bob"), d.path(link.Preferences, "Bob")
		for _, path := range []string{unsubscribe, preferences} {
			for _, post := range []struct{ kind, body string }{
				{"application/x-www-form-urlencoded", ""}, {"application/x-www-form-urlencoded", "stop=news2"}, {"application/x-www-form-urlencoded", "stop="}, {"application/x-www-form-urlencoded", "again="},
				{"application/x-www-form-urlencoded", "List-Unsubscribe=Two-Click"}, {"application/json", `{"stop":"fair"}`}, {"", "stop=fair"}, {"multipart/form-data", "x"}, {"application/x-www-form-urlencoded", "stop=fair&%zz"},
				{"application/x-www-form-urlencoded", "stop=fair&x=" + strings.Repeat("x", 10<<10)},
			} {
				d.ask(http.MethodPost, path, "", post.kind, post.body).says(t, 400, "nothing was changed")
			}
		}
		// A link to unsubscribe does that, and nothing else; one to choose is not for programs.
		d.post(unsubscribe, "again", "fair").says(t, 400)
		d.post(unsubscribe, "stop", "news").says(t, 400)
		d.post(preferences, "List-Unsubscribe", "One-Click").says(t, 400)
		if got := d.said(); got != "" {
			t.Errorf("said is: %s", got)
		}
	})
}

// TestPage goes the way of a person: from the unsubscribe page to the choice of topics.
func TestPage(t *testing.T) {
	inBoth(t, func(t *testing.T, d *door) {
		press := func(path, field, value string) {
			t.Helper()
			got := d.post(path, field, value)
			if got.code != http.StatusSeeOther || !strings.HasSuffix(path, "/"+got.header.Get("Location")) {
				t.Fatalf("pressing %s=%s gives %d and leads to %s", field, value, got.code, got.header.Get("Location"))
			}
		}
		path := d.path(link.Unsubscribe, "Bob")
		page := d.get(path).says(t, 200, `lang="en"`, "Stop messages about: The fair &amp; you", "Stop all messages")
		press(path, "stop", "fair")
		d.get(path).says(t, 200, "You get no more messages about: The fair &amp; you", "Stop all messages")
		press(path, "stop-all", "yes")
		d.get(path).says(t, 200, "You get no more messages from us, whatever they are about.")
		if got := d.said(); got != "fair Page stands,  Page stands" {
			t.Errorf("said is %q", got)
		}
		choose := regexp.MustCompile(`<a href="\.\.(/p/[^"]+)"`).FindStringSubmatch(page.body)
		if choose == nil {
			t.Fatalf("nothing leads to the topics:\n%s", page.body)
		}
		d.get(choose[1]).says(t, 200, "whatever they are about", "Yes, write to me about: News", "Yes, write to me about: The fair &amp; you")
		press(choose[1], "again", "news")
		d.get(choose[1]).says(t, 200, "Stop messages about: News", "Yes, write to me about: The fair &amp; you", "Stop all messages")
		if got, want := d.said(), "fair Page stands,  Page taken back, news consent Yes, write to me about: News (en)"; got != want {
			t.Errorf("said is %q, want %q", got, want)
		}
		if run := d.freeze("news", "news", "Bob", true); run.Recipients != 1 {
			t.Errorf("who agreed is not written to: %v", run.Dropped)
		}
		press(choose[1], "stop", "news")
		press(choose[1], "again", "fair")
		if got, want := d.said(), "fair Page taken back,  Page taken back, news Page stands, news consent Yes, write to me about: News (en)"; got != want {
			t.Errorf("said is %q, want %q", got, want)
		}
		press(choose[1], "stop-all", "yes")
		press(choose[1], "stop-all", "yes")
		d.get(choose[1]).says(t, 200, "whatever they are about")
		// A topic that is not declared any more, and a person who is gone.
		if err := d.owner.SetTopics(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		d.get(d.path(link.Unsubscribe, "Ann")).says(t, 200, "Keine Nachrichten mehr zu: diesem Thema")
		if _, err := d.owner.Erase(t.Context(), "Ann", "asked for", "tester"); err != nil {
			t.Fatal(err)
		}
		gone := d.get(d.path(link.Unsubscribe, "Ann")).says(t, 200, "Stop messages about: this topic")
		if strings.Contains(gone.body, "***") {
			t.Errorf("the page of who was erased shows a mailbox:\n%s", gone.body)
		}
		press(d.path(link.Unsubscribe, "Ann"), "stop", "fair")
	})
}

func TestLanguages(t *testing.T) {
	inBoth(t, func(t *testing.T, d *door) {
		for _, test := range []struct{ name, accept, lang, topic string }{
			// The person's own comes first.
			{"Ann", "fr", "de", "Die Messe"}, {"Bob", "", "en", "The fair"}, {"Bob", "fr-CA, en;q=0.5", "fr", "The fair"}, {"Bob", "de-AT", "de", "Die Messe"},
			{"Bob", "es-419", "es", "The fair"}, {"Bob", "zh-CN,zh;q=0.9", "zh", "The fair"}, {"Bob", "pt-BR, de;q=0.3", "de", "Die Messe"}, {"Bob", "ja", "en", "The fair"},
			{"Bob", "*", "en", "The fair"}, {"Bob", ";;;", "en", "The fair"}, {"Bob", strings.Repeat("de,", 1000), "en", "The fair"},
		} {
			d.ask(http.MethodGet, d.path(link.Unsubscribe, test.name), test.accept, "", "").says(t, 200, `<html lang="`+test.lang+`">`, test.topic)
		}
		refused := d.ask(http.MethodGet, "/u/"+link.Example, "zh-TW", "", "").says(t, 404, `<html lang="zh">`)
		if refused.header.Get("Content-Language") != "zh" {
			t.Errorf("the language is %s", refused.header.Get("Content-Language"))
		}
	})
}

// TestRefusedAlike: nobody learns what is wrong with a link, and none of them does anything.
func TestRefusedAlike(t *testing.T) {
	inBoth(t, func(t *testing.T, d *door) {
		token := strings.TrimPrefix(d.path(link.Unsubscribe, "Ann"), "/u/")
		old := d.places["Ann"]
		old.Expires = made.Add(-24 * time.Hour)
		d.places["old"] = old
		middle := len(token) / 2
		other := "A"
		if token[middle] == 'A' {
			other = "B"
		}
		forged := "/u/" + token[:middle] + other + token[middle+1:]
		paths := map[string]string{
			"forged": forged, "moved": "/p/" + token, "cut": "/u/" + token[:20], "expired": d.path(link.Unsubscribe, "old"), "the example": "/u/" + link.Example, "nothing": "/u/",
			"no door": "/x/" + token, "no path": "/", "robots": "/robots.txt", "longer": "/u/" + token + "x", "with a break": "/u/" + token[:9] + "%0A" + token[9:], "endless": "/u/" + strings.Repeat("A", 5000),
		}
		want := d.get(forged).says(t, 404, "This link does not work.").whole()
		posted := d.post(forged, "stop", "fair").whole()
		if posted != want {
			t.Errorf("a POST to a forged link gets another answer than a GET:\n%s\n%s", posted, want)
		}
		for name, path := range paths {
			if got := d.get(path).whole(); got != want {
				t.Errorf("%s is answered\n%s, want\n%s", name, got, want)
			}
			for field, value := range map[string]string{"List-Unsubscribe": "One-Click", "stop": "fair", "stop-all": "yes", "again": "news"} {
				if got := d.post(path, field, value).whole(); got != want {
					t.Errorf("%s, posted %s, is answered\n%s, want\n%s", name, field, got, want)
				}
			}
		}
		if got := d.said(); got != "" {
			t.Errorf("said is: %s", got)
		}
		// The last day counts as a whole.
		d.now = made.Add(link.Lifetime)
		d.get("/u/"+token).says(t, 200)
		d.now = d.now.Add(24 * time.Hour)
		if got := d.get("/u/" + token); got.whole() != want {
			t.Errorf("after its last day a link is answered %s", got.whole())
		}
		if d.log.Len() > 0 {
			t.Errorf("it is logged: %s", d.log)
		}
	})
}

func TestRotatedKeys(t *testing.T) {
	inBoth(t, func(t *testing.T, d *door) {
		first := must[[]byte](t)(sensitive.Generate())
		d.keyset(first)
		reload := func(changed bool, mistake string) {
			t.Helper()
			if is, err := d.ring.Reload(); is != changed || (err != nil) != (mistake != "") || err != nil && !strings.Contains(err.Error(), mistake) {
				t.Errorf("read again: %t, %v", is, err)
			}
		}
		reload(true, "")
		reload(false, "")
		old := d.path(link.Unsubscribe, "Bob")
		d.keyset(must[[]byte](t)(sensitive.Rotate(first)))
		d.get(old).says(t, 200)
		reload(true, "")
		d.get(old).says(t, 200)
		fresh := d.path(link.Unsubscribe, "Bob")
		// What is of no use changes nothing.
		d.keyset([]byte("{}"))
		reload(false, "it has no keys")
		d.get(fresh).says(t, 200)
		d.keyset(must[[]byte](t)(sensitive.Generate()))
		reload(true, "")
		d.get(old).says(t, 404)
		d.get(fresh).says(t, 404)
	})
}

// TestStoreAway: nothing is promised that is not in the store.
func TestStoreAway(t *testing.T) {
	inBoth(t, func(t *testing.T, d *door) {
		path := d.path(link.Unsubscribe, "Ann")
		if err := d.gateway().Store.Close(); err != nil {
			t.Fatal(err)
		}
		for _, got := range []answer{d.get(path), d.post(path, "List-Unsubscribe", "One-Click")} {
			if got.says(t, 503, "nothing was changed"); got.header.Get("Retry-After") == "" {
				t.Error("nobody is told to come again")
			}
		}
		d.get("/u/x").says(t, 404)
		for _, secret := range []string{path, "ann", "Ann", "airshow", "127.0.0.1"} {
			if strings.Contains(d.log.String(), secret) {
				t.Errorf("the log has %s: %s", secret, d.log)
			}
		}
		if d.log.Len() == 0 {
			t.Error("nothing is logged")
		}
	})
}

// TestGatewayRole: what the role may do beside what the other tests do as it.
func TestGatewayRole(t *testing.T) {
	url := databases.NewDatabase(t)
	d := open(t, "pgx", url, url, databases.NewRole(t, url, "gateway"))
	role := must[string](t)(d.roleName())
	// Given once, it is not given again.
	granted := d.rights(role)
	if err := d.owner.GrantGateway(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	if got := d.rights(role); got != granted || got == "" {
		t.Errorf("granted again the rights are %s, before %s", got, granted)
	}
	as := d.as()
	for _, allowed := range []string{`SELECT locale FROM party`, `SELECT address FROM contact_point WHERE party_id = 1`, `UPDATE objection SET taken_back_at = 1 WHERE 1 = 0`} {
		if _, err := as.ExecContext(t.Context(), allowed); err != nil {
			t.Errorf("%s: %v", allowed, err)
		}
	}
	for _, refused := range []string{
		`SELECT name FROM party`, `SELECT * FROM party`, `SELECT address_key FROM contact_point`, `SELECT hash_key FROM store`, `SELECT 1 FROM sensitive_field`, `SELECT 1 FROM outreach_message`, `SELECT 1 FROM address`, `SELECT proof FROM consent`,
		`DELETE FROM objection`, `UPDATE objection SET topic = 'x'`, `UPDATE objection SET at = 1`, `INSERT INTO objection (id, address_id, medium, topic, at, method, taken_back_at) VALUES (1, 1, 'Email', 'x', 1, 'Page', 1)`, `DELETE FROM consent`, `UPDATE consent SET withdrawn_at = 1`, `UPDATE party SET locale = 'x'`,
		`UPDATE contact_topic SET legal_basis = 'Contract'`, `DELETE FROM number_block`, `CREATE TABLE mine (a INT)`,
	} {
		if _, err := as.ExecContext(t.Context(), refused); err == nil || !strings.Contains(err.Error(), "permission denied") {
			t.Errorf("%s: %v", refused, err)
		}
	}
}
