package contract

import (
	"bytes"
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// PatchStatus writes the status of an object as it stands after a pass, and
// reports whether there was anything to write: a status that did not change
// causes no request. An object that is gone meanwhile is no error.
func PatchStatus(ctx context.Context, c client.Client, before, after client.Object) (bool, error) {
	patch := client.MergeFrom(before)
	data, err := patch.Data(after)
	if err != nil {
		return false, fmt.Errorf("comparing the status of %s: %w", after.GetName(), err)
	}
	if bytes.Equal(data, []byte("{}")) {
		return false, nil
	}
	if err := c.Status().Patch(ctx, after, patch); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	return true, nil
}
