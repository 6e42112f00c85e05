package mail

import (
	"encoding/base64"
	"fmt"
	"unicode/utf8"
)

// encoding is how a body travels.
type encoding string

// The encodings, in the order in which they are preferred. There is no 8bit:
// not every server takes it, and a signature must survive one that converts.
const (
	asItIs          encoding = "7bit"
	quotedPrintable encoding = "quoted-printable"
	inBase64        encoding = "base64"
)

// checkBody refuses a body that is not the text it says it is.
func checkBody(field string, body []byte) error {
	if !utf8.Valid(body) {
		return fmt.Errorf("the %s is not valid UTF-8", field)
	}
	return nil
}

// appendPart appends the header of a body, an empty line and the body. Its last
// line is left open unless the body ends with a line break.
func appendPart(out []byte, subtype string, body []byte) []byte {
	how := encodingFor(body)
	out = append(out, "Content-Type: text/"...)
	out = append(out, subtype...)
	out = append(out, "; charset=utf-8\r\nContent-Transfer-Encoding: "...)
	out = append(out, how...)
	out = append(out, "\r\n\r\n"...)
	switch how {
	case inBase64:
		return appendBase64(out, body)
	case quotedPrintable:
		return appendQuotedPrintable(out, body)
	default:
		return appendLines(out, body)
	}
}

// printable holds what stands for itself in quoted-printable. Space and tab are
// among it, and are looked at again at a line's end.
var printable = printableBytes()

func printableBytes() (set [256]bool) {
	for b := ' '; b <= '~'; b++ {
		set[b] = b != '='
	}
	set['\t'] = true
	return set
}

// encodingFor chooses how a body travels: as it is if all its lines are short
// and no server on the way may want to change them, otherwise in the shorter of
// the two encodings.
func encodingFor(body []byte) encoding {
	plain, foreign, equals, begin := true, 0, 0, 0
	for i, b := range body {
		switch {
		case printable[b]:
		case b == '=':
			equals++
		case b == '\n', b == '\r':
			plain = plain && plainLine(body[begin:i])
			begin = i + 1
		default:
			foreign++
		}
	}
	switch {
	case plain && foreign == 0 && plainLine(body[begin:]):
		return asItIs
	case foreign+equals > len(body)/6:
		return inBase64
	}
	return quotedPrintable
}

// plainLine tells whether a line passes every server unchanged, and cannot be
// taken for a boundary.
func plainLine(line []byte) bool {
	if len(line) == 0 {
		return true
	}
	last := line[len(line)-1]
	return len(line) <= longestLine && last != ' ' && last != '\t' &&
		(line[0] != '-' || len(line) < 2 || line[1] != '-')
}

// lineBreak gives the length of the line break at the beginning of the text.
// CRLF, LF and CR are one each.
func lineBreak(text []byte) int {
	if len(text) > 1 && text[0] == '\r' && text[1] == '\n' {
		return len("\r\n")
	}
	return 1
}

// appendLines appends a body as it is, with CRLF at every line's end.
func appendLines(out, body []byte) []byte {
	begin := 0
	for i := 0; i < len(body); {
		if body[i] != '\n' && body[i] != '\r' {
			i++
			continue
		}
		out = append(out, body[begin:i]...)
		out = append(out, "\r\n"...)
		i += lineBreak(body[i:])
		begin = i
	}
	return append(out, body[begin:]...)
}

// appendQuotedPrintable appends a body in quoted-printable (RFC 2045). The
// standard library's writer takes twice as long, and must be allocated.
func appendQuotedPrintable(out, body []byte) []byte {
	// line is where the current line begins.
	line := len(out)
	for i := 0; i < len(body); {
		// A line has room for one more byte beside the = that breaks it.
		end := min(len(body), i+longestLine-len("=")-(len(out)-line))
		run := i
		for run < end && printable[body[run]] {
			run++
		}
		out = append(out, body[i:run]...)
		if i = run; i == len(body) {
			break
		}
		switch b := body[i]; {
		case b == '\n' || b == '\r':
			out = append(guardSpace(out, line), "\r\n"...)
			line = len(out)
			i += lineBreak(body[i:])
		case printable[b] || len(out)-line > longestLine-len("=00="):
			out = append(out, "=\r\n"...)
			line = len(out)
		default:
			out = append(out, '=', hexDigits[b>>4], hexDigits[b&0xF])
			i++
		}
	}
	return guardSpace(out, line)
}

// guardSpace escapes a space or tab at the end of a line, where servers may cut
// it.
func guardSpace(out []byte, line int) []byte {
	if len(out) == line {
		return out
	}
	last := out[len(out)-1]
	if last != ' ' && last != '\t' {
		return out
	}
	out = out[:len(out)-1]
	if len(out)-line > longestLine-len("=00") {
		out = append(out, "=\r\n"...)
	}
	return append(out, '=', hexDigits[last>>4], hexDigits[last&0xF])
}

// base64Line is how many bytes make a line of 76.
const base64Line = 57

// appendBase64 appends a body in base64, the line breaks in it as CRLF.
func appendBase64(out, body []byte) []byte {
	var line [base64Line]byte
	used, first := 0, true
	put := func(b byte) {
		if used == len(line) {
			if !first {
				out = append(out, "\r\n"...)
			}
			out = base64.StdEncoding.AppendEncode(out, line[:])
			used, first = 0, false
		}
		line[used] = b
		used++
	}
	for i := 0; i < len(body); {
		if body[i] != '\n' && body[i] != '\r' {
			put(body[i])
			i++
			continue
		}
		put('\r')
		put('\n')
		i += lineBreak(body[i:])
	}
	if !first {
		out = append(out, "\r\n"...)
	}
	return base64.StdEncoding.AppendEncode(out, line[:used])
}
