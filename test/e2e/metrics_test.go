//go:build e2e

package e2e

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// forwarded matches what kubectl port-forward prints once it listens.
var forwarded = regexp.MustCompile(`Forwarding from (127\.0\.0\.1:\d+) `)

// metricsURL forwards a local port to the manager's metrics for one test.
func metricsURL(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	command := exec.CommandContext(ctx, "kubectl", "port-forward", "-n", managerNamespace,
		"service/"+managerName+"-metrics", ":8443", "--address", "127.0.0.1")
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		reading.Wait()
		_ = command.Wait() // it was killed
	})
	scanner := bufio.NewScanner(stdout)
	if !scanner.Scan() {
		t.Fatalf("kubectl port-forward said nothing: %v", scanner.Err())
	}
	match := forwarded.FindStringSubmatch(scanner.Text())
	if match == nil {
		t.Fatalf("kubectl port-forward said %q", scanner.Text())
	}
	reading.Go(func() {
		// It stops when nobody reads its output.
		for scanner.Scan() {
			continue
		}
	})
	return "https://" + match[1] + "/metrics"
}

// scrape reads the metrics as a Prometheus with this token would.
func scrape(ctx context.Context, url, token string) (status int, body string, err error) {
	// The certificate is the manager's own, made when it started.
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	return response.StatusCode, string(data), err
}

// tokenFor makes a service account and gives a token of it.
func tokenFor(t *testing.T, namespace, name string) string {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	if err := cluster.Create(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	request, err := typed.CoreV1().ServiceAccounts(namespace).CreateToken(t.Context(), name,
		&authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// readerToken gives the token of a service account that may read metrics.
func readerToken(t *testing.T) string {
	t.Helper()
	namespace := newTenant(t)
	token := tokenFor(t, namespace, "prometheus")
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "e2e-prometheus-"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "fairlead-metrics-reader"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: "prometheus"}},
	}
	if err := cluster.Create(t.Context(), binding); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cluster.Delete(context.WithoutCancel(t.Context()), binding); err != nil {
			t.Error(err)
		}
	})
	return token
}

func TestMetricsAreForWhoeverMayReadThem(t *testing.T) {
	url := metricsURL(t)
	stranger := tokenFor(t, newTenant(t), "stranger")
	reader := readerToken(t)
	tests := []struct {
		name, token string
		want        int
	}{
		{"without a token", "", http.StatusUnauthorized},
		// The metrics server of controller-runtime does not tell a token that the
		// API server refuses from an API server that fails.
		{"with a forged token", "forged", http.StatusInternalServerError},
		{"without the right", stranger, http.StatusForbidden},
		{"with the right", reader, http.StatusOK},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			eventually(t, func(ctx context.Context) error {
				status, body, err := scrape(ctx, url, test.token)
				if err != nil {
					return err
				}
				if status != test.want {
					return fmt.Errorf("status %d, want %d: %.200s", status, test.want, body)
				}
				if holds := strings.Contains(body, "controller_runtime_reconcile_total"); holds != (status == http.StatusOK) {
					return fmt.Errorf("status %d, and metrics are shown: %t", status, holds)
				}
				return nil
			})
		})
	}
}

// reconciles matches the counter of passes without an error.
var reconciles = regexp.MustCompile(`(?m)^controller_runtime_reconcile_total\{controller="exhibition",result="(?:success|requeue_after)"\} (\S+)$`)

// passes counts what the Exhibition controller has done since it started.
func passes(t *testing.T, url, token string) float64 {
	t.Helper()
	status, body, err := scrape(t.Context(), url, token)
	if err != nil || status != http.StatusOK {
		t.Fatalf("reading metrics: status %d, %v", status, err)
	}
	var sum float64
	for _, match := range reconciles.FindAllStringSubmatch(body, -1) {
		value, err := strconv.ParseFloat(match[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		sum += value
	}
	return sum
}
