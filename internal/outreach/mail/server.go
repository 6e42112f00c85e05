package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// TLSMode is how a connection is protected.
type TLSMode string

// The modes, as an OutreachChannel names them.
const (
	// TLSStartTLS demands STARTTLS (RFC 3207). An empty mode is this one.
	TLSStartTLS TLSMode = "StartTLS"
	// TLSImplicit speaks TLS from the first byte (RFC 8314).
	TLSImplicit TLSMode = "Implicit"
	// TLSNone sends in clear, and never sends credentials but to this machine.
	TLSNone TLSMode = "None"
)

// Server is an SMTP server and how to use it.
type Server struct {
	Host string
	Port int
	TLS  TLSMode
	// Username and Password may be empty, and the server is then not told any.
	Username string
	Password string
	// RootCAs sign the server's certificate. Default: those of the system.
	RootCAs *x509.CertPool
	// LocalName is how we introduce ourselves. Default: the address from which the
	// connection comes, in brackets.
	LocalName string
	// Timeouts that are zero are the default ones.
	Timeouts Timeouts
}

// Format keeps the password out of every message that a server gets into.
func (s Server) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(s.address())) }

// Timeouts bound every step.
type Timeouts struct {
	// Connect bounds the connection and the TLS handshake, one each. Default: 30 s.
	Connect time.Duration
	// Command bounds the greeting and the answer to a command. Default: 5 min.
	Command time.Duration
	// Block bounds the writing of one block of at most 64 KiB. Default: 3 min.
	Block time.Duration
	// Message bounds the answer to a whole message. It is long by default, 10 min,
	// since a message whose answer was not awaited is Unknown.
	Message time.Duration
	// Drain bounds what is under way once the context has ended. Default: 20 s.
	Drain time.Duration
	// Quit bounds the goodbye. Default: 2 s.
	Quit time.Duration
}

// orDefault gives the timeouts with those of RFC 5321, section 4.5.3.2, in the
// place of zeros.
func (t Timeouts) orDefault() Timeouts {
	for _, each := range []struct {
		set  *time.Duration
		wish time.Duration
	}{
		{&t.Connect, 30 * time.Second},
		{&t.Command, 5 * time.Minute},
		{&t.Block, 3 * time.Minute},
		{&t.Message, 10 * time.Minute},
		{&t.Drain, 20 * time.Second},
		{&t.Quit, 2 * time.Second},
	} {
		if *each.set <= 0 {
			*each.set = each.wish
		}
	}
	return t
}

// address of the server, as one dials and names it.
func (s Server) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// check refuses settings that cannot work, and names that could smuggle in a
// command.
func (s Server) check() error {
	text := ""
	switch {
	case s.Host == "" || s.Port < 1 || s.Port > 65535:
		text = "the server needs a host and a port between 1 and 65535"
	case s.TLS != TLSStartTLS && s.TLS != TLSImplicit && s.TLS != TLSNone:
		text = "the TLS mode must be StartTLS, Implicit or None"
	case (s.Username == "") != (s.Password == ""):
		text = "username and password must be given together: give both or neither"
	case strings.ContainsRune(s.Username+s.Password, 0):
		text = "username and password must not contain a NUL byte"
	case s.LocalName != "" && !validHost(s.LocalName):
		text = "the local name must be a host name"
	default:
		return nil
	}
	return &ChannelError{Trouble: TroubleSettings, Text: text}
}

// Dial connects, encrypts and authenticates. Its error is a *ChannelError. Once
// the context has ended it gives up at once.
func (s Server) Dial(ctx context.Context) (*Connection, error) {
	if s.TLS == "" {
		s.TLS = TLSStartTLS
	}
	s.Timeouts = s.Timeouts.orDefault()
	if err := s.check(); err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: s.Timeouts.Connect}
	conn, err := dialer.DialContext(ctx, "tcp", s.address())
	if err != nil {
		return nil, &ChannelError{
			Trouble: TroubleUnreachable, Err: err,
			Text: fmt.Sprintf("no connection to %s: check host, port, and whether a firewall or NetworkPolicy is in the way", s.address()),
		}
	}
	c := newConnection(s, conn)
	release := c.wire.watch(ctx, 0)
	err = c.open(ctx)
	release()
	if err != nil {
		// There is nothing to lose.
		_ = c.wire.conn.Close()
		return nil, err
	}
	c.used = time.Now()
	return c, nil
}

// Check connects, encrypts, authenticates and says goodbye, and sends nothing.
// Its error is a *ChannelError.
func (s Server) Check(ctx context.Context) error {
	c, err := s.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	defer c.wire.watch(ctx, 0)()
	r, err := c.command(c.server.Timeouts.Command, "NOOP\r\n")
	if err != nil {
		return c.lost(err)
	}
	if r.kind() != positive {
		return refused(TroubleRefused, r, fmt.Sprintf("%s let us in and then refused to go on: ask who runs it", s.address()))
	}
	return nil
}

// tlsConfig checks the certificate and the host's name.
func (s Server) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.Host, RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12}
}

// handshake turns a connection into an encrypted one.
func (s Server) handshake(ctx context.Context, conn net.Conn) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeouts.Connect)
	defer cancel()
	encrypted := tls.Client(conn, s.tlsConfig())
	err := encrypted.HandshakeContext(ctx)
	if err == nil {
		return encrypted, nil
	}
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	failure := &ChannelError{Trouble: TroubleTLS, Err: err}
	switch {
	case errors.As(err, &certificate):
		failure.Trouble = TroubleCertificate
		failure.Text = fmt.Sprintf("the certificate of %s does not prove that it is %s: use the name in the certificate, or trust the authority that signed it", s.address(), s.Host)
	case errors.As(err, &plain):
		failure.Text = fmt.Sprintf("%s does not answer in TLS: use the TLS mode StartTLS, or the port for implicit TLS, mostly 465", s.address())
	case ctx.Err() != nil:
		failure.Trouble = TroubleUnreachable
		failure.Text = fmt.Sprintf("%s did not finish the TLS handshake in time: check that the port speaks TLS", s.address())
	default:
		failure.Text = fmt.Sprintf("no encrypted connection to %s: it must speak TLS 1.2 or newer", s.address())
	}
	return nil, failure
}
