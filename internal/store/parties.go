package store

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

var (
	recordColumns    = []string{"id", "source_id", "external_key", "party_id", "kind", "name_key", "country", "roles", "content", "at", "import_id"}
	pointColumns     = []string{"id", "source_id", "external_key", "party_id", "party_record_id", "medium", "address", "address_key", "digest", "import_id"}
	sealedColumns    = []string{"party_id", "party_record_id", "field", "ciphertext", "equal_hash", "at"}
	candidateColumns = []string{"id", "party_id", "other_id", "reason", "found_at"}
)

// newRecord records a key of the importing source, and what its row says.
func (b *batch) newRecord(u unknown, who int64, key string, party *customer.PartyRow) (known, error) {
	id, err := b.number("party_record")
	if err != nil {
		return known{}, err
	}
	if u.said == "" {
		u.said = contentOf(party)
	}
	found := known{record: id, party: who, content: u.said}
	b.newRecords = append(b.newRecords, toldRecord{known: found, key: u.id.key, kind: u.kind, nameKey: key, at: b.saidAt(party), row: party})
	if _, made := b.made[who]; made {
		b.made[who] = append(b.made[who], record{id: id, trust: int64(b.options.Source.Trust), at: b.saidAt(party), kind: u.kind, row: party})
	}
	b.fresh[id] = true
	return found, b.traces(found, u.id.key, u.kind, key, party)
}

// saidAt is when the source said what a row says of a party.
func (b *batch) saidAt(party *customer.PartyRow) int64 {
	if len(party.Values) > customer.PartyAt && party.Values[customer.PartyAt].Present {
		return party.Values[customer.PartyAt].Number
	}
	return b.t.now
}

// traces records the name, addresses and sensitive fields of a record, for this
// batch too.
func (b *batch) traces(of known, recordKey, kind, key string, party *customer.PartyRow) error {
	if key != "" {
		country := partyValue(party, customer.PartyCountry)
		b.namesakes[kind+"|"+key] = append(b.namesakes[kind+"|"+key], namesake{of.party, country})
	}
	if code := partyValue(party, customer.PartyCode); code != "" && b.codes[code] == 0 {
		b.codes[code] = of.party
	}
	for field, medium := range map[int]string{customer.PartyEmail: "Email", customer.PartyPhone: "Phone", customer.PartyWebsite: "Web"} {
		address := partyValue(party, field)
		if address == "" {
			continue
		}
		if err := b.point(of, recordKey, medium, address); err != nil {
			return err
		}
		if medium == "Email" {
			user := mailboxUser{party: of.party, kind: kind}
			if key != "" {
				user.names = []string{key}
			}
			b.mailboxes[addressKey(medium, address)] = append(b.mailboxes[addressKey(medium, address)], user)
		}
	}
	return b.seal(of, party)
}

// pointKey is the key of a contact point that a record's own row gave.
func pointKey(recordKey, medium, address string) string {
	return recordKey + "#" + medium + "#" + addressKey(medium, address)
}

func (b *batch) point(of known, recordKey, medium, address string) error {
	id, err := b.number("contact_point")
	if err != nil {
		return err
	}
	b.newPoints = append(b.newPoints, newPoint{id: id, of: of, key: pointKey(recordKey, medium, address), medium: medium, address: address})
	return nil
}

// newPoint is an address that a record's own row gives.
type newPoint struct {
	id                   int64
	of                   known
	key, medium, address string
}

// writeRecords adds the records of this batch, and what follows from them.
func (b *batch) writeRecords() error {
	rows := b.buffers.parties.reset(len(recordColumns))
	for i := range b.newRecords {
		r := &b.newRecords[i]
		rows.add(numberCell(r.record), numberCell(b.sourceID), textCell(r.key), numberCell(r.party), textCell(r.kind), textCell(r.nameKey),
			textCell(partyValue(r.row, customer.PartyCountry)), numberCell(b.given[r.record]), textCell(r.content), numberCell(r.at), numberCell(b.runID))
	}
	if err := b.t.insert("party_record", recordColumns, rows); err != nil {
		return err
	}
	rows.reset(len(pointColumns))
	for i := range b.newPoints {
		p := &b.newPoints[i]
		rows.add(numberCell(p.id), numberCell(b.sourceID), textCell(p.key), numberCell(p.of.party), numberCell(p.of.record),
			textCell(p.medium), textCell(p.address), textCell(addressKey(p.medium, p.address)), numberCell(0), numberCell(b.runID))
	}
	if err := b.t.insert("contact_point", pointColumns, rows); err != nil {
		return err
	}
	return b.t.insert("sensitive_field", sealedColumns, b.newSealed)
}

// seal encrypts the sensitive fields of a row.
func (b *batch) seal(of known, party *customer.PartyRow) error {
	for _, field := range party.Sensitive {
		if !field.Value.Present || b.options.Keys == nil {
			continue
		}
		sealed, err := b.options.Keys.Seal(of.record, field.Name, field.Value.Text)
		if err != nil {
			return fmt.Errorf("encrypting %s: %w", field.Name, err)
		}
		hash := b.options.Keys.Hash(field.Name, field.Value.Text)
		b.newSealed.add(numberCell(of.party), numberCell(of.record), textCell(field.Name), textCell(sealed), textCell(hash), numberCell(b.t.now))
	}
	return nil
}

// writeParties records parties, keys and traces, and decides anew whose word
// stands where another record came in.
func (b *batch) writeParties() error {
	if b.options.Entity.Name == "party" {
		if err := b.tallyParties(); err != nil {
			return err
		}
	}
	if err := b.replaceRecords(); err != nil {
		return err
	}
	decided := make(chan error, 1)
	var parties map[int64]golden
	var rows *rowBuffer
	go func() {
		var err error
		if parties, err = b.decideMade(); err == nil {
			rows, err = goldenRows(parties)
		}
		decided <- err
	}()
	if err := errors.Join(b.writeRecords(), <-decided); err != nil {
		return err
	}
	if err := b.writeMade(parties, rows); err != nil {
		return err
	}
	if err := b.writeGrown(); err != nil {
		return err
	}
	return b.writePairs()
}

// decideMade computes the parties of this batch.
func (b *batch) decideMade() (map[int64]golden, error) {
	parties := make(map[int64]golden, len(b.made))
	for id, records := range b.made {
		for i := range records {
			records[i].roles, records[i].content = b.given[records[i].id], contentMap(records[i].row)
		}
		party, err := survive(records)
		if err != nil {
			return nil, err
		}
		parties[id] = party
		b.marks = append(b.marks, id)
	}
	return parties, nil
}

// writeMade adds the parties of this batch, which rows are.
func (b *batch) writeMade(parties map[int64]golden, rows *rowBuffer) error {
	err := b.t.tryInsert("party", goldenColumns, rows)
	if errors.Is(err, errDuplicate) {
		// A code that a source gives looks like one that is made up.
		if _, err = settleCodes(b.t, parties, b.made, nil); err == nil {
			err = writeGolden(b.t, parties)
		}
	}
	return err
}

// writeGrown decides anew on parties of whom something else is said now.
func (b *batch) writeGrown() error {
	grown := slices.Sorted(maps.Keys(b.grown))
	b.marks = append(b.marks, grown...)
	disputes, err := decideAgain(b.t, grown)
	if err != nil {
		return err
	}
	maps.Copy(b.pairs, disputes)
	return nil
}

// writePairs puts look-alikes up for review, unless they were before.
func (b *batch) writePairs() error {
	if len(b.pairs) == 0 {
		return nil
	}
	pairs := slices.SortedFunc(maps.Keys(b.pairs), func(x, y [2]int64) int { return slices.Compare(x[:], y[:]) })
	firsts := make([]int64, 0, len(pairs))
	for _, pair := range pairs {
		firsts = append(firsts, pair[0])
	}
	condition, arg := among(b.t, "party_id", 1, firsts)
	err := b.t.query(func(rows *sql.Rows) error {
		var pair [2]int64
		if err := rows.Scan(&pair[0], &pair[1]); err != nil {
			return err
		}
		delete(b.pairs, pair)
		return nil
	}, "SELECT party_id, other_id FROM match_candidate WHERE "+condition, arg)
	if err != nil {
		return fmt.Errorf("looking for known look-alikes: %w", err)
	}
	candidates := rowBuffer{width: len(candidateColumns)}
	for _, pair := range pairs {
		reason, fresh := b.pairs[pair]
		if !fresh {
			continue
		}
		id, err := b.number("match_candidate")
		if err != nil {
			return err
		}
		candidates.add(numberCell(id), numberCell(pair[0]), numberCell(pair[1]), textCell(reason), numberCell(b.t.now))
	}
	b.tally.Candidates += int64(candidates.len())
	return b.t.insert("match_candidate", candidateColumns, &candidates)
}

// tallyParties compares what rows of parties say with what the store has.
func (b *batch) tallyParties() error {
	secrets, err := b.readSecrets()
	if err != nil {
		return err
	}
	for row := range b.rows {
		if b.rejected[row] {
			continue
		}
		found, party := *b.ref(row, 0), &b.rows[row].Parties[0]
		switch {
		case found.erased:
			b.tally.Erased++
			b.tally.Unchanged++
		case found.record == 0:
			// A later row of the batch has the same key and stands in its place.
			b.tally.Unchanged++
		case b.fresh[found.record]:
			b.tally.New++
		case found.content == contentOf(party) && !found.withdrawn && !b.tellsSecret(secrets, found.record, party):
			b.existing++
			b.tally.Unchanged++
			b.confirmed = append(b.confirmed, found.record)
		default:
			b.existing++
			b.tally.Changed++
			kind, name := kindOf(&b.options.Entity.Fields[0], party), ""
			if text := partyValue(party, customer.PartyName); text != "" {
				name = nameKey(kind, text)
			}
			b.replaced = append(b.replaced, toldRecord{
				known: found, key: keyOf(kind, party), kind: kind, nameKey: name, at: b.saidAt(party), row: party,
			})
			b.grown[found.party] = true
		}
	}
	return nil
}
