package mailsink

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"time"
)

const (
	// maxLine is the longest command taken; the standard's 512 grows by extensions.
	maxLine = 4096
	// maxRecipients of one message; the standard wants 100 at least.
	maxRecipients = 1000
	// maxMistakes in a connection: what makes more does not speak SMTP.
	maxMistakes = 100
	// inputBytes and outputBytes hold what is read and written at once.
	inputBytes, outputBytes = 64 << 10, 16 << 10
)

var (
	// errEnd ends a connection after what was replied is written.
	errEnd = errors.New("the connection ends here")
	// errMistake is a command that was refused because it is wrong.
	errMistake = errors.New("wrong command")
	// errLine is a line that is not one.
	errLine = errors.New("line too long, or without CR LF")
)

// session is the talk with one client.
type session struct {
	sink *Sink
	// socket is what was accepted; conn is the same, or TLS over it.
	socket, conn net.Conn
	in           *bufio.Reader
	out          *bufio.Writer
	encrypted    bool
	greeted      bool
	known        bool // who has given the right password
	mistakes     int

	// The message that is being made. Buffers are used again.
	begun    bool
	utf8     bool
	rejected bool // at least one recipient was
	from, to []byte
	count    int // of recipients
	data     []byte
}

func newSession(sink *Sink, socket net.Conn) *session {
	return &session{sink: sink, socket: socket, conn: socket}
}

// Read makes the session the source of its own input: replies are collected until
// nothing is left to work on, and written before the next wait.
func (s *session) Read(into []byte) (int, error) {
	if err := s.flush(); err != nil {
		return 0, err
	}
	return s.conn.Read(into)
}

// flush writes the replies there are.
func (s *session) flush() error {
	if s.out.Buffered() == 0 {
		return nil
	}
	if delay := s.sink.faults.Load().delay; delay > 0 {
		s.sink.pause(delay)
	}
	return s.out.Flush()
}

// begin reads and writes by another connection. What was read ahead is forgotten:
// commands before STARTTLS must not count as commands under TLS.
func (s *session) begin(conn net.Conn) {
	s.conn = conn
	s.in = bufio.NewReaderSize(s, inputBytes)
	s.out = bufio.NewWriterSize(conn, outputBytes)
}

// end lets the client know that the sink closes, the next time that it waits for it.
func (s *session) end() {
	_ = s.socket.SetReadDeadline(time.Unix(1, 0))
	_ = s.socket.SetWriteDeadline(time.Now().Add(goodbyeTimeout))
}

// reset breaks the connection, without a word and without waiting.
func (s *session) reset() {
	if connection, ok := s.socket.(*net.TCPConn); ok {
		_ = connection.SetLinger(0)
	}
	_ = s.socket.Close()
}

// run talks until the end. Errors of the connection are the client's business.
func (s *session) run(config *tls.Config) {
	s.begin(s.socket)
	if config != nil {
		s.encrypt(config)
	}
	if s.greet() != nil {
		_ = s.flush()
		return
	}
	err := s.talk()
	switch {
	case errors.Is(err, errEnd):
		_ = s.flush()
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.reply("421 4.3.2 the sink is closing")
		_ = s.flush()
	}
}

// encrypt goes on under TLS. The handshake happens with the first read or write.
func (s *session) encrypt(config *tls.Config) {
	s.begin(tls.Server(s.socket, config))
	s.encrypted = true
}

func (s *session) greet() error {
	if s.sink.faults.Load().unavailable {
		s.reply(unavailable)
		return errEnd
	}
	s.reply("220 mailsink ESMTP takes mail and sends nothing on")
	return nil
}

// talk takes commands one after the other.
func (s *session) talk() error {
	for {
		line, err := s.line()
		switch {
		case errors.Is(err, errLine):
			s.reply("500 5.5.2 a command is one line of at most 4096 bytes that ends with CR LF")
			err = errMistake
		case err != nil:
			return err
		default:
			err = s.command(line)
		}
		if errors.Is(err, errMistake) {
			if s.mistakes++; s.mistakes < maxMistakes {
				continue
			}
			s.reply("421 4.7.0 too many mistakes")
			return errEnd
		}
		if err != nil {
			return err
		}
	}
}

// line reads a command. It is good until the next read.
func (s *session) line() ([]byte, error) {
	line, err := s.in.ReadSlice('\n')
	tooLong := len(line) > maxLine
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = s.in.ReadSlice('\n')
	}
	if err != nil {
		return nil, err
	}
	if tooLong || !bytes.HasSuffix(line, crlf) {
		return nil, errLine
	}
	return line[:len(line)-len(crlf)], nil
}

// reply collects a line for the client. A failure shows at the next flush.
func (s *session) reply(line string) {
	_, _ = s.out.WriteString(line)
	_, _ = s.out.Write(crlf)
}

// refuse replies to a command that is wrong.
func (s *session) refuse(line string) error {
	s.reply(line)
	return errMistake
}

// forget drops the message that is being made.
func (s *session) forget() {
	s.begun, s.utf8, s.rejected = false, false, false
	s.from, s.to, s.count = s.from[:0], s.to[:0], 0
	if cap(s.data) > reusedBytes {
		s.data = nil
	}
	s.data = s.data[:0]
}
