package mail

import (
	"strings"
	"testing"
	"time"
)

// invitation is a mail as a campaign sends it.
func invitation() Message {
	return Message{
		From:            Address{Name: "Dubai Airshow", Address: "desk@airshow.example"},
		ReplyTo:         Address{Address: "stands@airshow.example"},
		To:              Address{Name: "Ann \"Annie\" Lee", Address: "Ann.Lee@aero.example"},
		Subject:         "Your stand for the next show",
		Text:            []byte("Dear Ann,\n\nyour stand is kept until Friday.\n"),
		HTML:            []byte("<p>Dear Ann,</p>\n<p>your stand is kept until Friday.</p>\n"),
		ID:              "run-7.42@airshow.example",
		Date:            time.Date(2026, 3, 2, 9, 30, 0, 0, time.FixedZone("", 4*60*60)),
		UnsubscribeURL:  "https://airshow.example/u/4711",
		UnsubscribeMail: "mailto:leave@airshow.example?subject=4711",
	}
}

const invitationBytes = `Date: Mon, 02 Mar 2026 09:30:00 +0400
From: "Dubai Airshow" <desk@airshow.example>
Reply-To: <stands@airshow.example>
To: "Ann \"Annie\" Lee" <Ann.Lee@aero.example>
Subject: Your stand for the next show
Message-ID: <run-7.42@airshow.example>
List-Unsubscribe: <https://airshow.example/u/4711>,
 <mailto:leave@airshow.example?subject=4711>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/alternative;
 boundary="=_aea30764393de7ab"

--=_aea30764393de7ab
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

Dear Ann,

your stand is kept until Friday.

--=_aea30764393de7ab
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 7bit

<p>Dear Ann,</p>
<p>your stand is kept until Friday.</p>

--=_aea30764393de7ab--
`

func TestMessageIsTheSameBytesEveryTime(t *testing.T) {
	m := invitation()
	for range 2 {
		made, err := m.Append([]byte("kept"))
		if err != nil {
			t.Fatal(err)
		}
		if want := "kept" + strings.ReplaceAll(invitationBytes, "\n", "\r\n"); string(made) != want {
			t.Errorf("made\n%s\nwant\n%s", made, want)
		}
	}
}

func TestMessageRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*Message)
		wish   string
	}{
		"a line break in the subject":      {func(m *Message) { m.Subject = "Hi\r\nBcc: all@airshow.example" }, "the subject has a line break"},
		"a line feed alone":                {func(m *Message) { m.Subject = "Hi\nthere" }, "the subject has a line break"},
		"a line separator of Unicode":      {func(m *Message) { m.Subject = "Hi\u2028there" }, "the subject has a line break"},
		"a next line of C1":                {func(m *Message) { m.Subject = "Hi\u0085there" }, "the subject has a line break"},
		"NUL in the subject":               {func(m *Message) { m.Subject = "Hi\x00" }, "the subject has a line break or another control character"},
		"a subject of other bytes":         {func(m *Message) { m.Subject = "M\xfcnchen" }, "the subject is not valid UTF-8"},
		"an endless subject":               {func(m *Message) { m.Subject = strings.Repeat("x", 5000) }, "the subject has more than 4096 bytes"},
		"a line break in a name":           {func(m *Message) { m.To.Name = "Ann\rLee" }, "the recipient's name has a line break"},
		"a tab in the sender's name":       {func(m *Message) { m.From.Name = "A\tB" }, "the sender's name has a line break or another control"},
		"a line break in an address":       {func(m *Message) { m.To.Address = "ann@aero.example\r\nBcc: x@y.example" }, "the recipient's address cannot be written to"},
		"a line break before the @":        {func(m *Message) { m.To.Address = "ann\n@aero.example" }, "the recipient's address cannot be written to"},
		"a bracket in an address":          {func(m *Message) { m.ReplyTo.Address = "a>b@aero.example" }, "the reply address cannot be written to"},
		"two addresses":                    {func(m *Message) { m.To.Address = "a@aero.example, b@aero.example" }, "the recipient's address cannot be written to"},
		"a space in the domain":            {func(m *Message) { m.From.Address = "a@aero example" }, "the sender's address cannot be written to"},
		"an address without a domain":      {func(m *Message) { m.To.Address = "ann@" }, "it has no @"},
		"an address without anything":      {func(m *Message) { m.To.Address = "" }, "it has no @"},
		"an address too long":              {func(m *Message) { m.To.Address = strings.Repeat("x", 65) + "@aero.example" }, "it is too long"},
		"a dot at an edge":                 {func(m *Message) { m.To.Address = ".ann@aero.example" }, "a dot stands at an edge"},
		"a domain that ends in a hyphen":   {func(m *Message) { m.To.Address = "ann@aero-.example" }, "not the name of a host"},
		"a quoted name":                    {func(m *Message) { m.To.Address = `"ann lee"@aero.example` }, "a character before the @"},
		"an address of a machine":          {func(m *Message) { m.To.Address = "ann@[192.0.2.1]" }, "not the name of a host"},
		"an address of other bytes":        {func(m *Message) { m.To.Address = "\xfc@aero.example" }, "a character before the @"},
		"an invisible break in an address": {func(m *Message) { m.To.Address = "a\u2028b@aero.example" }, "a character before the @"},
		"no body":                          {func(m *Message) { m.Text, m.HTML = nil, nil }, "neither a text nor an html body"},
		"a body of other bytes":            {func(m *Message) { m.HTML = []byte("\xff") }, "the html body is not valid UTF-8"},
		"no date":                          {func(m *Message) { m.Date = time.Time{} }, "no date"},
		"no Message-ID":                    {func(m *Message) { m.ID = "" }, "the Message-ID"},
		"a Message-ID with a bracket":      {func(m *Message) { m.ID = "a@b>\r\nX: y" }, "the Message-ID"},
		"a URL in clear":                   {func(m *Message) { m.UnsubscribeURL = "http://airshow.example" }, "the unsubscribe URL does not begin with https://"},
		"a URL with a line break":          {func(m *Message) { m.UnsubscribeURL = "https://a.example/\r\nX: y" }, "the unsubscribe URL has a character"},
		"a URL with a bracket":             {func(m *Message) { m.UnsubscribeURL = "https://a.example/>" }, "the unsubscribe URL has a character"},
		"a URL beyond a line":              {func(m *Message) { m.UnsubscribeURL = "https://a.example/" + strings.Repeat("x", 900) }, "the unsubscribe URL has more than"},
		"an unsubscribe mail without mail": {func(m *Message) { m.UnsubscribeMail = "leave@airshow.example" }, "does not begin with mailto:"},
	} {
		t.Run(name, func(t *testing.T) {
			m := invitation()
			test.change(&m)
			made, err := m.Append([]byte("kept"))
			if err == nil || !strings.Contains(err.Error(), test.wish) {
				t.Fatalf("error %v, want %q", err, test.wish)
			}
			if string(made) != "kept" {
				t.Errorf("the buffer became %q", made)
			}
			for _, person := range []string{"ann@", "Ann", "aero", "Bcc"} {
				if strings.Contains(err.Error(), person) {
					t.Errorf("the error names somebody: %v", err)
				}
			}
		})
	}
}

func TestInternationalAddresses(t *testing.T) {
	m := invitation()
	m.To.Address = "ann@bücher.example"
	made, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.NeedsSMTPUTF8() || !strings.Contains(string(made), "<ann@xn--bcher-kva.example>") {
		t.Errorf("a domain in its ASCII form needs no SMTPUTF8:\n%s", made)
	}
	m.To.Address = "jürgen@bücher.example"
	if made, err = m.Append(nil); err != nil {
		t.Fatal(err)
	}
	if !m.NeedsSMTPUTF8() || !strings.Contains(string(made), "<jürgen@xn--bcher-kva.example>") {
		t.Errorf("a name in other letters needs SMTPUTF8:\n%s", made)
	}
}

func TestBodyTravelsAsFits(t *testing.T) {
	for name, test := range map[string]struct {
		body string
		want encoding
	}{
		"short lines":             {"Dear Ann,\r\n\r\nsee you = soon.\r\n", asItIs},
		"a long line":             {strings.Repeat("x", 77), quotedPrintable},
		"a space at a line's end": {"Dear Ann, \n", quotedPrintable},
		"a few umlauts":           {"Sehr geehrte Frau Müller,\nIhr Stand ist bis Freitag für Sie vorgemerkt.\n", quotedPrintable},
		"Chinese":                 {"您好，您的展位保留到星期五。", inBase64},
		"what looks like an end":  {"--=_aea30764393de7ab--", quotedPrintable},
		"a control character":     {"bell\a and no more than that", quotedPrintable},
	} {
		if got := encodingFor([]byte(test.body)); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}
