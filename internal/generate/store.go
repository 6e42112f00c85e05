package generate

import (
	"context"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/store"
)

// batchRows go into a store in one transaction.
const batchRows = 10_000

// Trust in what is made up is none: whatever else is known of a party stands.
const trust = 0

// Where the rows come from, for the record.
const (
	legalBasis = "None needed: nobody in it is real"
	acquired   = "Made up by fairlead generate"
)

// Count is what became of the rows of an entity.
type Count struct {
	// Entity's name.
	Entity string
	store.Tally
	// Rejection is one of the rejected rows, with the reason; "" without any.
	Rejection string
}

// Into imports the rows into a store, entity by entity. Doing so again changes
// nothing. progress is called after every batch with what was done of the
// entity so far.
func Into(ctx context.Context, s *store.Store, options Options, progress func(Count)) ([]Count, error) {
	var counts []Count
	for _, entity := range Entities() {
		count, err := intoEntity(ctx, s, options, entity, progress)
		if err != nil {
			return counts, fmt.Errorf("importing %s: %w", entity.Name, err)
		}
		counts = append(counts, count)
	}
	return counts, nil
}

func intoEntity(ctx context.Context, s *store.Store, options Options, entity *customer.Entity, progress func(Count)) (Count, error) {
	count := Count{Entity: entity.Name}
	into, err := s.Import(ctx, store.ImportOptions{
		Source: store.Source{Name: Source, Trust: trust, LegalBasis: legalBasis, Acquired: acquired},
		Entity: entity, FileName: "fairlead generate",
		ResolveBy: []store.Resolution{store.ByExternalKey, store.ByEmail, store.ByMatchKey},
	})
	if err != nil {
		return count, err
	}
	defer into.Abandon()
	if entity.Name == "party" {
		if err := into.DeclareAttributes(ctx, attributes); err != nil {
			return count, err
		}
	}
	rows := make([]customer.Row, 0, batchRows)
	flush := func() error {
		if len(rows) == 0 {
			return nil
		}
		rejections, err := into.Write(ctx, rows)
		if err != nil {
			return err
		}
		if len(rejections) > 0 && count.Rejection == "" {
			first := rejections[0]
			key := rows[slices.IndexFunc(rows, func(r customer.Row) bool { return r.Line == first.Line })].Key
			count.Rejection = fmt.Sprintf("%s: %s: %s", key, first.Field, first.Reason)
		}
		count.Tally = into.Tally()
		progress(count)
		rows = rows[:0]
		return nil
	}
	err = EntityRows(options, entity, func(_ *customer.Entity, row *customer.Row) error {
		rows = rows[:len(rows)+1]
		copyRow(&rows[len(rows)-1], row)
		if len(rows) == batchRows {
			return flush()
		}
		return nil
	})
	if err != nil {
		return count, err
	}
	if err := flush(); err != nil {
		return count, err
	}
	if err := into.Finish(ctx); err != nil {
		return count, err
	}
	count.Tally = into.Tally()
	return count, nil
}

// copyRow copies a row over another, in the other's memory if there is any.
func copyRow(to, from *customer.Row) {
	to.Line, to.Key = from.Line, from.Key
	to.Values = append(to.Values[:0], from.Values...)
	if len(to.Parties) != len(from.Parties) {
		to.Parties = make([]customer.PartyRow, len(from.Parties))
	}
	for i := range from.Parties {
		party, source := &to.Parties[i], &from.Parties[i]
		party.Key, party.Source = source.Key, source.Source
		party.Values = append(party.Values[:0], source.Values...)
		party.Attributes = append(party.Attributes[:0], source.Attributes...)
	}
}
