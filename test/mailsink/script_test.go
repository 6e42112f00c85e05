package mailsink

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

// script is a connection with a client that says all it has to say, in pieces, and
// hangs up.
type script struct {
	net.Conn
	in     []byte
	pieces func() int
	out    bytes.Buffer
	writes int
}

func (s *script) Read(into []byte) (int, error) {
	if len(s.in) == 0 {
		return 0, io.EOF
	}
	n := copy(into[:min(len(into), max(s.pieces(), 1))], s.in)
	s.in = s.in[n:]
	return n, nil
}

func (s *script) Write(from []byte) (int, error) {
	s.writes++
	return s.out.Write(from)
}
func (s *script) Close() error                     { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// play lets a fresh sink listen to a script.
func play(t testing.TB, options Options, in string, pieces func() int) (*Sink, *script) {
	t.Helper()
	sink, err := Start(options)
	if err != nil {
		t.Fatal(err)
	}
	client := &script{in: []byte(in), pieces: pieces}
	sink.serve(client, nil)
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	return sink, client
}

func whole() int { return 1 << 20 }

// lines joins what a client says.
func lines(said ...string) string { return strings.Join(said, "\r\n") + "\r\n" }

// codes are the replies without their text, one for each, after the greeting.
func codes(out string) string {
	var found []string
	for _, reply := range regexp.MustCompile(`(?m)^([0-9]{3}(?: [0-9]\.[0-9]\.[0-9])?) ?`).FindAllStringSubmatch(out, -1) {
		found = append(found, reply[1])
	}
	if len(found) == 0 {
		return ""
	}
	return strings.Join(found[1:], ", ")
}

var letter = []string{"MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA", "Subject: x", "", "text", "."}

const letterCodes = "250 2.1.0, 250 2.1.5, 354, 250 2.6.0"

func TestProtocol(t *testing.T) {
	hello := "HELO me.example"
	for name, test := range map[string]struct {
		options Options
		say     []string
		want    string
	}{
		"a message":                {Options{}, append([]string{hello}, letter...), "250, " + letterCodes},
		"two messages, goodbye":    {Options{}, append(append([]string{hello}, append(letter, letter...)...), "QUIT", "NOOP"), "250, " + letterCodes + ", " + letterCodes + ", 221 2.0.0"},
		"small letters":            {Options{}, []string{"helo x", "mail from:<>", "rcpt to:<b@x.example>", "noop", "rset"}, "250, 250 2.1.0, 250 2.1.5, 250 2.0.0, 250 2.0.0"},
		"out of order":             {Options{}, []string{"MAIL FROM:<>", hello, "RCPT TO:<b@x.example>", "DATA", "MAIL FROM:<>", "DATA", "MAIL FROM:<>"}, "503 5.5.1, 250, 503 5.5.1, 503 5.5.1, 250 2.1.0, 503 5.5.1, 503 5.5.1"},
		"RSET forgets":             {Options{}, []string{hello, "MAIL FROM:<>", "RCPT TO:<b@x.example>", "RSET", "DATA"}, "250, 250 2.1.0, 250 2.1.5, 250 2.0.0, 503 5.5.1"},
		"unknown commands":         {Options{}, []string{"", " ", "XYZZY", "STARTTLSNOW", "VRFY b", "HELP", "AUTH PLAIN", "STARTTLS", "BDAT 3 LAST"}, "500 5.5.1, 500 5.5.1, 500 5.5.1, 500 5.5.1, 502 5.5.1, 502 5.5.1, 502 5.5.1, 502 5.5.1, 502 5.5.1"},
		"what stands alone":        {Options{}, []string{"HELO", "EHLO  ", hello, "RSET now", "MAIL FROM:<>", "RCPT TO:<b@x.example>", "DATA now"}, "501 5.5.4, 501 5.5.4, 250, 501 5.5.4, 250 2.1.0, 250 2.1.5, 501 5.5.4"},
		"paths":                    {Options{}, []string{hello, "MAIL", "MAIL FROM:", "MAIL FROM:a@x.example", "MAIL FROM:<a@x.example", "MAIL FROM:<a@x.example>SIZE=3", "MAIL FROM:<a b@x.example>", "MAIL TO:<a@x.example>"}, "250, 501 5.5.4, 501 5.5.4, 501 5.5.4, 501 5.5.4, 501 5.5.4, 501 5.5.4, 501 5.5.4"},
		"addresses":                {Options{}, []string{hello, "MAIL FROM:<a>", "MAIL FROM:<a@>", "MAIL FROM:<@x>", "MAIL FROM:<a\x00@x>", `MAIL FROM:<"a \"> b"@x.example>`, "RCPT TO:<>", "RCPT TO:<" + strings.Repeat("a", 254) + "@x>"}, "250, 501 5.1.3, 501 5.1.3, 501 5.1.3, 501 5.1.3, 250 2.1.0, 501 5.1.3, 501 5.1.3"},
		"parameters":               {Options{MaxSize: 100}, []string{hello, "MAIL FROM:<> SIZE=101", "MAIL FROM:<> SIZE=-1", "MAIL FROM:<> BODY=9BIT", "MAIL FROM:<> RET=FULL", "MAIL FROM:<> AUTH=<>", "MAIL FROM:<> SIZE=100 BODY=8bitmime SMTPUTF8", "RCPT TO:<b@x.example> NOTIFY=NEVER"}, "250, 552 5.3.4, 501 5.5.4, 501 5.5.4, 555 5.5.4, 555 5.5.4, 250 2.1.0, 555 5.5.4"},
		"letters beyond ASCII":     {Options{}, []string{hello, "MAIL FROM:<>", "RCPT TO:<ä@x.example>", "RSET", "MAIL FROM:<ö@x.example> SMTPUTF8", "RCPT TO:<ä@x.example>", "RCPT TO:<\xff@x.example>", "RSET", "MAIL FROM:<ö@x.example>"}, "250, 250 2.1.0, 553 5.6.7, 250 2.0.0, 250 2.1.0, 250 2.1.5, 501 5.1.3, 250 2.0.0, 553 5.6.7"},
		"a line too long":          {Options{}, []string{"NOOP " + strings.Repeat("a", maxLine), "NOOP " + strings.Repeat("b", 3*inputBytes), "NOOP"}, "500 5.5.2, 500 5.5.2, 250 2.0.0"},
		"lines without CR":         {Options{}, []string{"NOOP\nNOOP", "NOOP"}, "500 5.5.2, 250 2.0.0, 250 2.0.0"},
		"a message too large":      {Options{MaxSize: 10}, append(append([]string{hello}, letter...), "NOOP"), "250, 250 2.1.0, 250 2.1.5, 354, 552 5.3.4, 250 2.0.0"},
		"half a message":           {Options{}, append([]string{hello}, letter[:6]...), "250, 250 2.1.0, 250 2.1.5, 354"},
		"too many mistakes":        {Options{}, strings.Split(strings.Repeat("X ", 200), " "), strings.Repeat("500 5.5.1, ", maxMistakes) + "421 4.7.0"},
		"a password is needed":     {Options{Username: "u", Password: "p"}, []string{"AUTH PLAIN AHUAcA==", hello, "MAIL FROM:<>", "AUTH PLAIN AHUAcQ==", "AUTH PLAIN ?", "AUTH CRAM-MD5", "AUTH PLAIN AHUAcA==", "AUTH PLAIN AHUAcA==", "MAIL FROM:<> AUTH=<>"}, "503 5.5.1, 250, 530 5.7.0, 535 5.7.8, 501 5.5.2, 504 5.5.4, 235 2.7.0, 503 5.5.1, 250 2.1.0"},
		"a password that is asked": {Options{Username: "u", Password: "p"}, []string{hello, "AUTH PLAIN", "*", "AUTH LOGIN", "dQ==", "=", "AUTH LOGIN dQ==", "cA=="}, "250, 334, 501 5.7.0, 334, 334, 535 5.7.8, 334, 235 2.7.0"},
		"not HTTP":                 {Options{}, []string{"GET / HTTP/1.1", "Host: x", ""}, "500 5.5.1, 500 5.5.1, 500 5.5.1"},
		"binary":                   {Options{}, []string{"\x16\x03\x01\x00\xff\xfe", "NOOP\x00"}, "500 5.5.1, 500 5.5.1"},
	} {
		t.Run(name, func(t *testing.T) {
			in := lines(test.say...)
			_, client := play(t, test.options, in, whole)
			if got := codes(client.out.String()); got != test.want {
				t.Errorf("codes are\n%s, want\n%s\nof\n%s", got, test.want, client.out.String())
			}
		})
	}
}

// The replies, and what is counted, do not depend on how the bytes come.
func TestPieces(t *testing.T) {
	long := strings.Repeat("0123456789", 3*inputBytes/10)
	in := lines("EHLO me.example", "NOOP "+long[:maxLine-10], "NOOP "+long)
	for i := range 20 {
		in += lines("MAIL FROM:<a@x.example>", fmt.Sprintf("RCPT TO:<b%d@x.example>", i), "DATA",
			fmt.Sprintf("Message-ID: <%d@x>", i), "", "..", ".. dots", ".", "VRFY c")
		if i > 1 {
			continue
		}
		in += lines("MAIL FROM:<a@x.example>", "RCPT TO:<long@x.example>", "DATA", "", long, ".."+long[:inputBytes-i], ".")
	}
	want, client := play(t, Options{}, in, whole)
	if want.Total() != 22 || client.writes > 22*4 {
		t.Fatalf("%d messages were accepted, replies written %d times", want.Total(), client.writes)
	}
	for _, size := range []int{1, 2, 3, 7, 61, 1460, 4096, inputBytes - 1, inputBytes + 1} {
		got, other := play(t, Options{}, in, func() int { return size })
		if other.out.String() != client.out.String() {
			t.Errorf("in pieces of %d bytes the replies are others", size)
		}
		for i, message := range want.Messages() {
			if found, _ := got.Message(i + 1); !bytes.Equal(found.Raw, message.Raw) {
				t.Fatalf("in pieces of %d bytes message %d is another", size, i+1)
			}
		}
	}
}

// Replies to what comes at once are written at once.
func TestRepliesAreCollected(t *testing.T) {
	in := lines("HELO me.example")
	for range 50 {
		in += lines(letter...)
	}
	_, client := play(t, Options{}, in, whole)
	if client.writes > 2 {
		t.Errorf("replies were written %d times", client.writes)
	}
}

func TestText(t *testing.T) {
	long := strings.Repeat("x", 2*inputBytes)
	for name, test := range map[string]struct{ send, want string }{
		"nothing":              {".\r\n", ""},
		"dots":                 {"..\r\n...\r\n.a\r\n. \r\n.\r\n", ".\r\n..\r\na\r\n \r\n"},
		"long lines":           {long + "\r\n." + long + "\r\n.\r\n", long + "\r\n" + long + "\r\n"},
		"CR at the edge":       {strings.Repeat("x", inputBytes-1) + "\r\n.\r\n", strings.Repeat("x", inputBytes-1) + "\r\n"},
		"only CR LF is an end": {"a\n.\nb\n.\r\nc\r.\r\n\r\n.\n\r\n.\r\n", "a\n.\nb\n.\r\nc\r.\r\n\r\n\n\r\n"},
		"any byte":             {"\x00\xff\x80\r\r\n\n\r\n.\r\n", "\x00\xff\x80\r\r\n\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			in := lines("HELO me.example", "MAIL FROM:<>", "RCPT TO:<b@x.example>", "DATA") + test.send + lines("NOOP")
			sink, client := play(t, Options{}, in, whole)
			message, _ := sink.Message(1)
			if string(message.Raw) != test.want {
				t.Errorf("%q became %q, want %q", test.send, message.Raw, test.want)
			}
			if !strings.HasSuffix(client.out.String(), "250 2.0.0 ok\r\n") {
				t.Errorf("the end was not found: %s", client.out.String())
			}
		})
	}
}

func TestMessageID(t *testing.T) {
	for raw, want := range map[string]string{
		"":                                      "",
		"Message-ID: <1@x>\r\n\r\n":             "<1@x>",
		"A: b\r\nmessage-id:<2@x>":              "<2@x>",
		"Message-Id:\r\n <3@x>\r\nB: c\r\n\r\n": "<3@x>",
		"Message-ID:\r\nB: c\r\n\r\n":           "",
		"Message-ID:":                           "",
		"A: b\r\n\r\nMessage-ID: <4@x>\r\n":     "",
	} {
		if got := string(messageID([]byte(raw))); got != want {
			t.Errorf("of %q the Message-ID is %q, want %q", raw, got, want)
		}
	}
}

var replyLine = regexp.MustCompile(`^[2345][0-9]{2}[ -][ -~]*$`)

// Whatever a client says, the sink lives, replies in lines, and accepts exactly
// what it says it has accepted.
func FuzzCommands(f *testing.F) {
	f.Add([]byte(lines("EHLO me.example")+lines(letter...)+lines("QUIT")), 3, false)
	f.Add([]byte(lines("HELO x", "MAIL FROM:<a@x> SIZE=10 BODY=8BITMIME SMTPUTF8", "RCPT TO:<\"q\\\"> \"@x>", "DATA", "..", ".")), 1, false)
	f.Add([]byte(lines("HELO x", "AUTH LOGIN", "dQ==", "cA==", "AUTH PLAIN AHUAcA==")+lines(letter...)), 100, true)
	f.Add([]byte(lines("STARTTLS", "VRFY x", "RSET", "NOOP", "\x00", strings.Repeat("x", 5000))), 7, false)
	f.Fuzz(func(t *testing.T, in []byte, size int, password bool) {
		options := Options{MaxSize: 1000}
		if password {
			options.Username, options.Password = "u", "p"
		}
		sink, client := play(t, options, string(in), func() int { return size })
		out := client.out.String()
		for line := range strings.SplitSeq(strings.TrimSuffix(out, "\r\n"), "\r\n") {
			if !replyLine.MatchString(line) {
				t.Errorf("%q is no reply", line)
			}
		}
		if said := strings.Count(out, "250 2.6.0 "); said != sink.Total() || len(sink.Messages()) != said {
			t.Errorf("%d messages accepted, %d kept, %d said", sink.Total(), len(sink.Messages()), said)
		}
	})
}
