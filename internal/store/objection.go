package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
)

// AllTopics is the topic of an objection to whatever it may be.
const AllTopics = ""

// Ways to object.
const (
	// ObjectedByOneClick is by the mail program (RFC 8058).
	ObjectedByOneClick = "OneClick"
	// ObjectedByPage is by the gateway's page.
	ObjectedByPage = "Page"
)

// Reader is who reads at a mailbox, as a link to the gateway says it.
type Reader struct {
	// AddressID is the mailbox, and Medium how it is reached.
	AddressID int64
	Medium    string
	// RecipientID is the party that was written to there, and RunID the run whose message it
	// answers.
	RecipientID, RunID int64
}

// Object takes down that a reader wants to hear nothing of a topic any more, or of AllTopics,
// and tells whether that is news. It holds for whatever is claimed from now on, and stands
// whether or not there is such a topic.
func (s *Store) Object(ctx context.Context, reader Reader, topic, method string) (added bool, err error) {
	err = s.change(ctx, func(t *transaction) error {
		added, err = object(t, reader, topic, method)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("recording an objection: %w", s.dialect.accessError(err))
	}
	return added, nil
}

func object(t *transaction, reader Reader, topic, method string) (added bool, err error) {
	// Most who come twice find it said already, and take no number.
	said, err := t.number(`SELECT count(*) FROM objection o WHERE o.address_id = $1 AND o.medium = $2 AND o.topic = $3 AND o.taken_back_at IS NULL`, reader.AddressID, reader.Medium, topic)
	if err != nil || said > 0 {
		return false, err
	}
	id, err := t.numbers("objection", 1)
	if err != nil {
		return false, err
	}
	rows, err := t.exec(`INSERT INTO objection (id, address_id, medium, topic, at, method, run_id) VALUES ($1, $2, $3, $4, $5, $6, nullif(CAST($7 AS BIGINT), 0)) ON CONFLICT DO NOTHING`,
		id, reader.AddressID, reader.Medium, topic, t.now, method, reader.RunID)
	return rows == 1, err
}

// TakeBack takes down that a reader wants to hear of a topic again. Whoever objected to all
// goes on objecting to every other topic. Where the topic is for those who agreed, that is
// recorded too: wording is what the person read and agreed to, in the person's language.
func (s *Store) TakeBack(ctx context.Context, reader Reader, topic, wording string) error {
	// Parties must not be merged or erased meanwhile.
	err := s.write(ctx, func(t *transaction) error {
		taken, err := takeBack(t, reader, topic)
		if err != nil {
			return err
		}
		var basis string
		if err := t.query(func(rows *sql.Rows) error { return rows.Scan(&basis) }, `SELECT c.legal_basis FROM contact_topic c WHERE c.name = $1`, topic); err != nil {
			return err
		}
		if basis != needsConsent {
			return nil
		}
		return consent(t, reader, topic, wording, taken)
	})
	if err != nil {
		return fmt.Errorf("taking an objection back: %w", s.dialect.accessError(err))
	}
	return nil
}

// takeBack ends the objection to a topic, and splits one to all.
func takeBack(t *transaction, reader Reader, topic string) (taken bool, err error) {
	const end = `UPDATE objection SET taken_back_at = $4 WHERE address_id = $1 AND medium = $2 AND topic = $3 AND taken_back_at IS NULL`
	all, err := t.exec(end, reader.AddressID, reader.Medium, AllTopics, t.now)
	if err != nil {
		return false, err
	}
	one, err := t.exec(end, reader.AddressID, reader.Medium, topic, t.now)
	if err != nil || all == 0 {
		return one > 0, err
	}
	topics, err := readTopics(t)
	if err != nil {
		return false, err
	}
	for _, other := range topics {
		if other.Name == topic {
			continue
		}
		if _, err := object(t, reader, other.Name, ObjectedByPage); err != nil {
			return false, err
		}
	}
	return true, nil
}

// gatewaySource is the source of consents that persons give on the gateway's page.
const gatewaySource = "fairlead-gateway"

// consent takes down that the reader agreed to a topic, unless that stands already and nothing
// was said against it since. Of who was erased nothing is recorded.
func consent(t *transaction, reader Reader, topic, wording string, anew bool) error {
	who, err := readWho(t, reader)
	if err != nil || who.party == 0 || who.record == 0 {
		return err
	}
	agreed, err := agreedTo(t, who.party, reader.Medium)
	if err != nil || agreed[topic] && !anew {
		return err
	}
	source, err := ownSource(t, gatewaySource)
	if err != nil {
		return err
	}
	id, err := t.numbers("consent", 1)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO consent (id, source_id, external_key, person_id, person_record_id, topic, medium, legal_basis, wording, proof, given, digest, import_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0)`,
		id, source, strconv.FormatInt(id, 10), who.party, who.record, topic, reader.Medium, needsConsent, wording, fmt.Sprintf("on the gateway's page, by a link in a message of run %d to mailbox %d", reader.RunID, reader.AddressID), t.now)
	return err
}

// ownSource is the number of a source of Fairlead's own.
func ownSource(t *transaction, name string) (id int64, err error) {
	err = t.query(func(rows *sql.Rows) error { return rows.Scan(&id) }, `SELECT s.id FROM source s WHERE s.name = $1`, name)
	if err != nil || id != 0 {
		return id, err
	}
	if id, err = t.numbers("source", 1); err != nil {
		return 0, err
	}
	_, err = t.exec(`INSERT INTO source (id, name, trust) VALUES ($1, $2, 100)`, id, name)
	return id, err
}
