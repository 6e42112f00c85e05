package mailsink

import (
	"bufio"
	"bytes"
	"errors"
)

const tooLarge = "552 5.3.4 the message is too large"

// dataCommand takes the text of a message.
func (s *session) dataCommand(rest []byte) error {
	switch {
	case len(rest) > 0:
		return s.refuse("501 5.5.4 DATA stands alone")
	case s.count > 0:
	case s.rejected && s.sink.faults.Load().goAhead:
	default:
		return s.refuse("503 5.5.1 RCPT comes first")
	}
	s.reply("354 go ahead")
	large, err := s.text()
	if err != nil {
		return err
	}
	err = s.decide(large)
	s.forget()
	return err
}

// decide replies to the final dot.
func (s *session) decide(large bool) error {
	faults := s.sink.faults.Load()
	switch {
	case faults.unavailable:
		s.reply(unavailable)
		return errEnd
	case s.count == 0:
		s.reply("554 5.5.1 there is no recipient")
		return nil
	case large:
		s.reply(tooLarge)
		return nil
	}
	struck := faults.strike(s.to, RejectMessage, DropBefore, DropAfter)
	if struck != nil && struck.kind == RejectMessage {
		return s.fail(struck)
	}
	if struck != nil && struck.kind == DropBefore {
		return errEnd
	}
	s.sink.accept(s.from, s.to, s.data)
	if struck != nil {
		// Only replies to what came before are written.
		return errEnd
	}
	s.reply("250 2.6.0 accepted")
	return nil
}

// text reads up to the final dot, and takes away the dots that stand for
// themselves. Only CR LF ends a line: what else may look like a final dot is text,
// or a message could hide in another.
func (s *session) text() (large bool, err error) {
	atStart, afterReturn := true, false
	for {
		line, err := s.in.ReadSlice('\n')
		// A line may be longer than the buffer: it comes in pieces.
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return large, err
		}
		if atStart && line[0] == '.' {
			if len(line) == 3 && line[1] == '\r' && line[2] == '\n' {
				return large, nil
			}
			line = line[1:]
		}
		if len(s.data)+len(line) > s.sink.options.MaxSize {
			large = true
		}
		if !large {
			s.data = append(s.data, line...)
		}
		atStart = bytes.HasSuffix(line, crlf) || afterReturn && string(line) == "\n"
		afterReturn = bytes.HasSuffix(line, crlf[:1])
	}
}
