package contract

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestPlain(t *testing.T) {
	from := fmt.Errorf("evaluating: %w", &pgconn.PgError{Code: "22P02", Message: `invalid input syntax for type bigint: "Ada Lovelace"`})
	if said := Plain(from).Error(); strings.Contains(said, "Ada") || !strings.Contains(said, "22P02") {
		t.Errorf("it says %q", said)
	}
	other := errors.New("no answer")
	if !errors.Is(Plain(other), other) || Plain(nil) != nil {
		t.Error("another error does not stay as it is")
	}
}
