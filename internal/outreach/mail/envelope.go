package mail

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// Envelope is a message with the addresses that the server is told.
type Envelope struct {
	// From gets what cannot be delivered. If it is empty, nobody does.
	From string
	To   string
	// Data is the message as Append gives it. Send reads it and keeps nothing.
	Data []byte
}

// traits are what a server must be able to do for a message.
type traits struct {
	// utf8Header: a header has bytes beyond ASCII.
	utf8Header bool
	// eightBit: something has.
	eightBit bool
}

// longestDataLine is the longest line of a message, without its CRLF (RFC 5322).
const longestDataLine = 998

// inspect reads a message for what it needs of a server. A bare CR or LF is
// refused: servers differ on whether a line ends there, and what one of them
// takes for text could be commands to the next.
func inspect(data []byte) (traits, bool) {
	var t traits
	if len(data) == 0 {
		return t, false
	}
	inHeader := true
	for len(data) > 0 {
		end := bytes.IndexByte(data, '\n')
		if end < 1 || data[end-1] != '\r' || end > longestDataLine+1 {
			return t, false
		}
		line := data[:end-1]
		if bytes.IndexByte(line, '\r') >= 0 {
			return t, false
		}
		if len(line) == 0 {
			inHeader = false
		}
		if beyondASCII(line) {
			t.eightBit = true
			t.utf8Header = t.utf8Header || inHeader
		}
		data = data[end+1:]
	}
	return t, true
}

// beyondASCII looks at eight bytes at once: every message passes here.
func beyondASCII(line []byte) bool {
	for len(line) >= 8 {
		if binary.LittleEndian.Uint64(line)&0x8080808080808080 != 0 {
			return true
		}
		line = line[8:]
	}
	return !isASCII(line)
}

// refusal tells why a server with these extensions cannot be given an envelope.
func (x extensions) refusal(e *Envelope, t traits) (why EnhancedCode, refused bool) {
	utf8Address := !asciiLocal(e.From) || !asciiLocal(e.To)
	switch {
	case (utf8Address || t.utf8Header) && !x.smtpUTF8:
		return CodeNeedsSMTPUTF8, true
	case t.eightBit && !x.eightBit:
		return CodeNeedsEightBit, true
	case x.largest > 0 && int64(len(e.Data)) > x.largest:
		return CodeTooLarge, true
	}
	return EnhancedCode{}, false
}

// appendCommands appends the commands that begin a transaction, or tells why
// there can be none; the output is then as it was.
func (x extensions) appendCommands(out []byte, e *Envelope) ([]byte, Outcome, bool) {
	fail := func(why EnhancedCode, channel bool) ([]byte, Outcome, bool) {
		return out, Outcome{State: StateFailed, Enhanced: why, Channel: channel}, false
	}
	t, ok := inspect(e.Data)
	if !ok {
		return fail(CodeBadMessage, false)
	}
	if why, refused := x.refusal(e, t); refused {
		return fail(why, why == CodeNeedsSMTPUTF8 && !asciiLocal(e.From))
	}
	made := append(out, "MAIL FROM:<"...)
	var err error
	if e.From != "" {
		if made, err = appendAddress(made, e.From); err != nil {
			return fail(CodeBadSender, true)
		}
	}
	made = append(made, '>')
	if x.size {
		made = strconv.AppendInt(append(made, " SIZE="...), int64(len(e.Data)), 10)
	}
	if t.eightBit {
		made = append(made, " BODY=8BITMIME"...)
	}
	if t.utf8Header || !asciiLocal(e.From) || !asciiLocal(e.To) {
		made = append(made, " SMTPUTF8"...)
	}
	made = append(made, "\r\nRCPT TO:<"...)
	if made, err = appendAddress(made, e.To); err != nil {
		return fail(CodeBadRecipient, false)
	}
	return append(made, ">\r\nDATA\r\n"...), Outcome{}, true
}
