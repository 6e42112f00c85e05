package store

import (
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/fairlead/fairlead/internal/customer"
)

// replaceFacts keeps what changed facts said before and takes them out, so that
// they can be added as they are now; a snapshot notes which are confirmed.
func (b *batch) replaceFacts(changed, confirmed []fact) error {
	table := b.options.Entity.Table
	if !b.isParticipation() {
		ids := idsOf(changed)
		if err := b.correct(b.options.Entity.Name, table, "id", ids); err != nil {
			return err
		}
		if _, err := deleteAmong(b.t, table, "id", ids); err != nil {
			return err
		}
		if b.options.Snapshot == Delta {
			return nil
		}
		_, err := updateAmong(b.t, table, "import_id = $2", "id", idsOf(confirmed), b.runID)
		return err
	}
	// The plus keeps the records out of the search by the primary key: it would try
	// every customer with every record.
	for group, records := range b.byEdition(changed) {
		rest := " AND edition_id = $2 AND role = $3"
		condition, arg := among(b.t, "+customer_record_id", 1, records)
		customers, within := among(b.t, "customer_id", 4, b.partiesOf(changed))
		where := condition + rest + " AND " + customers
		if err := b.correctWhere("participation", table, "customer_record_id", where, arg, group.edition, group.text, within); err != nil {
			return err
		}
		if _, err := b.t.exec("DELETE FROM participation WHERE "+where, arg, group.edition, group.text, within); err != nil {
			return fmt.Errorf("replacing participations: %w", err)
		}
	}
	if b.options.Snapshot == Delta {
		return nil
	}
	for group, records := range b.byEdition(confirmed) {
		condition, arg := among(b.t, "+customer_record_id", 1, records)
		customers, within := among(b.t, "customer_id", 4, b.partiesOf(confirmed))
		_, err := b.t.exec("UPDATE participation SET import_id = $5 WHERE "+condition+" AND edition_id = $2 AND role = $3 AND "+customers,
			arg, group.edition, group.text, within, b.runID)
		if err != nil {
			return fmt.Errorf("confirming participations: %w", err)
		}
	}
	return nil
}

func idsOf(facts []fact) []int64 {
	ids := make([]int64, len(facts))
	for i, f := range facts {
		ids[i] = f.id
	}
	return ids
}

// byEdition groups the records of participations by edition and role.
func (b *batch) byEdition(facts []fact) map[factKey][]int64 {
	groups := map[factKey][]int64{}
	for _, f := range facts {
		group := factKey{edition: f.key.edition, text: f.key.text}
		groups[group] = append(groups[group], f.key.record)
	}
	return groups
}

func (b *batch) partiesOf(facts []fact) []int64 {
	parties := make([]int64, len(facts))
	for i, f := range facts {
		parties[i] = f.party
	}
	return distinctNumbers(parties)
}

// correct keeps what rows say before they change, and marks whom they were about.
func (b *batch) correct(entity, table, column string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	condition, arg := among(b.t, column, 1, ids)
	return b.correctWhere(entity, table, column, condition, arg)
}

func (b *batch) correctWhere(entity, table, idColumn, where string, args ...any) error {
	corrections := rowBuffer{width: 7}
	var befores []map[string]any
	err := b.t.query(func(rows *sql.Rows) error {
		before, err := scanMap(rows)
		befores = append(befores, before)
		return err
	}, "SELECT * FROM "+table+" WHERE "+where, args...)
	if err != nil {
		return fmt.Errorf("reading what changes: %w", err)
	}
	for _, before := range befores {
		id, err := b.number("correction")
		if err != nil {
			return err
		}
		data, err := json.Marshal(before)
		if err != nil {
			return fmt.Errorf("keeping what changes: %w", err)
		}
		subject := cell{}
		for n, position := range b.parties {
			name := "party_id"
			if entity != "party" {
				name = b.options.Entity.Fields[position].Column() + "_id"
			}
			party, _ := before[name].(int64)
			b.marks = append(b.marks, party)
			if n == 0 {
				subject = numberCell(party)
			}
		}
		if err := b.markReferredBefore(before); err != nil {
			return err
		}
		rowID, _ := before[idColumn].(int64)
		corrections.add(numberCell(id), textCell(entity), numberCell(rowID), subject, numberCell(b.runID), numberCell(b.t.now), textCell(string(data)))
	}
	return b.t.insert("correction", []string{"id", "entity", "fact_id", "party_id", "import_id", "at", "before"}, &corrections)
}

// scanMap reads a row by the names of its columns; NULL is left out.
func scanMap(rows *sql.Rows) (map[string]any, error) {
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	values := make([]any, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	if err := rows.Scan(targets...); err != nil {
		return nil, err
	}
	row := make(map[string]any, len(columns))
	for i, column := range columns {
		switch value := values[i].(type) {
		case nil:
		case []byte:
			row[column] = string(value)
		default:
			row[column] = value
		}
	}
	return row, nil
}

// markReferredBefore marks whom the facts are about that a row referred to before,
// such as the booking of a status: it may refer to another now.
func (b *batch) markReferredBefore(before map[string]any) error {
	for _, field := range b.options.Entity.Fields {
		referred, is := before[field.Column()].(int64)
		if field.Kind != customer.Fact || !is {
			continue
		}
		refers := customer.EntityByName(field.Refers)
		query := "SELECT " + partyColumns(refers.Fields[refers.Parties()[0]])[0] + " FROM " + refers.Table + " WHERE id = $1"
		if err := b.t.query(scanInto(&b.marks), query, referred); err != nil {
			return fmt.Errorf("finding whom a %s was about: %w", field.Refers, err)
		}
	}
	return nil
}
