package due

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// farthest is how many years a time of a cron line may lie ahead: a 29 February comes again after
// eight at most.
const farthest = 9

// anyStar is the bit by which the library marks a field that is a star.
const anyStar = 1 << 63

// line is a cron line in a time zone. It fires in each minute at which the clocks there match
// its fields: not at all where clocks are changed past it, and twice where they are set back
// over it.
//
// The library reads the line, as it does for a CronJob. Its search is not used: where clocks
// are changed at midnight or by half an hour, what it finds depends on where it begins, and what
// is due must not depend on when one looks. Elsewhere both find the same times.
type line struct {
	*cron.SpecSchedule
	zone *time.Location
}

// day is how much the clocks show of one.
const day = 24 * time.Hour

var errEvery = errors.New("@every counts from a moment that is not declared: write minute, hour, day of month, month and day of week")

// parseLine reads a cron line as a CronJob does, but for @every: its times would depend on when
// the rule was created, and a rule that is created again would send again.
func parseLine(text string, zone *time.Location) (line, error) {
	if strings.Contains(text, "TZ=") {
		return line{}, errors.New("it must not name a time zone: use timeZone")
	}
	parsed, err := cron.ParseStandard(text)
	if err != nil {
		return line{}, err
	}
	fields, is := parsed.(*cron.SpecSchedule)
	if !is {
		return line{}, errEvery
	}
	return line{fields, zone}, nil
}

// lineOf is the cron line of a trigger.
func lineOf(trigger crm.ScheduleTrigger) (line, error) {
	name := trigger.TimeZone
	if name == "" {
		name = "UTC"
	}
	zone, err := loadZone(name)
	if err != nil {
		return line{}, fmt.Errorf("loading the time zone of the schedule: %w", err)
	}
	parsed, err := parseLine(trigger.Cron, zone)
	if err != nil {
		return line{}, fmt.Errorf("reading the cron line %q: %w", trigger.Cron, err)
	}
	return parsed, nil
}

// onDay says whether the line fires on the day of a moment. As cron has it, day of month and day
// of week are alternatives unless one of them is a star.
func (l line) onDay(t time.Time) bool {
	ofMonth, ofWeek := l.Dom&(1<<uint(t.Day())) != 0, l.Dow&(1<<uint(t.Weekday())) != 0
	if l.Dom&anyStar != 0 || l.Dow&anyStar != 0 {
		return ofMonth && ofWeek
	}
	return ofMonth || ofWeek
}

// mismatch is how long the wrong month, day, hour or minute of a moment is; 0 where the line fires.
func (l line) mismatch(t time.Time) time.Duration {
	switch {
	case l.Month&(1<<uint(t.Month())) == 0:
		return time.Duration(dayOf(t).monthLength()) * day
	case !l.onDay(t):
		return day
	case l.Hour&(1<<uint(t.Hour())) == 0:
		return time.Hour
	case l.Minute&(1<<uint(t.Minute())) == 0:
		return time.Minute
	default:
		return 0
	}
}

// sinceBegin is what calendar and clocks have shown of the month, day, hour or minute of a moment.
func sinceBegin(t time.Time, of time.Duration) time.Duration {
	return (time.Duration(t.Day()-1)*day + time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute) % of
}

// next is the first time of the line after a moment; zero if there is none within nine years.
func (l line) next(after time.Time) time.Time {
	t := after.Truncate(time.Minute).Add(time.Minute).In(l.zone)
	for limit := t.AddDate(farthest, 0, 0); t.Before(limit); {
		wrong := l.mismatch(t)
		if wrong == 0 {
			return t.UTC()
		}
		then := t.Add(wrong - sinceBegin(t, wrong))
		// Clocks may be changed before.
		if _, change := t.ZoneBounds(); !change.IsZero() && change.Before(then) {
			then = change
		}
		t = then
	}
	return time.Time{}
}

// last is the last time of the line that is not after a moment, and after a floor; zero if
// there is none.
func (l line) last(upTo, floor time.Time) time.Time {
	t := upTo.Truncate(time.Minute).In(l.zone)
	for t.After(floor) {
		wrong := l.mismatch(t)
		if wrong == 0 {
			return t.UTC()
		}
		begins := t.Add(-sinceBegin(t, wrong))
		if change, _ := t.ZoneBounds(); begins.Before(change) {
			begins = change
		}
		t = begins.Add(-time.Minute)
	}
	return time.Time{}
}

// scheduled are the occurrences of a schedule. Their names are UTC minutes.
func (r Rule) scheduled(now time.Time) (past []Occurrence, next time.Time, err error) {
	fires, err := lineOf(*r.Trigger.Schedule)
	if err != nil {
		return nil, time.Time{}, err
	}
	next = fires.next(later(now, r.Created))
	following, missed := next, 0
	for at := fires.last(now, r.Created); !at.IsZero() && missed < enough; at = fires.last(at.Add(-time.Minute), r.Created) {
		until := earliest(following, at.Add(Deadline(r.Trigger)))
		if !now.Before(until) {
			if !until.After(r.Counted.Until) {
				break
			}
			missed++
		}
		past = append(past, Occurrence{Name: at.Format("2006-01-02T1504Z"), At: at, Until: until})
		following = at
	}
	slices.Reverse(past)
	return past, next, nil
}
