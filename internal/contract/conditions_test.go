package contract

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// TestConditionsAfterAnyVerdict goes from every verdict to every other.
func TestConditionsAfterAnyVerdict(t *testing.T) {
	verdicts := map[string]struct {
		verdict Verdict
		// want holds the conditions that stand there, and their status.
		want map[string]metav1.ConditionStatus
	}{
		"ready":   {Ready("Ready", "All is well."), map[string]metav1.ConditionStatus{crm.ConditionReady: metav1.ConditionTrue}},
		"waiting": {Waiting("ReferenceNotReady", "Waiting."), map[string]metav1.ConditionStatus{crm.ConditionReady: metav1.ConditionFalse, crm.ConditionReconciling: metav1.ConditionTrue}},
		"stalled": {Stalled("InvalidTimeZone", "Mend it."), map[string]metav1.ConditionStatus{crm.ConditionReady: metav1.ConditionFalse, crm.ConditionStalled: metav1.ConditionTrue}},
	}
	for firstName, first := range verdicts {
		for secondName, second := range verdicts {
			t.Run(firstName+" then "+secondName, func(t *testing.T) {
				status := crm.ObservedStatus{Conditions: []metav1.Condition{
					{Type: crm.ConditionTargetsMet, Status: metav1.ConditionTrue, Reason: "Met"},
				}}
				first.verdict.Apply(&status, 1, time.Unix(100, 0))
				second.verdict.Apply(&status, 2, time.Unix(200, 0))
				if status.ObservedGeneration != 2 {
					t.Errorf("observedGeneration %d, want 2", status.ObservedGeneration)
				}
				conditions := status.Conditions
				if len(conditions) != len(second.want)+1 {
					t.Errorf("there are %d conditions: %+v", len(conditions), conditions)
				}
				for conditionType, status := range second.want {
					condition := meta.FindStatusCondition(conditions, conditionType)
					if condition == nil {
						t.Errorf("%s is missing", conditionType)
						continue
					}
					if condition.Status != status || condition.Reason != second.verdict.reason ||
						condition.Message != second.verdict.message || condition.ObservedGeneration != 2 {
						t.Errorf("%s is %+v", conditionType, condition)
					}
					since := int64(200)
					if was, stood := first.want[conditionType]; stood && was == status {
						since = 100
					}
					if condition.LastTransitionTime.Unix() != since {
						t.Errorf("%s is so since %d, want %d", conditionType, condition.LastTransitionTime.Unix(), since)
					}
				}
				if meta.FindStatusCondition(conditions, crm.ConditionTargetsMet) == nil {
					t.Error("a condition of another meaning is gone")
				}
			})
		}
	}
}

func TestIsReady(t *testing.T) {
	tests := map[string]struct {
		verdict *Verdict
		want    bool
	}{
		"a fresh object": {nil, false},
		"ready":          {ptr.To(Ready("Ready", "")), true},
		"waiting":        {ptr.To(Waiting("ReferenceNotReady", "")), false},
		"stalled":        {ptr.To(Stalled("InvalidTimeZone", "")), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			status := crm.ObservedStatus{ObservedGeneration: -1}
			if test.verdict != nil {
				test.verdict.Apply(&status, 1, time.Unix(0, 0))
			}
			if got := IsReady(status); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestStalledNow(t *testing.T) {
	state := func(verdict Verdict) []metav1.Condition {
		var status crm.ObservedStatus
		verdict.Apply(&status, 1, time.Unix(0, 0))
		return status.Conditions
	}
	ready, zone := state(Ready("Ready", "")), state(Stalled("InvalidTimeZone", ""))
	duplicate := state(Stalled("DuplicateEdition", ""))
	tests := map[string]struct {
		before, after []metav1.Condition
		want          string
	}{
		"it stalls":             {ready, zone, "InvalidTimeZone"},
		"at once":               {nil, zone, "InvalidTimeZone"},
		"as before":             {zone, zone, ""},
		"for another reason":    {zone, duplicate, "DuplicateEdition"},
		"it recovers":           {zone, ready, ""},
		"it never stalled":      {nil, ready, ""},
		"there is nothing":      {nil, nil, ""},
		"everything has gone":   {zone, nil, ""},
		"it was ready and is":   {ready, ready, ""},
		"the other way around":  {duplicate, zone, "InvalidTimeZone"},
		"from nothing to ready": {nil, ready, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if condition := StalledNow(test.before, test.after); condition != nil {
				got = condition.Reason
			}
			if got != test.want {
				t.Errorf("stalled now by %q, want %q", got, test.want)
			}
		})
	}
}
