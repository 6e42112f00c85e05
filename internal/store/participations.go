package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// Participations are the longest lists of all. So a row of whom and what the
// import knows already is laid out for the database as it comes, and only the
// others are kept until the database can be asked.

// Positions of participation's fields.
const (
	participationCustomer = iota
	participationEdition
	participationRole
)

// takeKnown lays out a participation of a customer, an edition and a role that
// are all known; it tells whether they are.
func (b *batch) takeKnown(row *customer.Row) bool {
	party := &row.Parties[0]
	if len(party.Sensitive) > 0 || party.IsEmpty() || party.Source != "" && party.Source != b.options.Source.Name {
		return false
	}
	entity := b.options.Entity
	found, cached := b.get(keyOf(kindOf(&entity.Fields[participationCustomer], party), party))
	edition, dated := b.editions[row.Values[participationEdition].Text]
	if !cached || !dated || found.roles&customer.Bit(customer.Roles, row.Values[participationRole].Text) == 0 {
		return false
	}
	row.Values[participationEdition].Number = edition
	if b.options.Snapshot != Delta {
		b.seen[edition] = true
	}
	b.facts = append(b.facts, b.layOut(row, found, b.tally.Read, -1))
	return true
}

// layOut makes a row of the table.
func (b *batch) layOut(row *customer.Row, of known, place int64, kept int) fact {
	values := row.Values
	values[participationCustomer] = customer.Number(of.record)
	f := fact{
		row: kept, place: place, digest: customer.Digest(values), party: of.party,
		key: factKey{of.record, values[participationEdition].Number, customer.WordIn(customer.Roles, values[participationRole].Text)},
	}
	values[participationCustomer] = customer.Value{}
	rows := &b.buffers.facts
	rows.add(numberCell(of.party), numberCell(of.record))
	f.start = rows.starts[len(rows.starts)-1]
	for position, field := range b.options.Entity.Fields[participationEdition:] {
		rows.add(cellOf(field.Kind, values[participationEdition+position]))
	}
	rows.add(numberCell(f.digest), numberCell(b.runID))
	return f
}

// prepareParticipations adds the rows that were kept, and brings all in the order
// of the primary key, so that its pages are filled together; of one key the last
// row comes first.
func (b *batch) prepareParticipations() {
	for row := range b.rows {
		ref := b.ref(row, 0)
		switch {
		case b.rejected[row]:
		case ref.erased:
			b.tally.Erased++
			b.tally.Unchanged++
		default:
			b.facts = append(b.facts, b.layOut(&b.rows[row], *ref, b.places[row], row))
		}
	}
	slices.SortFunc(b.facts, func(x, y fact) int {
		if x.party != y.party {
			return cmp.Compare(x.party, y.party)
		}
		return cmp.Or(cmp.Compare(x.key.edition, y.key.edition), cmp.Compare(x.key.text, y.key.text),
			cmp.Compare(x.key.record, y.key.record), cmp.Compare(y.place, x.place))
	})
}

// lastParticipations leaves the last of every key.
func (b *batch) lastParticipations() {
	all := len(b.facts)
	b.facts = slices.CompactFunc(b.facts, func(x, y fact) bool { return x.key == y.key })
	b.tally.Unchanged += int64(all - len(b.facts))
}

// findAgain looks up to whom the records belong that were taken as known, since
// parties were merged, parted or erased meanwhile.
func (b *batch) findAgain() error {
	known := b.facts[:0]
	for _, f := range b.facts {
		if f.row < 0 {
			known = append(known, f)
		}
	}
	b.facts, b.factsReady = known, false
	records := make([]int64, len(known))
	for i, f := range known {
		records[i] = f.key.record
	}
	parties := make(map[int64]int64, len(known))
	condition, arg := among(b.t, "r.id", 1, distinctNumbers(records))
	err := b.t.query(func(rows *sql.Rows) error {
		var record, party int64
		err := rows.Scan(&record, &party)
		parties[record] = party
		return err
	}, "SELECT r.id, r.party_id FROM party_record r JOIN party p ON p.id = r.party_id WHERE p.erased_at IS NULL AND "+condition, arg)
	if err != nil {
		return fmt.Errorf("looking for merged parties: %w", err)
	}
	b.facts = slices.DeleteFunc(known, func(f fact) bool { return parties[f.key.record] == 0 })
	erased := int64(len(known) - len(b.facts))
	b.tally.Erased += erased
	b.tally.Unchanged += erased
	for i := range b.facts {
		f := &b.facts[i]
		f.party = parties[f.key.record]
		b.buffers.facts.setFirst(f.start, f.party)
	}
	return nil
}
