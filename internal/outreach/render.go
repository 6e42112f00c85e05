package outreach

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/outreach/mail"
	"github.com/fairlead/fairlead/internal/outreach/message"
	"github.com/fairlead/fairlead/internal/store"
)

// Links are those of one recipient; "" for none.
type Links struct {
	// Unsubscribe is answered by a POST as well (RFC 8058).
	Unsubscribe, Preferences string
}

// renderer makes mails of one run.
type renderer struct {
	plan     *Plan
	compiled *message.Compiled
	// currency that amounts are in.
	currency string
	links    func(store.Recipient) Links
	// id begins the Message-ID of every message of the run, and domain ends it.
	id, domain string
	// exhibition is what templates are told of the plan's.
	exhibition message.Exhibition
	// zones that were asked for, by name.
	zones    map[string]*time.Location
	rendered message.Rendered
}

func newRenderer(plan *Plan, compiled *message.Compiled, run *store.Run, currency string, links func(store.Recipient) Links) *renderer {
	sum := sha256.Sum256([]byte(run.Key + "\n" + run.PlanDigest))
	r := &renderer{plan: plan, compiled: compiled, currency: currency, links: links, id: hex.EncodeToString(sum[:10]), exhibition: plan.Exhibition.data(), zones: map[string]*time.Location{}}
	if plan.Channel.From != nil {
		_, r.domain, _ = strings.Cut(string(plan.Channel.From.Address), "@")
	}
	return r
}

// mail appends the bytes of a mail to a buffer.
func (r *renderer) mail(buffer []byte, to store.Recipient, at time.Time) ([]byte, error) {
	links := Links{}
	if r.links != nil {
		links = r.links(to)
	}
	if err := r.compiled.Render(&r.rendered, to.Message, r.data(to, links, at)); err != nil {
		return buffer, err
	}
	m := mail.Message{
		From: mail.Address{Name: r.plan.Channel.From.Name, Address: string(r.plan.Channel.From.Address)}, ReplyTo: mail.Address{Address: r.plan.Channel.ReplyTo},
		To: mail.Address{Name: to.Name, Address: r.addressOf(to)}, Subject: string(r.rendered.Subject), Text: r.rendered.Text, HTML: r.rendered.HTML,
		ID: r.messageID(to), Date: at, UnsubscribeURL: links.Unsubscribe,
	}
	return m.Append(buffer)
}

// messageID is the same whenever the message is made.
func (r *renderer) messageID(to store.Recipient) string {
	return fmt.Sprintf("%s.%d@%s", r.id, to.Seq, r.domain)
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
		d.Series = seriesOf(r.plan.Exhibition.Series, to.Series)
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
