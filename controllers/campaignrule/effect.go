package campaignrule

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/measure"
	"github.com/fairlead/fairlead/internal/scorecard"
)

// measured remembers when the effect of rules was measured: facts come late, and the runs of years
// are read for it, so that once a day is enough. After a restart all are measured again.
type measured struct {
	mutex sync.Mutex
	of    map[types.NamespacedName]measurement
}

// measurement of a rule, on a day of UTC; next is when another run can be measured, zero for none.
type measurement struct {
	uid  types.UID
	day  time.Time
	next time.Time
}

// today is the measurement of a day, if there is one.
func (m *measured) today(name types.NamespacedName, uid types.UID, day time.Time) (found measurement, is bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	found = m.of[name]
	return found, found.uid == uid && found.day.Equal(day)
}

func (m *measured) remember(name types.NamespacedName, is measurement) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.of == nil {
		m.of = map[types.NamespacedName]measurement{}
	}
	m.of[name] = is
}

func (m *measured) forget(name types.NamespacedName) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	delete(m.of, name)
}

// look is when the rule is to be measured again because of time alone: on another day.
func (m measurement) look() time.Time {
	if tomorrow := m.day.AddDate(0, 0, 1); !m.next.IsZero() && m.next.Before(tomorrow) {
		return tomorrow
	}
	return m.next
}

// measure puts into the status what the rule brought, and says when time alone changes that.
func (p *pass) measure(ctx context.Context) (look time.Time, err error) {
	name := types.NamespacedName{Namespace: p.rule.Namespace, Name: p.rule.Name}
	day := p.now.UTC().Truncate(24 * time.Hour)
	if found, is := p.measured.today(name, p.rule.UID, day); is {
		return found.look(), nil
	}
	card, err := scorecard.Of(ctx, p.opened, p.prefix, scorecard.Days, p.now)
	if err != nil {
		return look, fmt.Errorf("measuring what the rule brought: %w", err)
	}
	p.rule.Status.Effect = effectOf(card)
	done := measurement{p.rule.UID, day, card.NextAt}
	p.measured.remember(name, done)
	return done.look(), nil
}

// effectOf is the short form of a scorecard; nil while there is nothing to compare.
func effectOf(card scorecard.Card) *crm.CampaignEffect {
	difference, present := measure.DifferenceOfShares(card.Booked())
	if !present {
		return nil
	}
	return &crm.CampaignEffect{
		Days: int32(card.Days), Treated: card.Effect.Treated.Customers, HeldOut: card.Effect.HeldOut.Customers, //nolint:gosec // it is scorecard.Days
		BookedDifference: decimal(difference.Value), Low: decimal(difference.Low), High: decimal(difference.High),
	}
}

// decimal has three digits after the point; what rounds to nothing has no sign.
func decimal(share float64) crm.Decimal {
	text := fmt.Sprintf("%.3f", share)
	if strings.Trim(text, "-0.") == "" {
		text = "0.000"
	}
	return crm.Decimal(text)
}

// sooner is the earlier of two moments, of which a zero one never comes.
func sooner(one, other time.Time) time.Time {
	if one.IsZero() || !other.IsZero() && other.Before(one) {
		return other
	}
	return one
}
