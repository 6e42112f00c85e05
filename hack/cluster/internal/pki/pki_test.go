package pki

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

func load(t *testing.T, where layout.Layout, name string) *x509.Certificate {
	t.Helper()
	content, err := os.ReadFile(where.PKI(name + ".crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(content)
	if block == nil {
		t.Fatalf("%s holds no certificate", name)
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func TestWriteCluster(t *testing.T) {
	where := layout.Layout{Folder: t.TempDir()}
	now := time.Now()
	if err := WriteCluster(where, now); err != nil {
		t.Fatal(err)
	}
	trust := func(authority string) *x509.CertPool {
		pool := x509.NewCertPool()
		pool.AddCert(load(t, where, authority))
		return pool
	}
	for name, test := range map[string]struct {
		certificate, authority, reachedBy string
		usage                             x509.ExtKeyUsage
		refused                           bool
	}{
		"API server by its Service":       {"apiserver", "ca", "kubernetes.default.svc", x509.ExtKeyUsageServerAuth, false},
		"API server by its address":       {"apiserver", "ca", layout.NodeAddress, x509.ExtKeyUsageServerAuth, false},
		"API server by the Service's":     {"apiserver", "ca", layout.APIServiceAddress, x509.ExtKeyUsageServerAuth, false},
		"API server on loopback":          {"apiserver", "ca", "127.0.0.1", x509.ExtKeyUsageServerAuth, false},
		"API server by a stranger's name": {"apiserver", "ca", "example.com", x509.ExtKeyUsageServerAuth, true},
		"API server as a client":          {"apiserver", "ca", "", x509.ExtKeyUsageClientAuth, true},
		"administrator":                   {"user-admin", "ca", "", x509.ExtKeyUsageClientAuth, false},
		"administrator as a server":       {"user-admin", "ca", "", x509.ExtKeyUsageServerAuth, true},
		"kubelet as a server":             {"kubelet", "ca", layout.NodeAddress, x509.ExtKeyUsageServerAuth, false},
		"etcd to its peers":               {"etcd", "etcd-ca", "", x509.ExtKeyUsageClientAuth, false},
		"API server to etcd":              {"apiserver-etcd", "etcd-ca", "", x509.ExtKeyUsageClientAuth, false},
		"administrator to etcd":           {"user-admin", "etcd-ca", "", x509.ExtKeyUsageClientAuth, true},
		"etcd's client to the API server": {"apiserver-etcd", "ca", "", x509.ExtKeyUsageClientAuth, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(t, where, test.certificate).Verify(x509.VerifyOptions{
				Roots: trust(test.authority), DNSName: test.reachedBy, KeyUsages: []x509.ExtKeyUsage{test.usage}, CurrentTime: now,
			})
			if (err != nil) != test.refused {
				t.Errorf("error is %v, refused should be %t", err, test.refused)
			}
		})
	}
	if subject := load(t, where, "user-kubelet").Subject; subject.CommonName != "system:node:fairlead" || subject.Organization[0] != "system:nodes" {
		t.Errorf("the kubelet is %s", subject)
	}
	if _, err := tls.LoadX509KeyPair(where.PKI("user-admin.crt"), where.PKI("user-admin.key")); err != nil {
		t.Error(err)
	}
	keys, _ := filepath.Glob(where.PKI("*.key"))
	for _, path := range append(keys, where.AdminKubeconfig()) {
		if information, err := os.Stat(path); err != nil || information.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", path, information.Mode(), err)
		}
	}
}

func TestKubeconfigNamesServerAndUser(t *testing.T) {
	got := string(Kubeconfig("https://192.0.2.1:6443", "someone", []byte("a"), Pair{Certificate: []byte("b"), Key: []byte("c")}))
	for _, want := range []string{"server: https://192.0.2.1:6443", "name: someone", "certificate-authority-data: YQ==", "client-certificate-data: Yg==", "client-key-data: Yw==", "current-context: fairlead"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %q:\n%s", want, got)
		}
	}
}
