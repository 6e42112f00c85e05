package main

import (
	"time"

	"github.com/fairlead/fairlead/internal/outreach"
	"github.com/fairlead/fairlead/internal/store"
)

// whyPerson is somebody who was considered at a customer, or the customer itself.
type whyPerson struct {
	Code  string   `json:"code"`
	Name  string   `json:"name"`
	Roles []string `json:"roles,omitempty"`
	Title string   `json:"title,omitempty"`
	// Itself says that it is the customer.
	Itself bool `json:"itself,omitempty"`
	// Written to, or Reason why not.
	Written bool   `json:"written"`
	Reason  string `json:"reason,omitempty"`
	// Mailbox is who is written to at the same mailbox where that is the reason.
	Mailbox      *whyMailbox      `json:"mailboxOf,omitempty"`
	BadAddresses []string         `json:"badAddresses,omitempty"`
	Consents     []whyConsent     `json:"consents,omitempty"`
	Suppressions []whySuppression `json:"suppressions,omitempty"`
	Objections   []whyObjection   `json:"objections,omitempty"`
	Contacts     []whyContacts    `json:"contacts,omitempty"`
	// Caps are told of who is written to.
	Caps []whyCap `json:"caps,omitempty"`
}

type whyMailbox struct {
	Customer string `json:"customer"`
	Reader   string `json:"reader"`
}

type whyConsent struct {
	Given     time.Time `json:"given"`
	Withdrawn time.Time `json:"withdrawn,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`
	// Holds now.
	Holds bool `json:"holds"`
}

type whySuppression struct {
	Scope   string    `json:"scope"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Expires time.Time `json:"expires,omitzero"`
	// Holds says that it stands in the way of this message.
	Holds bool `json:"holds"`
}

type whyObjection struct {
	// Topic is left out for all.
	Topic     string    `json:"topic,omitempty"`
	Method    string    `json:"method"`
	At        time.Time `json:"at"`
	TakenBack time.Time `json:"takenBack,omitzero"`
	// Holds says that it stands in the way of this message.
	Holds bool `json:"holds"`
}

type whyContacts struct {
	Medium string      `json:"medium"`
	At     []time.Time `json:"at"`
}

// whyCap is what a cap says of a mailbox now.
type whyCap struct {
	Policy   string `json:"policy"`
	Messages int32  `json:"messages"`
	PerDays  int32  `json:"perDays"`
	// Had is how many messages the mailbox got in the window that ends now.
	Had int `json:"had"`
	// Opens is when it may get another one; left out if now.
	Opens time.Time `json:"opens,omitzero"`
}

// instant is one of milliseconds; zero of 0.
func instant(millis int64) time.Time {
	if millis == 0 {
		return time.Time{}
	}
	return time.UnixMilli(millis).UTC()
}

// person is one who was considered as it is told.
func (w why) person(c store.Considered) whyPerson {
	told := whyPerson{Code: c.Code, Name: c.Name, Roles: c.Roles, Title: c.Title, Itself: c.Itself, Written: c.Reason == "", Reason: c.Reason, BadAddresses: c.BadAddresses}
	if c.MailboxOf[0] != "" {
		told.Mailbox = &whyMailbox{c.MailboxOf[0], c.MailboxOf[1]}
	}
	isOver := func(at time.Time) bool { return !at.IsZero() && !at.After(w.now) }
	for _, g := range c.Consents {
		consent := whyConsent{Given: time.UnixMilli(g.Given).UTC(), Withdrawn: instant(g.Withdrawn), Expires: instant(g.Expires)}
		consent.Holds = !consent.Given.After(w.now) && !isOver(consent.Withdrawn) && !isOver(consent.Expires)
		told.Consents = append(told.Consents, consent)
	}
	for _, k := range c.Suppressions {
		suppression := whySuppression{Scope: k.Scope, Reason: k.Reason, At: instant(k.At), Expires: instant(k.Expires)}
		suppression.Holds = !isOver(suppression.Expires) && (k.Scope == "All" || w.freeze.Promotional)
		told.Suppressions = append(told.Suppressions, suppression)
	}
	for _, k := range c.Objections {
		told.Objections = append(told.Objections, whyObjection{k.Topic, k.Method, instant(k.At), instant(k.TakenBackAt), k.TakenBackAt == 0 && w.freeze.Promotional})
	}
	var had []time.Time
	for _, past := range c.Contacts {
		contacts := whyContacts{Medium: past.Medium}
		for _, at := range past.At {
			contacts.At = append(contacts.At, instant(at))
		}
		told.Contacts = append(told.Contacts, contacts)
		if past.Medium == w.freeze.Medium {
			had = contacts.At
		}
	}
	if told.Written {
		told.Caps = capsNow(w.limits, had, w.now)
	}
	return told
}

// capsNow is what caps say of a mailbox that had messages, the newest first. A cap is open once
// the message that is as many back as it allows is out of its window.
func capsNow(limits []namedCap, had []time.Time, now time.Time) (caps []whyCap) {
	for _, limit := range limits {
		window := time.Duration(limit.PerDays) * 24 * time.Hour
		told := whyCap{Policy: limit.policy, Messages: limit.Messages, PerDays: limit.PerDays}
		for _, at := range had {
			if at.Add(window).After(now) {
				told.Had++
			}
		}
		if back := int(limit.Messages) - 1; back < len(had) && had[back].Add(window).After(now) {
			told.Opens = had[back].Add(window)
		}
		caps = append(caps, told)
	}
	return caps
}

// whyMessage is a message and what became of it.
type whyMessage struct {
	RunKey   string    `json:"runKey"`
	RunState string    `json:"runState"`
	Frozen   time.Time `json:"frozen"`
	Code     string    `json:"code"`
	Name     string    `json:"name"`
	// MessageID that the mail or the post has.
	MessageID string `json:"messageID"`
	// State is that of the last attempt, or Pending, Waiting, InFlight or NotSent.
	State    string       `json:"state"`
	Attempts []whyAttempt `json:"attempts"`
	// Waits until then, after so many attempts, because of a code.
	Waits         time.Time `json:"waits,omitzero"`
	WaitsAttempts int64     `json:"waitsAttempts,omitempty"`
	WaitsCode     string    `json:"waitsCode,omitempty"`
	// NotBefore and NotAfter bound when it is sent.
	NotBefore time.Time `json:"notBefore,omitzero"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
}

type whyAttempt struct {
	Attempt int64     `json:"attempt"`
	State   string    `json:"state"`
	Code    string    `json:"code,omitempty"`
	At      time.Time `json:"at"`
}

// Where a message stands that has no outcome.
const (
	// messageWaiting is tried again later.
	messageWaiting = "Waiting"
	// messageInFlight is in the window of a worker, which sends it now or died over it.
	messageInFlight = "InFlight"
	// messagePending was not tried yet.
	messagePending = "Pending"
	// messageNotSent is not tried any more: the run is over.
	messageNotSent = "NotSent"
)

// messageOf is a message as it is told.
func messageOf(m store.ExplainedMessage) (told whyMessage, err error) {
	plan, err := outreach.ParsePlan(m.Run.Plan)
	if err != nil {
		return told, err
	}
	told = whyMessage{
		RunKey: m.Run.Key, RunState: string(m.Run.State), Frozen: instant(m.Run.FrozenAt), Code: m.Code, Name: m.Name, MessageID: plan.MessageID(&m.Run, m.Seq),
		State: stateOf(m), Attempts: []whyAttempt{}, NotBefore: instant(m.NotBefore), NotAfter: instant(m.NotAfter),
	}
	for _, o := range m.Outcomes {
		told.Attempts = append(told.Attempts, whyAttempt{o.Attempt, string(o.State), o.Code, instant(o.At)})
	}
	if m.Waiting != nil {
		told.Waits, told.WaitsAttempts, told.WaitsCode = instant(m.Waiting.Due), m.Waiting.Attempts, m.Waiting.Code
	}
	return told, nil
}

func stateOf(m store.ExplainedMessage) string {
	over := m.Run.State.IsFinal()
	switch {
	case m.Waiting != nil && over:
		return messageNotSent
	case m.Waiting != nil:
		return messageWaiting
	case len(m.Outcomes) > 0:
		return string(m.Outcomes[len(m.Outcomes)-1].State)
	case m.InFlight:
		return messageInFlight
	case over:
		return messageNotSent
	}
	return messagePending
}
