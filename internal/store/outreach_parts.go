package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/fairlead/fairlead/internal/customer"
)

// RecipientParts is what messages are told of recipients beside what all are. What no template
// names is not asked for, and not read.
type RecipientParts struct {
	// Attributes of the customer, by name, with their types: none that is sensitive.
	Attributes map[string]customer.Kind
	// Series that the figures of RecipientSeries are in; "" for none.
	Series string
}

// RecipientSeries is what a customer did in a series, in the role in which it takes part most.
// Measures have the meaning that they have in internal/customer; days are in milliseconds.
type RecipientSeries struct {
	Participations int64

	ConsecutiveEditions, MissedEditions, FirstParticipation, LastParticipation, BoothArea sql.NullInt64
	NextEdition, NextStatus                                                               string
}

// ToldAttributes gives the types of the attributes that a message may tell, by name: those
// that imports declared, but for what the store names as sensitive.
func (s *Store) ToldAttributes(ctx context.Context) (map[string]customer.Kind, error) {
	kinds, err := s.AttributeKinds(ctx)
	if err != nil {
		return nil, err
	}
	mark, err := s.Mark(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range mark.SensitiveFields {
		delete(kinds, name)
	}
	return kinds, nil
}

// AddParts reads the parts of recipients of a run, with one statement for each part.
func (s *Store) AddParts(ctx context.Context, run int64, recipients []Recipient, parts RecipientParts) error {
	if len(recipients) == 0 || len(parts.Attributes) == 0 && parts.Series == "" {
		return nil
	}
	err := s.read(ctx, func(t *transaction) error { return addParts(t, frozen, run, recipients, parts) })
	if err != nil {
		return fmt.Errorf("reading more of recipients: %w", err)
	}
	return nil
}

func addParts(t *transaction, from messageTables, run int64, recipients []Recipient, parts RecipientParts) error {
	places, seqs := map[int64]*Recipient{}, make([]int64, len(recipients))
	for i := range recipients {
		places[recipients[i].Seq], seqs[i] = &recipients[i], recipients[i].Seq
	}
	if len(parts.Attributes) > 0 {
		condition, arg := among(t, "m.seq", 2, seqs)
		err := t.query(func(rows *sql.Rows) error {
			var seq int64
			var text string
			err := rows.Scan(&seq, &text)
			if err == nil {
				places[seq].Customer.Attributes, err = toldAttributes(text, parts.Attributes)
			}
			return err
		}, `SELECT m.seq, c.attributes FROM `+from.messages+` m JOIN party c ON c.id = m.customer_id WHERE m.run_id = $1 AND `+condition, run, arg)
		if err != nil {
			return err
		}
	}
	if parts.Series == "" {
		return nil
	}
	condition, arg := among(t, "m.seq", 3, seqs)
	return t.query(func(rows *sql.Rows) error {
		var seq int64
		r := &RecipientSeries{}
		err := rows.Scan(&seq, &r.Participations, &r.ConsecutiveEditions, &r.MissedEditions, &r.FirstParticipation, &r.LastParticipation, &r.BoothArea, &r.NextEdition, &r.NextStatus)
		places[seq].Series = r
		return err
	}, `SELECT m.seq, coalesce(p.participations, 0), p.consecutive_editions, p.missed_editions, p.first_participation, p.last_participation, p.booth_area, coalesce(p.next_edition, ''), coalesce(p.next_status, '')
		FROM `+from.messages+` m LEFT JOIN customer_series_profile p ON p.customer_id = m.customer_id AND p.series = $2 AND p.main WHERE m.run_id = $1 AND `+condition, run, parts.Series, arg)
}

// toldAttributes takes out of a party's attributes those that are wanted. A value that is not
// of its type is none.
func toldAttributes(text string, wanted map[string]customer.Kind) ([]customer.Attribute, error) {
	said, err := parseContent(text)
	if err != nil {
		return nil, err
	}
	var told []customer.Attribute
	for name, kind := range wanted {
		if value := saidValue(kind, said[name]); value.Present {
			told = append(told, customer.Attribute{Name: name, Kind: kind, Value: value})
		}
	}
	return told, nil
}

// saidValue is a value of JSON as one of a kind.
func saidValue(kind customer.Kind, said any) customer.Value {
	switch said := said.(type) {
	case json.Number:
		if number, err := said.Int64(); err == nil && kind != customer.Text {
			return customer.Number(number)
		}
	case bool:
		if kind == customer.Truth {
			return valueOf(kind, said)
		}
	case string:
		if kind == customer.Text {
			return customer.String(said)
		}
	}
	return customer.Value{}
}
