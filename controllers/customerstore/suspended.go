package customerstore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/store"
)

// pauseRuns has everything stop that is sent from a store that is suspended now, and says what keeps
// it from that; nil for nothing. Nobody is to have the store open meanwhile who could set a run
// going. It is done once: of a store that is suspended the database may be down.
func (r *Reconciler) pauseRuns(ctx context.Context, declared *crm.CustomerStore) (problem *ending, err error) {
	if declared.Status.StoreID == "" || contract.IsSuspended(declared.Status.ObservedStatus) {
		return nil, nil
	}
	secrets, err := r.secrets(ctx, declared)
	if err != nil {
		return nil, err
	}
	if problem = checkSecrets(declared.Namespace, secrets); problem == nil {
		cluster, err := r.clusterID(ctx)
		if err != nil {
			return nil, err
		}
		how, named := r.accessOf(declared, secrets)
		if err := pauseRunsOf(ctx, how, declared, cluster); err != nil {
			problem = accessProblem(err, named)
		}
	}
	if problem == nil {
		return nil, nil
	}
	return waiting(soon, crm.ReasonUnreachable, "Suspended, but what is sent may go on, since its runs could not be paused yet. %s", problem.verdict.Message()), nil
}

// pauseRunsOf opens a database for a moment. One that is not the store's has none of its runs.
func pauseRunsOf(ctx context.Context, how access, declared *crm.CustomerStore, cluster string) (err error) {
	if how.path != "" {
		if _, err := os.Stat(how.path); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	opened, err := store.Open(ctx, how.url, how.options)
	if err != nil {
		return err
	}
	defer func() {
		if closing := opened.Close(); closing != nil {
			err = errors.Join(err, fmt.Errorf("closing the store: %w", closing))
		}
	}()
	refused, err := refusal(ctx, opened, declared, cluster, contract.MayStop)
	if refused != nil || err != nil {
		return err
	}
	return opened.PauseRuns(ctx)
}
