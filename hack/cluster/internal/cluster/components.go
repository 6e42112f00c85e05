package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
)

// component is one program of the cluster that keeps running.
type component struct {
	name      string
	arguments []string
	// ready succeeds when the component does its work.
	ready func(context.Context) error
}

// Components lists the names in the order of their start.
func Components() []string {
	return []string{
		"etcd", "containerd", "kube-apiserver", "kube-controller-manager",
		"kube-scheduler", "kube-proxy", "kubelet", "coredns",
	}
}

// at is a URL of one of the node's ports.
func at(port int, path string) string {
	return fmt.Sprintf("https://%s:%d%s", layout.NodeAddress, port, path)
}

func (c *Cluster) component(name string) component {
	where := c.where
	made := component{name: name}
	switch name {
	case "etcd":
		made.arguments = []string{
			"--name=" + layout.NodeName,
			"--data-dir=" + where.Path("etcd"),
			"--listen-client-urls=" + at(layout.PortEtcd, ""),
			"--advertise-client-urls=" + at(layout.PortEtcd, ""),
			"--listen-peer-urls=" + at(layout.PortEtcdPeer, ""),
			"--initial-advertise-peer-urls=" + at(layout.PortEtcdPeer, ""),
			"--initial-cluster=" + layout.NodeName + "=" + at(layout.PortEtcdPeer, ""),
			"--cert-file=" + where.PKI("etcd.crt"),
			"--key-file=" + where.PKI("etcd.key"),
			"--trusted-ca-file=" + where.PKI("etcd-ca.crt"),
			"--client-cert-auth",
			"--peer-cert-file=" + where.PKI("etcd.crt"),
			"--peer-key-file=" + where.PKI("etcd.key"),
			"--peer-trusted-ca-file=" + where.PKI("etcd-ca.crt"),
			"--peer-client-cert-auth",
			// The data does not outlive the cluster, so it need not survive a
			// power cut.
			"--unsafe-no-fsync",
		}
		made.ready = c.answers("etcd-ca", "apiserver-etcd", at(layout.PortEtcd, "/health"))
	case "containerd":
		made.arguments = []string{"--config=" + where.Config("containerd.toml")}
		made.ready = c.containerdAnswers
	case "kube-apiserver":
		made.arguments = []string{
			"--advertise-address=" + layout.NodeAddress,
			"--bind-address=" + layout.NodeAddress,
			fmt.Sprintf("--secure-port=%d", layout.PortAPIServer),
			"--tls-cert-file=" + where.PKI("apiserver.crt"),
			"--tls-private-key-file=" + where.PKI("apiserver.key"),
			"--client-ca-file=" + where.PKI("ca.crt"),
			"--etcd-servers=" + at(layout.PortEtcd, ""),
			"--etcd-cafile=" + where.PKI("etcd-ca.crt"),
			"--etcd-certfile=" + where.PKI("apiserver-etcd.crt"),
			"--etcd-keyfile=" + where.PKI("apiserver-etcd.key"),
			"--kubelet-certificate-authority=" + where.PKI("ca.crt"),
			"--kubelet-client-certificate=" + where.PKI("apiserver-kubelet.crt"),
			"--kubelet-client-key=" + where.PKI("apiserver-kubelet.key"),
			"--kubelet-preferred-address-types=InternalIP",
			"--service-account-issuer=https://kubernetes.default.svc." + layout.Domain,
			"--service-account-key-file=" + where.PKI("service-account.crt"),
			"--service-account-signing-key-file=" + where.PKI("service-account.key"),
			"--service-cluster-ip-range=" + layout.ServiceRange,
			"--authorization-mode=Node,RBAC",
			"--enable-admission-plugins=NodeRestriction",
			"--allow-privileged=true",
		}
		made.ready = c.answers("ca", "user-admin", layout.ServerURL()+"/readyz")
	case "kube-controller-manager":
		made.arguments = append(c.manager("controller-manager", layout.PortControllerManager),
			"--root-ca-file="+where.PKI("ca.crt"),
			"--service-account-private-key-file="+where.PKI("service-account.key"),
			"--cluster-signing-cert-file="+where.PKI("ca.crt"),
			"--cluster-signing-key-file="+where.PKI("ca.key"),
			"--use-service-account-credentials=true",
			"--cluster-name=fairlead",
			// It would make its default folder beneath /usr.
			"--flex-volume-plugin-dir="+where.Path("volume-plugins"),
		)
		made.ready = c.answers("", "", at(layout.PortControllerManager, "/healthz"))
	case "kube-scheduler":
		made.arguments = c.manager("scheduler", layout.PortScheduler)
		made.ready = c.answers("", "", at(layout.PortScheduler, "/readyz"))
	case "kube-proxy":
		made.arguments = []string{"--config=" + where.Config("proxy.yaml")}
		made.ready = c.serviceAnswers
	case "kubelet":
		made.arguments = []string{
			"--config=" + where.Config("kubelet.yaml"),
			"--kubeconfig=" + where.Kubeconfig("kubelet"),
			"--root-dir=" + where.Path("kubelet"),
			"--cert-dir=" + where.Path("kubelet", "pki"),
			"--hostname-override=" + layout.NodeName,
			"--node-ip=" + layout.NodeAddress,
		}
		made.ready = c.nodeReady
	case "coredns":
		made.arguments = []string{"-conf", where.Config("Corefile")}
		made.ready = c.namesResolve
	}
	return made
}

// manager are the flags that the controller manager and the scheduler share.
func (c *Cluster) manager(user string, port int) []string {
	kubeconfig := c.where.Kubeconfig(user)
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=" + layout.NodeAddress,
		fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + c.where.PKI("manager.crt"),
		"--tls-private-key-file=" + c.where.PKI("manager.key"),
		// There is one of each, so nobody else could lead.
		"--leader-elect=false",
	}
}

// answers makes a probe that reads a URL. Without a user it goes as the
// administrator, trusting the cluster's authority.
func (c *Cluster) answers(authority, user, url string) func(context.Context) error {
	if user == "" {
		authority, user = "ca", "user-admin"
	}
	return func(ctx context.Context) error {
		made, err := newClient(c.where, authority, user)
		if err != nil {
			return err
		}
		defer made.http.CloseIdleConnections()
		_, err = made.get(ctx, url)
		return err
	}
}

func (c *Cluster) containerdAnswers(ctx context.Context) error {
	_, err := c.ctr(ctx, "version")
	return err
}

// serviceAnswers goes through the address of the Service, which only works
// once kube-proxy has set its rules.
func (c *Cluster) serviceAnswers(ctx context.Context) error {
	return c.answers("", "", "https://"+net.JoinHostPort(layout.APIServiceAddress, "443")+"/readyz")(ctx)
}

func (c *Cluster) nodeReady(ctx context.Context) error {
	made, err := newClient(c.where, "ca", "user-admin")
	if err != nil {
		return err
	}
	defer made.http.CloseIdleConnections()
	node, err := made.node(ctx)
	if err != nil {
		return err
	}
	if !node.Ready {
		return fmt.Errorf("the node %s is not ready: %s", layout.NodeName, node.Message)
	}
	return nil
}

// namesResolve asks CoreDNS for a name that only the cluster knows.
func (c *Cluster) namesResolve(ctx context.Context) error {
	resolver := net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var dialer net.Dialer
			return dialer.DialContext(ctx, network, net.JoinHostPort(layout.NodeAddress, fmt.Sprint(layout.PortDNS)))
		},
	}
	addresses, err := resolver.LookupHost(ctx, "kubernetes.default.svc."+layout.Domain+".")
	if err != nil {
		return err
	}
	for _, one := range addresses {
		if one == layout.APIServiceAddress {
			return nil
		}
	}
	return errors.New("the Service kubernetes resolves to " + fmt.Sprint(addresses))
}
