package controllers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// clubOf declares a program of a hundred points for each edition and two for a square metre.
func clubOf(declared *crm.CustomerStore) *crm.LoyaltyProgram {
	return &crm.LoyaltyProgram{
		ObjectMeta: metav1.ObjectMeta{Namespace: declared.Namespace, Name: declared.Name + "-club"},
		Spec: crm.LoyaltyProgramSpec{
			StoreName: crm.ObjectName(declared.Name), Eligible: "'Exhibitor' in customer.roles",
			Accrual: []crm.AccrualRule{
				{Name: "there", Fact: crm.FactParticipation, Where: "fact.role == 'Exhibitor' && fact.tookPart", Points: "100"},
				{Name: "area", Fact: crm.FactParticipation, Where: "has(fact.boothArea)", Points: "fact.boothArea * 2.0"},
			},
			ExpireAfterMonths: ptr.To[int32](60), PointValue: &crm.Money{Amount: "0.05", Currency: "GBP"},
			Tiers: []crm.Tier{{Name: "Bronze"}, {Name: "Silver", FromPoints: 120, BoothDiscountPercent: 5}},
		},
	}
}

func programSays(conditionType, reason, message string) func(*crm.LoyaltyProgram) bool {
	return func(p *crm.LoyaltyProgram) bool {
		return conditionSays(p.Status.Conditions, conditionType, reason, message)
	}
}

// stands wants a program that is ready, with such sizes of its tiers and points.
func stands(sizes, outstanding string) func(*crm.LoyaltyProgram) bool {
	return func(p *crm.LoyaltyProgram) bool {
		return hasReason(p.Status.Conditions, crm.ConditionReady, crm.ReasonReady) && p.Status.ObservedGeneration == p.Generation &&
			p.Status.Sizes == sizes && string(p.Status.PointsOutstanding) == outstanding
	}
}

func TestLoyaltyPrograms(t *testing.T) {
	onSQLite, file := onFile("loyal")
	database := databases.NewDatabase(t)
	for name, at := range map[string]struct {
		declared *crm.CustomerStore
		url      string
	}{"SQLite": {onSQLite, file}, "PostgreSQL": {newStore(t, newNamespace(t), database), database}} {
		t.Run(name, func(t *testing.T) { testLoyaltyProgram(t, at.declared, at.url) })
	}
}

func testLoyaltyProgram(t *testing.T, declared *crm.CustomerStore, url string) {
	program := clubOf(declared)
	// Segments ask for tiers and points, and follow them.
	silver := segmentOf(declared, "silver", "customer.tier('"+program.Name+"') == 'Silver'")
	near := segmentOf(declared, "near", "customer.pointsToNextTier('"+program.Name+"') <= 1.0")
	staked := segmentOf(declared, "staked", "customer.points('"+program.Name+"') >= 100.0")
	create(t, near)
	create(t, program)
	eventually(t, program, programSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting for the CustomerStore "+declared.Name+", which does not exist yet"))
	create(t, declared)
	eventually(t, program, stands("Bronze 0, Silver 0", "0"))
	eventually(t, near, has(0))
	other := segmentOf(declared, "other", "customer.points('no-program') > 1")
	create(t, other)
	eventually(t, other, segmentSays(crm.ConditionReconciling, crm.ReasonReferenceNotReady, "Waiting: the points of the loyalty program no-program were not reckoned yet."))
	// What an edition earns counts from its first day, which an Exhibition says.
	edition := &crm.Exhibition{
		ObjectMeta: metav1.ObjectMeta{Namespace: declared.Namespace, Name: declared.Name + "-farnborough-2024"},
		Spec: crm.ExhibitionSpec{
			StoreName: crm.ObjectName(declared.Name), Series: "Farnborough", Edition: "2024", Title: "Farnborough 2024",
			Venue: crm.Venue{TimeZone: "Europe/London"}, Opens: "2024-07-22", Closes: "2024-07-26",
		},
	}
	exhibited(t, url, "Falcon")
	eventually(t, program, programSays(crm.ConditionReady, crm.ReasonReady, "2 facts earn nothing, for want of a value or of the dates of their edition"))
	create(t, edition)
	eventually(t, program, stands("Bronze 0, Silver 1", "120"))
	if l := program.Status.Liability; l == nil || l.Amount != "6.00" || l.Currency != "GBP" || *program.Status.Members != 1 {
		t.Errorf("the status is %+v", program.Status)
	}

	create(t, silver)
	create(t, staked)
	eventually(t, silver, has(1))
	eventually(t, staked, has(1))
	exhibited(t, url, "Merlin")
	eventually(t, silver, has(2))
	eventually(t, staked, has(2))
	eventually(t, program, stands("Bronze 0, Silver 2", "240"))
	update(t, program, func(p *crm.LoyaltyProgram) { p.Spec.Tiers[1].FromPoints = 121 })
	eventually(t, silver, has(0))
	eventually(t, near, has(2))
	eventually(t, program, stands("Bronze 2, Silver 0", "240"))

	// What persons post is followed at once.
	opened, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	found, err := opened.Search(t.Context(), "Falcon", 1)
	if err != nil || len(found) != 1 {
		t.Fatalf("found %+v, %v", found, err)
	}
	redeemed := store.Posting{Program: program.Name, Customer: found[0].Code, Kind: store.PostingRedeemed, Points: -50 * store.PointUnits, Reference: "INV-1", Reason: "stand", Actor: "olga"}
	if posted, err := opened.Post(t.Context(), redeemed); err != nil || posted.Member.Balance != 70*store.PointUnits {
		t.Fatalf("redeemed %+v, %v", posted, err)
	}
	eventually(t, staked, has(1))
	eventually(t, program, stands("Bronze 2, Silver 0", "190"))
	eventually(t, near, has(2))

	// What expires by its day is followed too, though there is no fact and nobody moves. Here Merlin
	// stands as before a day long ago on which 40 points went.
	if found, err = opened.Search(t.Context(), "Merlin", 1); err != nil || len(found) != 1 {
		t.Fatalf("found %+v, %v", found, err)
	}
	long := time.Now().AddDate(0, -70, 0).UnixMilli()
	asBefore := []string{fmt.Sprintf(`INSERT INTO points_posting (id, program_id, customer_id, customer_record_id, kind, points, at, reference, reason, actor)
		SELECT 1000, m.program_id, m.customer_id, 0, 'Adjusted', 40000000, %d, 'old', 'carpet', 'olga' FROM loyalty_member m JOIN party p ON p.id = m.customer_id WHERE p.code = '%s'`, long, found[0].Code),
		fmt.Sprintf(`UPDATE loyalty_member SET balance = balance + 40000000, adjusted = 40000000, next_change_at = %d WHERE customer_id = (SELECT p.id FROM party p WHERE p.code = '%s')`, long, found[0].Code)}
	if strings.HasPrefix(url, "sqlite:") {
		say(t, raw(t, url), strings.Join(asBefore, ";"))
	} else {
		execute(t, url, asBefore...)
	}
	rich := segmentOf(declared, "rich", "customer.points('"+program.Name+"') > 130.0")
	create(t, rich)
	eventually(t, rich, has(1))
	update(t, program, func(p *crm.LoyaltyProgram) { p.Annotations = map[string]string{crm.AnnotationRequestedAt: "now"} })
	eventually(t, rich, has(0))
	eventually(t, program, stands("Bronze 2, Silver 0", "190"))

	// What is wrong is said, and lifted when it is mended.
	for _, wrong := range []struct {
		change          func(*crm.LoyaltyProgram)
		reason, message string
	}{
		{func(p *crm.LoyaltyProgram) { p.Spec.Accrual[1].Points = "fact.role" }, crm.ReasonInvalidExpression, "spec.accrual[area].points: line 1, column 1, fact.role: it gives a text, and has to be a number of points"},
		{func(p *crm.LoyaltyProgram) { p.Spec.Accrual[1].Points = "-5" }, crm.ReasonInvalidExpression, "a fact never takes points away: use fairlead loyalty adjust"},
		{func(p *crm.LoyaltyProgram) { p.Spec.Accrual[1].Where = "fact.at > daysAgo(100)" }, crm.ReasonInvalidExpression, "spec.accrual[area].where"},
		{func(p *crm.LoyaltyProgram) { p.Spec.PointValue.Currency = "CHF" }, crm.ReasonCurrencyMismatch, "spec.pointValue: the amount is in CHF, and the store reports in GBP"},
		{func(p *crm.LoyaltyProgram) {
			p.Spec.Eligible = crm.Expression("customer.inSegment('" + silver.Name + "')")
		}, crm.ReasonReferenceCycle, "It asks in a circle: " + program.Name + " asks for " + silver.Name},
	} {
		right := program.DeepCopy()
		update(t, program, wrong.change)
		eventually(t, program, programSays(crm.ConditionStalled, wrong.reason, wrong.message))
		update(t, program, func(p *crm.LoyaltyProgram) { p.Spec = right.Spec })
		eventually(t, program, stands("Bronze 2, Silver 0", "190"))
	}

	// Deleted, the ledger stays, and whoever applies it again goes on from there.
	if err := server.Client.Delete(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	expectEvent(t, declared, crm.ReasonProgramDeleted, "The LoyaltyProgram "+program.Name+" was deleted: its ledger stays, with 190 points of 2 members. Whoever applies it again goes on from there.")
	again := clubOf(declared)
	create(t, again)
	eventually(t, again, stands("Bronze 0, Silver 2", "190"))
}
