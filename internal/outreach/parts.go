package outreach

import (
	"database/sql"
	"slices"
	"time"

	"github.com/fairlead/fairlead/internal/customer"
	"github.com/fairlead/fairlead/internal/outreach/message"
	"github.com/fairlead/fairlead/internal/store"
)

// figures are what messages tell of the customer's profile.
var figures = []string{
	"Customer.Participations", "Customer.ConsecutiveEditions", "Customer.FirstParticipation", "Customer.LastParticipation",
	"Customer.RelationshipSince", "Customer.RelationshipMonths", "Customer.Referrals", "Customer.SpendLastYear",
}

// partsOf are what the messages of a plan tell beside what is read of every recipient. kinds
// are the attributes that they may tell.
func partsOf(plan *Plan, compiled *message.Compiled, kinds map[string]customer.Kind) store.RecipientParts {
	uses := func(paths ...string) bool { return slices.ContainsFunc(paths, compiled.Uses) }
	parts := store.RecipientParts{
		Position: uses("Contact.Title", "Contact.Department"), AccountManager: uses("AccountManager"), Figures: uses(figures...),
		Attributes: map[string]customer.Kind{}, Checks: plan.checks(),
	}
	for _, name := range compiled.Attributes() {
		parts.Attributes[name] = kinds[name]
	}
	if compiled.Uses("Series") {
		parts.Series = plan.Series
	}
	if compiled.Uses("Loyalty") {
		parts.Program, parts.Soon = plan.LoyaltyProgram, message.ExpiringDays*24*time.Hour
	}
	return parts
}

// data is what templates are told of an exhibition; nothing of none.
func (e *Exhibition) data() message.Exhibition {
	if e == nil {
		return message.Exhibition{}
	}
	told := message.Exhibition{
		Series: e.Series, Edition: e.Edition, Title: e.Title, Venue: e.Venue, City: e.City, Country: e.Country, TimeZone: e.TimeZone,
		Opens: dateOf(e.Opens), Closes: dateOf(e.Closes), Milestones: map[string]*message.Date{},
	}
	for name, day := range e.Milestones {
		told.Milestones[name] = dateOf(day)
	}
	return told
}

// dateOf is a day as resources write it; nil for one that is none.
func dateOf(day string) *message.Date {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil
	}
	return &message.Date{At: at}
}

// seriesOf is what templates are told of a customer in a series.
func seriesOf(name string, r *store.RecipientSeries) message.Series {
	return message.Series{
		Name: name, Participations: &message.Number{Units: r.Participations}, ConsecutiveEditions: numberOf(r.ConsecutiveEditions, 0), MissedEditions: numberOf(r.MissedEditions, 0),
		FirstParticipation: dayOf(r.FirstParticipation), LastParticipation: dayOf(r.LastParticipation), BoothArea: numberOf(r.BoothArea, areaScale),
		NextEdition: r.NextEdition, NextStatus: r.NextStatus,
	}
}

// pointsScale is how many digits after the point points have in the store: store.PointUnits.
const pointsScale = 6

// loyaltyOf is what templates are told of a member of a program.
func loyaltyOf(program string, r *store.RecipientLoyalty) *message.Loyalty {
	told := &message.Loyalty{Program: program, Points: &message.Number{Units: r.Balance, Scale: pointsScale}, ExpiringSoon: numberOf(r.Expiring, pointsScale)}
	if tier := r.Tier; tier != nil {
		told.Tier, told.Benefits = tier.Name, tier.Benefits
		if tier.BoothDiscountPercent > 0 {
			told.BoothDiscountPercent = &message.Number{Units: tier.BoothDiscountPercent}
		}
	}
	if r.Next != nil {
		told.NextTier, told.PointsToNextTier = r.Next.Name, &message.Number{Units: r.Missing, Scale: pointsScale}
	}
	return told
}

// areaScale is how many digits after the point an area has in the store.
var areaScale = func() int {
	for _, measure := range customer.SeriesMeasures {
		if measure.Name == "boothArea" {
			return measure.Scale
		}
	}
	panic("there is no measure boothArea")
}()

func numberOf(number sql.NullInt64, scale int) *message.Number {
	if !number.Valid {
		return nil
	}
	return &message.Number{Units: number.Int64, Scale: scale}
}

// dayOf is a day in milliseconds.
func dayOf(millis sql.NullInt64) *message.Date {
	if !millis.Valid {
		return nil
	}
	return &message.Date{At: time.UnixMilli(millis.Int64).UTC()}
}

// zone is a recipient's time zone; UTC where it is not known. Each is read once.
func (r *renderer) zone(name string) *time.Location {
	zone, known := r.zones[name]
	if !known {
		var err error
		if zone, err = time.LoadLocation(name); err != nil || name == "Local" {
			zone = time.UTC
		}
		r.zones[name] = zone
	}
	return zone
}
