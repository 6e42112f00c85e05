package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/customer/match"
)

// readFacts reads what is recorded of a party, entity by entity.
func readFacts(t *transaction, party *Party, atMost int) error {
	for i := range customer.Entities {
		entity := &customer.Entities[i]
		if entity.Name == "party" || len(entity.Parties()) == 0 && entity.Name != "bookingStatus" {
			continue
		}
		facts, err := readFactsOf(t, entity, party.id, atMost)
		if err != nil {
			return fmt.Errorf("reading the %ss of a party: %w", entity.Name, err)
		}
		if len(facts.Rows) > 0 {
			party.Facts = append(party.Facts, facts)
		}
	}
	return nil
}

// concerns is the condition that a fact is about the party $1.
func concerns(entity *customer.Entity) string {
	if entity.Name == "bookingStatus" {
		return "booking_id IN (SELECT b.id FROM booking b WHERE b.customer_id = $1)"
	}
	var conditions []string
	for _, position := range entity.Parties() {
		conditions = append(conditions, partyColumns(entity.Fields[position])[0]+" = $1")
	}
	return "(" + strings.Join(conditions, " OR ") + ")"
}

// readFactsOf reads facts of one entity in the order in which they came.
func readFactsOf(t *transaction, entity *customer.Entity, party int64, atMost int) (Facts, error) {
	facts := Facts{Entity: entity.Name}
	var selected []string
	for _, field := range entity.Fields {
		facts.Columns = append(facts.Columns, field.Name)
		column := "f." + field.Column()
		switch field.Kind {
		case customer.Party:
			column = "(SELECT p.code FROM party p WHERE p.id = f." + partyColumns(field)[0] + ")"
		case customer.Edition:
			column = "(SELECT e.series || ' ' || e.edition FROM edition e WHERE e.id = f." + field.Column() + ")"
		case customer.Fact:
			column = "(SELECT r.external_key FROM " + customer.EntityByName(field.Refers).Table + " r WHERE r.id = f." + field.Column() + ")"
		}
		selected = append(selected, column)
	}
	order := "id"
	if entity.Name == "participation" {
		order = "edition_id, role, customer_record_id"
	}
	where := "WHERE withdrawn_at IS NULL AND " + concerns(entity)
	var err error
	if facts.Total, err = t.number("SELECT count(*) FROM "+entity.Table+" "+where, party); err != nil {
		return facts, err
	}
	limit := facts.Total
	if atMost > 0 {
		limit = min(limit, int64(atMost))
	}
	currency := slices.Index(facts.Columns, "currency")
	err = t.query(func(rows *sql.Rows) error {
		row, err := scanFact(rows, entity, currency)
		facts.Rows = append(facts.Rows, row)
		return err
	}, "SELECT "+strings.Join(selected, ", ")+" FROM "+entity.Table+" f "+where+" ORDER BY "+order+" LIMIT $2", party, limit)
	return facts, err
}

// scanFact writes a fact for people.
func scanFact(rows *sql.Rows, entity *customer.Entity, currency int) ([]string, error) {
	columns := make([]any, len(entity.Fields))
	targets := make([]any, len(columns))
	for i := range columns {
		targets[i] = &columns[i]
	}
	if err := rows.Scan(targets...); err != nil {
		return nil, err
	}
	code := ""
	if currency >= 0 {
		code, _ = columns[currency].(string)
	}
	row := make([]string, len(columns))
	for i, field := range entity.Fields {
		switch field.Kind {
		case customer.Party, customer.Edition, customer.Fact:
			row[i], _ = columns[i].(string)
		default:
			row[i] = field.Format(valueOf(field.Kind, columns[i]), code)
		}
	}
	return row, nil
}

// Found is a party that a search found.
type Found struct {
	Code    string `json:"code"`
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	Country string `json:"country,omitempty"`
	City    string `json:"city,omitempty"`
	// Roles of the customer, separated by ';'.
	Roles string `json:"roles,omitempty"`
	// By says what the search found: Code, Key, Email or Name.
	By string `json:"by"`
}

// Search finds parties by code, by a source's key, by e-mail address, by name
// whatever its spelling, or by the beginning of a name.
func (s *Store) Search(ctx context.Context, text string, limit int) (found []Found, err error) {
	type question struct{ by, where, arg string }
	questions := []question{
		{"Code", "p.id IN (SELECT id FROM party WHERE code = $1)", text},
		{"Key", "p.id IN (SELECT party_id FROM party_record WHERE external_key = $1)", text},
	}
	if address, err := match.Email(text); err == nil {
		questions = append(questions, question{"Email", "p.id IN (SELECT party_id FROM contact_point WHERE address_key = $1 AND medium = 'Email')", address})
	}
	for _, key := range distinct([]string{match.Organization(text), match.Person(text)}) {
		if key != "" {
			questions = append(questions, question{"Name", "p.id IN (SELECT party_id FROM party_record WHERE name_key >= $1 AND name_key < $1 || '\U0010FFFF')", key})
		}
	}
	seen := map[string]bool{}
	err = s.read(ctx, func(t *transaction) error {
		for _, q := range questions {
			err := t.query(func(rows *sql.Rows) error {
				f := Found{By: q.by}
				var roles int64
				if err := rows.Scan(&f.Code, &f.Kind, &f.Name, &f.Country, &f.City, &roles); err != nil {
					return err
				}
				f.Roles = strings.Join(customer.Set(customer.Roles, roles), ";")
				if !seen[f.Code] && len(found) < limit {
					seen[f.Code] = true
					found = append(found, f)
				}
				return nil
			}, `SELECT p.code, p.kind, coalesce(p.name, ''), coalesce(p.country, ''), coalesce(p.city, ''), p.roles
			      FROM party p WHERE p.merged_into IS NULL AND p.erased_at IS NULL AND `+q.where+` ORDER BY coalesce(p.name, ''), p.id LIMIT $2`, q.arg, limit)
			if err != nil {
				return fmt.Errorf("searching by %s: %w", q.by, err)
			}
		}
		return nil
	})
	return found, err
}
