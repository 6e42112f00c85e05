package store

import (
	"database/sql"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

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
		if !asked[u.id] && (!b.complete || u.id.source != b.sourceID) {
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
	if !b.erased {
		return nil
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
	for i := range missing {
		u := &missing[i]
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
			if u.name == "" {
				u.name = nameKey(u.kind, name)
			}
			names = append(names, u.name)
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
		var name string
		if err := rows.Scan(&address, &user.party, &user.kind, &name); err != nil {
			return err
		}
		users := b.mailboxes[address]
		at := slices.IndexFunc(users, func(other mailboxUser) bool { return other.party == user.party })
		if at < 0 {
			at = len(users)
			users = append(users, user)
		}
		if name != "" {
			users[at].names = append(users[at].names, name)
		}
		b.mailboxes[address] = users
		return nil
	}, `SELECT DISTINCT c.address_key, c.party_id, p.kind, r.name_key
	      FROM contact_point c JOIN party p ON p.id = c.party_id JOIN party_record r ON r.party_id = c.party_id
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
	}, "SELECT DISTINCT kind, name_key, party_id, country FROM party_record WHERE "+condition+" ORDER BY 1, 2, 3, 4", arg)
}
