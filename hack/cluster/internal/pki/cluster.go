package pki

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

// identities are the users of the API server that get a kubeconfig file.
func identities() map[string]Request {
	return map[string]Request{
		"admin":              {Identity: "fairlead-admin", Groups: []string{"system:masters"}},
		"controller-manager": {Identity: "system:kube-controller-manager"},
		"scheduler":          {Identity: "system:kube-scheduler"},
		"proxy":              {Identity: "system:kube-proxy"},
		"coredns":            {Identity: "fairlead:coredns"},
		"kubelet":            {Identity: "system:node:" + layout.NodeName, Groups: []string{"system:nodes"}},
	}
}

// servers are the certificates kept as files of their own. The last two are
// those with which the API server reaches etcd and the kubelet.
func servers() map[string]Request {
	node := []string{layout.NodeAddress, "127.0.0.1"}
	return map[string]Request{
		"apiserver": {
			Identity: "kube-apiserver",
			Names: []string{
				"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
				"kubernetes.default.svc." + layout.Domain,
			},
			Addresses: append([]string{layout.APIServiceAddress}, node...),
		},
		"etcd":    {Identity: "etcd", Addresses: node, Peer: true},
		"kubelet": {Identity: "system:node:" + layout.NodeName, Names: []string{layout.NodeName}, Addresses: node},
		// The controller manager and the scheduler share theirs.
		"manager":           {Identity: "fairlead-manager", Addresses: node},
		"apiserver-etcd":    {Identity: "kube-apiserver-etcd-client"},
		"apiserver-kubelet": {Identity: "kube-apiserver-kubelet-client", Groups: []string{"system:masters"}},
	}
}

// WriteCluster makes every certificate, key and kubeconfig file of a cluster.
// etcd trusts an authority of its own: otherwise every user of the API server
// could read the store behind it.
func WriteCluster(where layout.Layout, now time.Time) error {
	folder := where.Path("pki")
	for _, one := range []string{folder, where.Path("kubeconfig")} {
		if err := os.MkdirAll(one, 0o700); err != nil {
			return fmt.Errorf("making the folder of the keys: %w", err)
		}
	}
	authority, err := writeAuthority(folder, "ca", now)
	if err != nil {
		return err
	}
	store, err := writeAuthority(folder, "etcd-ca", now)
	if err != nil {
		return err
	}
	signing, err := NewSigningKey()
	if err != nil {
		return err
	}
	if err := signing.Write(folder, "service-account"); err != nil {
		return err
	}
	for name, request := range servers() {
		signer := authority
		if name == "etcd" || name == "apiserver-etcd" {
			signer = store
		}
		if _, err := signer.write(folder, name, request, now); err != nil {
			return err
		}
	}
	for name, request := range identities() {
		pair, err := authority.write(folder, "user-"+name, request, now)
		if err != nil {
			return err
		}
		content := Kubeconfig(layout.ServerURL(), request.Identity, authority.Certificate, pair)
		if err := os.WriteFile(where.Kubeconfig(name), content, 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", filepath.Base(where.Kubeconfig(name)), err)
		}
	}
	return nil
}

func writeAuthority(folder, name string, now time.Time) (*Authority, error) {
	authority, err := NewAuthority("fairlead-cluster-"+name, now)
	if err != nil {
		return nil, err
	}
	return authority, authority.Write(folder, name)
}

// write issues a certificate and puts it into files of that name.
func (a *Authority) write(folder, name string, request Request, now time.Time) (Pair, error) {
	pair, err := a.Issue(request, now)
	if err != nil {
		return Pair{}, err
	}
	return pair, pair.Write(folder, name)
}

// Kubeconfig renders a kubeconfig file that stands alone: the certificates
// are in it.
func Kubeconfig(server, user string, authority []byte, pair Pair) []byte {
	encode := base64.StdEncoding.EncodeToString
	return fmt.Appendf(nil, `apiVersion: v1
kind: Config
clusters:
  - name: fairlead
    cluster:
      server: %s
      certificate-authority-data: %s
users:
  - name: %s
    user:
      client-certificate-data: %s
      client-key-data: %s
contexts:
  - name: fairlead
    context:
      cluster: fairlead
      user: %s
current-context: fairlead
`, server, encode(authority), user, encode(pair.Certificate), encode(pair.Key), user)
}
