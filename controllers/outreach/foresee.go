package outreach

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// RefusalError says why nothing could be frozen of an Outreach, in the words of its conditions.
type RefusalError struct{ Reason, Message string }

func (e *RefusalError) Error() string { return e.Message }

// Foresee is what would be frozen of an Outreach now, and what is sent then, by the functions
// that freeze it. What it names is read, and taken as it stands: an Outreach waits for what is
// not ready, a preview need not. attributes are those that may be told. What keeps it from being
// frozen is a *RefusalError.
func Foresee(ctx context.Context, reader client.Reader, o *crm.Outreach, attributes map[string]customer.Kind) (*outreach.Plan, store.Freeze, error) {
	seen := observe(ctx, reader, o)
	if seen.failure != nil {
		return nil, store.Freeze{}, seen.failure
	}
	seen.early = true
	plan, freeze, wrong, err := intended(o, seen, attributes)
	if err == nil && wrong != nil {
		err = &RefusalError{wrong.Reason(), wrong.Message()}
	}
	return plan, freeze, err
}
