package store

import (
	"database/sql"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// writeEditions records editions. When one changes, everybody who ever took
// part in its series may have missed it or not, and is marked.
func (b *batch) writeEditions() error {
	entity := b.options.Entity
	var changedSeries []string
	for row := range b.rows {
		values := b.rows[row].Values
		series, _ := customer.SplitEdition(values[0].Text)
		id, known := b.editions[values[0].Text]
		if !known {
			var err error
			if id, err = b.newEdition(values[0].Text); err != nil {
				return err
			}
		}
		same := known
		if known {
			var err error
			if same, err = b.sameEdition(id, values); err != nil {
				return err
			}
		}
		switch {
		case same:
			b.tally.Unchanged++
			continue
		case known:
			b.tally.Changed++
			if err := b.correct("edition", "edition", "id", []int64{id}); err != nil {
				return err
			}
		default:
			b.tally.New++
		}
		changedSeries = append(changedSeries, series)
		args := []any{id, b.runID}
		for position := 1; position < len(entity.Fields); position++ {
			args = append(args, editionCell(entity, position, values).arg())
		}
		_, err := b.t.exec(`UPDATE edition SET import_id = $2, name = $3, opens = $4, closes = $5, country = $6, cancelled = $7 WHERE id = $1`, args...)
		if err != nil {
			return fmt.Errorf("recording an edition: %w", err)
		}
	}
	for _, series := range distinct(slices.Clone(changedSeries)) {
		if err := markSeries(b.t, series); err != nil {
			return err
		}
	}
	return nil
}

// markSeries marks everybody of whom something is recorded about an edition of a
// series.
func markSeries(t *transaction, series string) error {
	err := markFound(t, `
		SELECT f.customer_id FROM participation f JOIN edition e ON e.id = f.edition_id WHERE e.series = $1
		UNION SELECT f.customer_id FROM booking f JOIN edition e ON e.id = f.edition_id WHERE e.series = $1
		UNION SELECT f.person_id FROM visit f JOIN edition e ON e.id = f.edition_id WHERE e.series = $1
		UNION SELECT f.customer_id FROM transaction_entry f JOIN edition e ON e.id = f.edition_id WHERE e.series = $1`, series)
	if err != nil {
		return fmt.Errorf("marking the customers of the series: %w", err)
	}
	return nil
}

// editionCell is a field of an edition; that it was cancelled is false unless said.
func editionCell(entity *customer.Entity, position int, values []customer.Value) cell {
	if entity.Fields[position].Kind == customer.Truth {
		return truthCell(values[position].Number != 0)
	}
	return cellOf(entity.Fields[position].Kind, values[position])
}

// sameEdition tells whether the store has an edition just as a row says.
func (b *batch) sameEdition(id int64, values []customer.Value) (bool, error) {
	var name, country sql.NullString
	var opens, closes sql.NullInt64
	var cancelled bool
	err := b.t.row(`SELECT name, opens, closes, country, cancelled FROM edition WHERE id = $1`, id).Scan(&name, &opens, &closes, &country, &cancelled)
	if err != nil {
		return false, fmt.Errorf("reading an edition: %w", err)
	}
	text := func(v sql.NullString) customer.Value { return customer.Value{Present: v.Valid, Text: v.String} }
	number := func(v sql.NullInt64) customer.Value { return customer.Value{Present: v.Valid, Number: v.Int64} }
	return values[1] == text(name) && values[2] == number(opens) && values[3] == number(closes) && values[4] == text(country) &&
		(values[5].Number != 0) == cancelled, nil
}
