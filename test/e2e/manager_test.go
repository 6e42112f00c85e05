//go:build e2e

package e2e

import (
	"context"
	"os"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
}

// TestAnotherManagerTakesOver stops the leader as an update would. The lease is
// released on the way out, so nobody waits until it runs out.
func TestAnotherManagerTakesOver(t *testing.T) {
	before, err := leader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	leases, err := typed.CoordinationV1().Leases(managerNamespace).Watch(t.Context(), metav1.ListOptions{
		FieldSelector: "metadata.name=" + managerName,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer leases.Stop()
	pods, err := managerPods(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods {
		if err := cluster.Delete(t.Context(), &pod); err != nil {
			t.Fatal(err)
		}
	}
	released := false
	deadline := time.After(patience)
	for taken := false; !taken; {
		select {
		case <-deadline:
			t.Fatalf("nobody else holds the lease; it was released: %t", released)
		case event, ok := <-leases.ResultChan():
			lease, isLease := event.Object.(*coordinationv1.Lease)
			if !ok || !isLease {
				t.Fatalf("watching the lease: %+v", event)
			}
			holder := ptr.Deref(lease.Spec.HolderIdentity, "")
			released = released || holder == ""
			taken = holder != "" && holder != before
		}
	}
	if !released {
		t.Error("the lease was not released: the next manager had to wait until it ran out")
	}
	for _, pod := range pods {
		gone(t.Context(), t, &pod)
	}
	kubectl(t, "rollout", "status", "-n", managerNamespace, "deployment/"+managerName, "--timeout="+patience.String())
}

// TestTheImageIsSmall looks at the archive that was loaded into the cluster.
func TestTheImageIsSmall(t *testing.T) {
	const limit = 60_000_000
	archive, err := os.Stat("../../dist/fairlead.tar")
	if err != nil {
		t.Fatal(err)
	}
	if archive.Size() >= limit {
		t.Errorf("the image has %d bytes, want fewer than %d", archive.Size(), limit)
	}
	t.Logf("the image has %d bytes", archive.Size())
}
