package mail

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
)

// cutter stands between client and server, and cuts the connection after so many
// bytes in one direction.
type cutter struct {
	listener net.Listener
	target   string
	// up and down are how many bytes may pass to and from the server.
	up, down int64
	// reset cuts with RST, which may take bytes along that were on the way.
	reset bool
	// passed counts what went through.
	passedUp, passedDown int64
	wait                 sync.WaitGroup
}

const endless = 1 << 40

func (p *cutter) start(t testing.TB) {
	t.Helper()
	var err error
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	p.wait.Go(func() {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			return
		}
		end := func() {
			if p.reset {
				_ = client.(*net.TCPConn).SetLinger(0)
				_ = server.(*net.TCPConn).SetLinger(0)
			}
			client.Close()
			server.Close()
		}
		p.wait.Go(func() {
			p.passedUp, _ = io.Copy(server, io.LimitReader(client, p.up))
			end()
		})
		p.passedDown, _ = io.Copy(client, io.LimitReader(server, p.down))
		end()
	})
}

func (p *cutter) finish() {
	p.listener.Close()
	p.wait.Wait()
}

// cutLocals are the recipients of the window that is cut: some are refused at
// each step.
var cutLocals = []string{"a", "rcpt-550-5.1.1", "b", "dot-451-4.2.1", "data-554", "c"}

const cutWhole = "Sent 250 2.0.0\nFailed 550 5.1.1\nSent 250 2.0.0\nDeferred 451 4.2.1\nFailed 554\nSent 250 2.0.0"

// small makes the messages short, so that there are fewer places to cut.
func small(window []Envelope) []Envelope {
	for i := range window {
		window[i].Data = []byte("Subject: Hi\r\n\r\n.dots\r\n.\r\nend\r\n")
	}
	return window
}

// cutOnce sends the window through a cutter.
func cutOnce(t *testing.T, s *sink, server Server, p *cutter) (window []Envelope, outcomes []Outcome) {
	t.Helper()
	p.target = s.listener.Addr().String()
	p.start(t)
	server.Port = p.listener.Addr().(*net.TCPAddr).Port
	window = small(mailsTo(t, cutLocals...))
	c, err := server.Dial(context.Background())
	if err == nil {
		outcomes = c.Send(context.Background(), window, nil)
		c.Close()
	}
	p.finish()
	return window, outcomes
}

// TestCutAtEveryByte is what the ledger's promise stands on: wherever the
// connection breaks, no outcome says more than is true.
func TestCutAtEveryByte(t *testing.T) {
	certificate, roots := authority(t, "127.0.0.1")
	for name, test := range map[string]struct {
		sink  *sink
		tls   TLSMode
		every int64
	}{
		"pipelined": {&sink{offers: ways["pipelined"]}, TLSNone, 1},
		"stepwise":  {&sink{offers: ways["stepwise"]}, TLSNone, 1},
		"eager":     {&sink{offers: ways["pipelined"], eager: true}, TLSNone, 3},
		"in pieces": {&sink{offers: ways["pipelined"], piece: 3}, TLSNone, 151},
		"encrypted": {&sink{offers: ways["pipelined"], tls: certificate, implicit: true}, TLSImplicit, 17},
	} {
		every := test.every
		if testing.Short() {
			every = max(every, 13)
		}
		fresh := func() (*sink, Server) {
			s := (&sink{offers: test.sink.offers, eager: test.sink.eager, piece: test.sink.piece, tls: test.sink.tls, implicit: test.sink.implicit}).start(t)
			server := s.server()
			server.TLS, server.RootCAs = test.tls, roots
			return s, server
		}
		t.Run(name, func(t *testing.T) {
			s, server := fresh()
			whole := &cutter{up: endless, down: endless}
			window, outcomes := cutOnce(t, s, server, whole)
			if got := summaries(outcomes); got != cutWhole {
				t.Fatalf("uncut: %s", got)
			}
			checkTaken(t, s, window, outcomes)
			states := map[State]int{}
			try := func(p *cutter, at string) {
				s, server := fresh()
				window, outcomes := cutOnce(t, s, server, p)
				if outcomes == nil {
					// Not even dialled.
					window = nil
				}
				checkTaken(t, s, window, outcomes)
				for _, o := range outcomes {
					states[o.State]++
				}
				if t.Failed() {
					t.Fatalf("cut at %s:\n%s", at, summaries(outcomes))
				}
			}
			for _, reset := range []bool{false, true} {
				for n := int64(0); n <= whole.passedUp; n += every {
					try(&cutter{up: n, down: endless, reset: reset}, fmt.Sprint("up ", n, " reset ", reset))
				}
				for n := int64(0); n <= whole.passedDown; n += every {
					try(&cutter{up: endless, down: n, reset: reset}, fmt.Sprint("down ", n, " reset ", reset))
				}
			}
			t.Logf("%d bytes up, %d down: %v", whole.passedUp, whole.passedDown, states)
			if states[StateUnknown] == 0 || states[StateNotTried] == 0 || states[StateSent] == 0 {
				t.Errorf("the cuts did not meet everything: %v", states)
			}
		})
	}
}
