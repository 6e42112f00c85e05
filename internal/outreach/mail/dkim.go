package mail

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
)

// leastRSA is the smallest RSA key that receivers take seriously (RFC 8301).
const leastRSA = 2048

// signedHeaders are what nobody may change on the way. From is named once more
// than it stands in a mail, so that a second one breaks the signature.
var signedHeaders = []string{
	"From", "From", "Reply-To", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post",
	"MIME-Version", "Content-Type",
}

// Signer signs mails with DKIM (RFC 6376). It may be used by several goroutines
// at once.
type Signer struct {
	options dkim.SignOptions
}

// Format keeps the key out of every message that a signer gets into.
func (s *Signer) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte(s.options.Domain)) }

// NewSigner takes the domain and selector under which the public key is in DNS,
// and the private key in PEM (PKCS#8): RSA of at least 2048 bits, or Ed25519
// (RFC 8463). RSA costs a millisecond a mail. Ed25519 costs next to nothing, and
// not every receiver knows it.
func NewSigner(domain, selector string, key []byte) (*Signer, error) {
	if !validHost(domain) || !validHost(selector) {
		return nil, errors.New("reading the DKIM settings: domain and selector must be host names")
	}
	// What is wrong with a key is not said in the decoder's words: they may quote it.
	block, _ := pem.Decode(key)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New("reading the DKIM key: it is not in PEM with PRIVATE KEY in its first line: openssl pkcs8 -topk8 -nocrypt makes it so")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("reading the DKIM key: what is in the PEM is no key of PKCS#8")
	}
	signer, isSigner := parsed.(crypto.Signer)
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < leastRSA {
			return nil, fmt.Errorf("reading the DKIM key: RSA needs at least %d bits", leastRSA)
		}
	case ed25519.PrivateKey:
	default:
		isSigner = false
	}
	if !isSigner {
		return nil, errors.New("reading the DKIM key: it must be one of RSA or Ed25519")
	}
	return &Signer{options: dkim.SignOptions{
		Domain: domain, Selector: selector, Signer: signer, Hash: crypto.SHA256,
		// Servers on the way may fold headers anew and cut spaces.
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             signedHeaders,
	}}, nil
}

// Append appends the signature and the mail, which must not lie in the buffer.
// The signature holds the time, so it is the one part of a mail that a preview
// cannot show.
func (s *Signer) Append(buffer, message []byte) ([]byte, error) {
	signer, err := dkim.NewSigner(&s.options)
	if err != nil {
		return buffer, fmt.Errorf("signing the mail: %w", err)
	}
	_, err = signer.Write(message)
	if err := errors.Join(err, signer.Close()); err != nil {
		return buffer, fmt.Errorf("signing the mail: %w", err)
	}
	buffer = append(buffer, signer.Signature()...)
	return append(buffer, message...), nil
}
