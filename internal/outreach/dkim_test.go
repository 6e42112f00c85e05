package outreach

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// TestMailsAreSigned: what arrives is verified against the public key, and the plan does not
// have the private one.
func TestMailsAreSigned(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	const recipients = 30
	p := prepare(t, server.NewDatabase(t), recipients, func(plan *Plan) {
		plan.Channel.ReplyTo = "team@airshow.example"
		plan.Channel.SMTP.DKIM = &crm.DKIM{Domain: "airshow.example", Selector: "fair", KeySecretName: "dkim-key"}
	}, store.Freeze{})
	w := workerOf(p.Store)
	if err := w.Work(t.Context()); !errors.Is(err, ErrCredentials) || p.sink.Total() != 0 {
		t.Errorf("without a key comes %v, and %d mails", err, p.sink.Total())
	}
	w.DKIMKey = key
	if err := w.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.expectOnce(recipients)
	valid := func(raw []byte) bool {
		results, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			if name != "fair._domainkey.airshow.example" {
				return nil, fmt.Errorf("asked for %s", name)
			}
			return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, nil
		}})
		return err == nil && len(results) == 1 && results[0].Err == nil && results[0].Domain == "airshow.example"
	}
	messages := p.sink.Messages()
	if len(messages) != recipients {
		t.Fatalf("%d mails are kept", len(messages))
	}
	for _, m := range messages {
		if !valid(m.Raw) {
			t.Fatalf("the signature does not hold:\n%s", m.Raw)
		}
	}
	for part, other := range map[string]string{"Dear Firm": "Dear Frim", "team@airshow": "teem@airshow"} {
		if valid(bytes.Replace(messages[0].Raw, []byte(part), []byte(other), 1)) {
			t.Errorf("another %s passes", part)
		}
	}
	if run, err := p.RunByKey(t.Context(), "k"); err != nil || strings.Contains(run.Plan, "PRIVATE") || !strings.Contains(run.Plan, `"selector":"fair"`) {
		t.Errorf("the plan is %+v, %v", run, err)
	}
}
