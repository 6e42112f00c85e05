package outreach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
	"github.com/fairlead/fairlead/test/mailsink"
)

func cutSQLite(url string) (path string, is bool) { return strings.CutPrefix(url, "sqlite://") }

// expectOnce wants everybody to have got one mail.
func (p *post) expectOnce(recipients int) {
	p.t.Helper()
	got := p.sink.Recipients()
	for i := 1; i <= recipients; i++ {
		if got[addressOf(i)] != 1 {
			p.t.Errorf("%s got %d mails", addressOf(i), got[addressOf(i)])
		}
	}
	if len(got) != recipients {
		p.t.Errorf("%d got mails, want %d", len(got), recipients)
	}
}

func TestEverybodyGetsOneMail(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		const recipients = 450
		p := prepare(t, url, recipients, nil, store.Freeze{})
		p.work()
		p.expectOnce(recipients)
		p.expectCounts(store.MessageCounts{Sent: recipients})
		windows, err := p.WindowsOf(t.Context(), p.run.ID)
		if err != nil || windows.Count < recipients/DefaultWindow || windows.Took <= 0 || windows.Settling <= 0 || windows.AtMost[len(windows.AtMost)-1] != windows.Count {
			t.Errorf("the windows are %+v, %v", windows, err)
		}
		messages := p.sink.Messages()
		for _, part := range []string{"Subject: We open, Firm ", "From: \"Airshow\" <hello@airshow.example>\r\n", "Auto-Submitted: auto-generated\r\n", "multipart/alternative", "<p>Dear Firm "} {
			if !bytes.Contains(messages[0].Raw, []byte(part)) {
				t.Errorf("a mail lacks %q:\n%s", part, messages[0].Raw)
			}
		}
		if ids := p.sink.MessageIDs(); len(ids) != recipients {
			t.Errorf("there are %d Message-IDs", len(ids))
		}
		// Once more there is nothing to do.
		p.work()
		p.expectOnce(recipients)
	})
}

// TestRefusals: who is refused for good fails alone, who is put off gets it later, and who
// objected meanwhile does not.
func TestRefusals(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		p := prepare(t, url, 60, nil, store.Freeze{})
		if _, err := connect(t, url).ExecContext(t.Context(), `INSERT INTO suppression (id, source_id, external_key, medium, address_hash, scope, at, digest, import_id)
			SELECT 1, 1, 'x', 'Email', a.hash, 'All', 0, 0, 0 FROM address a JOIN contact_point k ON k.address_id = a.id WHERE k.id = 7`); err != nil {
			t.Fatal(err)
		}
		if _, err := connect(t, url).ExecContext(t.Context(), `UPDATE contact_point SET withdrawn_at = 1 WHERE id = 8`); err != nil {
			t.Fatal(err)
		}
		if err := p.sink.SetFault(
			mailsink.Fault{Kind: mailsink.RejectRecipient, Code: 550, Enhanced: "5.1.1", Recipients: []string{addressOf(1), addressOf(2)}},
			mailsink.Fault{Kind: mailsink.RejectMessage, Code: 451, Recipients: []string{addressOf(3), addressOf(4)}, Times: 1},
			mailsink.Fault{Kind: mailsink.RejectRecipient, Code: 450, Recipients: []string{addressOf(5)}},
		); err != nil {
			t.Fatal(err)
		}
		p.work()
		p.expectCounts(store.MessageCounts{Sent: 53, Failed: 2, Waiting: 3, Skipped: 2})
		for range 4 {
			p.ahead.Add(int64(10 * time.Minute))
			p.work()
		}
		// The last one was put off three times, which is as often as it is tried.
		p.expectCounts(store.MessageCounts{Sent: 55, Failed: 3, Skipped: 2})
		states := p.states()
		if states[addressOf(1)] != "Failed" || states[addressOf(3)] != "Sent" || states[addressOf(5)] != "Failed" || states[addressOf(7)] != "Skipped" || states[addressOf(8)] != "Skipped" {
			t.Errorf("the states are %v", states)
		}
		if got := p.sink.Recipients(); got[addressOf(3)] != 1 || got[addressOf(7)] != 0 || got[addressOf(8)] != 0 {
			t.Errorf("mails went to %v", got)
		}
	})
}

// TestServerAway: nothing is lost and nobody fails while the server is out.
func TestServerAway(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		p := prepare(t, url, 200, nil, store.Freeze{})
		if err := p.sink.SetFault(mailsink.Fault{Kind: mailsink.Outage}); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { w := workerOf(p.Store); w.Idle = 10 * time.Second; ended <- w.Work(t.Context()) }()
		time.AfterFunc(1500*time.Millisecond, func() { _ = p.sink.SetFault() })
		if err := p.sink.WaitFor(t.Context(), 200); err != nil {
			t.Fatal(err)
		}
		p.bringWhen(func(c store.MessageCounts) bool { return c.Settled() }, store.RunCompleted)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		p.expectOnce(200)
		p.expectCounts(store.MessageCounts{Sent: 200})
	})
}

// bringWhen ends a run once its counts are as wanted.
func (p *post) bringWhen(wanted func(store.MessageCounts) bool, to store.RunState) {
	p.t.Helper()
	deadline := time.After(time.Minute)
	for !wanted(p.counts()) {
		select {
		case <-deadline:
			p.t.Fatalf("the counts are %+v", p.counts())
		case <-time.After(5 * time.Millisecond):
		}
	}
	p.bring(store.RunSending, to)
}

// TestStopped: a worker that is told to stop finishes what is under way, and leaves the rest
// to another one; so it is with a run that is paused.
func TestStopped(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		const recipients = 600
		p := prepare(t, url, recipients, func(plan *Plan) { plan.Channel.MessagesPerSecond = 1_500 }, store.Freeze{})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- workerOf(p.Store).Work(ctx) }()
		if err := p.sink.WaitFor(t.Context(), 50); err != nil {
			t.Fatal(err)
		}
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if c := p.counts(); c.Unknown != 0 || c.Pending+c.Waiting == 0 || c.Sent != int64(p.sink.Total()) {
			t.Errorf("after a stop the counts are %+v, and the sink has %d", c, p.sink.Total())
		}
		go func() { ended <- workerOf(p.Store).Work(t.Context()) }()
		p.bringWhen(func(c store.MessageCounts) bool { return c.Sent > 200 }, store.RunPaused)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if c := p.counts(); c.Unknown != 0 || c.Pending+c.Waiting == 0 || c.Sent != int64(p.sink.Total()) {
			t.Errorf("after a pause the counts are %+v, and the sink has %d", c, p.sink.Total())
		}
		p.bring(store.RunPaused, store.RunSending)
		p.work()
		p.expectOnce(recipients)
	})
}

// TestHalt: a run that fails too often stops itself.
func TestHalt(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		p := prepare(t, url, 400, func(plan *Plan) {
			plan.Guardrails = &crm.Guardrails{Halt: &crm.Halt{FailurePercent: 20, MinimumSample: 50}}
		}, store.Freeze{})
		if err := p.sink.SetFault(mailsink.Fault{Kind: mailsink.RejectRecipient, Code: 550, Enhanced: "5.1.1", Share: 0.5, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		p.work()
		run, err := p.RunByKey(t.Context(), "k")
		if err != nil || run.State != store.RunHalted || !strings.Contains(run.Reason, "which is more than 20 %") {
			t.Errorf("the run is %+v, %v", run, err)
		}
		if c := p.counts(); c.Pending < 200 || c.Failed < 10 {
			t.Errorf("the counts are %+v", c)
		}
	})
}

// TestDryRunAndRedirect: nobody of the audience is written to.
func TestDryRunAndRedirect(t *testing.T) {
	inBoth(t, func(t *testing.T, url string) {
		p := prepare(t, url, 30, func(plan *Plan) { plan.Channel.Delivery = crm.DeliveryDryRun }, store.Freeze{})
		p.work()
		if windows, err := p.WindowsOf(t.Context(), p.run.ID); err != nil || windows.Count != 0 || windows.Settling <= 0 {
			t.Errorf("of a dry run the windows are %+v, %v", windows, err)
		}
		p.expectCounts(store.MessageCounts{Sent: 30})
		if p.sink.Total() != 0 {
			t.Errorf("%d mails went out", p.sink.Total())
		}
	})
	p := prepare(t, server.NewDatabase(t), 30, func(plan *Plan) {
		plan.Channel.Delivery, plan.Channel.RedirectTo = crm.DeliveryRedirect, "test@airshow.example"
	}, store.Freeze{})
	p.work()
	if got := p.sink.Recipients(); len(got) != 1 || got["test@airshow.example"] != 30 {
		t.Errorf("mails went to %v", got)
	}
}

func TestNoSuchRun(t *testing.T) {
	p := prepare(t, server.NewDatabase(t), 1, nil, store.Freeze{})
	w := workerOf(p.Store)
	w.Key = "other"
	if err := w.Work(t.Context()); !errors.Is(err, ErrNoRun) {
		t.Errorf("of a key without a run comes %v", err)
	}
}

// TestKilled kills workers in the middle of what they do, again and again. Nothing is lost,
// and nothing is sent twice but where the run says so.
func TestKilled(t *testing.T) {
	for _, atLeastOnce := range []bool{false, true} {
		t.Run(fmt.Sprint("AtLeastOnce=", atLeastOnce), func(t *testing.T) {
			inBoth(t, func(t *testing.T, url string) { testKilled(t, url, atLeastOnce) })
		})
	}
}

func testKilled(t *testing.T, url string, atLeastOnce bool) {
	const recipients, kills = 900, 6
	p := prepare(t, url, recipients, nil, store.Freeze{AtLeastOnce: atLeastOnce})
	for kill := 1; kill <= kills; kill++ {
		worker := exec.CommandContext(t.Context(), os.Args[0])
		worker.Env = append(os.Environ(), workerVariable+"="+url)
		worker.Stderr = os.Stderr
		if err := worker.Start(); err != nil {
			t.Fatal(err)
		}
		// Somewhere in the next window.
		if err := p.sink.WaitFor(t.Context(), min(recipients-100, p.sink.Total()+30+7*kill)); err != nil {
			t.Fatal(err)
		}
		if err := worker.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = worker.Wait() // it was killed
		p.ahead.Add(int64(2 * time.Second))
	}
	p.ahead.Add(int64(time.Minute))
	p.work()
	c := p.counts()
	states, got := p.states(), p.sink.Recipients()
	for i := 1; i <= recipients; i++ {
		state, mails := states[addressOf(i)], got[addressOf(i)]
		switch {
		case state == "":
			t.Errorf("the message to %s is lost", addressOf(i))
		case !atLeastOnce && mails > 1:
			t.Errorf("%s got %d mails", addressOf(i), mails)
		case state == "Sent" && mails == 0, atLeastOnce && state == "Unknown":
			t.Errorf("the message to %s is %s, and %d mails came", addressOf(i), state, mails)
		}
	}
	// Four connections, and a window of each.
	if c.Unknown > kills*4*DefaultWindow || c.Sent+c.Unknown != recipients {
		t.Errorf("the counts are %+v", c)
	}
	t.Logf("%+v, %d mails", c, p.sink.Total())
}
