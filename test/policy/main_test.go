// Package policy_test proves, on a real API server, what the admission policies
// and the roles of config/policy and config/rbac allow and forbid.
package policy_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/fairlead/fairlead/test/apiserver"
)

const (
	// tenant is the namespace that roles are bound in.
	tenant = "expo"
	// elsewhere is a namespace that nothing is bound in.
	elsewhere = "another-tenant"
	// managerNamespace and manager are who the policies call the manager.
	managerNamespace = "fairlead-system"
	managerAccount   = "fairlead-manager"
	manager          = "system:serviceaccount:" + managerNamespace + ":" + managerAccount
)

// personas are the users of the tests, each with one of the shipped roles.
var personas = map[string]string{
	"vera@airshow.example":   "fairlead-viewer",
	"adam@airshow.example":   "fairlead-author",
	"olga@airshow.example":   "fairlead-approver",
	"otto@airshow.example":   "fairlead-operator",
	"nobody@airshow.example": "",
}

// server is the API server that the tests of this package share.
var server *apiserver.Server

func TestMain(m *testing.M) {
	os.Exit(apiserver.Main(m, func(ctx context.Context, s *apiserver.Server) error {
		server = s
		return install(ctx)
	}))
}

// install applies roles and policies as they are shipped and binds the personas.
func install(ctx context.Context) error {
	for _, name := range []string{tenant, elsewhere, managerNamespace} {
		if err := server.Client.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return fmt.Errorf("creating the namespace %s: %w", name, err)
		}
	}
	for _, pattern := range []string{"config/rbac/*.yaml", "config/policy/*.yaml", "config/tenant/*.yaml"} {
		if err := apply(ctx, pattern); err != nil {
			return err
		}
	}
	for user, role := range personas {
		if role == "" {
			continue
		}
		if err := bind(ctx, role, rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}); err != nil {
			return err
		}
	}
	return nil
}

// apply creates the objects of the files that the pattern matches. Objects of a
// namespace that name none belong to the tenant.
func apply(ctx context.Context, pattern string) error {
	objects, err := server.Manifests(pattern)
	if err != nil {
		return err
	}
	for _, object := range objects {
		if object.GetKind() == "Kustomization" {
			continue
		}
		namespaced, err := server.Client.IsObjectNamespaced(object)
		if err != nil {
			return fmt.Errorf("applying %s: %w", object.GetName(), err)
		}
		if namespaced && object.GetNamespace() == "" {
			object.SetNamespace(tenant)
		}
		if err := server.Client.Create(ctx, object, client.FieldValidation(metav1.FieldValidationStrict)); err != nil {
			return fmt.Errorf("applying %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

// bind gives a role to a subject in the tenant's namespace.
func bind(ctx context.Context, role string, subject rbacv1.Subject) error {
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{GenerateName: role + "-", Namespace: tenant},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   []rbacv1.Subject{subject},
	}
	if err := server.Client.Create(ctx, binding); err != nil {
		return fmt.Errorf("binding %s to %s: %w", role, subject.Name, err)
	}
	return nil
}

// as returns a client that speaks as a user.
func as(t *testing.T, user string, groups ...string) client.Client {
	t.Helper()
	c, err := server.As(user, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eventually waits until the API server has taken notice of what was applied:
// it does so in the background, for roles and policies alike.
func eventually(t *testing.T, what string, done func(ctx context.Context) error) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, 30*time.Second, true,
		func(ctx context.Context) (bool, error) {
			last = done(ctx)
			return last == nil, nil
		})
	if err != nil {
		t.Fatalf("%s: %v", what, errors.Join(err, last))
	}
}

// sample reads one object of config/samples as a user would write it into the
// tenant's namespace.
func sample(t *testing.T, file, kind string) *unstructured.Unstructured {
	t.Helper()
	objects, err := server.Manifests("config/samples/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		if object.GetKind() == kind {
			object.SetNamespace(tenant)
			return object
		}
	}
	t.Fatalf("config/samples/%s has no %s", file, kind)
	return nil
}

// set writes a field of an object's spec, or takes it out if the value is nil.
func set(t *testing.T, object *unstructured.Unstructured, field string, value any) {
	t.Helper()
	if value == nil {
		unstructured.RemoveNestedField(object.Object, "spec", field)
		return
	}
	if err := unstructured.SetNestedField(object.Object, value, "spec", field); err != nil {
		t.Fatal(err)
	}
}
