package mail

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// others is a server that others wrote, with the least that it needs.
type others struct {
	net.Listener
	mutex sync.Mutex
	// idle is woken when a conversation ends.
	idle   sync.Cond
	active int
	taken  map[string][]string
}

// startOthers opens the server.
func startOthers(t testing.TB) *others {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &others{Listener: listener}
	o.idle.L = &o.mutex
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &othersSession{others: o}, nil
	}))
	server.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableSMTPUTF8, server.AllowInsecureAuth = true, true
	var done sync.WaitGroup
	done.Go(func() { _ = server.Serve(o) })
	t.Cleanup(func() {
		server.Close()
		done.Wait()
	})
	return o
}

// Accept counts the conversations.
func (o *others) Accept() (net.Conn, error) {
	conn, err := o.Listener.Accept()
	if err != nil {
		return nil, err
	}
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.active++
	return &countedConn{Conn: conn, others: o}, nil
}

type countedConn struct {
	net.Conn
	others *others
	once   sync.Once
}

func (c *countedConn) Close() error {
	c.once.Do(func() {
		c.others.mutex.Lock()
		defer c.others.mutex.Unlock()
		c.others.active--
		c.others.idle.Broadcast()
	})
	return c.Conn.Close()
}

// finish waits for all conversations and gives what was taken since the last
// time. A client that was greeted is among them; another has sent nothing.
func (o *others) finish() map[string][]string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	for o.active > 0 {
		o.idle.Wait()
	}
	taken := o.taken
	o.taken = nil
	return taken
}

type othersSession struct {
	*others
	to string
}

func (s *othersSession) Reset()        { s.to = "" }
func (s *othersSession) Logout() error { return nil }

func (s *othersSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *othersSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if answer, found := told("rcpt", to); found {
		return smtpError(answer)
	}
	s.to = to
	return nil
}

func (s *othersSession) Data(from io.Reader) error {
	data, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	if answer, found := told("dot", s.to); found {
		return smtpError(answer)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.taken == nil {
		s.taken = map[string][]string{}
	}
	s.taken[s.to] = append(s.taken[s.to], string(data))
	return nil
}

func (s *othersSession) AuthMechanisms() []string { return []string{"PLAIN"} }

func (s *othersSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "desk" || password != "secret" {
			return errors.New("no")
		}
		return nil
	}), nil
}

// smtpError makes the library's error of an answer such as 550 5.1.1 as told.
func smtpError(answer string) error {
	e := &smtp.SMTPError{Message: "as told"}
	if _, err := fmt.Sscanf(answer, "%d %d.%d.%d", &e.Code, &e.EnhancedCode[0], &e.EnhancedCode[1], &e.EnhancedCode[2]); err != nil {
		panic(err)
	}
	return e
}

func TestAgainstAnIndependentServer(t *testing.T) {
	o := startOthers(t)
	server := serverAt(o.Addr())
	server.Username, server.Password = "desk", "secret"
	c, err := server.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	window := mailsTo(t, "a", "rcpt-550-5.1.1", "b", "dot-451-4.2.1", "jürgen", "c")
	window[2].Data = []byte("Subject: Gr\xc3\xbc\xc3\x9fe\r\n\r\n.\r\n..x\r\nend\r\n")
	outcomes := c.Send(t.Context(), window, nil)
	c.Close()
	want := "Sent 250 2.0.0\nFailed 550 5.1.1\nSent 250 2.0.0\nDeferred 451 4.2.1\nSent 250 2.0.0\nSent 250 2.0.0"
	if got := summaries(outcomes); got != want {
		t.Errorf("got\n%s", got)
	}
	taken := o.finish()
	for i, e := range window {
		if outcomes[i].State != StateSent {
			continue
		}
		if got := taken[e.To]; len(got) != 1 || got[0] != string(e.Data) {
			t.Errorf("%s got %q", e.To, got)
		}
	}
}

// TestCutBeforeAnIndependentServer: as TestCutAtEveryByte, with a server that
// knows nothing of our ideas.
func TestCutBeforeAnIndependentServer(t *testing.T) {
	locals := []string{"a", "rcpt-550-5.1.1", "b", "dot-451-4.2.1", "c"}
	o := startOthers(t)
	try := func(p *cutter) []Outcome {
		p.target = o.Addr().String()
		p.start(t)
		window := small(mailsTo(t, locals...))
		var outcomes []Outcome
		c, err := serverAt(p.listener.Addr()).Dial(t.Context())
		if err == nil {
			outcomes = c.Send(t.Context(), window, nil)
			c.Close()
		}
		p.finish()
		taken := o.finish()
		unknown := 0
		for i, e := range window {
			count, state := len(taken[e.To]), StateNotTried
			if outcomes != nil {
				state = outcomes[i].State
			}
			if state == StateUnknown {
				unknown++
				continue
			}
			if want := map[State]int{StateSent: 1}[state]; count != want {
				t.Errorf("cut at %d up, %d down: %s is %s and was taken %d times", p.up, p.down, e.To, state, count)
			}
		}
		if unknown > 1 {
			t.Errorf("cut at %d up, %d down: %d unknown", p.up, p.down, unknown)
		}
		return outcomes
	}
	whole := &cutter{up: endless, down: endless}
	if got := summaries(try(whole)); strings.Count(got, "Sent") != 3 {
		t.Fatal(got)
	}
	every := int64(3)
	if testing.Short() {
		every = 31
	}
	for _, reset := range []bool{false, true} {
		for n := int64(0); n <= whole.passedUp; n += every {
			try(&cutter{up: n, down: endless, reset: reset})
		}
		for n := int64(0); n <= whole.passedDown; n += every {
			try(&cutter{up: endless, down: n, reset: reset})
		}
	}
}
