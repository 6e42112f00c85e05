package outreachchannel

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// lasting is what of a cause stays the same from one attempt to the next, and may stand
// in a status: no port of ours, no time of day, and nothing that a server said. It is
// nil if that is nothing.
func lasting(err error) error {
	var name *net.DNSError
	var number syscall.Errno
	var network net.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &name) && name.IsNotFound:
		return errors.New("there is no host of this name")
	case errors.As(err, &name):
		return errors.New("the name cannot be resolved at present")
	case brokenOff(err):
		return errors.New("the connection ended")
	case errors.As(err, &number):
		return number
	case errors.As(err, &network) && network.Timeout():
		return errors.New("no answer in time")
	default:
		return lastingOfCertificate(err)
	}
}

// lastingOfCertificate is the same for what is wrong with a certificate.
func lastingOfCertificate(err error) error {
	var host x509.HostnameError
	var authority x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &host):
		return errors.New("it is for " + namesOf(host.Certificate))
	case errors.As(err, &authority):
		return errors.New("it is signed by an authority that is not trusted")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Errorf("it is valid from %s until %s", stated(invalid.Cert.NotBefore), stated(invalid.Cert.NotAfter))
	default:
		return nil
	}
}

// mostNames of a certificate that a status repeats.
const mostNames = 3

// hostName is what a certificate may be for. All else in it could be anything.
var hostName = regexp.MustCompile(`^[A-Za-z0-9.*-]{1,253}$`)

// namesOf are the first hosts that a certificate is for.
func namesOf(certificate *x509.Certificate) string {
	var names []string
	for _, name := range certificate.DNSNames {
		if hostName.MatchString(name) {
			names = append(names, name)
		}
	}
	for _, address := range certificate.IPAddresses {
		names = append(names, address.String())
	}
	switch {
	case len(names) == 0:
		return "no host"
	case len(names) > mostNames:
		return strings.Join(names[:mostNames], ", ") + " and others"
	default:
		return strings.Join(names, ", ")
	}
}

func stated(moment time.Time) string { return moment.UTC().Format(time.RFC3339) }

// broken are the ways in which a connection ends that was open. Which of them it is
// depends on what was under way.
var broken = []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE}

// brokenOff tells whether a connection ended in the middle, as it does when a server is
// started again.
func brokenOff(err error) bool {
	return slices.ContainsFunc(broken, func(end error) bool { return errors.Is(err, end) })
}
