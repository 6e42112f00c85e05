package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// candidatesAtMost bounds how many look-alikes of one new party are put up for
// review: a name like "Ministry of Defence" has hundreds.
const candidatesAtMost = 5

// resolving is the part of a batch that finds out who is meant.
type resolving struct {
	// known records by identity, of the store and of this batch.
	records map[identity]known
	// What the store knows about who is not found by key.
	codes      map[string]int64
	mailboxes  map[string][]mailboxUser
	namesakes  map[string][]namesake
	erasedKeys map[identity]int64
	// made are parties of this batch, grown those that got another record or
	// another word of an old one.
	made   map[int64][]record
	grown  map[int64]bool
	blocks map[string]*block
	// Rows to be written.
	newRecords, newNames, newPoints, newSealed, newCandidates rowBuffer
	// fresh are the records of this batch.
	fresh map[int64]bool
	// replaced are records whose source says something else now; confirmed ones
	// say the same.
	replaced  []replacedRecord
	confirmed []int64
	// pairs of look-alikes, and why.
	pairs map[[2]int64]string
}

// block is a run of numbers that were taken at once.
type block struct{ next, limit int64 }

const blockSize = 256

// number takes the next number of a name.
func (b *batch) number(name string) (int64, error) {
	numbers := b.blocks[name]
	if numbers == nil {
		numbers = &block{}
		b.blocks[name] = numbers
	}
	if numbers.next == numbers.limit {
		first, err := b.t.numbers(name, blockSize)
		if err != nil {
			return 0, err
		}
		numbers.next, numbers.limit = first, first+blockSize
	}
	numbers.next++
	return numbers.next - 1, nil
}

// returnNumbers gives back what was taken and not used: nobody else could take
// numbers since.
func (b *batch) returnNumbers() error {
	for name, numbers := range b.blocks {
		if _, err := b.t.exec(`UPDATE number_block SET next = next - $2 WHERE name = $1`, name, numbers.limit-numbers.next); err != nil {
			return err
		}
		numbers.limit = numbers.next
	}
	return nil
}

// unknown is a reference to somebody whose key is not in the cache.
type unknown struct {
	row, n int
	id     identity
	kind   string
}

func (b *batch) resolveParties() error {
	b.resolving = resolving{
		records: map[identity]known{}, codes: map[string]int64{}, mailboxes: map[string][]mailboxUser{},
		namesakes: map[string][]namesake{}, erasedKeys: map[identity]int64{},
		made: map[int64][]record{}, grown: map[int64]bool{}, fresh: map[int64]bool{}, blocks: map[string]*block{}, pairs: map[[2]int64]string{},
		newRecords: rowBuffer{width: len(recordColumns)}, newNames: rowBuffer{width: len(nameColumns)},
		newPoints: rowBuffer{width: len(pointColumns)}, newSealed: rowBuffer{width: len(sealedColumns)},
	}
	missing := b.lookInCache()
	if b.options.Entity.Name == "party" {
		missing = lastOfEach(missing)
	}
	if len(missing) == 0 {
		return nil
	}
	if err := b.findRecords(missing); err != nil {
		return err
	}
	if err := b.findTraces(missing); err != nil {
		return err
	}
	for _, u := range missing {
		if b.rejected[u.row] {
			continue
		}
		if err := b.resolve(u); err != nil {
			return err
		}
	}
	return nil
}

// lookInCache settles what the cache knows and gives the rest.
func (b *batch) lookInCache() []unknown {
	var missing []unknown
	entity := b.options.Entity
	for row := range b.rows {
		for n, position := range b.parties {
			party := &b.rows[row].Parties[n]
			if party.IsEmpty() || b.refusesSecrets(row, n, party) {
				continue
			}
			field := &entity.Fields[position]
			kind := kindOf(field, party)
			id := identity{b.sourceID, keyOf(kind, party)}
			if party.Source != "" && party.Source != b.options.Source.Name {
				id.source = 0
			}
			if id.source != 0 && entity.Name != "party" {
				if found, cached := b.keys[id.key]; cached {
					*b.ref(row, n) = found
					continue
				}
			}
			missing = append(missing, unknown{row, n, id, kind})
		}
	}
	return missing
}

// refusesSecrets rejects a row with sensitive fields that cannot be encrypted:
// they are never stored in clear.
func (b *batch) refusesSecrets(row, n int, party *customer.PartyRow) bool {
	for _, field := range party.Sensitive {
		name := b.field(n, "sensitive."+field.Name)
		switch {
		case !slices.Contains(b.sensitive, field.Name):
			b.reject(row, name, fmt.Sprintf("the store does not declare %q as sensitive: add it to spec.sensitiveFields", field.Name))
			return true
		case field.Value.Present && b.options.Keys == nil:
			b.reject(row, name, "sensitive fields are stored encrypted only, and no keyset was given")
			return true
		}
	}
	return false
}

// lastOfEach leaves the last row of every key: of a key that stands several
// times in a file the last row counts.
func lastOfEach(missing []unknown) []unknown {
	last := make(map[identity]int, len(missing))
	for _, u := range missing {
		last[u.id] = u.row
	}
	return slices.DeleteFunc(missing, func(u unknown) bool { return last[u.id] != u.row })
}

// findRecords looks for the keys of all who are missing.
func (b *batch) findRecords(missing []unknown) error {
	keys := map[int64][]string{}
	asked := map[identity]bool{}
	for i := range missing {
		u := &missing[i]
		if u.id.source == 0 {
			source, err := b.otherSource(b.rows[u.row].Parties[u.n].Source)
			if err != nil {
				return err
			}
			if source == 0 {
				b.reject(u.row, b.field(u.n, "source"), fmt.Sprintf("no source is called %q yet: import its parties first", b.rows[u.row].Parties[u.n].Source))
				continue
			}
			u.id.source = source
		}
		if !asked[u.id] && !(b.complete && u.id.source == b.sourceID) {
			asked[u.id] = true
			keys[u.id.source] = append(keys[u.id.source], u.id.key)
		}
	}
	content := "''"
	if b.options.Entity.Name == "party" {
		content = "content"
	}
	for source, list := range keys {
		condition, arg := among(b.t, "external_key", 2, list)
		err := b.t.query(func(rows *sql.Rows) error {
			id := identity{source: source}
			var found known
			if err := rows.Scan(&id.key, &found.record, &found.party, &found.roles, &found.content, &found.withdrawn); err != nil {
				return err
			}
			b.records[id] = found
			return nil
		}, "SELECT external_key, id, party_id, roles, "+content+", withdrawn_at IS NOT NULL FROM party_record WHERE source_id = $1 AND "+condition, source, arg)
		if err != nil {
			return fmt.Errorf("looking for keys: %w", err)
		}
	}
	return b.findErased(keys)
}

// otherSource gives the number of a source that is not the importing one; 0 if
// there is none of this name.
func (b *batch) otherSource(name string) (int64, error) {
	if id, known := b.sources[name]; known {
		return id, nil
	}
	var id int64
	err := b.t.query(func(rows *sql.Rows) error { return rows.Scan(&id) }, `SELECT id FROM source WHERE name = $1`, name)
	if err == nil && id != 0 {
		b.sources[name] = id
	}
	return id, err
}

// findErased looks which keys belonged to persons who were erased.
func (b *batch) findErased(keys map[int64][]string) error {
	count, err := b.t.number(`SELECT count(*) FROM (SELECT 1 FROM erased_key LIMIT 1) x`)
	if err != nil || count == 0 {
		return err
	}
	for source, list := range keys {
		hashes := make([]string, len(list))
		byHash := map[string]string{}
		for i, key := range list {
			hashes[i] = hashOf(b.hashKey, key)
			byHash[hashes[i]] = key
		}
		condition, arg := among(b.t, "key_hash", 2, hashes)
		err := b.t.query(func(rows *sql.Rows) error {
			var hash string
			var party int64
			if err := rows.Scan(&hash, &party); err != nil {
				return err
			}
			b.erasedKeys[identity{source, byHash[hash]}] = party
			return nil
		}, "SELECT key_hash, party_id FROM erased_key WHERE source_id = $1 AND "+condition, source, arg)
		if err != nil {
			return fmt.Errorf("looking for erased keys: %w", err)
		}
	}
	return nil
}

// findTraces looks for codes, mailboxes and names of those whose key is new.
func (b *batch) findTraces(missing []unknown) error {
	var codes, mailboxes, names []string
	for _, u := range missing {
		if _, found := b.records[u.id]; found {
			continue
		}
		party := &b.rows[u.row].Parties[u.n]
		if code := partyValue(party, customer.PartyCode); code != "" {
			codes = append(codes, code)
		}
		if email := partyValue(party, customer.PartyEmail); email != "" && b.resolves[ByEmail] {
			mailboxes = append(mailboxes, addressKey("Email", email))
		}
		if name := partyValue(party, customer.PartyName); name != "" {
			names = append(names, nameKey(u.kind, name))
		}
	}
	if err := b.findCodes(distinct(codes)); err != nil {
		return fmt.Errorf("looking for codes: %w", err)
	}
	if err := b.findMailboxes(distinct(mailboxes)); err != nil {
		return fmt.Errorf("looking for mailboxes: %w", err)
	}
	if err := b.findNames(distinct(names)); err != nil {
		return fmt.Errorf("looking for names: %w", err)
	}
	return nil
}

func distinct(values []string) []string {
	slices.Sort(values)
	return slices.Compact(values)
}

func (b *batch) findCodes(codes []string) error {
	if len(codes) == 0 {
		return nil
	}
	condition, arg := among(b.t, "code", 1, codes)
	var merged []string
	err := b.t.query(func(rows *sql.Rows) error {
		var code string
		var party int64
		var gone bool
		if err := rows.Scan(&code, &party, &gone); err != nil {
			return err
		}
		b.codes[code] = party
		if gone {
			merged = append(merged, code)
		}
		return nil
	}, "SELECT code, id, merged_into IS NOT NULL FROM party WHERE erased_at IS NULL AND "+condition, arg)
	if err != nil {
		return err
	}
	for _, code := range merged {
		if b.codes[code], err = root(b.t, b.codes[code]); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) findMailboxes(addresses []string) error {
	if len(addresses) == 0 {
		return nil
	}
	condition, arg := among(b.t, "c.address_key", 1, addresses)
	return b.t.query(func(rows *sql.Rows) error {
		var address string
		var user mailboxUser
		var name sql.NullString
		if err := rows.Scan(&address, &user.party, &user.kind, &name); err != nil {
			return err
		}
		users := b.mailboxes[address]
		at := slices.IndexFunc(users, func(other mailboxUser) bool { return other.party == user.party })
		if at < 0 {
			at = len(users)
			users = append(users, user)
		}
		if name.Valid {
			users[at].names = append(users[at].names, name.String)
		}
		b.mailboxes[address] = users
		return nil
	}, `SELECT DISTINCT c.address_key, c.party_id, p.kind, m.name_key
	      FROM contact_point c JOIN party p ON p.id = c.party_id LEFT JOIN match_key m ON m.party_id = c.party_id
	     WHERE c.medium = 'Email' AND c.withdrawn_at IS NULL AND `+condition+` ORDER BY 1, 2, 4`, arg)
}

func (b *batch) findNames(names []string) error {
	if len(names) == 0 {
		return nil
	}
	condition, arg := among(b.t, "name_key", 1, names)
	return b.t.query(func(rows *sql.Rows) error {
		var kind, name string
		var found namesake
		if err := rows.Scan(&kind, &name, &found.party, &found.country); err != nil {
			return err
		}
		b.namesakes[kind+"|"+name] = append(b.namesakes[kind+"|"+name], found)
		return nil
	}, "SELECT DISTINCT kind, name_key, party_id, country FROM match_key WHERE "+condition+" ORDER BY 1, 2, 3, 4", arg)
}

// resolve settles whom one reference means, and makes the party if need be.
func (b *batch) resolve(u unknown) error {
	party := &b.rows[u.row].Parties[u.n]
	found, is := b.records[u.id]
	switch {
	case is:
	case b.erasedKeys[u.id] != 0:
		found = known{party: b.erasedKeys[u.id], erased: true}
	case u.id.source != b.sourceID:
		b.reject(u.row, b.field(u.n, "key"), fmt.Sprintf("source %q names nobody by the key %q", party.Source, party.Key))
		return nil
	default:
		var err error
		if found, err = b.meet(u, party); err != nil || found.record == 0 {
			return err
		}
	}
	*b.ref(u.row, u.n) = found
	b.records[u.id] = found
	if u.id.source == b.sourceID && b.options.Entity.Name != "party" && !found.erased {
		b.added[u.id.key] = found
	}
	return nil
}

// meet finds out who somebody with a new key is, and records the key.
func (b *batch) meet(u unknown, party *customer.PartyRow) (known, error) {
	name := partyValue(party, customer.PartyName)
	key := ""
	if name != "" {
		key = nameKey(u.kind, name)
	}
	who, candidates, reason := b.recognise(u.kind, key, party)
	if who == 0 {
		if b.options.RejectUnknown {
			b.reject(u.row, b.field(u.n, "name"), "nobody is known by this key, address or name, and the mapping says whenUnknown: Reject")
			return known{}, nil
		}
		if name == "" && party.Key == "" && partyValue(party, customer.PartyEmail) == "" && partyValue(party, customer.PartyCode) == "" {
			b.reject(u.row, b.field(u.n, "name"), "too little to know who is meant: give a key, a code, an e-mail address or a name")
			return known{}, nil
		}
		var err error
		if who, err = b.number("party"); err != nil {
			return known{}, err
		}
		b.made[who] = nil
		b.tally.Parties++
		for _, other := range candidates[:min(len(candidates), candidatesAtMost)] {
			b.pair(who, other, reason)
		}
	} else if _, made := b.made[who]; !made {
		b.grown[who] = true
	}
	return b.newRecord(u, who, key, party)
}

// pair puts two parties up for review.
func (b *batch) pair(one, other int64, reason string) {
	b.pairs[[2]int64{min(one, other), max(one, other)}] = reason
}

// recognise finds a party by code, mailbox or name, in this order of certainty
// as far as the mapping wants it.
func (b *batch) recognise(kind, key string, party *customer.PartyRow) (who int64, candidates []int64, reason string) {
	if code := partyValue(party, customer.PartyCode); code != "" {
		if who := b.codes[code]; who != 0 {
			return who, nil, ""
		}
	}
	for _, by := range b.options.ResolveBy {
		var more []int64
		switch {
		case by == ByEmail && partyValue(party, customer.PartyEmail) != "":
			who, more = sameMailbox(kind, key, b.mailboxes[addressKey("Email", partyValue(party, customer.PartyEmail))])
			if len(more) > 0 {
				reason = "SameEmail"
			}
		case by == ByMatchKey && key != "":
			who, more = sameName(kind, partyValue(party, customer.PartyCountry), b.namesakes[kind+"|"+key])
			if len(more) > 0 && reason == "" {
				reason = "SameName"
			}
		}
		if who != 0 {
			return who, nil, ""
		}
		candidates = append(candidates, more...)
	}
	slices.Sort(candidates)
	return 0, slices.Compact(candidates), reason
}

// field is a field of a row's n-th party as mapping files name it.
func (b *batch) field(n int, name string) string {
	if b.options.Entity.Name == "party" {
		return name
	}
	return b.options.Entity.Fields[b.parties[n]].Name + "." + name
}

// contentMap is what a row says, as survive reads it.
func contentMap(party *customer.PartyRow) content {
	said := content{}
	put := func(into map[string]any, name string, kind customer.Kind, value customer.Value) {
		switch {
		case !value.Present:
		case kind == customer.Truth:
			into[name] = value.Number != 0
		case kind.IsNumber():
			into[name] = json.Number(strconv.FormatInt(value.Number, 10))
		default:
			into[name] = value.Text
		}
	}
	for i, value := range party.Values {
		if i != customer.PartyAt {
			put(said, customer.PartyFields[i].Name, customer.PartyFields[i].Kind, value)
		}
	}
	attributes := map[string]any{}
	for _, attribute := range party.Attributes {
		put(attributes, attribute.Name, attribute.Kind, attribute.Value)
	}
	if len(attributes) > 0 {
		said[attributesKey] = attributes
	}
	return said
}

// withoutControl is for messages: what a file held, in one short line.
func withoutControl(value string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, value[:min(len(value), 80)])
}
