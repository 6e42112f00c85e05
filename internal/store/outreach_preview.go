package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Preview is what a freeze would make of one customer.
type Preview struct {
	// Customer is its code: that of who is left where it was merged.
	Customer string
	// Matched says that it is in the audience.
	Matched bool
	// Dropped counts what stands in the way, by reason, as Run.Dropped.
	Dropped map[string]int64
	// Segments that it is a member of, with its class in each; "" where there are none.
	Segments map[string]string
	// Unknown are segments of the audience that the store has never evaluated, so that nobody is
	// in them.
	Unknown []string
	// Recipients who are written to. Of a run that is frozen they are its own, with their
	// numbers; otherwise the numbers tell nothing.
	Recipients []Recipient
}

// Preview finds who is written to for one customer, by the statements of a freeze. Of run, where
// it is not nil, it gives the recipients of which the run consists; what stands in the way is
// told as it is now. Nothing is written but temporary tables, which go with the transaction: who
// may read the store may ask. That nobody has the code is a *NotFoundError.
func (s *Store) Preview(ctx context.Context, freeze Freeze, run *Run, code string, parts RecipientParts) (Preview, error) {
	return s.previewAnd(ctx, freeze, run, code, parts, func(*freezing, int64, Preview) error { return nil })
}

// previewAnd is Preview, and asks more of the customer while the tables of the freeze stand.
func (s *Store) previewAnd(ctx context.Context, freeze Freeze, run *Run, code string, parts RecipientParts, more func(f *freezing, customer int64, seen Preview) error) (seen Preview, err error) {
	t, err := s.begin(ctx, s.dialect.oneState())
	if err != nil {
		return seen, err
	}
	defer t.end()
	party, err := findParty(t, code)
	switch {
	case err != nil:
		return seen, err
	case party.erased:
		return seen, &NotFoundError{fmt.Sprintf("whoever had the code %q was erased", code)}
	}
	if party.id, err = root(t, party.id); err == nil {
		seen.Customer, err = codeOf(t, party.id)
	}
	if err == nil {
		seen.Segments, err = classesOf(t, party.id)
	}
	if err == nil {
		seen.Unknown, err = freeze.Audience.unknown(t)
	}
	if err != nil {
		return seen, err
	}
	f := &freezing{
		transaction: t, Freeze: freeze, messageTables: messagesIn("preview_message", "preview_address", "(SELECT b.id FROM address b WHERE b.hash = a.hash)"), points: "preview_point",
		within: " AND m.customer_id IN (SELECT w.id FROM preview_customer w)", counted: fmt.Sprintf(" AND c.customer_id = %d", party.id),
	}
	if err := f.layOutNeighbours(party.id); err != nil {
		return seen, fmt.Errorf("finding who shares a mailbox with the customer: %w", err)
	}
	if err := f.choose(); err != nil {
		return seen, fmt.Errorf("previewing the run %s: %w", freeze.Key, err)
	}
	seen.Matched, seen.Dropped = f.matched > 0, f.dropped
	from := f.messageTables
	if run != nil {
		from, f.id = frozen, run.ID
	}
	if seen.Recipients, err = recipientsWhere(t, from, parts.Checks, "m.customer_id = $3", f.id, party.id); err == nil {
		err = addParts(t, from, f.id, seen.Recipients, parts)
	}
	if err != nil {
		return seen, fmt.Errorf("reading who is written to: %w", err)
	}
	return seen, more(f, party.id, seen)
}

func classesOf(t *transaction, customer int64) (map[string]string, error) {
	segments := map[string]string{}
	err := t.query(func(rows *sql.Rows) error {
		var name, class string
		err := rows.Scan(&name, &class)
		segments[name] = class
		return err
	}, `SELECT m.segment, m.class FROM segment_member m WHERE m.customer_id = $1`, customer)
	if err != nil {
		return nil, fmt.Errorf("reading the segments of a customer: %w", err)
	}
	return segments, nil
}

// unknown are the segments that were never evaluated.
func (a Audience) unknown(t *transaction) (names []string, err error) {
	for _, choices := range [][]SegmentChoice{a.Include, a.Exclude} {
		for _, choice := range choices {
			state, err := readSegment(t, choice.Name)
			if err != nil {
				return nil, err
			}
			if state == nil {
				names = append(names, choice.Name)
			}
		}
	}
	return names, nil
}

// layOutNeighbours lays out in the place of the store's tables what a freeze has to know of
// others than the customer: who could be written to at a mailbox at which it could be, since a
// mailbox is written to once. Everything else is decided for each customer by itself.
func (f *freezing) layOutNeighbours(customer int64) error {
	parameters := map[string]any{"who": customer, "medium": f.Medium}
	if err := f.run("preview_customer", `CREATE TEMP TABLE preview_customer ON COMMIT DROP AS
		WITH mailbox AS (
			SELECT DISTINCT k.address_key FROM contact_point k
			WHERE k.medium = @medium AND k.party_id IN (SELECT @who UNION SELECT f.person_id FROM affiliation f WHERE f.organization_id = @who)
		), holder AS (
			SELECT k.party_id FROM mailbox b JOIN contact_point k ON k.address_key = b.address_key AND k.medium = @medium
		)
		SELECT @who AS id UNION SELECT h.party_id FROM holder h UNION SELECT f.organization_id FROM holder h JOIN affiliation f ON f.person_id = h.party_id`, parameters); err != nil {
		return err
	}
	if _, err := f.exec(`CREATE TEMP TABLE preview_point (id BIGINT NOT NULL, address_id BIGINT NOT NULL)` + f.dialect.onCommitDrop()); err != nil {
		return err
	}
	if _, err := f.exec(`CREATE TEMP TABLE preview_address (id BIGINT NOT NULL, hash TEXT NOT NULL)` + f.dialect.onCommitDrop()); err != nil {
		return err
	}
	if _, err := f.exec(`CREATE TEMP TABLE preview_message ` + f.dialect.onCommitDrop() + ` AS SELECT m.* FROM outreach_message m WHERE 1 = 0`); err != nil {
		return err
	}
	return f.nameNeighbours(parameters)
}

// nameNeighbours gives their contact points mailboxes, also those that have none yet: a freeze
// would give them one.
func (f *freezing) nameNeighbours(parameters map[string]any) error {
	hashKey, err := readHashKey(f.transaction)
	if err != nil {
		return err
	}
	numbers, points, addresses := map[string]int64{}, &rowBuffer{width: 2}, &rowBuffer{width: 2}
	text, args := newRefresh(f.transaction).bind(`SELECT k.id, k.address_key, coalesce(a.hash, '') FROM contact_point k LEFT JOIN address a ON a.id = k.address_id
		WHERE k.medium = @medium AND k.party_id IN (SELECT w.id FROM preview_customer w UNION SELECT f.person_id FROM preview_customer w JOIN affiliation f ON f.organization_id = w.id)`, parameters)
	err = f.query(func(rows *sql.Rows) error {
		var id int64
		var key, hash string
		err := rows.Scan(&id, &key, &hash)
		if hash == "" {
			hash = hashOf(hashKey, key)
		}
		if numbers[hash] == 0 {
			numbers[hash] = int64(len(numbers) + 1)
			addresses.add(numberCell(numbers[hash]), textCell(hash))
		}
		points.add(numberCell(id), numberCell(numbers[hash]))
		return err
	}, text, args...)
	if err != nil {
		return err
	}
	if err := f.insert("preview_point", []string{"id", "address_id"}, points); err != nil {
		return err
	}
	return f.insert("preview_address", []string{"id", "hash"}, addresses)
}
