package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// staleDelay is how long a pass that saw an old object waits for the cache.
const staleDelay = 200 * time.Millisecond

// Record ends a pass: it writes the status of an object as it stands now, and
// reports whether it was written. It adds to the result and the error of the
// pass, and is meant to be deferred, so that no early return can skip it.
//
// A status that did not change causes no request. A pass that saw an old
// version of the object, because the cache lags behind our own write, records
// nothing and comes back soon. An object that is gone meanwhile is no error.
func Record(ctx context.Context, c client.Client, before, after client.Object, result *ctrl.Result, failure *error) bool {
	data, err := client.MergeFrom(before).Data(after)
	if err != nil {
		*failure = errors.Join(*failure, fmt.Errorf("comparing the status of %s: %w", after.GetName(), err))
		return false
	}
	if bytes.Equal(data, []byte("{}")) {
		return false
	}
	err = c.Status().Patch(ctx, after, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	switch {
	case err == nil:
		return true
	case apierrors.IsNotFound(err):
	case apierrors.IsConflict(err):
		*result = ctrl.Result{RequeueAfter: staleDelay}
	default:
		*result = ctrl.Result{}
		*failure = errors.Join(*failure, fmt.Errorf("writing the status: %w", err))
	}
	return false
}
