package customer

// The kinds of facts that earn points, as the API names them.
const (
	FactParticipation = "Participation"
	FactBooking       = "Booking"
	FactTransaction   = "Transaction"
	FactReferral      = "Referral"
	FactFeedback      = "Feedback"
	FactTraining      = "Training"
)

// FactKinds are all of them.
var FactKinds = []string{FactParticipation, FactBooking, FactTransaction, FactReferral, FactFeedback, FactTraining}

// noEdition is what it means that a fact has no edition.
const noEdition = "it is about no edition"

var (
	factSeries  = Measure{Field: Field{Name: "series", Kind: Text, Doc: "series of the edition that it is about"}, Absent: noEdition}
	factEdition = Measure{Field: Field{Name: "edition", Kind: Text, Doc: "edition that it is about"}, Absent: noEdition}
	factAt      = Measure{Field: Field{Name: "at", Kind: Instant, Doc: "when it happened: what it earns counts from then on"}, Absent: "never absent: without it nothing is recorded"}
)

func factText(name, doc, absent string) Measure {
	return Measure{Field: Field{Name: name, Kind: Text, Doc: doc}, Absent: absent}
}

func factWord(name string, words []string, doc, absent string) Measure {
	return Measure{Field: Field{Name: name, Kind: Word, Words: words, Doc: doc}, Absent: absent}
}

func factMoney(name, doc string) Measure {
	return Measure{Field: Field{Name: name, Kind: Money, Doc: doc}, Unit: "reporting currency", Absent: "no amount is recorded, or none that could be converted"}
}

func factNumber(name, unit, doc string) Measure {
	return Measure{Field: Field{Name: name, Kind: Decimal, Scale: 2, Doc: doc}, Unit: unit, Absent: "it is not recorded"}
}

// FactFields are what accrual rules may ask of a fact, by its kind (map rows H1, H4, C3).
var FactFields = map[string][]Measure{
	FactParticipation: {
		factWord("role", Roles, "as what the customer took part", "never absent"),
		factWord("status", BookingStatuses, "how far it came, by bookings, lists and visits together", "never absent"),
		{Field: Field{Name: "tookPart", Kind: Truth, Doc: "whether it counts as taken part in: attended, or contracted for an edition that has closed and was not cancelled"}, Absent: "never absent"},
		{Field: factSeries.Field, Absent: "never absent"}, {Field: factEdition.Field, Absent: "never absent"},
		{Field: Field{Name: "at", Kind: Instant, Doc: "midnight in UTC that begins the first day of the edition: what it earns counts from then on"}, Absent: "the edition's dates are not known: it earns nothing"},
		factNumber("boothArea", "square metres", "area, of bookings together; of lists the largest"),
		factMoney("listPrice", "price before discount"), factMoney("net", "price after discount"),
	},
	FactBooking: {
		factWord("product", Products, "what was booked", "never absent"),
		factWord("status", BookingStatuses, "the last status that it came to; Contracted without any", "never absent"),
		factWord("standType", StandTypes, "open sides of the stand", "it is not recorded"), factText("priceTier", "price tier", "it is not recorded"),
		factNumber("area", "square metres", "area that was booked"),
		factMoney("listPrice", "price before discount"), factMoney("discount", "discount"), factMoney("net", "price after discount"),
		{Field: factSeries.Field, Absent: "never absent"}, {Field: factEdition.Field, Absent: "never absent"}, factAt,
	},
	FactTransaction: {
		factMoney("revenue", "revenue before discount; negative for a credit note"), factMoney("discount", "discount, as a positive amount"),
		factText("purpose", "what for", "it is not recorded"), factSeries, factEdition, factAt,
	},
	FactReferral: {
		{Field: Field{Name: "converted", Kind: Truth, Doc: "whether whom the customer recommended became a customer: its first participation, booking or transaction is not before the recommendation. " +
			"Of several recommendations of one the first counts, and none of oneself or between a firm and its own people (map row C3)"}, Absent: "never absent"},
		factText("code", "referral code", "there is none"), factSeries, factEdition, factAt,
	},
	FactFeedback: {
		factText("survey", "which survey", "never absent"), factWord("wave", Waves, "before, during or after the show", "it is not recorded"),
		factText("question", "which question", "never absent"), factText("dimension", "what the question is about", "it is not recorded"),
		factNumber("score", "points of the question's scale", "score"), factNumber("perceived", "points of the question's scale", "result as perceived"),
		factSeries, factEdition, factAt,
	},
	FactTraining: {
		factText("campaign", "as part of what", "it is not recorded"), factSeries, factEdition, factAt,
	},
}

// MethodTraining is the method of an interaction that is a training, a lecture or a seminar
// which somebody came to (map rows H6, H7).
const MethodTraining = "Training"
