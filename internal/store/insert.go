package store

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// insert adds rows to a table.
func (t *transaction) insert(table string, columns []string, rows *rowBuffer) error {
	if rows.len() == 0 {
		return nil
	}
	if err := t.dialect.insert(t, table, columns, rows); err != nil {
		return fmt.Errorf("adding to %s: %w", table, err)
	}
	return nil
}

// tryInsert is insert for rows whose key may be there already: then it gives
// errDuplicate, none of the rows is there, and the transaction goes on.
func (t *transaction) tryInsert(table string, columns []string, rows *rowBuffer) error {
	if rows.len() == 0 {
		return nil
	}
	if _, err := t.exec(`SAVEPOINT rows`); err != nil {
		return err
	}
	err := t.insert(table, columns, rows)
	if errors.Is(err, errDuplicate) {
		if _, err := t.exec(`ROLLBACK TO SAVEPOINT rows`); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if _, err := t.exec(`RELEASE SAVEPOINT rows`); err != nil {
		return err
	}
	return err
}

// insert streams rows by COPY, PostgreSQL's quickest way in.
func (postgres) insert(t *transaction, table string, columns []string, rows *rowBuffer) error {
	statement := "COPY " + table + " (" + strings.Join(columns, ", ") + ") FROM STDIN"
	err := t.conn.Raw(func(driver any) error {
		connection, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the driver's connection is a %T", driver)
		}
		_, err := connection.Conn().PgConn().CopyFrom(t.ctx, &copyReader{rows: rows}, statement)
		return err
	})
	var fromServer *pgconn.PgError
	if errors.As(err, &fromServer) && fromServer.Code == codeUniqueViolation {
		return errDuplicate
	}
	return err
}

// copyReader writes rows in COPY's text format (PostgreSQL's manual, COPY, File
// Formats) as they are read, so that the server works meanwhile.
type copyReader struct {
	rows    *rowBuffer
	next    int
	pending []byte
	offset  int
}

func (r *copyReader) Read(into []byte) (int, error) {
	if r.offset == len(r.pending) {
		r.pending, r.offset = r.pending[:0], 0
		for r.next < r.rows.len() && len(r.pending) < len(into) {
			r.pending = appendCopy(r.pending, r.rows.packed[r.rows.starts[r.next]:], r.rows.width)
			r.next++
		}
		if len(r.pending) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(into, r.pending[r.offset:])
	r.offset += n
	return n, nil
}

// appendCopy writes the first row of packed cells.
func appendCopy(data, packed []byte, width int) []byte {
	var c packedCell
	for i := range width {
		if i > 0 {
			data = append(data, '\t')
		}
		switch c, packed = unpack(packed); c.kind {
		case null:
			data = append(data, `\N`...)
		case number:
			data = strconv.AppendInt(data, c.number, 10)
		case truth:
			data = append(data, "ft"[c.number])
		case text:
			data = appendEscaped(data, c.text)
		}
	}
	return append(data, '\n')
}

func appendEscaped(data, value []byte) []byte {
	done := 0
	for i := range len(value) {
		escape := byte(0)
		switch value[i] {
		case '\\':
			escape = '\\'
		case '\t':
			escape = 't'
		case '\n':
			escape = 'n'
		case '\r':
			escape = 'r'
		default:
			continue
		}
		data = append(append(data, value[done:i]...), '\\', escape)
		done = i + 1
	}
	return append(data, value[done:]...)
}

// rowsAtOnce go into one statement of SQLite: fewer statements, and still few
// parameters.
const rowsAtOnce = 32

// insert adds rows by prepared statements of several rows.
func (sqlite) insert(t *transaction, table string, columns []string, rows *rowBuffer) error {
	err := insertPrepared(t, table, columns, rows)
	if isDuplicate(err) {
		return errDuplicate
	}
	return err
}

func insertPrepared(t *transaction, table string, columns []string, rows *rowBuffer) error {
	into := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES "
	whole := rows.len() - rows.len()%rowsAtOnce
	if err := insertBy(t, into, rows, rows.starts[:whole], rowsAtOnce); err != nil {
		return err
	}
	return insertBy(t, into, rows, rows.starts[whole:], rows.len()-whole)
}

// insertBy adds the rows with these starts, so many by each statement.
func insertBy(t *transaction, into string, rows *rowBuffer, starts []uint32, count int) error {
	if len(starts) == 0 {
		return nil
	}
	one := "(?" + strings.Repeat(", ?", rows.width-1) + ")"
	statement, err := t.tx.PrepareContext(t.ctx, into+one+strings.Repeat(", "+one, count-1))
	if err != nil {
		return err
	}
	defer statement.Close()
	args := make([]any, 0, count*rows.width)
	for ; len(starts) > 0; starts = starts[count:] {
		args = args[:0]
		for _, start := range starts[:count] {
			packed := rows.packed[start:]
			for range rows.width {
				var c packedCell
				c, packed = unpack(packed)
				args = append(args, c.arg())
			}
		}
		if _, err := statement.ExecContext(t.ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

func (c packedCell) arg() any {
	return cell{kind: c.kind, number: c.number, text: string(c.text)}.arg()
}
