package mail

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"
)

// ways are the two ways to talk to a server.
var ways = map[string][]string{
	"pipelined": {"PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SIZE 10000000", "CHUNKING"},
	"stepwise":  {"ENHANCEDSTATUSCODES", "8BITMIME"},
}

func TestOutcomes(t *testing.T) {
	for name, test := range map[string]struct {
		to   []string
		from string
		// eager: see sink.
		eager bool
		want  []string
		// dead: the connection cannot be used any more.
		dead bool
	}{
		"all taken": {to: []string{"a", "b", "c"}, want: []string{"Sent 250 2.0.0", "Sent 250 2.0.0", "Sent 250 2.0.0"}},
		"recipients refused": {
			to:   []string{"rcpt-550-5.1.1", "a", "rcpt-451-4.2.1", "rcpt-553", "b"},
			want: []string{"Failed 550 5.1.1", "Sent 250 2.0.0", "Deferred 451 4.2.1", "Failed 553", "Sent 250 2.0.0"},
		},
		"recipients refused by a server that wants the message all the same": {
			to: []string{"rcpt-550-5.1.1", "a", "rcpt-451-4.2.1"}, eager: true,
			want: []string{"Failed 550 5.1.1", "Sent 250 2.0.0", "Deferred 451 4.2.1"},
		},
		"messages refused before their content": {
			to:   []string{"data-451-4.7.1", "a", "data-554-5.7.1", "b"},
			want: []string{"Deferred 451 4.7.1", "Sent 250 2.0.0", "Failed 554 5.7.1", "Sent 250 2.0.0"},
		},
		"messages refused after their content": {
			to:   []string{"dot-552-5.2.2", "a", "dot-450", "b"},
			want: []string{"Failed 552 5.2.2", "Sent 250 2.0.0", "Deferred 450", "Sent 250 2.0.0"},
		},
		"a sender refused for good": {
			to: []string{"a", "b"}, from: "mail-550-5.7.1@airshow.example",
			want: []string{"Failed 550 5.7.1 channel", "NotTried"},
		},
		"a sender refused for now": {
			to: []string{"a", "b"}, from: "mail-451@airshow.example",
			want: []string{"Deferred 451 channel", "NotTried"},
		},
		"a sender refused by a server that wants the message all the same": {
			to: []string{"a", "b"}, from: "mail-550-5.7.1@airshow.example", eager: true,
			want: []string{"Failed 550 5.7.1 channel", "NotTried"},
		},
		"a size refused": {
			to: []string{"a", "b"}, from: "mail-552-5.3.4@airshow.example",
			want: []string{"Failed 552 5.3.4", "Failed 552 5.3.4"},
		},
		"no credentials": {
			to: []string{"rcpt-530-5.7.0", "b"}, want: []string{"Failed 530 5.7.0 channel", "NotTried"},
		},
		"a full server": {
			to: []string{"rcpt-452-4.3.1", "b"}, want: []string{"Deferred 452 4.3.1 channel", "NotTried"},
		},
		"the server closes at MAIL": {
			to: []string{"a", "b"}, from: "mail-421-4.3.2@airshow.example", dead: true,
			want: []string{"Deferred 421 4.3.2 channel", "NotTried"},
		},
		"the server closes at RCPT": {
			to: []string{"a", "rcpt-421", "b"}, dead: true,
			want: []string{"Sent 250 2.0.0", "Deferred 421 channel", "NotTried"},
		},
		"the server closes at DATA": {
			to: []string{"a", "data-421-4.4.2", "b"}, dead: true,
			want: []string{"Sent 250 2.0.0", "Deferred 421 4.4.2 channel", "NotTried"},
		},
		"the server closes after the content": {
			to: []string{"a", "dot-421-4.3.0", "b"}, dead: true,
			want: []string{"Sent 250 2.0.0", "Deferred 421 4.3.0 channel", "NotTried"},
		},
		"cut at MAIL":         {to: []string{"a", "b"}, from: "mail-cut@airshow.example", dead: true, want: []string{"NotTried", "NotTried"}},
		"cut at RCPT":         {to: []string{"a", "rcpt-cut", "b"}, dead: true, want: []string{"Sent 250 2.0.0", "NotTried", "NotTried"}},
		"cut at DATA":         {to: []string{"a", "data-cut", "b"}, dead: true, want: []string{"Sent 250 2.0.0", "NotTried", "NotTried"}},
		"cut at the end":      {to: []string{"a", "dot-cut", "b"}, dead: true, want: []string{"Sent 250 2.0.0", "Unknown", "NotTried"}},
		"silent at RCPT":      {to: []string{"a", "rcpt-hang", "b"}, dead: true, want: []string{"Sent 250 2.0.0", "NotTried", "NotTried"}},
		"silent at the end":   {to: []string{"a", "dot-hang", "b"}, dead: true, want: []string{"Sent 250 2.0.0", "Unknown", "NotTried"}},
		"nonsense at RCPT":    {to: []string{"rcpt-354", "b"}, dead: true, want: []string{"NotTried", "NotTried"}},
		"nonsense at DATA":    {to: []string{"data-250", "b"}, dead: true, want: []string{"NotTried", "NotTried"}},
		"nonsense at the end": {to: []string{"dot-354", "b"}, dead: true, want: []string{"Unknown", "NotTried"}},
		"no reply at the end": {to: []string{"dot-hello", "b"}, dead: true, want: []string{"Unknown", "NotTried"}},
	} {
		for way, offers := range ways {
			for _, piece := range []int{0, 1, 7} {
				t.Run(fmt.Sprintf("%s/%s/%d", name, way, piece), func(t *testing.T) {
					t.Parallel()
					s := (&sink{offers: offers, eager: test.eager, piece: piece}).start(t)
					server := s.server()
					server.Timeouts = Timeouts{Command: time.Second, Message: time.Second}
					c, err := server.Dial(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					window := mailsTo(t, test.to...)
					if test.from != "" {
						for i := range window {
							window[i].From = test.from
						}
					}
					outcomes := c.Send(t.Context(), window, nil)
					if got, want := summaries(outcomes), strings.Join(test.want, "\n"); got != want {
						t.Errorf("got\n%s\nwant\n%s", got, want)
					}
					if dead := c.Err() != nil; dead != test.dead {
						t.Errorf("Err is %v", c.Err())
					}
					if !test.dead {
						// What was refused leaves nothing behind for the next window.
						if got := summaries(c.Send(t.Context(), mailsTo(t, "later"), nil)); got != "Sent 250 2.0.0" {
							t.Errorf("later %s", got)
						}
					}
					c.Close()
					checkTaken(t, s, window, outcomes)
				})
			}
		}
	}
}

// checkTaken wants that the outcomes are what the server did.
func checkTaken(t *testing.T, s *sink, window []Envelope, outcomes []Outcome) {
	t.Helper()
	counts := s.finish()
	delete(counts, "later@aero.example")
	unknown := 0
	for i, o := range outcomes {
		count := counts[window[i].To]
		delete(counts, window[i].To)
		switch o.State {
		case StateSent:
			if count != 1 {
				t.Errorf("%s is Sent and was taken %d times", window[i].To, count)
			}
		case StateUnknown:
			unknown++
			if count > 1 {
				t.Errorf("%s was taken %d times", window[i].To, count)
			}
		default:
			if count != 0 {
				t.Errorf("%s is %s and was taken", window[i].To, o.State)
			}
		}
	}
	if unknown > 1 || len(counts) > 0 {
		t.Errorf("%d unknown, others taken: %v", unknown, maps.Clone(counts))
	}
	for _, message := range s.taken {
		if len(message.recipients) == 0 && message.data != "" || len(message.recipients) > 1 {
			t.Errorf("to %v went %q", message.recipients, message.data)
		}
	}
}

func TestDotsAreStuffed(t *testing.T) {
	body := ".\r\n..\r\n.x\r\nx.\r\n\r\n.\r\n"
	for way, offers := range ways {
		s := (&sink{offers: offers}).start(t)
		c := s.dial(t)
		var window []Envelope
		for _, data := range []string{"A: b\r\n\r\n" + body, body, "A: b\r\n\r\n" + strings.Repeat(strings.Repeat("y", 700)+"\r\n"+body, 500)} {
			window = append(window, Envelope{To: "a@aero.example", Data: []byte(data)})
		}
		outcomes := c.Send(t.Context(), window, nil)
		c.Close()
		s.finish()
		for i, e := range window {
			if outcomes[i].State != StateSent || s.taken[i].data != string(e.Data) {
				t.Errorf("%s: %s, %d bytes became %d", way, summary(outcomes[i]), len(e.Data), len(s.taken[i].data))
			}
		}
		if cap(c.out) > 2*blockSize {
			t.Errorf("%s: the buffer has grown to %d", way, cap(c.out))
		}
	}
}

func TestContextEnds(t *testing.T) {
	for way, offers := range ways {
		t.Run(way, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s := (&sink{offers: offers, onTaken: func(count int) {
				if count == 5 {
					cancel()
				}
			}}).start(t)
			c := s.dial(t)
			var locals []string
			for i := range 20 {
				locals = append(locals, fmt.Sprint("a", i))
			}
			window := mailsTo(t, locals...)
			outcomes := c.Send(ctx, window, nil)
			if c.Err() != nil {
				t.Errorf("the connection was to be left in order: %v", c.Err())
			}
			// The commands of one more went along with the end of the fifth.
			sent := map[string]int{"stepwise": 5, "pipelined": 6}[way]
			for i, o := range outcomes {
				if want := i < sent; want != (o.State == StateSent) || !want && o.State != StateNotTried {
					t.Errorf("message %d of %d sent is %s", i, sent, o.State)
				}
			}
			if got := summaries(c.Send(ctx, mailsTo(t, "after"), nil)); got != "NotTried" {
				t.Errorf("after its end: %s", got)
			}
			if got := summaries(c.Send(t.Context(), mailsTo(t, "later"), nil)); got != "Sent 250 2.0.0" {
				t.Errorf("later %s", got)
			}
			c.Close()
			checkTaken(t, s, window, outcomes)
		})
	}
}

func TestDrainEnds(t *testing.T) {
	s := (&sink{offers: ways["pipelined"]}).start(t)
	server := s.server()
	server.Timeouts.Drain = 50 * time.Millisecond
	c, err := server.Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	outcomes := c.Send(ctx, mailsTo(t, "a", "dot-hang", "b"), nil)
	if got := summaries(outcomes); got != "Sent 250 2.0.0\nUnknown\nNotTried" {
		t.Error(got)
	}
	if took := time.Since(begun); took > 5*time.Second || c.Err() == nil {
		t.Errorf("after %s, Err %v", took, c.Err())
	}
}

// TestRefusedBeforeItsEnd: the write breaks, and the reply says why. Without it
// the message would be tried again and again.
func TestRefusedBeforeItsEnd(t *testing.T) {
	for early, want := range map[string]string{
		"552 5.3.4 too large": "Failed 552 5.3.4\nNotTried",
		"421 4.3.0 too much":  "Deferred 421 4.3.0 channel\nNotTried",
		"250 2.0.0 taken?":    "NotTried\nNotTried",
	} {
		for way, offers := range ways {
			s := (&sink{offers: offers[:1], early: early}).start(t)
			server := s.server()
			server.Timeouts.Block = 200 * time.Millisecond
			c, err := server.Dial(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			window := mailsTo(t, "a", "b")
			window[0].Data = bytes.Repeat([]byte(strings.Repeat("x", 900)+"\r\n"), 20_000)
			if got := summaries(c.Send(t.Context(), window, nil)); got != want || c.Err() == nil {
				t.Errorf("%s, %s: got\n%s\nwant\n%s\nErr %v", way, early, got, want, c.Err())
			}
		}
	}
}

func TestIdleConnectionIsAskedFirst(t *testing.T) {
	s := (&sink{offers: ways["pipelined"], script: map[string]string{"NOOP": "421 4.4.2 idle for too long"}}).start(t)
	c := s.dial(t)
	if got := summaries(c.Send(t.Context(), mailsTo(t, "a"), nil)); got != "Sent 250 2.0.0" {
		t.Error(got)
	}
	c.used = c.used.Add(-time.Minute)
	if got := summaries(c.Send(t.Context(), mailsTo(t, "b"), nil)); got != "NotTried" || c.Err() == nil {
		t.Errorf("%s, Err %v", got, c.Err())
	}
	// Nothing moves the dead.
	if got := summaries(c.Send(t.Context(), mailsTo(t, "c"), nil)); got != "NotTried" {
		t.Error(got)
	}
}

func TestServerThatSaysMoreThanAsked(t *testing.T) {
	for name, script := range map[string]map[string]string{
		"after DATA": {"DATA": "354 go\n250 2.0.0 taken"},
		"after RSET": {"RSET": "250 fine\n250 2.1.0 ok\n250 2.1.5 ok\n354 go\n250 2.0.0 taken"},
	} {
		t.Run(name, func(t *testing.T) {
			s := (&sink{offers: ways["pipelined"], script: script}).start(t)
			c := s.dial(t)
			window := mailsTo(t, "rcpt-550", "a")
			if name == "after DATA" {
				window = window[1:]
			}
			outcomes := c.Send(t.Context(), window, nil)
			last := outcomes[len(outcomes)-1]
			if last.State == StateSent {
				t.Errorf("%s, Err %v", summaries(outcomes), c.Err())
			}
		})
	}
}
