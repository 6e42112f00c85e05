package controllers_test

import (
	"context"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/controllers"
)

// cachedClient gives the client of a manager that watches the given namespaces.
func cachedClient(t *testing.T, namespaces ...string) client.Client {
	t.Helper()
	manager, err := ctrl.NewManager(server.Config, ctrl.Options{
		Scheme:  server.Scheme,
		Cache:   controllers.CacheOptions(namespaces),
		Client:  controllers.ClientOptions(),
		Metrics: metricsserver.Options{BindAddress: "0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- manager.GetCache().Start(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	if !manager.GetCache().WaitForCacheSync(ctx) {
		t.Fatal("the cache did not sync")
	}
	return manager.GetClient()
}

func TestOnlyChosenNamespacesAreWatched(t *testing.T) {
	chosen, other := newNamespace(t), newNamespace(t)
	for _, namespace := range []string{chosen, other} {
		create(t, edition(namespace, "2026"))
	}
	cached := cachedClient(t, chosen)
	var found crm.ExhibitionList
	if err := cached.List(t.Context(), &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Items) != 1 || found.Items[0].Namespace != chosen {
		t.Fatalf("the cache holds %d Exhibitions, want the one of %s", len(found.Items), chosen)
	}
	if len(found.Items[0].ManagedFields) != 0 {
		t.Error("the cache keeps managed fields")
	}
}

func TestOnlyOurJobsAreWatched(t *testing.T) {
	namespace := newNamespace(t)
	for name, labels := range map[string]map[string]string{
		"ours":   {controllers.LabelManagedBy: controllers.ManagedBy},
		"theirs": {controllers.LabelManagedBy: "somebody"},
	} {
		create(t, &batchv1.Job{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
			Spec: batchv1.JobSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				RestartPolicy: corev1.RestartPolicyNever,
				Containers:    []corev1.Container{{Name: "send", Image: "fairlead"}},
			}}},
		})
	}
	var found batchv1.JobList
	if err := cachedClient(t, namespace).List(t.Context(), &found); err != nil {
		t.Fatal(err)
	}
	if len(found.Items) != 1 || found.Items[0].Name != "ours" {
		t.Errorf("the cache holds %d Jobs, want ours alone", len(found.Items))
	}
}

// TestSecretsAreReadByName tells a read of the API server from one of the cache
// by the managed fields, which the cache strips.
func TestSecretsAreReadByName(t *testing.T) {
	namespace := newNamespace(t)
	create(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "smtp-login"}})
	cached := cachedClient(t, namespace)
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: namespace, Name: "smtp-login"}
	if err := cached.Get(t.Context(), key, secret); err != nil {
		t.Fatal(err)
	}
	if len(secret.ManagedFields) == 0 {
		t.Error("the Secret came from the cache")
	}
}
