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
