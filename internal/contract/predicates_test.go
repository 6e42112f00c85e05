package contract

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestWhatCallsForAPass(t *testing.T) {
	object := func(generation int64, annotations map[string]string, phase crm.ExhibitionPhase) *crm.Exhibition {
		return &crm.Exhibition{
			ObjectMeta: metav1.ObjectMeta{Generation: generation, Annotations: annotations},
			Status:     crm.ExhibitionStatus{Phase: phase},
		}
	}
	asked := func(value string) map[string]string { return map[string]string{crm.AnnotationRequestedAt: value} }
	tests := map[string]struct {
		before, after *crm.Exhibition
		want          bool
	}{
		"a new generation":            {object(1, nil, ""), object(2, nil, ""), true},
		"a request":                   {object(1, nil, ""), object(1, asked("now"), ""), true},
		"another request":             {object(1, asked("now"), ""), object(1, asked("later"), ""), true},
		"the same request":            {object(1, asked("now"), ""), object(1, asked("now"), ""), false},
		"a write of status":           {object(1, nil, ""), object(1, nil, crm.PhaseOpen), false},
		"an annotation of no concern": {object(1, nil, ""), object(1, map[string]string{"a": "b"}, ""), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Changed().Update(event.UpdateEvent{ObjectOld: test.before, ObjectNew: test.after})
			if got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}

func TestWhatConcernsReferrers(t *testing.T) {
	open := func(object client.Object) bool {
		exhibition, ok := object.(*crm.Exhibition)
		return ok && exhibition.Status.Phase == crm.PhaseOpen
	}
	at := func(phase crm.ExhibitionPhase) *crm.Exhibition {
		return &crm.Exhibition{Status: crm.ExhibitionStatus{Phase: phase}}
	}
	changed := ReadinessChanged(open)
	if !changed.Update(event.UpdateEvent{ObjectOld: at(crm.PhaseRecruiting), ObjectNew: at(crm.PhaseOpen)}) {
		t.Error("becoming ready does not count")
	}
	if !changed.Update(event.UpdateEvent{ObjectOld: at(crm.PhaseOpen), ObjectNew: at(crm.PhaseEvaluating)}) {
		t.Error("ceasing to be ready does not count")
	}
	if changed.Update(event.UpdateEvent{ObjectOld: at(crm.PhaseOpen), ObjectNew: at(crm.PhaseOpen)}) {
		t.Error("staying ready counts")
	}
	if !changed.Create(event.CreateEvent{Object: at("")}) || !changed.Delete(event.DeleteEvent{Object: at("")}) {
		t.Error("coming and going do not count")
	}
}
