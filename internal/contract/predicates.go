package contract

import (
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// Changed lets through what calls for a pass: a new object, a new generation,
// and a new value of the annotation that asks for one. A controller's own
// writes of status do not.
func Changed() predicate.Predicate {
	return predicate.Or(predicate.GenerationChangedPredicate{}, predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool {
			return e.ObjectOld.GetAnnotations()[crm.AnnotationRequestedAt] !=
				e.ObjectNew.GetAnnotations()[crm.AnnotationRequestedAt]
		},
	})
}

// ReadinessChanged lets through what matters to those who refer to an object:
// that it comes, goes, or is ready otherwise than before. Its figures do not.
func ReadinessChanged[T client.Object](ready func(T) bool) predicate.Predicate {
	is := func(object client.Object) bool {
		typed, ok := object.(T)
		return ok && ready(typed)
	}
	return predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool { return is(e.ObjectOld) != is(e.ObjectNew) },
	}
}
