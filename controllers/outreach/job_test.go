package outreach

import (
	"strings"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func ended(as batchv1.JobConditionType, at time.Time) *batchv1.Job {
	return &batchv1.Job{Status: batchv1.JobStatus{Conditions: []batchv1.JobCondition{{Type: as, Status: corev1.ConditionTrue, Message: "a pod failed", LastTransitionTime: metav1.NewTime(at)}}}}
}

func TestAfterFailure(t *testing.T) {
	at := time.Date(2026, 7, 20, 9, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		job      *batchv1.Job
		attempts int32
		want     time.Duration
	}{
		{ended(batchv1.JobFailed, at), 1, 10 * time.Second}, {ended(batchv1.JobFailed, at), 3, 40 * time.Second}, {ended(batchv1.JobFailed, at), 500, 10 * time.Minute},
	} {
		if why, until := afterFailure(test.job, test.attempts); why != "a pod failed" || until.Sub(at) != test.want {
			t.Errorf("after %d attempts: %q, %s", test.attempts, why, until.Sub(at))
		}
	}
	for _, job := range []*batchv1.Job{nil, {}, ended(batchv1.JobComplete, at)} {
		if why, until := afterFailure(job, 3); why != "" || !until.IsZero() {
			t.Errorf("of a Job that did not fail: %q, %s", why, until)
		}
	}
	if hasEnded(&batchv1.Job{}) || !hasEnded(ended(batchv1.JobComplete, at)) || !hasEnded(ended(batchv1.JobFailed, at)) || hasEnded(ended(batchv1.JobSuspended, at)) {
		t.Error("which Jobs have ended is amiss")
	}
}

// TestJobOf: a worker's pod has what it needs and nothing more.
func TestJobOf(t *testing.T) {
	o := &crm.Outreach{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "notice", UID: "1"}, Spec: crm.OutreachSpec{RunKey: "k", Parallelism: 4}}
	channel := &crm.OutreachChannel{Spec: crm.OutreachChannelSpec{SMTP: &crm.SMTP{CredentialsSecretName: "smtp-login"}}}
	pods := Pods{Image: "fairlead:1", SQLiteDir: "/var/lib/fairlead", SQLiteClaim: "files"}
	onPostgres := &crm.CustomerStore{Spec: crm.CustomerStoreSpec{Postgres: &crm.PostgresStore{ConnectionSecretName: "owner", WorkerConnectionSecretName: "worker"}}}
	job := jobOf(o, observed{store: onPostgres, channel: channel}, pods, 2)
	pod := job.Spec.Template.Spec
	c := pod.Containers[0]
	if job.Name != "notice-2" || *job.Spec.Parallelism != 4 || *job.Spec.Completions != 4 || job.Spec.Suspend != nil || len(c.Env) != 1 || c.Env[0].ValueFrom.SecretKeyRef.Name != "worker" ||
		strings.Join(c.Args, " ") != "send --run-key k --credentials-dir "+channelDir || len(pod.Volumes) != 1 || pod.Volumes[0].Secret.SecretName != "smtp-login" {
		t.Errorf("the Job is %+v", job)
	}
	if *pod.AutomountServiceAccountToken || !*pod.SecurityContext.RunAsNonRoot || !*c.SecurityContext.ReadOnlyRootFilesystem || *c.SecurityContext.AllowPrivilegeEscalation {
		t.Errorf("the pod may do too much: %+v", pod)
	}
	onFile := &crm.CustomerStore{Spec: crm.CustomerStoreSpec{SQLite: &crm.SQLiteStore{FileName: "crm.db"}}}
	job = jobOf(o, observed{store: onFile, channel: &crm.OutreachChannel{}}, pods, 1)
	c = job.Spec.Template.Spec.Containers[0]
	if *job.Spec.Parallelism != 1 || c.Env[0].Value != "sqlite:///var/lib/fairlead/crm.db" || job.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim.ClaimName != "files" || strings.Join(c.Args, " ") != "send --run-key k" {
		t.Errorf("on SQLite the Job is %+v", job)
	}
}
