package outreach

import (
	"time"

	crm "github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/store"
)

// Policy is what the ContactPolicies of a store ask of the messages of a run, as they were when
// it was frozen. The strictest of several is in it.
type Policy struct {
	// NeedsConsent: nobody hears of the topic who has not agreed.
	NeedsConsent bool `json:"needsConsent,omitempty"`
	// Promotional: mailboxes count that want nothing that is offered.
	Promotional bool `json:"promotional,omitempty"`
	// Exempt from caps and quiet hours: a contract or the law asks for the messages.
	Exempt bool `json:"exempt,omitempty"`
	// Caps on messages by the channel's medium. All hold.
	Caps []Cap `json:"caps,omitempty"`
	// QuietHours in which nothing leaves. All hold.
	QuietHours []QuietHours `json:"quietHours,omitempty"`
	// DefaultTimeZone of recipients of whom none is known.
	DefaultTimeZone string `json:"defaultTimeZone,omitempty"`
	// PauseOnOpenComplaint: who has an open complaint is not written to.
	PauseOnOpenComplaint bool `json:"pauseOnOpenComplaint,omitempty"`
	// Recheck is the audience that recipients still have to belong to; nil for none.
	Recheck *crm.Audience `json:"recheck,omitempty"`
}

// Cap is so many messages to a mailbox in any window of so many days of 24 hours.
type Cap struct {
	Messages int32 `json:"messages"`
	PerDays  int32 `json:"perDays"`
}

// QuietHours are a part of each day in the recipient's time zone; To is on the next day if it
// is earlier than From. Both are "" where only weekends are quiet.
type QuietHours struct {
	From          crm.TimeOfDay `json:"from"`
	To            crm.TimeOfDay `json:"to"`
	WeekendsQuiet bool          `json:"weekendsQuiet,omitempty"`
}

// AudienceOf is a declared audience as the store takes it.
func AudienceOf(declared *crm.Audience) store.Audience {
	choices := func(references []crm.SegmentReference) (all []store.SegmentChoice) {
		for _, reference := range references {
			choice := store.SegmentChoice{Name: string(reference.SegmentName)}
			for _, class := range reference.Classes {
				choice.Classes = append(choice.Classes, string(class))
			}
			all = append(all, choice)
		}
		return all
	}
	audience := store.Audience{Include: choices(declared.Include), Any: declared.Match == crm.MatchAny, Exclude: choices(declared.Exclude)}
	if to := declared.DeliverTo; to != nil {
		for _, role := range to.ContactRoles {
			audience.ContactRoles = append(audience.ContactRoles, string(role))
		}
		audience.AllPersons, audience.NoFallback = to.PerOrganization == crm.PerOrganizationAll, to.Fallback == crm.FallbackNone
	}
	return audience
}

// checks are what is asked of each recipient when its turn comes; nil for nothing. Whoever
// objects hears nothing, whatever it is about.
func (p *Plan) checks() *store.Checks {
	policy := p.Policy
	if policy == nil {
		return nil
	}
	checks := &store.Checks{
		Medium: string(p.Channel.Medium), Topic: p.Topic,
		NeedsConsent: policy.NeedsConsent, Promotional: policy.Promotional, OpenComplaint: policy.PauseOnOpenComplaint,
	}
	if policy.Recheck != nil {
		audience := AudienceOf(policy.Recheck)
		checks.Audience = &audience
	}
	return checks
}

// caps are those that hold for what is claimed; nil for none. Where nothing reaches the mailbox,
// nothing is counted.
func (p *Plan) caps() *store.Caps {
	if p.Policy == nil || p.Policy.Exempt || len(p.Policy.Caps) == 0 || p.Channel.Delivery != crm.DeliveryLive {
		return nil
	}
	caps := &store.Caps{Medium: string(p.Channel.Medium)}
	for _, limit := range p.Policy.Caps {
		caps.Limits = append(caps.Limits, store.Cap{Messages: int(limit.Messages), Window: time.Duration(limit.PerDays) * 24 * time.Hour})
	}
	return caps
}
