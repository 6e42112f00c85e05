package outreach

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// declaredBy is a digest of what an Outreach by hand declares to be sent, and to whom; "" of one
// that a rule made. What may be changed while it is sent is not in it.
func declaredBy(o *crm.Outreach) (string, error) {
	if o.Spec.RuleName != "" {
		return "", nil
	}
	spec := o.Spec.DeepCopy()
	spec.Parallelism, spec.Suspend, spec.Cancel = 0, nil, nil
	text, err := json.Marshal(spec)
	if err != nil {
		return "", fmt.Errorf("writing the Outreach %s: %w", o.Name, err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// isAnew tells whether an Outreach was made anew in the place of the one that a run belongs to: under
// the same name and key, and in the same words.
func isAnew(o *crm.Outreach, run *store.Run) (bool, error) {
	if run.Owner.Namespace != o.Namespace || run.Owner.Name != o.Name || run.Key != o.Spec.RunKey {
		return false, nil
	}
	plan, err := outreach.ParsePlan(run.Plan)
	if err != nil {
		return false, err
	}
	declared, err := declaredBy(o)
	return plan.Declared != "" && plan.Declared == declared, err
}

// adopt gives the run to an Outreach that was made anew: after Fairlead was installed again, say.
// Its status tells of the run from then on, and nothing is sent twice. What is left of a run that was
// not given up meanwhile is sent.
func (p *pass) adopt(ctx context.Context) (bool, error) {
	anew, err := isAnew(p.o, p.run)
	if !anew || err != nil {
		return false, err
	}
	adopted, err := p.opened.AdoptRun(ctx, p.run.ID, p.run.Owner.UID, string(p.o.UID))
	if adopted {
		p.run.Owner.UID = string(p.o.UID)
	}
	return adopted, err
}
