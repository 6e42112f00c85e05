package metrics

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// cache is what a manager's cache holds.
type cache struct {
	client.Reader
	exhibitions []crm.Exhibition
	segments    []crm.CustomerSegment
	stores      []crm.CustomerStore
	channels    []crm.OutreachChannel
	programs    []crm.LoyaltyProgram
	rules       []crm.CampaignRule
	outreaches  []crm.Outreach
	failure     error
}

func (c *cache) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	switch list := list.(type) {
	case *crm.ExhibitionList:
		list.Items = c.exhibitions
	case *crm.CustomerSegmentList:
		list.Items = c.segments
	case *crm.CustomerStoreList:
		list.Items = c.stores
	case *crm.OutreachChannelList:
		list.Items = c.channels
	case *crm.LoyaltyProgramList:
		list.Items = c.programs
	case *crm.CampaignRuleList:
		list.Items = c.rules
	case *crm.OutreachList:
		list.Items = c.outreaches
	}
	return c.failure
}

// now is when metrics are scraped.
var now = time.Date(2026, 7, 21, 12, 0, 0, 0, time.UTC)

func exhibition(name string) crm.Exhibition {
	return crm.Exhibition{
		ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: name},
		Spec:       crm.ExhibitionSpec{Series: "Farnborough", Edition: "2026", Opens: "2026-07-20", Closes: "2026-07-24", Satisfaction: &crm.SatisfactionTarget{NetPromoterScore: ptr.To[int32](30), MinimumGap: "-0.3"}},
		Status: crm.ExhibitionStatus{
			Phase:         crm.PhaseOpen,
			Participation: []crm.ParticipationStatus{{Role: crm.RoleExhibitor, Enquired: 4, Contracted: 3, Attended: 2, Cancelled: 1, Returning: 2, New: 1, AreaSquareMetres: "12.50"}},
			Retention:     []crm.RetentionStatus{{Role: crm.RoleExhibitor, Previous: 6, Eligible: 5, Returned: 2, Ratio: "0.4000", Target: "0.60"}},
			Satisfaction:  &crm.SatisfactionStatus{Responses: 7, NetPromoterScore: "-12.5", Margin: "30.1", Dimensions: []crm.DimensionStatus{{Name: "price", Gap: "-0.50"}, {Name: "service"}}},
			Stayers:       &crm.StayersStatus{Satisfied: 5, SatisfiedReturned: 3, Unsatisfied: 2, UnsatisfiedReturned: 1},
			BookingPace: &crm.BookingPaceStatus{
				Roles: []crm.RolePaceStatus{{Role: crm.RoleExhibitor, BookedStatus: crm.BookedStatus{Booked: 3, PreviousBooked: 4, PreviousBookedInTheEnd: 6, AreaSquareMetres: "12.50"}}},
				Halls: []crm.HallPaceStatus{{Name: "Hall 1", BookedStatus: crm.BookedStatus{Booked: 2, PreviousBooked: 1, PreviousAreaSquareMetres: "9"}}},
			},
			Complaints: &crm.ComplaintsStatus{Total: 3, Open: 2, Late: 1},
			Promises:   []crm.PromiseStatus{{Name: "visitors", Promised: 10, Actual: 8}},
		},
	}
}

func TestObjects(t *testing.T) {
	from := &cache{
		exhibitions: []crm.Exhibition{exhibition("a")},
		segments: []crm.CustomerSegment{
			{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "plain"}, Status: crm.CustomerSegmentStatus{Members: ptr.To[int64](9)}},
			{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "split"}, Status: crm.CustomerSegmentStatus{
				Members: ptr.To[int64](3), Classes: []crm.ClassStatus{{Name: "VIP", Members: 1, RevenueShare: "1.2000"}, {Name: "Small", Members: 2}},
				Migration: &crm.MigrationStatus{Moves: []crm.ClassMove{{To: "VIP", Members: 4}}},
			}},
			{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "new"}},
		},
		stores: []crm.CustomerStore{{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "crm"}, Status: crm.CustomerStoreStatus{
			Customers:      ptr.To[int64](20),
			ObservedStatus: crm.ObservedStatus{Conditions: []metav1.Condition{{Type: crm.ConditionReady, Status: metav1.ConditionFalse, Reason: crm.ReasonUnreachable}}},
		}}},
		channels: []crm.OutreachChannel{
			{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "desk"}},
			{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "mail"}, Status: crm.OutreachChannelStatus{
				ObservedStatus: crm.ObservedStatus{Conditions: []metav1.Condition{{Type: crm.ConditionReady, Status: metav1.ConditionTrue, Reason: crm.ReasonReady}}},
			}},
		},
	}
	from.outreaches = []crm.Outreach{
		{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "fresh"}},
		{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "notice"}, Status: crm.OutreachStatus{
			Phase: crm.OutreachSending, Attempts: 2, FrozenTime: &metav1.Time{Time: now.Add(-2 * time.Hour)}, StartTime: &metav1.Time{Time: now.Add(-time.Hour)}, NextAttemptTime: &metav1.Time{Time: now},
			Audience:       &crm.AudienceStatus{Matched: 30, Recipients: 21, Dropped: []crm.DroppedStatus{{Reason: "NoAddress", Count: 9}}},
			Messages:       &crm.MessagesStatus{Pending: 6, Sent: 5, Failed: 4, Deferred: 3, Skipped: 2, Unknown: 1},
			ObservedStatus: crm.ObservedStatus{Conditions: []metav1.Condition{{Type: crm.ConditionReady, Status: metav1.ConditionTrue, Reason: "Sending"}}},
		}},
	}
	from.programs = []crm.LoyaltyProgram{
		{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "fresh"}},
		{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "club"}, Status: crm.LoyaltyProgramStatus{
			ObservedStatus: crm.ObservedStatus{Conditions: []metav1.Condition{{Type: crm.ConditionReady, Status: metav1.ConditionTrue}}},
			Tiers:          []crm.TierStatus{{Name: "Bronze", Members: 20}, {Name: "Gold", Members: 3}}, PointsOutstanding: "1027.5", PointsIssued: "4000", PointsRedeemed: "600", PointsExpired: "2372.5",
			Liability: &crm.Money{Amount: "51.38", Currency: "GBP"}, Unearned: ptr.To[int64](7), Overdrawn: ptr.To[int64](0),
		}},
	}
	from.rules = []crm.CampaignRule{
		// It has not run yet.
		{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "fresh"}, Status: crm.CampaignRuleStatus{Totals: &crm.CampaignTotals{}}},
		{ObjectMeta: metav1.ObjectMeta{Namespace: "expo", Name: "rebook"}, Status: crm.CampaignRuleStatus{
			NextOccurrence: &metav1.Time{Time: now}, LastOccurrence: &metav1.Time{Time: now.Add(-time.Hour)}, Missed: ptr.To[int64](3),
			Totals:         &crm.CampaignTotals{Outreaches: 4, Sent: 90, Failed: 5, Suppressed: 6, HeldOut: 7},
			ObservedStatus: crm.ObservedStatus{Conditions: []metav1.Condition{{Type: crm.ConditionReady, Status: metav1.ConditionTrue, Reason: crm.ReasonReady}}},
		}},
	}
	registry := prometheus.NewPedanticRegistry()
	elected := make(chan struct{})
	registry.MustRegister(NewObjects(from, clocktesting.NewFakePassiveClock(now), elected))
	if families, err := registry.Gather(); err != nil || len(families) != 0 {
		t.Errorf("before it is elected there are %v, %v", families, err)
	}
	close(elected)
	edition := `edition="2026",name="a",namespace="expo"`
	const ofSeries = `,series="Farnborough"`
	for name, series := range map[string]string{
		"fairlead_exhibition_participants": `{` + edition + `,role="Exhibitor"` + ofSeries + `,status="attended"} 2
			fairlead_exhibition_participants{` + edition + `,role="Exhibitor"` + ofSeries + `,status="cancelled"} 1
			fairlead_exhibition_participants{` + edition + `,role="Exhibitor"` + ofSeries + `,status="contracted"} 3
			fairlead_exhibition_participants{` + edition + `,role="Exhibitor"` + ofSeries + `,status="enquired"} 4`,
		"fairlead_exhibition_retention_ratio":                         `{` + edition + `,role="Exhibitor"` + ofSeries + `} 0.4`,
		"fairlead_exhibition_booked_participants":                     `{` + edition + `,role="Exhibitor"` + ofSeries + `} 3`,
		"fairlead_exhibition_previous_booked_participants":            `{` + edition + `,role="Exhibitor"` + ofSeries + `} 4`,
		"fairlead_exhibition_previous_all_booked_participants":        `{` + edition + `,role="Exhibitor"` + ofSeries + `} 6`,
		"fairlead_exhibition_booked_area_square_metres":               `{` + edition + `,role="Exhibitor"` + ofSeries + `} 12.5`,
		"fairlead_exhibition_hall_booked_participants":                `{edition="2026",hall="Hall 1",name="a",namespace="expo"` + ofSeries + `} 2`,
		"fairlead_exhibition_hall_previous_booked_participants":       `{edition="2026",hall="Hall 1",name="a",namespace="expo"` + ofSeries + `} 1`,
		"fairlead_exhibition_hall_previous_booked_area_square_metres": `{edition="2026",hall="Hall 1",name="a",namespace="expo"` + ofSeries + `} 9`,
		"fairlead_exhibition_answered_eligible_participants": `{` + edition + `,satisfied="no"` + ofSeries + `} 2
			fairlead_exhibition_answered_eligible_participants{` + edition + `,satisfied="yes"` + ofSeries + `} 5`,
		"fairlead_exhibition_answered_returned_participants": `{` + edition + `,satisfied="no"` + ofSeries + `} 1
			fairlead_exhibition_answered_returned_participants{` + edition + `,satisfied="yes"` + ofSeries + `} 3`,
		"fairlead_exhibition_net_promoter_score_target":  `{` + edition + ofSeries + `} 30`,
		"fairlead_exhibition_satisfaction_gap_target":    `{` + edition + ofSeries + `} -0.3`,
		"fairlead_customerstore_ready_reason":            `{name="crm",namespace="expo",reason="Unreachable"} 1`,
		"fairlead_exhibition_net_promoter_score":         `{` + edition + ofSeries + `} -12.5`,
		"fairlead_exhibition_dimension_satisfaction_gap": `{dimension="price",` + edition + ofSeries + `} -0.5`,
		"fairlead_exhibition_opens_timestamp_seconds":    `{` + edition + ofSeries + `} 1.7845056e+09`,
		"fairlead_customersegment_moved_members":         `{from="",name="split",namespace="expo",to="VIP"} 4`,
		"fairlead_customersegment_revenue_ratio":         `{class="VIP",name="split",namespace="expo"} 1.2`,
		"fairlead_customerstore_customers":               `{name="crm",namespace="expo"} 20`,
		"fairlead_customerstore_up":                      `{name="crm",namespace="expo"} 0`,
		"fairlead_outreachchannel_ready": `{name="desk",namespace="expo"} 0
			fairlead_outreachchannel_ready{name="mail",namespace="expo"} 1`,
		"fairlead_loyaltyprogram_ready": `{name="club",namespace="expo"} 1
			fairlead_loyaltyprogram_ready{name="fresh",namespace="expo"} 0`,
		"fairlead_loyaltyprogram_members": `{name="club",namespace="expo",tier="Bronze"} 20
			fairlead_loyaltyprogram_members{name="club",namespace="expo",tier="Gold"} 3`,
		"fairlead_loyaltyprogram_outstanding_points": `{name="club",namespace="expo"} 1027.5`,
		"fairlead_loyaltyprogram_issued_points":      `{name="club",namespace="expo"} 4000`,
		"fairlead_loyaltyprogram_redeemed_points":    `{name="club",namespace="expo"} 600`,
		"fairlead_loyaltyprogram_expired_points":     `{name="club",namespace="expo"} 2372.5`,
		"fairlead_loyaltyprogram_liability":          `{name="club",namespace="expo"} 51.38`,
		"fairlead_loyaltyprogram_unearned_facts":     `{name="club",namespace="expo"} 7`,
		"fairlead_loyaltyprogram_overdrawn_members":  `{name="club",namespace="expo"} 0`,
		"fairlead_campaignrule_ready": `{name="fresh",namespace="expo"} 0
			fairlead_campaignrule_ready{name="rebook",namespace="expo"} 1`,
		"fairlead_campaignrule_next_occurrence_timestamp_seconds": `{name="rebook",namespace="expo"} 1.7846352e+09`,
		"fairlead_campaignrule_last_occurrence_timestamp_seconds": `{name="rebook",namespace="expo"} 1.7846316e+09`,
		"fairlead_campaignrule_missed_occurrences":                `{name="rebook",namespace="expo"} 3`,
		"fairlead_campaignrule_outreaches":                        `{name="rebook",namespace="expo"} 4`,
		"fairlead_campaignrule_messages": `{name="rebook",namespace="expo",state="failed"} 5
			fairlead_campaignrule_messages{name="rebook",namespace="expo",state="sent"} 90`,
		"fairlead_campaignrule_suppressed_recipients": `{name="rebook",namespace="expo"} 6`,
		"fairlead_campaignrule_held_out_customers":    `{name="rebook",namespace="expo"} 7`,
		"fairlead_outreach_phase": `{name="fresh",namespace="expo",phase="AwaitingApproval"} 0` +
			ofPhases("fresh", "Cancelled", "Completed", "Failed", "Halted", "Paused", "Planning", "Sending") +
			ofPhases("notice", "AwaitingApproval", "Cancelled", "Completed", "Failed", "Halted", "Paused", "Planning") + `
			fairlead_outreach_phase{name="notice",namespace="expo",phase="Sending"} 1`,
		"fairlead_outreach_ready": `{name="fresh",namespace="expo"} 0
			fairlead_outreach_ready{name="notice",namespace="expo"} 1`,
		"fairlead_outreach_messages": `{name="notice",namespace="expo",state="deferred"} 3
			fairlead_outreach_messages{name="notice",namespace="expo",state="failed"} 4
			fairlead_outreach_messages{name="notice",namespace="expo",state="pending"} 6
			fairlead_outreach_messages{name="notice",namespace="expo",state="sent"} 5
			fairlead_outreach_messages{name="notice",namespace="expo",state="skipped"} 2
			fairlead_outreach_messages{name="notice",namespace="expo",state="unknown"} 1`,
		"fairlead_outreach_matched_customers":  `{name="notice",namespace="expo"} 30`,
		"fairlead_outreach_recipients":         `{name="notice",namespace="expo"} 21`,
		"fairlead_outreach_dropped_recipients": `{name="notice",namespace="expo",reason="NoAddress"} 9`,
		"fairlead_outreach_attempts": `{name="fresh",namespace="expo"} 0
			fairlead_outreach_attempts{name="notice",namespace="expo"} 2`,
		"fairlead_outreach_frozen_timestamp_seconds":       `{name="notice",namespace="expo"} 1.7846280e+09`,
		"fairlead_outreach_start_timestamp_seconds":        `{name="notice",namespace="expo"} 1.7846316e+09`,
		"fairlead_outreach_next_attempt_timestamp_seconds": `{name="notice",namespace="expo"} 1.7846352e+09`,
	} {
		help := ""
		for _, d := range Definitions() {
			if d.Name == name {
				help = d.Help
			}
		}
		want := fmt.Sprintf("# HELP %[1]s %[2]s\n# TYPE %[1]s gauge\n%[1]s%[3]s\n", name, help, strings.ReplaceAll(series, "\t", ""))
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What there are no figures of has no series.
	for _, name := range []string{"fairlead_exhibition_revenue", "fairlead_exhibition_satisfied_ratio", "fairlead_exhibition_area_retention_ratio", "fairlead_outreach_completion_timestamp_seconds"} {
		if n, err := testutil.GatherAndCount(registry, name); err != nil || n != 0 {
			t.Errorf("%s has %d series, %v", name, n, err)
		}
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("promlint says %v, %v", problems, err)
	}

	// The series end with the resource, and a cache that cannot be read is no empty one.
	from.exhibitions = nil
	if n, err := testutil.GatherAndCount(registry, "fairlead_exhibition_phase"); err != nil || n != 0 {
		t.Errorf("an Exhibition that is gone has %d series, %v", n, err)
	}
	from.failure = errors.New("not started")
	if _, err := registry.Gather(); err == nil {
		t.Error("a cache that cannot be read gives metrics")
	}
}

// ofPhases are series of phases that an Outreach is not in.
func ofPhases(name string, phases ...string) (series string) {
	for _, phase := range phases {
		series += fmt.Sprintf("\nfairlead_outreach_phase{name=%q,namespace=\"expo\",phase=%q} 0", name, phase)
	}
	return series
}

// TestCardinality bounds the series of a thousand of each kind, with statuses as full as
// the API server lets them be.
func TestCardinality(t *testing.T) {
	const objects = 1_000
	from := &cache{}
	full := exhibition("full")
	full.Status.Participation, full.Status.Retention = nil, nil
	for n := range 10 {
		role := crm.PartyRole(fmt.Sprint("Role", n))
		full.Status.Participation = append(full.Status.Participation, crm.ParticipationStatus{Role: role, AreaSquareMetres: "1", Revenue: "1"})
		full.Status.Retention = append(full.Status.Retention, crm.RetentionStatus{Role: role, Ratio: "0.5", Target: "0.5", AreaRatio: "1", RevenueRatio: "1"})
	}
	full.Status.Satisfaction = &crm.SatisfactionStatus{NetPromoterScore: "1", Margin: "1", SatisfiedRatio: "1", Gap: "1"}
	for n := range 16 {
		full.Status.Satisfaction.Dimensions = append(full.Status.Satisfaction.Dimensions, crm.DimensionStatus{Name: fmt.Sprint(n), Gap: "1"})
	}
	full.Status.BookingPace = &crm.BookingPaceStatus{}
	for n := range 16 {
		booked := crm.BookedStatus{AreaSquareMetres: "1", PreviousAreaSquareMetres: "1"}
		full.Status.BookingPace.Halls = append(full.Status.BookingPace.Halls, crm.HallPaceStatus{Name: fmt.Sprint(n), BookedStatus: booked})
		if n < 10 {
			full.Status.BookingPace.Roles = append(full.Status.BookingPace.Roles, crm.RolePaceStatus{Role: crm.PartyRole(fmt.Sprint("Role", n)), BookedStatus: booked})
		}
	}
	full.Status.Promises = nil
	for n := range 32 {
		full.Status.Promises = append(full.Status.Promises, crm.PromiseStatus{Name: crm.EntryName(fmt.Sprint("p", n))})
	}
	split := crm.CustomerSegment{}
	for n := range 32 {
		split.Status.Classes = append(split.Status.Classes, crm.ClassStatus{Name: crm.EntryName(fmt.Sprint("c", n)), RevenueShare: "1"})
	}
	split.Status.Migration = &crm.MigrationStatus{}
	for n := range 160 {
		split.Status.Migration.Moves = append(split.Status.Migration.Moves, crm.ClassMove{From: "a", To: crm.EntryName(fmt.Sprint("c", n))})
	}
	moment := &metav1.Time{Time: now}
	run := crm.Outreach{Status: crm.OutreachStatus{FrozenTime: moment, StartTime: moment, NextAttemptTime: moment, CompletionTime: moment, Audience: &crm.AudienceStatus{}, Messages: &crm.MessagesStatus{}}}
	rule := crm.CampaignRule{Status: crm.CampaignRuleStatus{NextOccurrence: moment, LastOccurrence: moment, Missed: ptr.To[int64](1), Totals: &crm.CampaignTotals{Outreaches: 1}}}
	for n := range 16 {
		run.Status.Audience.Dropped = append(run.Status.Audience.Dropped, crm.DroppedStatus{Reason: crm.EntryName(fmt.Sprint("r", n))})
	}
	for n := range objects {
		full.Name, split.Namespace, split.Name, run.Name, rule.Name = fmt.Sprint("e", n), "expo", fmt.Sprint("s", n), fmt.Sprint("o", n), fmt.Sprint("r", n)
		from.exhibitions, from.segments, from.outreaches, from.rules = append(from.exhibitions, full), append(from.segments, split), append(from.outreaches, run), append(from.rules, rule)
	}
	registry := prometheus.NewPedanticRegistry()
	elected := make(chan struct{})
	close(elected)
	registry.MustRegister(NewObjects(from, clocktesting.NewFakePassiveClock(now), elected))
	series, err := testutil.GatherAndCount(registry)
	if err != nil {
		t.Fatal(err)
	}
	const mostOfExhibition, mostOfSegment, mostOfOutreach, mostOfRule = 391, 224, 38, 9
	if series > objects*(mostOfExhibition+mostOfSegment+mostOfOutreach+mostOfRule) {
		t.Errorf("%d series of %d Exhibitions, CustomerSegments, Outreaches and CampaignRules", series, objects)
	}
	t.Logf("%d series", series)
}

// TestFiguresAge: figures that nobody can bring up to date grow old.
func TestFiguresAge(t *testing.T) {
	for what, test := range map[string]struct {
		reason string
		want   string
	}{
		"kept":                    {crm.ReasonReady, "0"},
		"a mistake beside them":   {crm.ReasonUnknownCountry, "0"},
		"the store is away":       {crm.ReasonReferenceNotReady, "7200"},
		"they cannot be reckoned": {crm.ReasonFailed, "7200"},
		"meant to stay":           {crm.ReasonSuspended, ""},
	} {
		edition := exhibition("a")
		edition.Status.Conditions = []metav1.Condition{{Type: crm.ConditionReady, Reason: test.reason, LastTransitionTime: metav1.NewTime(now.Add(-2 * time.Hour))}}
		elected := make(chan struct{})
		close(elected)
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(NewObjects(&cache{exhibitions: []crm.Exhibition{edition}}, clocktesting.NewFakePassiveClock(now), elected))
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, family := range families {
			if family.GetName() == "fairlead_exhibition_figures_age_seconds" {
				got = fmt.Sprint(family.GetMetric()[0].GetGauge().GetValue())
			}
		}
		if got != test.want {
			t.Errorf("%s: the age is %q, want %q", what, got, test.want)
		}
	}
}
