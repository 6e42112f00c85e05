package mail

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

// pemOf writes a key as PKCS#8.
func pemOf(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// published writes what stands in DNS for a key.
func published(t testing.TB, key crypto.Signer) string {
	t.Helper()
	if public, isEd := key.Public().(ed25519.PublicKey); isEd {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

func dkimKeys(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]crypto.Signer{"RSA": rsaKey, "Ed25519": edKey}
}

func TestSigned(t *testing.T) {
	for name, key := range dkimKeys(t) {
		t.Run(name, func(t *testing.T) {
			signer, err := NewSigner("airshow.example", "fair", pemOf(t, key))
			if err != nil {
				t.Fatal(err)
			}
			valid := func(raw []byte) bool {
				results, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{
					LookupTXT: func(domain string) ([]string, error) {
						if domain != "fair._domainkey.airshow.example" {
							return nil, fmt.Errorf("asked for %s", domain)
						}
						return []string{published(t, key)}, nil
					},
				})
				if err != nil || len(results) != 1 || results[0].Domain != "airshow.example" {
					t.Fatal(results, err)
				}
				return results[0].Err == nil
			}
			for _, body := range []string{"Hello\n", "Grüße  \n\n\n", strings.Repeat("您好", 500)} {
				m := invitation()
				m.Text, m.Subject = []byte(body), "Grüße "+strings.Repeat("x", 200)
				raw, err := m.Append(nil)
				if err != nil {
					t.Fatal(err)
				}
				signed, err := signer.Append([]byte("kept"), raw)
				if err != nil {
					t.Fatal(err)
				}
				signed, kept := bytes.CutPrefix(signed, []byte("kept"))
				if !kept || !bytes.HasSuffix(signed, raw) || !valid(signed) {
					t.Errorf("not valid:\n%s", signed)
				}
				if _, ok := inspect(signed); !ok {
					t.Errorf("cannot be sent:\n%q", signed)
				}
				for change, changed := range map[string][]byte{
					"another recipient": bytes.Replace(signed, []byte("Ann.Lee@"), []byte("Bob.Lee@"), 1),
					"another way out":   bytes.Replace(signed, []byte("/u/4711"), []byte("/u/4712"), 1),
					"a second sender":   append([]byte("From: boss@airshow.example\r\n"), signed...),
					"another body":      bytes.Replace(signed, []byte("until Friday"), []byte("until Monday"), 1),
				} {
					if bytes.Equal(changed, signed) || valid(changed) {
						t.Errorf("%s passes", change)
					}
				}
			}
			if text := fmt.Sprintf("%v %+v %#v", signer, signer, signer); text != "airshow.example airshow.example airshow.example" {
				t.Error(text)
			}
		})
	}
}

func TestSignerRefuses(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		domain string
		key    []byte
		wish   string
	}{
		"a short key":        {"airshow.example", pemOf(t, small), "at least 2048 bits"},
		"another kind":       {"airshow.example", pemOf(t, other), "RSA or Ed25519"},
		"no PEM":             {"airshow.example", []byte("secret"), "not in PEM"},
		"another PEM":        {"airshow.example", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY"}), "openssl pkcs8"},
		"a broken key":       {"airshow.example", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY"}), "no key of PKCS#8"},
		"a header as domain": {"a.example\r\nX: y", nil, "must be host names"},
	} {
		if _, err := NewSigner(test.domain, "fair", test.key); err == nil || !strings.Contains(err.Error(), test.wish) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
