package customersegment

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestRemembered(t *testing.T) {
	segment := named("a", "true")
	segment.UID, segment.Generation = "1", 1
	segment.Status.Conditions = []metav1.Condition{{Type: crm.ConditionReady, Status: metav1.ConditionTrue}}
	name := types.NamespacedName{Name: "a"}
	r := &Reconciler{}
	known := r.recall(name, &segment)
	began := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	known.took(began, began.Add(3*time.Second))
	if rest := known.resting(&segment, began); rest > 0 {
		t.Errorf("it rests for %v though its figures are owed", rest)
	}
	known.came = &outcome{}
	if rest := r.recall(name, &segment).resting(&segment, began.Add(6*time.Second)); rest != 6*time.Second {
		t.Errorf("three seconds after a pass of three it rests for %v", rest)
	}
	quickly := &remembered{came: &outcome{}}
	if quickly.took(began, began.Add(quick)); quickly.resting(&segment, began) > 0 {
		t.Error("it rests after a quick pass")
	}
	waiting := segment
	waiting.Status.Conditions = nil
	if rest := known.resting(&waiting, began); rest > 0 {
		t.Errorf("it rests for %v though it is not ready", rest)
	}
	known.took(began, began.Add(time.Hour))
	if rest := known.resting(&segment, began.Add(time.Hour)); rest != longestRest {
		t.Errorf("it rests for %v after an hour", rest)
	}
	for what, change := range map[string]func(*crm.CustomerSegment){
		"another generation":       func(s *crm.CustomerSegment) { s.Generation = 2 },
		"another one of that name": func(s *crm.CustomerSegment) { s.UID = "2" },
	} {
		other := segment
		change(&other)
		if r.recall(name, &other).came != nil {
			t.Errorf("%s has the figures of the one before", what)
		}
	}
}
