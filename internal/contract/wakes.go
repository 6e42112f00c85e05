package contract

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// mostWaiting wake-ups; whoever wakes waits when there are more.
const mostWaiting = 1024

// Wakes has objects to which something happened that the API server does not know of, such as a
// CustomerStore with profiles that changed. They wake the passes of a controller.
type Wakes chan event.GenericEvent

// NewWakes are empty.
func NewWakes() Wakes { return make(Wakes, mostWaiting) }

// Wake says that something happened to the object of a name. Of object only the type counts: it
// gets the name, and nothing else is known of it.
func (w Wakes) Wake(ctx context.Context, object client.Object, name types.NamespacedName) {
	object.SetNamespace(name.Namespace)
	object.SetName(name.Name)
	select {
	case w <- event.GenericEvent{Object: object}:
	case <-ctx.Done():
	}
}

// Source of the requests that follow from each object.
func (w Wakes) Source(requests handler.MapFunc) source.Source {
	return source.Channel(w, handler.EnqueueRequestsFromMapFunc(requests))
}

// Requests are those for all objects of a list that are wanted. items are the list's own; the list
// is read from the manager's cache, and wanted must not change them.
func Requests[T any, P interface {
	*T
	client.Object
}](ctx context.Context, reader client.Reader, list client.ObjectList, items *[]T, wanted func(P) bool, among ...client.ListOption) []reconcile.Request {
	if err := reader.List(ctx, list, append(among, client.UnsafeDisableDeepCopy)...); err != nil {
		// The cache is local; it errs only while stopping, and then nobody is left to wake.
		ctrl.LoggerFrom(ctx).Error(err, "finding whom to wake", "among", fmt.Sprintf("%T", list))
		return nil
	}
	var requests []reconcile.Request
	for i := range *items {
		if object := P(&(*items)[i]); wanted(object) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(object)})
		}
	}
	return requests
}

// OfStore picks those objects of a CustomerStore's namespace that name it, by IndexStoreName.
func OfStore(declared client.Object) []client.ListOption {
	return []client.ListOption{client.InNamespace(declared.GetNamespace()), client.MatchingFields{IndexStoreName: declared.GetName()}}
}

// IndexBy has the manager's cache find objects of a type by a text that key gives of each.
func IndexBy[T client.Object](ctx context.Context, indexer client.FieldIndexer, of T, index string, key func(T) string) error {
	err := indexer.IndexField(ctx, of, index, func(object client.Object) []string {
		typed, is := object.(T)
		if !is {
			return nil
		}
		return []string{key(typed)}
	})
	if err != nil {
		return fmt.Errorf("indexing %T by %s: %w", of, index, err)
	}
	return nil
}

// StoreReady tells whether a CustomerStore is ready.
func StoreReady(declared *crm.CustomerStore) bool { return IsReady(declared.Status.ObservedStatus) }
