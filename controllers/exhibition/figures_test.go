package exhibition

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/measure"
)

// found is what was measured of an edition.
func found() *measure.Edition {
	sum := func(n int64) measure.Sum { return measure.Sum{Int64: n, Valid: true} }
	return &measure.Edition{
		Participation: []measure.Participation{
			{Role: "Exhibitor", Enquired: 4, Contracted: 300, Attended: 290, Cancelled: 5, Returning: 200, Reactivated: 40, New: 60, Rebooked: 20, OnSite: 10, Area: sum(1_234_56), Net: sum(9_000_01)},
			{Role: "Visitor", Contracted: 7, Attended: 7},
		},
		Retention: []measure.Retention{
			{Role: "Exhibitor", Previous: 410, Eligible: 400, Returned: 200, ByKey: 30, Area: measure.Ratio{Part: 3, Whole: 2}, Net: measure.Ratio{Part: 1, Whole: 3}},
			{Role: "Sponsor", Previous: 1, Eligible: 0},
		},
		Pace: measure.Pace{
			Roles: []measure.Booked{{Name: "Exhibitor", Now: 30, Then: 40, InTheEnd: 60, AreaNow: sum(1_50), AreaThen: sum(2_00), AreaInTheEnd: sum(9_00)}},
			Halls: []measure.Booked{{Name: strings.Repeat("é", 40), Now: 5}, {Name: strings.Repeat("é", 50), Now: 4}},
		},
		Satisfaction: measure.Satisfaction{
			Responses: 12, Recommendation: measure.Recommendation{Promoters: 5, Detractors: 2, Answers: 10}, Satisfied: measure.Ratio{Part: 8, Whole: 10},
			Gap: measure.Mean{Sum: -250, Count: 4}, Dimensions: []measure.Gap{{Name: strings.Repeat("é", 40), Customers: 3, Mean: measure.Mean{Sum: -100, Count: 3}}},
		},
		Complaints: measure.Complaints{Total: 3, Open: 2, Late: 1, Answered: measure.Ratio{Part: 1, Whole: 2}},
		Referrals:  measure.Ratio{Part: 1, Whole: 4},
		Stayers:    measure.Stayers{Satisfied: measure.Ratio{Part: 3, Whole: 5}, Unsatisfied: measure.Ratio{Part: 1, Whole: 2}},
	}
}

func TestState(t *testing.T) {
	spec := crm.ExhibitionSpec{
		Targets:  []crm.ParticipationTarget{{Role: crm.RoleExhibitor, Retention: "0.60"}},
		Promises: []crm.Promise{{Name: "visitors", Role: crm.RoleVisitor, Measure: crm.PromiseAttended, Promised: 10}, {Name: "area", Role: crm.RoleExhibitor, Measure: crm.PromiseAreaSquareMetres, Promised: 1_000}, {Name: "media", Role: crm.RoleMedia, Measure: crm.PromiseContracted, Promised: 1}},
	}
	var status crm.ExhibitionStatus
	state(found(), spec, 2, &status)
	for what, pair := range map[string][2]any{
		"participation": {status.Participation[0], crm.ParticipationStatus{Role: "Exhibitor", Enquired: 4, Contracted: 300, Attended: 290, Cancelled: 5, Returning: 200, Reactivated: 40, New: 60, Rebooked: 20, RebookedOnSite: 10, AreaSquareMetres: "1234.56", Revenue: "9000.01"}},
		"visitors":      {status.Participation[1], crm.ParticipationStatus{Role: "Visitor", Contracted: 7, Attended: 7}},
		"retention":     {status.Retention[0], crm.RetentionStatus{Role: "Exhibitor", Previous: 410, Eligible: 400, Returned: 200, MatchedByKey: 30, Lost: 200, Ratio: "0.5000", Target: "0.60", AreaRatio: "1.5000", RevenueRatio: "0.3333"}},
		"sponsors":      {status.Retention[1], crm.RetentionStatus{Role: "Sponsor", Previous: 1}},
		"pace":          {status.BookingPace.Roles, []crm.RolePaceStatus{{Role: "Exhibitor", BookedStatus: crm.BookedStatus{Booked: 30, PreviousBooked: 40, PreviousBookedInTheEnd: 60, AreaSquareMetres: "1.50", PreviousAreaSquareMetres: "2.00"}}}},
		"halls":         {status.BookingPace.Halls, []crm.HallPaceStatus{{Name: strings.Repeat("é", 31), BookedStatus: crm.BookedStatus{Booked: 5}}}},
		"complaints":    {*status.Complaints, crm.ComplaintsStatus{Total: 3, Open: 2, Late: 1, AnsweredInTime: "0.5000"}},
		"stayers":       {*status.Stayers, crm.StayersStatus{Satisfied: 5, SatisfiedReturned: 3, Unsatisfied: 2, UnsatisfiedReturned: 1}},
		"referrals":     {*status.Referrals, crm.ReferralsStatus{Recommended: 4, Contracted: 1}},
		"promises":      {fmt.Sprint(status.Promises), "[{visitors 10 7} {area 1000 1234} {media 1 0}]"},
	} {
		if fmt.Sprint(pair[0]) != fmt.Sprint(pair[1]) {
			t.Errorf("%s: %+v, want %+v", what, pair[0], pair[1])
		}
	}
	s := *status.Satisfaction
	if s.NetPromoterScore != "30.0" || s.Margin != "42.1" || s.SatisfiedRatio != "0.8000" || s.SatisfiedFrom != "0.4902" || s.SatisfiedTo != "0.9433" || s.Gap != "-0.63" {
		t.Errorf("satisfaction is %+v", s)
	}
	if d := s.Dimensions[0]; len(d.Name) > longestName || d.Name != strings.Repeat("é", 31) || d.Gap != "-0.33" || d.Responses != 3 {
		t.Errorf("the dimension is %+v", d)
	}
	state(&measure.Edition{}, crm.ExhibitionSpec{}, 2, &status)
	if status.Participation != nil || status.Retention != nil || status.Satisfaction != nil || status.Complaints != nil || status.Referrals != nil || status.Promises != nil || status.BookingPace != nil || status.Stayers != nil {
		t.Errorf("of an edition without anybody the status is %+v", status)
	}
}

func TestTargets(t *testing.T) {
	var status crm.ExhibitionStatus
	state(found(), crm.ExhibitionSpec{}, 2, &status)
	of := func(target crm.ParticipationTarget, satisfaction *crm.SatisfactionTarget) crm.ExhibitionSpec {
		target.Role = crm.RoleExhibitor
		return crm.ExhibitionSpec{Targets: []crm.ParticipationTarget{target}, Satisfaction: satisfaction}
	}
	for what, test := range map[string]struct {
		spec   crm.ExhibitionSpec
		phase  crm.ExhibitionPhase
		status metav1.ConditionStatus
		reason string
		words  string
	}{
		"all just reached":                {of(crm.ParticipationTarget{Participants: ptr.To[int64](300), AreaSquareMetres: ptr.To[int64](1_234), Retention: "0.5"}, &crm.SatisfactionTarget{NetPromoterScore: ptr.To[int32](30), MinimumGap: "-0.63"}), crm.PhaseConcluded, metav1.ConditionTrue, crm.ReasonTargetsReached, "All 5 targets"},
		"one short, and it is over":       {of(crm.ParticipationTarget{Participants: ptr.To[int64](301), Retention: "0.5"}, nil), crm.PhaseEvaluating, metav1.ConditionFalse, crm.ReasonTargetsMissed, "exhibitor participants 300 of 301."},
		"one short, and still to come":    {of(crm.ParticipationTarget{Retention: "0.51"}, nil), crm.PhaseOpen, metav1.ConditionUnknown, crm.ReasonTargetsAhead, "exhibitor retention 0.5000 of 0.51."},
		"satisfaction below":              {of(crm.ParticipationTarget{}, &crm.SatisfactionTarget{MinimumGap: "-0.3"}), crm.PhaseConcluded, metav1.ConditionFalse, crm.ReasonTargetsMissed, "satisfaction gap -0.63 of -0.3."},
		"nothing known of another role":   {crm.ExhibitionSpec{Targets: []crm.ParticipationTarget{{Role: crm.RoleMedia, Retention: "0.1"}}}, crm.PhaseConcluded, metav1.ConditionFalse, crm.ReasonTargetsMissed, "media retention not known yet of 0.1."},
		"area of a role that has no area": {crm.ExhibitionSpec{Targets: []crm.ParticipationTarget{{Role: crm.RoleVisitor, AreaSquareMetres: ptr.To[int64](1)}}}, crm.PhasePlanned, metav1.ConditionUnknown, crm.ReasonTargetsAhead, "visitor area 0 of 1."},
	} {
		got, reason, message := verdictOnTargets(targetsOf(test.spec, &status), test.phase)
		if got != test.status || reason != test.reason || !strings.Contains(message, test.words) {
			t.Errorf("%s: %s %s %q", what, got, reason, message)
		}
	}
}

func TestLookedAtAgain(t *testing.T) {
	now := time.Date(2026, 7, 20, 23, 30, 0, 0, time.FixedZone("west", -3*3600))
	midnight := time.Date(2026, 7, 22, 0, 0, 0, 0, time.UTC)
	if got := lookedAtAgain(now, crm.PhaseOpen, true); !got.Equal(midnight) {
		t.Errorf("it is looked at again at %v", got)
	}
	if !lookedAtAgain(now, crm.PhaseConcluded, true).IsZero() || !lookedAtAgain(now, crm.PhaseOpen, false).IsZero() {
		t.Error("it is looked at again though it is over, or not measured")
	}
	for _, test := range [][3]time.Time{{{}, {}, {}}, {now, {}, now}, {{}, now, now}, {now, midnight, now}, {midnight, now, now}} {
		if got := earlier(test[0], test[1]); !got.Equal(test[2]) {
			t.Errorf("of %v and %v the earlier is %v", test[0], test[1], got)
		}
	}
}

func TestWhatStands(t *testing.T) {
	edition := &crm.Exhibition{ObjectMeta: metav1.ObjectMeta{UID: "1", Generation: 2}}
	before := &measured{uid: "1", generation: 2, day: 5, changes: 7, rests: time.Time{}}
	if !before.stands(edition, 5, 7) {
		t.Error("what nothing changed since does not stand")
	}
	var never *measured
	if never.stands(edition, 5, 7) || before.stands(edition, 6, 7) || before.stands(edition, 5, 8) {
		t.Error("it stands though it was never measured, on another day, or though the store changed")
	}
	edition.Generation = 3
	if before.stands(edition, 5, 7) {
		t.Error("it stands though the Exhibition changed")
	}
}
