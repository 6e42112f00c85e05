package mail

import (
	"bufio"
	"bytes"
	"fmt"
	"mime/quotedprintable"
	"net"
	"strings"
	"sync"
	"testing"
)

// page is an HTML body of about 1.5 KB, as a template makes it.
func page() []byte {
	var html strings.Builder
	html.WriteString(`<!doctype html><html lang="de"><body style="font-family:sans-serif;color:#222">` + "\n")
	for html.Len() < 1450 {
		html.WriteString(`<p style="margin:0 0 1em">Sehr geehrte Frau Müller, Ihr Stand in Halle 7 ist bis Freitag für Sie vorgemerkt. <a href="https://airshow.example/book?e=4711">Jetzt buchen</a></p>` + "\n")
	}
	html.WriteString("</body></html>\n")
	return []byte(html.String())
}

func BenchmarkBuild(b *testing.B) {
	for name, body := range map[string][]byte{
		"quoted-printable": page(),
		"7bit":             []byte(strings.Repeat("<p>Dear Ann, your stand is kept until Friday. See you soon.</p>\n", 23)),
		"base64":           []byte(strings.Repeat("您好，您的展位保留到星期五。", 36)),
	} {
		b.Run(name, func(b *testing.B) {
			m := invitation()
			m.Text, m.HTML, m.Subject = nil, body, "Ihr Stand für die nächste Messe"
			var buffer []byte
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				var err error
				if buffer, err = m.Append(buffer[:0]); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// BenchmarkQuotedPrintable compares with the standard library's writer.
func BenchmarkQuotedPrintable(b *testing.B) {
	body := page()
	b.Run("own", func(b *testing.B) {
		var out []byte
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			out = appendQuotedPrintable(out[:0], body)
		}
	})
	b.Run("standard", func(b *testing.B) {
		var out bytes.Buffer
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			out.Reset()
			w := quotedprintable.NewWriter(&out)
			if _, err := w.Write(body); err != nil {
				b.Fatal(err)
			}
			w.Close()
		}
	})
}

func BenchmarkSign(b *testing.B) {
	for name, key := range dkimKeys(b) {
		b.Run(name, func(b *testing.B) {
			signer, err := NewSigner("airshow.example", "fair", pemOf(b, key))
			if err != nil {
				b.Fatal(err)
			}
			m := invitation()
			m.Text, m.HTML = nil, page()
			raw, err := m.Append(nil)
			if err != nil {
				b.Fatal(err)
			}
			var buffer []byte
			b.ReportAllocs()
			for b.Loop() {
				if buffer, err = signer.Append(buffer[:0], raw); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
		})
	}
}

// drainServer takes everything, as fast as it can.
func drainServer(b *testing.B, offers string) net.Addr {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go drainAll(conn, offers)
		}
	}()
	return listener.Addr()
}

func drainAll(conn net.Conn, offers string) {
	defer conn.Close()
	reader := bufio.NewReaderSize(conn, 8192)
	writer := bufio.NewWriter(conn)
	_, _ = writer.WriteString("220 ready\r\n")
	inData := false
	for {
		if reader.Buffered() == 0 && writer.Flush() != nil {
			return
		}
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return
		}
		switch {
		case inData:
			if len(line) == 3 && line[0] == '.' {
				inData = false
				_, _ = writer.WriteString("250 2.0.0 taken\r\n")
			}
		case line[0] == 'D':
			inData = true
			_, _ = writer.WriteString("354 go\r\n")
		case line[0] == 'E':
			_, _ = writer.WriteString("250-sink\r\n" + offers + "250 ENHANCEDSTATUSCODES\r\n")
		default:
			_, _ = writer.WriteString("250 2.1.0 fine\r\n")
		}
	}
}

// BenchmarkSend builds and sends mails of 1.5 KB over loopback. One round is a
// window of 100 on each connection. Client and server share the machine.
func BenchmarkSend(b *testing.B) {
	for _, connections := range []int{1, 10} {
		for name, offers := range map[string]string{"pipelined": "250-PIPELINING\r\n250-SIZE 10000000\r\n", "stepwise": ""} {
			b.Run(fmt.Sprint(name, "/", connections), func(b *testing.B) {
				server := serverAt(drainServer(b, offers))
				senders := make([]*benchSender, connections)
				for i := range senders {
					senders[i] = newBenchSender(b, server)
				}
				b.ReportAllocs()
				for b.Loop() {
					var round sync.WaitGroup
					for _, sender := range senders {
						round.Go(func() { sender.send(b) })
					}
					round.Wait()
				}
				b.ReportMetric(float64(b.N*connections*benchWindow)/b.Elapsed().Seconds(), "messages/s")
			})
		}
	}
}

const benchWindow = 100

// benchSender is one connection with its buffers.
type benchSender struct {
	connection *Connection
	message    Message
	window     []Envelope
	outcomes   []Outcome
}

func newBenchSender(b *testing.B, server Server) *benchSender {
	b.Helper()
	c, err := server.Dial(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	s := &benchSender{connection: c, message: invitation(), window: make([]Envelope, benchWindow)}
	s.message.Text, s.message.HTML = nil, page()
	return s
}

func (s *benchSender) send(b *testing.B) {
	for i := range s.window {
		e := &s.window[i]
		e.From, e.To = s.message.From.Address, s.message.To.Address
		var err error
		if e.Data, err = s.message.Append(e.Data[:0]); err != nil {
			b.Error(err)
		}
	}
	s.outcomes = s.connection.Send(b.Context(), s.window, s.outcomes[:0])
	for _, o := range s.outcomes {
		if o.State != StateSent {
			b.Error(summary(o), s.connection.Err())
			return
		}
	}
}
