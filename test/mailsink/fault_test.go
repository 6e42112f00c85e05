package mailsink_test

import (
	"fmt"
	"math"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/test/mailsink"
)

func set(t *testing.T, sink *mailsink.Sink, faults ...mailsink.Fault) {
	t.Helper()
	if err := sink.SetFault(faults...); err != nil {
		t.Fatal(err)
	}
}

// deliver sends a message over a connection of its own, and gives the code that says
// how it went: empty if nothing was said.
func deliver(sink *mailsink.Sink, recipient string) string {
	conn, err := net.Dial("tcp", sink.Addr())
	if err != nil {
		// The reset may come as early as that.
		return ""
	}
	defer conn.Close()
	client := newTalk(conn)
	if greeting := client.reply(); !strings.HasPrefix(greeting, "220 ") {
		return greeting[:min(len(greeting), 3)]
	}
	return client.sendMessage(recipient, -1)
}

func TestFaultsStrikeRecipients(t *testing.T) {
	sink := start(t, mailsink.Options{})
	set(t, sink,
		mailsink.Fault{Kind: mailsink.RejectRecipient, Code: 550, Enhanced: "5.1.1", Text: "nobody here", Recipients: []string{"gone@x.example", "moved@x.example"}},
		mailsink.Fault{Kind: mailsink.RejectRecipient, Code: 450, Recipients: []string{"later@x.example"}, Times: 2},
		mailsink.Fault{Kind: mailsink.RejectMessage, Code: 554, Enhanced: "5.7.1", Recipients: []string{"spam@x.example"}},
		mailsink.Fault{Kind: mailsink.RejectMessage, Code: 451, Recipients: []string{"full@x.example"}, Times: 1},
	)
	for _, test := range []struct{ recipient, want string }{
		{"gone@x.example", "550"},
		{"moved@x.example", "550"},
		{"later@x.example", "450"},
		{"later@x.example", "450"},
		{"later@x.example", "250"},
		{"spam@x.example", "554"},
		{"full@x.example", "451"},
		{"full@x.example", "250"},
		{"well@x.example", "250"},
	} {
		if got := deliver(sink, test.recipient); got != test.want {
			t.Errorf("%s gets %s, want %s", test.recipient, got, test.want)
		}
	}
	if sink.Total() != 3 || len(sink.Faults()) != 4 {
		t.Errorf("%d messages were accepted", sink.Total())
	}

	conn := dial(t, sink)
	conn.send("EHLO me.example\r\n")
	conn.reads(t, "250 ")
	conn.send("MAIL FROM:<>\r\nRCPT TO:<gone@x.example>\r\nRCPT TO:<spam@x.example>\r\nRCPT TO:<well@x.example>\r\nDATA\r\n")
	for _, want := range []string{"250 2.1.0 ", "550 5.1.1 nobody here", "250 2.1.5 ", "250 2.1.5 ", "354 "} {
		conn.reads(t, want)
	}
	conn.send(".\r\n")
	conn.reads(t, "554 5.7.1 a fault that was asked for")

	set(t, sink)
	if got := deliver(sink, "gone@x.example"); got != "250" {
		t.Errorf("a fault that is over gives %s", got)
	}
}

// The same share of the same recipients is struck, whatever else happens.
func TestFaultsStrikeAShare(t *testing.T) {
	struck := func(fault mailsink.Fault) []int {
		sink := start(t, mailsink.Options{})
		set(t, sink, fault)
		conn := dial(t, sink)
		conn.send("EHLO me.example\r\nMAIL FROM:<>\r\n")
		conn.reads(t, "250 ")
		conn.reads(t, "250 2.1.0 ")
		var found []int
		for i := range 1000 {
			conn.send(fmt.Sprintf("RCPT TO:<b%d@x.example>\r\n", i))
			if reply := conn.reply(); strings.HasPrefix(reply, "452 4.2.2 ") {
				found = append(found, i)
			} else if !strings.HasPrefix(reply, "250 ") {
				t.Fatalf("the sink says %s", reply)
			}
		}
		return found
	}
	fault := mailsink.Fault{Kind: mailsink.RejectRecipient, Code: 452, Enhanced: "4.2.2", Share: 0.1}
	first := struck(fault)
	if len(first) < 70 || len(first) > 130 {
		t.Errorf("of 1000 recipients %d are struck, want about 100", len(first))
	}
	if !slices.Equal(struck(fault), first) {
		t.Error("in another run others are struck")
	}
	fault.Seed = 2
	if slices.Equal(struck(fault), first) {
		t.Error("another seed strikes the same")
	}
	fault.Share = 1
	if len(struck(fault)) != 1000 {
		t.Error("a share of one is not all")
	}
}

// The client does not learn the outcome: of one message, and only of that.
func TestDroppedConnections(t *testing.T) {
	for kind, counted := range map[mailsink.Kind]int{mailsink.DropBefore: 1, mailsink.DropAfter: 2} {
		t.Run(string(kind), func(t *testing.T) {
			sink := start(t, mailsink.Options{})
			set(t, sink, mailsink.Fault{Kind: kind, Recipients: []string{"b@x.example"}, Times: 1})
			conn := dial(t, sink)
			conn.send("EHLO me.example\r\n")
			conn.reads(t, "250 ")
			said := ""
			for _, recipient := range []string{"a@x.example", "b@x.example", "c@x.example"} {
				said += "MAIL FROM:<>\r\nRCPT TO:<" + recipient + ">\r\nDATA\r\n.\r\n"
			}
			conn.send(said)
			for _, want := range []string{"250 2.1.0 ", "250 2.1.5 ", "354 ", "250 2.6.0 ", "250 2.1.0 ", "250 2.1.5 ", "354 "} {
				conn.reads(t, want)
			}
			if reply := conn.reply(); reply != "" {
				t.Errorf("the sink says %s", reply)
			}
			if sink.Total() != counted || sink.Recipients()["b@x.example"] != counted-1 || sink.Recipients()["c@x.example"] != 0 {
				t.Errorf("recipients are %v", sink.Recipients())
			}
			if got := deliver(sink, "b@x.example"); got != "250" {
				t.Errorf("the second time gives %s", got)
			}
		})
	}
}

func TestDelay(t *testing.T) {
	const delay = 30 * time.Millisecond
	sink := start(t, mailsink.Options{})
	set(t, sink, mailsink.Fault{Kind: mailsink.Delay, Delay: delay})
	begun := time.Now()
	// Greeting, EHLO, envelope, DATA, dot.
	if got := deliver(sink, "b@x.example"); got != "250" || time.Since(begun) < 5*delay {
		t.Errorf("%s after %s", got, time.Since(begun))
	}
	// Closing does not wait for it.
	set(t, sink, mailsink.Fault{Kind: mailsink.Delay, Delay: time.Hour})
	conn, err := net.Dial("tcp", sink.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestUnavailable(t *testing.T) {
	sink := start(t, mailsink.Options{})
	open, half := dial(t, sink), dial(t, sink)
	half.sendMessage("b@x.example", 2)
	set(t, sink, mailsink.Fault{Kind: mailsink.Unavailable})
	if got := deliver(sink, "b@x.example"); got != "421" {
		t.Errorf("a new connection gets %s", got)
	}
	open.send("EHLO me.example\r\nNOOP\r\n")
	open.reads(t, "421 4.3.2 ")
	half.send(".\r\n")
	half.reads(t, "421 4.3.2 ")
	if reply := open.reply() + half.reply(); reply != "" || sink.Total() != 0 {
		t.Errorf("the sink goes on with %s", reply)
	}
	// A single 421 closes the connection, too.
	set(t, sink, mailsink.Fault{Kind: mailsink.RejectMessage, Code: 421})
	conn := dial(t, sink)
	if got := conn.sendMessage("b@x.example", -1); got != "421" || conn.reply() != "" {
		t.Errorf("a message gets %s", got)
	}
}

func TestOutage(t *testing.T) {
	sink := start(t, mailsink.Options{})
	open := dial(t, sink)
	set(t, sink, mailsink.Fault{Kind: mailsink.Refuse})
	if got := deliver(sink, "b@x.example"); got != "" {
		t.Errorf("a refused connection gets %s", got)
	}
	if got := open.sendMessage("b@x.example", -1); got != "250" {
		t.Errorf("an open connection gets %s", got)
	}
	set(t, sink, mailsink.Fault{Kind: mailsink.Outage})
	for range 10 {
		if got := deliver(sink, "b@x.example"); got != "" {
			t.Errorf("a connection in an outage gets %s", got)
		}
	}
	if reply := open.reply(); reply != "" {
		t.Errorf("an open connection gets %s", reply)
	}
	set(t, sink)
	if got := deliver(sink, "b@x.example"); got != "250" || sink.Total() != 2 {
		t.Errorf("after the outage: %s, %d messages", got, sink.Total())
	}
}

// Some servers take DATA though they have rejected every recipient.
func TestGoAhead(t *testing.T) {
	sink := start(t, mailsink.Options{})
	set(t, sink, mailsink.Fault{Kind: mailsink.GoAhead}, mailsink.Fault{Kind: mailsink.RejectRecipient, Code: 550})
	conn := dial(t, sink)
	conn.send("EHLO me.example\r\nDATA\r\nMAIL FROM:<>\r\nDATA\r\nRCPT TO:<b@x.example>\r\nDATA\r\n.\r\nNOOP\r\n")
	for _, want := range []string{"250 ", "503 ", "250 2.1.0 ", "503 ", "550 5.0.0 ", "354 ", "554 5.5.1 ", "250 2.0.0 "} {
		conn.reads(t, want)
	}
	if sink.Total() != 0 {
		t.Error("a message to nobody was counted")
	}
}

func TestWrongFaults(t *testing.T) {
	sink := start(t, mailsink.Options{})
	set(t, sink, mailsink.Fault{Kind: mailsink.Refuse})
	for name, fault := range map[string]mailsink.Fault{
		"no kind":        {},
		"unknown kind":   {Kind: "Explode"},
		"no code":        {Kind: mailsink.RejectMessage},
		"a good code":    {Kind: mailsink.RejectMessage, Code: 250},
		"no code at all": {Kind: mailsink.RejectMessage, Code: 600},
		"other class":    {Kind: mailsink.RejectMessage, Code: 450, Enhanced: "5.1.1"},
		"half a code":    {Kind: mailsink.RejectMessage, Code: 450, Enhanced: "4.1"},
		"two lines":      {Kind: mailsink.RejectRecipient, Code: 450, Text: "a\r\n250 b"},
		"a share of two": {Kind: mailsink.DropAfter, Share: 2},
		"no share":       {Kind: mailsink.DropAfter, Share: math.NaN()},
		"before all":     {Kind: mailsink.DropAfter, Times: -1},
		"no delay":       {Kind: mailsink.Delay},
	} {
		if err := sink.SetFault(mailsink.Fault{Kind: mailsink.Outage}, fault); err == nil {
			t.Errorf("%s: it was set", name)
		}
	}
	if faults := sink.Faults(); len(faults) != 1 || faults[0].Kind != mailsink.Refuse {
		t.Errorf("faults are %v", faults)
	}
}
