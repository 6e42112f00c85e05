package due

import (
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// isBatch says whether a run of the rule is about what was collected.
func (r Rule) isBatch() bool { return r.Trigger.Segment != nil || r.Trigger.Fact != nil }

// batchOf is how long a trigger collects; 0 if it does not.
func batchOf(trigger crm.Trigger) time.Duration {
	switch {
	case trigger.Segment != nil:
		return seconds(trigger.Segment.BatchSeconds, 300)
	case trigger.Fact != nil:
		return seconds(trigger.Fact.BatchSeconds, 300)
	default:
		return 0
	}
}

// collected is the batch that begins with the oldest thing that is not taken. If it is too late
// it holds whatever is too late by now, and what came after makes the next.
func (r Rule) collected(now time.Time) (past []Occurrence, next time.Time) {
	if r.Oldest.IsZero() {
		return nil, time.Time{}
	}
	collects, deadline := batchOf(r.Trigger), Deadline(r.Trigger)
	at := later(r.Oldest, r.Created).Add(collects)
	if at.After(now) {
		return nil, at
	}
	o := Occurrence{At: at, Until: at.Add(deadline), Through: now}
	if !now.Before(o.Until) {
		o.Through = now.Add(-collects - deadline)
	}
	o.Name = batchNames(at.Add(-collects))[0]
	return []Occurrence{o}, time.Time{}
}

// batchNames are those that a batch may have by when it began, in the order of preference. What
// was recorded for one second may come in two batches.
func batchNames(begins time.Time) []string {
	names := make([]string, enough)
	for i := range names {
		names[i] = begins.UTC().Add(time.Duration(i) * time.Second).Format("20060102T150405Z")
	}
	return names
}

// freeName is the first name of a batch that no run has. If all have one, the batch gets no run
// and is missed in the end.
func freeName(o Occurrence, trigger crm.Trigger, known func(string) bool) string {
	for _, name := range batchNames(o.At.Add(-batchOf(trigger))) {
		if !known(name) {
			return name
		}
	}
	return o.Name
}

// BatchName is that of the batch that began at a moment, unless another run has it.
func BatchName(begins time.Time) string { return batchNames(begins)[0] }
