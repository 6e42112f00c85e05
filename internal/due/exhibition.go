package due

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// evaluationDays is how long an Exhibition is evaluated where it does not say.
const evaluationDays = 90

// Edition is an Exhibition as a rule refers to it.
type Edition struct {
	// Exhibition is the object's name.
	Exhibition string
	// Series that it is an edition of.
	Series crm.SeriesName
	// Zone of the venue.
	Zone *time.Location
	// RecruitFrom, Opens, Closes and EvaluateUntil are its days; zero if there is none.
	RecruitFrom, Opens, Closes, EvaluateUntil Day
	// Milestones are further days, by name.
	Milestones map[string]Day
	// Cancelled says that it does not take place, or that the object is being deleted.
	Cancelled bool
}

// EditionOf is what an Exhibition declares. The error says that it is not in order, and its own
// status says so as well: unknown time zone, or a date that the API server would not have let in.
func EditionOf(exhibition *crm.Exhibition) (Edition, error) {
	spec := exhibition.Spec
	zone, err := loadZone(spec.Venue.TimeZone)
	if err != nil {
		return Edition{}, fmt.Errorf("loading the time zone of the Exhibition %s: %w", exhibition.Name, err)
	}
	e := Edition{Exhibition: exhibition.Name, Series: spec.Series, Zone: zone, Milestones: map[string]Day{}, Cancelled: exhibition.DeletionTimestamp != nil}
	type field struct {
		name string
		date crm.Date
		keep func(Day)
	}
	fields := []field{
		{"recruitFrom", spec.RecruitFrom, func(d Day) { e.RecruitFrom = d }},
		{"opens", spec.Opens, func(d Day) { e.Opens = d }},
		{"closes", spec.Closes, func(d Day) { e.Closes, e.EvaluateUntil = d, d.Plus(evaluationDays) }},
		{"evaluateUntil", spec.EvaluateUntil, func(d Day) { e.EvaluateUntil = d }},
	}
	for _, m := range spec.Milestones {
		fields = append(fields, field{"milestones", m.Date, func(d Day) { e.Milestones[string(m.Name)] = d }})
	}
	for _, f := range fields {
		if f.date == "" {
			continue
		}
		day, err := parseDay(f.date)
		if err != nil {
			return Edition{}, fmt.Errorf("spec.%s of the Exhibition %s: %w", f.name, exhibition.Name, err)
		}
		f.keep(day)
	}
	return e, nil
}

// day of an anchor; zero if the edition does not have it.
func (e Edition) day(anchor crm.EntryName) Day {
	switch anchor {
	case crm.AnchorRecruitFrom:
		return e.RecruitFrom
	case crm.AnchorOpens:
		return e.Opens
	case crm.AnchorCloses:
		return e.Closes
	case crm.AnchorEvaluateUntil:
		return e.EvaluateUntil
	default:
		return e.Milestones[string(anchor)]
	}
}

// ends is when the last day of the edition has ended.
func (e Edition) ends() time.Time {
	closed, evaluated := e.Closes.Plus(1).at(0, e.Zone), time.Time{}
	if !e.EvaluateUntil.IsZero() {
		evaluated = e.EvaluateUntil.Plus(1).at(0, e.Zone)
	}
	return later(closed, evaluated)
}

// means says whether a trigger is about an edition.
func means(trigger crm.ExhibitionTrigger, e Edition) bool {
	if trigger.ExhibitionName != "" {
		return e.Exhibition == string(trigger.ExhibitionName)
	}
	return e.Series == trigger.Series
}

// exhibited are the occurrences about exhibitions. A name has no date, so that a show that moves
// is not told of twice.
//
// An edition that had ended before the rule was created is history, unless its occurrence was
// still to come or open then.
func (r Rule) exhibited(now time.Time) (past []Occurrence, next time.Time, err error) {
	trigger := *r.Trigger.Exhibition
	clock, err := parseTimeOfDay(trigger.At)
	if err != nil {
		return nil, time.Time{}, err
	}
	for _, e := range r.Editions {
		day := e.day(trigger.Anchor)
		if !means(trigger, e) || e.Cancelled || day.IsZero() {
			continue
		}
		at := day.Plus(int(trigger.OffsetDays)).at(clock, e.Zone).UTC()
		until := at.Add(Deadline(r.Trigger))
		switch {
		case !e.ends().After(r.Created) && !until.After(r.Created):
		case at.After(now):
			next = earliest(next, at)
		default:
			past = append(past, Occurrence{
				Name: fmt.Sprintf("%s.%s%+d", e.Exhibition, trigger.Anchor, trigger.OffsetDays),
				At:   at, Until: until, Exhibition: e.Exhibition,
			})
		}
	}
	slices.SortFunc(past, func(a, b Occurrence) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Name, b.Name)) })
	return past, next, nil
}

// over says why nothing can become due any more of a rule about one Exhibition.
func (r Rule) over(now time.Time, plan Plan) Over {
	if r.Trigger.Exhibition == nil || r.Trigger.Exhibition.ExhibitionName == "" {
		return ""
	}
	for _, e := range r.Editions {
		switch {
		case !means(*r.Trigger.Exhibition, e):
		case e.Cancelled:
			return Cancelled
		case !e.ends().After(now) && len(plan.Due) == 0 && plan.Next.IsZero():
			return Concluded
		}
	}
	return ""
}
