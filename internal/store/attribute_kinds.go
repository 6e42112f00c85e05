package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/fairlead/fairlead/internal/customer"
)

// AttributeKinds gives the types of all attributes by name, as imports declared them.
func (s *Store) AttributeKinds(ctx context.Context) (map[string]customer.Kind, error) {
	kinds := map[string]customer.Kind{}
	err := s.read(ctx, func(t *transaction) error {
		return t.query(func(rows *sql.Rows) error {
			var name, text string
			if err := rows.Scan(&name, &text); err != nil {
				return err
			}
			kind, known := customer.KindNamed(text)
			if !known {
				return fmt.Errorf("attribute %s is of type %q, which this release does not know", name, text)
			}
			kinds[name] = kind
			return nil
		}, `SELECT name, kind FROM attribute`)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the types of attributes: %w", err)
	}
	return kinds, nil
}
