package due

import (
	"slices"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// Where a day begins first and last: UTC+14 and UTC-12.
const (
	east = 14 * time.Hour
	west = 12 * time.Hour
)

// MonthDay is a day in any year.
type MonthDay struct {
	Month time.Month
	Day   int
}

// Birthdays are those that are kept on a day: its own, and on 28 February that of the 29th in a
// year without one.
func Birthdays(day Day) []MonthDay {
	kept := []MonthDay{{day.Month, day.Day}}
	if (day.Month == time.February && day.Day == 28) && day.Plus(1).Month == time.March {
		kept = append(kept, MonthDay{time.February, 29})
	}
	return kept
}

// Window is when the message of an anniversary may be sent to a recipient: from a time of day in
// its own zone, and not after the deadline. The error says that it is no time of day.
func Window(day Day, at crm.TimeOfDay, zone *time.Location, deadline time.Duration) (notBefore, notAfter time.Time, err error) {
	clock, err := parseTimeOfDay(at)
	if err != nil {
		return time.Time{}, time.Time{}, err
	}
	notBefore = day.at(clock, zone)
	return notBefore, notBefore.Add(deadline), nil
}

// yearly are the occurrences of an anniversary, one a day. A day is open from when clocks in the
// first zone of the world show the hour: each message waits for its recipient's.
func (r Rule) yearly(now time.Time) (past []Occurrence, next time.Time, err error) {
	clock, err := parseTimeOfDay(r.Trigger.Anniversary.At)
	if err != nil {
		return nil, time.Time{}, err
	}
	day := dayOf(now.UTC().Add(east - clock))
	next = day.Plus(1).at(clock, time.UTC).Add(-east)
	for missed := 0; missed < enough; day = day.Plus(-1) {
		hour := day.at(clock, time.UTC)
		until := hour.Add(west + Deadline(r.Trigger))
		if !until.After(r.Created) {
			break
		}
		if !now.Before(until) {
			if !until.After(r.Counted.Until) {
				break
			}
			missed++
		}
		past = append(past, Occurrence{Name: day.String(), At: hour.Add(-east), Until: until, Day: day})
	}
	slices.Reverse(past)
	return past, next, nil
}
