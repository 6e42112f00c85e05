package outreach

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/utils/ptr"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/outreach/webhook"
	"github.com/fairlead/fairlead/internal/store"
)

// carrier makes the messages of a lane, and hands them over: by mail, or to a webhook.
type carrier interface {
	// usable tells whether messages can be handed over.
	usable() bool
	// open makes it usable, or says why that cannot be now.
	open(ctx context.Context) error
	// begin forgets what was added.
	begin()
	// add makes the next message of a window. An error is this message's own.
	add(to store.Recipient, at time.Time) error
	// send hands over what was added, and appends one outcome for each. suspect says that
	// the first one which was not tried may be why the carrier is not usable any more.
	send(ctx context.Context, outcomes []mail.Outcome) (all []mail.Outcome, suspect bool)
	// close ends what is open.
	close()
}

// webhookLanes post at the same time: a desk takes fewer than a mail server.
const webhookLanes = 10

// carriers gives the carrier of a plan's channel, and how many of them work at a time.
func (w Worker) carriers(plan *Plan) (lanes int, made func(*renderer) carrier, err error) {
	channel, dry := plan.Channel, plan.Channel.Delivery == crm.DeliveryDryRun
	switch {
	case channel.SMTP != nil && channel.From != nil:
		var signer *mail.Signer
		// Where nothing leaves there need be no Secrets.
		if dkim := channel.SMTP.DKIM; dkim != nil && !dry {
			if signer, err = mail.NewSigner(dkim.Domain, dkim.Selector, w.DKIMKey); err != nil {
				return 0, nil, fmt.Errorf("%w: %w", ErrCredentials, err)
			}
		}
		return max(1, int(channel.SMTP.MaxConnections)), func(r *renderer) carrier {
			return &mails{renderer: r, server: func() mail.Server { return w.Server(plan) }, signer: signer}
		}, nil
	case channel.Webhook != nil:
		key, err := webhook.ParseSecret(w.SigningSecret)
		if err != nil && !dry {
			return 0, nil, fmt.Errorf("%w: %w", ErrCredentials, err)
		}
		endpoint := webhook.Endpoint{URL: channel.Webhook.URL, AllowPrivateAddresses: ptr.Deref(channel.Webhook.AllowPrivateAddresses, false), RootCAs: w.RootCAs}
		return webhookLanes, func(r *renderer) carrier {
			return &posts{renderer: r, client: webhook.NewClient(endpoint, key, w.WebhookTimeouts)}
		}, nil
	}
	return 0, nil, errors.New("the run's channel has neither a mail server with a sender nor a webhook")
}

// mails is the carrier of mail.
type mails struct {
	*renderer
	server     func() mail.Server
	signer     *mail.Signer
	connection *mail.Connection

	// Buffers of a window, kept from one to the next.
	bodies    [][]byte
	unsigned  []byte
	envelopes []mail.Envelope
}

func (m *mails) usable() bool { return m.connection != nil && m.connection.Err() == nil }

func (m *mails) open(ctx context.Context) (err error) {
	m.connection, err = m.server().Dial(ctx)
	return err
}

func (m *mails) begin() { m.envelopes = m.envelopes[:0] }

func (m *mails) add(to store.Recipient, at time.Time) error {
	number := len(m.envelopes)
	if number == len(m.bodies) {
		m.bodies = append(m.bodies, nil)
	}
	body, err := m.mail(m.bodies[number][:0], to, at)
	if err == nil && m.signer != nil {
		m.unsigned = append(m.unsigned[:0], body...)
		body, err = m.signer.Append(body[:0], m.unsigned)
	}
	if err != nil {
		return err
	}
	m.bodies[number] = body
	m.envelopes = append(m.envelopes, mail.Envelope{From: string(m.plan.Channel.From.Address), To: m.addressOf(to), Data: body})
	return nil
}

func (m *mails) send(ctx context.Context, outcomes []mail.Outcome) ([]mail.Outcome, bool) {
	outcomes = m.connection.Send(ctx, m.envelopes, outcomes)
	// A mail may be what ends every connection.
	return outcomes, m.connection.Err() != nil && ctx.Err() == nil
}

func (m *mails) close() {
	if m.connection != nil {
		m.connection.Close()
	}
}

// posts is the carrier of a webhook.
type posts struct {
	*renderer
	client *webhook.Client

	// Buffers of a window, kept from one to the next.
	bodies   [][]byte
	messages []webhook.Message
}

func (p *posts) usable() bool { return p.client.Err() == nil }

func (p *posts) open(ctx context.Context) error { return p.client.Open(ctx) }

func (p *posts) begin() { p.messages = p.messages[:0] }

func (p *posts) add(to store.Recipient, at time.Time) error {
	number := len(p.messages)
	if number == len(p.bodies) {
		p.bodies = append(p.bodies, nil)
	}
	id, body, err := p.post(p.bodies[number][:0], to, at)
	if err != nil {
		return err
	}
	p.bodies[number] = body
	p.messages = append(p.messages, webhook.Message{ID: id, Body: body})
	return nil
}

func (p *posts) send(ctx context.Context, outcomes []mail.Outcome) ([]mail.Outcome, bool) {
	// What ends a request that began is Unknown, so what was not tried is never the cause.
	return p.client.Send(ctx, p.messages, outcomes), false
}

func (p *posts) close() { p.client.Close() }
