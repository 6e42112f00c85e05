package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/fairlead/fairlead/internal/customer"
)

// DeclareAttributes records the types of the attributes that a file brings.
// Expressions rely on them, so that a name has one type in a store, and a name
// that the store declares as sensitive is refused.
func (i *Import) DeclareAttributes(ctx context.Context, attributes []customer.Attribute) error {
	return i.write(ctx, func(t *transaction) error {
		kinds := map[string]string{}
		err := t.query(func(rows *sql.Rows) error {
			var name, kind string
			err := rows.Scan(&name, &kind)
			kinds[name] = kind
			return err
		}, `SELECT name, kind FROM attribute`)
		if err != nil {
			return fmt.Errorf("reading the types of attributes: %w", err)
		}
		for _, attribute := range attributes {
			kind := attribute.Kind.String()
			switch known, is := kinds[attribute.Name]; {
			case slices.Contains(i.sensitive, attribute.Name):
				return &ConflictError{fmt.Sprintf("attribute %q is sensitive in this store: map it to sensitive.%[1]s", attribute.Name)}
			case is && known != kind:
				return &ConflictError{fmt.Sprintf("attribute %q is of type %s in this store, and %s in the mapping: use another name", attribute.Name, known, kind)}
			case is:
			default:
				if _, err := t.exec(`INSERT INTO attribute (name, kind) VALUES ($1, $2)`, attribute.Name, kind); err != nil {
					return fmt.Errorf("recording the type of attribute %q: %w", attribute.Name, err)
				}
			}
		}
		return nil
	})
}

// Attribute is a name beside the fixed fields that parties can have a value of.
type Attribute struct {
	Name string
	// Kind is the type that expressions rely on, as customer.Kind names it.
	Kind string
	// Parties that hold a value, without those that were merged or erased.
	Parties int64
}

// Attributes gives all attributes by name. It reads each party once.
func (s *Store) Attributes(ctx context.Context) ([]Attribute, error) {
	var attributes []Attribute
	err := s.read(ctx, func(t *transaction) error {
		return t.query(func(rows *sql.Rows) error {
			var a Attribute
			err := rows.Scan(&a.Name, &a.Kind, &a.Parties)
			attributes = append(attributes, a)
			return err
		}, `SELECT a.name, a.kind, coalesce(held.parties, 0)
		      FROM attribute a LEFT JOIN (
		           SELECT said.key AS name, count(*) AS parties FROM party p, `+membersOfAttributes(t)+` said
		            WHERE p.merged_into IS NULL AND p.erased_at IS NULL GROUP BY said.key) held ON held.name = a.name
		     ORDER BY a.name`)
	})
	if err != nil {
		return nil, fmt.Errorf("counting who has which attributes: %w", err)
	}
	return attributes, nil
}

// membersOfAttributes are the names and values in party.attributes as rows: what
// a party does not have is not in it.
func membersOfAttributes(t *transaction) string {
	if _, is := t.dialect.(sqlite); is {
		return `json_each(p.attributes)`
	}
	return `json_each(p.attributes::json)`
}
