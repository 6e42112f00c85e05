// Package scorecard measures a CampaignRule by its runs: whom it reached, what became of the
// messages, what they cost, and what those who were written to did otherwise than those who
// were held out (map row I7).
package scorecard

import (
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
func Of(ctx context.Context, s *store.Store, prefix string, days int, now time.Time) (Card, error) {
	c := newCounting(days, now)
	if err := s.RunsOfRule(ctx, prefix, c.take); err != nil {
		return c.Card, err
	}
	c.finish()
	var err error
	c.Effect, err = s.EffectOf(ctx, c.compared, days)
	return c.Card, err
}

// counting adds runs up.
type counting struct {
	Card
	now time.Time
	// compared are the runs whose effect can be measured.
	compared []int64
	costs    map[string]*big.Rat
}

func newCounting(days int, now time.Time) *counting {
	return &counting{Card: Card{Days: days, Dropped: map[string]int64{}}, now: now, costs: map[string]*big.Rat{}}
}

func (c *counting) take(run store.RuleRun) error {
	plan, err := outreach.ParsePlan(run.Plan)
	if err != nil {
		return fmt.Errorf("the run %s: %w", run.Key, err)
	}
	c.add(run)
	if plan.Cost != nil && plan.Channel.Delivery != crm.DeliveryDryRun {
		if err := c.pay(*plan.Cost, run.Sent); err != nil {
			return fmt.Errorf("the run %s: %w", run.Key, err)
		}
	}
	through := time.UnixMilli(run.FrozenAt).UTC().AddDate(0, 0, c.Days)
	switch {
	case plan.Channel.Delivery != crm.DeliveryLive || run.Recipients == 0 || run.Dropped[store.DroppedHoldout] == 0:
		c.Incomparable++
	case through.After(c.now):
		c.Early++
		if c.NextAt.IsZero() || through.Before(c.NextAt) {
			c.NextAt = through
		}
	case run.StartedAt == 0:
		c.Incomparable++
	default:
		c.Compared++
		c.compared = append(c.compared, run.ID)
	}
	return nil
}

// finish writes costs down.
func (c *counting) finish() {
	for _, currency := range slices.Sorted(maps.Keys(c.costs)) {
		digits, _ := customer.MinorDigits(currency)
		c.Costs = append(c.Costs, Cost{currency, c.costs[currency].FloatString(digits)})
	}
}

func (c *Card) add(run store.RuleRun) {
	c.Runs++
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

// pay adds what messages cost: one may cost less than the smallest coin.
func (c *counting) pay(each crm.Money, messages int64) error {
	amount, ok := new(big.Rat).SetString(string(each.Amount))
	if !ok {
		return fmt.Errorf("a message costs %q, which is no amount", each.Amount)
	}
	currency := string(each.Currency)
	if c.costs[currency] == nil {
		c.costs[currency] = new(big.Rat)
	}
	c.costs[currency].Add(c.costs[currency], amount.Mul(amount, new(big.Rat).SetInt64(messages)))
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
