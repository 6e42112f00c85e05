package message

// Data is what a template is given: all that is known of one recipient. A part
// of it that nobody knows is absent and is written as nothing. What each field
// means stands in Fields.
type Data struct {
	// Contact is who reads the message.
	Contact Contact
	// Customer is whom the contact belongs to, or is.
	Customer Customer
	// Series is what the customer did in the series that the message is about.
	Series Series
	// Exhibition is the edition that the message is about.
	Exhibition Exhibition
	// Loyalty is the customer's membership; nil for whoever is no member.
	Loyalty *Loyalty
	// AccountManager looks after the customer; nil if nobody does.
	AccountManager *AccountManager
	// From is who sends.
	From From
	// UnsubscribeURL ends messages of this topic, PreferencesURL is where the
	// contact says what to hear of.
	UnsubscribeURL, PreferencesURL string
}

// Contact is the person, or the organization, that reads a message.
type Contact struct {
	Name, Title, Department string
	// Locale and TimeZone as the store has them.
	Locale, TimeZone string
}

// Customer is whom a contact belongs to. Measures have the names and the
// meaning that they have in internal/customer.
type Customer struct {
	Code, Name, Country, Region, City, Industry string

	Participations      *Number
	ConsecutiveEditions *Number
	FirstParticipation  *Date
	LastParticipation   *Date
	RelationshipSince   *Date
	RelationshipMonths  *Number
	Referrals           *Number
	SpendLastYear       *Money
	// Attributes by name, made by AttributeValue: those that are declared and not
	// sensitive.
	Attributes map[string]any
}

// Series is what a customer did in one series. Measures have the names and the
// meaning that they have in internal/customer.
type Series struct {
	Name string

	Participations      *Number
	ConsecutiveEditions *Number
	MissedEditions      *Number
	FirstParticipation  *Date
	LastParticipation   *Date
	BoothArea           *Number
	NextEdition         string
	NextStatus          string
}

// Exhibition is the edition that a message is about.
type Exhibition struct {
	Series, Edition, Title string
	// Venue is the name of it; the others are where it is.
	Venue, City, Country, TimeZone string
	Opens, Closes                  *Date
	// Milestones by name.
	Milestones map[string]*Date
}

// Loyalty is a membership.
type Loyalty struct {
	Program, Tier, NextTier string

	Points, PointsToNextTier, ExpiringSoon *Number
	BoothDiscountPercent                   *Number
	Benefits                               []string
}

// ExpiringDays is what soon means in Loyalty.ExpiringSoon.
const ExpiringDays = 90

// AccountManager is who of the organiser's staff looks after a customer.
type AccountManager struct{ Name, Email, Phone string }

// From is who sends, as the channel says.
type From struct{ Name, Address string }
