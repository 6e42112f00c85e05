package message

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// MaxPart is how many bytes a rendered part may have.
const MaxPart = 256 << 10

// ErrTooLong says that a part would have more than MaxPart bytes.
var ErrTooLong = errors.New("it has more than 256 KiB")

// Rendered is a message for one recipient. It is good until the next Render into
// it. HTML or Text is empty where the message has none.
type Rendered struct {
	Subject, HTML, Text []byte
}

// Render makes the message at an index, as For gives it, for one recipient.
func (c *Compiled) Render(into *Rendered, index int, data *Data) error {
	message := &c.messages[index]
	into.Subject, into.HTML, into.Text = into.Subject[:0], into.HTML[:0], into.Text[:0]
	if err := message.subject.render(&into.Subject, data); err != nil {
		return fmt.Errorf("rendering the subject in %s: %w", message.locale, err)
	}
	into.Subject = oneLine(into.Subject)
	if message.html != nil {
		if err := message.html.render(&into.HTML, data); err != nil {
			return fmt.Errorf("rendering the html in %s: %w", message.locale, err)
		}
	}
	if message.text != nil {
		if err := message.text.render(&into.Text, data); err != nil {
			return fmt.Errorf("rendering the text in %s: %w", message.locale, err)
		}
		if message.derived {
			into.Text = tidied(into.Text)
		}
	}
	return nil
}

// bounded appends to a buffer, and stops at MaxPart.
type bounded struct{ to *[]byte }

// Write appends.
func (b bounded) Write(written []byte) (int, error) {
	if len(*b.to)+len(written) > MaxPart {
		return 0, ErrTooLong
	}
	*b.to = append(*b.to, written...)
	return len(written), nil
}

// oneLine makes spaces of line breaks and control characters that came in with
// data, so that nobody's name adds a header to a mail.
func oneLine(subject []byte) []byte {
	for i := 0; i < len(subject); {
		r, size := utf8.DecodeRune(subject[i:])
		if breaksLine(r) {
			for j := range size {
				subject[i+j] = ' '
			}
		}
		i += size
	}
	return bytes.TrimSpace(subject)
}

// tidied leaves of several empty lines one, and none at the ends: what stood
// between them may be absent.
func tidied(text []byte) []byte {
	out, rest := text[:0], bytes.Trim(text, " \n")
	for {
		end := bytes.Index(rest, []byte("\n\n\n"))
		if end < 0 {
			return append(append(out, rest...), '\n')
		}
		out = append(out, rest[:end+2]...)
		rest = bytes.TrimLeft(rest[end:], "\n")
	}
}
