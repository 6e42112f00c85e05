package message

import (
	"strconv"
	"strings"

	"github.com/fairlead/fairlead/api/v1alpha1"
	"github.com/fairlead/fairlead/internal/customer"
)

// Field is something that a template can write.
type Field struct {
	// Path to it from Data, such as Contact.Name. NAME in it stands for a name that
	// a resource or a mapping declares.
	Path string
	// Kind of its value. That of attributes is as declared.
	Kind customer.Kind
	// Many is true for a list of such values.
	Many bool
	// Doc is its meaning, in one line.
	Doc string
	// Absent says when there is none.
	Absent string
}

// anyName stands in a path for a declared name.
const anyName = "NAME"

// Paths that code names.
const (
	attributesPath = "Customer.Attributes"
	milestonesPath = "Exhibition.Milestones"
	benefitsPath   = "Loyalty.Benefits"
	loyaltyPath    = "Loyalty"
	managerPath    = "AccountManager"
)

// What absence means for several fields.
const (
	noSource  = "no source says it"
	noEdition = "no edition whose dates are known was taken part in"
	noMember  = "the customer is no member"
	noManager = "nobody looks after the customer"
	noShow    = "the message is about no exhibition"
	noSeries  = "the message is about no series"
)

// Fields are all that there are, in the order in which they are documented.
func Fields() []Field {
	return []Field{
		{Path: "Contact.Name", Doc: "full name of who reads the message", Absent: noSource},
		{Path: "Contact.Title", Doc: "title or position", Absent: noSource},
		{Path: "Contact.Department", Doc: "department", Absent: noSource},
		{Path: "Contact.Locale", Kind: customer.Language, Doc: "language to write in, as recorded", Absent: noSource},
		{Path: "Contact.TimeZone", Kind: customer.Zone, Doc: "time zone", Absent: noSource},

		{Path: "Customer.Code", Doc: "the organiser's customer code", Absent: "never"},
		{Path: "Customer.Name", Doc: "name of the organization, or of the person", Absent: noSource},
		{Path: "Customer.Country", Kind: customer.Country, Doc: "country, as an ISO code", Absent: noSource},
		{Path: "Customer.Region", Doc: "region, state or province", Absent: noSource},
		{Path: "Customer.City", Doc: "town or city", Absent: noSource},
		{Path: "Customer.Industry", Doc: "trade or line of business", Absent: noSource},
		{Path: "Customer.Participations", Kind: customer.Whole, Doc: "editions taken part in, over all series", Absent: "never: 0 is none"},
		{Path: "Customer.ConsecutiveEditions", Kind: customer.Whole, Doc: "editions of a series taken part in without a miss", Absent: "no edition has closed"},
		{Path: "Customer.FirstParticipation", Kind: customer.Day, Doc: "first day of the first edition taken part in", Absent: noEdition},
		{Path: "Customer.LastParticipation", Kind: customer.Day, Doc: "first day of the last edition taken part in", Absent: noEdition},
		{Path: "Customer.RelationshipSince", Kind: customer.Day, Doc: "day of the first participation, booking or transaction", Absent: "it never happened"},
		{Path: "Customer.RelationshipMonths", Kind: customer.Whole, Doc: "whole months since then", Absent: "there is no relationship yet"},
		{Path: "Customer.Referrals", Kind: customer.Whole, Doc: "customers that it recommended us to", Absent: "never: 0 is none"},
		{Path: "Customer.SpendLastYear", Kind: customer.Money, Doc: "revenue after discount in the last complete calendar year", Absent: "nothing is recorded in that year"},
		{Path: attributesPath + "." + anyName, Doc: "an attribute that a mapping declares and that is not sensitive", Absent: noSource},

		{Path: "Series.Name", Doc: "name of the series that the message is about", Absent: noSeries},
		{Path: "Series.Participations", Kind: customer.Whole, Doc: "editions of the series taken part in", Absent: noSeries},
		{Path: "Series.ConsecutiveEditions", Kind: customer.Whole, Doc: "editions taken part in without a miss, up to the last closed one", Absent: "no edition has closed"},
		{Path: "Series.MissedEditions", Kind: customer.Whole, Doc: "eligible editions missed in a row up to the last closed one", Absent: "nothing was eligible"},
		{Path: "Series.FirstParticipation", Kind: customer.Day, Doc: "first day of the first edition taken part in", Absent: noEdition},
		{Path: "Series.LastParticipation", Kind: customer.Day, Doc: "first day of the last edition taken part in", Absent: noEdition},
		{Path: "Series.BoothArea", Kind: customer.Decimal, Doc: "own area at the last closed edition taken part in, in square metres", Absent: "no area is recorded there"},
		{Path: "Series.NextEdition", Doc: "the next edition of the series to close", Absent: "none is planned"},
		{Path: "Series.NextStatus", Kind: customer.Word, Doc: "how far the customer's participation in it has come", Absent: "nothing is recorded"},

		{Path: "Exhibition.Series", Doc: "series of the exhibition that the message is about", Absent: noShow},
		{Path: "Exhibition.Edition", Doc: "its edition", Absent: noShow},
		{Path: "Exhibition.Title", Doc: "its title", Absent: "the exhibition has none"},
		{Path: "Exhibition.Venue", Doc: "name of the venue", Absent: "the exhibition names none"},
		{Path: "Exhibition.City", Doc: "where the venue is", Absent: "the exhibition names none"},
		{Path: "Exhibition.Country", Kind: customer.Country, Doc: "country of the venue, as an ISO code", Absent: "the exhibition names none"},
		{Path: "Exhibition.TimeZone", Kind: customer.Zone, Doc: "time zone of the venue", Absent: "the exhibition names none"},
		{Path: "Exhibition.Opens", Kind: customer.Day, Doc: "first day", Absent: noShow},
		{Path: "Exhibition.Closes", Kind: customer.Day, Doc: "last day", Absent: noShow},
		{Path: milestonesPath + "." + anyName, Kind: customer.Day, Doc: "a milestone that the exhibition declares", Absent: "the exhibition does not declare it"},

		{Path: "Loyalty.Program", Doc: "name of the loyalty program", Absent: noMember},
		{Path: "Loyalty.Tier", Doc: "tier that the customer is in", Absent: noMember + ", or in no tier"},
		{Path: "Loyalty.Points", Kind: customer.Decimal, Doc: "points that are neither redeemed nor expired", Absent: noMember},
		{Path: "Loyalty.NextTier", Doc: "next tier up from the points that are not expired; while the tier is kept though they fell short, it may be that tier", Absent: "there is none above"},
		{Path: "Loyalty.PointsToNextTier", Kind: customer.Decimal, Doc: "points missing to the next tier", Absent: "there is none above"},
		{Path: "Loyalty.ExpiringSoon", Kind: customer.Decimal, Doc: "points that will be gone within " + strconv.Itoa(ExpiringDays) + " days unless they are redeemed before", Absent: "points do not expire"},
		{Path: "Loyalty.BoothDiscountPercent", Kind: customer.Whole, Doc: "percent off the booth fee that the tier gives", Absent: "the tier gives none"},
		{Path: benefitsPath, Kind: customer.Word, Many: true, Doc: "benefits of the tier, by name", Absent: "the tier has none"},

		{Path: "AccountManager.Name", Doc: "who of the organiser's staff looks after the customer", Absent: noManager},
		{Path: "AccountManager.Email", Doc: "e-mail address of the account manager", Absent: noSource},
		{Path: "AccountManager.Phone", Doc: "telephone number of the account manager", Absent: noSource},

		{Path: "From.Name", Doc: "name of the sender, as the channel has it", Absent: "the channel has none"},
		{Path: "From.Address", Doc: "address of the sender", Absent: "the channel is for no mail"},

		{Path: "UnsubscribeURL", Doc: "link that ends messages of this topic", Absent: "never"},
		{Path: "PreferencesURL", Doc: "link to where the contact says what to hear of", Absent: "the store has no such page"},
	}
}

// members are the shapes of all that can be named, by path; "" is Data.
var members = func() map[string]shape {
	found := map[string]shape{"": {form: record}}
	for _, field := range Fields() {
		names := strings.Split(field.Path, ".")
		for i := range names[1:] {
			path := strings.Join(names[:i+1], ".")
			found[path] = shape{form: record, path: path, optional: path == loyaltyPath || path == managerPath}
		}
		if outer, is := strings.CutSuffix(field.Path, "."+anyName); is {
			found[outer] = shape{form: named, path: outer, kind: field.Kind}
			continue
		}
		form := leaf
		if field.Many {
			form = list
		}
		found[field.Path] = shape{form: form, path: field.Path, kind: field.Kind}
	}
	return found
}()

// template writes the field.
func (f Field) template() string {
	path := f.Path
	switch {
	case f.Many:
		return `{{ join ", " .` + path + ` }}`
	case strings.HasPrefix(path, attributesPath):
		path = attributesPath + "." + sampleAttribute
	case strings.HasPrefix(path, milestonesPath):
		path = milestonesPath + "." + sampleMilestone
	}
	return "{{ ." + path + " }}"
}

// Example is what the field writes of Sample, in English.
func (f Field) Example() string { return written(f.template()) }

// Result is what the function's example writes of Sample, in English.
func (f Function) Result() string { return written(f.Example) }

// written renders a text for Sample.
func written(template string) string {
	made, mistakes := Compile([]v1alpha1.Message{{Locale: "en-GB", Subject: "x", Text: template}}, Catalog{
		Attributes: map[string]customer.Kind{sampleAttribute: customer.Text},
	})
	if len(mistakes) > 0 {
		return mistakes[0].Error()
	}
	var rendered Rendered
	if err := made.Render(&rendered, 0, Sample()); err != nil {
		return err.Error()
	}
	return string(rendered.Text)
}
