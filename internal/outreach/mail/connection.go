package mail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// What ends a connection beside what the network says.
var (
	errStray   = errors.New("the server said more than it was asked")
	errClosing = errors.New("the server closes the connection (reply 421)")
	errReply   = errors.New("the server's reply does not fit the command")
	errClosed  = errors.New("the connection was closed here")
)

// Sizes and times of one connection.
const (
	// blockSize bounds what is kept of a message before it is written.
	blockSize = 64 << 10
	// sleepy is how long a connection may idle before the server is asked whether
	// it still listens. Servers close after a minute at the earliest.
	sleepy = 15 * time.Second
	// lastWords is how long the reply that may explain a broken write is awaited.
	lastWords = time.Second
)

// Connection is one open connection to a server. It is for one goroutine at a
// time, and keeps its buffers from message to message.
type Connection struct {
	server     Server
	wire       wire
	reader     *bufio.Reader
	extensions extensions
	encrypted  bool
	// out is what is to be written next.
	out []byte
	// used is when the server was last heard.
	used time.Time
	// err is what ended the connection.
	err error
}

// newConnection wraps a connection of which nothing was read yet.
func newConnection(server Server, conn net.Conn) *Connection {
	c := &Connection{server: server, wire: wire{conn: conn, send: server.Timeouts.Block}}
	c.reader = bufio.NewReaderSize(&c.wire, readerSize)
	return c
}

// Err gives what ended the connection, and nil while it can be used. The error
// holds nothing that the server said.
func (c *Connection) Err() error { return c.err }

// Close says goodbye if the connection can still be used, and ends it.
func (c *Connection) Close() {
	if c.err == nil {
		c.wire.send = c.server.Timeouts.Quit
		// Nothing depends on the goodbye.
		_, _ = c.command(c.server.Timeouts.Quit, "QUIT\r\n")
		c.fail(errClosed)
	}
}

// fail ends the connection.
func (c *Connection) fail(err error) {
	if c.err == nil {
		c.err = fmt.Errorf("the connection to %s ended: %w", c.server.address(), err)
	}
	// It is of no use any more, whatever closing it says.
	_ = c.wire.conn.Close()
}

// read awaits one reply.
func (c *Connection) read(wait time.Duration, text func([]byte)) (reply, error) {
	c.wire.expect(wait)
	return readReply(c.reader, text)
}

// flush writes what is to be written, and tells how much of it may have left.
// Whatever was said before it was asked for could be taken for the answer to
// what is written now, so the conversation ends there.
func (c *Connection) flush() (int, error) {
	if c.reader.Buffered() > 0 {
		return 0, errStray
	}
	written, err := c.wire.Write(c.out)
	c.out = c.out[:0]
	if err != nil {
		return written, fmt.Errorf("writing to the server: %w", err)
	}
	return written, nil
}

// command writes one command and awaits its reply.
func (c *Connection) command(wait time.Duration, line string) (reply, error) {
	return c.commandText(wait, line, nil)
}

// commandText is command with a look at the text of the reply.
func (c *Connection) commandText(wait time.Duration, line string, text func([]byte)) (reply, error) {
	c.out = append(c.out[:0], line...)
	if _, err := c.flush(); err != nil {
		return reply{}, err
	}
	return c.read(wait, text)
}

// awake makes sure that a connection which idled is still there, before a
// message is risked on it.
func (c *Connection) awake() error {
	if time.Since(c.used) < sleepy {
		return nil
	}
	r, err := c.command(c.server.Timeouts.Command, "NOOP\r\n")
	switch {
	case err != nil:
		return err
	case r.code == closing:
		return errClosing
	case r.kind() != positive:
		return errReply
	}
	return nil
}

// Send sends a window of messages, one after the other, and appends one outcome
// for each, in their order. At most one of them is Unknown.
//
// It goes on after a recipient's refusal. After trouble of the whole channel, or
// when the connection ends, the rest is NotTried; Err then tells which of the
// two it was. Once the context has ended, what is under way is finished within
// Timeouts.Drain, and the rest is NotTried. Where the server pipelines, the
// message after the current one may be under way as well.
func (c *Connection) Send(ctx context.Context, window []Envelope, outcomes []Outcome) []Outcome {
	first := len(outcomes)
	for range window {
		outcomes = append(outcomes, Outcome{State: StateNotTried})
	}
	if c.err != nil || ctx.Err() != nil || len(window) == 0 {
		return outcomes
	}
	defer c.wire.watch(ctx, c.server.Timeouts.Drain)()
	if err := c.awake(); err != nil {
		c.fail(err)
		return outcomes
	}
	w := work{Connection: c, ctx: ctx, window: window, outcomes: outcomes[first:]}
	var err error
	if c.extensions.pipelining {
		err = w.pipelined()
	} else {
		err = w.stepwise()
	}
	if err != nil {
		c.fail(err)
	}
	c.used = time.Now()
	return outcomes
}
