// Package due says which occurrences of a CampaignRule's trigger are due. It decides over
// values and has no clock: a controller passes what it observed, begins what is due, remembers
// the Count and looks again when the Plan says so.
//
// An occurrence is open from At until Until. It is begun then, or it is missed: never both, and
// never neither, whenever the looks are. What Until is depends on the trigger:
//
//   - schedule: the starting deadline after At, and at most the next time of the cron line. So of
//     several times within the deadline only the newest is begun, as a CronJob does it.
//   - exhibition: the starting deadline after At, which is taken from the dates as they stand.
//   - anniversary: the starting deadline after the last time zone of the world reached the hour.
//   - segment and fact: the starting deadline after the batch was due.
package due

import (
	"errors"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// enough is how many missed occurrences of a schedule or an anniversary one look counts, the
// newest of them, and how many names a batch may have: as a CronJob does not count on after a
// hundred. So a line of every minute costs no more after a year of absence than after two hours.
const enough = 100

// Suspended is what Count.Until is while a rule is suspended, so that a look after it is resumed
// knows of it.
var Suspended = time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC)

// Occurrence is one moment for which a rule is due.
type Occurrence struct {
	// Name is what follows the prefix and '/' in the key of the run, and spec.occurrence of its
	// Outreach: at most 136 characters of [A-Za-z0-9._:+-], the first of them no sign.
	Name string
	// At is when it is due first.
	At time.Time
	// Until is when it is too late to begin it.
	Until time.Time
	// Exhibition is the name of the Exhibition that it is about; "" for none.
	Exhibition string
	// Day of an anniversary, by the recipients' calendars; zero for other triggers.
	Day Day
	// Through is the last moment of what a batch holds: of that, whatever is not taken. Zero for
	// other triggers.
	Through time.Time
}

// Rule is what was observed of a CampaignRule.
type Rule struct {
	// Trigger as declared. What the API server fills in may be missing.
	Trigger crm.Trigger
	// Created is when the rule was: nothing is due that was over before.
	Created time.Time
	// Suspend makes nothing due.
	Suspend bool
	// Editions that there are in the store, of the series or of the name of an exhibition trigger
	// at least.
	Editions []Edition
	// Oldest is when the oldest transition or fact was recorded that triggers the rule, came after
	// its creation and is not taken yet. Zero for none, and while a run of the rule has begun and
	// not yet taken what it holds.
	Oldest time.Time
	// Counted is what the last Plan said; zero at the first look.
	Counted Count
}

// Count is what a caller remembers from look to look, without looking into it.
type Count struct {
	// Until is the moment up to which missed occurrences are counted. Those of exhibitions are
	// counted anew by every look: of them it is the moment from which on.
	Until time.Time
	// Missed occurrences that are counted.
	Missed int64
}

// Plan is what is to be done about a rule.
type Plan struct {
	// Due occurrences, oldest first: each is open and has no run. Of a schedule and of batches
	// there is one at most.
	Due []Occurrence
	// Late is a batch that is too late to begin; nil for none. What it holds has to be taken under
	// its name, without a run, in the transaction that remembers Counted.
	Late *Occurrence
	// Missed occurrences of the rule in all, for its status. Of exhibitions these are the
	// occurrences of the Exhibitions that there are, by the dates that they have: a show that
	// moves is counted once at most, and no more when it is begun after all.
	Missed int64
	// Counted is to be remembered before the next look, if it is another than that of the Rule.
	Counted Count
	// Next is when the next occurrence will be due, if nothing moves; zero if that is not known.
	Next time.Time
	// Look is when time alone will change the Plan; zero for never. Now, if there is a Late.
	Look time.Time
	// Over says why nothing can become due any more, unless the Exhibition changes.
	Over Over
}

// Over is why nothing of a rule about one Exhibition can become due any more.
type Over string

// What an Exhibition can be over by. A rule whose occurrence is open is not over.
const (
	// Concluded says that the day evaluateUntil has ended.
	Concluded Over = "Concluded"
	// Cancelled says that the Exhibition does not take place.
	Cancelled Over = "Cancelled"
)

// Candidates are the names that Find will ask known for: a few hundred at most. So a caller can
// ask the store once.
func Candidates(now time.Time, rule Rule) ([]string, error) {
	past, _, err := rule.occurrences(now)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(past))
	for _, o := range past {
		if !rule.isBatch() {
			names = append(names, o.Name)
			continue
		}
		names = append(names, batchNames(o.At.Add(-batchOf(rule.Trigger)))...)
	}
	return names, nil
}

// Find makes the plan of a rule. known says that the store or the cluster has a run of the rule's
// occurrence of that name. The error says that the trigger has Mistakes.
//
// Clocks that jump back make nothing due twice, since names do not depend on them.
func Find(now time.Time, rule Rule, known func(occurrence string) bool) (Plan, error) {
	past, next, err := rule.occurrences(now)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Next: next, Look: next, Counted: rule.Counted}
	missed, passed := int64(0), false
	for _, o := range past {
		if rule.isBatch() {
			o.Name = freeName(o, rule.Trigger, known)
		}
		has, open := known(o.Name), now.Before(o.Until)
		if !open && rule.counts(o) {
			passed = true
			if !has || rule.isBatch() {
				missed++
			}
		}
		switch {
		case open && !has:
			plan.Due = append(plan.Due, o)
			plan.Look = earliest(plan.Look, o.Until)
		case !open && rule.isBatch():
			plan.Late, plan.Look = &o, now
		}
	}
	plan.Over = rule.over(now, plan)
	rule.count(&plan, now, missed, passed)
	if rule.Suspend {
		return Plan{Missed: plan.Missed, Counted: plan.Counted, Over: plan.Over}, nil
	}
	return plan, nil
}

// occurrences that were due, oldest first, as far as they are open or not counted yet, and when
// the next is; zero if that is not known.
func (r Rule) occurrences(now time.Time) (past []Occurrence, next time.Time, err error) {
	switch t := r.Trigger; {
	case t.Schedule != nil:
		return r.scheduled(now)
	case t.Exhibition != nil:
		return r.exhibited(now)
	case t.Anniversary != nil:
		return r.yearly(now)
	case t.Segment != nil, t.Fact != nil:
		past, next = r.collected(now)
		return past, next, nil
	default:
		return nil, time.Time{}, errors.New("the trigger is none of schedule, exhibition, anniversary, segment and fact")
	}
}

// counts says whether an occurrence that is over is missed unless it has a run, and not counted
// already. Nothing that was over before the rule was resumed is missed.
func (r Rule) counts(o Occurrence) bool {
	if r.isBatch() {
		// Its things are not taken, so it was not counted, however old they are.
		return !r.Counted.Until.Equal(Suspended)
	}
	return o.Until.After(r.Counted.Until)
}

// count puts into the plan how many occurrences are missed, and what is to be remembered of it.
// Count.Until changes only where it must: to remember is to write.
func (r Rule) count(plan *Plan, now time.Time, missed int64, passed bool) {
	was := r.Counted.Until
	first, resumed := was.IsZero(), was.Equal(Suspended)
	switch {
	case r.Suspend && resumed:
	case r.Suspend:
		// What was missed before stays counted.
		if r.Trigger.Exhibition != nil && !first {
			plan.Counted.Missed += missed
		}
		plan.Counted.Until = Suspended
	case resumed:
		plan.Counted.Until = now
	case r.Trigger.Exhibition != nil:
		if first {
			plan.Counted.Until = time.UnixMilli(0)
		}
	case passed:
		plan.Counted.Missed += missed
		plan.Counted.Until = later(was, now)
	}
	plan.Missed = plan.Counted.Missed
	if r.Trigger.Exhibition != nil && !r.Suspend {
		plan.Missed += missed
	}
}

// Deadline is how long an occurrence may be begun after it is due.
func Deadline(trigger crm.Trigger) time.Duration {
	return seconds(trigger.StartingDeadlineSeconds, 3600)
}

// seconds that a field declares, or its default.
func seconds(declared, otherwise int64) time.Duration {
	if declared == 0 {
		declared = otherwise
	}
	return time.Duration(declared) * time.Second
}

// earliest of two moments that may be zero for never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
