package contract

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func TestWakes(t *testing.T) {
	wakes := NewWakes()
	wakes.Wake(t.Context(), &crm.CustomerStore{}, types.NamespacedName{Namespace: "expo", Name: "crm"})
	woken, is := (<-wakes).Object.(*crm.CustomerStore)
	if !is || woken.Namespace != "expo" || woken.Name != "crm" {
		t.Errorf("got %+v, want the CustomerStore expo/crm", woken)
	}
	for range mostWaiting {
		wakes.Wake(t.Context(), &crm.CustomerStore{}, types.NamespacedName{})
	}
	ended, end := context.WithCancel(t.Context())
	end()
	// Full: who wakes waits, and not for ever.
	wakes.Wake(ended, &crm.CustomerStore{}, types.NamespacedName{})
	if len(wakes) != mostWaiting {
		t.Errorf("%d wait, want %d", len(wakes), mostWaiting)
	}
}
