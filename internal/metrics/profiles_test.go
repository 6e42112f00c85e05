package metrics

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"k8s.io/apimachinery/pkg/types"
	testingclock "k8s.io/utils/clock/testing"
)

var crmStore = types.NamespacedName{Namespace: "expo", Name: "crm"}

// collect gives the series of every metric that there are: a value, or how many
// were observed. It demands that the conventions are kept.
func collect(t *testing.T, p *Profiles) map[string]float64 {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(p)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("the conventions are not kept: %v, %v", problems, err)
	}
	series := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			var of []string
			for _, label := range metric.GetLabel() {
				of = append(of, label.GetName()+"="+label.GetValue())
			}
			name := strings.TrimPrefix(family.GetName(), "fairlead_customerstore_profile_") + " " + strings.Join(of, ",")
			// One of them is not there, and gives 0.
			series[name] = metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
		}
	}
	return series
}

// expect demands exactly these series, of the store crm.
func expect(t *testing.T, p *Profiles, want map[string]float64) {
	t.Helper()
	labelled := map[string]float64{}
	for name, value := range want {
		labelled[name+" name=crm,namespace=expo"] = value
	}
	if got := collect(t, p); !maps.Equal(got, labelled) {
		t.Errorf("there are %v, want %v", got, labelled)
	}
}

func TestProfiles(t *testing.T) {
	now := testingclock.NewFakePassiveClock(time.Date(2026, time.July, 21, 12, 0, 0, 0, time.UTC))
	p := NewProfiles(now)
	expect(t, p, map[string]float64{})

	ctx := t.Context()
	p.Look(ctx, crmStore)
	expect(t, p, map[string]float64{"looks_total": 1, "refreshes_total": 0, "refreshed_parties_total": 0, "refresh_failures_total": 0})
	p.Behind(ctx, crmStore, 300, now.Now().Add(-time.Minute))
	all := map[string]float64{
		"looks_total": 1, "refreshes_total": 0, "refreshed_parties_total": 0, "refresh_failures_total": 0,
		"backlog_parties": 300, "age_seconds": 60,
	}
	expect(t, p, all)

	// The store cannot be reached: what is known stays, and grows older.
	p.Look(ctx, crmStore)
	p.Failed(ctx, crmStore)
	now.SetTime(now.Now().Add(time.Hour))
	all["looks_total"], all["refresh_failures_total"], all["age_seconds"] = 2, 1, 3660
	expect(t, p, all)

	p.Took(ctx, crmStore, time.Second)
	p.Refreshed(ctx, crmStore, 250)
	p.Refreshed(ctx, crmStore, 50)
	p.Behind(ctx, crmStore, 0, time.Time{})
	now.SetTime(now.Now().Add(time.Hour))
	all["refreshes_total"], all["refreshed_parties_total"], all["refresh_duration_seconds"] = 2, 300, 1
	all["backlog_parties"], all["age_seconds"] = 0, 0
	expect(t, p, all)
}

func TestAMarkOfAClockAheadIsNotNegative(t *testing.T) {
	now := testingclock.NewFakePassiveClock(time.Unix(1000, 0))
	p := NewProfiles(now)
	p.Behind(t.Context(), crmStore, 1, time.Unix(2000, 0))
	expect(t, p, map[string]float64{"backlog_parties": 1, "age_seconds": 0})
}

func TestAStoreThatIsForgottenStaysSo(t *testing.T) {
	p := NewProfiles(testingclock.NewFakePassiveClock(time.Unix(1000, 0)))
	everything := func(ctx context.Context, store types.NamespacedName) {
		p.Look(ctx, store)
		p.Behind(ctx, store, 1, time.Unix(900, 0))
		p.Took(ctx, store, time.Second)
		p.Refreshed(ctx, store, 1)
		p.Failed(ctx, store)
	}
	ctx, stop := context.WithCancel(t.Context())
	everything(ctx, crmStore)
	everything(t.Context(), types.NamespacedName{Namespace: "expo", Name: "other"})
	stop()
	p.Forget(crmStore)
	// Whoever kept it fresh may still be on the way out.
	everything(ctx, crmStore)
	got := collect(t, p)
	for name := range got {
		if !strings.HasSuffix(name, " name=other,namespace=expo") {
			t.Errorf("there still is %s", name)
		}
	}
	if len(got) != 7 {
		t.Errorf("there are %v, want all of the other store's", slices.Sorted(maps.Keys(got)))
	}
}
