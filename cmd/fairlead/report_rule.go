package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fairlead/fairlead/internal/contract"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/report"
	"github.com/fairlead/fairlead/internal/scorecard"
)

// checkRule checks what is asked of a rule.
func (o *reportOptions) checkRule(given func(flag string) bool) error {
	switch {
	case given("week"):
		return usageError{errors.New("--week goes with --exhibition: a scorecard is of all runs of the rule")}
	case o.days < 1 || o.days > scorecard.MostDays:
		return usageError{fmt.Errorf("--days %d: want 1 to %d", o.days, scorecard.MostDays)}
	case !slices.Contains(report.ScorecardFormats, o.format):
		return usageError{fmt.Errorf("--format %q: of a rule want %s", o.format, strings.Join(report.ScorecardFormats, ", "))}
	}
	return nil
}

// score measures the rule, as of an instant.
func (o *reportOptions) score(ctx context.Context, s opened, now time.Time) (report.Scorecard, error) {
	card, err := scorecard.Of(ctx, s.Store, contract.RunKeyPrefix(o.campaign), o.days, now)
	if err != nil {
		return report.Scorecard{}, err
	}
	digits, _ := customer.MinorDigits(card.Effect.Currency)
	return report.Scorecard{Rule: o.campaign.Name, Objective: string(o.campaign.Spec.Objective), Digits: digits, Card: card}, nil
}
