// Package layout names where the cluster lives: its folders and files, its
// addresses, its network devices and its cgroup.
package layout

import (
	"fmt"
	"path/filepath"
)

// Names and addresses of the cluster. The addresses are private ones, and none
// of the defaults of Docker, Podman, kubeadm, kind, k3s, flannel, Calico and
// OpenVPN.
const (
	// NodeName is the name of the one node.
	NodeName = "fairlead"
	// NodeAddress is the address that every server of the cluster listens at,
	// so that nothing depends on the machine's own addresses.
	NodeAddress = "10.217.0.1"
	// PodRange holds the addresses of pods.
	PodRange = "10.218.0.0/24"
	// ServiceRange holds the addresses of Services.
	ServiceRange = "10.219.0.0/16"
	// APIServiceAddress is that of the Service "kubernetes": the first of the
	// range, by Kubernetes' own rule.
	APIServiceAddress = "10.219.0.1"
	// Domain ends every name inside the cluster.
	Domain = "cluster.local"
	// Bridge is the network device that carries NodeAddress.
	Bridge = "fairlead0"
	// PodNetwork is the name of the pods' network.
	PodNetwork = "fairlead-pods"
	// Cgroup is the parent of every pod's cgroup. It is ours alone, so that
	// every process of a pod is known by it.
	Cgroup = "fairlead-cluster"
	// ProxyTable is the nftables table that kube-proxy keeps for IPv4; its
	// name is fixed.
	ProxyTable = "kube-proxy"
	// PauseImage is what pod sandboxes run.
	PauseImage = "fairlead-pause:1"
	// ContainerdNamespace is the one that the kubelet's containers are in.
	ContainerdNamespace = "k8s.io"
	// Marker is the environment variable that marks every process of the
	// cluster; its value is the state folder.
	Marker = "FAIRLEAD_CLUSTER_PROCESS"
	// DefaultFolder is the state folder unless FAIRLEAD_CLUSTER_DIR names
	// another.
	DefaultFolder = "/var/lib/fairlead-cluster"
)

// Ports at NodeAddress.
const (
	PortDNS               = 53
	PortEtcd              = 2379
	PortEtcdPeer          = 2380
	PortAPIServer         = 6443
	PortKubelet           = 10250
	PortKubeletHealth     = 10248
	PortProxyMetrics      = 10249
	PortProxyHealth       = 10256
	PortControllerManager = 10257
	PortScheduler         = 10259
	PortDNSHealth         = 10253
	PortDNSReady          = 10254
)

// maximumFolder keeps the sockets of the container shims within what
// containerd accepts for their folder (42 characters).
const maximumFolder = 36

// Layout is the state folder and what is in it.
type Layout struct {
	// Folder is the state folder.
	Folder string
}

// New takes the folder from FAIRLEAD_CLUSTER_DIR or the default.
func New(getenv func(string) string) (Layout, error) {
	folder := getenv("FAIRLEAD_CLUSTER_DIR")
	if folder == "" {
		folder = DefaultFolder
	}
	if !filepath.IsAbs(folder) {
		return Layout{}, fmt.Errorf("FAIRLEAD_CLUSTER_DIR is %q; it must be an absolute path", folder)
	}
	folder = filepath.Clean(folder)
	if len(folder) > maximumFolder {
		return Layout{}, fmt.Errorf("FAIRLEAD_CLUSTER_DIR is %q with %d characters; at most %d fit the Unix sockets in it", folder, len(folder), maximumFolder)
	}
	if filepath.Dir(folder) == folder {
		return Layout{}, fmt.Errorf("FAIRLEAD_CLUSTER_DIR must not be the root folder")
	}
	return Layout{Folder: folder}, nil
}

// Path is a path inside the state folder.
func (l Layout) Path(parts ...string) string {
	return filepath.Join(append([]string{l.Folder}, parts...)...)
}

// Ledger is the file that records the processes; its presence tells that the
// folder is a cluster's.
func (l Layout) Ledger() string { return l.Path("cluster.json") }

// Logs is the folder of the components' logs.
func (l Layout) Logs() string { return l.Path("logs") }

// Log is the log file of a component.
func (l Layout) Log(component string) string { return l.Path("logs", component+".log") }

// PKI is a file of the cluster's certificates and keys.
func (l Layout) PKI(name string) string { return l.Path("pki", name) }

// Config is a configuration file.
func (l Layout) Config(name string) string { return l.Path("config", name) }

// Kubeconfig is the file with which an identity reaches the API server.
func (l Layout) Kubeconfig(identity string) string {
	return l.Path("kubeconfig", identity+".conf")
}

// AdminKubeconfig is the administrator's.
func (l Layout) AdminKubeconfig() string { return l.Kubeconfig("admin") }

// ContainerdSocket is where containerd listens.
func (l Layout) ContainerdSocket() string { return l.Path("containerd.sock") }

// ServerURL is the API server's address.
func ServerURL() string { return fmt.Sprintf("https://%s:%d", NodeAddress, PortAPIServer) }
