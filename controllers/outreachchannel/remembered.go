package outreachchannel

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
)

// jitter spreads checks, so that many channels do not come all at once.
const jitter = 0.2

// remembered is what earlier passes of this manager know of a channel. It is lost
// with the manager, and found again by a check.
type remembered struct {
	uid types.UID
	// asked of the server last, and what came of it; nil if all was well. It is not
	// asked the same again before next, which is zero if it has not been asked yet.
	asked question
	found error
	next  time.Time
	// failures are the passing faults in a row.
	failures int
}

// recall gives what is remembered of a channel.
func (r *Reconciler) recall(name types.NamespacedName, channel *crm.OutreachChannel) *remembered {
	found, _ := r.passes.LoadOrStore(name, &remembered{uid: channel.UID})
	known, is := found.(*remembered)
	if !is || known.uid != channel.UID {
		known = &remembered{uid: channel.UID}
		r.passes.Store(name, known)
	}
	return known
}

// forget what came of the last check.
func (known *remembered) forget() { *known = remembered{uid: known.uid} }

// isDue tells whether a server has to be asked.
func (known *remembered) isDue(asked question, now time.Time) bool {
	return known.next.IsZero() || asked != known.asked || !now.Before(known.next)
}

// learn what came of a check, and when the next one is due.
func (known *remembered) learn(asked question, found error, when again, pace Pace, now time.Time) {
	if asked != known.asked {
		known.failures = 0
	}
	known.asked, known.found = asked, found
	if when == soon {
		known.postpone(pace, now)
		return
	}
	known.failures = 0
	known.next = now.Add(wait.Jitter(pace.Check, jitter))
}

// lack the Secret to ask with, and forget what came of earlier ones.
func (known *remembered) lack(pace Pace, now time.Time) {
	known.asked, known.found = question{}, nil
	known.postpone(pace, now)
}

// postpone the next look after a passing fault.
func (known *remembered) postpone(pace Pace, now time.Time) {
	known.failures++
	known.next = now.Add(wait.Jitter(pace.pause(known.failures), jitter))
}

// rest is the pause before the next pass, zero for none. Secrets are read at every
// interval, whenever the server is to be asked again.
func (known *remembered) rest(pace Pace, when again, now time.Time) time.Duration {
	if when == whenChanged {
		return 0
	}
	pause, until := wait.Jitter(pace.Interval, jitter), known.next.Sub(now)
	if when == soon || until > 0 {
		pause = min(pause, max(until, pace.FirstPause))
	}
	return pause
}
