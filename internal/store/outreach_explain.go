package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
)

// Why somebody who was considered is not written to, beside the reasons of Run.Dropped.
const (
	// ConsideredOther is written to in their place: somebody who comes first.
	ConsideredOther = "OtherContact"
	// ConsideredNotThere is who does not work there yet, or does not any more.
	ConsideredNotThere = "NotThere"
	// ConsideredNotTheirDay is who has another birthday.
	ConsideredNotTheirDay = "NotTheirDay"
)

// OutreachExplanation is why somebody at a customer is written to or not, and what was sent.
// Instants are in milliseconds; 0 is for none.
type OutreachExplanation struct {
	Preview
	// Persons who were considered, whoever comes first before the others; none of a customer
	// that is not in the audience, or is held out.
	Persons []Considered
	// Messages to them, of the run or of all runs of the rule, the oldest run first.
	Messages []ExplainedMessage
	// HeldFrom are the keys of those runs that the customer was held out of.
	HeldFrom []string
}

// Considered is the customer itself or a person there, and what stands in the way.
type Considered struct {
	Code, Name string
	// Itself says that it is the customer, and not a person at an organization.
	Itself bool
	// Roles of the person there, and Title.
	Roles []string
	Title string
	// Reason why it is not written to, of Run.Dropped or of this file; "" if it is.
	Reason string
	// MailboxOf is who is written to at the same mailbox where that is the reason: the codes of
	// the customer and of who reads it.
	MailboxOf [2]string
	// BadAddresses are the states of addresses that do not work, of who has none that does.
	BadAddresses []string
	// Consents to the topic by the medium that were ever given.
	Consents []GivenConsent
	// Suppressions of the mailbox, also those that are over.
	Suppressions []KnownSuppression
	// Objections of the mailbox to the topic or to everything, also those that were taken back.
	Objections []KnownObjection
	// Contacts of the mailbox, by any medium.
	Contacts []PastContacts
}

// GivenConsent is a consent to a topic by a medium.
type GivenConsent struct{ Given, Withdrawn, Expires int64 }

// KnownSuppression says that a mailbox must not be written to.
type KnownSuppression struct {
	// Scope is All or Promotional.
	Scope, Reason string
	At, Expires   int64
}

// KnownObjection says that whoever reads at a mailbox wants to hear nothing of a topic.
type KnownObjection struct {
	// Topic is "" for all.
	Topic, Method   string
	At, TakenBackAt int64
}

// PastContacts are when a mailbox was last written to by a medium, the newest first: no more than
// twelve are remembered.
type PastContacts struct {
	Medium string
	At     []int64
}

// ExplainedMessage is a message of a run and what became of it.
type ExplainedMessage struct {
	// Run that has it: its key, state, plan and digest are known.
	Run Run
	Seq int64
	// Code and Name of who it goes to.
	Code, Name string
	// Outcomes of attempts, the first one first; not every attempt has one.
	Outcomes []ExplainedOutcome
	// Waiting is when it is tried again; nil if it does not wait.
	Waiting *Later
	// InFlight says that a worker means to send it now, or died over it.
	InFlight bool
	// NotBefore and NotAfter bound when it is sent.
	NotBefore, NotAfter int64
}

// ExplainedOutcome is an Outcome, and when it was noted.
type ExplainedOutcome struct {
	Outcome
	At int64
}

// ExplainOutreach says why somebody at one customer is written to, or not, by the statements of
// a freeze, as Preview does, and what became of the messages of run, where it is not nil. rule
// has the messages of all its runs told; "" of none. Nothing is written but temporary tables.
// That nobody has the code is a *NotFoundError.
func (s *Store) ExplainOutreach(ctx context.Context, freeze Freeze, run *Run, rule, code string) (explained OutreachExplanation, err error) {
	seen, err := s.previewAnd(ctx, freeze, run, code, RecipientParts{}, func(f *freezing, customer int64, seen Preview) error {
		e := &explaining{freezing: f, parameters: map[string]any{"who": customer, "medium": f.Medium, "topic": f.Topic, "run": int64(0), "rule": rule}}
		if run != nil {
			e.parameters["run"] = run.ID
		}
		if seen.Matched && seen.Dropped[DroppedHoldout] == 0 {
			if err := e.consider(); err != nil {
				return fmt.Errorf("reading who was considered: %w", err)
			}
		}
		if err := e.readMessages(); err != nil {
			return fmt.Errorf("reading what was sent: %w", err)
		}
		explained = e.OutreachExplanation
		return nil
	})
	explained.Preview = seen
	return explained, err
}

// explaining asks of one customer while the tables of a freeze stand.
type explaining struct {
	*freezing
	OutreachExplanation
	parameters map[string]any
	// places of persons by their ids.
	places map[int64]int
	// absent are those who do not work there today.
	absent map[int64]bool
	// turns of those who could be written to, in the order of the freeze, by their codes.
	turns map[string]int
}

// ask asks a question with the parameters.
func (e *explaining) ask(question string, scan func(rows *sql.Rows) error) error {
	text, args := newRefresh(e.transaction).bind(question, e.parameters)
	return e.query(scan, text, args...)
}

func (e *explaining) consider() error {
	for _, step := range []func() error{e.readPersons, e.readCandidates, e.readConsents, e.readSuppressions, e.readObjections, e.readContacts, e.readBadAddresses} {
		if err := step(); err != nil {
			return err
		}
	}
	slices.SortStableFunc(e.Persons, func(a, b Considered) int {
		return cmp.Or(orderOf(a.Reason)-orderOf(b.Reason), e.turns[a.Code]-e.turns[b.Code])
	})
	return nil
}

// orderOf has whoever is written to first, then who would be if nothing stood in the way.
func orderOf(reason string) int {
	switch reason {
	case "":
		return 0
	case ConsideredOther, ConsideredNotTheirDay:
		return 2
	case DroppedNoAddress:
		return 3
	case DroppedNoContactForRole, ConsideredNotThere:
		return 4
	}
	return 1
}

// readPersons reads the customer and the persons there, whether they may be written to or not.
func (e *explaining) readPersons() error {
	e.places, e.absent, e.turns = map[int64]int{}, map[int64]bool{}, map[string]int{}
	today, who := asOf(e.now).today, e.parameters["who"]
	return e.ask(`SELECT p.id, p.code, coalesce(p.name, ''), 0, '', CAST(NULL AS BIGINT), CAST(NULL AS BIGINT) FROM party p WHERE p.id = @who
		UNION ALL SELECT p.id, p.code, coalesce(p.name, ''), coalesce(f.roles, 0), coalesce(f.title, ''), f.valid_from, f.valid_to
			FROM affiliation f JOIN party p ON p.id = f.person_id WHERE f.organization_id = @who AND f.withdrawn_at IS NULL AND p.erased_at IS NULL ORDER BY 1, 5`, func(rows *sql.Rows) error {
		var id, roles int64
		var c Considered
		var from, to sql.NullInt64
		if err := rows.Scan(&id, &c.Code, &c.Name, &roles, &c.Title, &from, &to); err != nil {
			return err
		}
		absent := from.Valid && from.Int64 > today || to.Valid && to.Int64 < today
		at, known := e.places[id]
		if !known {
			c.Itself, c.Reason = id == who, DroppedNoContactForRole
			at = len(e.Persons)
			e.places[id], e.absent[id], e.Persons = at, true, append(e.Persons, c)
		}
		// Of somebody who works there twice all roles of today are told.
		e.absent[id] = e.absent[id] && absent
		person := &e.Persons[at]
		if person.Title == "" {
			person.Title = c.Title
		}
		for _, role := range customer.ContactRoles {
			if !absent && roles&customer.Bit(customer.ContactRoles, role) != 0 && !slices.Contains(person.Roles, role) {
				person.Roles = append(person.Roles, role)
			}
		}
		if e.absent[id] {
			person.Reason = ConsideredNotThere
		} else {
			person.Reason = DroppedNoContactForRole
		}
		return nil
	})
}

// person is one who was considered; nil if it is not one of them.
func (e *explaining) person(id int64) *Considered {
	if at, known := e.places[id]; known {
		return &e.Persons[at]
	}
	return nil
}

// readCandidates reads what the freeze made of whom.
func (e *explaining) readCandidates() error {
	return e.ask(`SELECT k.recipient_id, CASE WHEN k.point_id IS NULL THEN 0 ELSE 1 END, k.celebrates, CASE WHEN r.recipient_id IS NULL THEN 0 ELSE 1 END, coalesce(r.dropped, ''), coalesce(oc.code, ''), coalesce(op.code, '')
		FROM freeze_candidate k LEFT JOIN freeze_recipient r ON r.customer_id = k.customer_id AND r.recipient_id = k.recipient_id
		LEFT JOIN freeze_recipient o ON r.dropped = '`+DroppedDuplicateAddress+`' AND o.address_id = r.address_id AND o.dropped IS NULL
		LEFT JOIN party oc ON oc.id = o.customer_id LEFT JOIN party op ON op.id = o.recipient_id
		WHERE k.customer_id = @who ORDER BY k.place`, func(rows *sql.Rows) error {
		var id int64
		var reached, celebrates, chosen bool
		var dropped string
		var other [2]string
		if err := rows.Scan(&id, &reached, &celebrates, &chosen, &dropped, &other[0], &other[1]); err != nil {
			return err
		}
		c := e.person(id)
		if c == nil {
			return nil
		}
		c.MailboxOf, e.turns[c.Code] = other, len(e.turns)
		switch {
		case chosen:
			c.Reason = dropped
		case !reached:
			c.Reason = DroppedNoAddress
		case !celebrates:
			c.Reason = ConsideredNotTheirDay
		default:
			c.Reason = ConsideredOther
		}
		return nil
	})
}

func (e *explaining) readConsents() error {
	return e.ask(`SELECT a.person_id, a.given, coalesce(a.withdrawn, 0), coalesce(a.expires, 0) FROM freeze_candidate r JOIN consent a ON a.person_id = r.recipient_id
		WHERE r.customer_id = @who AND a.topic = @topic AND a.medium = @medium AND a.withdrawn_at IS NULL ORDER BY a.given, a.id`, func(rows *sql.Rows) error {
		var id int64
		var g GivenConsent
		err := rows.Scan(&id, &g.Given, &g.Withdrawn, &g.Expires)
		if c := e.person(id); c != nil {
			c.Consents = append(c.Consents, g)
		}
		return err
	})
}

// ofMailboxes joins to candidates the hash a.hash of the mailbox at which each would be written to.
func (e *explaining) ofMailboxes() string {
	return ` FROM freeze_candidate r JOIN ` + e.points + ` k ON k.id = r.point_id JOIN ` + e.addresses + ` a ON a.id = k.address_id`
}

func (e *explaining) readSuppressions() error {
	return e.ask(`SELECT r.recipient_id, s.scope, coalesce(s.reason, ''), coalesce(s.at, 0), coalesce(s.expires, 0)`+e.ofMailboxes()+` JOIN suppression s ON s.address_hash = a.hash
		WHERE r.customer_id = @who AND s.medium = @medium AND s.withdrawn_at IS NULL ORDER BY s.at, s.id`, func(rows *sql.Rows) error {
		var id int64
		var k KnownSuppression
		err := rows.Scan(&id, &k.Scope, &k.Reason, &k.At, &k.Expires)
		if c := e.person(id); c != nil {
			c.Suppressions = append(c.Suppressions, k)
		}
		return err
	})
}

// readObjections goes by the hash: a preview has numbers of its own for mailboxes.
func (e *explaining) readObjections() error {
	return e.ask(`SELECT r.recipient_id, o.topic, o.method, o.at, coalesce(o.taken_back_at, 0)`+e.ofMailboxes()+` JOIN address b ON b.hash = a.hash JOIN objection o ON o.address_id = b.id
		WHERE r.customer_id = @who AND o.medium = @medium AND o.topic IN (@topic, '') ORDER BY o.at, o.id`, func(rows *sql.Rows) error {
		var id int64
		var k KnownObjection
		err := rows.Scan(&id, &k.Topic, &k.Method, &k.At, &k.TakenBackAt)
		if c := e.person(id); c != nil {
			c.Objections = append(c.Objections, k)
		}
		return err
	})
}

// rememberedContacts is how many contacts of a mailbox contact_pressure has columns for.
const rememberedContacts = 12

func (e *explaining) readContacts() error {
	var columns []string
	for n := range rememberedContacts {
		columns = append(columns, fmt.Sprintf("coalesce(c.t%d, 0)", n+1))
	}
	return e.ask(`SELECT r.recipient_id, c.medium, `+strings.Join(columns, ", ")+e.ofMailboxes()+` JOIN address b ON b.hash = a.hash JOIN contact_pressure c ON c.address_id = b.id
		WHERE r.customer_id = @who ORDER BY c.medium`, func(rows *sql.Rows) error {
		var id int64
		var past PastContacts
		at := make([]int64, rememberedContacts)
		into := []any{&id, &past.Medium}
		for i := range at {
			into = append(into, &at[i])
		}
		err := rows.Scan(into...)
		past.At = slices.DeleteFunc(at, func(at int64) bool { return at == 0 })
		if c := e.person(id); c != nil {
			c.Contacts = append(c.Contacts, past)
		}
		return err
	})
}

func (e *explaining) readBadAddresses() error {
	return e.ask(`SELECT DISTINCT k.party_id, coalesce(k.state, 'Unknown') AS state FROM freeze_candidate r JOIN contact_point k ON k.party_id = r.recipient_id
		WHERE r.customer_id = @who AND r.point_id IS NULL AND k.medium = @medium AND k.withdrawn_at IS NULL ORDER BY 1, 2`, func(rows *sql.Rows) error {
		var id int64
		var state string
		err := rows.Scan(&id, &state)
		if c := e.person(id); c != nil {
			c.BadAddresses = append(c.BadAddresses, state)
		}
		return err
	})
}
