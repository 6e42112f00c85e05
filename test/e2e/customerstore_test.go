//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/test/postgres"
)

// condition waits until an object's condition is true for a reason, and its
// message has a part.
func condition(t *testing.T, object client.Object, conditions func() []metav1.Condition, conditionType, reason, message string) {
	t.Helper()
	eventually(t, func(ctx context.Context) error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
			return err
		}
		found := meta.FindStatusCondition(conditions(), conditionType)
		if found == nil || found.Status != metav1.ConditionTrue || found.Reason != reason || !strings.Contains(found.Message, message) {
			return fmt.Errorf("the conditions of %s are %+v, want %s for %s, %q", object.GetName(), conditions(), conditionType, reason, message)
		}
		return nil
	})
}

// managerImage is the image that the manager runs.
func managerImage(t *testing.T) string {
	t.Helper()
	var manager appsv1.Deployment
	if err := cluster.Get(t.Context(), types.NamespacedName{Namespace: managerNamespace, Name: managerName}, &manager); err != nil {
		t.Fatal(err)
	}
	return manager.Spec.Template.Spec.Containers[0].Image
}

// nodeAddress is where pods reach this machine, if the cluster runs on it.
func nodeAddress(t *testing.T) string {
	t.Helper()
	var nodes corev1.NodeList
	if err := cluster.List(t.Context(), &nodes); err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes.Items {
		for _, address := range node.Status.Addresses {
			if address.Type != corev1.NodeInternalIP {
				continue
			}
			listener, err := net.Listen("tcp", net.JoinHostPort(address.Address, "0"))
			if err != nil {
				continue
			}
			if err := listener.Close(); err != nil {
				t.Fatal(err)
			}
			return address.Address
		}
	}
	t.Skip("no node of the cluster is this machine, so its pods cannot reach a PostgreSQL here")
	return ""
}

// newStore declares a store of a tenant, with its Secrets.
func newStore(t *testing.T, namespace, owner, worker string) *crm.CustomerStore {
	t.Helper()
	for name, uri := range map[string]string{"crm-database": owner, "crm-database-worker": worker} {
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{crm.LabelCredentials: "true"}},
			StringData: map[string]string{"uri": uri},
		}
		if err := cluster.Create(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
	}
	store := &crm.CustomerStore{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "crm"},
		Spec: crm.CustomerStoreSpec{
			Postgres:          &crm.PostgresStore{ConnectionSecretName: "crm-database", WorkerConnectionSecretName: "crm-database-worker"},
			ReportingCurrency: "GBP",
		},
	}
	if err := cluster.Create(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	return store
}

// TestPostgresStoreBelongsToOne has two tenants claim one database.
func TestPostgresStoreBelongsToOne(t *testing.T) {
	server, err := postgres.Start(t.Context(), postgres.Listen(nodeAddress(t)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	database := server.NewDatabase(t)
	worker := server.NewRole(t, database, "worker")
	first := newStore(t, newTenant(t), database, worker)
	condition(t, first, func() []metav1.Condition { return first.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	second := newStore(t, newTenant(t), database, worker)
	condition(t, second, func() []metav1.Condition { return second.Status.Conditions },
		crm.ConditionStalled, crm.ReasonOwnedByAnother, "set spec.adoptStoreID to "+first.Status.StoreID)

	// Where nobody made the namespace a tenant, the manager may not read Secrets.
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "e2e-"}}
	if err := cluster.Create(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := cluster.Delete(ctx, namespace); err != nil {
			t.Error(err)
		}
		gone(ctx, t, namespace)
	})
	third := newStore(t, namespace.Name, database, worker)
	condition(t, third, func() []metav1.Condition { return third.Status.Conditions },
		crm.ConditionReconciling, crm.ReasonReferenceNotReady, "make the namespace a tenant with kubectl apply -n "+namespace.Name)
}
