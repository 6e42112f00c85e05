package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

func values(t *testing.T, resolver string) Values {
	t.Helper()
	path := filepath.Join(t.TempDir(), "resolv.conf")
	if resolver != "" {
		if err := os.WriteFile(path, []byte(resolver), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return NewValues(layout.Layout{Folder: "/state"}, "/programs", path)
}

func TestRender(t *testing.T) {
	for name, wanted := range map[string][]string{
		"containerd.toml": {
			"root = '/state/containerd/root'", "BinaryName = '/programs/runc'", "sandbox = 'fairlead-pause:1'",
			"restrict_oom_score_adj = true", "netns_mounts_under_state_dir = true",
		},
		"kubelet.yaml": {
			"address: 10.217.0.1", "clusterDNS:\n  - 10.217.0.1", "cgroupRoot: /fairlead-cluster", "failCgroupV1: false",
			"containerRuntimeEndpoint: unix:///state/containerd.sock", "clientCAFile: /state/pki/ca.crt",
		},
		"proxy.yaml":        {"mode: nftables", "kubeconfig: /state/kubeconfig/proxy.conf", "clusterCIDR: 10.218.0.0/24"},
		"Corefile":          {"bind 10.217.0.1", "kubernetes cluster.local", "kubeconfig /state/kubeconfig/coredns.conf"},
		"network.conflist":  {`"subnet": "10.218.0.0/24"`, `"name": "fairlead-pods"`},
		"coredns-rbac.yaml": {"endpointslices", "name: fairlead:coredns"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Render(name, values(t, "nameserver 192.0.2.1\n"))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range wanted {
				if !strings.Contains(string(got), want) {
					t.Errorf("lacks %q:\n%s", want, got)
				}
			}
		})
	}
}

func TestEveryTemplateIsWritten(t *testing.T) {
	entries, err := templates.ReadDir("templates")
	if err != nil {
		t.Fatal(err)
	}
	filled := values(t, "")
	filled.Folder = t.TempDir()
	if err := Write(filled); err != nil {
		t.Fatal(err)
	}
	for _, one := range entries {
		place, known := files()[one.Name()]
		if !known {
			t.Errorf("%s is written nowhere", one.Name())
			continue
		}
		if _, err := os.Stat(filled.Config(place)); err != nil {
			t.Error(err)
		}
	}
}

func TestNetworkListIsJSON(t *testing.T) {
	got, err := Render("network.conflist", values(t, ""))
	if err != nil || !json.Valid(got) {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestForwardOnlyWithNameServers(t *testing.T) {
	for name, test := range map[string]struct {
		resolver string
		want     bool
	}{
		"one":           {"search example\nnameserver 192.0.2.1\n", true},
		"none":          {"search example\n", false},
		"commented":     {"# nameserver 192.0.2.1\n", false},
		"without value": {"nameserver\n", false},
		"no file":       {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Render("Corefile", values(t, test.resolver))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(got), "forward") != test.want {
				t.Errorf("forward is %t, want %t:\n%s", !test.want, test.want, got)
			}
		})
	}
}
