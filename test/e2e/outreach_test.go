//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// mailed asks the sink how many mails each of ours got.
func mailed(ctx context.Context) (map[string]int, error) {
	body, err := typed.CoreV1().Services("mail").ProxyGet("http", "mailsink", "http", "api/counts", nil).DoRaw(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the mail sink: %w", err)
	}
	var counts struct{ Recipients map[string]int }
	if err := json.Unmarshal(body, &counts); err != nil {
		return nil, fmt.Errorf("%w: %s", err, body)
	}
	ours := map[string]int{}
	for address, n := range counts.Recipients {
		if strings.HasSuffix(address, "@e2e-firm.example") {
			ours[address] = n
		}
	}
	return ours, nil
}

// TestAnOutreachSurvivesKill sends a letter by the pods of a Job, kills one of them in the
// middle, and counts every mail at the sink.
func TestAnOutreachSurvivesKill(t *testing.T) {
	list := "    " + strings.ReplaceAll(strings.TrimSpace(firmList("e2e-firm.example")), "\n", "\n    ")
	path, importing := t.TempDir()+"/outreach.yaml", t.TempDir()+"/import.yaml"
	writeFile(t, path, strings.Replace(readFile(t, "testdata/outreach.yaml"), "FIRMS", list, 1))
	writeFile(t, importing, strings.Replace(readFile(t, "testdata/outreach_import.yaml"), "IMAGE", managerImage(t), 1))
	kubectl(t, "apply", "--server-side", "-f", path)
	t.Cleanup(func() {
		// The test's own context has ended.
		for _, file := range []string{"testdata/letter.yaml", importing, path} {
			if out, err := exec.Command("kubectl", "delete", "--ignore-not-found", "-f", file).CombinedOutput(); err != nil {
				t.Errorf("clearing away: %v: %s", err, out)
			}
		}
	})
	kubectl(t, "wait", "-n", managerNamespace, "cstore/e2e-outreach", "--for=condition=Ready", "--timeout=90s")
	kubectl(t, "apply", "-f", importing)
	kubectl(t, "wait", "-n", managerNamespace, "job/e2e-outreach-import", "--for=condition=Complete", "--timeout=3m")
	segment := &crm.CustomerSegment{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-outreach-all"}}
	eventually(t, func(ctx context.Context) error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(segment), segment); err != nil {
			return err
		}
		if ptr.Deref(segment.Status.Members, 0) != firms {
			return fmt.Errorf("the segment is %+v", segment.Status)
		}
		return nil
	})
	kubectl(t, "apply", "-f", "testdata/letter.yaml")

	// The first pod is killed once some of it is sent.
	eventually(t, func(ctx context.Context) error {
		got, err := mailed(ctx)
		if err == nil && len(got) < 50 {
			return fmt.Errorf("%d mails have come: %s", len(got), kubectl(t, "get", "outreach,job,pod", "-n", managerNamespace))
		}
		return err
	})
	kubectl(t, "delete", "pod", "-n", managerNamespace, "-l", "crm.fairlead.dev/outreach=e2e-letter", "--grace-period=0", "--force", "--wait=false")
	letter := &crm.Outreach{ObjectMeta: metav1.ObjectMeta{Namespace: managerNamespace, Name: "e2e-letter"}}
	eventually(t, func(ctx context.Context) error {
		if err := cluster.Get(ctx, client.ObjectKeyFromObject(letter), letter); err != nil {
			return err
		}
		if letter.Status.Phase != crm.OutreachCompleted {
			return fmt.Errorf("the status is %+v, %+v", letter.Status, letter.Status.Messages)
		}
		return nil
	})
	t.Log(kubectl(t, "get", "out", "-n", managerNamespace, "-o", "wide"))

	got, err := mailed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for address, mails := range got {
		if mails != 1 {
			t.Errorf("%s got %d mails", address, mails)
		}
	}
	held := int64(0)
	for _, dropped := range letter.Status.Audience.Dropped {
		held += dropped.Count
	}
	m := letter.Status.Messages
	// What was in flight when the pod was killed may have come or not.
	if came := int64(len(got)); held == 0 || m.Sent+m.Unknown != firms-held || came < m.Sent || came > m.Sent+m.Unknown || m.Unknown > 4*10 || letter.Status.Attempts < 1 {
		t.Errorf("%d mails came; %d were held out; the ledger has %+v", came, held, m)
	}

	// Applied again, in the same words, it tells what became of its run, and sends nothing.
	kubectl(t, "delete", "-f", "testdata/letter.yaml")
	kubectl(t, "apply", "-f", "testdata/letter.yaml")
	condition(t, letter, func() []metav1.Condition { return letter.Status.Conditions }, crm.ConditionComplete, string(crm.OutreachCompleted), "were sent")
	if letter.Status.Messages == nil || letter.Status.Messages.Sent != m.Sent {
		t.Errorf("applied again its status has %+v, and had %+v", letter.Status.Messages, m)
	}
	again, err := mailed(t.Context())
	if err != nil || len(again) != len(got) {
		t.Errorf("applied again, %d mails came, %v", len(again)-len(got), err)
	}
	var pods corev1.PodList
	if err := cluster.List(t.Context(), &pods, client.InNamespace(managerNamespace), client.MatchingLabels{"crm.fairlead.dev/outreach": "e2e-letter"}); err != nil {
		t.Fatal(err)
	}
	for _, pod := range pods.Items {
		if pod.Status.Phase == corev1.PodFailed {
			t.Logf("%s ended as %+v", pod.Name, pod.Status.ContainerStatuses)
		}
	}
}
