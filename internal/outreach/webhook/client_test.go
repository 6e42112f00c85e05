package webhook

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/outreach/mail"
)

// TestSign: a signature that another implementation made.
func TestSign(t *testing.T) {
	key, err := ParseSecret([]byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
	if got := sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)); got != want {
		t.Errorf("the signature is %s, want %s", got, want)
	}
}

func TestJudge(t *testing.T) {
	now := time.Date(2026, 7, 20, 9, 0, 0, 0, time.UTC)
	of := func(state mail.State, channel bool) mail.Outcome { return mail.Outcome{State: state, Channel: channel} }
	sent, own, later, ofAll := of(mail.StateSent, false), of(mail.StateFailed, false), of(mail.StateDeferred, false), of(mail.StateFailed, true)
	for want, statuses := range map[mail.Outcome][]int{
		sent:                         {200, 201, 202, 204, 299},
		own:                          {400, 413, 414, 422, 431, 451, 418, 499},
		later:                        {408, 409, 425, 500, 501, 502, 504, 507, 599},
		ofAll:                        {101, 300, 301, 302, 304, 307, 308, 401, 402, 403, 404, 405, 406, 407, 410, 411, 415, 421, 426},
		of(mail.StateDeferred, true): {429, 503},
	} {
		for _, status := range statuses {
			want.Code = status
			if got := judge(status, "", now); got != want {
				t.Errorf("of %d comes %+v, want %+v", status, got, want)
			}
		}
	}
	for header, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "600": 10 * time.Minute, "86400": 10 * time.Minute, "2147483647": 10 * time.Minute, "99999999999999999999": 0, "-5": 0, "soon": 0,
		"Mon, 20 Jul 2026 09:00:30 GMT": 30 * time.Second, "Mon, 20 Jul 2026 08:00:00 GMT": 0, "Mon, 20 Jul 2099 08:00:00 GMT": 10 * time.Minute,
	} {
		if got := judge(429, header, now).Wait; got != want {
			t.Errorf("Retry-After %q waits %s, want %s", header, got, want)
		}
	}
}

// desk is an endpoint that answers as it is told.
func desk(t *testing.T, answer http.HandlerFunc) (Endpoint, *atomic.Int64) {
	t.Helper()
	var requests atomic.Int64
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		_, _ = io.ReadAll(r.Body)
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return Endpoint{URL: server.URL + "/hooks?of=ours", AllowPrivateAddresses: true, RootCAs: roots}, &requests
}

func opened(t *testing.T, e Endpoint) *Client {
	t.Helper()
	c := NewClient(e, []byte("of today"), Timeouts{Answer: time.Second, Drain: 50 * time.Millisecond})
	t.Cleanup(c.Close)
	if err := c.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// window is so many messages.
func window(size int) (messages []Message) {
	for i := range size {
		messages = append(messages, Message{ID: fmt.Sprint("msg_", i), Body: []byte("{}")})
	}
	return messages
}

func states(outcomes []mail.Outcome) string {
	var texts []string
	for _, o := range outcomes {
		texts = append(texts, string(o.State))
	}
	return strings.Join(texts, " ")
}

// breakOff ends the connection without an answer.
func breakOff(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func TestSend(t *testing.T) {
	hangs := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, test := range map[string]struct {
		answer   func(w http.ResponseWriter, r *http.Request)
		want     string
		requests int64
		usable   bool
	}{
		"taken":            {func(http.ResponseWriter, *http.Request) {}, "Sent Sent Sent", 3, true},
		"with much to say": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2*mostBody)) }, "Sent Sent Sent", 3, true},
		"one refused": {func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Webhook-Id") == "msg_1" {
				w.WriteHeader(http.StatusUnprocessableEntity)
			}
		}, "Sent Failed Sent", 3, true},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, "Failed NotTried NotTried", 1, true},
		"too many":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }, "Deferred NotTried NotTried", 1, true},
		"no answer":  {hangs, "Unknown NotTried NotTried", 1, false},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) { breakOff(w) }, "Unknown NotTried NotTried", 1, false},
		// A Transport would try it once more by itself.
		"broken off later": {func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Webhook-Id") == "msg_1" {
				breakOff(w)
			}
		}, "Sent Unknown NotTried", 2, false},
		"a header without end": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 2*mostHeader)) }, "Unknown NotTried NotTried", 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			endpoint, requests := desk(t, test.answer)
			c := opened(t, endpoint)
			outcomes := c.Send(t.Context(), window(3), nil)
			if got := states(outcomes); got != test.want || requests.Load() != test.requests || (c.Err() == nil) != test.usable {
				t.Errorf("%s of %d requests, %v; want %s of %d", got, requests.Load(), c.Err(), test.want, test.requests)
			}
		})
	}
}

// TestNotBegun: what never left was not tried.
func TestNotBegun(t *testing.T) {
	endpoint, requests := desk(t, func(http.ResponseWriter, *http.Request) {})
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got := states(opened(t, endpoint).Send(ended, window(2), nil)); got != "NotTried NotTried" {
		t.Errorf("after the end comes %s", got)
	}
	stranger := endpoint
	stranger.RootCAs = x509.NewCertPool()
	private := endpoint
	private.AllowPrivateAddresses = false
	for name, e := range map[string]Endpoint{"a stranger": stranger, "a private address": private, "no such host": {URL: "https://desk.invalid/", AllowPrivateAddresses: true}, "no URL": {URL: "https://a b/"}} {
		c := NewClient(e, nil, Timeouts{})
		c.err = nil // its name may lead elsewhere since it was opened
		if got := states(c.Send(t.Context(), window(2), nil)); got != "NotTried NotTried" || c.Err() == nil {
			t.Errorf("%s: %s, %v", name, got, c.Err())
		}
		if c.transport.Proxy != nil {
			t.Error("a proxy would lead around the look at addresses")
		}
	}
	if requests.Load() != 0 {
		t.Errorf("%d requests were made", requests.Load())
	}
}

// TestDrain: once the worker is to stop, what is under way gets a while and no more.
func TestDrain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	endpoint, requests := desk(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	c := opened(t, endpoint)
	c.timeouts.Answer, c.transport.ResponseHeaderTimeout = time.Hour, time.Hour
	if got := states(c.Send(ctx, window(2), nil)); got != "Unknown NotTried" || requests.Load() != 1 {
		t.Errorf("%s of %d requests", got, requests.Load())
	}
	ctx, cancel = context.WithCancel(t.Context())
	endpoint, _ = desk(t, func(http.ResponseWriter, *http.Request) { cancel() })
	if got := states(opened(t, endpoint).Send(ctx, window(2), nil)); got != "Sent NotTried" {
		t.Errorf("what could be finished is %s", got)
	}
}
