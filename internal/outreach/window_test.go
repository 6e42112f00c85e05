package outreach

import (
	"testing"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/store"
)

// TestJudge: what becomes of a message, by what the server said and how often it was tried.
func TestJudge(t *testing.T) {
	broken := func(attempts int64) *window { return judging(attempts, false, true) }
	for what, test := range map[string]struct {
		window  *window
		outcome mail.Outcome
		// state is "" for what goes back, with so many attempts, no sooner than wait.
		state    store.MessageState
		code     string
		attempts int64
		wait     time.Duration
		trouble  bool
	}{
		"sent":                        {window: judging(0, false, false), outcome: mail.Outcome{State: mail.StateSent, Code: 250}, state: store.MessageSent},
		"refused":                     {window: judging(0, false, false), outcome: mail.Outcome{State: mail.StateFailed, Code: 550, Enhanced: mail.EnhancedCode{Class: 5, Subject: 1, Detail: 1}}, state: store.MessageFailed, code: "550 5.1.1"},
		"refused before it was asked": {window: judging(0, false, false), outcome: mail.Outcome{State: mail.StateFailed, Enhanced: mail.CodeBadRecipient}, state: store.MessageFailed, code: "5.1.3"},
		"put off":                     {window: judging(0, false, false), outcome: mail.Outcome{State: mail.StateDeferred, Code: 450}, code: "450", attempts: 1, wait: 45 * time.Second},
		"put off again":               {window: judging(1, false, false), outcome: mail.Outcome{State: mail.StateDeferred, Code: 450}, code: "450", attempts: 2, wait: 135 * time.Second},
		"put off once too often":      {window: judging(2, false, false), outcome: mail.Outcome{State: mail.StateDeferred, Code: 450}, state: store.MessageFailed, code: "450"},
		"in flight":                   {window: judging(0, false, false), outcome: mail.Outcome{State: mail.StateUnknown}, state: store.MessageUnknown},
		"in flight, at least once":    {window: judging(0, true, false), outcome: mail.Outcome{State: mail.StateUnknown}, attempts: 1, wait: 45 * time.Second},
		"in flight once too often":    {window: judging(2, true, false), outcome: mail.Outcome{State: mail.StateUnknown}, state: store.MessageUnknown},
		"not answered":                {window: judging(0, false, false), outcome: mail.Outcome{State: mail.StateUnknown, Channel: true}, state: store.MessageUnknown, trouble: true},
		"asked to wait":               {window: judging(2, false, false), outcome: mail.Outcome{State: mail.StateDeferred, Code: 429, Channel: true, Wait: time.Hour}, code: "ChannelTrouble 429", attempts: 2, wait: time.Hour, trouble: true},
		"the whole channel":           {window: judging(2, false, false), outcome: mail.Outcome{State: mail.StateDeferred, Code: 421, Channel: true}, code: "ChannelTrouble 421", attempts: 2, wait: 3 * time.Second, trouble: true},
		"the sender":                  {window: judging(0, false, false), outcome: mail.Outcome{State: mail.StateFailed, Code: 550, Channel: true}, code: "ChannelTrouble 550", wait: 3 * time.Second, trouble: true},
		"not tried":                   {window: judging(2, false, false), outcome: mail.Outcome{State: mail.StateNotTried}, attempts: 2},
		"perhaps the culprit":         {window: broken(0), outcome: mail.Outcome{State: mail.StateNotTried}, code: codeBroken, attempts: 1, wait: 3 * time.Second},
		"the culprit":                 {window: broken(2), outcome: mail.Outcome{State: mail.StateNotTried}, state: store.MessageFailed, code: codeBroken},
	} {
		before := time.Now()
		test.window.judge(7, test.outcome)
		s := test.window.settlement
		switch {
		case test.window.trouble != test.trouble || test.window.suspect:
			t.Errorf("%s: trouble %t, suspect %t", what, test.window.trouble, test.window.suspect)
		case test.state != "":
			if len(s.Outcomes) != 1 || len(s.Later) != 0 || s.Outcomes[0].State != test.state || s.Outcomes[0].Code != test.code || s.Outcomes[0].Seq != 7 {
				t.Errorf("%s: settled is %+v", what, s)
			}
		case len(s.Outcomes) != 0 || len(s.Later) != 1 || s.Later[0].Attempts != test.attempts || s.Later[0].Code != test.code || s.Later[0].Due < before.Add(test.wait).UnixMilli():
			t.Errorf("%s: settled is %+v", what, s)
		}
	}
}

// judging is a window with one message that was tried so often before.
func judging(attempts int64, atLeastOnce, suspect bool) *window {
	l := &lane{job: &job{run: &store.Run{AtLeastOnce: atLeastOnce}, plan: &Plan{Attempts: 3}}}
	w := l.begin(store.Granted{})
	w.suspect = suspect
	if attempts > 0 {
		w.waited[7] = store.Later{Seq: 7, Attempts: attempts, Waited: true}
	}
	return w
}

func TestPlan(t *testing.T) {
	p := &Plan{Window: 10, Attempts: 3, Channel: Channel{MessagesPerSecond: 100}, Messages: []crm.Message{{Locale: "en"}, {Locale: "de"}}}
	text, err := p.Text()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParsePlan(text)
	if err != nil || read.Locales()[1] != "de" {
		t.Errorf("read back it is %+v, %v", read, err)
	}
	for _, wrong := range []string{"", "{}", `{"window": 1, "attempts": 1, "channel": {"messagesPerSecond": 1}}`} {
		if _, err := ParsePlan(wrong); err == nil {
			t.Errorf("%q is taken for a plan", wrong)
		}
	}
	// No more than half a second of the rate, and one at least.
	for rate, want := range map[int32]int{1: 1, 3: 1, 10: 5, 20: 10, 1_000: 10} {
		p.Channel.MessagesPerSecond = rate
		if got := p.window(); got != want {
			t.Errorf("at %d a second the window is %d, want %d", rate, got, want)
		}
	}
	p.Guardrails = &crm.Guardrails{Halt: &crm.Halt{FailurePercent: 10, MinimumSample: 100}}
	if p.halts(99, 99) || p.halts(100, 10) || !p.halts(100, 11) || (&Plan{}).halts(100, 100) {
		t.Error("when a run halts is amiss")
	}
	for attempts, want := range map[int64]time.Duration{1: time.Minute, 2: 3 * time.Minute, 3: 9 * time.Minute, 50: 8 * time.Hour} {
		if got := again(attempts); got != want {
			t.Errorf("after %d attempts it waits %s, want %s", attempts, got, want)
		}
	}
}
