package controllers_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestExhibitionsAreMeasured(t *testing.T) {
	onSQLite, file := onFile("measured")
	database := databases.NewDatabase(t)
	for name, at := range map[string]struct {
		declared *crm.CustomerStore
		url      string
	}{"SQLite": {onSQLite, file}, "PostgreSQL": {newStore(t, newNamespace(t), database), database}} {
		t.Run(name, func(t *testing.T) { testExhibitionsAreMeasured(t, at.declared, at.url) })
	}
}

func testExhibitionsAreMeasured(t *testing.T, declared *crm.CustomerStore, url string) {
	held := edition(declared.Namespace, declared.Name+"-2024")
	held.Spec.StoreName, held.Spec.Edition, held.Spec.RecruitFrom, held.Spec.EvaluateUntil = crm.ObjectName(declared.Name), "2024", "", ""
	held.Spec.Opens, held.Spec.Closes = "2024-07-22", "2024-07-26"
	held.Spec.Targets = []crm.ParticipationTarget{{Role: crm.RoleExhibitor, Participants: ptr.To[int64](2)}}
	held.Spec.Promises = []crm.Promise{{Name: "area", Role: crm.RoleExhibitor, Measure: crm.PromiseAreaSquareMetres, Promised: 15}}
	create(t, held)
	targets := func(status metav1.ConditionStatus, reason string) func(*crm.Exhibition) bool {
		return func(e *crm.Exhibition) bool {
			condition := meta.FindStatusCondition(e.Status.Conditions, crm.ConditionTargetsMet)
			return condition != nil && condition.Status == status && condition.Reason == reason
		}
	}
	// Once the store is there it is measured, be it that nobody takes part yet.
	eventually(t, held, targets(metav1.ConditionUnknown, crm.ReasonNoFigures))
	create(t, declared)
	eventually(t, declared, storeReady)
	exhibited(t, url, "Falcon")
	eventually(t, held, func(e *crm.Exhibition) bool {
		return len(e.Status.Participation) > 0 && targets(metav1.ConditionFalse, crm.ReasonTargetsMissed)(e)
	})
	want := crm.ParticipationStatus{Role: crm.RoleExhibitor, Contracted: 1, Attended: 1, New: 1, AreaSquareMetres: "10.00", Revenue: "1000.00"}
	if len(held.Status.Participation) != 1 || held.Status.Participation[0] != want {
		t.Errorf("participation is %+v, want %+v", held.Status.Participation, want)
	}
	exhibited(t, url, "Merlin")
	eventually(t, held, targets(metav1.ConditionTrue, crm.ReasonTargetsReached))
	if promises := held.Status.Promises; len(promises) != 1 || promises[0] != (crm.PromiseStatus{Name: "area", Promised: 15, Actual: 20}) {
		t.Errorf("the promises are %+v", promises)
	}
	// What nobody changes is not written.
	version := held.ResourceVersion
	rounds(t, declared, 5)
	eventually(t, held, targets(metav1.ConditionTrue, crm.ReasonTargetsReached))
	if held.ResourceVersion != version {
		t.Error("the status of an Exhibition that nobody changed was written")
	}
}
