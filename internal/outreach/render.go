package outreach

import (
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/outreach/message"
	"github.com/fairlead/fairlead/internal/outreach/webhook"
	"github.com/fairlead/fairlead/internal/store"
)

// renderer makes the messages of one run.
type renderer struct {
	plan     *Plan
	run      *store.Run
	compiled *message.Compiled
	// currency that amounts are in.
	currency string
	links    linker
	// idOf makes the ID of a message.
	idOf func(seq int64) string
	// exhibition is what templates are told of the plan's.
	exhibition message.Exhibition
	// zones that were asked for, by name.
	zones    map[string]*time.Location
	rendered message.Rendered
}

func newRenderer(plan *Plan, compiled *message.Compiled, run *store.Run, currency string, links linker) *renderer {
	return &renderer{
		plan: plan, run: run, compiled: compiled, currency: currency, links: links,
		idOf: plan.messageIDs(run), exhibition: plan.Exhibition.data(), zones: map[string]*time.Location{},
	}
}

// render makes the parts of a message.
func (r *renderer) render(to store.Recipient, at time.Time) (links Links, err error) {
	if r.links != nil {
		if links, err = r.links(to, at); err != nil {
			return links, err
		}
	}
	return links, r.compiled.Render(&r.rendered, to.Message, r.data(to, links, at))
}

// mail appends the bytes of a mail to a buffer.
func (r *renderer) mail(buffer []byte, to store.Recipient, at time.Time) ([]byte, error) {
	links, err := r.render(to, at)
	if err != nil {
		return buffer, err
	}
	m := mail.Message{
		From: mail.Address{Name: r.plan.Channel.From.Name, Address: string(r.plan.Channel.From.Address)}, ReplyTo: mail.Address{Address: r.plan.Channel.ReplyTo},
		To: mail.Address{Name: to.Name, Address: r.addressOf(to)}, Subject: string(r.rendered.Subject), Text: r.rendered.Text, HTML: r.rendered.HTML,
		ID: r.idOf(to.Seq), Date: at, UnsubscribeURL: links.Unsubscribe,
	}
	return m.Append(buffer)
}

// post appends the payload of a webhook to a buffer.
func (r *renderer) post(buffer []byte, to store.Recipient, at time.Time) (id string, body []byte, err error) {
	links, err := r.render(to, at)
	if err != nil {
		return "", buffer, err
	}
	id = r.idOf(to.Seq)
	payload := webhook.Payload{
		Type: webhook.PayloadType, Timestamp: time.UnixMilli(r.run.FrozenAt).UTC(),
		Data: webhook.Data{
			RunKey: r.run.Key, MessageID: id, Medium: string(r.plan.Channel.Medium), Topic: r.plan.Topic,
			Recipient: webhook.Recipient{Address: to.Address, Name: to.Name, Locale: to.Locale}, Customer: webhook.Customer{Code: to.Customer.Code},
			Subject: string(r.rendered.Subject), Text: string(r.rendered.Text), HTML: string(r.rendered.HTML), UnsubscribeURL: links.Unsubscribe,
		},
	}
	body, err = payload.Append(buffer)
	return id, body, err
}

// addressOf is where a message really goes.
func (r *renderer) addressOf(to store.Recipient) string {
	if r.plan.Channel.RedirectTo != "" {
		return r.plan.Channel.RedirectTo
	}
	return to.Address
}

// data is what templates are told of a recipient.
func (r *renderer) data(to store.Recipient, links Links, at time.Time) *message.Data {
	c := to.Customer
	d := &message.Data{
		Contact: message.Contact{Name: to.Name, Title: to.Title, Department: to.Department, Locale: to.Locale, TimeZone: to.TimeZone},
		Customer: message.Customer{
			Code: c.Code, Name: c.Name, Country: c.Country, Region: c.Region, City: c.City, Industry: c.Industry,
			Participations: &message.Number{Units: c.Participations}, Referrals: &message.Number{Units: c.Referrals},
			ConsecutiveEditions: numberOf(c.ConsecutiveEditions, 0), FirstParticipation: dayOf(c.FirstParticipation), LastParticipation: dayOf(c.LastParticipation), RelationshipSince: dayOf(c.RelationshipSince),
		},
		Exhibition:     r.exhibition,
		UnsubscribeURL: links.Unsubscribe, PreferencesURL: links.Preferences,
	}
	if len(c.Attributes) > 0 {
		d.Customer.Attributes = make(map[string]any, len(c.Attributes))
		for _, attribute := range c.Attributes {
			d.Customer.Attributes[attribute.Name] = message.AttributeValue(attribute, r.zone(to.TimeZone))
		}
	}
	if to.Series != nil {
		d.Series = seriesOf(r.plan.Series, to.Series)
	}
	if to.Loyalty != nil {
		d.Loyalty = loyaltyOf(r.plan.LoyaltyProgram, to.Loyalty)
	}
	if c.RelationshipSince.Valid {
		d.Customer.RelationshipMonths = &message.Number{Units: (at.UnixMilli() - c.RelationshipSince.Int64) / customer.MonthMillis}
	}
	if c.SpendLastYear.Valid && r.currency != "" {
		d.Customer.SpendLastYear = &message.Money{Minor: c.SpendLastYear.Int64, Currency: r.currency}
	}
	if from := r.plan.Channel.From; from != nil {
		d.From = message.From{Name: from.Name, Address: string(from.Address)}
	}
	if manager := to.AccountManager; manager != nil {
		d.AccountManager = &message.AccountManager{Name: manager.Name, Email: manager.Email, Phone: manager.Phone}
	}
	return d
}
