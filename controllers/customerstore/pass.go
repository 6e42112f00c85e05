package customerstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// contactLimit bounds what takes a database a moment if it answers at all.
const contactLimit = 20 * time.Second

// pass looks at a store and its database and does what is to be done. The error
// is one of the API server's, for which the caller's back-off is right.
func (r *Reconciler) pass(ctx context.Context, declared *crm.CustomerStore) (came ending, holds *held, err error) {
	name := client.ObjectKeyFromObject(declared)
	failed := func(err error) (ending, *held, error) {
		return ending{contract.Waiting(crm.ReasonFailed, err.Error()), soon}, nil, err
	}
	if suspended(declared) {
		r.Connections.close(name)
		problem, err := r.pauseRuns(ctx, declared)
		switch {
		case err != nil:
			return failed(err)
		case problem != nil:
			return *problem, nil, nil
		}
	}
	if problem := checkSpec(declared, r.Place); problem != nil {
		r.Connections.close(name)
		return *problem, nil, nil
	}
	secrets, err := r.secrets(ctx, declared)
	if err != nil {
		return failed(err)
	}
	if problem := checkSecrets(declared.Namespace, secrets); problem != nil {
		// Whatever is open was opened with what is not there any more.
		r.Connections.close(name)
		return *problem, nil, nil
	}
	cluster, err := r.clusterID(ctx)
	if err != nil {
		return failed(err)
	}
	policies, unbound, err := r.policies(ctx, declared)
	if err != nil {
		return failed(err)
	}
	editions, err := r.editions(ctx, declared)
	if err != nil {
		return failed(err)
	}
	holds, problem := r.database(ctx, declared, cluster, secrets, declarations{editions, policies, len(unbound) > 0})
	if problem != nil {
		return *problem, holds, nil
	}
	return working(unbound), holds, nil
}

// secrets reads the Secrets that a store needs, by name.
func (r *Reconciler) secrets(ctx context.Context, declared *crm.CustomerStore) ([]secret, error) {
	var secrets []secret
	for _, use := range secretsOf(declared.Spec) {
		read := secret{use: use}
		var object corev1.Secret
		err := r.Client.Get(ctx, types.NamespacedName{Namespace: declared.Namespace, Name: use.name}, &object)
		switch {
		case apierrors.IsNotFound(err):
			read.absent = true
		case apierrors.IsForbidden(err):
			read.forbidden = true
		case err != nil:
			return nil, fmt.Errorf("reading the Secret %s: %w", use.name, err)
		}
		read.labelled = object.Labels[crm.LabelCredentials] == "true"
		read.value = object.Data[use.key]
		secrets = append(secrets, read)
	}
	return secrets, nil
}

// clusterID is what a store knows this cluster by. It never changes.
func (r *Reconciler) clusterID(ctx context.Context) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cluster == "" {
		var system corev1.Namespace
		if err := r.Reader.Get(ctx, types.NamespacedName{Name: metav1.NamespaceSystem}, &system); err != nil {
			return "", fmt.Errorf("reading the identity of the cluster: %w", err)
		}
		r.cluster = string(system.UID)
	}
	return r.cluster, nil
}

// declarations are what other objects declare for a store.
type declarations struct {
	editions []store.DeclaredEdition
	// policies that bind the store, and incomplete where some that it names do not.
	policies   []*crm.ContactPolicy
	incomplete bool
}

// policies reads the ContactPolicies that a store names: those that bind it, and those that do not.
func (r *Reconciler) policies(ctx context.Context, declared *crm.CustomerStore) (binding []*crm.ContactPolicy, unbound []contract.Unbound, err error) {
	var failure error
	binding, unbound = contract.Binding(declared, func(name crm.ObjectName) *crm.ContactPolicy {
		policy := &crm.ContactPolicy{}
		err := r.Client.Get(ctx, types.NamespacedName{Namespace: declared.Namespace, Name: string(name)}, policy)
		if err != nil && !apierrors.IsNotFound(err) {
			failure = errors.Join(failure, fmt.Errorf("reading the ContactPolicy %s: %w", name, err))
		}
		if err != nil {
			return nil
		}
		return policy
	})
	return binding, unbound, failure
}

// editions reads what the Exhibitions of a store declare of their editions.
func (r *Reconciler) editions(ctx context.Context, declared *crm.CustomerStore) ([]store.DeclaredEdition, error) {
	var exhibitions crm.ExhibitionList
	err := r.Client.List(ctx, &exhibitions, client.InNamespace(declared.Namespace), client.MatchingFields{contract.IndexStoreName: declared.Name})
	if err != nil {
		return nil, fmt.Errorf("listing the Exhibitions of the store: %w", err)
	}
	return declaredEditions(exhibitions.Items), nil
}

// database connects, migrates and claims as far as the plan lets it, tells the
// store what is declared of its editions and topics, and gives what it holds if it is this
// object's, whatever else is wrong.
func (r *Reconciler) database(ctx context.Context, declared *crm.CustomerStore, cluster string, secrets []secret, others declarations) (*held, *ending) {
	how, named := r.accessOf(declared, secrets)
	if how.path != "" && !how.options.Create {
		if _, err := os.Stat(how.path); errors.Is(err, fs.ErrNotExist) {
			r.Connections.close(client.ObjectKeyFromObject(declared))
			return nil, fileLost(declared)
		}
	}
	opened, err := r.Connections.open(ctx, client.ObjectKeyFromObject(declared), how)
	if err != nil {
		return nil, accessProblem(err, named)
	}
	owner := store.Owner{Cluster: cluster, Namespace: declared.Namespace, Name: declared.Name}
	mark, schema, problem, err := settle(ctx, opened, declared, owner)
	if err != nil {
		return nil, accessProblem(err, named)
	}
	if problem != nil {
		return nil, problem
	}
	if err := tell(ctx, opened, others); err != nil {
		return nil, accessProblem(err, named)
	}
	counts, err := opened.Counts(ctx)
	if err != nil {
		return nil, accessProblem(err, named)
	}
	holds := &held{storeID: mark.StoreID, schema: schema.Version, counts: counts}
	if declared.Spec.Postgres != nil {
		if problem, err = admitOthers(ctx, opened, mark, declared.Spec.Postgres, secrets); err != nil {
			problem = accessProblem(err, named)
		}
	}
	return holds, problem
}

// tell tells a store what is declared elsewhere. Where that is as before nothing is written.
func tell(ctx context.Context, opened *store.Store, others declarations) error {
	if err := opened.DeclareEditions(ctx, others.editions); err != nil {
		return err
	}
	stored, err := opened.Topics(ctx)
	if err != nil {
		return err
	}
	return opened.SetTopics(ctx, declaredTopics(others.policies, others.incomplete, stored))
}

// accessOf says how the database of a store is reached, and what to call that.
func (r *Reconciler) accessOf(declared *crm.CustomerStore, secrets []secret) (how access, named string) {
	if sqlite := declared.Spec.SQLite; sqlite != nil {
		path := filepath.Join(r.Place.SQLiteDir, sqlite.FileName)
		return access{
			url: (&url.URL{Scheme: "sqlite", Path: path}).String(), path: path,
			options: store.Options{Create: creates(declared)},
		}, "the file " + sqlite.FileName
	}
	return access{
		url:     string(secrets[0].value),
		options: store.Options{MaxConnections: int(declared.Spec.Postgres.MaxConnections)},
	}, "the Secret " + secrets[0].use.name
}

// settle takes one step after the other until the database is migrated and
// claimed, or must be left alone. It looks anew before each.
func settle(ctx context.Context, opened *store.Store, declared *crm.CustomerStore, owner store.Owner) (store.Mark, store.Schema, *ending, error) {
	for migrated := false; ; migrated = true {
		database, err := look(ctx, opened)
		if err != nil {
			return store.Mark{}, store.Schema{}, nil, err
		}
		next, problem := planDatabase(declared, owner, database)
		switch {
		case problem != nil:
			return store.Mark{}, database.schema, problem, nil
		case next == claim:
			mark, err := opened.Claim(ctx, owner, declarationOf(declared.Spec), declared.Spec.AdoptStoreID)
			var others *store.OwnerError
			if errors.As(err, &others) {
				// Somebody was faster.
				problem = ownedByAnother(store.Mark{StoreID: others.StoreID, Owner: &others.Owner}, owner)
				err = nil
			}
			return mark, database.schema, problem, err
		case migrated:
			return store.Mark{}, database.schema, nil, errors.New("the database needs a migration right after one")
		}
		if _, _, err := opened.Migrate(ctx); err != nil {
			return store.Mark{}, database.schema, nil, fmt.Errorf("migrating: %w", err)
		}
	}
}

// look reads what a database says of itself and changes nothing.
func look(ctx context.Context, opened *store.Store) (database found, err error) {
	ctx, cancel := context.WithTimeout(ctx, contactLimit)
	defer cancel()
	database.known = store.KnownVersion()
	if database.schema, err = opened.Schema(ctx); err != nil {
		return database, err
	}
	// In a schema that needs a newer program the mark may look otherwise.
	if database.schema.Version == 0 || database.schema.MinCompatible > database.known {
		return database, nil
	}
	mark, err := opened.Mark(ctx)
	var nameless *store.SchemaError
	switch {
	case errors.As(err, &nameless):
		return database, nil
	case err != nil:
		return database, err
	}
	database.mark = &mark
	return database, nil
}
