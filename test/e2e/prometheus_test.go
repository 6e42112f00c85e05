//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"testing"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// askPrometheus asks the Prometheus of hack/prometheus.sh, through the API server, as it
// would be asked in any cluster.
func askPrometheus(ctx context.Context, path string, parameters map[string]string, data any) error {
	body, err := typed.CoreV1().Services("monitoring").ProxyGet("http", "prometheus", "http", "api/v1/"+path, parameters).DoRaw(ctx)
	if err != nil {
		return fmt.Errorf("asking Prometheus for %s: %w: %s", path, err, body)
	}
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("%w: %s", err, body)
	}
	if answer.Status != "success" {
		return fmt.Errorf("asking Prometheus for %s: %s", path, answer.Error)
	}
	return nil
}

// query gives the only value that Prometheus has for an expression.
func query(ctx context.Context, expression string) (float64, error) {
	var data struct {
		Result []struct {
			// Value is a time, and the value as a text.
			Value [2]any
		}
	}
	if err := askPrometheus(ctx, "query", map[string]string{"query": expression}, &data); err != nil {
		return 0, err
	}
	if len(data.Result) != 1 {
		return 0, fmt.Errorf("%s has %d values", expression, len(data.Result))
	}
	return strconv.ParseFloat(fmt.Sprint(data.Result[0].Value[1]), 64)
}

// expectPrometheus wants an edition's retention in Prometheus as it stands in the status,
// and no page about the manager's namespace.
func expectPrometheus(t *testing.T, edition *crm.Exhibition) {
	t.Helper()
	want, err := strconv.ParseFloat(string(edition.Status.Retention[0].Ratio), 64)
	if err != nil {
		t.Fatal(err)
	}
	series := fmt.Sprintf(`fairlead_exhibition_retention_ratio{job="fairlead",namespace=%q,name=%q,series=%q,edition=%q,role="Exhibitor"}`,
		edition.Namespace, edition.Name, edition.Spec.Series, edition.Spec.Edition)
	eventually(t, func(ctx context.Context) error {
		got, err := query(ctx, series)
		if err == nil && got != want {
			return fmt.Errorf("the status says %v, and Prometheus %v", want, got)
		}
		return err
	})
	var alerts struct {
		Alerts []struct {
			State  string
			Labels map[string]string
		}
	}
	if err := askPrometheus(t.Context(), "alerts", nil, &alerts); err != nil {
		t.Fatal(err)
	}
	for _, alert := range alerts.Alerts {
		// Other tests have stores of tenants that are meant to be in trouble.
		if alert.State == "firing" && alert.Labels["severity"] == "page" && alert.Labels["namespace"] == edition.Namespace {
			t.Errorf("somebody is paged: %v", alert.Labels)
		}
	}
}

func TestPrometheusReachesTheManagerAndHasTheAlerts(t *testing.T) {
	eventually(t, func(ctx context.Context) error {
		up, err := query(ctx, `up{job="fairlead"}`)
		if err == nil && up != 1 {
			return fmt.Errorf("the manager is not scraped: up is %v", up)
		}
		return err
	})
	eventually(t, func(ctx context.Context) error {
		var rules struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
		if err := askPrometheus(ctx, "rules", nil, &rules); err != nil {
			return err
		}
		healthy := map[string]bool{}
		for _, group := range rules.Groups {
			for _, rule := range group.Rules {
				if rule.Health != "ok" {
					return fmt.Errorf("the rule %s is %s: %s", rule.Name, rule.Health, rule.LastError)
				}
				healthy[rule.Name] = true
			}
		}
		for _, name := range []string{"FairleadStoreDown", "FairleadManagerDown", "FairleadRetentionBehind"} {
			if !healthy[name] {
				return fmt.Errorf("there is no alert %s among %v", name, healthy)
			}
		}
		return nil
	})
}
