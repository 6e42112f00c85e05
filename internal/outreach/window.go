package outreach

import (
	"cmp"
	"strconv"
	"time"

	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/store"
)

// Reasons in the place of a server's code.
const (
	codeSuppressed    = "Suppressed"
	codeNoAddress     = "NoAddress"
	codeUnsubscribed  = "Unsubscribed"
	codeNoConsent     = "NoConsent"
	codeNotInAudience = "NotInAudience"
	codeOpenComplaint = "OpenComplaint"
	codeCapped        = "Capped"
	codeNotMade       = "NotMade"
	codeDryRun        = "DryRun"
	codeChannel       = "ChannelTrouble"
	codeBroken        = "ConnectionLost"
)

// window is what was granted to a lane, and what became of it.
type window struct {
	*lane
	settlement store.Settlement
	// waited are messages of it that were tried before, by number.
	waited map[int64]store.Later
	// trouble says that the whole channel is in trouble, and suspect that the next message
	// which was not handed over may be what ended the connection.
	trouble, suspect bool
	// wait is for how long the channel asked to be left alone, and said what it said.
	wait time.Duration
	said string
}

func (l *lane) begin(granted store.Granted) *window {
	w := &window{lane: l, settlement: store.Settlement{Shard: granted.Shard}, waited: map[int64]store.Later{}}
	for _, later := range granted.Again {
		w.waited[later.Seq] = later
	}
	return w
}

// back gives a message back, to be tried after a while. tried is 1 where that was an attempt.
func (w *window) back(seq int64, wait time.Duration, code string, tried int64) {
	w.backUntil(seq, time.Now().Add(wait).UnixMilli(), code, tried)
}

// backUntil gives it back until a moment, in milliseconds.
func (w *window) backUntil(seq, due int64, code string, tried int64) {
	before, was := w.waited[seq]
	w.settlement.Later = append(w.settlement.Later, store.Later{Seq: seq, Attempts: before.Attempts + tried, Due: due, Code: code, Waited: was})
}

// final settles a message.
func (w *window) final(seq int64, state store.MessageState, code string) {
	before, was := w.waited[seq]
	w.settlement.Outcomes = append(w.settlement.Outcomes, store.Outcome{Seq: seq, Attempt: before.Attempts + 1, State: state, Code: code, Waited: was})
}

// putOff lets a message wait until a moment, in milliseconds, or skips it if its time is over
// by then.
func (w *window) putOff(seq, until int64, code string) {
	if end := w.settlement.Shard.NotAfter; end > 0 && until > end {
		w.final(seq, store.MessageSkipped, code)
		return
	}
	w.backUntil(seq, until, code, 0)
}

// mayTry tells whether a message may be tried once more after this attempt.
func (w *window) mayTry(seq int64) bool { return w.waited[seq].Attempts+1 < int64(w.plan.Attempts) }

// judge makes of an outcome what is settled, and what goes back.
func (w *window) judge(seq int64, o mail.Outcome) {
	if o.Channel {
		w.trouble, w.wait, w.said = true, max(w.wait, o.Wait), cmp.Or(code(o), w.said, "nothing")
	}
	switch {
	case o.State == mail.StateSent:
		w.final(seq, store.MessageSent, "")
	case o.State == mail.StateUnknown && w.run.AtLeastOnce && w.mayTry(seq):
		// Whoever never answers must not be sent the same for ever.
		w.back(seq, jittered(again(w.waited[seq].Attempts+1)), "", 1)
	case o.State == mail.StateUnknown:
		w.final(seq, store.MessageUnknown, "")
	case o.State == mail.StateNotTried:
		w.judgeNotTried(seq)
	case o.Channel:
		// It would have met everybody: it is nobody's failure.
		w.back(seq, max(jittered(5*time.Second), o.Wait), codeChannel+" "+code(o), 0)
	case o.State == mail.StateDeferred && w.mayTry(seq):
		w.back(seq, jittered(again(w.waited[seq].Attempts+1)), code(o), 1)
	default:
		w.final(seq, store.MessageFailed, code(o))
	}
}

// judgeNotTried: a mail that ends every connection must not be tried for ever.
func (w *window) judgeNotTried(seq int64) {
	suspect := w.suspect
	w.suspect = false
	switch {
	case !suspect:
		w.back(seq, 0, "", 0)
	case w.mayTry(seq):
		w.back(seq, jittered(5*time.Second), codeBroken, 1)
	default:
		w.final(seq, store.MessageFailed, codeBroken)
	}
}

// code is what the server said, such as 550 5.1.1.
func code(o mail.Outcome) string {
	text := ""
	if o.Code > 0 {
		text = strconv.Itoa(o.Code)
	}
	if o.Enhanced != (mail.EnhancedCode{}) {
		if text != "" {
			text += " "
		}
		text += o.Enhanced.String()
	}
	return text
}

// skipped says why a recipient is not written to any more; "" if it is.
func skipped(to store.Recipient) string {
	switch {
	case to.Suppressed:
		return codeSuppressed
	case to.Address == "":
		return codeNoAddress
	case to.Unsubscribed:
		return codeUnsubscribed
	case to.NoConsent:
		return codeNoConsent
	case to.NotInAudience:
		return codeNotInAudience
	}
	return ""
}
