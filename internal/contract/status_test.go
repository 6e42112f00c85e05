package contract

import (
	"testing"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// TestAStatusThatDidNotChangeIsNotWritten has no client to write with.
func TestAStatusThatDidNotChangeIsNotWritten(t *testing.T) {
	before := &crm.Exhibition{Status: crm.ExhibitionStatus{Phase: crm.PhaseOpen}}
	written, err := PatchStatus(t.Context(), nil, before, before.DeepCopy())
	if written || err != nil {
		t.Errorf("written %t, %v", written, err)
	}
}
