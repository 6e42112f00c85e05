package realdata

import (
	"database/sql"
	"fmt"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/classify"
	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// testPyramid holds the pyramid of all exhibitors by participations to a ranking made
// here, of counts that come straight from the lists.
func testPyramid(t *testing.T, d *database) {
	const months = 120
	program, err := audience.Compile("'Exhibitor' in customer.roles", audience.Catalog{CurrencyDigits: 2})
	if err != nil {
		t.Fatal(err)
	}
	model, err := classify.Compile(crm.Classification{Pyramid: &crm.Pyramid{Measure: crm.MeasureParticipations, WindowMonths: months}}, "GBP")
	if err != nil {
		t.Fatal(err)
	}
	done, err := d.Evaluate(t.Context(), store.Segment{Name: "pyramid", Definition: "1", Predicate: program.Predicate(), Classes: model.Prepared()})
	if err != nil {
		t.Fatal(err)
	}
	classes := map[int64]string{}
	d.rows(t, `SELECT customer_id, class FROM segment_member WHERE segment = 'pyramid'`, func(rows *sql.Rows) error {
		var id int64
		var class string
		err := rows.Scan(&id, &class)
		classes[id] = class
		return err
	})
	var ranked []int64
	// Every row of a list is a participation as an exhibitor, and every edition has closed.
	since := today.Truncate(24*time.Hour).UnixMilli() - months*customer.MonthMillis
	d.rows(t, fmt.Sprintf(`SELECT f.customer_id, count(DISTINCT CASE WHEN e.opens >= %d THEN e.id END) AS editions
		FROM participation f JOIN edition e ON e.id = f.edition_id WHERE f.withdrawn_at IS NULL GROUP BY f.customer_id ORDER BY 2 DESC, 1`, since), func(rows *sql.Rows) error {
		var id, editions int64
		err := rows.Scan(&id, &editions)
		ranked = append(ranked, id)
		return err
	})
	if len(ranked) == 0 || len(ranked) != len(classes) || done.Members != int64(len(ranked)) {
		t.Fatalf("%d are ranked by the facts, and %d have a class (%d by their number)", len(ranked), len(classes), done.Members)
	}
	sizes := map[string]int{}
	for place, id := range ranked {
		want := "Small"
		for _, layer := range []struct {
			class   string
			percent int
		}{{"Ordinary", 20}, {"Major", 5}, {"VIP", 1}} {
			// The last place of a layer is its share of all, rounded up.
			if last := (len(ranked)*layer.percent + 99) / 100; place < last {
				want = layer.class
			}
		}
		sizes[want]++
		if classes[id] != want {
			t.Fatalf("the customer %d is at place %d of %d and in the class %s, want %s", id, place+1, len(ranked), classes[id], want)
		}
	}
	t.Logf("%v of %d", sizes, len(ranked))
}
