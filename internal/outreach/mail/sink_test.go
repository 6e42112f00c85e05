package mail

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// sink is a small SMTP server that does as it is told. What it answers stands in
// the addresses: "mail-550" before the @ of a sender, and "rcpt-451-4.2.1",
// "data-554" or "dot-552" before the @ of a recipient. "cut" in the place of a
// code closes the connection without an answer, "hang" says nothing more.
type sink struct {
	listener net.Listener
	// offers are the lines of the answer to EHLO.
	offers []string
	// script answers in the place of the sink, if it has an answer.
	script map[string]string
	// greeting of the server. Default: 220.
	greeting string
	// eager answers 354 to DATA even if nobody is to get the message.
	eager bool
	// early answers a message before its end.
	early string
	// piece is how many bytes of an answer go out at once. 0 is all.
	piece int
	// tls is used for STARTTLS, or from the beginning if implicit.
	tls      *tls.Config
	implicit bool
	password string
	// onTaken hears how many messages were taken, before the client does.
	onTaken func(int)

	mutex sync.Mutex
	taken []taken
	// lines are all commands, of all connections.
	lines    []string
	sessions sync.WaitGroup
	stop     chan struct{}
}

// taken is a message that the sink took.
type taken struct {
	recipients []string
	data       string
}

// start opens the sink.
func (s *sink) start(t testing.TB) *sink {
	t.Helper()
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	s.stop = make(chan struct{})
	s.sessions.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.sessions.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { s.finish() })
	return s
}

// finish waits for all conversations and gives the number of times that each
// recipient's message was taken.
func (s *sink) finish() map[string]int {
	s.listener.Close()
	s.mutex.Lock()
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	s.mutex.Unlock()
	s.sessions.Wait()
	counts := map[string]int{}
	for _, message := range s.taken {
		for _, recipient := range message.recipients {
			counts[recipient]++
		}
	}
	return counts
}

// server gives the settings for the sink.
func (s *sink) server() Server {
	return serverAt(s.listener.Addr())
}

func serverAt(address net.Addr) Server {
	return Server{Host: "127.0.0.1", Port: address.(*net.TCPAddr).Port, TLS: TLSNone}
}

// dial connects to the sink.
func (s *sink) dial(t testing.TB) *Connection {
	t.Helper()
	c, err := s.server().Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// session is one conversation.
type session struct {
	*sink
	conn   net.Conn
	reader *bufio.Reader
	out    bytes.Buffer
	// open: MAIL was accepted.
	open       bool
	recipients []string
}

func (s *sink) serve(conn net.Conn) {
	defer func() { conn.Close() }()
	c := &session{sink: s, conn: conn}
	if s.implicit {
		c.conn = tls.Server(conn, s.tls)
	}
	c.reader = bufio.NewReader(c.conn)
	greeting := s.greeting
	if greeting == "" {
		greeting = "220 sink.example ready"
	}
	if !c.say(greeting) {
		c.send()
		return
	}
	for {
		// Answers leave when there is nothing more to read, as in servers that pipeline.
		if c.reader.Buffered() == 0 && !c.send() {
			return
		}
		line, err := c.reader.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSuffix(line, "\r\n")
		s.mutex.Lock()
		s.lines = append(s.lines, line)
		s.mutex.Unlock()
		if !c.handle(line) {
			c.send()
			return
		}
	}
}

// say queues an answer.
func (c *session) say(answer string) bool {
	switch answer {
	case "cut":
		return false
	case "hang":
		c.send()
		<-c.stop
		return false
	}
	c.out.WriteString(strings.ReplaceAll(answer, "\n", "\r\n") + "\r\n")
	return !strings.HasPrefix(answer, "421")
}

// send sends what is queued, in pieces if so told.
func (c *session) send() bool {
	for c.out.Len() > 0 {
		piece := c.out.Len()
		if c.piece > 0 {
			piece = min(piece, c.piece)
			time.Sleep(50 * time.Microsecond)
		}
		if _, err := c.conn.Write(c.out.Next(piece)); err != nil {
			return false
		}
	}
	return true
}

// told gives the answer that stands in an address, such as 451 4.2.1.
func told(step, address string) (string, bool) {
	_, rest, found := strings.Cut(address, step+"-")
	if !found {
		return "", false
	}
	rest, _, _ = strings.Cut(rest, "@")
	code, enhanced, _ := strings.Cut(rest, "-")
	if enhanced != "" {
		code += " " + enhanced
	}
	if code[0] >= '0' && code[0] <= '9' {
		code += " as told"
	}
	return code, true
}

func (c *session) handle(line string) bool {
	verb, argument, _ := strings.Cut(line, " ")
	if answer, found := c.script[verb]; found {
		return c.say(answer)
	}
	address := ""
	if _, rest, found := strings.Cut(argument, "<"); found {
		address, _, _ = strings.Cut(rest, ">")
	}
	switch verb {
	case "EHLO":
		lines := append([]string{"sink.example greets you"}, c.offers...)
		last := len(lines) - 1
		for _, each := range lines[:last] {
			c.say("250-" + each)
		}
		return c.say("250 " + lines[last])
	case "MAIL":
		return c.mail(address)
	case "RCPT":
		return c.rcpt(address)
	case "DATA":
		return c.data()
	case "RSET":
		c.open, c.recipients = false, nil
		return c.say("250 2.0.0 forgotten")
	case "NOOP", "HELO":
		return c.say("250 2.0.0 fine")
	case "QUIT":
		c.say("221 2.0.0 bye")
		return false
	case "STARTTLS":
		return c.startTLS()
	case "AUTH":
		return c.auth(argument)
	}
	return c.say("500 5.5.1 what?")
}

func (c *session) mail(from string) bool {
	if c.open {
		return c.say("503 5.5.1 nested MAIL")
	}
	if answer, found := told("mail", from); found {
		return c.say(answer)
	}
	c.open = true
	return c.say("250 2.1.0 go on")
}

func (c *session) rcpt(to string) bool {
	if !c.open {
		return c.say("503 5.5.1 MAIL first")
	}
	if answer, found := told("rcpt", to); found {
		return c.say(answer)
	}
	c.recipients = append(c.recipients, to)
	return c.say("250-2.1.5 go\n250 2.1.5 on")
}

func (c *session) data() bool {
	ending := "250 2.0.0 taken"
	for _, to := range c.recipients {
		if answer, found := told("data", to); found {
			return c.say(answer)
		}
		if answer, found := told("dot", to); found {
			ending = answer
		}
	}
	if len(c.recipients) == 0 && !c.eager {
		return c.say("554 5.5.1 no valid recipients")
	}
	c.say("354 go")
	if !c.send() {
		return false
	}
	if c.early != "" {
		// The message is refused in its midst, and nobody reads on.
		if _, err := c.reader.ReadString('\n'); err != nil {
			return false
		}
		c.say(c.early)
		return c.say("hang")
	}
	var data strings.Builder
	for {
		line, err := c.reader.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		data.WriteString(strings.TrimPrefix(line, "."))
	}
	if ending[0] == '2' {
		c.mutex.Lock()
		c.taken = append(c.taken, taken{recipients: c.recipients, data: data.String()})
		if c.onTaken != nil {
			c.onTaken(len(c.taken))
		}
		c.mutex.Unlock()
	}
	c.open, c.recipients = false, nil
	return c.say(ending)
}

func (c *session) startTLS() bool {
	c.say("220 2.0.0 go")
	c.send()
	encrypted := tls.Server(c.conn, c.tls)
	if encrypted.Handshake() != nil {
		return false
	}
	c.conn = encrypted
	c.reader.Reset(encrypted)
	return true
}
