package outreach

import (
	"cmp"
	"fmt"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/sending"
)

// Pods is what worker pods are made with.
type Pods struct {
	// Image of the worker: the manager's own.
	Image string
	// SQLiteDir is where stores on SQLite lie in a pod, and SQLiteClaim the volume.
	SQLiteDir, SQLiteClaim string
}

const (
	// labelOutreach names the Outreach that a Job is of.
	labelOutreach = "crm.fairlead.dev/outreach"
	// annotationRunKey says which run: keys may be longer than a label.
	annotationRunKey = "crm.fairlead.dev/run-key"
	// nonRoot is the user that the image runs as.
	nonRoot = 65532
	// kept is for how long an ended Job is kept to be looked at, in seconds.
	kept = 24 * 60 * 60
	// deadline ends a Job that does not end by itself, in seconds; another one goes on.
	deadline = 6 * 60 * 60
	// restarts of pods that one Job makes.
	restarts = 6

	// channelDir is where the credentials of a channel are mounted.
	channelDir = "/var/run/secrets/fairlead/channel"
)

func jobName(o *crm.Outreach, attempt int32) string { return fmt.Sprintf("%s-%d", o.Name, attempt) }

// jobOf is the Job of an attempt. Workers know the key of the run, and read everything else
// from the store.
func jobOf(o *crm.Outreach, seen observed, pods Pods, attempt int32) *batchv1.Job {
	labels := map[string]string{
		"app.kubernetes.io/managed-by": "fairlead", "app.kubernetes.io/part-of": "fairlead", "app.kubernetes.io/component": "worker", labelOutreach: o.Name,
	}
	parallel := o.Spec.Parallelism
	container := corev1.Container{
		Name: "send", Image: pods.Image, ImagePullPolicy: corev1.PullIfNotPresent, Command: []string{"/fairlead-send"}, Args: []string{"--run-key", o.Spec.RunKey},
		Resources: corev1.ResourceRequirements{
			Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("50m"), corev1.ResourceMemory: resource.MustParse("64Mi")},
			Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("256Mi")},
		},
		SecurityContext: &corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr.To(false), ReadOnlyRootFilesystem: ptr.To(true), Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		},
		TerminationMessagePolicy: corev1.TerminationMessageFallbackToLogsOnError,
	}
	var volumes []corev1.Volume
	mount := func(volume corev1.Volume, path string, readOnly bool) {
		volumes = append(volumes, volume)
		container.VolumeMounts = append(container.VolumeMounts, corev1.VolumeMount{Name: volume.Name, MountPath: path, ReadOnly: readOnly})
	}
	if postgres := seen.store.Spec.Postgres; postgres != nil {
		container.Env = append(container.Env, corev1.EnvVar{Name: "FAIRLEAD_STORE", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: string(postgres.WorkerConnectionSecretName)}, Key: "uri",
		}}})
	} else {
		// SQLite takes one worker at a time.
		parallel = 1
		container.Env = append(container.Env, corev1.EnvVar{Name: "FAIRLEAD_STORE", Value: "sqlite://" + pods.SQLiteDir + "/" + seen.store.Spec.SQLite.FileName})
		mount(corev1.Volume{Name: "sqlite", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: pods.SQLiteClaim}}}, pods.SQLiteDir, false)
	}
	if sources := credentialsOf(seen.channel, seen.store.Spec.Gateway); len(sources) > 0 {
		container.Args = append(container.Args, "--credentials-dir", channelDir)
		mount(corev1.Volume{Name: "channel", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: sources}}}, channelDir, true)
	}
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: o.Namespace, Name: jobName(o, attempt), Labels: labels, Annotations: map[string]string{annotationRunKey: o.Spec.RunKey},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(o, crm.GroupVersion.WithKind("Outreach"))},
		},
		Spec: batchv1.JobSpec{
			CompletionMode: ptr.To(batchv1.IndexedCompletion), Completions: &parallel, Parallelism: &parallel,
			BackoffLimit: ptr.To[int32](restarts), ActiveDeadlineSeconds: ptr.To[int64](deadline), TTLSecondsAfterFinished: ptr.To[int32](kept),
			PodFailurePolicy: &batchv1.PodFailurePolicy{Rules: []batchv1.PodFailurePolicyRule{
				// A pod that a node took away is not the run's failure.
				{Action: batchv1.PodFailurePolicyActionIgnore, OnPodConditions: []batchv1.PodFailurePolicyOnPodConditionsPattern{{Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue}}},
				// Called wrongly: trying again helps nobody.
				{Action: batchv1.PodFailurePolicyActionFailJob, OnExitCodes: &batchv1.PodFailurePolicyOnExitCodesRequirement{Operator: batchv1.PodFailurePolicyOnExitCodesOpIn, Values: []int32{2}}},
			}},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					RestartPolicy: corev1.RestartPolicyNever, ServiceAccountName: "fairlead-worker", AutomountServiceAccountToken: ptr.To(false),
					// Longer than what is under way may take.
					TerminationGracePeriodSeconds: ptr.To[int64](45),
					SecurityContext: &corev1.PodSecurityContext{
						RunAsNonRoot: ptr.To(true), RunAsUser: ptr.To[int64](nonRoot), RunAsGroup: ptr.To[int64](nonRoot), FSGroup: ptr.To[int64](nonRoot),
						FSGroupChangePolicy: ptr.To(corev1.FSGroupChangeOnRootMismatch), SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
					},
					Containers: []corev1.Container{container}, Volumes: volumes,
				},
			},
		},
	}
}

// credentialsOf are the files of a channel that workers get: what its Secrets and its ConfigMap
// have under the keys that are needed, and nothing else of them, and the keyset of links. Where
// nothing leaves there need be none.
func credentialsOf(channel *crm.OutreachChannel, gateway *crm.Gateway) (sources []corev1.VolumeProjection) {
	if channel == nil || channel.Spec.Delivery == crm.DeliveryDryRun {
		return nil
	}
	items := func(keys ...string) (paths []corev1.KeyToPath) {
		for _, key := range keys {
			paths = append(paths, corev1.KeyToPath{Key: key, Path: key})
		}
		return paths
	}
	secret := func(name crm.SecretName, keys ...string) {
		if name != "" {
			sources = append(sources, corev1.VolumeProjection{Secret: &corev1.SecretProjection{
				LocalObjectReference: corev1.LocalObjectReference{Name: string(name)}, Items: items(keys...),
			}})
		}
	}
	if smtp := channel.Spec.SMTP; smtp != nil {
		secret(smtp.CredentialsSecretName, "username", "password")
		if smtp.DKIM != nil {
			secret(smtp.DKIM.KeySecretName, "private.pem")
		}
	}
	if hook := channel.Spec.Webhook; hook != nil {
		secret(hook.SigningSecretName, "secret")
	}
	if name := channel.Spec.CAConfigMapName; name != "" {
		sources = append(sources, corev1.VolumeProjection{ConfigMap: &corev1.ConfigMapProjection{
			LocalObjectReference: corev1.LocalObjectReference{Name: string(name)}, Items: items("ca.crt"),
		}})
	}
	if gateway != nil && channel.Spec.Delivery != crm.DeliveryRedirect {
		sources = append(sources, corev1.VolumeProjection{Secret: &corev1.SecretProjection{
			LocalObjectReference: corev1.LocalObjectReference{Name: string(gateway.LinkKeySecretName)}, Items: []corev1.KeyToPath{{Key: "keyset", Path: sending.LinkKeysetFile}},
		}})
	}
	return sources
}

// hasEnded tells whether a Job is through, whatever came of it.
func hasEnded(job *batchv1.Job) bool {
	for _, c := range job.Status.Conditions {
		if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
			return true
		}
	}
	return false
}

// Pauses after Jobs that failed.
const (
	firstPause   = 10 * time.Second
	longestPause = 10 * time.Minute
)

// afterFailure says why a Job failed, and until when no other one is started: pauses grow with
// attempts. Of one that did not fail it is "" and zero.
func afterFailure(job *batchv1.Job, attempts int32) (why string, until time.Time) {
	if job == nil {
		return "", time.Time{}
	}
	for _, c := range job.Status.Conditions {
		if c.Type != batchv1.JobFailed || c.Status != corev1.ConditionTrue {
			continue
		}
		wait := firstPause
		for range min(attempts, 10) - 1 {
			wait *= 2
		}
		return cmp.Or(c.Message, c.Reason, "no reason is known"), c.LastTransitionTime.Add(min(wait, longestPause))
	}
	return "", time.Time{}
}
