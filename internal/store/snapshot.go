package store

import (
	"fmt"
	"maps"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// withdraw marks what the importing source said before and a snapshot does not
// say any more.
func (i *Import) withdraw(t *transaction) (int64, error) {
	entity := i.options.Entity
	if entity.Name == "edition" {
		// Editions are history; a file that leaves one out does not undo it.
		return 0, nil
	}
	where := "source_id = $1"
	if entity.Name == "participation" {
		where = "customer_record_id IN (SELECT id FROM party_record WHERE source_id = $1)"
	}
	where += " AND import_id <> $2 AND withdrawn_at IS NULL"
	if entity.Name == "contactPoint" {
		// Addresses that parties' own rows give have no digest, and stay.
		where += " AND digest <> 0"
	}
	args := []any{i.sourceID, i.runID}
	if i.options.Snapshot == EditionsInFile {
		condition, arg := among(t, "edition_id", 3, slices.Sorted(maps.Keys(i.seen)))
		where += " AND " + condition
		args = append(args, arg)
	}
	for _, position := range i.parties {
		column := entity.Fields[position].Column() + "_id"
		if err := markFound(t, "SELECT DISTINCT "+column+" FROM "+entity.Table+" WHERE "+column+" IS NOT NULL AND "+where, args...); err != nil {
			return 0, err
		}
	}
	for _, field := range entity.Fields {
		if field.Kind != customer.Fact {
			continue
		}
		// The fact that is referred to is about its first party.
		refers := customer.EntityByName(field.Refers)
		err := markFound(t, "SELECT DISTINCT "+refers.Fields[0].Column()+"_id FROM "+refers.Table+
			" WHERE id IN (SELECT "+field.Column()+" FROM "+entity.Table+" WHERE "+where+")", args...)
		if err != nil {
			return 0, err
		}
	}
	gone, err := t.exec(fmt.Sprintf("UPDATE %s SET withdrawn_at = $%d WHERE %s", entity.Table, len(args)+1, where), append(args, t.now)...)
	switch {
	case err != nil:
		return gone, err
	case entity.Name == "exchangeRate" && gone > 0:
		return gone, mark(t, []int64{ratesMark})
	case entity.Name == "party":
		return gone, i.decideWithdrawn(t)
	default:
		return gone, nil
	}
}

// decideWithdrawn decides anew on parties of which a source says nothing more.
func (i *Import) decideWithdrawn(t *transaction) error {
	var parties []int64
	err := t.query(scanInto(&parties), `SELECT DISTINCT party_id FROM party_record WHERE source_id = $1 AND withdrawn_at = $2 ORDER BY party_id`, i.sourceID, t.now)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(parties, 10_000) {
		if _, err := decideAgain(t, chunk); err != nil {
			return err
		}
	}
	return nil
}
