package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"
)

// DeclaredEdition is what an Exhibition declares about its edition, beside what
// was imported. Its dates stand before imported ones.
type DeclaredEdition struct {
	Series, Edition string
	// Opens and Closes are the first and the last day.
	Opens, Closes time.Time
	// AreaCost is what a square metre costs the organiser, in minor units of
	// Currency; nil if nothing is declared.
	AreaCost *int64
	Currency string
	// IndirectPercent of revenue after discount is indirect cost; nil if nothing is
	// declared.
	IndirectPercent *int64
}

// editionDeclaration is a row of edition_declaration.
type editionDeclaration struct {
	opens, closes int64
	areaCost      sql.NullInt64
	currency      sql.NullString
	indirect      sql.NullInt64
}

// DeclareEditions makes a store's declared editions exactly these. Editions that
// are not known yet are made, and the customers of a series of which something
// changed are marked. Without a change nothing is written.
func (s *Store) DeclareEditions(ctx context.Context, declared []DeclaredEdition) error {
	same, err := s.declaredAs(ctx, declared)
	if err != nil || same {
		return err
	}
	return s.write(ctx, func(t *transaction) error {
		stored, series, err := readDeclarations(t)
		if err != nil {
			return err
		}
		changed := map[string]bool{}
		wanted := map[int64]bool{}
		for _, d := range declared {
			id, err := editionNamed(t, d)
			if err != nil {
				return err
			}
			wanted[id] = true
			if before, known := stored[id]; known && before == d.row() {
				continue
			}
			row := d.row()
			_, err = t.exec(`INSERT INTO edition_declaration (edition_id, opens, closes, area_cost, currency, indirect_percent) VALUES ($1, $2, $3, $4, $5, $6)
				ON CONFLICT (edition_id) DO UPDATE SET opens = excluded.opens, closes = excluded.closes, area_cost = excluded.area_cost,
				currency = excluded.currency, indirect_percent = excluded.indirect_percent`, id, row.opens, row.closes, row.areaCost, row.currency, row.indirect)
			if err != nil {
				return fmt.Errorf("recording what is declared of an edition: %w", err)
			}
			changed[d.Series] = true
		}
		for id := range stored {
			if wanted[id] {
				continue
			}
			if _, err := t.exec(`DELETE FROM edition_declaration WHERE edition_id = $1`, id); err != nil {
				return fmt.Errorf("forgetting what was declared of an edition: %w", err)
			}
			changed[series[id]] = true
		}
		for _, name := range slices.Sorted(maps.Keys(changed)) {
			if err := markSeries(t, name); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d DeclaredEdition) row() editionDeclaration {
	number := func(n *int64) sql.NullInt64 {
		if n == nil {
			return sql.NullInt64{}
		}
		return sql.NullInt64{Int64: *n, Valid: true}
	}
	midnight := func(t time.Time) int64 {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).UnixMilli()
	}
	return editionDeclaration{midnight(d.Opens), midnight(d.Closes), number(d.AreaCost), sql.NullString{String: d.Currency, Valid: d.AreaCost != nil}, number(d.IndirectPercent)}
}

// declaredAs tells whether editions are declared exactly so.
func (s *Store) declaredAs(ctx context.Context, declared []DeclaredEdition) (same bool, err error) {
	err = s.read(ctx, func(t *transaction) error {
		stored, _, err := readDeclarations(t)
		if err != nil {
			return err
		}
		found := 0
		for _, d := range declared {
			var id int64
			err := t.query(func(rows *sql.Rows) error { return rows.Scan(&id) }, `SELECT id FROM edition WHERE series = $1 AND edition = $2`, d.Series, d.Edition)
			if err != nil {
				return fmt.Errorf("looking for an edition: %w", err)
			}
			if before, known := stored[id]; known && before == d.row() {
				found++
			}
		}
		same = found == len(declared) && len(stored) == len(declared)
		return nil
	})
	return same, err
}

// readDeclarations gives what is declared of editions, and their series.
func readDeclarations(t *transaction) (stored map[int64]editionDeclaration, series map[int64]string, err error) {
	stored, series = map[int64]editionDeclaration{}, map[int64]string{}
	err = t.query(func(rows *sql.Rows) error {
		var id int64
		var d editionDeclaration
		var name string
		err := rows.Scan(&id, &name, &d.opens, &d.closes, &d.areaCost, &d.currency, &d.indirect)
		stored[id], series[id] = d, name
		return err
	}, `SELECT d.edition_id, e.series, d.opens, d.closes, d.area_cost, d.currency, d.indirect_percent
	      FROM edition_declaration d JOIN edition e ON e.id = d.edition_id`)
	if err != nil {
		return nil, nil, fmt.Errorf("reading what is declared of editions: %w", err)
	}
	return stored, series, nil
}

// editionNamed gives the number of an edition, which is made if there is none.
func editionNamed(t *transaction, d DeclaredEdition) (id int64, err error) {
	err = t.query(func(rows *sql.Rows) error { return rows.Scan(&id) }, `SELECT id FROM edition WHERE series = $1 AND edition = $2`, d.Series, d.Edition)
	if err != nil {
		return 0, fmt.Errorf("looking for an edition: %w", err)
	}
	if id != 0 {
		return id, nil
	}
	if id, err = t.numbers("edition", 1); err != nil {
		return 0, err
	}
	if _, err := t.exec(`INSERT INTO edition (id, series, edition) VALUES ($1, $2, $3)`, id, d.Series, d.Edition); err != nil {
		return 0, fmt.Errorf("making an edition: %w", err)
	}
	// Imports under way remember which editions there are.
	return id, identityChanged(t)
}
