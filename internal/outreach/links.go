package outreach

import (
	"fmt"
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/gateway/link"
	"github.com/fairlead/fairlead/internal/outreach/message"
	"github.com/fairlead/fairlead/internal/store"
)

// LinkSettings say where the links of messages lead.
type LinkSettings struct {
	// PublicURL of the store's gateway, without a slash at its end.
	PublicURL string `json:"publicURL"`
}

// Links are those of one recipient; "" for none.
type Links struct {
	// Unsubscribe is answered by a POST as well (RFC 8058).
	Unsubscribe, Preferences string
}

// linker makes the links of a recipient at a moment; nil for none.
type linker func(to store.Recipient, at time.Time) (Links, error)

// ExampleLinks tells whether the plan's messages have links that lead nobody anywhere: where
// nothing leaves there need be no keys, and who gets a redirected message must not say stop in
// the name of whom it is for.
func (p *Plan) ExampleLinks() bool {
	return p.Links != nil && (p.Channel.Delivery == crm.DeliveryDryRun || p.Channel.Delivery == crm.DeliveryRedirect || p.Channel.RedirectTo != "")
}

// linker makes the links of a run of the store with this ID, from its keyset.
func (p *Plan) linker(run *store.Run, compiled *message.Compiled, keyset []byte, storeID string) (linker, error) {
	if p.Links == nil || p.ExampleLinks() {
		return p.exampleLinker(), nil
	}
	keys, err := link.Parse(keyset, storeID)
	if err != nil {
		return nil, fmt.Errorf("%w: the run's messages have links: %w", ErrCredentials, err)
	}
	chooses := compiled.Uses("PreferencesURL")
	return func(to store.Recipient, at time.Time) (links Links, err error) {
		l := link.Link{AddressID: to.AddressID, RecipientID: to.RecipientID, RunID: run.ID, Medium: string(p.Channel.Medium), Topic: p.Topic, Expires: at.Add(link.Lifetime)}
		if links.Unsubscribe, err = p.url(keys, link.Unsubscribe, l); err == nil && chooses {
			links.Preferences, err = p.url(keys, link.Preferences, l)
		}
		return links, err
	}, nil
}

func (p *Plan) url(keys *link.Keys, purpose link.Purpose, l link.Link) (string, error) {
	token, err := keys.Seal(purpose, l)
	if err != nil {
		return "", err
	}
	return link.URL(p.Links.PublicURL, purpose, token), nil
}

// exampleLinker makes links that are plainly examples, the same for everybody; nil for a plan
// without links.
func (p *Plan) exampleLinker() linker {
	if p.Links == nil {
		return nil
	}
	links := Links{link.URL(p.Links.PublicURL, link.Unsubscribe, link.Example), link.URL(p.Links.PublicURL, link.Preferences, link.Example)}
	return func(store.Recipient, time.Time) (Links, error) { return links, nil }
}
