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
		strings.Join(c.Args, " ") != "--run-key k --credentials-dir "+channelDir || len(pod.Volumes) != 1 || filesOf(pod) != "smtp-login username password" {
		t.Errorf("the Job is %+v", job)
	}
	if *pod.AutomountServiceAccountToken || !*pod.SecurityContext.RunAsNonRoot || !*c.SecurityContext.ReadOnlyRootFilesystem || *c.SecurityContext.AllowPrivilegeEscalation {
		t.Errorf("the pod may do too much: %+v", pod)
	}
	onFile := &crm.CustomerStore{Spec: crm.CustomerStoreSpec{SQLite: &crm.SQLiteStore{FileName: "crm.db"}}}
	job = jobOf(o, observed{store: onFile, channel: &crm.OutreachChannel{}}, pods, 1)
	c = job.Spec.Template.Spec.Containers[0]
	if *job.Spec.Parallelism != 1 || c.Env[0].Value != "sqlite:///var/lib/fairlead/crm.db" || job.Spec.Template.Spec.Volumes[0].PersistentVolumeClaim.ClaimName != "files" || strings.Join(c.Args, " ") != "--run-key k" || c.Command[0] != "/fairlead-send" {
		t.Errorf("on SQLite the Job is %+v", job)
	}
}

// filesOf tells what the first volume of a pod brings, by the objects that it is from.
func filesOf(pod corev1.PodSpec) string {
	if len(pod.Volumes) == 0 {
		return ""
	}
	var words []string
	for _, source := range pod.Volumes[0].Projected.Sources {
		var items []corev1.KeyToPath
		if source.Secret != nil {
			words, items = append(words, source.Secret.Name), source.Secret.Items
		} else {
			words, items = append(words, source.ConfigMap.Name), source.ConfigMap.Items
		}
		for _, item := range items {
			words = append(words, item.Path)
		}
	}
	return strings.Join(words, " ")
}

// TestFilesOfWorkers: of each Secret the keys that are needed.
func TestFilesOfWorkers(t *testing.T) {
	o := &crm.Outreach{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "notice"}, Spec: crm.OutreachSpec{RunKey: "k"}}
	declared := &crm.CustomerStore{Spec: crm.CustomerStoreSpec{Postgres: &crm.PostgresStore{WorkerConnectionSecretName: "worker"}}}
	dkim := &crm.DKIM{Domain: "airshow.example", Selector: "fair", KeySecretName: "dkim-key"}
	for want, spec := range map[string]crm.OutreachChannelSpec{
		"":                     {SMTP: &crm.SMTP{}},
		"dkim-key private.pem": {SMTP: &crm.SMTP{DKIM: dkim}},
		"smtp-login username password dkim-key private.pem company-ca ca.crt": {SMTP: &crm.SMTP{CredentialsSecretName: "smtp-login", DKIM: dkim}, CAConfigMapName: "company-ca"},
		"desk-signing secret":                   {Webhook: &crm.Webhook{SigningSecretName: "desk-signing"}},
		"desk-signing secret company-ca ca.crt": {Webhook: &crm.Webhook{SigningSecretName: "desk-signing"}, CAConfigMapName: "company-ca"},
	} {
		channel := &crm.OutreachChannel{Spec: spec}
		if got := filesOf(jobOf(o, observed{store: declared, channel: channel}, Pods{}, 1).Spec.Template.Spec); got != want {
			t.Errorf("the files are %q, want %q", got, want)
		}
		channel.Spec.Delivery = crm.DeliveryDryRun
		if got := filesOf(jobOf(o, observed{store: declared, channel: channel}, Pods{}, 1).Spec.Template.Spec); got != "" {
			t.Errorf("of a channel through which nothing leaves the files are %q", got)
		}
	}
	// The keys of links are for messages that go to whom they are for.
	declared.Spec.Gateway = &crm.Gateway{PublicURL: "https://hear.airshow.example", LinkKeySecretName: "links"}
	for delivery, want := range map[crm.Delivery]string{crm.DeliveryLive: "links link-keyset", crm.DeliveryRedirect: "", crm.DeliveryDryRun: ""} {
		channel := &crm.OutreachChannel{Spec: crm.OutreachChannelSpec{SMTP: &crm.SMTP{}, Delivery: delivery}}
		if got := filesOf(jobOf(o, observed{store: declared, channel: channel}, Pods{}, 1).Spec.Template.Spec); got != want {
			t.Errorf("with the delivery %s the files are %q, want %q", delivery, got, want)
		}
	}
}
