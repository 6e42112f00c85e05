// Package config renders the configuration files of the cluster's programs.
package config

import (
	"bytes"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

//go:embed templates
var templates embed.FS

// Values is what the templates are rendered with.
type Values struct {
	layout.Layout
	// Programs is the folder of the programs.
	Programs string
	// ResolvConf is the machine's resolver configuration, empty without one.
	ResolvConf string
	// Forward tells that the machine has name servers to ask for names that
	// are not the cluster's.
	Forward bool
}

// NodeName is the name of the node.
func (Values) NodeName() string { return layout.NodeName }

// NodeAddress is the address of the node.
func (Values) NodeAddress() string { return layout.NodeAddress }

// PodRange holds the pods' addresses.
func (Values) PodRange() string { return layout.PodRange }

// PodNetwork is the name of the pods' network.
func (Values) PodNetwork() string { return layout.PodNetwork }

// PauseImage is what sandboxes run.
func (Values) PauseImage() string { return layout.PauseImage }

// Domain ends the names inside the cluster.
func (Values) Domain() string { return layout.Domain }

// Cgroup is the parent of the pods' cgroups.
func (Values) Cgroup() string { return layout.Cgroup }

// PortDNS and the following are ports at the node's address.
func (Values) PortDNS() int { return layout.PortDNS }

// PortDNSHealth is where CoreDNS tells that it runs.
func (Values) PortDNSHealth() int { return layout.PortDNSHealth }

// PortDNSReady is where CoreDNS tells that it answers.
func (Values) PortDNSReady() int { return layout.PortDNSReady }

// PortKubelet is the kubelet's.
func (Values) PortKubelet() int { return layout.PortKubelet }

// PortKubeletHealth is where the kubelet tells that it runs.
func (Values) PortKubeletHealth() int { return layout.PortKubeletHealth }

// PortProxyHealth is where kube-proxy tells that it runs.
func (Values) PortProxyHealth() int { return layout.PortProxyHealth }

// PortProxyMetrics is where kube-proxy gives its metrics.
func (Values) PortProxyMetrics() int { return layout.PortProxyMetrics }

// NewValues reads the machine's resolver configuration, of which pods and
// CoreDNS make use.
func NewValues(where layout.Layout, programs, resolvConf string) Values {
	values := Values{Layout: where, Programs: programs}
	content, err := os.ReadFile(resolvConf)
	if err != nil {
		// A machine without name servers still has a working cluster; only
		// names outside of it cannot be resolved.
		return values
	}
	values.ResolvConf = resolvConf
	values.Forward = hasNameServer(string(content))
	return values
}

func hasNameServer(content string) bool {
	for line := range strings.Lines(content) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == "nameserver" {
			return true
		}
	}
	return false
}

// files maps each template to its place in the configuration folder.
func files() map[string]string {
	return map[string]string{
		"containerd.toml":   "containerd.toml",
		"kubelet.yaml":      "kubelet.yaml",
		"proxy.yaml":        "proxy.yaml",
		"Corefile":          "Corefile",
		"network.conflist":  "cni/10-fairlead.conflist",
		"coredns-rbac.yaml": "coredns-rbac.yaml",
	}
}

// Render renders one template.
func Render(name string, values Values) ([]byte, error) {
	parsed, err := template.New(name).Option("missingkey=error").ParseFS(templates, "templates/"+name)
	if err != nil {
		return nil, fmt.Errorf("parsing the template %s: %w", name, err)
	}
	var rendered bytes.Buffer
	if err := parsed.Execute(&rendered, values); err != nil {
		return nil, fmt.Errorf("rendering %s: %w", name, err)
	}
	return rendered.Bytes(), nil
}

// Write renders every file into the configuration folder.
func Write(values Values) error {
	for name, place := range files() {
		content, err := Render(name, values)
		if err != nil {
			return err
		}
		path := values.Config(place)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return fmt.Errorf("making the folder of %s: %w", place, err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return fmt.Errorf("writing %s: %w", place, err)
		}
	}
	return nil
}
