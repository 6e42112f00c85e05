package mail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// EnhancedCode is an enhanced status code of RFC 3463, such as 5.1.1 for a
// mailbox that does not exist. The zero value means that there was none.
type EnhancedCode struct {
	Class, Subject, Detail int
}

// String gives the code as it is written, and nothing if there is none.
func (e EnhancedCode) String() string {
	if e == (EnhancedCode{}) {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", e.Class, e.Subject, e.Detail)
}

// reply is an answer of the server, without its text: that may name a person.
type reply struct {
	code     int
	enhanced EnhancedCode
}

// closing is the reply of a server that ends the connection.
const closing = 421

// kind is the first digit, which says all that a client must know.
func (r reply) kind() int { return r.code / 100 }

// The kinds of replies.
const (
	positive  = 2
	goOn      = 3
	transient = 4
	permanent = 5
)

// Bounds of what is read of a server. A line is bounded by the reader's size.
const (
	readerSize = 4096
	mostLines  = 128
)

// What can be wrong with an answer.
var (
	errLongLine  = errors.New("a line of the server's answer is too long")
	errManyLines = errors.New("the server's answer has too many lines")
	errNoReply   = errors.New("the server's answer is not one of SMTP")
	errMixed     = errors.New("the lines of the server's answer have different codes")
)

// readReply reads one reply, and shows every line's text to the function, if
// there is one.
func readReply(from *bufio.Reader, text func([]byte)) (reply, error) {
	var r reply
	for lines := range mostLines {
		line, err := from.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return reply{}, errLongLine
		case errors.Is(err, io.EOF):
			return reply{}, fmt.Errorf("reading the server's answer: %w", io.ErrUnexpectedEOF)
		case err != nil:
			return reply{}, fmt.Errorf("reading the server's answer: %w", err)
		}
		code, more, rest, ok := parseLine(line)
		switch {
		case !ok:
			return reply{}, errNoReply
		case lines > 0 && code != r.code:
			return reply{}, errMixed
		}
		r.code = code
		if lines == 0 {
			r.enhanced = parseEnhanced(rest, code/100)
		}
		if text != nil {
			text(rest)
		}
		if !more {
			return r, nil
		}
	}
	return reply{}, errManyLines
}

// parseLine takes one line of a reply apart.
func parseLine(line []byte) (code int, more bool, text []byte, ok bool) {
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	code, rest, ok := number(line, 3)
	if !ok || len(line)-len(rest) != 3 || code < 200 || code > 599 {
		return 0, false, nil, false
	}
	if len(rest) == 0 {
		return code, false, nil, true
	}
	switch rest[0] {
	case ' ':
		return code, false, rest[1:], true
	case '-':
		return code, true, rest[1:], true
	}
	return 0, false, nil, false
}

// parseEnhanced reads the enhanced status code at the beginning of a text. One
// of another class than the reply is no status code.
func parseEnhanced(text []byte, class int) EnhancedCode {
	var parts [3]int
	for i := range parts {
		value, rest, ok := number(text, 3)
		if !ok {
			return EnhancedCode{}
		}
		parts[i], text = value, rest
		if i == len(parts)-1 {
			break
		}
		if len(text) == 0 || text[0] != '.' {
			return EnhancedCode{}
		}
		text = text[1:]
	}
	// An address of a machine goes on with another dot.
	if parts[0] != class || len(text) > 0 && text[0] != ' ' {
		return EnhancedCode{}
	}
	return EnhancedCode{Class: parts[0], Subject: parts[1], Detail: parts[2]}
}

// number reads at most so many digits.
func number(text []byte, most int) (value int, rest []byte, ok bool) {
	digits := 0
	for digits < len(text) && digits < most && '0' <= text[digits] && text[digits] <= '9' {
		value = value*10 + int(text[digits]-'0')
		digits++
	}
	return value, text[digits:], digits > 0
}
