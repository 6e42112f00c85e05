package mail

import (
	"crypto/x509"
	"errors"
	"fmt"
)

// Authorities adds certificates in PEM to the authorities that are trusted anyway: those of
// base, or of the system where it is nil. Without certificates it gives base as it is.
func Authorities(base *x509.CertPool, certificates []byte) (*x509.CertPool, error) {
	if len(certificates) == 0 {
		return base, nil
	}
	if base != nil {
		base = base.Clone()
	} else {
		var err error
		if base, err = x509.SystemCertPool(); err != nil {
			return nil, fmt.Errorf("reading the authorities of the system: %w", err)
		}
	}
	if !base.AppendCertsFromPEM(certificates) {
		return nil, errors.New("there is no certificate in PEM among the authorities")
	}
	return base, nil
}
