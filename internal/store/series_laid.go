package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// LaidSeries are all editions of a series laid out to be measured in one role, in tables
// that end with the transaction:
//
//   - cohort_edition: the editions that have closed in the order of their days (ordinal, from
//     1); those are left out that were not held, or that nobody is known to have taken part
//     in.
//   - cohort_took: a customer who took part in an edition (ordinal) in the role, and the
//     ordinal of the first edition that it took part in.
//   - cohort_money: what a customer brought by an edition (ordinal), after discount, in the
//     reporting currency.
type LaidSeries struct{ laidOut }

// LayOutSeries lays a series out, and has it asked.
func (s *Store) LayOutSeries(ctx context.Context, series, role string, ask func(*LaidSeries) error) error {
	t, err := s.begin(ctx, s.dialect.oneState())
	if err != nil {
		return err
	}
	// Temporary tables are all that is written, and go with the transaction.
	defer t.end()
	r := newRefresh(t)
	parameters, err := r.parameters()
	if err != nil {
		return err
	}
	parameters["series"], parameters["role"] = series, int64(slices.Index(customer.Roles, role))
	l := &LaidSeries{laidOut{t, parameters}}
	err = l.layOut(r, []layer{
		{"", []string{heldEditions()}},
		{"measure_edition", []string{editionsOfSeries}},
		{"refresh_who", []string{"CREATE TEMP TABLE refresh_who (id BIGINT NOT NULL PRIMARY KEY)" + t.dialect.onCommitDrop(), whoHadToDo}},
		{"refresh_took", []string{tookPart("measure_edition")}},
		{"refresh_entry", []string{entries("")}},
		{"cohort_edition", []string{orderedEditions}},
		{"cohort_took", []string{tookPartInOrder}},
		{"cohort_money", []string{moneyInOrder}},
	})
	if err != nil {
		return fmt.Errorf("laying out %s: %w", series, err)
	}
	return ask(l)
}

// editionsOfSeries gives all of them the place 0, so that all who had to do with one count.
const editionsOfSeries = `CREATE TEMP TABLE measure_edition ON COMMIT DROP AS
SELECT h.edition_id, h.edition, h.opens, h.closes, h.cancelled, h.there_from, 0 AS place FROM refresh_held h WHERE h.series = @series AND h.closed = 1`

const orderedEditions = `CREATE TEMP TABLE cohort_edition ON COMMIT DROP AS
SELECT e.edition_id, e.edition, e.there_from, row_number() OVER (ORDER BY coalesce(e.opens, 0), e.edition, e.edition_id) AS ordinal
FROM measure_edition e WHERE EXISTS (SELECT 1 FROM refresh_took t WHERE t.edition_id = e.edition_id AND t.role = @role AND t.standing >= e.there_from)`

const tookPartInOrder = `CREATE TEMP TABLE cohort_took ON COMMIT DROP AS
SELECT t.customer_id, e.ordinal, min(e.ordinal) OVER (PARTITION BY t.customer_id) AS first
FROM refresh_took t JOIN cohort_edition e ON e.edition_id = t.edition_id WHERE t.role = @role AND t.standing >= e.there_from`

const moneyInOrder = `CREATE TEMP TABLE cohort_money ON COMMIT DROP AS
SELECT u.customer_id, u.ordinal, total(u.net) AS net
FROM (
	SELECT t.customer_id, e.ordinal, t.net
	FROM refresh_took t JOIN cohort_edition e ON e.edition_id = t.edition_id LEFT JOIN refresh_entry x ON x.customer_id = t.customer_id AND x.edition_id = t.edition_id
	WHERE coalesce(x.has_revenue, 0) = 0
	UNION ALL
	SELECT x.customer_id, e.ordinal, x.net FROM refresh_entry x JOIN cohort_edition e ON e.edition_id = x.edition_id WHERE x.has_revenue = 1
) u GROUP BY u.customer_id, u.ordinal`
