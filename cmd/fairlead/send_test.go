package main

import (
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// filesIn makes a folder with files.
func filesIn(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// TestSendToWebhook: with a secret, and a certificate that a company signed.
func TestSendToWebhook(t *testing.T) {
	var taken atomic.Int64
	desk := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil && strings.Contains(string(body), `"address":"ann@firm.example"`) && strings.HasPrefix(r.Header.Get("webhook-signature"), "v1,") {
			taken.Add(1)
		}
	}))
	t.Cleanup(desk.Close)
	url := newSQLite(t)
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	for _, statement := range []string{
		`INSERT INTO party (id, kind, code, name) VALUES (1, 'Organization', 'C-1', 'Firm')`,
		`INSERT INTO contact_point (id, source_id, external_key, party_id, party_record_id, medium, address, address_key, digest, import_id) VALUES (1, 1, 'k', 1, 1, 'Email', 'ann@firm.example', 'ann@firm.example', 0, 0)`,
		`INSERT INTO segment_member (segment, customer_id, class, entered_at) VALUES ('all', 1, '', 0)`,
	} {
		if _, err := connect(t, url).ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	plan := &outreach.Plan{
		Topic: "service", Window: 10, Attempts: 3, Messages: []crm.Message{{Locale: "en", Subject: "We open", Text: "Dear {{ .Contact.Name }}"}},
		Channel: outreach.Channel{Name: "expo/desk", Medium: "Email", Delivery: crm.DeliveryLive, MessagesPerSecond: 100, Webhook: &crm.Webhook{URL: desk.URL, AllowPrivateAddresses: ptr.To(true)}},
	}
	text, err := plan.Text()
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.Freeze(t.Context(), store.Freeze{Key: "k", Medium: "Email", Plan: text, Audience: store.Audience{Include: []store.SegmentChoice{{Name: "all"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetRunState(t.Context(), run.ID, []store.RunState{store.RunFrozen}, store.RunSending, ""); err != nil {
		t.Fatal(err)
	}
	send := []string{"send", "--run-key", "k", "--store", url, "--idle", "10ms"}
	if code, _, says := runCaptured(t, send...); code != exitUsage || !strings.Contains(says, "the credentials do not fit the run's channel: a secret of Standard Webhooks is whsec_") {
		t.Errorf("without a secret it says %s", says)
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: desk.Certificate().Raw})
	must(t, exitOK, append(send, "--credentials-dir", filesIn(t, map[string]string{"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", "ca.crt": string(certificate)}))...)
	if taken.Load() != 1 {
		t.Errorf("%d were posted", taken.Load())
	}
}
