// Package scorecard measures a CampaignRule by its runs: whom it reached, what became of the
// messages, what they cost, and what those who were written to did otherwise than those who
// were held out (map row I7).
package scorecard

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/measure"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// Days that an effect is looked for, unless told otherwise, and MostDays.
const (
	Days     = 90
	MostDays = 1095
)

// Card is the scorecard of a rule.
type Card struct {
	// Days after its freeze that a run's effect is looked for.
	Days int
	// Runs of the rule. The first and the last of them were frozen at First and Last.
	Runs        int
	First, Last time.Time
	// Matched customers, and Recipients who are written to, over all runs.
	Matched, Recipients int64
	// Dropped counts who is not written to, by reason.
	Dropped map[string]int64
	// Sent, Failed, Skipped and Unknown count messages.
	Sent, Failed, Skipped, Unknown int64
	// Unsubscribed are mailboxes that objected by what a run sent.
	Unsubscribed int64
	// Costs of what was sent, by currency.
	Costs []Cost

	// Compared are the runs whose effect is measured. Early are those of which fewer than Days
	// have passed, and NextAt is when the next of them can be compared; zero for none. Incomparable
	// are those that held out nobody or wrote to nobody, and those that sent nothing to customers.
	Compared, Early, Incomparable int
	NextAt                        time.Time
	// Effect of the runs that are compared.
	Effect store.Effect
}

// Cost is an amount of a currency, written with as many digits as it has: "12.50" of GBP.
type Cost struct {
	Currency string `json:"currency"`
	Amount   string `json:"amount"`
}

// Of measures the rule whose keys begin with a prefix, as of an instant.
func Of(ctx context.Context, s *store.Store, prefix string, days int, now time.Time) (card Card, err error) {
	runs, err := s.RunsOfRule(ctx, prefix)
	if err != nil {
		return card, err
	}
	card, compared, err := count(runs, days, now)
	if err != nil {
		return card, fmt.Errorf("measuring the rule %s: %w", prefix, err)
	}
	card.Effect, err = s.EffectOf(ctx, compared, days)
	return card, err
}

// count adds runs up, and gives those whose effect can be measured.
func count(runs []store.RuleRun, days int, now time.Time) (card Card, compared []int64, err error) {
	card = Card{Days: days, Runs: len(runs), Dropped: map[string]int64{}}
	costs := map[string]*big.Rat{}
	for _, run := range runs {
		plan, err := outreach.ParsePlan(run.Plan)
		if err != nil {
			return card, nil, fmt.Errorf("the run %s: %w", run.Key, err)
		}
		card.add(run)
		live := plan.Channel.Delivery == crm.DeliveryLive
		if plan.Cost != nil && plan.Channel.Delivery != crm.DeliveryDryRun {
			if err := addCost(costs, *plan.Cost, run.Sent); err != nil {
				return card, nil, fmt.Errorf("the run %s: %w", run.Key, err)
			}
		}
		through := time.UnixMilli(run.FrozenAt).UTC().AddDate(0, 0, days)
		switch {
		case !live || run.Recipients == 0 || run.Dropped[store.DroppedHoldout] == 0:
			card.Incomparable++
		case through.After(now):
			card.Early++
			if card.NextAt.IsZero() || through.Before(card.NextAt) {
				card.NextAt = through
			}
		case run.StartedAt == 0:
			card.Incomparable++
		default:
			card.Compared++
			compared = append(compared, run.ID)
		}
	}
	for _, currency := range slices.SortedFunc(maps.Keys(costs), cmp.Compare[string]) {
		digits, _ := customer.MinorDigits(currency)
		card.Costs = append(card.Costs, Cost{currency, costs[currency].FloatString(digits)})
	}
	return card, compared, nil
}

func (c *Card) add(run store.RuleRun) {
	frozen := time.UnixMilli(run.FrozenAt).UTC()
	if c.First.IsZero() {
		c.First = frozen
	}
	c.Last = frozen
	c.Matched += run.Matched
	c.Recipients += run.Recipients
	for reason, number := range run.Dropped {
		c.Dropped[reason] += number
	}
	c.Sent += run.Sent
	c.Failed += run.Failed
	c.Skipped += run.Skipped
	c.Unknown += run.Unknown
	c.Unsubscribed += run.Unsubscribed
}

// addCost adds what messages cost: one may cost less than the smallest coin.
func addCost(costs map[string]*big.Rat, each crm.Money, messages int64) error {
	amount, ok := new(big.Rat).SetString(string(each.Amount))
	if !ok {
		return fmt.Errorf("a message costs %q, which is no amount", each.Amount)
	}
	currency := string(each.Currency)
	if costs[currency] == nil {
		costs[currency] = new(big.Rat)
	}
	costs[currency].Add(costs[currency], amount.Mul(amount, new(big.Rat).SetInt64(messages)))
	return nil
}

// Booked are the shares that booked, of those written to and of those held out.
func (c Card) Booked() (treated, heldOut measure.Ratio) {
	return measure.Ratio{Part: c.Effect.Treated.Booked, Whole: c.Effect.Treated.Customers}, measure.Ratio{Part: c.Effect.HeldOut.Booked, Whole: c.Effect.HeldOut.Customers}
}

// TookPart are the shares that took part.
func (c Card) TookPart() (treated, heldOut measure.Ratio) {
	return measure.Ratio{Part: c.Effect.Treated.TookPart, Whole: c.Effect.Treated.Customers}, measure.Ratio{Part: c.Effect.HeldOut.TookPart, Whole: c.Effect.HeldOut.Customers}
}

// Revenue is what each customer brought, in the smallest unit of the reporting currency; empty
// while the store reports in none.
func (c Card) Revenue() (treated, heldOut measure.Sample) {
	if c.Effect.Currency == "" {
		return measure.Sample{}, measure.Sample{}
	}
	of := func(g store.EffectGroup) measure.Sample {
		return measure.Sample{Count: g.Customers, Sum: float64(g.Revenue), Squares: g.Squares}
	}
	return of(c.Effect.Treated), of(c.Effect.HeldOut)
}
