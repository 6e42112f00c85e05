package main

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// clusterOptions say which cluster a command speaks to, and of which namespace.
type clusterOptions struct {
	namespace  string
	kubeconfig string
}

func (o *clusterOptions) register(flags *pflag.FlagSet) {
	flags.StringVarP(&o.namespace, "namespace", "n", "", "namespace (default: that of the kubeconfig's context)")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "path of a kubeconfig (default: KUBECONFIG, ~/.kube/config, or the pod's service account)")
}

// connect connects to the API server as whoever runs the command, and gives the namespace that is
// meant.
func (o *clusterOptions) connect() (cluster client.Client, namespace string, err error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	config := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil)
	restConfig, err := config.ClientConfig()
	if err != nil {
		return nil, "", usageError{fmt.Errorf("finding the API server: %w: pass --kubeconfig, or name the store by --store where there is one", err)}
	}
	namespace = o.namespace
	if namespace == "" {
		if namespace, _, err = config.Namespace(); err != nil {
			return nil, "", usageError{fmt.Errorf("finding the namespace: %w: pass -n", err)}
		}
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(scheme), authenticationv1.AddToScheme(scheme), crm.AddToScheme(scheme)); err != nil {
		return nil, "", fmt.Errorf("registering types: %w", err)
	}
	cluster, err = client.New(restConfig, client.Options{Scheme: scheme})
	if err != nil {
		return nil, "", fmt.Errorf("connecting to the API server: %w", err)
	}
	return cluster, namespace, nil
}
