package due

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/contract"
)

// Mistakes are those of a trigger that a person has to mend. editions are those that there are:
// as long as there is none that the trigger is about, it waits, and its anchor is not looked at.
func Mistakes(trigger crm.Trigger, editions []Edition) []contract.Mistake {
	switch {
	case trigger.Schedule != nil:
		return mistakesOfSchedule(*trigger.Schedule)
	case trigger.Exhibition != nil:
		return mistakesOfAnchor(*trigger.Exhibition, editions)
	default:
		return nil
	}
}

func mistakesOfSchedule(trigger crm.ScheduleTrigger) (found []contract.Mistake) {
	if _, err := loadZone(trigger.TimeZone); err != nil && trigger.TimeZone != "" {
		found = append(found, contract.Mistake{Field: "spec.trigger.schedule.timeZone", Reason: crm.ReasonInvalidTimeZone, Message: fmt.Sprintf(
			"unknown time zone %s: name a zone of the IANA time zone database, such as Europe/London", trigger.TimeZone)})
	}
	fires, err := parseLine(trigger.Cron, time.UTC)
	message := ""
	switch {
	case errors.Is(err, errEvery):
		message = fmt.Sprintf("the cron line %q has no times: %v", trigger.Cron, err)
	case err != nil:
		message = fmt.Sprintf("the cron line %q cannot be read: %v: write minute, hour, day of month, month and day of week, such as 0 9 * * 1", trigger.Cron, err)
	// From here on there is every day within the nine years that are looked through.
	case fires.next(time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC)).IsZero():
		message = fmt.Sprintf("the cron line %q never fires: no year has such a day: write another day of month or month", trigger.Cron)
	default:
		return found
	}
	return append(found, contract.Mistake{Field: "spec.trigger.schedule.cron", Reason: crm.ReasonInvalidSchedule, Message: message})
}

func mistakesOfAnchor(trigger crm.ExhibitionTrigger, editions []Edition) []contract.Mistake {
	anchors, about := []string{crm.AnchorOpens, crm.AnchorCloses}, 0
	for _, e := range editions {
		if !means(trigger, e) {
			continue
		}
		if !e.day(trigger.Anchor).IsZero() {
			return nil
		}
		about++
		if !e.RecruitFrom.IsZero() {
			anchors = append(anchors, crm.AnchorRecruitFrom)
		}
		if !e.EvaluateUntil.IsZero() {
			anchors = append(anchors, crm.AnchorEvaluateUntil)
		}
		anchors = slices.AppendSeq(anchors, maps.Keys(e.Milestones))
	}
	if about == 0 {
		return nil
	}
	slices.Sort(anchors)
	lacks := "no edition of the series " + string(trigger.Series) + " declares the day "
	if trigger.ExhibitionName != "" {
		lacks = "the Exhibition " + string(trigger.ExhibitionName) + " does not declare the day "
	}
	return []contract.Mistake{{Field: "spec.trigger.exhibition.anchor", Reason: crm.ReasonUnknownMilestone,
		Message: fmt.Sprintf("%s%s: declare it there, or name one of %s", lacks, trigger.Anchor, strings.Join(slices.Compact(anchors), ", "))}}
}
