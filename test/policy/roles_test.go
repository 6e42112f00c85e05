package policy_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
)

var (
	read  = []string{"get", "list", "watch"}
	write = []string{"create", "update", "patch", "delete"}
	// verbs are all that the tests ask about.
	verbs = slices.Concat(read, write, []string{"deletecollection", "bind", "escalate", "impersonate"})
)

// resources are all that the tests ask about, as group/resource/subresource.
var resources = slices.Concat(ours(), under(ours(), "status"), []string{
	"/secrets", "/configmaps", "/serviceaccounts", "/serviceaccounts/token", "/events", "events.k8s.io/events",
	"/pods", "/pods/log", "/pods/exec", "/pods/ephemeralcontainers", "batch/jobs", "batch/jobs/status", "batch/cronjobs",
	"rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/rolebindings", "rbac.authorization.k8s.io/clusterroles",
	"rbac.authorization.k8s.io/clusterrolebindings", "admissionregistration.k8s.io/validatingadmissionpolicies",
	"admissionregistration.k8s.io/validatingadmissionpolicybindings", "apiextensions.k8s.io/customresourcedefinitions",
})

// grants are verbs by resource.
type grants map[string][]string

// TestRoles asks for every user, resource and verb: what a row does not grant
// must be forbidden.
func TestRoles(t *testing.T) {
	for name, c := range map[string]struct {
		user  string
		allow []grants
	}{
		"a viewer reads everything and writes nothing": {
			user:  "vera@airshow.example",
			allow: []grants{to(read, ours()...)},
		},
		"an author writes campaigns and does not approve": {
			user: author,
			allow: []grants{
				to(read, ours()...),
				to(write, crm("exhibitions", "customersegments", "loyaltyprograms", "campaignrules", "outreaches")...),
			},
		},
		"an approver decides and writes no campaigns": {
			user: approver,
			allow: []grants{
				to(read, ours()...),
				to([]string{"create"}, crm("outreachapprovals")...),
			},
		},
		"an operator keeps it running and neither starts nor approves": {
			user: "otto@airshow.example",
			allow: []grants{
				to(read, ours()...),
				to(write, crm("customerstores", "contactpolicies", "outreachchannels")...),
				to([]string{"update", "patch"}, crm("campaignrules", "outreaches")...),
				to([]string{"delete"}, crm("outreaches")...),
				to(read, "/pods", "/pods/log", "/events", "events.k8s.io/events", "batch/jobs"),
			},
		},
		"the manager reads Secrets and ConfigMaps by name and runs Jobs": {
			user: manager,
			allow: []grants{
				to([]string{"get"}, "/secrets", "/configmaps"),
				to(slices.Concat(read, []string{"create", "patch", "delete"}), "batch/jobs"),
			},
		},
		"whoever has no role does nothing": {
			user: "nobody@airshow.example",
		},
	} {
		t.Run(name, func(t *testing.T) {
			allowed := map[string]bool{}
			for _, grant := range c.allow {
				for resource, verbs := range grant {
					for _, verb := range verbs {
						allowed[verb+" "+resource] = true
					}
				}
			}
			// A role takes effect as a whole: once all of it is granted, the rest is
			// forbidden for good.
			for _, question := range slices.Sorted(maps.Keys(allowed)) {
				eventually(t, question, func(ctx context.Context) error { return may(ctx, c.user, tenant, question) })
			}
			for _, resource := range resources {
				for _, verb := range verbs {
					question := verb + " " + resource
					if allowed[question] || c.user == manager && generated(resource) {
						continue
					}
					wantForbidden(t, c.user, tenant, question)
				}
			}
			for question := range allowed {
				// Jobs are watched in the whole cluster by one request
				// (docs/decisions/0005-jobs-watched-across-the-cluster.md).
				if c.user == manager && (question == "list batch/jobs" || question == "watch batch/jobs") {
					continue
				}
				wantForbidden(t, c.user, elsewhere, question)
			}
		})
	}
}

// generated says whether the manager's own role, which is generated from the
// markers beside the controllers, may speak of a resource. What the manager gets
// from a tenant does not.
func generated(resource string) bool {
	return strings.HasPrefix(resource, group+"/") || strings.HasSuffix(resource, "/events")
}

// TestManagerHasNoRightToApprove asks where the manager has its own role only.
func TestManagerHasNoRightToApprove(t *testing.T) {
	// Bound in the whole cluster like its own role: once this is allowed, roles
	// have taken effect.
	const review = "create authentication.k8s.io/tokenreviews"
	eventually(t, review, func(ctx context.Context) error { return may(ctx, manager, elsewhere, review) })
	for _, verb := range write {
		wantForbidden(t, manager, elsewhere, verb+" "+group+"/outreachapprovals")
	}
}

// TestOnlyReadingIsCarriedOn: built-in edit, with roles that write added to it,
// would be author and approver at once.
func TestOnlyReadingIsCarriedOn(t *testing.T) {
	objects, err := server.Manifests("config/rbac/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		var carried []string
		for label := range object.GetLabels() {
			if strings.HasPrefix(label, "rbac.authorization.k8s.io/aggregate-to-") {
				carried = append(carried, label)
			}
		}
		var want []string
		if object.GetName() == "fairlead-viewer" {
			want = []string{"rbac.authorization.k8s.io/aggregate-to-view"}
		}
		if !slices.Equal(carried, want) {
			t.Errorf("%s %s is carried on by %v, want %v", object.GetKind(), object.GetName(), carried, want)
		}
	}
}

// TestEveryRoleIsTried makes sure that the table above has every role that is
// shipped for people.
func TestEveryRoleIsTried(t *testing.T) {
	objects, err := server.Manifests("config/rbac/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tried := slices.Collect(maps.Values(personas))
	// What the manager and Prometheus get is not for people.
	tried = append(tried, "fairlead-manager", "fairlead-tenant-manager", "fairlead-metrics-auth", "fairlead-metrics-reader")
	for _, object := range objects {
		if object.GetKind() == "ClusterRole" && !slices.Contains(tried, object.GetName()) {
			t.Errorf("no test tries the role %s", object.GetName())
		}
	}
}

// group of our resources.
const group = "crm.fairlead.dev"

// ours lists our resources.
func ours() []string {
	return crm("customerstores", "contactpolicies", "exhibitions", "customersegments", "loyaltyprograms",
		"outreachchannels", "campaignrules", "outreaches", "outreachapprovals")
}

// crm puts resources into our group.
func crm(names ...string) []string {
	full := make([]string, len(names))
	for i, name := range names {
		full[i] = group + "/" + name
	}
	return full
}

// under names a subresource of every resource.
func under(resources []string, subresource string) []string {
	full := make([]string, len(resources))
	for i, resource := range resources {
		full[i] = resource + "/" + subresource
	}
	return full
}

// to grants verbs on resources.
func to(verbs []string, resources ...string) grants {
	granted := grants{}
	for _, resource := range resources {
		granted[resource] = verbs
	}
	return granted
}

// errForbidden is the answer of the API server to a question that it understood.
var errForbidden = errors.New("forbidden")

// may asks the API server whether a user may do something in a namespace.
func may(ctx context.Context, user, namespace, question string) error {
	verb, resource, _ := strings.Cut(question, " ")
	parts := strings.Split(resource+"/", "/")
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User:   user,
		Groups: []string{"system:authenticated"},
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: namespace, Verb: verb, Group: parts[0], Resource: parts[1], Subresource: parts[2], Name: "any",
		},
	}}
	if err := server.Client.Create(ctx, review); err != nil {
		return fmt.Errorf("asking whether %s may %s: %w", user, question, err)
	}
	if !review.Status.Allowed {
		return errForbidden
	}
	return nil
}

// wantForbidden fails the test if a user may do something in a namespace.
func wantForbidden(t *testing.T, user, namespace, question string) {
	t.Helper()
	if err := may(t.Context(), user, namespace, question); !errors.Is(err, errForbidden) {
		t.Errorf("%s may %s in %s, want it forbidden (%v)", user, question, namespace, err)
	}
}
