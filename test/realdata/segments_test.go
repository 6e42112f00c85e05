package realdata

import (
	"database/sql"
	"slices"
	"testing"

	"github.com/fairlead/fairlead/internal/audience"
	"github.com/fairlead/fairlead/internal/store"
)

// segments of the airshows, and who belongs by a question to the facts that shares
// nothing with how expressions and profiles come about: every edition has closed, and
// every row of a list is a participation.
var segments = []struct {
	name, where string
	// facts selects who belongs.
	facts string
}{
	{
		name:  "exhibited at Farnborough and Paris",
		where: "customer.participated('Farnborough') && customer.participated('SIAE')",
		facts: came("e.series = 'Farnborough'") + " INTERSECT " + came("e.series = 'SIAE'"),
	},
	{
		name:  "three editions in a row",
		where: "customer.series('Farnborough').consecutiveEditions >= 3",
		facts: came("e.series = 'Farnborough' AND e.edition = '2022'") + " INTERSECT " + came("e.series = 'Farnborough' AND e.edition = '2024'") +
			" INTERSECT " + came("e.series = 'Farnborough' AND e.edition = '2026'"),
	},
	{
		name:  "first time in 2024",
		where: "customer.series('Farnborough', 'Exhibitor').firstEdition == '2024'",
		facts: came("e.series = 'Farnborough' AND e.edition = '2024'") + " EXCEPT " + came("e.series = 'Farnborough' AND e.edition < '2024'"),
	},
	{
		name:  "has exhibited, but missed the last two editions of Farnborough",
		where: "customer.series('Farnborough').participations > 0 && customer.series('Farnborough').missedEditions >= 2",
		facts: came("e.series = 'Farnborough'") + " EXCEPT " + came("e.series = 'Farnborough' AND e.edition IN ('2024', '2026')"),
	},
	{
		name:  "took part in the last edition and has not booked this one",
		where: "customer.participated('Farnborough', '2024') && !customer.booked('Farnborough', '2026')",
		facts: came("e.series = 'Farnborough' AND e.edition = '2024'") + " EXCEPT " + came("e.series = 'Farnborough' AND e.edition = '2026'"),
	},
}

func came(condition string) string {
	return "SELECT p.customer_id FROM participation p JOIN edition e ON e.id = p.edition_id WHERE p.withdrawn_at IS NULL AND " + condition
}

func testSegments(t *testing.T, d *database) {
	for _, segment := range segments {
		t.Run(segment.name, func(t *testing.T) {
			program, err := audience.Compile(segment.where, audience.Catalog{CurrencyDigits: 2})
			if err != nil {
				t.Fatal(err)
			}
			done, err := d.Evaluate(t.Context(), store.Segment{Name: segment.name, Definition: segment.where, Predicate: program.Predicate()})
			if err != nil {
				t.Fatal(err)
			}
			var want, got []int64
			for into, query := range map[*[]int64]string{
				&want: "SELECT x.customer_id FROM (" + segment.facts + ") x ORDER BY 1",
				&got:  "SELECT customer_id FROM segment_member WHERE segment = '" + segment.name + "' ORDER BY 1",
			} {
				d.rows(t, query, func(rows *sql.Rows) error {
					var id int64
					err := rows.Scan(&id)
					*into = append(*into, id)
					return err
				})
			}
			if len(want) == 0 || !slices.Equal(got, want) || done.Members != int64(len(want)) {
				t.Errorf("%d are members (%d by their number), and %d belong by the facts", len(got), done.Members, len(want))
			}
			t.Logf("%d of %d customers", len(want), d.number(t, `SELECT count(*) FROM customer_profile`))
		})
	}
}
