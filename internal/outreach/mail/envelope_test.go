package mail

import (
	"fmt"
	"strings"
	"testing"
)

// mailTo is an envelope to somebody at aero.example.
func mailTo(t testing.TB, local string) Envelope {
	t.Helper()
	m := invitation()
	m.To = Address{Address: local + "@aero.example"}
	m.ID = fmt.Sprintf("%x@airshow.example", local)
	data, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return Envelope{From: "desk@airshow.example", To: m.To.Address, Data: data}
}

// mailsTo is a window.
func mailsTo(t testing.TB, locals ...string) []Envelope {
	t.Helper()
	window := make([]Envelope, 0, len(locals))
	for _, local := range locals {
		window = append(window, mailTo(t, local))
	}
	return window
}

// summary writes an outcome on one line.
func summary(o Outcome) string {
	text := string(o.State)
	if o.Code != 0 {
		text += fmt.Sprint(" ", o.Code)
	}
	if e := o.Enhanced.String(); e != "" {
		text += " " + e
	}
	if o.Channel {
		text += " channel"
	}
	return text
}

// summaries writes outcomes on one line each.
func summaries(outcomes []Outcome) string {
	var lines []string
	for _, o := range outcomes {
		lines = append(lines, summary(o))
	}
	return strings.Join(lines, "\n")
}

func TestRefusedHere(t *testing.T) {
	change := func(f func(*Envelope)) Envelope {
		e := mailTo(t, "a")
		f(&e)
		return e
	}
	eightBit := change(func(e *Envelope) { e.Data = []byte("Subject: Hi\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n") })
	utf8Header := change(func(e *Envelope) { e.Data = []byte("Subject: Gr\xc3\xbc\xc3\x9fe\r\n\r\nHi\r\n") })
	utf8Address := change(func(e *Envelope) { e.To = "jürgen@bücher.example" })
	able := []string{"PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE"}
	for name, test := range map[string]struct {
		envelope Envelope
		offers   []string
		want     string
		// mail is the command that the server saw.
		mail string
	}{
		"SMTPUTF8 there":                    {utf8Address, able, "Sent 250 2.0.0", " SMTPUTF8"},
		"SMTPUTF8 missing":                  {utf8Address, []string{"PIPELINING"}, "Failed 5.6.7", ""},
		"a header in UTF-8":                 {utf8Header, able, "Sent 250 2.0.0", " BODY=8BITMIME SMTPUTF8"},
		"a header in UTF-8 and no SMTPUTF8": {utf8Header, []string{"8BITMIME"}, "Failed 5.6.7", ""},
		"a sender in UTF-8 and no SMTPUTF8": {change(func(e *Envelope) { e.From = "größe@aero.example" }), nil, "Failed 5.6.7 channel", ""},
		"8BITMIME there":                    {eightBit, able, "Sent 250 2.0.0", " BODY=8BITMIME"},
		"8BITMIME missing":                  {eightBit, []string{"PIPELINING"}, "Failed 5.6.3", ""},
		"nobody gets what fails":            {change(func(e *Envelope) { e.From = "" }), able, "Sent 250 2.0.0", "MAIL FROM:<> SIZE="},
		"larger than the server takes":      {mailTo(t, "a"), []string{"SIZE 100"}, "Failed 5.3.4", ""},
		"a command in an address":           {change(func(e *Envelope) { e.To = "a@aero.example>\r\nRCPT TO:<b@aero.example" }), able, "Failed 5.1.3", ""},
		"a command in the sender":           {change(func(e *Envelope) { e.From = "a\r\n@aero.example" }), able, "Failed 5.1.7 channel", ""},
		"nobody":                            {change(func(e *Envelope) { e.To = "" }), able, "Failed 5.1.3", ""},
		"nothing":                           {change(func(e *Envelope) { e.Data = nil }), able, "Failed 5.6.0", ""},
		"a bare LF":                         {change(func(e *Envelope) { e.Data = []byte("A: b\r\n\r\nx\n.\r\ny\r\n") }), able, "Failed 5.6.0", ""},
		"a bare CR":                         {change(func(e *Envelope) { e.Data = []byte("A: b\r\n\r\nx\r.\r\ny\r\n") }), able, "Failed 5.6.0", ""},
		"an open last line":                 {change(func(e *Envelope) { e.Data = []byte("A: b\r\n\r\nx") }), able, "Failed 5.6.0", ""},
		"a line too long":                   {change(func(e *Envelope) { e.Data = []byte("A: b\r\n\r\n" + strings.Repeat("x", 999) + "\r\n") }), able, "Failed 5.6.0", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := (&sink{offers: test.offers}).start(t)
			c := s.dial(t)
			window := []Envelope{test.envelope, mailTo(t, "b")}
			outcomes := c.Send(t.Context(), window, nil)
			if got := summary(outcomes[0]); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if outcomes[1].State != StateSent && outcomes[1].Enhanced != CodeTooLarge && !outcomes[0].Channel {
				t.Errorf("the next one: %s", summary(outcomes[1]))
			}
			c.Close()
			s.finish()
			if all := strings.Join(s.lines, "\n"); !strings.Contains(all, test.mail) {
				t.Errorf("no %q among\n%s", test.mail, all)
			}
		})
	}
}
