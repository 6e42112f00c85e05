// Package apiserver gives tests a real Kubernetes API server with Fairlead's
// resource types and admission policies: kube-apiserver and etcd, without
// controllers, kubelet or pods.
package apiserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	utilruntime "k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/go-logr/logr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// Server is a running API server.
type Server struct {
	// Config connects as a cluster administrator.
	Config *rest.Config
	// Scheme knows Kubernetes' own kinds and Fairlead's.
	Scheme *utilruntime.Scheme
	// Client speaks as a cluster administrator, without a cache.
	Client client.Client
	// Root is the folder of the project.
	Root string
}

// Main starts an API server with the resource types installed, hands it to
// ready, runs the tests of the package and stops it. The context that ready
// gets ends after the tests. Main is called from a package's TestMain and
// returns the code to exit with.
func Main(m *testing.M, ready func(context.Context, *Server) error) int {
	server, stop, err := Start()
	if err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := ready(ctx, server); err != nil {
		return fail(fmt.Errorf("preparing the API server: %w", errors.Join(err, stop())))
	}
	code := m.Run()
	// The API server stops only when nobody watches it any more.
	cancel()
	if err := stop(); err != nil {
		return fail(fmt.Errorf("stopping the API server: %w", err))
	}
	return code
}

// New starts an API server as Main does, for one test of a package whose others
// need none. It is stopped after the test.
func New(t testing.TB) *Server {
	t.Helper()
	server, stop, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("stopping the API server: %v", err)
		}
	})
	return server
}

// Start is New for programs that are not tests. Whoever starts it stops it, when nobody watches it
// any more.
func Start() (server *Server, stop func() error, err error) {
	log.SetLogger(logr.Discard())
	root, err := projectRoot()
	if err != nil {
		return nil, nil, err
	}
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		return nil, nil, errors.New("KUBEBUILDER_ASSETS is not set: these tests need kube-apiserver and etcd.\n" +
			"Run `make test`, or `export KUBEBUILDER_ASSETS=$(make -s assets)` first")
	}
	scheme := utilruntime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), crm.AddToScheme(scheme)); err != nil {
		return nil, nil, fmt.Errorf("registering types: %w", err)
	}
	env := &envtest.Environment{
		Scheme:                scheme,
		CRDDirectoryPaths:     []string{filepath.Join(root, "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	config, err := env.Start()
	if err != nil {
		return nil, nil, fmt.Errorf("starting the API server: %w", errors.Join(err, env.Stop()))
	}
	// Tests apply many objects at once; the client's own limit would only slow them.
	config.QPS = -1
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, nil, fmt.Errorf("connecting to the API server: %w", errors.Join(err, env.Stop()))
	}
	return &Server{Config: config, Scheme: scheme, Client: c, Root: root}, env.Stop, nil
}

// As returns a client that speaks as a user, without a cache.
func (s *Server) As(user string, groups ...string) (client.Client, error) {
	config := rest.CopyConfig(s.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	c, err := client.New(config, client.Options{Scheme: s.Scheme})
	if err != nil {
		return nil, fmt.Errorf("connecting as %s: %w", user, err)
	}
	return c, nil
}

// fail reports why tests could not run, as go test shows it.
func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// projectRoot finds the folder of the project: tests run in their package's.
func projectRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the project's folder: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "PROJECT")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("finding the project's folder: no PROJECT file above the working folder")
		}
		dir = parent
	}
}
