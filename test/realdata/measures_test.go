package realdata

import (
	"database/sql"
	"encoding/json"
	"testing"

	"github.com/fairlead/fairlead/internal/measure"
	"github.com/fairlead/fairlead/internal/store"
)

// testEditionRetention holds what is measured of every edition to sets made here from the
// rows of the lists: who is in two of them by the store's identity, and by the name alone.
func testEditionRetention(t *testing.T, d *database) {
	type list struct {
		series, name string
		// names under which each customer stands in it.
		names map[int64]map[string]bool
	}
	var lists []*list
	d.rows(t, `SELECT e.series, e.edition, p.customer_id, r.content FROM participation p JOIN edition e ON e.id = p.edition_id JOIN party_record r ON r.id = p.customer_record_id
		WHERE p.role = 'Exhibitor' AND p.withdrawn_at IS NULL ORDER BY e.series, e.opens`, func(rows *sql.Rows) error {
		var series, name, content string
		var customer int64
		if err := rows.Scan(&series, &name, &customer, &content); err != nil {
			return err
		}
		var said struct{ Name string }
		if err := json.Unmarshal([]byte(content), &said); err != nil {
			return err
		}
		if last := len(lists) - 1; last < 0 || lists[last].series != series || lists[last].name != name {
			lists = append(lists, &list{series, name, map[int64]map[string]bool{}})
		}
		of := lists[len(lists)-1].names
		if of[customer] == nil {
			of[customer] = map[string]bool{}
		}
		of[customer][said.Name] = true
		return nil
	})
	compared := 0
	for i, now := range lists {
		span := store.EditionSpan{Series: now.series, Edition: now.name}
		before := &list{}
		if i > 0 && lists[i-1].series == now.series {
			before = lists[i-1]
			span.Previous = before.name
		}
		measured, err := measure.OfEdition(t.Context(), d.Store, span)
		if err != nil {
			t.Fatal(err)
		}
		returned, byKey := int64(0), int64(0)
		for customer, names := range before.names {
			if now.names[customer] == nil {
				continue
			}
			returned++
			same := false
			for name := range names {
				same = same || now.names[customer][name]
			}
			if !same {
				byKey++
			}
		}
		if got := measured.Participation; len(got) != 1 || got[0].Attended != int64(len(now.names)) || got[0].Returning != returned {
			t.Errorf("%s %s: participation is %+v; %d are in the list, and %d in the one before", now.series, now.name, got, len(now.names), returned)
		}
		if span.Previous == "" {
			continue
		}
		compared++
		if got := measured.Retention; len(got) != 1 || got[0].Previous != int64(len(before.names)) || got[0].Customers() != (measure.Ratio{Part: returned, Whole: int64(len(before.names))}) || got[0].ByKey != byKey {
			t.Errorf("%s %s against %s: retention is %+v; %d of %d returned, %d by key alone", now.series, now.name, span.Previous, got, returned, len(before.names), byKey)
		}
		value, _ := measure.Ratio{Part: returned, Whole: int64(len(before.names))}.Value()
		t.Logf("%s %s: %d of %d returned, %.1f %%, %d of them by key alone", now.series, now.name, returned, len(before.names), 100*value, byKey)
	}
	if compared != 26 {
		t.Errorf("%d editions were compared with the one before, want 26", compared)
	}
}
