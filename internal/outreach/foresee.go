package outreach

import (
	"context"
	"errors"
	"time"

	"github.com/fairlead/fairlead/internal/outreach/message"
	"github.com/fairlead/fairlead/internal/store"
)

// Letter is a mail as a worker would hand it over.
type Letter struct {
	store.Recipient
	// Locale of the message.
	Locale string
	// Envelope is the address that it goes to, be it redirected.
	Envelope string
	// MessageID without its angle brackets. Before a run is frozen it is another one.
	MessageID string
	// Subject, Text and HTML as they are read; "" for a body that there is not.
	Subject, Text, HTML string
	// Data are the bytes; nil if it is not sent.
	Data []byte
	// Skipped says why a recipient of a frozen run is not written to any more; "" if it is.
	Skipped string
}

// ErrNoMail says that a channel carries no mail.
var ErrNoMail = errors.New("the channel is for no mail: the preview of webhooks follows with them")

// Foresee says what a freeze makes of one customer, and makes its mails as workers make them.
// Of a run that is frozen, plan is its own; otherwise run is nil.
func Foresee(ctx context.Context, s *store.Store, plan *Plan, freeze store.Freeze, run *store.Run, customer string, at time.Time) (seen store.Preview, letters []Letter, err error) {
	if plan.Channel.SMTP == nil || plan.Channel.From == nil {
		return seen, nil, ErrNoMail
	}
	kinds, err := s.ToldAttributes(ctx)
	if err != nil {
		return seen, nil, err
	}
	compiled, err := plan.Compile(message.Catalog{Attributes: kinds})
	if err != nil {
		return seen, nil, err
	}
	mark, err := s.Mark(ctx)
	if err != nil {
		return seen, nil, err
	}
	if seen, err = s.Preview(ctx, freeze, run, customer, partsOf(plan, compiled, kinds)); err != nil {
		return seen, nil, err
	}
	if run == nil {
		run = &store.Run{Key: freeze.Key}
	}
	r := newRenderer(plan, compiled, run, mark.ReportingCurrency, nil)
	for _, to := range seen.Recipients {
		letter := Letter{Recipient: to, Locale: compiled.Locale(to.Message), Envelope: r.addressOf(to), MessageID: r.messageID(to), Skipped: skipped(to)}
		if letter.Skipped == "" {
			if letter.Data, err = r.mail(nil, to, at); err != nil {
				return seen, nil, err
			}
			letter.Subject, letter.Text, letter.HTML = string(r.rendered.Subject), string(r.rendered.Text), string(r.rendered.HTML)
		}
		letters = append(letters, letter)
	}
	return seen, letters, nil
}
