package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// decideOptions say whose run is decided on, and where.
type decideOptions struct {
	clusterOptions
	// digest of the plan that was looked at; "" for the one that there is.
	digest string
}

// newApproveCommand makes "approve", and "deny" for the other decision.
func newApproveCommand(use string, decision crm.Decision, does string) *cobra.Command {
	o := &decideOptions{}
	command := &cobra.Command{
		Use:   use + " OUTREACH",
		Short: does,
		Long: does + `: an OutreachApproval is created in the name of whoever
calls this, with the digest of the plan that there is. What is decided on is that plan:
recipients, messages, channel and limits. With --digest nothing is decided if the plan is
another one by now.`,
		Example: fmt.Sprintf(`  kubectl fairlead %[1]s opening-notice -n expo

  # what was looked at, and nothing else
  kubectl fairlead %[1]s opening-notice -n expo \
    --digest sha256:6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c6f1c`, use),
		Args: oneOutreach,
		RunE: func(command *cobra.Command, args []string) error {
			return o.decide(command.Context(), args[0], decision, command.OutOrStdout())
		},
	}
	o.register(command.Flags())
	command.Flags().StringVar(&o.digest, "digest", "", "digest of the plan that was looked at (default: whatever the plan is)")
	return command
}

// oneOutreach wants the name of one.
func oneOutreach(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{errors.New("which Outreach? Pass its name, and nothing else")}
	}
	return nil
}

// outreach reads the Outreach of a name.
func (o *clusterOptions) outreach(ctx context.Context, name string) (client.Client, *crm.Outreach, error) {
	cluster, namespace, err := o.connect()
	if err != nil {
		return nil, nil, err
	}
	found := &crm.Outreach{}
	switch err := cluster.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, found); {
	case apierrors.IsNotFound(err):
		return nil, nil, fmt.Errorf("namespace %s has no Outreach called %s", namespace, name)
	case err != nil:
		return nil, nil, fmt.Errorf("reading the Outreach: %w", err)
	}
	return cluster, found, nil
}

func (o *decideOptions) decide(ctx context.Context, name string, decision crm.Decision, out io.Writer) error {
	cluster, found, err := o.outreach(ctx, name)
	if err != nil {
		return err
	}
	digest := found.Status.PlanDigest
	switch {
	case digest == "":
		return fmt.Errorf("the Outreach %s has no plan yet: wait until kubectl get outreach -n %s %[1]s says AwaitingApproval", name, found.Namespace)
	case o.digest != "" && o.digest != digest:
		return fmt.Errorf("the plan of the Outreach %s is %s, and not %s: look at it, and decide on that one", name, digest, o.digest)
	case found.Status.Phase != crm.OutreachAwaitingApproval:
		return fmt.Errorf("the Outreach %s waits for no decision: it is %s", name, cmp.Or(string(found.Status.Phase), string(crm.OutreachPlanning)))
	}
	self := &authenticationv1.SelfSubjectReview{}
	if err := cluster.Create(ctx, self); err != nil {
		return fmt.Errorf("asking the API server who you are: %w", err)
	}
	approval := &crm.OutreachApproval{
		ObjectMeta: metav1.ObjectMeta{Namespace: found.Namespace, GenerateName: name + "-"},
		Spec:       crm.OutreachApprovalSpec{OutreachName: crm.ObjectName(name), PlanDigest: digest, Decision: decision, ApprovedBy: self.Status.UserInfo.Username},
	}
	if err := cluster.Create(ctx, approval); err != nil {
		return fmt.Errorf("creating the OutreachApproval: %w", err)
	}
	_, err = fmt.Fprintf(out, "outreachapproval.%s/%s created: %s by %s\n", crm.GroupVersion.Group, approval.Name, strings.ToLower(string(decision)), oneLine(approval.Spec.ApprovedBy))
	return err
}

// notSteered says why the run of an Outreach cannot be steered as is wanted; nil if it can. What is
// halted can be cancelled, and nothing else.
func notSteered(found *crm.Outreach, use string) error {
	switch found.Status.Phase {
	case crm.OutreachCompleted, crm.OutreachCancelled, crm.OutreachFailed:
		return fmt.Errorf("the Outreach %s is through: it is %s", found.Name, found.Status.Phase)
	case crm.OutreachHalted:
		if use != useCancel {
			return fmt.Errorf("the Outreach %[1]s is halted, since too much of it failed, and does not go on: kubectl describe outreach -n %[2]s %[1]s says why; cancel it with kubectl fairlead %[3]s -n %[2]s %[1]s, and create another one for the rest",
				found.Name, found.Namespace, useCancel)
		}
	}
	return nil
}

const useCancel = "cancel"

// newStateCommand makes pause, resume and cancel: what a field of an Outreach says.
func newStateCommand(use, does, patch, done string) *cobra.Command {
	o := &clusterOptions{}
	command := &cobra.Command{
		Use:     use + " OUTREACH",
		Short:   does,
		Long:    does + ".",
		Example: fmt.Sprintf("  kubectl fairlead %s opening-notice -n expo", use),
		Args:    oneOutreach,
		RunE: func(command *cobra.Command, args []string) error {
			cluster, found, err := o.outreach(command.Context(), args[0])
			if err != nil {
				return err
			}
			if err := notSteered(found, use); err != nil {
				return err
			}
			if err := cluster.Patch(command.Context(), found, client.RawPatch("application/merge-patch+json", []byte(patch))); err != nil {
				return fmt.Errorf("changing the Outreach: %w", err)
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "outreach.%s/%s %s\n", crm.GroupVersion.Group, found.Name, done)
			return err
		},
	}
	o.register(command.Flags())
	return command
}

// decisionCommands are those by which people steer runs.
func decisionCommands() []*cobra.Command {
	return []*cobra.Command{
		newApproveCommand("approve", crm.DecisionApproved, "Approve the plan of an Outreach that waits for it"),
		newApproveCommand("deny", crm.DecisionDenied, "Deny the plan of an Outreach, which ends it"),
		newStateCommand("pause", "Pause an Outreach: what is under way is finished, and nothing is lost", `{"spec":{"suspend":true}}`, "paused"),
		newStateCommand("resume", "Let an Outreach go on that was paused", `{"spec":{"suspend":null}}`, "resumed"),
		newStateCommand(useCancel, "Cancel an Outreach for good: what is not sent is not sent any more", `{"spec":{"cancel":true}}`, "cancelled"),
	}
}
