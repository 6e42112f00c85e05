package webhook

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestIsPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "185.199.108.153": true, "172.32.0.1": true, "100.128.0.1": true, "2a00:1450:4001:800::200e": true, "2606:4700::1111": true,
		"64:ff9b::8.8.8.8": true, "::ffff:8.8.8.8": true,

		"127.0.0.1": false, "10.96.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "0.1.2.3": false, "192.0.0.1": false, "198.18.0.1": false, "192.0.2.1": false, "198.51.100.1": false, "203.0.113.1": false,
		"224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "fe80::1": false, "fe80::1%eth0": false, "fd00::1": false, "fec0::1": false, "ff02::1": false,
		"2001:db8::1": false, "2001::1": false, "2002:0a00:0001::1": false, "3fff::1": false, "64:ff9b::10.0.0.1": false, "64:ff9b:1::1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::127.0.0.1": false,
	} {
		if got := IsPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %t, want %t", address, got, want)
		}
	}
	if IsPublic(netip.Addr{}) {
		t.Error("no address is public")
	}
}

func TestCheck(t *testing.T) {
	requests := 0
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests++ }))
	t.Cleanup(server.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })

	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for name, test := range map[string]struct {
		endpoint Endpoint
		trouble  Trouble
		text     string
	}{
		"all is well":              {Endpoint{server.URL + "/hooks?of=ours", true, roots}, "", ""},
		"a private address":        {Endpoint{server.URL, false, roots}, TroublePrivateAddress, "127.0.0.1 leads to an address that is not public"},
		"a name that leads to one": {Endpoint{"https://localhost" + port, false, roots}, TroublePrivateAddress, "localhost leads to"},
		"nobody listens":           {Endpoint{"https://" + closed.Addr().String(), true, roots}, TroubleUnreachable, "check host, port"},
		"nobody answers":           {Endpoint{"https://" + silent.Addr().String(), true, roots}, TroubleUnreachable, "in time"},
		"a name that there is not": {Endpoint{"https://desk.invalid", true, roots}, TroubleUnreachable, "no connection to desk.invalid:443"},
		"a stranger's certificate": {Endpoint{server.URL, true, x509.NewCertPool()}, TroubleCertificate, "trust the authority that signed it"},
		"another's certificate":    {Endpoint{"https://localhost" + port, true, roots}, TroubleCertificate, "does not prove that it is localhost"},
		"no TLS":                   {Endpoint{strings.Replace(plain.URL, "http:", "https:", 1), true, roots}, TroubleTLS, "must speak TLS 1.2 or newer"},
		"not encrypted":            {Endpoint{plain.URL, true, roots}, TroubleSettings, "https"},
		"no URL":                   {Endpoint{"https://a b/", true, roots}, TroubleSettings, "https"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := test.endpoint.Check(ctx)
			if test.trouble == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var found *EndpointError
			if !errors.As(err, &found) || found.Trouble != test.trouble || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %s and %q", err, test.trouble, test.text)
			}
		})
	}
	if requests != 0 {
		t.Errorf("%d requests were made", requests)
	}
}

func TestParseSecret(t *testing.T) {
	encoded := func(length int) string { return base64.StdEncoding.EncodeToString(make([]byte, length)) }
	for text, want := range map[string]int{
		"whsec_" + encoded(24):                   24,
		"whsec_" + encoded(64):                   64,
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": 24,
		" whsec_" + encoded(32) + "\n":           32,
		"whsec_" + encoded(23):                   0,
		"whsec_" + encoded(65):                   0,
		"whsec_":                                 0,
		"whsec_not Base64 at all, is it?!":       0,
		encoded(32):                              0,
		"":                                       0,
	} {
		key, err := ParseSecret([]byte(text))
		if len(key) != want || (err == nil) != (want > 0) {
			t.Errorf("%q gives %d bytes and %v, want %d", text, len(key), err, want)
		}
		if err != nil && len(text) > 10 && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats the secret: %v", err)
		}
	}
}
