package outreach

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach/webhook"
	"github.com/fairlead/fairlead/internal/store"
)

// deskKey is what deskSecret is in words.
var deskKey = []byte("twenty-four bytes or more")

func deskSecret() []byte {
	return []byte("whsec_" + base64.StdEncoding.EncodeToString(deskKey) + "\n")
}

// desk takes what is posted, looks at every signature, and answers as it is told.
type desk struct {
	*httptest.Server
	t *testing.T
	// answer of a message, the how-manieth time it comes; nil for 200.
	answer func(w http.ResponseWriter, r *http.Request, address string, time int)

	mu sync.Mutex
	// bodies of each address as they came, and IDs.
	bodies map[string][][]byte
	ids    map[string]map[string]bool
}

func newDesk(t *testing.T, answer func(http.ResponseWriter, *http.Request, string, int)) *desk {
	t.Helper()
	d := &desk{t: t, answer: answer, bodies: map[string][][]byte{}, ids: map[string]map[string]bool{}}
	d.Server = httptest.NewTLSServer(http.HandlerFunc(d.take))
	t.Cleanup(d.Close)
	return d
}

func (d *desk) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
	mac := hmac.New(sha256.New, deskKey)
	fmt.Fprintf(mac, "%s.%s.%s", id, stamp, body)
	seconds, numberErr := strconv.ParseInt(stamp, 10, 64)
	switch want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); {
	case err != nil || r.Method != http.MethodPost || r.URL.String() != "/hooks?of=ours" || r.Header.Get("Content-Type") != "application/json":
		d.t.Errorf("posted is %s %s, %v", r.Method, r.URL, err)
	case r.Header.Get("webhook-signature") != want || strings.Contains(id, "."):
		d.t.Errorf("the signature of %s is %s, want %s", id, r.Header.Get("webhook-signature"), want)
	case numberErr != nil || time.Since(time.Unix(seconds, 0)).Abs() > time.Minute:
		d.t.Errorf("the time is %q", stamp)
	case r.Header.Get("Idempotency-Key") != id || r.Header.Get("Cookie") != "":
		d.t.Errorf("the headers are %v", r.Header)
	}
	var payload webhook.Payload
	if err := json.Unmarshal(body, &payload); err != nil || payload.Data.MessageID != id {
		d.t.Errorf("of %s comes %v", body, err)
	}
	address := payload.Data.Recipient.Address
	d.mu.Lock()
	d.bodies[address] = append(d.bodies[address], body)
	if d.ids[address] == nil {
		d.ids[address] = map[string]bool{}
	}
	d.ids[address][id] = true
	times := len(d.bodies[address])
	d.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "who", Value: "came"})
	if d.answer != nil {
		d.answer(w, r, address, times)
	}
}

// plan aims a plan at the desk.
func (d *desk) plan(p *Plan) {
	p.Channel.SMTP, p.Channel.From = nil, nil
	p.Channel.Webhook = &crm.Webhook{URL: d.URL + "/hooks?of=ours", AllowPrivateAddresses: ptr.To(true)}
}

// worker posts to the desk.
func (d *desk) worker(p *post) Worker {
	w := workerOf(p.Store)
	w.SigningSecret, w.RootCAs = deskSecret(), x509.NewCertPool()
	w.RootCAs.AddCert(d.Certificate())
	w.WebhookTimeouts = webhook.Timeouts{Answer: 2 * time.Second}
	return w
}

func (d *desk) work(p *post) {
	d.t.Helper()
	if err := d.worker(p).Work(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// came tells how often each address came, and that each has one ID.
func (d *desk) came() map[string]int {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	times := map[string]int{}
	for address, bodies := range d.bodies {
		times[address] = len(bodies)
		if len(d.ids[address]) != 1 {
			d.t.Errorf("%s came under %d IDs", address, len(d.ids[address]))
		}
	}
	return times
}

func (d *desk) expectOnce(recipients int) {
	d.t.Helper()
	came := d.came()
	for i := 1; i <= recipients; i++ {
		if came[addressOf(i)] != 1 {
			d.t.Errorf("%s came %d times", addressOf(i), came[addressOf(i)])
		}
	}
	if len(came) != recipients {
		d.t.Errorf("%d came, want %d", len(came), recipients)
	}
}

func TestEverybodyIsPosted(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		const recipients = 450
		d := newDesk(t, nil)
		p := prepare(t, url, recipients, d.plan, store.Freeze{})
		d.work(p)
		d.expectOnce(recipients)
		p.expectCounts(store.MessageCounts{Sent: recipients})
		var got map[string]any
		if err := json.Unmarshal(d.bodies[addressOf(7)][0], &got); err != nil {
			t.Fatal(err)
		}
		data, _ := got["data"].(map[string]any)
		id, _ := data["messageId"].(string)
		delete(data, "messageId")
		made, _ := json.Marshal(got)
		want := fmt.Sprintf(`{"data":{"customer":{"code":"C-7"},"html":"\u003cp\u003eDear Firm 7 of C-7\u003c/p\u003e","medium":"Email","recipient":{"address":"office7@firm.example","name":"Firm 7"},`+
			`"runKey":"k","subject":"We open, Firm 7","text":"Dear Firm 7","topic":"service"},"timestamp":%q,"type":"outreach.message"}`, time.UnixMilli(p.run.FrozenAt).UTC().Format(time.RFC3339Nano))
		if string(made) != want || !strings.HasPrefix(id, "msg_") {
			t.Errorf("posted was %s, want %s", made, want)
		}
		d.work(p)
		d.expectOnce(recipients)
	})
}

// TestDeskRefuses: who is refused fails alone, and who is put off comes later under the same
// ID, with the same body.
func TestDeskRefuses(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		d := newDesk(t, func(w http.ResponseWriter, _ *http.Request, address string, times int) {
			switch {
			case address == addressOf(1):
				w.WriteHeader(http.StatusUnprocessableEntity)
			case address == addressOf(2) && times == 1:
				w.WriteHeader(http.StatusInternalServerError)
			case address == addressOf(3):
				w.WriteHeader(http.StatusBadGateway)
			}
		})
		p := prepare(t, url, 60, d.plan, store.Freeze{})
		d.work(p)
		p.expectCounts(store.MessageCounts{Sent: 57, Failed: 1, Waiting: 2})
		for range 4 {
			p.ahead.Add(int64(10 * time.Minute))
			d.work(p)
		}
		p.expectCounts(store.MessageCounts{Sent: 58, Failed: 2})
		came := d.came()
		if came[addressOf(1)] != 1 || came[addressOf(2)] != 2 || came[addressOf(3)] != 3 || came[addressOf(4)] != 1 {
			t.Errorf("came are %v", came)
		}
		if twice := d.bodies[addressOf(2)]; !bytes.Equal(twice[0], twice[1]) {
			t.Errorf("first came %s, then %s", twice[0], twice[1])
		}
	})
}

// TestDeskIsBusy: trouble of the whole channel is nobody's failure, however often it is met.
func TestDeskIsBusy(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		var busy atomic.Int64
		d := newDesk(t, func(w http.ResponseWriter, _ *http.Request, _ string, _ int) {
			// More often than a message is tried.
			if busy.Add(1) <= 5 {
				w.Header().Set("Retry-After", "1")
				w.WriteHeader([]int{http.StatusTooManyRequests, http.StatusServiceUnavailable}[busy.Load()%2])
			}
		})
		p := prepare(t, url, 150, d.plan, store.Freeze{})
		worker := d.worker(p)
		worker.Idle = 20 * time.Second
		ended := make(chan error, 1)
		go func() { ended <- worker.Work(t.Context()) }()
		p.bringWhen(func(c store.MessageCounts) bool { return c.Settled() }, store.RunCompleted)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		p.expectCounts(store.MessageCounts{Sent: 150})
		if came := d.came(); len(came) != 150 || busy.Load() != 155 {
			t.Errorf("%d came, in %d requests", len(came), busy.Load())
		}
	})
}

// TestDeskIsGone: where nobody is to be found nobody fails, and no redirect is followed.
func TestDeskIsGone(t *testing.T) {
	elsewhere := newDesk(t, nil)
	for name, test := range map[string]struct {
		change func(*Plan)
		answer func(http.ResponseWriter, *http.Request, string, int)
		log    string
	}{
		"redirected": {nil, func(w http.ResponseWriter, r *http.Request, _ string, _ int) {
			http.Redirect(w, r, elsewhere.URL, http.StatusPermanentRedirect)
		}, ""},
		"gone":              {nil, func(w http.ResponseWriter, _ *http.Request, _ string, _ int) { w.WriteHeader(http.StatusGone) }, ""},
		"not let in":        {nil, func(w http.ResponseWriter, _ *http.Request, _ string, _ int) { w.WriteHeader(http.StatusUnauthorized) }, ""},
		"a private address": {func(p *Plan) { p.Channel.Webhook.AllowPrivateAddresses = nil }, nil, "127.0.0.1 leads to an address that is not public"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			d := newDesk(t, func(w http.ResponseWriter, r *http.Request, address string, times int) {
				// Several came by then, and none more.
				if times > 1 {
					stop()
				}
				test.answer(w, r, address, times)
			})
			p := prepare(t, server.NewDatabase(t), 30, func(plan *Plan) {
				d.plan(plan)
				if test.change != nil {
					test.change(plan)
				}
			}, store.Freeze{})
			worker := d.worker(p)
			worker.Idle = time.Minute
			heard := &hearing{want: test.log, heard: stop}
			worker.Log = slog.New(slog.NewTextHandler(heard, nil))
			if err := worker.Work(ctx); err != nil {
				t.Fatal(err)
			}
			if c := p.counts(); c.Pending+c.Waiting != 30 || len(elsewhere.came()) != 0 || (len(d.came()) > 0) != (test.log == "") {
				t.Errorf("the counts are %+v; %d came, and %d elsewhere", c, len(d.came()), len(elsewhere.came()))
			}
			// Not one of each lane, again and again.
			if times := slices.Collect(maps.Values(d.came())); len(times) > 2*webhookLanes {
				t.Errorf("%d messages were tried on a channel in trouble", len(times))
			}
		})
	}
}

// hearing waits for a word in a log.
type hearing struct {
	want  string
	heard func()
}

func (h *hearing) Write(line []byte) (int, error) {
	if h.want != "" && bytes.Contains(line, []byte(h.want)) {
		h.heard()
	}
	return len(line), nil
}

// TestDeskHangs: what is not answered is unknown, or comes again under the same ID where the
// run says so.
func TestDeskHangs(t *testing.T) {
	for _, atLeastOnce := range []bool{false, true} {
		t.Run(fmt.Sprint("AtLeastOnce=", atLeastOnce), func(t *testing.T) {
			inBoth(t, func(t *testing.T, url string) {
				d := newDesk(t, func(_ http.ResponseWriter, r *http.Request, address string, times int) {
					if address == addressOf(3) && times == 1 {
						<-r.Context().Done()
					}
				})
				p := prepare(t, url, 40, d.plan, store.Freeze{AtLeastOnce: atLeastOnce})
				// Longer than the desk is waited for.
				worker := d.worker(p)
				worker.Idle = 3 * time.Second
				work := func() {
					if err := worker.Work(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				work()
				want, times := store.MessageCounts{Sent: 39, Unknown: 1}, 1
				if atLeastOnce {
					p.expectCounts(store.MessageCounts{Sent: 39, Waiting: 1})
					want, times = store.MessageCounts{Sent: 40}, 2
				}
				p.ahead.Add(int64(10 * time.Minute))
				work()
				p.expectCounts(want)
				if came := d.came(); len(came) != 40 || came[addressOf(3)] != times || came[addressOf(4)] != 1 {
					t.Errorf("came are %v", came)
				}
			})
		})
	}
}

// TestDeskDryRun: without a secret, and without a desk.
func TestDeskDryRun(t *testing.T) {
	p := prepare(t, server.NewDatabase(t), 30, func(plan *Plan) {
		newDesk(t, nil).plan(plan)
		plan.Channel.Delivery, plan.Channel.Webhook.URL = crm.DeliveryDryRun, "https://desk.invalid/"
	}, store.Freeze{})
	p.work()
	p.expectCounts(store.MessageCounts{Sent: 30})
}

func TestDeskWithoutSecret(t *testing.T) {
	p := prepare(t, server.NewDatabase(t), 1, newDesk(t, nil).plan, store.Freeze{})
	if err := workerOf(p.Store).Work(t.Context()); !errors.Is(err, ErrCredentials) || !strings.Contains(err.Error(), "whsec_") {
		t.Errorf("without a secret comes %v", err)
	}
}
