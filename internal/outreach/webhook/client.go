package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/fairlead/fairlead/internal/outreach/mail"
)

// Message is what is posted in one request.
type Message struct {
	// ID is the same whenever the message is posted again, so that whoever takes it can
	// tell.
	ID string
	// Body in JSON, see Payload.
	Body []byte
}

// Timeouts bound every step. Those that are zero are the default ones.
type Timeouts struct {
	// Connect bounds connecting and the TLS handshake together. Default: 15 s.
	Connect time.Duration
	// Answer bounds the wait for an answer once the request is written, and the reading of
	// the answer. A message that is not answered by then is Unknown. Default: 30 s.
	Answer time.Duration
	// Drain bounds what is under way once the context has ended. Default: 20 s.
	Drain time.Duration
}

const (
	// idle is how long a connection is kept without a request. Servers close those that
	// idle, many after five seconds; a request that meets the end of its connection would
	// be Unknown.
	idle = 3 * time.Second
	// mostHeader and mostBody bound what is read of an answer.
	mostHeader = 64 << 10
	mostBody   = 256 << 10
)

// Client posts messages to an endpoint, one after the other, over a connection that it
// keeps. It is for one goroutine at a time.
type Client struct {
	endpoint  Endpoint
	key       []byte
	timeouts  Timeouts
	transport *http.Transport
	// began is set by the first byte of a request.
	began atomic.Bool
	err   error
}

// errNoAnswer ends the use of an endpoint until it is opened again.
var errNoAnswer = errors.New("the endpoint did not answer")

// NewClient takes the key that signs, as ParseSecret gives it.
func NewClient(endpoint Endpoint, key []byte, timeouts Timeouts) *Client {
	for _, each := range []struct {
		set  *time.Duration
		wish time.Duration
	}{{&timeouts.Connect, 15 * time.Second}, {&timeouts.Answer, 30 * time.Second}, {&timeouts.Drain, 20 * time.Second}} {
		if *each.set <= 0 {
			*each.set = each.wish
		}
	}
	c := &Client{endpoint: endpoint, key: key, timeouts: timeouts, err: errNoAnswer}
	c.transport = &http.Transport{
		// No proxy, whatever the environment says: the address that is looked at would be
		// that of the proxy, which leads anywhere. Redirects and cookies are handled above
		// a Transport, so there are none.
		Proxy: nil,
		// What is dialled here is no *tls.Conn to the Transport, so it speaks HTTP/1.1,
		// where one request at a time is under way and it is known whether it began.
		DialTLSContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return c.dial(ctx) },
		MaxIdleConnsPerHost:    1,
		IdleConnTimeout:        idle,
		ResponseHeaderTimeout:  timeouts.Answer,
		MaxResponseHeaderBytes: mostHeader,
		DisableCompression:     true,
	}
	return c
}

// Format keeps the key out of every message that a client gets into.
func (c *Client) Format(state fmt.State, _ rune) { _, _ = state.Write([]byte("webhook client")) }

func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeouts.Connect)
	defer cancel()
	conn, err := c.endpoint.dial(ctx)
	if err != nil {
		return nil, err
	}
	return &watched{conn, &c.began}, nil
}

// watched is a connection that notes that a request began.
type watched struct {
	net.Conn
	began *atomic.Bool
}

// Write notes that something may have left before anything does.
func (w *watched) Write(data []byte) (int, error) {
	w.began.Store(true)
	return w.Conn.Write(data)
}

// Open sees to it that messages can be posted: it connects and encrypts, and posts nothing.
// Its error is an *EndpointError.
func (c *Client) Open(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeouts.Connect)
	defer cancel()
	if err := c.endpoint.Check(ctx); err != nil {
		return err
	}
	c.err = nil
	return nil
}

// Err says why nothing is posted before the client is opened again; nil if it may be.
func (c *Client) Err() error { return c.err }

// Close ends the connection. The client may be opened again.
func (c *Client) Close() {
	c.transport.CloseIdleConnections()
	c.err = errNoAnswer
}

// Send posts a window of messages, one after the other, and appends one outcome for each,
// in their order. After trouble of the whole endpoint, or when one is not answered, the rest
// is NotTried; so it is once the context has ended, where what is under way is finished within
// Timeouts.Drain.
func (c *Client) Send(ctx context.Context, window []Message, outcomes []mail.Outcome) []mail.Outcome {
	first := len(outcomes)
	for range window {
		outcomes = append(outcomes, mail.Outcome{State: mail.StateNotTried})
	}
	for i, m := range window {
		if c.err != nil || ctx.Err() != nil {
			break
		}
		outcome := c.post(ctx, m)
		outcomes[first+i] = outcome
		if outcome.Channel {
			break
		}
	}
	return outcomes
}

// post posts one message.
func (c *Client) post(ctx context.Context, m Message) mail.Outcome {
	// Whatever ends the work, what is under way is given time to end.
	under, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeouts.Connect+2*c.timeouts.Answer)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		drained := time.AfterFunc(c.timeouts.Drain, cancel)
		context.AfterFunc(under, func() { drained.Stop() })
	})()
	request, err := c.request(under, m, time.Now())
	if err != nil {
		c.err = err
		return mail.Outcome{State: mail.StateNotTried}
	}
	c.began.Store(false)
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		// Which connection it was on does not matter: none is used again.
		c.Close()
		if c.began.Load() {
			// It may have arrived, and who does not answer answers nobody.
			return mail.Outcome{State: mail.StateUnknown, Channel: true}
		}
		return mail.Outcome{State: mail.StateNotTried}
	}
	// The status decides. The rest is read so that the connection can be used again, and kept
	// nowhere: it may name somebody.
	_, _ = io.CopyN(io.Discard, response.Body, mostBody)
	_ = response.Body.Close()
	return judge(response.StatusCode, response.Header.Get("Retry-After"), time.Now())
}

// request makes the request for a message.
func (c *Client) request(ctx context.Context, m Message, at time.Time) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint.URL, bytes.NewReader(m.Body))
	if err != nil {
		// The cause would repeat the URL.
		return nil, errors.New("the URL of the endpoint cannot be used")
	}
	// A Transport repeats requests with an Idempotency-Key by itself where it can rewind them.
	// Whether anything is sent twice is for the run to say.
	request.GetBody = nil
	stamp := strconv.FormatInt(at.Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "fairlead")
	request.Header.Set("Idempotency-Key", m.ID)
	request.Header.Set("Webhook-Id", m.ID)
	request.Header.Set("Webhook-Timestamp", stamp)
	request.Header.Set("Webhook-Signature", sign(c.key, m.ID, stamp, m.Body))
	return request, nil
}

// sign makes the signature of Standard Webhooks.
func sign(key []byte, id, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
