package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"

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

// arg is the cell as a statement's argument.
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

// rowBuffer collects rows of one width, packed: a batch has ten thousands of
// cells, of which most are short, and the garbage collector passes it by.
type rowBuffer struct {
	width  int
	packed []byte
	// starts of the rows that count, in their order.
	starts []uint32
	// next is how many cells the last row has so far.
	next int
}

// reset empties a buffer, which keeps its memory, for rows of a width.
func (b *rowBuffer) reset(width int) *rowBuffer {
	b.width, b.packed, b.starts, b.next = width, b.packed[:0], b.starts[:0], 0
	return b
}

// add appends cells: a kind each, and a number or a length and a text. A row may
// come in several parts.
func (b *rowBuffer) add(cells ...cell) {
	for i := range cells {
		if b.next == 0 {
			b.starts = append(b.starts, uint32(len(b.packed))) //nolint:gosec // a batch has some megabytes
		}
		b.next = (b.next + 1) % b.width
		c := &cells[i]
		b.packed = append(b.packed, byte(c.kind))
		switch c.kind {
		case null:
		case text:
			b.packed = append(binary.AppendUvarint(b.packed, uint64(len(c.text))), c.text...)
		default:
			b.packed = binary.LittleEndian.AppendUint64(b.packed, uint64(c.number)) //nolint:gosec // all 64 bits count
		}
	}
}

func (b *rowBuffer) len() int { return len(b.starts) }

// setFirst changes the number in the first cell of the row that starts there.
func (b *rowBuffer) setFirst(start uint32, number int64) {
	binary.LittleEndian.PutUint64(b.packed[start+1:], uint64(number)) //nolint:gosec // all 64 bits count
}

// unpack reads the first of packed cells. Its text is only good as long as the
// buffer is left alone.
func unpack(packed []byte) (c packedCell, rest []byte) {
	c.kind, rest = cellKind(packed[0]), packed[1:]
	switch c.kind {
	case null:
	case text:
		length, n := binary.Uvarint(rest)
		end := n + int(length) //nolint:gosec // the length of a text that add was given
		c.text, rest = rest[n:end], rest[end:]
	default:
		c.number, rest = int64(binary.LittleEndian.Uint64(rest)), rest[8:] //nolint:gosec // all 64 bits count
	}
	return c, rest
}

// packedCell is a cell whose text is a part of a rowBuffer.
type packedCell struct {
	kind   cellKind
	number int64
	text   []byte
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
