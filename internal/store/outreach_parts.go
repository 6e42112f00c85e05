package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
)

// RecipientParts is what messages are told of recipients beside what all are. What no template
// names is not asked for, and not read.
type RecipientParts struct {
	// Position asks for title and department, Figures for those of the customer's profile, and
	// AccountManager for who looks after it.
	Position, Figures, AccountManager bool
	// Attributes of the customer, by name, with their types: none that is sensitive.
	Attributes map[string]customer.Kind
	// Series that the figures of RecipientSeries are in; "" for none.
	Series string
	// Program whose members' RecipientLoyalty is told, with the points that are gone within Soon;
	// "" for none.
	Program string
	Soon    time.Duration
	// Checks of whether each is still to be written to; nil for none.
	Checks *Checks
}

// none tells whether nothing more is asked for.
func (p RecipientParts) none() bool {
	return !p.Position && !p.Figures && !p.AccountManager && len(p.Attributes) == 0 && p.Series == "" && p.Program == ""
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

// addParts reads the parts of recipients of a run, with one statement for each part; that of a
// program's members comes after one for its terms.
func addParts(t *transaction, from messageTables, run int64, recipients []Recipient, parts RecipientParts) error {
	if len(recipients) == 0 {
		return nil
	}
	a := &addingParts{transaction: t, messages: from.messages, run: run, places: make(map[int64]*Recipient, len(recipients)), seqs: make([]int64, len(recipients))}
	for i := range recipients {
		a.places[recipients[i].Seq], a.seqs[i] = &recipients[i], recipients[i].Seq
	}
	for _, part := range []struct {
		wanted bool
		add    func() error
	}{
		{parts.Position, a.position},
		{parts.Figures, a.figures},
		{parts.AccountManager, a.accountManager},
		{len(parts.Attributes) > 0, func() error { return a.attributes(parts.Attributes) }},
		{parts.Series != "", func() error { return a.series(parts.Series) }},
		{parts.Program != "", func() error { return a.loyalty(parts.Program, parts.Soon) }},
	} {
		if part.wanted {
			if err := part.add(); err != nil {
				return err
			}
		}
	}
	return nil
}

// addingParts reads parts of recipients.
type addingParts struct {
	*transaction
	// messages is the table that they stand in.
	messages string
	run      int64
	// places of recipients, by the numbers of their messages.
	places map[int64]*Recipient
	seqs   []int64
}

// ask asks for the number of each message m, and for columns of what is joined to it; $1 is
// the run, and $2 and what follows stands in args.
func (a *addingParts) ask(columns, joins string, each func(*sql.Rows) error, args ...any) error {
	condition, list := among(a.transaction, "m.seq", len(args)+2, a.seqs)
	return a.query(each, `SELECT m.seq, `+columns+` FROM `+a.messages+` m `+joins+` WHERE m.run_id = $1 AND `+condition, append(append([]any{a.run}, args...), list)...)
}

func (a *addingParts) position() error {
	return a.ask(`coalesce(f.title, ''), coalesce(f.department, '')`,
		`JOIN affiliation f ON f.id = (SELECT f.id FROM affiliation f WHERE f.person_id = m.recipient_id AND f.organization_id = m.customer_id AND f.withdrawn_at IS NULL ORDER BY f.id LIMIT 1)`,
		func(rows *sql.Rows) error {
			var seq int64
			var title, department string
			err := rows.Scan(&seq, &title, &department)
			if r := a.places[seq]; r != nil {
				r.Title, r.Department = title, department
			}
			return err
		})
}

func (a *addingParts) figures() error {
	return a.ask(`p.participations, coalesce(p.referrals, 0), p.consecutive_editions, p.first_participation, p.last_participation, p.relationship_since, p.spend_last_year`,
		`JOIN customer_profile p ON p.customer_id = m.customer_id`,
		func(rows *sql.Rows) error {
			var seq int64
			var f RecipientFigures
			err := rows.Scan(&seq, &f.Participations, &f.Referrals, &f.ConsecutiveEditions, &f.FirstParticipation, &f.LastParticipation, &f.RelationshipSince, &f.SpendLastYear)
			if r := a.places[seq]; r != nil {
				r.Customer.RecipientFigures = f
			}
			return err
		})
}

func (a *addingParts) accountManager() error {
	const point = `(SELECT k.address FROM contact_point k WHERE k.party_id = s.id AND k.medium = '%s' AND k.withdrawn_at IS NULL ORDER BY CASE WHEN k.is_primary THEN 0 ELSE 1 END, k.id LIMIT 1)`
	return a.ask(`coalesce(s.name, ''), coalesce(`+fmt.Sprintf(point, "Email")+`, ''), coalesce(`+fmt.Sprintf(point, "Phone")+`, '')`,
		`JOIN party s ON s.id = (SELECT o.staff_id FROM account_owner o WHERE o.customer_id = m.customer_id AND o.series IS NULL AND o.withdrawn_at IS NULL
			AND coalesce(o.valid_from, CAST($2 AS BIGINT)) <= CAST($2 AS BIGINT) AND coalesce(o.valid_to + 86400000, CAST($2 AS BIGINT) + 1) > CAST($2 AS BIGINT) ORDER BY o.valid_from DESC, o.id LIMIT 1)`,
		func(rows *sql.Rows) error {
			var seq int64
			var m AccountManager
			err := rows.Scan(&seq, &m.Name, &m.Email, &m.Phone)
			if r := a.places[seq]; r != nil {
				r.AccountManager = &m
			}
			return err
		}, a.now)
}

func (a *addingParts) attributes(wanted map[string]customer.Kind) error {
	return a.ask(`c.attributes`, `JOIN party c ON c.id = m.customer_id`, func(rows *sql.Rows) error {
		var seq int64
		var text string
		err := rows.Scan(&seq, &text)
		if r := a.places[seq]; err == nil && r != nil {
			r.Customer.Attributes, err = toldAttributes(text, wanted)
		}
		return err
	})
}

func (a *addingParts) series(name string) error {
	return a.ask(`coalesce(p.participations, 0), p.consecutive_editions, p.missed_editions, p.first_participation, p.last_participation, p.booth_area, coalesce(p.next_edition, ''), coalesce(p.next_status, '')`,
		`LEFT JOIN customer_series_profile p ON p.customer_id = m.customer_id AND p.series = $2 AND p.main`,
		func(rows *sql.Rows) error {
			var seq int64
			s := &RecipientSeries{}
			err := rows.Scan(&seq, &s.Participations, &s.ConsecutiveEditions, &s.MissedEditions, &s.FirstParticipation, &s.LastParticipation, &s.BoothArea, &s.NextEdition, &s.NextStatus)
			if r := a.places[seq]; r != nil {
				r.Series = s
			}
			return err
		}, name)
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
