package mail

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// extensions are what a server says it can do.
type extensions struct {
	pipelining bool
	startTLS   bool
	smtpUTF8   bool
	eightBit   bool
	size       bool
	// largest message in bytes. 0 is no fixed limit.
	largest   int64
	authPlain bool
	authLogin bool
}

// learn takes one line of the answer to EHLO. Unknown extensions are passed
// over, CHUNKING among them: DATA does all that is needed.
func (x *extensions) learn(line []byte) {
	words := strings.Fields(strings.ToUpper(string(line)))
	if len(words) == 0 {
		return
	}
	switch words[0] {
	case "PIPELINING":
		x.pipelining = true
	case "STARTTLS":
		x.startTLS = true
	case "SMTPUTF8":
		x.smtpUTF8 = true
	case "8BITMIME":
		x.eightBit = true
	case "SIZE":
		x.size = true
		if len(words) > 1 {
			// What is no number sets no limit.
			x.largest, _ = strconv.ParseInt(words[1], 10, 64)
		}
	case "AUTH":
		for _, word := range words[1:] {
			x.authPlain = x.authPlain || word == "PLAIN"
			x.authLogin = x.authLogin || word == "LOGIN"
		}
	}
}

// open does all that comes before the first message.
func (c *Connection) open(ctx context.Context) error {
	if c.server.TLS == TLSImplicit {
		if err := c.encrypt(ctx); err != nil {
			return err
		}
	}
	if err := c.greeting(); err != nil {
		return err
	}
	if err := c.hello(); err != nil {
		return err
	}
	if c.server.TLS == TLSStartTLS {
		if err := c.startTLS(ctx); err != nil {
			return err
		}
	}
	if c.server.Username == "" {
		return nil
	}
	return c.authenticate()
}

// encrypt goes on in TLS.
func (c *Connection) encrypt(ctx context.Context) error {
	encrypted, err := c.server.handshake(ctx, c.wire.conn)
	if err != nil {
		return err
	}
	c.wire.replace(encrypted)
	c.encrypted = true
	c.reader.Reset(&c.wire)
	return nil
}

// greeting awaits the server's first words.
func (c *Connection) greeting() error {
	r, err := c.read(c.server.Timeouts.Command, nil)
	if err != nil {
		return c.lost(err)
	}
	if r.kind() != positive {
		return refused(TroubleRefused, r, fmt.Sprintf("%s takes no mail from here now: it may be busy, or not know this address", c.server.address()))
	}
	return nil
}

// hello introduces us and learns what the server can do. What was learned before
// is forgotten: it may have been said by somebody in between (RFC 3207).
func (c *Connection) hello() error {
	c.extensions = extensions{}
	first := true
	r, err := c.commandText(c.server.Timeouts.Command, "EHLO "+c.localName()+"\r\n", func(line []byte) {
		if !first {
			c.extensions.learn(line)
		}
		first = false
	})
	if err == nil && r.kind() == permanent {
		c.extensions = extensions{}
		r, err = c.command(c.server.Timeouts.Command, "HELO "+c.localName()+"\r\n")
	}
	if err != nil {
		return c.lost(err)
	}
	if r.kind() != positive {
		return refused(TroubleRefused, r, fmt.Sprintf("%s does not take our introduction: set a local name that it knows", c.server.address()))
	}
	return nil
}

// localName is how we introduce ourselves.
func (c *Connection) localName() string {
	if c.server.LocalName != "" {
		return c.server.LocalName
	}
	local, isTCP := c.wire.conn.LocalAddr().(*net.TCPAddr)
	switch {
	case !isTCP:
		return "localhost"
	case local.IP.To4() != nil:
		return "[" + local.IP.String() + "]"
	default:
		return "[IPv6:" + local.IP.String() + "]"
	}
}

// startTLS goes on in TLS or not at all.
func (c *Connection) startTLS(ctx context.Context) error {
	missing := &ChannelError{
		Trouble: TroubleNoStartTLS,
		Text:    fmt.Sprintf("%s does not offer STARTTLS: use the TLS mode Implicit with its port, mostly 465, or have STARTTLS turned on", c.server.address()),
	}
	if !c.extensions.startTLS {
		return missing
	}
	r, err := c.command(c.server.Timeouts.Command, "STARTTLS\r\n")
	if err != nil {
		return c.lost(err)
	}
	if r.kind() != positive {
		missing.Code, missing.Enhanced = r.code, r.enhanced
		return missing
	}
	// Whatever came along in clear was put in by somebody in between, to be taken
	// for the server's word after the handshake.
	if c.reader.Buffered() > 0 {
		return &ChannelError{
			Trouble: TroubleTLS,
			Text:    fmt.Sprintf("%s went on in clear after agreeing to TLS: somebody may be listening in", c.server.address()),
		}
	}
	if err := c.encrypt(ctx); err != nil {
		return err
	}
	return c.hello()
}

// authenticate gives the credentials, never in clear over a network.
func (c *Connection) authenticate() error {
	if !c.encrypted && !c.loopback() {
		return &ChannelError{
			Trouble: TroubleSettings,
			Text:    "the TLS mode None is refused together with credentials: the password would travel in clear",
		}
	}
	encode := base64.StdEncoding.EncodeToString
	var words []string
	switch {
	case c.extensions.authPlain:
		words = []string{"AUTH PLAIN " + encode([]byte("\x00"+c.server.Username+"\x00"+c.server.Password))}
	case c.extensions.authLogin:
		words = []string{"AUTH LOGIN", encode([]byte(c.server.Username)), encode([]byte(c.server.Password))}
	default:
		return &ChannelError{
			Trouble: TroubleAuthentication,
			Text:    fmt.Sprintf("%s offers neither AUTH PLAIN nor AUTH LOGIN: leave the credentials out, or use the port for submission, mostly 587", c.server.address()),
		}
	}
	var r reply
	for i, word := range words {
		var err error
		if r, err = c.command(c.server.Timeouts.Command, word+"\r\n"); err != nil {
			return c.lost(err)
		}
		if i < len(words)-1 && r.kind() != goOn {
			break
		}
	}
	if r.kind() != positive {
		return refused(TroubleAuthentication, r, fmt.Sprintf("%s does not take the credentials: check username and password", c.server.address()))
	}
	return nil
}

// loopback tells whether the server is on this machine.
func (c *Connection) loopback() bool {
	remote, isTCP := c.wire.conn.RemoteAddr().(*net.TCPAddr)
	return isTCP && remote.IP.IsLoopback()
}

// lost makes the error for a conversation that ended before its end.
func (c *Connection) lost(err error) error {
	for _, spoken := range []error{errLongLine, errManyLines, errNoReply, errMixed, errStray} {
		if errors.Is(err, spoken) {
			return &ChannelError{
				Trouble: TroubleNotSMTP, Err: err,
				Text: fmt.Sprintf("what answers at %s does not speak SMTP as it should: check host, port and TLS mode", c.server.address()),
			}
		}
	}
	return &ChannelError{
		Trouble: TroubleUnreachable, Err: err,
		Text: fmt.Sprintf("%s ended the conversation or did not answer in time: check port and TLS mode, since a port for implicit TLS says nothing in clear", c.server.address()),
	}
}
