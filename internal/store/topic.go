package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
)

// ContactTopic is something that persons may be written to about.
type ContactTopic struct {
	Name string
	// LegalBasis is Consent, LegitimateInterest, Contract or LegalObligation.
	LegalBasis string
	// Titles that persons read; the first is for whoever reads none of the others.
	Titles []TopicTitle
}

// TopicTitle is the title of a topic in one language.
type TopicTitle struct {
	// Locale is a BCP 47 language tag.
	Locale string `json:"locale"`
	Text   string `json:"text"`
}

// needsConsent is the legal basis of topics that are for those who agreed.
const needsConsent = "Consent"

// Topics are what persons may be written to about, by name.
func (s *Store) Topics(ctx context.Context) (topics []ContactTopic, err error) {
	err = s.read(ctx, func(t *transaction) error {
		topics, err = readTopics(t)
		return err
	})
	return topics, err
}

func readTopics(t *transaction) (topics []ContactTopic, err error) {
	err = t.query(func(rows *sql.Rows) error {
		var topic ContactTopic
		var titles string
		if err := rows.Scan(&topic.Name, &topic.LegalBasis, &titles); err != nil {
			return err
		}
		topics = append(topics, topic)
		return json.Unmarshal([]byte(titles), &topics[len(topics)-1].Titles)
	}, `SELECT c.name, c.legal_basis, c.titles FROM contact_topic c ORDER BY c.name`)
	if err != nil {
		return nil, fmt.Errorf("reading topics: %w", err)
	}
	return topics, nil
}

// SetTopics makes what persons may be written to about exactly this; topics are in the order
// of their names. Without a change nothing is written.
func (s *Store) SetTopics(ctx context.Context, topics []ContactTopic) error {
	stored, err := s.Topics(ctx)
	if err != nil || len(stored) == 0 && len(topics) == 0 || reflect.DeepEqual(stored, topics) {
		return err
	}
	rows := &rowBuffer{width: 3}
	for _, topic := range topics {
		titles, err := json.Marshal(topic.Titles)
		if err != nil {
			return fmt.Errorf("writing the titles of a topic: %w", err)
		}
		rows.add(textCell(topic.Name), textCell(topic.LegalBasis), textCell(string(titles)))
	}
	err = s.write(ctx, func(t *transaction) error {
		if _, err := t.exec(`DELETE FROM contact_topic`); err != nil {
			return err
		}
		return t.insert("contact_topic", []string{"name", "legal_basis", "titles"}, rows)
	})
	if err != nil {
		return fmt.Errorf("recording topics: %w", err)
	}
	return nil
}
