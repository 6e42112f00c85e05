// Package loyalty makes LoyaltyPrograms ready for a store, and says of their members what follows:
// a statement of points, the price of a booth, what a changed program would do.
package loyalty

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// Problem is why a program is refused: its user has to change it.
type Problem struct {
	// Field of the LoyaltyProgram, such as spec.accrual[referral].points.
	Field string
	// Reason that the condition gives.
	Reason string
	// Message says what is wrong and what to do.
	Message string
	// NeedsStore says that only a store could tell what is wrong, if anything.
	NeedsStore bool
}

func (p *Problem) Error() string { return p.Field + ": " + p.Message }

// everybody is who is eligible where nothing is declared.
const everybody = "true"

// Compile makes a program ready for a store that reports in a currency; with "" none is known.
// Errors are the first *Problem.
func Compile(name string, spec crm.LoyaltyProgramSpec, catalog audience.Catalog, currency string) (*store.Program, error) {
	program, problems := compile(name, spec, catalog, currency)
	if len(problems) > 0 {
		return nil, problems[0]
	}
	return program, nil
}

// Problems are all that is wrong with a program.
func Problems(spec crm.LoyaltyProgramSpec, catalog audience.Catalog, currency string) []*Problem {
	_, problems := compile("", spec, catalog, currency)
	return problems
}

func compile(name string, spec crm.LoyaltyProgramSpec, catalog audience.Catalog, currency string) (program *store.Program, problems []*Problem) {
	program = &store.Program{Name: name, Definition: definition(spec, catalog.CurrencyDigits), Rounding: roundingOf(spec), Terms: termsOf(spec)}
	if value := spec.PointValue; value != nil {
		if problem := checkValue(*value, currency); problem != nil {
			problems = append(problems, problem)
		}
	}
	where := string(spec.Eligible)
	if where == "" {
		where = everybody
	}
	if eligible, err := audience.Compile(where, catalog); err != nil {
		problems = append(problems, refused("spec.eligible", err))
	} else if slices.ContainsFunc(eligible.Segments(), store.IsTiers) {
		problems = append(problems, &Problem{Field: "spec.eligible", Reason: crm.ReasonInvalidExpression, Message: "tiers and points follow from who is a member, and cannot be asked for: leave customer.tier, customer.points and customer.pointsToNextTier out"})
	} else {
		program.Eligible, program.Asks = eligible.Predicate(), eligible.Segments()
	}
	for _, rule := range spec.Accrual {
		accrual, err := audience.CompileAccrual(string(rule.Fact), string(rule.Where), string(rule.Points), catalog)
		if err != nil {
			field := "points"
			var which *audience.AccrualError
			if errors.As(err, &which) {
				field = which.Field
			}
			problems = append(problems, refused(fmt.Sprintf("spec.accrual[%s].%s", rule.Name, field), err))
			continue
		}
		accrual.Rule = string(rule.Name)
		program.Accruals = append(program.Accruals, *accrual)
		program.Asks = append(program.Asks, accrual.Asks...)
	}
	slices.Sort(program.Asks)
	program.Asks = slices.Compact(program.Asks)
	return program, problems
}

func refused(field string, err error) *Problem {
	problem := &Problem{Field: field, Reason: crm.ReasonInvalidExpression, Message: err.Error()}
	var of *audience.Problem
	if errors.As(err, &of) {
		problem.Message, problem.NeedsStore = of.Error(), of.NeedsStore
	}
	return problem
}

func checkValue(value crm.Money, currency string) *Problem {
	if _, known := customer.MinorDigits(string(value.Currency)); !known {
		return &Problem{Field: "spec.pointValue", Reason: crm.ReasonUnknownCurrency, Message: fmt.Sprintf("%s is none of ISO 4217: name one that exists, such as EUR", value.Currency)}
	}
	if currency != "" && string(value.Currency) != currency {
		return &Problem{Field: "spec.pointValue", Reason: crm.ReasonCurrencyMismatch, Message: fmt.Sprintf("the amount is in %s, and the store reports in %s: state it in %[2]s", value.Currency, currency)}
	}
	return nil
}

// definition is a digest of what makes a program what it is. When it changes, tiers of before and
// after are not compared.
func definition(spec crm.LoyaltyProgramSpec, currencyDigits int) string {
	spec.Description, spec.Suspend = "", nil
	text, err := json.Marshal(spec)
	if err != nil {
		// It consists of texts and numbers, which can always be written.
		panic(err)
	}
	digest := sha256.Sum256(fmt.Appendf(text, " %d", currencyDigits))
	return hex.EncodeToString(digest[:16])
}

func roundingOf(spec crm.LoyaltyProgramSpec) store.Rounding {
	rounding := store.Rounding{Mode: store.RoundHalfUp}
	if declared := spec.Rounding; declared != nil {
		rounding.Decimals = int(declared.Decimals)
		if declared.Mode != "" {
			rounding.Mode = string(declared.Mode)
		}
	}
	return rounding
}

func termsOf(spec crm.LoyaltyProgramSpec) store.Terms {
	terms := store.Terms{GraceMonths: int(spec.DowngradeGraceMonths)}
	if spec.ExpireAfterMonths != nil {
		terms.ExpireAfterMonths = int(*spec.ExpireAfterMonths)
	}
	if spec.PointValue != nil {
		terms.PointValue = string(spec.PointValue.Amount)
	}
	for _, declared := range spec.Tiers {
		tier := store.Tier{Name: string(declared.Name), From: declared.FromPoints * store.PointUnits, BoothDiscountPercent: int64(declared.BoothDiscountPercent)}
		for _, benefit := range declared.Benefits {
			tier.Benefits = append(tier.Benefits, string(benefit))
		}
		terms.Tiers = append(terms.Tiers, tier)
	}
	return terms
}
