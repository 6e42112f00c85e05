package exhibition

import (
	"fmt"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// defaultEvaluationDays is how long an edition is evaluated after its closing
// where the spec does not say.
const defaultEvaluationDays = 90

// calendar holds the moments at which an edition passes from phase to phase.
type calendar struct {
	// recruits begins the day recruitFrom; zero if recruiting has begun already.
	recruits time.Time
	// opens begins the first day of the show.
	opens time.Time
	// closed ends the last day of the show.
	closed time.Time
	// evaluated ends the last day of evaluation.
	evaluated time.Time
}

// calendarOf turns the dates of an edition into moments: days begin and end in
// the venue's time zone. It fails only for dates that the API server would not
// have let in.
func calendarOf(spec crm.ExhibitionSpec, zone *time.Location) (calendar, error) {
	opens, err := parseDay(spec.Opens)
	if err != nil {
		return calendar{}, fmt.Errorf("spec.opens: %w", err)
	}
	closes, err := parseDay(spec.Closes)
	if err != nil {
		return calendar{}, fmt.Errorf("spec.closes: %w", err)
	}
	evaluateUntil := closes.plus(defaultEvaluationDays)
	if spec.EvaluateUntil != "" {
		if evaluateUntil, err = parseDay(spec.EvaluateUntil); err != nil {
			return calendar{}, fmt.Errorf("spec.evaluateUntil: %w", err)
		}
	}
	moments := calendar{
		opens:     opens.begins(zone),
		closed:    closes.plus(1).begins(zone),
		evaluated: evaluateUntil.plus(1).begins(zone),
	}
	if spec.RecruitFrom != "" {
		recruitFrom, err := parseDay(spec.RecruitFrom)
		if err != nil {
			return calendar{}, fmt.Errorf("spec.recruitFrom: %w", err)
		}
		moments.recruits = recruitFrom.begins(zone)
	}
	return moments, nil
}

// phase of the edition at a moment, and when it ends. A phase that has no end
// has a zero one.
func (c calendar) phase(now time.Time) (phase crm.ExhibitionPhase, ends time.Time) {
	switch {
	case now.Before(c.recruits):
		return crm.PhasePlanned, c.recruits
	case now.Before(c.opens):
		return crm.PhaseRecruiting, c.opens
	case now.Before(c.closed):
		return crm.PhaseOpen, c.closed
	case now.Before(c.evaluated):
		return crm.PhaseEvaluating, c.evaluated
	default:
		return crm.PhaseConcluded, time.Time{}
	}
}

// previousEdition that an edition is measured against: the one its spec names,
// or the edition of the series that closed last before this one opens. Empty
// if there is none.
func previousEdition(edition *crm.Exhibition, siblings []crm.Exhibition) crm.EditionName {
	if edition.Spec.PreviousEdition != "" {
		return edition.Spec.PreviousEdition
	}
	var previous *crm.Exhibition
	for i := range siblings {
		sibling := &siblings[i]
		if sibling.Spec.Edition == edition.Spec.Edition || sibling.Spec.Closes >= edition.Spec.Opens {
			continue
		}
		if previous == nil || sibling.Spec.Closes > previous.Spec.Closes ||
			(sibling.Spec.Closes == previous.Spec.Closes && sibling.Spec.Edition > previous.Spec.Edition) {
			previous = sibling
		}
	}
	if previous == nil {
		return ""
	}
	return previous.Spec.Edition
}

// duplicateOf names the oldest Exhibition that declares the same edition of the
// same series, unless it is this one. So exactly one of them stands.
func duplicateOf(edition *crm.Exhibition, siblings []crm.Exhibition) string {
	oldest := edition
	for i := range siblings {
		if siblings[i].Spec.Edition == edition.Spec.Edition && contract.Older(&siblings[i], oldest) {
			oldest = &siblings[i]
		}
	}
	if oldest.Name == edition.Name {
		return ""
	}
	return oldest.Name
}
