package store

import (
	"github.com/fairlead/fairlead/internal/customer"
)

// noteRoles notes the roles that customers have by facts: on records of this
// batch before they are written, on others by an update once each.
func (b *batch) noteRoles() {
	entity := b.options.Entity
	role := entity.Makes
	if role == "" && !b.isParticipation() {
		return
	}
	field := &entity.Fields[b.parties[0]]
	for row := range b.rows {
		ref := b.ref(row, 0)
		if b.rejected[row] || ref.erased {
			continue
		}
		if b.isParticipation() {
			role = b.rows[row].Values[2].Text
		}
		bit := customer.Bit(customer.Roles, role)
		if (ref.roles|b.given[ref.record])&bit != 0 {
			continue
		}
		b.given[ref.record] |= bit
		if party := &b.rows[row].Parties[0]; party.Source == "" || party.Source == b.options.Source.Name {
			with := *ref
			with.roles |= b.given[ref.record]
			b.added[keyOf(kindOf(field, party), party)] = with
		}
		if b.fresh[ref.record] {
			continue
		}
		b.roleRecords[bit] = append(b.roleRecords[bit], ref.record)
		b.roleParties[bit] = append(b.roleParties[bit], ref.party)
	}
}

// giveRoles writes the roles of records and parties that were there before. Their
// profiles follow, also of those whose fact does not count in the end.
func (b *batch) giveRoles() error {
	for bit, records := range b.roleRecords {
		b.marks = append(b.marks, b.roleParties[bit]...)
		if _, err := updateAmong(b.t, "party_record", "roles = roles | $2", "id", records, bit); err != nil {
			return err
		}
		if _, err := updateAmong(b.t, "party", "roles = roles | $2", "id", b.roleParties[bit], bit); err != nil {
			return err
		}
	}
	return nil
}
