package store

import (
	"github.com/fairlead/fairlead/internal/customer"
)

// addFacts writes the facts that are new or changed. have is what the store has
// of them; nil stands for nothing, and then errDuplicate says that it is not so.
func (b *batch) addFacts(facts []fact, have map[factKey]stored) error {
	var changed, confirmed []fact
	unchanged, write := 0, facts
	if have != nil {
		write = facts[:0]
		for _, f := range facts {
			was, there := have[f.key]
			f.id = was.id
			switch {
			case !there:
				write = append(write, f)
			case was.digest == f.digest && !was.withdrawn:
				unchanged++
				if b.options.Snapshot != Delta {
					confirmed = append(confirmed, f)
				}
			default:
				write = append(write, f)
				changed = append(changed, f)
			}
		}
	}
	if err := b.replaceFacts(changed, confirmed); err != nil {
		return err
	}
	rows := &b.buffers.facts
	if b.isParticipation() {
		rows.starts = rows.starts[:0]
		for _, f := range write {
			rows.starts = append(rows.starts, f.start)
		}
	} else {
		first, err := b.t.numbers(b.options.Entity.Table, len(write)-len(changed))
		if err != nil {
			return err
		}
		b.factRows(write, first)
	}
	insert := b.t.insert
	if have == nil {
		insert = b.t.tryInsert
	}
	if err := insert(b.options.Entity.Table, factColumns(b.options.Entity), rows); err != nil {
		return err
	}
	b.markConcerned(write)
	b.tally.New += int64(len(write) - len(changed))
	b.tally.Changed += int64(len(changed))
	b.tally.Unchanged += int64(unchanged)
	b.existing += int64(len(changed) + unchanged)
	return nil
}

// markConcerned marks everybody whom facts are about.
func (b *batch) markConcerned(facts []fact) {
	for _, f := range facts {
		if b.isParticipation() {
			b.marks = append(b.marks, f.party)
			continue
		}
		for n := range b.parties {
			b.marks = append(b.marks, b.ref(f.row, n).party)
		}
		for position := range b.options.Entity.Fields {
			if b.options.Entity.Fields[position].Kind == customer.Fact {
				b.marks = append(b.marks, b.subjects[b.rows[f.row].Values[position].Number])
			}
		}
	}
}

// factRows lays facts out as rows of their table; those without a number get
// numbers from next on.
func (b *batch) factRows(facts []fact, next int64) {
	entity := b.options.Entity
	rows := b.buffers.facts.reset(len(factColumns(entity)))
	for _, f := range facts {
		id := f.id
		if id == 0 {
			id = next
			next++
		}
		rows.add(numberCell(id), numberCell(b.sourceID), textCell(f.key.text))
		n := 0
		for position := range entity.Fields {
			field, value := &entity.Fields[position], b.rows[f.row].Values[position]
			switch field.Kind {
			case customer.Party:
				ref := b.ref(f.row, n)
				n++
				if ref.record == 0 {
					rows.add(cell{}, cell{})
				} else {
					rows.add(numberCell(ref.party), numberCell(ref.record))
				}
			case customer.Address:
				rows.add(textCell(value.Text), textCell(addressKey(b.medium(f.row), value.Text)))
			default:
				rows.add(cellOf(field.Kind, value))
			}
		}
		rows.add(numberCell(f.digest), numberCell(b.runID))
	}
}

// factColumns are the columns of an entity's table that an import writes.
func factColumns(entity *customer.Entity) []string {
	var columns []string
	if entity.Name != "participation" {
		columns = append(columns, "id", "source_id", "external_key")
	}
	for _, field := range entity.Fields {
		switch field.Kind {
		case customer.Party:
			columns = append(columns, partyColumns(field)...)
		case customer.Address:
			columns = append(columns, field.Column(), field.Column()+"_key")
		default:
			columns = append(columns, field.Column())
		}
	}
	return append(columns, "digest", "import_id")
}

// partyColumns are the two columns of a reference: the party and the record.
func partyColumns(field customer.Field) []string {
	return []string{field.Column() + "_id", field.Column() + "_record_id"}
}
