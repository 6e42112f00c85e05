package customer

// The words of Fairlead, in the order in which sets of them are held as bits.
// Words are added at the end and never reordered.
var (
	// PartyKinds tell an organization from a person.
	PartyKinds = []string{Organization, Person}
	// Roles of a customer (map rows A1, A2, A8).
	Roles = []string{"Exhibitor", "Visitor", "Sponsor", "Vendor", "Media", "Government", "Venue", "Agent", "Partner", "Staff"}
	// ContactRoles are what a person does for an organization.
	ContactRoles = []string{"Decision", "Marketing", "Logistics", "Invoicing", "OnSite"}
	// Relations between parties (map rows A2, C2).
	Relations = []string{"AgentOf", "CoExhibitorOf", "SubsidiaryOf", "SponsorOf", "SupplierOf"}
	// Media are ways to reach somebody.
	Media = []string{"Email", "SMS", "Phone", "Post", "Task", "Web"}
	// BookingStatuses in the order in which a booking goes through them.
	BookingStatuses = []string{"Enquired", "Waitlisted", "Option", "Contracted", "Paid", "Attended", "NoShow", "Cancelled"}
	// Products that are booked.
	Products = []string{"Stand", "Sponsorship", "Advertising", "Ticket", "Service"}
	// StandTypes by their open sides.
	StandTypes = []string{"Row", "Corner", "Peninsula", "Island", "OpenAir", "Chalet", "Virtual"}
	// Directions of an interaction, seen from the organiser.
	Directions = []string{"Outbound", "Inbound"}
	// Methods of an interaction (map row B3).
	Methods = []string{"Visit", "Phone", "Email", "Letter", "Meeting", "Message", "Webinar", "Event", MethodTraining}
	// Waves of a survey: the same questions before and after a show (map row E1).
	Waves = []string{"Before", "During", "After"}
	// Severities of a complaint.
	Severities = []string{"Low", "Medium", "High", "Critical"}
	// Outcomes of a complaint.
	Outcomes = []string{"Open", "Solved", "Compensated", "Rejected", "Withdrawn"}
	// LegalBases of writing to a person (GDPR, article 6).
	LegalBases = []string{"Consent", "Contract", "LegitimateInterest", "LegalObligation"}
	// Scopes of a suppression.
	Scopes = []string{"Promotional", "All"}
	// PointStates of a contact point.
	PointStates = []string{"Unknown", "Valid", "Bounced", "Complained", "Invalid"}
	// Origins tell how a customer was found (map row B15).
	Origins = []string{"Directory", "Referral", "Agent", "WebForm", "Phone", "WalkIn", "Association", "Event", "Import"}
	// Evidences tell how second-hand data came about (map row B2).
	Evidences = []string{"Own", "Surveyed", "Bought", "Observed"}
)

// The kinds of parties.
const (
	Organization = "Organization"
	Person       = "Person"
)

// Bit gives the bit of a word in a set of words; 0 if the word is none of them.
func Bit(words []string, word string) int64 {
	for i, candidate := range words {
		if candidate == word {
			return 1 << i
		}
	}
	return 0
}

// WordIn gives the one of words that a text is, and the text itself if it is none
// of them. Kept, a word keeps no record in memory that the text was a part of.
func WordIn(words []string, text string) string {
	for _, word := range words {
		if word == text {
			return word
		}
	}
	return text
}

// Set spells out a set of words held as bits.
func Set(words []string, bits int64) []string {
	var set []string
	for i, word := range words {
		if bits&(1<<i) != 0 {
			set = append(set, word)
		}
	}
	return set
}
