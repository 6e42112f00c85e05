package customer

// Positions in PartyFields that code names.
const (
	PartyKind = iota
	PartyCode
	PartyName
	PartyCountry
	PartyRegion
	PartyCity
	PartyAddress
	PartyPostcode
	PartyIndustry
	PartySize
	PartyLocale
	PartyTimeZone
	PartyBorn
	PartyOrigin
	PartyRoles
	PartyAt
	PartyEmail
	PartyPhone
	PartyWebsite
	partyFieldCount
)

// PartyFields are what may be said of a party (map rows A1, A2, B1, B4, B15).
// The last three become contact points.
var PartyFields = []Field{
	PartyKind:     {Name: "kind", Kind: Word, Words: PartyKinds, Doc: "Organization or Person; Organization if nothing else says so"},
	PartyCode:     {Name: "code", Kind: Text, Personal: true, Doc: "the organiser's own customer code; made up if no source gives one"},
	PartyName:     {Name: "name", Kind: Text, Personal: true, Doc: "name as its source writes it"},
	PartyCountry:  {Name: "country", Kind: Country, Personal: true, Doc: "country, as an ISO code or in free text"},
	PartyRegion:   {Name: "region", Kind: Text, Personal: true, Doc: "region, state or province"},
	PartyCity:     {Name: "city", Kind: Text, Personal: true, Doc: "town or city"},
	PartyAddress:  {Name: "address", Kind: Text, Personal: true, Doc: "street and number, or whatever stands above the city"},
	PartyPostcode: {Name: "postcode", Kind: Text, Personal: true, Doc: "postal code"},
	PartyIndustry: {Name: "industry", Kind: Text, Personal: true, Doc: "trade or line of business"},
	PartySize:     {Name: "size", Kind: Text, Personal: true, Doc: "size of the organization as its source measures it"},
	PartyLocale:   {Name: "locale", Kind: Language, Personal: true, Doc: "language to write in"},
	PartyTimeZone: {Name: "timeZone", Kind: Zone, Personal: true, Doc: "time zone; inferred from the country, and marked so, when unknown"},
	PartyBorn:     {Name: "born", Kind: Day, Personal: true, Doc: "birthday, or founding day"},
	PartyOrigin:   {Name: "origin", Kind: Word, Words: Origins, Personal: true, Doc: "how the party was found"},
	PartyRoles:    {Name: "roles", Kind: Words, Words: Roles, Doc: "what it is to the exhibitions; several separated by ';'"},
	PartyAt:       {Name: "at", Kind: Instant, Doc: "when the source said so; the time of the import if not given"},
	PartyEmail:    {Name: "email", Kind: Text, Personal: true, Doc: "e-mail address: becomes a contact point"},
	PartyPhone:    {Name: "phone", Kind: Text, Personal: true, Doc: "telephone number: becomes a contact point"},
	PartyWebsite:  {Name: "website", Kind: Text, Personal: true, Doc: "web address: becomes a contact point"},
}

// Fields that several entities share.
var (
	editionField  = Field{Name: "edition", Kind: Edition, Doc: "the edition, from the columns series and edition"}
	currencyField = Field{Name: "currency", Kind: Currency, Doc: "currency of the row's amounts"}
)

func required(field Field) Field { field.Required = true; return field }

// Entities are all there are. What happened is corrected by a later import of
// the same key, and what it said before is kept.
var Entities = []Entity{
	{
		Name: "party", Table: "party_record", Doc: "an organization or a person, as one source describes it",
		Fields: []Field{{Name: "party", Kind: Party, Required: true, Doc: "the party itself: its fields stand without a prefix"}},
	},
	{
		Name: "edition", Table: "edition", Doc: "one edition of a series of exhibitions",
		Fields: []Field{
			required(editionField),
			{Name: "name", Kind: Text, Doc: "name of the edition"},
			{Name: "opens", Kind: Day, Doc: "first day"},
			{Name: "closes", Kind: Day, Doc: "last day"},
			{Name: "country", Kind: Country, Doc: "where it is held"},
			{Name: "cancelled", Kind: Truth, Doc: "whether it was not held: nobody misses it"},
		},
		Key: []string{"edition"},
	},
	{
		Name: "affiliation", Table: "affiliation", Doc: "a person belongs to an organization",
		Fields: []Field{
			{Name: "person", Kind: Party, Required: true, Doc: "who"},
			{Name: "organization", Kind: Party, Required: true, Doc: "where"},
			{Name: "roles", Kind: Words, Words: ContactRoles, Doc: "what the person does there; several separated by ';'"},
			{Name: "department", Kind: Text, Personal: true, Doc: "department"},
			{Name: "title", Kind: Text, Personal: true, Doc: "title or position"},
			{Name: "primary", Kind: Truth, Doc: "whether this is the first person to write to"},
			{Name: "from", Kind: Day, Doc: "first day"},
			{Name: "to", Kind: Day, Doc: "last day"},
		},
		Key: []string{"person", "organization"},
	},
	{
		Name: "relation", Table: "party_relation", Doc: "a party is something to another: its agent, co-exhibitor, subsidiary, sponsor or supplier (map rows A2, C2)",
		Fields: []Field{
			{Name: "party", Kind: Party, Required: true, Doc: "who is"},
			{Name: "relation", Kind: Word, Words: Relations, Required: true, Doc: "what"},
			{Name: "other", Kind: Party, Required: true, Doc: "to whom"},
			{Name: "series", Kind: Text, Doc: "for one series only"},
			{Name: "year", Kind: Text, Doc: "for one edition of the series only"},
		},
		Key: []string{"party", "relation", "other", "series", "year"},
	},
	{
		Name: "accountOwner", Table: "account_owner", Doc: "who of the organiser's staff looks after a customer",
		Fields: []Field{
			{Name: "customer", Kind: Party, Required: true, Doc: "who is looked after"},
			{Name: "series", Kind: Text, Doc: "for one series only"},
			{Name: "staff", Kind: Party, Required: true, Doc: "by whom"},
			{Name: "from", Kind: Day, Doc: "first day"},
			{Name: "to", Kind: Day, Doc: "last day"},
		},
		Key: []string{"customer", "series", "staff"},
	},
	{
		Name: "contactPoint", Table: "contact_point", Doc: "an address of a party",
		Fields: []Field{
			{Name: "party", Kind: Party, Required: true, Doc: "whose"},
			{Name: "medium", Kind: Word, Words: Media, Required: true, Doc: "what kind of address"},
			{Name: "address", Kind: Address, Required: true, Personal: true, Doc: "the address"},
			{Name: "primary", Kind: Truth, Doc: "whether it is the first to use"},
			{Name: "state", Kind: Word, Words: PointStates, Doc: "what is known of it"},
		},
		Key: []string{"party", "medium", "address"},
	},
	{
		Name: "participation", Table: "participation", Doc: "a customer took part in an edition: one row per customer, edition and role (map row B4)", ForBooks: true,
		Fields: []Field{
			{Name: "customer", Kind: Party, Required: true, Doc: "who"},
			required(editionField),
			{Name: "role", Kind: Word, Words: Roles, Required: true, Doc: "as what"},
			{Name: "status", Kind: Word, Words: BookingStatuses, Required: true, Doc: "how far it came; Attended for a plain list of who was there"},
			{Name: "at", Kind: Instant, Doc: "when it was registered"},
			{Name: "area", Kind: Decimal, Scale: 2, Doc: "area in square metres"},
			{Name: "listPrice", Kind: Money, Doc: "price before discount"},
			{Name: "net", Kind: Money, Doc: "price after discount"},
			currencyField,
			{Name: "hall", Kind: Text, Doc: "hall"},
			{Name: "stand", Kind: Text, Doc: "stand number"},
		},
		Key: []string{"customer", "edition", "role"},
	},
	{
		Name: "booking", Table: "booking", Doc: "a customer booked a product for an edition", ForBooks: true, Makes: "Exhibitor",
		Fields: []Field{
			{Name: "customer", Kind: Party, Required: true, Doc: "for whom"},
			{Name: "payer", Kind: Party, Doc: "who pays, if another"},
			{Name: "agent", Kind: Party, Doc: "through whom"},
			{Name: "parent", Kind: Text, Doc: "key of the main exhibitor's booking, for a co-exhibitor"},
			required(editionField),
			{Name: "product", Kind: Word, Words: Products, Required: true, Doc: "what"},
			{Name: "hall", Kind: Text, Doc: "hall"},
			{Name: "stand", Kind: Text, Doc: "stand number"},
			{Name: "standType", Kind: Word, Words: StandTypes, Doc: "open sides of the stand"},
			{Name: "area", Kind: Decimal, Scale: 2, Doc: "area in square metres"},
			{Name: "priceTier", Kind: Text, Doc: "price tier, such as early bird"},
			{Name: "listPrice", Kind: Money, Doc: "price before discount"},
			{Name: "discount", Kind: Money, Doc: "discount"},
			{Name: "discountReason", Kind: Text, Doc: "why there is a discount"},
			{Name: "net", Kind: Money, Doc: "price after discount"},
			currencyField,
			{Name: "contract", Kind: Text, Doc: "contract that the booking is part of"},
			{Name: "contractEditions", Kind: Whole, Doc: "how many editions the contract spans"},
			{Name: "at", Kind: Instant, Required: true, Doc: "when it was booked"},
		},
	},
	{
		Name: "bookingStatus", Table: "booking_status", Doc: "a booking came to a status", ForBooks: true,
		Fields: []Field{
			{Name: "booking", Kind: Fact, Refers: "booking", Required: true, Doc: "key of the booking in the same source"},
			{Name: "status", Kind: Word, Words: BookingStatuses, Required: true, Doc: "which"},
			{Name: "at", Kind: Instant, Required: true, Doc: "when"},
			{Name: "reason", Kind: Text, Doc: "why"},
			{Name: "fee", Kind: Money, Doc: "fee that it cost"},
			currencyField,
		},
		Key: []string{"booking", "status", "at"},
	},
	{
		Name: "visit", Table: "visit", Doc: "a person was at an edition on a day (map row B11)", Makes: "Visitor",
		Fields: []Field{
			{Name: "person", Kind: Party, Required: true, Doc: "who"},
			{Name: "organization", Kind: Party, Doc: "from where"},
			required(editionField),
			{Name: "day", Kind: Day, Required: true, Doc: "on which day, in the venue's calendar"},
			{Name: "firstScan", Kind: Instant, Doc: "when first scanned that day"},
		},
		Key: []string{"person", "edition", "day"},
	},
	{
		Name: "transaction", Table: "transaction_entry", Doc: "money that came in from a customer, and what it cost", ForBooks: true,
		Fields: []Field{
			{Name: "customer", Kind: Party, Required: true, Doc: "from whom"},
			editionField,
			{Name: "at", Kind: Instant, Required: true, Doc: "when"},
			{Name: "revenue", Kind: Money, Doc: "revenue before discount; negative for a credit note"},
			{Name: "discount", Kind: Money, Doc: "discount, as a positive amount"},
			{Name: "productCost", Kind: Money, Doc: "cost of what was delivered"},
			{Name: "indirectCost", Kind: Money, Doc: "share of the indirect cost"},
			{Name: "currency", Kind: Currency, Required: true, Doc: "currency of the row's amounts"},
			{Name: "purpose", Kind: Text, Doc: "what for"},
		},
	},
	{
		Name: "interaction", Table: "interaction", Doc: "the organiser's effort: one contact with a customer (map row B3)",
		Fields: []Field{
			{Name: "customer", Kind: Party, Required: true, Doc: "with whom"},
			{Name: "person", Kind: Party, Doc: "with which person there"},
			{Name: "author", Kind: Party, Doc: "who of the staff"},
			editionField,
			{Name: "direction", Kind: Word, Words: Directions, Doc: "Outbound if the organiser began"},
			{Name: "at", Kind: Instant, Required: true, Doc: "when"},
			{Name: "place", Kind: Text, Personal: true, Doc: "where"},
			{Name: "method", Kind: Word, Words: Methods, Required: true, Doc: "how"},
			{Name: "campaign", Kind: Text, Doc: "as part of what"},
			{Name: "cost", Kind: Money, Doc: "what it cost"},
			currencyField,
			{Name: "offer", Kind: Text, Doc: "what was given or offered, such as a voucher"},
			{Name: "nextStep", Kind: Text, Personal: true, Doc: "what is to follow"},
			{Name: "note", Kind: Text, Personal: true, Doc: "what was said"},
		},
	},
	{
		Name: "feedback", Table: "feedback", Doc: "one answer to one question (map rows B13, E1)",
		Fields: []Field{
			{Name: "customer", Kind: Party, Required: true, Doc: "for which customer"},
			{Name: "person", Kind: Party, Doc: "by which person there"},
			editionField,
			{Name: "survey", Kind: Text, Required: true, Doc: "which survey"},
			{Name: "wave", Kind: Word, Words: Waves, Doc: "before, during or after the show"},
			{Name: "question", Kind: Text, Required: true, Doc: "which question"},
			{Name: "dimension", Kind: Text, Doc: "what the question is about"},
			{Name: "vendor", Kind: Party, Doc: "which vendor it is about (map row A5)"},
			{Name: "expected", Kind: Decimal, Scale: 2, Doc: "expectation, on the scale of the question"},
			{Name: "perceived", Kind: Decimal, Scale: 2, Doc: "result as perceived, on the same scale"},
			{Name: "score", Kind: Decimal, Scale: 2, Doc: "score, such as 0 to 10 for a recommendation"},
			{Name: "rivalScore", Kind: Decimal, Scale: 2, Doc: "the same for the strongest rival"},
			{Name: "comment", Kind: Text, Personal: true, Doc: "in the customer's words"},
			{Name: "at", Kind: Instant, Required: true, Doc: "when"},
		},
		Key: []string{"customer", "person", "survey", "wave", "question", "vendor"},
	},
	{
		Name: "complaint", Table: "complaint", Doc: "a customer complained (map rows A5, B13)",
		Fields: []Field{
			{Name: "customer", Kind: Party, Required: true, Doc: "who"},
			{Name: "person", Kind: Party, Doc: "which person there"},
			editionField,
			{Name: "hall", Kind: Text, Doc: "hall"},
			{Name: "stand", Kind: Text, Doc: "stand number"},
			{Name: "vendor", Kind: Party, Doc: "about which vendor"},
			{Name: "channel", Kind: Word, Words: Methods, Doc: "how it came"},
			{Name: "category", Kind: Text, Doc: "about what"},
			{Name: "cause", Kind: Text, Doc: "why, once known"},
			{Name: "severity", Kind: Word, Words: Severities, Doc: "how bad"},
			{Name: "opened", Kind: Instant, Required: true, Doc: "when it came"},
			{Name: "due", Kind: Instant, Doc: "until when it is to be answered"},
			{Name: "firstAnswer", Kind: Instant, Doc: "when it was first answered"},
			{Name: "resolved", Kind: Instant, Doc: "when it was resolved"},
			{Name: "outcome", Kind: Word, Words: Outcomes, Doc: "how it ended"},
			{Name: "claim", Kind: Money, Doc: "what is claimed"},
			currencyField,
			{Name: "note", Kind: Text, Personal: true, Doc: "in words"},
		},
	},
	{
		Name: "referral", Table: "referral", Doc: "a customer recommended another (map row C3)",
		Fields: []Field{
			{Name: "referrer", Kind: Party, Required: true, Doc: "who recommended"},
			{Name: "referred", Kind: Party, Required: true, Doc: "who came"},
			editionField,
			{Name: "code", Kind: Text, Doc: "referral code"},
			{Name: "at", Kind: Instant, Required: true, Doc: "when"},
		},
		Key: []string{"referrer", "referred", "edition"},
	},
	{
		Name: "rivalDealing", Table: "rival_dealing", Doc: "what a customer spends with others (map row B2)",
		Fields: []Field{
			{Name: "customer", Kind: Party, Required: true, Doc: "who"},
			{Name: "rival", Kind: Text, Required: true, Doc: "with whom"},
			{Name: "product", Kind: Text, Doc: "on what"},
			{Name: "day", Kind: Day, Required: true, Doc: "when; any day of the year where only the year is known"},
			{Name: "area", Kind: Decimal, Scale: 2, Doc: "area in square metres"},
			{Name: "spend", Kind: Money, Doc: "how much"},
			currencyField,
			{Name: "evidence", Kind: Word, Words: Evidences, Doc: "how this is known"},
		},
		Key: []string{"customer", "rival", "product", "day"},
	},
	{
		Name: "preference", Table: "preference", Doc: "what a party likes or needs (map row B12)",
		Fields: []Field{
			{Name: "party", Kind: Party, Required: true, Doc: "who"},
			{Name: "name", Kind: Text, Required: true, Doc: "which preference, such as neighbour to avoid"},
			{Name: "value", Kind: Text, Required: true, Personal: true, Doc: "what"},
			{Name: "confirmed", Kind: Day, Doc: "when last confirmed"},
		},
		Key: []string{"party", "name"},
	},
	{
		Name: "consent", Table: "consent", Doc: "a person agreed to be written to about a topic",
		Fields: []Field{
			{Name: "person", Kind: Party, Required: true, Doc: "who"},
			{Name: "topic", Kind: Text, Required: true, Doc: "about what"},
			{Name: "medium", Kind: Word, Words: Media, Required: true, Doc: "by which medium"},
			{Name: "legalBasis", Kind: Word, Words: LegalBases, Required: true, Doc: "on which basis"},
			{Name: "wording", Kind: Text, Doc: "what was agreed to, in its words"},
			{Name: "proof", Kind: Text, Personal: true, Doc: "where the proof is"},
			{Name: "given", Kind: Instant, Required: true, Doc: "when given"},
			{Name: "withdrawn", Kind: Instant, Doc: "when withdrawn"},
			{Name: "expires", Kind: Instant, Doc: "until when it holds"},
		},
		Key: []string{"person", "topic", "medium", "given"},
	},
	{
		Name: "suppression", Table: "suppression", Doc: "an address that must not be written to; only its keyed hash is held", ForBooks: true,
		Fields: []Field{
			{Name: "medium", Kind: Word, Words: Media, Required: true, Doc: "what kind of address"},
			{Name: "address", Kind: HashedAddress, Required: true, Doc: "the address"},
			{Name: "scope", Kind: Word, Words: Scopes, Required: true, Doc: "from what it is kept"},
			{Name: "reason", Kind: Text, Doc: "why"},
			{Name: "at", Kind: Instant, Doc: "since when"},
			{Name: "expires", Kind: Instant, Doc: "until when"},
		},
		Key: []string{"medium", "address", "scope"},
	},
	{
		Name: "exchangeRate", Table: "exchange_rate", Doc: "what one unit of a currency was worth in another on a day", ForBooks: true,
		Fields: []Field{
			{Name: "from", Kind: Currency, Required: true, Doc: "one unit of this"},
			{Name: "to", Kind: Currency, Required: true, Doc: "in this"},
			{Name: "day", Kind: Day, Required: true, Doc: "from this day on"},
			{Name: "rate", Kind: Decimal, Scale: 9, Required: true, Doc: "is worth so much"},
		},
		Key: []string{"from", "to", "day"},
	},
	{
		Name: "listMember", Table: "list_member", Doc: "a party on a hand-picked list",
		Fields: []Field{
			{Name: "list", Kind: Text, Required: true, Doc: "which list"},
			{Name: "party", Kind: Party, Required: true, Doc: "who"},
			{Name: "reason", Kind: Text, Personal: true, Doc: "why"},
		},
		Key: []string{"list", "party"},
	},
}
