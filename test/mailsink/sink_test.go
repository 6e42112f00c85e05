package mailsink_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	stdsmtp "net/smtp"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/fairlead/fairlead/test/mailsink"
)

// certificate gives a certificate for 127.0.0.1, and what trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	web := httptest.NewTLSServer(nil)
	defer web.Close()
	trust := x509.NewCertPool()
	trust.AddCert(web.Certificate())
	return &tls.Config{Certificates: web.TLS.Certificates}, &tls.Config{RootCAs: trust, ServerName: "127.0.0.1"}
}

func waitFor(t *testing.T, sink *mailsink.Sink, total int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := sink.WaitFor(ctx, total); err != nil {
		t.Fatal(err)
	}
}

func TestStandardClient(t *testing.T) {
	server, trust := certificate(t)
	sink := start(t, mailsink.Options{TLS: server, Username: "shop", Password: "secret"})
	client, err := stdsmtp.Dial(sink.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.StartTLS(trust); err != nil {
		t.Fatal(err)
	}
	if again, _ := client.Extension("STARTTLS"); again {
		t.Error("STARTTLS is offered under TLS")
	}
	if err := client.Auth(stdsmtp.PlainAuth("", "shop", "wrong", "127.0.0.1")); code(err) != 535 {
		t.Errorf("a wrong password gives %v", err)
	}
	// It has hung up after that.
	if client, err = stdsmtp.Dial(sink.Addr()); err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	text := "Subject: ä\r\nMessage-ID: <1@x>\r\n\r\n.\r\n..\r\n"
	if err := errors.Join(
		client.StartTLS(trust),
		client.Auth(stdsmtp.PlainAuth("", "shop", "secret", "127.0.0.1")),
		client.Mail("shöp@x.example"),
		client.Rcpt("a@x.example"),
		client.Rcpt("b@x.example"),
		client.Rcpt("a@x.example"),
	); err != nil {
		t.Fatal(err)
	}
	body, err := client.Data()
	if err != nil {
		t.Fatal(err)
	}
	_, err = body.Write([]byte(text))
	if err := errors.Join(err, body.Close(), client.Quit()); err != nil {
		t.Fatal(err)
	}
	messages := sink.Messages()
	if len(messages) != 1 || string(messages[0].Raw) != text || messages[0].From != "shöp@x.example" ||
		!slices.Equal(messages[0].To, []string{"a@x.example", "b@x.example"}) || time.Since(messages[0].Time) > time.Minute {
		t.Errorf("messages are %+v", messages)
	}
	if want := map[string]int{"a@x.example": 1, "b@x.example": 1}; !maps.Equal(sink.Recipients(), want) {
		t.Errorf("recipients are %v", sink.Recipients())
	}
	if want := map[string]int{"<1@x>": 1}; !maps.Equal(sink.MessageIDs(), want) {
		t.Errorf("Message-IDs are %v", sink.MessageIDs())
	}
}

func TestOtherClient(t *testing.T) {
	server, trust := certificate(t)
	sink := start(t, mailsink.Options{TLSAddress: "127.0.0.1:0", TLS: server, Username: "shop", Password: "secret"})
	client, err := smtp.DialTLS(sink.TLSAddr(), trust)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Hello("me.example"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(client.Noop(), client.Auth(sasl.NewLoginClient("shop", "secret"))); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := client.SendMail("a@x.example", []string{"b@x.example"}, strings.NewReader(fmt.Sprintf("Subject: %d\r\n\r\n.x\r\n", i))); err != nil {
			t.Fatal(err)
		}
	}
	var refused *smtp.SMTPError
	if err := client.Verify("b@x.example"); !errors.As(err, &refused) || refused.EnhancedCode != (smtp.EnhancedCode{5, 5, 1}) {
		t.Errorf("VRFY gives %v", err)
	}
	if size, ok := client.MaxMessageSize(); !ok || size != mailsink.DefaultMaxSize {
		t.Errorf("the size is %d", size)
	}
	if err := client.Quit(); err != nil {
		t.Fatal(err)
	}
	if message, ok := sink.Message(3); !ok || string(message.Raw) != "Subject: 2\r\n\r\n.x\r\n" {
		t.Errorf("the last message is %q", message.Raw)
	}
}

// What a client says before TLS must not count under TLS.
func TestNothingIsCarriedIntoTLS(t *testing.T) {
	server, trust := certificate(t)
	sink := start(t, mailsink.Options{TLS: server})
	conn := dial(t, sink)
	conn.send("EHLO me.example\r\n")
	conn.reads(t, "250 ")
	conn.send("STARTTLS\r\nMAIL FROM:<thief@x.example>\r\n")
	conn.reads(t, "220 ")
	// The client begins only now, so the sink has read both lines at once.
	secured := tls.Client(conn.Conn, trust)
	inside := newTalk(secured)
	inside.send("EHLO me.example\r\nRCPT TO:<b@x.example>\r\n")
	inside.reads(t, "250 ")
	inside.reads(t, "503 5.5.1 ")
}

// Clients that are killed anywhere never lose a message that was confirmed to them.
func TestCountsUnderKills(t *testing.T) {
	const clients, each = 32, 150
	sink := start(t, mailsink.Options{Keep: 10})
	confirmed, unknown := make([]map[string]bool, clients), make([]map[string]bool, clients)
	var group sync.WaitGroup
	for i := range clients {
		confirmed[i], unknown[i] = map[string]bool{}, map[string]bool{}
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			conn := dial(t, sink)
			for j := range each {
				recipient := fmt.Sprintf("client%d.%d@x.example", i, j)
				where := random.IntN(12)
				reply := conn.sendMessage(recipient, where)
				if reply == "250" {
					confirmed[i][recipient] = true
					continue
				}
				// The dot is on its way; the sink may see the end of the connection first.
				if where == 4 {
					unknown[i][recipient] = true
				}
				_ = conn.Close()
				conn = dial(t, sink)
			}
			_ = conn.Close()
		})
	}
	group.Wait()
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	counts := sink.Recipients()
	sum := 0
	for i := range clients {
		for recipient := range confirmed[i] {
			if counts[recipient] != 1 {
				t.Errorf("%s was confirmed and counted %d times", recipient, counts[recipient])
			}
			sum += counts[recipient]
			delete(counts, recipient)
		}
		for recipient := range unknown[i] {
			if counts[recipient] > 1 {
				t.Errorf("%s was counted %d times", recipient, counts[recipient])
			}
			sum += counts[recipient]
			delete(counts, recipient)
		}
	}
	if len(counts) > 0 {
		t.Errorf("never sent, but counted: %v", counts)
	}
	if sum != sink.Total() || len(sink.MessageIDs()) != sum || sum < clients*each/2 {
		t.Errorf("%d messages by recipient, %d in total, %d by Message-ID", sum, sink.Total(), len(sink.MessageIDs()))
	}
}

// A client that does not live to read the reply is counted.
func TestKilledBeforeTheReplyIsRead(t *testing.T) {
	sink := start(t, mailsink.Options{})
	for i := range 20 {
		conn := dial(t, sink)
		if reply := conn.sendMessage(fmt.Sprintf("b%d@x.example", i), 4); reply != "" {
			t.Fatalf("it has read %s", reply)
		}
		_ = conn.Close()
	}
	waitFor(t, sink, 20)
	if len(sink.Recipients()) != 20 {
		t.Errorf("recipients are %v", sink.Recipients())
	}
}

func TestWaitFor(t *testing.T) {
	sink := start(t, mailsink.Options{})
	var group sync.WaitGroup
	for total := range 50 {
		group.Go(func() { waitFor(t, sink, total) })
	}
	conn := dial(t, sink)
	for range 49 {
		conn.sendMessage("b@x.example", -1)
	}
	group.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := sink.WaitFor(ctx, 50); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "49 were accepted") {
		t.Errorf("waiting gave %v", err)
	}
	waitFor(t, sink, 49)
}

func TestNewestAreKept(t *testing.T) {
	sink := start(t, mailsink.Options{Keep: 3})
	conn := dial(t, sink)
	for i := range 5 {
		conn.sendMessage(fmt.Sprintf("b%d@x.example", i), -1)
	}
	var numbers []int
	for _, message := range sink.Messages() {
		numbers = append(numbers, message.Number)
		if want := fmt.Sprintf("b%d@x.example", message.Number-1); message.To[0] != want || !bytes.Contains(message.Raw, []byte(want)) {
			t.Errorf("message %d is %s, %q", message.Number, message.To, message.Raw)
		}
	}
	if !slices.Equal(numbers, []int{3, 4, 5}) || len(sink.MessagesAfter(4)) != 1 || len(sink.MessagesAfter(5)) != 0 {
		t.Errorf("messages %v are kept", numbers)
	}
	for number, want := range map[int]bool{-1: false, 0: false, 2: false, 3: true, 5: true, 6: false} {
		if _, found := sink.Message(number); found != want {
			t.Errorf("message %d was found: %t", number, found)
		}
	}
	none := start(t, mailsink.Options{Keep: -1})
	dial(t, none).sendMessage("b@x.example", -1)
	if none.Total() != 1 || len(none.Messages()) != 0 {
		t.Error("a message was kept, or not counted")
	}
}

// Large messages push out others before memory does.
func TestLargeMessagesAreKeptWithinLimits(t *testing.T) {
	sink := start(t, mailsink.Options{Keep: 10})
	conn := dial(t, sink)
	conn.send("EHLO me.example\r\n")
	conn.reads(t, "250 ")
	large := strings.Repeat(strings.Repeat("x", 998)+"\r\n", 23<<10)
	for range 3 {
		conn.send("MAIL FROM:<a@x.example>\r\nRCPT TO:<b@x.example>\r\nDATA\r\n" + large + ".\r\n")
		for _, want := range []string{"250 2.1.0 ", "250 2.1.5 ", "354 ", "250 2.6.0 "} {
			conn.reads(t, want)
		}
	}
	kept := sink.Messages()
	if len(kept) == 0 || len(kept) > 2 || kept[len(kept)-1].Number != 3 || string(kept[0].Raw) != large {
		t.Errorf("%d messages are kept", len(kept))
	}
}

// Closing tells clients, and is quick though one of them says nothing.
func TestClose(t *testing.T) {
	sink := start(t, mailsink.Options{})
	idle, half := dial(t, sink), dial(t, sink)
	half.sendMessage("b@x.example", 2)
	if err := errors.Join(sink.Close(), sink.Close()); err != nil {
		t.Fatal(err)
	}
	idle.reads(t, "421 4.3.2 ")
	if sink.Total() != 0 {
		t.Error("half a message was counted")
	}
	if conn, err := net.Dial("tcp", sink.Addr()); err == nil {
		_ = conn.Close()
		t.Error("it still listens")
	}
}

func TestStartFails(t *testing.T) {
	sink := start(t, mailsink.Options{})
	for name, options := range map[string]mailsink.Options{
		"address in use": {Address: sink.Addr()},
		"TLS in use":     {TLSAddress: sink.Addr(), TLS: &tls.Config{}},
		"negative size":  {MaxSize: -1},
		"no certificate": {TLSAddress: "127.0.0.1:0"},
	} {
		if _, err := mailsink.Start(options); err == nil {
			t.Errorf("%s: it has started", name)
		}
	}
}

// code is the reply that an error of a client stands for.
func code(err error) int {
	var refused *textproto.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return 0
}
