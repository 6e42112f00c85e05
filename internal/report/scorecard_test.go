package report

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/scorecard"
	"github.com/fairlead/fairlead/internal/store"
)

func someCard() Scorecard {
	return Scorecard{Rule: "win-back", Objective: "Recover", Digits: 2, Card: scorecard.Card{
		Days: 90, Runs: 5, First: time.Date(2026, 1, 2, 9, 0, 0, 0, time.UTC), Last: time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC), Matched: 1200, Recipients: 950,
		Dropped: map[string]int64{"NoConsent": 150, "Holdout": 100}, Sent: 940, Failed: 7, Skipped: 2, Unknown: 1, Unsubscribed: 3, Costs: []scorecard.Cost{{Currency: "GBP", Amount: "582.80"}},
		Compared: 3, Early: 1, Incomparable: 1, NextAt: time.Date(2026, 8, 30, 9, 0, 0, 0, time.UTC),
		Effect: store.Effect{
			Currency: "GBP", Unconverted: 2, Treated: store.EffectGroup{Customers: 900, Booked: 108, TookPart: 45, Revenue: 9_000_000, Squares: 1e12},
			HeldOut: store.EffectGroup{Customers: 100, Booked: 8, TookPart: 5, Revenue: 800_000, Squares: 2e11},
		},
	}}
}

func TestScorecardText(t *testing.T) {
	const want = `win-back: scorecard
Objective Recover
5 runs, 2 Jan 2026 to 1 Jun 2026

REACH
  Customers who matched    1,200
  Recipients                 950
    not: Holdout             100
    not: NoConsent           150

DELIVERY
  Sent                       940
  Failed                       7
  Skipped                      2
  Unknown                      1

RESPONSE
  Unsubscribed                 3

COST
  GBP                     582.80

EFFECT WITHIN 90 DAYS         WRITTEN TO   HELD OUT   DIFFERENCE       95 % INTERVAL
  Customers                          900        100
  Booked, points apart            12.0 %      8.0 %         +4.0        -3.3 to +8.5
  Took part, points apart          5.0 %      5.0 %          0.0        -6.3 to +3.3
  Revenue per customer, GBP       100.00      80.00       +20.00   -70.11 to +110.11

Compared: 3 runs. An interval that holds 0 does not tell the two apart.
Too early for 1 run: 90 days have not passed since. The next can be compared from 30 Aug 2026 on.
Left out: 1 run that held out nobody, wrote to nobody, or sent nothing to customers.
2 prices and invoices have no exchange rate: in no sum here.
`
	if got := someCard().Text(); got != want {
		t.Errorf("it says\n%s\nwant\n%s", got, want)
	}
	early := someCard()
	early.Card.Compared, early.Card.Effect, early.Card.Costs, early.Card.Incomparable = 0, store.Effect{}, nil, 0
	if got := early.Text(); !strings.HasSuffix(got, "\nCOST\n  Nothing declared            -\n\nEFFECT WITHIN 90 DAYS\n  Nothing can be compared yet.\n\nToo early for 1 run: 90 days have not passed since. The next can be compared from 30 Aug 2026 on.\n") {
		t.Errorf("too early it says\n%s", got)
	}
	alone := someCard()
	alone.Card.Effect.HeldOut = store.EffectGroup{}
	if got := alone.Text(); !strings.Contains(got, "\n  Booked, points apart                 -          -            -               -\n") {
		t.Errorf("of one group alone it says\n%s", got)
	}
	if got := (Scorecard{Rule: "new", Objective: "Retain"}).Text(); got != "new: scorecard\nObjective Retain\n\nThe rule has had no run yet.\n" {
		t.Errorf("of a new rule it says\n%s", got)
	}
}

func TestScorecardJSON(t *testing.T) {
	var out strings.Builder
	if err := someCard().Write(&out, "json"); err != nil {
		t.Fatal(err)
	}
	var read struct {
		Costs  []scorecard.Cost
		Effect struct {
			Treated, HeldOut int64
			Booked, Revenue  *compared
			NextAt           *time.Time
		}
	}
	if err := json.Unmarshal([]byte(out.String()), &read); err != nil {
		t.Fatal(err)
	}
	e := read.Effect
	if len(read.Costs) != 1 || e.Treated != 900 || e.HeldOut != 100 || e.Booked == nil || e.Booked.Treated != 0.12 || e.Revenue == nil || e.Revenue.Treated != 100 || *e.Revenue.Difference != 20 || e.NextAt == nil {
		t.Errorf("it says\n%s", out.String())
	}
	out.Reset()
	if err := (Scorecard{Rule: "new"}).Write(&out, "json"); err != nil || !strings.Contains(out.String(), `"booked": null`) || !strings.Contains(out.String(), `"costs": []`) || !strings.Contains(out.String(), `"nextAt": null`) {
		t.Errorf("of a new rule it says\n%s", out.String())
	}
}
