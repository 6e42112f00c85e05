package outreach

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/mailsink"
	"github.com/fairlead/fairlead/test/postgres"
)

// connections of the worker, as planOf has them.
const connections = 4

// inBothGuarantees runs a test of what becomes of a run with either guarantee.
func inBothGuarantees(t *testing.T, test func(t *testing.T, atLeastOnce bool)) {
	for _, atLeastOnce := range []bool{false, true} {
		t.Run(fmt.Sprint("AtLeastOnce=", atLeastOnce), func(t *testing.T) { test(t, atLeastOnce) })
	}
}

// ownServer is a PostgreSQL that a test may kill.
func ownServer(t *testing.T) *postgres.Server {
	t.Helper()
	own, err := postgres.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := own.Stop(); err != nil {
			t.Error(err)
		}
	})
	return own
}

// kill kills a server, and has it come back once so many connections to it were tried.
func (p *post) kill(own *postgres.Server, tries int) {
	p.t.Helper()
	if err := own.Kill(); err != nil {
		p.t.Fatal(err)
	}
	if tries > 0 {
		p.refuse(own, tries)
	}
	if err := own.StartAgain(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// refuse stands in the place of a server that is away, and ends so many connections.
func (p *post) refuse(own *postgres.Server, tries int) {
	p.t.Helper()
	parsed, err := url.Parse(own.URL)
	if err != nil {
		p.t.Fatal(err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(p.t.Context(), "tcp", parsed.Host)
	if err != nil {
		p.t.Fatal(err)
	}
	defer listener.Close()
	for range tries {
		connection, err := listener.Accept()
		if err != nil {
			p.t.Fatal(err)
		}
		_ = connection.(*net.TCPConn).SetLinger(0)
		_ = connection.Close()
	}
}

// settled has workers go on until nothing is left that may be tried later.
func (p *post) settled() store.MessageCounts {
	p.t.Helper()
	for range 10 {
		p.ahead.Add(int64(10 * time.Minute))
		p.work()
		if c := p.counts(); c.Settled() {
			return c
		}
	}
	p.t.Fatalf("the counts stay %+v", p.counts())
	return store.MessageCounts{}
}

// expectAll looks at every recipient: none is lost and none failed; with AtMostOnce nobody got
// two mails, and whoever is not unknown got one; with AtLeastOnce everybody got one, and
// nothing is unknown. It gives how many are unknown, and how many mails came more than once.
func (p *post) expectAll(recipients int, atLeastOnce bool, got map[string]int) (unknown, repeated int) {
	p.t.Helper()
	states := p.states()
	if len(states) != recipients {
		p.t.Errorf("there are %d messages, want %d", len(states), recipients)
	}
	for i := 1; i <= recipients; i++ {
		state, mails := states[addressOf(i)], got[addressOf(i)]
		repeated += max(0, mails-1)
		switch {
		case state == "Unknown" && !atLeastOnce && mails <= 1:
			unknown++
		case state != "Sent" || mails == 0 || mails > 1 && !atLeastOnce:
			p.t.Errorf("the message to %s is %q, and %d mails came", addressOf(i), state, mails)
		}
	}
	return unknown, repeated
}

// TestDatabaseKilled: a worker that lives knows what it sent, and settles it when the database
// is back, be it that its leases ended meanwhile.
func TestDatabaseKilled(t *testing.T) {
	own := ownServer(t)
	inBothGuarantees(t, func(t *testing.T, atLeastOnce bool) {
		// Three shards, and a connection that looks for another one.
		const recipients, kills = 600, 3
		p := prepare(t, own.NewDatabase(t), recipients, func(plan *Plan) { plan.Channel.MessagesPerSecond = 500 }, store.Freeze{AtLeastOnce: atLeastOnce})
		w := workerOf(p.Store)
		w.Lease, w.Idle = time.Second, 10*time.Second
		ended := make(chan error, 1)
		go func() { ended <- w.Work(t.Context()) }()
		began := time.Now()
		for range kills {
			if err := p.sink.WaitFor(t.Context(), p.sink.Total()+recipients/(kills+1)); err != nil {
				t.Fatal(err)
			}
			p.kill(own, 10)
		}
		p.answered(store.MessageCounts.Settled)
		p.bring(store.RunSending, store.RunCompleted)
		// The run ends by itself.
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		unknown, repeated := p.expectAll(recipients, atLeastOnce, p.sink.Recipients())
		if unknown != 0 || repeated != 0 {
			t.Errorf("%d are unknown and %d were repeated to a worker that lived", unknown, repeated)
		}
		t.Logf("killed %d times: %d unknown, %d repeated, %s", kills, unknown, repeated, time.Since(began))
	})
}

// countingLog counts what a worker says.
type countingLog struct {
	slog.Handler
	text string
	said chan struct{}
}

func (c countingLog) Enabled(context.Context, slog.Level) bool { return true }

func (c countingLog) Handle(_ context.Context, record slog.Record) error {
	if strings.Contains(record.Message, c.text) {
		select {
		case c.said <- struct{}{}:
		default:
		}
	}
	return nil
}

// TestServerGone: the mail server is cut off in the middle, refuses connections, and comes back
// at the same address. What nobody knows of is what each connection had handed over last.
func TestServerGone(t *testing.T) {
	inBothGuarantees(t, func(t *testing.T, atLeastOnce bool) {
		inBoth(t, func(t *testing.T, url string) { testServerGone(t, url, atLeastOnce) })
	})
}

func testServerGone(t *testing.T, url string, atLeastOnce bool) {
	const recipients = 300
	p := prepare(t, url, recipients, func(plan *Plan) { plan.Channel.MessagesPerSecond = 1_000 }, store.Freeze{AtLeastOnce: atLeastOnce})
	// So that each connection waits for an answer most of the time.
	if err := p.sink.SetFault(mailsink.Fault{Kind: mailsink.Delay, Delay: 5 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	w, said := workerOf(p.Store), make(chan struct{}, 100)
	w.Log = slog.New(countingLog{slog.DiscardHandler, "no connection", said})
	ended := make(chan error, 1)
	go func() { ended <- w.Work(t.Context()) }()
	if err := p.sink.WaitFor(t.Context(), recipients/3); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := errors.Join(p.sink.SetFault(mailsink.Fault{Kind: mailsink.Outage}), p.sink.Close()); err != nil {
		t.Fatal(err)
	}
	for range 2 * connections {
		<-said
	}
	first := p.sink
	again, err := mailsink.Start(mailsink.Options{Address: first.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	away := time.Since(began)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	c := p.settled()
	got := first.Recipients()
	for address, mails := range again.Recipients() {
		got[address] += mails
	}
	unknown, repeated := p.expectAll(recipients, atLeastOnce, got)
	if unknown > connections || repeated > connections || c.Failed != 0 || first.Total() == recipients {
		t.Errorf("%d are unknown, %d repeated; the counts are %+v", unknown, repeated, c)
	}
	t.Logf("away for %s: %d unknown, %d repeated", away, unknown, repeated)
}

// TestAllKilled kills the worker and the database at once, again and again: after each time a
// window of each connection is unknown, or sent again.
func TestAllKilled(t *testing.T) {
	own := ownServer(t)
	inBothGuarantees(t, func(t *testing.T, atLeastOnce bool) {
		const recipients, kills = 900, 4
		database := own.NewDatabase(t)
		p := prepare(t, database, recipients, nil, store.Freeze{AtLeastOnce: atLeastOnce})
		began, unknown := time.Now(), int64(0)
		for kill := 1; kill <= kills; kill++ {
			worker := exec.CommandContext(t.Context(), os.Args[0])
			worker.Env = append(os.Environ(), workerVariable+"="+database)
			if err := worker.Start(); err != nil {
				t.Fatal(err)
			}
			if err := p.sink.WaitFor(t.Context(), min(recipients-100, p.sink.Total()+60+17*kill)); err != nil {
				t.Fatal(err)
			}
			if err := worker.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			p.kill(own, 0)
			_ = worker.Wait() // it was killed
			p.ahead.Add(int64(2 * time.Second))
			p.recovered()
			c := p.counts()
			if c.Unknown-unknown > connections*DefaultWindow || atLeastOnce && c.Unknown > 0 {
				t.Errorf("after %d kills the counts are %+v, and %d were unknown before", kill, c, unknown)
			}
			t.Logf("kill %d: %d more unknown, %d mails came", kill, c.Unknown-unknown, p.sink.Total())
			unknown = c.Unknown
		}
		p.settled()
		left, repeated := p.expectAll(recipients, atLeastOnce, p.sink.Recipients())
		if int64(left) != unknown || repeated > kills*connections*DefaultWindow {
			t.Errorf("%d are unknown, and were %d; %d were repeated", left, unknown, repeated)
		}
		t.Logf("%d unknown, %d repeated, %s", left, repeated, time.Since(began))
	})
}

// answered waits until the counts of the run are as wanted. Connections that the database ended
// fail first.
func (p *post) answered(wanted func(store.MessageCounts) bool) {
	p.t.Helper()
	p.eventually(func() error {
		counts, err := p.MessagesOf(p.t.Context(), p.run.ID)
		if err == nil && !wanted(counts) {
			return fmt.Errorf("the counts are %+v", counts)
		}
		return err
	})
}

// recovered settles what dead workers left.
func (p *post) recovered() {
	p.t.Helper()
	p.eventually(func() error {
		held, err := p.Recover(p.t.Context(), p.run.ID)
		if err == nil && held > 0 {
			return fmt.Errorf("%d shards are held", held)
		}
		return err
	})
}

// eventually tries until there is no error.
func (p *post) eventually(try func() error) {
	p.t.Helper()
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		err := try()
		if err == nil {
			return
		}
		if time.Since(began) > time.Minute {
			p.t.Fatal(err)
		}
	}
}
