package store

import (
	"context"
	"database/sql"
	"fmt"
)

// transaction is one unit of work. It carries its context, so that the many
// small steps of a write read as statements.
type transaction struct {
	ctx     context.Context
	tx      *sql.Tx
	conn    *sql.Conn
	dialect dialect
	// on is what statements run on: the transaction, or the database where one statement is
	// all there is.
	on interface {
		ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, statement string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, statement string, args ...any) *sql.Row
	}
	// now is the time of the whole transaction, in milliseconds.
	now int64
}

// commit makes everything last.
func (t *transaction) commit() error {
	if err := t.tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// end gives the connection back; what was not committed is undone.
func (t *transaction) end() {
	// After a commit there is nothing to roll back, and a broken connection has
	// nothing to tell that the work did not tell.
	_ = t.tx.Rollback()
	t.conn.Close()
}

func (t *transaction) exec(statement string, args ...any) (int64, error) {
	result, err := t.on.ExecContext(t.ctx, t.dialect.text(statement), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query calls each for every row; each scans it.
func (t *transaction) query(each func(*sql.Rows) error, statement string, args ...any) error {
	rows, err := t.on.QueryContext(t.ctx, t.dialect.text(statement), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *transaction) row(statement string, args ...any) *sql.Row {
	return t.on.QueryRowContext(t.ctx, t.dialect.text(statement), args...)
}

// number asks for a single number.
func (t *transaction) number(statement string, args ...any) (int64, error) {
	var number int64
	err := t.row(statement, args...).Scan(&number)
	return number, err
}

// Numbers are taken by adding to what is there; a name that is new begins at 1.
const (
	takeNumbers  = `INSERT INTO number_block AS b (name, next) VALUES `
	takenNumbers = ` ON CONFLICT (name) DO UPDATE SET next = b.next + excluded.next - 1 RETURNING name, next`
)

// numbers takes the next n numbers of a name, such as "party". A transaction
// that is rolled back gives them back, so that an import that is run again ends
// in the same state.
func (t *transaction) numbers(name string, n int) (first int64, err error) {
	if n == 0 {
		return 0, nil
	}
	var next int64
	if err := t.row(takeNumbers+`($1, $2)`+takenNumbers, name, int64(n)+1).Scan(&name, &next); err != nil {
		return 0, fmt.Errorf("taking numbers for %s: %w", name, err)
	}
	return next - int64(n), nil
}
