package mailsink

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Kind is what goes wrong.
type Kind string

// Kinds of faults.
const (
	// RejectRecipient answers RCPT with Code.
	RejectRecipient Kind = "RejectRecipient"
	// RejectMessage answers the final dot with Code.
	RejectMessage Kind = "RejectMessage"
	// DropBefore closes the connection at the final dot; the message is not accepted.
	DropBefore Kind = "DropBefore"
	// DropAfter closes the connection at the final dot; the message is accepted and
	// counted, but the client does not learn of it.
	DropAfter Kind = "DropAfter"
	// Delay holds back replies, each time that some are written.
	Delay Kind = "Delay"
	// GoAhead answers DATA with 354 though every recipient was rejected, as some
	// servers do with clients that pipeline. The final dot is then answered 554.
	GoAhead Kind = "GoAhead"
	// Unavailable answers everything with 421.
	Unavailable Kind = "Unavailable"
	// Refuse resets new connections before a word is said. Open ones go on.
	Refuse Kind = "Refuse"
	// Outage resets all connections, open and new.
	Outage Kind = "Outage"
)

// Kinds are all kinds of faults.
var Kinds = []Kind{RejectRecipient, RejectMessage, DropBefore, DropAfter, Delay, GoAhead, Unavailable, Refuse, Outage}

// Fault is something that goes wrong on purpose. Whom it strikes follows from the
// recipients alone: the same recipients are struck in every run, in any order. A
// message is struck if one of its recipients is.
type Fault struct {
	Kind Kind `json:"kind"`
	// Code, Enhanced and Text are the reply of RejectRecipient and RejectMessage: a
	// code of 400 to 599, an enhanced code such as 4.2.2 (left out: 4.0.0 or 5.0.0),
	// and text. After 421 the connection is closed.
	Code     int    `json:"code,omitempty"`
	Enhanced string `json:"enhanced,omitempty"`
	Text     string `json:"text,omitempty"`
	// Recipients are the addresses that are struck. With neither Recipients nor
	// Share it is all.
	Recipients []string `json:"recipients,omitempty"`
	// Share of all recipients that is struck, from 0 to 1, chosen by Seed.
	Share float64 `json:"share,omitempty"`
	Seed  uint64  `json:"seed,omitempty"`
	// Times is how often each recipient is struck before all goes well; 0: always.
	Times int `json:"times,omitempty"`
	// Delay is how long replies are held back by the kind of that name.
	Delay time.Duration `json:"delay,omitempty"`
}

// SetFault makes these faults happen from now on, and no others. Without any, all
// goes well again. Of several that strike the same, the first counts.
func (s *Sink) SetFault(set ...Fault) error {
	next := &faults{set: slices.Clone(set)}
	for _, fault := range next.set {
		if err := fault.check(); err != nil {
			return fmt.Errorf("setting a fault: %w", err)
		}
		switch fault.Kind {
		case Delay:
			next.delay = fault.Delay
		case GoAhead:
			next.goAhead = true
		case Unavailable:
			next.unavailable = true
		case Refuse, Outage:
			next.refuse = true
		default:
			next.rules = append(next.rules, newRule(fault))
		}
	}
	s.faults.Store(next)
	// Only now: what connects meanwhile is refused already.
	if slices.ContainsFunc(set, func(fault Fault) bool { return fault.Kind == Outage }) {
		s.resetAll()
	}
	return nil
}

// Faults are those that happen now.
func (s *Sink) Faults() []Fault { return slices.Clone(s.faults.Load().set) }

var (
	enhancedCode = regexp.MustCompile(`^[45]\.[0-9]{1,3}\.[0-9]{1,3}$`)
	replyText    = regexp.MustCompile(`^[\t -~]{0,400}$`)
)

// check refuses what could not be meant.
func (f Fault) check() error {
	if !slices.Contains(Kinds, f.Kind) {
		return fmt.Errorf("unknown kind %q", f.Kind)
	}
	if f.Share < 0 || f.Share > 1 || math.IsNaN(f.Share) {
		return fmt.Errorf("%s: a share is from 0 to 1, not %v", f.Kind, f.Share)
	}
	if f.Times < 0 || f.Delay < 0 {
		return fmt.Errorf("%s: times and delay cannot be negative", f.Kind)
	}
	if f.Kind == Delay && f.Delay == 0 {
		return fmt.Errorf("%s: the delay is missing", f.Kind)
	}
	if f.Kind == RejectRecipient || f.Kind == RejectMessage {
		return f.checkReply()
	}
	return nil
}

func (f Fault) checkReply() error {
	if f.Code < 400 || f.Code > 599 {
		return fmt.Errorf("%s: a code is from 400 to 599, not %d", f.Kind, f.Code)
	}
	if f.Enhanced != "" && (!enhancedCode.MatchString(f.Enhanced) || int(f.Enhanced[0]-'0') != f.Code/100) {
		return fmt.Errorf("%s: %q is no enhanced code of %d", f.Kind, f.Enhanced, f.Code)
	}
	if !replyText.MatchString(f.Text) {
		return fmt.Errorf("%s: the text of a reply is one line of plain characters", f.Kind)
	}
	return nil
}

// faults are what is looked at while mail comes in. They do not change: setting
// others replaces them.
type faults struct {
	set         []Fault
	rules       []*rule
	delay       time.Duration
	goAhead     bool
	unavailable bool
	refuse      bool
}

// strike finds the first fault of certain kinds that strikes one of the recipients.
func (f *faults) strike(recipients []byte, kinds ...Kind) *rule {
	for _, r := range f.rules {
		if slices.Contains(kinds, r.kind) && r.strikes(string(recipients)) {
			return r
		}
	}
	return nil
}

// rule is a fault that strikes some recipients.
type rule struct {
	kind  Kind
	code  int
	reply string
	// all tells that every recipient is chosen.
	all    bool
	chosen map[string]bool
	share  float64
	seed   uint64
	times  int
	mutex  sync.Mutex
	struck map[string]int
}

func newRule(fault Fault) *rule {
	enhanced := fault.Enhanced
	if enhanced == "" {
		enhanced = fmt.Sprintf("%d.0.0", fault.Code/100)
	}
	text := fault.Text
	if text == "" {
		text = "a fault that was asked for"
	}
	chosen := map[string]bool{}
	for _, recipient := range fault.Recipients {
		chosen[recipient] = true
	}
	return &rule{
		kind:   fault.Kind,
		code:   fault.Code,
		reply:  fmt.Sprintf("%d %s %s", fault.Code, enhanced, text),
		all:    fault.Share == 1 || len(fault.Recipients) == 0 && fault.Share == 0,
		chosen: chosen,
		share:  fault.Share,
		seed:   fault.Seed,
		times:  fault.Times,
		struck: map[string]int{},
	}
}

// strikes tells whether one of the recipients is struck, and counts it.
func (r *rule) strikes(recipients string) bool {
	for recipient := range strings.SplitSeq(recipients, string(separator)) {
		if !r.chooses(recipient) {
			continue
		}
		if r.times == 0 {
			return true
		}
		r.mutex.Lock()
		left := r.struck[recipient] < r.times
		if left {
			r.struck[recipient]++
		}
		r.mutex.Unlock()
		if left {
			return true
		}
	}
	return false
}

// chooses tells whether a recipient is among those meant.
func (r *rule) chooses(recipient string) bool {
	if r.all || r.chosen[recipient] {
		return true
	}
	if r.share == 0 {
		return false
	}
	hash := xxhash.Sum64(append(binary.BigEndian.AppendUint64(nil, r.seed), recipient...))
	return float64(hash) < r.share*math.MaxUint64
}
