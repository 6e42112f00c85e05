package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/controllers"
	"github.com/fairlead/fairlead/controllers/customerstore"
	"github.com/fairlead/fairlead/controllers/outreach"
	"github.com/fairlead/fairlead/controllers/outreachchannel"
	"github.com/fairlead/fairlead/internal/logs"
)

// reconcileTimeout bounds one pass of any controller.
const reconcileTimeout = 2 * time.Minute

// podNamespaceFile tells a pod its namespace.
const podNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// managerOptions are the manager's flags.
type managerOptions struct {
	kubeconfig              string
	namespaces              []string
	leaderElect             bool
	leaderElectionNamespace string
	metricsBindAddress      string
	metricsCertDir          string
	healthProbeBindAddress  string
	sqliteDir               string
	sqliteClaim             string
	sqliteNamespace         string
	workerImage             string
	log                     logs.Options
}

func newManagerCommand() *cobra.Command {
	options := &managerOptions{}
	command := &cobra.Command{
		Use:   "manager",
		Short: "Run the controllers",
		Long: `Run the controllers. In a cluster the manager runs as a Deployment; with a
kubeconfig it runs anywhere.`,
		Example: `  # in a cluster, as the Deployment does
  fairlead manager

  # on a developer's machine, for two namespaces only
  fairlead manager --kubeconfig ~/.kube/config --leader-elect=false \
    --namespaces expo,airshow --log-format text`,
		Args: cobra.NoArgs,
		PreRunE: func(command *cobra.Command, _ []string) error {
			return options.check(command.Flags().Changed("namespaces"))
		},
		RunE: func(command *cobra.Command, _ []string) error {
			return options.run(command.Context(), command.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.kubeconfig, "kubeconfig", "", "path of a kubeconfig (default: KUBECONFIG, ~/.kube/config, or the pod's service account)")
	flags.StringSliceVar(&options.namespaces, "namespaces", nil, "namespaces to watch, separated by commas (default: all)")
	flags.BoolVar(&options.leaderElect, "leader-elect", true, "of several replicas let one work at a time")
	flags.StringVar(&options.leaderElectionNamespace, "leader-election-namespace", "", "namespace of the lease (default: the pod's own)")
	flags.StringVar(&options.metricsBindAddress, "metrics-bind-address", ":8443", `address of the metrics, served over TLS to whoever may read /metrics; "0" for none`)
	flags.StringVar(&options.metricsCertDir, "metrics-cert-dir", "", "folder with tls.crt and tls.key for the metrics (default: a self-signed certificate)")
	flags.StringVar(&options.healthProbeBindAddress, "health-probe-bind-address", ":8081", `address of /healthz and /readyz; "0" for none`)
	flags.StringVar(&options.sqliteDir, "sqlite-dir", "", "folder of the volume for stores on SQLite, as it is mounted here (default: no such stores)")
	flags.StringVar(&options.sqliteClaim, "sqlite-claim", "", "name of that volume's PersistentVolumeClaim, for Jobs")
	flags.StringVar(&options.sqliteNamespace, "sqlite-namespace", "", "namespace of stores on SQLite (default: the pod's own)")
	flags.StringVar(&options.workerImage, "worker-image", "", "image of the pods that send (default: that of the manager's own pod, which $POD_NAME names)")
	options.log.Register(flags)
	return command
}

// check refuses wrong flags before anything is done.
func (o *managerOptions) check(namespacesGiven bool) error {
	if namespacesGiven && len(o.namespaces) == 0 {
		return usageError{errors.New("--namespaces is empty: name namespaces, or leave the flag out to watch all")}
	}
	for _, namespace := range o.namespaces {
		if problems := validation.IsDNS1123Label(namespace); len(problems) > 0 {
			return usageError{fmt.Errorf("--namespaces: %q is not the name of a namespace: want lower-case letters, digits and '-', at most 63", namespace)}
		}
	}
	for flag, address := range map[string]string{
		"--metrics-bind-address":      o.metricsBindAddress,
		"--health-probe-bind-address": o.healthProbeBindAddress,
	} {
		if _, err := net.ResolveTCPAddr("tcp", address); address != "0" && err != nil {
			return usageError{fmt.Errorf(`%s %q: want [HOST]:PORT, such as :8443, or "0" for none: %w`, flag, address, err)}
		}
	}
	if o.metricsCertDir != "" {
		for _, name := range []string{"tls.crt", "tls.key"} {
			if _, err := os.Stat(filepath.Join(o.metricsCertDir, name)); err != nil {
				return usageError{fmt.Errorf("--metrics-cert-dir: %w", err)}
			}
		}
	}
	if err := o.checkSQLite(); err != nil {
		return err
	}
	if _, err := os.Stat(podNamespaceFile); o.leaderElect && o.leaderElectionNamespace == "" && err != nil {
		return usageError{errors.New("outside of a pod pass --leader-elect=false or --leader-election-namespace")}
	}
	return nil
}

// checkSQLite refuses half of what stores on SQLite need.
func (o *managerOptions) checkSQLite() error {
	if o.sqliteDir == "" && o.sqliteClaim == "" {
		if o.sqliteNamespace != "" {
			return usageError{errors.New("--sqlite-namespace goes with --sqlite-dir and --sqlite-claim")}
		}
		return nil
	}
	if o.sqliteDir == "" || o.sqliteClaim == "" {
		return usageError{errors.New("--sqlite-dir and --sqlite-claim go together: the folder is where the volume of the claim is mounted")}
	}
	if info, err := os.Stat(o.sqliteDir); err != nil {
		return usageError{fmt.Errorf("--sqlite-dir: %w", err)}
	} else if !info.IsDir() || !filepath.IsAbs(o.sqliteDir) {
		return usageError{fmt.Errorf("--sqlite-dir %q: want the absolute path of a folder", o.sqliteDir)}
	}
	if problems := validation.IsDNS1123Subdomain(o.sqliteClaim); len(problems) > 0 {
		return usageError{fmt.Errorf("--sqlite-claim: %q is not the name of a PersistentVolumeClaim", o.sqliteClaim)}
	}
	if o.sqliteNamespace != "" {
		return nil
	}
	if _, err := os.Stat(podNamespaceFile); err != nil {
		return usageError{errors.New("outside of a pod --sqlite-dir needs --sqlite-namespace")}
	}
	return nil
}

// place is where the manager runs, and what it has for SQLite.
func (o *managerOptions) place() (customerstore.Place, error) {
	place := customerstore.Place{Namespace: o.sqliteNamespace, SQLiteDir: o.sqliteDir, SQLiteClaim: o.sqliteClaim}
	if o.sqliteDir != "" && o.sqliteNamespace == "" {
		name, err := os.ReadFile(podNamespaceFile)
		if err != nil {
			return place, fmt.Errorf("finding the namespace of stores on SQLite: %w", err)
		}
		place.Namespace = strings.TrimSpace(string(name))
	}
	return place, nil
}

// podNameVariable has the name of the manager's own pod.
const podNameVariable = "POD_NAME"

// imageOfWorkers is that of the manager's own pod, unless another one is named.
func (o *managerOptions) imageOfWorkers(ctx context.Context, reader client.Reader) (string, error) {
	name := os.Getenv(podNameVariable)
	if o.workerImage != "" || name == "" {
		return o.workerImage, nil
	}
	namespace, err := os.ReadFile(podNamespaceFile)
	if err != nil {
		return "", fmt.Errorf("finding the image of workers: %w", err)
	}
	pod := &corev1.Pod{}
	if err := reader.Get(ctx, client.ObjectKey{Namespace: strings.TrimSpace(string(namespace)), Name: name}, pod); err != nil {
		return "", fmt.Errorf("finding the image of workers: %w: let the manager read its own pod, or pass --worker-image", err)
	}
	for _, container := range pod.Spec.Containers {
		if container.Name == managerContainer {
			return container.Image, nil
		}
	}
	return "", fmt.Errorf("finding the image of workers: the pod %s has no container %s: pass --worker-image", name, managerContainer)
}

// managerContainer is the one that the manager runs in.
const managerContainer = "manager"

// run works until the context ends. Logs go to out.
func (o *managerOptions) run(ctx context.Context, out io.Writer) error {
	logger, err := o.log.Logger(out)
	if err != nil {
		return usageError{err}
	}
	ctrl.SetLogger(logr.FromSlogHandler(logger.Handler()))
	klog.SetSlogLogger(logger)
	restConfig, err := o.restConfig()
	if err != nil {
		return err
	}
	manager, err := o.newManager(restConfig)
	if err != nil {
		return err
	}
	place, err := o.place()
	if err != nil {
		return err
	}
	image, err := o.imageOfWorkers(ctx, manager.GetAPIReader())
	if err != nil {
		return err
	}
	options := controllers.Options{
		Clock: clock.RealClock{}, Place: place, Pace: customerstore.DefaultPace(), ChannelPace: outreachchannel.DefaultPace(), Metrics: metrics.Registry,
		Pods: outreach.Pods{Image: image, SQLiteDir: o.sqliteDir, SQLiteClaim: o.sqliteClaim},
	}
	if err := controllers.Setup(ctx, manager, options); err != nil {
		return err
	}
	logger.Info("starting", "version", version, "namespaces", o.namespaces)
	if err := manager.Start(ctx); err != nil {
		return fmt.Errorf("running the manager: %w", err)
	}
	return nil
}

// restConfig finds out how to reach the API server.
func (o *managerOptions) restConfig() (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	restConfig, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil).ClientConfig()
	switch {
	case err == nil:
		return restConfig, nil
	case o.kubeconfig != "":
		return nil, usageError{fmt.Errorf("--kubeconfig %s: %w", o.kubeconfig, err)}
	default:
		return nil, usageError{fmt.Errorf("finding the API server: %w: pass --kubeconfig, or run in a pod", err)}
	}
}

// newManager makes a manager without controllers.
func (o *managerOptions) newManager(restConfig *rest.Config) (ctrl.Manager, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), crm.AddToScheme(scheme)); err != nil {
		return nil, fmt.Errorf("registering types: %w", err)
	}
	manager, err := ctrl.NewManager(restConfig, ctrl.Options{
		Scheme: scheme,
		Cache:  controllers.CacheOptions(o.namespaces),
		Client: controllers.ClientOptions(),
		Metrics: metricsserver.Options{
			BindAddress:    o.metricsBindAddress,
			SecureServing:  true,
			CertDir:        o.metricsCertDir,
			FilterProvider: filters.WithAuthenticationAndAuthorization,
		},
		HealthProbeBindAddress:  o.healthProbeBindAddress,
		LeaderElection:          o.leaderElect,
		LeaderElectionID:        "fairlead-manager",
		LeaderElectionNamespace: o.leaderElectionNamespace,
		// The process ends with the manager, so the next replica need not wait.
		LeaderElectionReleaseOnCancel: true,
		Controller: config.Controller{
			EnableWarmup:          ptr.To(true),
			ReconciliationTimeout: reconcileTimeout,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("setting up the manager for the API server %s: %w", restConfig.Host, err)
	}
	if err := errors.Join(
		manager.AddHealthzCheck("ping", healthz.Ping),
		manager.AddReadyzCheck("cache", func(request *http.Request) error {
			ctx, cancel := context.WithTimeout(request.Context(), time.Second)
			defer cancel()
			if !manager.GetCache().WaitForCacheSync(ctx) {
				return errors.New("the cache has not synced yet")
			}
			return nil
		}),
	); err != nil {
		return nil, fmt.Errorf("setting up probes: %w", err)
	}
	return manager, nil
}
