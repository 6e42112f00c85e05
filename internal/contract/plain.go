package contract

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Plain keeps what a database server says about a statement out of statuses and logs:
// it may repeat values, and values are customers. The code is enough to look it up.
// Other errors stay as they are.
func Plain(err error) error {
	var fromServer *pgconn.PgError
	if errors.As(err, &fromServer) {
		return fmt.Errorf("the server refused a statement with SQLSTATE %s", fromServer.Code)
	}
	return err
}
