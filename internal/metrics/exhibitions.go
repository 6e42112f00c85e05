package metrics

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// phases in the order of the cycle.
var phases = []crm.ExhibitionPhase{crm.PhasePlanned, crm.PhaseRecruiting, crm.PhaseOpen, crm.PhaseEvaluating, crm.PhaseConcluded}

// ofRole is a metric of every role that takes part.
func ofRole(name, help string, of func(crm.ParticipationStatus) (float64, bool)) family[*crm.Exhibition] {
	return family[*crm.Exhibition]{name: name, help: help, labels: []string{"role"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, p := range e.Status.Participation {
			if value, present := of(p); present {
				emit(value, string(p.Role))
			}
		}
	}}
}

// ofRetention is a metric of every role that took part in the previous edition.
func ofRetention(name, help string, of func(crm.RetentionStatus) (float64, bool)) family[*crm.Exhibition] {
	return family[*crm.Exhibition]{name: name, help: help, labels: []string{"role"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, r := range e.Status.Retention {
			if value, present := of(r); present {
				emit(value, string(r.Role))
			}
		}
	}}
}

// ofSatisfaction is a metric of the answers about an edition.
func ofSatisfaction(name, help string, of func(*crm.SatisfactionStatus) (float64, bool)) family[*crm.Exhibition] {
	return family[*crm.Exhibition]{name: name, help: help, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		if e.Status.Satisfaction == nil {
			return
		}
		if value, present := of(e.Status.Satisfaction); present {
			emit(value)
		}
	}}
}

// ofRolePace is a metric of how booking goes in every role.
func ofRolePace(name, help string, of func(crm.BookedStatus) (float64, bool)) family[*crm.Exhibition] {
	return family[*crm.Exhibition]{name: name, help: help, labels: []string{"role"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		if e.Status.BookingPace == nil {
			return
		}
		for _, p := range e.Status.BookingPace.Roles {
			if value, present := of(p.BookedStatus); present {
				emit(value, string(p.Role))
			}
		}
	}}
}

// ofHallPace is a metric of how booking goes in every hall.
func ofHallPace(name, help string, of func(crm.BookedStatus) (float64, bool)) family[*crm.Exhibition] {
	return family[*crm.Exhibition]{name: name, help: help, labels: []string{"hall"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		if e.Status.BookingPace == nil {
			return
		}
		for _, h := range e.Status.BookingPace.Halls {
			if value, present := of(h.BookedStatus); present {
				emit(value, h.Name)
			}
		}
	}}
}

var exhibitionFamilies = []family[*crm.Exhibition]{
	{name: "fairlead_exhibition_phase", help: "1 for the phase that the edition is in, 0 for the others.", labels: []string{"phase"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, phase := range phases {
			emit(truth(e.Status.Phase == phase), string(phase))
		}
	}},
	{name: "fairlead_exhibition_opens_timestamp_seconds", help: "Midnight in UTC that begins the first day.", each: func(e *crm.Exhibition, emit func(float64, ...string)) { emitDay(e.Spec.Opens, emit) }},
	{name: "fairlead_exhibition_closes_timestamp_seconds", help: "Midnight in UTC that begins the last day.", each: func(e *crm.Exhibition, emit func(float64, ...string)) { emitDay(e.Spec.Closes, emit) }},
	{
		name:  "fairlead_exhibition_figures_age_seconds",
		help:  "How long the figures below have not been brought up to date: since the Exhibition waits for its store, or they cannot be computed; 0 while they are kept.",
		since: figuresSince,
	},
	{name: "fairlead_exhibition_participants", help: "Customers by role and how they stand: enquired, contracted, attended, cancelled. Who attended is contracted too.", labels: []string{"role", "status"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, p := range e.Status.Participation {
			for _, standing := range []struct {
				name  string
				count int64
			}{{"enquired", p.Enquired}, {"contracted", p.Contracted}, {"attended", p.Attended}, {"cancelled", p.Cancelled}} {
				emit(float64(standing.count), string(p.Role), standing.name)
			}
		}
	}},
	ofRole("fairlead_exhibition_returning_participants", "Contracted customers who took part in the previous edition.", func(p crm.ParticipationStatus) (float64, bool) { return count(p.Returning) }),
	ofRole("fairlead_exhibition_reactivated_participants", "Contracted customers who took part in an earlier edition, and not in the previous.", func(p crm.ParticipationStatus) (float64, bool) { return count(p.Reactivated) }),
	ofRole("fairlead_exhibition_new_participants", "Contracted customers who took part in no earlier edition.", func(p crm.ParticipationStatus) (float64, bool) { return count(p.New) }),
	ofRole("fairlead_exhibition_rebooked_participants", "Contracted customers who are contracted for the next edition.", func(p crm.ParticipationStatus) (float64, bool) { return count(p.Rebooked) }),
	ofRole("fairlead_exhibition_area_square_metres", "Booth area of contracted customers.", func(p crm.ParticipationStatus) (float64, bool) { return decimal(p.AreaSquareMetres) }),
	ofRole("fairlead_exhibition_revenue", "Revenue after discount of contracted customers, in the reporting currency of the store.", func(p crm.ParticipationStatus) (float64, bool) { return decimal(p.Revenue) }),
	ofRetention("fairlead_exhibition_previous_participants", "Customers who took part in the previous edition.", func(r crm.RetentionStatus) (float64, bool) { return count(r.Previous) }),
	ofRetention("fairlead_exhibition_eligible_participants", "Customers who took part in the previous edition and could return: what retention is out of.", func(r crm.RetentionStatus) (float64, bool) { return count(r.Eligible) }),
	ofRetention("fairlead_exhibition_returned_participants", "Eligible customers who returned: the numerator of retention.", func(r crm.RetentionStatus) (float64, bool) { return count(r.Returned) }),
	ofRetention("fairlead_exhibition_retention_ratio", "Share of eligible customers who returned.", func(r crm.RetentionStatus) (float64, bool) { return decimal(r.Ratio) }),
	ofRetention("fairlead_exhibition_retention_target_ratio", "Share of eligible customers who are to return, as declared.", func(r crm.RetentionStatus) (float64, bool) { return decimal(r.Target) }),
	ofRetention("fairlead_exhibition_area_retention_ratio", "Area of the returned of the area that all eligible had.", func(r crm.RetentionStatus) (float64, bool) { return decimal(r.AreaRatio) }),
	ofRetention("fairlead_exhibition_revenue_retention_ratio", "Revenue after discount of the returned of that of all eligible.", func(r crm.RetentionStatus) (float64, bool) { return decimal(r.RevenueRatio) }),
	{
		name:   "fairlead_exhibition_answered_eligible_participants",
		help:   "Eligible customers who answered what they expected of the previous edition and what they got, by whether it met their expectations.",
		labels: []string{"satisfied"},
		each: func(e *crm.Exhibition, emit func(float64, ...string)) {
			if s := e.Status.Stayers; s != nil {
				emit(float64(s.Satisfied), "yes")
				emit(float64(s.Unsatisfied), "no")
			}
		},
	},
	{
		name: "fairlead_exhibition_answered_returned_participants", help: "Those of them who returned: satisfied is not the same as loyal.", labels: []string{"satisfied"},
		each: func(e *crm.Exhibition, emit func(float64, ...string)) {
			if s := e.Status.Stayers; s != nil {
				emit(float64(s.SatisfiedReturned), "yes")
				emit(float64(s.UnsatisfiedReturned), "no")
			}
		},
	},
	ofRolePace("fairlead_exhibition_booked_participants", "Customers booked by now; of lists counts what has a date.", func(b crm.BookedStatus) (float64, bool) { return count(b.Booked) }),
	ofRolePace("fairlead_exhibition_previous_booked_participants", "Customers booked for the previous edition at the same distance from its opening.", func(b crm.BookedStatus) (float64, bool) { return count(b.PreviousBooked) }),
	ofRolePace("fairlead_exhibition_previous_all_booked_participants", "Customers booked for the previous edition in the end.", func(b crm.BookedStatus) (float64, bool) { return count(b.PreviousBookedInTheEnd) }),
	ofRolePace("fairlead_exhibition_booked_area_square_metres", "Area booked by now.", func(b crm.BookedStatus) (float64, bool) { return decimal(b.AreaSquareMetres) }),
	ofRolePace("fairlead_exhibition_previous_booked_area_square_metres", "Area booked for the previous edition at the same distance from its opening.", func(b crm.BookedStatus) (float64, bool) { return decimal(b.PreviousAreaSquareMetres) }),
	ofHallPace("fairlead_exhibition_hall_booked_participants", "Customers booked into a hall by now.", func(b crm.BookedStatus) (float64, bool) { return count(b.Booked) }),
	ofHallPace("fairlead_exhibition_hall_previous_booked_participants", "Customers booked into the hall for the previous edition at the same distance from its opening.", func(b crm.BookedStatus) (float64, bool) { return count(b.PreviousBooked) }),
	ofHallPace("fairlead_exhibition_hall_booked_area_square_metres", "Area booked in a hall by now.", func(b crm.BookedStatus) (float64, bool) { return decimal(b.AreaSquareMetres) }),
	ofHallPace("fairlead_exhibition_hall_previous_booked_area_square_metres", "Area booked in the hall for the previous edition at the same distance from its opening.", func(b crm.BookedStatus) (float64, bool) { return decimal(b.PreviousAreaSquareMetres) }),
	ofSatisfaction("fairlead_exhibition_responses", "Who answered anything about the edition.", func(s *crm.SatisfactionStatus) (float64, bool) { return count(s.Responses) }),
	ofSatisfaction("fairlead_exhibition_net_promoter_score", "Share of promoters less that of detractors, from -100 to 100.", func(s *crm.SatisfactionStatus) (float64, bool) { return decimal(s.NetPromoterScore) }),
	ofSatisfaction("fairlead_exhibition_net_promoter_score_margin", "Half the 95 % interval of the net promoter score.", func(s *crm.SatisfactionStatus) (float64, bool) { return decimal(s.Margin) }),
	{name: "fairlead_exhibition_net_promoter_score_target", help: "Net promoter score that is to be reached, as declared.", each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		if target := e.Spec.Satisfaction; target != nil && target.NetPromoterScore != nil {
			emit(float64(*target.NetPromoterScore))
		}
	}},
	ofSatisfaction("fairlead_exhibition_satisfied_ratio", "Share of customers whose results met their expectations.", func(s *crm.SatisfactionStatus) (float64, bool) { return decimal(s.SatisfiedRatio) }),
	ofSatisfaction("fairlead_exhibition_satisfaction_gap", "Mean of perceived - expected, in points.", func(s *crm.SatisfactionStatus) (float64, bool) { return decimal(s.Gap) }),
	{name: "fairlead_exhibition_satisfaction_gap_target", help: "Satisfaction gap that is to be reached, as declared.", each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		if target := e.Spec.Satisfaction; target != nil {
			if value, present := decimal(target.MinimumGap); present {
				emit(value)
			}
		}
	}},
	{name: "fairlead_exhibition_dimension_satisfaction_gap", help: "Mean of perceived - expected in a dimension, in points.", labels: []string{"dimension"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		if e.Status.Satisfaction == nil {
			return
		}
		for _, d := range e.Status.Satisfaction.Dimensions {
			if value, present := decimal(d.Gap); present {
				emit(value, d.Name)
			}
		}
	}},
	{name: "fairlead_exhibition_complaints", help: "Complaints: all, those open, and those open beyond their time.", labels: []string{"state"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		if c := e.Status.Complaints; c != nil {
			emit(float64(c.Total), "all")
			emit(float64(c.Open), "open")
			emit(float64(c.Late), "late")
		}
	}},
	{name: "fairlead_exhibition_promised", help: "What was promised, by promise.", labels: []string{"promise"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, p := range e.Status.Promises {
			emit(float64(p.Promised), string(p.Name))
		}
	}},
	{name: "fairlead_exhibition_promise_actual", help: "What became of a promise.", labels: []string{"promise"}, each: func(e *crm.Exhibition, emit func(float64, ...string)) {
		for _, p := range e.Status.Promises {
			emit(float64(p.Actual), string(p.Name))
		}
	}},
}

func emitDay(day crm.Date, emit func(float64, ...string)) {
	if at, err := time.Parse(time.DateOnly, string(day)); err == nil {
		emit(float64(at.Unix()))
	}
}

// figuresSince is when the figures of an edition ceased to be kept up to date. Of one that is
// suspended they are meant to stay, and have no age.
func figuresSince(e *crm.Exhibition) (since time.Time, present bool) {
	ready := meta.FindStatusCondition(e.Status.Conditions, crm.ConditionReady)
	if len(e.Status.Participation) == 0 || ready == nil || ready.Reason == crm.ReasonSuspended {
		return time.Time{}, false
	}
	if ready.Reason == crm.ReasonReferenceNotReady || ready.Reason == crm.ReasonFailed {
		return ready.LastTransitionTime.Time, true
	}
	return time.Time{}, true
}
