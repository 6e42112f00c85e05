// Package pki makes the certificates and keys of a cluster: one authority,
// and one certificate for each server and each identity.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// lifetime of everything. A local cluster is thrown away long before.
const lifetime = 365 * 24 * time.Hour

// Pair is a certificate and its key, PEM encoded.
type Pair struct {
	Certificate []byte
	Key         []byte
}

// Write puts the pair into NAME.crt and NAME.key of the folder; only its
// owner reads them.
func (p Pair) Write(folder, name string) error {
	if err := os.WriteFile(filepath.Join(folder, name+".crt"), p.Certificate, 0o600); err != nil {
		return fmt.Errorf("writing the certificate of %s: %w", name, err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".key"), p.Key, 0o600); err != nil {
		return fmt.Errorf("writing the key of %s: %w", name, err)
	}
	return nil
}

// Authority signs certificates.
type Authority struct {
	Pair
	certificate *x509.Certificate
	key         crypto.Signer
}

// Request says what a certificate is for.
type Request struct {
	// Identity is the common name: the user, for clients.
	Identity string
	// Groups are the groups of the user, for clients.
	Groups []string
	// Names and Addresses are what a server is reached by; without any the
	// certificate is for clients only.
	Names     []string
	Addresses []string
	// Peer makes a server's certificate good for clients too.
	Peer bool
}

// NewAuthority makes an authority.
func NewAuthority(name string, now time.Time) (*Authority, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	template, err := newTemplate(name, now)
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.BasicConstraintsValid = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	pair, err := sign(template, template, key, key)
	if err != nil {
		return nil, fmt.Errorf("signing the authority %s: %w", name, err)
	}
	block, _ := pem.Decode(pair.Certificate)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("parsing the authority %s: %w", name, err)
	}
	return &Authority{Pair: pair, certificate: certificate, key: key}, nil
}

// Issue makes a key and signs a certificate for it.
func (a *Authority) Issue(request Request, now time.Time) (Pair, error) {
	key, err := newKey()
	if err != nil {
		return Pair{}, err
	}
	template, err := newTemplate(request.Identity, now)
	if err != nil {
		return Pair{}, err
	}
	template.Subject.Organization = request.Groups
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.DNSNames = request.Names
	for _, text := range request.Addresses {
		address := net.ParseIP(text)
		if address == nil {
			return Pair{}, fmt.Errorf("the certificate of %s: %q is not an address", request.Identity, text)
		}
		template.IPAddresses = append(template.IPAddresses, address)
	}
	server := len(request.Names)+len(request.Addresses) > 0
	if server {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	if !server || request.Peer {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
	}
	pair, err := sign(template, a.certificate, key, a.key)
	if err != nil {
		return Pair{}, fmt.Errorf("signing the certificate of %s: %w", request.Identity, err)
	}
	return pair, nil
}

// NewSigningKey makes a key pair for signing service account tokens: the
// public half stands where a certificate would.
func NewSigningKey() (Pair, error) {
	key, err := newKey()
	if err != nil {
		return Pair{}, err
	}
	private, err := encodeKey(key)
	if err != nil {
		return Pair{}, err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return Pair{}, fmt.Errorf("encoding a public key: %w", err)
	}
	return Pair{Certificate: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), Key: private}, nil
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	return key, nil
}

func newTemplate(name string, now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, fmt.Errorf("choosing a serial number: %w", err)
	}
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		// A little in the past, for clocks that are set while we start.
		NotBefore: now.Add(-5 * time.Minute),
		NotAfter:  now.Add(lifetime),
	}, nil
}

func sign(template, parent *x509.Certificate, key, parentKey crypto.Signer) (Pair, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), parentKey)
	if err != nil {
		return Pair{}, err
	}
	encoded, err := encodeKey(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), Key: encoded}, nil
}

func encodeKey(key crypto.Signer) ([]byte, error) {
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), nil
}
