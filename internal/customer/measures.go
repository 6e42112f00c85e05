package customer

// Measure is a figure of a customer that follows from facts: what expressions,
// models and templates read. Amounts are in minor units of the store's reporting
// currency, at the rate recorded for the day of the fact; ratios are kept as
// numerator and denominator.
type Measure struct {
	// Field is its name, type and scale; Doc is its definition.
	Field
	// Unit it is stated in; "" where the type says it.
	Unit string
	// Absent says what it means that there is no value.
	Absent string
	// Rows of the feature map that it is for.
	Rows string
	// From are the entities whose facts it follows from.
	From []string
	// Computed measures are not stored: they move with every day, and are
	// computed from stored ones when they are read.
	Computed bool
}

// Spans of time that measures look back on.
const (
	// WindowDays are the days whose editions count for a repeat rate: five years.
	WindowDays = 5*365 + 1
	// YearDays are a year of contacts.
	YearDays = 365
	// MonthDays are a month of contacts.
	MonthDays = 30
	// MonthMillis is the mean length of a month in milliseconds: a twelfth of the
	// 365.2425 days of a year.
	MonthMillis = 2_629_746_000
	// DefaultRelationshipMonths is for how long a customer is expected to stay where
	// nothing is declared: when a quarter leaves each year (map row F8), the mean is
	// four years.
	DefaultRelationshipMonths = 48
)

// DimensionOfRecommendation is the dimension of the question whether the customer
// would recommend the show, answered from 0 to 10.
const DimensionOfRecommendation = "recommendation"

const (
	// never and counted are what absence means for most measures.
	never   = "it never happened"
	counted = "never absent: 0 is none"
	// unknownDates begins what absence means where editions have to be in order.
	unknownDates = "no edition whose dates are known"
)

// The entities that measures of one kind follow from.
var (
	takingPart = []string{"participation", "booking", "bookingStatus", "visit", "edition"}
	spending   = []string{"transaction", "booking", "bookingStatus", "participation", "exchangeRate"}
	costing    = []string{"transaction", "booking", "bookingStatus", "participation", "exchangeRate", "interaction"}
	contacting = []string{"interaction"}
	answering  = []string{"feedback"}
)

// CustomerMeasures are the measures of a customer over all series, in the order
// of the columns of customer_profile.
var CustomerMeasures = []Measure{
	{Field: Field{Name: "kind", Kind: Word, Words: PartyKinds, Doc: "organization or person"}, Absent: "never absent", Rows: "A1", From: []string{"party"}},
	{Field: Field{Name: "country", Kind: Country, Doc: "where the customer is"}, Absent: "no source says it", Rows: "A1", From: []string{"party"}},
	{Field: Field{Name: "roles", Kind: Words, Words: Roles, Doc: "roles that the customer has, by what sources say and by its facts"}, Absent: "never absent: no role is an empty set", Rows: "A1, A2", From: []string{"party"}},

	{Field: Field{Name: "firstParticipation", Kind: Day, Doc: "first day of the first edition taken part in"}, Absent: unknownDates + " was taken part in", Rows: "D21", From: takingPart},
	{Field: Field{Name: "lastParticipation", Kind: Day, Doc: "first day of the last edition taken part in"}, Absent: unknownDates + " was taken part in", Rows: "D21", From: takingPart},
	{Field: Field{Name: "participations", Kind: Whole, Doc: "editions taken part in, in whatever role"}, Unit: "editions", Absent: counted, Rows: "D21", From: takingPart},
	{Field: Field{Name: "consecutiveEditions", Kind: Whole, Doc: "longest present run of editions of a series, up to its last closed one, without a miss"}, Unit: "editions", Absent: unknownDates + " of its series has closed", Rows: "D26", From: takingPart},
	{Field: Field{Name: "missedEditions", Kind: Whole, Doc: "eligible editions missed in a row up to the last closed one, in the series that was missed least: 0 while it still comes to one"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D25", From: takingPart},
	{Field: Field{Name: "eligibleEditions", Kind: Whole, Doc: "editions that it could have come to, over its series"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D1", From: takingPart},
	{Field: Field{Name: "eligibleParticipations", Kind: Whole, Doc: "those of the eligible editions taken part in"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D1", From: takingPart},
	{Field: Field{Name: "windowEligibleEditions", Kind: Whole, Doc: "eligible editions that closed within 1,826 days: what the repeat rate is out of"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D1", From: takingPart},
	{Field: Field{Name: "windowParticipations", Kind: Whole, Doc: "those of them taken part in: the repeat rate's numerator"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D1", From: takingPart},
	{Field: Field{Name: "coExhibitions", Kind: Whole, Doc: "participations as a co-exhibitor only, on the stand of another"}, Unit: "participations", Absent: counted, Rows: "A2", From: takingPart},
	{Field: Field{Name: "noShows", Kind: Whole, Doc: "participations that were booked and not taken up"}, Unit: "participations", Absent: counted, Rows: "G9", From: takingPart},
	{Field: Field{Name: "cancellations", Kind: Whole, Doc: "participations of which all bookings were cancelled"}, Unit: "participations", Absent: counted, Rows: "G9", From: takingPart},
	{Field: Field{Name: "boothArea", Kind: Decimal, Scale: 2, Doc: "own area at the last closed edition taken part in; as an exhibitor, if it ever was one"}, Unit: "square metres", Absent: "no area is recorded there", Rows: "G9, D3", From: takingPart},
	{Field: Field{Name: "previousBoothArea", Kind: Decimal, Scale: 2, Doc: "the same at the edition of that series taken part in before: the trend is from here to boothArea"}, Unit: "square metres", Absent: "no area is recorded there", Rows: "G9", From: takingPart},
	{Field: Field{Name: "bookingLeadDays", Kind: Whole, Doc: "days from the first booking to the opening of that last edition"}, Unit: "days", Absent: "nothing says when it was booked", Rows: "G9, D3", From: takingPart},
	{Field: Field{Name: "previousBookingLeadDays", Kind: Whole, Doc: "the same at the edition taken part in before: a customer who drifts away books later"}, Unit: "days", Absent: "nothing says when it was booked", Rows: "G9", From: takingPart},

	{Field: Field{Name: "purchases", Kind: Whole, Doc: "transactions with revenue above 0"}, Unit: "transactions", Absent: counted, Rows: "F3, D21", From: []string{"transaction"}},
	{Field: Field{Name: "firstPurchase", Kind: Instant, Doc: "the first of them"}, Absent: never, Rows: "D21", From: []string{"transaction"}},
	{Field: Field{Name: "lastPurchase", Kind: Instant, Doc: "the last of them"}, Absent: never, Rows: "D21", From: []string{"transaction"}},
	{Field: Field{Name: "revenue", Kind: Money, Doc: "revenue before discount: transactions; for an edition without any, what was booked and not cancelled; without bookings, what participations say; and fees of cancellations"}, Unit: "reporting currency", Absent: "no converted amount is recorded", Rows: "F3", From: spending},
	{Field: Field{Name: "discount", Kind: Money, Doc: "discount given on it"}, Unit: "reporting currency", Absent: "no converted amount is recorded", Rows: "B3, F3", From: spending},
	{Field: Field{Name: "bookedRevenue", Kind: Money, Doc: "the part of revenue after discount that is from bookings and participations, not from transactions"}, Unit: "reporting currency", Absent: "there is none", Rows: "F3", From: spending},
	{Field: Field{Name: "productCost", Kind: Money, Doc: "cost of what was delivered, as booked; where an edition has no booked costs, area times the Exhibition's costing"}, Unit: "reporting currency", Absent: "no cost is known", Rows: "F2", From: costing},
	{Field: Field{Name: "indirectCost", Kind: Money, Doc: "share of the indirect cost, as booked; where an edition has no booked costs, the Exhibition's percentage of revenue after discount"}, Unit: "reporting currency", Absent: "no cost is known", Rows: "F2", From: costing},
	{Field: Field{Name: "estimatedCost", Kind: Money, Doc: "the part of both that is from an Exhibition's costing"}, Unit: "reporting currency", Absent: "nothing was estimated", Rows: "F2", From: costing},
	{Field: Field{Name: "contactCost", Kind: Money, Doc: "cost of all contacts"}, Unit: "reporting currency", Absent: "no contact has a cost", Rows: "B3, F2", From: contacting},
	{Field: Field{Name: "uncostedRevenue", Kind: Money, Doc: "revenue after discount whose cost is unknown: netProfit leaves it out"}, Unit: "reporting currency", Absent: "all is costed", Rows: "F2", From: costing},
	{Field: Field{Name: "netProfit", Kind: Money, Doc: "revenue after discount - (productCost + indirectCost) - contactCost, over revenue whose cost is known"}, Unit: "reporting currency", Absent: "there is revenue and none of its cost is known, or neither revenue nor contacts have an amount", Rows: "F2", From: costing},
	{Field: Field{Name: "unconvertedAmounts", Kind: Whole, Doc: "facts with an amount that are in no sum, because no rate of their currency is recorded for their day or any before"}, Unit: "facts", Absent: counted, Rows: "F3", From: costing},
	{Field: Field{Name: "relationshipSince", Kind: Instant, Doc: "the first participation, booking or transaction"}, Absent: never, Rows: "D5", From: append([]string{"transaction"}, takingPart...)},
	{Field: Field{Name: "relationshipMonths", Kind: Whole, Doc: "whole months since then, of 365.2425/12 days each"}, Unit: "months", Absent: "there is no relationship yet", Rows: "D5, D23", From: append([]string{"transaction"}, takingPart...), Computed: true},
	{Field: Field{Name: "expectedProfit", Kind: Money, Doc: "expected customer profit = net customer profit x expected relationship period: netProfit per month of the relationship (at least twelve) times the months that a relationship is expected to last, as the CustomerStore declares"}, Unit: "reporting currency", Absent: "netProfit or the relationship is absent", Rows: "F1", From: costing, Computed: true},

	{Field: Field{Name: "spendLastYear", Kind: Money, Doc: "revenue after discount in the last complete calendar year (UTC): wallet share is spend of (spend + rival spend). Transactions by their day, what was only booked by the edition's first day"}, Unit: "reporting currency", Absent: "nothing is recorded in that year", Rows: "D23, G9", From: spending},
	{Field: Field{Name: "spendTwoYearsAgo", Kind: Money, Doc: "the same a year before"}, Unit: "reporting currency", Absent: "nothing is recorded in that year", Rows: "D23, G9", From: spending},
	{Field: Field{Name: "spendThreeYearsAgo", Kind: Money, Doc: "the same two years before: the trend of the wallet share is the slope over the three"}, Unit: "reporting currency", Absent: "nothing is recorded in that year", Rows: "D23, G9", From: spending},
	{Field: Field{Name: "rivalSpendLastYear", Kind: Money, Doc: "spend with rivals in the last complete calendar year"}, Unit: "reporting currency", Absent: "unknown, which is not nothing", Rows: "B2, D23", From: []string{"rivalDealing", "exchangeRate"}},
	{Field: Field{Name: "rivalSpendTwoYearsAgo", Kind: Money, Doc: "the same a year before"}, Unit: "reporting currency", Absent: "unknown, which is not nothing", Rows: "B2, D23", From: []string{"rivalDealing", "exchangeRate"}},
	{Field: Field{Name: "rivalSpendThreeYearsAgo", Kind: Money, Doc: "the same two years before"}, Unit: "reporting currency", Absent: "unknown, which is not nothing", Rows: "B2, D23", From: []string{"rivalDealing", "exchangeRate"}},
	{Field: Field{Name: "rivalShows", Kind: Whole, Doc: "rivals dealt with in the last three complete calendar years or since"}, Unit: "rivals", Absent: "unknown, which is not none", Rows: "B2, D3", From: []string{"rivalDealing"}},

	{Field: Field{Name: "contacts", Kind: Whole, Doc: "contacts in either direction"}, Unit: "contacts", Absent: counted, Rows: "B3", From: contacting},
	{Field: Field{Name: "lastContact", Kind: Instant, Doc: "the last of them"}, Absent: never, Rows: "B3", From: contacting},
	{Field: Field{Name: "contacts30Days", Kind: Whole, Doc: "contacts within 30 days that the organiser began"}, Unit: "contacts", Absent: counted, Rows: "B3", From: contacting},
	{Field: Field{Name: "messages30Days", Kind: Whole, Doc: "messages sent within 30 days to its mailboxes and those of its persons, as the caps on contacts count them: at most twelve a mailbox and medium"}, Unit: "messages", Absent: counted, Rows: "B3", Computed: true},
	{Field: Field{Name: "contactsYear", Kind: Whole, Doc: "contacts within 365 days"}, Unit: "contacts", Absent: counted, Rows: "D23, G9", From: contacting},
	{Field: Field{Name: "contactsYearBefore", Kind: Whole, Doc: "contacts within the 365 days before those"}, Unit: "contacts", Absent: counted, Rows: "D23, G9", From: contacting},
	{Field: Field{Name: "meetingsYear", Kind: Whole, Doc: "those within 365 days where people met or listened: Visit, Meeting, Webinar, Event, Training"}, Unit: "contacts", Absent: counted, Rows: "D3", From: contacting},
	{Field: Field{Name: "contactPersons", Kind: Whole, Doc: "persons who belong to the organization today"}, Unit: "persons", Absent: counted, Rows: "D23", From: []string{"affiliation"}},
	{Field: Field{Name: "contactDepartments", Kind: Whole, Doc: "departments that they are in"}, Unit: "departments", Absent: counted, Rows: "D23", From: []string{"affiliation"}},

	{Field: Field{Name: "lastFeedback", Kind: Instant, Doc: "the last answer to a survey"}, Absent: never, Rows: "B13", From: answering},
	{Field: Field{Name: "satisfactionGap", Kind: Decimal, Scale: 2, Doc: "perceived - expected, summed over the last answers by dimension that have both"}, Unit: "points of the question's scale", Absent: "no answer has both", Rows: "E1", From: answering},
	{Field: Field{Name: "satisfactionDimensions", Kind: Whole, Doc: "how many dimensions that sum is over"}, Unit: "dimensions", Absent: counted, Rows: "E1", From: answering},
	{Field: Field{Name: "ownRating", Kind: Decimal, Scale: 2, Doc: "score, summed over the last answers by dimension that score the strongest rival too"}, Unit: "points of the question's scale", Absent: "no answer scores a rival", Rows: "D1", From: answering},
	{Field: Field{Name: "rivalRating", Kind: Decimal, Scale: 2, Doc: "the rival's score, summed over the same: relative attitude is the difference"}, Unit: "points of the question's scale", Absent: "no answer scores a rival", Rows: "D1", From: answering},
	{Field: Field{Name: "ratedDimensions", Kind: Whole, Doc: "how many dimensions both sums are over"}, Unit: "dimensions", Absent: counted, Rows: "D1", From: answering},
	{Field: Field{Name: "netPromoterScore", Kind: Whole, Doc: "last score from 0 to 10 of the dimension recommendation, rounded down"}, Unit: "points", Absent: "the question was never answered", Rows: "D29", From: answering},

	{Field: Field{Name: "complaints", Kind: Whole, Doc: "complaints ever made"}, Unit: "complaints", Absent: counted, Rows: "B13", From: []string{"complaint"}},
	{Field: Field{Name: "openComplaints", Kind: Whole, Doc: "those not resolved"}, Unit: "complaints", Absent: counted, Rows: "B13", From: []string{"complaint"}},
	{Field: Field{Name: "lastComplaint", Kind: Instant, Doc: "when the last one came"}, Absent: never, Rows: "B13", From: []string{"complaint"}},
	{Field: Field{Name: "referrals", Kind: Whole, Doc: "customers that it recommended us to"}, Unit: "customers", Absent: counted, Rows: "C3, D25", From: []string{"referral"}},
	{Field: Field{Name: "referrers", Kind: Whole, Doc: "customers who recommended us to it"}, Unit: "customers", Absent: counted, Rows: "C3", From: []string{"referral"}},
	{Field: Field{Name: "preferences", Kind: Whole, Doc: "preferences known by name; their values stand in customer_preference"}, Unit: "preferences", Absent: counted, Rows: "B12, I13", From: []string{"preference"}},
}

// SeriesMeasures are the measures of a customer in one series and role, in the
// order of the columns of customer_series_profile. Amounts, complaints and the
// net promoter score are the customer's in the series, the same in each of its
// roles: they must not be added up over roles.
var SeriesMeasures = []Measure{
	{Field: Field{Name: "main", Kind: Truth, Doc: "whether this is the role in which the customer took part in the series most, of equal ones the first by its name"}, Absent: "never absent", Rows: "A1", From: takingPart},
	{Field: Field{Name: "firstEdition", Kind: Text, Doc: "first closed edition taken part in"}, Absent: unknownDates + " was taken part in", Rows: "D21", From: takingPart},
	{Field: Field{Name: "lastEdition", Kind: Text, Doc: "last closed edition taken part in"}, Absent: unknownDates + " was taken part in", Rows: "D21", From: takingPart},
	{Field: Field{Name: "firstParticipation", Kind: Day, Doc: "first day of the first edition taken part in"}, Absent: unknownDates + " was taken part in", Rows: "D21", From: takingPart},
	{Field: Field{Name: "lastParticipation", Kind: Day, Doc: "first day of the last edition taken part in"}, Absent: unknownDates + " was taken part in", Rows: "D21", From: takingPart},
	{Field: Field{Name: "participations", Kind: Whole, Doc: "editions taken part in"}, Unit: "editions", Absent: counted, Rows: "D21", From: takingPart},
	{Field: Field{Name: "consecutiveEditions", Kind: Whole, Doc: "editions taken part in without a miss, up to the last closed one"}, Unit: "editions", Absent: "no edition has closed", Rows: "D26", From: takingPart},
	{Field: Field{Name: "missedEditions", Kind: Whole, Doc: "eligible editions missed in a row up to the last closed one"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D25", From: takingPart},
	{Field: Field{Name: "eligibleEditions", Kind: Whole, Doc: "editions that it could have come to"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D1", From: takingPart},
	{Field: Field{Name: "eligibleParticipations", Kind: Whole, Doc: "those of them taken part in"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D1", From: takingPart},
	{Field: Field{Name: "windowEligibleEditions", Kind: Whole, Doc: "eligible editions that closed within 1,826 days"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D1", From: takingPart},
	{Field: Field{Name: "windowParticipations", Kind: Whole, Doc: "those of them taken part in"}, Unit: "editions", Absent: "nothing was eligible", Rows: "D1", From: takingPart},
	{Field: Field{Name: "coExhibitions", Kind: Whole, Doc: "participations as a co-exhibitor only"}, Unit: "participations", Absent: counted, Rows: "A2", From: takingPart},
	{Field: Field{Name: "noShows", Kind: Whole, Doc: "participations that were booked and not taken up"}, Unit: "participations", Absent: counted, Rows: "G9", From: takingPart},
	{Field: Field{Name: "cancellations", Kind: Whole, Doc: "participations of which all bookings were cancelled"}, Unit: "participations", Absent: counted, Rows: "G9", From: takingPart},
	{Field: Field{Name: "boothArea", Kind: Decimal, Scale: 2, Doc: "own area at the last closed edition taken part in"}, Unit: "square metres", Absent: "no area is recorded there", Rows: "G9, D3", From: takingPart},
	{Field: Field{Name: "previousBoothArea", Kind: Decimal, Scale: 2, Doc: "the same at the edition taken part in before"}, Unit: "square metres", Absent: "no area is recorded there", Rows: "G9", From: takingPart},
	{Field: Field{Name: "bookingLeadDays", Kind: Whole, Doc: "days from the first booking to the opening of the last closed edition taken part in"}, Unit: "days", Absent: "nothing says when it was booked", Rows: "G9, D3", From: takingPart},
	{Field: Field{Name: "previousBookingLeadDays", Kind: Whole, Doc: "the same at the edition taken part in before"}, Unit: "days", Absent: "nothing says when it was booked", Rows: "G9", From: takingPart},
	{Field: Field{Name: "nextEdition", Kind: Text, Doc: "the next edition of the series to close"}, Absent: "none is planned", Rows: "G9", From: takingPart},
	{Field: Field{Name: "nextStatus", Kind: Word, Words: BookingStatuses, Doc: "how far the customer's participation in it has come"}, Absent: "nothing is recorded", Rows: "G9", From: takingPart},
	{Field: Field{Name: "revenue", Kind: Money, Doc: "revenue before discount, as for the customer"}, Unit: "reporting currency", Absent: "no converted amount is recorded", Rows: "F3", From: spending},
	{Field: Field{Name: "discount", Kind: Money, Doc: "discount given on it"}, Unit: "reporting currency", Absent: "no converted amount is recorded", Rows: "F3", From: spending},
	{Field: Field{Name: "bookedRevenue", Kind: Money, Doc: "the part of revenue after discount that is not from transactions"}, Unit: "reporting currency", Absent: "there is none", Rows: "F3", From: spending},
	{Field: Field{Name: "productCost", Kind: Money, Doc: "cost of what was delivered"}, Unit: "reporting currency", Absent: "no cost is known", Rows: "F2", From: costing},
	{Field: Field{Name: "indirectCost", Kind: Money, Doc: "share of the indirect cost"}, Unit: "reporting currency", Absent: "no cost is known", Rows: "F2", From: costing},
	{Field: Field{Name: "estimatedCost", Kind: Money, Doc: "the part of both that is from an Exhibition's costing"}, Unit: "reporting currency", Absent: "nothing was estimated", Rows: "F2", From: costing},
	{Field: Field{Name: "contactCost", Kind: Money, Doc: "cost of contacts about an edition of the series"}, Unit: "reporting currency", Absent: "no contact has a cost", Rows: "B3, F2", From: contacting},
	{Field: Field{Name: "uncostedRevenue", Kind: Money, Doc: "revenue after discount whose cost is unknown"}, Unit: "reporting currency", Absent: "all is costed", Rows: "F2", From: costing},
	{Field: Field{Name: "netProfit", Kind: Money, Doc: "as for the customer"}, Unit: "reporting currency", Absent: "as for the customer", Rows: "F2", From: costing},
	{Field: Field{Name: "unconvertedAmounts", Kind: Whole, Doc: "facts with an amount that are in no sum"}, Unit: "facts", Absent: counted, Rows: "F3", From: costing},
	{Field: Field{Name: "complaints", Kind: Whole, Doc: "complaints about editions of the series"}, Unit: "complaints", Absent: counted, Rows: "B13", From: []string{"complaint"}},
	{Field: Field{Name: "openComplaints", Kind: Whole, Doc: "those not resolved"}, Unit: "complaints", Absent: counted, Rows: "B13", From: []string{"complaint"}},
	{Field: Field{Name: "netPromoterScore", Kind: Whole, Doc: "last score of the dimension recommendation about the series"}, Unit: "points", Absent: "the question was never answered", Rows: "D29", From: answering},
}

// DimensionMeasures are the last answer of a customer in one dimension, in the
// order of the columns of customer_dimension_profile.
var DimensionMeasures = []Measure{
	{Field: Field{Name: "expected", Kind: Decimal, Scale: 2, Doc: "expectation: the answer's own, or the last to the same question about the same edition"}, Unit: "points of the question's scale", Absent: "not asked or not answered", Rows: "E1", From: answering},
	{Field: Field{Name: "perceived", Kind: Decimal, Scale: 2, Doc: "result as perceived"}, Unit: "points of the question's scale", Absent: "not asked or not answered", Rows: "E1", From: answering},
	{Field: Field{Name: "score", Kind: Decimal, Scale: 2, Doc: "score"}, Unit: "points of the question's scale", Absent: "not asked or not answered", Rows: "D1", From: answering},
	{Field: Field{Name: "rivalScore", Kind: Decimal, Scale: 2, Doc: "the same for the strongest rival"}, Unit: "points of the question's scale", Absent: "not asked or not answered", Rows: "D1", From: answering},
	{Field: Field{Name: "at", Kind: Instant, Doc: "when it was answered"}, Absent: "never absent", Rows: "B13", From: answering},
}

// PreferenceMeasures are one preference of a customer, in the order of the
// columns of customer_preference.
var PreferenceMeasures = []Measure{
	{Field: Field{Name: "value", Kind: Text, Personal: true, Doc: "the value confirmed last; of several, that of the most trusted source"}, Absent: "never absent", Rows: "B12, I13", From: []string{"preference"}},
	{Field: Field{Name: "confirmed", Kind: Day, Doc: "when it was last confirmed"}, Absent: "nobody confirmed it", Rows: "B12", From: []string{"preference"}},
}
