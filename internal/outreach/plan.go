// Package outreach sends a run: it takes windows of a frozen audience from the store, renders
// and sends them, and settles what became of each message. What it means to send is in the
// store before the first byte leaves, so that whatever ends it, nothing is lost and nothing
// is sent twice in silence.
package outreach

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach/message"
	"github.com/fairlead/fairlead/internal/store"
)

// Plan is what a run sends, and how. It is frozen with the audience, and its text is what the
// digest covers.
type Plan struct {
	// Declared is a digest of what an Outreach by hand declared: one that is made anew, in the same
	// words, has the same run. "" of a rule's, and of plans before there was one.
	Declared string `json:"declared,omitempty"`
	// Topic that the messages are about.
	Topic string `json:"topic"`
	// Messages, one a locale.
	Messages []crm.Message `json:"messages"`
	Channel  Channel       `json:"channel"`
	// Cost of one message; nil if it costs nothing.
	Cost *crm.Money `json:"cost,omitempty"`
	// Series that the messages are about; "" for none.
	Series string `json:"series,omitempty"`
	// LoyaltyProgram whose members the messages speak to; "" where they speak of none.
	LoyaltyProgram string `json:"loyaltyProgram,omitempty"`
	// Exhibition that the messages are about; nil for none.
	Exhibition *Exhibition `json:"exhibition,omitempty"`
	// Links of the messages; nil where the store has no gateway.
	Links *LinkSettings `json:"links,omitempty"`
	// Guardrails that hold while it is sent, and that were asked before.
	Guardrails *crm.Guardrails `json:"guardrails,omitempty"`
	// Policy is what the store's ContactPolicies ask; nil for nothing.
	Policy *Policy `json:"policy,omitempty"`
	// ExpireAfterSeconds the freeze nothing is sent any more; 0 for never.
	ExpireAfterSeconds int64 `json:"expireAfterSeconds,omitempty"`
	// Window is how many messages a connection means to send at a time: after a crash no more
	// than so many of each are unknown.
	Window int `json:"window"`
	// Attempts that a message gets where the server puts it off.
	Attempts int `json:"attempts"`
}

// Channel is how messages leave: an OutreachChannel as it was when the run was frozen,
// without its credentials.
type Channel struct {
	// Name is the namespace and the name.
	Name       string       `json:"name"`
	Medium     crm.Medium   `json:"medium"`
	Delivery   crm.Delivery `json:"delivery"`
	RedirectTo string       `json:"redirectTo,omitempty"`
	SMTP       *crm.SMTP    `json:"smtp,omitempty"`
	Webhook    *crm.Webhook `json:"webhook,omitempty"`
	From       *crm.Sender  `json:"from,omitempty"`
	ReplyTo    string       `json:"replyTo,omitempty"`
	// MessagesPerSecond at most, over all workers and runs.
	MessagesPerSecond int32 `json:"messagesPerSecond"`
}

// Exhibition is the edition that messages are about, as it was declared when the run was
// frozen. Days are written as 2026-07-20.
type Exhibition struct {
	Series     string            `json:"series"`
	Edition    string            `json:"edition"`
	Title      string            `json:"title"`
	Venue      string            `json:"venue,omitempty"`
	City       string            `json:"city,omitempty"`
	Country    string            `json:"country,omitempty"`
	TimeZone   string            `json:"timeZone"`
	Opens      string            `json:"opens"`
	Closes     string            `json:"closes"`
	Milestones map[string]string `json:"milestones,omitempty"`
}

// Defaults of a plan.
const (
	// DefaultWindow leaves ten messages of a connection unknown at most.
	DefaultWindow = 10
	// DefaultAttempts spread over a day and a half.
	DefaultAttempts = 8
)

// Text is the plan as a run keeps it: the same plan has the same text.
func (p *Plan) Text() (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("writing a plan: %w", err)
	}
	return string(text), nil
}

// ParsePlan reads the text of a plan.
func ParsePlan(text string) (*Plan, error) {
	var p Plan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return nil, fmt.Errorf("reading a plan: %w", err)
	}
	if p.Window < 1 || p.Attempts < 1 || p.Channel.MessagesPerSecond < 1 || len(p.Messages) == 0 {
		return nil, fmt.Errorf("reading a plan: it has no window, attempts, rate or messages")
	}
	return &p, nil
}

// MessageID is that of a message of a run: a mail's Message-ID, without its angle brackets,
// or a webhook's. It is the same whenever the message is made.
func (p *Plan) MessageID(run *store.Run, seq int64) string { return p.messageIDs(run)(seq) }

func (p *Plan) messageIDs(run *store.Run) func(seq int64) string {
	sum := sha256.Sum256([]byte(run.Key + "\n" + run.PlanDigest))
	id := hex.EncodeToString(sum[:10])
	if p.Channel.From == nil {
		// Without a full stop: one ends the ID in what is signed.
		return func(seq int64) string { return "msg_" + id + "_" + strconv.FormatInt(seq, 10) }
	}
	_, domain, _ := strings.Cut(string(p.Channel.From.Address), "@")
	return func(seq int64) string { return id + "." + strconv.FormatInt(seq, 10) + "@" + domain }
}

// Locales of the messages, in their order.
func (p *Plan) Locales() []string {
	locales := make([]string, len(p.Messages))
	for i, m := range p.Messages {
		locales[i] = string(m.Locale)
	}
	return locales
}

// Compile makes the messages ready.
func (p *Plan) Compile(known message.Catalog) (*message.Compiled, error) {
	compiled, mistakes := message.Compile(p.Messages, known)
	if len(mistakes) > 0 {
		return nil, fmt.Errorf("compiling the messages: %w", mistakes[0])
	}
	return compiled, nil
}

// window is how many messages are sent at a time: no more than half a second of the rate, so
// that the rate is kept evenly, and a pause is heard soon.
func (p *Plan) window() int {
	return max(1, min(p.Window, int(p.Channel.MessagesPerSecond/2)))
}

// rate is that of the channel.
func (p *Plan) rate() store.Rate {
	return store.Rate{Channel: p.Channel.Name, PerSecond: float64(p.Channel.MessagesPerSecond)}
}

// halts tells whether too many messages failed, of enough to say so.
func (p *Plan) halts(settled, failed int64) bool {
	if p.Guardrails == nil || p.Guardrails.Halt == nil {
		return false
	}
	limit := p.Guardrails.Halt
	return settled >= int64(limit.MinimumSample) && 100*failed > int64(limit.FailurePercent)*settled
}

// again is how long to wait before the next attempt after so many, as mail servers do: from a
// minute to eight hours.
func again(attempts int64) time.Duration {
	wait := time.Minute
	for range min(attempts, 10) - 1 {
		wait *= 3
	}
	return min(wait, 8*time.Hour)
}
