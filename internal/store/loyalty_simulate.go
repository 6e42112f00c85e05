package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// TierMove is how many members move from one tier to another; nil for who is no member.
type TierMove struct {
	From, To *string
	Members  int64
}

// Simulated is what a changed program would do to the facts that are recorded.
type Simulated struct {
	// Before is how the program stands, with the Terms that it has; there are none where it was
	// never carried out.
	Before      LoyaltyFigures
	BeforeTerms *Terms
	After       LoyaltyFigures
	Moves       []TierMove
	// Prices are what exhibitors paid for the last edition of each series that has closed, before
	// discount, in minor units of the reporting currency, by tier.
	PricesBefore, PricesAfter map[string]int64
	// Currency that they are in.
	Currency string
}

// Simulate tells what a program would do, and leaves everything as it is. Meanwhile no other
// program or segment is evaluated, and SQLite is written by nobody.
func (s *Store) Simulate(ctx context.Context, program Program) (simulated Simulated, err error) {
	// Everybody is looked at, be the program the same.
	program.Definition += " simulated"
	err = s.accruing(ctx, program, func(a *accruing) (err error) {
		a.simulating = true
		terms, err := readTerms(a.transaction, program.Name)
		var missing *NotFoundError
		switch {
		case err == nil:
			simulated.BeforeTerms = &terms
		case !errors.As(err, &missing):
			return err
		}
		if simulated.Before, err = loyaltyFigures(a.transaction, program.Name); err != nil {
			return err
		}
		if err := newRefresh(a.transaction).run(`CREATE TEMP TABLE loyalty_before ON COMMIT DROP AS SELECT m.customer_id, m.tier
			FROM loyalty_program g JOIN loyalty_member m ON m.program_id = g.id WHERE g.name = @name`, map[string]any{"name": program.Name}); err != nil {
			return err
		}
		if err := a.run(); err != nil {
			return err
		}
		if simulated.After, err = loyaltyFigures(a.transaction, program.Name); err != nil {
			return err
		}
		if err := simulated.compare(a); err != nil {
			return err
		}
		return a.dialect.dropTemporary(a.transaction, append(temporaryLoyalty, temporarySegment...))
	})
	return simulated, err
}

// compare reads who moved, and what the tiers of before and after paid.
func (s *Simulated) compare(a *accruing) error {
	err := a.query(func(rows *sql.Rows) error {
		var move TierMove
		err := rows.Scan(&move.From, &move.To, &move.Members)
		s.Moves = append(s.Moves, move)
		return err
	}, `SELECT b.tier, n.tier, count(*) FROM loyalty_before b LEFT JOIN loyalty_now n ON n.customer_id = b.customer_id WHERE n.tier IS DISTINCT FROM b.tier GROUP BY b.tier, n.tier
		UNION ALL SELECT NULL, n.tier, count(*) FROM loyalty_now n WHERE n.customer_id NOT IN (SELECT b.customer_id FROM loyalty_before b) GROUP BY n.tier
		ORDER BY 1 NULLS FIRST, 2 NULLS FIRST`)
	if err != nil {
		return fmt.Errorf("counting who moves: %w", err)
	}
	var currency sql.NullString
	if err := a.row(`SELECT reporting_currency FROM store`).Scan(&currency); err != nil {
		return fmt.Errorf("reading the reporting currency: %w", err)
	}
	s.Currency = currency.String
	if s.PricesBefore, err = a.pricesByTier("loyalty_before"); err != nil {
		return err
	}
	s.PricesAfter, err = a.pricesByTier("loyalty_now")
	return err
}

// pricesByTier are what exhibitors in each tier paid for the last edition of each series.
func (a *accruing) pricesByTier(table string) (prices map[string]int64, err error) {
	prices = map[string]int64{}
	text, args := a.refresh.bind(fmt.Sprintf(`SELECT m.tier, coalesce(total(t.gross), 0)
		FROM refresh_held h JOIN refresh_took t ON t.edition_id = h.edition_id JOIN %s m ON m.customer_id = t.customer_id
		WHERE h.closed = 1 AND h.ordinal = h.total AND t.role = %d GROUP BY m.tier`, table, slices.Index(customer.Roles, "Exhibitor")), nil)
	err = a.query(func(rows *sql.Rows) error {
		var tier string
		var paid int64
		err := rows.Scan(&tier, &paid)
		prices[tier] = paid
		return err
	}, text, args...)
	if err != nil {
		return nil, fmt.Errorf("adding up what the last editions cost: %w", err)
	}
	return prices, nil
}
