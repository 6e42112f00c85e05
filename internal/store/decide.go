package store

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
)

// decideAgain computes parties from their records, as they are now in the
// store, and gives the pairs that claim the same code.
func decideAgain(t *transaction, parties []int64) (disputes map[[2]int64]string, err error) {
	if len(parties) == 0 {
		return nil, nil
	}
	records, err := readRecords(t, parties)
	if err != nil {
		return nil, err
	}
	decided := make(map[int64]golden, len(parties))
	for _, id := range parties {
		if len(records[id]) == 0 {
			continue
		}
		if decided[id], err = survive(records[id]); err != nil {
			return nil, err
		}
	}
	ids := slices.Sorted(maps.Keys(decided))
	codes, err := readCodes(t, ids)
	if err != nil {
		return nil, err
	}
	if _, err := deleteAmong(t, "party", "id", ids); err != nil {
		return nil, err
	}
	disputes, err = settleCodes(t, decided, records, codes)
	if err != nil {
		return nil, err
	}
	return disputes, writeGolden(t, decided)
}

// readCodes reads the codes that parties have now.
func readCodes(t *transaction, parties []int64) (map[int64]string, error) {
	codes := make(map[int64]string, len(parties))
	condition, arg := among(t, "id", 1, parties)
	err := t.query(func(rows *sql.Rows) error {
		var id int64
		var code string
		err := rows.Scan(&id, &code)
		codes[id] = code
		return err
	}, "SELECT id, code FROM party WHERE "+condition, arg)
	if err != nil {
		return nil, fmt.Errorf("reading codes: %w", err)
	}
	return codes, nil
}

// readRecords reads what all sources say of parties. What a source does not say
// any more counts only where nothing else is said. Nobody decides on the erased.
func readRecords(t *transaction, parties []int64) (map[int64][]record, error) {
	current, withdrawn := map[int64][]record{}, map[int64][]record{}
	condition, arg := among(t, "r.party_id", 1, parties)
	err := t.query(func(rows *sql.Rows) error {
		var party int64
		var r record
		var said string
		var gone bool
		if err := rows.Scan(&party, &r.id, &r.trust, &r.at, &r.kind, &r.roles, &said, &gone); err != nil {
			return err
		}
		var err error
		if r.content, err = parseContent(said); err != nil {
			return err
		}
		into := current
		if gone {
			into = withdrawn
		}
		into[party] = append(into[party], r)
		return nil
	}, `SELECT r.party_id, r.id, s.trust, r.at, r.kind, r.roles, r.content, r.withdrawn_at IS NOT NULL
	      FROM party_record r JOIN source s ON s.id = r.source_id JOIN party p ON p.id = r.party_id
	     WHERE p.erased_at IS NULL AND `+condition, arg)
	if err != nil {
		return nil, fmt.Errorf("reading what sources say: %w", err)
	}
	for party, records := range withdrawn {
		if len(current[party]) == 0 {
			current[party] = records
		}
	}
	return current, nil
}

// settleCodes gives every party one code of its own. A code stays as long as a
// source says it; one that another party has is not taken from it, and the pair
// is for a person to decide.
func settleCodes(t *transaction, parties map[int64]golden, records map[int64][]record, current map[int64]string) (map[[2]int64]string, error) {
	said := map[int64]string{}
	var asked []string
	for id, party := range parties {
		said[id], _ = party.fields["code"].(string)
		if slices.ContainsFunc(records[id], func(r record) bool { return r.content["code"] == current[id] }) {
			said[id] = current[id]
		}
		asked = append(asked, said[id], current[id], madeUpCode(id))
	}
	owners, err := codeOwners(t, distinct(asked))
	if err != nil {
		return nil, err
	}
	disputes := map[[2]int64]string{}
	take := func(id int64, code string) bool {
		if _, taken := owners[code]; taken || code == "" {
			return false
		}
		owners[code] = codeOwner{id: id}
		parties[id].fields["code"] = code
		return true
	}
	// Codes that sources say come before those that nobody says any more.
	var open []int64
	for _, id := range slices.Sorted(maps.Keys(parties)) {
		if take(id, said[id]) {
			continue
		}
		open = append(open, id)
		if by := owners[said[id]]; said[id] != "" && !by.merged {
			disputes[[2]int64{min(by.id, id), max(by.id, id)}] = "SameCode"
		}
	}
	for _, id := range open {
		if take(id, current[id]) || take(id, madeUpCode(id)) {
			continue
		}
		code, err := freeCode(t, id)
		if err != nil {
			return nil, err
		}
		take(id, code)
	}
	return disputes, nil
}

// freeCode makes up a code for a party whose usual one somebody else has.
func freeCode(t *transaction, id int64) (string, error) {
	for n := 2; ; n++ {
		code := fmt.Sprintf("%s-%d", madeUpCode(id), n)
		others, err := codeOwners(t, []string{code})
		if err != nil || len(others) == 0 {
			return code, err
		}
	}
}

// codeOwner is who has a code.
type codeOwner struct {
	id     int64
	merged bool
}

// codeOwners finds who has which of the codes.
func codeOwners(t *transaction, codes []string) (map[string]codeOwner, error) {
	owners := map[string]codeOwner{}
	condition, arg := among(t, "code", 1, codes)
	err := t.query(func(rows *sql.Rows) error {
		var code string
		var o codeOwner
		err := rows.Scan(&code, &o.id, &o.merged)
		owners[code] = o
		return err
	}, "SELECT code, id, merged_into IS NOT NULL FROM party WHERE "+condition, arg)
	if err != nil {
		return nil, fmt.Errorf("looking for disputed codes: %w", err)
	}
	return owners, nil
}

// writeGolden adds parties as they stand.
func writeGolden(t *transaction, parties map[int64]golden) error {
	rows, err := goldenRows(parties)
	if err != nil {
		return err
	}
	return t.tryInsert("party", goldenColumns, rows)
}

// goldenRows lays parties out as rows of their table.
func goldenRows(parties map[int64]golden) (*rowBuffer, error) {
	rows := &rowBuffer{width: len(goldenColumns)}
	for _, id := range slices.Sorted(maps.Keys(parties)) {
		cells, err := goldenRow(id, parties[id])
		if err != nil {
			return nil, err
		}
		rows.add(cells...)
	}
	return rows, nil
}
