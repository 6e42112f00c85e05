package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"

	emersion "github.com/emersion/go-message"
	emersionmail "github.com/emersion/go-message/mail"
)

// seen is what a reader of a mail sees.
type seen struct {
	From, ReplyTo, To Address
	Subject           string
	Text, HTML        string
}

// standard reads a mail with the standard library.
func standard(t *testing.T, raw []byte) seen {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	address := func(field string) Address {
		if m.Header.Get(field) == "" {
			return Address{}
		}
		list, err := m.Header.AddressList(field)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %v, %v in %q", field, list, err, m.Header.Get(field))
		}
		return Address{Name: list[0].Name, Address: list[0].Address}
	}
	s := seen{From: address("From"), ReplyTo: address("Reply-To"), To: address("To")}
	if s.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	part := func(contentType, transfer string, from io.Reader) {
		kind, _, err := mime.ParseMediaType(contentType)
		if err != nil {
			t.Fatal(err)
		}
		switch transfer {
		case "quoted-printable":
			from = quotedprintable.NewReader(from)
		case "base64":
			from = base64.NewDecoder(base64.StdEncoding, from)
		}
		body, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		if kind == "text/plain" {
			s.Text = string(body)
		} else {
			s.HTML = string(body)
		}
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind != "multipart/alternative" {
		part(kind, m.Header.Get("Content-Transfer-Encoding"), m.Body)
		return s
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			return s
		}
		if err != nil {
			t.Fatal(err)
		}
		part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
	}
}

// independent reads a mail with a library that others wrote.
func independent(t *testing.T, raw []byte) seen {
	t.Helper()
	entity, err := emersion.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	header := emersionmail.Header{Header: entity.Header}
	address := func(field string) Address {
		list, err := header.AddressList(field)
		if err != nil || len(list) > 1 {
			t.Fatalf("%s: %v, %v", field, list, err)
		}
		if len(list) == 0 {
			return Address{}
		}
		return Address{Name: list[0].Name, Address: list[0].Address}
	}
	s := seen{From: address("From"), ReplyTo: address("Reply-To"), To: address("To")}
	if s.Subject, err = header.Subject(); err != nil {
		t.Fatal(err)
	}
	err = entity.Walk(func(_ []int, part *emersion.Entity, err error) error {
		if err != nil {
			return err
		}
		kind, _, err := part.Header.ContentType()
		if err != nil || strings.HasPrefix(kind, "multipart/") {
			return err
		}
		body, err := io.ReadAll(part.Body)
		if kind == "text/plain" {
			s.Text = string(body)
		} else {
			s.HTML = string(body)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// canonical is a body with CRLF at every line's end.
func canonical(body []byte) string {
	text := strings.ReplaceAll(string(body), "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	return strings.ReplaceAll(text, "\n", "\r\n")
}

// closed is a body whose last line is closed, as that of the only one is.
func closed(body string) string {
	if body == "" || strings.HasSuffix(body, "\r\n") {
		return body
	}
	return body + "\r\n"
}

// wanted is what a reader is to see.
func wanted(m *Message) seen {
	return seen{From: m.From, ReplyTo: m.ReplyTo, To: m.To, Subject: m.Subject, Text: canonical(m.Text), HTML: canonical(m.HTML)}
}

// checkWire wants what every server takes: lines of at most 998 bytes, ASCII,
// and no CR or LF alone.
func checkWire(t *testing.T, raw []byte) {
	t.Helper()
	if needs, ok := inspect(raw); !ok || needs != (traits{}) {
		t.Fatalf("ok %v, needs %+v:\n%q", ok, needs, raw)
	}
	rest := bytes.ReplaceAll(raw, []byte("\r\n"), nil)
	if bytes.ContainsAny(rest, "\r\n\x00") {
		t.Fatalf("a bare CR or LF, or NUL, in\n%q", raw)
	}
	for line := range bytes.Lines(raw) {
		if len(line) > longestLine+len("\r\n") {
			t.Fatalf("a line of %d bytes: %q", len(line), line)
		}
	}
}

// checkMessage builds a mail, and reads it in two ways. Only what the message refuses
// need not come out again.
func checkMessage(t *testing.T, m *Message) {
	t.Helper()
	raw, err := m.Append(nil)
	if err != nil {
		t.Skip(err)
	}
	checkWire(t, raw)
	want := wanted(m)
	for name, got := range map[string]seen{"the standard library": standard(t, raw), "go-message": independent(t, raw)} {
		if m.Text == nil || m.HTML == nil {
			got.Text, got.HTML = closed(got.Text), closed(got.HTML)
			want.Text, want.HTML = closed(want.Text), closed(want.HTML)
		}
		if got != want {
			t.Errorf("%s reads\n%+v\nwant\n%+v\nin\n%s", name, got, want, raw)
		}
	}
}

func TestWhatGoesInComesOut(t *testing.T) {
	texts := []string{
		"Hello", "Grüße aus München", "您好，您的展位保留到星期五。", "=?utf-8?q?not=20encoded?=", " spaces  all around ",
		"a", " ", "👩‍✈️ " + strings.Repeat("🎪", 60), strings.Repeat("word ", 60) + "end", strings.Repeat("x", 300),
		strings.Repeat("ä", 300), `"quoted" \ and, commas; <brackets> (comment)`, "דעת\u200fנו", "=?", "?=", "a =?b", "\uFFFD",
	}
	bodies := []string{
		"Hello", "Hello\n", "\n", "\r", "a\rb\r\nc\n\nd", ".", ".\n.\n", "..", "--\n--=_", strings.Repeat("x", 5000),
		strings.Repeat("ä", 500), "Straße \n tab\t\nend ", strings.Repeat("您好", 300) + "\n", "=3D", "From me", strings.Repeat(" ", 200),
		strings.Repeat("x", 75) + "\n" + strings.Repeat("x", 76) + "\n" + strings.Repeat("x", 75) + " \n", "\x00\x01\x7f",
		strings.Repeat("x", 74) + " \n" + strings.Repeat("x", 73) + "=\n" + strings.Repeat("x", 72) + "=" + "x\n",
	}
	for i, text := range texts {
		for _, body := range bodies {
			m := invitation()
			m.Subject, m.To.Name, m.From.Name = text, text, texts[(i+1)%len(texts)]
			m.Text = []byte(body)
			checkMessage(t, &m)
			m.HTML = nil
			checkMessage(t, &m)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("Hello", "Ann Lee", "Dear Ann", "<p>Dear Ann</p>", "4711")
	f.Add("Grüße =?utf-8?q?x?=", `"\`, "a\rb \n--", "", "a/b?c=d&e")
	f.Add(" 您好 ", "", "", strings.Repeat("ä ", 100), "")
	f.Fuzz(func(t *testing.T, subject, name, text, html, token string) {
		m := invitation()
		m.Subject, m.To.Name = subject, name
		m.Text, m.HTML = []byte(text), []byte(html)
		if text == "" {
			m.Text = nil
		}
		if html == "" {
			m.HTML = nil
		}
		if token != "" && len(token) < 40 {
			m.UnsubscribeURL = "https://a.example/" + token
		}
		checkMessage(t, &m)
	})
}

func FuzzAddress(f *testing.F) {
	for _, address := range []string{"ann@aero.example", "jürgen@bücher.example", "a@b", "a b@c.example", "a@b\r\n.example", "@", "a@xn--.example"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		made, err := appendAddress(nil, address)
		if err != nil {
			if len(made) > 0 {
				t.Errorf("appended %q and refused it", made)
			}
			return
		}
		if bytes.ContainsAny(made, " \t\r\n\x00<>,\"") {
			t.Errorf("%q became %q", address, made)
		}
		parsed, err := netmail.ParseAddress("<" + string(made) + ">")
		if err != nil || parsed.Address != string(made) {
			t.Errorf("%q is read as %v, %v", made, parsed, err)
		}
	})
}

// FuzzQuotedPrintable: the standard library reads the same text, though its lines may
// break elsewhere than its writer breaks them.
func FuzzQuotedPrintable(f *testing.F) {
	f.Add([]byte("Straße \n=\t"))
	f.Add(bytes.Repeat([]byte("x"), 152))
	f.Fuzz(func(t *testing.T, body []byte) {
		made := appendQuotedPrintable(nil, body)
		for line := range bytes.Lines(made) {
			line = bytes.TrimSuffix(line, []byte("\r\n"))
			if len(line) > longestLine || bytes.ContainsAny(line, "\r\n") {
				t.Fatalf("line %q", line)
			}
		}
		got, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(made)))
		if err != nil || string(got) != canonical(body) {
			t.Errorf("%q became %q and is read as %q, %v", body, made, got, err)
		}
	})
}
