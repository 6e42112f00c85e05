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
	// Message of the plan, by its place.
	Message int
	// Address as it is written, which may have been corrected since the run was frozen; "" if
	// there is none any more.
	Address string
	// Suppressed says that the mailbox must not be written to any more.
	Suppressed bool

	// Name and what follows is of who reads the message.
	Name, Title, Department, Locale, TimeZone string
	Customer                                  RecipientCustomer
	AccountManager                            *AccountManager
	// Series is nil unless AddParts was asked for one.
	Series *RecipientSeries
}

// RecipientCustomer is whom a recipient belongs to, or is. Measures have the meaning that
// they have in internal/customer; days and instants are in milliseconds.
type RecipientCustomer struct {
	Code, Name, Country, Region, City, Industry string

	Participations, Referrals                                                                    int64
	ConsecutiveEditions, FirstParticipation, LastParticipation, RelationshipSince, SpendLastYear sql.NullInt64

	// Attributes that AddParts was asked for, and that the customer has.
	Attributes []customer.Attribute
}

// AccountManager is who of the organiser's staff looks after a customer.
type AccountManager struct{ Name, Email, Phone string }

// RecipientsOf reads who the messages of a run go to, by their numbers.
func (s *Store) RecipientsOf(ctx context.Context, run int64, seqs []int64) (recipients []Recipient, err error) {
	err = s.read(ctx, func(t *transaction) error {
		// A list, and no range: how many there are in one is planned for anew each time.
		condition, arg := among(t, "m.seq", 3, seqs)
		recipients, err = recipientsWhere(t, frozen, condition, run, arg)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading recipients: %w", err)
	}
	return recipients, nil
}

// One look-up each, by a key: a plan that was made for few or many rows stays good.
var (
	staffPoint = `(SELECT k.address FROM contact_point k WHERE k.party_id = s.id AND k.medium = '%s' AND k.withdrawn_at IS NULL ORDER BY CASE WHEN k.is_primary THEN 0 ELSE 1 END, k.id LIMIT 1)`

	recipientColumns = `m.seq, m.locale, coalesce(k.address, ''),
		CASE WHEN EXISTS (SELECT 1 FROM ADDRESSES a JOIN suppression x ON x.address_hash = a.hash AND x.medium = k.medium
			WHERE a.id = m.address_id AND x.scope = 'All' AND x.withdrawn_at IS NULL AND (x.expires IS NULL OR x.expires > $2)) THEN 1 ELSE 0 END,
		coalesce(r.name, ''), coalesce(f.title, ''), coalesce(f.department, ''), coalesce(r.locale, c.locale, ''), coalesce(r.time_zone, c.time_zone, ''),
		c.code, coalesce(c.name, ''), coalesce(c.country, ''), coalesce(c.region, ''), coalesce(c.city, ''), coalesce(c.industry, ''),
		coalesce(p.participations, 0), coalesce(p.referrals, 0), p.consecutive_editions, p.first_participation, p.last_participation, p.relationship_since, p.spend_last_year,
		s.name, ` + fmt.Sprintf(staffPoint, "Email") + `, ` + fmt.Sprintf(staffPoint, "Phone")

	recipientTables = `MESSAGES m
		JOIN party r ON r.id = m.recipient_id JOIN party c ON c.id = m.customer_id
		LEFT JOIN contact_point k ON k.id = m.point_id AND k.withdrawn_at IS NULL
		LEFT JOIN customer_profile p ON p.customer_id = m.customer_id
		LEFT JOIN affiliation f ON f.id = (SELECT f.id FROM affiliation f WHERE f.person_id = m.recipient_id AND f.organization_id = m.customer_id AND f.withdrawn_at IS NULL ORDER BY f.id LIMIT 1)
		LEFT JOIN party s ON s.id = (SELECT o.staff_id FROM account_owner o WHERE o.customer_id = m.customer_id AND o.series IS NULL AND o.withdrawn_at IS NULL
			AND coalesce(o.valid_from, $2) <= $2 AND coalesce(o.valid_to + 86400000, $2 + 1) > $2 ORDER BY o.valid_from DESC, o.id LIMIT 1)`
)

func recipientsWhere(t *transaction, from messageTables, condition string, run int64, args ...any) (recipients []Recipient, err error) {
	err = t.query(func(rows *sql.Rows) error {
		var r Recipient
		var staff, email, phone sql.NullString
		c := &r.Customer
		err := rows.Scan(&r.Seq, &r.Message, &r.Address, &r.Suppressed, &r.Name, &r.Title, &r.Department, &r.Locale, &r.TimeZone,
			&c.Code, &c.Name, &c.Country, &c.Region, &c.City, &c.Industry,
			&c.Participations, &c.Referrals, &c.ConsecutiveEditions, &c.FirstParticipation, &c.LastParticipation, &c.RelationshipSince, &c.SpendLastYear, &staff, &email, &phone)
		if staff.Valid {
			r.AccountManager = &AccountManager{staff.String, email.String, phone.String}
		}
		recipients = append(recipients, r)
		return err
	}, from.question+condition+` ORDER BY m.seq`, append([]any{run, t.now}, args...)...)
	return recipients, err
}

// messageTables are where the messages of a run stand, and the mailboxes that they go to.
type messageTables struct {
	messages, addresses string
	// question asks for recipients, and lacks a condition.
	question string
}

// frozen is where those of a run stand that is kept.
var frozen = messagesIn("outreach_message", "address")

func messagesIn(messages, addresses string) messageTables {
	question := `SELECT ` + recipientColumns + ` FROM ` + recipientTables + ` WHERE m.run_id = $1 AND `
	question = strings.NewReplacer("$2", "CAST($2 AS BIGINT)", "MESSAGES", messages, "ADDRESSES", addresses).Replace(question)
	return messageTables{messages, addresses, question}
}
