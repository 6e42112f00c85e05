package outreach

import (
	"testing"
	"time"
)

// TestPressure: lanes leave a channel in trouble alone, and then one of them tries.
func TestPressure(t *testing.T) {
	now := time.Date(2026, 7, 20, 9, 0, 0, 0, time.UTC)
	p, first, second := &pressure{}, &lane{}, &lane{}
	expect := func(what string, l *lane, may bool, least, most time.Duration) {
		t.Helper()
		if wait, is := p.ask(l, now); is != may || wait < least || wait > most {
			t.Errorf("%s: it may %t after %s, want %t after %s to %s", what, is, wait, may, least, most)
		}
	}
	expect("all is well", first, true, 0, 0)
	p.trouble(first, now, 0)
	expect("a connection ended", first, true, 0, 0)
	p.well(now)
	p.trouble(second, now, 0)
	expect("another one did, after a window went through", second, true, 0, 0)
	p.trouble(first, now, 0)
	expect("and one more", first, false, 500*time.Millisecond, 1500*time.Millisecond)
	p.trouble(second, now, 0)
	expect("what was under way then counts once", second, false, 500*time.Millisecond, 1500*time.Millisecond)
	p.well(now)
	expect("so does what went through", second, false, 500*time.Millisecond, 1500*time.Millisecond)

	now = now.Add(2 * time.Second)
	expect("one tries", first, true, 0, 0)
	expect("the other looks on", second, false, glance, glance)
	p.leave(second)
	expect("the other still looks on", second, false, glance, glance)
	p.leave(first)
	expect("the one had nothing to try", second, true, 0, 0)
	p.trouble(second, now, 0)
	expect("in vain", first, false, 1500*time.Millisecond, 2500*time.Millisecond)
	for range 20 {
		now = now.Add(time.Hour)
		expect("again and again", first, true, 0, 0)
		p.trouble(first, now, 0)
	}
	expect("it grows no further", first, false, 22*time.Second, 38*time.Second)

	now = now.Add(time.Minute)
	expect("tried once more", first, true, 0, 0)
	p.well(now)
	expect("well again", second, true, 0, 0)
	p.trouble(second, now, 10*time.Minute)
	expect("asked for a rest at once", first, false, 10*time.Minute, 10*time.Minute)
	p.trouble(first, now.Add(time.Second), 5*time.Second)
	expect("a shorter one changes nothing", first, false, 10*time.Minute, 10*time.Minute)
}
