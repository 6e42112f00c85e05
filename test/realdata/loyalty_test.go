package realdata

import (
	"database/sql"
	"fmt"
	"os"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/loyalty"
	"github.com/fairlead/fairlead/internal/store"
)

// testLoyalty carries the program of the samples out over the exhibitors of 26 editions: a
// hundred points for each that somebody came to within sixty months, counted here by a question
// to the lists that shares nothing with how points come about.
func testLoyalty(t *testing.T, d *database) {
	data, err := os.ReadFile("../../config/samples/40-loyalty.yaml")
	if err != nil {
		t.Fatal(err)
	}
	declared := &crm.LoyaltyProgram{}
	if err := yaml.UnmarshalStrict(data, declared); err != nil {
		t.Fatal(err)
	}
	program, err := loyalty.Compile(declared.Name, declared.Spec, audience.Catalog{CurrencyDigits: 2}, "GBP")
	if err != nil {
		t.Fatal(err)
	}
	done, err := d.Accrue(t.Context(), *program)
	if err != nil {
		t.Fatal(err)
	}
	since := today.AddDate(0, -60, 0).Truncate(24 * time.Hour).UnixMilli()
	wrong, members := 0, int64(0)
	best, most := int64(0), int64(0)
	d.rows(t, fmt.Sprintf(`SELECT m.customer_id, m.tier, m.tier_points, m.balance, m.earned, m.expired, x.ever, x.lately
		FROM loyalty_member m LEFT JOIN (
			SELECT p.customer_id, count(DISTINCT p.edition_id) AS ever, count(DISTINCT CASE WHEN e.opens > %d THEN p.edition_id END) AS lately
			FROM participation p JOIN edition e ON e.id = p.edition_id WHERE p.withdrawn_at IS NULL AND p.role = 'Exhibitor' GROUP BY p.customer_id
		) x ON x.customer_id = m.customer_id`, since), func(rows *sql.Rows) error {
		var id, points, balance, earned, expired int64
		var tier string
		var ever, lately sql.NullInt64
		if err := rows.Scan(&id, &tier, &points, &balance, &earned, &expired, &ever, &lately); err != nil {
			return err
		}
		members++
		const hundred = 100 * store.PointUnits
		if earned != ever.Int64*hundred || points != lately.Int64*hundred || balance != points || expired != earned-points || tier == "Bronze" && lately.Int64 >= 4 || tier == "Gold" && lately.Int64 < 12 && ever.Int64 < 12 {
			wrong++
		}
		if ever.Int64 > most {
			best, most = id, ever.Int64
		}
		return nil
	})
	if wrong > 0 || members == 0 || members != done.Members {
		t.Fatalf("%d of %d members stand otherwise than by the lists; the accrual says %+v", wrong, members, done)
	}
	// The statement of who came most often adds up.
	var code string
	d.rows(t, fmt.Sprintf("SELECT code FROM party WHERE id = %d", best), func(rows *sql.Rows) error { return rows.Scan(&code) })
	statement, err := d.Statement(t.Context(), declared.Name, code)
	if err != nil {
		t.Fatal(err)
	}
	sum, left := int64(0), int64(0)
	for i, l := range loyalty.Left(statement) {
		sum, left = sum+statement.Lots[i].Points, left+l
	}
	if m := statement.Member; int64(len(statement.Lots)) != most || sum != m.Earned || left != m.Balance || m.Balance != m.Earned+m.Adjusted-m.Redeemed-m.Expired {
		t.Errorf("%d lots of %d points, of which %d are left, are a member that stands as %+v", len(statement.Lots), sum, left, m)
	}
	figures, err := d.LoyaltyFigures(t.Context(), declared.Name)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d members: %v; %s points outstanding, %s expired; the most by one member: %d editions, tier %s", members, figures.Tiers,
		store.PointsText(figures.Outstanding), store.PointsText(figures.Expired), most, statement.Member.Tier)

	// What if every participation were worth 150?
	declared.Spec.Accrual[0].Points = "150"
	changed, err := loyalty.Compile(declared.Name, declared.Spec, audience.Catalog{CurrencyDigits: 2}, "GBP")
	if err != nil {
		t.Fatal(err)
	}
	simulated, err := d.Simulate(t.Context(), *changed)
	if err != nil {
		t.Fatal(err)
	}
	if simulated.Before.Outstanding != figures.Outstanding || simulated.After.Outstanding*2 != figures.Outstanding*3 || simulated.After.Members != members {
		t.Errorf("it was %+v, and would be %+v", simulated.Before, simulated.After)
	}
	moved := int64(0)
	for _, move := range simulated.Moves {
		moved += move.Members
	}
	if moved == 0 || moved != simulated.Before.Tiers["Bronze"]-simulated.After.Tiers["Bronze"]+simulated.After.Tiers["Gold"]-simulated.Before.Tiers["Gold"] {
		t.Errorf("%d would move by %+v, from %v to %v", moved, simulated.Moves, simulated.Before.Tiers, simulated.After.Tiers)
	}
	if after, err := d.LoyaltyFigures(t.Context(), declared.Name); err != nil || fmt.Sprint(after) != fmt.Sprint(figures) {
		t.Errorf("after it was simulated it stands as %+v, %v", after, err)
	}
}
