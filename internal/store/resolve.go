package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// candidatesAtMost bounds how many look-alikes of one new party are put up for
// review: a name like "Ministry of Defence" has hundreds.
const candidatesAtMost = 5

// resolving is the part of a batch that finds out who is meant.
type resolving struct {
	// looked says that the cache was asked; missing are references that it does
	// not know.
	looked  bool
	missing []unknown
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
	newRecords []toldRecord
	newPoints  []newPoint
	newSealed  *rowBuffer
	// fresh are the records of this batch.
	fresh map[int64]bool
	// replaced are records whose source says something else now; confirmed ones
	// say the same.
	replaced  []toldRecord
	confirmed []int64
	// given are the roles that records get by the facts of this batch; those of
	// records and parties that were there before are listed by role.
	given                    map[int64]int64
	roleRecords, roleParties map[int64][]int64
	// pairs of look-alikes, and why.
	pairs map[[2]int64]string
}

// unknown is a reference to somebody whose key is not in the cache.
type unknown struct {
	row, n int
	id     identity
	kind   string
	// name is the party's name as names are compared; "" without one.
	name string
	// said is what the row says of the party; "" if nobody took it down yet.
	said string
}

// startResolving lays out what is to be found out.
func (b *batch) startResolving() {
	b.resolving = resolving{
		records: map[identity]known{}, codes: map[string]int64{}, mailboxes: map[string][]mailboxUser{},
		namesakes: map[string][]namesake{}, erasedKeys: map[identity]int64{},
		made: map[int64][]record{}, grown: map[int64]bool{}, fresh: map[int64]bool{}, given: map[int64]int64{},
		roleRecords: map[int64][]int64{}, roleParties: map[int64][]int64{}, blocks: map[string]*block{}, pairs: map[[2]int64]string{},
		newSealed: b.buffers.sealed.reset(len(sealedColumns)),
	}
}

// resolveParties finds out who is meant by references that the cache does not know.
func (b *batch) resolveParties() error {
	missing := b.missing
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
	if err := b.reserveParties(missing); err != nil {
		return err
	}
	// First, so that nobody is made by a row that is then rejected for another of
	// its parties.
	for _, u := range missing {
		b.refuseUnknowable(u)
	}
	for _, u := range missing {
		if b.rejected[u.row] {
			continue
		}
		if err := b.settle(u); err != nil {
			return err
		}
	}
	return nil
}

// lookInCache settles what the cache knows; missing is the rest.
func (b *batch) lookInCache() {
	b.looked = true
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
				if found, cached := b.get(id.key); cached {
					*b.ref(row, n) = found
					continue
				}
			}
			u := unknown{row: row, n: n, id: id, kind: kind}
			if name := partyValue(party, customer.PartyName); name != "" && (b.complete || entity.Name == "party") {
				u.name = nameKey(kind, name)
			}
			if b.complete && entity.Name != "party" {
				// It is most likely somebody new.
				u.said = contentOf(party)
			}
			b.missing = append(b.missing, u)
		}
	}
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

// settle decides whom one reference means, and makes the party if need be.
func (b *batch) settle(u unknown) error {
	party := &b.rows[u.row].Parties[u.n]
	found, is := b.records[u.id]
	switch {
	case is:
	case b.erasedKeys[u.id] != 0:
		found = known{party: b.erasedKeys[u.id], erased: true}
	default:
		var err error
		if found, err = b.meet(u, party); err != nil || found.record == 0 {
			return err
		}
	}
	*b.ref(u.row, u.n) = found
	b.records[u.id] = found
	if u.id.source == b.sourceID && b.options.Entity.Name != "party" && !found.erased {
		found.content = ""
		b.added[u.id.key] = found
	}
	return nil
}

// refuseUnknowable rejects the row of a reference that cannot lead to anybody.
func (b *batch) refuseUnknowable(u unknown) {
	party := &b.rows[u.row].Parties[u.n]
	_, is := b.records[u.id]
	switch {
	case is, b.erasedKeys[u.id] != 0:
	case u.id.source != b.sourceID:
		b.reject(u.row, b.field(u.n, "key"), fmt.Sprintf("source %q names nobody by the key %q", party.Source, party.Key))
	case party.Key == "" && partyValue(party, customer.PartyName) == "" && partyValue(party, customer.PartyEmail) == "" && partyValue(party, customer.PartyCode) == "":
		b.reject(u.row, b.field(u.n, "name"), "too little to know who is meant: give a key, a code, an e-mail address or a name")
	}
}

// meet finds out who somebody with a new key is, and records the key.
func (b *batch) meet(u unknown, party *customer.PartyRow) (known, error) {
	key := u.name
	who, candidates, reason := b.recognise(u.kind, key, party)
	if who == 0 {
		if b.options.RejectUnknown {
			b.reject(u.row, b.field(u.n, "name"), "nobody is known by this key, address or name, and the mapping says whenUnknown: Reject")
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
		if owner := b.codes[code]; owner != 0 {
			return owner, nil, ""
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

// withoutControl is for messages: what a file held, in one short line.
func withoutControl(value string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, value[:min(len(value), 80)])
}
