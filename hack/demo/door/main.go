// Command door ends TLS in front of the gateway of the demo, with a certificate that it makes for
// itself: browsers warn of it. Outside of a demo an Ingress or a load balancer does this.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

func main() {
	listen := flag.String("listen", ":8443", "address to listen at")
	host := flag.String("host", "", "host that the certificate is for, a name or an IP address")
	to := flag.String("to", "", "URL of what stands behind")
	flag.Parse()
	if err := run(*listen, *host, *to); err != nil {
		fmt.Fprintln(os.Stderr, "door:", err)
		os.Exit(1)
	}
}

func run(listen, host, to string) error {
	behind, err := url.Parse(to)
	if err != nil || behind.Host == "" || host == "" {
		return errors.Join(errors.New("want -host HOST and -to URL"), err)
	}
	certificate, err := certificateFor(host)
	if err != nil {
		return fmt.Errorf("making a certificate: %w", err)
	}
	// What is asked for is kept nowhere: the path is a person's key.
	server := http.Server{
		Addr:              listen,
		Handler:           &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(behind) }},
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: 10 * time.Second,
	}
	return server.ListenAndServeTLS("", "")
}

// certificateFor makes a certificate for a host, signed by itself, for a year.
func certificateFor(host string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: key}, err
}
