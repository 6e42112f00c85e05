package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/fairlead/fairlead/hack/cluster/internal/config"
	"github.com/fairlead/fairlead/hack/cluster/internal/layout"
	"github.com/fairlead/fairlead/hack/cluster/internal/pki"
	"github.com/fairlead/fairlead/hack/cluster/internal/process"
)

// Failure is a start that failed because of one component.
type Failure struct {
	// Component is its name.
	Component string
	// Cause is what went wrong.
	Cause error
}

func (f *Failure) Error() string { return fmt.Sprintf("%s: %v", f.Component, f.Cause) }

func (f *Failure) Unwrap() error { return f.Cause }

// starter is one start of the cluster.
type starter struct {
	*Cluster
	ledger *process.Ledger
	// fail ends the start with a reason.
	fail context.CancelCauseFunc
}

// Start starts a cluster where none is. When it returns an error, something
// may be running: Stop removes it.
func (c *Cluster) Start(parent context.Context) error {
	ctx, fail := context.WithCancelCause(parent)
	defer fail(nil)
	if err := c.CheckFolder(); err != nil {
		return err
	}
	if err := os.MkdirAll(c.where.Folder, 0o700); err != nil {
		return fmt.Errorf("making the state folder: %w", err)
	}
	ledger, err := process.CreateLedger(c.where.Ledger(), process.Contents{
		Created: time.Now().UTC(), Programs: c.programs, Machine: observeMachine(),
	})
	if err != nil {
		return err
	}
	start := &starter{Cluster: c, ledger: ledger, fail: fail}
	err = start.run(ctx)
	// A component that ended is a better reason than the probe that its end
	// cut short.
	var ended *process.Ended
	if errors.As(context.Cause(ctx), &ended) {
		return &Failure{Component: ended.Component, Cause: ended}
	}
	return err
}

func (s *starter) run(ctx context.Context) error {
	if err := s.prepare(ctx); err != nil {
		return err
	}
	if err := s.together(
		func() error { return s.inOrder(ctx, "etcd", "kube-apiserver") },
		func() error { return s.runtime(ctx) },
	); err != nil {
		return err
	}
	if _, err := s.tool(ctx, "kubectl", "--kubeconfig", s.where.AdminKubeconfig(), "--cache-dir", s.where.Path("kubectl"),
		"apply", "--validate=false", "--filename", s.where.Config("coredns-rbac.yaml")); err != nil {
		return fmt.Errorf("letting CoreDNS read Services: %w", err)
	}
	if err := s.together(
		func() error { return s.inOrder(ctx, "kube-controller-manager") },
		func() error { return s.inOrder(ctx, "kube-scheduler") },
		func() error { return s.inOrder(ctx, "kube-proxy") },
		func() error { return s.inOrder(ctx, "kubelet") },
		func() error { return s.inOrder(ctx, "coredns") },
	); err != nil {
		return err
	}
	if err := s.await(ctx, "kube-controller-manager", s.namespaceUsable); err != nil {
		return err
	}
	s.step("pods can be made in the namespace default")
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return s.ledger.Complete()
}

// prepare makes everything that is needed before the first process.
func (s *starter) prepare(ctx context.Context) error {
	for _, folder := range []string{"logs", "config", "containerd", "volume-plugins", "pod-logs", "kubelet", "etcd", "shim"} {
		if err := os.MkdirAll(s.where.Path(folder), 0o700); err != nil {
			return fmt.Errorf("making the folder %s: %w", folder, err)
		}
	}
	if err := pki.WriteCluster(s.where, time.Now()); err != nil {
		return err
	}
	if err := config.Write(config.NewValues(s.where, s.programs, "/etc/resolv.conf")); err != nil {
		return err
	}
	if err := createCgroups(); err != nil {
		return err
	}
	if err := createBridge(ctx); err != nil {
		return err
	}
	s.step("certificates, configuration and network device %s (%s)", layout.Bridge, layout.NodeAddress)
	return nil
}

// runtime starts containerd and gives it the image of pod sandboxes.
func (s *starter) runtime(ctx context.Context) error {
	if err := s.inOrder(ctx, "containerd"); err != nil {
		return err
	}
	if err := s.loadPause(ctx); err != nil {
		return &Failure{Component: "containerd", Cause: err}
	}
	return nil
}

// inOrder starts components, each when the one before is ready.
func (s *starter) inOrder(ctx context.Context, names ...string) error {
	for _, name := range names {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		one := s.component(name)
		err := process.Start(s.ledger, process.Program{
			Name: name, Path: s.programs + "/" + name, Version: s.versions[name],
			Arguments: one.arguments, Environment: s.environment(), Log: s.where.Log(name),
		}, s.fail)
		if err != nil {
			return &Failure{Component: name, Cause: err}
		}
		if err := s.await(ctx, name, one.ready); err != nil {
			return err
		}
		s.step("%s is ready", name)
	}
	return nil
}

// await waits until a probe succeeds.
func (s *starter) await(ctx context.Context, name string, ready func(context.Context) error) error {
	err := process.Until(ctx, 100*time.Millisecond, func(ctx context.Context) error {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return ready(attempt)
	})
	if err != nil {
		return &Failure{Component: name, Cause: fmt.Errorf("not ready: %w", err)}
	}
	return nil
}

// namespaceUsable succeeds when pods can be made in the namespace default:
// they need its service account.
func (s *starter) namespaceUsable(ctx context.Context) error {
	return s.answers("", "", layout.ServerURL()+"/api/v1/namespaces/default/serviceaccounts/default")(ctx)
}

// together runs functions at the same time. The first error ends them all and
// is returned: those of the others only follow from it.
func (s *starter) together(functions ...func() error) error {
	var group sync.WaitGroup
	var once sync.Once
	var first error
	for _, one := range functions {
		group.Go(func() {
			if err := one(); err != nil {
				once.Do(func() { first = err })
				s.fail(err)
			}
		})
	}
	group.Wait()
	return first
}
