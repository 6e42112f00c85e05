package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/fairlead/fairlead/internal/customer"
)

// cell is one value on its way into a table.
type cell struct {
	kind   cellKind
	number int64
	text   string
}

type cellKind uint8

const (
	null cellKind = iota
	number
	text
	truth
)

func textCell(value string) cell  { return cell{kind: text, text: value} }
func numberCell(value int64) cell { return cell{kind: number, number: value} }

// optionalText is NULL for "".
func optionalText(value string) cell {
	if value == "" {
		return cell{}
	}
	return textCell(value)
}

func truthCell(value bool) cell {
	if value {
		return cell{kind: truth, number: 1}
	}
	return cell{kind: truth}
}

// cellOf is the cell of a field's value.
func cellOf(kind customer.Kind, value customer.Value) cell {
	switch {
	case !value.Present:
		return cell{}
	case kind == customer.Truth:
		return cell{kind: truth, number: value.Number}
	case kind.IsNumber():
		return numberCell(value.Number)
	default:
		return textCell(value.Text)
	}
}

// rowBuffer collects rows of one width.
type rowBuffer struct {
	width int
	cells []cell
}

// reset empties a buffer, which keeps its memory, for rows of a width.
func (b *rowBuffer) reset(width int) *rowBuffer {
	b.width, b.cells = width, b.cells[:0]
	return b
}

func (b *rowBuffer) add(cells ...cell) { b.cells = append(b.cells, cells...) }

func (b *rowBuffer) len() int { return len(b.cells) / b.width }

func (b *rowBuffer) row(i int) []cell { return b.cells[i*b.width : (i+1)*b.width] }

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
			r.pending = appendCopy(r.pending, r.rows.row(r.next))
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

// appendCopy writes one row.
func appendCopy(data []byte, row []cell) []byte {
	for i := range row {
		if i > 0 {
			data = append(data, '\t')
		}
		switch c := &row[i]; c.kind {
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

func appendEscaped(data []byte, value string) []byte {
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
	if err := insertBy(t, into, rows, 0, whole, rowsAtOnce); err != nil {
		return err
	}
	return insertBy(t, into, rows, whole, rows.len(), rows.len()-whole)
}

// insertBy adds the rows from first to end, so many by each statement.
func insertBy(t *transaction, into string, rows *rowBuffer, first, end, count int) error {
	if first == end {
		return nil
	}
	one := "(?" + strings.Repeat(", ?", rows.width-1) + ")"
	statement, err := t.tx.PrepareContext(t.ctx, into+one+strings.Repeat(", "+one, count-1))
	if err != nil {
		return err
	}
	defer statement.Close()
	args := make([]any, 0, count*rows.width)
	for ; first < end; first += count {
		args = args[:0]
		for _, c := range rows.cells[first*rows.width : (first+count)*rows.width] {
			args = append(args, c.arg())
		}
		if _, err := statement.ExecContext(t.ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

func (c cell) arg() any {
	switch c.kind {
	case number:
		return c.number
	case truth:
		return c.number != 0
	case text:
		return c.text
	default:
		return nil
	}
}

// among is a condition that a column has one of many values, bound to the
// placeholder $n, and the argument for it. The list may be of any length.
func among[T string | int64](t *transaction, column string, n int, values []T) (condition string, arg any) {
	if _, is := t.dialect.(sqlite); is {
		data, err := json.Marshal(values)
		if err != nil {
			panic(err) // strings and numbers can be written as JSON
		}
		return column + " IN (SELECT value FROM json_each($" + strconv.Itoa(n) + "))", string(data)
	}
	return column + " = ANY($" + strconv.Itoa(n) + ")", values
}

// updateAmong changes the rows whose column has one of many values. set may use
// $2 and what follows.
func updateAmong(t *transaction, table, set, column string, values []int64, args ...any) (int64, error) {
	if len(values) == 0 {
		return 0, nil
	}
	condition, list := among(t, column, 1, values)
	changed, err := t.exec("UPDATE "+table+" SET "+set+" WHERE "+condition, append([]any{list}, args...)...)
	if err != nil {
		return 0, fmt.Errorf("updating %s: %w", table, err)
	}
	return changed, nil
}

// deleteAmong removes the rows whose column has one of many values.
func deleteAmong(t *transaction, table, column string, values []int64) (int64, error) {
	if len(values) == 0 {
		return 0, nil
	}
	condition, list := among(t, column, 1, values)
	gone, err := t.exec("DELETE FROM "+table+" WHERE "+condition, list)
	if err != nil {
		return 0, fmt.Errorf("deleting from %s: %w", table, err)
	}
	return gone, nil
}
