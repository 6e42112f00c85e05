//go:build e2e

package e2e

import (
	"context"
	"errors"
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// managerPods lists the manager's pods that are not on their way out.
func managerPods(ctx context.Context) ([]corev1.Pod, error) {
	var list corev1.PodList
	err := cluster.List(ctx, &list, client.InNamespace(managerNamespace), client.MatchingLabels{
		"app.kubernetes.io/name": "fairlead", "app.kubernetes.io/component": "manager",
	})
	var pods []corev1.Pod
	for _, pod := range list.Items {
		if pod.DeletionTimestamp == nil {
			pods = append(pods, pod)
		}
	}
	return pods, err
}

// leader gives the holder of the manager's lease.
func leader(ctx context.Context) (string, error) {
	var lease coordinationv1.Lease
	err := cluster.Get(ctx, types.NamespacedName{Namespace: managerNamespace, Name: managerName}, &lease)
	return ptr.Deref(lease.Spec.HolderIdentity, ""), err
}

func TestManagerRunsInARestrictedPod(t *testing.T) {
	var deployment appsv1.Deployment
	key := types.NamespacedName{Namespace: managerNamespace, Name: managerName}
	if err := cluster.Get(t.Context(), key, &deployment); err != nil {
		t.Fatal(err)
	}
	if deployment.Status.ReadyReplicas != 1 || deployment.Status.UpdatedReplicas != 1 {
		t.Errorf("%d replicas are ready and %d up to date, want 1", deployment.Status.ReadyReplicas, deployment.Status.UpdatedReplicas)
	}
	var namespace corev1.Namespace
	if err := cluster.Get(t.Context(), types.NamespacedName{Name: managerNamespace}, &namespace); err != nil {
		t.Fatal(err)
	}
	if level := namespace.Labels["pod-security.kubernetes.io/enforce"]; level != "restricted" {
		t.Errorf("the namespace enforces the pod security level %q, want restricted", level)
	}
	pods, err := managerPods(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(pods) != 1 {
		t.Fatalf("there are %d pods, want 1", len(pods))
	}
	pod := pods[0]
	if pod.Spec.NodeName == "" || pod.Status.PodIP == "" {
		t.Errorf("the pod runs on node %q with the address %q", pod.Spec.NodeName, pod.Status.PodIP)
	}
	security := pod.Spec.Containers[0].SecurityContext
	if !ptr.Deref(security.ReadOnlyRootFilesystem, false) || ptr.Deref(security.AllowPrivilegeEscalation, true) {
		t.Errorf("the container may write to its root or gain privileges: %+v", security)
	}
	if restarts := pod.Status.ContainerStatuses[0].RestartCount; restarts != 0 {
		t.Errorf("the manager was restarted %d times", restarts)
	}
}

// TestAnotherManagerTakesOver stops the leader as an update would. The lease is
// released on the way out, so nobody waits until it runs out.
func TestAnotherManagerTakesOver(t *testing.T) {
	before, err := leader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pods, err := managerPods(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods {
		if err := cluster.Delete(t.Context(), &pod); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func(ctx context.Context) error {
		now, err := leader(ctx)
		if err == nil && (now == "" || now == before) {
			err = fmt.Errorf("the lease is held by %q, before it was %q", now, before)
		}
		return err
	})
	// Readiness is the last thing a rollout waits for.
	eventually(t, func(ctx context.Context) error {
		pods, err := managerPods(ctx)
		if err != nil {
			return err
		}
		for _, pod := range pods {
			for _, status := range pod.Status.ContainerStatuses {
				if status.Ready {
					return nil
				}
			}
		}
		return errors.New("no pod of the manager is ready")
	})
}
