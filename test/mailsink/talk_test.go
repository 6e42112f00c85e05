package mailsink_test

import (
	"bufio"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/test/mailsink"
)

// talk is a client that says what it likes.
type talk struct {
	net.Conn
	in *textproto.Reader
}

func newTalk(conn net.Conn) *talk {
	// A sink that says nothing must not hold the tests for ever.
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	return &talk{Conn: conn, in: textproto.NewReader(bufio.NewReader(conn))}
}

// dial connects, and is past the greeting.
func dial(t testing.TB, sink *mailsink.Sink) *talk {
	t.Helper()
	conn, err := net.Dial("tcp", sink.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	client := newTalk(conn)
	client.reads(t, "220 ")
	return client
}

// send says something; whether it was heard shows in the reply.
func (c *talk) send(text string) { _, _ = c.Write([]byte(text)) }

// reads takes lines up to the last of a reply, which must begin as said.
func (c *talk) reads(t testing.TB, want string) {
	t.Helper()
	if line := c.reply(); !strings.HasPrefix(line, want) {
		t.Errorf("the sink says %q, want %q", line, want)
	}
}

// reply is the last line of a reply; empty if there is none.
func (c *talk) reply() string {
	for {
		line, err := c.in.ReadLine()
		if err != nil {
			return ""
		}
		if len(line) < 4 || line[3] != '-' {
			return line
		}
	}
}

// sendMessage sends a message, and gives the code of the first reply that is a
// refusal, or the last. It stops early where it is told: 0 after EHLO, 1 before
// DATA, 2 in the text, 3 with half the final dot, 4 before the reply is read.
func (c *talk) sendMessage(recipient string, stop int) string {
	commands := []string{
		"EHLO me.example\r\n",
		"MAIL FROM:<a@x.example>\r\nRCPT TO:<" + recipient + ">\r\n",
		"DATA\r\n",
		fmt.Sprintf("Message-ID: <%s>\r\nSubject: x\r\n\r\n%s\r\n", recipient, strings.Repeat("text ", 300)),
		".\r\n",
	}
	last := ""
	for i, replies := range []int{1, 2, 1, 0, 1} {
		if i == 4 && stop == 3 {
			c.send(".\r")
			return ""
		}
		c.send(commands[i])
		if i == 4 && stop == 4 {
			return ""
		}
		for range replies {
			if last = c.reply(); last == "" || last[0] > '3' {
				return last[:min(len(last), 3)]
			}
		}
		if i == 0 && stop == 0 || i == 1 && stop == 1 || i == 3 && stop == 2 {
			return ""
		}
	}
	return last[:3]
}
