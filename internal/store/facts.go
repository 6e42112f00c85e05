package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// factKey tells facts of one source apart: by text, or a participation by
// record, edition and role.
type factKey struct {
	record, edition int64
	text            string
}

// fact is a row of the batch that goes into the store.
type fact struct {
	// row among those that are kept; -1 for one that is not.
	row int
	// place among all rows.
	place  int64
	key    factKey
	digest int64
	// party that the fact is about.
	party int64
	// id of a row that is there; for participations nothing but a sign of it.
	id int64
	// start is where a participation is laid out.
	start uint32
}

// stored is a row that the store has.
type stored struct {
	id, digest int64
	withdrawn  bool
}

// isParticipation tells the one entity whose rows have no number and no key of
// their own.
func (i *Import) isParticipation() bool { return i.options.Entity.Name == "participation" }

// prepareFacts settles which rows count. It asks the database for nothing, so that
// it can be done while the batch before is being written.
func (b *batch) prepareFacts() {
	b.factsReady = true
	switch b.options.Entity.Name {
	case "party", "edition":
		return
	}
	b.prepareValues()
	if b.isParticipation() {
		b.prepareParticipations()
	} else {
		b.facts = b.lastFacts()
	}
}

func (b *batch) writeFacts() error {
	switch b.options.Entity.Name {
	case "party":
		return nil
	case "edition":
		return b.writeEditions()
	}
	if b.isParticipation() {
		b.lastParticipations()
	}
	if !b.lookFirst {
		err := b.addFacts(b.facts, nil)
		if !errors.Is(err, errDuplicate) {
			return err
		}
	}
	have, err := b.findFacts(b.facts)
	if err != nil {
		return err
	}
	return b.addFacts(b.facts, have)
}

// lastFacts gives the row of every key: of a key that stands several times the
// last one. Rows that were rejected, or are about the erased, are left out.
func (b *batch) lastFacts() []fact {
	facts := make([]fact, 0, len(b.rows))
	at := make(map[factKey]int, len(b.rows))
	for row := range b.rows {
		if b.rejected[row] {
			continue
		}
		if b.isErased(row) {
			b.tally.Erased++
			b.tally.Unchanged++
			continue
		}
		f := fact{row: row, key: b.keyOfFact(row), digest: b.digest(row)}
		if before, again := at[f.key]; again {
			b.tally.Unchanged++
			facts[before] = f
			continue
		}
		at[f.key] = len(facts)
		facts = append(facts, f)
	}
	return facts
}

func (b *batch) isErased(row int) bool {
	for n := range b.parties {
		if b.ref(row, n).erased {
			return true
		}
	}
	return false
}

// digest covers all that a row says, and of whom.
func (b *batch) digest(row int) int64 {
	values := b.rows[row].Values
	for n, position := range b.parties {
		if record := b.ref(row, n).record; record != 0 {
			values[position] = customer.Number(record)
		}
	}
	digest := customer.Digest(values)
	for _, position := range b.parties {
		values[position] = customer.Value{}
	}
	return digest
}

// keyOfFact is the row's own key, or what tells the entity's rows apart.
func (b *batch) keyOfFact(row int) factKey {
	entity, r := b.options.Entity, &b.rows[row]
	if r.Key != "" {
		return factKey{text: r.Key}
	}
	var key strings.Builder
	for i, name := range entity.Key {
		if i > 0 {
			key.WriteByte('|')
		}
		position := entity.Index(name)
		field, value := &entity.Fields[position], r.Values[position]
		switch {
		case field.Kind == customer.Party:
			key.WriteString(strconv.FormatInt(b.ref(row, slices.Index(b.parties, position)).record, 10))
		case !value.Present:
		case field.Kind.IsNumber():
			key.WriteString(strconv.FormatInt(value.Number, 10))
		case field.Kind == customer.Address:
			key.WriteString(addressKey(b.medium(row), value.Text))
		default:
			key.WriteString(strings.NewReplacer(`\`, `\\`, `|`, `\|`).Replace(value.Text))
		}
	}
	return factKey{text: key.String()}
}

// medium of a row that has an address.
func (b *batch) medium(row int) string {
	if position := b.options.Entity.Index("medium"); position >= 0 {
		return b.rows[row].Values[position].Text
	}
	return ""
}

// prepareValues turns addresses that are held as hashes into them.
func (b *batch) prepareValues() {
	for position, field := range b.options.Entity.Fields {
		if field.Kind != customer.HashedAddress {
			continue
		}
		for row := range b.rows {
			value := &b.rows[row].Values[position]
			// A row that is written again after an error has its hash already.
			if value.Present && value.Number == 0 {
				*value = customer.Value{Present: true, Number: 1, Text: hashOf(b.hashKey, addressKey(b.medium(row), value.Text))}
			}
		}
	}
}

// findReferredFacts turns the keys of facts that rows refer to into numbers.
func (b *batch) findReferredFacts() error {
	for position, field := range b.options.Entity.Fields {
		if field.Kind != customer.Fact {
			continue
		}
		var keys []string
		for row := range b.rows {
			if value := b.rows[row].Values[position]; value.Text != "" {
				keys = append(keys, value.Text)
			}
		}
		if len(keys) == 0 {
			continue
		}
		refers := customer.EntityByName(field.Refers)
		ids := map[string]int64{}
		subjects := map[int64]int64{}
		condition, arg := among(b.t, "external_key", 2, distinct(keys))
		err := b.t.query(func(rows *sql.Rows) error {
			var key string
			var id, subject int64
			if err := rows.Scan(&key, &id, &subject); err != nil {
				return err
			}
			ids[key], subjects[id] = id, subject
			return nil
		}, "SELECT external_key, id, "+refers.Fields[0].Column()+"_id FROM "+refers.Table+" WHERE source_id = $1 AND "+condition, b.sourceID, arg)
		if err != nil {
			return fmt.Errorf("looking for the %ss: %w", field.Refers, err)
		}
		for row := range b.rows {
			value := &b.rows[row].Values[position]
			if value.Text == "" {
				continue
			}
			id := ids[value.Text]
			if id == 0 {
				b.reject(row, field.Name, fmt.Sprintf("this source has no %s with the key %q: import it first", field.Refers, withoutControl(value.Text)))
				continue
			}
			value.Number = id
			b.subjects[id] = subjects[id]
		}
	}
	return nil
}

// findFacts looks which of the facts the store has already.
func (b *batch) findFacts(facts []fact) (map[factKey]stored, error) {
	have := make(map[factKey]stored, len(facts))
	if b.isParticipation() {
		var parties, editions []int64
		for _, f := range facts {
			parties = append(parties, f.party)
			editions = append(editions, f.key.edition)
		}
		customers, first := among(b.t, "customer_id", 1, distinctNumbers(parties))
		within, second := among(b.t, "edition_id", 2, distinctNumbers(editions))
		err := b.t.query(func(rows *sql.Rows) error {
			var key factKey
			found := stored{id: 1}
			if err := rows.Scan(&key.record, &key.edition, &key.text, &found.digest, &found.withdrawn); err != nil {
				return err
			}
			have[key] = found
			return nil
		}, "SELECT customer_record_id, edition_id, role, digest, withdrawn_at IS NOT NULL FROM participation WHERE "+customers+" AND "+within, first, second)
		return have, err
	}
	keys := make([]string, len(facts))
	for i, f := range facts {
		keys[i] = f.key.text
	}
	condition, arg := among(b.t, "external_key", 2, keys)
	err := b.t.query(func(rows *sql.Rows) error {
		var key factKey
		var found stored
		if err := rows.Scan(&key.text, &found.id, &found.digest, &found.withdrawn); err != nil {
			return err
		}
		have[key] = found
		return nil
	}, "SELECT external_key, id, digest, withdrawn_at IS NOT NULL FROM "+b.options.Entity.Table+" WHERE source_id = $1 AND "+condition, b.sourceID, arg)
	if err != nil {
		return nil, fmt.Errorf("looking for facts: %w", err)
	}
	return have, nil
}

func distinctNumbers(numbers []int64) []int64 {
	slices.Sort(numbers)
	return slices.Compact(numbers)
}
