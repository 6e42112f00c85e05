// Package webhook speaks to HTTP endpoints that take messages as Standard Webhooks.
package webhook

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
)

// Endpoint is where messages are posted to.
type Endpoint struct {
	// URL with the scheme https.
	URL string
	// AllowPrivateAddresses lets the URL lead to addresses that are not public.
	AllowPrivateAddresses bool
	// RootCAs sign the server's certificate. Default: those of the system.
	RootCAs *x509.CertPool
}

// Trouble is what stands between a channel and its endpoint.
type Trouble string

// The troubles.
const (
	// TroubleSettings: the URL is none of https.
	TroubleSettings Trouble = "SettingsInvalid"
	// TroublePrivateAddress: the URL leads to an address that is not public.
	TroublePrivateAddress Trouble = "PrivateAddress"
	// TroubleUnreachable: there is no connection, or no answer in time.
	TroubleUnreachable Trouble = "ServerUnreachable"
	// TroubleTLS: there is no agreement on how to encrypt.
	TroubleTLS Trouble = "TLSFailed"
	// TroubleCertificate: the server's certificate does not prove who it is.
	TroubleCertificate Trouble = "CertificateInvalid"
)

// EndpointError says why an endpoint cannot be used, and what may help.
type EndpointError struct {
	Trouble Trouble
	// Text says what happened and what may help.
	Text string
	// Err is the cause, if there is one.
	Err error
}

// Error says what happened and why.
func (e *EndpointError) Error() string {
	if e.Err != nil {
		return e.Text + ": " + e.Err.Error()
	}
	return e.Text
}

// Unwrap gives the cause.
func (e *EndpointError) Unwrap() error { return e.Err }

// Check connects and encrypts, and posts nothing. Its error is an *EndpointError.
func (e Endpoint) Check(ctx context.Context) error {
	conn, err := e.dial(ctx)
	if err != nil {
		return err
	}
	// Nothing was sent that could get lost.
	_ = conn.Close()
	return nil
}

// dial connects and encrypts. Its error is an *EndpointError.
func (e Endpoint) dial(ctx context.Context) (net.Conn, error) {
	parsed, err := url.Parse(e.URL)
	if err != nil || parsed.Scheme != "https" || parsed.Hostname() == "" {
		// The cause would repeat the URL.
		return nil, &EndpointError{Trouble: TroubleSettings, Text: "the URL must be one of https with a host"}
	}
	host := parsed.Hostname()
	address := net.JoinHostPort(host, cmp.Or(parsed.Port(), "443"))
	dialer := net.Dialer{}
	if !e.AllowPrivateAddresses {
		dialer.Control = onlyPublic
	}
	conn, err := dialer.DialContext(ctx, "tcp", address)
	switch {
	case errors.Is(err, errPrivate):
		return nil, &EndpointError{Trouble: TroublePrivateAddress, Text: fmt.Sprintf("%s leads to an address that is not public", host)}
	case err != nil:
		return nil, &EndpointError{
			Trouble: TroubleUnreachable, Err: err,
			Text: fmt.Sprintf("no connection to %s: check host, port, and whether a firewall or NetworkPolicy is in the way", address),
		}
	}
	encrypted := tls.Client(conn, &tls.Config{ServerName: host, RootCAs: e.RootCAs, MinVersion: tls.VersionTLS12})
	if err := encrypted.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // it is of no use any more
		return nil, handshakeError(ctx, err, host, address)
	}
	return encrypted, nil
}

// handshakeError says why there is no encrypted connection.
func handshakeError(ctx context.Context, err error, host, address string) *EndpointError {
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &certificate):
		return &EndpointError{
			Trouble: TroubleCertificate, Err: err,
			Text: fmt.Sprintf("the certificate of %s does not prove that it is %s: use the name in the certificate, or trust the authority that signed it", address, host),
		}
	case ctx.Err() != nil:
		return &EndpointError{
			Trouble: TroubleUnreachable, Err: err,
			Text: fmt.Sprintf("%s did not finish the TLS handshake in time: check that the port speaks TLS", address),
		}
	default:
		return &EndpointError{
			Trouble: TroubleTLS, Err: err,
			Text: fmt.Sprintf("no encrypted connection to %s: it must speak TLS 1.2 or newer", address),
		}
	}
}
