package controllers_test

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

func segmentOf(declared *crm.CustomerStore, name, where string) *crm.CustomerSegment {
	return &crm.CustomerSegment{
		ObjectMeta: metav1.ObjectMeta{Namespace: declared.Namespace, Name: declared.Name + "-" + name},
		Spec:       crm.CustomerSegmentSpec{StoreName: crm.ObjectName(declared.Name), Where: crm.Expression(where)},
	}
}

// has wants a segment that is ready, with so many members.
func has(members int64) func(*crm.CustomerSegment) bool {
	return func(s *crm.CustomerSegment) bool {
		return hasReason(s.Status.Conditions, crm.ConditionReady, crm.ReasonReady) && s.Status.ObservedGeneration == s.Generation &&
			s.Status.EvaluatedGeneration == s.Generation && ptr.Deref(s.Status.Members, -1) == members
	}
}

func segmentSays(conditionType, reason, message string) func(*crm.CustomerSegment) bool {
	return func(s *crm.CustomerSegment) bool {
		return conditionSays(s.Status.Conditions, conditionType, reason, message)
	}
}

// transitionsIn counts who entered and left the segments of a store.
func transitionsIn(t *testing.T, url string) int {
	t.Helper()
	const question = `SELECT count(*) FROM segment_transition`
	if strings.HasPrefix(url, "sqlite:") {
		return int(ask(t, raw(t, url), question))
	}
	return number(t, url, question)
}

func TestSegmentsFollowProfiles(t *testing.T) {
	onSQLite, file := onFile("segments")
	database := databases.NewDatabase(t)
	for name, at := range map[string]struct {
		declared *crm.CustomerStore
		url      string
	}{"SQLite": {onSQLite, file}, "PostgreSQL": {newStore(t, newNamespace(t), database), database}} {
		t.Run(name, func(t *testing.T) { testSegmentsFollowProfiles(t, at.declared, at.url) })
	}
}

func testSegmentsFollowProfiles(t *testing.T, declared *crm.CustomerStore, url string) {
	came := segmentOf(declared, "came", "customer.participated('Farnborough', '2024') && !customer.booked('Farnborough', '2026')")
	create(t, came)
	eventually(t, came, segmentSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "does not exist yet"))
	create(t, declared)
	eventually(t, came, has(0))
	exhibited(t, url, "Falcon")
	eventually(t, came, has(1))

	// One that asks for another follows it, though it comes before it.
	asks := segmentOf(declared, "asks", "customer.inSegment('"+declared.Name+"-big') && customer.revenue < 5000.00")
	create(t, asks)
	eventually(t, asks, segmentSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "CustomerSegment "+declared.Name+"-big, which does not exist yet"))
	big := segmentOf(declared, "big", "customer.boothArea >= 9.5 || customer.participations > 0")
	create(t, big)
	eventually(t, asks, has(1))
	exhibited(t, url, "Merlin")
	for _, segment := range []*crm.CustomerSegment{came, big, asks} {
		eventually(t, segment, has(2))
	}
	if sum := transitionsIn(t, url); sum != 4 {
		t.Errorf("%d transitions are recorded, want 4: Falcon entered one segment after its baseline, and Merlin three", sum)
	}

	// Another expression is another segment: nobody entered or left it.
	update(t, big, func(s *crm.CustomerSegment) { s.Spec.Where = "customer.participations > 1" })
	eventually(t, big, has(0))
	eventually(t, asks, has(0))
	if sum := transitionsIn(t, url); sum != 4 {
		t.Errorf("%d transitions are recorded after a change of the expression, want 4", sum)
	}
	// What stands still writes nothing.
	version := came.ResourceVersion
	rounds(t, declared, 5)
	eventually(t, came, has(2))
	if came.ResourceVersion != version {
		t.Error("the status of a segment that nobody changed was written")
	}
}

func TestSegmentsSayWhatIsWrong(t *testing.T) {
	declared, _ := onFile("wrong")
	create(t, declared)
	eventually(t, declared, storeReady)
	segment := segmentOf(declared, "wrong", "customer.revenue > 1.0 &&\n  customer.reveneu < 5.0")
	create(t, segment)
	eventually(t, segment, segmentSays(crm.ConditionStalled, crm.ReasonInvalidExpression, "line 2, column 3"))
	eventually(t, segment, segmentSays(crm.ConditionStalled, crm.ReasonInvalidExpression, "there is no field reveneu: did you mean revenue?"))
	expectEvent(t, segment, crm.ReasonInvalidExpression, "spec.where: line 2, column 3, customer.reveneu: there is no field reveneu: did you mean revenue?")
	update(t, segment, func(s *crm.CustomerSegment) { s.Spec.Where = "customer.revenue > 1.0" })
	eventually(t, segment, has(0))

	// A circle, of which each names its own way round, and its end.
	first := segmentOf(declared, "first", "customer.inSegment('"+declared.Name+"-second')")
	second := segmentOf(declared, "second", "customer.inSegment('"+declared.Name+"-first')")
	create(t, first)
	create(t, second)
	eventually(t, first, segmentSays(crm.ConditionStalled, crm.ReasonReferenceCycle, "first asks for "+declared.Name+"-second asks for "))
	eventually(t, second, segmentSays(crm.ConditionStalled, crm.ReasonReferenceCycle, "second asks for "+declared.Name+"-first asks for "))
	update(t, second, func(s *crm.CustomerSegment) { s.Spec.Where = "customer.complaints > 0" })
	eventually(t, first, has(0))

	update(t, segment, func(s *crm.CustomerSegment) { s.Spec.Suspend = ptr.To(true) })
	eventually(t, segment, func(s *crm.CustomerSegment) bool {
		return hasReason(s.Status.Conditions, crm.ConditionReady, crm.ReasonSuspended) && ptr.Deref(s.Status.Members, -1) == 0
	})
	update(t, segment, func(s *crm.CustomerSegment) {
		s.Spec.Suspend = nil
		s.Spec.Classify = &crm.Classification{ReinartzKumar: &crm.ReinartzKumar{
			Profit: crm.MoneyCut{HighFrom: &crm.Money{Amount: "5.00", Currency: "CHF"}}, Duration: crm.DurationCut{LongFromMonths: 24},
		}}
	})
	eventually(t, segment, segmentSays(crm.ConditionStalled, crm.ReasonCurrencyMismatch, "spec.classify.reinartzKumar.profit.highFrom: the amount is in CHF, and the store reports in GBP"))
	update(t, segment, func(s *crm.CustomerSegment) { s.Spec.Classify.ReinartzKumar.Profit.HighFrom.Currency = "GBP" })
	eventually(t, segment, has(0))

	asks := segmentOf(declared, "asks", "customer.inSegment('"+segment.Name+"', 'Friend')")
	create(t, asks)
	eventually(t, asks, segmentSays(crm.ConditionStalled, crm.ReasonUnknownClass, "which has TrueFriend, Butterfly, Barnacle, Stranger, Unknown"))
	update(t, segment, func(s *crm.CustomerSegment) {
		s.Spec.Classify = &crm.Classification{Pyramid: &crm.Pyramid{Measure: crm.MeasureRevenue, Classes: []crm.PercentClass{{Name: "Friend", UpToPercent: 9}, {Name: "Other", UpToPercent: 100}}}}
	})
	eventually(t, asks, has(0))
}

// TestSegmentOfAnotherStore: what a segment asks for may come and go in another store.
func TestSegmentOfAnotherStore(t *testing.T) {
	declared, _ := onFile("here")
	other, _ := onFile("there")
	for _, store := range []*crm.CustomerStore{declared, other} {
		create(t, store)
		eventually(t, store, storeReady)
	}
	asked := segmentOf(other, "asked", "customer.participations > 0")
	asks := segmentOf(declared, "asks", "customer.inSegment('"+asked.Name+"')")
	create(t, asks)
	eventually(t, asks, segmentSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "which does not exist yet"))
	create(t, asked)
	eventually(t, asks, segmentSays(crm.ConditionStalled, crm.ReasonStoreMismatch, "belongs to the CustomerStore "+other.Name+" and not to "+declared.Name))
	if err := server.Client.Delete(t.Context(), asked); err != nil {
		t.Fatal(err)
	}
	eventually(t, asks, segmentSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "which does not exist yet"))
}

// TestClasses: members are split, and the status says how, why not, and who moved.
func TestClasses(t *testing.T) {
	onSQLite, file := onFile("classes")
	database := databases.NewDatabase(t)
	for name, at := range map[string]struct {
		declared *crm.CustomerStore
		url      string
	}{"SQLite": {onSQLite, file}, "PostgreSQL": {newStore(t, newNamespace(t), database), database}} {
		t.Run(name, func(t *testing.T) { testClasses(t, at.declared, at.url) })
	}
}

func testClasses(t *testing.T, declared *crm.CustomerStore, url string) {
	create(t, declared)
	eventually(t, declared, storeReady)
	exhibited(t, url, "Falcon")
	held := edition(declared.Namespace, declared.Name+"-2024")
	held.Spec.StoreName, held.Spec.Edition, held.Spec.RecruitFrom, held.Spec.EvaluateUntil = crm.ObjectName(declared.Name), "2024", "", ""
	held.Spec.Opens, held.Spec.Closes = "2024-07-22", "2024-07-26"
	held.Spec.Costing = &crm.Costing{PerSquareMetre: &crm.Money{Amount: "45.00", Currency: "GBP"}, IndirectPercentOfRevenue: ptr.To[int32](20)}
	create(t, held)
	// Whoever comes after the first evaluation would have entered.
	profiled(t, url, "Falcon", map[string]string{"netProfit": "350.00"})
	pyramid := segmentOf(declared, "pyramid", "customer.participations > 0")
	pyramid.Spec.Classify = &crm.Classification{Pyramid: &crm.Pyramid{Measure: crm.MeasureParticipations, WindowMonths: 600}}
	pyramid.Spec.MigrationSeries = "Farnborough"
	ladder := segmentOf(declared, "ladder", "customer.participations > 0")
	ladder.Spec.Classify = &crm.Classification{Ladder: &crm.Ladder{}}
	friends := segmentOf(declared, "friends", "customer.participations > 0")
	friends.Spec.Classify = &crm.Classification{ReinartzKumar: &crm.ReinartzKumar{Profit: crm.MoneyCut{HighFromQuantile: "0.75"}, Duration: crm.DurationCut{LongFromMonths: 12}}}
	satisfied := segmentOf(declared, "satisfied", "customer.participations > 0")
	satisfied.Spec.Classify = &crm.Classification{Satisfaction: &crm.Satisfaction{Measure: crm.SatisfactionByRecommendation, SatisfiedFrom: "9", DissatisfiedBelow: "7"}}
	top := segmentOf(declared, "top", "customer.inSegment('"+pyramid.Name+"', 'VIP')")
	for _, segment := range []*crm.CustomerSegment{pyramid, ladder, friends, satisfied, top} {
		create(t, segment)
	}
	eventually(t, pyramid, sized("VIP 1, Major 0, Ordinary 0, Small 0, Unknown 0"))
	eventually(t, ladder, sized("Advocate 0, LoyalBuyer 0, RepeatBuyer 0, FirstTimeBuyer 1, LikelyBuyer 0, Prospect 0, NonCustomer 0, Dormant 0, Unknown 0"))
	eventually(t, friends, sized("TrueFriend 1, Butterfly 0, Barnacle 0, Stranger 0, Unknown 0"))
	eventually(t, satisfied, sized("Satisfied 0, Indifferent 0, Dissatisfied 0, Unknown 1"))
	eventually(t, satisfied, segmentSays(crm.ConditionReady, crm.ReasonReady, "1 of 1 are in the class Unknown"))
	if missing := satisfied.Status.Unknown; len(missing) != 1 || missing[0] != (crm.UnknownStatus{Missing: "netPromoterScore", Members: 1}) {
		t.Errorf("what is missing is %+v", missing)
	}
	eventually(t, top, has(1))

	exhibited(t, url, "Merlin")
	eventually(t, pyramid, sized("VIP 1, Major 0, Ordinary 0, Small 1, Unknown 0"))
	eventually(t, pyramid, func(s *crm.CustomerSegment) bool {
		m := s.Status.Migration
		return m != nil && m.Series == "Farnborough" && len(m.Moves) == 1 && m.Moves[0] == (crm.ClassMove{To: "Small", Members: 1}) &&
			s.Status.Classes[0].Share == "0.5000"
	})
	eventually(t, top, has(1))
	version := pyramid.ResourceVersion
	rounds(t, declared, 5)
	eventually(t, pyramid, has(2))
	if pyramid.ResourceVersion != version {
		t.Error("the status of a segment that nobody changed was written")
	}
}

// sized wants a segment that is ready, with classes of these sizes.
func sized(sizes string) func(*crm.CustomerSegment) bool {
	return func(s *crm.CustomerSegment) bool {
		return hasReason(s.Status.Conditions, crm.ConditionReady, crm.ReasonReady) && s.Status.EvaluatedGeneration == s.Generation && s.Status.Sizes == sizes
	}
}

// TestManySegmentsOfOneStore: what a segment waits for is found whatever order they
// come in.
func TestManySegmentsOfOneStore(t *testing.T) {
	declared, url := onFile("chain")
	create(t, declared)
	eventually(t, declared, storeReady)
	const length = 12
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}
	var last *crm.CustomerSegment
	for n := range length {
		where := "customer.participations > 0"
		if n < length-1 {
			where = "customer.inSegment('" + declared.Name + "-" + names[n+1] + "')"
		}
		segment := segmentOf(declared, names[n], where)
		create(t, segment)
		if n == 0 {
			last = segment
		}
	}
	eventually(t, last, has(0))
	exhibited(t, url, "Falcon")
	eventually(t, last, has(1))
	poll(t, "all of them follow", func(ctx context.Context) (bool, error) {
		var all crm.CustomerSegmentList
		if err := server.Client.List(ctx, &all, client.InNamespace(declared.Namespace)); err != nil {
			return false, err
		}
		follow := 0
		for i := range all.Items {
			if string(all.Items[i].Spec.StoreName) == declared.Name && has(1)(&all.Items[i]) {
				follow++
			}
		}
		return follow == length, nil
	})
}
