package mailsink_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/fairlead/fairlead/test/mailsink"
)

// connections is how many a benchmark sends over.
const connections = 8

// BenchmarkSink sends messages of 1.5 KB to different recipients, by a client that
// does as little as it can. The figures are of both together.
func BenchmarkSink(b *testing.B) {
	for _, how := range []struct {
		name  string
		blast func(b *testing.B, client *blaster, next func() (int, bool))
	}{
		{"wait", waiting},
		{"pipeline", pipelined},
		{"window-10", windowed},
	} {
		b.Run(how.name, func(b *testing.B) {
			sink := start(b, mailsink.Options{})
			var taken atomic.Int64
			next := func() (int, bool) {
				number := int(taken.Add(1))
				return number, number <= b.N
			}
			var clients []*blaster
			for range connections {
				clients = append(clients, dialBlaster(b, sink.Addr()))
			}
			b.ReportAllocs()
			b.ResetTimer()
			var group sync.WaitGroup
			for _, client := range clients {
				group.Go(func() { how.blast(b, client, next) })
			}
			group.Wait()
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			if sink.Total() != b.N || len(sink.Recipients()) != b.N {
				b.Fatalf("%d messages to %d recipients were counted of %d", sink.Total(), len(sink.Recipients()), b.N)
			}
		})
	}
}

// waiting sends a message after the other, and waits for the reply to every command.
func waiting(b *testing.B, client *blaster, next func() (int, bool)) {
	for number, more := next(); more; number, more = next() {
		client.line("MAIL FROM:<shop@example.com>")
		client.exchange(b, 1)
		client.envelope(number)
		client.exchange(b, 1)
		client.line("DATA")
		client.exchange(b, 1)
		client.message(number)
		client.exchange(b, 1)
	}
}

// pipelined writes the envelope of a message together with the message before.
func pipelined(b *testing.B, client *blaster, next func() (int, bool)) {
	waitFor := 0
	for number, more := next(); more; number, more = next() {
		client.line("MAIL FROM:<shop@example.com>")
		client.envelope(number)
		client.line("DATA")
		client.exchange(b, waitFor+3)
		client.message(number)
		waitFor = 1
	}
	client.exchange(b, waitFor)
}

// windowed writes ten messages at once. It is not allowed to: it does not wait for
// the reply to DATA. It shows what the sink can do.
func windowed(b *testing.B, client *blaster, next func() (int, bool)) {
	waitFor := 0
	for number, more := next(); more; number, more = next() {
		client.line("MAIL FROM:<shop@example.com>")
		client.envelope(number)
		client.line("DATA")
		client.message(number)
		if waitFor += 4; waitFor == 40 {
			client.exchange(b, waitFor)
			waitFor = 0
		}
	}
	client.exchange(b, waitFor)
}

// blaster is a client that collects what it writes.
type blaster struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	body []byte
}

func dialBlaster(b *testing.B, address string) *blaster {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	text := bytes.Repeat([]byte("<p>Your stand of last year is still free, and your neighbours are back.</p>\r\n"), 19)
	client := &blaster{conn: conn, in: bufio.NewReader(conn), body: text}
	client.line("EHLO bench.example")
	client.exchange(b, 7)
	return client
}

func (c *blaster) line(line string) { c.out = append(append(c.out, line...), "\r\n"...) }

func (c *blaster) envelope(number int) {
	c.out = append(c.out, "RCPT TO:<visitor"...)
	c.out = strconv.AppendInt(c.out, int64(number), 10)
	c.line("@example.com>")
}

func (c *blaster) message(number int) {
	c.out = append(c.out, "Message-ID: <"...)
	c.out = strconv.AppendInt(c.out, int64(number), 10)
	c.out = append(c.out, "@bench.example>\r\nSubject: Come again\r\n\r\n"...)
	c.out = append(append(c.out, c.body...), ".\r\n"...)
}

// exchange writes what was collected, and reads that many lines, none a refusal.
func (c *blaster) exchange(b *testing.B, lines int) {
	if len(c.out) > 0 {
		if _, err := c.conn.Write(c.out); err != nil {
			b.Error(fmt.Errorf("sending: %w", err))
			return
		}
		c.out = c.out[:0]
	}
	for range lines {
		line, err := c.in.ReadSlice('\n')
		if err == io.EOF || len(line) == 0 || line[0] > '3' {
			b.Errorf("the sink says %q, %v", line, err)
			return
		}
	}
}

func start(t testing.TB, options mailsink.Options) *mailsink.Sink {
	t.Helper()
	sink, err := mailsink.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sink.Close(); err != nil {
			t.Error(err)
		}
	})
	return sink
}
