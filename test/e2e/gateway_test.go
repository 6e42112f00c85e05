//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
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

// openGateway sets a gateway up as the guide says, and waits until it is there.
func (m *mailing) openGateway(t *testing.T) {
	t.Helper()
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
	store.Spec.Gateway = &crm.Gateway{PublicURL: "https://hello.airshow.example", LinkKeySecretName: "crm-links"}
	if err := cluster.Patch(t.Context(), store, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	condition(t, store, func() []metav1.Condition { return store.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	manifests := filepath.Join(t.TempDir(), "gateway.yaml")
	writeFile(t, manifests, strings.ReplaceAll(kubectl(t, "kustomize", "../../config/gateway"), "image: fairlead:dev", "image: "+managerImage(t)))
	kubectl(t, "apply", "-n", m.namespace, "-f", manifests)
	kubectl(t, "rollout", "status", "-n", m.namespace, "deployment/fairlead-gateway", "--timeout=120s")
}

var unsubscribeLink = regexp.MustCompile(`List-Unsubscribe: <https://hello\.airshow\.example(/u/[A-Za-z0-9_-]+)>`)

// newestTo is the newest mail to an address, as it is.
func (m *mailing) newestTo(t *testing.T, address string) string {
	t.Helper()
	var mails []struct {
		Number int
		To     []string
	}
	if err := m.ask(t.Context(), "/api/messages", &mails); err != nil {
		t.Fatal(err)
	}
	newest := 0
	for _, mail := range mails {
		if len(mail.To) == 1 && mail.To[0] == address && mail.Number > newest {
			newest = mail.Number
		}
	}
	raw, err := typed.CoreV1().Services("mail").ProxyGet("http", "mailsink", "http", fmt.Sprintf("api/messages/%d/raw", newest), nil).DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestGateway: the pods of a gateway take the one click of a mail program, by a link in a mail that
// pods sent; and whoever clicked is not in the next run.
func TestGateway(t *testing.T) {
	m := newMailing(t)
	m.openGateway(t)
	letter := func(name string) *crm.Outreach {
		made := &crm.Outreach{
			ObjectMeta: metav1.ObjectMeta{Namespace: m.namespace, Name: name},
			Spec: crm.OutreachSpec{
				StoreName: "crm", RunKey: name, Audience: &crm.Audience{Include: []crm.SegmentReference{{SegmentName: "all"}}},
				Outreach: &crm.MessagePlan{ChannelName: "mail", Topic: "service", Messages: []crm.Message{{Locale: "en", Subject: "We open", Text: "Dear {{ .Contact.Name }}, no more: {{ .UnsubscribeURL }}"}}},
			},
		}
		if err := cluster.Create(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		return made
	}
	first := letter("first")
	m.completed(t, first)
	// The sink keeps the newest mails only.
	address := fmt.Sprintf("office%d@%s", firms-1, crashDomain)
	rows := m.db.QueryRowContext(t.Context(), `SELECT k.address FROM outreach_message m JOIN outreach_run r ON r.id = m.run_id JOIN contact_point k ON k.id = m.point_id JOIN outreach_outcome o ON o.run_id = m.run_id AND o.seq = m.seq
		WHERE r.run_key = 'first' ORDER BY o.at DESC LIMIT 1`)
	if err := rows.Scan(&address); err != nil {
		t.Fatal(err)
	}
	found := unsubscribeLink.FindStringSubmatch(strings.ReplaceAll(m.newestTo(t, address), "\r\n ", " "))
	if found == nil {
		t.Fatalf("the mail has no link:\n%s", m.newestTo(t, address))
	}
	post := func(path string) error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		return typed.CoreV1().RESTClient().Post().Namespace(m.namespace).Resource("services").Name("fairlead-gateway:http").SubResource("proxy").Suffix(path).
			SetHeader("Content-Type", "application/x-www-form-urlencoded").Body([]byte("List-Unsubscribe=One-Click")).Do(ctx).Error()
	}
	if err := post(found[1][:len(found[1])-3] + "AAA"); err == nil {
		t.Error("a link that is none is taken")
	}
	if err := post(found[1]); err != nil {
		t.Fatalf("the gateway does not take the click: %v\n%s", err, kubectl(t, "logs", "-n", m.namespace, "deployment/fairlead-gateway"))
	}
	before, _ := m.count(t)
	second := letter("second")
	m.completed(t, second)
	var dropped int64
	for _, d := range second.Status.Audience.Dropped {
		if d.Reason == "Unsubscribed" {
			dropped = d.Count
		}
	}
	if each, _ := m.count(t); dropped != 1 || second.Status.Messages.Sent != firms-1 || each[address] != before[address] {
		t.Errorf("of the second run %d unsubscribed, %+v; %s got %d mails more", dropped, second.Status.Messages, address, each[address]-before[address])
	}
}
