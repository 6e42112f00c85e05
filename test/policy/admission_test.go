package policy_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Names of the policies, which their refusals begin with.
const (
	approvalPolicy = "fairlead-approval-by-its-user"
	ruleMadePolicy = "fairlead-rule-made-outreach"
)

const (
	approver = "olga@airshow.example"
	author   = "adam@airshow.example"
)

func TestApprovalIsGivenInOnesOwnName(t *testing.T) {
	olga := as(t, approver)
	refused := func(ctx context.Context) error {
		return wantRefusal(olga.Create(ctx, approvalBy(t, "adam@airshow.example"), client.DryRunAll), approvalPolicy,
			"spec.approvedBy", "'adam@airshow.example'", "'olga@airshow.example'")
	}
	eventually(t, "an approval in another's name is refused", refused)

	t.Run("one's own name is accepted", func(t *testing.T) {
		approval := approvalBy(t, approver)
		if err := olga.Create(t.Context(), approval); err != nil {
			t.Fatal(err)
		}
		deleteAfter(t, approval)
		if err := olga.Delete(t.Context(), approval); !apierrors.IsForbidden(err) {
			t.Errorf("an approver deletes a decision: %v", err)
		}
	})
	t.Run("a denial in one's own name is accepted", func(t *testing.T) {
		denial := approvalBy(t, approver)
		set(t, denial, "decision", "Denied")
		if err := olga.Create(t.Context(), denial, client.DryRunAll); err != nil {
			t.Error(err)
		}
	})
	for name, other := range map[string]string{
		"in capitals":              "OLGA@airshow.example",
		"with a space":             "olga@airshow.example ",
		"the role instead":         "fairlead-approver",
		"the group of every user":  "system:authenticated",
		"the manager's account":    manager,
		"the beginning of a name":  "olga",
		"a name that begins alike": "olga@airshow.example.com",
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			err := olga.Create(t.Context(), approvalBy(t, other), client.DryRunAll)
			if err := wantRefusal(err, approvalPolicy, "spec.approvedBy", "'"+other+"'", "'"+approver+"'"); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("a cluster administrator is bound as well", func(t *testing.T) {
		root := as(t, "root@airshow.example", "system:masters")
		if err := wantRefusal(root.Create(t.Context(), approvalBy(t, approver), client.DryRunAll), approvalPolicy,
			"spec.approvedBy", "'root@airshow.example'"); err != nil {
			t.Error(err)
		}
		if err := root.Create(t.Context(), approvalBy(t, "root@airshow.example"), client.DryRunAll); err != nil {
			t.Errorf("a cluster administrator in their own name: %v", err)
		}
	})
	t.Run("an author is refused by their role", func(t *testing.T) {
		err := as(t, author).Create(t.Context(), approvalBy(t, author), client.DryRunAll)
		if !apierrors.IsForbidden(err) || strings.Contains(err.Error(), approvalPolicy) {
			t.Errorf("want a refusal by RBAC, got %v", err)
		}
	})
}

func TestManagerDoesNotApprove(t *testing.T) {
	allowManager(t, "outreachapprovals")
	account := as(t, manager, "system:serviceaccounts", "system:serviceaccounts:"+managerNamespace)
	for name, approvedBy := range map[string]string{"in its own name": manager, "in another's name": approver} {
		t.Run(name, func(t *testing.T) {
			eventually(t, "the manager approves", func(ctx context.Context) error {
				return wantRefusal(account.Create(ctx, approvalBy(t, approvedBy), client.DryRunAll), approvalPolicy,
					"the manager may not approve what it is to send")
			})
		})
	}
	t.Run("another account of its namespace is somebody else", func(t *testing.T) {
		const other = "system:serviceaccount:" + managerNamespace + ":approvals"
		if err := bind(t.Context(), "fairlead-approver", rbacv1.Subject{
			Kind: rbacv1.ServiceAccountKind, Namespace: managerNamespace, Name: "approvals",
		}); err != nil {
			t.Fatal(err)
		}
		account := as(t, other)
		eventually(t, "another account approves in its own name", func(ctx context.Context) error {
			return account.Create(ctx, approvalBy(t, other), client.DryRunAll)
		})
	})
}

func TestRuleMadeOutreachIsTheManagers(t *testing.T) {
	adam := as(t, author)
	refused := func(ctx context.Context) error {
		return wantRefusal(adam.Create(ctx, occurrence(t), client.DryRunAll), ruleMadePolicy,
			"spec.ruleName 'rebook-friends' is reserved to the manager", "leave out spec.ruleName")
	}
	eventually(t, "an author makes the occurrence of a rule", refused)

	t.Run("the manager makes it", func(t *testing.T) {
		allowManager(t, "outreaches")
		account := as(t, manager, "system:serviceaccounts", "system:serviceaccounts:"+managerNamespace)
		made := occurrence(t)
		eventually(t, "the manager makes the occurrence of a rule", func(ctx context.Context) error {
			return account.Create(ctx, made.DeepCopy(), client.DryRunAll)
		})
		if err := account.Create(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		deleteAfter(t, made)
		// What exists already may be steered by whoever may update it.
		set(t, made, "suspend", true)
		if err := adam.Update(t.Context(), made); err != nil {
			t.Errorf("an author pauses the run of a rule: %v", err)
		}
	})
	t.Run("a cluster administrator does not", func(t *testing.T) {
		root := as(t, "root@airshow.example", "system:masters")
		if err := wantRefusal(root.Create(t.Context(), occurrence(t), client.DryRunAll), ruleMadePolicy,
			"is reserved to the manager"); err != nil {
			t.Error(err)
		}
	})
	t.Run("nor does a server-side apply", func(t *testing.T) {
		applied := client.ApplyConfigurationFromUnstructured(occurrence(t))
		err := adam.Apply(t.Context(), applied, client.FieldOwner("adam"), client.DryRunAll)
		if err := wantRefusal(err, ruleMadePolicy, "is reserved to the manager"); err != nil {
			t.Error(err)
		}
	})
	t.Run("a one-off mailing is the author's", func(t *testing.T) {
		mailing := sample(t, "70-outreach.yaml", "Outreach")
		if err := adam.Create(t.Context(), mailing); err != nil {
			t.Fatal(err)
		}
		deleteAfter(t, mailing)
		set(t, mailing, "ruleName", "rebook-friends")
		set(t, mailing, "occurrence", "farnborough-2026:Opens:-180")
		set(t, mailing, "dueTime", "2026-01-21T10:00:00Z")
		if err := adam.Update(t.Context(), mailing, client.DryRunAll); !apierrors.IsInvalid(err) {
			t.Errorf("a mailing becomes the occurrence of a rule afterwards: %v", err)
		}
	})
}

// allowManager gives the manager the right to create, so that a refusal is the
// policy's and not RBAC's.
func allowManager(t *testing.T, resource string) {
	t.Helper()
	role := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "test-creates-" + resource + "-"},
		Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{"crm.fairlead.dev"}, Resources: []string{resource}, Verbs: []string{"create"},
		}},
	}
	if err := server.Client.Create(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	subject := rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: managerNamespace, Name: managerAccount}
	if err := bind(t.Context(), role.Name, subject); err != nil {
		t.Fatal(err)
	}
}

// deleteAfter deletes what a test created, so that the next one finds its name free.
func deleteAfter(t *testing.T, object client.Object) {
	t.Helper()
	t.Cleanup(func() {
		// The test's own context has ended by now.
		if err := server.Client.Delete(context.WithoutCancel(t.Context()), object); err != nil {
			t.Error(err)
		}
	})
}

// approvalBy is an approval in somebody's name.
func approvalBy(t *testing.T, user string) *unstructured.Unstructured {
	t.Helper()
	approval := sample(t, "80-approval.yaml", "OutreachApproval")
	set(t, approval, "approvedBy", user)
	return approval
}

// occurrence is an Outreach as a rule has it.
func occurrence(t *testing.T) *unstructured.Unstructured {
	t.Helper()
	outreach := sample(t, "70-outreach.yaml", "Outreach")
	outreach.SetName("rebook-friends-1")
	for _, field := range []string{"audience", "outreach", "guardrails"} {
		set(t, outreach, field, nil)
	}
	set(t, outreach, "ruleName", "rebook-friends")
	set(t, outreach, "occurrence", "farnborough-2026:Opens:-180")
	set(t, outreach, "dueTime", "2026-01-21T10:00:00Z")
	set(t, outreach, "runKey", "rebook-friends/farnborough-2026:Opens:-180")
	return outreach
}

// wantRefusal says what an answer lacks to be the refusal of a policy that
// says all of the phrases.
func wantRefusal(answer error, policy string, phrases ...string) error {
	if answer == nil {
		return errors.New("accepted")
	}
	if !apierrors.IsForbidden(answer) {
		return fmt.Errorf("want a refusal with the reason Forbidden, got: %w", answer)
	}
	for _, phrase := range append(phrases, "'"+policy+"'") {
		if !strings.Contains(answer.Error(), phrase) {
			return fmt.Errorf("the refusal does not say %q: %w", phrase, answer)
		}
	}
	return nil
}
