package outreach

import (
	"context"
	"time"

	"github.com/fairlead/fairlead/internal/outreach/message"
	"github.com/fairlead/fairlead/internal/store"
)

// Letter is a message as a worker would hand it over: a mail, or the payload of a webhook.
type Letter struct {
	store.Recipient
	// Locale of the message.
	Locale string
	// Envelope is the address that it goes to, be it redirected.
	Envelope string
	// MessageID, of a mail without its angle brackets. Before a run is frozen it is another one.
	MessageID string
	// Subject, Text and HTML as they are read; "" for a body that there is not.
	Subject, Text, HTML string
	// Data are the bytes, but for a signature with DKIM; nil if it is not sent.
	Data []byte
	// Skipped says why a recipient is not written to as things are; "" if it is.
	Skipped string
}

// Foresee says what a freeze makes of one customer, and makes its messages as workers make them.
// Of a run that is frozen, plan is its own; otherwise run is nil. Links are examples.
func Foresee(ctx context.Context, s *store.Store, plan *Plan, freeze store.Freeze, run *store.Run, customer string, at time.Time) (seen store.Preview, letters []Letter, err error) {
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
	r := newRenderer(plan, compiled, run, mark.ReportingCurrency, plan.exampleLinker())
	for _, to := range seen.Recipients {
		letter := Letter{Recipient: to, Locale: compiled.Locale(to.Message), Envelope: r.addressOf(to), MessageID: r.idOf(to.Seq), Skipped: skipped(to)}
		if letter.Skipped == "" && to.OpenComplaint {
			letter.Skipped = codeOpenComplaint
		}
		if letter.Skipped == "" {
			if plan.Channel.From != nil {
				letter.Data, err = r.mail(nil, to, at)
			} else {
				_, letter.Data, err = r.post(nil, to, at)
			}
			if err != nil {
				return seen, nil, err
			}
			letter.Subject, letter.Text, letter.HTML = string(r.rendered.Subject), string(r.rendered.Text), string(r.rendered.HTML)
		}
		letters = append(letters, letter)
	}
	return seen, letters, nil
}
