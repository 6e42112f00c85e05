package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer/sensitive"
	"github.com/fairlead/fairlead/internal/sending"
	"github.com/fairlead/fairlead/internal/store"
)

const storeVariable = sending.StoreVariable

// storeOptions say which store a command works on.
type storeOptions struct {
	clusterOptions
	url        string
	storeName  string
	keysetFile string
}

func (o *storeOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.url, "store", "", "URL of the store: postgres://USER:PASSWORD@HOST/DATABASE or sqlite:///PATH/TO/FILE.db (default: $"+storeVariable+")")
	flags.StringVarP(&o.namespace, "namespace", "n", "", "namespace of a CustomerStore in a cluster (default: that of the kubeconfig's context)")
	flags.StringVar(&o.storeName, "store-name", "", "name of the CustomerStore, instead of --store")
	flags.StringVar(&o.kubeconfig, "kubeconfig", "", "path of a kubeconfig (default: KUBECONFIG, ~/.kube/config, or the pod's service account)")
	flags.StringVar(&o.keysetFile, "keyset-file", "", "file with the Tink keyset of sensitive fields (with --store-name: from the CustomerStore's Secret)")
}

// opened is a store with the keys of its sensitive fields, if there are any.
type opened struct {
	*store.Store
	keys *sensitive.Keyset
}

// sealer is the keyset as the store takes it: nil, and not a nil inside of an
// interface, if there is none.
func (o opened) sealer() store.Sealer {
	if o.keys == nil {
		return nil
	}
	return o.keys
}

// check refuses flags that do not name one store.
func (o *storeOptions) check() error {
	if o.url == "" && o.storeName == "" {
		o.url = os.Getenv(storeVariable)
	}
	switch {
	case o.url == "" && o.storeName == "":
		return usageError{errors.New("which store? Pass --store URL, or -n NAMESPACE --store-name NAME, or set " + storeVariable)}
	case o.url != "" && o.storeName != "":
		return usageError{errors.New("--store and --store-name both name a store: pass one of them")}
	case o.url != "" && o.namespace != "":
		return usageError{errors.New("--namespace goes with --store-name, not with --store")}
	}
	return nil
}

// open connects to the store that the flags name. With create, a file of SQLite
// that is not there is made.
func (o *storeOptions) open(ctx context.Context, create bool) (opened, error) {
	return o.openWith(ctx, store.Options{Create: create})
}

// openWith is open with more to say of how.
func (o *storeOptions) openWith(ctx context.Context, how store.Options) (opened, error) {
	url, keyset := o.url, []byte(nil)
	if o.storeName != "" {
		var err error
		if url, keyset, err = o.fromCluster(ctx); err != nil {
			return opened{}, err
		}
	}
	if o.keysetFile != "" {
		data, err := os.ReadFile(o.keysetFile)
		if err != nil {
			return opened{}, usageError{fmt.Errorf("--keyset-file: %w", err)}
		}
		keyset = data
	}
	var result opened
	if keyset != nil {
		keys, err := sensitive.Parse(keyset)
		if err != nil {
			return opened{}, usageError{err}
		}
		result.keys = keys
	}
	var wrong *store.URLError
	s, err := store.Open(ctx, url, how)
	switch {
	case errors.As(err, &wrong) && o.storeName == "":
		return opened{}, usageError{fmt.Errorf("--store: %s", wrong.Problem)}
	case err != nil:
		return opened{}, fmt.Errorf("opening the store: %w", err)
	}
	result.Store = s
	return result, nil
}

// openChecked is open for commands that need a schema that this program knows.
func (o *storeOptions) openChecked(ctx context.Context) (opened, error) {
	s, err := o.open(ctx, false)
	if err != nil {
		return s, err
	}
	if err := s.CheckSchema(ctx); err != nil {
		s.Close()
		return opened{}, err
	}
	return s, nil
}

// fromCluster reads a CustomerStore and its Secrets.
func (o *storeOptions) fromCluster(ctx context.Context) (url string, keyset []byte, err error) {
	reader, namespace, err := o.connect()
	if err != nil {
		return "", nil, err
	}
	declared := &crm.CustomerStore{}
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: o.storeName}, declared); err != nil {
		if apierrors.IsNotFound(err) {
			return "", nil, fmt.Errorf("namespace %s has no CustomerStore called %s", namespace, o.storeName)
		}
		return "", nil, fmt.Errorf("reading the CustomerStore: %w", err)
	}
	if declared.Spec.Postgres == nil {
		return "", nil, fmt.Errorf("CustomerStore %s/%s is a file on the manager's volume: run the command in a pod that mounts it, with --store sqlite:///PATH/%s",
			namespace, o.storeName, declared.Spec.SQLite.FileName)
	}
	uri, err := secretValue(ctx, reader, namespace, string(declared.Spec.Postgres.ConnectionSecretName), "uri")
	if err != nil {
		return "", nil, err
	}
	if name := string(declared.Spec.EncryptionKeySecretName); name != "" && o.keysetFile == "" {
		if keyset, err = secretValue(ctx, reader, namespace, name, "keyset"); err != nil {
			return "", nil, err
		}
	}
	return string(uri), keyset, nil
}

// secretValue reads one value of a Secret of credentials.
func secretValue(ctx context.Context, reader client.Reader, namespace, name, key string) ([]byte, error) {
	secret := &corev1.Secret{}
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, secret); err != nil {
		return nil, fmt.Errorf("reading Secret %s/%s: %w", namespace, name, err)
	}
	if secret.Labels[crm.LabelCredentials] != "true" {
		return nil, fmt.Errorf("secret %s/%s is not labelled %s=true, so it is not for Fairlead", namespace, name, crm.LabelCredentials)
	}
	value, has := secret.Data[key]
	if !has {
		return nil, fmt.Errorf("secret %s/%s has no key %q", namespace, name, key)
	}
	return value, nil
}

// actorOptions say who is on record for what a command does.
type actorOptions struct{ actor string }

func (o *actorOptions) register(flags *pflag.FlagSet) {
	name := "unknown"
	if current, err := user.Current(); err == nil {
		name = current.Username
	}
	flags.StringVar(&o.actor, actorFlag, name, "who does this, for the record")
}

const actorFlag = "actor"

// checkActor refuses that nobody does something, where a command has an actor.
func checkActor(flags *pflag.FlagSet) error {
	if actor := flags.Lookup(actorFlag); actor != nil && strings.TrimSpace(actor.Value.String()) == "" {
		return usageError{errors.New("--actor is empty: who does this, for the record?")}
	}
	return nil
}
