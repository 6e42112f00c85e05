package loyaltyprogram

import (
	"errors"
	"slices"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/loyalty"
	"github.com/fairlead/fairlead/internal/store"
)

// expressionsOf are all expressions of a program.
func expressionsOf(spec crm.LoyaltyProgramSpec) []string {
	all := []string{string(spec.Eligible)}
	for _, rule := range spec.Accrual {
		all = append(all, string(rule.Where), string(rule.Points))
	}
	return all
}

// Asks are the segments that a program asks for, sorted.
func Asks(spec crm.LoyaltyProgramSpec) (asked []string) {
	for _, expression := range expressionsOf(spec) {
		asked = append(asked, audience.Asks(expression)...)
	}
	slices.Sort(asked)
	return slices.Compact(asked)
}

// cycle is a way from a program over segments back to its own tiers or points; nil if there is none.
func cycle(program *crm.LoyaltyProgram, segments []crm.CustomerSegment) []string {
	seen := map[string]bool{}
	var walk func(names []string, path []string) []string
	walk = func(names []string, path []string) []string {
		for _, name := range names {
			at := slices.IndexFunc(segments, func(s crm.CustomerSegment) bool { return s.Name == name })
			if at < 0 || seen[name] {
				continue
			}
			seen[name] = true
			way, where := append(slices.Clip(path), name), string(segments[at].Spec.Where)
			if slices.Contains(audience.AskedPrograms(where), program.Name) {
				return way
			}
			if found := walk(audience.Asks(where), way); found != nil {
				return found
			}
		}
		return nil
	}
	return walk(Asks(program.Spec), nil)
}

// moved tells whether members moved between tiers, or may have other points than after the last pass:
// persons post in between, and then the accrual finds nothing.
func moved(last *remembered, came outcome) bool {
	done := came.accrued
	return done.Baseline || done.Entered+done.Left+done.Moved > 0 ||
		came.figures != nil && (last == nil || last.figures == nil || last.figures.Changed != came.figures.Changed)
}

// rest is how long a program waits for time to change something.
func rest(now time.Time, came outcome) time.Duration {
	wait := time.Duration(0)
	if next := came.figures.NextChange; next > 0 {
		wait = max(time.Second, min(time.UnixMilli(next).Sub(now), longestRest))
	}
	if came.byDay {
		const day = 24 * time.Hour
		midnight := now.UTC().Truncate(day).Add(day).Sub(now)
		if wait == 0 || midnight < wait {
			wait = midnight
		}
	}
	return wait
}

// retried is the failure that another try may mend: not a mistake of the user's, and not a
// segment that is waited for.
func retried(failure error) error {
	var problem *loyalty.Problem
	var missing *store.MissingSegmentError
	if errors.As(failure, &problem) || errors.As(failure, &missing) {
		return nil
	}
	return failure
}
