package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ReaderView is what a reader is shown.
type ReaderView struct {
	// Address as it is written, and Locale that the person reads; "" where there is none any
	// more.
	Address, Locale string
	// StoppedAll says that the reader objects to whatever it may be.
	StoppedAll bool
	// Stopped are the topics that the reader objects to by name, declared or not.
	Stopped map[string]bool
	// Topics that there are, by name.
	Topics []ContactTopic
	// agreed are topics that the person agreed to.
	agreed map[string]bool
}

// Hears tells whether the reader may be written to about a topic, as far as it is the reader's
// to say.
func (v *ReaderView) Hears(topic ContactTopic) bool {
	return !v.StoppedAll && !v.Stopped[topic.Name] && (topic.LegalBasis != needsConsent || v.agreed[topic.Name])
}

// ReaderOf reads what a reader is shown. Of who is unknown, or was erased, that is nothing but
// what was said of the mailbox.
func (s *Store) ReaderOf(ctx context.Context, reader Reader) (view *ReaderView, err error) {
	err = s.read(ctx, func(t *transaction) error {
		who, err := readWho(t, reader)
		if err != nil {
			return err
		}
		view = &ReaderView{Address: who.address, Locale: who.locale, Stopped: map[string]bool{}}
		if view.Topics, err = readTopics(t); err != nil {
			return err
		}
		if view.agreed, err = agreedTo(t, who.party, reader.Medium); err != nil {
			return err
		}
		return t.query(func(rows *sql.Rows) error {
			var topic string
			err := rows.Scan(&topic)
			if topic == AllTopics {
				view.StoppedAll = true
			} else {
				view.Stopped[topic] = true
			}
			return err
		}, `SELECT o.topic FROM objection o WHERE o.address_id = $1 AND o.medium = $2 AND o.taken_back_at IS NULL`, reader.AddressID, reader.Medium)
	})
	if err != nil {
		return nil, fmt.Errorf("reading what a reader objects to: %w", s.dialect.accessError(err))
	}
	return view, nil
}

// who is the party that reads at a mailbox; zero if there is none any more.
type who struct {
	party, record   int64
	locale, address string
}

// readWho finds the party that a reader is now: it may have been merged into another, and
// whoever was erased is nobody.
func readWho(t *transaction, reader Reader) (w who, err error) {
	err = t.row(`
		WITH RECURSIVE one (id) AS (
			SELECT p.id FROM party p WHERE p.id = $1
			UNION SELECT p.merged_into FROM one JOIN party p ON p.id = one.id WHERE p.merged_into IS NOT NULL)
		SELECT p.id, coalesce(p.locale, ''), coalesce((SELECT min(r.id) FROM party_record r WHERE r.party_id = p.id), 0),
			coalesce((SELECT min(k.address) FROM contact_point k WHERE k.party_id = p.id AND k.address_id = $2 AND k.medium = $3 AND k.withdrawn_at IS NULL), '')
		FROM one JOIN party p ON p.id = one.id WHERE p.merged_into IS NULL AND p.erased_at IS NULL`, reader.RecipientID, reader.AddressID, reader.Medium).
		Scan(&w.party, &w.locale, &w.record, &w.address)
	if errors.Is(err, sql.ErrNoRows) {
		return who{}, nil
	}
	return w, err
}

// agreedTo are the topics that a party agreed to be written to about.
func agreedTo(t *transaction, party int64, medium string) (map[string]bool, error) {
	agreed := map[string]bool{}
	err := t.query(func(rows *sql.Rows) error {
		var topic string
		err := rows.Scan(&topic)
		agreed[topic] = true
		return err
	}, `SELECT DISTINCT c.topic FROM consent c WHERE c.person_id = $1 AND c.medium = $2 AND c.withdrawn_at IS NULL
		AND c.given <= $3 AND (c.withdrawn IS NULL OR c.withdrawn > $3) AND (c.expires IS NULL OR c.expires > $3)`, party, medium, t.now)
	return agreed, err
}
