package outreachchannel

import (
	"errors"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// about tells whether a pause is as long as another, but for jitter.
func about(pause, want time.Duration) bool {
	return pause >= want && pause <= time.Duration(float64(want)*(1+jitter))
}

func TestRemembered(t *testing.T) {
	pace, now := DefaultPace(), time.Unix(1_000_000, 0)
	asked := questionOf(mailChannel(), login("desk", "of today"), nil)
	other := questionOf(mailChannel(), login("desk", "of tomorrow"), nil)
	r := &Reconciler{}
	known := r.recall(client.ObjectKeyFromObject(mailChannel()), mailChannel())
	if !known.isDue(asked, now) {
		t.Error("a channel that nobody has looked at is not due")
	}

	known.learn(asked, nil, regularly, pace, now)
	if !about(known.next.Sub(now), pace.Check) || known.isDue(asked, now.Add(pace.Check-time.Second)) {
		t.Errorf("a server that answered is asked again after %s", known.next.Sub(now))
	}
	if !known.isDue(other, now) || !known.isDue(asked, known.next) {
		t.Error("neither another password nor time makes it due")
	}
	if rest := known.rest(pace, regularly, now); !about(rest, pace.Interval) {
		t.Errorf("the Secret is read again after %s", rest)
	}
	if rest := known.rest(pace, regularly, known.next.Add(-time.Second)); rest != time.Second {
		t.Errorf("the server is asked again after %s", rest)
	}
	if rest := known.rest(pace, whenChanged, now); rest != 0 {
		t.Errorf("what is watched is looked at again after %s", rest)
	}

	// A fault is tried again after growing pauses, whatever else wakes the channel.
	away := errors.New("away")
	for _, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second} {
		known.learn(asked, away, soon, pace, now)
		if !about(known.next.Sub(now), want) || known.isDue(asked, now) {
			t.Errorf("tried again after %s, want %s", known.next.Sub(now), want)
		}
	}
	for range 100 {
		known.learn(asked, away, soon, pace, now)
	}
	if !about(known.next.Sub(now), pace.LongestPause) {
		t.Errorf("tried again after %s at last", known.next.Sub(now))
	}
	// Another question begins anew.
	known.learn(other, away, soon, pace, now)
	if !about(known.next.Sub(now), pace.FirstPause) {
		t.Errorf("another server is tried again after %s", known.next.Sub(now))
	}
	known.learn(other, nil, regularly, pace, now)
	if known.failures != 0 {
		t.Error("failures outlast success")
	}

	// Without its Secret there is nothing to remember, and growing pauses as well.
	known.lack(pace, now)
	known.lack(pace, now)
	if !known.isDue(other, now) || !about(known.rest(pace, soon, now), 2*pace.FirstPause) {
		t.Errorf("without a Secret it is %+v", known)
	}

	if r.recall(client.ObjectKeyFromObject(mailChannel()), mailChannel()) != known {
		t.Error("what was remembered is forgotten")
	}
	if again := mailChannel(func(c *crm.OutreachChannel) { c.UID = "2" }); r.recall(client.ObjectKeyFromObject(again), again) == known {
		t.Error("another channel of the same name has what was remembered of the first")
	}
	known.forget()
	if !known.isDue(other, now) || known.uid != "1" {
		t.Error("it is not forgotten")
	}
}

func TestQuestion(t *testing.T) {
	first := questionOf(mailChannel(), login("desk", "of today"), nil)
	for name, same := range map[string]*crm.OutreachChannel{
		"as it is":  mailChannel(),
		"its rate":  mailChannel(func(c *crm.OutreachChannel) { c.Spec.MessagesPerSecond, c.Generation = 7, 9 }),
		"labels":    mailChannel(func(c *crm.OutreachChannel) { c.Labels = map[string]string{"a": "b"} }),
		"reply to":  mailChannel(func(c *crm.OutreachChannel) { c.Spec.ReplyTo = "team@airshow.example" }),
		"its state": mailChannel(func(c *crm.OutreachChannel) { c.ResourceVersion = "9" }),
	} {
		if questionOf(same, login("desk", "of today"), nil) != first {
			t.Errorf("%s makes another question", name)
		}
	}
	for name, other := range map[string]question{
		"the host":      questionOf(mailChannel(func(c *crm.OutreachChannel) { c.Spec.SMTP.Host = "other" }), login("desk", "of today"), nil),
		"a request":     questionOf(mailChannel(func(c *crm.OutreachChannel) { c.Annotations = map[string]string{crm.AnnotationRequestedAt: "now"} }), login("desk", "of today"), nil),
		"the password":  questionOf(mailChannel(), login("desk", "of tomorrow"), nil),
		"what is where": questionOf(mailChannel(), login("desko", "f today"), nil),
		"authorities":   questionOf(mailChannel(), login("desk", "of today"), []byte("of ours")),
		"no login":      questionOf(mailChannel(), nil, nil),
	} {
		if other == first {
			t.Errorf("%s makes no other question", name)
		}
	}
}
