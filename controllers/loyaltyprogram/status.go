package loyaltyprogram

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/loyalty"
	"github.com/fairlead/fairlead/internal/store"
)

// observed is what a pass looks at beside the LoyaltyProgram itself.
type observed struct {
	// store that the spec names; nil while it does not exist.
	store *crm.CustomerStore
	// segments of the same store.
	segments []crm.CustomerSegment
	// failure kept the pass from seeing everything.
	failure error
}

// outcome is what became of an accrual.
type outcome struct {
	accrued store.Accrued
	// figures after it; nil where it failed.
	figures *store.LoyaltyFigures
	// byDay says that who is a member may be another one tomorrow.
	byDay   bool
	failure error
}

// blocked says why a program cannot be carried out, if so: for what is declared alone.
func blocked(program *crm.LoyaltyProgram, seen observed) *contract.Verdict {
	switch {
	case ptr.Deref(program.Spec.Suspend, false):
		return new(contract.Ready(crm.ReasonSuspended, "Suspended: points and tiers stay as they are until spec.suspend is removed."))
	case seen.failure != nil:
		return new(contract.Waiting(crm.ReasonFailed, seen.failure.Error()))
	}
	if way := cycle(program, seen.segments); way != nil {
		return circular(program, way)
	}
	switch {
	case seen.store == nil:
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the CustomerStore %s, which does not exist yet.", program.Spec.StoreName)))
	case !contract.IsReady(seen.store.Status.ObservedStatus):
		return new(contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the CustomerStore %s to become ready.", program.Spec.StoreName)))
	}
	return nil
}

func circular(program *crm.LoyaltyProgram, way []string) *contract.Verdict {
	return new(contract.Stalled(crm.ReasonReferenceCycle, fmt.Sprintf(
		"It asks in a circle: %s asks for %s, which asks for the tiers or points of %[1]s. Take one customer.inSegment, customer.tier, customer.points or customer.pointsToNextTier out.", program.Name, strings.Join(way, ", which asks for "))))
}

// statusOf gives the status that a program should have after an accrual.
func statusOf(now time.Time, program *crm.LoyaltyProgram, declared *crm.CustomerStore, came outcome) crm.LoyaltyProgramStatus {
	status := *program.Status.DeepCopy()
	if came.figures != nil {
		state(&status, program.Spec, string(declared.Spec.ReportingCurrency), *came.figures)
	}
	verdict := verdictOf(came)
	verdict.Apply(&status.ObservedStatus, program.Generation, now)
	return status
}

// state says the figures in a status.
func state(status *crm.LoyaltyProgramStatus, spec crm.LoyaltyProgramSpec, currency string, f store.LoyaltyFigures) {
	status.Members, status.Unearned, status.Overdrawn = &f.Members, &f.Unearned, &f.Overdrawn
	status.Tiers = nil
	var sizes []string
	for _, tier := range spec.Tiers {
		members := f.Tiers[string(tier.Name)]
		status.Tiers = append(status.Tiers, crm.TierStatus{Name: tier.Name, Members: members})
		sizes = append(sizes, fmt.Sprintf("%s %d", tier.Name, members))
	}
	status.Sizes = strings.Join(sizes, ", ")
	status.PointsOutstanding, status.PointsIssued = crm.Decimal(store.PointsText(f.Outstanding)), crm.Decimal(store.PointsText(f.Earned+f.Adjusted))
	status.PointsRedeemed, status.PointsExpired = crm.Decimal(store.PointsText(f.Redeemed)), crm.Decimal(store.PointsText(f.Expired))
	status.Liability = nil
	if spec.PointValue != nil {
		digits, _ := customer.MinorDigits(currency)
		status.Liability = &crm.Money{Amount: crm.Decimal(loyalty.Worth(f.Outstanding, string(spec.PointValue.Amount), digits)), Currency: spec.PointValue.Currency}
	}
}

func verdictOf(came outcome) contract.Verdict {
	var problem *loyalty.Problem
	var missing *store.MissingSegmentError
	switch {
	case errors.As(came.failure, &problem):
		return contract.Stalled(problem.Reason, problem.Error())
	case errors.As(came.failure, &missing):
		return contract.Waiting(crm.ReasonReferenceNotReady, fmt.Sprintf("Waiting for the CustomerSegment %s to be evaluated.", missing.Name))
	case came.failure != nil:
		return contract.Waiting(crm.ReasonFailed, "The points could not be brought up to date: "+came.failure.Error())
	default:
		return contract.Ready(crm.ReasonReady, "Points and tiers follow the facts"+hollow(*came.figures)+".")
	}
}

// hollow says what a person should look at.
func hollow(f store.LoyaltyFigures) string {
	text := ""
	if f.Unearned > 0 {
		text += fmt.Sprintf("; %d facts earn nothing, for want of a value or of the dates of their edition", f.Unearned)
	}
	if f.Overdrawn > 0 {
		text += fmt.Sprintf("; %d members redeemed more than facts now say they earned", f.Overdrawn)
	}
	return text
}

// Mistakes are what is wrong with a program, beside the segments of its namespace. The store's
// attributes are not known.
func Mistakes(program *crm.LoyaltyProgram, segments []crm.CustomerSegment) []contract.Mistake {
	if way := cycle(program, segments); way != nil {
		return circular(program, way).Mistakes("spec")
	}
	return nil
}
