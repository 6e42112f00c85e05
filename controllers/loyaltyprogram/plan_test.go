package loyaltyprogram

import (
	"errors"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
)

// TestMoved: who asks for tiers or points is woken where anybody's may be others than after the last
// pass, and only then.
func TestMoved(t *testing.T) {
	figures := func(changed int64) *store.LoyaltyFigures { return &store.LoyaltyFigures{Changed: changed} }
	did := func(e store.Evaluated) store.Accrued { return store.Accrued{Evaluated: e} }
	for name, c := range map[string]struct {
		last *remembered
		came outcome
		want bool
	}{
		"nothing":                          {&remembered{figures: figures(3)}, outcome{figures: figures(3)}, false},
		"points changed":                   {&remembered{figures: figures(3)}, outcome{figures: figures(4)}, true},
		"somebody left":                    {&remembered{figures: figures(3)}, outcome{accrued: did(store.Evaluated{Left: 1}), figures: figures(3)}, true},
		"somebody moved":                   {&remembered{figures: figures(3)}, outcome{accrued: did(store.Evaluated{Moved: 1}), figures: figures(3)}, true},
		"another program by the same name": {&remembered{figures: figures(3)}, outcome{accrued: did(store.Evaluated{Baseline: true}), figures: figures(3)}, true},
		"nothing is known of before":       {nil, outcome{figures: figures(3)}, true},
		"the last pass failed":             {&remembered{}, outcome{figures: figures(3)}, true},
		"it fails":                         {&remembered{figures: figures(3)}, outcome{failure: errors.New("no")}, false},
		"it fails after somebody moved":    {&remembered{figures: figures(3)}, outcome{accrued: did(store.Evaluated{Entered: 1}), failure: errors.New("no")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := moved(c.last, c.came); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

// TestRest: a program looks again when time changes something, such as when points expire.
func TestRest(t *testing.T) {
	now := time.Date(2026, time.July, 21, 20, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		next  time.Time
		byDay bool
		want  time.Duration
	}{
		"never":                      {},
		"in an hour":                 {next: now.Add(time.Hour), want: time.Hour},
		"long from now":              {next: now.AddDate(2, 0, 0), want: 24 * time.Hour},
		"it is due":                  {next: now, want: time.Second},
		"it was due":                 {next: now.AddDate(0, 0, -3), want: time.Second},
		"by the day":                 {byDay: true, want: 4 * time.Hour},
		"by the day, and in an hour": {next: now.Add(time.Hour), byDay: true, want: time.Hour},
		"by the day, and in a month": {next: now.AddDate(0, 1, 0), byDay: true, want: 4 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			figures := &store.LoyaltyFigures{}
			if !c.next.IsZero() {
				figures.NextChange = c.next.UnixMilli()
			}
			if got := rest(now, outcome{figures: figures, byDay: c.byDay}); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}
