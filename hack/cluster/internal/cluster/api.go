package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

// client speaks HTTPS with a certificate of the cluster's.
type client struct {
	http *http.Client
}

// newClient reads a user's certificate and the authority that servers are
// checked against.
func newClient(where layout.Layout, authority, user string) (*client, error) {
	trusted, err := os.ReadFile(where.PKI(authority + ".crt"))
	if err != nil {
		return nil, fmt.Errorf("reading the cluster's authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(trusted) {
		return nil, fmt.Errorf("%s holds no certificate", where.PKI(authority+".crt"))
	}
	pair, err := tls.LoadX509KeyPair(where.PKI(user+".crt"), where.PKI(user+".key"))
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of %s: %w", user, err)
	}
	return &client{http: &http.Client{
		Timeout: 5 * time.Second,
		Transport: &http.Transport{
			// A proxy of the machine's has no business between us.
			Proxy:           nil,
			DialContext:     (&net.Dialer{Timeout: time.Second}).DialContext,
			TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12},
		},
	}}, nil
}

// get reads a URL; anything but 200 is an error.
func (c *client) get(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(response.Body, 4<<20))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s: %.200s", url, response.Status, strings.Join(strings.Fields(string(content)), " "))
	}
	return content, nil
}

// Node is what is shown of the node.
type Node struct {
	// Name of the node.
	Name string `json:"name"`
	// Ready tells that pods can run.
	Ready bool `json:"ready"`
	// Message says why not.
	Message string `json:"message,omitempty"`
	// Version of the kubelet.
	Version string `json:"version,omitempty"`
	// Runtime is the container runtime with its version.
	Runtime string `json:"runtime,omitempty"`
}

func (c *client) node(ctx context.Context) (Node, error) {
	content, err := c.get(ctx, layout.ServerURL()+"/api/v1/nodes/"+layout.NodeName)
	if err != nil {
		return Node{}, err
	}
	return parseNode(content)
}

func parseNode(content []byte) (Node, error) {
	var read struct {
		Metadata struct{ Name string }
		Status   struct {
			Conditions []struct{ Type, Status, Message string }
			NodeInfo   struct{ KubeletVersion, ContainerRuntimeVersion string }
		}
	}
	if err := json.Unmarshal(content, &read); err != nil {
		return Node{}, fmt.Errorf("reading the node: %w", err)
	}
	node := Node{
		Name:    read.Metadata.Name,
		Message: "the kubelet has not reported yet",
		Version: read.Status.NodeInfo.KubeletVersion,
		Runtime: read.Status.NodeInfo.ContainerRuntimeVersion,
	}
	for _, condition := range read.Status.Conditions {
		if condition.Type == "Ready" {
			node.Ready = condition.Status == "True"
			node.Message = condition.Message
		}
	}
	return node, nil
}
