package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// authority makes a certificate for a name, and the roots that vouch for it.
func authority(t testing.TB, name string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(made)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, roots
}

// auth takes the user "desk" with the password.
func (c *session) auth(argument string) bool {
	ask := func(question string) string {
		c.say("334 " + base64.StdEncoding.EncodeToString([]byte(question)))
		c.send()
		line, _ := c.reader.ReadString('\n')
		answer, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
		return string(answer)
	}
	good := false
	switch mechanism, initial, _ := strings.Cut(argument, " "); mechanism {
	case "PLAIN":
		words, _ := base64.StdEncoding.DecodeString(initial)
		good = string(words) == "\x00desk\x00"+c.password
	case "LOGIN":
		good = ask("Username:") == "desk"
		good = ask("Password:") == c.password && good
	}
	if good {
		return c.say("235 2.7.0 welcome")
	}
	return c.say("535 5.7.8 no such desk@airshow.example")
}

func TestDial(t *testing.T) {
	good, roots := authority(t, "127.0.0.1")
	wrong, wrongRoots := authority(t, "mail.airshow.example")
	credentials := func(s *Server) { s.Username, s.Password = "desk", "secret" }
	startTLS := []string{"PIPELINING", "STARTTLS", "AUTH PLAIN LOGIN"}
	for name, test := range map[string]struct {
		sink   *sink
		change func(*Server)
		// trouble is none when all is well.
		trouble Trouble
		// text stands in the error.
		text string
	}{
		"in clear":            {sink: &sink{}, change: func(s *Server) { s.TLS = TLSNone }},
		"STARTTLS":            {sink: &sink{offers: startTLS, tls: good}},
		"STARTTLS by default": {sink: &sink{offers: startTLS, tls: good}, change: func(s *Server) { s.TLS = "" }},
		"implicit":            {sink: &sink{tls: good, implicit: true}, change: func(s *Server) { s.TLS = TLSImplicit }},
		"AUTH PLAIN":          {sink: &sink{offers: startTLS, tls: good, password: "secret"}, change: credentials},
		"AUTH LOGIN":          {sink: &sink{offers: []string{"STARTTLS", "AUTH LOGIN"}, tls: good, password: "secret"}, change: credentials},
		"AUTH in clear to this machine": {
			sink:   &sink{offers: []string{"AUTH PLAIN"}, password: "secret"},
			change: func(s *Server) { credentials(s); s.TLS = TLSNone },
		},
		"HELO": {
			sink:   &sink{script: map[string]string{"EHLO": "502 5.5.1 what?"}},
			change: func(s *Server) { s.TLS = TLSNone },
		},
		"a long greeting": {sink: &sink{greeting: "220-one\n220-two\n220 three"}, change: func(s *Server) { s.TLS = TLSNone }},

		"wrong password": {
			sink: &sink{offers: startTLS, tls: good, password: "other"}, change: credentials,
			trouble: TroubleAuthentication, text: "check username and password (reply 535 5.7.8)",
		},
		"wrong password by LOGIN": {
			sink: &sink{offers: []string{"STARTTLS", "AUTH LOGIN"}, tls: good, password: "other"}, change: credentials,
			trouble: TroubleAuthentication, text: "reply 535",
		},
		"a user refused before the password": {
			sink: &sink{offers: []string{"STARTTLS", "AUTH LOGIN"}, tls: good, script: map[string]string{"AUTH": "454 4.7.0 later"}}, change: credentials,
			trouble: TroubleAuthentication, text: "reply 454 4.7.0",
		},
		"a user taken before the password": {
			sink: &sink{offers: []string{"STARTTLS", "AUTH XOAUTH2"}, tls: good}, change: credentials,
			trouble: TroubleAuthentication, text: "offers neither AUTH PLAIN nor AUTH LOGIN",
		},
		"a stranger's certificate": {
			sink: &sink{offers: startTLS, tls: good}, change: func(s *Server) { s.RootCAs = x509.NewCertPool() },
			trouble: TroubleCertificate, text: "trust the authority that signed it",
		},
		"another host's certificate": {
			sink: &sink{offers: startTLS, tls: wrong}, change: func(s *Server) { s.RootCAs = wrongRoots },
			trouble: TroubleCertificate, text: "use the name in the certificate",
		},
		"another host's certificate from the first byte": {
			sink: &sink{tls: wrong, implicit: true}, change: func(s *Server) { s.RootCAs, s.TLS = wrongRoots, TLSImplicit },
			trouble: TroubleCertificate,
		},
		"STARTTLS stripped": {
			sink: &sink{offers: []string{"PIPELINING", "AUTH PLAIN"}, tls: good, password: "secret"}, change: credentials,
			trouble: TroubleNoStartTLS, text: "use the TLS mode Implicit",
		},
		"STARTTLS offered and refused": {
			sink:    &sink{offers: startTLS, tls: good, script: map[string]string{"STARTTLS": "454 4.7.0 not now"}},
			trouble: TroubleNoStartTLS, text: "reply 454 4.7.0",
		},
		"an answer put in before TLS": {
			sink:    &sink{offers: startTLS, tls: good, script: map[string]string{"STARTTLS": "220 go\n250-sink.example\n250 AUTH PLAIN"}},
			trouble: TroubleTLS, text: "somebody may be listening in",
		},
		"implicit TLS where there is none": {
			sink: &sink{}, change: func(s *Server) { s.TLS = TLSImplicit },
			trouble: TroubleTLS, text: "use the TLS mode StartTLS",
		},
		"clear where there is implicit TLS": {
			sink: &sink{tls: good, implicit: true}, change: func(s *Server) { s.Timeouts.Command = 100 * time.Millisecond },
			trouble: TroubleUnreachable, text: "a port for implicit TLS says nothing in clear",
		},
		"a server that takes nobody": {
			sink: &sink{greeting: "554 5.7.1 not you"}, trouble: TroubleRefused, text: "reply 554 5.7.1",
		},
		"a busy server":           {sink: &sink{greeting: "421 4.3.2 later"}, trouble: TroubleRefused, text: "reply 421 4.3.2"},
		"no SMTP":                 {sink: &sink{greeting: "HTTP/1.1 400 Bad Request"}, trouble: TroubleNotSMTP, text: "check host, port and TLS mode"},
		"an endless line":         {sink: &sink{greeting: "220 " + strings.Repeat("x", 5000)}, trouble: TroubleNotSMTP, text: "too long"},
		"an endless answer":       {sink: &sink{greeting: strings.Repeat("220-x\n", 200) + "220 x"}, trouble: TroubleNotSMTP, text: "too many lines"},
		"codes mixed":             {sink: &sink{greeting: "220-x\n250 x"}, trouble: TroubleNotSMTP, text: "different codes"},
		"gone at once":            {sink: &sink{greeting: "cut"}, trouble: TroubleUnreachable},
		"an EHLO refused":         {sink: &sink{script: map[string]string{"EHLO": "550 x", "HELO": "550 5.7.1 x"}}, trouble: TroubleRefused, text: "set a local name"},
		"the NOOP refused":        {sink: &sink{script: map[string]string{"NOOP": "421 4.3.2 x"}}, change: func(s *Server) { s.TLS = TLSNone }, trouble: TroubleRefused},
		"nobody listens":          {sink: &sink{}, change: func(s *Server) { s.Port = 1 }, trouble: TroubleUnreachable, text: "check host, port"},
		"no port":                 {sink: &sink{}, change: func(s *Server) { s.Port = 0 }, trouble: TroubleSettings},
		"another TLS mode":        {sink: &sink{}, change: func(s *Server) { s.TLS = "Maybe" }, trouble: TroubleSettings},
		"half of the credentials": {sink: &sink{}, change: func(s *Server) { s.Username = "desk" }, trouble: TroubleSettings},
		"a command in the name":   {sink: &sink{}, change: func(s *Server) { s.LocalName = "a\r\nMAIL" }, trouble: TroubleSettings},
	} {
		t.Run(name, func(t *testing.T) {
			running := test.sink.start(t)
			server := running.server()
			server.TLS, server.RootCAs = TLSStartTLS, roots
			if test.change != nil {
				test.change(&server)
			}
			err := server.Check(t.Context())
			if test.trouble == "" {
				if err != nil {
					t.Fatal(err)
				}
				c, err := server.Dial(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if got := summaries(c.Send(t.Context(), mailsTo(t, "a"), nil)); got != "Sent 250 2.0.0" {
					t.Error(got)
				}
				c.Close()
				running.finish()
				if running.lines[len(running.lines)-1] != "QUIT" {
					t.Errorf("no goodbye: %q", running.lines)
				}
				return
			}
			var failure *ChannelError
			if !errors.As(err, &failure) || failure.Trouble != test.trouble || !strings.Contains(err.Error(), test.text) {
				t.Fatalf("%v, want %s and %q", err, test.trouble, test.text)
			}
			for _, secret := range []string{"secret", "desk"} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error tells too much: %v", err)
				}
			}
			running.finish()
			for _, line := range running.lines {
				if strings.HasPrefix(line, "MAIL") || test.trouble != TroubleAuthentication && strings.HasPrefix(line, "AUTH") {
					t.Errorf("it went on to %q", line)
				}
			}
		})
	}
}

func TestCredentialsNeverInClear(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	server := Server{Host: "mail.example", Port: 25, Username: "desk", Password: "secret"}
	c := newConnection(server, here)
	c.extensions.authPlain = true
	var failure *ChannelError
	if err := c.authenticate(); !errors.As(err, &failure) || failure.Trouble != TroubleSettings {
		t.Errorf("error %v", err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s", server, server, server, &server); strings.Contains(text, "secret") {
		t.Error(text)
	}
}

func TestDialGivesUpWithItsContext(t *testing.T) {
	s := (&sink{greeting: "hang"}).start(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	var failure *ChannelError
	if _, err := s.server().Dial(ctx); !errors.As(err, &failure) || failure.Trouble != TroubleUnreachable || !failure.Temporary() {
		t.Errorf("error %v", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("after %s", took)
	}
}
