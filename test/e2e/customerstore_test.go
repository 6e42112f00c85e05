//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"regexp"
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

// demoManifests are those of the demo under names of the test's own, with the
// image that the manager runs.
func demoManifests(t *testing.T) string {
	t.Helper()
	manifests := kubectl(t, "kustomize", "../../hack/demo")
	for old, replacement := range map[string]string{
		"airshow":                "e2e-airshow",
		"name: farnborough-2026": "name: e2e-farnborough-2026",
		"image: fairlead:dev":    "image: " + managerImage(t),
	} {
		if !strings.Contains(manifests, old) {
			t.Fatalf("the demo's manifests have no %q:\n%s", old, manifests)
		}
		manifests = strings.ReplaceAll(manifests, old, replacement)
	}
	// Nobody gets mail here, so that links need no keys.
	gateway := regexp.MustCompile(`(?m)^  gateway:\n(    .*\n)+`)
	if !gateway.MatchString(manifests) {
		t.Fatalf("the store of the demo has no gateway:\n%s", manifests)
	}
	manifests = gateway.ReplaceAllString(manifests, "")
	path := t.TempDir() + "/demo.yaml"
	writeFile(t, path, manifests)
	return path
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

// TestImportIntoSQLite does what the demo does, twice: a store on the manager's
// volume, and a Job that fills it.
func TestImportIntoSQLite(t *testing.T) {
	path := demoManifests(t)
	lists := t.TempDir() + "/lists.yaml"
	writeFile(t, lists, kubectl(t, "create", "configmap", "e2e-airshow-lists", "-n", managerNamespace, "--dry-run=client", "-o", "yaml",
		"--from-file=../../data/airshows/editions.yaml", "--from-file=../../data/airshows/exhibitions.csv",
		"--from-file=../../data/airshows/participations.yaml", "--from-file=../../data/airshows/exhibitors.csv.gz"))
	kubectl(t, "apply", "--server-side", "-f", lists)
	t.Cleanup(func() {
		cleanup := context.WithoutCancel(t.Context())
		for _, object := range []client.Object{
			&crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-airshows"}},
			&crm.Exhibition{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-farnborough-2026"}},
			&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-airshow-lists"}},
		} {
			if err := client.IgnoreNotFound(cluster.Delete(cleanup, object)); err != nil {
				t.Error(err)
			}
		}
	})

	run := func() string {
		t.Helper()
		kubectl(t, "delete", "job", "e2e-airshow-import", "-n", managerNamespace, "--ignore-not-found", "--wait")
		kubectl(t, "apply", "-f", path)
		if _, err := tryKubectl(t, "wait", "-n", managerNamespace, "job/e2e-airshow-import", "--for=condition=Complete", "--timeout=10m"); err != nil {
			t.Fatalf("%v\n%s", err, kubectl(t, "logs", "-n", managerNamespace, "job/e2e-airshow-import", "--all-containers"))
		}
		return kubectl(t, "logs", "-n", managerNamespace, "job/e2e-airshow-import", "-c", "participations")
	}
	t.Cleanup(func() {
		job := metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-airshow-import"}
		background := metav1.DeletePropagationBackground
		err := typed.BatchV1().Jobs(job.Namespace).Delete(context.WithoutCancel(t.Context()), job.Name, metav1.DeleteOptions{PropagationPolicy: &background})
		if client.IgnoreNotFound(err) != nil {
			t.Error(err)
		}
	})
	first := run()
	t.Logf("the first import:\n%s", first)
	store := &crm.CustomerStore{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-airshows"}}
	condition(t, store, func() []metav1.Condition { return store.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	kubectl(t, "annotate", "-n", managerNamespace, "cstore/e2e-airshows", crm.AnnotationRequestedAt+"=first", "--overwrite")
	eventually(t, func(ctx context.Context) error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(store), store); err != nil {
			return err
		}
		if store.Status.Customers == nil || *store.Status.Customers == 0 {
			return fmt.Errorf("the store has no customers: %+v", store.Status)
		}
		return nil
	})
	t.Log(kubectl(t, "get", "cstore", "-n", managerNamespace))
	exhibition := &crm.Exhibition{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-farnborough-2026"}}
	condition(t, exhibition, func() []metav1.Condition { return exhibition.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")

	customers := *store.Status.Customers
	expectProfiles(t, customers)
	expectSegments(t)
	expectRetention(t)
	second := run()
	if !regexp.MustCompile(`(?m)^ +unchanged +39682$`).MatchString(second) {
		t.Errorf("importing again does not say that everything is unchanged:\n%s", second)
	}
	kubectl(t, "annotate", "-n", managerNamespace, "cstore/e2e-airshows", crm.AnnotationRequestedAt+"=second", "--overwrite")
	condition(t, store, func() []metav1.Condition { return store.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	if *store.Status.Customers != customers {
		t.Errorf("there are %d customers after the second import, %d after the first", *store.Status.Customers, customers)
	}
}

// expectProfiles waits until the manager has computed the profiles of all customers,
// and has a Job show one.
func expectProfiles(t *testing.T, customers int64) {
	t.Helper()
	url, token := metricsURL(t), readerToken(t)
	eventually(t, func(ctx context.Context) error {
		_, body, err := scrape(ctx, url, token)
		if err != nil {
			return err
		}
		series := `{name="e2e-airshows",namespace="` + managerNamespace + `"} `
		backlog, refreshed := valueOf(body, "fairlead_customerstore_profile_backlog_parties"+series), valueOf(body, "fairlead_customerstore_profile_refreshed_parties_total"+series)
		if backlog != 0 || refreshed < float64(customers) {
			return fmt.Errorf("%v parties wait for their profile, %v were computed, of %d customers", backlog, refreshed, customers)
		}
		return nil
	})
	data, err := os.ReadFile("../../hack/demo/profile.yaml")
	if err != nil {
		t.Fatal(err)
	}
	manifest := t.TempDir() + "/profile.yaml"
	writeFile(t, manifest, strings.NewReplacer("airshow", "e2e-airshow", "image: fairlead\n", "image: "+managerImage(t)+"\n").Replace(string(data)))
	kubectl(t, "delete", "job", "e2e-airshow-profile", "-n", managerNamespace, "--ignore-not-found", "--wait")
	kubectl(t, "apply", "-f", manifest)
	t.Cleanup(func() {
		background := metav1.DeletePropagationBackground
		err := typed.BatchV1().Jobs(managerNamespace).Delete(context.WithoutCancel(t.Context()), "e2e-airshow-profile", metav1.DeleteOptions{PropagationPolicy: &background})
		if client.IgnoreNotFound(err) != nil {
			t.Error(err)
		}
	})
	if _, err := tryKubectl(t, "wait", "-n", managerNamespace, "job/e2e-airshow-profile", "--for=condition=Complete", "--timeout=5m"); err != nil {
		t.Fatalf("%v\n%s", err, kubectl(t, "logs", "-n", managerNamespace, "job/e2e-airshow-profile", "--all-containers"))
	}
	logs := func(container string) string {
		return kubectl(t, "logs", "-n", managerNamespace, "job/e2e-airshow-profile", "-c", container)
	}
	for container, want := range map[string]string{
		"refresh": `Nobody waits: all profiles are fresh`, "check": ` parties were compared, 0 differences found\. 0 wait`, "show": `(?m)^missedEditions +0$`,
	} {
		if said := logs(container); !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("%s said\n%s\nwant %s", container, said, want)
		}
	}
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

// expectSegments applies the demo's segments. How many belong was found from the facts
// by other questions, in test/realdata.
func expectSegments(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile("../../hack/demo/segments.yaml")
	if err != nil {
		t.Fatal(err)
	}
	manifest := t.TempDir() + "/segments.yaml"
	kept := strings.NewReplacer("{name: ", "{name: e2e-", "storeName: airshows", "storeName: e2e-airshows", "inSegment('", "inSegment('e2e-").Replace(string(data))
	writeFile(t, manifest, kept)
	kubectl(t, "apply", "-f", manifest)
	t.Cleanup(func() {
		ours := &crm.CustomerSegment{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace}}
		for _, line := range regexp.MustCompile(`\{name: (e2e-[\w-]+),`).FindAllStringSubmatch(kept, -1) {
			ours.Name = line[1]
			if err := cluster.Delete(context.WithoutCancel(t.Context()), ours.DeepCopy()); client.IgnoreNotFound(err) != nil {
				t.Error(err)
			}
		}
	})
	for name, members := range map[string]int64{
		"farnborough-and-paris": 2909, "three-in-a-row": 280, "first-time-in-2024": 718, "lapsed-exhibitors": 7252, "not-back-in-2026": 848,
	} {
		segment := &crm.CustomerSegment{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-" + name}}
		condition(t, segment, func() []metav1.Condition { return segment.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
		if segment.Status.Members == nil || *segment.Status.Members != members {
			t.Errorf("segment %s has %v members, want %d", name, segment.Status.Members, members)
		}
	}
	both := &crm.CustomerSegment{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-regulars-of-both"}}
	condition(t, both, func() []metav1.Condition { return both.Status.Conditions }, crm.ConditionReady, crm.ReasonReady, "")
	if both.Status.Members == nil || *both.Status.Members == 0 || *both.Status.Members >= 280 {
		t.Errorf("a segment that asks for two others has %v members", both.Status.Members)
	}
}
