package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// Recipient is who a message goes to, with what it may be told of.
type Recipient struct {
	Seq int64
	// RecipientID is the party that reads the message, and AddressID its mailbox. Before a run
	// is frozen a mailbox may have none, which is 0.
	RecipientID, AddressID int64
	// Message of the plan, by its place.
	Message int
	// Address as it is written, which may have been corrected since the run was frozen; "" if
	// there is none any more.
	Address string
	// Suppressed says that the mailbox must not be written to any more.
	Suppressed bool
	RecipientObstacles

	// Name and what follows is of who reads the message.
	Name, Locale, TimeZone string
	Customer               RecipientCustomer

	// The rest is there where RecipientParts ask for it.

	// Title and Department in the customer's organization.
	Title, Department string
	// AccountManager looks after the customer; nil if nobody does.
	AccountManager *AccountManager
	// Series is what the customer did in the series.
	Series *RecipientSeries
	// Loyalty is the customer's membership of the program; nil for who is no member.
	Loyalty *RecipientLoyalty
}

// RecipientCustomer is whom a recipient belongs to, or is. Measures have the meaning that
// they have in internal/customer; days and instants are in milliseconds.
type RecipientCustomer struct {
	Code, Name, Country, Region, City, Industry string

	// RecipientFigures are there where they are asked for.
	RecipientFigures
	// Attributes that were asked for, and that the customer has.
	Attributes []customer.Attribute
}

// RecipientFigures are what the customer's profile says.
type RecipientFigures struct {
	Participations, Referrals                                                                    int64
	ConsecutiveEditions, FirstParticipation, LastParticipation, RelationshipSince, SpendLastYear sql.NullInt64
}

// AccountManager is who of the organiser's staff looks after a customer.
type AccountManager struct{ Name, Email, Phone string }

// RecipientsOf reads who the messages of a run go to, by their numbers, with the parts that
// are asked for: one statement, and one or two for each part.
func (s *Store) RecipientsOf(ctx context.Context, run int64, seqs []int64, parts RecipientParts) (recipients []Recipient, err error) {
	ask := func(t *transaction) error {
		// A list, and no range: how many there are in one is planned for anew each time.
		condition, arg := among(t, "m.seq", 3, seqs)
		if recipients, err = recipientsWhere(t, frozen, parts.Checks, condition, run, arg); err != nil {
			return err
		}
		return addParts(t, frozen, run, recipients, parts)
	}
	if parts.none() {
		err = ask(s.alone(ctx))
	} else {
		err = s.read(ctx, ask)
	}
	if err != nil {
		return nil, fmt.Errorf("reading recipients: %w", err)
	}
	return recipients, nil
}

// One look-up each, by a key: a plan that was made for few or many rows stays good. With
// EXISTS all suppressions would be read for each window.
const (
	recipientColumns = `m.seq, m.locale, coalesce(k.address, ''),
		coalesce((SELECT 1 FROM suppression x WHERE x.address_hash = a.hash AND x.medium = k.medium
			AND x.scope IN (SCOPES) AND x.withdrawn_at IS NULL AND (x.expires IS NULL OR x.expires > $2) LIMIT 1), 0),
		coalesce(r.name, ''), coalesce(r.locale, c.locale, ''), coalesce(r.time_zone, c.time_zone, ''),
		c.code, coalesce(c.name, ''), coalesce(c.country, ''), coalesce(c.region, ''), coalesce(c.city, ''), coalesce(c.industry, ''),
		m.recipient_id, coalesce(MAILBOX, 0)`

	recipientTables = `MESSAGES m
		JOIN party r ON r.id = m.recipient_id JOIN party c ON c.id = m.customer_id
		LEFT JOIN contact_point k ON k.id = m.point_id AND k.withdrawn_at IS NULL
		LEFT JOIN ADDRESSES a ON a.id = m.address_id`
)

func recipientsWhere(t *transaction, from messageTables, checks *Checks, condition string, run int64, args ...any) (recipients []Recipient, err error) {
	question, more := from.asking(checks, 3+len(args))
	err = t.query(func(rows *sql.Rows) error {
		var r Recipient
		c := &r.Customer
		into := append([]any{&r.Seq, &r.Message, &r.Address, &r.Suppressed, &r.Name, &r.Locale, &r.TimeZone,
			&c.Code, &c.Name, &c.Country, &c.Region, &c.City, &c.Industry, &r.RecipientID, &r.AddressID}, checks.into(&r.RecipientObstacles)...)
		err := rows.Scan(into...)
		recipients = append(recipients, r)
		return err
	}, question+condition+` ORDER BY m.seq`, append(append([]any{run, t.now}, args...), more...)...)
	return recipients, err
}

// messageTables are where the messages of a run stand, and the mailboxes that they go to.
type messageTables struct {
	messages, addresses string
	// mailbox is the number of a mailbox a in the table of all.
	mailbox string
	// columns of recipients, of whom suppressions from everything are told, and promotional also
	// those from what is offered; of whom is what is selected from, and lacks a condition.
	columns, promotional, of string
}

// frozen is where those of a run stand that is kept.
var frozen = messagesIn("outreach_message", "address", "a.id")

func messagesIn(messages, addresses, mailbox string) messageTables {
	replace := func(text, scopes string) string {
		return strings.NewReplacer("$2", nowParameter, "MESSAGES", messages, "ADDRESSES", addresses, "MAILBOX", mailbox, "SCOPES", scopes).Replace(text)
	}
	return messageTables{
		messages: messages, addresses: addresses, mailbox: mailbox,
		columns: replace("SELECT "+recipientColumns, "'All'"), promotional: replace("SELECT "+recipientColumns, "'All', 'Promotional'"),
		of: replace(" FROM "+recipientTables, "") + " WHERE m.run_id = $1 AND ",
	}
}

// nowParameter is when recipients are asked for.
const nowParameter = "CAST($2 AS BIGINT)"
