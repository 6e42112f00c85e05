//go:build e2e

package e2e

import (
	"strings"
	"testing"
)

// TestNobodyApprovesInAnothersName tries the approval sample as two users.
func TestNobodyApprovesInAnothersName(t *testing.T) {
	namespace := newTenant(t)
	for _, user := range []string{"olga@airshow.example", "mallory@airshow.example"} {
		name, _, _ := strings.Cut(user, "@")
		kubectl(t, "create", "rolebinding", name, "-n", namespace, "--clusterrole=fairlead-approver", "--user="+user)
	}
	path := t.TempDir() + "/approval.yaml"
	writeFile(t, path, strings.ReplaceAll(readFile(t, "../../config/samples/80-approval.yaml"), "namespace: expo", "namespace: "+namespace))

	_, err := tryKubectl(t, "create", "--as=mallory@airshow.example", "-f", path)
	if err == nil || !strings.Contains(err.Error(), "spec.approvedBy must be the user who creates the approval") {
		t.Errorf("mallory approves in olga's name: %v", err)
	}
	kubectl(t, "create", "--as=olga@airshow.example", "-f", path)
}
