package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-message"
	// Knows the character sets of mail.
	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"
)

// maxParts of a message are looked at.
const maxParts = 100

// letter is a message as a person reads it.
type letter struct {
	Subject, From, To, Date, MessageID string
	// Header as it came, with nothing decoded.
	Header string
	Text   string
	HTML   string
	// Attachments are told of, not shown.
	Attachments []attachment
	// Problem is why some of it could not be read.
	Problem string
}

type attachment struct {
	Name, Type string
	Size       int
}

// readHeader reads what a list shows of a message.
func readHeader(raw []byte) letter {
	l, _ := openLetter(raw)
	return l
}

// readLetter reads all of a message. It always gives something to look at.
func readLetter(raw []byte) letter {
	l, parts := openLetter(raw)
	if parts == nil {
		l.Text = printable(raw)
		return l
	}
	for range maxParts {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return l
		}
		if err != nil {
			l.Problem = err.Error()
		}
		if part == nil {
			return l
		}
		if err := l.add(part); err != nil {
			l.Problem = err.Error()
		}
	}
	l.Problem = fmt.Sprintf("only the first %d parts are shown", maxParts)
	return l
}

// openLetter reads the header; what follows it is nil if that cannot be read.
func openLetter(raw []byte) (letter, *mail.Reader) {
	parts, err := mail.CreateReader(bytes.NewReader(raw))
	var l letter
	if err != nil {
		l.Problem = err.Error()
	}
	if parts == nil {
		return l, nil
	}
	l.Subject = field(parts.Header, "Subject")
	l.From = field(parts.Header, "From")
	l.To = field(parts.Header, "To")
	l.Date = field(parts.Header, "Date")
	l.MessageID = field(parts.Header, "Message-Id")
	header, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	l.Header = printable(header)
	return l, parts
}

// field decodes a line of the header, or gives it as it is.
func field(header mail.Header, name string) string {
	decoded, err := header.Text(name)
	if err != nil {
		decoded = header.Get(name)
	}
	return printable([]byte(decoded))
}

// add takes a part in.
func (l *letter) add(part *mail.Part) error {
	content, err := io.ReadAll(part.Body)
	header, inline := part.Header.(*mail.InlineHeader)
	if !inline {
		name, kind := "", "application/octet-stream"
		if attached, ok := part.Header.(*mail.AttachmentHeader); ok {
			name, _ = attached.Filename()
			kind = contentType(attached.Header)
		}
		l.Attachments = append(l.Attachments, attachment{Name: printable([]byte(name)), Type: kind, Size: len(content)})
		return err
	}
	switch kind := contentType(header.Header); kind {
	case "text/html":
		l.HTML += printable(content)
	case "text/plain", "":
		l.Text += printable(content)
	default:
		l.Attachments = append(l.Attachments, attachment{Type: kind, Size: len(content)})
	}
	return err
}

func contentType(header message.Header) string {
	kind, _, err := header.ContentType()
	if err != nil {
		return "unknown"
	}
	return printable([]byte(kind))
}

// printable replaces what is not UTF-8.
func printable(text []byte) string { return strings.ToValidUTF8(string(text), "\uFFFD") }
