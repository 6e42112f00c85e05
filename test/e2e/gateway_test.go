//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/test/chromium"
	"github.com/fairlead/fairlead/test/mailsink"
)

// secret makes a Secret of credentials.
func (m *mailing) secret(t *testing.T, name, key, value string) {
	t.Helper()
	made := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.namespace, Name: name, Labels: map[string]string{crm.LabelCredentials: "true"}},
		StringData: map[string]string{key: value},
	}
	if err := cluster.Create(t.Context(), made); err != nil {
		t.Fatal(err)
	}
}

// openGateway sets a gateway up as the guide says, and waits until it is there. It gives where links
// lead: to what ends TLS in front of it, here a proxy of the test with a certificate of its own, as
// an Ingress would.
func (m *mailing) openGateway(t *testing.T) (publicURL string) {
	t.Helper()
	doors, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = doors.Close() })
	publicURL = "https://" + doors.Addr().String()
	keyset := filepath.Join(t.TempDir(), "links.json")
	if out, err := exec.CommandContext(t.Context(), absolute(t, "../../dist/fairlead"), "keyset", "create", keyset).CombinedOutput(); err != nil {
		t.Fatalf("making keys: %v\n%s", err, out)
	}
	m.secret(t, "crm-links", "keyset", readFile(t, keyset))
	m.secret(t, "crm-database-gateway", "uri", m.server.NewRole(t, m.database, "gateway"))
	store := &crm.CustomerStore{}
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: m.namespace, Name: "crm"}, store); err != nil {
		t.Fatal(err)
	}
	before := store.DeepCopy()
	store.Spec.Postgres.GatewayConnectionSecretName = "crm-database-gateway"
	store.Spec.Gateway = &crm.Gateway{PublicURL: publicURL, LinkKeySecretName: "crm-links"}
	if err := cluster.Patch(t.Context(), store, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	condition(t, store, func() []metav1.Condition { return store.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	manifests := filepath.Join(t.TempDir(), "gateway.yaml")
	writeFile(t, manifests, strings.NewReplacer("image: fairlead:dev", "image: "+managerImage(t), "type: ClusterIP", "type: NodePort").Replace(kubectl(t, "kustomize", "../../config/gateway")))
	kubectl(t, "apply", "-n", m.namespace, "-f", manifests)
	kubectl(t, "rollout", "status", "-n", m.namespace, "deployment/fairlead-gateway", "--timeout=120s")
	service := &corev1.Service{}
	if err := cluster.Get(t.Context(), client.ObjectKey{Namespace: m.namespace, Name: "fairlead-gateway"}, service); err != nil {
		t.Fatal(err)
	}
	behind := &url.URL{Scheme: "http", Host: fmt.Sprintf("%s:%d", nodeAddress(t), service.Spec.Ports[0].NodePort)}
	proxy := httptest.NewUnstartedServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }})
	_ = proxy.Listener.Close()
	proxy.Listener = doors
	proxy.StartTLS()
	t.Cleanup(proxy.Close)
	return publicURL
}

// linked declares a letter to all firms with a link to unsubscribe. Its key is its name.
func (m *mailing) linked(t *testing.T, name string) *crm.Outreach {
	t.Helper()
	made := &crm.Outreach{
		ObjectMeta: metav1.ObjectMeta{Namespace: m.namespace, Name: name},
		Spec: crm.OutreachSpec{
			StoreName: "crm", RunKey: name, Audience: &crm.Audience{Include: []crm.SegmentReference{{SegmentName: "all"}}},
			Outreach: &crm.MessagePlan{ChannelName: "mail", Topic: "service", Messages: []crm.Message{{
				Locale: "en", Subject: "We open", HTML: `<main><p>Dear {{ .Contact.Name }}</p><p><a id="stop" href="{{ .UnsubscribeURL }}">No more of these</a></p></main>`,
			}}},
		},
	}
	if err := cluster.Create(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	return made
}

// lastOf gives whom the last mail of a run went to, and the mail as it is: the sink keeps the newest
// ones only.
func (m *mailing) lastOf(t *testing.T, run string) (address string, raw []byte) {
	t.Helper()
	err := m.db.QueryRowContext(t.Context(), `SELECT k.address FROM outreach_message m JOIN outreach_run r ON r.id = m.run_id JOIN contact_point k ON k.id = m.point_id JOIN outreach_outcome o ON o.run_id = m.run_id AND o.seq = m.seq
		WHERE r.run_key = $1 ORDER BY o.at DESC LIMIT 1`, run).Scan(&address)
	if err != nil {
		t.Fatal(err)
	}
	mails, err := m.sink.Messages(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, mail := range mails {
		if len(mail.To) != 1 || mail.To[0] != address {
			continue
		}
		if raw, err = m.sink.Raw(t.Context(), mail.Number); err != nil {
			t.Fatal(err)
		}
		return address, raw
	}
	t.Fatalf("the sink has no mail to %s", address)
	return "", nil
}

// expectAbsent sends another letter about the topic, which goes to all but whoever unsubscribed.
func (m *mailing) expectAbsent(t *testing.T, address, run string) {
	t.Helper()
	before, _ := m.count(t)
	letter := m.linked(t, run)
	m.completed(t, letter)
	var dropped int64
	for _, d := range letter.Status.Audience.Dropped {
		if d.Reason == "Unsubscribed" {
			dropped = d.Count
		}
	}
	if each, _ := m.count(t); dropped != 1 || letter.Status.Messages.Sent != firms-1 || each[address] != before[address] {
		t.Errorf("of the run %s %d unsubscribed, %+v; %s got %d mails more", run, dropped, letter.Status.Messages, address, each[address]-before[address])
	}
}

// TestGateway: the pods of a gateway take the one click of a mail program, by a link in a mail that
// pods sent; and whoever clicked is not in the next run.
func TestGateway(t *testing.T) {
	m := newMailing(t)
	publicURL := m.openGateway(t)
	m.completed(t, m.linked(t, "first"))
	address, raw := m.lastOf(t, "first")
	link, err := mailsink.UnsubscribeURL(raw)
	if err != nil || !strings.HasPrefix(link, publicURL+"/u/") {
		t.Fatalf("the link is %s, %v, of the mail\n%s", link, err, raw)
	}
	path := strings.TrimPrefix(link, publicURL)
	post := func(path string) error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		return typed.CoreV1().RESTClient().Post().Namespace(m.namespace).Resource("services").Name("fairlead-gateway:http").SubResource("proxy").Suffix(path).
			SetHeader("Content-Type", "application/x-www-form-urlencoded").Body([]byte("List-Unsubscribe=One-Click")).Do(ctx).Error()
	}
	if err := post(path[:len(path)-3] + "AAA"); err == nil {
		t.Error("a link that is none is taken")
	}
	if err := post(path); err != nil {
		t.Fatalf("the gateway does not take the click: %v\n%s", err, kubectl(t, "logs", "-n", m.namespace, "deployment/fairlead-gateway"))
	}
	m.expectAbsent(t, address, "second")
}

// TestUnsubscribePage: somebody opens a mail in a browser, follows its link to the page that the
// pods of a gateway have, which changes nothing, presses the button, and is not in the next run.
func TestUnsubscribePage(t *testing.T) {
	m := newMailing(t)
	publicURL := m.openGateway(t)
	m.completed(t, m.linked(t, "first"))
	address, raw := m.lastOf(t, "first")
	html, err := mailsink.HTML(raw)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "mail.html")
	writeFile(t, file, string(html))
	objections := func(want int) {
		t.Helper()
		var open int
		if err := m.db.QueryRowContext(t.Context(), `SELECT count(*) FROM objection WHERE taken_back_at IS NULL`).Scan(&open); err != nil || open != want {
			t.Errorf("%d objections are open, want %d: %v", open, want, err)
		}
	}
	page := chromium.Visit(chromium.Start(t, chromium.TrustAll), t, "file://"+filepath.ToSlash(file), 400, 800)
	page.Do(chromedp.Click("#stop"), chromedp.WaitReady("main h1"))
	if at := chromium.Ask[string](page, `location.href`); !strings.HasPrefix(at, publicURL+"/u/") {
		t.Errorf("the link leads to %s", at)
	}
	objections(0)
	page.Press("Stop messages about")
	page.Do(chromedp.WaitReady("main h1"))
	page.Picture("unsubscribed.png")
	if says := chromium.Give(page, chromedp.Text("main")); !strings.Contains(says, "You get no more messages about: What we write about") {
		t.Errorf("the page says\n%s", says)
	}
	objections(1)
	if said := page.Complaints(); len(said) > 0 {
		t.Errorf("the browser says %v", said)
	}
	m.expectAbsent(t, address, "second")
}
