package outreach

import (
	"fmt"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// quietHours are those of a policy, ready to be asked.
type quietHours struct {
	spans []quietSpan
	// zones that were asked for, by name. One lane asks.
	zones map[string]*time.Location
	// unknown is the zone of whom none is known.
	unknown *time.Location
}

// quietSpan is a part of the day, in minutes since midnight as clocks show them.
type quietSpan struct {
	from, to int
	weekends bool
}

// mostQuiet is how far a quiet time is followed. What is quiet for longer never opens.
const mostQuiet = 8 * 24 * time.Hour

// newQuietHours makes a policy's ready; nil for none.
func newQuietHours(policy *Policy) (*quietHours, error) {
	if policy == nil || policy.Exempt || len(policy.QuietHours) == 0 {
		return nil, nil
	}
	unknown, err := time.LoadLocation(policy.DefaultTimeZone)
	if err != nil {
		return nil, fmt.Errorf("the plan's default time zone: %w", err)
	}
	quiet := &quietHours{zones: map[string]*time.Location{}, unknown: unknown}
	for _, hours := range policy.QuietHours {
		from, err := minuteOf(hours.From)
		if err != nil {
			return nil, err
		}
		to, err := minuteOf(hours.To)
		if err != nil {
			return nil, err
		}
		quiet.spans = append(quiet.spans, quietSpan{from, to, hours.WeekendsQuiet})
	}
	return quiet, nil
}

func minuteOf(at crm.TimeOfDay) (int, error) {
	if at == "" {
		return 0, nil
	}
	read, err := time.Parse("15:04", string(at))
	if err != nil {
		return 0, fmt.Errorf("the plan's quiet hours: %w", err)
	}
	return 60*read.Hour() + read.Minute(), nil
}

// opens tells whether it is quiet in a zone, and from when on it is not; zero if that is further
// away than anybody waits. It goes by what clocks show there: an hour that a change of clocks
// leaves out or repeats is quiet if its name is. A zone that nobody knows is that of whom none
// is known.
func (q *quietHours) opens(zone string, now time.Time) (quiet bool, at time.Time) {
	if q == nil {
		return false, now
	}
	location := q.zone(zone)
	if !q.isQuiet(now.In(location)) {
		return false, now
	}
	// A minute at a time: that knows nothing of when clocks change, and so is never wrong.
	for at = now.Truncate(time.Minute).Add(time.Minute); at.Sub(now) < mostQuiet; at = at.Add(time.Minute) {
		if !q.isQuiet(at.In(location)) {
			return true, at
		}
	}
	return true, time.Time{}
}

// FirstLeaves is when the first of what is left of a run may leave, or is over, at the earliest: not
// before now, and now where nothing is left.
func (p *Plan) FirstLeaves(now time.Time, rests []store.Rest) (first time.Time, err error) {
	quiet, err := newQuietHours(p.Policy)
	if err != nil || len(rests) == 0 {
		return now, err
	}
	for _, rest := range rests {
		at := now
		if from := time.UnixMilli(rest.NotBefore); from.After(at) {
			at = from
		}
		is, opens := quiet.opens(rest.TimeZone, at)
		switch {
		case is && opens.IsZero():
			at = at.Add(mostQuiet)
		case is:
			at = opens
		}
		if over := time.UnixMilli(rest.NotAfter + 1); rest.NotAfter > 0 && at.After(over) {
			at = over
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if first.Before(now) {
		first = now
	}
	return first, nil
}

func (q *quietHours) zone(name string) *time.Location {
	location := q.zones[name]
	if location == nil {
		var err error
		if location, err = time.LoadLocation(name); err != nil || name == "" {
			location = q.unknown
		}
		q.zones[name] = location
	}
	return location
}

// isQuiet tells whether a moment is, in the zone that it is in.
func (q *quietHours) isQuiet(at time.Time) bool {
	minute, day := 60*at.Hour()+at.Minute(), at.Weekday()
	for _, span := range q.spans {
		switch {
		case span.weekends && (day == time.Saturday || day == time.Sunday),
			span.from < span.to && span.from <= minute && minute < span.to,
			span.from > span.to && (span.from <= minute || minute < span.to):
			return true
		}
	}
	return false
}
