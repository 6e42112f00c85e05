package scorecard

import (
	"fmt"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// ran is a run of a rule that was frozen so many days ago.
func ran(t *testing.T, id int64, daysAgo int, change func(*store.RuleRun, *outreach.Plan)) store.RuleRun {
	t.Helper()
	plan := outreach.Plan{Messages: []crm.Message{{Locale: "en"}}, Window: 1, Attempts: 1, Channel: outreach.Channel{Delivery: crm.DeliveryLive, MessagesPerSecond: 1}}
	frozen := now.AddDate(0, 0, -daysAgo).UnixMilli()
	run := store.RuleRun{ID: id, FrozenAt: frozen, StartedAt: frozen + 1, Matched: 10, Recipients: 6, Dropped: map[string]int64{store.DroppedHoldout: 1, store.DroppedNoConsent: 3}, Sent: 4, Failed: 1, Skipped: 1, Unsubscribed: 2}
	if change != nil {
		change(&run, &plan)
	}
	text, err := plan.Text()
	if err != nil {
		t.Fatal(err)
	}
	run.Plan = text
	return run
}

var now = time.Date(2026, 7, 21, 9, 0, 0, 0, time.UTC)

func TestCount(t *testing.T) {
	costs := func(amount crm.Decimal, currency crm.CurrencyCode) func(*store.RuleRun, *outreach.Plan) {
		return func(_ *store.RuleRun, p *outreach.Plan) { p.Cost = &crm.Money{Amount: amount, Currency: currency} }
	}
	c := newCounting(90, now)
	for _, run := range []store.RuleRun{
		ran(t, 1, 400, costs("0.005", "GBP")), ran(t, 2, 90, costs("0.62", "GBP")),
		ran(t, 3, 300, costs("7", "JPY")),
		// Nobody was held out, or written to; nobody heard it.
		ran(t, 4, 300, func(r *store.RuleRun, _ *outreach.Plan) { delete(r.Dropped, store.DroppedHoldout) }),
		ran(t, 5, 300, func(r *store.RuleRun, _ *outreach.Plan) { r.Recipients = 0 }),
		ran(t, 6, 300, func(r *store.RuleRun, _ *outreach.Plan) { r.StartedAt = 0 }),
		ran(t, 7, 300, func(_ *store.RuleRun, p *outreach.Plan) {
			p.Channel.Delivery, p.Cost = crm.DeliveryDryRun, &crm.Money{Amount: "100", Currency: "GBP"}
		}),
		ran(t, 8, 1, func(_ *store.RuleRun, p *outreach.Plan) { p.Channel.Delivery = crm.DeliveryRedirect }),
		ran(t, 9, 89, nil), ran(t, 10, 20, nil),
	} {
		if err := c.take(run); err != nil {
			t.Fatal(err)
		}
	}
	c.finish()
	card := c.Card
	if fmt.Sprint(c.compared) != "[1 2 3]" || card.Compared != 3 || card.Early != 2 || card.Incomparable != 5 || !card.NextAt.Equal(now.AddDate(0, 0, 1)) {
		t.Errorf("compared are %v: %+v", c.compared, card)
	}
	if got := fmt.Sprint(card.Costs); got != "[{GBP 2.50} {JPY 28}]" {
		t.Errorf("the costs are %s", got)
	}
	if card.Runs != 10 || card.Matched != 100 || card.Recipients != 54 || card.Sent != 40 || card.Failed != 10 || card.Skipped != 10 || card.Unsubscribed != 20 ||
		card.Dropped[store.DroppedNoConsent] != 30 || card.Dropped[store.DroppedHoldout] != 9 || !card.First.Equal(now.AddDate(0, 0, -400)) || !card.Last.Equal(now.AddDate(0, 0, -20)) {
		t.Errorf("the card is %+v", card)
	}
	if err := c.take(store.RuleRun{Key: "a/b", Plan: "{}"}); err == nil {
		t.Error("a run without a plan is counted")
	}
}

func TestRevenueWithoutCurrency(t *testing.T) {
	card := Card{Effect: store.Effect{Treated: store.EffectGroup{Customers: 3, Booked: 1, Revenue: 5}, HeldOut: store.EffectGroup{Customers: 2}}}
	if treated, held := card.Revenue(); treated.Count+held.Count != 0 {
		t.Errorf("without a currency there is revenue: %v, %v", treated, held)
	}
	card.Effect.Currency = "GBP"
	if treated, held := card.Revenue(); treated.Count != 3 || treated.Sum != 5 || held.Count != 2 {
		t.Errorf("revenue is %v, %v", treated, held)
	}
}
