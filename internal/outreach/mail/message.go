// Package mail builds mails and hands them to an SMTP server.
//
// Building is pure: a Message gives the same bytes whenever it is asked, so that
// a preview shows what would be sent. Sending is exact: every message of a window
// gets one Outcome, and none is called Sent, Failed, Deferred or NotTried unless
// that is certain.
package mail

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
)

// What is wrong with a message as a whole.
var (
	errNoBody = errors.New("the mail has neither a text nor an html body")
	errNoDate = errors.New("the mail has no date")
)

// Address is where a mail comes from or goes to.
type Address struct {
	// Name shown beside the address. It may be empty.
	Name string
	// Address with one @, such as desk@airshow.example.
	Address string
}

// Message is one mail to one recipient.
type Message struct {
	From Address
	// ReplyTo is where answers go. There is none when its Address is empty.
	ReplyTo Address
	To      Address
	Subject string
	// Text and HTML are the bodies in UTF-8. One of them may be empty.
	Text []byte
	HTML []byte
	// ID is the Message-ID without its angle brackets. It also makes the
	// boundary between two bodies, so that nothing is left to chance.
	ID   string
	Date time.Time
	// UnsubscribeURL takes one-click unsubscription (RFC 8058), so it begins with
	// https:. It may be empty.
	UnsubscribeURL string
	// UnsubscribeMail is a URL beginning with mailto:, for readers who know no
	// other way. It may be empty.
	UnsubscribeMail string
}

// longestID and longestURL keep a header that cannot be folded on one line.
const (
	longestID  = 250
	longestURL = 900
)

// Append appends the mail as it goes over the wire, with CRLF at every line's
// end, but without dot-stuffing. An error says which field cannot be sent, never
// what stands in it, and leaves the buffer as it was.
//
// All bytes are ASCII, whatever the subject, the names and the bodies are. The
// one exception is an address for which NeedsSMTPUTF8 is true.
func (m *Message) Append(buffer []byte) ([]byte, error) {
	if err := m.check(); err != nil {
		return buffer, fmt.Errorf("building the mail: %w", err)
	}
	h := header{out: append(buffer, "Date: "...)}
	h.out = m.Date.AppendFormat(h.out, "Mon, 02 Jan 2006 15:04:05 -0700")
	h.begin("From: ")
	h.mailbox("sender's address", m.From)
	if m.ReplyTo.Address != "" {
		h.begin("Reply-To: ")
		h.mailbox("reply address", m.ReplyTo)
	}
	h.begin("To: ")
	h.mailbox("recipient's address", m.To)
	h.begin("Subject: ")
	h.text(m.Subject)
	h.begin("Message-ID: <")
	h.out = append(h.out, m.ID...)
	h.out = append(h.out, '>')
	h.unsubscribe(m.UnsubscribeURL, m.UnsubscribeMail)
	// So that no absence notice answers (RFC 3834).
	h.begin("Auto-Submitted: auto-generated")
	h.begin("MIME-Version: 1.0")
	if h.err != nil {
		return buffer, fmt.Errorf("building the mail: %w", h.err)
	}
	return m.appendBodies(append(h.out, "\r\n"...)), nil
}

// check refuses whatever must not get into a header. The addresses are checked
// where they are written.
func (m *Message) check() error {
	if m.Date.IsZero() || m.Date.Year() < 1900 || m.Date.Year() > 9999 {
		return errNoDate
	}
	if len(m.Text) == 0 && len(m.HTML) == 0 {
		return errNoBody
	}
	return cmp.Or(
		checkText("sender's name", m.From.Name),
		checkText("name of the reply address", m.ReplyTo.Name),
		checkText("recipient's name", m.To.Name),
		checkText("subject", m.Subject),
		checkBody("text body", m.Text),
		checkBody("html body", m.HTML),
		checkID(m.ID),
		checkURL("unsubscribe URL", m.UnsubscribeURL, "https://"),
		checkURL("unsubscribe mail URL", m.UnsubscribeMail, "mailto:"),
	)
}

// checkID wants what every parser takes for one Message-ID.
func checkID(id string) error {
	left, right, found := strings.Cut(id, "@")
	if !found || len(id) > longestID || !idPart(left) || !idPart(right) {
		return errors.New("the Message-ID is not two dotted words with an @ between them, of at most 250 bytes")
	}
	return nil
}

// idPart tells whether one side of a Message-ID is a dot-atom of RFC 5322.
func idPart(part string) bool {
	if part == "" || dotsMisplaced(part) {
		return false
	}
	for i := range len(part) {
		if !atomByte[part[i]] {
			return false
		}
	}
	return true
}

// checkURL takes an absent URL, and otherwise only what cannot end the angle
// brackets or the line around it.
func checkURL(field, url, scheme string) error {
	if url == "" {
		return nil
	}
	if len(url) <= len(scheme) || !strings.EqualFold(url[:len(scheme)], scheme) {
		return fmt.Errorf("the %s does not begin with %s", field, scheme)
	}
	if len(url) > longestURL {
		return fmt.Errorf("the %s has more than %d bytes", field, longestURL)
	}
	for i := range len(url) {
		if url[i] <= ' ' || url[i] > '~' || strings.IndexByte(`<>"\`, url[i]) >= 0 {
			return fmt.Errorf("the %s has a character that must be percent-encoded", field)
		}
	}
	return nil
}

// unsubscribe writes the ways out of the mails (RFC 2369), and that the first
// takes a single click (RFC 8058).
func (h *header) unsubscribe(url, mailto string) {
	if url == "" && mailto == "" {
		return
	}
	h.begin("List-Unsubscribe: ")
	if url != "" {
		h.angle(url)
	}
	if url != "" && mailto != "" {
		h.out = append(h.out, ',')
		h.fold()
	}
	if mailto != "" {
		h.angle(mailto)
	}
	if url != "" {
		h.begin("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
	}
}

// appendBodies ends the header and appends one body, or both with the text
// first: readers show the last that they understand.
func (m *Message) appendBodies(out []byte) []byte {
	switch {
	case len(m.HTML) == 0:
		return endLine(appendPart(out, "plain", m.Text))
	case len(m.Text) == 0:
		return endLine(appendPart(out, "html", m.HTML))
	}
	out = append(out, "Content-Type: multipart/alternative;\r\n boundary=\""...)
	out = appendBoundary(out, m.ID)
	out = append(out, "\"\r\n\r\n--"...)
	out = appendBoundary(out, m.ID)
	out = append(out, "\r\n"...)
	out = appendPart(out, "plain", m.Text)
	out = append(out, "\r\n--"...)
	out = appendBoundary(out, m.ID)
	out = append(out, "\r\n"...)
	out = appendPart(out, "html", m.HTML)
	out = append(out, "\r\n--"...)
	out = appendBoundary(out, m.ID)
	return append(out, "--\r\n"...)
}

// appendBoundary appends a line that no body can have: neither quoted-printable
// nor base64 writes =_, and a body with a line that begins with two hyphens is
// never written as it is.
func appendBoundary(out []byte, id string) []byte {
	return strconv.AppendUint(append(out, "=_"...), xxhash.Sum64String(id), 16)
}

// endLine ends the last line if it is open.
func endLine(out []byte) []byte {
	if out[len(out)-1] == '\n' {
		return out
	}
	return append(out, "\r\n"...)
}
