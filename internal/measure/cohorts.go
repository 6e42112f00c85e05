package measure

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/fairlead/fairlead/internal/store"
)

// Cohorts are the customers of a series by the edition that they took part in first, and who
// of them took part in each later one (map rows C1, F11).
type Cohorts struct {
	// Editions of the series that have closed, in the order of their days; those that nobody
	// is known to have taken part in are left out.
	Editions []string
	// Cohorts in the same order; those of nobody are left out.
	Cohorts []Cohort
	// Currency of amounts; "" while the store reports in none.
	Currency string
}

// Cohort is who took part in one edition first.
type Cohort struct {
	// First is the place of that edition among all.
	First int
	// Customers that there are.
	Customers int64
	// Later has an entry for every edition from the first on, which is that of all of them.
	Later []Stayed
}

// Stayed is what a cohort did at one edition.
type Stayed struct {
	// Customers of the cohort who took part.
	Customers int64
	// Net is what they brought by it, after discount, in minor units of the reporting
	// currency.
	Net Sum
}

// Retention of a cohort at the edition that came so many after its first one; there is
// none where so many have not been held.
func (c Cohort) Retention(after int) Ratio {
	if after >= len(c.Later) {
		return Ratio{}
	}
	return Ratio{c.Later[after].Customers, c.Customers}
}

// Earned is what a cohort brought until the edition that came so many after its first one,
// with it: the curve of value over the length of stay (map row F11). There is none without
// any amount, or where so many have not been held.
func (c Cohort) Earned(after int) (sum Sum) {
	if after >= len(c.Later) {
		return sum
	}
	for _, stayed := range c.Later[:after+1] {
		sum.Int64 += stayed.Net.Int64
		sum.Valid = sum.Valid || stayed.Net.Valid
	}
	return sum
}

// CohortsOf makes the table of a series in one role.
func CohortsOf(ctx context.Context, s *store.Store, series, role string) (*Cohorts, error) {
	var found Cohorts
	err := s.LayOutSeries(ctx, series, role, func(laid *store.LaidSeries) error {
		found.Currency = laid.Currency()
		err := laid.Rows(func(rows *sql.Rows) error {
			var edition string
			err := rows.Scan(&edition)
			found.Editions = append(found.Editions, edition)
			return err
		}, `SELECT e.edition FROM cohort_edition e ORDER BY e.ordinal`)
		if err != nil {
			return err
		}
		return laid.Rows(func(rows *sql.Rows) error {
			var first, at int
			var stayed Stayed
			if err := rows.Scan(&first, &at, &stayed.Customers, &stayed.Net); err != nil {
				return err
			}
			found.add(first-1, at-1, stayed)
			return nil
		}, `SELECT t.first, t.ordinal, count(*), total(m.net) FROM cohort_took t
			LEFT JOIN cohort_money m ON m.customer_id = t.customer_id AND m.ordinal = t.ordinal
			GROUP BY t.first, t.ordinal ORDER BY t.first, t.ordinal`)
	})
	if err != nil {
		return nil, fmt.Errorf("measuring cohorts of %s: %w", series, err)
	}
	return &found, nil
}

// add takes the next entry, in the order of cohorts and editions.
func (c *Cohorts) add(first, at int, stayed Stayed) {
	if last := len(c.Cohorts) - 1; last < 0 || c.Cohorts[last].First != first {
		c.Cohorts = append(c.Cohorts, Cohort{First: first, Customers: stayed.Customers, Later: make([]Stayed, len(c.Editions)-first)})
	}
	c.Cohorts[len(c.Cohorts)-1].Later[at-first] = stayed
}
