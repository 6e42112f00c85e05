package store

import (
	"cmp"
	"database/sql"
	"encoding/json"
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
	row    int
	key    factKey
	digest int64
	// id of a row that is there; for participations nothing but a sign of it.
	id int64
}

// stored is a row that the store has.
type stored struct {
	id, digest int64
	withdrawn  bool
}

// isParticipation tells the one entity whose rows have no number and no key of
// their own.
func (i *Import) isParticipation() bool { return i.options.Entity.Name == "participation" }

func (b *batch) writeFacts() error {
	switch b.options.Entity.Name {
	case "party":
		return nil
	case "edition":
		return b.writeEditions()
	}
	if err := b.findReferredFacts(); err != nil {
		return err
	}
	b.prepareValues()
	facts := b.lastFacts()
	if !b.lookFirst {
		err := b.addFacts(facts, nil)
		if !errors.Is(err, errDuplicate) {
			return err
		}
	}
	have, err := b.findFacts(facts)
	if err != nil {
		return err
	}
	return b.addFacts(facts, have)
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
	if b.isParticipation() {
		return factKey{b.ref(row, 0).record, r.Values[1].Number, r.Values[2].Text}
	}
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
			parties = append(parties, b.ref(f.row, 0).party)
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

// addFacts writes the facts that are new or changed. have is what the store has
// of them; nil stands for nothing, and then errDuplicate says that it is not so.
func (b *batch) addFacts(facts []fact, have map[factKey]stored) error {
	var write, changed, confirmed []fact
	for _, f := range facts {
		was, there := have[f.key]
		f.id = was.id
		switch {
		case !there:
			write = append(write, f)
		case was.digest == f.digest && !was.withdrawn:
			confirmed = append(confirmed, f)
		default:
			write = append(write, f)
			changed = append(changed, f)
		}
	}
	if err := b.replaceFacts(changed, confirmed); err != nil {
		return err
	}
	if b.isParticipation() {
		// In the order of the primary key, so that its pages are filled together.
		slices.SortFunc(write, func(x, y fact) int { return cmp.Compare(b.ref(x.row, 0).party, b.ref(y.row, 0).party) })
	}
	columns, rows, err := b.factRows(write)
	if err != nil {
		return err
	}
	if err := b.t.insert(b.options.Entity.Table, columns, rows); err != nil {
		return err
	}
	b.markConcerned(write)
	b.tally.New += int64(len(write) - len(changed))
	b.tally.Changed += int64(len(changed))
	b.tally.Unchanged += int64(len(confirmed))
	b.existing += int64(len(changed) + len(confirmed))
	return b.giveRoles(write)
}

// markConcerned marks everybody whom facts are about.
func (b *batch) markConcerned(facts []fact) {
	for _, f := range facts {
		for n := range b.parties {
			b.marks[b.ref(f.row, n).party] = true
		}
		for position := range b.options.Entity.Fields {
			if b.options.Entity.Fields[position].Kind == customer.Fact {
				b.marks[b.subjects[b.rows[f.row].Values[position].Number]] = true
			}
		}
	}
}

// factRows are facts as rows of their table.
func (b *batch) factRows(facts []fact) ([]string, *rowBuffer, error) {
	entity := b.options.Entity
	columns := factColumns(entity)
	rows := &rowBuffer{width: len(columns), cells: make([]cell, 0, len(columns)*len(facts))}
	fresh := int64(0)
	for _, f := range facts {
		if f.id == 0 {
			fresh++
		}
	}
	next := int64(0)
	if !b.isParticipation() {
		var err error
		if next, err = b.t.numbers(entity.Table, int(fresh)); err != nil {
			return nil, nil, err
		}
	}
	for _, f := range facts {
		if !b.isParticipation() {
			id := f.id
			if id == 0 {
				id = next
				next++
			}
			rows.add(numberCell(id), numberCell(b.sourceID), textCell(f.key.text))
		}
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
	return columns, rows, nil
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
			columns = append(columns, partyColumns(entity, field)...)
		case customer.Address:
			columns = append(columns, field.Column(), field.Column()+"_key")
		default:
			columns = append(columns, field.Column())
		}
	}
	return append(columns, "digest", "import_id")
}

// partyColumns are the two columns of a reference: the party and the record.
func partyColumns(_ *customer.Entity, field customer.Field) []string {
	return []string{field.Column() + "_id", field.Column() + "_record_id"}
}

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
	for group, records := range b.byEdition(changed) {
		rest := " AND edition_id = $2 AND role = $3"
		condition, arg := among(b.t, "customer_record_id", 1, records)
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
		condition, arg := among(b.t, "customer_record_id", 1, records)
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
		parties[i] = b.ref(f.row, 0).party
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
			b.marks[party] = true
			if n == 0 {
				subject = numberCell(party)
			}
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

// giveRoles notes the roles that customers have by facts.
func (b *batch) giveRoles(facts []fact) error {
	role := b.options.Entity.Makes
	if role == "" && !b.isParticipation() {
		return nil
	}
	records, parties := map[int64][]int64{}, map[int64][]int64{}
	for _, f := range facts {
		ref := b.ref(f.row, 0)
		if b.isParticipation() {
			role = f.key.text
		}
		bit := customer.Bit(customer.Roles, role)
		if ref.roles&bit != 0 {
			continue
		}
		ref.roles |= bit
		id := identity{b.sourceID, keyOf(kindOf(&b.options.Entity.Fields[b.parties[0]], &b.rows[f.row].Parties[0]), &b.rows[f.row].Parties[0])}
		if source := b.rows[f.row].Parties[0].Source; source == "" || source == b.options.Source.Name {
			b.added[id.key] = *ref
		}
		records[bit] = append(records[bit], ref.record)
		parties[bit] = append(parties[bit], ref.party)
	}
	for bit := range records {
		if _, err := updateAmong(b.t, "party_record", "roles = roles | $2", "id", records[bit], bit); err != nil {
			return err
		}
		if _, err := updateAmong(b.t, "party", "roles = roles | $2", "id", parties[bit], bit); err != nil {
			return err
		}
	}
	return nil
}
